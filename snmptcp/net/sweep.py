"""Closes connections that are silent, slow or idle for too long.

Contains: when a connection is closed for that.  Does not contain: how many there may be (:mod:`snmptcp.net.limits`).
"""

from __future__ import annotations

import asyncio
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from snmptcp.net.accepted import ServerConnection

__all__ = ("Sweeper", "TooLong")


class TooLong(Enum):
    """What took too long; the value is the text for users."""

    FIRST_MESSAGE = "no accepted message has come"
    FRAME = "a message is incomplete"
    IDLE = "nothing has come"


class Sweeper:
    """Looks at all connections, four times in the shortest of its limits.

    No clock runs while the owner has paused a connection: the peer cannot do anything then.

    Args:
        connections: returns the open connections.
        first_message_timeout: close connections that have sent no accepted message for this many seconds, whatever
            else they send; ``None`` for never.
        frame_timeout: close connections whose message takes longer than this many seconds; ``None`` for never.
        idle_timeout: close connections on which nothing comes for this many seconds; ``None`` for never.
        runs_at_times: whether the event loop stands still for long times between its runs.  Then a connection is closed
            only if it is found late at two looks in a row: what had arrived meanwhile has been read in between.
        is_busy: whether a connection waits for an answer of ours, and so is not idle.
        on_close: called with each connection before it is closed, and why.
    """

    def __init__(
        self,
        connections: Callable[[], Iterable[ServerConnection]],
        *,
        first_message_timeout: float | None,
        frame_timeout: float | None,
        idle_timeout: float | None = None,
        runs_at_times: bool = False,
        is_busy: Callable[[ServerConnection], bool] = lambda _: False,
        on_close: Callable[[ServerConnection, TooLong], None],
    ) -> None:
        self._connections = connections
        self._first_message_timeout = first_message_timeout
        self._frame_timeout = frame_timeout
        self._idle_timeout = idle_timeout
        self._runs_at_times = runs_at_times
        self._is_busy = is_busy
        self._on_close = on_close
        self._late: set[ServerConnection] = set()  # found late at the last look
        self._ending: set[ServerConnection] = set()  # closed at an earlier look
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Look from now on."""
        limits = (self._first_message_timeout, self._frame_timeout, self._idle_timeout)
        given = [seconds for seconds in limits if seconds is not None]
        if given:
            self._sweep(min(given) / 4)

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def forget(self, connection: ServerConnection) -> None:
        """Forget a connection that has ended."""
        self._ending.discard(connection)
        self._late.discard(connection)

    def _sweep(self, interval: float) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        late_before, self._late = self._late, set()
        for connection in tuple(self._connections()):
            if connection in self._ending:
                connection.reset()  # the last sweep closed it, and its peer does not read what was written
            elif not connection.is_held:
                why = self._verdict(connection, now)
                if why is None:
                    continue
                self._late.add(connection)
                if not self._runs_at_times or connection in late_before:
                    self._ending.add(connection)
                    self._on_close(connection, why)
                    loop.call_soon(connection.close)  # what callbacks have collected in this turn is sent first
        self._timer = loop.call_later(interval, self._sweep, interval)

    def _verdict(self, connection: ServerConnection, now: float) -> TooLong | None:
        if _over(self._frame_timeout, connection.frame_began, now):
            return TooLong.FRAME
        if not connection.is_proved and _over(self._first_message_timeout, connection.opened_at, now):
            return TooLong.FIRST_MESSAGE
        if _over(self._idle_timeout, connection.received_at, now) and not self._is_busy(connection):
            return TooLong.IDLE
        return None


def _over(limit: float | None, since: float | None, now: float) -> bool:
    return limit is not None and since is not None and now - since >= limit
