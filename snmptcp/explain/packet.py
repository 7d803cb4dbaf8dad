"""Explains a packet field by field: offsets, octets, names and values, and where it is malformed.

Contains: reading a packet along the schema, and formatting its lines.
Does not contain: which types a field may have (:mod:`~snmptcp.explain.types`), the text of values
(:mod:`~snmptcp.explain.values`), and what one field tells about another (:mod:`~snmptcp.explain.facts`).

Numbers, names and lengths are read with the codec's own functions, and at the end the codec decodes the
packet, so explanation and codec agree on whether a packet is malformed.  The schema limits the nesting, so
hostile nesting ends at the first tag that the schema does not have.  All output is bounded: strings, hex,
variable bindings and problems.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from pyasn1.error import PyAsn1Error
from pyasn1.type import univ

from snmptcp.codec import ber
from snmptcp.codec.message import MsgFlags, decode_message, decode_scoped_pdu
from snmptcp.codec.pdu import decode_varbinds
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import DecodeError
from snmptcp.explain import schema
from snmptcp.explain.facts import Facts
from snmptcp.explain.names import ObjectNames
from snmptcp.explain.types import (
    MESSAGES,
    PDU_KINDS,
    PDU_NAMES,
    VALUE_KINDS,
    Kind,
    components_of,
    kinds_of,
    tag_text,
    type_name,
)
from snmptcp.explain.values import USM, counted, leaf_text, read_leaf, status_text
from snmptcp.oid import OID

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    from pyasn1.type.base import Asn1Type

    from snmptcp.explain.values import Leaf
    from snmptcp.mib.mib import Mib

    #: Checks and decrypts a message of SNMPv3 with the keys of its user; never raises.
    Unseal: TypeAlias = Callable[[bytes], "Unsealed | None"]

__all__ = ("Unsealed", "explain_message", "outline_message")

#: The most variable bindings to show; the others are counted.
MAX_VARBINDS: Final = 200

#: The most problems to report.
MAX_PROBLEMS: Final = 20

_HEX_WIDTH: Final = 33

#: The fields of a PDU that its outline has beside the variable bindings.
_OUTLINED: Final = frozenset({"request-id", "non-repeaters", "max-repetitions"})

#: Other protocols on TCP, by their first octets.
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


class Unsealed(NamedTuple):
    """What the keys of its user reveal about an SNMPv3 message.

    Attributes:
        digest_right: whether the digest is the user's; ``None`` if there is none to check.
        digest: the text about the digest.
        plain: the decrypted ScopedPDU, maybe followed by padding of the cipher; empty if there is none.
        problem: why the message could not be decrypted; empty if it could, or was not encrypted.
    """

    digest_right: bool | None = None
    digest: str = ""
    plain: bytes = b""
    problem: str = ""


class _Field(NamedTuple):
    """One field of the packet: its header, and ``claimed``, the end that its length claims."""

    name: str
    tag: int
    kind: Kind
    offset: int
    start: int
    stop: int
    claimed: int

    @property
    def type_name(self) -> str:
        """The name of its type, as in the RFCs."""
        return type_name(self.tag, self.kind)


class _TooManyProblemsError(Exception):
    """The packet has more than :data:`MAX_PROBLEMS` problems."""


class _Explanation:
    """The explanation of one packet: the lines so far, the current position, and the facts learned.

    While ``guarded`` is true, the community may be anywhere in what follows, so at most two octets are shown
    of what cannot be read.
    """

    def __init__(self, data: bytes, *, show_secrets: bool, unsealed: Unsealed | None, names: ObjectNames) -> None:
        self.data = data
        self.names = names
        self.unsealed = unsealed
        self.hide = not show_secrets
        self.guarded = self.hide
        self.lines: list[str] = []
        self.problems: list[str] = []  # their offsets, as text
        self.outline: list[str] = []  # the variable bindings, and the problems
        self.asked: list[str] = []  # the request-id, and what else says what a request asks
        self.inside = ""  # what the offsets refer to, if not to the packet
        self.path: list[str] = []
        self.field_start = 0
        self.expected: type[Asn1Type] = schema.MessageV1
        self.message_end = 0  # the end that its header claims
        self.facts = Facts(names)

    # ---------------------------------------------------------------------------- reading the fields

    def run(self) -> None:
        """Explain the whole packet."""
        try:
            try:
                self.message()
            except DecodeError as error:
                self.broke(error)
            self.verdict()
        except _TooManyProblemsError:
            self._remark("hint", "more problems follow, not shown")

    def message(self) -> None:
        """Explain the message and the octets after it.

        Raises:
            DecodeError: a problem after which nothing can be read.
        """
        self.expected = MESSAGES.get(self._peek_version(), schema.MessageV1)
        stop = self.field("message", self.expected, 0, len(self.data))
        if stop != len(self.data):
            self.problem(stop, f"{counted(len(self.data) - stop, 'octet')} after the end of the message")
            self._remark("found", self._hex(stop, stop + (2 if self.hide else 16)))
            if self.data[stop] == ber.SEQUENCE:
                self._remark("hint", "maybe the next message of a stream; a Framer splits a stream into messages")

    def _peek_version(self) -> int:
        """Return the version number; -1 if it cannot be read, which is reported when the field is explained."""
        try:
            _, offset, _ = self._header(0, len(self.data))
            start, stop = ber.read_tagged(self.data, offset, len(self.data), ber.INTEGER, "version")
            return ber.read_integer(self.data, start, stop)
        except DecodeError:
            return -1

    def field(self, name: str, expected: type[Asn1Type], offset: int, end: int) -> int:
        """Explain one field and all fields inside; return the offset just past it.

        Raises:
            DecodeError: the octets at the offset are not such a field.
        """
        container = self.path[-1] if self.path else "packet"
        self.path.append(name)
        self.field_start = offset
        self.expected = expected
        if offset == end:
            raise DecodeError(f"the {container} ends before its {name}" if end else "no octets", offset, self.data)
        tag, start, claimed = self._header(offset, end)
        kind = kinds_of(expected).get(tag) or self._elsewhere(tag, expected)
        if kind is None and end == len(self.data) and not offset:
            raise DecodeError(f"a message begins with 0x30, not 0x{tag:02x}", offset, self.data)
        if kind is None:
            raise DecodeError(f"unexpected tag 0x{tag:02x}{tag_text(tag)}", offset, self.data)
        if issubclass(expected, schema.ScopedPduData):
            name = self.path[-1] = kind.name
        field = _Field(name, tag, kind, offset, start, min(claimed, end), claimed)
        # After a wrong length octet of the community, octets of the community would be shown as its length.
        hidden = self.guarded and len(self.path) > 1 and start - offset > 2
        size = "too many octets" if hidden else counted(claimed - start, "octet")
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
        """Read a tag and a length, without checking that the length fits into the container.

        Raises:
            DecodeError: as :func:`snmptcp.codec.ber.read_header`, except for that.
        """
        limit = end
        if offset + 2 <= end:
            count = self.data[offset + 1] - 0x80
            if count <= 0 or offset + 2 + count <= end:
                limit = end + (1 << 8 * ber.MAX_LENGTH_OCTETS)
        return ber.read_header(self.data, offset, limit)

    def _elsewhere(self, tag: int, expected: type[Asn1Type]) -> Kind | None:
        """Return the type that a tag has in other SNMP versions than that of the message."""
        if issubclass(expected, (schema.PdusV1, schema.Pdus)):
            return PDU_KINDS.get(tag)
        return VALUE_KINDS.get(tag) if issubclass(expected, schema.ObjectSyntaxV1) else None

    def _constructed(self, field: _Field, overrun: str) -> None:
        """Explain a field that contains fields, up to the end of its container."""
        outermost = len(self.path) == 1
        if outermost:
            self.message_end = field.claimed
        if field.tag in PDU_NAMES:
            self.facts.pdu = PDU_NAMES[field.tag]
        size = counted(field.claimed - field.start, "octet")
        text = f"{field.name}: {field.type_name}, {size}{self._remarks(field)}"
        self._line(field.offset, self._hex(field.offset, field.start), text)
        if field.claimed > field.stop:
            self.problem(field.offset + 1, overrun)
            if outermost:
                self._remark("hint", "the packet is truncated; the rest of it follows")
        elif isinstance(field.kind.type, schema.HeaderData):
            self.guarded = False
        if field.tag in PDU_NAMES and field.claimed == self.message_end:
            self.guarded = False
        if isinstance(field.kind.type, univ.SequenceOf):
            self._varbinds(field)
        else:
            self._sequence(field)

    def _remarks(self, field: _Field) -> str:
        """Return the remark on a field that contains fields; may be empty."""
        if field.tag in PDU_NAMES:
            usual = schema.PdusV1 if self.facts.version == SnmpVersion.V1 else schema.Pdus
            strange = "" if field.tag in kinds_of(usual) else f", which SNMPv{self.facts.version} does not have"
            return f" ({PDU_NAMES[field.tag]}{strange})"
        if isinstance(field.kind.type, schema.ScopedPdu) and self.facts.flags & MsgFlags.PRIV and not self.inside:
            return " (although msgFlags says that it is encrypted)"
        if isinstance(field.kind.type, (schema.VarBind, schema.VarBindV1)) and self.facts.is_to_blame(field.name):
            return f" <-- {status_text(self.facts.number('error-status'))}"
        return ""

    def _sequence(self, field: _Field) -> None:
        """Explain the components of a SEQUENCE, in order."""
        offset, end = field.start, field.stop
        name = ""
        for name, component in components_of(type(field.kind.type)):  # type: ignore[arg-type]  # it is a Sequence
            offset = self.field(name, type(component), offset, end)
        if offset != end:
            self.problem(offset, f"{counted(end - offset, 'octet')} after {name}, the last field of {field.name}")

    def _varbinds(self, field: _Field) -> None:
        """Explain the variable bindings; beyond the limit, only count those that are valid and not at fault."""
        offset, end = field.start, field.stop
        expected = type(field.kind.type.componentType)  # type: ignore[attr-defined]  # it is a SequenceOf
        self.facts.varbinds = 0
        skipped = skipped_from = 0
        while offset < end:
            self.facts.varbinds += 1
            name = f"VarBind {self.facts.varbinds}"
            stop = 0
            if self.facts.varbinds > MAX_VARBINDS and not self.facts.is_to_blame(name):
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
        """Return the offset just past a variable binding that the codec accepts; 0 if it does not."""
        try:
            _, _, stop = ber.read_header(self.data, offset, end)
            decode_varbinds(self.data, offset, stop)
        except DecodeError:
            return 0
        return stop

    def _skipped(self, number: int, offset: int, stop: int) -> None:
        if number:
            shown = f"({counted(number, 'variable binding')} in {counted(stop - offset, 'octet')}, not shown)"
            self.path.append("")
            self._line(offset, "...", shown)
            self.path.pop()

    def _leaf(self, field: _Field) -> None:
        """Explain a field that contains a value; go on after contents that cannot be read."""
        name, start, stop = field.name, field.start, field.stop
        self.facts.forget(name)
        label = f"{name}: {field.type_name}"
        header = self._hex(field.offset, start)
        hidden = self.hide and self.facts.is_community(name)
        octets = f"{header} ***" if hidden else self._hex(field.offset, stop, start - field.offset + 8)
        try:
            value = read_leaf(self.data, field.tag, (start, stop), field.kind.type)
        except DecodeError as error:
            self._line(field.offset, header if self.guarded else octets, label)
            self.problem(error.offset, error.problem)
            return
        self.facts.learn(name, value)
        if name in {"version", "msgVersion"}:
            self._check_version(value, stop - start)
        text = f"***, {counted(stop - start, 'octet')}" if hidden else self._value_text(field, value)
        self._line(field.offset, octets, f"{label} = {text}" if text else label)
        self._add_to_outline(field, text)
        if (
            field.tag in VALUE_KINDS
            and self.facts.version == SnmpVersion.V1
            and field.tag not in kinds_of(schema.ObjectSyntaxV1)
        ):
            self.problem(field.offset, f"SNMPv1 has no {field.type_name}")
        if name == "msgSecurityParameters" and self.facts.number("msgSecurityModel") == USM:
            self._usm_parameters(start, stop)
        if name == "value" and not hidden and not self.facts.subject:
            self.facts.find_subject(value)
        if self.unsealed is not None:
            if name == "msgAuthenticationParameters":
                self._digest(self.unsealed)
            elif name == "encryptedPDU":
                self._decrypted(self.unsealed)

    def _add_to_outline(self, field: _Field, text: str) -> None:
        """Add a field to the outline if it tells what the PDU asks or answers."""
        if field.name in _OUTLINED:
            self.asked.append(f"{field.name} {text}")
        elif field.name == "name":
            self.outline.append(text)
        elif field.name == "value" and field.tag != ber.NULL and self.outline:
            self.outline[-1] += f" = {text or field.type_name}"

    def _usm_parameters(self, offset: int, end: int) -> None:
        """Explain the contents of msgSecurityParameters (RFC 3414 section 2.4)."""
        depth = len(self.path)
        try:
            stop = self.field("UsmSecurityParameters", schema.UsmSecurityParameters, offset, end)
            if stop != end:
                self.problem(stop, f"{counted(end - stop, 'octet')} after UsmSecurityParameters")
        except DecodeError as error:
            self.broke(error)
            del self.path[depth:]

    def _check_version(self, value: Leaf, length: int) -> None:
        """Store the version.

        Raises:
            DecodeError: an unknown version, so the format of the rest is unknown.
        """
        if not isinstance(value, int) or value not in MESSAGES:
            # Do not show a number of many octets: it may be the community.
            number = str(self.facts.number("version")) if length <= 2 or not self.hide else f"of {length} octets"
            problem = f"no SNMP version has number {number}: 0 is SNMPv1, 1 is SNMPv2c, 3 is SNMPv3"
            raise DecodeError(problem, self.field_start, self.data)
        self.facts.version = SnmpVersion(value)

    def _digest(self, unsealed: Unsealed) -> None:
        """Report whether the digest is right."""
        if unsealed.digest_right:
            self._remark("digest", unsealed.digest)
        elif unsealed.digest_right is not None:
            self._doubt("wrong digest", unsealed.digest)

    def _decrypted(self, unsealed: Unsealed) -> None:
        """Explain the decrypted PDU; its offsets refer to the decrypted octets."""
        if unsealed.problem:
            self._doubt("not decrypted", unsealed.problem)
            return
        if not unsealed.plain:
            return
        packet, self.data = self.data, unsealed.plain
        self.inside = " of the decrypted octets"
        self.facts.decrypted = True
        self._remark("plain", "offsets from here on refer to the decrypted octets")
        try:
            self._scoped_pdu()
        finally:
            self.data, self.inside = packet, ""

    def _scoped_pdu(self) -> None:
        """Explain the decrypted octets; if no problem was found, decode them with the codec, too."""
        depth, end = len(self.path), len(self.data)
        try:
            stop = self.field("ScopedPDU", schema.ScopedPdu, 0, end)
        except DecodeError as error:
            self.broke(error)
            del self.path[depth:]
            return
        if stop != end:  # RFC 3414 section 8.1.1.2: CBC-DES pads; the padding's contents do not matter
            self._remark("padding", counted(end - stop, "octet"))
        if not self.problems:
            try:
                decode_scoped_pdu(self.data, 0, end)
            except DecodeError as error:
                self._codec_says(error)

    # --------------------------------------------------------------------------------------- values

    def _value_text(self, field: _Field, value: Leaf) -> str:
        """Return a value as text, with its meaning and a remark on what is unusual, if any."""
        text = leaf_text(field.name, field.tag, value)
        known = ""
        if isinstance(value, OID):
            text, known = str(value), self.names.of(value)
        elif field.name == "value" and self.facts.variable is not None:
            known = self.names.meaning(self.facts.variable, field.tag, value, text)
        elif isinstance(value, int):
            known = self.facts.name_of(field.name, value) or ""
        text = f"{text} ({known})" if known else text
        return text + self._oddity(field, value)

    def _oddity(self, field: _Field, value: Leaf) -> str:
        """Return a remark on what is unusual about a value; may be empty."""
        length = field.stop - field.start
        if field.name == "encryptedPDU" and not self.facts.flags & MsgFlags.PRIV:
            return " (although msgFlags says that it is not encrypted)"
        if isinstance(value, int) and length > 4:
            sent = int.from_bytes(self.data[field.start : field.stop], "big", signed=field.tag == ber.INTEGER)
            if sent != value:
                return f" (the octets say {sent}; only the lowest bits count)"
        if value is not None and not isinstance(value, OID):
            try:
                field.kind.type.subtypeSpec(value)
            except PyAsn1Error:
                return " (outside the range that the RFC allows)"
        return ""

    # ------------------------------------------------------------------------------ writing the text

    def _hex(self, start: int, stop: int, limit: int = 16) -> str:
        """Return octets as hex, at most ``limit`` of them."""
        shown = self.data[start : min(stop, start + limit)].hex(" ")
        return shown if stop - start <= limit else f"{shown} .."

    def _line(self, offset: int, octets: str, text: str) -> None:
        indent = "  " * (len(self.path) - 1)
        self.lines.append(f"{offset:>7}  {octets:<{_HEX_WIDTH}}{indent}{text}".rstrip())

    def _remark(self, what: str, text: str) -> None:
        self.lines.append(f"         {what + ':':<10}{text}")

    def _doubt(self, what: str, text: str) -> None:
        """Add a line about a problem found with the user's keys; the message is well-formed."""
        self.facts.doubts.append(what)
        self.outline.append(f"! {what}: {text}")
        self.lines.append(f"!        {what}: {text}")

    def problem(self, offset: int, text: str) -> None:
        """Add a line about a problem.

        Raises:
            _TooManyProblemsError: the limit of problems is reached.
        """
        self.problems.append(f"offset {offset}{self.inside}")
        self.outline.append(f"! offset {offset}{self.inside}: {text}")
        self.lines.append(f"!{offset:>6}  {text}")
        if len(self.problems) >= MAX_PROBLEMS:
            raise _TooManyProblemsError

    def broke(self, error: DecodeError) -> None:
        """Add lines about a problem after which nothing can be read: the field, what was expected, what was found."""
        start = self.field_start
        self.problem(error.offset, error.problem)
        kinds = kinds_of(self.expected)
        types = ", ".join(f"{type_name(tag, kind)} ({tag:02x})" for tag, kind in kinds.items())
        self._remark("where", " > ".join(self.path))
        self._remark("expected", types if len(kinds) == 1 else f"one of {types}")
        if start < len(self.data):
            rest = counted(len(self.data) - start, "octet")
            shown = 2 if self.guarded else 16
            self._remark("found", f"{self._hex(start, len(self.data), shown)} ({rest} to the end)")
        hint = self._hint(start)
        if hint:
            self._remark("hint", hint)
            self.outline.append(f"! {hint}")

    def _hint(self, start: int) -> str:
        """Return the likely cause of a problem at an offset; empty if unknown."""
        if start == 0:
            return next((f"this is {what}" for prefix, what in _STRANGERS if self.data.startswith(prefix)), "")
        found = self.data[start : start + 2]
        if found[:1] == b"\x24":
            return "a constructed string; SNMP allows primitive strings only (RFC 3417 section 8)"
        if found[1:] == b"\x80":
            return "an indefinite length; SNMP allows definite lengths only (RFC 3417 section 8)"
        return ""

    def verdict(self) -> None:
        """If no problem was found, decode the packet with the codec, which may find one."""
        if self.problems:
            return
        try:
            decode_message(self.data)
        except DecodeError as error:
            self._codec_says(error)

    def _codec_says(self, error: DecodeError) -> None:
        """Add a line about a problem that only the codec found."""
        self.problem(error.offset, error.problem)

    def summary(self) -> str:
        """Return the first line: the kind of packet, its size, and the offset of the first problem."""
        what = self.facts.summary(self.data)
        return f"{what}, broken at {self.problems[0]}" if self.problems else what


def explain_message(
    packet: bytes, *, show_secrets: bool = False, unseal: Unseal | None = None, mib: Mib | None = None
) -> str:
    """Explain a packet without keys; :func:`snmptcp.explain.explain` is the same with keys.

    Args:
        packet: one message; any octets are accepted.
        show_secrets: show communities; by default they are ``***``.
        unseal: checks the digest and decrypts; called once, with the packet.
        mib: the names of OIDs and the definitions of values; optional.

    Returns:
        Lines without a final newline, as :func:`snmptcp.explain.explain` describes them.
    """
    explanation = _explained(packet, show_secrets=show_secrets, unseal=unseal, mib=mib)
    return "\n".join((explanation.summary(), *explanation.lines))


def outline_message(
    packet: bytes, *, show_secrets: bool = False, unseal: Unseal | None = None, mib: Mib | None = None
) -> tuple[str, ...]:
    """Return what a packet says, in a few lines without offsets and octets.

    Args:
        packet: as for :func:`explain_message`, like the next three.
        show_secrets: show communities.
        unseal: checks the digest and decrypts.
        mib: the names of OIDs and the definitions of values.

    Returns:
        The summary, with the request-id and what else says what a request asks; then each variable binding, and the
        problems, which begin with ``!``.
    """
    explanation = _explained(packet, show_secrets=show_secrets, unseal=unseal, mib=mib)
    return (", ".join((explanation.summary(), *explanation.asked)), *explanation.outline)


def _explained(packet: bytes, *, show_secrets: bool, unseal: Unseal | None, mib: Mib | None) -> _Explanation:
    unsealed = None if unseal is None else unseal(packet)
    explanation = _Explanation(packet, show_secrets=show_secrets, unsealed=unsealed, names=ObjectNames(mib))
    explanation.run()
    return explanation
