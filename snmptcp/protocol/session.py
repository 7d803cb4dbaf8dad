"""One connection's conversation: framer, codec, security and correlator as one machine without I/O.

Contains: what has to happen to octets that came and to requests that go, and in which order.  Does not contain:
sockets, clocks, sleeping or logging, and what has a module of its own beside this one: which answer belongs to which
request (``correlator``), what a response says (``responses``), the engine's probes (``probes``), why there may be no
answer (``reasons``), and how much may be outstanding (``in_flight``) or refused (``tolerance``).

Whenever something happens, the shell around it does the same steps: feed (:meth:`Session.receive_data`,
:meth:`Session.receive_eof`, :meth:`Session.handle_timer`, or a request), settle what :meth:`Session.events` gives,
send what :meth:`Session.data_to_send` gives, and set its one timer to :meth:`Session.next_timer`.  Nothing that a
peer sends makes any of these raise.
"""

from __future__ import annotations

import contextlib
from itertools import islice
from math import inf
from typing import TYPE_CHECKING, Protocol, TypeAlias, Union, cast

from snmptcp.codec.framer import DEFAULT_MAX_MESSAGE_SIZE, NO_LIMIT, Framer
from snmptcp.codec.pdu import PduType, read_pdu_header
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import (
    ClosedError,
    ConfigurationError,
    ConnectionLost,
    DecodeError,
    FramingError,
    ResponseMismatch,
    SecurityError,
    SnmpError,
    TlsFailed,
    agent_error,
)
from snmptcp.protocol.correlator import Correlator, hastened_error
from snmptcp.protocol.exchange import NOT_RESENT, Exchange, Resend
from snmptcp.protocol.ids import FIRST_ID
from snmptcp.protocol.in_flight import InFlight
from snmptcp.protocol.probes import Probes, Wanted
from snmptcp.protocol.reasons import Reasons
from snmptcp.protocol.responses import Responses, Unusable, decode_few
from snmptcp.protocol.statistics import Statistics
from snmptcp.protocol.tolerance import DEFAULT_MAX_UNREADABLE, ODD, UNREADABLE, Tolerance
from snmptcp.security.model import Refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.codec.pdu import PduHeader
    from snmptcp.protocol.deadline import Deadline
    from snmptcp.protocol.ids import RequestIds
    from snmptcp.protocol.observer import Observer
    from snmptcp.protocol.request import Request
    from snmptcp.security.model import DiscoveringModel, Opened, Origin, ReportVerdict, SecurityModel

__all__ = ("Closed", "Event", "Pacing", "Session", "Unsolicited")

#: How long a message may take from its first octet to its last, in seconds.
DEFAULT_FRAME_TIMEOUT = 10.0

_RESPONSE = int(PduType.RESPONSE)
_REPORT = int(PduType.REPORT)
_V3 = SnmpVersion.V3
_NOTIFICATIONS = frozenset(bytes((tag,)) for tag in (PduType.TRAP_V1, PduType.TRAP_V2, PduType.INFORM))
_NO_LIMIT = 0x7FFFFFFF


class Pacing(Protocol):
    """Decides when the next messages may leave; a session tells it what became of the last ones."""

    def left(self, exchange_id: int, expires_at: float) -> None:
        """A message that should be answered leaves now."""

    def heard(self, exchange_id: int | None) -> None:
        """A message with this id has come; acceptable or not, the peer has read what left."""

    def gone(self, exchange_id: int) -> None:
        """No answer to this id is waited for any more."""


class Closed:
    """The conversation is over: the transport is to be closed, and nothing more is read from it."""

    __slots__ = ("reason",)

    def __init__(self, reason: SnmpError) -> None:
        self.reason = reason


class Unsolicited:
    """A message that answers no request: a notification, or a discovery request that precedes one."""

    __slots__ = ("message",)

    def __init__(self, message: bytes) -> None:
        self.message = message


#: What a session tells its shell: an exchange that has ended, an unsolicited message, or its own end.  After its end
#: there are only exchanges that were started too late.
Event: TypeAlias = Union[Exchange, Unsolicited, Closed]


class Session:
    """A manager's side of one connection.

    Args:
        security: opens and protects messages.
        statistics: the counters to add to.
        max_message_size: the longest message that is accepted, in octets.
        frame_timeout: how long one message may take to arrive, in seconds.
        request_ids: where request-ids come from; random ids by default.
        observer: told of each message; it must not raise.
        pacing: told what leaves and what comes, if it decides when the next messages leave.
        max_unreadable: how many messages that cannot be read or are refused may come at once before the session
            closes; ``None`` for any number.
        max_in_flight: how many requests may be outstanding at once; ``None`` for any number.
        strict: whether to refuse what breaks a rule of the RFCs without harm (docs/leniency.md).
        report_grace: how long a request waits for a better answer once a reply to it was refused, in seconds; it then
            fails with the reason.  ``None`` to wait until its deadline.

    Attributes:
        statistics: the counters.
        receptive: whether messages that answer no request become events; otherwise they are only counted.
        closed: why the conversation is over; ``None`` while it is not.
        answered: whether the peer has answered a request, or told which engine it is.
        observer: told of each message.
        note: called with a text with ``%s`` and its arguments for what explains the conversation and is rare; ``None``
            to say nothing.
        pacing: decides when the next messages leave.
        exchanges: the requests that wait for an answer, by the id that it will have: their msgID, or request-id.
        unsent: those among them that have not left yet.
        unsettled: what :meth:`events` gives next.
        due: a time before which :meth:`handle_timer` has nothing to do.
        backlogged: whether messages that came wait for :meth:`receive_more`.

    The last five are for the shell to read, without a call on the hot path.
    """

    __slots__ = (
        "_correlator",
        "_frame_deadline",
        "_frame_timeout",
        "_framer",
        "_hastened",
        "_in_flight",
        "_interrupted",
        "_now",
        "_probes",
        "_reasons",
        "_report_grace",
        "_responses",
        "_security",
        "_strict",
        "_tolerance",
        "answered",
        "backlogged",
        "closed",
        "due",
        "exchanges",
        "note",
        "observer",
        "pacing",
        "receptive",
        "statistics",
        "unsent",
        "unsettled",
    )

    def __init__(
        self,
        security: SecurityModel,
        statistics: Statistics | None = None,
        *,
        max_message_size: int = DEFAULT_MAX_MESSAGE_SIZE,
        frame_timeout: float = DEFAULT_FRAME_TIMEOUT,
        request_ids: RequestIds | None = None,
        observer: Observer | None = None,
        pacing: Pacing | None = None,
        max_unreadable: int | None = DEFAULT_MAX_UNREADABLE,
        max_in_flight: int | None = None,
        strict: bool = False,
        report_grace: float | None = None,
    ) -> None:
        self.statistics = statistics or Statistics()
        self._strict = strict
        self._report_grace = report_grace
        self._hastened = False  # whether requests that wait for a probe's answer may have been hastened
        self.receptive = False
        self.closed: SnmpError | None = None
        self.answered = False
        self.observer = observer
        self.note: Callable[..., None] | None = None
        self.pacing = pacing
        self._security = security
        self._framer = Framer(max_message_size)
        self._frame_timeout = frame_timeout
        self._frame_deadline = inf  # when the message that has begun must be complete
        self._correlator = Correlator(self.statistics, request_ids)
        self._correlator.has_message_ids = security.version is _V3
        self._responses = Responses(security.version, self.statistics, strict=strict)
        self.exchanges = self._correlator.pending
        self.unsent: dict[int, Exchange] = {}
        self.unsettled: list[Event] = []
        self.due = inf
        self.backlogged = False
        self._interrupted: list[bytes] = []  # what was cut from the stream and not looked at, because of ctrl-C
        self._tolerance = Tolerance(max_unreadable)
        self._in_flight = InFlight(max_in_flight)
        self._reasons = Reasons()
        self._probes = Probes(security, self._correlator.next_message_id)
        self._now = 0.0  # the latest time that the shell has told

    # ------------------------------------------------------------------------------------- requests

    @property
    def pending(self) -> int:
        """How many requests wait for an answer."""
        return len(self.exchanges)

    @property
    def room(self) -> int | None:
        """How many requests may leave now; ``None`` for any number."""
        if self._in_flight.limit is None:  # the usual case
            return None
        return self._in_flight.room(len(self.exchanges) - len(self.unsent) + self._probes.under_way)

    def use_security(self, security: SecurityModel) -> None:
        """Use another security model from the next request on; only while no request is pending."""
        if security is not self._security:
            self._security = security
            self._correlator.has_message_ids = security.version is _V3
            self._responses.version = security.version
            self._probes.use_security(security)

    def carry(self, earlier: Session) -> None:
        """Take over what an earlier session with the same agent has learnt.

        That is how much of what cannot be read it has brought, and, for a few seconds, a proof of the engine's time:
        some agents close the connection after each answer, and a SET would leave on none of their connections.
        """
        self._tolerance.carry(earlier._tolerance)
        self._probes.carry(earlier._probes)

    def start(self, request: Request, deadline: Deadline, now: float, request_id: int | None = None) -> Exchange:
        """Begin a request; it leaves with the next :meth:`data_to_send`.

        Args:
            request: what to ask.
            deadline: when it ends unanswered.
            now: the time.
            request_id: a request-id that was taken for it before; by default the next one.

        Returns:
            The exchange.  On a closed session it fails at once, as an event like any other.
        """
        self._now = now
        exchange = self._correlator.begin(request, deadline, request_id)
        self._reasons.begin(exchange)
        if deadline.at < self.due:  # noqa: PLR1730 - min() costs a call on the hot path
            self.due = deadline.at
        if self.closed is None:
            self.unsent[exchange.message_id] = exchange
        else:
            self._end(exchange, self._lost(self.closed))
        return exchange

    def next_id(self) -> int:
        """Return a request-id for a message that is not answered."""
        return self._correlator.next_id()

    def request_id_of(self, message_id: int) -> int:
        """Return the request-id of the pending request that a message with this msgID answers; 0 if there is none."""
        exchange = self.exchanges.get(message_id) or self._probes.request_for_proof(message_id)
        return 0 if exchange is None else exchange.request_id

    def next_message_id(self) -> int:
        """Return a msgID for a message that is not answered."""
        return self._correlator.next_message_id()

    def abandon(self, exchange: Exchange, *, silent: bool = False) -> None:
        """Forget a request whose caller has gone: it is not sent any more, and its answer is dropped.

        Args:
            exchange: the request.
            silent: whether no answer is to be expected, so that the next request need not wait for it.
        """
        if not exchange.ended:
            if exchange.sent and not silent:
                self._in_flight.abandon(exchange.message_id, self._now)
                self.due = min(self.due, self._in_flight.next_deadline())
            self._correlator.abandon(exchange, self._now)
            self._let_go(exchange, expired=False)

    def _let_go(self, exchange: Exchange, *, expired: bool) -> None:
        """Take note that a request needs nothing any more: neither to be sent, nor an engine, nor an answer."""
        self.unsent.pop(exchange.message_id, None)
        self._probes.end_wait(exchange, expired=expired, others_wait=bool(self.unsent))
        if self.pacing is not None:
            self.pacing.gone(exchange.message_id)

    def data_to_send(self, most: int | None = None, now: float | None = None) -> list[bytes]:
        """Return the messages to send now; each is returned once.

        Args:
            most: how many octets they may have in all; one message leaves whatever its length.  By default all
                messages leave for which there is :attr:`room`.
            now: the time, if it may have changed since the last call.
        """
        if not self.unsent:
            return []
        if now is not None:
            self._now = now
        security = self._security
        peer = security.peer
        if peer is None and not security.ready:
            return self._ask(Wanted.ENGINE)
        messages: list[bytes] = []
        probes: list[bytes] = []
        protect = security.protect
        observer, pacing, reasons = self.observer, self.pacing, self._reasons
        now = self._now
        limit = security.max_request_size
        if peer is not None and (self._hastened or self._probes.may_know_more()):  # communities wait for no engine
            self._end_waits(now)
        octets = 0
        most = _NO_LIMIT if most is None else most
        unsent = self.unsent
        # Taking the first one again and again would cost all that have left; none has less than one octet.
        count = most if self._in_flight.limit is None else min(most, self._places(now))
        for exchange in tuple(unsent.values()) if len(unsent) <= count else tuple(islice(unsent.values(), count)):
            request = exchange.request
            request_id = exchange.request_id
            message_id = exchange.message_id
            octets_of_id = request_id.to_bytes(  # the shortest form
                4 if request_id >= FIRST_ID else request_id.bit_length() // 8 + 1, "big"
            )
            try:
                if not request.repeatable and not self._look_at_proof(now):
                    probes = self._ask_for_proof(octets, most)
                    break
                message = protect(request.type, message_id, octets_of_id, request.tail, now)
            except Exception as error:  # a cipher that cannot be loaded, say: it must not stop the others
                del unsent[message_id]
                self._end(exchange, _unprotected(error))
                continue
            if octets and octets + len(message) > most:
                break  # it is made again, and leaves, next time
            del unsent[message_id]
            if len(message) > limit:  # RFC 3412 section 6.3: the agent has announced what it accepts
                self._end(
                    exchange, ConfigurationError(f"a request of {len(message)} octets; the agent accepts {limit}")
                )
                continue
            octets += len(message)
            exchange.sent = True
            reasons.leave(exchange)
            exchange.peer = peer
            messages.append(message)
            if observer is not None:
                observer.message_sent(message)
            if pacing is not None:
                pacing.left(message_id, exchange.deadline.at)
        self.statistics.requests += len(messages)
        return messages + probes if probes else messages

    def _end_waits(self, now: float) -> None:
        """Let requests leave that have waited for the engine, which is known now, or for a proof that has come."""
        self._probes.know_engine()
        self._look_at_proof(now)

    def _look_at_proof(self, now: float) -> bool:
        """Whether a SET may leave.

        Requests that a probe's answer lets leave have their whole time again, whatever reply was refused before.
        """
        proved = self._probes.proved(now)
        if self._hastened:
            self._hastened = not proved
            for exchange in self.unsent.values():
                if proved or exchange.request.repeatable:
                    self._correlator.restore(exchange)
        return proved

    def _places(self, now: float) -> int:
        """Return how many requests may leave now, with ``max_in_flight``."""
        self._probes.proved(now)  # if a probe has been answered, it is not outstanding any more
        return cast("int", self.room)

    def _ask(self, wanted: Wanted) -> list[bytes]:
        """Return the message that asks which engine answers, or has it prove its time: one for all that wait."""
        asker = next(iter(self.unsent.values()))
        probe = self._probes.ask(wanted, asker, self._now, room=self.room != 0)
        if probe is None:
            return []
        self.due = min(self.due, probe.deadline)
        self.statistics.probes += 1
        if self.note is not None:
            self.note("a probe leaves to %s; %s requests wait for it", wanted.value, len(self.unsent))
        if self.observer is not None:
            self.observer.message_sent(probe.message)
        if self.pacing is not None:
            self.pacing.left(probe.message_id, probe.deadline)
        return [probe.message]

    def _ask_for_proof(self, octets: int, most: int) -> list[bytes]:
        """Return what has the engine prove its time, but not behind messages whose size is limited: then next time."""
        return self._ask(Wanted.PROOF) if not octets or most == _NO_LIMIT else []

    # ---------------------------------------------------------------------------------------- time

    def next_timer(self) -> float:
        """Return when :meth:`handle_timer` is due; infinity if nothing is."""
        self.due = min(
            self._correlator.next_deadline(),
            self._frame_deadline,
            self._probes.next_deadline(),
            self._in_flight.next_deadline(),
        )
        return self.due

    def handle_timer(self, now: float) -> None:
        """End what is overdue: requests, a probe, or the whole session if a message stopped half-way."""
        self._now = now
        limit = self._in_flight.limit
        for exchange in self._correlator.expire(now, self._reason_for):
            if limit is not None and not exchange.sent and exchange.error is not None:
                exchange.error.hint = f"it has not left; max_in_flight is {limit}"
            self._let_go(exchange, expired=True)
            self._tell_ended(exchange)
        self._probes.handle_timer(now)
        self._in_flight.handle_timer(now)
        if now >= self._frame_deadline:
            self._close(FramingError(f"a message was not complete after {self._frame_timeout:g} s"))

    # -------------------------------------------------------------------------------------- feeding

    def events(self) -> list[Event]:
        """Return what has happened since the last call, in order."""
        events = self.unsettled
        if events:
            self.unsettled = []
        return events

    def receive_data(self, data: bytes, now: float, budget: int = NO_LIMIT) -> None:
        """Take octets from the stream, in any chunks; what follows a loss of framing is ignored.

        Args:
            data: the octets.
            now: the time.
            budget: how much to look at now, as :meth:`Framer.feed` counts it; by default all.  If it is not enough,
                ``backlogged`` is set, and nothing more is to be read before :meth:`receive_more` has taken the rest.
        """
        if self.closed is not None:
            return
        self._now = now
        self.statistics.octets_received += len(data)
        messages = self._framer.feed(data, budget)
        # The usual case: the octets are one message, so nothing is incomplete, and nothing waits.
        if len(messages) == 1 and messages[0] is data and not self._interrupted:
            self._frame_deadline = inf
            if self.observer is not None:
                self.observer.message_received(data)
            self._receive_message(data)
        else:
            self._receive_messages(messages)

    def receive_more(self, now: float, budget: int = NO_LIMIT) -> None:
        """Take more of the messages that have come."""
        if self.closed is None:
            self._now = now
            self._receive_messages(self._framer.more(budget))

    def _receive_messages(self, messages: list[bytes]) -> None:
        framer = self._framer
        observer = self.observer
        if self._interrupted:
            messages = [*self._interrupted, *messages]
            self._interrupted = []
        taken = 0
        try:
            for message in messages:
                taken += 1
                if observer is not None:
                    observer.message_received(message)
                self._receive_message(message)
                if self.closed is not None:
                    return
        except BaseException:  # ctrl-C in a callback; answers behind this message end their requests all the same
            self._interrupted = messages[taken:]
            self.backlogged = self.closed is None
            raise
        self.backlogged = framer.waiting
        if framer.failure is not None:
            self._close(framer.failure)
        elif not framer.mid_message:
            self._frame_deadline = inf
        elif messages or self._frame_deadline == inf:
            self._frame_deadline = self._now + self._frame_timeout
            self.due = min(self.due, self._frame_deadline)

    @property
    def mid_message(self) -> bool:
        """Whether a message has begun and is not complete."""
        return self._frame_deadline != inf

    def postpone_frame(self, now: float) -> None:
        """Restart the time limit of a message that has begun, because the shell itself did not read for a while."""
        if self._frame_deadline != inf:
            self._frame_deadline = now + self._frame_timeout

    def receive_eof(self, cause: SnmpError) -> None:
        """Take the end of the stream, or of the transport, with its reason."""
        self._close(cause)

    def _receive_message(self, message: bytes) -> None:
        """Take one message: open it, find its exchange, end that."""
        opened = None
        try:
            opened = self._security.open(message)
            data, start, stop, message_id, origin = opened
            header = read_pdu_header(data, start, stop)
        except Refused as refused:
            self._receive_refused(message, refused)
            return
        except DecodeError as error:
            odd = self._receive_malformed(message, opened, error)
            if odd is None or opened is None:
                return
            header = odd
        tag, request_id = header.tag, header.request_id
        exchange_id = request_id if message_id is None else message_id
        if self.pacing is not None:
            self.pacing.heard(exchange_id)
        exchange = self.exchanges.get(exchange_id)
        if exchange is not None and not exchange.sent:
            exchange = None  # its id has not left yet, so the peer cannot know it
        if tag == _RESPONSE:
            if exchange is None and not self._probes.is_probe(message_id):
                self._count_unmatched(exchange_id, message)
            elif origin is None or self._accept(exchange, exchange_id, message, origin):
                if exchange is None:
                    self._receive_probe_answer(exchange_id, opened, header)
                elif request_id == exchange.request_id:
                    self.statistics.responses += 1
                    self.answered = True
                    self._answer(exchange, message, data, header)
                else:
                    self._refuse_mismatch(exchange_id, message)
        elif tag == _REPORT and origin is not None:
            self._receive_report(exchange, exchange_id, message, opened, header)
        else:
            self._tell_unsolicited(message)

    def _receive_malformed(self, message: bytes, opened: Opened | None, error: DecodeError) -> PduHeader | None:
        """Take a message whose PDU cannot be read as it should be; return its header if it is read all the same.

        Octets behind a PDU or its variable bindings are ignored.
        """
        if opened is not None:
            if opened.data[opened.start : opened.start + 1] in _NOTIFICATIONS:
                self._tell_unsolicited(message)  # of SNMPv1, or one that is read leniently
                return None
            if not self._strict:
                with contextlib.suppress(DecodeError):
                    header = read_pdu_header(opened.data, opened.start, opened.stop, exact=False)
                    self.statistics.malformed += 1
                    return header
        self._tell_refused(message, error)
        self._note_unreadable(error, message)
        return None

    def _accept(self, exchange: Exchange | None, message_id: int, message: bytes, origin: Origin) -> bool:
        """Whether a response comes from the engine that was asked, in time (RFC 3412 section 7.2 step 12)."""
        security: DiscoveringModel = self._security  # type: ignore[assignment]  # only SNMPv3 has an origin; cast() is a call
        asked = self._probes.engine_of(message_id) if exchange is None else exchange.peer
        try:
            security.accept(origin, asked, self._now)
        except SecurityError as reason:
            self._tell_refused(message, reason)
            self._refuse(reason, message_id, message)
            return False
        if security.timed:
            self._probes.receive_proof(asked, self._now)
        return True

    def _refuse_mismatch(self, message_id: int, message: bytes) -> None:
        """Drop a response that has the msgID of a request, and another request-id."""
        mismatch = ResponseMismatch("the reply has the msgID of the request, and another request-id")
        self._tell_refused(message, mismatch)
        self._refuse(mismatch, message_id, message)

    def _receive_refused(self, message: bytes, refused: Refused) -> None:
        """Drop a message that must not be trusted, unless it may be a notification for the program."""
        if self.receptive and not self._is_for_us(refused.exchange_id):
            self._tell_unsolicited(message)
            return
        if self.pacing is not None:
            self.pacing.heard(refused.exchange_id)
        self._tell_refused(message, refused.reason)
        self._refuse(refused.reason, refused.exchange_id, message)

    def _is_for_us(self, exchange_id: int | None) -> bool:
        """Whether a message that was refused may have been meant for one of the requests or probes."""
        return exchange_id is None or exchange_id in self.exchanges or self._probes.is_probe(exchange_id)

    def _tell_unsolicited(self, message: bytes) -> None:
        """Count a message that answers no request, or make it an event if the session is receptive."""
        if self.receptive:
            self.unsettled.append(Unsolicited(message))
        else:
            self.statistics.unexpected += 1
            self._tolerate(ODD, len(message), "a message that answers no request")

    def _count_unmatched(self, exchange_id: int, message: bytes) -> None:
        """Count an answer that nothing waits for."""
        self._in_flight.receive_answer(exchange_id)
        weight = self._correlator.count_unmatched(exchange_id)
        kind = "msgID" if self._correlator.has_message_ids else "request-id"
        whose = "which no request has had" if weight == UNREADABLE else "that of an earlier request"
        mismatch = ResponseMismatch(f"the reply has {kind} {exchange_id}, {whose}")
        self._keep_reason(mismatch)
        if weight:
            self._tolerate(weight, len(message), mismatch)

    def note_refused(self, octets: int, reason: object, *, weight: float = UNREADABLE) -> None:
        """Take note of an unsolicited message that its consumer has refused; too many end the session."""
        self._tolerate(weight, octets, reason)

    def note_accepted(self) -> None:
        """Take note of an unsolicited message that its consumer has accepted."""
        if self._tolerance.level:
            self._tolerance.forgive()

    def _tolerate(self, weight: float, octets: int, reason: object) -> None:
        """Count what cannot be read or is refused, and end the session if it is too much."""
        excess = self._tolerance.note(weight, octets, self._now, reason)
        if excess is not None and self.closed is None:
            self.statistics.floods += 1
            self._close(excess)

    def _refuse(self, reason: SnmpError, exchange_id: int | None, message: bytes) -> None:
        """Drop a reply, and keep the reason for the exchange that it seemed to answer, or for all."""
        self.statistics.refused += 1
        if exchange_id is None:
            self._keep_reason(reason)
        elif self._probes.is_probe(exchange_id):
            self._keep_reason(reason)
            self._hasten_waiting(exchange_id, reason)
        else:
            exchange = self.exchanges.get(exchange_id)
            if exchange is not None and exchange.sent:
                self._note_refusal(exchange, reason)
        self._tolerate(UNREADABLE, len(message), reason)

    def _note_refusal(self, exchange: Exchange, reason: SnmpError) -> None:
        """Keep why a reply to a request was refused; with ``report_grace`` it ends soon, unless it leaves again."""
        exchange.refusal = reason
        if self._report_grace is not None and exchange.message_id not in self.unsent:
            self._hasten(exchange, reason, self._report_grace)

    def _hasten(self, exchange: Exchange, reason: SnmpError, grace: float) -> None:
        self._correlator.hasten(exchange, self._now + grace, reason)
        self.due = min(self.due, exchange.deadline.at)

    def _hasten_waiting(self, probe_id: int, reason: SnmpError) -> None:
        """Let the requests end soon that wait for the answer to a probe, since a reply to it was refused.

        They are looked at once for each probe, so that refused replies cost the same however many requests wait.
        """
        if self._report_grace is None or not self._probes.refuse(probe_id):
            return
        self._hastened = True
        everything = self._probes.asks_for_engine(probe_id)  # only a SET waits for a proof
        for exchange in self.unsent.values():
            if everything or not exchange.request.repeatable:
                self._hasten(exchange, reason, self._report_grace)

    def _receive_report(
        self, exchange: Exchange | None, message_id: int, message: bytes, opened: Opened, header: PduHeader
    ) -> None:
        """Follow a report (RFC 3412 section 7.2 step 11): learn from it, and send the request again or end it."""
        if opened.origin is None or (exchange is None and not self._probes.is_probe(message_id)):
            self._count_unmatched(message_id, message)
            return
        try:
            varbinds = decode_few(opened.data, header)
        except DecodeError as error:
            if self._strict or not self._probes.asks_for_engine(message_id):
                self._tell_refused(message, error)
                self._note_unreadable(error, message)
                return
            varbinds = ()  # the engine that it names can be read, which is what the probe asks for
        self.statistics.reports += 1
        asked = self._probes.engine_of(message_id) if exchange is None else exchange.peer
        proved = self._probes.proved_by(asked)
        model = cast("DiscoveringModel", self._security)
        verdict = model.receive_report(opened.origin, asked, varbinds, self._now, proved=proved)
        if verdict.authentic:
            self._probes.receive_proof(asked, self._now)
        if self.observer is not None:
            probe = self._probes.asks_for_engine(message_id)
            self.observer.report_received(message, varbinds, verdict.error, probe=probe)
        if self.note is not None and not self._probes.asks_for_engine(message_id):
            self.note("a report has come, %s: %s", "authentic" if verdict.authentic else "not authentic", verdict.error)
        if exchange is None:
            self._end_probe(message_id, verdict)
            return
        cause = self._cause_to_resend(exchange, verdict)
        if cause is not None and not exchange.resent & cause:
            exchange.refusal = verdict.error
            self._resend(exchange, cause)
        elif verdict.trusted:
            self._end(exchange, verdict.error)
        else:
            self._note_refusal(exchange, verdict.error)
            self.statistics.refused += 1
            self._tolerate(UNREADABLE, len(message), verdict.error)

    def _resend(self, exchange: Exchange, cause: Resend) -> None:
        """Send a request once more, under a new msgID unless the cause may be forged: then both answers count."""
        self.statistics.resent += 1
        if self.note is not None:
            why = "its engine ID" if cause is Resend.ENGINE else "its time"
            self.note("request %s is sent again, since the engine has told %s", exchange.request_id, why)
        self.unsent.pop(exchange.message_id, None)
        self._correlator.restore(exchange)
        if cause is Resend.TIME_HINT:
            exchange.resent |= cause
        else:
            self._correlator.renew(exchange, cause, self._now)
        self.unsent[exchange.message_id] = exchange

    def _receive_probe_answer(self, message_id: int, opened: Opened, header: PduHeader) -> None:
        """Learn who the engine is if the model asks by an ordinary request (RFC 5343), or that it has proved its time.

        The proof of its time is in the security parameters, whatever the response says.
        """
        if not self._probes.asks_for_engine(message_id):
            return
        try:
            varbinds = decode_few(opened.data, header)
        except DecodeError as error:
            self._note_unreadable(error, opened.data)
            return
        model = cast("DiscoveringModel", self._security)
        failure = model.receive_probe_answer(cast("Origin", opened.origin), varbinds, self._now)
        if header.error_status:  # an agent that refuses this refuses everything else, too
            failure = agent_error(header.error_status, header.error_index, varbinds)
        self._end_discovery(failure)

    def _cause_to_resend(self, exchange: Exchange, verdict: ReportVerdict) -> Resend | None:
        """Return why a request is worth sending once more: the engine has another time, or there is another engine.

        A SET leaves once, whatever a report says.
        """
        if not exchange.request.repeatable:
            return None
        if verdict.resend:
            return Resend.TIME if verdict.authentic else Resend.TIME_HINT
        return Resend.ENGINE if exchange.peer != self._security.peer else None

    def _end_probe(self, message_id: int, verdict: ReportVerdict) -> None:
        """Take note that the engine has answered a probe by a report."""
        if self._probes.asks_for_engine(message_id):
            self._end_discovery(verdict.error)
        elif verdict.resend and not verdict.authentic and self._probes.ask_for_proof_again():
            self.statistics.resent += 1
        elif verdict.trusted and not verdict.authentic:  # a report that refuses the user refuses what waits, too
            self._probes.receive_denial()
            self._fail_unsent(verdict.error)
        elif not verdict.trusted:
            self.statistics.refused += 1
            self._keep_reason(verdict.error)
            self._hasten_waiting(message_id, verdict.error)

    def _end_discovery(self, error: SnmpError) -> None:
        """Take note that the engine has answered a probe; requests that wait fail if it did not tell its ID."""
        known = self._probes.receive_engine()
        self.answered |= known
        if self.note is not None:
            self._note_discovery(error, known=known)
        if not known:
            self._fail_unsent(error)

    def _note_discovery(self, error: SnmpError, *, known: bool) -> None:
        """Tell what the answer to a probe has taught."""
        note, engine = self.note, getattr(self._security, "engine", None)
        if note is None:
            return
        if not known or engine is None:
            note("the answer to the probe names no engine: %s", error)
            return
        info = engine.info(self._now)
        note("its engine is %s, boots %s, time %s", info.engine_id.hex(), info.boots, info.time)

    def _fail_unsent(self, error: SnmpError) -> None:
        for exchange in list(self.unsent.values()):
            del self.unsent[exchange.message_id]
            self._end(exchange, error)

    def _answer(self, exchange: Exchange, message: bytes, data: bytes, header: PduHeader) -> None:
        """End an exchange with what its response says."""
        if self._tolerance.level:
            self._tolerance.forgive()
        if exchange.resent is not NOT_RESENT:
            self.unsent.pop(exchange.message_id, None)  # the first answer has come before it has left again
        varbinds = self._responses.read(exchange.request, data, header)
        if type(varbinds) is Unusable:  # isinstance() costs more on the hot path
            self._end_unusable(exchange, message, varbinds)
            return
        exchange.octets = len(message)
        self._correlator.end(exchange, varbinds, None)
        self.unsettled.append(exchange)
        if self.observer is not None:
            self.observer.exchange_ended(exchange)

    def _end_unusable(self, exchange: Exchange, message: bytes, response: Unusable) -> None:
        """End an exchange whose response does not answer it; the request has paid for it, unless it is long."""
        fault = response.fault
        if fault is not None and response.unreadable:
            self._tell_refused(message, fault)
        self._end(exchange, response.error)
        if fault is not None:
            self._tolerate(0.0, len(message), fault)

    def _note_unreadable(self, error: DecodeError, message: bytes) -> None:
        """Keep what is wrong with a message that names no request."""
        self.statistics.malformed += 1
        self._keep_reason(error)
        self._tolerate(UNREADABLE, len(message), error)

    def _keep_reason(self, reason: SnmpError) -> None:
        """Keep a reason for every pending request: any of them may have been meant, or may wait for a probe."""
        self._reasons.keep(reason, asked=self._probes.under_way > 0)

    def _reason_for(self, exchange: Exchange) -> SnmpError | None:
        """Return why a request that expires may have got no answer, if its own answer was not refused."""
        reason = self._reasons.reason_for(exchange)
        if reason is None and exchange.sent and self._framer.mid_message:
            return FramingError("half a message has arrived")
        return reason

    # ------------------------------------------------------------------------------------------ end

    def _end(self, exchange: Exchange, error: SnmpError) -> None:
        if exchange.resent is not NOT_RESENT:
            self.unsent.pop(exchange.message_id, None)
        self._correlator.end(exchange, None, error)
        self._tell_ended(exchange)

    def _tell_ended(self, exchange: Exchange) -> None:
        self.unsettled.append(exchange)
        if self.observer is not None:
            self.observer.exchange_ended(exchange)

    def _tell_refused(self, message: bytes, error: SnmpError) -> None:
        if self.note is not None:
            self.note("a reply of %s octets is refused: %s", len(message), error)
        if self.observer is not None:
            self.observer.message_refused(message, error)

    def _close(self, reason: SnmpError) -> None:
        """End the session and every pending exchange, once."""
        if self.closed is not None:
            return
        self.closed = reason
        self.backlogged = False
        self._framer.drop()
        self._frame_deadline = inf
        self._probes.end()
        self.unsent.clear()
        for exchange in list(self.exchanges.values()):
            self.statistics.lost += 1
            refusal = None if isinstance(reason, ClosedError) else hastened_error(exchange)
            self._end(exchange, refusal or self._lost(reason))
        self.unsettled.append(Closed(reason))
        if self.observer is not None:
            self.observer.connection_closed(reason)

    @staticmethod
    def _lost(reason: SnmpError) -> SnmpError:
        """Return the error of one pending request: an instance of its own, with the true cause."""
        if isinstance(reason, ClosedError):
            return ClosedError(*reason.args)
        if isinstance(reason, TlsFailed):
            failed = TlsFailed(reason.peer or "", reason.failure, reason.detail)  # an OSError, whose args are not all
            failed.__cause__ = reason.__cause__
            return failed
        error = ConnectionLost(reason.text)
        error.__cause__ = reason.__cause__ if isinstance(reason, ConnectionLost) else reason
        return error


def _unprotected(error: Exception) -> SnmpError:
    """Return the error of a request of which no message could be made."""
    failed = SecurityError(f"the request cannot be protected: {error!r}")
    failed.__cause__ = error
    return failed
