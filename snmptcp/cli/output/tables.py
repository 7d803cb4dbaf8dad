"""Rows of a table as aligned text.

Contains: formatting rows as lines.  Does not contain: reading the rows, and printing.
"""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING

from snmptcp.cli.output.varbinds import format_cell
from snmptcp.oid import OID
from snmptcp.values import TimeTicks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from snmptcp.protocol.table import TableRow
    from snmptcp.values import Value

__all__ = ("terminal_width", "text_table")

#: Longer cells are elided.
MAX_CELL = 40

#: The cell of a column that has no instance in the row.
MISSING = "-"

GAP = "  "


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
        width: the length of a line; ``None`` for no limit.  A wider table is folded: the first columns, then
            the index again with the next columns, and so on.
        names: formatters for the values of single columns.
    """
    index = _column("index", [_elided(str(row.index)) for row in rows], right=all(len(row.index) == 1 for row in rows))
    columns = []
    for column, title in titles.items():
        values = [row.get(column) for row in rows]
        name = (names or {}).get(column)
        cells = [
            MISSING if value is None else name(value) if name else format_cell(value, MAX_CELL) for value in values
        ]
        right = name is None and all(value is None or _is_number(value) for value in values)
        columns.append(_column(title, cells, right=right))
    for position, block in enumerate(_blocks(index, columns, width)):
        if position:
            yield ""
        for line in zip(*block, strict=True):
            yield GAP.join(line).rstrip()


def _is_number(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, (TimeTicks, OID))


def _elided(text: str) -> str:
    return text if len(text) <= MAX_CELL else f"{text[: MAX_CELL - 3]}..."


def _column(title: str, cells: Sequence[str], *, right: bool) -> list[str]:
    """Return a title and its cells, padded to one length."""
    width = max(map(len, (title, *cells)))
    return [text.rjust(width) if right else text.ljust(width) for text in (title, *cells)]


def _blocks(index: list[str], columns: Sequence[list[str]], width: int | None) -> Iterator[list[list[str]]]:
    """Yield groups of columns that fit beside the index; each group has at least one column."""
    block = [index]
    used = len(index[0])
    for column in columns:
        needed = len(GAP) + len(column[0])
        if width is not None and len(block) > 1 and used + needed > width:
            yield block
            block, used = [index], len(index[0])
        block.append(column)
        used += needed
    yield block


def terminal_width() -> int | None:
    """Return the width of the terminal in characters; ``None`` if the output is not a terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
