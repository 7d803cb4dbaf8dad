"""The time limits of methods in progress.

Contains: limits that each packet of the agent restarts.  Does not contain: what the methods do.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, TypeVar

from snmptcp.errors import RequestTimeout

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from snmptcp.errors import SnmpError

__all__ = ("Timeouts",)

T = TypeVar("T")


class _Limit:
    """The limit of one method.

    Args:
        timeout: what ends the method.
        seconds: how long the agent may be silent.
    """

    __slots__ = ("_seconds", "_timeout", "held")

    def __init__(self, timeout: asyncio.Timeout, seconds: float) -> None:
        self._timeout = timeout
        self._seconds = seconds
        self.held = False

    def restart(self) -> None:
        """Begin anew, unless it is held."""
        if not self._timeout.expired():
            self._timeout.reschedule(None if self.held else asyncio.get_running_loop().time() + self._seconds)


class Timeouts:
    """The time limits of the methods that wait for one agent.

    ``timeout`` limits inactivity: each packet from the agent restarts it.  With ``AbsoluteTimeout`` it limits the
    method.

    Args:
        values: the settings.
    """

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values
        self._running: list[_Limit] = []

    def restart(self) -> None:
        """Restart all limits, because a packet was received from the agent."""
        if not self._values["AbsoluteTimeout"]:
            for limit in self._running:
                limit.restart()

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the limits while a handler is waited for, and not the agent; they begin anew afterwards."""
        limits = [] if self._values["AbsoluteTimeout"] else [limit for limit in self._running if not limit.held]
        for limit in limits:
            limit.held = True
            limit.restart()
        try:
            yield
        finally:
            for limit in limits:
                limit.held = False
                limit.restart()

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
            async with asyncio.timeout(seconds) as timeout:
                limit = _Limit(timeout, seconds)
                self._running.append(limit)
                try:
                    return await work
                finally:
                    self._running.remove(limit)
        except TimeoutError as error:
            if not timeout.expired():
                raise  # an error of the work itself
            raise RequestTimeout(seconds, refusal()) from error
