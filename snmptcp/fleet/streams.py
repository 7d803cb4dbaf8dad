"""Loops over a fleet: ``async for sample in fleet`` and ``async for poll in fleet.polls()``."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from snmptcp.fleet.outlet import Outlet

if TYPE_CHECKING:
    from typing import Self

    from snmptcp.fleet.sample import Poll, Sample

__all__ = ("PollStream", "SampleStream")


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
        return self._samples.popleft()
