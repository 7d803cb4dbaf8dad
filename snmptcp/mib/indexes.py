"""INDEX values: arcs behind a column, as typed values and as net-snmp's text, in both directions.

Contains: RFC 2578 section 7.7, RFC 1212's NetworkAddress, and the forms of net-snmp's ``-O`` letters for indexes.
Does not contain: the text of the object before the index (:mod:`snmptcp.mib.text`).

The text of an index is net-snmp's.  What it reads differs on purpose:

* brackets are read as they are printed (``[ipv4]["10.0.0.1"]``); net-snmp reads none;
* an InetAddress in quotes is an address (``.ipv4."10.0.0.1"``: four octets); net-snmp takes its characters;
* any string may be in quotes; net-snmp wants its syntax to have a SIZE;
* text that does not fit its DISPLAY-HINT is refused; net-snmp takes its characters if their number is allowed;
* numbers are decimal, or hexadecimal with ``0x``; net-snmp reads ``010`` as 8;
* a negative number of a label, or with a sign, is an arc of 32 bits; net-snmp makes 64 bits of it.

And of what it shows: an InetAddress whose type is before it in the INDEX is an address.  net-snmp asks instead whether
the type is the object before it in the module; the two differ for very few tables.
"""

from __future__ import annotations

import enum
import re
from typing import TYPE_CHECKING, Literal, NamedTuple, TypeAlias, cast

from snmptcp.errors import ConfigurationError, MibError
from snmptcp.mib.addresses import AddressType, is_address, is_address_type
from snmptcp.mib.conversion import format_ticks, smi_class, to_smi_value
from snmptcp.mib.hints import format_octets
from snmptcp.oid import OID
from snmptcp.values import Integer32, IpAddress, OctetString

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from snmptcp.mib.objects import IndexPart, Syntax
    from snmptcp.values import Value

__all__ = ("IndexStyle", "decode_index", "encode_index", "format_index", "parse_index")

#: The form of an index: ``quoted`` is net-snmp's default (``.2."public"``), ``escaped`` that of ``-OE``
#: (``.2.\"public\"``), ``extended`` that of ``-OX`` (``[2]["public"]``), ``extended-escaped`` that of ``-OXE``, and
#: ``numeric`` that of ``-Ob`` (``.2.6.112.117.98.108.105.99``).
IndexStyle: TypeAlias = Literal["quoted", "escaped", "extended", "extended-escaped", "numeric"]

_MOST_ARC = 0xFFFFFFFF


class _Shape(enum.Enum):
    """How the arcs of an object are laid out."""

    NUMBER = "one arc"
    IP = "four arcs"
    NETWORK = "1 and four arcs"
    OCTETS = "an arc for each octet"
    OID = "the arcs of an OID"
    UNKNOWN = "no module says"


class _Part(NamedTuple):
    """An object of the INDEX, prepared.

    Attributes:
        part: the object.
        shape: how its arcs are laid out.
        fixed: the number of octets of a string of one length that is not IMPLIED; ``None`` otherwise.
        implied: whether it takes all arcs that remain.
        shown: whether net-snmp knows how to show it: it leaves BITS, Opaque and counters as numbers.
        address: whether net-snmp shows it as an address: it is an InetAddress whose type is before it.
    """

    part: IndexPart
    shape: _Shape
    fixed: int | None
    implied: bool
    shown: bool
    address: bool


_SHAPES = {
    "INTEGER": _Shape.NUMBER,
    "Unsigned32": _Shape.NUMBER,
    "Gauge32": _Shape.NUMBER,
    "Counter32": _Shape.NUMBER,
    "Counter64": _Shape.NUMBER,
    "TimeTicks": _Shape.NUMBER,
    "IpAddress": _Shape.IP,
    "OCTET STRING": _Shape.OCTETS,
    "BITS": _Shape.OCTETS,
    "Opaque": _Shape.OCTETS,
    "OBJECT IDENTIFIER": _Shape.OID,
}
_NOT_SHOWN = frozenset(("BITS", "Opaque", "Counter32", "Counter64", ""))


class _Index(NamedTuple):
    """The objects of an INDEX, prepared; ``numbers`` if each is one number whose text is the number."""

    parts: tuple[_Part, ...]
    numbers: bool


#: Prepared indexes by the identity of their parts, which the entry keeps alive.
_prepared: dict[int, tuple[Sequence[IndexPart], _Index]] = {}
_MOST_PREPARED = 8192


def _prepare(parts: Sequence[IndexPart]) -> _Index:
    """Return an INDEX, prepared.  Hashing the parts would cost more than formatting an index does."""
    if not isinstance(parts, tuple):
        return _index_of(parts)
    known = _prepared.get(id(parts))
    if known is not None:
        return known[1]
    if len(_prepared) >= _MOST_PREPARED:
        _prepared.clear()
    index = _index_of(parts)
    _prepared[id(parts)] = parts, index
    return index


def _index_of(parts: Sequence[IndexPart]) -> _Index:
    prepared = tuple(map(_part_of, parts, (None, *parts)))
    numbers = all(each.shape is _Shape.NUMBER and not each.part.syntax.labels and each.shown for each in prepared)
    return _Index(prepared, numbers)


def _part_of(part: IndexPart, before: IndexPart | None) -> _Part:
    syntax = part.syntax
    shape = _SHAPES.get(syntax.base, _Shape.UNKNOWN)
    if syntax.name == "NetworkAddress" or "NetworkAddress" in syntax.conventions:
        shape = _Shape.NETWORK
    fixed = syntax.fixed_size if shape is _Shape.OCTETS and not part.implied else None
    # net-snmp knows the names of the conventions alone, not what others make of them.  It wants the type to be the
    # object before this one in the module, which it nearly always is if it is the one before it in the INDEX.
    address = syntax.name == "InetAddress" and (before is None or before.syntax.name == "InetAddressType")
    address = address and fixed is None and not part.implied
    return _Part(part, shape, fixed, part.implied, syntax.base not in _NOT_SHOWN, address)


def _span(part: _Part, arcs: Sequence[int], place: int) -> tuple[int, int] | None:
    """Return where the arcs of an object begin, behind its length, and where they end; ``None`` if some are missing."""
    end = len(arcs)
    if part.shape is _Shape.NUMBER:
        return (place, place + 1) if place < end else None
    if part.shape is _Shape.IP:
        return (place, place + 4) if place + 4 <= end else None
    if part.shape is _Shape.NETWORK:
        return (place, place + 5) if place + 5 <= end else None
    if part.fixed is not None:
        return (place, place + part.fixed) if place + part.fixed <= end else None
    if part.implied:
        return place, end
    if place < end and 0 <= arcs[place] < end - place:
        return place + 1, place + 1 + arcs[place]
    return None


# ------------------------------------------------------------------------------------------ values


def decode_index(parts: Sequence[IndexPart], arcs: Sequence[int]) -> tuple[Value, ...] | None:
    """Return the values of an index (RFC 2578 section 7.7).

    Args:
        parts: the objects of the INDEX.
        arcs: the arcs behind the column's name.

    Returns:
        A value for each part, of its SMI type.  An arc of 2**31 and more of an INTEGER is a negative number, as
        net-snmp reads it.  ``None`` if the arcs do not fit: too few, too many, an octet above 255.
    """
    values: list[Value] = []
    place = 0
    for part in _prepare(parts).parts:
        span = _span(part, arcs, place)
        if span is None or part.shape is _Shape.UNKNOWN:
            return None
        start, place = span
        value = _value_of(part, arcs[start:place])
        if value is None:
            return None
        values.append(value)
    return tuple(values) if place == len(arcs) else None


def _value_of(part: _Part, arcs: Sequence[int]) -> Value | None:
    if part.shape is _Shape.NUMBER:
        arc = arcs[0]
        if not 0 <= arc <= _MOST_ARC:
            return None
        kind = cast("type[Integer32]", smi_class(part.part.syntax))
        return kind(arc - (1 << 32) if kind is Integer32 and arc >> 31 else arc)
    if part.shape is _Shape.OID:
        try:
            return OID.fragment(arcs)
        except ConfigurationError:
            return None
    if part.shape is _Shape.NETWORK:
        if arcs[0] != 1:  # RFC 1212 section 4.1.6: 1 is an internet address, and nothing else was ever defined
            return None
        arcs = arcs[1:]
    try:
        octets = bytes(arcs)
    except ValueError:
        return None
    if part.shape is not _Shape.OCTETS:
        return IpAddress(octets)
    return cast("type[OctetString]", smi_class(part.part.syntax))(octets)


def encode_index(
    parts: Sequence[IndexPart], values: Sequence[object], *, resolve: Callable[[str], OID] | None = None
) -> OID:
    """Return the arcs of the values of an index (RFC 2578 section 7.7).

    Args:
        parts: the objects of the INDEX.
        values: a value for each: an SMI value, a Python value, or its text (see
            :func:`snmptcp.mib.conversion.to_smi_value`).
        resolve: finds the OID of a name; optional, default dotted numbers only.

    Raises:
        MibError: an object cannot have its value, or the number of values is another.
        ArgumentTypeError: a Python type that cannot be converted.
    """
    prepared = _prepare(parts).parts
    if len(values) != len(prepared):
        names = ", ".join(part.part.label for part in prepared)
        raise MibError(f"the index is {names}: {len(prepared)} values, not {len(values)}")
    arcs: list[int] = []
    types = _AddressTypes()
    for part, value in zip(prepared, values, strict=True):
        _append(arcs, part, value, types, resolve)
    return _fragment(arcs)


class _AddressTypes:
    """Follows the InetAddressType of the InetAddress that comes next (RFC 4001)."""

    __slots__ = ("current",)

    def __init__(self) -> None:
        self.current: int | None = None

    def see(self, syntax: Syntax, number: int) -> None:
        """Keep the value of an object if it is an InetAddressType."""
        if is_address_type(syntax):
            self.current = number


def _append(
    arcs: list[int], part: _Part, value: object, types: _AddressTypes, resolve: Callable[[str], OID] | None
) -> None:
    """Append the arcs of a value."""
    syntax = part.part.syntax
    smi = to_smi_value(syntax, value, part.part.label, resolve=resolve, address_type=types.current)
    if isinstance(smi, int):
        if smi > _MOST_ARC:
            raise MibError(f"{part.part.label}: {smi} is too large for an index: an arc is at most {_MOST_ARC}")
        arcs.append(smi & _MOST_ARC)
        types.see(syntax, int(smi))
    elif isinstance(smi, bytes | OID):
        inner = tuple(smi)
        if part.shape is _Shape.NETWORK:
            arcs.append(1)
        elif part.shape is not _Shape.IP and part.fixed is None and not part.implied:
            arcs.append(len(inner))
        arcs.extend(inner)
    else:
        raise MibError(f"{part.part.label} has no value that can be in an index: {smi}")


def _fragment(arcs: Sequence[int]) -> OID:
    try:
        return OID.fragment(arcs)
    except ConfigurationError as error:
        raise MibError(f"the index is too long: {error}") from None


# ------------------------------------------------------------------------------------ text of arcs


def format_index(
    parts: Sequence[IndexPart],
    arcs: Sequence[int],
    *,
    style: IndexStyle = "quoted",
    before: int = 0,
    name_of: Callable[[Sequence[int]], str] | None = None,
    quick: bool = False,
    raw_ticks: bool = False,
    two_digits: bool = False,
) -> str:
    """Return the text of an index as net-snmp's tools print it behind an object's name.

    Where arcs do not fit, the rest is numbers, as net-snmp prints it; with ``extended`` an open bracket shows where.

    Args:
        parts: the objects of the INDEX; none for a scalar.
        arcs: the arcs behind the object's name.
        style: the form, see :data:`IndexStyle`; optional, default ``quoted``.
        before: the arc of the column, which is before the first of ``arcs``: net-snmp takes it for the type of an
            InetAddress that is the first object; optional.
        name_of: returns the name of an OID, for ``extended``; optional, default dotted numbers.
        quick: leave out ``STRING: `` (``-Oq``, ``-OQ``), which ``extended`` has before what a hint shows; optional.
        raw_ticks: show TimeTicks as numbers (``-Ot``); optional.
        two_digits: show two digits of each octet that a hint shows in hexadecimal (``-O0``); optional.

    Returns:
        The text with the dot or bracket it begins with; ``""`` if there are no arcs.
    """
    if not arcs:
        return ""
    index = _prepare(parts)
    if style == "numeric" or not index.parts or (index.numbers and not style.startswith("extended")):
        return _numbers(arcs)
    formatter = _Formatter(style, name_of, quick=quick, raw_ticks=raw_ticks, two_digits=two_digits)
    return formatter.format(index, arcs, before)


def _numbers(arcs: Sequence[int]) -> str:
    return "." + ".".join(map(str, arcs)) if arcs else ""


class _Formatter:
    """Formats indexes in one style.

    Args:
        style: the style.
        name_of: returns the name of an OID.
        quick: leave out ``STRING: ``.
        raw_ticks: show TimeTicks as numbers.
        two_digits: show two digits of each octet in hexadecimal.
    """

    def __init__(
        self,
        style: IndexStyle,
        name_of: Callable[[Sequence[int]], str] | None,
        *,
        quick: bool,
        raw_ticks: bool,
        two_digits: bool,
    ) -> None:
        self._extended = style.startswith("extended")
        self._escape = "\\" if style.endswith("escaped") else ""
        self._name_of = name_of
        self._quick = quick
        self._raw_ticks = raw_ticks
        self._two_digits = two_digits

    def format(self, index: _Index, arcs: Sequence[int], before: int) -> str:
        out: list[str] = []
        opening, closing = ("[", "]") if self._extended else (".", "")
        place, end = 0, len(arcs)
        for part in index.parts:
            if place >= end:
                break
            span = _span(part, arcs, place) if part.shown else None
            if span is None:
                return "".join(out) + self._rest(part, arcs[place:])
            start, stop = span
            previous = arcs[place - 1] if place else before
            out.append(f"{opening}{self._text(part, arcs, (place, start, stop), previous)}{closing}")
            place = stop
        out.append(_numbers(arcs[place:]))
        return "".join(out)

    def _rest(self, part: _Part, arcs: Sequence[int]) -> str:
        """Return arcs that do not fit, as net-snmp prints them."""
        if not self._extended:
            return _numbers(arcs)
        return "[" + (_numbers(arcs)[1:] if part.shape is _Shape.NETWORK else _numbers(arcs))

    def _text(self, part: _Part, arcs: Sequence[int], where: tuple[int, int, int], previous: int) -> str:
        """Return the text of one object.

        Args:
            part: the object.
            arcs: all arcs.
            where: where its arcs begin, where they begin without their number, and where they end.
            previous: the arc before it.
        """
        place, start, stop = where
        if part.shape is _Shape.NUMBER:
            return self._number(part.part.syntax, arcs[start])
        if part.shape is _Shape.OCTETS:
            return self._octets(part, arcs[start:stop], previous)
        if part.shape is _Shape.OID:
            if not self._extended:
                return _numbers(arcs[place:stop])[1:]
            inner = arcs[start:stop]
            return self._name_of(inner) if self._name_of is not None else _numbers(inner)
        return _numbers(arcs[start:stop])[1:]

    def _number(self, syntax: Syntax, arc: int) -> str:
        if syntax.labels:
            label = syntax.labels.get(arc - (1 << 32) if arc >> 31 else arc)
            return str(arc) if label is None else label
        if self._extended and syntax.base == "TimeTicks" and not self._raw_ticks:
            return format_ticks(arc, days_alone=self._quick)
        return str(arc)

    def _octets(self, part: _Part, arcs: Sequence[int], previous: int) -> str:
        syntax = part.part.syntax
        if part.address:
            address = _address(arcs, previous)
            if address is not None:
                return f'"{address}"'
        if self._extended and syntax.hint:
            return self._by_hint(syntax.hint, bytes(arc & 0xFF for arc in arcs))
        quote = "'" if part.implied or part.fixed is not None else '"'
        quote = self._escape + quote
        return quote + "".join([chr(arc) if 32 <= arc < 127 else "." for arc in arcs]) + quote

    def _by_hint(self, hint: str, octets: bytes) -> str:
        shown = format_octets(hint, octets, net_snmp=True, two_digits=self._two_digits)
        if shown is not None:
            return shown if self._quick else f"STRING: {shown}"
        if octets.isascii() and octets.decode("ascii").isprintable():
            kind, shown = "STRING: ", f'"{octets.decode("ascii")}"'
        else:
            kind, shown = "Hex-STRING: ", octets.hex(" ").upper() + " "
        return f"(Bad hint ignored: {hint}) {'' if self._quick else kind}{shown}"


def _address(arcs: Sequence[int], address_type: int) -> str | None:
    """Return an InetAddress as net-snmp prints it; ``None`` if it does not fit its type, or is a name."""
    sizes = {AddressType.IPV4: 4, AddressType.IPV6: 16, AddressType.IPV4Z: 8, AddressType.IPV6Z: 20}
    if sizes.get(address_type) != len(arcs) or max(arcs) > 255:
        return None
    if address_type in {AddressType.IPV4, AddressType.IPV4Z}:
        text, zone = ".".join(map(str, arcs[:4])), arcs[4:]
    else:
        text, zone = ":".join([f"{arc:02x}" for arc in arcs[:16]]), arcs[16:]
    return f"{text}%{int.from_bytes(bytes(zone), 'big')}" if zone else text


# ------------------------------------------------------------------------------------ arcs of text


class _Token(NamedTuple):
    """A piece of the text of an index.

    Attributes:
        kind: ``number``, ``label``, ``"`` or ``'`` for what was in quotes, ``[`` for what was in brackets alone.
        text: the text, without quotes and escapes.
        bracketed: whether it was in brackets.
    """

    kind: str
    text: str
    bracketed: bool

    @property
    def shown(self) -> str:
        """The token for an error."""
        text = f"{self.kind}{self.text}{self.kind}" if self.kind in {'"', "'"} else self.text
        text = text if len(text) <= 64 else f"{text[:64]}..."
        return f"[{text}]" if self.bracketed else text


def parse_index(parts: Sequence[IndexPart], text: str, *, resolve: Callable[[str], OID] | None = None) -> OID:
    r"""Return the arcs of the text of an index, as net-snmp's tools read and print it.

    Each object is numbers (``.2.6.112.117.98.108.105.99``), a label (``.ipv4``), a string in quotes (``."public"``
    with its length, ``.'public'`` without: fixed or IMPLIED) or any of these in brackets (``[2]["public"]``).  In
    quotes is what the DISPLAY-HINT shows, if the object has one, and an address if it is an InetAddress; ``\`` takes
    the character that follows it as it is.

    Args:
        parts: the objects of the INDEX; none for a scalar.
        text: the text behind the object's name, with the dot or bracket it begins with.  A text of numbers alone is
            not checked: it may be a part of an index, or one that no object has.
        resolve: finds the OID of a name; optional, default dotted numbers only.

    Raises:
        MibError: the text is not of this form, or an object cannot have its value.
    """
    tokens = _tokens(text)
    if all(token.kind == "number" and not token.bracketed for token in tokens):
        return _fragment([_arc(token) for token in tokens])
    return _Parser(text, tokens, resolve).parse(_prepare(parts).parts)


_NUMBER = re.compile(r"(?:0[xX][0-9A-Fa-f]{1,8}|[0-9]{1,20})", re.ASCII)
_PLAIN = re.compile(r"[^.\[\]\"']+")


def _tokens(text: str) -> list[_Token]:
    """Split the text of an index."""
    tokens: list[_Token] = []
    place = 0
    while place < len(text):
        if text[place] == ".":
            token, place = _token(text, place + 1)
        elif text[place] == "[":
            token, place = _bracketed(text, place + 1)
        else:
            raise _bad(text, f"'.' or '[' should be where {_shown(text[place:])} is")
        tokens.append(token)
    return tokens


def _token(text: str, place: int) -> tuple[_Token, int]:
    """Return the token that begins at a place behind a dot, and where it ends."""
    if text[place : place + 1] in {'"', "'"}:
        inner, end = _quoted(text, place)
        return _Token(text[place], inner, bracketed=False), end
    match = _PLAIN.match(text, place)
    if match is None:
        raise _bad(text, "a number, a label or a string in quotes should follow the dot")
    kind = "number" if _NUMBER.fullmatch(match[0]) else "label"
    return _Token(kind, match[0], bracketed=False), match.end()


def _quoted(text: str, place: int) -> tuple[str, int]:
    """Return what is in the quotes that begin at a place, without escapes, and where they end."""
    quote = text[place]
    out: list[str] = []
    place += 1
    while place < len(text):
        character = text[place]
        if character == quote:
            return "".join(out), place + 1
        if character == "\\" and place + 1 < len(text):
            place += 1
            character = text[place]
        out.append(character)
        place += 1
    raise _bad(text, f"the closing {quote} is missing")


def _bracketed(text: str, place: int) -> tuple[_Token, int]:
    """Return the token that begins at a place behind a bracket, and where it ends."""
    if text[place : place + 1] in {'"', "'"}:
        inner, end = _quoted(text, place)
        kind = text[place]
    else:
        end = _closing(text, place)
        inner = text[place:end]
        if not inner.strip():
            raise _bad(text, "there is nothing in the brackets")
        kind = "number" if _NUMBER.fullmatch(inner) else "["
    if text[end : end + 1] != "]":
        raise _bad(text, "the closing ] is missing")
    return _Token(kind, inner, bracketed=True), end + 1


def _closing(text: str, place: int) -> int:
    """Return the place of the bracket that closes; there may be others inside, of a name with its own index."""
    depth = 1
    for end in range(place, len(text)):
        depth += {"[": 1, "]": -1}.get(text[end], 0)
        if not depth:
            return end
    raise _bad(text, "the closing ] is missing")


def _arc(token: _Token) -> int:
    arc = int(token.text, 16) if token.text[:2] in {"0x", "0X"} else int(token.text)
    if arc > _MOST_ARC:
        raise MibError(f"an arc is a number from 0 to {_MOST_ARC}, not {arc}")
    return arc


class _Parser:
    """Reads the tokens of an index, object by object.

    Args:
        text: the whole text, for errors.
        tokens: its tokens.
        resolve: finds the OID of a name.
    """

    def __init__(self, text: str, tokens: list[_Token], resolve: Callable[[str], OID] | None) -> None:
        self._text = text
        self._tokens = tokens
        self._resolve = resolve
        self._place = 0
        self._arcs: list[int] = []
        self._types = _AddressTypes()

    def parse(self, parts: Sequence[_Part]) -> OID:
        for part in parts:
            if self._place >= len(self._tokens):
                break
            self._read(part)
        for token in self._tokens[self._place :]:
            self._read_extra(token, parts)
        return _fragment(self._arcs)

    def _read(self, part: _Part) -> None:
        token = self._tokens[self._place]
        if token.kind == "number" and not (token.bracketed and part.shape is not _Shape.NUMBER):
            self._read_numbers(part)
            return
        self._place += 1
        self._check_quotes(part, token)
        value = token.text if part.shape is _Shape.OCTETS else token.text.strip()
        if part.shape is _Shape.OCTETS and token.kind not in {'"', "'"}:
            value = self._unquoted(part, token)
        elif part.shape is _Shape.NETWORK:
            value = value.removeprefix("1.") if value.count(".") == 4 else value
        elif part.shape is _Shape.UNKNOWN:
            raise self._refuse(f"no module says what {part.part.label} is: write it as numbers, not {token.shown}")
        _append(self._arcs, part, value, self._types, self._resolve)

    def _check_quotes(self, part: _Part, token: _Token) -> None:
        """Refuse the quotes of the other kind: they say what the arcs are."""
        if token.kind not in {'"', "'"}:
            return
        label = part.part.label
        if part.shape is _Shape.NUMBER:
            raise self._refuse(f"{label} is a number or a label without quotes, not {token.shown}")
        if part.shape is not _Shape.OCTETS:
            return
        without_length = part.implied or part.fixed is not None
        if without_length and token.kind == '"' and not (token.bracketed or is_address(part.part.syntax)):
            why = "IMPLIED" if part.implied else "of one length"
            raise self._refuse(f"""{label} is {why}: its quotes are ', not ": {token.shown}""")
        if not without_length and token.kind == "'":
            raise self._refuse(f"""{label} has its length in the index: its quotes are ", not ': {token.shown}""")

    def _unquoted(self, part: _Part, token: _Token) -> str:
        """Return what brackets show without quotes: the text of a hint, behind net-snmp's ``STRING: ``."""
        if not token.bracketed or not part.part.syntax.hint:
            quote = "'" if part.implied or part.fixed is not None else '"'
            raise self._refuse(f"{part.part.label} is a string: write it as {quote}...{quote}, not {token.shown}")
        return token.text.removeprefix("STRING: ")

    def _read_numbers(self, part: _Part) -> None:
        """Take the numbers of an object; of the last, all that follow."""
        before = len(self._arcs)
        self._take(part, 1)
        if part.shape is _Shape.NUMBER:
            self._types.see(part.part.syntax, self._arcs[before])
        elif part.shape is _Shape.IP:
            self._take(part, 3)
        elif part.shape is _Shape.NETWORK:
            self._take(part, 4)
        elif part.fixed is not None:
            self._take(part, part.fixed - 1)
        elif part.implied or part.shape is _Shape.UNKNOWN:
            self._take(part, len(self._tokens) - self._place)
        else:
            self._take(part, self._arcs[before])

    def _take(self, part: _Part, count: int) -> None:
        """Take a count of numbers; less may be there at the end."""
        end = min(self._place + max(count, 0), len(self._tokens))
        for token in self._tokens[self._place : end]:
            if token.kind != "number":
                raise self._refuse(f"{part.part.label} has more numbers: {token.shown} should be one")
            self._arcs.append(_arc(token))
        self._place = end

    def _read_extra(self, token: _Token, parts: Sequence[_Part]) -> None:
        """Take what follows the last object: numbers, and strings as net-snmp takes them."""
        if token.kind == "number":
            self._arcs.append(_arc(token))
        elif token.kind in {'"', "'"} and not token.bracketed:
            octets = token.text.encode(errors="replace")
            self._arcs.extend((len(octets), *octets) if token.kind == '"' else octets)
        else:
            behind = f"behind {parts[-1].part.label}" if parts else "behind an object without an index"
            raise self._refuse(f"{behind} there are numbers or strings in quotes, not {token.shown}")

    def _refuse(self, reason: str) -> MibError:
        return _bad(self._text, reason)


def _bad(text: str, reason: str) -> MibError:
    return MibError(f"the index {_shown(text)} cannot be read: {reason}")


def _shown(text: str) -> str:
    return text if len(text) <= 64 else f"{text[:64]}..."
