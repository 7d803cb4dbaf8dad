"""Opening one connection to an agent: dialling, TLS, and the moment until TLS 1.3 has accepted our certificate.

Contains one attempt, which knows at every moment what it waits for, so every caller that gives up is told the true
reason.  Which attempts are made, and for which requests, is decided in :mod:`snmptcp.manager.connector`.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

from snmptcp.errors import ClosedError, ConnectFailed, TlsFailed, TlsFailure
from snmptcp.net.connection import Connection
from snmptcp.net.dialing import dial, peer_name, reason_of

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from snmptcp.net.connection import PacketTrace
    from snmptcp.net.options import ConnectionOptions
    from snmptcp.protocol.session import Session

__all__ = ("Opening",)

logger = logging.getLogger("snmptcp.connection")

#: How long closing a TLS session may take, in seconds: our close_notify is sent, the peer's may never come.
TLS_SHUTDOWN_TIMEOUT = 0.3

#: The least and the most time, in seconds, that a new TLS 1.3 session is given to show that it is accepted.
TICKET_GRACE = (0.05, 1.0)


class Opening:
    """One attempt to connect to an agent.

    Args:
        options: where to connect to, and how.
        session: the conversation to hold on the connection.
        packet_trace: see :class:`Connection`.
        on_unsolicited: see :class:`Connection`.
    """

    def __init__(
        self,
        options: ConnectionOptions,
        session: Session,
        *,
        packet_trace: PacketTrace | None = None,
        on_unsolicited: Callable[[Connection, bytes], None] | None = None,
    ) -> None:
        self._options = options
        self._session = session
        self._packet_trace = packet_trace
        self._on_unsolicited = on_unsolicited
        self._handshaking = False
        self._opened = False

    async def connect(self) -> Connection:
        """Connect, without a time limit of its own.

        Raises:
            ConnectFailed: with the true reason; :class:`TlsFailed` and :class:`ProxyFailed` are two of them.

        Safe to cancel: no socket is left.
        """
        options = self._options
        while True:
            self._handshaking = False
            sock = await dial(
                options.host,
                options.port,
                local_address=options.local_address,
                options=options.socket_options,
                proxy=options.proxy,
            )
            self._handshaking = options.tls is not None
            try:
                connection = await self._converse(sock)
                break
            except TlsFailed:
                # An agent that refuses a TLS session that we take up again may accept a new one.
                tls = options.tls
                if tls is None or self._session.closed is not None or not tls.may_begin_afresh():
                    raise
        if not options.socket_options.no_delay:
            connection.delay_small_writes()
        await connection.close_with_loop()
        self._opened = True
        self._session.statistics.connections += 1
        if logger.isEnabledFor(logging.DEBUG):
            logger.debug("%s: connected from %s%s", options.peer, _local(connection), _negotiated(connection))
        return connection

    def timed_out(self, seconds: float) -> ConnectFailed:
        """Return what a caller is told who gives up after so many seconds; the attempt may go on."""
        peer = self._options.peer
        if self._opened:
            return ConnectFailed(f"cannot connect to {peer}: on_connect has not returned within {seconds:g} s")
        if self._handshaking:
            return TlsFailed(peer, TlsFailure.TIMEOUT)
        return ConnectFailed(f"cannot connect to {peer}: no answer within {seconds:g} s")

    def expire(self, seconds: float) -> ConnectFailed:
        """Return what to tell about an attempt that has ended without success after so many seconds."""
        if self._options.tls is not None and self._handshaking and not self._opened:
            return self._options.tls.failure(TimeoutError(), self._options.peer)  # forgets the session, too
        return self.timed_out(seconds)

    async def _converse(self, sock: socket.socket) -> Connection:
        """Begin a connection over a connected socket, which it owns from here on."""
        tls, peer = self._options.tls, self._options.peer
        secured: dict[str, Any] = {}
        if tls is not None:
            secured = {
                "ssl": tls.next_context(),
                "server_hostname": tls.server_hostname or "",
                "ssl_shutdown_timeout": TLS_SHUTDOWN_TIMEOUT,
            }
        loop = asyncio.get_running_loop()
        started = loop.time()
        connection = Connection(
            self._session,
            peer,
            self._packet_trace,
            tls=tls,
            on_unsolicited=self._on_unsolicited,
            max_rate=self._options.max_rate,
        )
        connection.own(sock)
        try:
            await loop.create_connection(lambda: connection, sock=sock, **secured)
        except (OSError, EOFError) as error:  # ssl.SSLError is an OSError; the session may begin again
            sock.close()
            if tls is not None:
                raise tls.failure(error, peer) from error
            raise ConnectFailed(f"cannot connect to {peer}: {reason_of(error)}") from error
        except BaseException:
            await self._give_up(connection, sock)
            raise
        try:
            await self._wait_until_accepted(connection, loop.time() - started)
        except BaseException:
            await self._give_up(connection, sock)
            raise
        return connection

    @staticmethod
    async def _give_up(connection: Connection, sock: socket.socket) -> None:
        """Close everything at once, and wait until it is closed."""
        reason = ClosedError("connecting was given up")
        for _ in range(10):  # asyncio closes the socket of a handshake that was cancelled in the loop's next turn
            if not connection.abort(reason) and sock.fileno() == -1:
                break
            await asyncio.sleep(0)
        else:
            # uvloop has told that the connection is made, but does not tell that it has gone.
            connection.connection_lost(None)
        sock.close()

    async def _wait_until_accepted(self, connection: Connection, handshake_time: float) -> None:
        """Wait until the agent has shown that it takes our part of the handshake; tell if it does not.

        Raises:
            ConnectFailed: the connection has ended already.
        """
        negotiated = connection.tls_session
        if negotiated is not None and (negotiated.version == "TLSv1.3" or negotiated.resumed):
            least, most = TICKET_GRACE
            await connection.wait_until_accepted(min(max(least, handshake_time), most))
        closed = self._session.closed
        if closed is None or self._options.tls is None:
            return  # a plain connection that has ended already fails its first request, which may be retried
        await connection.wait_closed()
        if isinstance(closed, TlsFailed):
            raise closed
        detail = "right after the handshake: it may not accept our certificate"
        raise TlsFailed(self._options.peer, TlsFailure.CLOSED, detail) from closed


def _local(connection: Connection) -> str:
    """Return our own address as text."""
    local = connection.addresses[0]
    return peer_name(str(local[0]), local[1]) if isinstance(local, tuple) else str(local)


def _negotiated(connection: Connection) -> str:
    """Return what TLS has agreed on as text."""
    session = connection.tls_session
    if session is None:
        return ""
    said = [f"{session.version} with {session.cipher}", "resumed" if session.resumed else "a new session"]
    said.append(f"verified as {session.verified_name}" if session.verified_name else "verified")
    if not session.verified:
        said[-1] = "not verified"
    return f"; {', '.join(said)}"
