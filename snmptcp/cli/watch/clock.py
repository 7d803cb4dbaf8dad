"""Time for commands that read again and again: when the next reading is due.

Contains: the clock of the machine, and the rhythm.  Does not contain: what is read.
"""

from __future__ import annotations

import asyncio
import datetime as dt
import math
import time
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

__all__ = ("Clock", "SystemClock", "beats")


class Clock(Protocol):
    """What a command needs of time; tests have one whose time they make themselves."""

    def monotonic(self) -> float:
        """Return seconds from any start, which never go back."""

    def now(self) -> dt.datetime:
        """Return the date and the time of day."""

    async def wait(self, seconds: float) -> bool:
        """Wait; return at once with ``True`` if the command shall stop."""


class SystemClock:
    """The clock of the machine.

    Args:
        stop: is set when the command shall stop.
    """

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop

    def monotonic(self) -> float:
        """Return seconds from any start, which never go back."""
        return time.monotonic()

    def now(self) -> dt.datetime:
        """Return the date and the time of day."""
        return dt.datetime.now().astimezone()

    async def wait(self, seconds: float) -> bool:
        """Wait; return at once with ``True`` if the command shall stop."""
        try:
            await asyncio.wait_for(self._stop.wait(), seconds)
        except TimeoutError:
            return False
        return True


async def beats(clock: Clock, period: float) -> AsyncGenerator[None, None]:
    """Yield now, and then at each multiple of a period, until the command shall stop; late ones are left out."""
    start = clock.monotonic()
    number = 0
    while True:
        yield
        number = max(number + 1, math.ceil((clock.monotonic() - start) / period))
        if await clock.wait(max(0.0, start + number * period - clock.monotonic())):
            return
