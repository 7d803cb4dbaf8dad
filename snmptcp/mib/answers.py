"""Answers whose parts are found by name: variable bindings of requests, and rows of tables.

Contains: :class:`NamedVarBinds` and :class:`NamedRow`.  Does not contain: the definitions behind the names
(:mod:`snmptcp.mib.mib`).
"""

from __future__ import annotations

import contextlib
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Self

from snmptcp.mib.addresses import is_address, is_address_type
from snmptcp.mib.indexes import decode_index
from snmptcp.protocol.table import NO_COLUMNS, TableRow
from snmptcp.values import VarBinds

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence

    from snmptcp.mib.mib import Mib
    from snmptcp.mib.objects import IndexPart, Node
    from snmptcp.oid import OID
    from snmptcp.values import Value, VarBind

__all__ = ("NamedRow", "NamedVarBinds", "TableNames", "named_rows")


class NamedVarBinds(VarBinds):  # the methods of its base accept names, too
    """The variable bindings of an answer, found by the names of MIB modules: ``answer["sysDescr.0"]``.

    Args:
        varbinds: the variable bindings.
        mib: what knows the names.
    """

    mib: Mib

    def __new__(cls, varbinds: Iterable[VarBind], mib: Mib) -> Self:
        """Return a tuple that knows a Mib."""
        answer = super().__new__(cls, varbinds)
        answer.mib = mib
        return answer

    def _key(self, key: Any) -> Any:
        return self.mib.oid(key) if isinstance(key, str) else key

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(self._key(key))

    def get(self, name: Any, default: Any = None) -> Any:
        """Return the value with a name, or ``default`` if there is none."""
        return super().get(self._key(name), default)

    def __contains__(self, item: object) -> bool:
        return super().__contains__(self._key(item))


class TableNames:
    """The columns of one table, by their names.

    Args:
        mib: what knows them.
        columns: the columns, by number.
        index: the objects of the table's INDEX.
    """

    __slots__ = ("_index_labels", "_numbers", "columns", "index", "mib")

    def __init__(self, mib: Mib, columns: Mapping[int, Node], index: tuple[IndexPart, ...]) -> None:
        self.mib = mib
        self.columns = columns
        self.index = index
        self._numbers = {node.label: number for number, node in columns.items()}
        self._numbers |= {node.name: number for number, node in columns.items()}
        self._index_labels = {part.label: part.label for part in index}
        self._index_labels |= {f"{part.module}::{part.label}": part.label for part in index}

    @property
    def entry(self) -> OID:
        """The OID of the table's entry."""
        return next(iter(self.columns.values())).oid[:-1]

    def number_of(self, name: str) -> int | None:
        """Return the number of a column by its name, with its module (``"IF-MIB::ifDescr"``) or without."""
        return self._numbers.get(name)

    def index_label_of(self, name: str) -> str | None:
        """Return the label of an object of the INDEX by its name, with its module or without."""
        return self._index_labels.get(name)


class NamedRow(TableRow):
    """A row of a table whose columns are found by name: ``row["ifOperStatus"]``, or by number as in any row.

    Values are typed by the MIB module: they are equal to what the agent sent, and ``str()`` shows them by their
    enumeration or DISPLAY-HINT.  The objects of the INDEX are found, too, whether the agent sends them or not.

    Args:
        index: the arcs after the column in the names of this row.
        cells: the values by column number, as the agent sent them.
        names: the table's columns by name.
        columns: the OIDs of the columns; optional; default: they are not known.

    Attributes:
        index: as given (RFC 2578 section 7.7).
    """

    __slots__ = ("_indexes", "_names")

    def __init__(
        self, index: OID, cells: Mapping[int, Value], names: TableNames, columns: Mapping[int, OID] = NO_COLUMNS
    ) -> None:
        super().__init__(index, cells, columns)
        self._names = names
        self._indexes: Mapping[str, Value] | None = None

    @property
    def indexes(self) -> Mapping[str, Value]:
        """The values of the INDEX by name; empty if the arcs do not fit the module's definition."""
        if self._indexes is None:
            self._indexes = MappingProxyType(self._decode())
        return self._indexes

    @property
    def named(self) -> Mapping[str, Value]:
        """All values by name: those of the INDEX, then the columns; a column without a name is left out."""
        known = {self._names.columns[number].label: self[number] for number in self if number in self._names.columns}
        return {**self.indexes, **known}

    def _decode(self) -> dict[str, Value]:
        mib, parts = self._names.mib, self._names.index
        values = decode_index(parts, self.index.arcs)
        if values is None:
            return {}
        shown = mib.shown_index(parts, values)
        return {part.label: value for part, value in zip(parts, shown, strict=True)}

    def __getitem__(self, column: int | str) -> Value:
        """Return the value of a column.

        Raises:
            KeyError: the row has no such column.
        """
        if isinstance(column, str):
            number = self._names.number_of(column)
            if number is None or number not in self._cells:
                return self._of_index(column)
            column = number
        value = self._cells[column]
        return self._names.mib.named(self._names.columns.get(column), value, self._address_type(column))

    def _of_index(self, name: str) -> Value:
        label = self._names.index_label_of(name)
        if label is None or label not in self.indexes:
            raise KeyError(f"the row {self.index} has no column {name}")
        return self.indexes[label]

    def _address_type(self, column: int) -> int | None:
        """Return the InetAddressType that precedes an InetAddress in this row (RFC 4001 section 3)."""
        node = self._names.columns.get(column)
        if node is None or node.syntax is None or not is_address(node.syntax):
            return None
        for number in sorted(self._names.columns, reverse=True):
            before = self._names.columns[number]
            if number < column and before.syntax is not None and is_address_type(before.syntax):
                value = self._cells.get(number, self.indexes.get(before.label))
                return int(value) if isinstance(value, int) else None
        return None

    def __contains__(self, column: object) -> bool:
        if isinstance(column, str):
            number = self._names.number_of(column)
            return number in self._cells or self._names.index_label_of(column) in self.indexes
        return column in self._cells

    def __repr__(self) -> str:
        return f"NamedRow({self.index}, {self.named!r})"


async def named_rows(
    answers: AsyncGenerator[Sequence[TableRow], None], names: TableNames
) -> AsyncGenerator[Sequence[NamedRow], None]:
    """Yield rows with the names of their columns, together as they come."""
    async with contextlib.aclosing(answers):
        async for rows in answers:
            yield [NamedRow(row.index, dict(row), names, row.columns) for row in rows]
