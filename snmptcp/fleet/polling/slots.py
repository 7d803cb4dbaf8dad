"""How many polls may run at once.

Contains: slots that a poll takes before it asks its agent.  Does not contain: connections.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("LONGEST", "PATIENCE", "Slot", "Slots")

#: How long a poll keeps its slot while its agent is silent, in seconds.
PATIENCE = 1.0

#: How long a poll keeps its slot while its agent answers, in seconds.
LONGEST = 10.0


class Slots:
    """Slots for polls.

    A poll whose agent has been silent for :data:`PATIENCE` goes on without a slot: it costs nothing but memory, and
    agents that do not answer must not keep the others waiting.  Nor must those that answer slowly: after
    :data:`LONGEST` any poll goes on without a slot.

    Args:
        most: how many there are.
    """

    __slots__ = ("_semaphore",)

    def __init__(self, most: int) -> None:
        self._semaphore = asyncio.Semaphore(most)

    async def acquire(self, progress: Callable[[], int]) -> Slot:
        """Wait for a slot, in the order of asking.

        Args:
            progress: returns how much the poll has read; as long as that grows, its agent is not silent.

        Safe to cancel.
        """
        await self._semaphore.acquire()
        return Slot(self._semaphore, progress)


class Slot:
    """One slot; give it back with :meth:`release`."""

    __slots__ = ("_due_at", "_ends_at", "_loop", "_progress", "_seen", "_semaphore", "_timer")

    def __init__(self, semaphore: asyncio.Semaphore, progress: Callable[[], int]) -> None:
        self._semaphore = semaphore
        self._progress = progress
        self._seen = 0
        self._loop = asyncio.get_running_loop()
        now = self._loop.time()
        self._due_at, self._ends_at = now + PATIENCE, now + LONGEST
        self._timer: asyncio.TimerHandle | None = self._loop.call_at(self._due_at, self._look)

    def release(self) -> None:
        """Give the slot back, unless it was given back already."""
        if self._timer is None:
            return
        self._timer.cancel()
        self._timer = None
        self._semaphore.release()

    def _look(self) -> None:
        """Give the slot back if the agent is silent."""
        now, read = self._loop.time(), self._progress()
        # If this program is so busy that it looks late, it may not have come to read what the agent has sent.
        silent = read == self._seen and now - self._due_at < PATIENCE / 2
        if silent or now >= self._ends_at:
            self.release()
            return
        self._seen, self._due_at = read, now + PATIENCE
        self._timer = self._loop.call_at(self._due_at, self._look)
