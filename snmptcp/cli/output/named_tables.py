"""Rows of a table as text, with the names and the values of its definition: ``snmptcp table``.

Contains: headings, columns of the INDEX, cells; our layout, and net-snmp's lines with a delimiter.  Does not contain:
reading the rows, and how columns share a line (:mod:`snmptcp.cli.output.layout`).
"""

from __future__ import annotations

import dataclasses
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.cli.output.cells import on_one_line
from snmptcp.cli.output.layout import Column, lay_out
from snmptcp.cli.output.varbinds import format_cell
from snmptcp.mib.text import TextFormatter
from snmptcp.mib.values import plain_value
from snmptcp.oid import OID
from snmptcp.values import TimeTicks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from snmptcp.mib import TableNames
    from snmptcp.protocol.table import TableRow
    from snmptcp.values import Value

__all__ = ("TableStyle", "TableText")

#: The cell of a column that has no instance in the row.
MISSING = "-"


@dataclass(frozen=True, slots=True)
class TableStyle:
    """How to print a table; the fields are net-snmp's letters of ``-C``.

    Attributes:
        brief: leave out what the names of all columns begin with (``b``).
        index: a column with the index as one text (``i``).
        headings: print names above the columns (not with ``H``).
        rows: print rows (not with ``h``).
        left: all cells begin below each other (``l``).
        delimiter: net-snmp's lines, with this text between cells (``f``); ``None`` for aligned columns.
        width: the length of a line (``w``); ``None`` for no limit.
    """

    brief: bool = False
    index: bool = False
    headings: bool = True
    rows: bool = True
    left: bool = False
    delimiter: str | None = None
    width: int | None = None


class TableText:
    """Prints one table.

    Args:
        entry: what its columns stand below.
        formatter: prints names and values.
        definition: its columns by name; ``None`` if no module defines it: then columns have numbers.
        style: how to print it.
    """

    def __init__(
        self, entry: OID, formatter: TextFormatter, definition: TableNames | None, style: TableStyle | None = None
    ) -> None:
        self._entry = entry
        self._formatter = formatter
        self._definition = definition
        self._style = style or TableStyle()
        self._quick = TextFormatter(formatter.tree, formatter.style.with_letters("q"))  # snmptable is quick without -Oq
        self._times = TextFormatter(None, dataclasses.replace(formatter.style, quick=True))

    def lines(self, rows: Sequence[TableRow], columns: Sequence[int] | None) -> Iterator[str]:
        """Return the lines of the table.

        Args:
            rows: its rows, :class:`~snmptcp.mib.NamedRow` if there is a definition.
            columns: the columns to show; ``None`` for all that the rows have.
        """
        if self._style.delimiter is not None:
            return self._delimited(rows, columns, self._style.delimiter)
        return self._aligned(rows, columns or sorted({column for row in rows for column in row}))

    # -------------------------------------------------------------------------------------- headings

    def _title(self, column: int) -> str:
        node = None if self._definition is None else self._definition.columns.get(column)
        return str(column) if node is None else node.label

    def _shortened(self, titles: Sequence[str], *, keep_word: bool) -> list[str]:
        """Return titles without what all of them begin with.

        Args:
            titles: the titles.
            keep_word: whether the last word of the common start stays if it is a title of its own; net-snmp's tables
                have an empty title then.
        """
        if not self._style.brief or len(titles) < 2:
            return list(titles)
        alike = itertools.takewhile(lambda letters: len(set(letters)) == 1, zip(*titles, strict=False))
        common = "".join(letters[0] for letters in alike)
        cut = len(common)
        if keep_word and common in titles:
            cut = max((place for place, letter in enumerate(common) if letter.isupper()), default=0)
        return [title[cut:] for title in titles]

    # --------------------------------------------------------------------------------------- aligned

    def _aligned(self, rows: Sequence[TableRow], columns: Sequence[int]) -> Iterator[str]:
        labels = self._index_labels(rows)
        others = [column for column in columns if self._title(column) not in labels]
        titles = self._shortened([*labels, *map(self._title, others)], keep_word=True)
        first = self._index_columns(rows, labels, titles)
        shown = [self._column(title, rows, column) for title, column in zip(titles[len(labels) :], others, strict=True)]
        if self._style.left:
            first, shown = ([dataclasses.replace(each, right=False) for each in part] for part in (first, shown))
        if not self._style.rows:
            first, shown = ([dataclasses.replace(each, cells=(), width=-1) for each in part] for part in (first, shown))
        return lay_out(first, shown, self._style.width, headings=self._style.headings)

    def _index_labels(self, rows: Sequence[TableRow]) -> list[str]:
        """Return the names of the INDEX's objects, if all rows have an index that fits them."""
        parts = () if self._definition is None else self._definition.index
        return [part.label for part in parts] if all(row.indexes for row in rows) else []

    def _index_columns(self, rows: Sequence[TableRow], labels: Sequence[str], titles: Sequence[str]) -> list[Column]:
        """Return a column for each object of the INDEX; or one for the index as a whole."""
        columns = []
        if self._style.index or not labels:
            right = all(len(row.index) == 1 for row in rows)
            columns.append(Column("index", [on_one_line(self._index_text(row)) for row in rows], right))
        for label, title in zip(labels, titles, strict=False):
            values = [row.indexes[label] for row in rows]
            cells = [on_one_line(self._index_cell(value)) for value in values]
            columns.append(Column(on_one_line(title), cells, right=all(map(self._is_number, values))))
        return columns

    def _is_number(self, value: Value) -> bool:
        """Whether a value is shown as a number: not as a label, and not as a time."""
        is_number = isinstance(value, int) and not isinstance(value, TimeTicks)
        return is_number and (self._formatter.style.numeric_enums or getattr(value, "label", None) is None)

    def _index_cell(self, value: Value) -> str:
        return str(int(value)) if isinstance(value, int) and self._formatter.style.numeric_enums else str(value)

    def _column(self, title: str, rows: Sequence[TableRow], column: int) -> Column:
        values = [row.get(column) for row in rows]
        cells = [MISSING if value is None else on_one_line(self._cell(value, column)) for value in values]
        right = all(value is None or self._is_number(value) for value in values)
        return Column(on_one_line(title), cells, right)

    def _cell(self, value: Value, column: int) -> str:
        """Return a value on one line, without its type and its quotes."""
        node = None if self._definition is None else self._definition.columns.get(column)
        syntax = None if node is None else node.syntax
        if isinstance(value, OID):
            return self._formatter.name(OID.from_ber(value.key)).removeprefix(".")
        if isinstance(value, TimeTicks):
            return self._times.value(value)
        if syntax is None or (isinstance(value, int) and syntax.labels and self._formatter.style.numeric_enums):
            return format_cell(plain_value(value))
        has_text = syntax.labels or getattr(value, "address", None) or (syntax.hint and self._formatter.style.hints)
        return str(value) if has_text else format_cell(plain_value(value))

    def _index_text(self, row: TableRow) -> str:
        """Return the index as net-snmp's snmptable prints it, which prints it as quickly as cells."""
        columns = {} if self._definition is None else self._definition.columns
        column = next(iter(columns), None)
        if column is None:
            return str(row.index)
        name = self._entry + column
        whole = self._quick.name(OID((*name.arcs, *row.index.arcs)))
        return whole[len(self._quick.name(name)) :].removeprefix(".").replace("\n", " ")

    # ------------------------------------------------------------------------------------- delimited

    def _delimited(self, rows: Sequence[TableRow], columns: Sequence[int] | None, delimiter: str) -> Iterator[str]:
        """Return the lines that net-snmp's snmptable prints with ``-Cf``."""
        if columns is None:
            columns = self._accessible() or sorted({column for row in rows for column in row})
        start = ["index"] if self._style.index else []
        titles = self._shortened([self._title(column) for column in columns], keep_word=False)
        if self._style.headings:
            if self._style.rows:
                yield f"SNMP table: {self._formatter.name(self._entry[:-1])}"
                yield ""
            yield delimiter.join([*start, *titles])
        for row in rows if self._style.rows else ():
            index = [self._index_text(row)] if self._style.index else []
            cells = ["?" if (value := row.get(column)) is None else self._raw(value, column) for column in columns]
            yield delimiter.join([*index, *cells])

    def _accessible(self) -> list[int]:
        """Return the columns that agents show, as the definition says."""
        columns = {} if self._definition is None else self._definition.columns
        return [number for number, node in columns.items() if node.access != "not-accessible"]

    def _raw(self, value: Value, column: int) -> str:
        return self._quick.value(plain_value(value), self._entry + column).replace("\n", " ")
