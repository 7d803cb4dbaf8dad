"""How many polls may run at once.

Contains: slots that a poll takes before it asks its agent.  Does not contain: connections.
"""

from __future__ import annotations

import asyncio

__all__ = ("PATIENCE", "Slot", "Slots")

#: How long a poll keeps its slot while its agent is silent, in seconds.
PATIENCE = 1.0


class Slots:
    """Slots for polls.

    A poll that still waits for its agent after :data:`PATIENCE` goes on without a slot: it costs nothing but memory,
    and agents that do not answer must not keep the others waiting.

    Args:
        most: how many there are.
    """

    __slots__ = ("_semaphore",)

    def __init__(self, most: int) -> None:
        self._semaphore = asyncio.Semaphore(most)

    async def acquire(self) -> Slot:
        """Wait for a slot, in the order of asking.  Safe to cancel."""
        await self._semaphore.acquire()
        return Slot(self._semaphore)


class Slot:
    """One slot; give it back with :meth:`release`."""

    __slots__ = ("_semaphore", "_timer")

    def __init__(self, semaphore: asyncio.Semaphore) -> None:
        self._semaphore = semaphore
        self._timer: asyncio.TimerHandle | None = asyncio.get_running_loop().call_later(PATIENCE, self.release)

    def release(self) -> None:
        """Give the slot back, unless it was given back already."""
        if self._timer is None:
            return
        self._timer.cancel()
        self._timer = None
        self._semaphore.release()
