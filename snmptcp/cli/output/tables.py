"""Rows of a table as aligned text.

Contains: the columns of rows, as text.
Does not contain: reading the rows, printing, and what fits into a line (:mod:`snmptcp.cli.output.layout`).
"""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from snmptcp.cli.output.cells import on_one_line
from snmptcp.cli.output.layout import Column, lay_out
from snmptcp.cli.output.varbinds import format_cell
from snmptcp.oid import OID
from snmptcp.values import TimeTicks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from snmptcp.protocol.table import TableRow
    from snmptcp.values import Value

__all__ = ("MISSING", "terminal_width", "text_table")

#: The cell of a column that has no instance in the row.
MISSING = "-"


def text_table(
    rows: Sequence[TableRow],
    titles: Mapping[int, str],
    width: int | None = None,
    names: Mapping[int, Callable[[Value], str]] | None = None,
) -> Iterator[str]:
    """Return a table, line by line.

    Args:
        rows: the rows.
        titles: the columns to show, with the title of each.
        width: the length of a line; ``None`` for no limit.  A wider table is folded, and its long cells are elided
            (:func:`~snmptcp.cli.output.layout.lay_out`).
        names: formatters for the values of single columns.
    """
    index = Column("index", [str(row.index) for row in rows], right=all(len(row.index) == 1 for row in rows))
    columns = []
    for column, title in titles.items():
        values = [row.get(column) for row in rows]
        name = (names or {}).get(column, format_cell)
        cells = [MISSING if value is None else on_one_line(name(value)) for value in values]
        right = name is format_cell and all(value is None or _is_number(value) for value in values)
        columns.append(Column(on_one_line(title), cells, right))
    yield from lay_out([index], columns, width)


def _is_number(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, (TimeTicks, OID))


def terminal_width() -> int | None:
    """Return the width of the terminal in characters; ``None`` if the output is not a terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
