"""Columns of text side by side, within a width.

Contains: how wide each column is, which columns share a line, and how wide the terminal is.
Does not contain: the text of the cells (:mod:`snmptcp.cli.output.named_tables`).
"""

from __future__ import annotations

import dataclasses
import shutil
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.cli.output.cells import cell_width, elided, elided_inside

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

__all__ = ("GAP", "Column", "lay_out", "terminal_width")

#: Between two columns.
GAP = "  "

#: Where not everything fits into one line, columns get at most this width, and what is left of their line.
MAX_CELL = 40

#: No column gets less, even if the line is shorter.
MIN_CELL = 8


@dataclass(frozen=True, slots=True)
class Column:
    """A column: printable text without line ends.

    Attributes:
        title: the first line.
        cells: the other lines.
        right: whether they end below each other, as numbers do, instead of starting there.
        width: how many of a terminal's cells the column takes; by default as many as its widest text.
    """

    title: str
    cells: Sequence[str]
    right: bool = False
    width: int = -1

    def __post_init__(self) -> None:
        if self.width < 0:
            object.__setattr__(self, "width", self.widest)

    @property
    def widest(self) -> int:
        """The width of the widest text."""
        return max(map(cell_width, (self.title, *self.cells)))

    def within(self, width: int) -> Column:
        """Return this column with at most so many cells."""
        return dataclasses.replace(self, width=min(width, self.width))

    def lines(self, *, inside: bool = False) -> list[str]:
        """Return title and cells, all of the column's width; ``inside``: long ones keep their ends."""
        shorten = elided_inside if inside else elided
        texts = [shorten(text, self.width) for text in (self.title, *self.cells)]
        pads = [" " * (self.width - cell_width(text)) for text in texts]
        return [f"{pad}{text}" if self.right else f"{text}{pad}" for text, pad in zip(texts, pads, strict=True)]


def lay_out(
    first: Sequence[Column], columns: Sequence[Column], width: int | None = None, *, headings: bool = True
) -> Iterator[str]:
    """Yield the lines of a table.

    Args:
        first: the columns that say which row it is, which stand before each part of a folded table; can be empty.
        columns: the other columns.
        width: the length of a line in a terminal's cells; ``None`` for no limit.  A wider table is folded: the first
            columns, then those of ``first`` again with the next columns, and so on.  Long cells are elided then.
        headings: whether each part begins with the titles.
    """
    if width is None or _used((*first, *columns)) <= width:
        yield from _lines(first, columns, headings=headings)
        return
    first = [column.within(max(MIN_CELL, width // (2 * len(first)))) for column in first]
    room = width - sum(column.width + len(GAP) for column in first)
    narrow = [column.within(max(MIN_CELL, min(MAX_CELL, room))) for column in columns]
    for position, part in enumerate(_parts(narrow, room)):
        if position:
            yield ""
        yield from _lines(first, _widened(part, room), headings=headings)


def _lines(first: Sequence[Column], columns: Sequence[Column], *, headings: bool) -> Iterator[str]:
    texts = [*(column.lines(inside=True) for column in first), *(column.lines() for column in columns)]
    for number, line in enumerate(zip(*texts, strict=True)):
        if number or headings:
            yield GAP.join(line).rstrip()


def _used(columns: Sequence[Column]) -> int:
    return sum(column.width for column in columns) + len(GAP) * (len(columns) - 1)


def _parts(columns: Sequence[Column], room: int) -> Iterator[list[Column]]:
    """Yield groups of columns that fit into a line; each group has at least one column."""
    part: list[Column] = []
    for column in columns:
        if part and _used((*part, column)) > room:
            yield part
            part = []
        part.append(column)
    yield part


def _widened(columns: Sequence[Column], room: int) -> list[Column]:
    """Return columns of which those that are elided get the rest of the line, the first ones first."""
    rest = max(0, room - _used(columns))
    widened = []
    for column in columns:
        more = min(rest, column.widest - column.width)
        rest -= more
        widened.append(dataclasses.replace(column, width=column.width + more))
    return widened


def terminal_width() -> int | None:
    """Return the width of the terminal in characters; ``None`` if the output is not a terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
