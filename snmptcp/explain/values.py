"""The text of single values.

Contains: decoding one value, as the codec does, and converting it to text that is safe for a terminal.
Does not contain: the position of a value in a packet, and secrets: the caller never passes any.

All texts are bounded.  Only the variables that SNMP itself defines have names.
"""

from __future__ import annotations

import codecs
from typing import TYPE_CHECKING, Final, TypeAlias

from pyasn1.type import univ

from snmptcp.codec import ber
from snmptcp.codec.engine_id import read_engine_id
from snmptcp.codec.message import MsgFlags
from snmptcp.errors import DecodeError
from snmptcp.explain import schema
from snmptcp.explain.types import VALUE_KINDS, type_name
from snmptcp.oid import OID
from snmptcp.values import Counter32, Counter64, Gauge32, IpAddress, NsapAddress, Opaque, TimeTicks, UInteger32

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pyasn1.type.base import Asn1Type

__all__ = (
    "GENERIC_TRAPS",
    "OBJECTS",
    "SECURITY_LEVELS",
    "SECURITY_MODELS",
    "USM",
    "Leaf",
    "counted",
    "leaf_text",
    "read_leaf",
    "status_text",
    "string_text",
)

#: The value of a field that contains no fields.
Leaf: TypeAlias = int | bytes | OID | None

MAX_SHOWN_OCTETS: Final = 96

USM: Final = 3

# ------------------------------------------------------------------------------------------- names

#: Variables and notifications by name.
OBJECTS: Final = {
    "1.3.6.1.2.1.1.1.0": "sysDescr.0",
    "1.3.6.1.2.1.1.2.0": "sysObjectID.0",
    "1.3.6.1.2.1.1.3.0": "sysUpTime.0",
    "1.3.6.1.2.1.1.4.0": "sysContact.0",
    "1.3.6.1.2.1.1.5.0": "sysName.0",
    "1.3.6.1.2.1.1.6.0": "sysLocation.0",
    "1.3.6.1.2.1.190.1.1.1.0": "snmpTsmInvalidCaches.0",
    "1.3.6.1.2.1.190.1.1.2.0": "snmpTsmInadequateSecurityLevels.0",
    "1.3.6.1.2.1.190.1.1.3.0": "snmpTsmUnknownPrefixes.0",
    "1.3.6.1.2.1.190.1.1.4.0": "snmpTsmInvalidPrefixes.0",
    "1.3.6.1.6.3.1.1.4.1.0": "snmpTrapOID.0",
    "1.3.6.1.6.3.1.1.4.3.0": "snmpTrapEnterprise.0",
    "1.3.6.1.6.3.1.1.5.1": "coldStart",
    "1.3.6.1.6.3.1.1.5.2": "warmStart",
    "1.3.6.1.6.3.1.1.5.3": "linkDown",
    "1.3.6.1.6.3.1.1.5.4": "linkUp",
    "1.3.6.1.6.3.1.1.5.5": "authenticationFailure",
    "1.3.6.1.6.3.1.1.5.6": "egpNeighborLoss",
    "1.3.6.1.6.3.10.2.1.1.0": "snmpEngineID.0",
    "1.3.6.1.6.3.10.2.1.2.0": "snmpEngineBoots.0",
    "1.3.6.1.6.3.10.2.1.3.0": "snmpEngineTime.0",
    "1.3.6.1.6.3.10.2.1.4.0": "snmpEngineMaxMessageSize.0",
    "1.3.6.1.6.3.11.2.1.1.0": "snmpUnknownSecurityModels.0",
    "1.3.6.1.6.3.11.2.1.2.0": "snmpInvalidMsgs.0",
    "1.3.6.1.6.3.11.2.1.3.0": "snmpUnknownPDUHandlers.0",
    "1.3.6.1.6.3.12.1.4.0": "snmpUnavailableContexts.0",
    "1.3.6.1.6.3.12.1.5.0": "snmpUnknownContexts.0",
    "1.3.6.1.6.3.15.1.1.1.0": "usmStatsUnsupportedSecLevels.0",
    "1.3.6.1.6.3.15.1.1.2.0": "usmStatsNotInTimeWindows.0",
    "1.3.6.1.6.3.15.1.1.3.0": "usmStatsUnknownUserNames.0",
    "1.3.6.1.6.3.15.1.1.4.0": "usmStatsUnknownEngineIDs.0",
    "1.3.6.1.6.3.15.1.1.5.0": "usmStatsWrongDigests.0",
    "1.3.6.1.6.3.15.1.1.6.0": "usmStatsDecryptionErrors.0",
    "1.3.6.1.6.3.18.1.3.0": "snmpTrapAddress.0",
    "1.3.6.1.6.3.18.1.4.0": "snmpTrapCommunity.0",
}

SECURITY_MODELS: Final = {1: "SNMPv1", 2: "SNMPv2c", USM: "USM", 4: "TSM"}

#: The security levels, by the two lowest bits of msgFlags (RFC 3412 section 6.4).
SECURITY_LEVELS: Final = (
    "noAuthNoPriv",
    "authNoPriv",
    "privacy without authentication, which is not allowed",
    "authPriv",
)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in singular or plural."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _names(asn1_type: type[univ.Integer]) -> dict[int, str]:
    """Return the names of the numbers of an enumerated INTEGER in the schema."""
    return {number: name for name, number in asn1_type.namedValues.items()}


_STATUSES: Final = _names(schema.ErrorStatus)
GENERIC_TRAPS: Final = _names(schema.GenericTrap)


def status_text(status: int | None) -> str:
    """Return the name of an error-status."""
    return _STATUSES.get(status or 0, f"unknown error-status {status}")


# ------------------------------------------------------------------------------------ values as text


def _hex_text(octets: bytes) -> str:
    if not octets:
        return '""'
    shown = octets[:MAX_SHOWN_OCTETS]
    if len(shown) == len(octets):
        return f"0x{shown.hex()}"
    return f"0x{shown.hex()}... ({len(octets)} octets)"


def string_text(octets: bytes) -> str:
    """Return octets as quoted text if they are printable UTF-8, else as hex; never control characters.

    White space, and the NUL that many agents send at the end, count as printable and are escaped.
    """
    shown = octets[:MAX_SHOWN_OCTETS]
    whole = len(shown) == len(octets)
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(shown, final=whole)
    except UnicodeDecodeError:
        return _hex_text(octets)
    if not all(character.isprintable() or character in "\t\n\r\f\v" for character in text.rstrip("\0")):
        return _hex_text(octets)
    quoted = "".join(
        character if character.isprintable() and character not in '"\\' else _escaped(character) for character in text
    )
    return f'"{quoted}"' if whole else f'"{quoted}..." ({len(octets)} octets)'


def _escaped(character: str) -> str:
    return f"\\{character}" if character in '"\\' else character.encode("unicode_escape").decode()


def _oid_text(oid: OID) -> str:
    text = str(oid)
    return f"{text} ({OBJECTS[text]})" if text in OBJECTS else text


def _ticks_text(ticks: int) -> str:
    minutes, hundredths = divmod(ticks, 6000)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    before = f"{counted(days, 'day')}, " if days else ""
    return f"{ticks} ({before}{hour}:{minute:02}:{hundredths // 100:02}.{hundredths % 100:02})"


def _opaque_text(octets: bytes) -> str:
    """Return an Opaque as text, with the value inside if it is a known type."""
    number = Opaque(octets).number if len(octets) <= 11 else None
    if number is not None:
        shown = f"Float {number:.7g}" if len(octets) == 7 else f"Double {number!r}"
        return f"{_hex_text(octets)} ({shown})"
    try:
        tag, start, stop = ber.read_header(octets, 0, len(octets))
        if stop == len(octets) and tag in VALUE_KINDS and tag != Opaque.tag:
            kind = VALUE_KINDS[tag]
            inside = leaf_text("value", tag, read_leaf(octets, tag, (start, stop), kind.type))
            return f"{_hex_text(octets)} (holds {type_name(tag, kind)} {inside})"
    except DecodeError:
        pass  # an Opaque may contain anything
    return _hex_text(octets)


def _flags_text(octets: bytes) -> str:
    """Return msgFlags with their meaning (RFC 3412 section 6.4)."""
    if len(octets) != 1:
        return _hex_text(octets)
    flags = octets[0]
    reportable = ", reportable" if flags & MsgFlags.REPORTABLE else ""
    reserved = ", reserved bits set" if flags > 7 else ""
    return f"0x{flags:02x} ({SECURITY_LEVELS[flags & 3]}{reportable}{reserved})"


def _engine_id_text(octets: bytes) -> str:
    """Return an engine ID with its parts."""
    parts = read_engine_id(octets)
    return _hex_text(octets) if parts is None else f"{_hex_text(octets)} ({parts})"


#: The text of OCTET STRINGs with more structure, by field name.
_OCTETS_BY_NAME: Final[Mapping[str, Callable[[bytes], str]]] = {
    "msgFlags": _flags_text,
    "contextEngineID": _engine_id_text,
    "msgAuthoritativeEngineID": _engine_id_text,
    "msgSecurityParameters": lambda octets: counted(len(octets), "octet"),
    "msgAuthenticationParameters": _hex_text,
    "msgPrivacyParameters": _hex_text,
    "encryptedPDU": lambda octets: counted(len(octets), "encrypted octet"),
}

_UNSIGNED: Final = {Counter32.tag: 32, Gauge32.tag: 32, TimeTicks.tag: 32, UInteger32.tag: 32, Counter64.tag: 64}


def read_leaf(data: bytes, tag: int, where: tuple[int, int], kind: Asn1Type) -> Leaf:
    """Decode the value between two offsets, as the codec does.

    Args:
        data: the message.
        tag: the tag of the value.
        where: the offset of its first octet, and the offset just past its last one.
        kind: its type in the schema.

    Raises:
        DecodeError: contents that the type does not allow.
    """
    start, stop = where
    if tag == ber.INTEGER:
        return ber.read_integer(data, start, stop)
    if tag in _UNSIGNED:
        return ber.read_unsigned(data, start, stop, _UNSIGNED[tag])
    octets = data[start:stop]
    if tag == ber.OBJECT_IDENTIFIER:
        if not octets:  # as the codec: 0.0 (docs/leniency.md)
            return OID.from_ber(b"\0")
        return OID.from_ber(ber.shortest_oid(octets, data, start))
    if tag == IpAddress.tag and len(octets) != 4:
        raise DecodeError(f"an IpAddress of {counted(len(octets), 'octet')}", start, data)
    if isinstance(kind, univ.Null):
        if octets:
            raise DecodeError(f"{type(kind).__name__} of {counted(len(octets), 'octet')}", start, data)
        return None
    return octets


def leaf_text(name: str, tag: int, value: Leaf) -> str:
    """Return a value as text, by the name of its field and its tag."""
    if isinstance(value, int):
        return _ticks_text(value) if tag == TimeTicks.tag else str(value)
    if isinstance(value, OID):
        return _oid_text(value)
    if value is None:
        return ""
    if tag == IpAddress.tag:
        return "{}.{}.{}.{}".format(*value)
    if tag == Opaque.tag:
        return _opaque_text(value)
    if tag == NsapAddress.tag:
        return _hex_text(value)
    return _OCTETS_BY_NAME.get(name, string_text)(value)
