"""The ASN.1 modules of the RFCs, declared with pyasn1: names, types, tags, ranges.

Contains: declarations, named as in the RFCs.  Does not contain: code that reads or writes packets.  The
wire path does not import this module.

:mod:`snmptcp.explain.packet` takes the names and tags of fields from here.  The tests decode and encode
with these declarations and pyasn1's codec, independently of :mod:`snmptcp.codec.message`.

The modules are those of RFC 1155 and RFC 1157 (SNMPv1), RFC 1901 (the message of SNMPv2c), RFC 3416 (the
PDUs of SNMPv2), RFC 3412 (the message of SNMPv3) and RFC 3414 (the parameters of the User-based Security
Model).  If an RFC declares ``ANY``, or an ``OCTET STRING`` with ASN.1 inside, the type here is the one that
the RFC's text requires.  If two RFCs use one name for different types, the older one ends in its version.
"""

from __future__ import annotations

from pyasn1.type import constraint, namedtype, namedval, tag, univ

__all__ = (
    "MessageV1",
    "MessageV2c",
    "Pdus",
    "PdusV1",
    "SnmpV3Message",
    "UsmSecurityParameters",
    "VarBind",
    "VarBindV1",
)

_INT32 = constraint.ValueRangeConstraint(-0x80000000, 0x7FFFFFFF)
_UINT31 = constraint.ValueRangeConstraint(0, 0x7FFFFFFF)
_UINT32 = constraint.ValueRangeConstraint(0, 0xFFFFFFFF)


def _application(base: tag.TagSet, number: int) -> tag.TagSet:
    """Return ``[APPLICATION number] IMPLICIT`` of a simple type."""
    return tag.TagSet(base.baseTag, tag.Tag(tag.tagClassApplication, tag.tagFormatSimple, number))


def _context(base: tag.TagSet, number: int, tag_format: int) -> tag.TagSet:
    """Return ``[number] IMPLICIT``."""
    return tag.TagSet(base.baseTag, tag.Tag(tag.tagClassContext, tag_format, number))


def _fields(*fields: tuple[str, object]) -> namedtype.NamedTypes:
    """Return mandatory components; SNMP has no optional ones."""
    return namedtype.NamedTypes(*(namedtype.NamedType(name, kind) for name, kind in fields))


# ------------------------------------------------------------------- RFC 1155, RFC 2578: the SMI's types


class ObjectName(univ.ObjectIdentifier):
    """The name of a variable."""


class Integer32(univ.Integer):
    """INTEGER (-2147483648..2147483647)."""

    subtypeSpec = univ.Integer.subtypeSpec + _INT32


class BoundedOctetString(univ.OctetString):
    """OCTET STRING (SIZE (0..65535))."""

    subtypeSpec = univ.OctetString.subtypeSpec + constraint.ValueSizeConstraint(0, 0xFFFF)


class IpAddress(univ.OctetString):
    """[APPLICATION 0] IMPLICIT OCTET STRING (SIZE (4))."""

    tagSet = _application(univ.OctetString.tagSet, 0)
    subtypeSpec = univ.OctetString.subtypeSpec + constraint.ValueSizeConstraint(4, 4)


class Counter32(univ.Integer):
    """[APPLICATION 1] IMPLICIT INTEGER (0..4294967295)."""

    tagSet = _application(univ.Integer.tagSet, 1)
    subtypeSpec = univ.Integer.subtypeSpec + _UINT32


class Gauge32(univ.Integer):
    """[APPLICATION 2] IMPLICIT INTEGER (0..4294967295); Unsigned32 is the same type."""

    tagSet = _application(univ.Integer.tagSet, 2)
    subtypeSpec = univ.Integer.subtypeSpec + _UINT32


class TimeTicks(univ.Integer):
    """[APPLICATION 3] IMPLICIT INTEGER (0..4294967295)."""

    tagSet = _application(univ.Integer.tagSet, 3)
    subtypeSpec = univ.Integer.subtypeSpec + _UINT32


class Opaque(univ.OctetString):
    """[APPLICATION 4] IMPLICIT OCTET STRING."""

    tagSet = _application(univ.OctetString.tagSet, 4)


class NsapAddress(univ.OctetString):
    """[APPLICATION 5] IMPLICIT OCTET STRING, of RFC 1442 only."""

    tagSet = _application(univ.OctetString.tagSet, 5)


class Counter64(univ.Integer):
    """[APPLICATION 6] IMPLICIT INTEGER (0..18446744073709551615)."""

    tagSet = _application(univ.Integer.tagSet, 6)
    subtypeSpec = univ.Integer.subtypeSpec + constraint.ValueRangeConstraint(0, 0xFFFFFFFFFFFFFFFF)


class UInteger32(univ.Integer):
    """[APPLICATION 7] IMPLICIT INTEGER (0..4294967295), of RFC 1442 only."""

    tagSet = _application(univ.Integer.tagSet, 7)
    subtypeSpec = univ.Integer.subtypeSpec + _UINT32


class ObsoleteSyntax(univ.Choice):
    """Two types of RFC 1442 that its successors dropped; agents of that time still send them."""

    componentType = _fields(("nsapAddress-value", NsapAddress()), ("uInteger-value", UInteger32()))


# ---------------------------------------------------------------------------- RFC 1155, RFC 1157: SNMPv1


class SimpleSyntaxV1(univ.Choice):
    """SimpleSyntax of RFC 1155."""

    componentType = _fields(
        ("number", Integer32()),
        ("string", BoundedOctetString()),
        ("object", univ.ObjectIdentifier()),
        ("empty", univ.Null()),
    )


class NetworkAddress(univ.Choice):
    """An address of a protocol family; RFC 1155 defines only one."""

    componentType = _fields(("internet", IpAddress()))


class ApplicationSyntaxV1(univ.Choice):
    """ApplicationSyntax of RFC 1155."""

    componentType = _fields(
        ("address", NetworkAddress()),
        ("counter", Counter32()),
        ("gauge", Gauge32()),
        ("ticks", TimeTicks()),
        ("arbitrary", Opaque()),
    )


class ObjectSyntaxV1(univ.Choice):
    """ObjectSyntax of RFC 1155, and obsolete types that agents send in its place."""

    componentType = _fields(
        ("simple", SimpleSyntaxV1()),
        ("application-wide", ApplicationSyntaxV1()),
        ("obsolete", ObsoleteSyntax()),
    )


class VarBindV1(univ.Sequence):
    """VarBind of RFC 1157."""

    componentType = _fields(("name", ObjectName()), ("value", ObjectSyntaxV1()))


class VarBindListV1(univ.SequenceOf):
    """VarBindList of RFC 1157."""

    componentType = VarBindV1()


class ErrorStatusV1(univ.Integer):
    """ErrorStatus of RFC 1157."""

    namedValues = namedval.NamedValues(
        ("noError", 0),
        ("tooBig", 1),
        ("noSuchName", 2),
        ("badValue", 3),
        ("readOnly", 4),
        ("genErr", 5),
    )


class _PduV1(univ.Sequence):
    componentType = _fields(
        ("request-id", Integer32()),
        ("error-status", ErrorStatusV1()),
        ("error-index", Integer32()),
        ("variable-bindings", VarBindListV1()),
    )


class GetRequestPduV1(_PduV1):
    """GetRequest-PDU of RFC 1157."""

    tagSet = _context(univ.Sequence.tagSet, 0, tag.tagFormatConstructed)


class GetNextRequestPduV1(_PduV1):
    """GetNextRequest-PDU of RFC 1157."""

    tagSet = _context(univ.Sequence.tagSet, 1, tag.tagFormatConstructed)


class GetResponsePduV1(_PduV1):
    """GetResponse-PDU of RFC 1157."""

    tagSet = _context(univ.Sequence.tagSet, 2, tag.tagFormatConstructed)


class SetRequestPduV1(_PduV1):
    """SetRequest-PDU of RFC 1157."""

    tagSet = _context(univ.Sequence.tagSet, 3, tag.tagFormatConstructed)


class GenericTrap(univ.Integer):
    """The generic-trap of RFC 1157."""

    namedValues = namedval.NamedValues(
        ("coldStart", 0),
        ("warmStart", 1),
        ("linkDown", 2),
        ("linkUp", 3),
        ("authenticationFailure", 4),
        ("egpNeighborLoss", 5),
        ("enterpriseSpecific", 6),
    )


class TrapPduV1(univ.Sequence):
    """Trap-PDU of RFC 1157."""

    tagSet = _context(univ.Sequence.tagSet, 4, tag.tagFormatConstructed)
    componentType = _fields(
        ("enterprise", univ.ObjectIdentifier()),
        ("agent-addr", NetworkAddress()),
        ("generic-trap", GenericTrap()),
        ("specific-trap", Integer32()),
        ("time-stamp", TimeTicks()),
        ("variable-bindings", VarBindListV1()),
    )


class PdusV1(univ.Choice):
    """PDUs of RFC 1157."""

    componentType = _fields(
        ("get-request", GetRequestPduV1()),
        ("get-next-request", GetNextRequestPduV1()),
        ("get-response", GetResponsePduV1()),
        ("set-request", SetRequestPduV1()),
        ("trap", TrapPduV1()),
    )


class VersionV1(univ.Integer):
    """The version of RFC 1157."""

    namedValues = namedval.NamedValues(("version-1", 0))


class MessageV1(univ.Sequence):
    """Message of RFC 1157."""

    componentType = _fields(("version", VersionV1()), ("community", univ.OctetString()), ("data", PdusV1()))


# ------------------------------------------------------------------------------- RFC 3416: SNMPv2's PDUs


class SimpleSyntax(univ.Choice):
    """SimpleSyntax of RFC 3416."""

    componentType = _fields(
        ("integer-value", Integer32()),
        ("string-value", BoundedOctetString()),
        ("objectID-value", univ.ObjectIdentifier()),
    )


class ApplicationSyntax(univ.Choice):
    """ApplicationSyntax of RFC 3416."""

    componentType = _fields(
        ("ipAddress-value", IpAddress()),
        ("counter-value", Counter32()),
        ("timeticks-value", TimeTicks()),
        ("arbitrary-value", Opaque()),
        ("big-counter-value", Counter64()),
        ("unsigned-integer-value", Gauge32()),
    )


class ObjectSyntax(univ.Choice):
    """ObjectSyntax of RFC 3416, and obsolete types that agents send in its place."""

    componentType = _fields(
        ("simple", SimpleSyntax()),
        ("application-wide", ApplicationSyntax()),
        ("obsolete", ObsoleteSyntax()),
    )


class NoSuchObject(univ.Null):
    """The exception noSuchObject."""

    tagSet = _context(univ.Null.tagSet, 0, tag.tagFormatSimple)


class NoSuchInstance(univ.Null):
    """The exception noSuchInstance."""

    tagSet = _context(univ.Null.tagSet, 1, tag.tagFormatSimple)


class EndOfMibView(univ.Null):
    """The exception endOfMibView."""

    tagSet = _context(univ.Null.tagSet, 2, tag.tagFormatSimple)


class BindingValue(univ.Choice):
    """The second component of a VarBind of RFC 3416: a value, unSpecified, or an exception."""

    componentType = _fields(
        ("value", ObjectSyntax()),
        ("unSpecified", univ.Null()),
        ("noSuchObject", NoSuchObject()),
        ("noSuchInstance", NoSuchInstance()),
        ("endOfMibView", EndOfMibView()),
    )


class VarBind(univ.Sequence):
    """VarBind of RFC 3416; its second component has no name there."""

    componentType = _fields(("name", ObjectName()), ("value", BindingValue()))


class VarBindList(univ.SequenceOf):
    """VarBindList of RFC 3416."""

    componentType = VarBind()


class ErrorStatus(univ.Integer):
    """The error-status of RFC 3416."""

    namedValues = namedval.NamedValues(
        ("noError", 0),
        ("tooBig", 1),
        ("noSuchName", 2),
        ("badValue", 3),
        ("readOnly", 4),
        ("genErr", 5),
        ("noAccess", 6),
        ("wrongType", 7),
        ("wrongLength", 8),
        ("wrongEncoding", 9),
        ("wrongValue", 10),
        ("noCreation", 11),
        ("inconsistentValue", 12),
        ("resourceUnavailable", 13),
        ("commitFailed", 14),
        ("undoFailed", 15),
        ("authorizationError", 16),
        ("notWritable", 17),
        ("inconsistentName", 18),
    )


class MaxBindings(univ.Integer):
    """INTEGER (0..max-bindings)."""

    subtypeSpec = univ.Integer.subtypeSpec + _UINT31


class _Pdu(univ.Sequence):
    # RFC 3416 prints the range of request-id as -214783648..214783647: a digit is missing in both numbers.
    componentType = _fields(
        ("request-id", Integer32()),
        ("error-status", ErrorStatus()),
        ("error-index", MaxBindings()),
        ("variable-bindings", VarBindList()),
    )


class GetRequestPdu(_Pdu):
    """GetRequest-PDU."""

    tagSet = _context(univ.Sequence.tagSet, 0, tag.tagFormatConstructed)


class GetNextRequestPdu(_Pdu):
    """GetNextRequest-PDU."""

    tagSet = _context(univ.Sequence.tagSet, 1, tag.tagFormatConstructed)


class ResponsePdu(_Pdu):
    """Response-PDU."""

    tagSet = _context(univ.Sequence.tagSet, 2, tag.tagFormatConstructed)


class SetRequestPdu(_Pdu):
    """SetRequest-PDU."""

    tagSet = _context(univ.Sequence.tagSet, 3, tag.tagFormatConstructed)


class GetBulkRequestPdu(univ.Sequence):
    """GetBulkRequest-PDU; its fields are those of BulkPDU."""

    tagSet = _context(univ.Sequence.tagSet, 5, tag.tagFormatConstructed)
    componentType = _fields(
        ("request-id", Integer32()),
        ("non-repeaters", MaxBindings()),
        ("max-repetitions", MaxBindings()),
        ("variable-bindings", VarBindList()),
    )


class InformRequestPdu(_Pdu):
    """InformRequest-PDU."""

    tagSet = _context(univ.Sequence.tagSet, 6, tag.tagFormatConstructed)


class SnmpV2TrapPdu(_Pdu):
    """SNMPv2-Trap-PDU."""

    tagSet = _context(univ.Sequence.tagSet, 7, tag.tagFormatConstructed)


class ReportPdu(_Pdu):
    """Report-PDU."""

    tagSet = _context(univ.Sequence.tagSet, 8, tag.tagFormatConstructed)


class Pdus(univ.Choice):
    """PDUs of RFC 3416."""

    componentType = _fields(
        ("get-request", GetRequestPdu()),
        ("get-next-request", GetNextRequestPdu()),
        ("get-bulk-request", GetBulkRequestPdu()),
        ("response", ResponsePdu()),
        ("set-request", SetRequestPdu()),
        ("inform-request", InformRequestPdu()),
        ("snmpV2-trap", SnmpV2TrapPdu()),
        ("report", ReportPdu()),
    )


# --------------------------------------------------------------------------- RFC 1901: SNMPv2c's message


class VersionV2c(univ.Integer):
    """The version of RFC 1901."""

    namedValues = namedval.NamedValues(("version", 1))


class MessageV2c(univ.Sequence):
    """Message of RFC 1901."""

    componentType = _fields(("version", VersionV2c()), ("community", univ.OctetString()), ("data", Pdus()))


# ---------------------------------------------------------------------------- RFC 3412: SNMPv3's message


class Number31(univ.Integer):
    """INTEGER (0..2147483647)."""

    subtypeSpec = univ.Integer.subtypeSpec + _UINT31


class MsgMaxSize(univ.Integer):
    """INTEGER (484..2147483647)."""

    subtypeSpec = univ.Integer.subtypeSpec + constraint.ValueRangeConstraint(484, 0x7FFFFFFF)


class MsgFlags(univ.OctetString):
    """OCTET STRING (SIZE (1))."""

    subtypeSpec = univ.OctetString.subtypeSpec + constraint.ValueSizeConstraint(1, 1)


class MsgSecurityModel(univ.Integer):
    """INTEGER (1..2147483647)."""

    subtypeSpec = univ.Integer.subtypeSpec + constraint.ValueRangeConstraint(1, 0x7FFFFFFF)


class HeaderData(univ.Sequence):
    """HeaderData of RFC 3412."""

    componentType = _fields(
        ("msgID", Number31()),
        ("msgMaxSize", MsgMaxSize()),
        ("msgFlags", MsgFlags()),
        ("msgSecurityModel", MsgSecurityModel()),
    )


class ScopedPdu(univ.Sequence):
    """ScopedPDU of RFC 3412."""

    componentType = _fields(
        ("contextEngineID", univ.OctetString()), ("contextName", univ.OctetString()), ("data", Pdus())
    )


class ScopedPduData(univ.Choice):
    """ScopedPduData of RFC 3412."""

    componentType = _fields(("plaintext", ScopedPdu()), ("encryptedPDU", univ.OctetString()))


class SnmpV3Message(univ.Sequence):
    """SNMPv3Message of RFC 3412."""

    componentType = _fields(
        ("msgVersion", Number31()),
        ("msgGlobalData", HeaderData()),
        ("msgSecurityParameters", univ.OctetString()),
        ("msgData", ScopedPduData()),
    )


# ---------------------------------------------------------------- RFC 3414: the User-based Security Model


class MsgUserName(univ.OctetString):
    """OCTET STRING (SIZE (0..32))."""

    subtypeSpec = univ.OctetString.subtypeSpec + constraint.ValueSizeConstraint(0, 32)


class UsmSecurityParameters(univ.Sequence):
    """UsmSecurityParameters of RFC 3414; it stands inside msgSecurityParameters."""

    componentType = _fields(
        ("msgAuthoritativeEngineID", univ.OctetString()),
        ("msgAuthoritativeEngineBoots", Number31()),
        ("msgAuthoritativeEngineTime", Number31()),
        ("msgUserName", MsgUserName()),
        ("msgAuthenticationParameters", univ.OctetString()),
        ("msgPrivacyParameters", univ.OctetString()),
    )
