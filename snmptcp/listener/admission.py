"""A listener's connections: how many there may be, which are closed for being silent, slow or idle, and which are read.

Contains: the default limits, what is counted and logged about them, the pause of all connections while the queue is
full.  Does not contain: who gives way (:mod:`snmptcp.net.limits`), the clocks (:mod:`snmptcp.net.sweep`), the queue,
messages.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from typing import TYPE_CHECKING

from snmptcp.net.limited_log import LimitedLog
from snmptcp.net.limits import Limits, Shortage, within_descriptors
from snmptcp.net.sweep import Sweeper, TooLong
from snmptcp.protocol.notification import Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.listener.statistics import ListenerStatistics
    from snmptcp.net.accepted import ServerConnection

__all__ = (
    "DEFAULT_FIRST_MESSAGE_TIMEOUT",
    "DEFAULT_FRAME_TIMEOUT",
    "DEFAULT_MAX_CONNECTIONS",
    "DEFAULT_MAX_CONNECTIONS_PER_HOST",
    "Admission",
)

logger = logging.getLogger(__name__)

DEFAULT_MAX_CONNECTIONS = 1000

#: Half of all: hundreds of devices may share one address behind a NAT or a relay, and senders usually keep one
#: connection each; but no single address may take all places, not even with accepted messages.
DEFAULT_MAX_CONNECTIONS_PER_HOST = DEFAULT_MAX_CONNECTIONS // 2

#: A sender connects because it has something to send: on slow paths the TLS handshake, discovery and the first message
#: take some seconds.
DEFAULT_FIRST_MESSAGE_TIMEOUT = 30.0

DEFAULT_FRAME_TIMEOUT = 30.0

#: How many octets of incomplete messages and unread answers the connections with accepted messages may hold together,
#: and how many the others.  1,000 incomplete messages of 4 MiB would take 4 GiB.
MAX_HELD_OCTETS = 32 * 1024 * 1024

#: How many of the longest messages fit into it at least.
_LONGEST_MESSAGES = 4


class Admission:
    """The open connections of a listener, and the limits that they are under.

    Args:
        statistics: where refused and closed connections, and pauses, are counted.
        max_connections: how many connections and TLS handshakes in all; ``None`` for no limit.
        max_connections_per_host: how many from one address; ``None`` for no limit.
        max_message_size: the longest message, in octets.
        first_message_timeout: connections that have sent no accepted message for this long are closed, in seconds;
            ``None`` for never.
        frame_timeout: connections whose message takes longer than this are closed, in seconds; ``None`` for never.
        idle_timeout: connections on which nothing comes for this long are closed, in seconds; ``None`` for never.
        runs_at_times: whether the event loop stands still for long times between its runs.

    Attributes:
        limits: for the servers.
        sources: the open connections, oldest first, and where they come from.
        unanswered: how many informs of each connection are not acknowledged yet; it is not idle then.
    """

    def __init__(
        self,
        statistics: ListenerStatistics,
        *,
        max_message_size: int,
        max_connections: int | None = DEFAULT_MAX_CONNECTIONS,
        max_connections_per_host: int | None = DEFAULT_MAX_CONNECTIONS_PER_HOST,
        first_message_timeout: float | None = DEFAULT_FIRST_MESSAGE_TIMEOUT,
        frame_timeout: float | None = DEFAULT_FRAME_TIMEOUT,
        idle_timeout: float | None = None,
        runs_at_times: bool = False,
    ) -> None:
        self.limits = Limits(
            within_descriptors(max_connections),
            max_connections_per_host=max_connections_per_host,
            max_octets=max(MAX_HELD_OCTETS, _LONGEST_MESSAGES * max_message_size),
            on_refused=self._count_refused,
        )
        self.sources: dict[ServerConnection, Source] = {}
        self.unanswered: Counter[ServerConnection] = Counter()
        self._statistics = statistics
        self._sweeper = Sweeper(
            lambda: self.sources,
            first_message_timeout=first_message_timeout,
            frame_timeout=frame_timeout,
            idle_timeout=idle_timeout,
            runs_at_times=runs_at_times,
            is_busy=lambda connection: self.unanswered[connection] > 0,
            on_close=self._count_closed,
        )
        self._log = LimitedLog(logger, "connections were refused or reset")
        self._paused: dict[ServerConnection, None] = {}  # a set that keeps the order in which they are resumed
        self._resuming = False

    def _count_refused(self, shortage: Shortage, host: str) -> None:
        if shortage is Shortage.HOST:
            self._statistics.refused_connections_per_host += 1
        elif shortage is Shortage.CONNECTIONS:
            self._statistics.refused_connections += 1
        else:
            self._statistics.crowded_out += 1
        self._log.tell(f"{shortage.value} ({host}): a connection was reset", reason=shortage.value, host=host)

    def _count_closed(self, connection: ServerConnection, why: TooLong) -> None:
        if why is TooLong.FRAME:
            self._statistics.slow_closed += 1
        elif why is TooLong.FIRST_MESSAGE:
            self._statistics.silent_closed += 1
        else:
            self._statistics.idle_closed += 1
        logger.debug("the connection from %s is closed: %s for too long", source_of(connection.peer), why.value)

    def start(self) -> None:
        """Close silent, slow and idle connections from now on."""
        self._sweeper.start()

    def stop(self) -> None:
        """Close them no more."""
        self._sweeper.stop()
        self._log.close()

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
        self._sweeper.forget(connection)

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


def source_of(peer: object) -> Source:
    """Return the peer's address and port, as the socket names them; empty if it has gone already."""
    if isinstance(peer, tuple) and len(peer) >= 2:
        return Source(str(peer[0]), int(peer[1]))
    return Source("", 0)
