"""A distributed fleet on one worker: its runs of shards, their lease, and the reports to the client.

Contains: what all runs on the worker share.  Does not contain: dask (:mod:`snmptcp.fleet.dask.task`), and what one run
does (:mod:`snmptcp.fleet.dask.shard_run`).
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any

from snmptcp.fleet.dask.health import health_to_dict, merged
from snmptcp.fleet.dask.messages import ENDED, Place, tick_of
from snmptcp.fleet.dask.shard_run import ShardRun
from snmptcp.fleet.fleet import Fleet

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from snmptcp.fleet.dask.messages import Order, Settings
    from snmptcp.fleet.source import TargetsFunction
    from snmptcp.fleet.target import Target
    from snmptcp.mib.mib import Mib

__all__ = ("Host",)

#: How long changes are gathered before they are reported, in seconds.
_GATHERING = 0.02


class Host:
    """The runs of one fleet's shards on one worker.

    They have one lease, which begins when the host is made.  An order renews it: it is then counted from when the
    report was sent that the client has read.  When it runs out, all runs end: others may poll their targets by then.

    Args:
        settings: what all shards have in common.
        worker: the worker's name.
        tell: sends a report to the client.
        unpack: makes targets of what a grant contains.
    """

    def __init__(
        self,
        settings: Settings,
        worker: str,
        tell: Callable[[dict[str, Any]], None],
        unpack: Callable[[bytes], Sequence[Target]],
    ) -> None:
        self._settings = settings
        self._worker = worker
        self._tell = tell
        self._unpack = unpack
        self._loop = asyncio.get_running_loop()
        self._leased_until = self._loop.time() + settings.lease
        self._here = 0
        self._shard_runs: dict[str, ShardRun] = {}
        self._changed = asyncio.Event()
        self._reporting: asyncio.Task[None] | None = None
        self._mib: asyncio.Task[Mib | None] | None = None

    @property
    def is_empty(self) -> bool:
        """Whether no run is here."""
        return not self._here

    async def run(self, run: str, shard: int) -> None:
        """Poll a shard from when the client grants it until it is to end.

        Returns when the client has read that it has ended, or when the lease has run out.

        Args:
            run: the name of the run.
            shard: the number of the shard.

        Raises:
            Exception: whatever the function raises that makes the names of MIB modules.

        Safe to cancel: the run ends, and that is reported.
        """
        self._here += 1
        try:
            await self._run(run, shard, await self._names())
        finally:
            self._here -= 1

    async def _run(self, run: str, shard: int, mib: Mib | None) -> None:
        place = Place(self._settings.fleet, shard, self._settings.shards, self._worker)

        def make_fleet(targets: TargetsFunction, since: float | None) -> Fleet:
            settings = self._settings
            return Fleet(
                targets, jobs=settings.jobs, sinks=settings.sinks(place), mib=mib, since=since, **settings.options
            )

        if self._loop.time() >= self._leased_until:  # of runs that were here before; they end
            self._end_all()
            self._leased_until = self._loop.time() + self._settings.lease
        shard_run = self._shard_runs[run] = ShardRun(run, shard, make_fleet, self._unpack, self._changed.set)
        self._changed.set()
        if self._reporting is None:
            self._reporting = self._loop.create_task(self._report_until_cancelled())
        try:
            await shard_run.poll()
            await shard_run.confirmed.wait()
        except asyncio.CancelledError:  # the worker closes
            self._report()
            raise
        finally:
            del self._shard_runs[run]
            if not self._shard_runs and self._reporting is not None:
                self._reporting.cancel()
                self._reporting = None

    def take(self, order: Order) -> None:
        """Do what the client has told."""
        self._leased_until = max(self._leased_until, order.heard + self._settings.lease)
        for grant in order.grants:
            if grant.run in self._shard_runs:
                self._shard_runs[grant.run].grant(grant)
        for run in order.ends:
            if run in self._shard_runs:
                self._shard_runs[run].end()
        for shard_run in self._shard_runs.values():
            if shard_run.ended_at is not None and shard_run.ended_at <= order.heard:
                shard_run.confirmed.set()

    async def _names(self) -> Mib | None:
        """Return the names of MIB modules, which all runs here share."""
        if self._settings.mib is None:
            return None
        if self._mib is None:
            self._mib = asyncio.ensure_future(asyncio.to_thread(self._settings.mib))
        return await asyncio.shield(self._mib)

    async def _report_until_cancelled(self) -> None:
        """Report whenever something has changed, and once each tick; end all runs when the lease runs out."""
        while True:
            left = self._leased_until - self._loop.time()
            if left <= 0:
                self._end_all()
            self._report()
            pause = tick_of(self._settings.lease)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(pause, left) if left > 0 else pause):
                    await self._changed.wait()
            await asyncio.sleep(_GATHERING)

    def _end_all(self) -> None:
        for shard_run in self._shard_runs.values():
            shard_run.end(f"the client was not heard for {self._settings.lease:g} s")
            if shard_run.state == ENDED:
                shard_run.confirmed.set()  # the client has gone

    def _report(self) -> None:
        """Tell how all runs are."""
        self._changed.clear()
        now = self._loop.time()
        runs, healths = [], []
        for shard_run in self._shard_runs.values():
            if shard_run.state == ENDED and shard_run.ended_at is None:
                shard_run.ended_at = now
            health = shard_run.health()
            runs.append(
                {
                    "run": shard_run.run,
                    "shard": shard_run.shard,
                    "state": shard_run.state,
                    "revision": shard_run.revision,
                    "covered": shard_run.covered,
                    "error": shard_run.error,
                    "polls": health.polls if health else 0,
                    "failed": health.failed if health else 0,
                    "skipped": health.skipped if health else 0,
                    "backed_off": health.backed_off if health else 0,
                    "samples": health.samples if health else 0,
                    "made_up": health.made_up if health else 0,
                }
            )
            if health is not None:
                healths.append(health)
        self._tell(
            {
                "coordinator": self._settings.coordinator,
                "name": self._worker,
                "sent_at": now,
                "at": time.time(),
                "runs": runs,
                "health": health_to_dict(merged(healths)),
            }
        )
