"""Differences of counters between two readings, and the time between them.

Contains: arithmetic.  Does not contain: reading (:mod:`snmptcp.cli.watch.variables`), clocks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from snmptcp.values import Counter32, Counter64, TimeTicks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snmptcp.values import Value

__all__ = ("Interval", "Moment", "counts", "difference", "interval", "total_difference")

#: One more than the largest value of each type that counts.
_SIZES: dict[type, int] = {Counter32: 2**32, Counter64: 2**64, TimeTicks: 2**32}

#: A counter of 64 bits does not count so far between two readings: it has been set back.
_SET_BACK = 2**63

_TICKS = 2**32

#: How far the agent's clock may be away from ours, in seconds and as a part of the time between two readings.
_TOLERANCE = 5.0
_TOLERANCE_PART = 0.5


class Moment(NamedTuple):
    """When a reading was made.

    Attributes:
        clock: our own clock, in seconds from any start.
        uptime: the agent's sysUpTime, in hundredths of a second; ``None`` if it does not tell.
    """

    clock: float
    uptime: int | None


class Interval(NamedTuple):
    """The time between two readings.

    Attributes:
        before: when the first one was made.
        after: when the second one was made.
        seconds: how much of it there is: by the agent's clock if it tells its time, and by ours otherwise.
        restarted: whether the agent has started anew between the two, so that its counters began at 0 again.
    """

    before: Moment
    after: Moment
    seconds: float
    restarted: bool


def interval(before: Moment, after: Moment) -> Interval:
    """Return the time between two readings."""
    ours = after.clock - before.clock
    if before.uptime is None or after.uptime is None or after.uptime == before.uptime:
        return Interval(before, after, ours, restarted=False)  # an agent whose clock stands still has none
    # sysUpTime begins again at 0 after 497 days, and the time is then about ours; after a restart it is not.
    theirs = (after.uptime - before.uptime) % _TICKS / 100
    tolerance = max(_TOLERANCE, _TOLERANCE_PART * ours)
    # The other way to begin anew: the agent is up for longer than it was before, and for less time than has passed.
    runs_over = after.uptime < before.uptime
    restarted = abs(theirs - ours) > tolerance if runs_over else theirs < ours - tolerance
    return Interval(before, after, ours if restarted else theirs, restarted)


def counts(value: Value) -> bool:
    """Whether a value is a counter, or a time that runs."""
    return type(value) in _SIZES


def difference(before: Value | None, after: Value | None) -> int | None:
    """Return by how much a counter has grown, over the largest value of its type if need be.

    Returns:
        ``None`` if the two are not counters of one type, or if one of 64 bits was set back.
    """
    size = _SIZES.get(type(after))
    if size is None or type(before) is not type(after) or not isinstance(before, int) or not isinstance(after, int):
        return None
    grown = (int(after) - int(before)) % size
    return None if grown >= _SET_BACK else grown


def total_difference(before: Sequence[Value], after: Sequence[Value]) -> int | None:
    """Return by how much several counters have grown together; ``None`` if one of them cannot be compared."""
    if not after or len(before) != len(after):
        return None
    differences = [difference(*pair) for pair in zip(before, after, strict=True)]
    known = [each for each in differences if each is not None]
    return sum(known) if len(known) == len(differences) else None
