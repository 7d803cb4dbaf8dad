"""The latest rates of several interfaces at common points of time, in a bounded amount of memory.

Contains: arithmetic and arrays.  Does not contain: where rates come from.
"""

from __future__ import annotations

import math
from array import array
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ("History", "Series")

_UNKNOWN: Final = math.nan


class Series:
    """The rates of one interface, one for each point of time.

    Attributes:
        received: octets per second in; not a number where that is not known.
        sent: octets per second out, likewise.
    """

    __slots__ = ("received", "sent")

    def __init__(self, points: int) -> None:
        self.received = array("d", [_UNKNOWN] * points)
        self.sent = array("d", [_UNKNOWN] * points)

    def as_json(self) -> list[list[float | None]]:
        """Return the rates in and out, for JSON, where what is not known is ``None``."""
        return [[_json(rate) for rate in rates] for rates in (self.received, self.sent)]


class History:
    """Rates at the latest points of time.

    Args:
        most: how many points are kept.

    Attributes:
        times: when they were, in seconds since 1970.
    """

    __slots__ = ("_most", "_series", "times")

    def __init__(self, most: int) -> None:
        self._most = most
        self._series: set[Series] = set()
        self.times = array("d")

    @property
    def known(self) -> bool:
        """Whether there is a point."""
        return bool(self.times)

    def add(self) -> Series:
        """Return the series of a further interface, whose rates are not known so far."""
        series = Series(len(self.times))
        self._series.add(series)
        return series

    def remove(self, series: Series) -> None:
        """Forget a series."""
        self._series.remove(series)

    def add_point(self, at: float, rates: Iterable[tuple[Series, tuple[float | None, float | None]]]) -> None:
        """Add a point of time; a series without rates has none there.

        Args:
            at: the time, in seconds since 1970.
            rates: of each series, octets per second in and out.
        """
        self.times.append(at)
        for series, (received, sent) in rates:
            series.received.append(_UNKNOWN if received is None else received)
            series.sent.append(_UNKNOWN if sent is None else sent)
        size = len(self.times)
        for series in self._series:
            if len(series.received) < size:
                series.received.append(_UNKNOWN)
                series.sent.append(_UNKNOWN)
        if size > self._most:
            self._cut(size - self._most)

    def _cut(self, count: int) -> None:
        del self.times[:count]
        for series in self._series:
            del series.received[:count]
            del series.sent[:count]

    def totals(self) -> list[list[float | None]]:
        """Return the rates in and out of all series together, as :meth:`Series.as_json`."""
        return [
            [_json(_total(rates)) for rates in zip(*columns, strict=True)] if columns else [None] * len(self.times)
            for columns in (
                [series.received for series in self._series],
                [series.sent for series in self._series],
            )
        ]


def _total(rates: Iterable[float]) -> float:
    known = [rate for rate in rates if not math.isnan(rate)]
    return sum(known) if known else _UNKNOWN


def _json(rate: float) -> float | None:
    return round(rate, 1) if math.isfinite(rate) else None
