"""Loops over a fleet: ``async for sample in fleet`` and ``async for poll in fleet.polls()``.

A loop whose body awaits nothing would keep the event loop from polling as long as samples wait.  So the streams pause
between polls, and between the samples of large ones.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

from snmptcp.fleet.delivery.outlet import Outlet

if TYPE_CHECKING:
    from typing import Self

    from snmptcp.fleet.sample import Poll, Sample

__all__ = ("PollStream", "SampleStream")

#: How many samples a loop is given in one turn of the event loop.
_AT_ONCE = 100


class PollStream:
    """The polls of a fleet from now on, as an async iterator.  It ends when the fleet does.

    It belongs to one task at a time.  Safe to cancel: nothing is lost.

    Attributes:
        outlet: the queue in which polls wait.
    """

    def __init__(self, most: int) -> None:
        self.outlet = Outlet(most)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Poll:
        while True:
            await asyncio.sleep(0)
            await self.outlet.wait()
            polls = self.outlet.take(0)  # one
            if polls:
                return polls[0]
            if self.outlet.closed:
                raise StopAsyncIteration


class SampleStream:
    """The samples of a fleet from now on, as an async iterator.  It ends when the fleet does.

    It belongs to one task at a time.  Safe to cancel: nothing is lost.

    Attributes:
        outlet: the queue in which polls wait.
    """

    def __init__(self, most: int) -> None:
        self._polls = PollStream(most)
        self.outlet = self._polls.outlet
        self._samples: deque[Sample] = deque()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Sample:
        while not self._samples:
            self._samples.extend((await anext(self._polls)).samples)
        if len(self._samples) % _AT_ONCE == 0:
            await asyncio.sleep(0)
        return self._samples.popleft()
