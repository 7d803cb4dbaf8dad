"""The one connection of a manager: made when it is needed, made again after a loss, and the way of a request over it.

What may live here: connecting once for all that wait, what is sent again on a fresh connection and what never.
What may not: what is asked (:mod:`snmptcp.manager`), octets, matching, sockets.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeAlias

from snmptcp.errors import ClosedError, ConnectFailed, ConnectionLost, TlsFailed
from snmptcp.net.connection import Connection, open_connection
from snmptcp.net.dialing import peer_name
from snmptcp.net.tls.counters import TlsCounters
from snmptcp.protocol.session import Session

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from snmptcp.net.connection import PacketTrace
    from snmptcp.net.dialing import SocketOptions
    from snmptcp.net.proxy import Proxy
    from snmptcp.net.tls.session import ClientTls
    from snmptcp.protocol.correlator import Exchange, RequestIds, Statistics
    from snmptcp.protocol.observer import Observer
    from snmptcp.protocol.request import Request
    from snmptcp.security.model import SecurityModel
    from snmptcp.values import VarBind

__all__ = ("Call", "Link", "OnConnect")

#: Awaited with each new connection.
OnConnect: TypeAlias = "Callable[[Connection], Awaitable[None]]"


class Call:
    """A request and its way to an answer, over more than one connection if need be."""

    __slots__ = ("connection", "deadline", "exchange", "request", "request_id", "retries", "timeout")

    def __init__(
        self, request: Request, deadline: float, timeout: float, retries: int, request_id: int | None = None
    ) -> None:
        self.request = request
        self.deadline = deadline
        self.timeout = timeout
        self.retries = retries
        self.request_id = request_id
        self.connection: Connection | None = None
        self.exchange: Exchange | None = None

    def start(self, connection: Connection) -> None:
        """Let it leave on a connection."""
        self.connection = connection
        self.exchange = connection.start(self.request, self.deadline, self.timeout, self.request_id)

    @property
    def last_id(self) -> int:
        """The id under which it was sent last."""
        return 0 if self.exchange is None else self.exchange.request_id

    def abandon(self) -> None:
        """Forget it, unless it has ended."""
        if self.connection is not None and self.exchange is not None and not self.exchange.ended:
            self.connection.abandon(self.exchange)


class Link:
    """The connection to one agent, and the requests on their way over it.

    Args:
        host: the agent's name or address.
        port: its TCP port.
        security: protects requests, opens replies.
        statistics: the counters to add to.
        connect_timeout: how long connecting may take, in seconds.
        retries: how often a request that may be repeated is sent again on a fresh connection.
        max_message_size: the longest message that is accepted, in octets.
        local_address: address and port to connect from.
        options: what is set on the socket.
        proxy: the way there.
        tls: what to speak TLS with.
        max_rate: how many octets per second are sent, and as many received.
        packet_trace: called with every chunk sent and received.
        request_ids: where request-ids come from.
        observer: told what happens.
        on_connect: awaited with each new connection, before anything is sent on it.
        on_unsolicited: called with the connection and each message that answers no request.

    Attributes:
        connection: the present connection, or the last one.
        receptive: whether messages that answer no request are told.
    """

    def __init__(
        self,
        host: str,
        port: int,
        security: SecurityModel,
        statistics: Statistics,
        *,
        connect_timeout: float,
        retries: int,
        max_message_size: int,
        local_address: tuple[str, int] | None,
        options: SocketOptions,
        proxy: Proxy | None,
        tls: ClientTls | None,
        max_rate: float | None,
        packet_trace: PacketTrace | None,
        request_ids: RequestIds | None,
        observer: Observer | None,
        on_connect: OnConnect | None,
        on_unsolicited: Callable[[Connection, bytes], None],
    ) -> None:
        self.host = host
        self.port = port
        self.connect_timeout = connect_timeout
        self.retries = retries
        self.tls = tls
        self.tls_counters = TlsCounters()
        self.connection: Connection | None = None
        self._security = security
        self._statistics = statistics
        self._max_message_size = max_message_size
        self._local_address = local_address
        self._options = options
        self._proxy = proxy
        self._max_rate = max_rate
        self._packet_trace = packet_trace
        self._request_ids = request_ids
        self._observer = observer
        self._on_connect = on_connect
        self._on_unsolicited = on_unsolicited
        self._receptive = False
        self._held = False
        self._connecting: asyncio.Task[Connection] | None = None
        self._closed = False

    # --------------------------------------------------------------------------------------- life

    @property
    def peer(self) -> str:
        """The agent's address for messages."""
        return peer_name(self.host, self.port)

    @property
    def closed(self) -> bool:
        """Whether it is over for good."""
        return self._closed

    @property
    def connected(self) -> bool:
        """Whether there is a connection now."""
        return self.connection is not None and self.connection.usable

    @property
    def pending(self) -> int:
        """How many requests wait for an answer now."""
        return 0 if self.connection is None else self.connection.session.pending

    @property
    def security(self) -> SecurityModel:
        """What protects requests and opens replies, from the next request on; to be set where none is pending."""
        return self._security

    @security.setter
    def security(self, security: SecurityModel) -> None:
        self._security = security
        if self.connection is not None:
            self.connection.session.use_security(security)

    @property
    def receptive(self) -> bool:
        """Whether messages that answer no request are told, on this connection and those to come."""
        return self._receptive

    @receptive.setter
    def receptive(self, receptive: bool) -> None:
        self._receptive = receptive
        if self.connection is not None:
            self.connection.session.receptive = receptive

    def hold(self, *, held: bool) -> None:
        """Stop reading, or go on; also on connections that are yet to come."""
        self._held = held
        if self.connection is not None and self.connection.usable:
            self.connection.hold(held=held)

    def check_open(self) -> None:
        """Complain where it is over.

        Raises:
            ClosedError: it is.
        """
        if self._closed:
            raise ClosedError("the manager is closed")

    def end(self) -> None:
        """Begin nothing any more."""
        self._closed = True

    async def aclose(self) -> None:
        """Close the connection; what is pending fails with :class:`ClosedError`.

        Safe to cancel: the connection closes all the same.
        """
        self.end()
        connecting = self._connecting
        if connecting is not None:
            connecting.cancel()
            await asyncio.wait((connecting,))
        if self.connection is not None:
            self.connection.close(ClosedError("the manager was closed"))
            await self.connection.wait_closed()

    # -------------------------------------------------------------------- the way down and back up

    def begin(self, request: Request, deadline: float, timeout: float, request_id: int | None = None) -> Call:
        """Let a request leave, at once where there is a connection."""
        call = Call(request, deadline, timeout, self.retries, request_id)
        connection = self.connection
        if connection is not None and connection.usable:
            call.start(connection)
        return call

    async def complete(self, call: Call) -> tuple[VarBind, ...]:
        """Wait for the answer to a request; send it again on a fresh connection where that is allowed."""
        while True:
            exchange = call.exchange
            if exchange is None:
                call.start(await self.connected_by(call.deadline))
                continue
            try:
                answer: tuple[VarBind, ...] = await exchange.waiter
            except asyncio.CancelledError:
                call.abandon()
                raise
            except ConnectionLost:
                if not self.may_retry(call, exchange):
                    raise
                call.exchange = None
            else:
                return answer

    def may_retry(self, call: Call, exchange: Exchange) -> bool:
        """Whether a request whose connection was lost may be sent on a fresh one."""
        if call.retries == 0 or self._closed:
            return False
        if (exchange.sent or exchange.resent) and not call.request.repeatable:
            return False  # RFC 3430 section 2.3: nobody knows whether it was carried out
        call.retries -= 1
        self._statistics.retried += exchange.sent
        return True

    # --------------------------------------------------------------------------------- connection

    async def connected_by(self, deadline: float | None) -> Connection:
        """Return the connection, made once for all that wait for it.

        Args:
            deadline: when to give up waiting, by the loop's clock; the attempt has a time limit of its own.
        """
        self.check_open()
        if self.connection is not None and self.connection.usable:
            return self.connection
        loop = asyncio.get_running_loop()
        connecting = self._connecting
        if connecting is None:
            connecting = loop.create_task(self._connect(), name=f"snmptcp connect {self.peer}")
            connecting.add_done_callback(self._end_connecting)
            self._connecting = connecting
        # Not awaited itself: a waiter that is cancelled must not take the others' connection with it.
        done, _ = await asyncio.wait((connecting,), timeout=None if deadline is None else deadline - loop.time())
        self.check_open()
        if not done:
            raise ConnectFailed(f"cannot connect to {self.peer}: no connection within the request's time")
        if connecting.cancelled():
            raise ConnectFailed(f"cannot connect to {self.peer}: the attempt was cancelled")
        return connecting.result()

    def _end_connecting(self, connecting: asyncio.Task[Connection]) -> None:
        """Take note of the end of an attempt, whether or not anybody still waits for it."""
        self._connecting = None
        if not connecting.cancelled():
            connecting.exception()

    async def _connect(self) -> Connection:
        session = Session(
            self._security,
            self._statistics,
            max_message_size=self._max_message_size,
            request_ids=self._request_ids,
            observer=self._observer,
        )
        session.receptive = self._receptive
        tls = self.tls
        try:
            connection = await open_connection(
                self.host,
                self.port,
                session,
                timeout=self.connect_timeout,
                local_address=self._local_address,
                options=self._options,
                proxy=self._proxy,
                tls=tls,
                max_rate=self._max_rate,
                packet_trace=self._packet_trace,
                on_unsolicited=self._on_unsolicited,
            )
        except ConnectFailed as error:
            if tls is not None:
                self.tls_counters.count_open_error(error.failure if isinstance(error, TlsFailed) else None)
            raise
        if tls is not None:
            self.tls_counters.session_opens += 1
            connection.when_closed(self._count_closed_session)
        await self._prepare(connection)
        self.connection = connection
        session.receptive = self._receptive  # that, and who asks, may have changed meanwhile
        session.use_security(self._security)
        return connection

    async def _prepare(self, connection: Connection) -> None:
        """Make a new connection ready for the first request."""
        connection.hold(held=self._held)
        if self._on_connect is None:
            return
        try:
            await self._on_connect(connection)
        except BaseException:
            connection.discard(ClosedError("the connection is not wanted"))
            await connection.wait_closed()
            raise

    def _count_closed_session(self) -> None:
        self.tls_counters.session_client_closes += 1
