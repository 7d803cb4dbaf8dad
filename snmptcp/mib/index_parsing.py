"""Reads the text of INDEX values, as net-snmp's tools read and print it.

Contains: the arcs of a text.  Does not contain: the text of arcs (:mod:`snmptcp.mib.index_text`).

What is read differs from net-snmp on purpose:

* brackets are read as they are printed (``[ipv4]["10.0.0.1"]``); net-snmp reads none;
* an InetAddress in quotes is an address (``.ipv4."10.0.0.1"``: four octets); net-snmp takes its characters;
* any string may be in quotes; net-snmp wants its syntax to have a SIZE;
* text that does not fit its DISPLAY-HINT is refused; net-snmp takes its characters if their number is allowed;
* numbers are decimal, or hexadecimal with ``0x``; net-snmp reads ``010`` as 8;
* a negative number of a label, or with a sign, is an arc of 32 bits; net-snmp makes 64 bits of it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.codec.ber import MAX_ARC
from snmptcp.errors import MibError
from snmptcp.mib.addresses import is_address
from snmptcp.mib.indexes import AddressTypes, Shape, append_arcs, fragment_of, prepare_index
from snmptcp.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from snmptcp.mib.indexes import PreparedPart
    from snmptcp.mib.objects import IndexPart
    from snmptcp.oid import OID

__all__ = ("parse_index",)


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
        return f"[{_shown(text)}]" if self.bracketed else _shown(text)


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
        return fragment_of([_arc(token) for token in tokens])
    return _Parser(text, tokens, resolve).parse(prepare_index(parts).parts)


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
    if arc > MAX_ARC:
        raise MibError(f"an arc is a number from 0 to {MAX_ARC}, not {arc}")
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
        self._types = AddressTypes()

    def parse(self, parts: Sequence[PreparedPart]) -> OID:
        for part in parts:
            if self._place >= len(self._tokens):
                break
            self._read(part)
        for token in self._tokens[self._place :]:
            self._read_extra(token, parts)
        return fragment_of(self._arcs)

    def _read(self, part: PreparedPart) -> None:
        token = self._tokens[self._place]
        if token.kind == "number" and not (token.bracketed and part.shape is not Shape.NUMBER):
            self._read_numbers(part)
            return
        self._place += 1
        self._check_quotes(part, token)
        value = token.text if part.shape is Shape.OCTETS else token.text.strip()
        if part.shape is Shape.OCTETS and token.kind not in {'"', "'"}:
            value = self._unquoted(part, token)
        elif part.shape is Shape.NETWORK:
            value = value.removeprefix("1.") if value.count(".") == 4 else value
        elif part.shape is Shape.UNKNOWN:
            raise self._refuse(f"no module says what {part.part.label} is: write it as numbers, not {token.shown}")
        append_arcs(self._arcs, part, value, self._types, self._resolve)

    def _check_quotes(self, part: PreparedPart, token: _Token) -> None:
        """Refuse the quotes of the other kind: they say what the arcs are."""
        if token.kind not in {'"', "'"}:
            return
        label = part.part.label
        if part.shape is Shape.NUMBER:
            raise self._refuse(f"{label} is a number or a label without quotes, not {token.shown}")
        if part.shape is not Shape.OCTETS:
            return
        without_length = part.implied or part.fixed is not None
        if without_length and token.kind == '"' and not (token.bracketed or is_address(part.part.syntax)):
            why = "IMPLIED" if part.implied else "of one length"
            raise self._refuse(f"""{label} is {why}: its quotes are ', not ": {token.shown}""")
        if not without_length and token.kind == "'":
            raise self._refuse(f"""{label} has its length in the index: its quotes are ", not ': {token.shown}""")

    def _unquoted(self, part: PreparedPart, token: _Token) -> str:
        """Return what brackets show without quotes: the text of a hint, behind net-snmp's ``STRING: ``."""
        if not token.bracketed or not part.part.syntax.hint:
            quote = "'" if part.implied or part.fixed is not None else '"'
            raise self._refuse(f"{part.part.label} is a string: write it as {quote}...{quote}, not {token.shown}")
        return token.text.removeprefix("STRING: ")

    def _read_numbers(self, part: PreparedPart) -> None:
        """Take the numbers of an object; of the last, all that follow."""
        before = len(self._arcs)
        self._take(part, 1)
        if part.shape is Shape.NUMBER:
            self._types.see(part.part.syntax, self._arcs[before])
        elif part.shape is Shape.IP:
            self._take(part, 3)
        elif part.shape is Shape.NETWORK:
            self._take(part, 4)
        elif part.fixed is not None:
            self._take(part, part.fixed - 1)
        elif part.implied or part.shape is Shape.UNKNOWN:
            self._take(part, len(self._tokens) - self._place)
        else:
            self._take(part, self._arcs[before])

    def _take(self, part: PreparedPart, count: int) -> None:
        """Take a count of numbers; less may be there at the end."""
        end = min(self._place + max(count, 0), len(self._tokens))
        for token in self._tokens[self._place : end]:
            if token.kind != "number":
                raise self._refuse(f"{part.part.label} has more numbers: {token.shown} should be one")
            self._arcs.append(_arc(token))
        self._place = end

    def _read_extra(self, token: _Token, parts: Sequence[PreparedPart]) -> None:
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
    return printable(text, 64)
