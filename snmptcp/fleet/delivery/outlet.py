"""Polls on their way out of a fleet: to sinks, and to loops over the fleet.

Contains: the bounded queue in front of each of them.  A full queue drops its oldest polls and counts what was in them,
so that a slow consumer delays nothing but itself.  Does not contain: writing (:mod:`snmptcp.fleet.delivery.writing`).
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snmptcp.fleet.sample import Poll

__all__ = ("Outlet", "size_of")


class Outlet:
    """A bounded queue of polls.

    Args:
        most: how many samples may wait; the polls with them wait, too.

    Attributes:
        waiting: how many samples wait; a poll without samples counts as one.
        dropped: how many samples were dropped because the queue was full, counted likewise.
        closed: whether no more polls will come.
    """

    __slots__ = ("_arrived", "_most", "_polls", "closed", "dropped", "waiting")

    def __init__(self, most: int) -> None:
        self._most = most
        self._polls: deque[Poll] = deque()
        self._arrived = asyncio.Event()
        self.waiting = 0
        self.dropped = 0
        self.closed = False

    def put(self, poll: Poll) -> None:
        """Add a poll."""
        self._polls.append(poll)
        self.waiting += size_of(poll)
        self._drop()
        self._arrived.set()

    def put_back(self, polls: Sequence[Poll]) -> None:
        """Add polls again that were taken, before those that have come since."""
        self._polls.extendleft(reversed(polls))
        self.waiting += sum(map(size_of, polls))
        self._drop()
        if self._polls:
            self._arrived.set()

    def close(self) -> None:
        """End the queue; what waits in it may still be taken."""
        self.closed = True
        self._arrived.set()

    def take(self, most: int) -> list[Poll]:
        """Return the polls that wait, the oldest first: as many as have this many samples together, but at least one.

        Returns:
            The polls; none if none waits.
        """
        polls: list[Poll] = []
        samples = 0
        while self._polls and (not polls or samples + size_of(self._polls[0]) <= most):
            polls.append(self._polls.popleft())
            samples += size_of(polls[-1])
        self.waiting -= samples
        if not self._polls and not self.closed:
            self._arrived.clear()
        return polls

    async def wait(self) -> None:
        """Wait until a poll waits, or the queue is closed.  Safe to cancel."""
        await self._arrived.wait()

    def _drop(self) -> None:
        while self.waiting > self._most and len(self._polls) > 1:
            size = size_of(self._polls.popleft())
            self.waiting -= size
            self.dropped += size


def size_of(poll: Poll) -> int:
    """Return what a poll counts."""
    return len(poll.samples) or 1
