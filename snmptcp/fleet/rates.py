"""Rates of counters: how much they have grown each second, with wraps and restarts of the agent.

Contains: arithmetic on values and times that are given.
"""

from __future__ import annotations

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

    __slots__ = ("_before", "_now", "_restarted", "_uptime", "_uptime_at")

    def __init__(self) -> None:
        self._before: dict[bytes, tuple[int, float]] = {}
        self._now: dict[bytes, tuple[int, float]] = {}
        self._restarted = False
        self._uptime: int | None = None
        self._uptime_at = 0.0

    def begin(self, uptime: int | None, at: float) -> bool:
        """Begin a poll, once all of it has been read.

        Args:
            uptime: the agent's sysUpTime, in hundredths of a second; ``None`` if the agent has none.  It must be read
                with the counters or after them: then a restart before it is seen now, and one after it at the next
                poll.
            at: when it was read, in seconds.

        Returns:
            Whether the agent has restarted since the last poll.
        """
        self._restarted = uptime is not None and self._uptime is not None and self._has_restarted(uptime, at)
        if uptime is not None:
            self._uptime, self._uptime_at = uptime, at
        if self._restarted:
            self._before = {}
        return self._restarted

    def _has_restarted(self, uptime: int, at: float) -> bool:
        """Whether sysUpTime has begun anew; not if it has wrapped, as it does after 497 days."""
        before = self._uptime or 0
        elapsed = at - self._uptime_at
        tolerance = max(_TOLERANCE, _TOLERANCE_SHARE * elapsed)
        if abs((uptime - before) % _WRAPS_AT / 100 - elapsed) <= tolerance:
            return False
        return uptime < before or (uptime - before) / 100 < elapsed - tolerance

    def rate(self, oid: OID, value: Value, at: float) -> float | None:
        """Return how much a counter has grown each second.

        Args:
            oid: the name of the variable.
            value: its value.
            at: when it was read, in seconds.

        Returns:
            The rate; ``None`` if the value is no counter, or was not read before, or the agent has restarted.
            A Counter32 that has fallen has wrapped; of an agent without sysUpTime only if it has grown by less than
            2**31 then.  A Counter64 does not wrap in practice: if it has fallen, the agent has set it back.
        """
        if not isinstance(value, Counter32 | Counter64):
            return None
        count = int(value)
        self._now[oid.key] = (count, at)
        known = self._before.get(oid.key)
        if known is None or at <= known[1]:
            return None
        growth = count - known[0]
        if growth < 0:
            if isinstance(value, Counter64):
                return None
            growth += _WRAPS_AT
            if self._uptime is None and growth > _WRAPS_AT // 2:
                return None  # nothing tells whether it has wrapped or begun anew
        return growth / (at - known[1])

    def end(self, *, complete: bool) -> None:
        """End a poll.

        Args:
            complete: whether all was read.  Counters that were not are forgotten then; otherwise they are kept.
        """
        self._before = self._now if complete else {**self._before, **self._now}
        self._now = {}
