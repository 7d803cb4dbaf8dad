"""The labels of a row: its indexes as text, and what is looked up with them.

Contains: look-ups, chained ones and dropped labels.  Does not contain: the text of single values
(:mod:`snmptcp.exporter.text`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from snmptcp.exporter.text import COMBINED, index_text, value_text
from snmptcp.values import Opaque

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snmptcp.exporter.config import Arcs, Labels, Lookup
    from snmptcp.values import Value

__all__ = ("Variables", "combined_type", "row_labels", "whole_number")

#: What an agent has answered, by the arcs of the names.
Variables: TypeAlias = "Mapping[Arcs, Value]"


def row_labels(index: Arcs, labels: Labels, variables: Variables) -> dict[str, str]:
    """Return the labels of a row.

    Args:
        index: the arcs behind the metric's OID.
        labels: what they are made of.
        variables: all that the agent has answered.
    """
    texts: dict[str, str] = {}
    arcs: dict[str, Arcs] = {}
    for part in labels.indexes:
        taken = index_text(
            index, part.type, fixed_size=part.fixed_size, implied=part.implied, enum_values=part.enum_values
        )
        texts[part.labelname] = taken.text
        arcs[part.labelname] = taken.arcs
        index = taken.rest
    for lookup in labels.lookups:
        if not lookup.labels:
            texts.pop(lookup.labelname, None)
            continue
        row = _row_of(lookup, arcs)
        value = None if row is None else variables.get(lookup.oid + row)
        if row is None or value is None:
            texts[lookup.labelname] = ""
            continue
        texts[lookup.labelname] = _looked_up(lookup, row, value, variables)
        arcs[lookup.labelname] = (whole_number(value) or 0,)
    return texts


def _row_of(lookup: Lookup, arcs: Mapping[str, Arcs]) -> Arcs | None:
    """Return the arcs behind the OID of a look-up; ``None`` if one of its labels does not exist."""
    row: Arcs = ()
    for label in lookup.labels:
        part = arcs.get(label)
        if not part:
            return None
        row += part
    return row


def _looked_up(lookup: Lookup, row: Arcs, value: Value, variables: Variables) -> str:
    kind = lookup.type
    if kind in COMBINED:
        kind = combined_type(kind, lookup.oid, row, variables) or "OctetString"
    number = whole_number(value)
    if kind in {"EnumAsInfo", "EnumAsStateSet"} and number is not None:
        return lookup.enum_values.get(number, str(number))
    return value_text(value, kind, lookup.display_hint)


def combined_type(kind: str, oid: Arcs, row: Arcs, variables: Variables) -> str | None:
    """Return the type of a value that the object before it tells; ``None`` if it does not tell a known one.

    Args:
        kind: one of :data:`~snmptcp.exporter.text.COMBINED`.
        oid: the object.
        row: the arcs behind it.
        variables: all that the agent has answered.
    """
    before = variables.get((*oid[:-1], oid[-1] - 1, *row)) if oid[-1] else None
    number = None if before is None else whole_number(before)
    return None if number is None else COMBINED[kind].get(number)


def whole_number(value: Value) -> int | None:
    """Return a value as a whole number; ``None`` if it is no number."""
    if isinstance(value, int):
        return int(value)
    number = value.number if isinstance(value, Opaque) else None
    return int(number) if number is not None and abs(number) < 2**64 else None
