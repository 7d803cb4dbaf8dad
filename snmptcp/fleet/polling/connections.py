"""The managers of a fleet's targets, whose connections are kept between polls.

Contains: which managers there are, and which are closed to make room for others.  Does not contain: how a manager is
made (:mod:`snmptcp.fleet.polling.managers`).
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from snmptcp.fleet.target import Target
    from snmptcp.manager.manager import Manager

__all__ = ("OTHER_FILES", "Connections", "Maker", "most_by_open_files")

logger = logging.getLogger("snmptcp.fleet")

#: Which part of the connections targets may have whose last poll has failed.  The others are not kept waiting by them.
_SHARE_OF_FAILING = 4

#: How many open files are left to what is no connection of a fleet: streams, MIB modules, sinks, the event loop,
#: connections that are closing.
OTHER_FILES = 128


def most_by_open_files() -> int | None:
    """Return how many connections the limit of open files allows; ``None`` for any number."""
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return None
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit == resource.RLIM_INFINITY:
        return None
    return max(1, limit - min(limit // 2, OTHER_FILES))


class Maker(Protocol):
    """What makes managers."""

    def make(self, target: Target) -> Manager:
        """Return a new manager of a target."""

    def forget(self, name: str) -> None:
        """Forget what is kept of a target."""


class Connections:
    """One manager for each target that is being polled, or was polled lately.

    Args:
        maker: makes the manager of a target.
        most: how many there may be, at least 1; ``None`` for any number.  If there is no room, the one that was used
            least recently is closed; if all are in use, polls wait in line.
    """

    def __init__(self, maker: Maker, most: int | None = None) -> None:
        self._maker = maker
        self._most = most
        self._room = None if most is None else asyncio.Semaphore(most)
        self._room_for_failing = None if most is None else asyncio.Semaphore(max(1, most // _SHARE_OF_FAILING))
        self._used = 0
        self._idle: OrderedDict[str, Manager] = OrderedDict()  # by the target's name, the least recently used first
        self._closing: set[asyncio.Task[None]] = set()
        self._told = False

    def __len__(self) -> int:
        """Return how many managers there are."""
        return self._used + len(self._idle)

    async def acquire(self, target: Target, *, failing: bool) -> Manager:
        """Return the manager of a target; give it back with :meth:`release`.

        Args:
            target: the target.
            failing: whether its last poll has failed.

        Raises:
            SnmpError: no manager can be made of the target's options.

        Safe to cancel.
        """
        await self._enter(failing)
        try:
            manager = self._idle.pop(target.name, None)
            while manager is None and self._most is not None and self._used + len(self._idle) > self._most:
                self._tell_lack_of_room()
                _, oldest = self._idle.popitem(last=False)
                await oldest.aclose()
            return self._maker.make(target) if manager is None else manager
        except BaseException:
            self._leave(failing)
            raise

    def release(self, target: Target, manager: Manager, *, failing: bool, keep: bool) -> None:
        """Give a manager back.

        Args:
            target: its target.
            manager: the manager.
            failing: as for :meth:`acquire`.
            keep: whether to keep its connection for the next poll.
        """
        if keep:
            self._idle[target.name] = manager
        else:
            self._close(manager)
        self._leave(failing)

    def forget(self, name: str) -> None:
        """Close the connection of a target that is not polled any more."""
        self._maker.forget(name)
        manager = self._idle.pop(name, None)
        if manager is not None:
            self._close(manager)

    async def aclose(self) -> None:
        """Close all connections.  No manager may be in use."""
        while self._idle:
            _, manager = self._idle.popitem()
            self._close(manager)
        while self._closing:
            await asyncio.wait(self._closing)

    async def _enter(self, failing: bool) -> None:  # noqa: FBT001 - the one argument
        if failing and self._room_for_failing is not None:
            await self._room_for_failing.acquire()
        try:
            if self._room is not None:
                await self._room.acquire()
        except BaseException:
            if failing and self._room_for_failing is not None:
                self._room_for_failing.release()
            raise
        self._used += 1

    def _leave(self, failing: bool) -> None:  # noqa: FBT001 - the one argument
        self._used -= 1
        if self._room is not None:
            self._room.release()
        if failing and self._room_for_failing is not None:
            self._room_for_failing.release()

    def _tell_lack_of_room(self) -> None:
        if not self._told:
            self._told = True
            logger.warning(
                "a connection is closed to make room for another: the fleet has more targets than connections, %d "
                "(max_connections, or by default what the limit of open files allows: ulimit -n)",
                self._most,
            )

    def _close(self, manager: Manager) -> None:
        task = asyncio.get_running_loop().create_task(manager.aclose())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)
