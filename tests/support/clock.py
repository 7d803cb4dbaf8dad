"""An event loop whose clock is moved on by the test: deadlines come without anybody waiting for them."""

from __future__ import annotations

import asyncio


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
