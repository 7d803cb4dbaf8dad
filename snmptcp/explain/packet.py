"""A packet in words, for people: what stands where, and where it broke and what was expected there.

What may live here: reading a packet field by field, and its lines.  What may not: what may stand where
(:mod:`~snmptcp.explain.types`), how a value reads (:mod:`~snmptcp.explain.values`), what one field
says about another (:mod:`~snmptcp.explain.facts`), and a second opinion.  Numbers, names and lengths are
read with the functions that the codec reads with, and at the end the codec is asked; a packet that it takes
is never called broken for what it takes.

The schema decides how deep the text nests, so hostile nesting is met at the first tag that the schema
does not have.  Everything printed is bounded: strings, hex, variable bindings and problems.
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

    #: Somebody with keys: takes a whole message of SNMPv3, and never raises.
    Unseal: TypeAlias = Callable[[bytes], "Unsealed | None"]

__all__ = ("Unsealed", "explain")

#: After so many variable bindings the others are only counted.
MAX_VARBINDS: Final = 200

#: After so many problems nobody reads on.
MAX_PROBLEMS: Final = 20

_HEX_WIDTH: Final = 33

#: What else is found on TCP, by its first octets.
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
    """What somebody with keys makes of a message of SNMPv3 whose user they know.

    Attributes:
        digest_right: whether the digest is the user's; ``None`` where there is none to be checked.
        digest: that in words.
        plain: the ScopedPDU, decrypted, perhaps with a cipher's padding behind it; empty where there is none.
        problem: why it could not be decrypted; empty where it could, or was not encrypted.
    """

    digest_right: bool | None = None
    digest: str = ""
    plain: bytes = b""
    problem: str = ""


class _Field(NamedTuple):
    """One field of the packet, its header read: where it stands, and where its length says that it ends."""

    name: str
    tag: int
    kind: Kind
    offset: int
    start: int
    stop: int
    claimed: int

    @property
    def type_name(self) -> str:
        """The name of its type."""
        return type_name(self.tag, self.kind)


class _TooManyProblemsError(Exception):
    """The packet is not worth more lines."""


class _Explanation:
    """One packet on its way to text: the lines so far, where we are, and what was learned.

    As long as ``guarded``, the community may stand anywhere: no more than two octets are shown of what
    could not be read.
    """

    def __init__(self, data: bytes, *, show_secrets: bool, unsealed: Unsealed | None) -> None:
        self.data = data
        self.unsealed = unsealed
        self.hide = not show_secrets
        self.guarded = self.hide
        self.lines: list[str] = []
        self.problems: list[str] = []  # where each of them is
        self.inside = ""  # what offsets are offsets in, where that is not the packet
        self.path: list[str] = []
        self.field_start = 0
        self.expected: type[Asn1Type] = schema.MessageV1
        self.message_end = 0  # as its header claims
        self.facts = Facts()

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
        self.expected = MESSAGES.get(self._peek_version(), schema.MessageV1)
        stop = self.field("message", self.expected, 0, len(self.data))
        if stop != len(self.data):
            self.problem(stop, f"{counted(len(self.data) - stop, 'octet')} after the end of the message")
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
        kind = kinds_of(expected).get(tag) or self._elsewhere(tag, expected)
        if kind is None and end == len(self.data) and not offset:
            raise DecodeError(f"a message begins with 0x30, not 0x{tag:02x}", offset, self.data)
        if kind is None:
            raise DecodeError(f"unexpected tag 0x{tag:02x}{tag_text(tag)}", offset, self.data)
        if issubclass(expected, schema.ScopedPduData):
            name = self.path[-1] = kind.name
        field = _Field(name, tag, kind, offset, start, min(claimed, end), claimed)
        # Behind a community's broken length octet, its length is made of the community.
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

    def _elsewhere(self, tag: int, expected: type[Asn1Type]) -> Kind | None:
        """Return what a tag is in another version than the message's."""
        if issubclass(expected, (schema.PdusV1, schema.Pdus)):
            return PDU_KINDS.get(tag)
        return VALUE_KINDS.get(tag) if issubclass(expected, schema.ObjectSyntaxV1) else None

    def _constructed(self, field: _Field, overrun: str) -> None:
        """Explain a field that holds fields, as far as its container goes."""
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
                self._remark("hint", "the packet is cut short; what is there follows")
        elif isinstance(field.kind.type, schema.HeaderData):
            self.guarded = False
        if field.tag in PDU_NAMES and field.claimed == self.message_end:
            self.guarded = False
        if isinstance(field.kind.type, univ.SequenceOf):
            self._varbinds(field)
        else:
            self._sequence(field)

    def _remarks(self, field: _Field) -> str:
        """Return what is to be said about a field that holds fields."""
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
        """Explain the variable bindings; when there are many, count what is sound and not to blame."""
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
        """Return the offset just past a variable binding that the codec takes; 0 where it does not."""
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
        """Explain a field that holds a value; contents that cannot be read are no reason to stop."""
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

    def _usm_parameters(self, offset: int, end: int) -> None:
        """Explain what stands inside msgSecurityParameters (RFC 3414 section 2.4)."""
        depth = len(self.path)
        try:
            stop = self.field("UsmSecurityParameters", schema.UsmSecurityParameters, offset, end)
            if stop != end:
                self.problem(stop, f"{counted(end - stop, 'octet')} after UsmSecurityParameters")
        except DecodeError as error:
            self.broke(error)
            del self.path[depth:]

    def _check_version(self, value: Leaf, length: int) -> None:
        """Take the version down.

        Raises:
            DecodeError: there is no such version, so nothing is known about the rest.
        """
        if not isinstance(value, int) or value not in MESSAGES:
            # A number of many octets may be a community that slipped in here.
            number = str(self.facts.number("version")) if length <= 2 or not self.hide else f"of {length} octets"
            problem = f"no SNMP version has number {number}: 0 is SNMPv1, 1 is SNMPv2c, 3 is SNMPv3"
            raise DecodeError(problem, self.field_start, self.data)
        self.facts.version = SnmpVersion(value)

    def _digest(self, unsealed: Unsealed) -> None:
        """Say whether the digest is right."""
        if unsealed.digest_right:
            self._remark("digest", unsealed.digest)
        elif unsealed.digest_right is not None:
            self._doubt("wrong digest", unsealed.digest)

    def _decrypted(self, unsealed: Unsealed) -> None:
        """Explain what was encrypted; the offsets are those in the decrypted octets."""
        if unsealed.problem:
            self._doubt("not decrypted", unsealed.problem)
            return
        if not unsealed.plain:
            return
        packet, self.data = self.data, unsealed.plain
        self.inside = " of the decrypted octets"
        self.facts.decrypted = True
        self._remark("plain", "the offsets from here on are those in the decrypted octets")
        try:
            self._scoped_pdu()
        finally:
            self.data, self.inside = packet, ""

    def _scoped_pdu(self) -> None:
        """Explain the decrypted octets, and ask the codec about them where nothing seemed wrong."""
        depth, end = len(self.path), len(self.data)
        try:
            stop = self.field("ScopedPDU", schema.ScopedPdu, 0, end)
        except DecodeError as error:
            self.broke(error)
            del self.path[depth:]
            return
        if stop != end:  # RFC 3414 section 8.1.1.2: block ciphers pad, and nobody looks at what with
            self._remark("padding", counted(end - stop, "octet"))
        if not self.problems:
            try:
                decode_scoped_pdu(self.data, 0, end)
            except DecodeError as error:
                self._codec_says(error)

    # --------------------------------------------------------------------------------------- values

    def _value_text(self, field: _Field, value: Leaf) -> str:
        """Return a value as text, with its name where it has one and what is odd about it."""
        text = leaf_text(field.name, field.tag, value)
        if isinstance(value, int):
            known = self.facts.name_of(field.name, value)
            text = f"{value} ({known})" if known else text
        return text + self._oddity(field, value)

    def _oddity(self, field: _Field, value: Leaf) -> str:
        """Return what is odd about a value that was read."""
        length = field.stop - field.start
        if field.name == "encryptedPDU" and not self.facts.flags & MsgFlags.PRIV:
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

    def _doubt(self, what: str, text: str) -> None:
        """Write down what somebody with the keys holds against a message that is sound otherwise."""
        self.facts.doubts.append(what)
        self.lines.append(f"!        {what}: {text}")

    def problem(self, offset: int, text: str) -> None:
        """Write down that something is wrong.

        Raises:
            _TooManyProblemsError: it was one too many.
        """
        self.problems.append(f"offset {offset}{self.inside}")
        self.lines.append(f"!{offset:>6}  {text}")
        if len(self.problems) >= MAX_PROBLEMS:
            raise _TooManyProblemsError

    def broke(self, error: DecodeError) -> None:
        """Write down that nothing more can be read, with what was expected and what was found."""
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
            self._codec_says(error)

    def _codec_says(self, error: DecodeError) -> None:
        """Write down what only the codec found."""
        self.problem(error.offset, error.problem)

    def summary(self) -> str:
        """Return the first line: what it is, how much of it, and whether it is sound."""
        what = self.facts.summary(self.data)
        return f"{what}, broken at {self.problems[0]}" if self.problems else what


def explain(packet: bytes, *, show_secrets: bool = False, unseal: Unseal | None = None) -> str:
    """Return a packet in words: one line per field, and where it broke and what was expected there.

    Any octets will do: broken, cut short, or no SNMP at all.  The text is for people and may change; its
    length is bounded, and nothing in it acts on a terminal.  What is encrypted stays so, unless somebody
    unseals it: :func:`snmptcp.explain.explain` does, for users whose keys are known.

    Args:
        packet: one message, as :class:`snmptcp.codec.framer.Framer` gives it or a capture holds it.
        show_secrets: whether communities are shown, instead of ``***``.
        unseal: who checks digests and decrypts; asked once, with the packet.

    Returns:
        Lines without a newline at the end: a summary; then the offset of each field, its octets in hex,
        its name, type and value; and lines that begin with ``!`` where something is wrong.
    """
    unsealed = None if unseal is None else unseal(packet)
    explanation = _Explanation(packet, show_secrets=show_secrets, unsealed=unsealed)
    explanation.run()
    return "\n".join((explanation.summary(), *explanation.lines))
