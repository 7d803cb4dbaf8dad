"""What all sinks have in common: they are opened, take polls in batches, and are closed.

Contains: the interface, and its form for libraries that block.  Does not contain: the queue in front of a sink, and
what happens when it fails (:mod:`snmptcp.fleet.delivery.writing`).
"""

from __future__ import annotations

import abc
import asyncio
import functools
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from snmptcp.fleet.sample import Poll

__all__ = ("BlockingSink", "Sink")

T = TypeVar("T")


class Sink(abc.ABC):
    """Where a fleet writes what it has read.

    A fleet calls the methods of a sink one after the other, never two at once.  A slow sink delays nothing but itself:
    polls wait in a queue of its own, and when that is full the oldest are dropped and counted.

    Attributes:
        name: what health and log messages call it.
    """

    name: str = "sink"

    async def open(self) -> None:  # noqa: B027 - a sink may have nothing to open
        """Prepare for writing: called once, before the first poll.

        Raises:
            Exception: whatever stands in the way; the fleet does not start then.
        """

    @abc.abstractmethod
    async def write(self, polls: Sequence[Poll]) -> None:
        """Write a batch of polls, completely or not at all.

        Cancelled when the fleet ends and the time for its last writes is over; nothing half-written may remain.

        Args:
            polls: in the order in which they ended; at least one.

        Raises:
            Exception: the batch was not written.  The fleet logs and counts it, and gives the same polls again after a
                pause, with those that have come meanwhile.
        """

    async def aclose(self) -> None:  # noqa: B027 - a sink may have nothing to close
        """Write what the sink itself still keeps, and release what it holds: called once, after the last poll."""


class BlockingSink(Sink):
    """A sink whose library blocks: its methods run in a thread of its own, all in the same one."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=f"snmptcp-{self.name}")

    def open_now(self) -> None:
        """Do the work of :meth:`open`, in the thread."""

    @abc.abstractmethod
    def write_now(self, polls: Sequence[Poll]) -> None:
        """Do the work of :meth:`write`, in the thread.  It cannot be cancelled, so it must not take long."""

    def close_now(self) -> None:
        """Do the work of :meth:`aclose`, in the thread."""

    async def open(self) -> None:
        """Open the sink in its thread."""
        await self._run(self.open_now)

    async def write(self, polls: Sequence[Poll]) -> None:
        """Write a batch in the sink's thread."""
        await self._run(functools.partial(self.write_now, polls))

    async def aclose(self) -> None:
        """Close the sink in its thread, and end the thread."""
        try:
            await self._run(self.close_now)
        finally:
            self._thread.shutdown(wait=False)

    async def _run(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)
