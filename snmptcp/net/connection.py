"""The asyncio shell around a session: reads, writes, one timer.

What may live here: the transport, and handing what happens on it to :class:`snmptcp.engine.session.Session`.
What may not: any decision about SNMP.

Every callback does the same four steps: feed the session, settle the futures of what ended, flush what is
to be sent, set the one timer.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import re
import socket
import sys
import weakref
from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from snmptcp.engine.correlator import Exchange
from snmptcp.engine.session import Closed
from snmptcp.errors import ConnectFailed, ConnectionLost, SnmpError

if TYPE_CHECKING:
    from snmptcp.engine.request import Request
    from snmptcp.engine.session import Session

__all__ = ("Connection", "PacketTrace", "open_connection", "peer_name")

logger = logging.getLogger("snmptcp.connection")

#: Called with ``"sent"`` or ``"received"`` and the octets.
PacketTrace: TypeAlias = Callable[[str, bytes], None]

READ_BUFFER_SIZE = 256 * 1024

#: Seconds of silence before TCP asks whether the peer is still there, between its questions, and how many.
KEEPALIVE_IDLE = 15
KEEPALIVE_INTERVAL = 5
KEEPALIVE_COUNT = 3

#: Seconds before the next address of a name is tried beside the last one (RFC 8305 section 5).
EYEBALLS_DELAY = 0.25

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
    """

    def __init__(self, session: Session, peer: str, packet_trace: PacketTrace | None = None) -> None:
        self.session = session
        self.peer = peer
        self._trace = packet_trace
        self._loop = asyncio.get_running_loop()
        self._buffer = _read_buffer(self._loop)
        self._transport: asyncio.Transport | None = None
        self._socket: socket.socket | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = inf
        self._flush_scheduled = False
        self._paused = False
        self._held = False
        self._addresses: tuple[Any, Any] = (None, None)
        self._gone: asyncio.Future[None] = self._loop.create_future()

    # ------------------------------------------------------------------------------------- requests

    @property
    def usable(self) -> bool:
        """Whether requests can be started on this connection."""
        return self.session.closed is None

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
        alone = session.pending == 0
        exchange = session.start(request, self._loop.time(), timeout, deadline, request_id)
        exchange.waiter = self._loop.create_future()
        if exchange.ended:
            self._settle()
        elif alone:
            self._flush()
        elif not self._flush_scheduled:
            self._flush_scheduled = True
            self._loop.call_soon(self._flush)
        if deadline < self._timer_at:
            self._set_timer()
        return exchange

    def abandon(self, exchange: Exchange) -> None:
        """Forget a request: its answer, if one comes, is dropped."""
        self.session.abandon(exchange)
        exchange.waiter.cancel()

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

    async def wait_closed(self) -> None:
        """Wait until the transport has gone.  Safe to cancel."""
        await asyncio.wait((self._gone,))

    # ------------------------------------------------------------------------- the protocol's callbacks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport and prepare its socket."""
        self._transport = cast("asyncio.Transport", transport)
        self._socket = transport.get_extra_info("socket")
        self._addresses = (transport.get_extra_info("sockname"), transport.get_extra_info("peername"))
        if self._socket is not None:
            with contextlib.suppress(OSError):  # reset already: the next read will tell
                _prepare(self._socket)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - asyncio's signature
        """Return where to read to."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Take what was read: the four steps."""
        data = bytes(self._buffer[:nbytes])
        if self._trace is not None:
            self._trace("received", data)
        session = self.session
        session.receive_data(data, self._loop.time())
        self._acknowledge_at_once()
        self._settle()
        if session.unsent:  # what was received has made something leave: a report, for instance
            self._flush()
        if session.next_timer() < self._timer_at:  # a message has begun that must not take for ever
            self._set_timer()

    def eof_received(self) -> bool:
        """Take the peer's FIN: nothing more will come, so nothing is worth waiting for."""
        self.session.receive_eof(ConnectionLost(f"{self.peer} closed the connection"))
        self._settle()
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Take the end of the transport."""
        lost = ConnectionLost(f"the connection to {self.peer} was lost: {_reason(exc) if exc else 'closed'}")
        lost.__cause__ = exc
        self.session.receive_eof(lost)
        self._settle()
        if not self._gone.done():
            self._gone.set_result(None)

    def pause_writing(self) -> None:
        """Keep requests here while the peer does not read; they can still be abandoned or expire."""
        self._paused = True

    def resume_writing(self) -> None:
        """Send what was kept."""
        self._paused = False
        self._flush()
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

    def _shut(self, reason: SnmpError) -> None:
        """Close the transport after the session's end; what could not be written yet is not worth waiting for."""
        logger.debug("%s: closed: %s", self.peer, reason)
        self._cancel_timer()
        transport = self._transport
        if transport is None:
            return
        if transport.get_write_buffer_size():
            transport.abort()
        else:
            transport.close()

    def _flush(self) -> None:
        """Write what is to be sent, in one piece."""
        self._flush_scheduled = False
        if self._paused or self._transport is None:
            return
        for exchange in list(self.session.unsent.values()):
            if exchange.waiter is not None and exchange.waiter.cancelled():
                self.session.abandon(exchange)  # its task has been cancelled, and only does not know yet
        messages = self.session.data_to_send()
        self._settle()  # one that is too long for the agent has ended instead of leaving
        if not messages:
            return
        data = messages[0] if len(messages) == 1 else b"".join(messages)
        self.session.statistics.octets_sent += len(data)
        if self._trace is not None:
            self._trace("sent", data)
        self._transport.write(data)

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
        if _QUICKACK is not None and self._socket is not None and self.session.pending:
            try:
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
            except OSError:
                self._socket = None  # not TCP after all, or already gone: there is nothing to hurry


def _prepare(sock: socket.socket) -> None:
    """Send without delay, and notice a peer that has gone without a word."""
    if sock.family not in (socket.AF_INET, socket.AF_INET6):
        return
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (
        ("TCP_KEEPIDLE", KEEPALIVE_IDLE),
        ("TCP_KEEPINTVL", KEEPALIVE_INTERVAL),
        ("TCP_KEEPCNT", KEEPALIVE_COUNT),
        ("TCP_USER_TIMEOUT", 1000 * (KEEPALIVE_IDLE + KEEPALIVE_INTERVAL * KEEPALIVE_COUNT)),
    ):
        number = getattr(socket, option, None)  # not every system has every one
        if number is not None:
            sock.setsockopt(socket.IPPROTO_TCP, number, value)


def peer_name(host: str, port: int) -> str:
    """Return an agent's address for messages."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


async def open_connection(
    host: str,
    port: int,
    session: Session,
    *,
    timeout: float,
    local_address: tuple[str, int] | None = None,
    packet_trace: PacketTrace | None = None,
) -> Connection:
    """Connect to an agent.

    Args:
        host: name or address; a name's addresses are tried side by side (RFC 8305).
        port: the TCP port.
        session: the conversation to hold there.
        timeout: how long resolving and connecting may take, in seconds.
        local_address: address and port to connect from.
        packet_trace: see :class:`Connection`.

    Raises:
        ConnectFailed: with the true reason.
    """
    peer = peer_name(host, port)
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(timeout):
            _, connection = await loop.create_connection(
                lambda: Connection(session, peer, packet_trace), host, port, local_addr=local_address, **_eyeballs(loop)
            )
    except TimeoutError as error:
        reason = _reason(error) if error.errno else f"no answer within {timeout:g} s"
        raise ConnectFailed(f"cannot connect to {peer}: {reason}") from error
    except socket.gaierror as error:
        raise ConnectFailed(f"cannot connect to {peer}: {error.strerror or error}") from error
    except (OSError, ValueError) as error:
        raise ConnectFailed(f"cannot connect to {peer}: {_reason(error)}") from error
    session.statistics.connections += 1
    logger.debug("%s: connected", peer)
    return connection


def _eyeballs(loop: asyncio.AbstractEventLoop) -> dict[str, Any]:
    """Return what makes a loop try a name's addresses side by side; only asyncio's own loops can."""
    return {"happy_eyeballs_delay": EYEBALLS_DELAY} if isinstance(loop, asyncio.BaseEventLoop) else {}


def _reason(error: Exception) -> str:
    """Return what went wrong in the system's words, without its numbers and asyncio's repetition of the address."""
    errno = error.errno if isinstance(error, OSError) else None
    if errno and errno > 0:
        return os.strerror(errno)
    # Several addresses, each with a reason of its own.
    text = re.sub(r"\[Errno (\d+)\] Connect call failed", lambda found: os.strerror(int(found[1])), str(error))
    return re.sub(r"\[Errno -?\d+\] ", "", text)
