"""The asyncio shell around a session: reads, writes, one timer.

Contains the transport, and handing what happens on it to :class:`snmptcp.protocol.session.Session`.  It decides
nothing about SNMP.

Everything that happens to a connection ends in one step (:meth:`Connection._step`): settle what has ended, write what
may leave, set the timer.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import socket
import ssl
from collections import deque
from collections.abc import Callable
from itertools import islice
from math import inf
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from snmptcp.errors import ClosedError, ConnectionLost, SnmpError, TlsFailed, TlsFailure
from snmptcp.net import process
from snmptcp.net.arrivals import octets_arrived
from snmptcp.net.dialing import reason_of
from snmptcp.net.disowning import disown
from snmptcp.net.rate import RateLimit
from snmptcp.net.read_buffer import READ_BUFFER_SIZE, own_buffer, thread_buffer
from snmptcp.net.read_gate import PauseReason, ReadGate
from snmptcp.net.send_gate import SendGate
from snmptcp.net.turns import BATCH, SHORT_BATCH, turns_of
from snmptcp.protocol.exchange import Exchange
from snmptcp.protocol.session import Closed, Unsolicited
from snmptcp.protocol.tolerance import UNREADABLE

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from snmptcp.net.tls.session import ClientTls, TlsSession
    from snmptcp.protocol.deadline import Deadline
    from snmptcp.protocol.request import Request
    from snmptcp.protocol.session import Session
    from snmptcp.protocol.trace import ConnectionTrace
    from snmptcp.security.model import SecurityModel

__all__ = ("Connection", "PacketTrace")

logger = logging.getLogger("snmptcp.connection")
session_logger = logging.getLogger("snmptcp.session")

#: Called with ``"sent"`` or ``"received"`` and the octets.
PacketTrace: TypeAlias = Callable[[str, bytes], None]

#: With ``max_rate``, one read takes at most this many seconds' worth of octets.
RATE_GRAIN = 0.1

#: How many octets of unconfirmed messages may wait to be written.
MAX_OUTBOX = 64 * 1024

#: Seconds until the second look for a session ticket; each further pause is twice as long.  OpenSSL does not tell when
#: a ticket has come.
TICKET_POLL = 0.001

#: From how many waiting requests on what was read is looked at in long batches.
MANY = 8

#: A timer that runs later than this, in seconds, tells that the loop stood still, as between two blocking calls.
STOOD_STILL = 0.1

#: In how many turns of the loop octets that came meanwhile are read before a timer counts, 64 KiB in each.
MAX_CATCHING_UP = 256

_QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)


class Connection(asyncio.BufferedProtocol):
    """One TCP connection to an agent and its session.

    Args:
        session: the conversation.
        peer: the agent's name and port, for messages.
        packet_trace: called with every chunk sent and received; ``None`` costs nothing.
        tls: what checks the agent's certificate, if the transport is a TLS session.
        on_unsolicited: called with this connection and each message that answers no request.
        max_rate: how many octets per second are sent, and as many received; ``None`` for no limit.

    The callbacks must not raise (:mod:`snmptcp.net.callbacks`).

    Attributes:
        peer: the agent's name and port, for messages.
        loop: the event loop that it belongs to.
        process: the number of the process that it belongs to; a child shares the socket, and must leave it alone.
        usable: whether requests can be started on this connection.
        session: the conversation.
        tls_session: what was negotiated; ``None`` without TLS.
        trace: what an observer is told of it; ``None`` without an observer, and before it is open.
    """

    __slots__ = (
        "__weakref__",
        "_addresses",
        "_backlogged",
        "_batch",
        "_end_of_loop",
        "_first_octets",
        "_first_session_id",
        "_gone",
        "_has_sets",
        "_heard",
        "_loss",
        "_most_read",
        "_on_unsolicited",
        "_outbox",
        "_outbox_size",
        "_own_buffer",
        "_own_socket",
        "_read_gate",
        "_read_rate",
        "_reads_at",
        "_room",
        "_send_gate",
        "_socket",
        "_spoken",
        "_step_scheduled",
        "_timer",
        "_timer_at",
        "_tls",
        "_trace",
        "_transport",
        "_turns",
        "_turns_late",
        "loop",
        "peer",
        "process",
        "session",
        "tls_session",
        "trace",
        "usable",
    )

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
        session.note = functools.partial(_note, peer)
        self.peer = peer
        self.loop = asyncio.get_running_loop()
        self.tls_session: TlsSession | None = None
        self.trace: ConnectionTrace | None = None
        self.process = process.number
        self.usable = True
        self._tls = tls
        self._on_unsolicited = on_unsolicited
        self._trace = packet_trace
        self._transport: asyncio.Transport | None = None
        self._socket: socket.socket | None = None  # for options; None once they cannot be set any more
        self._own_socket: socket.socket | None = None
        self._addresses: tuple[Any, Any] = (None, None)
        self._first_session_id = b""  # of the TLS session that the handshake ended with
        self._first_octets: int | None = None  # how many had arrived then, if the system tells
        self._spoken = False  # whether anything has been written
        self._heard = False  # whether anything has come
        self._own_buffer = own_buffer(READ_BUFFER_SIZE)
        self._most_read = READ_BUFFER_SIZE
        self._read_gate = ReadGate()
        self._read_rate: RateLimit | None = None
        self._turns = turns_of(self.loop)
        self._turns_late = 0  # in how many turns in a row a timer ran late
        self._backlogged = False  # whether messages that were read wait for their turn
        self._batch = SHORT_BATCH  # how much of what was read is looked at next, without a look at the clock
        self._loss: SnmpError | None = None  # how the stream has ended meanwhile
        self._reads_at = inf  # when reading goes on, while the rate is kept to
        self._send_gate = SendGate(None if max_rate is None else RateLimit(max_rate), paced=tls is not None)
        if max_rate is not None:  # one limit for each direction
            self._read_rate = RateLimit(max_rate)
            self._most_read = max(1, int(max_rate * RATE_GRAIN))
        if tls is not None:
            session.pacing = self._send_gate
        # Messages that are not answered, before they are written, and who waits for that.
        self._outbox: deque[tuple[bytes, asyncio.Future[None]]] = deque()
        self._outbox_size = 0
        self._room: asyncio.Future[None] | None = None  # done when the outbox has room again
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = inf
        self._step_scheduled = False
        self._has_sets = False  # whether a request may wait to be sent that must not be sent twice
        self._gone: asyncio.Future[None] = self.loop.create_future()
        self._end_of_loop: AsyncGenerator[None, None] | None = None

    # ------------------------------------------------------------------------------------- requests

    @property
    def pending(self) -> int:
        """How many requests wait for an answer."""
        return self.session.pending

    @property
    def blocked(self) -> bool:
        """Whether the peer does not take what is written: more would only pile up here."""
        return self._send_gate.blocked or self._outbox_size >= MAX_OUTBOX

    @property
    def addresses(self) -> tuple[Any, Any]:
        """Our own address and the peer's, as the socket names them; they stay when the connection is over."""
        return self._addresses

    def start(self, request: Request, deadline: Deadline, request_id: int | None = None) -> Exchange:
        """Begin a request; its ``waiter`` is a future of the answer's variable bindings.

        A request that finds nothing in flight leaves at once; those that are started while others are under way leave
        together, in one write, at the end of the loop's turn.

        Args:
            request: what to ask.
            deadline: when to give up, by the loop's clock.
            request_id: an id that was taken for it before; by default the next one.
        """
        session = self.session
        loop = self.loop
        alone = not session.exchanges
        exchange = session.start(request, deadline, loop.time(), request_id)
        if not request.repeatable:
            self._has_sets = True
        exchange.waiter = loop.create_future()
        if alone or exchange.ended:
            self._step()
        else:
            self._step_soon()
        return exchange

    def abandon(self, exchange: Exchange, *, silent: bool = False) -> None:
        """Forget a request: its answer, if one comes, is dropped.

        Args:
            exchange: the request.
            silent: whether no answer is to be expected.
        """
        self.session.abandon(exchange, silent=silent)
        exchange.waiter.cancel()
        if self.session.unsent or self._outbox:
            self._step_soon()  # those behind it may go on: it was the asker of a discovery, or a record's last

    def take_id(self) -> int:
        """Return a request-id for a message that is not answered."""
        return self.session.next_id()

    def request_id_of(self, message_id: int) -> int:
        """Return the request-id of the pending request that a message with this msgID answers; 0 if there is none."""
        return self.session.request_id_of(message_id)

    def take_message_id(self) -> int:
        """Return a msgID for a message that is not answered (SNMPv3)."""
        return self.session.next_message_id()

    def send_unconfirmed(self, message: bytes) -> asyncio.Future[None]:
        """Write a message that is not answered, as soon as the peer takes it.

        Returns:
            A future that is done when the message has been written.  It fails with the connection, and its
            cancellation takes back a message that has not been written.

        Raises:
            ConnectionLost: the connection has ended.
        """
        if self._transport is None or not self.usable:
            raise ConnectionLost(f"the connection to {self.peer} has ended")
        written: asyncio.Future[None] = self.loop.create_future()
        self._outbox.append((message, written))
        self._outbox_size += len(message)
        self._step()
        return written

    def answer(self, message: bytes) -> None:
        """Write an answer to an unsolicited message, unless the peer does not read or the connection has ended."""
        if self.usable and not self.blocked and self._transport is not None:
            self.send_unconfirmed(message)

    def note_refused(self, octets: int, reason: object, *, weight: float = UNREADABLE) -> None:
        """Take note of an unsolicited message that its consumer has refused; too many end the connection.

        Args:
            octets: its size.
            reason: what is wrong with it, without secrets.
            weight: how much it counts (:class:`~snmptcp.protocol.tolerance.Tolerance`).
        """
        self.session.note_refused(octets, reason, weight=weight)
        if self.session.unsettled:
            self._step_soon()

    def note_accepted(self) -> None:
        """Take note of an unsolicited message that its consumer has accepted."""
        self.session.note_accepted()

    async def room_to_send(self) -> None:
        """Wait until the peer takes what is written, or the connection has ended.  Safe to cancel."""
        while self.usable and self.blocked:  # the end of the connection is told by send_unconfirmed
            if self._room is None or self._room.done():
                self._room = self.loop.create_future()
            await asyncio.wait((self._room, self._gone), return_when=asyncio.FIRST_COMPLETED)

    # ----------------------------------------------------------------------------------------- reading

    def hold(self, *, held: bool) -> None:
        """Stop reading, so that TCP holds what the peer sends, or go on."""
        if held:
            self._read_gate.pause(PauseReason.HELD)
        else:
            self._read_on(PauseReason.HELD, self.loop.time())

    def _read_on(self, reason: PauseReason, now: float) -> None:
        """Read again, unless there is another reason not to; restart the time limit of a message that has begun."""
        self.session.postpone_frame(now)
        self._read_gate.resume(reason)

    # ------------------------------------------------------------------------------------------ ending

    def close(self, reason: SnmpError) -> None:
        """End the connection with a FIN; what is pending fails with the reason.

        Messages that are not answered and wait to be written leave first, if the peer takes them.
        """
        self._write_outbox()
        self.session.receive_eof(reason)
        self._step()

    async def discard(self, reason: SnmpError) -> None:
        """End a connection at once, without TLS shutdown, and wait until its socket is closed.

        Safe during cancellation: the socket closes in the loop's next turn, awaited or not.
        """
        if self.abort(reason):
            await self.wait_closed()

    def abort(self, reason: SnmpError) -> bool:
        """End a connection at once, without TLS shutdown; tell whether its transport has yet to go."""
        self.session.receive_eof(reason)
        transport = self._transport
        if transport is not None:
            transport.abort()
        self._step()
        return transport is not None and not self._gone.done()

    def leave(self) -> None:
        """Give up a connection that cannot be used here: it is the parent process's, or another event loop's.

        In a child process nothing is sent and nothing is closed.  A connection of a loop that has ended is closed; one
        of a loop that may run again is closed when it does.
        """
        if self.process == process.number and not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.close, ClosedError("the manager is used in another event loop"))
        else:  # closing a child's descriptor ends nothing: the parent has its own
            transport, self._transport = self._transport, None
            if self._own_socket is not None:
                self._own_socket.close()
            if transport is not None:
                disown(transport)

    def when_closed(self, call: Callable[[], None]) -> None:
        """Have something called once the transport has gone."""
        self._gone.add_done_callback(lambda _: call())

    async def wait_closed(self) -> None:
        """Wait until the transport has gone.  Safe to cancel."""
        await asyncio.wait((self._gone,))

    async def close_with_loop(self) -> None:
        """Have the connection closed when its event loop shuts down.

        ``asyncio.run`` closes the asynchronous generators of its loop and not its transports.
        """
        self._end_of_loop = self._wait_for_end_of_loop()
        await anext(self._end_of_loop)

    async def _wait_for_end_of_loop(self) -> AsyncGenerator[None, None]:
        try:
            yield
        finally:
            if not self._gone.done():
                await self.discard(ClosedError("the event loop has ended"))

    # ---------------------------------------------------------------------------------- socket and TLS

    def own(self, sock: socket.socket) -> None:
        """Take the socket that the transport is made over."""
        self._own_socket = sock

    def use_security(self, security: SecurityModel) -> None:
        """Protect requests by another security model from the next one on; only while none is pending."""
        self.session.use_security(security)

    def receive_unsolicited(self, *, receptive: bool) -> None:
        """Pass on messages that answer no request, or only count them."""
        self.session.receptive = receptive

    def delay_small_writes(self) -> None:
        """Leave Nagle's algorithm on, which asyncio turns off on every connection."""
        if self._socket is not None and self._socket.family in (socket.AF_INET, socket.AF_INET6):
            with contextlib.suppress(OSError):  # closed already: the next read tells
                self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 0)

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
        deadline, pause = self.loop.time() + seconds, TICKET_POLL
        seen = self._first_octets
        while self.usable and self.loop.time() < deadline:
            arrived = None if self._socket is None else octets_arrived(self._socket)
            if arrived is None or arrived != seen:  # otherwise nothing can have come
                if ssl_object is None or _session_id(ssl_object) != self._first_session_id:
                    break
                seen = arrived
            await asyncio.sleep(min(pause, max(deadline - self.loop.time(), 0)))
            pause *= 2

    # ------------------------------------------------------------------------- the protocol's callbacks

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport; of a TLS session, make sure that the agent is who it should be."""
        self._transport = cast("asyncio.Transport", transport)
        self._socket = transport.get_extra_info("socket")
        self._addresses = (transport.get_extra_info("sockname"), transport.get_extra_info("peername"))
        self._read_gate.attach(self._transport, self.loop)
        if self._tls is not None:
            ssl_object = transport.get_extra_info("ssl_object")
            if self._socket is not None:
                self._first_octets = octets_arrived(self._socket)
            if ssl_object.session_reused:  # otherwise there is no id before the first ticket of TLS 1.3
                self._first_session_id = _session_id(ssl_object)
            try:
                self.tls_session = self._tls.established(ssl_object, self.peer)
            except TlsFailed as error:
                self.session.receive_eof(error)
                self._transport.abort()  # connection_lost settles

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 - asyncio's signature
        """Return where to read to."""
        buffer = self._read_buffer()
        return buffer if self._most_read >= len(buffer) else buffer[: self._most_read]

    def _read_buffer(self) -> memoryview:
        return thread_buffer() if self._own_buffer is None else self._own_buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Take what was read."""
        data = bytes(self._read_buffer()[:nbytes])
        self._heard = True
        if self._trace is not None:
            self._trace("received", data)
        session = self.session
        now = self.loop.time()
        if self._read_rate is not None:
            self._keep_to_rate(self._read_rate.spend(nbytes, now), now)
        waiting = len(session.exchanges)
        try:
            session.receive_data(data, now, self._batch)
            if session.backlogged:
                self._work_off(productive=self._look_back(waiting))
        except BaseException:  # ctrl-C in a callback: the rest of what was read is looked at all the same
            if session.backlogged:
                self._go_on_later()
            raise
        if session.exchanges:
            self._acknowledge_at_once()
        self._step()

    def eof_received(self) -> bool:
        """Take the peer's FIN: nothing more will come, so nothing is worth waiting for."""
        self._end_stream(ConnectionLost(f"{self.peer} closed the connection"))
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """Take the end of the transport."""
        self._transport = None  # asyncio's TLS refers to this protocol and holds large buffers
        self._read_gate.detach()
        self._end_stream(self._loss_of(exc))
        if not self._gone.done():
            self._gone.set_result(None)
        if self._end_of_loop is not None:  # it has nothing left to close: this ends it without waiting
            with contextlib.suppress(StopIteration, RuntimeError):  # RuntimeError: it is what closes the connection
                self._end_of_loop.aclose().send(None)
            self._end_of_loop = None

    def _end_stream(self, loss: SnmpError) -> None:
        """Take the end of the stream, when all that came before it has been looked at."""
        if self.session.backlogged:
            self.usable = False
            self._loss = self._loss or loss
            return
        self.session.receive_eof(loss)
        self._step()

    def _loss_of(self, exc: Exception | None) -> SnmpError:
        """Return what to tell of the transport's end."""
        reason = "closed" if exc is None else reason_of(exc)
        if self._tls is not None and isinstance(exc, ssl.SSLError):
            failed = self._tls.failure(exc, self.peer)
            refused = failed.failure is TlsFailure.REFUSED_BY_PEER and not self._heard
            if refused or not self._spoken:
                return failed  # an alert: TLS 1.3 refuses certificates that late
            # What was sent may have been carried out: that is no failure to connect.
            reason = f"the TLS session broke ({_words_of(failed)})"
            exc = failed
        lost = ConnectionLost(f"the connection to {self.peer} was lost: {reason}")
        lost.__cause__ = exc
        return lost

    def pause_writing(self) -> None:
        """Keep requests here while the peer does not read; they can still be abandoned or expire."""
        self._send_gate.blocked = True

    def resume_writing(self) -> None:
        """Send what was kept."""
        self._send_gate.blocked = False
        self._step()
        self._tell_room()
        if self.session.observer is not None:
            self.session.observer.ready_to_send()

    # ---------------------------------------------------------------------------------- the backlog

    def _work_off(self, *, productive: bool) -> None:
        """Look at what else was read, as long as this turn of the loop has time, and at the rest in the next ones.

        Args:
            productive: whether answers may be among it (:meth:`_look_back`); otherwise all of it can wait.
        """
        if self._backlogged:
            return  # this transport reads although it is paused: it is behind the rest
        has_time = self._turns.has_time
        if not (productive and has_time()) or self._look_at_more(has_time):
            self._go_on_later()

    def _go_on_later(self) -> None:
        """Look at the rest in the next turns of the loop, and read nothing until then."""
        if not self._backlogged:
            self._backlogged = True
            self._read_gate.pause(PauseReason.BACKLOG)
            self._turns.go_on(self._go_on)

    def _look_at_more(self, has_time: Callable[[], bool]) -> bool:
        """Look at more of what was read, at one batch at least, and return whether something is left.

        It ends when what follows cannot be an answer, as in a flood: other connections go first.
        """
        session = self.session
        while session.backlogged:
            waiting = len(session.exchanges)
            session.receive_more(self.loop.time(), self._batch)
            self._settle()  # unsolicited messages cost their time here
            if not self._look_back(waiting) or not has_time():
                break
        return session.backlogged

    def _look_back(self, waiting: int) -> bool:
        """Return whether more answers may follow the last batch; the next one is short if few or none may.

        Args:
            waiting: how many requests waited for an answer before it.
        """
        expected = len(self.session.exchanges)
        productive = 0 < expected < waiting
        self._batch = BATCH if productive and expected >= MANY else SHORT_BATCH
        return productive

    def _go_on(self) -> bool:
        """Take a slice of a turn, and return whether another one is needed."""
        try:
            unfinished = self._look_at_more(self._turns.slice())
        except Exception as error:  # it ends with what asyncio would end it with in a read, and does not stand still
            lost = ConnectionLost(f"the connection to {self.peer} was lost: {error!r}")
            lost.__cause__ = error
            self.session.receive_eof(lost)
            self._step()
            raise
        if unfinished:
            self._step()
            return True
        self._backlogged = False
        now = self.loop.time()
        if self._loss is not None:
            self.session.receive_eof(self._loss)
        self.session.handle_timer(now)  # what has become due meanwhile; its answer may have been in the backlog
        self._read_on(PauseReason.BACKLOG, now)
        self._step()
        return False

    # --------------------------------------------------------------------------------------- the step

    def _step_soon(self) -> None:
        """Take the step at the end of the loop's turn."""
        if not self._step_scheduled:
            self._step_scheduled = True
            self.loop.call_soon(self._scheduled_step)

    def _scheduled_step(self) -> None:
        self._step_scheduled = False
        self._step()

    def _step(self) -> None:
        """Do what everything that happens to a connection ends in."""
        session = self.session
        if session.unsettled:
            self._settle()
        if session.unsent or self._outbox:
            self._transmit()
            if session.unsettled:  # a request that is too long for the agent ends instead of leaving
                self._settle()
                if session.unsent and session.room:  # it has left its place to the next one
                    self._step_soon()
            if session.unsent or self._outbox:  # the rest leaves when the gate opens
                self._set_timer()
        if session.due < self._timer_at:
            self._set_timer()

    def _settle(self) -> None:
        """Settle the futures of what has ended, and follow the session's own end."""
        events = iter(self.session.events())
        try:
            for event in events:
                if type(event) is Exchange:
                    waiter = event.waiter
                    if waiter is None or waiter.done():
                        continue
                    if event.error is None:
                        waiter.set_result(event.varbinds)
                    else:
                        waiter.set_exception(event.error)
                        waiter.exception()  # a caller that abandons it does not look at it
                elif isinstance(event, Closed):
                    self._shut(event.reason)
                elif isinstance(event, Unsolicited) and self._on_unsolicited is not None:
                    self._on_unsolicited(self, event.message)
        except BaseException:  # a callback was interrupted by ctrl-C: the others are settled all the same
            self.session.unsettled[:0] = events
            self._step_soon()
            raise

    def _transmit(self) -> None:
        """Write what may leave now, in as few pieces as the gate allows."""
        gate, session = self._send_gate, self.session
        now = self.loop.time()
        if gate.is_plain:
            if not gate.blocked and self._transport is not None:
                if self._outbox:
                    self._write(self._take_from_outbox(None))
                if session.unsent:
                    self._write(self._take_requests(None, now))
            return
        while self._transport is not None:
            if self._outbox and gate.opens_at(now, traps=True) <= now:
                octets = self._write(self._take_from_outbox(gate.limit))
                if not octets:
                    continue  # they had been cancelled
            elif session.unsent and gate.opens_at(now) <= now:
                octets = self._write(self._take_requests(gate.limit, now))
                if not octets:
                    return  # they wait for the engine
            else:
                return
            gate.sent(octets, now)

    def _take_requests(self, most: int | None, now: float) -> list[bytes]:
        """Return the requests that leave next."""
        session = self.session
        room = session.room
        count = most if room is None else room
        while True:
            gone = [
                exchange
                for exchange in islice(session.unsent.values(), count)
                if exchange.waiter is not None and exchange.waiter.cancelled()
            ]
            for exchange in gone:
                session.abandon(exchange)  # its task was cancelled but has not run yet
            if not gone or count is None:
                break
        if self._has_sets:
            if self._peer_has_ended():
                self.eof_received()
                return []
            messages = session.data_to_send(most, now)
            self._has_sets = bool(session.unsent)
            return messages
        return session.data_to_send(most, now)

    def _peer_has_ended(self) -> bool:
        """Whether the peer's FIN has come, and the loop has not told of it yet.

        Some agents close after each answer.  A SET that is written after that is lost, and it must not be sent twice.
        """
        if self._tls is not None or not self.usable:
            return False
        return self._peek() == b""

    def _peek(self) -> bytes | None:
        """Return what is read next: one octet, nothing at the end of the stream, or ``None`` if nothing has come."""
        if self._own_socket is None:
            return None
        try:
            return self._own_socket.recv(1, socket.MSG_PEEK)
        except OSError:
            return None  # nothing has come; or the next read tells what is wrong

    def _take_from_outbox(self, most: int | None) -> list[bytes]:
        """Return the messages without an answer that leave next."""
        messages: list[bytes] = []
        octets = 0
        while self._outbox:
            message, written = self._outbox[0]
            if messages and most is not None and octets + len(message) > most:
                break
            self._outbox.popleft()
            self._outbox_size -= len(message)
            if not written.cancelled():
                written.set_result(None)
                octets += len(message)
                messages.append(message)
        self._tell_room()
        return messages

    def _write_outbox(self) -> None:
        """Write what waits in the outbox, whatever the pace: there is no later."""
        if self._outbox and self._transport is not None and not self._send_gate.blocked:
            self._write(self._take_from_outbox(None))

    def _write(self, messages: list[bytes]) -> int:
        """Write messages in one piece, and return how many octets that were."""
        if not messages:
            return 0
        data = messages[0] if len(messages) == 1 else b"".join(messages)
        self._spoken = True
        self.session.statistics.octets_sent += len(data)
        cast("asyncio.Transport", self._transport).write(data)
        if self._trace is not None:
            self._trace("sent", data)
        return len(data)

    def _tell_room(self) -> None:
        if self._room is not None and not self._room.done():
            self._room.set_result(None)

    def _shut(self, reason: SnmpError) -> None:
        """Close the transport after the session's end; what could not be written yet is not waited for."""
        logger.debug("%s: closed: %s", self.peer, reason.text)
        self.usable = False
        self._cancel_timer()
        self._forget_outbox(reason)
        transport = self._transport
        if transport is None or transport.is_closing():
            return
        if transport.get_write_buffer_size():
            transport.abort()
        else:
            transport.close()

    def _forget_outbox(self, reason: SnmpError) -> None:
        """Fail the messages that could not be written."""
        for _, written in self._outbox:
            if not written.done():
                error = type(reason)(*reason.args) if isinstance(reason, ClosedError) else ConnectionLost(reason.text)
                error.__cause__ = reason
                written.set_exception(error)
                written.exception()  # an acknowledgement is not waited for
        self._outbox.clear()
        self._outbox_size = 0
        self._tell_room()

    # ------------------------------------------------------------------------------------------- time

    def _set_timer(self) -> None:
        """Let the one timer run out when something is next due."""
        if self.session.backlogged:
            return  # each slice ends in a step, and the last one looks at what is due
        due = min(self.session.next_timer(), self._reads_at)
        if self.session.unsent or self._outbox:
            now = self.loop.time()
            opens_at = self._send_gate.opens_at(now, traps=bool(self._outbox))
            if now < opens_at < due:
                due = opens_at
        if due < self._timer_at:  # a timer that runs out too early sets the next one
            self._cancel_timer()
            self._timer_at = due
            self._timer = self.loop.call_at(due, self._on_timer)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            self._timer_at = inf

    def _on_timer(self) -> None:
        now = max(self.loop.time(), self._timer_at)  # uvloop's timers may run up to 1 ms early
        lateness = now - self._timer_at
        self._send_gate.note_lateness(lateness, now)
        self._timer = None
        self._timer_at = inf
        if now >= self._reads_at:
            self._reads_at = inf
            self._read_on(PauseReason.RATE, now)
        catches_up = self._is_catching_up(lateness)
        if catches_up or not self._read_gate.is_open:
            self.session.postpone_frame(now)
        if not (catches_up or self.session.backlogged):  # the answer to what is due may be there
            self.session.handle_timer(now)
        self._step()

    def _is_catching_up(self, lateness: float) -> bool:
        """Whether octets wait to be read that came while the loop stood still: answers in time, perhaps.

        A loop reads before it looks at its timers, but only so many octets.
        """
        self._turns_late = self._turns_late + 1 if lateness > STOOD_STILL else 0
        if not 0 < self._turns_late <= MAX_CATCHING_UP or not self._read_gate.is_open:
            return False
        return bool(self._peek())

    def _keep_to_rate(self, seconds: float, now: float) -> None:
        """Read nothing for so many seconds."""
        if seconds:
            self._reads_at = now + seconds
            self._read_gate.pause(PauseReason.RATE)
            self._set_timer()

    def _acknowledge_at_once(self) -> None:
        """Ask the kernel not to delay its acknowledgements.

        An agent that leaves Nagle's algorithm on holds back its next answer until the last one is
        acknowledged, which the kernel delays by 40 ms and more; Linux forgets the option with every read.
        If nothing is pending, no answer can be held back.
        """
        if _QUICKACK is not None and self._socket is not None:
            try:
                self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
            except OSError:
                self._socket = None  # not TCP after all, or already gone: there is nothing to hurry


def _note(peer: str, text: str, *arguments: object) -> None:
    """Log what a session says."""
    if session_logger.isEnabledFor(logging.DEBUG):
        plain = [each.text if isinstance(each, SnmpError) else each for each in arguments]
        session_logger.debug("%s: " + text, peer, *plain)  # noqa: G003 - two parts of one format


def _words_of(failed: TlsFailed) -> str:
    """Return why a session broke: OpenSSL's words, unless they do not tell it."""
    if failed.failure is TlsFailure.RENEGOTIATION:
        return str(failed.failure.value)
    return failed.detail or str(failed.failure.value)


def _session_id(ssl_object: ssl.SSLObject) -> bytes:
    """Return what tells a session from the one that the next ticket makes of it.

    CPython loses some 6 KiB of memory with each read of ``session``, up to 3.13 at least, so it is read only when
    something has come.
    """
    session = ssl_object.session
    return session.id if session is not None else b""
