"""A packet in words, for people: what stands where, and where it broke and what was expected there.

What may live here: reading a packet against :mod:`snmptcp.codec.schema` and writing text.  What may not:
a second opinion.  Numbers, names and lengths are read with the functions that the codec reads with, and
at the end the codec is asked; a packet that it takes is never called broken for what it takes.

The schema decides how deep the text nests, so hostile nesting is met at the first tag that the schema
does not have.  Everything printed is bounded: strings, hex, variable bindings and problems.
"""

from __future__ import annotations

import codecs
import ipaddress
from typing import TYPE_CHECKING, Final, NamedTuple

from pyasn1.error import PyAsn1Error
from pyasn1.type import univ

from snmptcp.codec import ber, schema
from snmptcp.codec.message import MsgFlags, decode_message
from snmptcp.codec.pdu import PduType, decode_varbinds
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import DecodeError
from snmptcp.oid import OID
from snmptcp.values import Counter32, Counter64, Gauge32, IpAddress, NsapAddress, Opaque, TimeTicks, UInteger32

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from pyasn1.type.base import Asn1Type

    #: What a field without fields of its own is read as.
    Leaf: TypeAlias = int | bytes | OID | None

__all__ = ("explain",)

#: After so many variable bindings the others are only counted.
MAX_VARBINDS: Final = 200

#: After so many problems nobody reads on.
MAX_PROBLEMS: Final = 20

MAX_SHOWN_OCTETS: Final = 96

_HEX_WIDTH: Final = 33

USM: Final = 3

ENTERPRISE_SPECIFIC: Final = 6

# ------------------------------------------------------------------------------ what the schema says


class _Kind(NamedTuple):
    """One type that may stand somewhere: the name of its alternative in a CHOICE, and the type."""

    name: str
    type: Asn1Type


class _Field(NamedTuple):
    """One field of the packet, its header read: where it stands, and where its length says that it ends."""

    name: str
    tag: int
    kind: _Kind
    offset: int
    start: int
    stop: int
    claimed: int

    @property
    def type_name(self) -> str:
        """The name of its type."""
        return _type_name(self.tag, self.kind)


_known_kinds: dict[object, Mapping[int, _Kind]] = {}


def _kinds(asn1_class: type[Asn1Type]) -> Mapping[int, _Kind]:
    """Return the types that a field of the schema may have, by the octet of their tag."""
    kinds = _known_kinds.get(asn1_class)
    if kinds is None:
        kinds = _known_kinds[asn1_class] = _read_kinds(asn1_class)
    return kinds


def _read_kinds(asn1_class: type[Asn1Type]) -> Mapping[int, _Kind]:
    if not issubclass(asn1_class, univ.Choice):
        asn1_tag = asn1_class.tagSet[-1]
        return {asn1_tag.tagClass | asn1_tag.tagFormat | asn1_tag.tagId: _Kind("", asn1_class())}
    kinds: dict[int, _Kind] = {}
    for name, alternative in _components(asn1_class):
        for octet, kind in _kinds(type(alternative)).items():
            kinds[octet] = _Kind(name, kind.type)
    return kinds


def _components(asn1_class: type[univ.SequenceAndSetBase]) -> list[tuple[str, Asn1Type]]:
    """Return the components of a SEQUENCE or the alternatives of a CHOICE, with their names."""
    return list(asn1_class.componentType.items())  # type: ignore[no-untyped-call]  # so are pyasn1's stubs


#: Every version's PDUs: the codec takes each of them in any message, whatever its version allows.
_PDUS: Final = {**_kinds(schema.PdusV1), **_kinds(schema.Pdus)}
_VALUES: Final = _kinds(schema.BindingValue)

_MESSAGES: Final[Mapping[int, type[univ.Sequence]]] = {
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

_PDU_NAMES: Final[Mapping[int, str]] = {
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


def _type_name(tag: int, kind: _Kind) -> str:
    """Return the name of a type as the RFCs write it."""
    if isinstance(kind.type, univ.SequenceOf):
        return "SEQUENCE OF VarBind"
    if tag in _UNIVERSAL:
        return _UNIVERSAL[tag]
    name = type(kind.type).__name__.removesuffix("V1")
    if name.endswith("Pdu"):
        return name.removesuffix("Pdu").replace("SnmpV2", "SNMPv2-") + "-PDU"
    return name[0].lower() + name[1:] if isinstance(kind.type, univ.Null) else name


def _tag_text(tag: int) -> str:
    """Return what a tag is elsewhere in SNMP, in parentheses; nothing where it is unknown."""
    if tag in _PDU_NAMES:
        return f" ({_PDU_NAMES[tag]})"
    name = _UNIVERSAL.get(tag) or (_type_name(tag, _VALUES[tag]) if tag in _VALUES else "")
    return f" ({name})" if name else ""


# ------------------------------------------------------------------------------------ values as text

_OBJECTS: Final = {
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

#: Variables whose values are communities: snmpCommunityName and snmpTrapCommunity (RFC 3584).
_COMMUNITIES: Final = (OID("1.3.6.1.6.3.18.1.1.1.2"), OID("1.3.6.1.6.3.18.1.4"))

_SECURITY_MODELS: Final = {1: "SNMPv1", 2: "SNMPv2c", USM: "USM", 4: "TSM"}

_SECURITY_LEVELS: Final = (
    "noAuthNoPriv",
    "authNoPriv",
    "privacy without authentication, which is not allowed",
    "authPriv",
)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _names(asn1_type: type[univ.Integer]) -> dict[int, str]:
    """Return the names that an INTEGER's numbers have in the schema."""
    return {number: name for name, number in asn1_type.namedValues.items()}


_STATUSES: Final = _names(schema.ErrorStatus)
_GENERIC_TRAPS: Final = _names(schema.GenericTrap)


def _status_text(status: int | None) -> str:
    return _STATUSES.get(status or 0, f"unknown error-status {status}")


def _hex_text(octets: bytes) -> str:
    if not octets:
        return '""'
    shown = octets[:MAX_SHOWN_OCTETS]
    if len(shown) == len(octets):
        return f"0x{shown.hex()}"
    return f"0x{shown.hex()}... ({len(octets)} octets)"


def _string_text(octets: bytes) -> str:
    """Return octets as quoted text where they are text, else as hex; nothing in it acts on a terminal.

    White space and a NUL at the end, which many agents send, leave it text.
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
    return f"{text} ({_OBJECTS[text]})" if text in _OBJECTS else text


def _ticks_text(ticks: int) -> str:
    minutes, hundredths = divmod(ticks, 6000)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    before = f"{_count(days, 'day')}, " if days else ""
    return f"{ticks} ({before}{hour}:{minute:02}:{hundredths // 100:02}.{hundredths % 100:02})"


def _opaque_text(octets: bytes) -> str:
    """Return an Opaque as text, with the value inside where it is one that can be told."""
    number = Opaque(octets).number if len(octets) <= 11 else None
    if number is not None:
        shown = f"Float {number:.7g}" if len(octets) == 7 else f"Double {number!r}"
        return f"{_hex_text(octets)} ({shown})"
    try:
        tag, start, stop = ber.read_header(octets, 0, len(octets))
        if stop == len(octets) and tag in _VALUES and tag != Opaque.tag:
            kind = _VALUES[tag]
            inside = _leaf_text("value", tag, _read_leaf(octets, tag, (start, stop), kind.type))
            return f"{_hex_text(octets)} (holds {_type_name(tag, kind)} {inside})"
    except DecodeError:
        pass  # an Opaque may hold anything
    return _hex_text(octets)


def _flags_text(octets: bytes) -> str:
    """Return msgFlags spelled out (RFC 3412 section 6.4)."""
    if len(octets) != 1:
        return _hex_text(octets)
    flags = octets[0]
    reportable = ", reportable" if flags & MsgFlags.REPORTABLE else ""
    reserved = ", reserved bits set" if flags > 7 else ""
    return f"0x{flags:02x} ({_SECURITY_LEVELS[flags & 3]}{reportable}{reserved})"


def _engine_id_text(octets: bytes) -> str:
    """Return an engine ID with what it is made of (RFC 3411 section 5, SnmpEngineID)."""
    if len(octets) < 5 or len(octets) > 32:
        return _hex_text(octets)
    enterprise = int.from_bytes(octets[:4], "big") & 0x7FFFFFFF
    if not octets[0] & 0x80:
        return f"{_hex_text(octets)} (enterprise {enterprise})"
    form, rest = octets[4], octets[5:]
    if octets == b"\x80\x00\x00\x00\x06":
        return f"{_hex_text(octets)} (localEngineID)"
    if (form == 1 and len(rest) == 4) or (form == 2 and len(rest) == 16):
        made_of = str(ipaddress.ip_address(rest))
    elif form == 3 and len(rest) == 6:
        made_of = f"MAC {rest.hex(':')}"
    elif form == 4:
        made_of = f"text {_string_text(rest)}"
    else:
        made_of = f"format {form}"
    return f"{_hex_text(octets)} (enterprise {enterprise}, {made_of})"


#: Fields that are octets, and more than that.
_OCTETS_BY_NAME: Final[Mapping[str, Callable[[bytes], str]]] = {
    "msgFlags": _flags_text,
    "contextEngineID": _engine_id_text,
    "msgAuthoritativeEngineID": _engine_id_text,
    "msgSecurityParameters": lambda octets: _count(len(octets), "octet"),
    "msgAuthenticationParameters": _hex_text,
    "msgPrivacyParameters": _hex_text,
    "encryptedPDU": lambda octets: _count(len(octets), "encrypted octet"),
}

_UNSIGNED: Final = {Counter32.tag: 32, Gauge32.tag: 32, TimeTicks.tag: 32, UInteger32.tag: 32, Counter64.tag: 64}


def _read_leaf(data: bytes, tag: int, where: tuple[int, int], kind: Asn1Type) -> Leaf:
    """Read the value between two offsets as the codec does.

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
        if not octets and not isinstance(kind, schema.ObjectName):
            return OID.from_ber(b"\0")
        ber.check_oid(octets, data, start)
        return OID.from_ber(octets)
    if tag == IpAddress.tag and len(octets) != 4:
        raise DecodeError(f"an IpAddress of {_count(len(octets), 'octet')}", start, data)
    if isinstance(kind, univ.Null):
        if octets:
            raise DecodeError(f"{type(kind).__name__} of {_count(len(octets), 'octet')}", start, data)
        return None
    return octets


def _leaf_text(name: str, tag: int, value: Leaf) -> str:
    """Return a value as text."""
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
    return _OCTETS_BY_NAME.get(name, _string_text)(value)


# --------------------------------------------------------------------------------------- the packet

_STRANGERS: Final = (
    (b"GET ", "an HTTP request"),
    (b"POST ", "an HTTP request"),
    (b"HTTP/", "an HTTP response"),
    (b"SSH-", "an SSH banner"),
    (b"\x14\x03", "a TLS record: the peer speaks TLS"),
    (b"\x15\x03", "a TLS alert: the peer speaks TLS"),
    (b"\x16\x03", "a TLS handshake: the peer speaks TLS"),
    (b"\x17\x03", "TLS application data: the peer speaks TLS"),
)


class _TooManyProblemsError(Exception):
    """The packet is not worth more lines."""


class _Explanation:
    """One packet on its way to text: the lines so far, where we are, and what was learned.

    As long as ``guarded``, the community may stand anywhere: no more than two octets are shown of what
    could not be read.
    """

    def __init__(self, data: bytes, *, show_secrets: bool) -> None:
        self.data = data
        self.hide = not show_secrets
        self.guarded = self.hide
        self.lines: list[str] = []
        self.problems: list[tuple[int, str]] = []
        self.path: list[str] = []
        self.field_start = 0
        self.expected: type[Asn1Type] = schema.MessageV1
        self.message_end = 0  # as its header claims
        self.version: SnmpVersion | None = None
        self.facts: dict[str, Leaf] = {}
        self.pdu = ""
        self.subject = ""
        self.varbinds: int | None = None

    # ---------------------------------------------------------------------------- reading the fields

    def run(self) -> None:
        """Explain everything."""
        try:
            try:
                self.message()
            except DecodeError as error:
                self.broke(error)
            self.verdict()
        except _TooManyProblemsError:
            self._remark("hint", "more is wrong after that, and not shown")

    def message(self) -> None:
        """Explain the message, and what follows it.

        Raises:
            DecodeError: it broke where nothing after it can be read.
        """
        self.expected = _MESSAGES.get(self._peek_version(), schema.MessageV1)
        stop = self.field("message", self.expected, 0, len(self.data))
        if stop != len(self.data):
            self.problem(stop, f"{_count(len(self.data) - stop, 'octet')} after the end of the message")
            self._remark("found", self._hex(stop, stop + (2 if self.hide else 16)))
            if self.data[stop] == ber.SEQUENCE:
                self._remark("hint", "perhaps the next message of a stream: a Framer cuts a stream into messages")

    def _peek_version(self) -> int:
        """Return the version number, or -1 where there is none; a problem with it is found when it is explained."""
        try:
            _, offset, _ = self._header(0, len(self.data))
            start, stop = ber.read_tagged(self.data, offset, len(self.data), ber.INTEGER, "version")
            return ber.read_integer(self.data, start, stop)
        except DecodeError:
            return -1

    def field(self, name: str, expected: type[Asn1Type], offset: int, end: int) -> int:
        """Explain one field with all that it holds; return the offset just past it.

        Raises:
            DecodeError: no such field stands here.
        """
        container = self.path[-1] if self.path else "packet"
        self.path.append(name)
        self.field_start = offset
        self.expected = expected
        if offset == end:
            raise DecodeError(f"the {container} ends before its {name}" if end else "no octets", offset, self.data)
        tag, start, claimed = self._header(offset, end)
        kind = _kinds(expected).get(tag) or self._elsewhere(tag, expected)
        if kind is None and end == len(self.data) and not offset:
            raise DecodeError(f"a message begins with 0x30, not 0x{tag:02x}", offset, self.data)
        if kind is None:
            raise DecodeError(f"unexpected tag 0x{tag:02x}{_tag_text(tag)}", offset, self.data)
        if issubclass(expected, schema.ScopedPduData):
            name = self.path[-1] = kind.name
        field = _Field(name, tag, kind, offset, start, min(claimed, end), claimed)
        # Behind a community's broken length octet, its length is made of the community.
        hidden = self.guarded and len(self.path) > 1 and start - offset > 2
        size = "too many octets" if hidden else _count(claimed - start, "octet")
        overrun = f"{name} claims {size}, and its {container} has {end - start} left"
        if isinstance(kind.type, (univ.Sequence, univ.SequenceOf)):
            self._constructed(field, overrun)
        elif claimed > end:
            raise DecodeError(overrun, offset + 1, self.data)
        else:
            self._leaf(field)
        self.path.pop()
        return field.stop

    def _header(self, offset: int, end: int) -> tuple[int, int, int]:
        """Read a tag and a length; whether the length fits is left to the caller.

        Raises:
            DecodeError: as :func:`snmptcp.codec.ber.read_header`, but for that.
        """
        limit = end
        if offset + 2 <= end:
            count = self.data[offset + 1] - 0x80
            if count <= 0 or offset + 2 + count <= end:
                limit = end + (1 << 8 * ber.MAX_LENGTH_OCTETS)
        return ber.read_header(self.data, offset, limit)

    def _elsewhere(self, tag: int, expected: type[Asn1Type]) -> _Kind | None:
        """Return what a tag is in another version than the message's."""
        if issubclass(expected, (schema.PdusV1, schema.Pdus)):
            return _PDUS.get(tag)
        return _VALUES.get(tag) if issubclass(expected, schema.ObjectSyntaxV1) else None

    def _constructed(self, field: _Field, overrun: str) -> None:
        """Explain a field that holds fields, as far as its container goes."""
        outermost = len(self.path) == 1
        if outermost:
            self.message_end = field.claimed
        if field.tag in _PDU_NAMES:
            self.pdu = _PDU_NAMES[field.tag]
        size = _count(field.claimed - field.start, "octet")
        text = f"{field.name}: {field.type_name}, {size}{self._remarks(field)}"
        self._line(field.offset, self._hex(field.offset, field.start), text)
        if field.claimed > field.stop:
            self.problem(field.offset + 1, overrun)
            if outermost:
                self._remark("hint", "the packet is cut short; what is there follows")
        elif isinstance(field.kind.type, schema.HeaderData):
            self.guarded = False
        if field.tag in _PDU_NAMES and field.claimed == self.message_end:
            self.guarded = False
        if isinstance(field.kind.type, univ.SequenceOf):
            self._varbinds(field)
        else:
            self._sequence(field)

    def _remarks(self, field: _Field) -> str:
        """Return what is to be said about a field that holds fields."""
        if field.tag in _PDU_NAMES:
            usual = schema.PdusV1 if self.version == SnmpVersion.V1 else schema.Pdus
            strange = "" if field.tag in _kinds(usual) else f", which SNMPv{self.version} does not have"
            return f" ({_PDU_NAMES[field.tag]}{strange})"
        if isinstance(field.kind.type, schema.ScopedPdu) and self._flags & MsgFlags.PRIV:
            return " (although msgFlags says that it is encrypted)"
        if isinstance(field.kind.type, (schema.VarBind, schema.VarBindV1)) and self._is_to_blame(field.name):
            return f" <-- {_status_text(self._number('error-status'))}"
        return ""

    def _sequence(self, field: _Field) -> None:
        """Explain the components of a SEQUENCE, in order."""
        offset, end = field.start, field.stop
        name = ""
        for name, component in _components(type(field.kind.type)):  # type: ignore[arg-type]  # it is a Sequence
            offset = self.field(name, type(component), offset, end)
        if offset != end:
            self.problem(offset, f"{_count(end - offset, 'octet')} after {name}, the last field of {field.name}")

    def _varbinds(self, field: _Field) -> None:
        """Explain the variable bindings; when there are many, count what is sound and not to blame."""
        offset, end = field.start, field.stop
        expected = type(field.kind.type.componentType)  # type: ignore[attr-defined]  # it is a SequenceOf
        self.varbinds = 0
        skipped = skipped_from = 0
        while offset < end:
            self.varbinds += 1
            name = f"VarBind {self.varbinds}"
            stop = 0
            if self.varbinds > MAX_VARBINDS and not self._is_to_blame(name):
                stop = self._sound_varbind(offset, end)
            if stop:
                skipped_from = skipped_from or offset
                skipped += 1
                offset = stop
                continue
            self._skipped(skipped, skipped_from, offset)
            skipped = skipped_from = 0
            offset = self.field(name, expected, offset, end)
        self._skipped(skipped, skipped_from, offset)

    def _sound_varbind(self, offset: int, end: int) -> int:
        """Return the offset just past a variable binding that the codec takes; 0 where it does not."""
        try:
            _, _, stop = ber.read_header(self.data, offset, end)
            decode_varbinds(self.data, offset, stop)
        except DecodeError:
            return 0
        return stop

    def _skipped(self, number: int, offset: int, stop: int) -> None:
        if number:
            shown = f"({_count(number, 'variable binding')} in {_count(stop - offset, 'octet')}, not shown)"
            self.path.append("")
            self._line(offset, "...", shown)
            self.path.pop()

    def _leaf(self, field: _Field) -> None:
        """Explain a field that holds a value; contents that cannot be read are no reason to stop."""
        name, start, stop = field.name, field.start, field.stop
        self.facts.pop(name, None)
        label = f"{name}: {field.type_name}"
        header = self._hex(field.offset, start)
        hidden = self.hide and self._is_community(name)
        octets = f"{header} ***" if hidden else self._hex(field.offset, stop, start - field.offset + 8)
        try:
            value = _read_leaf(self.data, field.tag, (start, stop), field.kind.type)
        except DecodeError as error:
            self._line(field.offset, header if self.guarded else octets, label)
            self.problem(error.offset, error.problem)
            return
        self.facts[name] = value
        if name in {"version", "msgVersion"}:
            self._check_version(value, stop - start)
        text = f"***, {_count(stop - start, 'octet')}" if hidden else self._value_text(field, value)
        self._line(field.offset, octets, f"{label} = {text}" if text else label)
        if field.tag in _VALUES and self.version == SnmpVersion.V1 and field.tag not in _kinds(schema.ObjectSyntaxV1):
            self.problem(field.offset, f"SNMPv1 has no {field.type_name}")
        if name == "msgSecurityParameters" and self.facts.get("msgSecurityModel") == USM:
            self._usm_parameters(start, stop)
        if name == "value" and not hidden and not self.subject:
            self.subject = self._subject(value)

    def _subject(self, value: Leaf) -> str:
        """Return what a notification or a report is about, where the variable binding that was read tells."""
        variable = str(self.facts.get("name"))
        if self.pdu == "report":
            return _OBJECTS.get(variable, variable)
        if _OBJECTS.get(variable) == "snmpTrapOID.0":
            return _OBJECTS.get(str(value), str(value)) if isinstance(value, OID) else ""
        return ""

    def _usm_parameters(self, offset: int, end: int) -> None:
        """Explain what stands inside msgSecurityParameters (RFC 3414 section 2.4)."""
        depth = len(self.path)
        try:
            stop = self.field("UsmSecurityParameters", schema.UsmSecurityParameters, offset, end)
            if stop != end:
                self.problem(stop, f"{_count(end - stop, 'octet')} after UsmSecurityParameters")
        except DecodeError as error:
            self.broke(error)
            del self.path[depth:]

    def _check_version(self, value: Leaf, length: int) -> None:
        """Take the version down.

        Raises:
            DecodeError: there is no such version, so nothing is known about the rest.
        """
        if not isinstance(value, int) or value not in _MESSAGES:
            # A number of many octets may be a community that slipped in here.
            number = str(self._number("version")) if length <= 2 or not self.hide else f"of {length} octets"
            problem = f"no SNMP version has number {number}: 0 is SNMPv1, 1 is SNMPv2c, 3 is SNMPv3"
            raise DecodeError(problem, self.field_start, self.data)
        self.version = SnmpVersion(value)

    # -------------------------------------------------------------------------- what is known by now

    def _number(self, name: str) -> int | None:
        value = self.facts.get(name)
        return value if isinstance(value, int) else None

    @property
    def _flags(self) -> int:
        flags = self.facts.get("msgFlags")
        return flags[0] if isinstance(flags, bytes) and flags else 0

    def _is_community(self, name: str) -> bool:
        """Whether a field is the community, or a variable's value that is one."""
        if name == "community":
            return True
        variable = self.facts.get("name")
        return name == "value" and isinstance(variable, OID) and any(map(variable.startswith, _COMMUNITIES))

    def _is_to_blame(self, varbind: str) -> bool:
        """Whether the error-index points at a variable binding."""
        return bool(self._number("error-status")) and varbind == f"VarBind {self._number('error-index')}"

    def _value_text(self, field: _Field, value: Leaf) -> str:
        """Return a value as text, with its name where it has one and what is odd about it."""
        text = _leaf_text(field.name, field.tag, value)
        if isinstance(value, int):
            known = self._name_of(field.name, value)
            text = f"{value} ({known})" if known else text
        return text + self._oddity(field, value)

    def _name_of(self, name: str, value: int) -> str | None:
        """Return what a number stands for, where it stands for something."""
        if name in {"version", "msgVersion"}:
            return f"SNMPv{self.version}"
        if name == "error-status":
            return _status_text(value)
        if name == "msgSecurityModel":
            return _SECURITY_MODELS.get(value)
        if name == "specific-trap" and self._number("generic-trap") == ENTERPRISE_SPECIFIC:
            return f"for SNMPv2 {self.facts.get('enterprise')!s}.0.{value}"  # RFC 3584 section 3.1
        return _GENERIC_TRAPS.get(value) if name == "generic-trap" else None

    def _oddity(self, field: _Field, value: Leaf) -> str:
        """Return what is odd about a value that was read."""
        length = field.stop - field.start
        if field.name == "encryptedPDU" and not self._flags & MsgFlags.PRIV:
            return " (although msgFlags says that it is not encrypted)"
        if isinstance(value, int) and length > 4:
            sent = int.from_bytes(self.data[field.start : field.stop], "big", signed=field.tag == ber.INTEGER)
            if sent != value:
                return f" (the octets are {sent}; the lowest bits are taken)"
        if value is not None and not isinstance(value, OID):
            try:
                field.kind.type.subtypeSpec(value)
            except PyAsn1Error:
                return " (outside what its RFC allows)"
        return ""

    # ------------------------------------------------------------------------------ writing the text

    def _hex(self, start: int, stop: int, limit: int = 16) -> str:
        """Return octets as hex, elided at a limit."""
        shown = self.data[start : min(stop, start + limit)].hex(" ")
        return shown if stop - start <= limit else f"{shown} .."

    def _line(self, offset: int, octets: str, text: str) -> None:
        indent = "  " * (len(self.path) - 1)
        self.lines.append(f"{offset:>7}  {octets:<{_HEX_WIDTH}}{indent}{text}".rstrip())

    def _remark(self, what: str, text: str) -> None:
        self.lines.append(f"         {what + ':':<10}{text}")

    def problem(self, offset: int, text: str) -> None:
        """Write down that something is wrong.

        Raises:
            _TooManyProblemsError: it was one too many.
        """
        self.problems.append((offset, text))
        self.lines.append(f"!{offset:>6}  {text}")
        if len(self.problems) >= MAX_PROBLEMS:
            raise _TooManyProblemsError

    def broke(self, error: DecodeError) -> None:
        """Write down that nothing more can be read, with what was expected and what was found."""
        start = self.field_start
        self.problem(error.offset, error.problem)
        kinds = _kinds(self.expected)
        types = ", ".join(f"{_type_name(tag, kind)} ({tag:02x})" for tag, kind in kinds.items())
        self._remark("where", " > ".join(self.path))
        self._remark("expected", types if len(kinds) == 1 else f"one of {types}")
        if start < len(self.data):
            rest = _count(len(self.data) - start, "octet")
            shown = 2 if self.guarded else 16
            self._remark("found", f"{self._hex(start, len(self.data), shown)} ({rest} to the end)")
        hint = self._hint(start)
        if hint:
            self._remark("hint", hint)

    def _hint(self, start: int) -> str:
        """Return what a break at an offset may come from; nothing where that is not known."""
        if start == 0:
            return next((f"this is {what}" for prefix, what in _STRANGERS if self.data.startswith(prefix)), "")
        found = self.data[start : start + 2]
        if found[:1] == b"\x24":
            return "a string in pieces; SNMP takes primitive strings only (RFC 3417 section 8)"
        if found[1:] == b"\x80":
            return "an indefinite length; SNMP takes definite lengths only (RFC 3417 section 8)"
        return ""

    def verdict(self) -> None:
        """Ask the codec about a packet in which nothing seemed wrong."""
        if self.problems:
            return
        try:
            decode_message(self.data)
        except DecodeError as error:
            self.problem(error.offset, error.problem.removesuffix(",").removesuffix(", found"))

    def summary(self) -> str:
        """Return the first line: what it is, how much of it, and whether it is sound."""
        size = _count(len(self.data), "octet")
        facts = [part for part in (self._what(), self._outcome(), self._how_many(), size) if part]
        if self.problems:
            facts.append(f"broken at offset {self.problems[0][0]}")
        return ", ".join(facts)

    def _what(self) -> str:
        if self.version is None:
            if not self.data:
                return "No message"
            return "Unreadable message" if self.data[0] == ber.SEQUENCE else "Not an SNMP message"
        what = f"SNMPv{self.version} {self.pdu}".rstrip()
        if self.version != SnmpVersion.V3:
            return what
        level = _SECURITY_LEVELS[self._flags & 3] if "msgFlags" in self.facts else ""
        user = self.facts.get("msgUserName")
        named = f"user {_string_text(user)}" if isinstance(user, bytes) and user else ""
        data = self.facts.get("encryptedPDU")
        encrypted = _leaf_text("encryptedPDU", ber.OCTET_STRING, data) if data is not None else ""
        return ", ".join(part for part in (what, level, named, encrypted) if part)

    def _outcome(self) -> str:
        """Return what a refusal, a trap or a report says in one word."""
        status, index = self._number("error-status"), self._number("error-index")
        if status:
            return _status_text(status) + (f" at variable binding {index}" if index else "")
        generic = self._number("generic-trap")
        if generic == ENTERPRISE_SPECIFIC:
            return f"{self.facts.get('enterprise')!s} specific-trap {self._number('specific-trap')}"
        if generic is not None:
            return _GENERIC_TRAPS.get(generic, f"generic-trap {generic}")
        return self.subject

    def _how_many(self) -> str:
        return "" if self.varbinds is None else _count(self.varbinds, "variable binding")


def explain(packet: bytes, *, show_secrets: bool = False) -> str:
    """Return a packet in words: one line per field, and where it broke and what was expected there.

    Any octets will do: broken, cut short, or no SNMP at all.  The text is for people and may change; its
    length is bounded, and nothing in it acts on a terminal.  What is encrypted stays so.

    Args:
        packet: one message, as :class:`snmptcp.codec.framer.Framer` gives it or a capture holds it.
        show_secrets: whether communities are shown, instead of ``***``.

    Returns:
        Lines without a newline at the end: a summary; then the offset of each field, its octets in hex,
        its name, type and value; and lines that begin with ``!`` where something is wrong.
    """
    explanation = _Explanation(packet, show_secrets=show_secrets)
    explanation.run()
    return "\n".join((explanation.summary(), *explanation.lines))
