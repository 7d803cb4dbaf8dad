"""One run of a shard on a worker: it waits for its targets, polls them with a fleet, and tells how far it came.

Contains: the states of the run.  Does not contain: dask, and the lease, which is the host's.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

from snmptcp.fleet.dask.messages import ENDED, ENDING, POLLING, STARTING, WAITING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from snmptcp.fleet.dask.messages import Grant
    from snmptcp.fleet.fleet import Fleet
    from snmptcp.fleet.source import TargetsFunction
    from snmptcp.fleet.tally import Health
    from snmptcp.fleet.target import Target

__all__ = ("ShardRun",)

logger = logging.getLogger("snmptcp.fleet")


class ShardRun:
    """One run of a shard.

    Args:
        run: its name, which no other run has.
        shard: the number of the shard.
        make_fleet: makes the fleet of a function that returns the targets, and of the time until which they were polled
            elsewhere.
        unpack: makes targets of what a grant contains.
        changed: called when the state has changed.

    Attributes:
        run: as given.
        shard: as given.
        state: one of the states of :mod:`snmptcp.fleet.dask.messages`.
        revision: which version of the targets is polled; -1 before the first.
        error: why it has ended, or why other targets could not be taken; ``None`` if nothing has failed.
        confirmed: set when the client has read that it has ended.
        ended_at: when its end was reported first, by the worker's clock.
    """

    def __init__(
        self,
        run: str,
        shard: int,
        make_fleet: Callable[[TargetsFunction, float | None], Fleet],
        unpack: Callable[[bytes], Sequence[Target]],
        changed: Callable[[], None],
    ) -> None:
        self.run = run
        self.shard = shard
        self.state = WAITING
        self.revision = -1
        self.error: str | None = None
        self.confirmed = asyncio.Event()
        self.ended_at: float | None = None
        self._make_fleet = make_fleet
        self._unpack = unpack
        self._changed = changed
        self._grant: Grant | None = None
        self._news = asyncio.Event()
        self._is_to_end = False
        self._starting: asyncio.Task[Fleet] | None = None
        self._fleet: Fleet | None = None
        self._covered: float | None = None

    @property
    def covered(self) -> float | None:
        """Until when everything that was due has been polled; ``None`` if it has not polled."""
        return self._fleet.covered_until() if self._fleet is not None and self.state == POLLING else self._covered

    def health(self) -> Health | None:
        """Return how its fleet is or was; ``None`` if it has none."""
        return None if self._fleet is None else self._fleet.health()

    def grant(self, grant: Grant) -> None:
        """Let it poll, or give it other targets."""
        if grant.revision > self.revision:
            self._grant = grant
            self._news.set()

    def end(self, error: str | None = None) -> None:
        """Let it end.

        Args:
            error: why, if that is a failure.
        """
        if self._is_to_end or self.state == ENDED:
            return
        self._is_to_end = True
        self.error = error or self.error
        self._news.set()
        if self._starting is not None:
            self._starting.cancel()

    async def poll(self) -> None:
        """Poll from when it is granted until it is to end.

        Safe to cancel: it ends as if it had been told to.  Failures are told by :attr:`error`.
        """
        try:
            await self._poll()
        except Exception as error:
            logger.warning("shard %d cannot be polled here", self.shard, exc_info=error)
            self.error = f"{type(error).__name__}: {error}"
        finally:
            self.state = ENDED
            self._changed()

    async def _poll(self) -> None:
        grant = await self._next_grant()
        if grant is None:
            return
        self._to(STARTING)
        targets = self._unpack(grant.targets)

        def tell() -> Sequence[Target]:
            return targets

        self._fleet = fleet = self._make_fleet(tell, grant.since)
        if not await self._started(fleet):
            return
        try:
            self._to(POLLING)
            while (grant := await self._next_grant()) is not None:
                before, targets = targets, self._unpack(grant.targets)
                try:
                    await fleet.reload()
                    self.error = None
                except Exception as error:  # those before are polled on
                    targets = before
                    self.error = f"{type(error).__name__}: {error}"
                self._changed()
        finally:
            self._covered = fleet.covered_until()
            self._to(ENDING)
            await fleet.__aexit__(None, None, None)

    async def _started(self, fleet: Fleet) -> bool:
        """Start a fleet; return whether it runs, which it does not if the run is to end meanwhile."""
        if self._is_to_end:
            return False
        self._starting = asyncio.ensure_future(fleet.__aenter__())
        try:
            await asyncio.wait([self._starting])
        except asyncio.CancelledError:
            self._starting.cancel()
            with contextlib.suppress(Exception, asyncio.CancelledError):
                await self._starting
                await fleet.__aexit__(None, None, None)
            raise
        finally:
            started, self._starting = self._starting, None
        if started.cancelled():
            return False
        started.result()
        return True

    async def _next_grant(self) -> Grant | None:
        """Wait for the next grant; return ``None`` if the run is to end."""
        await self._news.wait()
        self._news.clear()
        grant, self._grant = self._grant, None
        if self._is_to_end or grant is None:
            return None
        self.revision = grant.revision
        return grant

    def _to(self, state: str) -> None:
        self.state = state
        self._changed()
