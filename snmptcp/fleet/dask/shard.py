"""A shard as the client sees it: which run polls it, which is to take it over, and what comes next.

Contains: decisions, from facts and times that are given.  Does not contain: dask, clocks and messages.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.fleet.back_off import BackOff
from snmptcp.fleet.dask.messages import ENDED, POLLING, WAITING
from snmptcp.fleet.dask.placing import ranking

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ("COUNTERS", "Phase", "Run", "Shard")

#: How long a run may take to start its fleet, which opens the sinks, in seconds.
START_PATIENCE = 60.0

#: How long after its pause a worker's failures are remembered, in seconds; and the longest pause.
FORGIVING = 300.0

#: What a run counts, which is added up over all runs.
COUNTERS = ("polls", "failed", "skipped", "backed_off", "samples", "made_up")


class Phase(enum.Enum):
    """How far a run has come, as the client knows it."""

    SUBMITTED = "submitted"  # it has not reported yet
    JOINED = "joined"  # it waits for its targets
    GRANTED = "granted"  # it may poll, but has not told that it does
    POLLING = "polling"
    ENDING = "ending"  # it is to end, and has not told that it has


@dataclass(slots=True)
class Run:
    """One run of a shard on a worker.

    Attributes:
        name: what no other run is called.
        shard: the number of the shard.
        worker: the name of the worker.
        address: its address.
        phase: how far it has come.
        since: when that phase began, by the client's clock.
        sent: which revision of the targets it was sent last; -1 before the first.
        counters: what it has counted.
    """

    name: str
    shard: int
    worker: str
    address: str
    phase: Phase
    since: float
    sent: int = -1
    counters: Mapping[str, int] = field(default_factory=dict)


class _Penalty(NamedTuple):
    """A worker that is not to get the shard for a while."""

    failures: int
    until: float


class Shard:
    """One shard, its runs, and what is known of it.

    One run polls.  If another worker is to, a second run starts there before the first is told to end, and may poll as
    soon as the first has told that it has ended: the shard is not left alone for longer than that takes.

    Args:
        number: the number of the shard.
        patience: how long a run may take to report for the first time, in seconds; after a failure, the worker does not
            get the shard for a part of this, and for longer after each further failure.

    Attributes:
        number: as given.
        has_targets: whether there is anything to poll.
        current: the run that polls, or may; ``None`` if none.
        coming: the run that is to take over; ``None`` if none.
        covered: until when everything that was due has been polled, in seconds since 1970; ``None`` before the first.
        error: why the last run failed, until the next polls; or why that could not take other targets.
        moves: how many times it was handed over, or its worker closed.
        losses: how many times a run that polled was lost or has failed.
        past: what the runs that are over have counted.
    """

    def __init__(self, number: int, patience: float) -> None:
        self.number = number
        self.has_targets = False
        self.current: Run | None = None
        self.coming: Run | None = None
        self.covered: float | None = None
        self.error: str | None = None
        self.moves = self.losses = 0
        self.past = dict.fromkeys(COUNTERS, 0)
        self._patience = patience
        self._back_off = BackOff(first=patience / 4, most=FORGIVING, jitter=0.0)
        self._penalties: dict[str, _Penalty] = {}
        self._ranked: dict[str, None] = {}  # the workers in the order of preference
        self._started = 0

    @property
    def runs(self) -> tuple[Run, ...]:
        """Its runs: one, two or none."""
        return tuple(run for run in (self.current, self.coming) if run is not None)

    @property
    def is_placed(self) -> bool:
        """Whether one run polls it and none is to take it over; or there is nothing to poll, and none does."""
        if not self.has_targets:
            return not self.runs
        return self.current is not None and self.current.phase is Phase.POLLING and self.coming is None

    def counted(self, counter: str) -> int:
        """Return what all its runs have counted."""
        return self.past[counter] + sum(run.counters.get(counter, 0) for run in self.runs)

    def plan(self, now: float, workers: Mapping[str, str]) -> Run | None:
        """Decide what comes next.

        Args:
            now: the present time, by the client's clock.
            workers: the workers that may poll: their addresses by their names.

        Returns:
            A run to be submitted; ``None`` if none.
        """
        self._lose_patience(now)
        wanted = self._preferred(now, workers) if self.has_targets else None
        if self.coming is not None and self.coming.worker != wanted and not self._needs(self.coming, workers):
            self.coming = None
        submitted = None
        if wanted is not None and self.coming is None and self._may_move_to(wanted):
            self._started += 1
            name = f"{self.number}-{self._started}"
            submitted = self.coming = Run(name, self.number, wanted, workers[wanted], Phase.SUBMITTED, now)
        self._hand_over(now)
        return submitted

    def reported(self, run: Run, now: float, report: Mapping[str, Any]) -> None:
        """Take what a run has reported: its dict in a worker's report."""
        state = report["state"]
        run.counters = {name: report[name] for name in COUNTERS}
        if run is self.current and report["covered"] is not None:
            self.covered = report["covered"]
        if state == ENDED:
            self._ended(run, now, report["error"])
        elif state == WAITING and run.phase is Phase.SUBMITTED:
            run.phase, run.since = Phase.JOINED, now
            self._hand_over(now)
        elif state == POLLING:
            if run.phase is Phase.GRANTED:
                run.phase, run.since = Phase.POLLING, now
            self.error = report["error"]

    def lost(self, run: Run, now: float, error: str, *, gone: bool = False) -> None:
        """A run is over without having told so.

        Args:
            run: the run.
            now: the present time, by the client's clock.
            error: why.
            gone: whether the worker is gone.  If it comes back, it gets the shard at once, but not twice in a row.
        """
        if run is self.current or run is self.coming:
            self._ended(run, now, error, gone=gone)

    def leaves(self, run: Run, now: float) -> None:
        """The worker closes, and its run with it: it will tell that it has ended."""
        if run.phase in (Phase.GRANTED, Phase.POLLING):
            run.phase, run.since = Phase.ENDING, now

    def _needs(self, coming: Run, workers: Mapping[str, str]) -> bool:
        """Whether a run goes on although another worker is preferred: the shard is not polled yet; it moves later."""
        return self.current is None and self.has_targets and workers.get(coming.worker) == coming.address

    def _may_move_to(self, worker: str) -> bool:
        """Whether a run may be submitted to a worker: one that starts elsewhere is not disturbed."""
        return self.current is None or (self.current.worker != worker and self.current.phase is not Phase.GRANTED)

    def _preferred(self, now: float, workers: Mapping[str, str]) -> str | None:
        """Return the worker that is to poll; ``None`` if there is none, or each has failed lately."""
        if self._ranked.keys() != workers.keys():
            self._ranked = dict.fromkeys(ranking(self.number, workers))
        for worker in self._ranked:
            penalty = self._penalties.get(worker)
            if penalty is None or penalty.until <= now:
                return worker
        return None

    def _hand_over(self, now: float) -> None:
        """Let the coming run poll, if the current one does not; let the current one end, if the other is ready."""
        current, coming = self.current, self.coming
        if current is not None and current.phase in (Phase.GRANTED, Phase.POLLING):
            if not self.has_targets or (coming is not None and coming.phase is Phase.JOINED):
                current.phase, current.since = Phase.ENDING, now
        elif current is None and coming is not None and coming.phase is Phase.JOINED:
            coming.phase, coming.since = Phase.GRANTED, now
            self.current, self.coming = coming, None

    def _ended(self, run: Run, now: float, error: str | None, *, gone: bool = False) -> None:
        for name, count in run.counters.items():
            self.past[name] += count
        was_current, was_told = run is self.current, run.phase is Phase.ENDING
        if was_current:
            self.current = None
        else:
            self.coming = None
        if error is None:
            self.moves += was_current and self.has_targets
            if not was_told:  # its worker closes
                self._spare(run.worker, now)
        else:
            self._blame(run, now, gone=gone)
            self.losses += was_current
            self.error = error
        self._hand_over(now)

    def _spare(self, worker: str, now: float) -> None:
        """Leave a worker that closes alone, until it is gone."""
        before = self._penalties.get(worker)
        failures = 0 if before is None else before.failures
        self._penalties[worker] = _Penalty(failures, now + self._back_off.pause(1, 0.5))

    def _blame(self, run: Run, now: float, *, gone: bool) -> None:
        """Leave a worker alone for a while, longer each time, unless it has polled well for long."""
        for worker, penalty in tuple(self._penalties.items()):
            if now - penalty.until > FORGIVING:
                del self._penalties[worker]
        before = self._penalties.get(run.worker)
        failures = 1 if before is None else before.failures + 1
        pause = 0.0 if gone and failures == 1 else self._back_off.pause(failures, 0.5)
        self._penalties[run.worker] = _Penalty(failures, now + pause)

    def _lose_patience(self, now: float) -> None:
        """Give up a run that does not report, or does not start to poll."""
        for run in self.runs:
            if run.phase is Phase.SUBMITTED and now - run.since > self._patience:
                self.lost(run, now, f"worker {run.worker} has not started it within {self._patience:g} s")
            elif run.phase is Phase.GRANTED and now - run.since > START_PATIENCE:
                self.lost(run, now, f"worker {run.worker} has not begun to poll within {START_PATIENCE:g} s")
