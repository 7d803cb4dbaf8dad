"""The time limits of methods in progress.

Contains: limits that each received packet restarts.  Does not contain: what the methods do.
"""

from __future__ import annotations

import asyncio
import contextlib
from math import inf
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("Limit", "Timeouts")


class Limit:
    """The time limit of a method's work.

    Args:
        task: what is cancelled when it is over.
        seconds: the limit.
        since: when it began, by the loop's clock.
        is_absolute: whether packets do not restart it.

    Attributes:
        held: whether time does not count now.
        over: whether it is over.
    """

    __slots__ = ("_cancelling", "held", "is_absolute", "over", "seconds", "since", "task")

    def __init__(self, task: asyncio.Task[Any], seconds: float, since: float, *, is_absolute: bool) -> None:
        self.task = task
        self.seconds = seconds
        self.since = since
        self.is_absolute = is_absolute
        self.held = False
        self.over = False
        self._cancelling = task.cancelling()  # for other reasons

    def has_cancelled(self) -> bool:
        """Whether its end, and nothing else, is what has cancelled the task."""
        return self.over and self.task.uncancel() <= self._cancelling


class Timeouts:
    """The time limits of the methods that wait for one agent.

    ``timeout`` limits inactivity: each packet from the agent restarts it.  With ``AbsoluteTimeout`` it limits the
    method.

    There is one timer, which is set for the limit that is over first.  Packets only leave their time, and neither they
    nor the ends of methods touch the timer: it looks when it runs out, and is set again for what is left.
    """

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._restarted_at = -inf
        self._limits: list[Limit] = []
        self._timer_at = inf

    def restart(self) -> None:
        """Restart all limits, because a packet was received from the agent."""
        if self._limits and self._loop is not None:
            self._restarted_at = self._loop.time()

    def begin(self, task: asyncio.Task[Any] | None, seconds: float, *, is_absolute: bool) -> Limit:
        """Limit a method from now on: its task is cancelled when the limit is over.

        Args:
            task: what does its work.
            seconds: the limit.
            is_absolute: whether packets do not restart it.
        """
        assert task is not None  # noqa: S101 - methods are tasks
        loop = self._loop = task.get_loop()
        limit = Limit(task, seconds, loop.time(), is_absolute=is_absolute)
        self._limits.append(limit)
        if limit.since + seconds < self._timer_at:
            self._set_timer(loop, limit)
        return limit

    def end(self, limit: Limit) -> None:
        """End a limit, because its method has ended."""
        self._limits.remove(limit)

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the limits while a handler is waited for, and not the agent; they begin anew afterwards."""
        limits = [limit for limit in self._limits if not limit.is_absolute and not limit.held]
        for limit in limits:
            limit.held = True
        try:
            yield
        finally:
            loop = asyncio.get_running_loop()
            for limit in limits:
                limit.held = False
                limit.since = loop.time()
                self._set_timer(loop, limit)

    def _over_at(self, limit: Limit) -> float:
        return limit.seconds + (limit.since if limit.is_absolute else max(limit.since, self._restarted_at))

    def _set_timer(self, loop: asyncio.AbstractEventLoop, limit: Limit) -> None:
        over_at = self._over_at(limit)
        if over_at < self._timer_at:
            self._timer_at = over_at
            loop.call_at(over_at, self._look, loop, over_at)

    def _look(self, loop: asyncio.AbstractEventLoop, set_for: float) -> None:
        """End the limits that are over."""
        if set_for == self._timer_at:  # there is no earlier timer
            self._timer_at = inf
        now = max(loop.time(), set_for)
        for limit in self._limits:
            if limit.over or limit.held:
                continue
            if self._over_at(limit) <= now:
                limit.over = True
                limit.task.cancel()
            else:
                self._set_timer(loop, limit)
