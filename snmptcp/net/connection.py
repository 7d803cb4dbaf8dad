"""The asyncio shell around a session: reads, writes, one timer.

What may live here: the transport, and handing what happens on it to :class:`snmptcp.protocol.session.Session`.
What may not: any decision about SNMP.

Every callback does the same four steps: feed the session, settle the futures of what ended, flush what is
to be sent, set the one timer.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import ssl
import sys
import weakref
from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from snmptcp.errors import ClosedError, ConnectFailed, ConnectionLost, SnmpError, TlsFailed, TlsFailure
from snmptcp.net.dialing import SocketOptions, dial, peer_name, reason_of
from snmptcp.net.rate import RateLimit
from snmptcp.protocol.correlator import Exchange
from snmptcp.protocol.session import Closed, Unsolicited

if TYPE_CHECKING:
    from snmptcp.net.proxy import Proxy
    from snmptcp.net.tls.session import ClientTls, TlsSession
    from snmptcp.protocol.request import Request
    from snmptcp.protocol.session import Session

__all__ = ("Connection", "PacketTrace", "open_connection")

logger = logging.getLogger("snmptcp.connection")

#: Called with ``"sent"`` or ``"received"`` and the octets.
PacketTrace: TypeAlias = Callable[[str, bytes], None]

READ_BUFFER_SIZE = 256 * 1024

#: What is read at once where there is a limit of the rate: so many seconds' worth.
RATE_GRAIN = 0.1

#: What one TLS record holds at most (RFC 8446 section 5.1).
MAX_RECORD_SIZE = 16384

#: How long the next TLS record waits for an answer to the last one, in seconds.
RECORD_PATIENCE = 1.0

#: How long closing a TLS session may take, in seconds: our close_notify goes out, the peer's may never come.
TLS_SHUTDOWN_TIMEOUT = 1.0

#: The least and the most time, in seconds, that a new TLS 1.3 session is given to tell that it is accepted.
TICKET_GRACE = (0.05, 1.0)

#: Seconds between two looks for it; OpenSSL tells nobody that a ticket has come.
TICKET_POLL = 0.001

_QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)

_shared_buffers: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, memoryview] = weakref.WeakKeyDictionary()


def _read_buffer(loop: asyncio.AbstractEventLoop) -> memoryview:
    """Return the buffer to read into.

    Selector loops fill it and report in one step, so all connections of a loop share one, and an idle
    connection costs none.  A proactor fills it at some later time, so there each has its own.
    """
    if sys.platform == "win32":
        return memoryview(bytearray(READ_BUFFER_SIZE // 4))
    buffer = _shared_buffers.get(loop)
    if buffer is None:
        buffer = _shared_buffers[loop] = memoryview(bytearray(READ_BUFFER_SIZE))
    return buffer


class Connection(asyncio.BufferedProtocol):
    """One TCP connection to an agent and its session.

    Args:
        session: the conversation.
        peer: the agent's name and port, for messages.
        packet_trace: called with every chunk sent and received; ``None`` costs nothing.
        tls: what checks the other end, where the transport is a TLS session.
        on_unsolicited: called with this connection and each message that answers no request.
        max_rate: how many octets per second are sent, and as many received; ``None`` for any number.

    Attributes:
        tls_session: what was negotiated; ``None`` without TLS.
    """

    def __init__(
        self,
        session: Session,
        peer: str,
        packet_trace: PacketTrace | None = None,
        *,
        tls: ClientTls | None = None,
        on_unsolicited: Callable[[Connection, bytes], None] | None = None,
        max_rate: float | None = None,
    ) -> None:
        self.session = session
        self.peer = peer
        self.tls_session: TlsSession | None = None
        self._tls = tls
        self._first_session_id = b""  # of the session that the handshake ended with
        self._spoken = False  # whether anything has been written
        self._heard = False  # whether anything has come
        self._on_unsolicited = on_unsolicited
        self._record_until = -inf  # when the next TLS record may leave, whether or not the last one is answered
        self._hold_timer: asyncio.TimerHandle | None = None
        self._trace = packet_trace
        self._loop = asyncio.get_running_loop()
        self._buffer = _read_buffer(self._loop)
        self._transport: asyncio.Transport | None = None
        self._socket: socket.socket | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = inf
        self._flush_scheduled = False
        self._paused = False
        self._resumed: asyncio.Future[None] | None = None
        self._held = False
        self._rate_timer: asyncio.TimerHandle | None = None
        self._sending = self._receiving = None if max_rate is None else RateLimit(max_rate)
        if max_rate is not None:  # one for each direction
            self._receiving = RateLimit(max_rate)
            self._buffer = self._buffer[: max(1, int(max_rate * RATE_GRAIN))]
        self._addresses: tuple[Any, Any] = (None, None)
        self._gone: asyncio.Future[None] = self._loop.create_future()

    # ------------------------------------------------------------------------------------- requests

    @property
    def usable(self) -> bool:
        """Whether requests can be started on this connection."""
        return self.session.closed is None

    @property
    def blocked(self) -> bool:
        """Whether the peer does not take what is written."""
        return self._paused

    @property
    def addresses(self) -> tuple[Any, Any]:
        """Our own address and the peer's, as the socket names them; of the last connection once it is over."""
        return self._addresses

    def start(self, request: Request, deadline: float, timeout: float, request_id: int | None = None) -> Exchange:
        """Begin a request; its ``waiter`` is a future of the answer's variable bindings.

        A request that finds nothing in flight leaves at once; those that are started while others are
        under way leave together, in one write, at the end of the loop's turn.

        Args:
            request: what to ask.
            deadline: when to give up, by the loop's clock.
            timeout: the same as a number of seconds, for the text of the error.
            request_id: an id that was taken for it before.
        """
        session = self.session
        loop = self._loop
        alone = not session.exchanges
        exchange = session.start(request, loop.time(), timeout, deadline, request_id)
        exchange.waiter = loop.create_future()
        if exchange.ended:
            self._settle()
        elif alone:
            self._flush()
        else:
            self._flush_soon()
        if deadline < self._timer_at:
            self._set_timer()
        return exchange

    def send_unconfirmed(self, message: bytes) -> None:
        """Write a message that nobody answers, behind what has left already.

        Raises:
            ConnectionLost: the connection has ended.
        """
        if self._transport is None or not self.usable:
            raise ConnectionLost(f"the connection to {self.peer} has ended")
        self._write(self._transport, message)

    async def writable(self) -> None:
        """Wait until the peer takes what is written, or the connection has ended.  Safe to cancel."""
        while self._paused and self.usable:
            if self._resumed is None or self._resumed.done():
                self._resumed = self._loop.create_future()
            await asyncio.wait((self._resumed, self._gone), return_when=asyncio.FIRST_COMPLETED)

    def abandon(self, exchange: Exchange) -> None:
        """Forget a request: its answer, if one comes, is dropped."""
        self.session.abandon(exchange)
        exchange.waiter.cancel()

    def _rest(self, seconds: float) -> None:
        """Read nothing for a while, to keep to the rate."""
        if seconds and self._transport is not None and self._transport.is_reading():
            self._transport.pause_reading()
            self._loop.call_later(seconds, self._read_on)

    def _read_on(self) -> None:
        if self._transport is not None and not self._transport.is_closing() and not self._held:
            self._transport.resume_reading()

    def _must_wait(self) -> bool:
        """Whether nothing may leave now, to keep to the rate; it leaves later."""
        seconds = 0.0 if self._sending is None else self._sending.delay(self._loop.time())
        if seconds and self.session.unsent and self._rate_timer is None:
            self._rate_timer = self._loop.call_later(seconds, self._on_rate_timer)
        return seconds > 0

    def _on_rate_timer(self) -> None:
        self._rate_timer = None
        self._flush()

    def hold(self, *, held: bool) -> None:
        """Stop reading, so that TCP holds what the peer sends, or go on."""
        self._held = held
        if self._transport is not None and not self._transport.is_closing():
            if held:
                self._transport.pause_reading()
            else:
                self._transport.resume_reading()

    def close(self, reason: SnmpError) -> None:
        """End the connection with a FIN; what is pending fails with the reason."""
        self.session.receive_eof(reason)
        self._settle()

    def discard(self, reason: SnmpError) -> None:
        """End a connection on which nothing has been said, at once: no farewell is waited for, whoever is cancelled."""
        self.close(reason)
        if self._transport is not None:
            self._transport.abort()

    async def wait_until_accepted(self, seconds: float) -> None:
        """Wait until the peer shows that it has taken our part of a handshake of which we have the last word.

        That is so with TLS 1.3, and where a session of TLS 1.2 is taken up: our side is done before the peer has looked
        at our certificate.  What the peer thinks of it, and whether it reads a request that comes right behind it, is
        known when a new session ticket is here (the session that was taken up has had one all the time); a peer that
        gives out none costs this little time, once for each connection.

        Args:
            seconds: how long to wait at most.
        """
        ssl_object: ssl.SSLObject | None = self._transport.get_extra_info("ssl_object") if self._transport else None
        deadline = self._loop.time() + seconds
        while self.usable and self._loop.time() < deadline:
            if ssl_object is None or _session_id(ssl_object) != self._first_session_id:
                break
            await asyncio.sleep(TICKET_POLL)

    def when_closed(self, call: Callable[[], None]) -> None:
        """Have something called once the transport has gone."""
        self._gone.add_done_callback(lambda _: call())

    def delay_small_writes(self) -> None:
        """Leave Nagle's algorithm on, which asyncio turns off on every connection."""
        if self._socket is not None and self._socket.family in (socket.AF_INET, socket.AF_INET6):
            with contextlib.suppress(OSError):  # gone already: the next read will tell
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)

    async def wait_closed(self) -> None:
        """Wait until the transport has gone.  Safe to cancel."""
        await asyncio.wait((self._gone,))

    # ------------------------------------------------------------------------- the protocol's callbacks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport; of a TLS session, make sure that the other end is who it should be."""
        self._transport = cast("asyncio.Transport", transport)
        self._socket = transport.get_extra_info("socket")
        self._addresses = (transport.get_extra_info("sockname"), transport.get_extra_info("peername"))
        if self._tls is not None:
            ssl_object = transport.get_extra_info("ssl_object")
            self._first_session_id = _session_id(ssl_object)
            try:
                self.tls_session = self._tls.established(ssl_object, self.peer)
            except TlsFailed as error:
                self.session.receive_eof(error)
                self._transport.abort()

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - asyncio's signature
        """Return where to read to."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Take what was read: the four steps."""
        data = bytes(self._buffer[:nbytes])
        self._heard = True
        if self._receiving is not None:
            self._rest(self._receiving.spend(nbytes, self._loop.time()))
        if self._trace is not None:
            self._tell_trace("received", data)
        session = self.session
        session.receive_data(data, self._loop.time())
        if session.exchanges:
            self._acknowledge_at_once()
        if session.unsettled:
            self._settle()
        if session.unsent:  # what was received has made something leave: a report, for instance
            self._flush()
        if session.frame_deadline < self._timer_at:  # a message has begun that must not take for ever
            self._set_timer()

    def eof_received(self) -> bool:
        """Take the peer's FIN: nothing more will come, so nothing is worth waiting for."""
        self.session.receive_eof(ConnectionLost(f"{self.peer} closed the connection"))
        self._settle()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Take the end of the transport."""
        self.session.receive_eof(self._loss(exc))
        self._settle()
        self._transport = None  # asyncio's TLS refers to this protocol and holds large buffers
        if not self._gone.done():
            self._gone.set_result(None)

    def _loss(self, exc: Exception | None) -> SnmpError:
        """Return what to tell of the transport's end."""
        reason = "closed" if exc is None else reason_of(exc)
        if self._tls is not None and isinstance(exc, ssl.SSLError):
            failed = self._tls.failure(exc, self.peer)
            refused = failed.failure is TlsFailure.REFUSED_BY_PEER and not self._heard
            if refused or not self._spoken:
                return failed  # an alert: TLS 1.3 refuses certificates that late
            # What was sent may have been carried out: that is no failure to connect.
            reason = f"the TLS session broke ({failed.detail or failed.failure.value})"
        lost = ConnectionLost(f"the connection to {self.peer} was lost: {reason}")
        lost.__cause__ = exc
        return lost

    def pause_writing(self) -> None:
        """Keep requests here while the peer does not read; they can still be abandoned or expire."""
        self._paused = True

    def resume_writing(self) -> None:
        """Send what was kept."""
        self._paused = False
        if self._resumed is not None and not self._resumed.done():
            self._resumed.set_result(None)
        self._flush()
        if self.session.observer is not None:
            self.session.observer.ready_to_send()

    # ------------------------------------------------------------------------------------- the steps

    def _settle(self) -> None:
        """Settle the futures of what has ended, and follow the session's own end."""
        for event in self.session.events():
            if type(event) is Exchange:
                waiter = event.waiter
                if waiter is None or waiter.done():
                    continue
                if event.error is None:
                    waiter.set_result(event.varbinds)
                else:
                    waiter.set_exception(event.error)
                    waiter.exception()  # whoever abandons it instead of awaiting it has not forgotten it
            elif isinstance(event, Closed):
                self._shut(event.reason)
            elif isinstance(event, Unsolicited) and self._on_unsolicited is not None:
                self._on_unsolicited(self, event.message)

    def _shut(self, reason: SnmpError) -> None:
        """Close the transport after the session's end; what could not be written yet is not worth waiting for."""
        logger.debug("%s: closed: %s", self.peer, reason)
        self._cancel_timer()
        if self._hold_timer is not None:
            self._hold_timer.cancel()
            self._hold_timer = None
        if self._rate_timer is not None:
            self._rate_timer.cancel()
            self._rate_timer = None
        transport = self._transport
        if transport is None:
            return
        if transport.get_write_buffer_size():
            transport.abort()
        else:
            transport.close()

    def _flush_soon(self) -> None:
        """Flush at the end of the loop's turn."""
        if not self._flush_scheduled:
            self._flush_scheduled = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        """Write what is to be sent, in one piece."""
        self._flush_scheduled = False
        if self._paused or self._transport is None or self._record_outstanding() or self._must_wait():
            return
        session = self.session
        for exchange in list(session.unsent.values()):
            if exchange.waiter is not None and exchange.waiter.cancelled():
                session.abandon(exchange)  # its task has been cancelled, and only does not know yet
        if self._tls is None:
            messages = session.data_to_send(None if self._sending is None else 1)
        else:
            leaving = list(session.unsent.values())
            messages = session.data_to_send(MAX_RECORD_SIZE if self._sending is None else 1)
            if messages:
                first_deadline = min((exchange.deadline for exchange in leaving if exchange.sent), default=inf)
                self._record_until = min(self._loop.time() + RECORD_PATIENCE, first_deadline)
        if session.unsettled:  # one that is too long for the agent has ended instead of leaving
            self._settle()
        if not messages:
            return
        data = messages[0] if len(messages) == 1 else b"".join(messages)
        self._write(self._transport, data)
        if session.unsent:
            self._record_outstanding()  # the rest leaves in time even if this is never answered
        if self._sending is not None:
            self._sending.spend(len(data), self._loop.time())
            if session.unsent:
                self._flush_soon()

    def _write(self, transport: asyncio.Transport, data: bytes) -> None:
        self._spoken = True
        self.session.statistics.octets_sent += len(data)
        transport.write(data)
        if self._trace is not None:
            self._tell_trace("sent", data)

    def _tell_trace(self, direction: str, data: bytes) -> None:
        """Show octets to whoever looks on; what goes wrong there is no reason to lose a connection."""
        try:
            cast("PacketTrace", self._trace)(direction, data)
        except Exception:
            logger.exception("%s: the packet trace failed", self.peer)

    def _record_outstanding(self) -> bool:
        """Whether what is to be sent waits until the last TLS record has been answered.

        There are agents that read one record each time their socket becomes readable: a second record that has
        arrived with the first stays in their buffer until something else comes.  One answer shows that the whole
        record was read, for a record holds whole messages; that is so whether or not anybody still waits for it.
        An agent that does not answer is given some time to read, and no more.
        """
        if self._tls is None or not self.session.outstanding or self._loop.time() >= self._record_until:
            return False
        if self._hold_timer is None and self.session.unsent:
            self._hold_timer = self._loop.call_at(self._record_until, self._on_hold_timer)
        return True

    def _on_hold_timer(self) -> None:
        self._hold_timer = None
        self._flush()

    def _set_timer(self) -> None:
        """Let the one timer run out when the session next has something to end."""
        due = self.session.next_timer()
        if due == self._timer_at:
            return
        self._cancel_timer()
        if due != inf:
            self._timer_at = due
            self._timer = self._loop.call_at(due, self._on_timer)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._timer_at = inf

    def _on_timer(self) -> None:
        self._timer = None
        self._timer_at = inf
        self.session.handle_timer(self._loop.time())
        self._settle()
        self._set_timer()

    def _acknowledge_at_once(self) -> None:
        """Ask the kernel not to delay its acknowledgements.

        An agent that leaves Nagle's algorithm on holds back its next answer until the last one is
        acknowledged, which the kernel delays by 40 ms and more; Linux forgets the option with every read.
        Where nothing is pending, no answer can be held back.
        """
        if _QUICKACK is not None and self._socket is not None:
            try:
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
            except OSError:
                self._socket = None  # not TCP after all, or already gone: there is nothing to hurry


async def open_connection(
    host: str,
    port: int,
    session: Session,
    *,
    timeout: float,
    local_address: tuple[str, int] | None = None,
    options: SocketOptions = SocketOptions(),  # noqa: B008 - frozen
    proxy: Proxy | None = None,
    tls: ClientTls | None = None,
    packet_trace: PacketTrace | None = None,
    on_unsolicited: Callable[[Connection, bytes], None] | None = None,
    max_rate: float | None = None,
) -> Connection:
    """Connect to an agent.

    Args:
        host: name or address; a name's addresses are tried side by side (RFC 8305).
        port: the TCP port.
        session: the conversation to hold there.
        timeout: how long resolving, connecting and the TLS handshake may take, in seconds.
        local_address: address and port to connect from.
        options: what is set on the socket.
        proxy: the way there.
        tls: what to speak TLS with; ``None`` for plain TCP.
        packet_trace: see :class:`Connection`.
        on_unsolicited: see there, too.
        max_rate: see there, too.

    Raises:
        ConnectFailed: with the true reason; :class:`TlsFailed` and :class:`ProxyFailed` are two of them.

    Safe to cancel.
    """
    peer = peer_name(host, port)
    handshaking = False
    try:
        async with asyncio.timeout(timeout):
            while True:
                handshaking = False
                sock = await dial(host, port, local_address=local_address, options=options, proxy=proxy)
                handshaking = tls is not None
                connection = Connection(
                    session, peer, packet_trace, tls=tls, on_unsolicited=on_unsolicited, max_rate=max_rate
                )
                try:
                    await _converse(sock, connection, tls)
                    if not options.no_delay:
                        connection.delay_small_writes()
                    break
                except TlsFailed:
                    if tls is None or session.closed is not None or not tls.may_begin_afresh():
                        raise
    except TimeoutError as error:
        if tls is not None and handshaking:
            raise tls.failure(error, peer) from error
        raise ConnectFailed(f"cannot connect to {peer}: no answer within {timeout:g} s") from error
    session.statistics.connections += 1
    logger.debug("%s: connected", peer)
    return connection


def _session_id(ssl_object: ssl.SSLObject) -> bytes:
    """Return what tells a session from the one that the next ticket makes of it."""
    return ssl_object.session.id if ssl_object.session is not None else b""


async def _converse(sock: socket.socket, connection: Connection, tls: ClientTls | None) -> None:
    """Begin a connection over a connected socket, which is its own from here on."""
    loop = asyncio.get_running_loop()
    started = loop.time()
    session, peer = connection.session, connection.peer
    secured: dict[str, Any] = {}
    if tls is not None:
        secured = {
            "ssl": tls.context,
            "server_hostname": tls.server_hostname or "",
            "ssl_shutdown_timeout": TLS_SHUTDOWN_TIMEOUT,
        }
    try:
        await loop.create_connection(lambda: connection, sock=sock, **secured)
    except (OSError, EOFError) as error:  # ssl.SSLError is an OSError
        sock.close()
        if tls is not None:
            raise tls.failure(error, peer) from error
        raise ConnectFailed(f"cannot connect to {peer}: {reason_of(error)}") from error
    try:
        secured_by = connection.tls_session
        if secured_by is not None and (secured_by.version == "TLSv1.3" or secured_by.resumed):
            least, most = TICKET_GRACE
            await connection.wait_until_accepted(min(max(least, loop.time() - started), most))
        if session.closed is not None:
            await connection.wait_closed()
    except BaseException:
        connection.close(ClosedError("connecting was given up"))
        raise
    if session.closed is None:
        return
    if tls is None or isinstance(session.closed, TlsFailed):
        raise session.closed
    detail = "right after the handshake: it may not accept our certificate"
    raise TlsFailed(peer, TlsFailure.CLOSED, detail) from session.closed
