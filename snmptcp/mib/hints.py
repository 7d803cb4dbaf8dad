r"""DISPLAY-HINT: how a module wants its numbers and strings to be shown, and read (RFC 2579 section 3.1).

Contains: hints, compiled and cached, in both directions.
Does not contain: enumerations and types (:mod:`snmptcp.mib.values`).

Where the RFC is silent, a hint is read as net-snmp reads it.  Its text differs in a few places,
and is for those who compare with its tools (``net_snmp=True``):

* a length of zero (``0a[2x:``): the RFC takes no octet, net-snmp takes one;
* octets behind the last repeated field: the RFC reads a new count, net-snmp does not;
* hexadecimal numbers that nothing separates (``2x``): here all their digits are shown, as net-snmp does for ``1x`` at
  the end of a hint only;
* decimal numbers of eight octets: net-snmp's are signed;
* text: in a field with a NUL, net-snmp shows all octets that are no printable ASCII as dots, with a backslash before
  quotes and backslashes; other text it writes as it is, so that octets that are not UTF-8 come out as surrogates
  (``errors="surrogateescape"``), which otherwise become ``\xe9``.

Of a number of more than eight octets net-snmp shows the last eight, and in one that is cut off what its memory has
behind the value.  Neither is done here.
"""

from __future__ import annotations

import functools
import re
import struct
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.errors import MibError
from snmptcp.printable import quoted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ("format_integer", "format_octets", "is_text", "parse_integer", "parse_octets")

#: How many decimal places a hint may ask for, and how many octets a number that is read back may have.
_MOST_PLACES = 255
_MOST_NUMBER_OCTETS = 255

#: The longest string for which the layout of a hint is kept, in octets.
_MOST_PLANNED = 64

_DIGITS = "0123456789"
_BASES = {"d": 10, "x": 16, "o": 8}
_BASE_DIGITS = {"d": "[0-9]", "x": "[0-9A-Fa-f]", "o": "[0-7]"}
_DIGITS_OF = {code: re.compile(f"{digit}+".encode()) for code, digit in _BASE_DIGITS.items()}
_NUMBER_NAMES = {"b": "a binary number", "d": "a decimal number", "x": "hexadecimal digits", "o": "an octal number"}
_HEX = tuple(f"{octet:x}" for octet in range(256))
_HEX_PAIRS = tuple(f"{octet:02x}" for octet in range(256))
_DECIMAL = tuple(map(str, range(256)))


# ----------------------------------------------------------------------------------------- numbers


def format_integer(hint: str, value: int) -> str | None:
    """Return a number as a hint shows it: ``d``, ``d-2``, ``x``, ``o`` or ``b``.

    Args:
        hint: the DISPLAY-HINT.
        value: the number.

    Returns:
        The text: ``"12.34"`` for ``d-2`` and 1234, ``".05"`` for 5; ``None`` if the hint is none for numbers.
    """
    form = _integer_form(hint)
    return None if form is None else form(value)


def parse_integer(hint: str, text: str) -> int:
    """Return the number that a hint shows as a text.

    Args:
        hint: the DISPLAY-HINT.
        text: what it shows.  For ``d-2``, a text without a point is the number itself: ``"1234"`` is 1234, as
            ``"12.34"`` is.

    Returns:
        The number.

    Raises:
        MibError: the text is not of this form, or the hint is none for numbers.
    """
    code = hint[:1]
    plain = text.strip()
    places = _places(hint)
    if code == "d" and places:
        number = _scaled(plain, places)
    elif code == "b":
        number = _based(plain, 2, "[01]")
    elif code in _BASES:
        number = _based(plain, _BASES[code], _BASE_DIGITS[code])
    else:
        raise MibError(f"the display hint {hint!r} is not one for numbers: these are d, d-2, x, o and b")
    if number is None:
        raise MibError(f"{quoted(text)} does not fit the display hint {hint!r}: {_NUMBER_NAMES[code]} should be there")
    return number


def _scaled(text: str, places: int) -> int | None:
    """Return the number of a text with a decimal point; without one it is the number itself."""
    match = re.fullmatch(r"(-?)([0-9]{0,40})(?:\.([0-9]{0,255}))?", text, re.ASCII)
    if match is None or not (match[2] or match[3]):
        return None
    if match[3] is None:
        return int(match[1] + match[2])
    if len(match[3]) > places:
        return None
    return int(f"{match[1]}{match[2]}{match[3]:0<{places}}")


def _based(text: str, base: int, digit: str) -> int | None:
    """Return the number of a text in a base; 64 bits with the highest set are a negative number."""
    prefix = {16: "(?:0[xX])?", 2: "(?:0[bB])?", 8: "(?:0[oO])?"}.get(base, "")
    match = re.fullmatch(f"(-?){prefix}({digit}{{1,64}})", text, re.ASCII)
    if match is None:
        return None
    number = int(match[1] + match[2], base)
    if base == 2 and len(match[2]) == 32 and text[0] == "1":
        return number - (1 << 32)
    return number - (1 << 64) if base != 10 and number >= 1 << 63 else number


@functools.lru_cache(maxsize=1024)
def _integer_form(hint: str) -> Callable[[int], str] | None:
    """Return how a hint shows numbers."""
    code = hint[:1]
    if code == "d":
        places = _places(hint)
        if places is None:
            return None
        return functools.partial(_with_point, places) if places else int.__repr__
    return {"x": _in_hex, "o": _in_octal, "b": _in_binary}.get(code)


def _places(hint: str) -> int | None:
    """Return the decimal places of a hint ``d-N``; ``None`` if they are too many."""
    match = re.match(r"d-([0-9]+)", hint, re.ASCII)
    if match is None:
        return 0
    digits = match[1]
    return int(digits) if len(digits) <= 3 and int(digits) <= _MOST_PLACES else None


def _with_point(places: int, value: int) -> str:
    sign = "-" if value < 0 else ""
    digits = f"{abs(value):0{places}d}"
    return f"{sign}{digits[:-places]}.{digits[-places:]}"


def _in_hex(value: int) -> str:
    return f"{value & 0xFFFFFFFFFFFFFFFF:x}"


def _in_octal(value: int) -> str:
    return f"{value & 0xFFFFFFFFFFFFFFFF:o}"


def _in_binary(value: int) -> str:
    return f"{value & 0xFFFFFFFF:032b}"


# ------------------------------------------------------------------------------------------ octets


class _Field(NamedTuple):
    """One octet-format specification of a hint.

    Attributes:
        repeated: whether the first octet tells how often it is applied.
        width: how many octets it takes.
        code: how they are shown: ``d``, ``x``, ``o``, ``a`` or ``t``.
        separator: what follows each application; a character or nothing.
        terminator: what follows the last application; a character or nothing.
        is_last: whether it is the last one, which is applied to all octets that remain.
        alone: whether something separates it from the fields before it, and nothing follows it but octets that remain.
        padded: whether single octets always have two hexadecimal digits (net-snmp's ``-O0``).
    """

    repeated: bool
    width: int
    code: str
    separator: str
    terminator: str
    is_last: bool
    alone: bool
    padded: bool = False

    def hex_digits(self, octets: int, *, ends: bool, net_snmp: bool) -> int:
        """Return how many digits some octets have at least: all, where nothing tells them from others.

        Args:
            octets: how many octets.
            ends: whether they are the last ones of the value.
            net_snmp: whether to do as net-snmp does.
        """
        if self.padded and self.width == 1:
            return 2
        if self.separator:
            return 1
        if net_snmp:
            return 2 if self.is_last and self.width == 1 else 1
        return 1 if self.alone and ends else 2 * octets


def format_octets(hint: str, octets: bytes, *, net_snmp: bool = False, two_digits: bool = False) -> str | None:
    """Return octets as a hint shows them.

    Args:
        hint: the DISPLAY-HINT: ``"1x:"``, ``"255a"``, ``"2d-1d-1d,1d:1d:1d.1d,1a1d:1d"``.
        octets: the octets.
        net_snmp: whether to return net-snmp's text where it differs from the RFC's; optional, default not.
        two_digits: whether single octets always have two hexadecimal digits (net-snmp's ``-O0``); optional, default
            only where nothing separates them.

    Returns:
        The text; ``None`` if the hint cannot be read.
    """
    return _octet_form(hint, net_snmp=net_snmp, two_digits=two_digits)(octets)


def is_text(hint: str) -> bool:
    """Whether a hint shows octets as they are: characters alone."""
    fields = _fields(hint)
    return all(field is not None and field.code in "at" and not field.separator for field in fields) and bool(fields)


@functools.lru_cache(maxsize=2048)
def _octet_form(hint: str, *, net_snmp: bool, two_digits: bool) -> Callable[[bytes], str | None]:
    """Return how a hint shows octets: a short way for the hints that nearly all objects have."""
    fields = _fields(hint)
    if two_digits:
        fields = tuple(None if field is None else field._replace(padded=True) for field in fields)
    if len(fields) == 1 and fields[0] is not None:
        field = fields[0]
        separator = field.separator
        if field[:3] == (False, 1, "x") and separator and not field.terminator:
            digits = _HEX_PAIRS if two_digits else _HEX
            return lambda octets: separator.join([digits[octet] for octet in octets])
        if field[:3] == (False, 1, "d") and separator and not field.terminator:
            return lambda octets: separator.join([_DECIMAL[octet] for octet in octets])
        if field.code in "at" and not field.repeated:
            return functools.partial(_as_text, field, net_snmp=net_snmp)
    known = [field for field in fields if field is not None]
    if not known or len(known) < len(fields) or any(field.repeated or not field.width for field in known):
        return functools.partial(_interpret, fields, net_snmp=net_snmp)
    return _Planned(known, net_snmp=net_snmp)


def _as_text(field: _Field, octets: bytes, *, net_snmp: bool) -> str | None:
    if len(octets) <= field.width or not (field.separator or (net_snmp and 0 in octets)):
        return _decoded(_dotted(octets) if net_snmp else octets, net_snmp=net_snmp)
    return _interpret((field,), octets, net_snmp=net_snmp)


def _decoded(octets: bytes, *, net_snmp: bool) -> str:
    return octets.decode("utf-8", "surrogateescape" if net_snmp else "backslashreplace")


#: Every octet, as net-snmp shows it in text with a NUL.
_DOTTED = bytes(octet if 32 <= octet < 127 or 9 <= octet <= 13 else 0x2E for octet in range(256))


def _dotted(octets: bytes) -> bytes:
    """Return text as net-snmp shows it."""
    if b"\0" not in octets:
        return octets
    return octets.translate(_DOTTED).replace(b"\\", b"\\\\").replace(b'"', b'\\"')


@functools.lru_cache(maxsize=2048)
def _fields(hint: str) -> tuple[_Field | None, ...]:
    """Return the fields of a hint, up to the first that cannot be read, which is ``None``."""
    fields: list[_Field | None] = []
    place, end = 0, len(hint)

    def is_separator() -> bool:
        return place < end and hint[place] != "*" and hint[place] not in _DIGITS

    while place < end:
        repeated = hint[place] == "*"
        place += repeated
        start = place
        while place < end and hint[place] in _DIGITS:
            place += 1
        width = _width(hint[start:place])
        code = hint[place : place + 1]
        place += 1
        separator = terminator = ""
        if is_separator():
            separator, place = hint[place], place + 1
            if is_separator():
                terminator, place = hint[place], place + 1
        if code not in {"a", "t", "d", "x", "o"}:
            return (*fields, None)
        is_last = place >= end
        width = width or int(is_last)  # the last field takes an octet, or it would be applied for ever
        before = fields[-1] if fields else None
        alone = is_last and width > 1 and not repeated and before is not None and bool(before.separator)
        fields.append(_Field(repeated, width, code, separator, terminator, is_last, alone))
    return tuple(fields)


def _field_of_turn(fields: Sequence[_Field], turn: int) -> _Field:
    """Return the field for a turn: the last one again and again, and then it is not alone."""
    last = len(fields) - 1
    return fields[turn] if turn <= last else fields[last]._replace(alone=False)


def _width(digits: str) -> int:
    """Return a field's length in octets, 1 if there is none; no string is longer than the cap."""
    return min(int(digits[:9]), 0xFFFF) if digits else 1


def _interpret(fields: Sequence[_Field | None], octets: bytes, *, net_snmp: bool) -> str | None:
    """Return octets as fields show them, one by one; ``None`` if a field that is needed cannot be read."""
    if not fields:
        return None
    out: list[bytes] = []
    place, end, turn, last = 0, len(octets), 0, len(fields) - 1
    while place < end:
        field = fields[min(turn, last)]
        if field is None:
            return None
        if turn > last and field.alone:
            field = field._replace(alone=False)
        count = 1
        if field.repeated and not (net_snmp and turn > last):
            count, place = octets[place], place + 1
        place = _apply(field, octets, place, count, out, net_snmp=net_snmp)
        if field.terminator and place < end:
            out.append(_as_octets(field.terminator))
        turn += 1
    return _decoded(b"".join(out), net_snmp=net_snmp)


def _apply(field: _Field, octets: bytes, place: int, count: int, out: list[bytes], *, net_snmp: bool) -> int:
    """Apply a field some times to the octets at a place; return the place behind those that it took."""
    end = len(octets)
    width = field.width or int(net_snmp)
    while count and place < end:
        count -= 1
        part = octets[place : place + width]
        place += len(part)
        if field.code in "at":
            out.append(_dotted(part) if net_snmp else part)
        elif part:
            whole = len(part) == width <= _NET_SNMP_OCTETS
            number = _net_snmp_number(part, field) if net_snmp and whole else _number(part, field, ends=place >= end)
            out.append(number)
        if field.separator and place < end:
            out.append(_as_octets(field.separator))
    return place


def _as_octets(separator: str) -> bytes:
    return separator.encode(errors="replace")


def _number(octets: bytes, field: _Field, *, ends: bool) -> bytes:
    """Return octets as a number, in network order."""
    value = int.from_bytes(octets, "big")
    if field.code == "d":
        return _decimal(value)
    if field.code == "o":
        return b"%o" % value
    return b"%0*x" % (field.hex_digits(len(octets), ends=ends, net_snmp=False), value)


def _decimal(value: int) -> bytes:
    """Return a number in decimal; one with thousands of digits, which Python refuses to convert, in hexadecimal."""
    return b"%d" % value if value.bit_length() <= 8192 else b"0x%x" % value


#: The most octets of which net-snmp can show a number.
_NET_SNMP_OCTETS = 8


def _net_snmp_number(octets: bytes, field: _Field) -> bytes:
    """Return up to eight octets as net-snmp shows them."""
    value = int.from_bytes(octets, "big", signed=len(octets) == _NET_SNMP_OCTETS and field.code == "d")
    if field.code == "d":
        return b"%d" % value
    if field.code == "o":
        return b"%o" % value
    return b"%0*x" % (field.hex_digits(len(octets), ends=False, net_snmp=True), value)


class _Plan(NamedTuple):
    """How octets of one length are shown: they are unpacked at once, and put into one text."""

    unpack: Callable[[bytes], tuple[int, ...]]
    text: str
    characters: tuple[int, ...]  # where octets are shown as characters


class _Planned:
    """Shows octets by fields that are not repeated: for each length of octets there is one layout.

    Args:
        fields: the fields.
        net_snmp: whether to return net-snmp's text.
    """

    __slots__ = ("_fields", "_net_snmp", "_plans")

    def __init__(self, fields: Sequence[_Field], *, net_snmp: bool) -> None:
        self._fields = fields
        self._net_snmp = net_snmp
        self._plans: dict[int, _Plan | None] = {}

    def __call__(self, octets: bytes) -> str | None:
        size = len(octets)
        if size > _MOST_PLANNED:
            return _interpret(self._fields, octets, net_snmp=self._net_snmp)
        if size not in self._plans:
            self._plans[size] = self._plan(size)
        plan = self._plans[size]
        if plan is None or any(not 0 < octets[place] < 0x80 for place in plan.characters):
            return _interpret(self._fields, octets, net_snmp=self._net_snmp)
        return plan.text % plan.unpack(octets)

    def _plan(self, size: int) -> _Plan | None:
        """Return the layout of some octets; ``None`` if a field has a length that no integer of C has."""
        letters, text, characters = [">"], [], []
        place = turn = 0
        while place < size:
            field = _field_of_turn(self._fields, turn)
            width = min(field.width, size - place)
            letter = {1: "B", 2: "H", 4: "I", 8: "Q"}.get(width)
            if letter is None or (self._net_snmp and width < field.width) or (field.code in "at" and width > 1):
                return None
            if field.code in "at":
                characters.append(place)
            letters.append("q" if letter == "Q" and field.code == "d" and self._net_snmp else letter)
            place += width
            text.append(self._conversion(field, width, ends=place >= size))
            if place < size:
                text.append((field.separator + field.terminator).replace("%", "%%"))
            turn += 1
        return _Plan(struct.Struct("".join(letters)).unpack, "".join(text), tuple(characters))

    def _conversion(self, field: _Field, width: int, *, ends: bool) -> str:
        if field.code == "x":
            return f"%0{field.hex_digits(width, ends=ends, net_snmp=self._net_snmp)}x"
        return {"d": "%d", "o": "%o"}.get(field.code, "%c")


# --------------------------------------------------------------------------------- octets from text


def parse_octets(hint: str, text: str) -> bytes:
    """Return the octets that a hint shows as a text: the reverse of :func:`format_octets`.

    Leading zeros may be there or not (``"00:1a"``, ``"0:1a"``).  Where a hint is a list of hexadecimal octets with
    colons, hyphens are as good.

    Args:
        hint: the DISPLAY-HINT.
        text: what it shows.

    Returns:
        The octets.

    Raises:
        MibError: the text does not fit the hint, or the hint cannot be read.
    """
    fields = _fields(hint)
    if not fields or None in fields:
        raise MibError(f"the display hint {hint!r} cannot be read")
    known = [field for field in fields if field is not None]
    if len(known) == 1 and known[0][:4] == (False, 1, "x", ":") and "-" in text and ":" not in text:
        text = text.replace("-", ":")
    return _Reader(hint, known, text).read()


class _Reader:
    """Reads a text by the fields of a hint.

    Args:
        hint: the hint, for errors.
        fields: its fields.
        text: the text.
    """

    def __init__(self, hint: str, fields: list[_Field], text: str) -> None:
        self._hint = hint
        self._fields = fields
        self._given = text
        try:
            self._text = text.encode()
        except UnicodeEncodeError:
            raise self._refuse("it has characters that UTF-8 cannot encode") from None
        self._place = 0
        self._out = bytearray()

    def read(self) -> bytes:
        turn = 0
        while self._place < len(self._text):
            field = _field_of_turn(self._fields, turn)
            if field.repeated:
                self._read_repeated(field)
            else:
                self._read_one(field)
                self._skip_separator(field)
                self._skip(field.terminator)
            turn += 1
        if len(self._out) > 0xFFFF:
            raise self._refuse("it has more than 65535 octets")
        return bytes(self._out)

    def _read_repeated(self, field: _Field) -> None:
        """Read fields up to the terminator or the end, behind an octet with their number."""
        start = len(self._out)
        self._out.append(0)
        count = 0
        while self._place < len(self._text) and not (field.terminator and self._skip(field.terminator)):
            if count == 255:
                raise self._refuse("a field is repeated at most 255 times")
            self._read_one(field)
            count += 1
            if not field.width or (not self._skip(field.separator) and field.separator and not field.terminator):
                break
        self._out[start] = count

    def _read_one(self, field: _Field) -> None:
        if field.code in "at":
            end = min(self._place + field.width, len(self._text))
            self._out += self._text[self._place : end]
            self._place = end
        elif field.width:
            self._read_number(field)

    def _read_number(self, field: _Field) -> None:
        runs_on = field.code == "x" and not (field.separator or field.alone)  # the next digits are the next octets'
        if field.width > _MOST_NUMBER_OCTETS and not runs_on:
            raise self._refuse(f"numbers of {field.width} octets cannot be read back")
        most = self._place + (2 * field.width if runs_on else 3 * field.width + 16)
        match = _DIGITS_OF[field.code].match(self._text, self._place, most)
        if match is None:
            raise self._refuse(f"{_NUMBER_NAMES[field.code]} should be where {self._rest()} is")
        value = int(match[0], _BASES[field.code])
        if value.bit_length() > 8 * field.width:
            octets = "one octet" if field.width == 1 else f"{field.width} octets"
            raise self._refuse(f"{match[0].decode()} is too large for {octets}")
        self._place = match.end()
        width = field.width
        if runs_on and self._place >= len(self._text) and (width > _MOST_NUMBER_OCTETS or not len(match[0]) % 2):
            width = (len(match[0]) + 1) // 2  # less octets than the field may have
        self._out += value.to_bytes(width, "big")

    def _skip(self, character: str) -> bool:
        """Pass a separator if it is there."""
        octets = _as_octets(character)
        if not octets or not self._text.startswith(octets, self._place):
            return False
        self._place += len(octets)
        return True

    def _skip_separator(self, field: _Field) -> None:
        """Pass the separator behind a field; something follows it, or there is none."""
        if self._place >= len(self._text) or not field.separator:
            return
        if not self._skip(field.separator):
            raise self._refuse(f"{field.separator!r} should be where {self._rest()} is")
        if self._place >= len(self._text):
            raise self._refuse(f"nothing follows the last {field.separator!r}")

    def _rest(self) -> str:
        rest = self._text[self._place :].decode(errors="replace")
        return quoted(rest) if rest else "the end"

    def _refuse(self, reason: str) -> MibError:
        return MibError(f"{quoted(self._given)} does not fit the display hint {self._hint!r}: {reason}")
