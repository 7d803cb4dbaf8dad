"""A manager's notifications, both ways: what it sends, and what it receives on its own connection.

Contains notifications as requests and as messages, and the streams of those that arrive.  Who may notify, and how an
inform is acknowledged, is decided in :mod:`snmptcp.protocol.receiver`; connections are
:mod:`snmptcp.manager.connector`'s.  A manager without notifications never imports this module.
"""

from __future__ import annotations

import asyncio
import logging
import weakref
from typing import TYPE_CHECKING

from snmptcp.codec.pdu import PduType
from snmptcp.errors import ConfigurationError
from snmptcp.net.callbacks import guarded
from snmptcp.net.clock import current_time
from snmptcp.net.limited_log import OnceLog
from snmptcp.net.turns import Interlude
from snmptcp.protocol.ids import FIRST_ID
from snmptcp.protocol.notification import Source, memory_of, notification_request, queue_octets_for, to_v1
from snmptcp.protocol.oddities import Oddity
from snmptcp.protocol.receiver import Incoming, Receiver, ReceiverStatistics, Refusal, Reply
from snmptcp.protocol.refused import RefusedMessage, refused_message
from snmptcp.protocol.tolerance import ODD, UNREADABLE
from snmptcp.security.authority import random_engine_id
from snmptcp.security.engine_clock import EngineInfo
from snmptcp.security.trap_sender import TrapSender
from snmptcp.values import IpAddress, TimeTicks

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from snmptcp.net.connection import Connection
    from snmptcp.oid import OID
    from snmptcp.protocol.notification import Notification
    from snmptcp.protocol.receiver import ReceiverCredentials
    from snmptcp.protocol.request import Request
    from snmptcp.protocol.statistics import Statistics
    from snmptcp.security.choose import Credentials
    from snmptcp.values import VarBind

__all__ = ("NotificationStream", "Notifier")

logger = logging.getLogger("snmptcp.notifications")

#: An SNMPv1 trap names its agent by an IPv4 address; this one means "unknown" (RFC 3584 section 3.1).
_UNKNOWN_ADDRESS = "0.0.0.0"  # noqa: S104 - not bound to


class NotificationStream:
    """The notifications that have arrived for one consumer; see :meth:`snmptcp.Manager.notifications`.

    Iterate over it in one task, or in several, each of which gets its share.  Waiting for the next notification can be
    cancelled, also by a timeout: nothing is lost, and the stream goes on.  A stream without a reference to it receives
    nothing.

    Args:
        size: how many notifications may wait.
        octets: how many octets of memory they may take; one waits whatever its size.
        on_refused: called with each message that is refused while the stream is open; it raises nothing.
    """

    def __init__(self, size: int, octets: int, on_refused: Callable[[RefusedMessage], None] | None = None) -> None:
        self.on_refused = on_refused
        self._size = size
        self._octets = octets
        self._waiting_octets = 0
        # Each with about the memory that it takes.  Bounded by offer(); None is its end.
        self._queue: asyncio.Queue[tuple[Notification, int] | None] = asyncio.Queue()
        self._interlude = Interlude()
        self._ended = False

    def offer(self, notification: Notification, octets: int) -> bool:
        """Take a notification if there is room; return whether there was.

        Args:
            notification: the notification.
            octets: about how many octets of memory it takes.
        """
        if self._ended or self._queue.qsize() >= self._size:
            return False
        if self._waiting_octets and self._waiting_octets + octets > self._octets:
            return False
        self._waiting_octets += octets
        self._queue.put_nowait((notification, octets))
        return True

    def end(self) -> None:
        """Take no more; what is queued is still delivered."""
        if not self._ended:
            self._ended = True
            self._queue.put_nowait(None)

    @property
    def ended(self) -> bool:
        """Whether it takes no more."""
        return self._ended

    async def aclose(self) -> None:
        """Take no more, and drop what is queued.  May be called twice."""
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
        await self._interlude.give_way()
        item = await self._queue.get()
        if item is None:
            self._queue.put_nowait(None)  # for the other tasks that iterate
            raise StopAsyncIteration
        notification, octets = item
        self._waiting_octets -= octets
        return notification


class Inbox:
    """The notifications that arrive on one manager's connections.

    Reading never pauses for them, because answers to requests come the same way: if no stream has room, a notification
    is dropped and counted.  A dropped inform is not acknowledged, so its sender knows.

    Args:
        credentials: what notifications must come with.
        local_engine: this manager's own engine; informs of SNMPv3 are protected for it.
        max_message_size: the longest message that is accepted, in octets.
        statistics: the counters to add to.
        strict: refuse notifications that break a rule.
        frozen_clock: whether the clocks of senders may stand still or fall back.
    """

    def __init__(
        self,
        credentials: ReceiverCredentials,
        local_engine: EngineInfo,
        max_message_size: int,
        statistics: Statistics,
        *,
        strict: bool = False,
        frozen_clock: bool = False,
    ) -> None:
        self._receiver = Receiver(
            (credentials,),
            engine_id=local_engine.engine_id,
            boots=local_engine.boots,
            max_message_size=max_message_size,
            strict=strict,
            frozen_clock=frozen_clock,
        )
        self._odd_engines = OnceLog(logger)
        self._receiver.start(current_time() - local_engine.time)
        self._statistics = statistics
        # Weak, so that a stream whose consumer has left its loop vanishes with the last reference.
        self._streams: weakref.WeakSet[NotificationStream] = weakref.WeakSet()

    @property
    def statistics(self) -> ReceiverStatistics:
        """What was received and refused, by reason."""
        return self._receiver.statistics

    def open(
        self,
        queue_size: int,
        queue_octets: int | None = None,
        on_refused: Callable[[RefusedMessage], object] | None = None,
    ) -> NotificationStream:
        """Return a stream of what arrives from now on.

        Raises:
            ConfigurationError: ``queue_size`` or ``queue_octets`` is below 1.
        """
        if queue_size < 1:
            raise ConfigurationError(f"queue_size is at least 1, not {queue_size}")
        hook = None if on_refused is None else guarded("on_refused", on_refused, self._count_failure)
        stream = NotificationStream(queue_size, queue_octets_for(queue_size, queue_octets), hook)
        self._streams.add(stream)
        return stream

    def _count_failure(self) -> None:
        self._statistics.callback_failures += 1

    def close(self) -> None:
        """End all streams, after what they still hold."""
        for stream in self._streams:
            stream.end()

    def receive(self, message: bytes, connection: Connection, host: str, port: int) -> None:
        """Take a message that answers no request, and send the answer that it needs."""
        streams = [stream for stream in self._streams if not stream.ended]
        if not streams:
            self._statistics.unexpected += 1
            connection.note_refused(len(message), "a notification that no stream takes", weight=ODD)
            return
        now = asyncio.get_running_loop().time()
        source = Source(host, port)
        tls = connection.tls_session
        # An agent has no certificate map here: its security name is the name that TLS has verified, if it has.
        name = None if tls is None or tls.verified_name is None else tls.verified_name.encode()
        outcome = self._receiver.receive(message, now, source=source, security_name=name)
        if isinstance(outcome, Reply):
            self._answer(connection, outcome.octets)
            reason = outcome.reason or "a request that was answered"
            connection.note_refused(len(message), reason, weight=UNREADABLE if outcome.counter else ODD)
        elif isinstance(outcome, Incoming):
            connection.note_accepted()
            if Oddity.ENGINE_ID in outcome.notification.oddities:
                engine_id = outcome.notification.engine_id or b""
                self._odd_engines.tell(engine_id, f"{source} sends with the odd engine ID {engine_id.hex()}")
            if outcome.acknowledge is not None and connection.blocked:
                self._statistics.notifications_dropped += 1  # the acknowledgement could not be sent
                outcome.forget()
            elif not self._offer(outcome.notification, memory_of(outcome.notification, len(message)), streams):
                outcome.forget()
            elif outcome.acknowledge is not None:
                self._answer(connection, outcome.acknowledge(0, 0, now))
        elif isinstance(outcome, Refusal):
            logger.debug("%s: a message was refused: %s", source, outcome.reason)
            connection.note_refused(len(message), outcome.reason)
        refused = refused_message(message, outcome, source)
        if refused is not None:
            for stream in streams:
                if stream.on_refused is not None:
                    stream.on_refused(refused)

    def _offer(self, notification: Notification, octets: int, streams: list[NotificationStream]) -> bool:
        """Put a notification into every stream that has room; return whether there was one."""
        taken = 0
        for stream in streams:
            taken += stream.offer(notification, octets)
        self._statistics.notifications_dropped += len(streams) - taken
        self._statistics.notifications += taken > 0
        return taken > 0

    @staticmethod
    def _answer(connection: Connection, octets: bytes) -> None:
        """Send the answer to a message, unless the peer does not read."""
        connection.answer(octets)


class Notifier:
    """What one manager needs to send and to receive notifications.

    Args:
        credentials: what notifications are sent with, and must come with.
        local_engine: this manager's own engine; by default a random one that has started once.
        max_message_size: the longest message that is accepted, in octets.
        statistics: the counters to add to.
        started_at: the zero of sysUpTime.0.
        strict: refuse received notifications that break a rule.
        frozen_clock: whether the clocks of senders of received traps may stand still or fall back.
    """

    def __init__(
        self,
        credentials: Credentials,
        local_engine: EngineInfo | None,
        max_message_size: int,
        statistics: Statistics,
        started_at: float,
        *,
        strict: bool = False,
        frozen_clock: bool = False,
    ) -> None:
        self._credentials = credentials
        self._started_at = started_at
        self._local_engine = local_engine or EngineInfo(random_engine_id(), 1, 0)
        self._max_message_size = max_message_size
        self._statistics = statistics
        self._strict = strict
        self._frozen_clock = frozen_clock
        self._traps = TrapSender(credentials, max_message_size, self._local_engine, current_time())
        self._inbox: Inbox | None = None

    @property
    def has_inbox(self) -> bool:
        """Whether there has ever been a stream."""
        return self._inbox is not None

    @property
    def inbox(self) -> Inbox:
        """Where notifications arrive; made at its first use, on the running event loop."""
        if self._inbox is None:
            self._inbox = Inbox(
                self._credentials,
                self._local_engine,
                self._max_message_size,
                self._statistics,
                strict=self._strict,
                frozen_clock=self._frozen_clock,
            )
        return self._inbox

    @property
    def statistics(self) -> ReceiverStatistics:
        """What was received and refused, by reason."""
        return ReceiverStatistics() if self._inbox is None else self._inbox.statistics

    def use(self, credentials: Credentials) -> None:
        """Send with other credentials from now on."""
        self._credentials = credentials
        self._traps = TrapSender(credentials, self._max_message_size, self._local_engine, current_time())

    def inform(self, trap_oid: OID, varbinds: list[VarBind], hundredths: int | None) -> Request:
        """Return an InformRequest."""
        return notification_request(PduType.INFORM, trap_oid, varbinds, self._uptime(hundredths))

    def trap(self, trap_oid: OID, varbinds: list[VarBind], hundredths: int | None) -> Request:
        """Return an SNMPv2-Trap."""
        return notification_request(PduType.TRAP_V2, trap_oid, varbinds, self._uptime(hundredths))

    def protect(self, message_id: int, request_id: int, trap: Request, now: float) -> bytes:
        """Return a whole message with an SNMPv2-Trap.

        Args:
            message_id: a msgID that nothing else has (SNMPv3).
            request_id: an id that nothing else has.
            trap: the trap.
            now: the time.
        """
        octets = (request_id | FIRST_ID).to_bytes(4, "big")  # it is not answered: any four octets do
        return self._traps.protect(message_id, octets, trap.tail, now)

    def trap_v1(
        self, trap_oid: OID, varbinds: list[VarBind], hundredths: int | None, agent_address: str | IpAddress | None
    ) -> bytes:
        """Return a whole message with a Trap-PDU of SNMPv1 (RFC 3584 section 3.2).

        Raises:
            ConfigurationError: SNMPv1 cannot carry it.
        """
        address = IpAddress(agent_address or _UNKNOWN_ADDRESS)
        return self._traps.protect_v1(to_v1(trap_oid, varbinds, self._uptime(hundredths), address))

    def _uptime(self, hundredths: int | None) -> TimeTicks:
        """Return sysUpTime.0: the given value, or the time since this manager was made."""
        elapsed = max(0.0, current_time() - self._started_at)
        return TimeTicks(int(elapsed * 100) & 0xFFFFFFFF if hundredths is None else hundredths)
