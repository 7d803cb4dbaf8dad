"""The notification receiver (RFC 3413 section 3.4, RFC 3430): traps and informs over TCP and TLS.

What may live here: what users hold, addresses to listen on, the queue and what happens when it is full, limits, and
handlers.  What may not: what a message means (:mod:`snmptcp.protocol.receiver`), sockets (:mod:`snmptcp.net.server`).

Nothing is dropped because somebody is slow.  When the queue is full, nothing is read from any connection until it is
half empty, and TCP makes the senders wait; an inform is acknowledged when it is in the queue (RFC 3430 section 2.4),
or when its handler has returned.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from snmptcp.codec.framer import MIN_MESSAGE_SIZE
from snmptcp.credentials import Community, Tsm, UsmUser
from snmptcp.errors import AgentError, ClosedError, ConfigurationError, ErrorStatus, FramingError
from snmptcp.listener.admission import Admission
from snmptcp.listener.engine_file import start_engine
from snmptcp.listener.statistics import ListenerStatistics
from snmptcp.net.server import Server
from snmptcp.net.tls.session import ServerTls
from snmptcp.protocol.notification import Notification
from snmptcp.protocol.receiver import Incoming, Receiver, Refusal

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable
    from types import TracebackType
    from typing import Self

    from snmptcp.errors import TlsFailed
    from snmptcp.net.server import ServerConnection
    from snmptcp.net.tls.options import Tls
    from snmptcp.protocol.receiver import ReceiverCredentials

#: Awaited with each notification; see :class:`NotificationListener`.
Handler: TypeAlias = Callable[[Notification], Awaitable[ErrorStatus | int | None]]

__all__ = ("DEFAULT_PORT", "DEFAULT_TLS_PORT", "Handler", "NotificationListener")

logger = logging.getLogger(__name__)

#: The port of notification receivers (RFC 3430 section 2.2).
DEFAULT_PORT = 162

#: RFC 6353 section 2.2.1: and inside TLS.
DEFAULT_TLS_PORT = 10162

DEFAULT_QUEUE_SIZE = 1000
DEFAULT_MAX_CONNECTIONS = 1000

#: How many octets of messages may wait, however few they are: of many short variable bindings, a notification takes
#: twenty times the memory of its message.  A queue for more than the usual number may hold more in proportion.
MAX_WAITING_OCTETS = 16 * 1024 * 1024

#: Notifications are short; with many connections, each may keep as much as its longest message.
DEFAULT_MAX_MESSAGE_SIZE = 256 * 1024

#: How long :meth:`NotificationListener.aclose` waits for handlers, in seconds.
CLOSE_GRACE = 5.0


class _Item(NamedTuple):
    """A notification in the queue, and whom to tell what becomes of it."""

    incoming: Incoming
    connection: ServerConnection
    size: int  # the octets of its message


class NotificationListener:
    """Receives traps and informs over TCP, and over TLS.

    Iterate over it, in as many tasks as you like; each notification is given to one of them::

        async with NotificationListener("0.0.0.0", credentials=Community("public")) as listener:
            async for notification in listener:
                print(notification.source, notification.trap_oid, notification.varbinds)

    Or give it a handler, which is awaited for each notification.  An inform is then acknowledged when its handler has
    returned: with the error-status that it returns, or that of the :class:`~snmptcp.errors.AgentError` that it raises
    (anything else that it raises is logged, and is genErr).

    A listener belongs to the event loop that starts it, and can be started once.

    Args:
        host: the address or name to listen on, or several of them, each with a port of its own where it is a pair;
            an empty one means every address of the machine.
        port: the TCP port of those without one; 162, or 10162 with TLS, where it is not given.  0 lets the system
            choose; :attr:`addresses` tells what it chose.
        credentials: who may notify, one or several: a :class:`~snmptcp.Community` (for its own version only); a
            :class:`~snmptcp.UsmUser`, for informs, and for traps of any engine; ``(UsmUser, engine_id)``, for traps
            of that engine only; :class:`~snmptcp.Tsm`, for whoever TLS has made a security name of.
        tls: speak TLS with every sender: options with a certificate, or a context (:class:`snmptcp.TlsOptions`).
        engine_id: who the listener is in SNMPv3; that of the file, or a random one, where it is not given.
        engine_file: where engine ID and boots are kept across restarts.  Without it a listener with a random engine ID
            is another engine each time, and senders of informs discover it anew; one with a fixed engine ID needs it.
        handler: what is awaited for each notification, in place of iterating.
        concurrency: how many handlers may run at once.
        queue_size: how many notifications may wait; nothing is read when there are as many, or 16 MiB of them
            (in proportion more where this is above 1000).
        max_connections: connections beyond this number are reset.
        max_connections_per_host: the same for those from one address; ``None`` for no such limit.
        max_message_size: the longest message that is accepted, in octets, at least 8192; a header that claims more
            closes its connection.
        idle_timeout: connections on which nothing comes for so many seconds are closed; ``None`` for never.  Closing
            can cost a trap that is on its way.
        frame_timeout: connections whose message does not arrive whole within so many seconds are closed; ``None`` for
            never.

    Attributes:
        statistics: what was counted; its ``refused`` tells how many messages were refused, and why.

    Raises:
        ConfigurationError: arguments that cannot work.
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
        concurrency: int = 1,
        queue_size: int = DEFAULT_QUEUE_SIZE,
        max_connections: int | None = DEFAULT_MAX_CONNECTIONS,
        max_connections_per_host: int | None = None,
        max_message_size: int = DEFAULT_MAX_MESSAGE_SIZE,
        idle_timeout: float | None = None,
        frame_timeout: float | None = 30.0,
    ) -> None:
        for what, number in (
            ("queue_size", queue_size),
            ("concurrency", concurrency),
            ("max_connections", max_connections),
            ("max_connections_per_host", max_connections_per_host),
        ):
            if number is not None and number < 1:
                raise ConfigurationError(f"{what} is at least 1, not {number}")
        for what, seconds in (("idle_timeout", idle_timeout), ("frame_timeout", frame_timeout)):
            if seconds is not None and not seconds > 0:
                raise ConfigurationError(f"{what} is a number of seconds above 0, not {seconds}")
        if max_message_size < MIN_MESSAGE_SIZE:
            raise ConfigurationError(f"max_message_size is at least {MIN_MESSAGE_SIZE}, not {max_message_size}")
        if concurrency > 1 and handler is None:
            raise ConfigurationError("concurrency is for handlers, and there is none")
        self._credentials = _several(credentials)
        self._engine_id = engine_id
        self._engine_file = engine_file
        if engine_id is not None and engine_file is None and any(map(_is_usm, self._credentials)):
            raise ConfigurationError(
                "a fixed engine ID needs an engine_file: without its boots, old informs pass for new ones"
            )
        self._handler = handler
        self._concurrency = concurrency
        self._queue_size = queue_size
        self._max_waiting_octets = MAX_WAITING_OCTETS * max(queue_size, DEFAULT_QUEUE_SIZE) // DEFAULT_QUEUE_SIZE
        self._max_message_size = max_message_size
        self.statistics = ListenerStatistics()
        self._admission = Admission(
            self.statistics,
            max_connections=max_connections,
            max_connections_per_host=max_connections_per_host,
            idle_timeout=idle_timeout,
            frame_timeout=frame_timeout,
        )
        self._receiver = self._make_receiver(engine_id, 1)  # complains of credentials now, and not when it starts
        self._tls = None if tls is None or tls is False else ServerTls(tls)
        default_port = DEFAULT_PORT if self._tls is None else DEFAULT_TLS_PORT
        self._servers = [self._make_server(*address) for address in _addresses(host, port, default_port)]
        self._queue: asyncio.Queue[_Item | None] = asyncio.Queue()  # bounded by not reading; None is its end
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
            statistics=self.statistics,
        )

    def _make_server(self, host: str, port: int) -> Server:
        return Server(
            self._on_message,
            host,
            port,
            on_connect=self._on_connect,
            on_close=self._on_close,
            max_message_size=self._max_message_size,
            limits=self._admission.limits,
            tls=self._tls,
            on_handshake_failure=self._on_handshake_failure,
        )

    def __repr__(self) -> str:
        where = ", ".join(f"{host}:{port}" for host, port in self.addresses)
        return f"<{type(self).__name__} {where}, {self._state}>"

    # ------------------------------------------------------------------------------------------- life

    @property
    def addresses(self) -> tuple[tuple[str, int], ...]:
        """The addresses that it listens on, or will, with their ports."""
        return tuple(address for server in self._servers for address in server.addresses)

    @property
    def port(self) -> int:
        """The port of the first address."""
        return self._servers[0].port

    @property
    def connections(self) -> int:
        """How many connections are open now."""
        return len(self._admission.sources)

    @property
    def waiting(self) -> int:
        """How many notifications are in the queue now."""
        return self._queue.qsize() - (self._state == "closed")

    @property
    def engine_id(self) -> bytes:
        """Who the listener is in SNMPv3; that of an ``engine_file`` is known once it listens."""
        return self._receiver.engine.engine_id

    @property
    def engine_boots(self) -> int:
        """How often it has started, this time included (snmpEngineBoots)."""
        return self._receiver.engine.boots

    async def start(self) -> Self:
        """Listen, and return the listener.

        Raises:
            TransportError: an address cannot be listened on; the text says why.
            ConfigurationError: the engine file is another engine's, or none.
            OSError: the engine file cannot be read or written.
            ClosedError: it has been started before, or is closed meanwhile.

        Cancelling leaves it closed.
        """
        if self._state != "new":
            raise ClosedError("a listener can be started once")
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
            await self.aclose()  # the other call could not close what was not open yet
            raise ClosedError("the listener was closed while it started")
        self._state = "listening"
        self._admission.start()
        return self

    async def aclose(self) -> None:
        """Stop listening, and close all connections: acknowledgements that were written are sent, then FIN.

        What is in the queue is still given to those who iterate, and then the iteration ends; handlers get five
        seconds for it.  Safe to call twice, also while it is under way: each call returns when all is closed.  A
        handler may call it, and does not wait for handlers then.  When cancelled, connections are reset.
        """
        if self._state != "closed":
            self._state = "closed"
            self._admission.stop()
            for connection in tuple(self._admission.sources):
                connection.pause()
                self._take_rest(connection)
            self._queue.put_nowait(None)
        # A handler that closes its own listener cannot wait for itself, nor for one that does the same.
        workers = [worker for worker in self._workers if not worker.done()]
        if asyncio.current_task() in workers:
            workers = []
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

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    # -------------------------------------------------------------------------------------- iterating

    def __aiter__(self) -> Self:
        if self._handler is not None:
            raise ConfigurationError("this listener has a handler, which gets the notifications")
        return self

    async def __anext__(self) -> Notification:
        """Return the next notification.

        Safe to cancel: no notification is lost by it.

        Raises:
            StopAsyncIteration: the listener is closed, and nothing is left.
        """
        item = await self._next()
        if item is None:
            raise StopAsyncIteration
        return item.incoming.notification

    async def _next(self) -> _Item | None:
        item = await self._queue.get()
        if item is None:
            self._queue.put_nowait(None)  # for whoever else iterates
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
                status, index = await handler(notification) or 0, 0
            except AgentError as error:
                status, index = error.status, error.index
            return _small_number(status), _small_number(index)
        except (Exception, asyncio.CancelledError) as error:
            task = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
                raise
            # Otherwise it is what the handler awaited that was cancelled, and the next notification is waiting.
            logger.exception("the handler of a notification failed")
            self.statistics.handler_failures += 1
            return ErrorStatus.genErr, 0

    def _acknowledge(self, item: _Item, status: int = 0, index: int = 0) -> None:
        if item.incoming.acknowledge is None:
            return
        if item.connection.is_closing:
            self.statistics.unacknowledged += 1
            return
        self.statistics.acknowledged += 1
        self._send(item.connection, item.incoming.acknowledge(status, index, asyncio.get_running_loop().time()))

    def _send(self, connection: ServerConnection, octets: bytes) -> None:
        """Send with everything else that goes to the same sender in this turn of the loop."""
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

    def _on_close(self, connection: ServerConnection, reason: Exception | None) -> None:
        source = self._admission.sources.get(connection)
        if source is None:
            return
        if self._state != "closed":
            self._take_rest(connection)  # what had come whole before the end is not lost with it
        if isinstance(reason, FramingError):
            self.statistics.lost_framings += 1
        if reason is not None:
            logger.debug("the connection from %s ended: %s", source, reason)
        self._admission.remove(connection)

    def _on_handshake_failure(self, peer: str, failed: TlsFailed) -> None:  # noqa: ARG002 - the server logs it
        self.statistics.failed_handshakes += 1

    def _take_rest(self, connection: ServerConnection) -> None:
        for message in connection.take_messages():
            self._on_message(connection, message)

    def _on_message(self, connection: ServerConnection, message: bytes) -> None:
        source = self._admission.sources[connection]
        now = asyncio.get_running_loop().time()
        security_name = None if connection.tls is None else connection.tls.security_name
        outcome = self._receiver.receive(message, now, source=source, security_name=security_name)
        if isinstance(outcome, Refusal):
            logger.debug("a message from %s was refused: %s", source, outcome.reason)
        elif isinstance(outcome, Incoming):
            self._take(_Item(outcome, connection, len(message)))
        else:
            if outcome.reason:
                logger.debug("a message from %s was answered: %s", source, outcome.reason)
            self._send(connection, outcome.octets)

    def _take(self, item: _Item) -> None:
        """Put a notification into the queue, and acknowledge it unless that is its handler's business."""
        self._queue.put_nowait(item)
        self._waiting_octets += item.size
        if self._handler is None:
            self._acknowledge(item)
        elif item.incoming.acknowledge is not None:
            self._admission.unanswered[item.connection] += 1
        if self._is_full and self._state != "closed":
            self._admission.pause()


def _small_number(number: int) -> int:
    """Return what can be an error-status or error-index (RFC 3416 section 3)."""
    if not 0 <= int(number) <= 0x7FFFFFFF:
        raise ValueError(f"an error-status or error-index is a number from 0 to 2147483647, not {number}")
    return int(number)


def _several(
    credentials: ReceiverCredentials | Iterable[ReceiverCredentials],
) -> tuple[ReceiverCredentials, ...]:
    """Return credentials as a tuple; a pair of a user and an engine ID is one of them."""
    if isinstance(credentials, (Community, UsmUser, Tsm)):
        return (credentials,)
    if isinstance(credentials, tuple) and len(credentials) == 2 and isinstance(credentials[1], bytes):
        return (credentials,)
    return tuple(credentials)


def _is_usm(credentials: ReceiverCredentials) -> bool:
    return not isinstance(credentials, (Community, Tsm))


def _addresses(
    host: str | Iterable[str | tuple[str, int]], port: int | None, default_port: int
) -> list[tuple[str, int]]:
    """Return hosts with their ports."""
    port = default_port if port is None else port
    hosts = [host] if isinstance(host, str) else list(host)
    if not hosts:
        raise ConfigurationError("a listener needs an address to listen on")
    return [(one, port) if isinstance(one, str) else (one[0], one[1]) for one in hosts]
