"""What the compiler says of a module, as rows: each object with its whole syntax and its index.

The compiler's documents name types and indexes of other modules.  Here they are looked up once, so that a row needs
nothing but itself to be used.

Contains: the reading of one document.  Does not contain: where rows are kept (:mod:`snmptcp.mib.store`).
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Protocol

from snmptcp.errors import ConfigurationError
from snmptcp.mib.module_text import arc_names, types_without_hint
from snmptcp.mib.objects import IndexPart, NodeKind, Syntax
from snmptcp.oid import OID

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ("Imported", "ModuleRows", "NodeRow", "flatten")

#: The types of the SMI by the names that modules use (RFC 2578 section 7.1, RFC 1155 section 3.2.3).
_BASES = {
    "INTEGER": "INTEGER",
    "Integer": "INTEGER",
    "Integer32": "INTEGER",
    "Unsigned32": "Unsigned32",
    "UInteger32": "Unsigned32",
    "Gauge32": "Gauge32",
    "Gauge": "Gauge32",
    "Counter32": "Counter32",
    "Counter": "Counter32",
    "Counter64": "Counter64",
    "TimeTicks": "TimeTicks",
    "IpAddress": "IpAddress",
    "NetworkAddress": "IpAddress",
    "OCTET STRING": "OCTET STRING",
    "OBJECT IDENTIFIER": "OBJECT IDENTIFIER",
    "ObjectName": "OBJECT IDENTIFIER",
    "Opaque": "Opaque",
}

_KINDS = {
    "objectidentity": NodeKind.OBJECT_IDENTITY,
    "moduleidentity": NodeKind.MODULE_IDENTITY,
    "notificationtype": NodeKind.NOTIFICATION,
    "objectgroup": NodeKind.GROUP,
    "notificationgroup": NodeKind.NOTIFICATION_GROUP,
    "modulecompliance": NodeKind.COMPLIANCE,
    "agentcapabilities": NodeKind.CAPABILITIES,
}

_NODE_TYPES = {
    "scalar": NodeKind.SCALAR,
    "table": NodeKind.TABLE,
    "row": NodeKind.ROW,
    "column": NodeKind.COLUMN,
}

_TYPES = frozenset(("type", "textualconvention"))

#: What the compiler puts before names that are keywords of Python.
_KEYWORD_PREFIX = "pysmi_"

#: Stands for a type that is missing in the text (:mod:`snmptcp.mib.repairs.definitions`).
_NO_TYPE = "?"

#: Follows a label that an enumeration has twice, with its number (:mod:`snmptcp.mib.declarations`).
_AGAIN = "\ue023"

#: How many types may be made of one another, and how many of them are kept for a syntax; real ones are four.
_MOST_DERIVED = 200
_MOST_CONVENTIONS = 16

#: How many rows may AUGMENT one another in a line; real ones are two.
_MOST_AUGMENTED = 8

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}(?= )", re.ASCII)

_HYPHENATED = re.compile(r"(?<![A-Za-z0-9_-])[A-Za-z0-9][A-Za-z0-9_]*-[A-Za-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A node as it is kept.

    Attributes:
        label: its name in the module.
        oid: where it is.
        kind: what it is.
        syntax: the type of its values; ``None`` if it has none.
        access: its MAX-ACCESS.
        status: its STATUS.
        units: its UNITS.
        default: its DEFVAL as text.
        index: the objects of the INDEX, for a row.
        augments: the row that a row AUGMENTS.
        objects: the OBJECTS of a notification or a group.
        description: its DESCRIPTION.
        reference: its REFERENCE.
        superseded: whether another module's definition of its OID counts before this one: that one is its
            successor, or this module only names an arc on the way to its nodes.
    """

    label: str
    oid: OID
    kind: NodeKind
    syntax: Syntax | None = None
    access: str = ""
    status: str = ""
    units: str = ""
    default: str = ""
    index: tuple[IndexPart, ...] = ()
    augments: str = ""
    objects: tuple[str, ...] = ()
    description: str = ""
    reference: str = ""
    superseded: bool = False


@dataclass(frozen=True, slots=True)
class ModuleRows:
    """A module as it is kept.

    Attributes:
        nodes: its nodes.
        types: its types, by their names.
        revision: the day of its LAST-UPDATED; ``""`` if it has none.
    """

    nodes: tuple[NodeRow, ...]
    types: Mapping[str, Syntax]
    revision: str = ""


class Imported(Protocol):
    """What modules that are kept already say of their types and objects."""

    def type_of(self, module: str, name: str) -> Syntax | None:
        """Return a type of a module."""

    def syntax_of(self, module: str, label: str) -> Syntax | None:
        """Return the syntax of an object."""

    def index_of(self, module: str, label: str) -> tuple[IndexPart, ...]:
        """Return the index of a row."""


def flatten(
    module: str, text: str, document: Mapping[str, Any], superseded: Iterable[str], imported: Imported
) -> ModuleRows:
    """Return the rows of a module.

    Args:
        module: its name.
        text: its text, for the names that the compiler changes.
        document: the compiler's document, which may be anything; what cannot be read in it is left out.
        superseded: the labels of nodes whose OID another module defines now, in the compiler's spelling.
        imported: what the modules that it imports from say.
    """
    return _Flattener(module, text, document, frozenset(superseded), imported).flatten()


class _Flattener:
    """Reads one document."""

    def __init__(
        self, module: str, text: str, document: Mapping[str, Any], superseded: frozenset[str], imported: Imported
    ) -> None:
        self._module = module
        self._text = text
        self._without_hint = types_without_hint(text)
        self._imported = imported
        self._superseded = superseded
        self._symbols = {key: clause for key, clause in document.items() if isinstance(clause, dict)}
        self._spelling: dict[str, str] = {word.replace("-", "_"): word for word in _HYPHENATED.findall(text)}
        imports = self._symbols.pop("imports", {})
        self._from = {
            symbol: source
            for source, symbols in imports.items()
            for symbol in _items(symbols)
            if isinstance(symbol, str)
        }
        self._types: dict[str, Syntax] = {}
        self._open: set[str] = set()  # types that are being looked up, as one that is made of itself would be for ever
        self._rows: dict[str, NodeRow] = {}

    def flatten(self) -> ModuleRows:
        """Read all: types, then objects, then the indexes of rows, which need both."""
        for key, clause in self._symbols.items():
            if _text(clause, "class") in _TYPES:
                self._type(key)
        for key, clause in self._symbols.items():
            row = self._node(key, clause)
            if row is not None:
                self._rows[key] = row
        tables = {row.oid for row in self._rows.values() if row.kind is NodeKind.ROW}
        for key in self._rows:
            if self._rows[key].kind is NodeKind.SCALAR and self._rows[key].oid[:-1] in tables:
                self._rows[key] = replace(self._rows[key], kind=NodeKind.COLUMN)  # its SEQUENCE has forgotten it
            if self._rows[key].kind is NodeKind.ROW:
                self._rows[key] = replace(self._rows[key], index=self._index(key, 0))
        types = {self._spelled(name): syntax for name, syntax in self._types.items()}
        return ModuleRows((*_roots(self._module), *self._rows.values(), *self._on_the_way()), types, self._revision())

    def _revision(self) -> str:
        """Return the day of the module's LAST-UPDATED, which the compiler has as ``2000-06-14 00:00``."""
        identity = next((clause for clause in self._symbols.values() if _text(clause, "class") == "moduleidentity"), {})
        day = _DAY.match(_text(identity, "lastupdated"))
        return "" if day is None else day[0]

    def _on_the_way(self) -> Iterator[NodeRow]:
        """Yield the nodes above those of the module that its OID values name, and that it does not define."""
        oids = {row.label: row.oid for row in self._rows.values()}
        known = set(oids.values())
        for label, oid in arc_names(self._text, oids):
            if oid not in known and label not in oids:
                known.add(oid)
                yield NodeRow(label, oid, NodeKind.NODE, superseded=True)

    def _spelled(self, name: str) -> str:
        """Return a name as the module spells it: the compiler has underscores for hyphens."""
        plain = name.removeprefix(_KEYWORD_PREFIX)
        name = plain if keyword.iskeyword(plain) else name
        return self._spelling.get(name, name)

    # ---------------------------------------------------------------------------------------- types

    def _type(self, name: str) -> Syntax | None:
        """Return a type of this module or of the one that it is imported from."""
        if name in self._types:
            return self._types[name]
        clause = self._symbols.get(name)
        if clause is None or _text(clause, "class") not in _TYPES:
            source = self._from.get(name) or self._from.get(self._spelled(name)) or "SNMPv2-TC"
            syntax = self._imported.type_of(source, self._spelled(name))
            if syntax is not None and name in self._without_hint:
                return replace(syntax, lent_hint=True, sizes=())
            return syntax
        inner = clause.get("type")
        if name in self._open or len(self._open) >= _MOST_DERIVED or not isinstance(inner, dict):
            return None
        self._open.add(name)
        syntax = self._syntax(inner)
        self._open.discard(name)
        if syntax is None:
            return None
        own, hint = self._spelled(name), clause.get("displayhint")
        syntax = replace(syntax, name=own, conventions=(own, *syntax.conventions)[:_MOST_CONVENTIONS])
        if isinstance(hint, str) and hint:
            syntax = replace(syntax, hint=hint, lent_hint=False)
        self._types[name] = syntax
        return syntax

    def _syntax(self, clause: Mapping[str, Any]) -> Syntax | None:
        """Return the syntax of a clause, with what it adds to the type that it names."""
        name = clause.get("type")
        if not isinstance(name, str) or name == _NO_TYPE:
            return None
        base = _BASES.get(name)
        if "bits" in clause:  # the compiler's name of the type may also be that of a type of the module
            syntax = Syntax("BITS", "BITS", primitive="BITS")
        elif base is not None:
            syntax = Syntax(name, base, primitive=name)
        else:
            syntax = self._type(name) or Syntax(self._spelled(name), "")
        return _constrained(syntax, clause)

    # ---------------------------------------------------------------------------------------- nodes

    def _node(self, key: str, clause: Mapping[str, Any]) -> NodeRow | None:
        """Return the row of a node; ``None`` if it is none, or has no possible OID."""
        kind = _NODE_TYPES.get(_text(clause, "nodetype")) or _KINDS.get(_text(clause, "class"))
        oid = _oid(_text(clause, "oid"))
        if kind is None or oid is None or key.startswith("pysmiFakeCol"):
            return None
        if kind is NodeKind.OBJECT_IDENTITY and not _text(clause, "status"):
            kind = NodeKind.NODE
        if kind is NodeKind.SCALAR and ("indices" in clause or "augmentation" in clause):
            kind = NodeKind.ROW  # the type of its table is not known
        syntax = clause.get("syntax")
        has_values = kind in {NodeKind.SCALAR, NodeKind.COLUMN}
        return NodeRow(
            label=self._spelled(_text(clause, "name") or key),
            oid=oid,
            kind=kind,
            syntax=self._syntax(syntax) if has_values and isinstance(syntax, dict) else None,
            access=_text(clause, "maxaccess"),
            status=_text(clause, "status"),
            units=_text(clause, "units"),
            default=_default(clause.get("default")),
            augments=self._reference(clause.get("augmentation")),
            objects=tuple(filter(None, map(self._reference, _items(clause.get("objects"))))),
            description=_text(clause, "description"),
            reference=_text(clause, "reference"),
            superseded=key in self._superseded,
        )

    def _reference(self, item: object) -> str:
        """Return the name of an object that a clause refers to; ``""`` for anything else."""
        if not isinstance(item, dict):
            return ""
        module, key = self._place(item)
        return f"{module}::{self._spelled(key)}"

    def _place(self, item: Mapping[str, Any]) -> tuple[str, str]:
        """Return the module and the key of an object that a clause refers to.

        The compiler takes some imported objects for the module's own.
        """
        module, key = str(item.get("module")), str(item.get("object"))
        if module == self._module and key not in self._symbols:
            module = self._from.get(key) or self._from.get(self._spelled(key)) or module
        return module, key

    def _index(self, key: str, depth: int) -> tuple[IndexPart, ...]:
        """Return the index of a row of this module: its own, or that of the row that it AUGMENTS."""
        clause = self._symbols[key]
        augments = clause.get("augmentation")
        if isinstance(augments, dict):
            module, other = self._place(augments)
            if module == self._module and other in self._rows and depth < _MOST_AUGMENTED:
                return self._index(other, depth + 1)
            return self._imported.index_of(module, self._spelled(other))
        return tuple(self._part(item) for item in _items(clause.get("indices")) if isinstance(item, dict))

    def _part(self, item: Mapping[str, Any]) -> IndexPart:
        """Return one object of an index; in SMIv1 it may be a type without an object (RFC 1212 section 4.1.6)."""
        module, key = self._place(item)
        row, label, syntax = self._rows.get(key), self._spelled(key), None
        if row is not None and module == self._module:
            syntax = row.syntax
        elif module == self._module and key in self._symbols:
            clause = self._symbols[key].get("syntax")
            syntax = self._syntax(clause) if isinstance(clause, dict) else None
        else:
            syntax = self._imported.syntax_of(module, label)
            if syntax is None and key in _BASES:
                syntax = Syntax(key, _BASES[key], primitive=key)
        return IndexPart(label, module, syntax or Syntax("", ""), bool(item.get("implied")))


def _roots(module: str) -> Iterator[NodeRow]:
    """Yield the first arcs of all OIDs (X.660), which SNMPv2-SMI uses without defining them."""
    if module == "SNMPv2-SMI":
        for arc, label in enumerate(("ccitt", "iso", "joint-iso-ccitt")):
            yield NodeRow(label, OID((arc,)), NodeKind.NODE)


def _constrained(syntax: Syntax, clause: Mapping[str, Any]) -> Syntax:
    """Return a syntax with the constraints of a clause, each of which replaces that of the type."""
    bits, constraints = clause.get("bits"), clause.get("constraints")
    if isinstance(bits, dict):
        syntax = replace(syntax, labels=_labels(bits))
    if not isinstance(constraints, dict):
        return syntax
    if isinstance(constraints.get("enumeration"), dict):
        syntax = replace(syntax, labels=_labels(constraints["enumeration"]))
    ranges, sizes = _pairs(constraints.get("range")), _pairs(constraints.get("size"))
    if syntax.base == "OCTET STRING":
        ranges, sizes = (), sizes or ranges  # (0..64) for (SIZE (0..64))
    return replace(syntax, ranges=ranges or syntax.ranges, sizes=sizes or syntax.sizes)


def _labels(names: Mapping[str, Any]) -> dict[int, str]:
    return {
        number: str(name).partition(_AGAIN)[0] for name, number in names.items() if isinstance(number, int) and name
    }


def _pairs(items: object) -> tuple[tuple[int, int], ...]:
    pairs = [(item.get("min"), item.get("max")) for item in _items(items) if isinstance(item, dict)]
    return tuple((low, high) for low, high in pairs if isinstance(low, int) and isinstance(high, int) and low <= high)


def _items(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(clause: Mapping[str, Any], key: str) -> str:
    value = clause.get(key, "")
    return value if isinstance(value, str) else ""


def _oid(text: str) -> OID | None:
    try:
        return OID(text)
    except ConfigurationError:
        return None


def _default(clause: object) -> str:
    """Return a DEFVAL as text, as modules write it."""
    if not isinstance(clause, dict) or "value" not in clause:
        return ""
    value, form = clause["value"], clause.get("format")
    if form == "hex":
        return f"'{value}'H"
    if form == "oid":  # the compiler has a tuple of Python there: (0, 0)
        return ".".join(re.findall(r"\d+", str(value), re.ASCII))
    if form == "bits":
        bits = value.get("bits", value) if isinstance(value, dict) else value
        return "{ " + ", ".join(map(str, bits)) + " }" if isinstance(bits, (list, dict)) else f"{{ {bits} }}"
    return f'"{value}"' if form == "string" else str(value)
