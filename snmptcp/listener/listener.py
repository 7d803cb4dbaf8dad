"""The notification receiver (RFC 3413 section 3.4, RFC 3430): traps and informs over TCP and TLS.

Contains: the public class, the queue, handlers and acknowledgements.  Does not contain: limits
(:mod:`snmptcp.listener.admission`), the content of messages (:mod:`snmptcp.protocol.receiver`), sockets
(:mod:`snmptcp.net.server`).

The listener drops nothing for a slow consumer.  When the queue is full, nothing is read from any connection until it is
half empty, and TCP makes the senders wait.  An inform is acknowledged when it is in the queue (RFC 3430 section 2.4),
or when its handler has returned.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeGuard

from snmptcp.arguments import (
    CALLABLE,
    FLAG,
    INTEGER,
    OCTETS,
    PATH,
    PLAIN_FUNCTION,
    SECONDS,
    check_arguments,
    optional,
    several_of,
    wrong_type,
)
from snmptcp.codec.framer import MIN_MESSAGE_SIZE
from snmptcp.credentials import Community, Tsm, UsmUser
from snmptcp.errors import AgentError, ClosedError, ConfigurationError, ErrorStatus, FramingError, LimitExceeded
from snmptcp.listener.admission import (
    DEFAULT_FIRST_MESSAGE_TIMEOUT,
    DEFAULT_FRAME_TIMEOUT,
    DEFAULT_MAX_CONNECTIONS,
    DEFAULT_MAX_CONNECTIONS_PER_HOST,
    Admission,
)
from snmptcp.listener.engine_file import start_engine
from snmptcp.listener.statistics import ListenerStatistics
from snmptcp.net.callbacks import guarded, is_being_cancelled
from snmptcp.net.clock import running_loop
from snmptcp.net.limited_log import OnceLog
from snmptcp.net.options import check_max_unreadable
from snmptcp.net.server import Server
from snmptcp.net.tls.session import ServerTls
from snmptcp.net.turns import Interlude
from snmptcp.protocol.notification import DEFAULT_QUEUE_SIZE, Notification, memory_of, queue_octets_for
from snmptcp.protocol.oddities import Oddity
from snmptcp.protocol.receiver import DEFAULT_MAX_VARBINDS, Incoming, Receiver, Refusal, Repeated
from snmptcp.protocol.refused import RefusedMessage, cut_off_message, lost_stream, refused_message
from snmptcp.protocol.tolerance import DEFAULT_MAX_UNREADABLE, ODD, weight_of

if TYPE_CHECKING:
    import os
    from types import TracebackType
    from typing import Self

    from snmptcp.errors import TlsFailed
    from snmptcp.net.accepted import ServerConnection
    from snmptcp.net.tls.options import Tls, TlsOptions
    from snmptcp.protocol.receiver import ReceiverCredentials

#: Awaited with each notification; see :class:`NotificationListener`.
Handler: TypeAlias = Callable[[Notification], Awaitable[ErrorStatus | int | None]]

__all__ = ("DEFAULT_PORT", "DEFAULT_TLS_PORT", "Handler", "NotificationListener")

logger = logging.getLogger(__name__)

#: The port of notification receivers (RFC 3430 section 2.2).
DEFAULT_PORT = 162

#: RFC 6353 section 2.2.1: the port for notifications over TLS.
DEFAULT_TLS_PORT = 10162

#: Notifications are short, and each of many connections may hold one incomplete message of this length.
DEFAULT_MAX_MESSAGE_SIZE = 256 * 1024

#: How long it takes complete messages that have come and wait, in seconds: thousands of connections may have many.  The
#: others are lost, as those that TCP still holds.
CLOSING_WORK = 0.2

#: How long :meth:`NotificationListener.aclose` waits for handlers, in seconds.
CLOSE_GRACE = 5.0


class _Item(NamedTuple):
    """A notification in the queue, and the connection for its acknowledgement."""

    incoming: Incoming
    connection: ServerConnection
    size: int  # about the memory that it takes, in octets


#: What the arguments of a listener may be, beside ``host``, ``credentials``, ``tls`` and ``max_unreadable``.
_KINDS = {
    "port": optional(INTEGER),
    "engine_id": optional(OCTETS),
    "engine_file": optional(PATH),
    "handler": optional(CALLABLE),
    "on_refused": optional(PLAIN_FUNCTION),
    "strict": FLAG,
    "concurrency": INTEGER,
    "queue_size": INTEGER,
    "queue_octets": optional(INTEGER),
    "max_connections": optional(INTEGER),
    "max_connections_per_host": optional(INTEGER),
    "max_message_size": INTEGER,
    "max_varbinds": INTEGER,
    "first_message_timeout": optional(SECONDS),
    "idle_timeout": optional(SECONDS),
    "frame_timeout": optional(SECONDS),
}

_ENGINE_IDS = several_of("an engine ID (bytes)", bytes)


class NotificationListener:
    """Receives traps and informs over TCP, and over TLS.

    Iterate over it, in one or more tasks; each notification goes to one of them::

        async with NotificationListener("0.0.0.0", credentials=Community("public")) as listener:
            async for notification in listener:
                print(notification.source, notification.trap_oid, notification.varbinds)

    Or give it a handler, which is awaited for each notification.  An inform is then acknowledged when its handler has
    returned: with the error-status that it returns, or that of the :class:`~snmptcp.errors.AgentError` that it raises.
    Any other exception is logged, and the error-status is genErr.

    A notification that breaks rules but can be read is delivered; its ``oddities`` say what is odd.

    A listener belongs to the event loop that starts it, and can be started once.

    Args:
        host: the address or name to listen on, or several; each may be a pair with its own port.  Optional; default: an
            empty one, which means every address of the machine.
        port: the TCP port of addresses without one.  Optional; default 162, or 10162 with TLS.  With 0 the system
            chooses, and :attr:`addresses` has the result.
        credentials: the accepted senders, one or several: a :class:`~snmptcp.Community`, for its version only; a
            :class:`~snmptcp.UsmUser`, for informs, and traps of any engine; ``(UsmUser, engine_id)``, for traps of that
            engine only; :class:`~snmptcp.Tsm`, for senders with a security name from TLS.  Up to 16 users for any
            engine may have one name, with other passwords or protocols.
        tls: use TLS with every sender: options with a certificate, or a context (:class:`snmptcp.TlsOptions`).
        engine_id: the listener's engine ID in SNMPv3.  Optional; default: that of the file, or a random one.
        engine_file: keeps engine ID and boots across restarts.  Without it the listener has another engine ID after
            each start, which senders of informs discover.  A fixed ``engine_id`` needs it.
        handler: awaited for each notification, instead of iterating.
        on_refused: called with a :class:`RefusedMessage` for each message that is refused, and for each stream that
            cannot be cut into messages: the octets, and why.  It is no coroutine function; what it raises is logged.
        strict: refuse notifications that break a rule, and count them as malformed or unexpected, instead of marking
            what is odd.
        frozen_clock: the engine IDs of senders of SNMPv3 traps whose clock may stand still or fall back, or ``True``
            for all senders.  Only replays of the same octets are recognized then, as long as they are remembered.
        concurrency: how many handlers may run at once.
        queue_size: how many notifications may wait; when there are this many, nothing more is read.
        queue_octets: the same for the memory that they take, in octets.  Optional; default 16 MiB, or in proportion
            more if ``queue_size`` is above 1000.
        max_connections: how many connections and TLS handshakes there may be.  When it is reached, the oldest handshake
            or connection that has sent no accepted message is reset, or else the new connection.  It is lowered if
            the process may not open so many files.  ``None`` for no limit.
        max_connections_per_host: the same for connections from one address, by default 500, for devices behind a NAT;
            ``None`` for no limit.
        max_message_size: the longest accepted message, in octets, at least 8192; a header that announces more closes
            the connection.
        max_varbinds: how many variable bindings a notification may have; one with more is refused before they are
            decoded, and counted as malformed.
        first_message_timeout: close connections that have sent no accepted message for this many seconds, whatever
            else they send; ``None`` for never.
        max_unreadable: how many messages that cannot be read or are refused may come at once before their connection is
            closed; ten are forgotten each second, and eight for each notification.  ``None`` for no limit.
        idle_timeout: close connections on which nothing comes for this many seconds; ``None`` for never.  This can lose
            a trap that is on its way.
        frame_timeout: close connections whose message takes longer than this many seconds; ``None`` for never.

    Attributes:
        statistics: the counters; its ``refused`` has the numbers of refused messages, by reason.

    Raises:
        ConfigurationError: an argument is wrong.
    """

    def __init__(
        self,
        host: str | Iterable[str | tuple[str, int]] = "",
        port: int | None = None,
        *,
        credentials: ReceiverCredentials | Iterable[ReceiverCredentials],
        tls: Tls | None = None,
        engine_id: bytes | None = None,
        engine_file: str | os.PathLike[str] | None = None,
        handler: Handler | None = None,
        on_refused: Callable[[RefusedMessage], object] | None = None,
        strict: bool = False,
        frozen_clock: bool | Iterable[bytes] = False,
        concurrency: int = 1,
        queue_size: int = DEFAULT_QUEUE_SIZE,
        queue_octets: int | None = None,
        max_connections: int | None = DEFAULT_MAX_CONNECTIONS,
        max_connections_per_host: int | None = DEFAULT_MAX_CONNECTIONS_PER_HOST,
        max_message_size: int = DEFAULT_MAX_MESSAGE_SIZE,
        max_varbinds: int = DEFAULT_MAX_VARBINDS,
        first_message_timeout: float | None = DEFAULT_FIRST_MESSAGE_TIMEOUT,
        max_unreadable: int | None = DEFAULT_MAX_UNREADABLE,
        idle_timeout: float | None = None,
        frame_timeout: float | None = DEFAULT_FRAME_TIMEOUT,
    ) -> None:
        check_arguments(_KINDS, locals())
        for what, number in (
            ("queue_size", queue_size),
            ("concurrency", concurrency),
            ("max_connections", max_connections),
            ("max_connections_per_host", max_connections_per_host),
            ("max_varbinds", max_varbinds),
        ):
            if number is not None and number < 1:
                raise ConfigurationError(f"{what} must be at least 1, not {number}")
        for what, seconds in (
            ("first_message_timeout", first_message_timeout),
            ("idle_timeout", idle_timeout),
            ("frame_timeout", frame_timeout),
        ):
            if seconds is not None and not seconds > 0:
                raise ConfigurationError(f"{what} must be more than 0 seconds, not {seconds}")
        if max_message_size < MIN_MESSAGE_SIZE:
            raise ConfigurationError(f"max_message_size must be at least {MIN_MESSAGE_SIZE}, not {max_message_size}")
        if concurrency > 1 and handler is None:
            raise ConfigurationError(f"concurrency={concurrency} needs a handler")
        self._credentials = _several(credentials)
        self._engine_id = engine_id
        self._engine_file = engine_file
        if engine_id is not None and engine_file is None and any(map(_is_usm, self._credentials)):
            raise ConfigurationError(
                "a fixed engine_id needs an engine_file: without its boots, old informs would be accepted as new"
            )
        self._handler = handler
        self._concurrency = concurrency
        self._queue_size = queue_size
        self._max_waiting_octets = queue_octets_for(queue_size, queue_octets)
        self._max_message_size = max_message_size
        self._max_varbinds = max_varbinds
        self._max_unreadable = check_max_unreadable(max_unreadable)
        self._strict = strict
        if not isinstance(frozen_clock, bool) and not _ENGINE_IDS.accepts(frozen_clock):
            raise wrong_type("frozen_clock", f"True, False, or {_ENGINE_IDS.text}", frozen_clock)
        self._frozen_clock = frozen_clock if isinstance(frozen_clock, bool) else frozenset(frozen_clock)
        self.statistics = ListenerStatistics()
        self._on_refused: Callable[[RefusedMessage], None] | None = None
        if on_refused is not None:
            effect = "notifications are not affected"
            self._on_refused = guarded("on_refused", on_refused, self._count_failure, effect=effect)
        self._odd_engines = OnceLog(logger)
        self._admission = Admission(
            self.statistics,
            max_message_size=max_message_size,
            max_connections=max_connections,
            max_connections_per_host=max_connections_per_host,
            first_message_timeout=first_message_timeout,
            frame_timeout=frame_timeout,
            idle_timeout=idle_timeout,
        )
        self._receiver = self._make_receiver(engine_id, 1)  # checks the credentials now, not in start()
        self._tls = None if tls is None or tls is False else ServerTls(tls)
        default_port = DEFAULT_PORT if self._tls is None else DEFAULT_TLS_PORT
        self._servers = [self._make_server(*address) for address in _addresses(host, port, default_port)]
        self._queue: asyncio.Queue[_Item | None] = asyncio.Queue()  # bounded by not reading; None is its end
        self._interlude = Interlude()
        self._waiting_octets = 0
        self._outgoing: dict[ServerConnection, list[bytes]] = {}
        self._workers: list[asyncio.Task[None]] = []
        self._state = "new"

    def _make_receiver(self, engine_id: bytes | None, boots: int) -> Receiver:
        return Receiver(
            self._credentials,
            engine_id=engine_id,
            boots=boots,
            max_message_size=self._max_message_size,
            max_varbinds=self._max_varbinds,
            statistics=self.statistics,
            strict=self._strict,
            frozen_clock=self._frozen_clock,
        )

    def _count_failure(self) -> None:
        self.statistics.handler_failures += 1

    def _make_server(self, host: str, port: int) -> Server:
        return Server(
            self._on_message,
            host,
            port,
            on_connect=self._on_connect,
            on_close=self._on_close,
            max_message_size=self._max_message_size,
            limits=self._admission.limits,
            needs_proof=True,
            max_unreadable=self._max_unreadable,
            tls=self._tls,
            on_handshake_failure=self._on_handshake_failure,
        )

    def __repr__(self) -> str:
        where = ", ".join(f"{host}:{port}" for host, port in self.addresses)
        return f"<{type(self).__name__} {where}, {self._state}>"

    # ------------------------------------------------------------------------------------------- life

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """The addresses to listen on, with their ports."""
        return tuple(address for server in self._servers for address in server.addresses)

    @property
    def port(self) -> int:
        """The port of the first address."""
        return self._servers[0].port

    @property
    def connections(self) -> int:
        """How many connections are open now, without TLS handshakes, and without those that are closing."""
        return sum(not connection.is_closing for connection in self._admission.sources)

    @property
    def waiting(self) -> int:
        """How many notifications are in the queue now."""
        return self._queue.qsize() - (self._state == "closed")

    @property
    def engine_id(self) -> bytes:
        """The engine ID in SNMPv3; with an ``engine_file`` it is known when the listener listens."""
        return self._receiver.engine.engine_id

    @property
    def engine_boots(self) -> int:
        """The number of starts, this one included (snmpEngineBoots)."""
        return self._receiver.engine.boots

    async def start(self) -> Self:
        """Listen, and return the listener.

        Raises:
            TransportError: it cannot listen on an address; the text has the reason.
            ConfigurationError: it is the engine file of another engine, or not an engine file.
            OSError: the engine file cannot be read or written.
            ClosedError: it was started before, or is closed meanwhile.

        Cancelling leaves it closed.
        """
        running_loop()
        if self._state != "new":
            raise ClosedError("a listener can be started only once")
        self._state = "starting"
        try:
            if self._engine_file is not None:
                identity = await asyncio.to_thread(start_engine, self._engine_file, self._engine_id)
                self._receiver = self._make_receiver(*identity)
            loop = asyncio.get_running_loop()
            self._receiver.start(loop.time())
            if self._handler is not None:
                self._workers = [loop.create_task(self._work(self._handler)) for _ in range(self._concurrency)]
            for server in self._servers:
                await server.start()
        except BaseException:
            await self.aclose()
            raise
        if self._state == "closed":
            await self.aclose()  # the other call came before the servers were open
            raise ClosedError("the listener was closed while it started")
        self._state = "listening"
        self._admission.start()
        return self

    def reload(self, tls: TlsOptions | None = None) -> None:
        """Read the files of TLS again: certificates, keys, authorities and revocation lists.

        New handshakes use the new ones, and no TLS session from before is resumed.  Established connections stay.

        Args:
            tls: other options; optional; default: those that it has.

        Raises:
            ConfigurationError: a file cannot be used, which the text names; or the listener has no TLS, or a context of
                your own.  The old files stay in force.
        """
        if self._tls is None:
            raise ConfigurationError("this listener has no TLS")
        self._tls.reload(tls)

    async def aclose(self) -> None:
        """Stop listening, and close all connections: send the written acknowledgements, then FIN.

        Iterating tasks still get the notifications in the queue, then the iteration ends; handlers get five seconds.
        Whole messages that wait for room in the queue are taken too, for a fifth of a second.
        Safe to call twice, also at the same time: each call returns when everything is closed.  If a handler calls it,
        it does not wait for handlers.  If cancelled, it resets the connections.
        """
        # A handler that closes its listener must not wait for itself, nor for another handler that does the same.
        workers = [worker for worker in self._workers if not worker.done()]
        if asyncio.current_task() in workers:
            workers = []
        if self._state != "closed":
            self._state = "closed"
            self._admission.stop()
            self._end_input(more_to_send=bool(workers))
            self._queue.put_nowait(None)
        try:
            if workers:
                await asyncio.wait(workers, timeout=CLOSE_GRACE)
        finally:
            for worker in workers:
                worker.cancel()
            try:
                await asyncio.gather(*workers, return_exceptions=True)
            finally:
                self._flush()
                await asyncio.gather(*(server.aclose() for server in self._servers))

    def _end_input(self, *, more_to_send: bool) -> None:
        """Take what has come, and read no more; close connections on which nothing is to be sent any more."""
        connections = tuple(self._admission.sources)
        clock = asyncio.get_running_loop().time
        until = clock() + CLOSING_WORK
        for connection in connections:
            if more_to_send:
                connection.pause()
            if clock() < until:
                self._take_rest(connection)
        if not more_to_send:
            self._flush()
            for connection in connections:
                connection.close()  # costs less than the pause, which matters for thousands

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    # -------------------------------------------------------------------------------------- iterating

    def __aiter__(self) -> Self:
        if self._handler is not None:
            raise ConfigurationError("this listener has a handler: it cannot be iterated over")
        return self

    async def __anext__(self) -> Notification:
        """Return the next notification.

        Safe to cancel: no notification is lost.

        Raises:
            StopAsyncIteration: the listener is closed, and the queue is empty.
        """
        item = await self._next()
        if item is None:
            raise StopAsyncIteration
        return item.incoming.notification

    async def _next(self) -> _Item | None:
        await self._interlude.give_way()
        item = await self._queue.get()
        if item is None:
            self._queue.put_nowait(None)  # for the other iterating tasks
            return None
        self._waiting_octets -= item.size
        half_empty = (
            self._queue.qsize() <= self._queue_size // 2 and self._waiting_octets <= self._max_waiting_octets // 2
        )
        if self._admission.is_paused and half_empty:
            self._admission.resume(self._has_room)
        return item

    def _has_room(self) -> bool:
        return self._state != "closed" and not self._is_full

    @property
    def _is_full(self) -> bool:
        return self._queue.qsize() >= self._queue_size or self._waiting_octets >= self._max_waiting_octets

    # --------------------------------------------------------------------------------------- handlers

    async def _work(self, handler: Handler) -> None:
        while (item := await self._next()) is not None:
            status, index = await self._handle(handler, item.incoming.notification)
            if item.incoming.acknowledge is not None:
                self._admission.acknowledged(item.connection)
                self._acknowledge(item, status, index)

    async def _handle(self, handler: Handler, notification: Notification) -> tuple[int, int]:
        """Return the error-status and error-index that a handler chooses."""
        try:
            try:
                handling = handler(notification)
                if not inspect.isawaitable(handling):
                    kind = type(handling).__name__
                    raise TypeError(f"a handler must be a coroutine function (async def); this one returned {kind}")
                status, index = await handling or 0, 0
            except AgentError as error:
                status, index = error.status, error.index
            return _small_number(status), _small_number(index)
        except (Exception, asyncio.CancelledError) as error:
            if isinstance(error, asyncio.CancelledError) and is_being_cancelled():
                raise
            # Otherwise only something that the handler awaited was cancelled; go on with the next notification.
            logger.exception("the handler of a notification failed")
            self.statistics.handler_failures += 1
            return ErrorStatus.genErr, 0

    def _acknowledge(self, item: _Item, status: int = 0, index: int = 0) -> None:
        if item.incoming.acknowledge is None:
            return
        # Also if the connection is closing: when the sender repeats the inform, it gets the same answer.
        octets = item.incoming.acknowledge(status, index, asyncio.get_running_loop().time())
        if item.connection.is_closing:
            self.statistics.unacknowledged += 1
            return
        self.statistics.acknowledged += 1
        self._send(item.connection, octets)

    def _send(self, connection: ServerConnection, octets: bytes) -> None:
        """Send together with everything else for this connection in this turn of the loop."""
        if not self._outgoing:
            asyncio.get_running_loop().call_soon(self._flush)
        self._outgoing.setdefault(connection, []).append(octets)

    def _flush(self) -> None:
        outgoing, self._outgoing = self._outgoing, {}
        for connection, messages in outgoing.items():
            connection.send(b"".join(messages))

    # ------------------------------------------------------------------------ what the servers call

    def _on_connect(self, connection: ServerConnection) -> None:
        if self._state == "closed":
            connection.reset()
        else:
            self._admission.add(connection)

    def _count_empty(self) -> None:
        self.statistics.empty_connections = sum(server.empty_connections for server in self._servers)

    def _on_close(self, connection: ServerConnection, reason: Exception | None) -> None:
        self._count_empty()
        source = self._admission.sources.get(connection)
        if source is None:
            return
        if self._state != "closed":
            self._take_rest(connection)  # complete messages from before the end
        if isinstance(reason, FramingError):
            self.statistics.lost_framings += 1
            if self._on_refused is not None:
                self._on_refused(lost_stream(reason, source))
        elif connection.cut_off is not None and self._state != "closed":
            self.statistics.cut_off += 1
            if self._on_refused is not None:
                self._on_refused(cut_off_message(connection.cut_off, source))
        self.statistics.floods += isinstance(reason, LimitExceeded)
        if reason is not None:
            logger.debug("the connection from %s ended: %s", source, reason)
        self._admission.remove(connection)

    def _on_handshake_failure(self, peer: str, failed: TlsFailed) -> None:  # noqa: ARG002 - the server logs it
        self.statistics.failed_handshakes += 1
        self._count_empty()

    def _take_rest(self, connection: ServerConnection) -> None:
        for message in connection.take_messages():
            if not connection.flooded:
                self._on_message(connection, message)

    def _on_message(self, connection: ServerConnection, message: bytes) -> None:
        source = self._admission.sources[connection]
        now = asyncio.get_running_loop().time()
        security_name = None if connection.tls is None else connection.tls.security_name
        outcome = self._receiver.receive(message, now, source=source, security_name=security_name)
        if isinstance(outcome, Refusal):
            logger.debug("a message from %s was refused: %s", source, outcome.reason)
            octets = len(message) * outcome.digests
            connection.refused(octets, outcome.reason, weight=weight_of(outcome.digests))
        elif isinstance(outcome, Incoming):
            connection.accepted()
            if Oddity.ENGINE_ID in outcome.notification.oddities:
                engine_id = outcome.notification.engine_id or b""
                self._odd_engines.tell(engine_id, f"{source} sends with the odd engine ID {engine_id.hex()}")
            self._take(_Item(outcome, connection, memory_of(outcome.notification, len(message))))
        elif isinstance(outcome, Repeated):
            connection.refused(len(message), "an inform that came again", weight=ODD)
            outcome.when_acknowledged(functools.partial(self._send, connection))
        else:
            if outcome.reason:
                logger.debug("a message from %s was answered: %s", source, outcome.reason)
            reason = outcome.reason or "a request that was answered"
            octets = len(message) * outcome.digests
            connection.refused(octets, reason, weight=weight_of(outcome.digests) if outcome.counter else ODD)
            self._send(connection, outcome.octets)
        if self._on_refused is not None:
            refused = refused_message(message, outcome, source)
            if refused is not None:
                self._on_refused(refused)

    def _take(self, item: _Item) -> None:
        """Put a notification into the queue, and acknowledge it unless its handler does."""
        self._queue.put_nowait(item)
        self._waiting_octets += item.size
        if self._handler is None:
            self._acknowledge(item)
        elif item.incoming.acknowledge is not None:
            self._admission.unanswered[item.connection] += 1
        if self._is_full and self._state != "closed":
            self._admission.pause()


def _small_number(number: int) -> int:
    """Check an error-status or error-index (RFC 3416 section 3)."""
    if not 0 <= int(number) <= 0x7FFFFFFF:
        raise ValueError(f"an error-status or error-index must be from 0 to 2147483647, not {number}")
    return int(number)


def _several(
    credentials: ReceiverCredentials | Iterable[ReceiverCredentials],
) -> tuple[ReceiverCredentials, ...]:
    """Return credentials as a tuple; a pair of a user and an engine ID is one credential."""
    if isinstance(credentials, (Community, UsmUser, Tsm)):
        return (credentials,)
    if _is_pair(credentials):
        return (credentials,)
    right = "a Community, UsmUser, (UsmUser, engine ID) or Tsm, or several"
    given: object = credentials
    if not isinstance(given, Iterable) or isinstance(given, str | bytes):
        raise wrong_type("credentials", right, given)
    several: tuple[ReceiverCredentials, ...] = tuple(given)
    for each in several:
        if not isinstance(each, Community | UsmUser | Tsm) and not _is_pair(each):
            raise wrong_type("credentials", right, each)
    return several


def _is_address(value: object) -> bool:
    """Whether this is an address with a port."""
    return isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str) and INTEGER.accepts(value[1])


def _is_pair(credentials: object) -> TypeGuard[tuple[UsmUser, bytes]]:
    """Whether these are a user and an engine ID."""
    return isinstance(credentials, tuple) and len(credentials) == 2 and isinstance(credentials[1], bytes)


def _is_usm(credentials: ReceiverCredentials) -> bool:
    return not isinstance(credentials, (Community, Tsm))


def _addresses(
    host: str | Iterable[str | tuple[str, int]], port: int | None, default_port: int
) -> list[tuple[str, int]]:
    """Return hosts with their ports."""
    port = default_port if port is None else port
    given: object = host
    if not isinstance(given, Iterable) or isinstance(given, bytes):
        raise wrong_type("host", "an address or a name (str), or several", given)
    hosts: list[str | tuple[str, int]] = [given] if isinstance(given, str) else list(given)
    for each in hosts:
        if not isinstance(each, str) and not _is_address(each):
            raise wrong_type("host", "an address or a name (str), or a pair (address, port)", each)
    if not hosts:
        raise ConfigurationError("a listener needs an address to listen on: host is empty")
    return [(one, port) if isinstance(one, str) else (one[0], one[1]) for one in hosts]
