"""Builds the variables of a device from tables of values."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, TypeAlias

from snmptcp.oid import OID
from snmptcp.values import (
    Counter32,
    Counter64,
    Gauge32,
    Integer32,
    IpAddress,
    OctetString,
    Opaque,
    TimeTicks,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from snmptcp.mib import IndexPart, Mib
    from snmptcp.values import Value

__all__ = (
    "Device",
    "counters",
    "counters64",
    "double",
    "floating",
    "gauges",
    "integers",
    "octets",
    "oids",
    "texts",
    "ticks",
)

Index: TypeAlias = "tuple[int | str | bytes | OID, ...]"


class Device:
    """The variables of one device.

    Args:
        mib: the modules that know the names.
    """

    def __init__(self, mib: Mib) -> None:
        self._mib = mib
        self.variables: dict[OID, Value] = {}

    def scalars(self, **values: Value) -> None:
        """Add scalars."""
        for label, value in values.items():
            self.variables[self._mib.oid(label) + 0] = value

    def table(self, rows: Iterable[Index], **columns: Sequence[Value]) -> None:
        """Add columns of a table.

        Args:
            rows: the values of the INDEX of each row.
            columns: the values of each column, used again from the first one when there are more rows.
        """
        for number, index in enumerate(rows):
            for label, values in columns.items():
                node = self._mib.node(label)
                oid = node.oid + OID.fragment(_arcs(node.index, index))
                self.variables[oid] = values[number % len(values)]

    def at(self, values: dict[str, Value]) -> None:
        """Add variables at names or numbers, whatever the INDEX says."""
        for name, value in values.items():
            label, dot, arcs = name.partition(".")
            oid = OID(name) if label.isdigit() else self._mib.oid(label) + OID.fragment(map(int, arcs.split(".")))
            assert dot
            self.variables[oid] = value


def _arcs(parts: Sequence[IndexPart], values: Index) -> Iterator[int]:
    """Yield the arcs of an INDEX (RFC 2578 section 7.7), of values that need not be allowed."""
    for part, value in zip(parts, values, strict=True):
        if isinstance(value, int):
            yield value & 0xFFFFFFFF
            continue
        arcs = value.arcs if isinstance(value, OID) else bytes(value if isinstance(value, bytes) else value.encode())
        if isinstance(value, IpAddress):
            yield from (1,) if "NetworkAddress" in part.syntax.conventions else ()
        elif not part.implied and part.syntax.fixed_size is None:
            yield len(arcs)
        yield from arcs


# Lists of values, for columns.


def integers(*numbers: int) -> list[Value]:
    return [Integer32(number) for number in numbers]


def gauges(*numbers: int) -> list[Value]:
    return [Gauge32(number) for number in numbers]


def counters(*numbers: int) -> list[Value]:
    return [Counter32(number) for number in numbers]


def counters64(*numbers: int) -> list[Value]:
    return [Counter64(number) for number in numbers]


def ticks(*numbers: int) -> list[Value]:
    return [TimeTicks(number) for number in numbers]


def texts(*strings: str | bytes) -> list[Value]:
    return [OctetString(string) for string in strings]


def octets(*strings: str) -> list[Value]:
    """Return strings that are given in hexadecimal."""
    return [OctetString(bytes.fromhex(string)) for string in strings]


def oids(*names: str) -> list[Value]:
    return [OID(name) for name in names]


def addresses(*names: str) -> list[Value]:
    return [IpAddress(name) for name in names]


def floating(number: float) -> Opaque:
    """Return what net-snmp's agents send for a float."""
    return Opaque(b"\x9f\x78\x04" + struct.pack(">f", number))


def double(number: float) -> Opaque:
    """Return what net-snmp's agents send for a double."""
    return Opaque(b"\x9f\x79\x08" + struct.pack(">d", number))
