"""What the latest polls of a fleet tell: which targets fail, which are slow, and the newest rates.

Contains: remembering.  Does not contain: text.
"""

from __future__ import annotations

import heapq
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from snmptcp.fleet import Poll, Sample, Target

__all__ = ("Failing", "Recent", "Slow")

#: How many polls the newest rates are looked for in, and how many samples of each.
_LATEST = 12
_SAMPLES = 500


class Failing(NamedTuple):
    """A job that fails.

    Attributes:
        target: the name of the target.
        job: the name of the job.
        since: when it failed first, in seconds since 1970.
        times: how many polls have failed, one after the other.
        error: why the last one failed.
    """

    target: str
    job: str
    since: float
    times: int
    error: Exception


class Slow(NamedTuple):
    """How long the last poll of a job took.

    Attributes:
        target: the name of the target.
        job: the name of the job.
        seconds: how long it took.
    """

    target: str
    job: str
    seconds: float


class Recent:
    """Remembers the latest poll of each job."""

    def __init__(self) -> None:
        self._took: dict[tuple[str, str], float] = {}
        self._failing: dict[tuple[str, str], Failing] = {}
        self._latest: deque[Poll] = deque(maxlen=_LATEST)
        self._names: set[str] = set()

    def take(self, poll: Poll) -> Failing | None:
        """Remember a poll; return what is over now, if the job had failed before and does not any more."""
        key = (poll.target.name, poll.job)
        self._names.add(poll.target.name)
        if poll.error is None:
            self._took[key] = poll.ended_at - poll.started_at
            if any(sample.rate is not None for sample in islice(poll.samples, _SAMPLES)):
                self._latest.append(poll)
            return self._failing.pop(key, None)
        self._took.pop(key, None)
        before = self._failing.get(key)
        since, times = (poll.ended_at, 0) if before is None else (before.since, before.times)
        self._failing[key] = Failing(*key, since, times + 1, poll.error)
        return None

    def keep(self, targets: Mapping[str, Target]) -> None:
        """Forget all targets and jobs but these.

        Args:
            targets: the targets by their names, with jobs of their own.
        """
        jobs = {(name, job.name) for name, target in targets.items() for job in target.jobs}
        for kept in (self._took, self._failing):
            for key in kept.keys() - jobs:
                del kept[key]
        self._names &= targets.keys()

    @property
    def polled(self) -> int:
        """How many targets have been polled at all."""
        return len(self._names)

    def failing(self, most: int) -> list[Failing]:
        """Return the jobs that fail, those first that began to fail last."""
        return heapq.nlargest(most, self._failing.values(), key=lambda each: each.since)

    def slowest(self, most: int) -> list[Slow]:
        """Return the jobs whose last poll took longest."""
        slow = heapq.nlargest(most, self._took.items(), key=lambda item: item[1])
        return [Slow(*key, seconds) for key, seconds in slow]

    def rates(self, most: int) -> list[Sample]:
        """Return samples with rates, the newest first: the greatest rate of each of the latest polls."""
        found: Sequence[Sample | None] = [
            max(
                (sample for sample in islice(poll.samples, _SAMPLES) if sample.rate is not None),
                key=lambda sample: sample.rate or 0.0,
                default=None,
            )
            for poll in reversed(self._latest)
        ]
        return [sample for sample in found if sample is not None][:most]
