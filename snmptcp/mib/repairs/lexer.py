"""The tokens of a MIB module's text, however odd it is.

Where a string ends is not always where the next quote stands: vendors forget a quote, or put quotes into a text.  A
quote ends a string if something follows that can follow a string; otherwise the next quote is looked at, and a string
that would swallow the end of its definition ends before that.

Contains: tokens, and text from tokens.  Does not contain: what they mean.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.mib.repairs.words import KEYWORDS, MACROS

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ("INNER_QUOTE", "Note", "Text", "Token", "read_tokens", "render")

#: Stands for a quote within a string, which the compiler's grammar cannot have; see :func:`render`.
INNER_QUOTE = "\ue022"


class Token(NamedTuple):
    """A token.

    Attributes:
        kind: ``"word"``, ``"number"``, ``"string"`` (with its quotes), ``"literal"`` (``'0F'H``), ``"mark"``
            (``{ } ( ) [ ] , ; | .. ::=``), or ``"odd"`` for any other character.
        text: as it is written.
        line: the line on which it begins, from 1.
        first: whether it is the first of its line.
        start: where it begins in the text.
    """

    kind: str
    text: str
    line: int
    first: bool = False
    start: int = 0


class Note(NamedTuple):
    """What was done to a text, in words, and in which line."""

    line: int
    text: str


@dataclass(slots=True)
class Text:
    """The tokens of a text, and what had to be done to read them."""

    tokens: list[Token] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)


_TOKEN = re.compile(
    r"""(?P<space>[\x00-\x09\x0b-\x20\x7f-\xa0\u200b\ufeff]+)
    |(?P<newline>\n)
    |(?P<comment>--[^\n]*)
    |(?P<foreign>//[^\n]*|/\*.*?\*/)
    |(?P<string>["\u201c\u201d])
    |(?P<literal>'[0-9A-Fa-f \t]*'[HhBb])
    |(?P<assign>::=|::[ ]=|:[ ]:[ ]?=|:[ ]?=|::|=(?=\s{0,9}\{))
    |(?P<word>[0-9]*[A-Za-z_][A-Za-z0-9_]*(?:-[A-Za-z0-9_]+)*(?:-(?![-A-Za-z0-9_]))?)
    |(?P<number>-?[0-9]+)
    |(?P<mark>\.\.+|[{}()\[\],;|.])
    |(?P<odd>.)""",
    re.VERBOSE | re.DOTALL,
)

#: A comment that ends with its second pair of hyphens (X.680 section 12.6.3); lines of hyphens are comments as a whole.
_CLOSED_COMMENT = re.compile(r"--(?!-)(?:(?!--)[^\n])*--(?!-)|--[^\n]*")

#: The last line of a page of an RFC and the first line of the next page, with the empty lines between them.
_PAGE_BREAK = (
    r"^[^\n\"]{0,100}\[[Pp]age[ \t]+[0-9ivx]+\][ \t]*$"
    r"(?:(?:\n[ \t\f]*)+(?:RFC[ \t]*[0-9]+|Internet[ -][Dd]raft|INTERNET[ -]DRAFT)[ \t]"
    r"[^\n\"]{0,100}[12][0-9]{3}[ \t]*$)?"
)
_PAGE = re.compile(_PAGE_BREAK, re.MULTILINE)
_SPACE_OR_COMMENT = re.compile(rf"(?:[ \t\r\f\v\n]|--[^\n]*|{_PAGE_BREAK})*", re.MULTILINE)
_MACRO_WORDS = "|".join(sorted(MACROS))
#: The value of a definition, behind which another one begins; a text may have such a value, too, but goes on behind it.
_ASSIGNED = (
    r"(?::{1,2}[ ]?=\s*\d+|(?::{1,2}[ ]?)?=\s*\{[^{}\"]*\})"
    rf"(?=(?:\s|--[^\n]*(?:\n|\Z))*(?:\Z|END\b|[A-Za-z][\w-]*\s+(?:{_MACRO_WORDS}|MACRO|OBJECT\s+IDENTIFIER|::=)))"
)
_STARTED = (
    rf"^[ \t]*[A-Za-z][\w-]*[ \t]+(?:(?:{_MACRO_WORDS})(?:[ \t]*$|[ \t]+(?:SYNTAX|STATUS|ENTERPRISE|OBJECTS)\b)"
    r"|OBJECT[ \t]+IDENTIFIER[ \t]*::=)"
)
#: Where a definition ends or begins: no string goes beyond it.
_TYPE_STARTED = r"^[ \t]*[A-Z][\w-]*[ \t]*::=\s*(?:TEXTUAL-CONVENTION|SEQUENCE|INTEGER|OCTET|BITS|OBJECT)\b"
_BORDER = re.compile(rf"{_ASSIGNED}|{_STARTED}|{_TYPE_STARTED}|^[ \t]*END[ \t]*\Z", re.MULTILINE)
#: What stands behind a string, at the beginning of a line.
_CLAUSE = re.compile(
    r"^[ \t]*(?:STATUS|DESCRIPTION|REFERENCE|INDEX|AUGMENTS|DEFVAL|MAX-ACCESS|ACCESS|SYNTAX|ORGANIZATION|CONTACT-INFO"
    r"|REVISION|LAST-UPDATED|MODULE|UNITS)\b"
    r"(?=[ \t]*(?:[\"{\n]|[A-Za-z][\w-]*(?:[ \t]+(?:OF|STRING|IDENTIFIER)\b)?[ \t]*(?:[\w-]+[ \t]*)?(?:$|[({])))"
    rf"|^[ \t]*:{{1,2}}[ ]?=|{_ASSIGNED}",
    re.MULTILINE,
)
_FOLLOWER = re.compile(r":|=\s{0,9}\{|[()}]|\{\s*[A-Za-z][\w-]*\s+\d+\s*\}|([A-Za-z][\w-]*)")
_MACRO_AFTER = re.compile(rf"\s+(?:{_MACRO_WORDS}|OBJECT\s+IDENTIFIER|::=)(?![\w-])")
_END = re.compile(r"(?<![\w-])END(?![\w-])")
_CAPITALS = re.compile(r"[A-Z][A-Z_-]{3,}(?![\w-])")


def read_tokens(text: str, line: int = 1, *, closed_comments: bool = False) -> Text:
    """Return the tokens of a text.

    Args:
        text: the text; each line ends with a newline character.
        line: the number of its first line.
        closed_comments: whether a second ``--`` in a line ends a comment, as in ASN.1; otherwise a comment goes to the
            end of its line, as most modules have it.
    """
    return _Reader(text, line, closed_comments=closed_comments).read()


def render(tokens: Iterable[Token]) -> str:
    """Return a text of tokens, each on its line.

    A quote within a string becomes :data:`INNER_QUOTE`.
    """
    parts: list[str] = []
    line: int | None = None
    for token in tokens:
        line = token.line if line is None else line
        text = token.text
        parts.append("\n" * (token.line - line) or " ")
        if token.kind == "string":
            text = f'"{text[1:-1].replace(chr(34), INNER_QUOTE)}"'
        parts.append(text)
        line = max(line, token.line) + text.count("\n")
    return "".join(parts)


class _Reader:
    """Reads one text."""

    def __init__(self, text: str, line: int, *, closed_comments: bool) -> None:
        self._text = text
        self._line = line
        self._closed_comments = closed_comments
        self._found = Text()
        self._first = True
        self._ahead: dict[re.Pattern[str], tuple[int, int]] = {}
        self._pages = {page.start(): page.end() for page in _PAGE.finditer(text)}

    def read(self) -> Text:
        position = self._skip_page(0)
        while match := _TOKEN.match(self._text, position):
            kind, position = str(match.lastgroup), match.end()
            if kind == "comment" and self._closed_comments:
                closed = _CLOSED_COMMENT.match(self._text, match.start())
                position = closed.end() if closed is not None else position
            elif kind == "newline":
                self._line, self._first = self._line + 1, True
                position = self._skip_page(position)
            elif kind == "space":
                self._note_odd_space(match[0])
            elif kind == "foreign":
                self._note("a comment of another language is left out")
                self._line += match[0].count("\n")
            elif kind == "string":
                position = self._string(match.start())
            elif kind == "assign":
                if match[0] != "::=":
                    self._note(f"{match[0]!r} is read as '::='")
                self._add("mark", "::=", match.start())
            elif kind != "comment":
                self._add(kind, match[0], match.start())
                if match[0] == "MACRO":
                    position = self._skip_macro(position)
        return self._found

    def _add(self, kind: str, text: str, start: int) -> None:
        self._found.tokens.append(Token(kind, text, self._line, self._first, start))
        self._first = False

    def _note(self, text: str) -> None:
        self._found.notes.append(Note(self._line, text))

    def _note_odd_space(self, text: str) -> None:
        odd = sorted(set(text) - set(" \t\r\f\v"))
        if odd:
            self._note(f"the character {' '.join(f'U+{ord(char):04X}' for char in odd)} is read as a space")

    def _skip_page(self, position: int) -> int:
        """Return the position behind a page break that begins with this line."""
        end = self._pages.get(position, position)
        if end > position:
            self._note("the lines between two pages are left out")
            self._line += self._text.count("\n", position, end)
        return end

    def _skip_macro(self, start: int) -> int:
        """Return where a macro ends; in it, strings are followed by anything."""
        end = _END.search(self._text, start)
        if end is None:
            return start
        self._line += self._text.count("\n", start, end.start())
        return end.start()

    # -------------------------------------------------------------------------------------- strings

    def _string(self, start: int) -> int:
        """Add the string that begins here, and return where the text goes on."""
        if self._text[start] != '"':
            return self._curly(start)
        close = self._text.find('"', start + 1)
        if close >= 0 and self._can_follow(close + 1):
            return self._close(start, close, close + 1)
        limit = self._next(_BORDER, start + 1)
        if close < 0 or close > limit:
            return self._unclosed(start, limit)
        while 0 <= close <= limit:
            following = self._text.find('"', close + 1)
            clause = self._next(_CLAUSE, close + 1)
            if clause < len(self._text) and (following < 0 or clause < following):
                self._note("the text behind a closing quote is left out")
                return self._close(start, close, min(clause, limit))
            close = following
            if close >= 0 and self._can_follow(close + 1):
                self._note("quotes within a text are read as its characters")
                return self._close(start, close, close + 1)
        return self._unclosed(start, limit)

    def _curly(self, start: int) -> int:
        """Add a string in the quotes of a word processor."""
        found = re.compile('[\u201c\u201d"]').search(self._text, start + 1)
        if found is None:
            self._add("odd", self._text[start], start)
            return start + 1
        self._note("the quotes of a word processor are read as quotes")
        return self._close(start, found.start(), found.end())

    def _unclosed(self, start: int, limit: int) -> int:
        body = self._text[start + 1 : min(limit, self._next(_CLAUSE, start + 1))].rstrip()
        self._note("a text without its closing quote ends here")
        self._add("string", f'"{body}"', start)
        self._line += body.count("\n")
        return start + 1 + len(body)

    def _close(self, start: int, close: int, end: int) -> int:
        body = self._text[start + 1 : close]
        self._add("string", f'"{body}"', start)
        self._line += self._text.count("\n", start, end)
        self._first = "\n" in self._text[close:end]
        return end

    def _next(self, pattern: re.Pattern[str], position: int) -> int:
        """Return where a pattern is found next; the end of the text if it is not.  Nothing is searched twice."""
        begin, found = self._ahead.get(pattern, (0, -1))
        if not begin <= position <= found:
            match = pattern.search(self._text, position)
            found = match.start() if match is not None else len(self._text)
            self._ahead[pattern] = (position, found)
        return found

    def _can_follow(self, position: int) -> bool:
        """Whether what stands here can follow a string."""
        space = _SPACE_OR_COMMENT.match(self._text, position)
        at = space.end() if space is not None else position
        follower = _FOLLOWER.match(self._text, at)
        if follower is None:
            return at >= len(self._text)
        if follower[1] is None or follower[1] in KEYWORDS:
            return True
        if "\n" not in self._text[position:at]:
            return False
        return _MACRO_AFTER.match(self._text, follower.end()) is not None or _CAPITALS.match(self._text, at) is not None
