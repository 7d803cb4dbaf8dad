"""The parts of a MIB module's text: its imports, and its definitions.

A definition begins where a name stands before a macro (``ifIndex OBJECT-TYPE``), before ``OBJECT IDENTIFIER ::=``, or
before ``::=`` at the beginning of a line.  So a definition that cannot be read does not hide the next one.

Contains: where each part begins and ends, and what is imported.  Does not contain: what a definition says
(:mod:`snmptcp.mib.repairs.definitions`).
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from snmptcp.mib.repairs.lexer import Note, Token, read_tokens
from snmptcp.mib.repairs.words import CLAUSES, KEYWORDS, MACROS, closest, spelled

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ("Outline", "Part", "begins", "read_outline")

#: How many tokens before DEFINITIONS may be those of the module's name and OID.
_LONGEST_HEADER = 64

#: What stands before the name of a definition, also in its line.
_BETWEEN = {"BEGIN", ";", "}", ")", "END"}

#: What stands before a name that is not that of a definition.
_INSIDE = {"OF", "FROM", ",", "{", "(", "|", "IMPLIED"}

#: What stands behind the name of a type whose ``::=`` is missing.
_TYPES_WITHOUT_ASSIGNMENT = ("TEXTUAL-CONVENTION", "SEQUENCE")


@dataclass(slots=True)
class Part:
    """A definition as it is written, or a piece of text between two definitions.

    Attributes:
        name: what it defines; ``""`` for a piece of text that defines nothing.
        tokens: its tokens.
        text: its text.
        notes: what had to be done to read its tokens.
    """

    name: str
    tokens: list[Token]
    text: str
    notes: list[Note] = field(default_factory=list)

    @property
    def line(self) -> int:
        """The line on which it begins."""
        return self.tokens[0].line


@dataclass(slots=True)
class Outline:
    """A module taken apart.

    Attributes:
        imports: the symbols of each module that it imports from, in the module's order.
        parts: the rest.
        notes: what had to be done to find them.
    """

    imports: dict[str, list[str]] = field(default_factory=dict)
    parts: list[Part] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


def read_outline(module: str, text: str) -> Outline | None:
    """Take a module's text apart.

    Args:
        module: its name.
        text: the text, which has its first line (``NAME DEFINITIONS ::= BEGIN``).

    Returns:
        The parts; ``None`` if the text has no such line.
    """
    read = read_tokens(text)
    start = _body(module, read.tokens)
    if start is None:
        return None
    outline = Outline()
    end = _end(read.tokens, start)
    if end is None:
        outline.notes.append(Note(read.tokens[-1].line, "the module has no END"))
        end = len(read.tokens)
    elif end + 1 < len(read.tokens):
        outline.notes.append(Note(read.tokens[end + 1].line, "what stands behind END is left out"))
    tokens = read.tokens[:end]
    start = _skip_exports(tokens, start)
    start = _read_imports(tokens, start, outline)
    outline.notes += [note for note in read.notes if note.line < _line(tokens, start)]
    borders = _borders(tokens, start)
    limit = read.tokens[end].start if end < len(read.tokens) else len(text)
    for begin, stop in zip(borders, [*borders, len(tokens)][1:], strict=True):
        last = tokens[stop].start if stop < len(tokens) else limit
        part = Part(_name(tokens, begin), tokens[begin:stop], text[tokens[begin].start : last])
        part.notes = [note for note in read.notes if part.line <= note.line < _line(tokens, stop)]
        outline.parts.append(part)
    return outline


def _line(tokens: Sequence[Token], position: int) -> int:
    return tokens[position].line if position < len(tokens) else 2**31


def _body(module: str, tokens: Sequence[Token]) -> int | None:
    """Return the position behind the first line of the module; ``None`` if there is none with its name."""
    named = False
    for position, token in enumerate(tokens):
        if token.kind != "word":
            continue
        if token.text in ("DEFINITIONS", "PIB-DEFINITIONS"):
            named = _is_named(module, tokens[max(0, position - _LONGEST_HEADER) : position])
        elif token.text == "BEGIN" and named:
            return position + 1
    return None


def _is_named(module: str, tokens: Sequence[Token]) -> bool:
    """Whether tokens end with the name of a module, which may have its OID in braces behind it."""
    if tokens and tokens[-1].text == "}":
        opening = [position for position, token in enumerate(tokens) if token.text == "{"]
        tokens = tokens[: opening[-1]] if opening else ()
    return "".join(token.text for token in tokens).endswith(module)


def _end(tokens: Sequence[Token], start: int) -> int | None:
    """Return the position of the END of the module; that of a macro is another."""
    in_macro = False
    for position in range(start, len(tokens)):
        token = tokens[position]
        if token.kind != "word":
            continue
        if token.text == "MACRO":
            in_macro = True
        elif token.text == "END" and in_macro:
            in_macro = False
        elif token.text == "END" and (position + 1 == len(tokens) or tokens[position + 1].text != "("):
            return position
    return None


def _skip_exports(tokens: Sequence[Token], start: int) -> int:
    if start >= len(tokens) or tokens[start].text != "EXPORTS":
        return start
    for position in range(start, len(tokens)):
        if tokens[position].text == ";":
            return position + 1
        if tokens[position].text == "IMPORTS" or begins(tokens, position):
            return position
    return len(tokens)


def _read_imports(tokens: Sequence[Token], start: int, outline: Outline) -> int:
    """Read the imports, and return the position behind them."""
    if start >= len(tokens) or (tokens[start].text != "IMPORTS" and closest(tokens[start].text) != "IMPORTS"):
        return start
    end = _end_of_imports(tokens, start + 1, outline)
    symbols: list[str] = []
    position = start + 1
    separated = True
    while position < end:
        token = tokens[position]
        if token.text == "FROM" and position + 1 < end:
            outline.imports.setdefault(tokens[position + 1].text, []).extend(symbols)
            symbols, separated = [], True
            position += 1
        elif token.kind == "word":
            if not separated:
                outline.notes.append(Note(token.line, f"a comma is missing before {token.text} in IMPORTS"))
            symbols.append(_spelled_macro(token, outline))
            separated = False
        elif token.text == ",":
            if separated:
                outline.notes.append(Note(token.line, "a comma too many in IMPORTS is left out"))
            separated = True
        else:
            outline.notes.append(Note(token.line, f"{token.text[:20]!r} in IMPORTS is left out"))
        position += 1
    if symbols:
        outline.notes.append(Note(tokens[end - 1].line, f"no module is named from which to import {' '.join(symbols)}"))
    return end + 1 if end < len(tokens) and tokens[end].text == ";" else end


def _spelled_macro(token: Token, outline: Outline) -> str:
    """Return a symbol, or the macro that is meant by it."""
    keyword = spelled(token.text)
    if keyword not in MACROS | {"TEXTUAL-CONVENTION"}:
        return token.text
    outline.notes.append(Note(token.line, f"{token.text} is read as {keyword}"))
    return keyword


def _end_of_imports(tokens: Sequence[Token], start: int, outline: Outline) -> int:
    """Return the position of the semicolon; without one, that of the first definition."""
    for position in range(start, len(tokens)):
        if tokens[position].text == ";":
            following = tokens[position + 1 : position + 40]
            if not _goes_on(following):
                return position
            outline.notes.append(Note(tokens[position].line, "a semicolon within IMPORTS is left out"))
        elif tokens[position - 1].text != "FROM" and begins(tokens, position):
            outline.notes.append(Note(tokens[position].line, "the semicolon behind IMPORTS is missing"))
            return position
    return len(tokens)


def _goes_on(tokens: Sequence[Token]) -> bool:
    """Whether more imports follow: names and commas up to FROM."""
    for position, token in enumerate(tokens):
        if token.text == "FROM":
            return True
        if (token.kind != "word" and token.text not in (",", ";")) or begins(tokens, position):
            return False
    return False


def begins(tokens: Sequence[Token], position: int) -> bool:
    """Whether a definition begins here."""
    token = tokens[position]
    following = [other.text for other in tokens[position + 1 : position + 5]]
    if token.kind != "word" or len(following) < 2:
        return False
    if following[0] == "MACRO":
        return True
    if token.text in KEYWORDS:
        return False
    word = following[0] if following[0] in MACROS else closest(following[0])
    if word in MACROS:
        return following[1] not in {",", "FROM", ";", "}"} | MACROS and following[2:3] != ["FROM"]
    if following[0] == "OBJECT" and _is_identifier(following[1]):
        return following[2:3] == ["::="] or (token.first and following[2:3] == ["{"])
    if token.first and (_names_oid(following) or (following[0] == "SYNTAX" and _is_behind_another(tokens, position))):
        return True
    if following[0] == "::=":
        if _is_behind_another(tokens, position):
            return True
        return token.first and tokens[position - 1].text not in CLAUSES | _INSIDE
    return token.first and token.text[0].isupper() and following[0] in _TYPES_WITHOUT_ASSIGNMENT


def _is_behind_another(tokens: Sequence[Token], position: int) -> bool:
    """Whether what stands before this position is the end of another definition."""
    return position == 0 or tokens[position - 1].text in _BETWEEN


def _names_oid(following: Sequence[str]) -> bool:
    """Whether words before ``::= {`` are meant to be OBJECT IDENTIFIER."""
    end = following.index("::=") if "::=" in following else 0
    word = "".join(following[:end]).upper().replace("-", "").replace("_", "")
    if following[end + 1 : end + 2] != ["{"] or not word:
        return False
    return word in ("OBJECT", "IDENTIFIER") or bool(difflib.get_close_matches(word, ["OBJECTIDENTIFIER"], cutoff=0.85))


def _is_identifier(word: str) -> bool:
    """Whether a word is IDENTIFIER, however it is spelt."""
    return word.upper() in ("IDENTIFIER", "IDENTIFER", "INDENTIFIER", "IDENTIFIERS")


def _name(tokens: Sequence[Token], position: int) -> str:
    return tokens[position].text if begins(tokens, position) else ""


def _borders(tokens: Sequence[Token], start: int) -> list[int]:
    """Return where each definition begins; what follows the end of one without beginning another is one by itself."""
    found = [start] if start < len(tokens) else []
    position = start
    while position < len(tokens):
        if begins(tokens, position):
            if found[-1] != position:
                found.append(position)
            if tokens[position + 1].text == "MACRO":
                while position < len(tokens) and tokens[position].text != "END":
                    position += 1
            position += 1
            continue
        if position > found[-1] and tokens[position - 1].text == "}" and _is_assigned(tokens, found[-1], position - 1):
            found.append(position)
        position += 1
    return found


def _is_assigned(tokens: Sequence[Token], begin: int, close: int) -> bool:
    """Whether this brace ends ``::= { ... }`` of a definition that has nothing behind it."""
    position = close
    while position > begin and tokens[position].text != "{":
        position -= 1
    if tokens[position - 1].text != "::=" or position - 1 <= begin + 1:
        return False
    return tokens[begin + 1].text != "::="
