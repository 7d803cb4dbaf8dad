"""The time limits of methods in progress.

Contains: limits that each received packet restarts.  Does not contain: what the methods do.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from snmptcp.errors import RequestTimeout

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from snmptcp.errors import SnmpError

__all__ = ("Timeouts",)

T = TypeVar("T")


class Timeouts:
    """The time limits of the methods that wait for one agent.

    ``timeout`` limits inactivity: each packet from the agent restarts it.  With ``AbsoluteTimeout`` it limits the
    method.

    Args:
        values: the settings.
    """

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values
        self._running: list[tuple[asyncio.Timeout, float]] = []

    def restart(self) -> None:
        """Restart all limits, because a packet was received from the agent."""
        if self._values["AbsoluteTimeout"]:
            return
        now = asyncio.get_running_loop().time()
        for limit, seconds in self._running:
            if not limit.expired():
                limit.reschedule(now + seconds)

    async def within(self, seconds: float, work: Awaitable[T], refusal: Callable[[], SnmpError | None]) -> T:
        """Return the result of some work, with a limit.

        Args:
            seconds: the limit.
            work: what is awaited.
            refusal: returns why the last reply was refused, for the text of the error.

        Raises:
            RequestTimeout: the work took longer.
        """
        try:
            async with asyncio.timeout(seconds) as limit:
                entry = (limit, seconds)
                self._running.append(entry)
                try:
                    return await work
                finally:
                    self._running.remove(entry)
        except TimeoutError as error:
            if not limit.expired():
                raise  # an error of the work itself
            raise RequestTimeout(seconds, refusal()) from error
