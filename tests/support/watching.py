"""Time for tests of commands that read again and again: it passes when the command waits."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

NOON = dt.datetime(2026, 6, 14, 20, 15, 43, tzinfo=dt.UTC)


class FakeClock:
    """A clock that the command's own waits move.

    Args:
        waits: at which wait the command shall stop.
        between: called with the number of the wait, from 1, before the next reading.
    """

    def __init__(self, waits: int = 2, between: Callable[[int], None] = lambda number: None) -> None:
        self.time = 0.0
        self._left = waits
        self._number = 0
        self._between = between

    def monotonic(self) -> float:
        return self.time

    def now(self) -> dt.datetime:
        return NOON + dt.timedelta(seconds=self.time)

    async def wait(self, seconds: float) -> bool:
        self._left -= 1
        self.time += seconds
        if not self._left:
            return True
        self._number += 1
        self._between(self._number)
        return False
