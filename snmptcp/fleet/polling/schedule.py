"""When the runs of a job are due: at fixed points of time, spread over the interval, without drift.

Contains: arithmetic on times that are given.  Does not contain: clocks and waiting.
"""

from __future__ import annotations

import hashlib
import math

__all__ = ("Schedule", "phase_of")


def phase_of(key: str) -> float:
    """Return where in its interval a job is due: from 0 to 1, the same in every process, evenly spread over keys."""
    digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


class Schedule:
    """When one job of one target is due.

    The first run is due soon after the start, all others at fixed points: the phase and a multiple of the interval
    since 1970.  So a program that is started again, on this machine or on another, polls at the same points, and a run
    that is late does not move those behind it.

    Args:
        interval: seconds from one point to the next.
        phase: where in the interval the points are, from 0 to 1.
        now: the present time, by the clock whose times are given to the methods.
        epoch: the time of that clock in 1970.
        first_within: in how many seconds the first run is due at the latest; no later than one interval.
        since: until when the job was run elsewhere; optional.  The first run is due at the first point behind it; if
            that has passed, soon after the start, and the next run at the next point, however close.

    Attributes:
        due_at: when the next run is due.
        waits_since: when it was due at first: of several runs that were put off to one time, the oldest comes first.
        makes_up: whether the first run is for a point that has passed since the job was run elsewhere.
    """

    __slots__ = ("_distance", "_interval", "_offset", "due_at", "makes_up", "waits_since")

    def __init__(
        self,
        interval: float,
        phase: float,
        *,
        now: float,
        epoch: float,
        first_within: float,
        since: float | None = None,
    ) -> None:
        self._interval = interval
        self._offset = epoch + phase * interval
        self._distance = interval / 2  # from one run to the next, at least
        self.makes_up = False
        self.due_at = self.waits_since = now + phase * min(interval, first_within)
        if since is None:
            return
        following = self._next(min(since, now + interval))  # the other's clock may be wrong
        self.makes_up = following <= now
        if self.makes_up:
            following = self._next(now)
        if self.due_at < following and self.makes_up:
            self._distance = 0.0
        else:
            self.due_at = self.waits_since = following

    def advance(self, now: float) -> int:
        """Move on behind a run.

        Args:
            now: when the run has ended.

        Returns:
            How many points have passed while it ran.  They are left out.
        """
        # After the first run the grid begins: not closer to it than half of an interval, unless it made up for a point.
        following = self._next(self.due_at + self._distance)
        self._distance = self._interval / 2
        self.due_at = self.waits_since = max(following, self._next(now))
        return round((self.due_at - following) / self._interval)

    def postpone(self, until: float) -> int:
        """Put the next run off until a pause is over, if it is due before.

        Returns:
            How many points are left out: of those in the pause all but one, and one that is close behind it.
        """
        if until <= self.due_at:
            return 0
        left_out = self._number(until + self._distance) - self._number(self.due_at + self._distance)
        self.due_at = until
        return left_out

    def _next(self, time: float) -> float:
        """Return the first point behind a time."""
        return self._offset + (self._number(time) + 1) * self._interval

    def _number(self, time: float) -> int:
        """Return how many points there have been since 1970."""
        return math.floor((time - self._offset) / self._interval)
