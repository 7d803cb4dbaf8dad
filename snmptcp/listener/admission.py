"""A listener's connections: how many there may be, which are closed for being idle or slow, and which are read.

Contains: the limits, the sweep, the pause of all connections while the queue is full.  Does not contain: the queue,
messages.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING

from snmptcp.net.limits import Limits
from snmptcp.protocol.notification import Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.listener.statistics import ListenerStatistics
    from snmptcp.net.server import ServerConnection

__all__ = ("Admission",)


class Admission:
    """The open connections of a listener, and the limits that they are under.

    Args:
        statistics: where refused and closed connections, and pauses, are counted.
        max_connections: how many connections and TLS handshakes in all; ``None`` for no limit.
        max_connections_per_host: how many from one address; ``None`` for no limit.
        idle_timeout: connections on which nothing comes for this long are closed, in seconds; ``None`` for never.
        frame_timeout: connections whose message takes longer than this are closed, in seconds; ``None`` for never.

    Attributes:
        limits: for the servers.
        sources: the open connections, oldest first, and where they come from.
        unanswered: how many informs of each connection are not acknowledged yet; it is not idle then.
    """

    def __init__(
        self,
        statistics: ListenerStatistics,
        *,
        max_connections: int | None,
        max_connections_per_host: int | None,
        idle_timeout: float | None,
        frame_timeout: float | None,
    ) -> None:
        self.limits = Limits(
            max_connections, max_connections_per_host=max_connections_per_host, on_refused=self._count_refused
        )
        self.sources: dict[ServerConnection, Source] = {}
        self.unanswered: Counter[ServerConnection] = Counter()
        self._statistics = statistics
        self._idle_timeout = idle_timeout
        self._frame_timeout = frame_timeout
        self._paused: dict[ServerConnection, None] = {}  # a set that keeps the order in which they are resumed
        self._resuming = False
        self._ending: set[ServerConnection] = set()  # closed by the sweep
        self._sweeper: asyncio.TimerHandle | None = None

    def _count_refused(self, per_host: bool) -> None:  # noqa: FBT001 - a callback's only argument
        if per_host:
            self._statistics.refused_connections_per_host += 1
        else:
            self._statistics.refused_connections += 1

    def add(self, connection: ServerConnection) -> None:
        """Take a new connection, which is not read from while the others are not."""
        self._statistics.connections += 1
        self.sources[connection] = source_of(connection.peer)
        if self._paused:
            self._pause_one(connection)

    def remove(self, connection: ServerConnection) -> None:
        """Forget a connection that has ended."""
        del self.sources[connection]
        del self.unanswered[connection]
        self._paused.pop(connection, None)
        self._ending.discard(connection)

    def acknowledged(self, connection: ServerConnection) -> None:
        """Count one unanswered inform less, if the connection is still open."""
        if self.unanswered[connection] > 0:
            self.unanswered[connection] -= 1

    # ------------------------------------------------------------------------------------- the pause

    @property
    def is_paused(self) -> bool:
        """Whether some connection is not read from."""
        return bool(self._paused)

    def pause(self) -> None:
        """Read from no connection; TCP makes the senders wait."""
        if not self._paused:
            self._statistics.pauses += 1
        for connection in self.sources:
            if connection not in self._paused:
                self._pause_one(connection)

    def _pause_one(self, connection: ServerConnection) -> None:
        connection.pause()
        self._paused[connection] = None

    def resume(self, has_room: Callable[[], bool]) -> None:
        """Read again, from the next turn of the loop on, as long as there is room."""
        if not self._resuming:
            self._resuming = True
            asyncio.get_running_loop().call_soon(self._resume_one, has_room)

    def _resume_one(self, has_room: Callable[[], bool]) -> None:
        """Read again from the connection that has waited longest, and then from the next one if there is room.

        Each gets a turn of the loop, in which what has arrived for it is read; otherwise the connection with the most
        messages would fill the queue again before the others are read.
        """
        self._resuming = False
        if not self._paused or not has_room():
            return
        connection = next(iter(self._paused))
        del self._paused[connection]
        connection.resume()
        self.resume(has_room)

    # ------------------------------------------------------------------------------------- the sweep

    def start(self) -> None:
        """Close idle and slow connections from now on; looks four times in the shorter of the two limits."""
        limits = [seconds for seconds in (self._idle_timeout, self._frame_timeout) if seconds is not None]
        if limits:
            self._sweep(min(limits) / 4)

    def stop(self) -> None:
        """Close idle and slow connections no more."""
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None

    def _sweep(self, interval: float) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for connection in tuple(self.sources):
            if connection in self._ending:
                connection.reset()  # the last sweep closed it, and its peer does not read what was written
            elif connection not in self._paused:
                self._check(connection, now)
        self._sweeper = loop.call_later(interval, self._sweep, interval)

    def _check(self, connection: ServerConnection, now: float) -> None:
        """Close a connection that is idle or slow."""
        began = connection.frame_began
        if self._frame_timeout is not None and began is not None and now - began >= self._frame_timeout:
            self._statistics.slow_closed += 1
        elif (
            self._idle_timeout is not None
            and now - connection.received_at >= self._idle_timeout
            and not self.unanswered[connection]
        ):
            self._statistics.idle_closed += 1
        else:
            return
        self._ending.add(connection)
        connection.close()


def source_of(peer: object) -> Source:
    """Return the peer's address and port, as the socket names them; empty if it has gone already."""
    if isinstance(peer, tuple) and len(peer) >= 2:
        return Source(str(peer[0]), int(peer[1]))
    return Source("", 0)
