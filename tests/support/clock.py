"""An event loop whose clock the test moves on: deadlines pass without waiting."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


class ClockLoop(asyncio.SelectorEventLoop):
    """A selector loop that can skip time."""

    def __init__(self) -> None:
        super().__init__()
        self._skipped = 0.0

    def time(self) -> float:
        """Return the loop's time: the monotonic clock and what was skipped."""
        return super().time() + self._skipped

    def skip(self, seconds: float) -> None:
        """Move the clock on; what has become due runs in the loop's next turn."""
        self._skipped += seconds


def skip(seconds: float) -> None:
    """Move the running loop's clock on."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, ClockLoop)
    loop.skip(seconds)


async def settle(turns: int = 10) -> None:
    """Let everything that is ready run."""
    for _ in range(turns):
        await asyncio.sleep(0)


async def until(condition: Callable[[], object]) -> None:
    """Let the loop run until a condition holds; the test's own time limit ends it otherwise."""
    while not condition():
        await asyncio.sleep(0)


def more_turns(turns: int) -> Iterator[int]:
    """Return ever larger numbers of turns, for what takes more of them on a busy machine; the caller stops."""
    return (turns * 2**power for power in itertools.count())
