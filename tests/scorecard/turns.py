"""An event loop that tells how long its turns are: by the clock, and by the CPU time of its thread.

Contains: the selector that measures, running a coroutine on such a loop.

Does not contain: what runs on it.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

T = TypeVar("T")


class Turns(selectors.DefaultSelector):
    """Notes how long the loop is between two looks for events.

    Attributes:
        wall: the seconds of each turn, by the clock: what a peer waits for, also if another program has the CPU.
        cpu: the seconds of each turn, by the CPU time of the thread: what the program itself does.
    """

    def __init__(self) -> None:
        super().__init__()
        self.wall: list[float] = []
        self.cpu: list[float] = []
        self._since: tuple[float, float] | None = None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Look for events."""
        if self._since is not None:
            self.wall.append(time.perf_counter() - self._since[0])
            self.cpu.append(time.thread_time() - self._since[1])
        found = super().select(timeout)
        self._since = (time.perf_counter(), time.thread_time())
        return found

    def clear(self) -> None:
        """Forget the turns so far."""
        self.wall.clear()
        self.cpu.clear()


def run_watched(what: Callable[[Turns], Awaitable[T]]) -> T:
    """Run a coroutine on a loop whose turns it can look at."""
    turns = Turns()

    async def run() -> T:
        return await what(turns)

    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(turns)) as runner:
        return runner.run(run())
