"""The accepting side of SNMP over TCP (RFC 3430): whole messages in, octets out.

Contains: listening, which connections are open, handshakes, closing all of them.  Does not contain: what happens on a
connection (:mod:`snmptcp.net.accepted`), limits (:mod:`snmptcp.net.limits`), the content of messages.

With TLS a :class:`~snmptcp.net.tls.acceptor.TlsAcceptor` stands between the socket and the connection; a connection
begins when the handshake is done.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import socket
from collections import Counter
from typing import TYPE_CHECKING

from snmptcp.codec.framer import DEFAULT_MAX_MESSAGE_SIZE
from snmptcp.errors import ClosedError, ConfigurationError, TransportError
from snmptcp.net.accepted import ServerConnection
from snmptcp.net.callbacks import guarded
from snmptcp.net.clock import running_loop
from snmptcp.net.dialing import SocketOptions
from snmptcp.net.limited_log import LimitedLog
from snmptcp.net.limits import Limits
from snmptcp.net.tls.acceptor import TlsAcceptor
from snmptcp.net.tls.counters import TlsCounters

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.errors import TlsFailed, TlsFailure
    from snmptcp.net.limits import Shortage
    from snmptcp.net.tls.session import ServerTls, TlsSession

__all__ = ("Server", "listen_failure")

logger = logging.getLogger(__name__)

#: How long :meth:`Server.aclose` waits for peers to read what was written, in seconds.
CLOSE_GRACE = 1.0

#: The options of accepted sockets: no delay, and TCP's keep-alive.
_ACCEPTED = SocketOptions()

#: How long a TLS handshake may take, in seconds.
HANDSHAKE_TIMEOUT = 10.0

#: How many connections the system lets wait until they are accepted; it may have a lower limit of its own.  Beyond that
#: peers try again after a second.  Accepting so many takes a few tenths of one.
_BACKLOG = 2048

#: How many connections are accepted in one turn of the loop.  Some turns pass until a connection gives way and its
#: descriptor is free: with more at once, a crowd would take all descriptors meanwhile.
_ACCEPTED_AT_ONCE = 16

#: Ports below this need a privilege on most systems.
_FIRST_FREE_PORT = 1024


def listen_failure(host: str, port: int, error: OSError | UnicodeError) -> str:
    """Return what failed, why, and what may help: of a port that is taken, systems only say that the address is in use.

    Args:
        host: where it was to listen; empty for all addresses.
        port: the port.
        error: what asyncio has raised.
    """
    text = f"cannot listen on {host or '*'}:{port}: {_reason(error)}"
    if isinstance(error, PermissionError) and port < _FIRST_FREE_PORT:
        return (
            f"{text}; ports below {_FIRST_FREE_PORT} need a privilege (CAP_NET_BIND_SERVICE on Linux): "
            "run with it, or listen on another port"
        )
    if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
        return f"{text}: another program listens there; end it, or listen on another port"
    return text


def _reason(error: OSError | UnicodeError) -> str:
    """Return the system's reason, without the text that asyncio puts around it."""
    if isinstance(error, OSError) and error.errno is not None:
        return os.strerror(error.errno) if error.errno > 0 else error.strerror or str(error)
    if str(error).startswith("could not bind on any address"):  # from Python 3.13 on
        return os.strerror(errno.EADDRNOTAVAIL)
    return str(error)


def _fail_connect(error: BaseException, connection: ServerConnection) -> None:
    connection.fail(error)


def _fail_message(error: BaseException, connection: ServerConnection, message: bytes) -> None:  # noqa: ARG001
    connection.fail(error)


def _host(address: object) -> str:
    """Return the host of a socket's address; empty if the peer has gone already."""
    return str(address[0]) if isinstance(address, tuple) and address else ""


def _lengthen_queues(server: asyncio.Server) -> None:
    """Let more connections wait than are accepted at once; asyncio has one argument for both."""
    for sock in server.sockets:
        with socket.socket(fileno=os.dup(sock.fileno())) as same:
            same.listen(_BACKLOG)


async def _stop_accepting(server: asyncio.Server | None) -> None:
    """Close the listening sockets, after ``connection_made`` of every connection that was already accepted.

    asyncio's selector loops accept in a callback of the listening socket and make the transport in a task of the next
    turn.  If ``Server.close()`` comes between the two, making the transport fails, and the accepted socket is left to
    the garbage collector.  So: stop reading from the listening sockets, let those tasks run, then close.  Proactor
    loops and uvloop accept and make the transport in one step.  They have no such readers (a proactor loop has no
    ``remove_reader`` at all) and lose nothing.
    """
    if server is not None:
        loop = asyncio.get_running_loop()
        for sock in server.sockets:
            with contextlib.suppress(NotImplementedError):
                loop.remove_reader(sock.fileno())
    try:
        await asyncio.sleep(0)  # the transports are made, which schedules connection_made
    finally:
        if server is not None:
            server.close()
        await asyncio.sleep(0)  # connection_made


async def _wait_closed(handshakes: tuple[TlsAcceptor, ...], connections: tuple[ServerConnection, ...]) -> None:
    """Wait until the sockets are closed, for :data:`CLOSE_GRACE` at most."""
    ending = [one.closed for one in handshakes] + [one.closed for one in connections]
    if ending:
        await asyncio.wait(ending, timeout=CLOSE_GRACE)


class Server:
    """Listens on an address and passes whole messages to a callback.

    An exception that a callback raises is logged, and counted in :attr:`callback_failures`.

    Args:
        on_message: called with the connection and each message, in order.  If it raises, the connection is reset.
        host: the address or name to listen on.  If a name has several addresses, the server listens on all of them, or
            on the first if ``port`` is 0.
        port: the TCP port; with 0 the system chooses, and :attr:`port` has the result.
        on_connect: called with each new connection.  If it raises, the connection is reset.
        on_close: called with each connection that has ended and the reason: ``None`` for a graceful end,
            :class:`~snmptcp.errors.FramingError` if framing was lost, :class:`~snmptcp.errors.LimitExceeded` if too
            much was refused, or the socket's error.
        max_message_size: the longest accepted message, in octets; a header that announces more closes the connection
            before the body is stored.
        limits: how many connections and handshakes there may be; sockets beyond that are reset as soon as they are
            accepted.  Optional; default: any number of connections.  Several servers may share one.
        needs_proof: whether a connection gives way to others until :meth:`ServerConnection.prove` is called.
        tls: use TLS, and accept these clients.
        handshake_timeout: the longest time for a TLS handshake, in seconds.
        on_handshake_failure: called with the client's address and the reason when a handshake fails.  Reasons are
            counted in :attr:`handshake_failures`, and logged (:class:`~snmptcp.net.limited_log.LimitedLog`).
        socket_options: the options of accepted sockets.
        max_unreadable: how many messages may be refused (:meth:`ServerConnection.refused`) at once before a connection
            is closed; ``None`` for any number.

    Raises:
        ConfigurationError: a port outside 0..65535.
    """

    def __init__(
        self,
        on_message: Callable[[ServerConnection, bytes], None],
        host: str,
        port: int,
        *,
        on_connect: Callable[[ServerConnection], None] | None = None,
        on_close: Callable[[ServerConnection, Exception | None], None] | None = None,
        max_message_size: int = DEFAULT_MAX_MESSAGE_SIZE,
        limits: Limits | None = None,
        needs_proof: bool = False,
        tls: ServerTls | None = None,
        handshake_timeout: float = HANDSHAKE_TIMEOUT,
        on_handshake_failure: Callable[[str, TlsFailed], None] | None = None,
        socket_options: SocketOptions = _ACCEPTED,
        max_unreadable: int | None = None,
    ) -> None:
        if not 0 <= port <= 0xFFFF:
            raise ConfigurationError(f"a TCP port must be from 0 to 65535, not {port}")
        # on_connect may be about to refuse a connection, so its failure must not leave the connection open.
        reset = "the connection is reset"
        self.on_message = guarded("on_message", on_message, self._count_failure, failed=_fail_message, effect=reset)
        self.host = host
        self.port = port
        #: The addresses to listen on; ``host`` and ``port`` are the first.
        self.addresses: tuple[tuple[str, int], ...] = ((host, port),)
        self.max_message_size = max_message_size
        self.limits = Limits() if limits is None else limits
        self.needs_proof = needs_proof
        self.tls = tls
        self.handshake_timeout = handshake_timeout
        self.socket_options = socket_options
        self.max_unreadable = max_unreadable
        #: How many TLS handshakes failed, by reason.
        self.handshake_failures: Counter[TlsFailure] = Counter()
        #: How many connections their peers have closed without sending an octet, as health checks of load balancers do.
        self.empty_connections = 0
        #: How many callbacks raised an exception.
        self.callback_failures = 0
        #: TLS sessions, as RFC 6353's MIB counts them.
        self.tls_counters = TlsCounters()
        self._on_handshake_failure = on_handshake_failure and guarded(
            "on_handshake_failure", on_handshake_failure, self._count_failure
        )
        self._on_connect = on_connect and guarded(
            "on_connect", on_connect, self._count_failure, failed=_fail_connect, effect=reset
        )
        self._on_close = on_close and guarded("on_close", on_close, self._count_failure)
        self._server: asyncio.Server | None = None
        self._open: dict[ServerConnection, None] = {}  # a set that keeps the order of arrival
        self._turned_away: set[ServerConnection] = set()  # reset, and not closed yet
        self._shaking_hands: dict[TlsAcceptor, None] = {}  # also failed ones that still send their alert
        self._failures = LimitedLog(logger, "TLS handshakes failed")
        self._closings = 0  # calls of aclose(): start() sees that one came meanwhile
        self._starting = asyncio.Lock()
        self._accepted = 0

    @property
    def connections(self) -> tuple[ServerConnection, ...]:
        """The open connections, oldest first."""
        return tuple(self._open)

    @property
    def is_listening(self) -> bool:
        """Whether new connections are accepted."""
        return self._server is not None

    async def start(self) -> None:
        """Listen; without effect if the server is listening.

        Raises:
            TransportError: it cannot listen on the address; the text has the reason.
            ClosedError: :meth:`aclose` was called meanwhile.

        Cancelling leaves the server closed.
        """
        closings = self._closings
        async with self._starting:  # or two tasks would both listen, and one of them on the port of the other
            if self._server is not None:
                return
            try:
                server = await self._listen()
            except (OSError, UnicodeError) as error:  # UnicodeError: a host that is not a valid name
                raise TransportError(listen_failure(self.host, self.port, error)) from error
            if self._closings != closings:
                server.close()
                raise ClosedError("the server was closed while it started")
            self._server = server
        sockets = sorted(server.sockets, key=lambda sock: sock.family)  # asyncio has them in any order
        self.addresses = tuple((str(name[0]), int(name[1])) for name in (sock.getsockname() for sock in sockets))
        self.host, self.port = self.addresses[0]

    async def _listen(self) -> asyncio.Server:
        loop = running_loop()
        # With port 0, several sockets would get several ports.
        host = self.host if self.port else await self._first_address(loop)
        # In two steps: asyncio's create_server yields once after it has begun to listen, and if it is cancelled
        # there, its sockets listen on without an owner.
        server = await loop.create_server(
            self._accept,
            host or None,
            self.port,
            backlog=_ACCEPTED_AT_ONCE if os.name == "posix" else _BACKLOG,
            reuse_address=os.name == "posix",
            start_serving=False,
        )
        try:
            await server.start_serving()
            if os.name == "posix":
                _lengthen_queues(server)
        except BaseException:
            server.close()
            raise
        return server

    async def _first_address(self, loop: asyncio.AbstractEventLoop) -> str:
        found = await loop.getaddrinfo(self.host or None, 0, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        return str(found[0][4][0])

    async def aclose(self) -> None:
        """Stop listening and close every connection: send what was written, then FIN.

        Resets connections whose peers do not read their answers within a second.  Safe to call twice, and from several
        tasks.  If cancelled, it resets every connection before it raises.
        """
        self._closings += 1
        server, self._server = self._server, None
        handshakes: tuple[TlsAcceptor, ...] = ()
        connections: tuple[ServerConnection, ...] = ()
        try:
            try:
                await _stop_accepting(server)
            finally:
                handshakes = tuple(self._shaking_hands)
                connections = (*self._open, *self._turned_away)
            for connection in connections:
                connection.close()
            for handshake in handshakes:
                handshake.abort()
            await _wait_closed(handshakes, connections)
        finally:
            for handshake in handshakes:
                handshake.abort()
            for connection in connections:
                connection.reset()
            await _wait_closed(handshakes, connections)
            self._failures.close()
        if server is not None:
            await server.wait_closed()

    # What connections call.

    def _accept(self) -> ServerConnection | TlsAcceptor:
        self._accepted += 1
        connection = ServerConnection(self, self._accepted)
        if self.tls is None:
            return connection
        return TlsAcceptor(
            self.tls,
            connection,
            timeout=self.handshake_timeout,
            on_open=lambda acceptor: self._may_shake_hands(acceptor, connection),
            on_established=lambda acceptor, session: self._established(acceptor, connection, session),
            on_failed=self._handshake_failed,
        )

    def _may_shake_hands(self, acceptor: TlsAcceptor, connection: ServerConnection) -> bool:
        """Count a new handshake; return ``False`` if it is turned away."""
        self._shaking_hands[acceptor] = None

        def leave(_: object) -> None:
            self._shaking_hands.pop(acceptor, None)
            self.limits.leave(connection)

        acceptor.closed.add_done_callback(leave)

        def give_way(shortage: Shortage) -> None:
            if acceptor in self._shaking_hands:
                acceptor.abort()
            else:
                connection.give_way(shortage)

        return self._server is not None and self.limits.enter(
            connection, _host(acceptor.address), give_way, handshake=True
        )

    def _established(self, acceptor: TlsAcceptor, connection: ServerConnection, session: TlsSession) -> None:
        del self._shaking_hands[acceptor]
        self.limits.establish(connection)
        if connection.is_proved:
            self.limits.prove(connection)
        connection.tls = session
        self.tls_counters.session_accepts += 1
        logger.debug("%s: %s with %s", acceptor.peer, session.version, session.cipher)

    def _handshake_failed(self, acceptor: TlsAcceptor, failed: TlsFailed) -> None:
        self.handshake_failures[failed.failure] += 1
        self.tls_counters.count_accept_error(failed.failure)
        if acceptor.ended_empty:
            self.empty_connections += 1
        if acceptor.ended_empty or acceptor.is_aborted:
            logger.debug("%s", failed)
        else:
            self._failures.tell(str(failed), reason=failed.failure.value, host=_host(acceptor.address))
        if self._on_handshake_failure is not None:
            self._on_handshake_failure(acceptor.peer, failed)

    def connected(self, connection: ServerConnection) -> None:
        """Keep a new connection, or reset it."""
        admitted = connection.tls is not None or self.limits.enter(
            connection, _host(connection.peer), connection.give_way, proved=connection.is_proved
        )
        if self._server is None or not admitted:
            self._turned_away.add(connection)
            connection.reset()
            return
        self._open[connection] = None
        if self._on_connect is not None:
            self._on_connect(connection)

    def _count_failure(self) -> None:
        self.callback_failures += 1

    def disconnected(self, connection: ServerConnection, reason: Exception | None) -> None:
        """Forget a connection that has ended."""
        self.limits.leave(connection)
        self._turned_away.discard(connection)
        if connection in self._open:
            del self._open[connection]
            self.empty_connections += connection.ended_empty
            self.tls_counters.session_server_closes += connection.tls is not None
            if self._on_close is not None:
                self._on_close(connection, reason)
