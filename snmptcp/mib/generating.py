"""The meaning of syntax trees: the compiler's symbol tables and documents, without what cannot be in them.

The compiler stops at the first definition that does not fit the others.  Here each is taken by itself: one that does
not fit is read without its default, or by its name and OID alone, or it is left out, and the rest stays.

Runs in the child process (:mod:`snmptcp.mib.worker`).

Contains: the calls of the compiler's generators.  Does not contain: the parser (:mod:`snmptcp.mib.parsing`), where
imports are looked for (:mod:`snmptcp.mib.imports`).
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from pysmi.codegen.base import REPAIRED_IMPORTS_KEY
from pysmi.codegen.jsondoc import JsonCodeGen
from pysmi.codegen.symtable import SymtableCodeGen
from pysmi.error import PySmiError, PySmiSemanticError

from snmptcp.mib.declarations import change_declaration, indexed_by, oid_of
from snmptcp.mib.repairs.definitions import NO_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snmptcp.mib.parsing import Tree

__all__ = ("UNKNOWN", "Generator", "Remark", "Table", "words_of")

#: The module that types come from which no module defines.
UNKNOWN = "?"

#: What the compiler raises for trees that it does not expect.
_FAULTS = (PySmiError, ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)

#: The key of a symbol table's names, in the order of the document.
_ORDER = "_symtable_order"

#: The compiler's names of indexes that are types without an object (RFC 1212 section 4.1.6), and their first number.
_INDEX_TYPE, _FIRST_INDEX_TYPE = "pysmiFakeCol", 1000

#: The types in an INDEX that the compiler takes for objects.
_INDEX_TYPES = ("IpAddress", "NetworkAddress")

#: Where an OBJECT-TYPE has its DEFVAL, counted from its name.
_DEFAULT = 9

#: What the compiler says of imports that are not there.
_NO_MODULE = re.compile('no module "(.*)" in symbolTable')
_NO_SYMBOL = re.compile('no symbol "(.*)" in module "(.*)"')

#: The parts of a tree that are texts.
_TEXTS = tuple(
    (word,) for word in ("DESCRIPTION", "REFERENCE", "UNITS", "DISPLAY-HINT", "ORGANIZATION", "CONTACT-INFO")
)

#: How often a table is made again without what is missing in it.
_MOST_ROUNDS = 8

#: How many names one repair shows.
_SHOWN = 5


@dataclass(slots=True)
class Remark:
    """What was done to a definition, in words; the name tells where it is."""

    name: str
    text: str


@dataclass(slots=True)
class Table:
    """A module's symbol table.

    Attributes:
        tree: the tree that it belongs to, without what cannot be in it.
        defines: the names that the module defines.
        needs: the modules whose tables the document needs.
        missing: the names that the module uses and neither defines nor imports.
        remarks: what was done to make it.
    """

    tree: Tree
    defines: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    remarks: list[Remark] = field(default_factory=list)


class Generator:
    """The compiler's generators, and the symbol tables that they share."""

    def __init__(self) -> None:
        self._tables: dict[str, dict[str, Any]] = {}

    def table(self, tree: Tree, *, complete: bool = False) -> Table:
        """Make the symbol table of a module, and keep it.

        Args:
            tree: the module.
            complete: whether to do without what is missing; otherwise a table in which something is missing is not
                kept.

        Raises:
            PySmiError: nothing of the module can be in a table.
        """
        remarks: list[Remark] = []
        tree = _without_duplicates(_changed(_without_itself(tree, remarks), remarks), remarks)
        maker = _Symbols()
        found = _make(maker, tree)
        for _ in range(_MOST_ROUNDS):
            if not isinstance(found, PySmiError):
                break
            missing = maker.missing()
            renamed = _with_one_spelling(tree, missing.names, remarks)
            if renamed is not tree:
                tree, maker = renamed, _Symbols()
                found = _make(maker, tree)
                continue
            if missing.names and not complete:
                return _incomplete(tree, _originals(tree, missing.names) | _unknown_indexes(tree), remarks)
            tree = _without_missing(tree, missing, remarks)
            if not _defined(tree):
                raise found
            maker = _Symbols()
            found = _make(maker, tree)
        if isinstance(found, PySmiError):
            raise found
        unknown = _unknown_indexes(tree)
        if unknown and not complete:
            return _incomplete(tree, unknown, remarks)
        needs, table = found
        table[_ORDER] = _numbered(table[_ORDER])
        self._tables[tree.name] = table
        for symbol, module in sorted(table[REPAIRED_IMPORTS_KEY].items()):
            remarks.append(Remark(symbol, f"{symbol} is not imported; it is taken from {module}"))
        others = tuple(name for name in needs if name not in (tree.name, UNKNOWN))
        return Table(tree, _defined(tree), others, (), remarks)

    def document(self, tree: Tree) -> tuple[dict[str, Any], list[Remark]]:
        """Return the document of a module, and what was done to make it.

        Raises:
            PySmiError: nothing of the module can be in a document.
        """
        maker = _Documents()
        _, text = maker.gen_code(tuple(tree), self._tables, genTexts=True, textFilter=lambda _, text: text)
        document = json.loads(text)
        if maker.first_failure is not None and not any("oid" in entry for entry in document.values()):
            raise maker.first_failure
        return document, _summarized(maker.remarks)


def _incomplete(tree: Tree, missing: set[str], remarks: list[Remark]) -> Table:
    """Return what is known of a module whose table has not been made, because something is missing."""
    return Table(tree, _defined(tree), tuple(sorted(tree.imports or ())), tuple(sorted(missing)), remarks)


def _make(maker: _Symbols, tree: Tree) -> tuple[tuple[str, ...], dict[str, Any]] | PySmiError:
    """Return the needs and the table of a module, or why there is none."""
    try:
        info, table = maker.gen_code(tuple(tree), {})
    except PySmiError as error:
        return error
    return tuple(sorted(info.imported)), table


def _numbered(order: list[str]) -> list[str]:
    """Return names among which those of types in an INDEX are numbered as the document numbers them.

    The compiler goes on counting when it makes a table a second time.
    """
    number = _FIRST_INDEX_TYPE
    names = []
    for name in order:
        names.append(f"{_INDEX_TYPE}{number}" if name.startswith(_INDEX_TYPE) else name)
        number += name.startswith(_INDEX_TYPE)
    return names


# --------------------------------------------------------------------------- what is taken for another


def _changed(tree: Tree, remarks: list[Remark]) -> Tree:
    """Return a tree of which the compiler can take each declaration by itself."""
    kept: list[Any] = []
    for item in filter(None, tree.declarations or ()):
        changed = change_declaration(item)
        remarks += [Remark(item[1], f"{item[1]}{note}") for note in changed.notes]
        if changed.declaration is not None:
            kept.append(changed.declaration)
    return tree._replace(declarations=kept)


def _unknown_indexes(tree: Tree) -> set[str]:
    """Return the names in an INDEX or AUGMENTS that the module neither defines nor imports."""
    known = set(_defined(tree)).union(*(tree.imports or {}).values(), SymtableCodeGen.smiv1IdxTypes, _INDEX_TYPES)
    return {name for item in tree.declarations or () for name in indexed_by(item)} - known


# ------------------------------------------------------------------------------- what is there too often


def _without_itself(tree: Tree, remarks: list[Remark]) -> Tree:
    """Return a tree that imports nothing from its own module."""
    if not tree.imports or tree.name not in tree.imports:
        return tree
    remarks.append(Remark("IMPORTS", "the module imports from itself, which is left out"))
    return tree._replace(imports={name: symbols for name, symbols in tree.imports.items() if name != tree.name})


def _without_duplicates(tree: Tree, remarks: list[Remark]) -> Tree:
    """Return a tree in which each name is defined once: another definition of an OID is renamed."""
    seen: dict[str, Any] = {}
    kept: list[Any] = []
    identities = 0
    numbers: dict[str, int] = {}
    for item in tree.declarations or ():
        declaration, kind, name = item, item[0], item[1]
        key = SymtableCodeGen.trans_opers(name)
        if kind == "moduleIdentityClause":
            identities += 1
            if identities > 1:
                remarks.append(Remark(name, f"{name} is a second MODULE-IDENTITY, and is read as an OBJECT IDENTIFIER"))
                declaration = ("valueDeclaration", name, item[-1])
        if _is_sequence(declaration):
            kept.append(declaration)
        elif key not in seen:
            seen[key] = declaration
            kept.append(declaration)
        elif kind == "typeDeclaration" or declaration[-1] == seen[key][-1]:
            remarks.append(Remark(name, f"{name} is defined twice; the first definition counts"))
        else:
            while SymtableCodeGen.trans_opers(other := f"{name}_{numbers.setdefault(name, 2)}") in seen:
                numbers[name] += 1
            seen[SymtableCodeGen.trans_opers(other)] = declaration
            remarks.append(Remark(name, f"{name} is defined twice; the second is called {other}"))
            kept.append((kind, other, *declaration[2:]))
    return tree._replace(declarations=kept)


def _is_sequence(declaration: Any) -> bool:
    """Whether a declaration is that of a row, which is no symbol of its own."""
    return declaration[0] == "typeDeclaration" and (
        declaration[2] is None or (len(declaration[2]) == 2 and declaration[2][1][0] == "SEQUENCE")
    )


# ---------------------------------------------------------------------------------- what is not there


class _Missing(NamedTuple):
    """What a module uses that is not there, in the compiler's spelling.

    Attributes:
        types: types, and rows that others augment.
        parents: names in OIDs.
        circular: names that are defined by themselves.
        waiting: names whose definitions wait for types.
    """

    types: frozenset[str]
    parents: frozenset[str]
    circular: frozenset[str]
    waiting: frozenset[str]

    @property
    def names(self) -> frozenset[str]:
        return self.types | self.parents


class _Symbols(SymtableCodeGen):  # type: ignore[misc]  # the compiler's decorator has no types
    """Makes the symbol table of one module."""

    def reg_postponed_syms(self) -> None:
        """Take over what waits for names that are known now, and what waits for that; the compiler looks once."""
        waiting = -1
        while len(self._postponedSyms) != waiting:
            waiting = len(self._postponedSyms)
            super().reg_postponed_syms()

    def missing(self) -> _Missing:
        """Return what was not found, after the table could not be made."""
        postponed = self._postponedSyms
        wanted = {parent for parents, _ in postponed.values() for parent in parents}
        types = frozenset(name for name in wanted if name not in postponed and not self.all_parents_exists([name]))
        known = {*self._out, *self._importMap, *postponed}
        waiting = frozenset(postponed)
        return _Missing(types, frozenset(self._parentOids) - known, frozenset() if types else waiting, waiting)


def _with_one_spelling(tree: Tree, names: frozenset[str], remarks: list[Remark]) -> Tree:
    """Return a tree in which names that differ from that of a definition in case only are spelt as there."""
    types: dict[str, list[str]] = {}
    objects: dict[str, list[str]] = {}
    for item in tree.declarations or ():
        if not _is_sequence(item):
            found = types if item[0] == "typeDeclaration" else objects
            found.setdefault(item[1].casefold(), []).append(item[1])
    arcs = {arc for item in tree.declarations or () for arc in _parents_as_written(item)}
    spelled: dict[str, str] = {}
    for name in sorted(_originals(tree, names)):
        alike = (objects if name in arcs else types).get(name.casefold(), [])
        if len(alike) == 1:
            spelled[name] = alike[0]
            remarks.append(Remark(name, f"{name} is read as {alike[0]}"))
    if not spelled:
        return tree
    return tree._replace(declarations=[_respelled(item, spelled) for item in tree.declarations or ()])


def _respelled(item: Any, spelled: dict[str, str]) -> Any:
    """Return a part of a tree with other spellings, but for texts."""
    if isinstance(item, str):
        return spelled.get(item, item)
    if isinstance(item, list):
        return [_respelled(part, spelled) for part in item]
    if isinstance(item, tuple) and item[:1] not in _TEXTS:
        return tuple(_respelled(part, spelled) for part in item)
    return item


def _without_missing(tree: Tree, missing: _Missing, remarks: list[Remark]) -> Tree:
    """Return a tree that does without: unknown types stay names, and what has no known OID is left out."""
    imports = {name: list(symbols) for name, symbols in (tree.imports or {}).items()}
    rows = {item[1] for item in tree.declarations or () if _is_sequence(item)}
    names = _originals(tree, missing.types)
    for name in sorted(names):
        imports.setdefault(UNKNOWN, []).append(name)
        if name != NO_TYPE and name not in rows:
            text = f"{name} is not defined in any module that is at hand: its values have no known type"
            remarks.append(Remark(name, text))
    kept = list(tree.declarations or ())
    for name in sorted(names.intersection((tree.imports or {}).get(UNKNOWN, ()))):  # the compiler takes it for another
        waiting = [item for item in kept if SymtableCodeGen.trans_opers(item[1]) in missing.waiting]
        remarks += [Remark(item[1], f"{item[1]} is left out: {name} is a word of the language") for item in waiting]
        kept = [item for item in kept if item not in waiting]
    circular = [item for item in kept if SymtableCodeGen.trans_opers(item[1]) in missing.circular]
    circular = [item for item in circular if item[0] == "typeDeclaration" and not _is_sequence(item)] or circular
    for item in circular:
        kept.remove(item)
        imports.setdefault(UNKNOWN, []).append(item[1])
        remarks.append(Remark(item[1], f"{item[1]} is defined by itself, and is left out"))
    kept = _without_those_below(kept, missing.parents, remarks)
    return tree._replace(imports=imports, declarations=kept)


def _without_those_below(declarations: list[Any], parents: frozenset[str], remarks: list[Remark]) -> list[Any]:
    """Return the declarations whose OIDs are not below some names, nor below what is left out therefore."""
    below: dict[str, list[Any]] = {}
    for item in declarations:
        for parent in _parents(item):
            below.setdefault(parent, []).append(item)
    gone: set[str] = set()
    waiting = sorted(parents)
    for parent in waiting:
        names = [item[1] for item in below.get(parent, ()) if SymtableCodeGen.trans_opers(item[1]) not in gone]
        if names:
            remarks.append(Remark(names[0], f"{_listed(names)} left out: {parent} is not defined"))
        new = [SymtableCodeGen.trans_opers(name) for name in names]
        gone.update(new)
        waiting += new
    return [item for item in declarations if not _parents(item) or SymtableCodeGen.trans_opers(item[1]) not in gone]


def _parents(declaration: Any) -> list[str]:
    """Return the names in the OID of a declaration, in the compiler's spelling."""
    return [SymtableCodeGen.trans_opers(arc) for arc in _parents_as_written(declaration)]


def _parents_as_written(declaration: Any) -> list[str]:
    """Return the names in the OID of a declaration."""
    return [arc for arc in oid_of(declaration) if isinstance(arc, str)]


def _originals(tree: Tree, names: frozenset[str]) -> set[str]:
    """Return the names as the module spells them."""
    if not names:
        return set()
    spelled = {SymtableCodeGen.trans_opers(word): word for word in words_of(tree)}
    return {spelled.get(name, name) for name in names}


def words_of(tree: Tree) -> set[str]:
    """Return the names that the definitions of a module use, and its texts."""
    words: set[str] = set()
    waiting: list[Any] = [tree.declarations or []]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            words.add(item)
        elif isinstance(item, (tuple, list)):
            waiting += item
    return words


def _defined(tree: Tree) -> tuple[str, ...]:
    return tuple(item[1] for item in tree.declarations or () if not _is_sequence(item))


def _listed(names: list[str]) -> str:
    """Return names as the subject of a sentence, the first of many."""
    if len(names) == 1:
        return f"{names[0]} is"
    if len(names) <= _SHOWN:
        return f"{', '.join(names[:-1])} and {names[-1]} are"
    return f"{', '.join(names[:_SHOWN])} and {len(names) - _SHOWN} more are"


# ------------------------------------------------------------------------------------------- documents


class _Failed(NamedTuple):
    """A declaration whose parts could not be read."""

    fault: Exception


#: The kinds of declarations.
_DECLARATIONS = frozenset(kind for kind in JsonCodeGen.handlersTable if kind.endswith(("Clause", "Declaration")))


class _Documents(JsonCodeGen):  # type: ignore[misc]  # the compiler's decorator has no types
    """Makes the document of one module, each declaration by itself."""

    handlersTable: ClassVar[dict[str, Any]] = {
        kind: (lambda self, data, kind=kind: self.declare(kind, data)) if kind in _DECLARATIONS else handler
        for kind, handler in JsonCodeGen.handlersTable.items()
    }

    def __init__(self) -> None:
        super().__init__()
        self.remarks: list[Remark] = []
        self.first_failure: PySmiError | None = None
        self._current: tuple[Any, ...] | None = None  # the declaration that is being read

    def prep_data(self, pdata: Any) -> Any:
        """Read the parts of a declaration, or of a part of it."""
        if self._current is not None:
            return super().prep_data(pdata)
        self._current = pdata
        try:
            return super().prep_data(pdata)
        except _FAULTS as fault:
            return _Failed(fault)

    def declare(self, kind: str, data: Any) -> Any:
        """Take a declaration into the document: as it is, without its default, or by its name and OID."""
        declaration, self._current = self._current or (), self._current or ()
        try:
            return self._declare(kind, declaration, data)
        finally:
            self._current = None

    def _declare(self, kind: str, declaration: tuple[Any, ...], data: Any) -> Any:
        name = declaration[0]
        try:
            if isinstance(data, _Failed):
                raise data.fault
            return JsonCodeGen.handlersTable[kind](self, data)
        except _FAULTS as fault:
            reason = _reason(fault)
            if self.first_failure is None:
                self.first_failure = PySmiSemanticError(reason, lineno=getattr(fault, "lineno", 0))
        for other, what, said in _lesser(kind, declaration):
            found = self._attempt(other, what)
            if found is not None:
                self.remarks.append(Remark(name, f"{name}{said}: {reason}"))
                return found
        self.remarks.append(Remark(name, f"{name} is left out: {reason}"))
        table, symbol = self.symbolTable[self.moduleName[0]], self.trans_opers(name)
        table[_ORDER] = [word for word in table[_ORDER] if word != symbol]
        return None

    def _attempt(self, kind: str, declaration: tuple[Any, ...]) -> Any:
        try:
            return JsonCodeGen.handlersTable[kind](self, super().prep_data(declaration))
        except _FAULTS:
            return None


def _lesser(kind: str, declaration: tuple[Any, ...]) -> Iterator[tuple[str, tuple[Any, ...], str]]:
    """Yield what else a declaration can be read as: the kind, the declaration, and what is lost."""
    if kind == "objectTypeClause" and declaration[_DEFAULT] is not None:
        yield kind, (*declaration[:_DEFAULT], None, *declaration[_DEFAULT + 1 :]), " is read without its DEFVAL"
    if kind not in ("trapTypeClause", "typeDeclaration", "valueDeclaration"):
        yield "valueDeclaration", (declaration[0], declaration[-1]), " is read by its name and OID alone"


def _reason(fault: Exception) -> str:
    if isinstance(fault, PySmiError):
        return _NO_SYMBOL.sub(
            r"\2 does not define \1", _NO_MODULE.sub(r"\1 cannot be read, or is not at hand", fault.msg)
        )
    if isinstance(fault, RecursionError):
        return "its definitions are nested too deeply"
    return f"the compiler fails with {type(fault).__name__}: {fault}"


def _summarized(remarks: list[Remark]) -> list[Remark]:
    """Return remarks of which many with one reason are one."""
    by_reason: dict[str, list[Remark]] = {}
    for remark in remarks:
        reason = remark.text.removeprefix(remark.name)
        by_reason.setdefault(reason if reason.startswith(" is left out") else remark.text, []).append(remark)
    found: list[Remark] = []
    for reason, same in by_reason.items():
        if len(same) == 1:
            found.append(same[0])
        else:
            text = f"{_listed([remark.name for remark in same])}{reason.removeprefix(' is')}"
            found.append(Remark(same[0].name, text))
    return found
