"""Rows of a table as aligned text.

What may live here: rows to lines.  What may not: where the rows come from, and printing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.cli.output.varbinds import format_cell
from snmptcp.oid import OID
from snmptcp.values import TimeTicks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from snmptcp.protocol.table import TableRow
    from snmptcp.values import Value

__all__ = ("text_table",)

#: What is longer is elided.
MAX_CELL = 40

#: What stands where a row has no instance of a column.
MISSING = "-"

GAP = "  "


def text_table(
    rows: Sequence[TableRow],
    titles: Mapping[int, str],
    width: int | None = None,
    names: Mapping[int, Callable[[Value], str]] | None = None,
) -> Iterator[str]:
    """Return a table in lines.

    Args:
        rows: the rows.
        titles: the columns to show, and what stands above each.
        width: how long a line may be.  A table that is wider is folded: the first columns, then the
            next ones with the index before them again, and so on.  ``None`` for no limit.
        names: how to write the values of a column that has a better way than its number.
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
    """Return a title and the cells below it, all of one length."""
    width = max(map(len, (title, *cells)))
    return [text.rjust(width) if right else text.ljust(width) for text in (title, *cells)]


def _blocks(index: list[str], columns: Sequence[list[str]], width: int | None) -> Iterator[list[list[str]]]:
    """Return runs of columns that fit beside the index; each has one column at least."""
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
