"""The targets of a fleet, each with its poller: added, removed, and replaced while the fleet runs."""

from __future__ import annotations

import asyncio
import logging
import math
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.errors import ConfigurationError
from snmptcp.fleet.polling.poller import Poller

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from snmptcp.fleet.jobs import Job
    from snmptcp.fleet.polling.poller import Shared
    from snmptcp.fleet.polling.reading import Reader
    from snmptcp.fleet.tally import TargetState
    from snmptcp.fleet.target import Target

__all__ = ("Changes", "Roster")

logger = logging.getLogger("snmptcp.fleet")

#: What separates a point from the time before it, in seconds: more than the error of sums of times since 1970.
_INSTANT = 0.001

#: How many targets are looked at in one turn of the event loop.
_AT_ONCE = 100


class Changes(NamedTuple):
    """What has changed when the targets of a fleet were read again, by their names.

    Attributes:
        added: targets that are new.
        removed: targets that are polled no more.
        changed: targets that have other attributes than before; they begin anew.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]


class Roster:
    """The targets of a fleet.

    Args:
        shared: what all pollers share.
        jobs: the jobs of targets that have none of their own.
    """

    def __init__(self, shared: Shared, jobs: Sequence[Job]) -> None:
        self._shared = shared
        self._jobs = tuple(jobs)
        self._targets: dict[str, Target] = {}
        self._pollers: dict[str, Poller] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._ending: set[asyncio.Task[None]] = set()
        self._stopped = False

    @property
    def targets(self) -> Mapping[str, Target]:
        """The targets by their names, as they are now."""
        return MappingProxyType(self._targets)

    @property
    def failing(self) -> int:
        """How many targets could not be reached or trusted when they were polled the last time."""
        return sum(poller.failing for poller in self._pollers.values())

    def states(self) -> dict[str, TargetState]:
        """Return how each target is now."""
        return {name: poller.state for name, poller in self._pollers.items()}

    def covered_until(self, now: float) -> float:
        """Return until when everything that was due has been polled, by the event loop's clock.

        Args:
            now: the present time, which is the answer if nothing that was due is still to be done.
        """
        first = min((poller.due_at for poller in self._pollers.values()), default=math.inf)
        return min(now, first - _INSTANT)

    def add(self, target: Target, since: float | None = None) -> None:
        """Begin to poll a target.

        Args:
            target: the target.
            since: until when it was polled elsewhere, by the event loop's clock; optional.

        Raises:
            ConfigurationError: there is one of its name, it has no jobs, a name of a job is impossible, or the roster
                was stopped.
        """
        if target.name in self._targets:
            raise _called_alike(target)
        self.put(target, since)

    def put(self, target: Target, since: float | None = None) -> None:
        """Begin to poll a target, in the place of the one of its name if there is one.

        Args:
            target: the target.
            since: until when it was polled elsewhere, by the event loop's clock; optional.

        Raises:
            ConfigurationError: it has no jobs, a name of a job is impossible, or the roster was stopped; the one of its
                name is polled on then.
        """
        if self._stopped:
            raise ConfigurationError(f"the target {target.name} is not polled: the fleet has been stopped")
        poller = Poller(target, self._jobs_of(target), self._shared, since)
        if target.name in self._targets:
            self.remove(target.name)
        self._shared.tally.made_up += poller.made_up
        self._targets[target.name] = target
        self._pollers[target.name] = poller
        task = asyncio.get_running_loop().create_task(poller.run(), name=f"snmptcp poller of {target.name}")
        task.add_done_callback(_tell_failure)
        self._tasks[target.name] = task

    def remove(self, name: str) -> None:
        """End the polls of a target and close its connection.

        Raises:
            ConfigurationError: there is no target of this name.
        """
        if name not in self._targets:
            raise ConfigurationError(f"there is no target {name!r}")
        del self._targets[name], self._pollers[name]
        task = self._tasks.pop(name)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
        task.cancel()
        self._shared.connections.forget(name)

    async def replace(self, targets: Iterable[Target], since: float | None = None) -> Changes:
        """Poll these targets from now on, and no others.  Those that are the same as before go on undisturbed.

        Others may be added and removed meanwhile.  If the roster is stopped meanwhile, the rest is left out.

        Args:
            targets: the targets.
            since: until when those that are new were polled elsewhere, by the event loop's clock; optional.

        Raises:
            ConfigurationError: two have one name, one has no jobs, or a name of a job is impossible; nothing has
                changed then.

        Safe to cancel: each target is then either as it was or as it should be.
        """
        wanted: dict[str, Target] = {}
        for target in targets:
            if target.name in wanted:
                raise _called_alike(target)
            wanted[target.name] = target
        readers = await self._check(wanted.values())
        removed = [name for name in self._targets if name not in wanted]
        for name in removed:
            self.remove(name)
        added: list[str] = []
        changed: list[str] = []
        for number, target in enumerate(wanted.values(), start=1):
            if self._stopped:
                break
            known = self._targets.get(target.name)
            if known != target:
                self.put(target, since)
                (added if known is None else changed).append(target.name)
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
        del readers  # which the pollers have taken over
        return Changes(tuple(added), tuple(removed), tuple(changed))

    async def _check(self, targets: Iterable[Target]) -> dict[Job, Reader]:
        """Refuse impossible targets; return the readers of all jobs, so that they are not made twice."""
        readers: dict[Job, Reader] = {}
        for number, target in enumerate(targets, start=1):
            for job in self._jobs_of(target):
                if job not in readers:
                    readers[job] = self._shared.readers.reader_of(job)
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)
        return readers

    def _jobs_of(self, target: Target) -> Sequence[Job]:
        jobs = target.jobs or self._jobs
        if not jobs:
            raise ConfigurationError(f"the target {target.name} has no jobs: give jobs= to it or to the fleet")
        return jobs

    def stop(self) -> None:
        """End all polls, and begin no others."""
        self._stopped = True
        for name in tuple(self._targets):
            self.remove(name)

    async def wait_ended(self) -> None:
        """Wait until all polls that were ended are over."""
        while self._ending:
            await asyncio.wait(tuple(self._ending))


def _called_alike(target: Target) -> ConfigurationError:
    return ConfigurationError(f"two targets are called {target.name!r}: give one of them another name=")


def _tell_failure(task: asyncio.Task[None]) -> None:
    """Log what has ended a poller, which nothing should."""
    if not task.cancelled() and (error := task.exception()) is not None:
        logger.error("%s has ended, its target is polled no more", task.get_name(), exc_info=error)
