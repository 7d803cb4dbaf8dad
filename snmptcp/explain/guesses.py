r"""Text whose form is not certain: to octets, in several readings.

Contains: lists of numbers of any language, in any base (``[48 41 2]`` of Go, ``<<48,41,2>>`` of Erlang, ``[30, 29, 2]``
of Rust, ``(48, 41)``), octal and other escapes (``\060)``, ``\u0030``, ``%30``), base64 in other text, and hexadecimal
digits on lines with other text.
Does not contain: forms with a clear look (:mod:`~snmptcp.explain.dumps`), and the choice of the reading with messages
(:mod:`~snmptcp.explain.pasted`).
"""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from snmptcp.explain.streams import begins_message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

__all__ = ("Guess", "guesses")

#: Fewer numbers are no message.
_FEWEST: Final = 8


class Guess(NamedTuple):
    """One reading of a text: its form, for people, and its octets."""

    form: str
    blocks: tuple[bytes, ...]


def guesses(text: str) -> Iterator[Guess]:
    """Yield the readings of a text, the likelier ones first."""
    for reading in (_numbers, _escapes, _base64, _digits):
        for form, found in reading(text):
            blocks = tuple(block for block in found if len(block) >= _FEWEST)
            if blocks:
                yield Guess(form, blocks)


# ------------------------------------------------------------------------------------------ numbers

#: What stands between brackets of any kind, and the text as a whole.
_GROUP = re.compile(r"<<([^<>]*)>>|[\[({]([^\[\](){}]*)")
_SEPARATORS = re.compile(r"(?:\s*[,;]\s*|\s+)")
_CAST = re.compile(r"\((?:byte|sbyte|char|uint8_t|unsigned char)\)\s*")
_NUMBER = re.compile(
    r"""["']?(?:0[xX]|16\#|[$\#]|&[hH])(?P<hex>[0-9a-fA-F]{1,2})(?:[uU]8|uy)?["']?|(?P<h>[0-9a-fA-F]{1,2})[hH]|"""
    r"""["']?(?P<bare>-?[0-9a-fA-F]{1,4})(?:_?[uiUI]8|uy)?["']?|(?P<string>"[^"]*")"""
)


class _Words(NamedTuple):
    """Numbers of a list: those that tell their base, those that do not, and strings."""

    sure: dict[int, int]
    bare: dict[int, str]
    strings: dict[int, bytes]
    length: int


def _words(text: str) -> _Words | None:
    """Return the numbers that a list begins with; ``None`` for too few."""
    found = _Words({}, {}, {}, 0)
    count = 0
    for word in _SEPARATORS.split(_CAST.sub("", text).strip()):
        match = _NUMBER.fullmatch(word)
        if match is None:  # `...`, or the properties that a browser shows behind the octets
            break
        if match["string"] is not None:
            found.strings[count] = match["string"][1:-1].encode()
        elif match["bare"] is not None:
            found.bare[count] = match["bare"]
        else:
            found.sure[count] = int(match["hex"] or match["h"], 16)
        count += 1
    return found._replace(length=count) if count >= _FEWEST else None


def _octets(words: _Words, base: int) -> bytes:
    """Return the octets of a list in one base; empty if a number is no octet."""
    octets = bytearray()
    for position in range(words.length):
        if position in words.strings:
            octets += words.strings[position]
            continue
        number = words.sure.get(position)
        if number is None:
            try:
                number = int(words.bare[position], base)
            except ValueError:
                return b""
        if not -128 <= number <= 255:
            return b""
        octets.append(number & 0xFF)
    return bytes(octets)


def _numbers(text: str) -> Iterator[tuple[str, list[bytes]]]:
    groups = [next(group for group in match.groups() if group is not None) for match in _GROUP.finditer(text)]
    for source in (groups, [text]):
        lists = [words for words in map(_words, source) if words is not None]
        for base, form in ((10, "an array"), (16, "an array in hex")):
            yield form, [_octets(words, base) for words in lists]


# ------------------------------------------------------------------------------------------ escapes

_ESCAPES: Final = {"a": 7, "b": 8, "t": 9, "n": 10, "v": 11, "f": 12, "r": 13, "e": 27}
_ESCAPE = re.compile(
    r"\\(?:x\{?(?P<x>[0-9a-fA-F]{2})\}?|u(?:00(?P<u>[0-9a-fA-F]{2})|\{(?P<U>[0-9a-fA-F]{1,2})\})|(?P<o>[0-7]{1,3})|"
    r"(?P<c>.))|%(?P<p>[0-9a-fA-F]{2})"
)
_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*+)"?' + r"|'((?:[^'\\\n]|\\.)*+)'?|[“”]((?:[^“”\\\n]|\\.)*+)[“”]?")


def _unescape(text: str, *, percent: bool) -> bytes:
    octets = bytearray()
    end = 0
    for match in _ESCAPE.finditer(text):
        kind = match.lastgroup
        if kind == "p" and not percent:
            continue
        octets += text[end : match.start()].encode("utf-8", "surrogatepass")
        digits = match[kind] if kind is not None else ""
        if kind == "c":
            octets += bytes((_ESCAPES[digits],)) if digits in _ESCAPES else digits.encode("utf-8", "surrogatepass")
        else:
            octets.append(int(digits, 8 if kind == "o" else 16) & 0xFF)
        end = match.end()
    return bytes(octets + text[end:].encode("utf-8", "surrogatepass"))


def _escapes(text: str) -> Iterator[tuple[str, list[bytes]]]:
    if "\\" in text:
        strings = [next(group for group in match.groups() if group is not None) for match in _STRING.finditer(text)]
        yield "a string with escapes", [_unescape(string, percent=False) for string in strings]
        yield "a string with escapes", [_unescape(text, percent=False)]
    if "%" in text:
        yield "a string with escapes", [_unescape(text, percent=True)]


# ------------------------------------------------------------------------------------------- others

_BASE64 = re.compile(r"(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{16,}+(?:\r?\n[ \t>|]*+[A-Za-z0-9+/_-]{4,}+)*+={0,2}")


def _base64(text: str) -> Iterator[tuple[str, list[bytes]]]:
    found = []
    for match in _BASE64.finditer(text):
        digits = re.sub(r"[^A-Za-z0-9+/_-]", "", match[0]).translate(str.maketrans("-_", "+/"))
        try:
            octets = base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True)
        except binascii.Error:
            continue
        if begins_message(octets):
            found.append(octets)
    yield "base64", found


#: The digits of an octet: with blanks between them, and maybe 0x in front.
_DIGITS = re.compile(r"(?<![0-9a-zA-Z])(?:(?:0[xX])?(?:[0-9a-fA-F]{2})++(?:[ \t:,|-]{1,3}+|(?=[^0-9a-zA-Z]|\Z)))++")
_LINE_NUMBER = re.compile(r"^[ \t>|]*[0-9]{1,4}[.:)]?[ \t]+(?=[0-9a-fA-F]{2}[ \t:,-])", re.MULTILINE)
_ADDRESS = re.compile(r"^[ \t>|]*(?:0x)?[0-9a-fA-F]{3,16}[ \t]*(?:<[^<>\n]*>)?:", re.MULTILINE)


def _digits(text: str) -> Iterator[tuple[str, list[bytes]]]:
    """Read hexadecimal digits on all lines together: with text behind them, or numbers in front of them."""
    cleaners: Iterable[Callable[[str], str]] = (
        str,
        lambda text: re.sub(r"<[^<>\n]{1,40}>|&nbsp;", " ", text),
        lambda text: _LINE_NUMBER.sub("", text),
        lambda text: _ADDRESS.sub(" ", text),
    )
    for clean in cleaners:
        pieces = [re.sub(r"0[xX]|[^0-9a-fA-F]", "", match[0]) for match in _DIGITS.finditer(clean(text))]
        yield "hex among other text", [bytes.fromhex("".join(piece for piece in pieces if len(piece) % 2 == 0))]
