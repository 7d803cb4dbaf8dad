"""The types of the schema by tag, and their names in the RFCs.

Contains: lookups in :mod:`snmptcp.explain.schema`, and the names of types, PDUs and tags.
Does not contain: reading of packets.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pyasn1.type import univ

from snmptcp.codec import ber
from snmptcp.codec.pdu import PduType
from snmptcp.credentials import SnmpVersion
from snmptcp.explain import schema

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pyasn1.type.base import Asn1Type

__all__ = (
    "MESSAGES",
    "PDU_KINDS",
    "PDU_NAMES",
    "VALUE_KINDS",
    "Kind",
    "components_of",
    "kinds_of",
    "tag_text",
    "type_name",
)


class Kind(NamedTuple):
    """One type that a field may have: the name of its alternative in a CHOICE, and the type."""

    name: str
    type: Asn1Type


_known_kinds: dict[object, Mapping[int, Kind]] = {}


def kinds_of(asn1_class: type[Asn1Type]) -> Mapping[int, Kind]:
    """Return the types that a field of the schema may have, by tag octet."""
    kinds = _known_kinds.get(asn1_class)
    if kinds is None:
        kinds = _known_kinds[asn1_class] = _read_kinds(asn1_class)
    return kinds


def _read_kinds(asn1_class: type[Asn1Type]) -> Mapping[int, Kind]:
    if not issubclass(asn1_class, univ.Choice):
        asn1_tag = asn1_class.tagSet[-1]
        return {asn1_tag.tagClass | asn1_tag.tagFormat | asn1_tag.tagId: Kind("", asn1_class())}
    kinds: dict[int, Kind] = {}
    for name, alternative in components_of(asn1_class):
        for octet, kind in kinds_of(type(alternative)).items():
            kinds[octet] = Kind(name, kind.type)
    return kinds


def components_of(asn1_class: type[univ.SequenceAndSetBase]) -> list[tuple[str, Asn1Type]]:
    """Return the components of a SEQUENCE, or the alternatives of a CHOICE, with their names."""
    return list(asn1_class.componentType.items())  # type: ignore[no-untyped-call]  # so are pyasn1's stubs


#: The PDUs of all versions, by tag: the codec accepts each of them in a message of any version.
PDU_KINDS: Final = {**kinds_of(schema.PdusV1), **kinds_of(schema.Pdus)}

#: The types that a value may have, by tag.
VALUE_KINDS: Final = kinds_of(schema.BindingValue)

#: The type of a message, by version number.
MESSAGES: Final[Mapping[int, type[univ.Sequence]]] = {
    SnmpVersion.V1: schema.MessageV1,
    SnmpVersion.V2C: schema.MessageV2c,
    SnmpVersion.V3: schema.SnmpV3Message,
}

_UNIVERSAL: Final = {
    ber.INTEGER: "INTEGER",
    ber.OCTET_STRING: "OCTET STRING",
    ber.NULL: "NULL",
    ber.OBJECT_IDENTIFIER: "OBJECT IDENTIFIER",
    ber.SEQUENCE: "SEQUENCE",
}

#: The usual names of PDUs, by tag.
PDU_NAMES: Final[Mapping[int, str]] = {
    PduType.GET: "get-request",
    PduType.GET_NEXT: "get-next-request",
    PduType.RESPONSE: "get-response",
    PduType.SET: "set-request",
    PduType.TRAP_V1: "trap",
    PduType.GET_BULK: "get-bulk-request",
    PduType.INFORM: "inform-request",
    PduType.TRAP_V2: "snmpV2-trap",
    PduType.REPORT: "report",
}


def type_name(tag: int, kind: Kind) -> str:
    """Return the name of a type, as in the RFCs."""
    if isinstance(kind.type, univ.SequenceOf):
        return "SEQUENCE OF VarBind"
    if tag in _UNIVERSAL:
        return _UNIVERSAL[tag]
    name = type(kind.type).__name__.removesuffix("V1")
    if name.endswith("Pdu"):
        return name.removesuffix("Pdu").replace("SnmpV2", "SNMPv2-") + "-PDU"
    return name[0].lower() + name[1:] if isinstance(kind.type, univ.Null) else name


def tag_text(tag: int) -> str:
    """Return the name that a tag has elsewhere in SNMP, in parentheses; empty for an unknown tag."""
    if tag in PDU_NAMES:
        return f" ({PDU_NAMES[tag]})"
    name = _UNIVERSAL.get(tag) or (type_name(tag, VALUE_KINDS[tag]) if tag in VALUE_KINDS else "")
    return f" ({name})" if name else ""
