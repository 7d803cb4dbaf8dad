"""One connection that a server has accepted: whole messages in, octets out (RFC 3430).

Contains: framing, the order of messages, backpressure, closing and resetting.  Does not contain: listening
(:mod:`snmptcp.net.server`), limits (:mod:`snmptcp.net.limits`), the content of messages.

If a peer does not read its answers, nothing more is read from it until it does.  So at most one write buffer of answers
and one read of requests wait for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from typing import TYPE_CHECKING, cast

from snmptcp.codec.framer import Framer
from snmptcp.errors import ClosedError, TransportError
from snmptcp.net.read_buffer import own_buffer, thread_buffer
from snmptcp.net.read_gate import PauseReason, ReadGate
from snmptcp.net.tls.acceptor import LINGER_RESET
from snmptcp.net.turns import turns_of
from snmptcp.protocol.tolerance import UNREADABLE, Tolerance

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.codec.framer import CutOff
    from snmptcp.net.limits import Shortage
    from snmptcp.net.server import Server
    from snmptcp.net.tls.session import TlsSession

__all__ = ("ServerConnection",)

#: The most octets of one read; requests are small, and what was read waits here while its peer does not read answers.
READ_SIZE = 16 * 1024

#: How many octets of answers wait before nothing more is read, if waiting octets are limited.
WRITE_BUFFER_SIZE = 16 * 1024

#: What Python takes for a message beside its octets.
_MESSAGE = 64
#: How much is delivered between two looks at the clock, as :meth:`snmptcp.codec.framer.Framer.feed` counts it: a few
#: short messages, each of which may take a digest and a decryption.
BATCH = 4 * 1024


class ServerConnection(asyncio.BufferedProtocol):
    """One accepted connection.  :class:`Server` makes it; callbacks send their answers on it.

    Attributes:
        number: 1 for the first connection that the server accepted, and so on.
        peer: the peer's address, as the socket names it.
        tls: the TLS session; ``None`` without TLS.
        opened_at: the time when it was accepted, by the event loop's clock; pauses of the owner are added to it.
        received_at: the time of the last octets, or of the end of a pause.
        frame_began: the time when the current, incomplete message began; ``None`` between messages.  Pauses are added
            to it; further octets of the message do not change it.
        is_proved: whether the peer has sent an accepted message, and so does not give way to other connections.
        is_held: whether the owner has paused it.
        ended_empty: whether the peer has closed it without sending an octet.
        flooded: whether too many messages were refused; the connection is about to close.
    """

    __slots__ = (
        "__weakref__",
        "_backlogged",
        "_cut_off",
        "_empty",
        "_framer",
        "_held_since",
        "_loop",
        "_messages",
        "_own_buffer",
        "_reading",
        "_reason",
        "_server",
        "_tolerance",
        "_transport",
        "_turns",
        "_undelivered",
        "closed",
        "ended_empty",
        "flooded",
        "frame_began",
        "is_proved",
        "number",
        "opened_at",
        "peer",
        "received_at",
        "tls",
    )

    def __init__(self, server: Server, number: int) -> None:
        self.number = number
        self.peer: object = None
        self.tls: TlsSession | None = None
        self._server = server
        self._framer = Framer(server.max_message_size)
        self._own_buffer = own_buffer(READ_SIZE)
        self._messages: list[bytes] = []  # complete, not handled yet; a batch at most
        self._transport: asyncio.Transport | None = None
        self._reading = ReadGate()
        self._loop = asyncio.get_running_loop()
        self.opened_at = self.received_at = self._loop.time()
        self.frame_began: float | None = None
        self.is_proved = not server.needs_proof
        self.ended_empty = False
        self._empty = True  # no octets were received
        self._held_since: float | None = None
        self._undelivered = 0  # the memory of the complete messages that wait, at most
        self._reason: Exception | None = None
        self._tolerance = Tolerance(server.max_unreadable)
        self.flooded = False
        self._cut_off: CutOff | None = None
        self._turns = turns_of(self._loop)
        self._backlogged = False  # whether messages that were read wait for their turn
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def is_closing(self) -> bool:
        """Whether nothing more can be sent."""
        return self._transport is None or self._transport.is_closing()

    def send(self, octets: bytes) -> None:
        """Write octets; discard them if the connection is closing."""
        if not self.is_closing:
            self._open_transport.write(octets)
            if PauseReason.PEER_DOES_NOT_READ in self._reading:
                self._count_octets()

    def close(self) -> None:
        """Close gracefully: send what was written, then FIN."""
        self._empty = False  # not the peer has closed it
        if not self.is_closing:
            self._drop_messages()
            self._open_transport.close()

    def accepted(self) -> None:
        """Take note of an accepted message."""
        if self._tolerance.level:
            self._tolerance.forgive()
        self.prove()

    def refused(self, octets: int, reason: object, *, weight: float = UNREADABLE) -> None:
        """Take note of a message that cannot be read or is refused; too many end the connection.

        Args:
            octets: its size.
            reason: what is wrong with it, without secrets.
            weight: how much it counts (:class:`~snmptcp.protocol.tolerance.Tolerance`).
        """
        excess = self._tolerance.note(weight, octets, self._loop.time(), reason)
        if excess is None or self.flooded:
            return
        self.flooded = True
        self._reason = excess
        self._drop_messages()
        # In the next turn of the loop: callbacks may collect what they send, and send it at the end of this one.
        self._loop.call_soon(self._end_flood)

    def _end_flood(self) -> None:
        """Close; a peer that does not read what was written is not waited for."""
        if not self.is_closing and self._open_transport.get_write_buffer_size():
            self._open_transport.abort()
        self.close()

    @property
    def cut_off(self) -> CutOff | None:
        """The message inside which the connection has ended; ``None`` if there is none, or too much was refused."""
        return None if self.flooded else self._cut_off or self._framer.cut_off

    def _drop_messages(self) -> None:
        self._cut_off = self.cut_off
        self._messages.clear()
        self._framer.drop()

    def reset(self) -> None:
        """Close at once with RST; discard what was written and is not sent yet."""
        self._empty = False
        if self._transport is None:
            return
        sock = self._transport.get_extra_info("socket")
        if sock is not None and sock.fileno() >= 0:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_RESET)
        self._drop_messages()
        self._transport.abort()

    def pause(self) -> None:
        """Stop reading and delivering messages; TCP makes the peer wait."""
        if self._held_since is None:
            self._held_since = self._loop.time()
        self._reading.pause(PauseReason.HELD)

    def resume(self) -> None:
        """Deliver the messages that have waited and read on, unless a callback pauses again."""
        self.received_at = self._loop.time()
        if self._held_since is not None:
            held = self.received_at - self._held_since
            self._held_since = None
            self.opened_at += held
            if self.frame_began is not None:
                self.frame_began += held
        self._reading.resume(PauseReason.HELD)
        self._handle_messages()

    @property
    def is_held(self) -> bool:
        """Whether the owner has paused it."""
        return self._held_since is not None

    def prove(self) -> None:
        """Note that the peer has sent an accepted message: it does not give way to other connections any more."""
        if not self.is_proved:
            self.is_proved = True
            self._server.limits.prove(self)

    def give_way(self, shortage: Shortage) -> None:
        """Reset the connection because others need its room."""
        self._reason = TransportError(f"the connection was reset: {shortage.value}")
        self.reset()

    def fail(self, error: BaseException) -> None:
        """Reset the connection because one of its callbacks has raised."""
        self._reason = error if isinstance(error, Exception) else None
        self.reset()

    def take_messages(self) -> list[bytes]:
        """Remove and return the complete messages that were not delivered yet."""
        messages = [*self._messages, *self._framer.more()]
        self._messages.clear()
        return messages

    @property
    def _open_transport(self) -> asyncio.Transport:
        if self._transport is None:
            raise ClosedError("the connection is not open")
        return self._transport

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport; asyncio's contract."""
        self._transport = cast("asyncio.Transport", transport)
        if self._server.limits.max_octets is not None:
            # Octets are counted from this mark on.  The default of asyncio, 64 KiB, is 64 MiB for 1,000 connections.
            self._transport.set_write_buffer_limits(WRITE_BUFFER_SIZE)
        self._reading.attach(self._transport, self._loop)
        self.peer = transport.get_extra_info("peername")
        sock = transport.get_extra_info("socket")
        if sock is not None:
            # No delay: a response must not wait for the acknowledgement of the previous one.  Keep-alive: a peer that
            # has disappeared silently must not keep its place for ever.
            with contextlib.suppress(OSError):  # macOS: EINVAL if the peer has reset it; the first read tells
                self._server.socket_options.set_before_connecting(sock)
        self._server.connected(self)

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - asyncio's signature
        """Return where to read to; asyncio's contract."""
        return self._read_buffer()[:READ_SIZE]

    def _read_buffer(self) -> memoryview:
        return thread_buffer() if self._own_buffer is None else self._own_buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Process received octets; asyncio's contract."""
        if self.flooded:
            return
        self._empty = False
        budget = BATCH if self._turns.has_time() else 1  # one message, if others have used up this turn
        self._take(self._framer.feed(bytes(self._read_buffer()[:nbytes]), budget))
        self._handle_messages()
        self._undelivered = sum(map(len, self._messages)) + _MESSAGE * len(self._messages)
        self._count_octets()

    def _take(self, messages: list[bytes]) -> None:
        """Take messages that have been cut from the stream."""
        self.received_at = self._loop.time()
        if not self._framer.mid_message:
            self.frame_began = None
        elif messages or self.frame_began is None:
            self.frame_began = self.received_at
        self._messages.extend(messages)

    def eof_received(self) -> None:
        """Let the transport send what was written, and close; asyncio's contract.

        Every request before the peer's FIN has been delivered: while one waits, nothing is read, not even the FIN.
        """

    def pause_writing(self) -> None:
        """Stop reading from a peer that does not read; asyncio's contract."""
        self._reading.pause(PauseReason.PEER_DOES_NOT_READ)
        self._count_octets()

    def resume_writing(self) -> None:
        """Go on with the messages that have waited; asyncio's contract."""
        self._reading.resume(PauseReason.PEER_DOES_NOT_READ)
        self._handle_messages()
        self._count_octets()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tell the server; asyncio's contract."""
        self._transport = None
        self._reading.detach()
        self.ended_empty = self._empty
        if not self.closed.done():
            self.closed.set_result(None)
        self._server.disconnected(self, self._reason or exc)
        self._drop_messages()

    def _handle_messages(self) -> None:
        """Deliver messages, unless reading is paused; those that this turn of the loop has no time for, in the next."""
        unfinished = True  # also if ctrl-C interrupts a callback
        try:
            unfinished = self._deliver(self._turns.has_time)
        finally:
            if unfinished:
                self._go_on_later()

    def _go_on_later(self) -> None:
        """Deliver the rest in the next turns of the loop, and read nothing until then."""
        if not self._backlogged:
            self._backlogged = True
            self._reading.pause(PauseReason.BACKLOG)
            self._turns.go_on(self._go_on)

    def _go_on(self) -> bool:
        """Deliver messages for a slice of a turn, and return whether another one is needed."""
        has_time = self._turns.slice()
        try:
            if not self._messages and self._framer.waiting:
                self._take(self._framer.more(BATCH))
            unfinished = self._deliver(has_time)
        except Exception as error:  # it ends with what asyncio would end it with in a read, and does not stand still
            self._reason = error
            self.reset()
            raise
        self._count_octets()
        if unfinished:
            return True
        self._backlogged = False
        self._reading.resume(PauseReason.BACKLOG)
        return False

    def _deliver(self, has_time: Callable[[], bool]) -> bool:
        """Deliver messages as long as there is time, and return whether some are left that may be delivered."""
        while self._reading.is_open_but_for(PauseReason.BACKLOG):
            if self._messages:
                self._server.on_message(self, self._messages.pop(0))
            elif not self._framer.waiting:
                break
            elif has_time():
                self._take(self._framer.more(BATCH))
            else:
                return True
        if not self._messages:
            self._undelivered = 0
        if self._framer.failure is not None and not self._messages and not self.flooded:
            self._reason = self._framer.failure  # RFC 3430 section 2.1: close when framing is lost
            # In the next turn of the loop: callbacks may collect what they send, and send it at the end of this one.
            self._loop.call_soon(self.close)
        return False

    def _count_octets(self) -> None:
        """Tell the limits how many octets wait here."""
        limits = self._server.limits
        if limits.max_octets is None or self._transport is None:
            return
        unread = self._transport.get_write_buffer_size() if PauseReason.PEER_DOES_NOT_READ in self._reading else 0
        limits.hold(self, self._framer.held + self._undelivered + unread)
