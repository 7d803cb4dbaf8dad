"""How often a manager tries to connect to an agent that cannot be reached: no more than once in an interval.

Contains: the times of attempts.  Does not contain: attempts, timers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("Pacing",)

#: The first pause takes at least this part of the interval, and more of it at random: managers that have lost their
#: agents together do not try again together, and never come into step later.
SHORTEST_FIRST = 0.5


class Pacing:
    """When the next attempt to connect may begin.

    Intervals are counted from the beginning of an attempt to that of the next one, so an agent that is back is found
    within one interval.

    Args:
        interval: the seconds between two attempts; 0 for no pause.
        chance: returns a number from 0 to 1 at random; optional.

    Attributes:
        not_before: when the next attempt may begin, in seconds of the loop's clock; 0 for at any time.
    """

    __slots__ = ("_began", "_chance", "_failed", "_interval", "not_before")

    def __init__(self, interval: float, chance: Callable[[], float] | None = None) -> None:
        self._interval = interval
        self._chance = _chance if chance is None else chance
        self._began = 0.0
        self._failed = False  # whether the last attempt has
        self.not_before = 0.0

    def began(self, now: float) -> None:
        """Take note that an attempt begins."""
        self._began = now

    def failed(self) -> None:
        """Take note that the attempt has failed."""
        part = 1.0 if self._failed else SHORTEST_FIRST + (1 - SHORTEST_FIRST) * self._chance()
        self._failed = True
        self.not_before = self._began + part * self._interval

    def forget(self) -> None:
        """Take note that the agent was reached, or is to be reached in another way: the next attempt needs no pause."""
        self._failed = False
        self.not_before = 0.0


def _chance() -> float:
    import random  # noqa: PLC0415 - only failures need it

    return random.random()  # noqa: S311 - no secret
