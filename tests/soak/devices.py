"""The devices of the soak: what each agent must say, computed alike by its own process and by the one that asks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from snmptcp import OID, Community, Counter32, Counter64, Gauge32, Integer32, OctetString, Tsm, UsmUser

if TYPE_CHECKING:
    from snmptcp.values import Value

__all__ = (
    "COLUMNS",
    "COMMUNITY",
    "ENTRY",
    "NAMES",
    "TABLE",
    "TOKEN",
    "USER",
    "Cell",
    "Device",
    "credentials_of",
    "name_of",
)

COMMUNITY = Community("private")
USER = UsmUser("soak", "SHA-256", "soak authentic", "AES", "soak private")

TABLE = OID("1.3.6.1.4.1.58888.29.1")
ENTRY = TABLE + 1
COLUMNS = (1, 2, 3, 4, 5)

#: The variable that every SET writes: each time another number.
TOKEN = OID("1.3.6.1.4.1.58888.29.2.0")

#: The security names of managers and senders with TLS.
NAMES = ("boss", "sender")

#: A column and a row.
Cell = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Device:
    """One agent of the soak.

    Attributes:
        number: its number, from 0 on; all else follows from it.
    """

    number: int

    @property
    def kind(self) -> str:
        """How it is asked: four of ten with SNMPv2c, four with SNMPv3 (authPriv), two over TLS with TSM."""
        return "v2c" if self.number % 10 < 4 else "usm" if self.number % 10 < 8 else "tsm"

    @property
    def credentials(self) -> Community | UsmUser | Tsm:
        """Those of its manager."""
        return credentials_of(self.kind)

    @property
    def behind_line(self) -> bool:
        """Whether a proxy that makes faults stands before it: one of three."""
        return self.number % 3 == 0

    @property
    def rows(self) -> int:
        """How many rows its table has: 20 to 79."""
        return 20 + self.number * 7 % 60

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells of its table, in the order of their names."""
        return _cells(self.rows)

    def value(self, cell: Cell) -> Value:
        """Return what a cell must have."""
        column, row = cell
        base = self.number * 1009 + row
        match column:
            case 1:
                return Integer32(row)
            case 2:
                return OctetString(f"device {self.number} row {row} ".encode() * (1 + base % 4))
            case 3:
                return Counter32(base * 65537 % 2**32)
            case 4:
                return Counter64(base * 1099511627791 % 2**64)
            case _:
                return Gauge32(base)

    def following(self, cell: Cell) -> tuple[OID, Value | None]:
        """Return the name after a cell, and its value; ``None`` for that of :data:`TOKEN`, which changes."""
        place = self.cells.index(cell) + 1
        return self.at(place)

    def at(self, place: int) -> tuple[OID, Value | None]:
        """Return the name at a place in the order of all names, and its value; ``None`` for that of :data:`TOKEN`."""
        if place >= len(self.cells):
            return TOKEN, None
        return name_of(self.cells[place]), self.value(self.cells[place])

    def variables(self) -> dict[OID, Value]:
        """Return all that its agent serves, beside :data:`TOKEN`."""
        return {name_of(cell): self.value(cell) for cell in self.cells}


def credentials_of(kind: str) -> Community | UsmUser | Tsm:
    """Return the credentials of a kind: ``"v2c"``, ``"usm"`` or ``"tsm"``."""
    every: dict[str, Community | UsmUser | Tsm] = {"v2c": COMMUNITY, "usm": USER, "tsm": Tsm()}
    return every[kind]


@cache
def _cells(rows: int) -> tuple[Cell, ...]:
    # Column 5 has holes: it exists in every other row only.
    return tuple((column, row) for column in COLUMNS for row in range(1, rows + 1) if column != 5 or row % 2)


@cache
def name_of(cell: Cell) -> OID:
    """Return the name of a cell."""
    column, row = cell
    return ENTRY + column + row
