"""Polls one target: its jobs when they are due, never two at once.

Contains: the target's one task, and what it knows of the target from one poll to the next.  Does not contain: what all
targets share, which is in :class:`Shared`.
"""

from __future__ import annotations

import asyncio
import logging
import random
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.errors import AgentError, ProtocolError, SnmpError
from snmptcp.fleet.polling.rates import Rates
from snmptcp.fleet.polling.reading import Reading
from snmptcp.fleet.polling.schedule import Schedule, phase_of
from snmptcp.fleet.sample import Poll, Sample
from snmptcp.fleet.tally import TargetState
from snmptcp.net.callbacks import is_being_cancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from snmptcp.fleet.back_off import BackOff
    from snmptcp.fleet.jobs import Job
    from snmptcp.fleet.polling.connections import Connections
    from snmptcp.fleet.polling.reading import Readers
    from snmptcp.fleet.polling.slots import Slots
    from snmptcp.fleet.tally import Tally
    from snmptcp.fleet.target import Target

__all__ = ("Poller", "Shared")

logger = logging.getLogger("snmptcp.fleet")

#: Errors of an agent that answers: the target is there, and its other jobs go on.
_ANSWERED = (AgentError, ProtocolError)

#: How many samples are made in one turn of the event loop.
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Shared:
    """What the pollers of a fleet share.

    Attributes:
        connections: the managers.
        slots: how many polls may run at once.
        readers: what reads jobs.
        tally: what is counted.
        back_off: the pauses after failures.
        first_within: in how many seconds each job runs for the first time.
        deliver: takes each poll that has ended.
    """

    connections: Connections
    slots: Slots
    readers: Readers
    tally: Tally
    back_off: BackOff
    first_within: float
    deliver: Callable[[Poll], None]


class _Run:
    """One job of one target, and when it is due.

    Attributes:
        backed_off: how many runs were left out since the last one because the target had failed.
        skipped: how many were left out because the last one took too long.
    """

    __slots__ = ("backed_off", "job", "rates", "reader", "schedule", "skipped")

    def __init__(
        self, target: Target, job: Job, shared: Shared, *, now: float, epoch: float, since: float | None
    ) -> None:
        self.job = job
        self.reader = shared.readers.reader_of(job)
        self.rates = Rates()
        self.backed_off = self.skipped = 0
        self.schedule = Schedule(
            job.interval,
            phase_of(f"{target.name}\0{job.name}"),
            now=now,
            epoch=epoch,
            first_within=shared.first_within,
            since=since,
        )


class Poller:
    """Polls one target.

    Args:
        target: the target.
        jobs: its jobs; at least one.
        shared: what all pollers share.
        since: until when the target was polled elsewhere, by the event loop's clock; optional.

    Attributes:
        target: as given.
        made_up: how many of its first polls are for points that have passed since.

    Raises:
        ConfigurationError: a name of a job is no OID, and no module defines it.
    """

    __slots__ = (
        "_error",
        "_failing_since",
        "_failures",
        "_polled_at",
        "_polls",
        "_running",
        "_runs",
        "_shared",
        "made_up",
        "target",
    )

    def __init__(self, target: Target, jobs: Sequence[Job], shared: Shared, since: float | None = None) -> None:
        now = asyncio.get_running_loop().time()
        epoch = now - time.time()  # read together: a pause between them would move the points
        self.target = target
        self._shared = shared
        self._runs = [_Run(target, job, shared, now=now, epoch=epoch, since=since) for job in jobs]
        self.made_up = sum(run.schedule.makes_up for run in self._runs)
        self._failures = 0
        self._failing_since: float | None = None
        self._error: Exception | None = None
        self._polled_at: float | None = None
        self._polls = 0
        self._running = False

    @property
    def failing(self) -> bool:
        """Whether the last poll could not reach the target, or its answer could not be trusted."""
        return self._failures > 0

    @property
    def due_at(self) -> float:
        """When the next poll is due, or when the one that runs was, by the event loop's clock."""
        return min(run.schedule.due_at for run in self._runs)

    @property
    def state(self) -> TargetState:
        """How the target is now."""
        wall = time.time() - asyncio.get_running_loop().time()
        return TargetState(
            name=self.target.name,
            failures=self._failures,
            failing_since=self._failing_since,
            error=self._error,
            polled_at=self._polled_at,
            polls=self._polls,
            due_at=None if self._running else self.due_at + wall,
        )

    async def run(self) -> None:
        """Poll the target until the task is cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            run = min(self._runs, key=_turn)
            await asyncio.sleep(run.schedule.due_at - loop.time())
            poll = await self._poll(run)
            self._plan(run, loop.time())
            self._shared.tally.count(poll)
            self._shared.deliver(poll)

    async def _poll(self, run: _Run) -> Poll:
        """Run a job once, as soon as there is room for it."""
        shared, failing, reading = self._shared, self.failing, Reading()
        self._running = True
        try:
            slot = await shared.slots.acquire(reading.count)
            shared.tally.running += 1
            try:
                error, started_at = await self._read(run, reading, failing)
            finally:
                shared.tally.running -= 1
                slot.release()
            return await self._finish(run, reading, error, started_at)
        finally:
            self._running = False

    async def _read(self, run: _Run, reading: Reading, failing: bool) -> tuple[Exception | None, float]:  # noqa: FBT001
        """Read what a job asks for; return why that failed, and when it started."""
        connections, loop = self._shared.connections, asyncio.get_running_loop()
        started_at, keep = loop.time(), False
        try:
            manager = await connections.acquire(self.target, failing=failing)
            started_at = loop.time()
            try:
                await run.reader.read(manager, reading)
                keep = True
            except _ANSWERED:
                keep = True
                raise
            finally:
                connections.release(self.target, manager, failing=failing, keep=keep)
        except SnmpError as error:
            return error, started_at
        except (Exception, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError) and is_being_cancelled():
                raise
            return self._fault(run, error), started_at
        return None, started_at

    def _fault(self, run: _Run, error: BaseException) -> Exception:
        """Return a fault of the library or of a callback as the error of a poll; only the first of a kind is logged."""
        if not isinstance(error, Exception):
            error = RuntimeError(f"a callback raised {error!r}")
        known = type(error).__name__ in self._shared.tally.errors
        level = logging.DEBUG if known else logging.ERROR
        logger.log(level, "%s of %s failed", run.job.name, self.target.name, exc_info=error)
        return error

    async def _finish(self, run: _Run, reading: Reading, error: Exception | None, started_at: float) -> Poll:
        """Return a poll of what was read, and remember how the target is."""
        ended_at = asyncio.get_running_loop().time()
        wall = time.time() - ended_at
        restarted = run.rates.begin(reading.uptime, reading.uptime_at, wall)
        samples = await self._samples(run, reading, started_at, wall)
        run.rates.end(complete=error is None)
        self._remember(error, ended_at + wall)
        poll = Poll(
            target=self.target,
            job=run.job.name,
            due_at=run.schedule.due_at + wall,
            started_at=started_at + wall,
            ended_at=ended_at + wall,
            samples=samples,
            error=error,
            missing=reading.missing,
            restarted=restarted,
            up_since=None if reading.uptime is None else reading.uptime_at + wall - reading.uptime / 100,
            skipped=run.skipped,
            backed_off=run.backed_off,
        )
        run.skipped = run.backed_off = 0
        return poll

    async def _samples(self, run: _Run, reading: Reading, started_at: float, wall: float) -> list[Sample]:
        """Return the samples of what was read; of many, in portions, so that the event loop goes on."""
        target, job, requested_at = self.target, run.job.name, started_at + wall
        rate_of = run.rates.rate if run.job.rates else _no_rate
        samples: list[Sample] = []
        for first in range(0, len(reading.items), _AT_ONCE):
            if first:
                await asyncio.sleep(0)
            samples += [
                Sample(target, job, oid, name, arcs, value, requested_at, at + wall, rate_of(oid, value, at))
                for oid, name, arcs, value, at in reading.items[first : first + _AT_ONCE]
            ]
        return samples

    def _remember(self, error: Exception | None, at: float) -> None:
        self._polls += 1
        self._polled_at = at
        self._error = error
        if error is None or isinstance(error, _ANSWERED):
            self._failures, self._failing_since = 0, None
            return
        self._failures += 1
        if self._failing_since is None:
            self._failing_since = at

    def _plan(self, run: _Run, now: float) -> None:
        """Move a job on behind its run; after a failure of the target, all its jobs make a pause."""
        run.skipped += run.schedule.advance(now)
        if self._failures:
            pause = self._shared.back_off.pause(self._failures, random.random())  # noqa: S311 - no secret
            if pause > 0:  # without pauses, what is due stays due
                for each in self._runs:
                    each.backed_off += each.schedule.postpone(now + pause)


def _turn(run: _Run) -> tuple[float, float]:
    """Order jobs by when they are due, so that none is put off by another for ever."""
    return run.schedule.due_at, run.schedule.waits_since


def _no_rate(*_: object) -> None:
    return None
