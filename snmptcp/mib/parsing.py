"""The syntax trees of modules: the compiler's parser, and the repair of what it refuses.

Runs in the child process (:mod:`snmptcp.mib.worker`).

Contains: the calls of the parser.  Does not contain: the repairs (:mod:`snmptcp.mib.repairs`), the meaning of a tree
(:mod:`snmptcp.mib.generating`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from pysmi.error import PySmiError, PySmiParserError
from pysmi.parser.smiv1compat import SmiV1CompatParser

from snmptcp.mib.repairs.definitions import Refused, repair_definition
from snmptcp.mib.repairs.lexer import Note, read_tokens, render
from snmptcp.mib.repairs.outline import read_outline

if TYPE_CHECKING:
    from snmptcp.mib.repairs.lexer import Token
    from snmptcp.mib.repairs.outline import Outline, Part

__all__ = ("ModuleParser", "Tree")


#: What the compiler would take for a part of a comment, and could do without: a named number or a clause behind a
#: comment that is closed in its line.
_BEHIND_COMMENT = (
    r"--(?!-)(?:(?!--)[^\n])*--[ \t]*(?:[A-Za-z0-9][\w-]*[ \t]*\([ \t]*-?\d+[ \t]*\)[ \t]*(?:[,}]|$)"
    r"|(?:DESCRIPTION|REFERENCE|UNITS|DEFVAL|INDEX|AUGMENTS|OBJECTS|VARIABLES)[ \t]*[{\"])"
)
_CLOSED_COMMENT = re.compile(_BEHIND_COMMENT, re.MULTILINE)

#: A name that the compiler would take for a number and a name.
_NUMBER_AND_NAME = re.compile(r"\d+[A-Z]")

#: A comment directly behind a word, which the compiler would take for a part of it.
_GLUED_COMMENT = r"^(?:(?!--)[^\"\n])*[A-Za-z0-9]--(?!-)"

#: What the compiler reads, but not as it is meant; as it may stand in texts, too, each definition is looked at.
_MISREAD = re.compile(rf"{_BEHIND_COMMENT}|[\s{{,]\d+[A-Z][\w-]*[\s}},]|{_GLUED_COMMENT}", re.MULTILINE)

#: What the compiler says of words that it does not expect, before the word.
_BAD_GRAMMAR = re.compile("Bad grammar near token type .*?, value")


class Tree(NamedTuple):
    """A module's syntax tree, in the compiler's shape.

    Attributes:
        name: the module.
        oid: the OID behind its name, which nothing uses.
        imports: the symbols of each module that it imports from; ``None`` if it imports nothing.
        declarations: its definitions: tuples whose first element is the kind, the second the name.
    """

    name: str
    oid: Any
    imports: dict[str, list[str]] | None
    declarations: list[Any] | None


class Parsed(NamedTuple):
    """A tree, and what was done to get it."""

    tree: Tree
    notes: list[Note]


class _Parser(SmiV1CompatParser):  # type: ignore[misc]  # the compiler makes this class at run time
    """The compiler's parser, which refuses lists without commas: it would take their first names only."""

    # The docstrings are rules of the grammar, the names those of the compiler.

    def p_Index(self, p: Any) -> None:
        "Index : ObjectName\n| typeSMIv1"  # noqa: D300, D301, D415
        p[0] = _only_name(p) if isinstance(p[1], tuple) else p[1]

    def p_Object(self, p: Any) -> None:
        """Object : ObjectName"""  # noqa: D415
        p[0] = _only_name(p)

    def p_VarType(self, p: Any) -> None:
        """VarType : ObjectName"""  # noqa: D415
        p[0] = _only_name(p)

    def p_Notification(self, p: Any) -> None:
        """Notification : NotificationName"""  # noqa: D415
        p[0] = _only_name(p)


def _is_glued(part: Part, token: Token) -> bool:
    """Whether a token of a part is a word with a comment directly behind it."""
    end = token.start - part.tokens[0].start + len(token.text)
    return token.kind == "word" and part.text.startswith("--", end)


def _is_macro(part: Part) -> bool:
    """Whether a part defines a macro of the language, which is known."""
    return len(part.tokens) > 1 and part.tokens[1].text == "MACRO"


def _only_name(p: Any) -> Any:
    names = p[1][1]
    if len(names) > 1:
        raise PySmiParserError(f"a comma is missing between {names[0]} and {names[1]}", lineno=p.lexer.lineno)
    return names[0]


class ModuleParser:
    """Reads texts of modules."""

    def __init__(self) -> None:
        self._parser = _Parser()

    def parse(self, module: str, text: str) -> Parsed:
        """Return the syntax tree of a module.

        Raises:
            Refused: nothing of it can be read.
        """
        try:
            tree = self._whole(module, text)
        except Refused as refused:
            outline = read_outline(module, text)
            if outline is None:
                raise
            return self._by_parts(module, outline, refused)
        outline = read_outline(module, text) if _MISREAD.search(text) is not None else None
        if outline is None:
            return Parsed(tree, [])
        return self._by_parts(module, outline, Refused("no definition can be read"))

    def _whole(self, module: str, text: str) -> Tree:
        self._parser.reset()
        trees = self._trees(text, 1)
        for tree in trees:
            if tree[0] == module:
                return Tree(*tree)
        if trees:
            raise Refused("it is not in its text")
        raise Refused("the text ends before the END of the module", text.count("\n") + 1)

    def _by_parts(self, module: str, outline: Outline, refused: Refused) -> Parsed:
        """Return the tree of all definitions that can be read.

        Raises:
            Refused: none can.
        """
        declarations: list[Any] = []
        notes = list(outline.notes)
        for part in outline.parts:
            declaration, more = self._part(part)
            notes += more
            if declaration is not None:
                declarations.append(declaration)
        if not declarations and not all(map(_is_macro, outline.parts)):
            raise refused
        return Parsed(Tree(module, None, outline.imports, declarations), notes)

    def _part(self, part: Part) -> tuple[Any, list[Note]]:
        if _is_macro(part):
            return None, []
        if _CLOSED_COMMENT.search(part.text) is not None:
            found = self._with_closed_comments(part)
            if found is not None:
                return found
        if any(_is_glued(part, token) for token in part.tokens):
            note = Note(part.line, f"{part.name}: '--' directly behind a word begins a comment")
            return self._read_tokens(part, note)
        if any(token.kind == "word" and _NUMBER_AND_NAME.match(token.text) for token in part.tokens):
            return self._repaired(part, Refused("a name begins with a digit", part.line))
        try:
            return self._definition(part.text, part.line), []
        except Refused as refused:
            return self._repaired(part, refused)

    def _read_tokens(self, part: Part, note: Note) -> tuple[Any, list[Note]]:
        try:
            return self._definition(render(part.tokens)), [note]
        except Refused as refused:
            return self._repaired(part, refused)

    def _repaired(self, part: Part, refused: Refused) -> tuple[Any, list[Note]]:
        found = repair_definition(part, refused, self._definition)
        return found.tree, found.notes

    def _with_closed_comments(self, part: Part) -> tuple[Any, list[Note]] | None:
        """Return a definition whose comments are closed in their line; ``None`` if they go to its end."""
        tokens = read_tokens(part.text, part.line, closed_comments=True).tokens
        if [token.text for token in tokens] == [token.text for token in part.tokens]:
            return None
        try:
            tree = self._definition(render(tokens))
        except Refused:
            return None
        return tree, [Note(part.line, f"{part.name}: a second '--' in a line ends a comment")]

    def _definition(self, text: str, line: int = 1) -> Any:
        """Return the syntax tree of one definition.

        Raises:
            Refused: it is none, or more than one.
        """
        trees = self._trees(f"X DEFINITIONS ::= BEGIN {text}\nEND", line)
        declarations = trees[0][3] if len(trees) == 1 else None
        if declarations is None or len(declarations) != 1:
            raise Refused("it is not one definition", line)
        return declarations[0]

    def _trees(self, text: str, line: int) -> list[Any]:
        lexer = self._parser.lexer.lexer
        lexer.begin("INITIAL")
        lexer.lineno = line
        try:
            found = self._parser.parser.parse(text, lexer=lexer)
        except PySmiError as exc:
            at = getattr(exc, "lineno", 0)
            raise Refused(_BAD_GRAMMAR.sub("bad grammar near", exc.msg), at if isinstance(at, int) else 0) from exc
        except MemoryError:
            raise
        except Exception as exc:  # such as those for numbers of thousands of digits
            raise Refused(f"the compiler fails with {type(exc).__name__}: {str(exc)[:80]}", lexer.lineno) from exc
        return found[1] or [] if found else []
