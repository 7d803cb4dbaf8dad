"""The interfaces of an agent, read again and again, and their rates.

Contains: reading ifTable and ifXTable (RFC 2863), and what one reading says against the one before.
Does not contain: the rhythm (:mod:`snmptcp.cli.watch.clock`), text (:mod:`snmptcp.cli.output.interfaces`).
"""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from snmptcp.cli.output.cells import octets_on_one_line
from snmptcp.cli.output.interfaces import OPER_STATES
from snmptcp.cli.watch.counters import Interval, Moment, interval, total_difference
from snmptcp.cli.watch.variables import uptime_of
from snmptcp.errors import SnmpError
from snmptcp.oid import OID
from snmptcp.protocol.notification import SYS_UP_TIME
from snmptcp.values import OctetString

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from snmptcp.cli.watch.clock import Clock
    from snmptcp.manager import Manager
    from snmptcp.values import Value

__all__ = (
    "InterfaceRates",
    "InterfaceReader",
    "InterfaceSample",
    "InterfaceSnapshot",
    "compare_interfaces",
    "total_of",
)

T = TypeVar("T", int, float)

_IF_TABLE = OID("1.3.6.1.2.1.2.2")
_IF_X_TABLE = OID("1.3.6.1.2.1.31.1.1")

#: ifTable: ifDescr; ifXTable: ifName, ifAlias.  They are read once for each set of interfaces.
_DESCR = 2
_NAME, _ALIAS = 1, 18

#: ifTable: ifSpeed, ifOperStatus, errors and discards, in and out.
_SPEED, _OPER_STATUS = 5, 8
_IN_DISCARDS, _IN_ERRORS, _OUT_DISCARDS, _OUT_ERRORS = 13, 14, 19, 20

#: Octets and packets, in and out: the counters of 64 bits in ifXTable, and those of 32 bits in ifTable.
_WIDE = {"in_octets": (6,), "in_packets": (7, 8, 9), "out_octets": (10,), "out_packets": (11, 12, 13)}
_NARROW = {"in_octets": (10,), "in_packets": (11, 12), "out_octets": (16,), "out_packets": (17, 18)}
_TROUBLES = {
    "in_discards": (_IN_DISCARDS,),
    "in_errors": (_IN_ERRORS,),
    "out_discards": (_OUT_DISCARDS,),
    "out_errors": (_OUT_ERRORS,),
}

#: ifXTable: ifHighSpeed; ifCounterDiscontinuityTime, which changes when counters of either table were set back.
_HIGH_SPEED, _DISCONTINUITY = 15, 19

_BITS = 8


@dataclass(frozen=True, slots=True)
class _Identity:
    """The names of an interface."""

    name: str
    description: str
    alias: str

    def is_called(self, index: int, patterns: Sequence[str]) -> bool:
        names = (self.name, self.description, self.alias, str(index))
        return any(fnmatch.fnmatchcase(name, pattern) for name in names for pattern in patterns)


@dataclass(frozen=True, slots=True)
class _Interface:
    """An interface at one moment.

    Attributes:
        identity: its names.
        status: its ifOperStatus.
        speed: in bits per second; ``None`` if the agent does not tell.
        counters: groups of counters, which are added up.
        discontinuity: when its counters were set back, if the agent tells.
    """

    identity: _Identity
    status: str
    speed: int | None
    counters: Mapping[str, Sequence[Value]]
    discontinuity: int | None


@dataclass(frozen=True, slots=True)
class InterfaceSnapshot:
    """The interfaces at one moment, by their ifIndex."""

    moment: Moment
    interfaces: Mapping[int, _Interface]


@dataclass(frozen=True, slots=True)
class InterfaceRates:
    """An interface between two readings; ``None`` for what is not known.

    Attributes:
        index: its ifIndex.
        name: its ifName, or else its ifDescr.
        alias: its ifAlias; may be empty.
        status: its ifOperStatus.
        speed: in bits per second.
        in_bits: received bits in one second.
        out_bits: sent bits in one second.
        in_packets: received packets in one second.
        out_packets: sent packets in one second.
        in_errors: how many more errors there were, on receiving.
        out_errors: how many more errors there were, on sending.
        in_discards: how many more received packets were thrown away.
        out_discards: how many more packets were thrown away instead of being sent.
    """

    index: int
    name: str
    alias: str
    status: str
    speed: int | None
    in_bits: float | None
    out_bits: float | None
    in_packets: float | None
    out_packets: float | None
    in_errors: int | None
    out_errors: int | None
    in_discards: int | None
    out_discards: int | None

    @property
    def use(self) -> float | None:
        """The busier direction, in percent of the speed."""
        known = [bits for bits in (self.in_bits, self.out_bits) if bits is not None]
        return 100 * max(known) / self.speed if known and self.speed else None


@dataclass(frozen=True, slots=True)
class InterfaceSample:
    """Two readings of the interfaces, compared.

    Attributes:
        interval: the time between them.
        interfaces: the interfaces of the second one.
    """

    interval: Interval
    interfaces: Sequence[InterfaceRates]


def compare_interfaces(before: InterfaceSnapshot, after: InterfaceSnapshot) -> InterfaceSample:
    """Compare two readings; what was set back between them has no rates."""
    between = interval(before.moment, after.moment)
    rates = []
    for index, now in after.interfaces.items():
        earlier = before.interfaces.get(index)
        was_set_back = between.restarted or earlier is None or earlier.discontinuity != now.discontinuity
        rates.append(_rates(index, None if was_set_back else earlier, now, between.seconds))
    return InterfaceSample(between, rates)


def _rates(index: int, before: _Interface | None, now: _Interface, seconds: float) -> InterfaceRates:
    def grown(group: str) -> int | None:
        return None if before is None else total_difference(before.counters[group], now.counters[group])

    def per_second(group: str, factor: int = 1) -> float | None:
        difference = grown(group)
        return None if difference is None or seconds <= 0 else factor * difference / seconds

    return InterfaceRates(
        index,
        now.identity.name or now.identity.description or str(index),
        now.identity.alias,
        now.status,
        now.speed,
        per_second("in_octets", _BITS),
        per_second("out_octets", _BITS),
        per_second("in_packets"),
        per_second("out_packets"),
        grown("in_errors"),
        grown("out_errors"),
        grown("in_discards"),
        grown("out_discards"),
    )


def total_of(rates: Sequence[InterfaceRates]) -> InterfaceRates:
    """Return all interfaces together, with the index 0; what none of them knows is not known."""

    def total(numbers: Iterable[T | None]) -> T | None:
        known = [number for number in numbers if number is not None]
        return sum(known[1:], known[0]) if known else None

    return InterfaceRates(
        0,
        "Sum",
        "",
        "",
        None,
        total(row.in_bits for row in rates),
        total(row.out_bits for row in rates),
        total(row.in_packets for row in rates),
        total(row.out_packets for row in rates),
        total(row.in_errors for row in rates),
        total(row.out_errors for row in rates),
        total(row.in_discards for row in rates),
        total(row.out_discards for row in rates),
    )


class InterfaceReader:
    """Reads the interfaces of an agent.

    Args:
        patterns: names, descriptions, aliases or numbers of interfaces, with ``*``, ``?`` and ``[...]`` for what may
            be anything; none for all interfaces.
    """

    def __init__(self, patterns: Sequence[str] = ()) -> None:
        self._patterns = patterns
        self._identities: dict[int, _Identity] = {}
        self._seen: list[int] = []
        #: Whether to read ifXTable, its counters of 64 bits, and the counters of 32 bits.
        self._extended = self._wide = self._narrow = True

    async def read(self, manager: Manager, clock: Clock) -> InterfaceSnapshot:
        """Read them once.

        Raises:
            SnmpError: the agent does not answer, has no interfaces, or none of these names.
        """
        uptime = uptime_of(await manager.get_value(SYS_UP_TIME, default=None))
        moment = Moment(clock.monotonic(), uptime)
        low = await _table(manager, _IF_TABLE, self._low_columns())
        high = await _table(manager, _IF_X_TABLE, self._high_columns()) if self._extended else {}
        seen = sorted({*low, *high})
        changed = seen != self._seen or not seen
        if changed:
            await self._identify(manager, seen, is_extended=bool(high))
        if not self._identities:
            raise SnmpError("the agent shows no interfaces (ifTable, ifXTable)")
        self._choose_counters(high, changed=changed)
        chosen = {
            index: _interface(identity, low.get(index, {}), high.get(index, {}))
            for index, identity in self._identities.items()
            if not self._patterns or identity.is_called(index, self._patterns)
        }
        if not chosen:
            names = ", ".join(identity.name or identity.description for identity in self._identities.values())
            raise SnmpError(f"no interface is called {' or '.join(self._patterns)}; there are {names}")
        return InterfaceSnapshot(moment, chosen)

    def _low_columns(self) -> list[int]:
        narrow = _columns(_NARROW) if self._narrow else []
        return sorted({_SPEED, _OPER_STATUS, *_columns(_TROUBLES), *narrow})

    def _high_columns(self) -> list[int]:
        return sorted({_HIGH_SPEED, _DISCONTINUITY, *(_columns(_WIDE) if self._wide else [])})

    async def _identify(self, manager: Manager, seen: list[int], *, is_extended: bool) -> None:
        descriptions = await _table(manager, _IF_TABLE, [_DESCR])
        names = await _table(manager, _IF_X_TABLE, [_NAME, _ALIAS])
        indexes = sorted({*seen, *descriptions, *names})
        self._identities = {index: _identity(descriptions.get(index, {}), names.get(index, {})) for index in indexes}
        self._seen = seen
        self._extended = is_extended or bool(names)

    def _choose_counters(self, high: Mapping[int, Mapping[int, Value]], *, changed: bool) -> None:
        """Read from now on only the columns that have counters we use; other interfaces may have others."""
        if not self._wide:
            self._wide = changed
            return
        has_wide = [_group(high.get(index, {}), _WIDE["in_octets"]) for index in self._identities]
        self._wide = any(has_wide)
        self._narrow = not all(has_wide)


def _columns(groups: Mapping[str, Iterable[int]]) -> list[int]:
    return [column for columns in groups.values() for column in columns]


async def _table(manager: Manager, table: OID, columns: Sequence[int]) -> dict[int, Mapping[int, Value]]:
    """Return the rows of a table by their index; none if the agent has no such table."""
    return {row.index[-1]: row async for row in manager.table(table, columns, skip_broken=True)}


def _identity(low: Mapping[int, Value], high: Mapping[int, Value]) -> _Identity:
    return _Identity(_text(high.get(_NAME)), _text(low.get(_DESCR)), _text(high.get(_ALIAS)))


def _speed(low: Mapping[int, Value], high: Mapping[int, Value]) -> int | None:
    """Return bits per second; ifSpeed cannot tell more than 4.3 Gbit/s, and ifHighSpeed has millions."""
    millions, speed = _number(high.get(_HIGH_SPEED)), _number(low.get(_SPEED))
    if millions and (speed is None or speed in {0, 0xFFFFFFFF} or millions >= 4000):
        return millions * 1_000_000
    return speed or None


def _interface(identity: _Identity, low: Mapping[int, Value], high: Mapping[int, Value]) -> _Interface:
    wide = bool(_group(high, _WIDE["in_octets"]))
    row, groups = (high, _WIDE) if wide else (low, _NARROW)
    counters = {name: _group(row, columns) for name, columns in groups.items()}
    counters |= {name: _group(low, columns) for name, columns in _TROUBLES.items()}
    state = _number(low.get(_OPER_STATUS))
    status = "-" if state is None else OPER_STATES.get(state, str(state))
    return _Interface(identity, status, _speed(low, high), counters, _number(high.get(_DISCONTINUITY)))


def _group(row: Mapping[int, Value], columns: Sequence[int]) -> tuple[Value, ...]:
    return tuple(row[column] for column in columns if column in row)


def _number(value: Value | None) -> int | None:
    return int(value) if isinstance(value, int) else None


def _text(value: Value | None) -> str:
    return octets_on_one_line(value) if isinstance(value, OctetString) else ""
