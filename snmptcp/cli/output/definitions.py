"""Definitions of nodes, as net-snmp's snmptranslate prints them with ``-Td``, and as JSON.

Contains: the text of one definition.  Does not contain: trees and lists of nodes (:mod:`snmptcp.cli.output.mib_trees`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snmptcp.cli.output.mib_types import clause_of, type_of
from snmptcp.errors import ConfigurationError
from snmptcp.mib.objects import NodeKind
from snmptcp.oid import OID
from snmptcp.printable import printable, printable_lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from snmptcp.mib import Mib
    from snmptcp.mib.objects import Node, Syntax

__all__ = ("definition_json", "definition_lines", "filled", "names_of_labels", "pairs_of")

#: Where the values of a definition begin, behind two tabs, and where those of a list go on.
_VALUES = 16
_LISTS = 18

#: The nodes whose STATUS net-snmp keeps.
_OBJECTS = frozenset((NodeKind.SCALAR, NodeKind.COLUMN, NodeKind.TABLE, NodeKind.ROW))


def definition_lines(mib: Mib, oid: OID, width: int) -> Iterator[str]:
    """Yield the definition of the deepest named node at or above an OID, as lines or parts with several lines.

    Args:
        mib: the definitions.
        oid: a node or an instance.
        width: where lists are continued on the next line.
    """
    node, _ = mib.find(oid)
    if node is None:
        yield f"{oid} OBJECT-TYPE"
        yield "No description"
    else:
        yield f"{node.label} {clause_of(node)}"
        yield from _clauses(mib, node, width)
    yield _path(mib, oid, width)


def _clauses(mib: Mib, node: Node, width: int) -> Iterator[str]:
    modules = [other.module for other in mib.definitions(node.oid) if other.label == node.label]
    yield "  -- FROM\t" + filled(dict.fromkeys(modules), width, _VALUES, "\n  --\t\t", _VALUES)
    if node.syntax is not None:
        yield from _syntax(node, node.syntax, width)
    if node.units:
        yield f'  UNITS\t\t"{printable(node.units, None)}"'
    if node.access:
        yield f"  MAX-ACCESS\t{node.access}"
    if node.status and node.kind in _OBJECTS:
        yield f"  STATUS\t{node.status}"
    if node.augments:
        yield f"  AUGMENTS\t{{ {_label(node.augments)} }}"
    elif node.index and node.kind is NodeKind.ROW:
        parts = [f"{'IMPLIED ' if part.implied else ''}{part.label}" for part in node.index]
        yield f"  INDEX\t\t{{ {filled(parts, width, _LISTS)} }}"
    if node.objects and node.kind is NodeKind.NOTIFICATION:
        yield f"  OBJECTS\t{{ {filled(map(_label, node.objects), width, _LISTS)} }}"
    if node.description or node.kind is not NodeKind.NODE:  # every macro of SMIv2 has one, which may be empty
        yield f'  DESCRIPTION\t"{printable_lines(node.description)}"'
    if node.default:
        yield f"  DEFVAL\t{{ {printable(_default(mib, node), None)} }}"


def _syntax(node: Node, syntax: Syntax, width: int) -> Iterator[str]:
    if syntax.conventions:
        yield f"  -- TEXTUAL CONVENTION {syntax.conventions[0]}"
    name = type_of(node).syntax or syntax.name
    limits = f" ({pairs_of(syntax)}) " if syntax.ranges or syntax.sizes else ""
    if syntax.labels:
        limits += f" {{{filled(names_of_labels(syntax), width, _VALUES + len(name) + 2)}}} "
    yield f"  SYNTAX\t{name}{limits}"
    if syntax.own_hint:
        yield f'  DISPLAY-HINT\t"{printable(syntax.own_hint, None)}"'


def names_of_labels(syntax: Syntax) -> list[str]:
    """Return the names of an enumeration or of bits, each with its number."""
    return [f"{label}({number})" for number, label in syntax.labels.items()]


def pairs_of(syntax: Syntax) -> str:
    """Return the ranges of a number or the sizes of a string as text."""
    pairs = syntax.ranges or syntax.sizes
    return " | ".join(str(low) if low == high else f"{low}..{high}" for low, high in pairs)


def _label(name: str) -> str:
    return name.rpartition("::")[2]


def _default(mib: Mib, node: Node) -> str:
    """Return a DEFVAL; the compiler has numbers for the name of an OID."""
    if node.syntax is None or node.syntax.base != "OBJECT IDENTIFIER":
        return node.default
    try:
        found, tail = mib.find(OID(node.default))
    except ConfigurationError:
        return node.default
    return node.default if found is None or tail else found.label


def filled(
    words: Iterable[str], width: int, start: int, continued: str = "\n\t\t  ", continued_at: int = _LISTS
) -> str:
    """Return words with commas, continued on the next line where the width would be passed.

    Args:
        words: the words.
        width: the width.
        start: the column of the first word.
        continued: the line end, and what the next line begins with.
        continued_at: the column behind that.
    """
    text, column = "", start
    for position, word in enumerate(words):
        if position:
            text += ", "
        if column + len(word) + 2 > width:
            text, column = f"{text}{continued}", continued_at
        text += word
        column += len(word) + 2
    return text


def _path(mib: Mib, oid: OID, width: int) -> str:
    """Return the last line: the names and numbers of all arcs but the last."""
    text, column = "::= {", 5
    for length in range(1, len(oid) + 1):
        if length == len(oid):
            word = f" {oid[-1]} }}"
        else:
            node, tail = mib.find(oid[:length])
            word = f" {oid[length - 1]}" if node is None or tail else f" {node.label}({oid[length - 1]})"
        if column + len(word) + 2 > width:
            text, column = f"{text}\n     ", 5
        text += word
        column += len(word)
    return text


def definition_json(mib: Mib, oid: OID, name: str) -> dict[str, Any]:
    """Return an OID, its name, and the definition of the deepest named node at or above it, without empty fields.

    Args:
        mib: the definitions.
        oid: a node or an instance.
        name: the name of the OID.
    """
    node, tail = mib.find(oid)
    fields: dict[str, Any] = {"name": name, "oid": str(oid)}
    if node is None:
        return fields
    syntax = node.syntax
    fields |= {
        "module": node.module,
        "label": node.label,
        "index": str(tail),
        "kind": node.kind.value,
        "also_in": [other.module for other in mib.definitions(node.oid) if other.module != node.module],
        "textual_convention": syntax.conventions[0] if syntax is not None and syntax.conventions else "",
        "syntax": "" if syntax is None else type_of(node).syntax or syntax.name,
        "ranges": [] if syntax is None else [list(pair) for pair in syntax.ranges],
        "sizes": [] if syntax is None else [list(pair) for pair in syntax.sizes],
        "labels": {} if syntax is None else {label: number for number, label in syntax.labels.items()},
        "display_hint": "" if syntax is None else syntax.hint,
        "units": node.units,
        "max_access": node.access,
        "status": node.status,
        "augments": node.augments,
        "index_objects": [f"{part.module}::{part.label}" for part in node.index],
        "implied": any(part.implied for part in node.index),
        "objects": list(node.objects),
        "default": node.default,
        "description": node.description,
        "reference": node.reference,
    }
    return {key: value for key, value in fields.items() if value}
