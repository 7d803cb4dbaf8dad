"""What a fleet counts, and what it tells of itself.

Contains: plain counters, and :class:`Health` and :class:`TargetState`, the snapshots that programs are given.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snmptcp.fleet.delivery.writing import SinkHealth
    from snmptcp.fleet.sample import Poll

__all__ = ("Health", "Lateness", "Tally", "TargetState")

#: Over how many of the last polls the lateness is told.
_LATEST = 10_000


@dataclass(frozen=True, slots=True)
class Lateness:
    """How long after they were due polls have started, in seconds, over the last 10,000 of them.

    Attributes:
        p50: the median.
        p99: what one in a hundred exceeds.
        most: the longest.
    """

    p50: float = 0.0
    p99: float = 0.0
    most: float = 0.0


@dataclass(frozen=True, slots=True)
class TargetState:
    """How a target is.

    Attributes:
        name: the target's name.
        failures: how many polls in a row have failed because the target could not be reached or trusted; 0 if it has
            answered the last one, even with an error.
        failing_since: when the first of them failed, in seconds since 1970; ``None`` if none has.
        error: why the last poll failed; ``None`` if it did not.
        polled_at: when the last poll ended; ``None`` before the first.
        polls: how many polls have ended.
        due_at: when the next poll is due; ``None`` while one is running.
    """

    name: str
    failures: int
    failing_since: float | None
    error: Exception | None
    polled_at: float | None
    polls: int
    due_at: float | None


@dataclass(frozen=True, slots=True)
class Health:
    """How a fleet is.

    Attributes:
        started_at: when it was started, in seconds since 1970.
        at: when this was told.
        targets: how many targets it has.
        failing: how many of them could not be reached or trusted when they were polled the last time.
        running: how many polls are running.
        connections: how many managers are kept, connected or not.
        polls: how many polls have ended.
        failed: how many of them have failed.
        skipped: how many runs were left out because the target's last poll took too long.
        backed_off: how many runs were left out because the target had failed.
        samples: how many samples were read.
        lag: the longest time, in seconds, by which the event loop was late in the last minute.
        lateness: how late polls have started.
        errors: how many polls have failed, by the class of the error.
        sinks: how each sink is.
        unread: how many samples were dropped because a loop over the fleet did not take them in time.
        source_error: why the iterator of targets has failed; ``None`` if it has not.
        made_up: how many first polls are for points that had passed when the fleet took its targets over (``since``);
            another fleet may have polled some of them, too.
    """

    started_at: float
    at: float
    targets: int
    failing: int
    running: int
    connections: int
    polls: int
    failed: int
    skipped: int
    backed_off: int
    samples: int
    lag: float
    lateness: Lateness
    errors: Mapping[str, int]
    sinks: tuple[SinkHealth, ...]
    unread: int
    source_error: str | None
    made_up: int = 0


class Tally:
    """Counts the polls of a fleet.

    Attributes:
        running: how many are running.
        polls: how many have ended.
        failed: how many have failed.
        skipped: how many runs were left out because a poll took too long.
        backed_off: how many runs were left out because a target had failed.
        samples: how many samples were read.
        made_up: how many first polls are for points that have passed since the targets were polled elsewhere.
        errors: how many polls have failed, by the class of the error.
    """

    __slots__ = ("_lateness", "backed_off", "errors", "failed", "made_up", "polls", "running", "samples", "skipped")

    def __init__(self) -> None:
        self.running = self.polls = self.failed = self.skipped = self.backed_off = self.samples = 0
        self.made_up = 0
        self.errors: Counter[str] = Counter()
        self._lateness: deque[float] = deque(maxlen=_LATEST)

    def count(self, poll: Poll) -> None:
        """Count a poll that has ended."""
        self.polls += 1
        self.skipped += poll.skipped
        self.backed_off += poll.backed_off
        self.samples += len(poll.samples)
        self._lateness.append(poll.lateness)
        if poll.error is not None:
            self.failed += 1
            self.errors[type(poll.error).__name__] += 1

    @property
    def lateness(self) -> Lateness:
        """How late polls have started."""
        ordered = sorted(self._lateness)
        if not ordered:
            return Lateness()
        last = len(ordered) - 1
        return Lateness(ordered[last // 2], ordered[round(last * 0.99)], ordered[last])
