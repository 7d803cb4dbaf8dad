"""Tables: searching for columns, and merging columns into rows.

Contains: the search, the mergers, and :class:`TableRow`.  Does not contain: sending, and walking the columns.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import TYPE_CHECKING

from snmptcp.codec.ber import MAX_ARC
from snmptcp.errors import GenErr, NoSuchName, TooBig
from snmptcp.oid import OID, fragment_behind, precedes
from snmptcp.protocol.request import get_next_request
from snmptcp.values import EndOfMibView, NoSuchInstance, NoSuchObject

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from snmptcp.errors import AgentError
    from snmptcp.protocol.request import Request
    from snmptcp.values import Value, VarBind

__all__ = ("DEFAULT_MAX_COLUMNS", "NO_COLUMNS", "ColumnSearch", "RowCollector", "RowMerger", "TableRow")

#: How many columns a table may have unless the caller says otherwise.  The largest tables of standard MIBs have about
#: sixty, vendors' a few hundred.
DEFAULT_MAX_COLUMNS = 512

#: Of rows that were made without the OIDs of their columns.
NO_COLUMNS: Mapping[int, OID] = {}

#: The most columns to search for with one request; tables rarely have more.
COLUMNS_PER_REQUEST = 32


class TableRow(Mapping[int, "Value"]):
    """One row of a table: a mapping from column number to value, with its index.

    Contains no column that has no instance in this row.

    Args:
        index: the arcs behind the column.
        cells: the values by column number.
        columns: the OIDs of the columns, at least of those with a value; optional; default: they are not known.

    Attributes:
        index: the arcs after the column in the names of this row, as a fragment (RFC 2578 section 7.7).
        columns: the OIDs of the table's columns by number, as far as they are known.
    """

    __slots__ = ("_cells", "columns", "index")

    def __init__(self, index: OID, cells: Mapping[int, Value], columns: Mapping[int, OID] = NO_COLUMNS) -> None:
        self.index = index
        self._cells = cells
        self.columns = columns

    def oid(self, column: int) -> OID:
        """Return the name of the instance in a column.

        Raises:
            KeyError: the row has no value in this column, or was made without the OIDs of its columns.
        """
        if column not in self._cells:
            raise KeyError(f"the row {self.index} has no column {column}")
        return self.columns[column] + self.index

    @property
    def indexes(self) -> Mapping[str, Value]:
        """The values of the INDEX by name; empty unless the manager has a Mib with the table's definition."""
        return {}

    @property
    def named(self) -> Mapping[str, Value]:
        """The values by name, those of the INDEX first; empty unless the manager has a Mib that defines the table."""
        return {}

    def __getitem__(self, column: int | str) -> Value:
        if isinstance(column, str):
            raise KeyError(f"columns have numbers, not the name {column!r}: give the manager mib=Mib() for names")
        return self._cells[column]

    def __iter__(self) -> Iterator[int]:
        return iter(self._cells)

    def __len__(self) -> int:
        return len(self._cells)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TableRow):
            return NotImplemented
        return self.index == other.index and self._cells == other._cells

    def __hash__(self) -> int:
        return hash((self.index, frozenset(self._cells.items())))

    def __repr__(self) -> str:
        cells = ", ".join(f"{column}: {value!r}" for column, value in self._cells.items())
        return f"TableRow({self.index}, {{{cells}}})"


class ColumnSearch:
    """Searches for the columns of a table with GETNEXT, many at a time.

    The successor of ``entry.c`` is the first instance of the first column from ``c`` on, so one request with
    ``entry.1`` to ``entry.32`` usually finds all columns.

    Args:
        table: the OID of the table; its entry is the arc 1 below it (RFC 2578 section 7.1.12).  The OID of
            the entry works, too, if the entry has more than one column.
        per_request: the most columns to search for with one request.
        entry: the OID of the entry, if it is known; by default the first response tells whether ``table`` is the entry.
    """

    __slots__ = ("_asked", "_entry", "_first", "_per_request", "_table", "columns", "finished")

    def __init__(self, table: OID, per_request: int = COLUMNS_PER_REQUEST, entry: OID | None = None) -> None:
        self._table = table
        self._entry = entry
        self._first = 1
        self._per_request = per_request
        self._asked: tuple[int, ...] = ()
        #: The columns found so far.
        self.columns: list[OID] = []
        #: Whether the search has ended.
        self.finished = False

    def request(self) -> Request:
        """Return the next request to send."""
        entry = self._entry or self._table + 1
        self._asked = tuple(range(self._first, min(self._first + self._per_request, MAX_ARC + 1)))
        names = tuple(entry + column for column in self._asked)
        # Is it the OID of the table or of the entry?  Only an entry has instances below its arc 2.
        return get_next_request(names if self._entry else (self._table + 2, *names))

    def receive(self, varbinds: Sequence[VarBind]) -> None:
        """Process a response; check :attr:`finished` afterwards.

        Args:
            varbinds: one for each name of the request; the name itself stands in for one that cannot be read.
        """
        if self._entry is None:
            if self._has_instance_of(varbinds[0], self._table) and len(varbinds[0].oid) > len(self._table) + 1:
                self._entry = self._table
                return
            self._entry = self._table + 1
            varbinds = varbinds[1:]
        depth = len(self._entry)
        for asked, varbind in zip(self._asked, varbinds, strict=True):
            if not self._has_instance_of(varbind, self._entry):
                self.finished = True
                return
            column = varbind.oid[depth]
            if column >= asked and (not self.columns or self.columns[-1][-1] < column):
                self.columns.append(self._entry + column)
        following = self.columns[-1][-1] + 1 if self.columns else 0
        # End if the agent goes backwards, or after the largest arc.
        self.finished = following <= self._first or following > MAX_ARC
        self._first = following

    def failed(self, error: AgentError) -> bool:
        """Process an error-status; return whether the search can continue."""
        if isinstance(error, NoSuchName):
            # In SNMPv1: no name follows the one at the error-index (RFC 1157 section 4.1.3).
            if self._entry is None:
                self._entry = self._table + 1
            elif len(self._asked) == 1 or error.index == 1:
                self.finished = True
            else:
                before = error.index - 1
                self._per_request = before if 0 < before < len(self._asked) else len(self._asked) // 2
            return True
        if isinstance(error, TooBig | GenErr) and self._per_request > 1:
            self._per_request //= 2
            return True
        return False

    @staticmethod
    def _has_instance_of(varbind: VarBind, subtree: OID) -> bool:
        ended = isinstance(varbind.value, EndOfMibView | NoSuchObject | NoSuchInstance)
        return not ended and varbind.oid.startswith(subtree) and len(varbind.oid) > len(subtree)


class RowMerger:
    """Merges the instances of columns into rows; each column must arrive in order.

    Args:
        columns: the OIDs of the columns.
    """

    __slots__ = ("_columns", "_depths", "_numbers", "_queues", "_sizes", "octets")

    def __init__(self, columns: Sequence[OID]) -> None:
        self._numbers = [column[-1] for column in columns]
        self._columns = dict(zip(self._numbers, columns, strict=True))
        self._depths = [len(column.key) for column in columns]
        self._queues: list[deque[VarBind]] = [deque() for _ in columns]
        self._sizes = [0] * len(columns)
        #: The size of the answers whose instances wait to become rows.
        self.octets = 0

    def feed(self, column: int, varbinds: Sequence[VarBind], octets: int = 0) -> None:
        """Add the next instances of the column at a position.

        Args:
            column: the position.
            varbinds: the instances.
            octets: the size of the answer that they came with.
        """
        queue = self._queues[column]
        if not queue:
            self.octets -= self._sizes[column]
            self._sizes[column] = 0
        queue.extend(varbinds)
        self._sizes[column] += octets
        self.octets += octets

    def empty(self, column: int) -> bool:
        """Whether no instance of the column at a position is waiting."""
        return not self._queues[column]

    def rows(self, finished: Sequence[bool]) -> Iterator[TableRow]:
        """Return the complete rows: those for which every unfinished column has an instance waiting.

        Args:
            finished: for each column, whether no more instances will come.
        """
        queues = self._queues
        while True:
            heads: list[tuple[int, bytes]] = []
            for position, queue in enumerate(queues):
                if queue:
                    heads.append((position, queue[0][0].key[self._depths[position] :]))
                elif not finished[position]:
                    return
            if not heads:
                return
            index = heads[0][1]
            for _, other in heads:
                if other != index and precedes(b"\x80" + other, b"\x80" + index):
                    index = other
            yield self._row(index, [position for position, key in heads if key == index])

    def _row(self, index: bytes, positions: list[int]) -> TableRow:
        cells = {self._numbers[position]: self._queues[position].popleft()[1] for position in positions}
        return TableRow(fragment_behind(index, 0), cells, self._columns)


class RowCollector:
    """Collects the instances of columns by row, in whatever order each column arrives.

    Rows come in the order in which their first instance arrived.  A row that lacks an instance waits, and all behind
    it, until that column has ended.

    Args:
        columns: the OIDs of the columns.
    """

    __slots__ = ("_columns", "_depths", "_numbers", "_rows", "_sizes", "octets")

    def __init__(self, columns: Sequence[OID]) -> None:
        self._numbers = [column[-1] for column in columns]
        self._columns = dict(zip(self._numbers, columns, strict=True))
        self._depths = [len(column.key) for column in columns]
        self._rows: dict[bytes, dict[int, Value]] = {}
        self._sizes: dict[bytes, int] = {}
        #: The size of what waits to become rows.
        self.octets = 0

    def feed(self, column: int, varbinds: Sequence[VarBind], octets: int = 0) -> None:
        """Add instances of the column at a position, as :meth:`RowMerger.feed` does."""
        depth = self._depths[column]
        share = octets // max(1, len(varbinds))
        for oid, value in varbinds:
            index = oid.key[depth:]
            self._rows.setdefault(index, {})[column] = value
            self._sizes[index] = self._sizes.get(index, 0) + share
            self.octets += share

    def empty(self, column: int) -> bool:
        """Whether the next row needs an instance of the column at a position."""
        return column not in next(iter(self._rows.values()), {})

    def rows(self, finished: Sequence[bool]) -> Iterator[TableRow]:
        """Return the complete rows, as :meth:`RowMerger.rows` does."""
        while self._rows:
            index, cells = next(iter(self._rows.items()))
            if any(position not in cells and not ended for position, ended in enumerate(finished)):
                return
            del self._rows[index]
            self.octets -= self._sizes.pop(index)
            ordered = {self._numbers[position]: cells[position] for position in sorted(cells)}
            yield TableRow(fragment_behind(index, 0), ordered, self._columns)
