"""Declarations of a syntax tree that the compiler would take for something else, or not at all.

Contains: their changes, each by itself.  Does not contain: what depends on other declarations
(:mod:`snmptcp.mib.generating`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from snmptcp.mib.repairs.definitions import NO_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("Changed", "change_declaration", "indexed_by", "oid_of")

#: Follows a label that an enumeration has for another number, too: the compiler keeps one number for each label.
_AGAIN = "\ue023"

#: Where an OBJECT-TYPE has its SYNTAX, AUGMENTS and INDEX.
_SYNTAX, _AUGMENTS, _INDEX = 2, 8, 9

#: The objects that have a number of their own below another.
_NUMBERED = (
    *("objectTypeClause", "notificationTypeClause", "objectGroupClause", "notificationGroupClause"),
    *("moduleComplianceClause", "agentCapabilitiesClause"),
)


class Changed(NamedTuple):
    """A declaration as the compiler can take it.

    Attributes:
        declaration: the declaration; ``None`` if it has to be left out.
        notes: what was done, behind the name of the declaration.
    """

    declaration: Any
    notes: tuple[str, ...] = ()


def change_declaration(declaration: Any) -> Changed:
    """Return a declaration as the compiler can take it."""
    notes: list[str] = []
    arcs = oid_of(declaration)
    if arcs:
        given = arcs
        declaration, arcs = _from_last_name(declaration, arcs, notes)
        impossible = _impossible(declaration[0], given if isinstance(given[0], int) else arcs, cut=arcs != given)
        if impossible:
            return Changed(None, (f" is left out: its OID {_shown(given)} {impossible}",))
    if declaration[0] == "objectTypeClause" and declaration[_SYNTAX][0] == "SEQUENCE":
        declaration = (*declaration[:_SYNTAX], ("row", NO_TYPE), *declaration[_SYNTAX + 1 :])
        notes.append(": the columns within its SYNTAX are found by their OIDs")
    return Changed(_with_single_labels(declaration), tuple(notes))


# ----------------------------------------------------------------------------------------------- OIDs


def oid_of(declaration: Any) -> list[Any]:
    """Return the arcs of a declaration's OID: names, numbers, and pairs of both; empty if it has none."""
    oid = declaration[_oid_place(declaration)]
    return list(oid[1]) if isinstance(oid, tuple) and oid[:1] == ("objectIdentifier",) else []


def _oid_place(declaration: Any) -> int:
    return 2 if declaration[0] == "trapTypeClause" else len(declaration) - 1


def _from_last_name(declaration: Any, arcs: list[Any], notes: list[str]) -> tuple[Any, list[Any]]:
    """Return a declaration whose OID begins with the last name in it, which alone tells where it is."""
    last = max((place for place, arc in enumerate(arcs) if isinstance(arc, str)), default=0)
    if not last:
        return declaration, arcs
    notes.append(f": its OID is read as {_shown(arcs[last:])}, by the last name in it")
    place = _oid_place(declaration)
    oid = ("objectIdentifier", arcs[last:])
    return (*declaration[:place], oid, *declaration[place + 1 :]), arcs[last:]


def _impossible(kind: str, arcs: list[Any], *, cut: bool) -> str:
    """Return why an object cannot have an OID, which may be the rest of a longer one; ``""`` if it can."""
    if len(arcs) == 1 and (kind in _NUMBERED or (cut and kind != "trapTypeClause")):
        return "has no number of its own"
    if cut and isinstance(arcs[0], int):
        return "has a name behind a number"
    if isinstance(arcs[0], int):
        if len(arcs) == 1 and kind != "valueDeclaration":
            return "has no name"
        second = arcs[1] if len(arcs) > 1 and isinstance(arcs[1], int) else 0
        if arcs[0] > 2 or (arcs[0] < 2 and second > 39):
            return "is impossible"
    return ""


def _shown(arcs: list[Any]) -> str:
    return f"{{ {' '.join(f'{arc[0]}({arc[1]})' if isinstance(arc, tuple) else str(arc) for arc in arcs)} }}"


def indexed_by(declaration: Any) -> Iterator[str]:
    """Yield the objects that an OBJECT-TYPE is indexed by, and the row that it augments."""
    if declaration[0] == "objectTypeClause":
        if isinstance(declaration[_AUGMENTS], str):
            yield declaration[_AUGMENTS]
        if declaration[_INDEX]:
            yield from (name for _, name in declaration[_INDEX][1] if isinstance(name, str))


# ----------------------------------------------------------------------------------------------- labels


def _with_single_labels(item: Any) -> Any:
    """Return a part of a tree in whose enumerations each label is there once."""
    if not isinstance(item, tuple):
        return item
    if len(item) == 2 and item[0] in ("enumSpec", "BITS"):
        return (item[0], list(_single(item[1])))
    return tuple(map(_with_single_labels, item))


def _single(numbers: list[tuple[str, int]]) -> Iterator[tuple[str, int]]:
    """Yield the numbers of an enumeration once, each with its first label, and each label once."""
    labels: set[str] = set()
    known: set[int] = set()
    for label, number in numbers:
        if number not in known:
            yield (f"{label}{_AGAIN}{number}" if label in labels else label), number
        labels.add(label)
        known.add(number)
