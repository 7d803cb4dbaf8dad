"""A definition that the compiler refuses, repaired.

Each step is tried only if the one before did not suffice:

1. the tokens as :mod:`snmptcp.mib.repairs.lexer` reads them: quotes, odd characters, ``:=``;
2. a second ``--`` ends a comment, as in ASN.1;
3. clause by clause: each that is refused is written as the grammar has it, or else left out; those that the grammar
   demands are added; all come in the order of the grammar;
4. the name and the OID alone, so that what is below it keeps its place;
5. the definition is left out.

Contains: these steps.  Does not contain: how a clause is written (:mod:`snmptcp.mib.repairs.clauses`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from snmptcp.mib.repairs.clauses import GRAMMAR, Clause, Pieces, split, write_syntax, written
from snmptcp.mib.repairs.lexer import Note, Token, read_tokens, render
from snmptcp.mib.repairs.lists import read_arcs
from snmptcp.mib.repairs.stand_ins import StandIns
from snmptcp.mib.repairs.words import MACROS, is_label, is_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.mib.repairs.outline import Part

__all__ = ("NO_TYPE", "Refused", "Repaired", "repair_definition")

#: The name of a type that is not known.
NO_TYPE = "?"

#: How much of a clause or of a text is shown.
_SHOWN = 70


class Refused(Exception):
    """The compiler refuses a text.

    Attributes:
        reason: why, in the compiler's words.
        line: the line of the fault; 0 if it is not known.
    """

    def __init__(self, reason: str, line: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line


@dataclass(slots=True)
class Repaired:
    """What could be read of a definition.

    Attributes:
        tree: the compiler's syntax tree; ``None`` if the definition is left out.
        notes: what was done.
    """

    tree: Any = None
    notes: list[Note] = field(default_factory=list)


def repair_definition(part: Part, refused: Refused, parse: Callable[[str], Any]) -> Repaired:
    """Return what can be read of a definition.

    Args:
        part: the definition.
        refused: why the compiler does not read it as it is.
        parse: returns the syntax tree of a definition's text, or raises :class:`Refused`.
    """
    return _Repair(part, refused, parse).repair()


class _Repair:
    """The steps for one definition."""

    def __init__(self, part: Part, refused: Refused, parse: Callable[[str], Any]) -> None:
        self._part = part
        self._refused = refused
        self._parse = parse
        self._notes: list[Note] = []
        self._stand_ins = StandIns()

    def repair(self) -> Repaired:
        """Try the steps, one after another."""
        part = self._part
        if not part.name:
            text = " ".join(part.text.split())
            return Repaired(None, [Note(part.line, f"{_short(text)!r} is no definition, and is left out")])
        part.tokens = self._named(self._assigned(part.tokens))
        tree = self._read(render(part.tokens))
        if tree is not None:
            return Repaired(tree, part.notes or [Note(part.line, f"{part.name} is read token by token")])
        other = read_tokens(part.text, part.line, closed_comments=True).tokens
        tree = self._read(render(other)) if other != part.tokens else None
        if tree is not None:
            return Repaired(tree, [Note(part.line, f"{part.name}: a second '--' in a line ends a comment")])
        for tokens, notes in ((part.tokens, part.notes), (other, [])):
            self._notes = list(notes)
            tree = self._by_clauses(tokens)
            if tree is not None:
                return Repaired(tree, self._notes)
        return self._by_name()

    def _assigned(self, tokens: list[Token]) -> list[Token]:
        """Return tokens that have ``::=``: before the OID at their end, or behind the name of a type."""
        if any(token.text == "::=" for token in tokens):
            return tokens
        place = 1
        if tokens[1].text not in ("SEQUENCE", "TEXTUAL-CONVENTION"):
            braces = [place for place, token in enumerate(tokens) if token.text == "{"]
            if not braces or tokens[-1].text != "}":
                return tokens
            place = braces[-1]
        line = tokens[place].line
        self._part.notes.append(Note(line, f"{self._part.name}: '::=' is missing"))
        return [*tokens[:place], Token("mark", "::=", line), *tokens[place:]]

    def _named(self, tokens: list[Token]) -> list[Token]:
        """Return tokens in which no name begins with a digit, but for names of numbers, which may be longer."""
        found = list(tokens)
        for place, token in enumerate(tokens):
            following = tokens[place + 1] if place + 1 < len(tokens) else None
            if token.kind != "word" or not token.text[0].isdecimal() or is_label(token.text):
                continue
            end = token.start + len(token.text)
            if following is None or following.text in ("}", ",") or (following.text != "(" and following.start > end):
                found[place] = token._replace(text=self._stand_ins.name(token.text))
                self._part.notes.append(Note(token.line, f"{token.text} is read as a name"))
        return found

    def _read(self, text: str) -> Any:
        """Return the syntax tree of a text; ``None`` if it is refused."""
        try:
            return self._stand_ins.restore(self._parse(text))
        except Refused:
            return None

    def _note(self, line: int, text: str) -> None:
        self._notes.append(Note(line, f"{self._part.name}: {text}"))

    # -------------------------------------------------------------------------------------- clauses

    def _by_clauses(self, tokens: list[Token]) -> Any:
        """Return the syntax tree of a definition each of whose clauses is repaired; ``None`` if it cannot be read."""
        pieces = split(tokens)
        if pieces is None:
            return None
        if pieces.macro == "::=":
            return self._type(pieces)
        name = self._name_of(pieces)
        notes = len(self._notes)
        body = self._clauses(pieces)
        if body is None:
            return None
        tree = self._read(f"{_head(pieces.macro, name)} {body}")
        if tree is not None and len(self._notes) == notes:
            self._note(pieces.name.line, "its clauses are put into the order of the grammar")
        return tree

    def _name_of(self, pieces: Pieces) -> str:
        name = pieces.name.text.strip('"')
        if pieces.macro in ("TEXTUAL-CONVENTION", "::="):
            return name if is_name(name) and name[0].isupper() else self._stand_ins.type(name)
        return name if is_label(name) else self._stand_ins.name(name)

    def _clauses(self, pieces: Pieces) -> str | None:
        """Return all clauses and the value; ``None`` if one that is needed cannot be read."""
        parts: list[str] = []
        for token in pieces.left_out:
            self._note(token.line, f"{token.text} is left out: it is there twice, or {pieces.macro} does not have it")
        for clause in GRAMMAR[pieces.macro]:
            given = pieces.clauses.get(clause.words[0])
            text = "" if given is None else self._clause(pieces, clause, given)
            if not text and clause.required:
                text = self._default(clause)
                if not text:
                    return None
                if given is None:
                    self._note(pieces.name.line, f"{clause.words[0]} is missing")
            parts.append(text)
        if pieces.macro != "TEXTUAL-CONVENTION":
            value = self._value(pieces)
            if not value:
                return None
            parts.append(f"::= {value}")
        return " ".join(parts)

    def _clause(self, pieces: Pieces, clause: Clause, tokens: list[Token]) -> str:
        """Return a clause: as it is, as the grammar has it, or nothing."""
        word = clause.words[0]
        line = tokens[0].line if tokens else pieces.name.line
        as_it_is = f"{word} {render(tokens)}"
        if tokens and self._fits(pieces.macro, word, as_it_is):
            return as_it_is
        text, left_out = written(clause, tokens, self._stand_ins)
        if text and self._fits(pieces.macro, word, f"{word} {text}"):
            also = f", without {_short(left_out)}" if left_out else ""
            self._note(line, f"{word} is read as {_short(self._shown(text))}{also}")
            return f"{word} {text}"
        if not clause.required or self._default(clause):
            self._note(line, f"{word} cannot be read, and is left out")
        return ""

    def _shown(self, text: str) -> str:
        return " ".join(
            self._stand_ins.shown(text.replace(f" {{ {self._stand_ins.name('')}(0) }}", " without names")).split()
        )

    def _fits(self, macro: str, word: str, text: str) -> bool:
        """Whether the compiler takes a clause in a definition whose other clauses are as short as can be."""
        parts = []
        for clause in GRAMMAR[macro]:
            if clause.words[0] == word:
                parts.append(text)
            elif clause.required:
                parts.append(_SHORTEST[clause.words[0]])
        value = "" if macro == "TEXTUAL-CONVENTION" else "::= 1" if macro == "TRAP-TYPE" else "::= { x 1 }"
        return self._read(f"{_head(macro, 'X' if not value else 'x')} {' '.join(parts)} {value}") is not None

    def _default(self, clause: Clause) -> str:
        """Return what stands for a clause that the grammar demands and that is missing; ``""`` if nothing can."""
        if clause.words[0] == "STATUS":
            return f"STATUS {self._stand_ins.name('')}"
        if clause.words[0] == "SYNTAX":
            return f"SYNTAX {self._stand_ins.type(NO_TYPE)}"
        return f'{clause.words[0]} ""' if clause.kind == "text" else ""

    def _value(self, pieces: Pieces) -> str:
        """Return the value behind ``::=``."""
        as_it_is = render(pieces.value)
        arcs = read_arcs(pieces.value, self._stand_ins)
        if not arcs:
            return ""
        if pieces.macro == "TRAP-TYPE":
            number = arcs.split()[-1].strip("()")
            if not number.isdecimal():
                return ""
            if as_it_is.strip() != number:
                self._note(pieces.value[0].line, f"the number of the trap is read as {number}")
            return number
        if self._read(f"x OBJECT IDENTIFIER ::= {as_it_is}") is not None:
            return as_it_is
        self._note(pieces.value[0].line, f"its OID is read as {{ {self._shown(arcs)} }}")
        return f"{{ {arcs} }}"

    def _type(self, pieces: Pieces) -> Any:
        """Return the syntax tree of a type, ``Name ::= SYNTAX``, or of an OID without its ``OBJECT IDENTIFIER``."""
        line = pieces.name.line
        if pieces.value and pieces.value[0].text == "{":
            return None
        text, left_out = write_syntax(pieces.value, self._stand_ins)
        if not text:
            return None
        also = f", without {_short(left_out)}" if left_out else ""
        self._note(line, f"it is read as {_short(self._shown(text))}{also}")
        return self._read(f"{self._name_of(pieces)} ::= {text}")

    # ----------------------------------------------------------------------------------- name alone

    def _by_name(self) -> Repaired:
        """Return the name of an object and its OID, or nothing."""
        part, self._stand_ins = self._part, StandIns()
        tokens = part.tokens
        last = max((place for place, token in enumerate(tokens) if token.text == "::="), default=len(tokens))
        arcs = read_arcs(tokens[last + 1 :], self._stand_ins)
        pieces = split(tokens)
        if pieces is not None and pieces.macro == "TRAP-TYPE":
            enterprise = read_arcs(pieces.clauses.get("ENTERPRISE", []), self._stand_ins)
            arcs = f"{enterprise} 0 {arcs.split()[-1]}" if enterprise and arcs else ""
        name = part.name if is_name(part.name) else self._stand_ins.name(part.name)
        named = tokens[1].text != "::=" or [token.text for token in tokens[2:3]] == ["{"]
        tree = self._read(f"{name} OBJECT IDENTIFIER ::= {{ {arcs} }}") if arcs and named else None
        line, reason = self._refused.line or part.line, self._refused.reason
        if tree is None:
            return Repaired(None, [Note(line, f"{part.name} cannot be read, and is left out: {reason}")])
        if tokens[1].text not in MACROS and (pieces is None or pieces.macro == "::="):
            return Repaired(tree, [Note(part.line, f"{part.name}: its OID is read as {{ {self._shown(arcs)} }}")])
        return Repaired(tree, [Note(line, f"{part.name} cannot be read but for its name and OID: {reason}")])


#: The clauses that the grammar demands, as short as they can be.
_SHORTEST = {
    "SYNTAX": "SYNTAX INTEGER",
    "STATUS": "STATUS current",
    "DESCRIPTION": 'DESCRIPTION ""',
    "OBJECTS": "OBJECTS { x }",
    "NOTIFICATIONS": "NOTIFICATIONS { x }",
    "ENTERPRISE": "ENTERPRISE x",
    "LAST-UPDATED": 'LAST-UPDATED ""',
    "ORGANIZATION": 'ORGANIZATION ""',
    "CONTACT-INFO": 'CONTACT-INFO ""',
}


def _head(macro: str, name: str) -> str:
    return f"{name} ::= TEXTUAL-CONVENTION" if macro == "TEXTUAL-CONVENTION" else f"{name} {macro}"


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}..."
