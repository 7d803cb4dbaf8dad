"""What an agent pushes on a manager's own connection: taken beside the answers, handed to whoever iterates.

What may live here: the streams of notifications of one manager, and what happens when nobody keeps up.  What may
not: who may notify, and how an inform is acknowledged (:mod:`snmptcp.protocol.receiver`).
"""

from __future__ import annotations

import asyncio
import logging
import weakref
from typing import TYPE_CHECKING

from snmptcp.errors import ConfigurationError, TransportError
from snmptcp.protocol.notification import Source
from snmptcp.protocol.receiver import Incoming, Receiver, Reply

if TYPE_CHECKING:
    from typing import Self

    from snmptcp.net.connection import Connection
    from snmptcp.protocol.correlator import Statistics
    from snmptcp.protocol.notification import Notification
    from snmptcp.protocol.receiver import ReceiverCredentials, ReceiverStatistics
    from snmptcp.security.engine_clock import EngineInfo

__all__ = ("Inbox", "NotificationStream")

logger = logging.getLogger("snmptcp.manager.inbox")


class NotificationStream:
    """The notifications that have arrived for one consumer; see :meth:`snmptcp.Manager.notifications`.

    Iterate over it, in one task or in several, each of which gets its share.  Waiting for the next notification can be
    cancelled, also by a time limit: nothing is lost by it, and the stream goes on.  A stream that nobody refers to any
    more takes nothing.

    Args:
        size: how many notifications may wait.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._queue: asyncio.Queue[Notification | None] = asyncio.Queue()  # bounded by offer(); None is its end
        self._ended = False

    def offer(self, notification: Notification) -> bool:
        """Take a notification if there is room; tell whether there was."""
        if self._ended or self._queue.qsize() >= self._size:
            return False
        self._queue.put_nowait(notification)
        return True

    def end(self) -> None:
        """Take no more; what waits is still given out."""
        if not self._ended:
            self._ended = True
            self._queue.put_nowait(None)

    @property
    def ended(self) -> bool:
        """Whether it takes no more."""
        return self._ended

    async def aclose(self) -> None:
        """Take no more, and forget what waits.  May be called twice."""
        self.end()
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(None)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Notification:
        """Return the next notification.

        Raises:
            StopAsyncIteration: the stream has ended, and nothing is left.

        Safe to cancel.
        """
        notification = await self._queue.get()
        if notification is None:
            self._queue.put_nowait(None)  # for whoever else iterates
            raise StopAsyncIteration
        return notification


class Inbox:
    """The notifications that arrive on one manager's connections.

    Reading goes on whatever becomes of them, because the answers to requests come the same way: a notification for
    which no stream has room is dropped and counted, and an inform among them is not acknowledged, so that its sender
    knows.

    Args:
        credentials: who may notify.
        local_engine: who we are; informs of SNMPv3 are protected for us.
        max_message_size: the longest message that is accepted, in octets.
        statistics: the counters to add to.
    """

    def __init__(
        self,
        credentials: ReceiverCredentials,
        local_engine: EngineInfo,
        max_message_size: int,
        statistics: Statistics,
    ) -> None:
        self._receiver = Receiver(
            (credentials,),
            engine_id=local_engine.engine_id,
            boots=local_engine.boots,
            max_message_size=max_message_size,
        )
        self._receiver.start(asyncio.get_running_loop().time() - local_engine.time)
        self._statistics = statistics
        # Streams whose consumers have left are gone from here as soon as nobody refers to them.
        self._streams: weakref.WeakSet[NotificationStream] = weakref.WeakSet()

    @property
    def statistics(self) -> ReceiverStatistics:
        """What was received and refused, by reason."""
        return self._receiver.statistics

    def open(self, queue_size: int) -> NotificationStream:
        """Return a stream of what arrives from now on.

        Raises:
            ConfigurationError: a queue without room.
        """
        if queue_size < 1:
            raise ConfigurationError(f"queue_size is at least 1, not {queue_size}")
        stream = NotificationStream(queue_size)
        self._streams.add(stream)
        return stream

    def close(self) -> None:
        """End all streams, behind what they still hold."""
        for stream in self._streams:
            stream.end()

    def receive(self, message: bytes, connection: Connection, host: str, port: int) -> None:
        """Take a message that answers no request, and send what answers it."""
        streams = [stream for stream in self._streams if not stream.ended]
        if not streams:
            self._statistics.unexpected += 1
            return
        now = asyncio.get_running_loop().time()
        source = Source(host, port)
        tls = connection.tls_session
        # TLS vouches for the agent by its host name, where no map makes another name of its certificate.
        name = None if tls is None else tls.security_name or source.host.encode()
        outcome = self._receiver.receive(message, now, source=source, security_name=name)
        if isinstance(outcome, Reply):
            self._answer(connection, outcome.octets)
        elif isinstance(outcome, Incoming):
            if outcome.acknowledge is not None and connection.blocked:
                self._statistics.notifications_dropped += 1  # its sender would not read the acknowledgement
                outcome.forget()
            elif not self._offer(outcome.notification, streams):
                outcome.forget()
            elif outcome.acknowledge is not None:
                self._answer(connection, outcome.acknowledge(0, 0, now))
        else:
            logger.debug("%s: a message was refused: %s", source, outcome.reason)

    def _offer(self, notification: Notification, streams: list[NotificationStream]) -> bool:
        """Put a notification into every stream that has room; tell whether there was one."""
        taken = 0
        for stream in streams:
            taken += stream.offer(notification)
        self._statistics.notifications_dropped += len(streams) - taken
        self._statistics.notifications += taken > 0
        return taken > 0

    @staticmethod
    def _answer(connection: Connection, octets: bytes) -> None:
        """Send what answers a message; whoever does not read gets no answers."""
        if connection.blocked:
            return
        try:
            connection.send_unconfirmed(octets)
        except TransportError:
            logger.debug("%s: the connection has ended before an answer to its message", connection.peer)
