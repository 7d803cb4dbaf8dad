"""Rates of counters: how much they have grown each second, with wraps and restarts of the agent.

Contains: arithmetic on values and times that are given.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from snmptcp.values import Counter32, Counter64

if TYPE_CHECKING:
    from snmptcp.oid import OID
    from snmptcp.values import Value

__all__ = ("Rates",)

#: How far an agent's clock may differ from ours between two polls: this many seconds, or this part of the time between.
_TOLERANCE = 10.0
_TOLERANCE_SHARE = 0.25

_WRAPS_AT = 2**32


class Rates:
    """The counters of one job of one target, from one poll to the next."""

    __slots__ = ("_before", "_compared", "_now", "_offset", "_started_at", "_uptime", "_uptime_at")

    def __init__(self) -> None:
        self._before: dict[bytes, tuple[int, float]] = {}
        self._now: dict[bytes, tuple[int, float]] = {}
        self._compared = False  # whether a restart since the last poll would have been seen
        self._started_at = -math.inf  # counters that were read before are from before a restart
        self._uptime: int | None = None
        self._uptime_at = 0.0
        self._offset = 0.0

    def begin(self, uptime: int | None, at: float, offset: float = 0.0) -> bool:
        """Begin a poll, once all of it has been read.

        Args:
            uptime: the agent's sysUpTime, in hundredths of a second; ``None`` if the agent has none.  It must be read
                with the counters or after them: then a restart before it is seen now, and one after it at the next
                poll.
            at: when it was read, in seconds, by a clock that may stand still while the machine is suspended.
            offset: what that clock lacks to the time since 1970, which does not stand still but may be set.

        Returns:
            Whether the agent has restarted since the last poll.
        """
        self._compared = uptime is not None
        if uptime is None:
            return False
        restarted = self._has_restarted(uptime, at, offset - self._offset)
        self._uptime, self._uptime_at, self._offset = uptime, at, offset
        if restarted:
            self._before = {}
            self._started_at = at - uptime / 100
        return restarted

    def _has_restarted(self, uptime: int, at: float, gap: float) -> bool:
        """Whether sysUpTime has begun anew; not if it has wrapped, as it does after 497 days."""
        if self._uptime is None:  # counters may have been read before, without sysUpTime
            first = min((read_at for _, read_at in self._before.values()), default=-math.inf)
            return first < at - uptime / 100 and first > -math.inf
        grown = (uptime - self._uptime) % _WRAPS_AT / 100
        elapsed = at - self._uptime_at
        if abs(grown - elapsed) <= _tolerance(elapsed):
            return False
        if gap > _TOLERANCE:
            elapsed += gap
            if abs(grown - elapsed) <= _tolerance(elapsed):  # our clock has stood still, not the agent's
                self._before = {key: (count, read_at - gap) for key, (count, read_at) in self._before.items()}
                return False
        # An agent that has started since cannot be up for longer; one whose clock is slow can.
        return uptime < self._uptime or uptime / 100 <= elapsed + _tolerance(elapsed)

    def rate(self, oid: OID, value: Value, at: float) -> float | None:
        """Return how much a counter has grown each second.

        Args:
            oid: the name of the variable.
            value: its value.
            at: when it was read, in seconds.

        Returns:
            The rate; ``None`` if the value is no counter, or was not read before, or the agent has restarted.
            A Counter32 that has fallen has wrapped; in a poll without sysUpTime only if it has grown by less than
            2**31 then.  A Counter64 does not wrap in practice: if it has fallen, the agent has set it back.
        """
        if not isinstance(value, Counter32 | Counter64):
            return None
        count = int(value)
        self._now[oid.key] = (count, at)
        known = self._before.get(oid.key)
        if known is None or at <= known[1] or known[1] < self._started_at:
            return None
        growth = count - known[0]
        if growth < 0:
            if isinstance(value, Counter64):
                return None
            growth += _WRAPS_AT
            if not self._compared and growth > _WRAPS_AT // 2:
                return None  # nothing tells whether it has wrapped or begun anew
        return growth / (at - known[1])

    def end(self, *, complete: bool) -> None:
        """End a poll.

        Args:
            complete: whether all was read.  Counters that were not are forgotten then; otherwise they are kept.
        """
        self._before = self._now if complete else {**self._before, **self._now}
        self._now = {}


def _tolerance(elapsed: float) -> float:
    return max(_TOLERANCE, _TOLERANCE_SHARE * elapsed)
