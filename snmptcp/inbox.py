"""What an agent pushes on a manager's own connection: taken beside the answers, handed to whoever iterates.

What may live here: the streams of notifications of one manager, and what happens when nobody keeps up.  What may
not: who may notify, and how an inform is acknowledged (:mod:`snmptcp.engine.receiver`).
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import anyio

from snmptcp.engine.receiver import Incoming, Receiver, Reply
from snmptcp.errors import ConfigurationError, TransportError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

    from snmptcp.engine.correlator import Statistics
    from snmptcp.engine.notification import Notification, Source
    from snmptcp.engine.receiver import ReceiverCredentials, ReceiverStatistics
    from snmptcp.net.connection import Connection
    from snmptcp.security.engine_clock import EngineInfo

__all__ = ("Inbox",)

logger = logging.getLogger("snmptcp.inbox")


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
        self._streams: list[MemoryObjectSendStream[Notification]] = []

    @property
    def statistics(self) -> ReceiverStatistics:
        """What was received and refused, by reason."""
        return self._receiver.statistics

    def open(self, queue_size: int) -> AsyncGenerator[Notification, None]:
        """Return a stream of what arrives from now on.

        Raises:
            ConfigurationError: a queue without room.
        """
        if queue_size < 1:
            raise ConfigurationError(f"queue_size is at least 1, not {queue_size}")
        send, receive = anyio.create_memory_object_stream["Notification"](queue_size)
        self._streams.append(send)
        return self._deliver(send, receive)

    async def _deliver(
        self, send: MemoryObjectSendStream[Notification], receive: MemoryObjectReceiveStream[Notification]
    ) -> AsyncGenerator[Notification, None]:
        with send, receive:
            try:
                async for notification in receive:
                    yield notification
            finally:
                if send in self._streams:
                    self._streams.remove(send)

    def close(self) -> None:
        """End all streams, behind what they still hold."""
        for stream in self._streams:
            stream.close()
        self._streams.clear()

    def receive(self, message: bytes, connection: Connection, source: Source) -> None:
        """Take a message that answers no request, and send what answers it."""
        now = asyncio.get_running_loop().time()
        tls = connection.tls_session
        # TLS vouches for the agent by its host name, where no map makes another name of its certificate.
        name = None if tls is None else tls.security_name or source.host.encode()
        outcome = self._receiver.receive(message, now, source=source, security_name=name)
        if isinstance(outcome, Reply):
            self._answer(connection, outcome.octets)
        elif isinstance(outcome, Incoming):
            taken = not connection.blocked and self._offer(outcome.notification)
            if taken and outcome.acknowledge is not None:
                self._answer(connection, outcome.acknowledge(0, 0, now))
        else:
            logger.debug("%s: a message was refused: %s", source, outcome.reason)

    def _offer(self, notification: Notification) -> bool:
        """Put a notification into every stream that has room; tell whether there was one."""
        taken = False
        for stream in self._streams:
            try:
                stream.send_nowait(notification)
            except anyio.WouldBlock:
                self._statistics.notifications_dropped += 1
            else:
                taken = True
        self._statistics.notifications += taken
        return taken

    @staticmethod
    def _answer(connection: Connection, octets: bytes) -> None:
        """Send what answers a message; whoever does not read gets no answers."""
        if connection.blocked:
            return
        try:
            connection.send_unconfirmed(octets)
        except TransportError:
            logger.debug("%s: the connection has ended before an answer to its message", connection.peer)
