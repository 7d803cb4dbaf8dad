"""A fleet on many processes and machines: its targets are polled by the workers of a dask cluster.

Contains: the public class.  The traffic with the cluster is :mod:`snmptcp.fleet.dask.coordinator`'s.
"""

from __future__ import annotations

import asyncio
import logging
import re
import uuid
from collections.abc import AsyncIterable, Iterable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from snmptcp.arguments import CALLABLE, INTEGER, SECONDS, TEXT, Kind, check_arguments, optional, several_of
from snmptcp.errors import ConfigurationError
from snmptcp.fleet.back_off import BackOff
from snmptcp.fleet.dask.coordinator import Coordinator
from snmptcp.fleet.dask.messages import Settings, tick_of
from snmptcp.fleet.dask.packed_targets import PackedTargets
from snmptcp.fleet.dask.scheduler import address_of, dask_distributed, packed
from snmptcp.fleet.fleet import Fleet
from snmptcp.fleet.jobs import Get, Table, Walk
from snmptcp.fleet.polling.naming import Naming
from snmptcp.fleet.polling.reading import Readers
from snmptcp.fleet.source import checked, read_targets
from snmptcp.net.clock import running_loop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Self

    from distributed import Client, Security
    from distributed.deploy.cluster import Cluster

    from snmptcp.fleet.dask.health import ClusterHealth
    from snmptcp.fleet.dask.messages import Place
    from snmptcp.fleet.jobs import Job
    from snmptcp.fleet.polling.roster import Changes
    from snmptcp.fleet.sinks.sink import Sink
    from snmptcp.fleet.source import Targets, TargetsFunction
    from snmptcp.fleet.target import Target
    from snmptcp.mib.mib import Mib

__all__ = ("DistributedFleet",)

logger = logging.getLogger("snmptcp.fleet")

#: The shortest lease, in seconds: a worker's event loop may be late by some tenths of a second.
_SHORTEST_LEASE = 1.0

_KINDS = {
    "targets": Kind(
        "several of Target, or a function that returns them",
        lambda value: isinstance(value, Iterable | AsyncIterable) or callable(value),
    ),
    "jobs": several_of("Get, Walk and Table", Get, Walk, Table),
    "sinks": Kind("a function that is given a Place and returns the sinks of a shard; workers call it", callable),
    "mib": optional(CALLABLE),
    "name": TEXT,
    "shards": INTEGER,
    "lease": SECONDS,
    "first_within": optional(SECONDS),
}


class DistributedFleet:
    """Agents that are polled again and again by the workers of a dask cluster.

    ::

        def sinks(place):
            return [ParquetSink(f"/data/shard-{place.shard:03}")]

        async with DistributedFleet("tcp://scheduler:8786", targets, jobs=jobs, sinks=sinks) as fleet:
            await fleet.wait_stopped()

    Targets are divided into shards, and shards among workers, by consistent hashing: a worker that comes gets its part,
    a worker that goes leaves its own to the others, and no other shard moves.  A shard is a long-running task with a
    :class:`snmptcp.fleet.Fleet` of its own, whose sinks are made and written on the worker; only counters come back.

    A worker that is lost is noticed at once if its connections end, else when its lease has run out.  Other workers
    poll its shards from the first point on that was not polled, and give them back when it returns.

    A fleet belongs to one event loop.  It polls inside of ``async with``, and can be used once.

    Args:
        scheduler: the address of dask's scheduler (``"tcp://host:8786"``), or a client or a cluster of dask, whose
            address and security are taken.
        targets: the targets, with their credentials, which are sent to the workers; or an async iterator, which is read
            to its end; or a function that returns either, which :meth:`reload` calls again.
        sinks: returns the sinks of a shard.  It is pickled and called on the worker, with a :class:`Place`.
        jobs: the jobs of targets that have none of their own.
        mib: returns the names of MIB modules; optional.  It is pickled and called once on each worker, in a thread.
        name: the fleet's name, in the names of its tasks and of its topic; by default one by chance.
        shards: how many shards there are.  Some for each worker make the work even; each has sinks of its own.
        lease: how long a worker polls without hearing from the client, in seconds, at least 1.  A worker that is silent
            for so long has lost its shards.  Reports come four times as often.
        security: the cluster's TLS, a :class:`distributed.Security`; if only an address is given.
        first_within: in how many seconds after the start each job runs for the first time, and in how many points that
            have passed are made up for after a shard was taken over; by default a quarter of the lease.
        max_polls: of each shard, as for :class:`snmptcp.fleet.Fleet`; likewise the others.
        max_connections: likewise.
        max_waiting: likewise.
        max_engines: likewise.
        grace: likewise.
        back_off: likewise.

    Raises:
        ConfigurationError: an argument is out of range, two jobs have one name, ``sinks`` or ``mib`` cannot be pickled,
            or dask.distributed is not installed.
    """

    def __init__(
        self,
        scheduler: str | Client | Cluster,
        targets: Targets | TargetsFunction,
        *,
        sinks: Callable[[Place], Iterable[Sink]],
        jobs: Iterable[Job] = (),
        mib: Callable[[], Mib] | None = None,
        name: str = "",
        shards: int = 64,
        lease: float = 20.0,
        security: Security | None = None,
        first_within: float | None = None,
        max_polls: int = 1000,
        max_connections: int | None = None,
        max_waiting: int = 100_000,
        max_engines: int = 1_000_000,
        grace: float = 5.0,
        back_off: BackOff = BackOff(),  # noqa: B008 - frozen
    ) -> None:
        check_arguments(_KINDS, locals())
        if not 1 <= shards <= 65_536:
            raise ConfigurationError(f"shards is a number from 1 to 65536, not {shards}")
        if not _SHORTEST_LEASE <= lease < float("inf"):
            raise ConfigurationError(f"lease is a number of seconds from {_SHORTEST_LEASE:g} on, not {lease}")
        if not re.fullmatch(r"[\w.-]*", name):
            raise ConfigurationError(f"name has letters, digits and . - _ only, not {name!r}")
        self._scheduler, self._security = address_of(scheduler, security)
        coordinator = uuid.uuid4().hex
        self._name = name or coordinator[:8]
        self._given = targets
        self._settings = Settings(
            fleet=self._name,
            coordinator=coordinator,
            topic=f"snmptcp-{self._name}",
            shards=shards,
            lease=float(lease),
            jobs=tuple(jobs),
            sinks=sinks,
            mib=mib,
            options={
                "max_polls": max_polls,
                "max_connections": max_connections,
                "max_waiting": max_waiting,
                "max_engines": max_engines,
                "first_within": tick_of(lease) if first_within is None else first_within,
                "grace": grace,
                "back_off": back_off,
            },
        )
        Fleet(jobs=self._settings.jobs, **self._settings.options)  # refuses what is impossible
        self._grace = grace
        self._packed = self._pack_settings()
        self._packed_targets = PackedTargets(shards, packed)
        self._naming: Naming | None = None
        self._coordinator: Coordinator | None = None
        self._running: asyncio.Task[None] | None = None
        self._was_used = False
        self._stopped = asyncio.Event()
        self._ending = AsyncExitStack()

    # ---------------------------------------------------------------------------------------- life

    async def __aenter__(self) -> Self:
        """Connect to the scheduler and begin to poll; does not wait for workers.

        Raises:
            ConfigurationError: the fleet has been used before; a target or a job is impossible, or a target cannot be
                pickled.
            OSError: the scheduler cannot be reached.
            Exception: whatever the function raises that returns the targets.
        """
        loop = running_loop()
        if self._was_used:
            raise ConfigurationError("this fleet has been used before: make another one")
        self._was_used = True
        await self._packed_targets.replace(await self._read())
        client = dask_distributed().Client(
            self._scheduler,
            security=self._security,
            asynchronous=True,
            set_as_default=False,
            name=f"snmptcp-{self._name}",
        )
        async with AsyncExitStack() as ending:
            await ending.enter_async_context(client)
            self._coordinator = coordinator = Coordinator(client, self._settings, self._packed, self._packed_targets)
            await coordinator.start()
            ending.push_async_callback(coordinator.aclose, 2 * self._grace + tick_of(self._settings.lease))
            ending.push_async_callback(self._end_running)
            self._running = loop.create_task(coordinator.run(), name=f"snmptcp fleet {self._name}")
            self._running.add_done_callback(self._coordinator_ended)
            self._ending = ending.pop_all()
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """End all polls; the workers write what waits for their sinks, and close them."""
        await self._ending.aclose()

    def stop(self) -> None:
        """Let the block be left: end :meth:`wait_stopped`.  May be called twice."""
        self._stopped.set()

    async def wait_stopped(self) -> None:
        """Wait until :meth:`stop` is called.  Safe to cancel.

        Raises:
            ConnectionError: the scheduler is gone.  The workers end their shards when their leases run out.
        """
        await self._stopped.wait()
        if self._running is not None and self._running.done() and not self._running.cancelled():
            self._running.result()

    async def _end_running(self) -> None:
        self.stop()
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])

    def _coordinator_ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            logger.error("fleet %s is not led any more: %s", self._name, error, exc_info=error)
            self._stopped.set()

    # ------------------------------------------------------------------------------------- targets

    def __len__(self) -> int:
        """Return how many targets there are now."""
        return self._packed_targets.count

    async def reload(self) -> Changes:
        """Read the targets again.  Those that are the same as before go on undisturbed.

        Returns:
            The names of the targets that were added, removed and changed.

        Raises:
            ConfigurationError: the fleet was not given a function that returns its targets, or a target is impossible;
                nothing has changed then.
            Exception: whatever the function raises; nothing has changed then.
        """
        coordinator = self._leader
        if isinstance(self._given, Iterable | AsyncIterable):
            raise ConfigurationError("to read the targets again, give the fleet a function that returns them")
        changes = await self._packed_targets.replace(await self._read())
        coordinator.targets_changed()
        return changes

    async def _read(self) -> list[Target]:
        """Return the targets that were given, or that the function tells now; none of them is impossible."""
        given = self._given
        if isinstance(given, Iterable):
            targets = [checked(target) for target in given]
        elif isinstance(given, AsyncIterable):
            targets = [checked(target) async for target in given]
        else:
            targets = await read_targets(given)
        await self._check_jobs(targets)
        return targets

    async def _check_jobs(self, targets: Iterable[Target]) -> None:
        """Refuse targets without jobs, and jobs with names that are none."""
        jobs = set(self._settings.jobs)
        for target in targets:
            if not target.jobs and not self._settings.jobs:
                raise ConfigurationError(f"the target {target.name} has no jobs: give jobs= to it or to the fleet")
            jobs.update(target.jobs)
        if self._naming is None:
            make = self._settings.mib
            self._naming = Naming(None if make is None else await asyncio.to_thread(make))
        readers = Readers(self._naming)
        for job in jobs:
            readers.reader_of(job)

    # -------------------------------------------------------------------------------------- health

    @property
    def name(self) -> str:
        """The fleet's name."""
        return self._name

    @property
    def topic(self) -> str:
        """The dask topic of the workers' reports, for :meth:`distributed.Client.subscribe_topic`.

        Each report is a dict: ``worker`` (the address), ``name``, ``at`` (seconds since 1970), ``health`` (as
        :class:`snmptcp.fleet.Health`, of all shards on the worker) and ``runs`` (for each shard its ``state``,
        ``error``, until when it is ``covered``, and what it has counted).
        """
        return self._settings.topic

    def health(self) -> ClusterHealth:
        """Return how the fleet is, as its workers have told it.

        Raises:
            ConfigurationError: the fleet has not been started.
        """
        return self._leader.health()

    @property
    def placement(self) -> Mapping[int, str]:
        """The name of the worker that polls each shard; shards without a worker are missing."""
        return self._leader.placement

    async def wait_placed(self) -> None:
        """Wait until each shard is polled, by the worker that is to, or until :meth:`stop` is called.  Safe to cancel.

        Raises:
            ConnectionError: the scheduler is gone.
        """
        waiting = [asyncio.ensure_future(wait()) for wait in (self._leader.wait_placed, self.wait_stopped)]
        try:
            done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
        for task in done:
            task.result()

    @property
    def _leader(self) -> Coordinator:
        if self._coordinator is None:
            raise ConfigurationError("the fleet does not run: use it inside of its async with")
        return self._coordinator

    # ------------------------------------------------------------------------------------ internal

    def _pack_settings(self) -> bytes:
        for name, value in (("sinks", self._settings.sinks), ("mib", self._settings.mib)):
            try:
                packed(value)
            except Exception as error:
                raise ConfigurationError(
                    f"{name} cannot be sent to workers: {type(error).__name__}: {error}; give a function that makes "
                    "what it needs on the worker"
                ) from error
        return packed(self._settings)
