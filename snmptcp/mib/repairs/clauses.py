"""The clauses of a definition, in the order of the grammar, each repaired by itself.

Contains: which macro has which clauses (RFC 1212, RFC 1215, RFC 2578 to 2580), and how each is written.
Does not contain: which definition needs a repair (:mod:`snmptcp.mib.repairs.definitions`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from snmptcp.mib.repairs.lexer import Token, render
from snmptcp.mib.repairs.lists import read_arcs, read_columns, read_names, read_numbers, read_ranges
from snmptcp.mib.repairs.words import CLAUSES, KEYWORDS, closest, is_name, spelled

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from snmptcp.mib.repairs.stand_ins import StandIns

__all__ = ("GRAMMAR", "Clause", "Pieces", "split", "write_syntax", "written")


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause of a macro.

    Attributes:
        words: the words that it begins with, the usual one first.
        kind: what follows: ``"text"``, ``"word"``, ``"syntax"``, ``"names"``, ``"value"`` or ``"arcs"``.
        required: whether the compiler's grammar demands it.
    """

    words: tuple[str, ...]
    kind: str
    required: bool = False


_STATUS = Clause(("STATUS",), "word", required=True)
_DESCRIPTION = Clause(("DESCRIPTION",), "text", required=True)
_REFERENCE = Clause(("REFERENCE",), "text")

#: The clauses of each macro, in the order of the grammar.
GRAMMAR: dict[str, tuple[Clause, ...]] = {
    "OBJECT-TYPE": (
        Clause(("SYNTAX",), "syntax", required=True),
        Clause(("UNITS",), "text"),
        Clause(("MAX-ACCESS", "ACCESS", "MIN-ACCESS", "PIB-ACCESS"), "word"),
        _STATUS,
        Clause(("DESCRIPTION",), "text"),
        _REFERENCE,
        Clause(("AUGMENTS",), "names"),
        Clause(("INDEX", "PIB-INDEX"), "names"),
        Clause(("DEFVAL",), "value"),
    ),
    "OBJECT-IDENTITY": (_STATUS, _DESCRIPTION, _REFERENCE),
    "NOTIFICATION-TYPE": (Clause(("OBJECTS", "VARIABLES"), "names"), _STATUS, _DESCRIPTION, _REFERENCE),
    "OBJECT-GROUP": (Clause(("OBJECTS",), "names", required=True), _STATUS, _DESCRIPTION, _REFERENCE),
    "NOTIFICATION-GROUP": (Clause(("NOTIFICATIONS",), "names", required=True), _STATUS, _DESCRIPTION, _REFERENCE),
    "TRAP-TYPE": (
        Clause(("ENTERPRISE",), "arcs", required=True),
        Clause(("VARIABLES", "OBJECTS"), "names"),
        Clause(("DESCRIPTION",), "text"),
        _REFERENCE,
    ),
    "MODULE-IDENTITY": (
        Clause(("LAST-UPDATED",), "text", required=True),
        Clause(("ORGANIZATION",), "text", required=True),
        Clause(("CONTACT-INFO",), "text", required=True),
        _DESCRIPTION,
    ),
    "TEXTUAL-CONVENTION": (
        Clause(("DISPLAY-HINT",), "text"),
        _STATUS,
        _DESCRIPTION,
        _REFERENCE,
        Clause(("SYNTAX",), "syntax", required=True),
    ),
}

#: The words of a STATUS and of an access.
_STATUSES = ("current", "deprecated", "obsolete", "mandatory", "optional")
_ACCESSES = (
    *("read-only", "read-write", "read-create", "write-only", "not-accessible", "accessible-for-notify"),
    *("not-implemented", "install", "notify", "install-notify", "report-only"),
)
_MOST_WORDS = 4
_BY_LETTERS = {word.replace("-", ""): word for word in (*_STATUSES, *_ACCESSES)}

#: The clause that a word or a text begins behind another clause, if the word before it is missing.
_IMPLIED = {
    **dict.fromkeys(_STATUSES, ("STATUS", ("MAX-ACCESS", "UNITS", "SYNTAX"))),
    **dict.fromkeys(_ACCESSES, ("MAX-ACCESS", ("SYNTAX", "UNITS"))),
    "": ("DESCRIPTION", ("STATUS",)),
}

#: The types that have a name of two words.
_PAIRS = {"OCTET": "STRING", "OBJECT": "IDENTIFIER"}

_PAIRS_OF_WORDS = frozenset(f"{first} {second}" for first, second in _PAIRS.items())

#: The types that are words of the grammar.
_TYPES = frozenset(
    (
        *("INTEGER", "Integer32", "Counter", "Counter32", "Counter64", "Gauge", "Gauge32", "IpAddress"),
        *("NetworkAddress", "Opaque", "TimeTicks", "Unsigned32"),
    )
)


#: Those of them that are numbers.
_NUMBERS = _TYPES - {"IpAddress", "NetworkAddress", "Opaque"}


@dataclass(slots=True)
class Pieces:
    """A definition, split.

    Attributes:
        name: the token of its name.
        macro: the macro; ``"::="`` for a type.
        clauses: the tokens of each clause behind its first word, by that word.
        value: the tokens behind ``::=``.
        left_out: the first word of each clause that is there twice, or is of another macro.
    """

    name: Token
    macro: str
    clauses: dict[str, list[Token]]
    value: list[Token] = field(default_factory=list)
    left_out: list[Token] = field(default_factory=list)


def split(tokens: Sequence[Token]) -> Pieces | None:
    """Split a definition into its clauses; ``None`` if it is none that has them."""
    if len(tokens) < 3:
        return None
    head, position = _macro(tokens)
    if not head:
        return None
    pieces = Pieces(tokens[0], head, {})
    if head == "::=":
        pieces.value = list(tokens[position:])
        return pieces
    known = {word: clause.words[0] for clause in GRAMMAR.get(head, ()) for word in clause.words}
    current = pieces.clauses.setdefault("", [])
    depth = 0
    for place, token in enumerate(tokens[position:], position):
        keyword = known.get(token.text) or known.get(closest(token.text) or "")
        opens = token.kind == "word" and keyword is not None and (not depth or token.first)
        implied = "" if depth or keyword is not None else _implied(pieces, current, token, known)
        if opens and not pieces.clauses.get(str(keyword)):
            current = pieces.clauses.setdefault(str(keyword), [])
            depth = 0
        elif implied:
            current = pieces.clauses[implied] = [token]
        elif opens or (token.text in CLAUSES and not depth and not _is_type(tokens, place)):
            current = []
            pieces.left_out.append(token)
        elif token.text == "::=" and head != "TEXTUAL-CONVENTION":
            current = pieces.value
            pieces.value.clear()
            depth = 0
        else:
            depth = max(0, depth + (token.text == "{") - (token.text == "}"))
            current.append(token)
    leading = pieces.clauses.pop("")
    if leading and head == "OBJECT-TYPE" and "SYNTAX" not in pieces.clauses:
        pieces.clauses["SYNTAX"] = leading  # only the word is missing
    return pieces


def _implied(pieces: Pieces, current: list[Token], token: Token, known: Mapping[str, str]) -> str:
    """Return the clause whose first word is missing before a token; ``""`` if none is."""
    word, before = _IMPLIED.get(token.text.lower() if token.kind == "word" else "", ("", ()))
    if word not in known or pieces.clauses.get(word) or token.kind not in {"word", "string"}:
        return ""
    return word if current and any(current is pieces.clauses.get(clause) for clause in before) else ""


def _is_type(tokens: Sequence[Token], place: int) -> bool:
    """Whether a word that begins a clause is one of the type OBJECT IDENTIFIER here."""
    return tokens[place].text == "OBJECT" and [token.text.upper() for token in tokens[place + 1 : place + 2]] == [
        "IDENTIFIER"
    ]


def _macro(tokens: Sequence[Token]) -> tuple[str, int]:
    """Return the macro of a definition, and the position behind it."""
    word = tokens[1].text if tokens[1].text in GRAMMAR else closest(tokens[1].text) or tokens[1].text
    if word in GRAMMAR:
        return word, 2
    if word == "SYNTAX":
        return "OBJECT-TYPE", 1
    if word == "::=":
        second = tokens[2].text if tokens[2].text in GRAMMAR else closest(tokens[2].text)
        if second == "TEXTUAL-CONVENTION":
            return "TEXTUAL-CONVENTION", 3
        return "::=", 2
    return "", 0


def written(clause: Clause, tokens: Sequence[Token], stand_ins: StandIns) -> tuple[str, str]:
    """Return a clause behind its first word as the grammar has it, and what had to be left out.

    ``""`` as the clause is one that cannot be read at all.
    """
    if clause.kind == "text":
        return _text(tokens), ""
    if clause.kind == "word":
        return _word(tokens, stand_ins)
    if clause.kind == "names":
        listed = read_names(tokens, 0, stand_ins)
        return f"{{ {listed.text} }}" if listed.text else "", ", ".join(listed.left_out)
    if clause.kind == "arcs":
        return read_arcs(tokens, stand_ins), ""
    if clause.kind == "value":
        return render(tokens).strip(), ""
    return write_syntax(tokens, stand_ins)


def _text(tokens: Sequence[Token]) -> str:
    if len(tokens) == 1 and tokens[0].kind == "string":
        return render(tokens)
    words = [token.text[1:-1] if token.kind == "string" else token.text for token in tokens]
    return render([Token("string", f'"{" ".join(words)}"', 0)])


def _word(tokens: Sequence[Token], stand_ins: StandIns) -> tuple[str, str]:
    """Return the word of a STATUS or an access, which may be written as two, and what stands behind it."""
    words = [token.text.strip('"') for token in tokens if token.kind in ("word", "string", "odd")]
    words = [part for word in words for part in word.lower().replace("_", "-").split()]
    for end in range(min(len(words), _MOST_WORDS), 0, -1):
        known = _BY_LETTERS.get("".join(words[:end]).replace("-", ""))
        if known is not None:
            return known, " ".join(words[end:])
    if not words:
        return "", ""
    return (words[0] if is_name(words[0]) else stand_ins.name(words[0])), " ".join(words[1:])


# ----------------------------------------------------------------------------------------------- syntax


def write_syntax(tokens: Sequence[Token], stand_ins: StandIns) -> tuple[str, str]:
    """Return a SYNTAX as the grammar has it, and what had to be left out; ``""`` if its type cannot be read."""
    if not tokens:
        return "", ""
    base, position = _type(tokens, stand_ins)
    if not base:
        return "", ""
    rest = tokens[position:]
    if base == "SEQUENCE":
        if rest and rest[0].text == "{":
            columns = read_columns(rest, 0, stand_ins).text
            return (f"SEQUENCE {{ {columns} }}" if columns else ""), ""
        return "", ""
    if base == "BITS" or (rest and rest[0].text == "{") or _has_numbers(rest):
        return _enumeration(base, rest, stand_ins)
    if rest and rest[0].text in ("(", "SIZE"):
        ranges = read_ranges(rest, 0)
        return f"{base} {_constraint(base, ranges.text)}".strip(), ", ".join(ranges.left_out)
    return base, " ".join(token.text for token in rest)[:60]


def _constraint(base: str, text: str) -> str:
    """Return a constraint of the kind that a type can have: lengths for a string, values for a number."""
    is_size = text.startswith("(SIZE ")
    if base in ("OCTET STRING", "Opaque") and text and not is_size:
        return f"(SIZE {text})"
    return text[len("(SIZE ") : -1] if is_size and base in _NUMBERS else text


def _type(tokens: Sequence[Token], stand_ins: StandIns) -> tuple[str, int]:
    """Return the name of a type, and the position behind it."""
    position = 0
    while position < len(tokens) and tokens[position].text == "[":  # a tag: [APPLICATION 1] IMPLICIT
        while position < len(tokens) and tokens[position].text != "IMPLICIT":
            position += 1
        position += 1
    if position >= len(tokens):
        return "", position
    token = tokens[position]
    if token.text == "{":
        return "INTEGER", position
    word = spelled(token.text) or token.text
    following = tokens[position + 1].text if position + 1 < len(tokens) else ""
    if word == "SEQUENCE" and following.upper() == "OF" and position + 2 < len(tokens):
        row = tokens[position + 2].text
        return f"SEQUENCE OF {row if is_name(row) and row[0].isupper() else stand_ins.type(row)}", position + 3
    if word in _PAIRS and following.upper() == _PAIRS[word]:
        return f"{word} {_PAIRS[word]}", position + 2
    if word in _TYPES or word in ("SEQUENCE", "BITS"):
        return word, position + 1
    if token.kind != "word" or word in KEYWORDS:
        return "", position
    return (word if is_name(word) and word[0].isupper() else stand_ins.type(word)), position + 1


def _has_numbers(rest: Sequence[Token]) -> bool:
    """Whether named numbers follow in brackets instead of braces."""
    kinds = [token.text if token.kind == "mark" or token.text == "SIZE" else token.kind for token in rest[:3]]
    return kinds == ["(", "word", "("]


def _enumeration(base: str, rest: Sequence[Token], stand_ins: StandIns) -> tuple[str, str]:
    """Return a type with its named numbers; BITS have them always."""
    limits = {"least": 0} if base == "BITS" else {}
    listed = read_numbers(rest, 0, stand_ins, **limits) if rest and rest[0].text in ("{", "(") else None
    text = listed.text if listed is not None else ""
    if not text and base == "BITS":
        text = f"{stand_ins.name('')}(0)"
    left_out = ", ".join(listed.left_out) if listed is not None else ""
    if text and (base in _PAIRS_OF_WORDS or base in _TYPES - _NUMBERS):
        return base, stand_ins.shown(text)
    if base in _NUMBERS and base != "INTEGER":
        base = stand_ins.type(base)  # the grammar has names for numbers of INTEGER and of a module's types only
    return (f"{base} {{ {text} }}" if text else stand_ins.shown(base)), left_out
