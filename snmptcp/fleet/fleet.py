"""A fleet: many agents, polled again and again, and what was read given to sinks and to loops.

Contains: the public class, which puts its parts together.  The targets and their polls are
:mod:`snmptcp.fleet.polling.roster`'s, the way of what was read is :mod:`snmptcp.fleet.delivery.distribution`'s.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import AsyncIterable, Iterable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from snmptcp.arguments import INTEGER, MIB, SECONDS, Kind, check_arguments, instance_of, optional, several_of
from snmptcp.errors import ConfigurationError
from snmptcp.fleet.back_off import BackOff
from snmptcp.fleet.delivery.distribution import Distribution
from snmptcp.fleet.jobs import Get, Table, Walk
from snmptcp.fleet.polling.connections import Connections, most_by_open_files
from snmptcp.fleet.polling.managers import ManagerMaker
from snmptcp.fleet.polling.naming import Naming
from snmptcp.fleet.polling.poller import Shared
from snmptcp.fleet.polling.reading import Readers
from snmptcp.fleet.polling.roster import Roster
from snmptcp.fleet.polling.slots import Slots
from snmptcp.fleet.sinks.sink import Sink
from snmptcp.fleet.source import checked, read_targets
from snmptcp.fleet.tally import Health, Tally
from snmptcp.fleet.target import check_names_of
from snmptcp.net.clock import running_loop
from snmptcp.protocol.observer import Observer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType
    from typing import Self

    from snmptcp.fleet.delivery.streams import PollStream, SampleStream
    from snmptcp.fleet.jobs import Job
    from snmptcp.fleet.polling.connections import Maker
    from snmptcp.fleet.polling.roster import Changes
    from snmptcp.fleet.source import Targets, TargetsFunction
    from snmptcp.fleet.tally import TargetState
    from snmptcp.fleet.target import Target
    from snmptcp.mib.mib import Mib

__all__ = ("Fleet",)

logger = logging.getLogger("snmptcp.fleet")

#: How often the event loop's lag is measured, and over which time its maximum is told, in seconds.
_LAG_INTERVAL = 0.5
_LAG_MEMORY = 60.0

_KINDS = {
    "targets": Kind(
        "several of Target, or a function that returns them",
        lambda value: isinstance(value, Iterable | AsyncIterable) or callable(value),
    ),
    "jobs": several_of("Get, Walk and Table", Get, Walk, Table),
    "sinks": several_of("Sink (snmptcp.fleet.sinks)", Sink),
    "mib": optional(MIB),
    "max_polls": INTEGER,
    "max_connections": optional(INTEGER),
    "max_waiting": INTEGER,
    "max_engines": INTEGER,
    "first_within": SECONDS,
    "since": optional(SECONDS),
    "grace": SECONDS,
    "back_off": instance_of("a BackOff", BackOff),
    "observer": optional(instance_of("an Observer", Observer)),
}


class Fleet:
    """Agents that are polled again and again.

    ::

        async with Fleet(targets, jobs=[Table("ifXTable", interval=30)], mib=Mib()) as fleet:
            async for sample in fleet:
                print(sample.target.name, sample.instance, sample.rate)

    Each target has jobs, and each job has an interval.  Runs are spread over the interval and do not drift.  Of one
    target, one job runs at a time.  What becomes due while a job runs is left out and counted, so nothing piles up; a
    target that fails is left alone for longer and longer pauses; no target waits for another.  Connections are kept
    from one poll to the next.

    What was read goes to each sink and to each loop through a queue of its own.  If it is full, the oldest is dropped
    and counted, so a slow sink delays nothing but itself.

    A fleet belongs to one event loop.  It polls inside of ``async with``, and can be used once.

    Args:
        targets: the targets; or an async iterator, whose targets are polled from when they come; or a function that
            returns either, which :meth:`reload` calls again.  It may be a coroutine function, so that reading files or
            asking a database does not hold up the polls.
        jobs: the jobs of targets that have none of their own.
        sinks: where polls are written.  The fleet opens them when it starts, and closes them at its end.
        mib: the names of MIB modules; optional.  Jobs may then name objects, and samples have the names of objects.
        max_polls: how many polls may run at once; those whose agent has been silent for a second do not count, nor
            those that have run for 10 seconds.
        max_connections: how many connections may be kept; optional; default one for each target, as far as the limit of
            open files allows.  With fewer, the one that was used least recently is closed for the next.  Failing
            targets have a quarter of them at most.
        max_waiting: how many samples may wait for each sink, and for each loop over the fleet.
        max_engines: how many SNMPv3 engines are remembered.
        first_within: in how many seconds after the start each job runs for the first time, spread over that time; not
            later than its interval.
        since: until when the targets that it has at its start were polled elsewhere, in seconds since 1970; optional.
            Of each job, the first point behind that is polled next, within ``first_within`` if it has passed.
        grace: how long the sinks may take at the end to write what waits, in seconds; and half of that to close.
        back_off: the pauses after failures of a target.
        observer: told of requests, walks and connections of all targets: an :class:`snmptcp.Observer`.

    Raises:
        ConfigurationError: an argument is out of range, or two jobs have one name.
    """

    def __init__(
        self,
        targets: Targets | TargetsFunction = (),
        *,
        jobs: Iterable[Job] = (),
        sinks: Iterable[Sink] = (),
        mib: Mib | None = None,
        max_polls: int = 1000,
        max_connections: int | None = None,
        max_waiting: int = 100_000,
        max_engines: int = 1_000_000,
        first_within: float = 10.0,
        since: float | None = None,
        grace: float = 5.0,
        back_off: BackOff = BackOff(),  # noqa: B008 - frozen
        observer: Observer | None = None,
    ) -> None:
        check_arguments(_KINDS, locals())
        _check_counts(
            max_polls=max_polls, max_connections=max_connections, max_waiting=max_waiting, max_engines=max_engines
        )
        _check_seconds(first_within=first_within, grace=grace, since=since)
        jobs, sinks = tuple(jobs), tuple(sinks)
        check_names_of(jobs)
        if len(set(map(id, sinks))) < len(sinks):
            raise ConfigurationError("a sink is given twice: each needs an object of its own")
        self._given = targets
        self._mib = mib
        most = most_by_open_files() if max_connections is None else max_connections
        self._connections = Connections(self._maker(mib, max_engines, observer), most)
        self._distribution = Distribution(sinks, max_waiting, grace)
        self._tally = Tally()
        shared = Shared(
            connections=self._connections,
            slots=Slots(max_polls),
            readers=Readers(Naming(mib)),
            tally=self._tally,
            back_off=back_off,
            first_within=first_within,
            deliver=self._distribution.deliver,
        )
        self._roster = Roster(shared, jobs)
        self._tasks: list[asyncio.Task[None]] = []
        self._lags: deque[float] = deque(maxlen=round(_LAG_MEMORY / _LAG_INTERVAL))
        self._source_error: str | None = None
        self._replacing = asyncio.Lock()
        self._since = since
        self._started_at: float | None = None
        self._stopped = asyncio.Event()
        self._ending = AsyncExitStack()

    def _maker(self, mib: Mib | None, max_engines: int, observer: Observer | None) -> Maker:
        """Return what makes the managers of targets."""
        return ManagerMaker(mib, max_engines, observer)

    @property
    def mib(self) -> Mib | None:
        """The names of MIB modules, as given."""
        return self._mib

    # --------------------------------------------------------------------------------------- life

    async def __aenter__(self) -> Self:
        """Open the sinks and begin to poll.

        Raises:
            ConfigurationError: the fleet has been used before, or a target or a job is impossible.
            Exception: whatever a sink raises that cannot be opened, or a function that returns the targets.
        """
        loop = running_loop()
        if self._started_at is not None:
            raise ConfigurationError("this fleet has been used before: make another one")
        self._started_at = time.time()
        async with AsyncExitStack() as ending:
            await self._distribution.open()
            ending.push_async_callback(self._distribution.aclose)
            ending.push_async_callback(self._connections.aclose)
            ending.push_async_callback(self._end_polls)
            self._tasks.append(loop.create_task(self._measure_lag()))
            wall = time.time() - loop.time()
            since = None if self._since is None else self._since - wall
            await self._replace(since)
            if isinstance(self._given, AsyncIterable):
                self._tasks.append(loop.create_task(self._follow(self._given)))
            self._ending = ending.pop_all()
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End all polls, write what waits for the sinks, and close sinks and connections.

        What the sinks have not written within ``grace`` seconds is dropped.
        """
        await self._ending.aclose()

    def stop(self) -> None:
        """End all polls and all loops over the fleet, so that its block can be left.  May be called twice."""
        self._stopped.set()
        for task in self._tasks:
            task.cancel()
        self._roster.stop()
        self._distribution.stop()

    async def wait_stopped(self) -> None:
        """Wait until :meth:`stop` is called, for programs without a loop over the fleet.  Safe to cancel."""
        await self._stopped.wait()

    async def _end_polls(self) -> None:
        self.stop()
        try:
            await asyncio.gather(*self._tasks, return_exceptions=True)
        finally:
            await self._roster.wait_ended()

    # ------------------------------------------------------------------------------------ targets

    @property
    def targets(self) -> Mapping[str, Target]:
        """The targets by their names, as they are now."""
        return self._roster.targets

    def __len__(self) -> int:
        """Return how many targets there are now."""
        return len(self._roster.targets)

    def add(self, target: Target) -> None:
        """Begin to poll a target.

        Args:
            target: the target.

        Raises:
            ConfigurationError: there is one of its name, it has no jobs, a name of a job is impossible, or the fleet
                does not run.
        """
        self._check_running()
        self._roster.add(checked(target))

    def remove(self, name: str) -> None:
        """End the polls of a target and close its connection.

        Args:
            name: the target's name.

        Raises:
            ConfigurationError: there is no target of this name.
        """
        self._roster.remove(name)

    async def reload(self) -> Changes:
        """Read the targets again.  Those that are the same as before go on undisturbed.

        Returns:
            The names of the targets that were added, removed and changed.

        A call that comes while another one reads them waits, and reads them again.

        Raises:
            ConfigurationError: the fleet was not given a function that returns its targets, or a target is impossible;
                nothing has changed then.
            Exception: whatever the function raises; nothing has changed then.

        Safe to cancel: each target is then either as it was or as it should be.
        """
        self._check_running()
        if isinstance(self._given, Iterable | AsyncIterable):
            raise ConfigurationError("to read the targets again, give the fleet a function that returns them")
        return await self._replace()

    async def _replace(self, since: float | None = None) -> Changes:
        async with self._replacing:
            return await self._roster.replace(await self._read(), since)

    async def _read(self) -> list[Target]:
        """Return the targets that were given, or that the function tells now."""
        given = self._given
        if isinstance(given, AsyncIterable):
            return []
        return [checked(target) for target in given] if isinstance(given, Iterable) else await read_targets(given)

    def _check_running(self) -> None:
        if self._stopped.is_set():
            raise ConfigurationError("the fleet has been stopped: make another one")
        if self._started_at is None:
            raise ConfigurationError("the fleet does not run: use it inside of its async with")

    async def _follow(self, targets: AsyncIterable[Target]) -> None:
        """Poll targets as they come; one that comes again with other attributes replaces the former."""
        try:
            async for target in targets:
                if self._stopped.is_set():  # the iterator has gone on although its task was cancelled
                    break
                self._take(checked(target))
        except Exception as error:
            self._source_error = f"{type(error).__name__}: {error}"
            logger.exception("the iterator of targets has failed; the targets that it has told are polled on")

    def _take(self, target: Target) -> None:
        """Poll a target that the iterator has told."""
        if self._roster.targets.get(target.name) == target:
            return
        try:
            self._roster.put(target)
        except ConfigurationError as error:  # the others are polled nevertheless
            self._source_error = str(error)
            logger.error("a target is not polled: %s", error)  # noqa: TRY400 - the fault is the target's

    # ------------------------------------------------------------------------------ what was read

    def __aiter__(self) -> SampleStream:
        """Return the samples from now on, until the fleet stops."""
        return self._distribution.samples()

    def polls(self) -> PollStream:
        """Return the polls from now on, with those that failed, until the fleet stops."""
        return self._distribution.polls()

    def health(self) -> Health:
        """Return how the fleet is."""
        return Health(
            started_at=self._started_at or 0.0,
            at=time.time(),
            targets=len(self._roster.targets),
            failing=self._roster.failing,
            running=self._tally.running,
            connections=len(self._connections),
            polls=self._tally.polls,
            failed=self._tally.failed,
            skipped=self._tally.skipped,
            backed_off=self._tally.backed_off,
            samples=self._tally.samples,
            lag=max(self._lags, default=0.0),
            lateness=self._tally.lateness,
            errors=dict(self._tally.errors),
            sinks=self._distribution.sinks,
            unread=self._distribution.unread,
            source_error=self._source_error,
            made_up=self._tally.made_up,
        )

    def covered_until(self) -> float:
        """Return until when everything that was due has been polled, in seconds since 1970.

        What was due before has ended, or was left out and counted.  Asked before the fleet stops, it is the ``since``
        of a fleet that takes its targets over.
        """
        now = running_loop().time()
        return self._roster.covered_until(now) + time.time() - now

    def states(self) -> Mapping[str, TargetState]:
        """Return how each target is, by its name."""
        return self._roster.states()

    # ----------------------------------------------------------------------------------- internal

    async def _measure_lag(self) -> None:
        """Note by how much the event loop is late, again and again."""
        loop = asyncio.get_running_loop()
        while True:
            due_at = loop.time() + _LAG_INTERVAL
            await asyncio.sleep(_LAG_INTERVAL)
            self._lags.append(max(0.0, loop.time() - due_at))


def _check_counts(**counts: int | None) -> None:
    for name, count in counts.items():
        if count is not None and count < 1:
            raise ConfigurationError(f"{name} is a number from 1 on, not {count}")


def _check_seconds(**times: float | None) -> None:
    for name, seconds in times.items():
        if seconds is not None and not 0 <= seconds < float("inf"):
            raise ConfigurationError(f"{name} is a number of seconds from 0 on, not {seconds}")
