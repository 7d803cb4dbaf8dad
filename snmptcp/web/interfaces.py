"""The interfaces of one agent: samples of ifTable and ifXTable (RFC 2863) to rows with rates and their history.

Contains: which columns are looked at, and what becomes of them.  Jobs of any name are understood: samples are known by
their OIDs.
"""

from __future__ import annotations

import math
from enum import IntEnum
from typing import TYPE_CHECKING, Final

from snmptcp.oid import OID, fragment_behind
from snmptcp.printable import printable
from snmptcp.web.history import History

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snmptcp.fleet import Poll, Sample
    from snmptcp.values import Value

__all__ = ("IF_TABLE", "IF_X_TABLE", "Column", "Interface", "Interfaces", "XColumn")

IF_TABLE: Final = "1.3.6.1.2.1.2.2"
IF_X_TABLE: Final = "1.3.6.1.2.1.31.1.1"


class Column(IntEnum):
    """Columns of ifTable."""

    DESCR = 2
    TYPE = 3
    SPEED = 5
    ADMIN_STATUS = 7
    OPER_STATUS = 8
    IN_OCTETS = 10
    IN_ERRORS = 14
    OUT_OCTETS = 16
    OUT_ERRORS = 20


class XColumn(IntEnum):
    """Columns of ifXTable."""

    NAME = 1
    HC_IN_OCTETS = 6
    HC_OUT_OCTETS = 10
    HIGH_SPEED = 15
    ALIAS = 18


_STATUS: Final = ("", "up", "down", "testing", "unknown", "dormant", "notPresent", "lowerLayerDown")

#: The keys of both tables' entries: a column's arc follows, then those of the index.
_ENTRY: Final = OID(f"{IF_TABLE}.1").key
_X_ENTRY: Final = OID(f"{IF_X_TABLE}.1").key

_RATES: Final = {
    Column.IN_OCTETS: "in",
    Column.OUT_OCTETS: "out",
    Column.IN_ERRORS: "in_errors",
    Column.OUT_ERRORS: "out_errors",
}
_X_RATES: Final = {XColumn.HC_IN_OCTETS: "hc_in", XColumn.HC_OUT_OCTETS: "hc_out"}


class Interface:
    """One interface.

    Args:
        index: its ifIndex.
        history: the rates of the agent's interfaces so far; this one has none.

    Attributes:
        texts: what it is called: ``descr``, ``name``, ``alias``, ``type``.
        admin: what its state shall be: ``"up"``, ``"down"``, ``"testing"``; ``None`` if that is not known.
        oper: its state, likewise.
        speed: in bits per second; ``None`` if that is not known.
        rates: by name: octets and errors per second, in and out.
        series: its rates so far.
    """

    __slots__ = ("_has_high_speed", "admin", "index", "oper", "rates", "series", "speed", "texts")

    def __init__(self, index: str, history: History) -> None:
        self.index = index
        self.texts: dict[str, str] = {}
        self.admin: str | None = None
        self.oper: str | None = None
        self.speed: int | None = None
        self._has_high_speed = False
        self.rates: dict[str, float | None] = {}
        self.series = history.add()

    def take(self, column: Column, sample: Sample) -> None:
        """Look at a value of ifTable."""
        value = sample.value
        if column in _RATES:
            self.rates[_RATES[column]] = sample.rate
        elif column is Column.OPER_STATUS:
            self.oper = _status(value)
        elif column is Column.ADMIN_STATUS:
            self.admin = _status(value)
        elif column is Column.SPEED:
            if isinstance(value, int) and not self._has_high_speed:  # ifSpeed ends at 4.3 Gbit/s
                self.speed = int(value)
        else:
            self.texts["descr" if column is Column.DESCR else "type"] = printable(str(value))

    def take_extended(self, column: XColumn, sample: Sample) -> None:
        """Look at a value of ifXTable."""
        value = sample.value
        if column in _X_RATES:
            self.rates[_X_RATES[column]] = sample.rate
        elif column is XColumn.HIGH_SPEED:
            if isinstance(value, int) and value > 0:
                self.speed = int(value) * 1_000_000
                self._has_high_speed = True
        else:
            self.texts["name" if column is XColumn.NAME else "alias"] = printable(str(value))

    @property
    def flow(self) -> tuple[float | None, float | None]:
        """Octets per second in and out, by the counters of 64 bits if there are any."""
        rates = self.rates
        return (rates.get("hc_in", rates.get("in")), rates.get("hc_out", rates.get("out")))

    def as_json(self) -> dict[str, object]:
        """Return what is known, for JSON."""
        received, sent = self.flow
        texts = self.texts
        return {
            "index": self.index,
            "name": texts.get("name") or texts.get("descr") or self.index,
            "description": texts.get("descr", ""),
            "alias": texts.get("alias", ""),
            "type": texts.get("type", ""),
            "admin": self.admin,
            "oper": self.oper,
            "speed": self.speed,
            "in": received,
            "out": sent,
            "in_errors": self.rates.get("in_errors"),
            "out_errors": self.rates.get("out_errors"),
        }


class Interfaces:
    """All interfaces of one agent.

    Args:
        points: how many points of time the history has.
        most: how many interfaces are kept.

    Attributes:
        rows: the interfaces by their index, in the agent's order.
        history: their rates.
        omitted: how many were left out of the last reading because there are too many.
    """

    def __init__(self, points: int, most: int) -> None:
        self._most = most
        self.rows: dict[str, Interface] = {}
        self.history = History(points)
        self.omitted = 0
        self._of_jobs: dict[str, set[str]] = {}  # the indexes that each job has read the last time
        self._timing: str | None = None  # the job that makes the points of the history

    def take(self, poll: Poll) -> bool:
        """Look at a poll; return whether something has changed."""
        seen: set[str] = set()
        omitted: set[str] = set()
        flows = extended = False
        for sample in poll.samples:
            located = _located(sample.oid)
            if located is None:
                continue
            column, index = located
            row = self._row(index, seen, omitted)
            if row is None:
                continue
            if isinstance(column, Column):
                row.take(column, sample)
                flows |= column is Column.IN_OCTETS or column is Column.OUT_OCTETS
            else:
                row.take_extended(column, sample)
                extended |= column is XColumn.HC_IN_OCTETS or column is XColumn.HC_OUT_OCTETS
        if seen:
            self.omitted = len(omitted)
        if poll.error is None and (seen or poll.job in self._of_jobs):
            self._of_jobs[poll.job] = seen
            self._forget_gone()
        if (flows or extended) and self._makes_points(poll.job, extended=extended):
            self._add_point(poll.ended_at)
        return bool(seen)

    def fail(self, at: float) -> bool:
        """Note that the agent could not be asked: rates are unknown, and the charts have a gap."""
        if not self.rows:
            return False
        for row in self.rows.values():
            row.rates.clear()
        if self.history.known:
            self._add_point(at)
        return True

    def total(self) -> tuple[float | None, float | None]:
        """Return octets per second in and out of all interfaces together; ``None`` if none is known."""
        flows = [row.flow for row in self.rows.values()]
        return _sum(flow[0] for flow in flows), _sum(flow[1] for flow in flows)

    def _row(self, index: str, seen: set[str], omitted: set[str]) -> Interface | None:
        row = self.rows.get(index)
        if row is None:
            if len(self.rows) >= self._most:
                omitted.add(index)
                return None
            row = self.rows[index] = Interface(index, self.history)
        seen.add(index)
        return row

    def _forget_gone(self) -> None:
        """Forget the interfaces that no job has read any more."""
        present = set().union(*self._of_jobs.values())
        for index in self.rows.keys() - present:
            self.history.remove(self.rows.pop(index).series)

    def _makes_points(self, job: str, *, extended: bool) -> bool:
        """Whether a job that has read counters of octets makes a point of the history: only one of them does."""
        if self._timing is None or extended or self._timing not in self._of_jobs:
            self._timing = job
        return job == self._timing

    def _add_point(self, at: float) -> None:
        self.history.add_point(at, [(row.series, row.flow) for row in self.rows.values()])


#: The columns of both tables by their keys, which all have the length of those of their table.
_COLUMNS: Final[dict[bytes, Column | XColumn]] = {
    **{_ENTRY + bytes((column,)): column for column in Column},
    **{_X_ENTRY + bytes((column,)): column for column in XColumn},
}


def _located(oid: OID) -> tuple[Column | XColumn, str] | None:
    """Return the column of a variable, and the index of its row; ``None`` if it is no column that is shown."""
    key = oid.key
    for size in (len(_ENTRY) + 1, len(_X_ENTRY) + 1):
        column = _COLUMNS.get(key[:size])
        if column is not None:
            return column, str(fragment_behind(key, size))
    return None


def _status(value: Value) -> str | None:
    """Return the text of ifAdminStatus or ifOperStatus."""
    if not isinstance(value, int):
        return None
    return _STATUS[value] if 0 < value < len(_STATUS) else str(int(value))


def _sum(rates: Iterable[float | None]) -> float | None:
    known = [rate for rate in rates if rate is not None and math.isfinite(rate)]
    return sum(known) if known else None
