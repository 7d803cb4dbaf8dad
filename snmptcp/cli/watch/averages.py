"""Averages, peaks and maxima over several samples.

Contains: what is reported of watched variables.  Does not contain: its text (:mod:`snmptcp.cli.output.deltas`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snmptcp.cli.watch.variables import Sample
    from snmptcp.oid import OID
    from snmptcp.values import VarBind

__all__ = ("Entry", "Figure", "Report", "Reporter")


@dataclass(frozen=True, slots=True)
class Figure:
    """By how much a counter grows, over the samples of a report.

    Attributes:
        difference: in one period, on average, without its fraction.
        rate: in one second.
        peak_difference: in the period in which it grew most, of this report.
        peak_rate: in one second of the period in which it grew fastest, of this report.
        max_difference: as peak_difference, of all reports so far.
        max_rate: as peak_rate, of all reports so far.
    """

    difference: int
    rate: float
    peak_difference: int
    peak_rate: float
    max_difference: int
    max_rate: float


@dataclass(frozen=True, slots=True)
class Entry:
    """A variable in a report.

    Attributes:
        varbind: its name and its value now.
        counts: whether it is a counter; of other variables the value is shown.
        figure: how it grows; ``None`` if that is not known, such as after a restart of the agent.
    """

    varbind: VarBind
    counts: bool
    figure: Figure | None


@dataclass(frozen=True, slots=True)
class Report:
    """What is told after some samples.

    Attributes:
        uptime: the agent's sysUpTime at the end, if it tells it.
        seconds: the time that the samples took.
        restarted: whether the agent has restarted in it.
        entries: the variables.
        total: all counters together; ``None`` if none of them has a difference.
    """

    uptime: int | None
    seconds: float
    restarted: bool
    entries: Sequence[Entry]
    total: Figure | None


@dataclass(slots=True)
class _Growth:
    """How one counter has grown in the samples of a report."""

    sum: int = 0
    count: int = 0
    seconds: float = 0.0
    peak_difference: int = 0
    peak_rate: float = 0.0

    def add(self, difference: int, seconds: float) -> None:
        self.sum += difference
        self.count += 1
        self.seconds += seconds
        self.peak_difference = max(self.peak_difference, difference)
        self.peak_rate = max(self.peak_rate, _rate(difference, seconds))


def _rate(difference: int, seconds: float) -> float:
    return difference / seconds if seconds > 0 else 0.0


class Reporter:
    """Makes a report of each so many samples.

    Args:
        samples: how many.
    """

    def __init__(self, samples: int = 1) -> None:
        self._wanted = samples
        self._begin()
        #: The largest difference and rate of each counter so far; ``None`` stands for all together.
        self._maxima: dict[OID | None, tuple[int, float]] = {}

    def _begin(self) -> None:
        """Begin a report."""
        self._taken = 0
        self._seconds = 0.0
        self._restarted = False
        #: How each counter has grown; ``None`` stands for all together.
        self._growths: dict[OID | None, _Growth] = {}

    def add(self, sample: Sample) -> Report | None:
        """Take a sample; return the report if it is the last one of it."""
        self._take(sample)
        if self._taken < self._wanted:
            return None
        report = Report(
            sample.interval.after.uptime,
            self._seconds,
            self._restarted,
            [Entry(change.varbind, change.counts, self._figure(change.varbind.oid)) for change in sample.changes],
            self._figure(None),
        )
        self._begin()
        return report

    def _take(self, sample: Sample) -> None:
        seconds = sample.interval.seconds
        self._taken += 1
        self._seconds += seconds
        self._restarted = self._restarted or sample.interval.restarted
        total: int | None = None
        for change in sample.changes:
            if change.difference is not None:
                total = (total or 0) + change.difference
                self._growths.setdefault(change.varbind.oid, _Growth()).add(change.difference, seconds)
        if total is not None:
            self._growths.setdefault(None, _Growth()).add(total, seconds)

    def _figure(self, key: OID | None) -> Figure | None:
        growth = self._growths.get(key)
        if growth is None:
            return None
        difference, rate = self._maxima.get(key, (0, 0.0))
        maxima = max(difference, growth.peak_difference), max(rate, growth.peak_rate)
        self._maxima[key] = maxima
        return Figure(
            growth.sum // growth.count,
            _rate(growth.sum, growth.seconds),
            growth.peak_difference,
            growth.peak_rate,
            *maxima,
        )
