"""Storage of an agent: disks, file systems and memory, with their sizes in octets.

Contains: reading hrStorageTable (RFC 2790) and net-snmp's dskTable.  Does not contain: printing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.cli.output.cells import octets_on_one_line
from snmptcp.oid import OID
from snmptcp.values import OctetString

if TYPE_CHECKING:
    from snmptcp.manager import Manager, TableRow

__all__ = ("Storage", "read_disks", "read_host_storage")

_HR_STORAGE_TABLE = OID("1.3.6.1.2.1.25.2.3")
_DSK_TABLE = OID("1.3.6.1.4.1.2021.9")

_KIBIBYTE = 1024

#: hrStorageTypes (RFC 2790): the last arc of each.
_TYPES = {
    1: "other",
    2: "ram",
    3: "virtualMemory",
    4: "fixedDisk",
    5: "removableDisk",
    6: "floppyDisk",
    7: "compactDisc",
    8: "ramDisk",
    9: "flashMemory",
    10: "networkDisk",
}
_TYPES_ROOT = OID("1.3.6.1.2.1.25.2.1")


@dataclass(frozen=True, slots=True)
class Storage:
    """A row of one of the two tables; sizes in octets, ``None`` where the agent does not tell.

    Attributes:
        index: its number.
        description: what the agent calls it, on one line.
        type: what it is: ``fixedDisk``, ``ram``, ...; ``None`` if not told.
        size: how much it holds.
        used: how much of it is used.
        available: how much of it can be used.
    """

    index: int
    description: str
    type: str | None
    size: int | None
    used: int | None
    available: int | None

    @property
    def percent(self) -> int | None:
        """How much of it is used, in whole percent; 0 for an empty one."""
        if self.size is None or self.used is None:
            return None
        return 100 * self.used // self.size if self.size else 0


async def read_host_storage(manager: Manager) -> list[Storage]:
    """Read hrStorageTable; none if the agent has no such table."""
    return [_host_storage(row) for row in await _rows(manager, _HR_STORAGE_TABLE, (2, 3, 4, 5, 6))]


async def read_disks(manager: Manager) -> list[Storage]:
    """Read net-snmp's dskTable; none if the agent has no such table."""
    return [_disk(row) for row in await _rows(manager, _DSK_TABLE, (2, 6, 7, 8, 11, 12, 13, 14, 15, 16))]


async def _rows(manager: Manager, table: OID, columns: tuple[int, ...]) -> list[TableRow]:
    return [row async for row in manager.table(table, columns, skip_broken=True)]


def _host_storage(row: TableRow) -> Storage:
    unit = _number(row, 4)
    size, used = _blocks(row, 5, unit), _blocks(row, 6, unit)
    kind = row.get(2)
    known = isinstance(kind, OID) and kind[:-1] == _TYPES_ROOT
    name = _TYPES.get(kind[-1]) if isinstance(kind, OID) and known else None
    return Storage(row.index[-1], _text(row, 3), name, size, used, _rest(size, used))


def _blocks(row: TableRow, column: int, unit: int | None) -> int | None:
    """Return a number of allocation units in octets.

    Agents whose disk has more than 2**31 - 1 units let the number run over into the negative ones.
    """
    count = _number(row, column)
    if count is None or unit is None or unit <= 0:
        return None
    return count % 0x100000000 * unit


def _disk(row: TableRow) -> Storage:
    size, available, used = (_kibibytes(row, *columns) for columns in ((6, 11, 12), (7, 13, 14), (8, 15, 16)))
    if available is None:
        available = _rest(size, used)
    return Storage(row.index[-1], _text(row, 2), None, size, used, available)


def _kibibytes(row: TableRow, column: int, low: int, high: int) -> int | None:
    """Return a number of kibibytes in octets: from the two columns that have 64 bits, or else from the one of 31."""
    lower, upper = _number(row, low), _number(row, high)
    if lower is not None and upper is not None:
        return (upper << 32 | lower) * _KIBIBYTE
    number = _number(row, column)
    return None if number is None else number % 0x100000000 * _KIBIBYTE


def _rest(size: int | None, used: int | None) -> int | None:
    return None if size is None or used is None else max(0, size - used)


def _number(row: TableRow, column: int) -> int | None:
    value = row.get(column)
    return int(value) if isinstance(value, int) else None


def _text(row: TableRow, column: int) -> str:
    value = row.get(column)
    return octets_on_one_line(value) if isinstance(value, OctetString) else f"(number {row.index})"
