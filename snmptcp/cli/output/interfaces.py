"""Rates of interfaces as a table and as JSON.

Contains: their text.  Does not contain: reading and comparing them (:mod:`snmptcp.cli.watch.interfaces`).
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from snmptcp.cli.output.layout import Column, lay_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from snmptcp.cli.watch.interfaces import InterfaceRates

__all__ = ("OPER_STATES", "interface_lines", "interface_object", "scaled")

#: The names of ifOperStatus, and of the three values of ifAdminStatus (RFC 2863).
OPER_STATES = {1: "up", 2: "down", 3: "testing", 4: "unknown", 5: "dormant", 6: "notPresent", 7: "lowerLayerDown"}

_PREFIXES = ("", "k", "M", "G", "T", "P")

#: Stands for what is not known.
_UNKNOWN = "-"


def scaled(number: float | None) -> str:
    """Return a number with three digits and a prefix of SI: ``1.23M``."""
    if number is None:
        return _UNKNOWN
    rest, position = number, 0
    while rest >= 999.5 and position < len(_PREFIXES) - 1:
        rest, position = rest / 1000, position + 1
    if not position and rest == int(rest):
        return str(int(rest))
    digits = 2 if rest < 9.995 else 1 if rest < 99.95 else 0
    return f"{rest:.{digits}f}{_PREFIXES[position]}"


def _percent(number: float | None) -> str:
    return _UNKNOWN if number is None else f"{number:.1f}%"


def _count(number: int | None) -> str:
    return _UNKNOWN if number is None else str(number)


#: Title, and what stands below it.
_COLUMNS: dict[str, Callable[[InterfaceRates], str]] = {
    "in bit/s": lambda row: scaled(row.in_bits),
    "out bit/s": lambda row: scaled(row.out_bits),
    "in pkt/s": lambda row: scaled(row.in_packets),
    "out pkt/s": lambda row: scaled(row.out_packets),
    "in err": lambda row: _count(row.in_errors),
    "out err": lambda row: _count(row.out_errors),
    "in drop": lambda row: _count(row.in_discards),
    "out drop": lambda row: _count(row.out_discards),
    "use": lambda row: _percent(row.use),
}


def interface_lines(
    rows: Sequence[InterfaceRates], width: int | None, maxima: Mapping[int, tuple[float, float]] | None = None
) -> Iterator[str]:
    """Return a table of interfaces, line by line.

    Args:
        rows: the interfaces.
        width: the length of a line; ``None`` for no limit.
        maxima: the largest rates of each interface so far, in and out; ``None`` to show none.
    """
    columns = [Column("status", [row.status for row in rows])]
    columns += [Column(title, [show(row) for row in rows], right=True) for title, show in _COLUMNS.items()]
    if maxima is not None:
        for position, title in enumerate(("max in", "max out")):
            cells = [scaled(maxima[row.index][position]) if row.index in maxima else _UNKNOWN for row in rows]
            columns.append(Column(title, cells, right=True))
    return lay_out([Column("interface", [row.name for row in rows])], columns, width)


def interface_object(row: InterfaceRates, maximum: tuple[float, float] | None = None) -> dict[str, object]:
    """Return an interface as a dictionary for JSON, with its largest rates so far if they are given."""
    maxima = {} if maximum is None else dict(zip(("max_in_bits", "max_out_bits"), maximum, strict=True))
    return {**dataclasses.asdict(row), "use": row.use, **maxima}
