"""One connection's conversation: framer, codec, security and correlator as one machine without I/O.

Contains what has to happen to octets that came and to requests that go.  It has no sockets, clocks, sleeping or
logging.

Whenever something happens, the shell around it does the same steps: feed (:meth:`Session.receive_data`,
:meth:`Session.receive_eof`, :meth:`Session.handle_timer`, or a request), settle what :meth:`Session.events` gives,
send what :meth:`Session.data_to_send` gives, and set its one timer to :meth:`Session.next_timer`.  Nothing that a
peer sends makes any of these raise.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, Protocol, TypeAlias, Union, cast

from snmptcp.codec.framer import DEFAULT_MAX_MESSAGE_SIZE, Framer
from snmptcp.codec.pdu import PduType, check_fits_v1, decode_varbinds, has_more_varbinds, read_pdu_header
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
from snmptcp.protocol.correlator import Correlator
from snmptcp.protocol.discovery import Discovery, DiscoveryState
from snmptcp.protocol.exchange import Exchange, Resend
from snmptcp.protocol.ids import FIRST_ID
from snmptcp.protocol.statistics import Statistics
from snmptcp.security.model import Refused

if TYPE_CHECKING:
    from snmptcp.codec.pdu import PduHeader
    from snmptcp.protocol.deadline import Deadline
    from snmptcp.protocol.ids import RequestIds
    from snmptcp.protocol.observer import Observer
    from snmptcp.protocol.request import Request
    from snmptcp.security.model import DiscoveringModel, Opened, ReportVerdict, SecurityModel
    from snmptcp.values import VarBind

__all__ = ("Closed", "Event", "Pacing", "Session", "Unsolicited")

#: How long a message may take from its first octet to its last, in seconds.
DEFAULT_FRAME_TIMEOUT = 10.0

#: A shorter list, of less than this for each variable binding that was asked for, is decoded without counting first:
#: it costs little, and the usual answer is not looked at twice.
PLAUSIBLE_SIZE = 64

#: How many variable bindings a report, or the answer to a probe, may have; RFC 3412 section 7.1 has one.
MAX_IN_REPORT = 16

_RESPONSE = int(PduType.RESPONSE)
_REPORT = int(PduType.REPORT)
_V1 = SnmpVersion.V1
_TRAP_V1 = bytes((PduType.TRAP_V1,))  # the one PDU of another shape
_ASKED = DiscoveryState.ASKED
_KNOWN = DiscoveryState.KNOWN


class Pacing(Protocol):
    """Decides when the next messages may leave; a session tells it what became of the last ones."""

    def left(self, exchange_id: int, expires_at: float) -> None:
        """A message that should be answered leaves now."""

    def heard(self, exchange_id: int | None) -> None:
        """A message with this id has come; acceptable or not, the peer has read what left."""

    def gone(self, exchange_id: int) -> None:
        """No answer to this id is waited for any more."""


@dataclass(frozen=True, slots=True)
class Closed:
    """The conversation is over: the transport is to be closed, and nothing more is read from it."""

    reason: SnmpError


@dataclass(frozen=True, slots=True)
class Unsolicited:
    """A message that answers no request: a notification, or a discovery request that precedes one."""

    message: bytes


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

    Attributes:
        statistics: the counters.
        receptive: whether messages that answer no request become events; otherwise they are only counted.
        closed: why the conversation is over; ``None`` while it is not.
        observer: told of each message.
        pacing: decides when the next messages leave.
        exchanges: the requests that wait for an answer, by their ids.
        unsent: those among them that have not left yet.
        unsettled: what :meth:`events` gives next.
        due: a time before which :meth:`handle_timer` has nothing to do.

    The last four are for the shell to read, without a call on the hot path.
    """

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
    ) -> None:
        self.statistics = statistics or Statistics()
        self.receptive = False
        self.closed: SnmpError | None = None
        self.observer = observer
        self.pacing = pacing
        self._security = security
        self._framer = Framer(max_message_size)
        self._frame_timeout = frame_timeout
        self._frame_deadline = inf  # when the message that has begun must be complete
        self._correlator = Correlator(self.statistics, request_ids)
        self.exchanges = self._correlator.pending
        self.unsent: dict[int, Exchange] = {}
        self.unsettled: list[Event] = []
        self.due = inf
        self._discovery = Discovery()
        # The last reason that may concern any request, how many there were, and how many while a probe was on its way.
        self._common_reason: SnmpError | None = None
        self._common_reasons = 0
        self._reasons_while_asked = 0
        self._now = 0.0  # the latest time that the shell has told

    # ------------------------------------------------------------------------------------- requests

    @property
    def pending(self) -> int:
        """How many requests wait for an answer."""
        return len(self.exchanges)

    def use_security(self, security: SecurityModel) -> None:
        """Use another security model from the next request on; only while no request is pending."""
        if security is not self._security:
            self._security = security
            self._discovery.forget()

    def start(self, request: Request, deadline: Deadline, now: float, request_id: int | None = None) -> Exchange:
        """Begin a request; it leaves with the next :meth:`data_to_send`.

        Args:
            request: what to ask.
            deadline: when it ends unanswered.
            now: the time.
            request_id: an id that was taken for it before; by default the next one.

        Returns:
            The exchange.  On a closed session it fails at once, as an event like any other.
        """
        self._now = now
        exchange = self._correlator.begin(request, deadline, request_id)
        exchange.reasons_before = self._common_reasons
        self.due = min(self.due, deadline.at)
        if self.closed is None:
            self.unsent[exchange.request_id] = exchange
        else:
            self._end(exchange, self._lost(self.closed))
        return exchange

    def next_id(self) -> int:
        """Return an id for a message that is not answered."""
        return self._correlator.next_id()

    def abandon(self, exchange: Exchange) -> None:
        """Forget a request whose caller has gone: it is not sent any more, and its answer is dropped."""
        if not exchange.ended:
            self._correlator.abandon(exchange)
            self._let_go(exchange, expired=False)

    def _let_go(self, exchange: Exchange, *, expired: bool) -> None:
        """Take note that a request needs nothing any more: neither to be sent, nor an engine, nor an answer."""
        self.unsent.pop(exchange.request_id, None)
        self._discovery.end_wait(exchange, expired=expired, others_wait=bool(self.unsent))
        if self.pacing is not None:
            self.pacing.gone(exchange.request_id)

    def data_to_send(self, most: int | None = None, now: float | None = None) -> list[bytes]:
        """Return the messages to send now; each is returned once.

        Args:
            most: how many octets they may have in all; one message leaves whatever its length.  By default all
                messages leave.
            now: the time, if it may have changed since the last call.
        """
        if not self.unsent:
            return []
        if now is not None:
            self._now = now
        if not self._security.ready:
            return self._discover()
        if self._discovery.state is not _KNOWN:
            self._discovery.know()
        messages: list[bytes] = []
        protect = self._security.protect
        observer = self.observer
        pacing = self.pacing
        now = self._now
        limit = self._security.max_request_size
        peer = self._security.peer
        octets = 0
        unsent = self.unsent
        while unsent:
            exchange = next(iter(unsent.values()))
            request = exchange.request
            request_id = exchange.request_id
            octets_of_id = request_id.to_bytes(4, "big") if request_id >= FIRST_ID else _id_octets(request_id)
            try:
                message = protect(request.type, octets_of_id, request.tail, now)
            except Exception as error:  # a cipher that cannot be loaded, say: it must not stop the others
                del unsent[request_id]
                self._end(exchange, _unprotected(error))
                continue
            if most is not None and octets and octets + len(message) > most:
                break  # it is made again, and leaves, next time
            del unsent[request_id]
            if len(message) > limit:  # RFC 3412 section 6.3: the agent has announced what it accepts
                self._end(
                    exchange, ConfigurationError(f"a request of {len(message)} octets; the agent accepts {limit}")
                )
                continue
            octets += len(message)
            exchange.sent = True
            before = exchange.reasons_before  # one may have been kept while it waited for the probe
            exchange.reasons_before = before if before < self._reasons_while_asked else self._common_reasons
            exchange.peer = peer
            messages.append(message)
            if observer is not None:
                observer.message_sent(message)
            if pacing is not None:
                pacing.left(request_id, exchange.deadline.at)
            if most is not None and octets >= most:
                break
        self.statistics.requests += len(messages)
        return messages

    def _discover(self) -> list[bytes]:
        """Return the message that asks which engine answers: one for all requests that wait for it."""
        discovery = self._discovery
        if discovery.state is _ASKED:
            return []
        if discovery.state is _KNOWN:  # the security model has forgotten the engine
            discovery.forget()
        probe_id = self._correlator.next_id()
        discovery.ask(probe_id, next(iter(self.unsent.values())), self._now)
        self.due = min(self.due, discovery.deadline)
        self.statistics.probes += 1
        # Only a model that can discover is ever not ready.
        probe = cast("DiscoveringModel", self._security).probe(probe_id)
        if self.observer is not None:
            self.observer.message_sent(probe)
        if self.pacing is not None:
            self.pacing.left(probe_id, discovery.deadline)
        return [probe]

    # ---------------------------------------------------------------------------------------- time

    def next_timer(self) -> float:
        """Return when :meth:`handle_timer` is due; infinity if nothing is."""
        self.due = min(self._correlator.next_deadline(), self._frame_deadline, self._discovery.deadline)
        return self.due

    def handle_timer(self, now: float) -> None:
        """End what is overdue: requests, a probe, or the whole session if a message stopped half-way."""
        self._now = now
        for exchange in self._correlator.expire(now, self._common_reason_for):
            self._let_go(exchange, expired=True)
            self._tell_ended(exchange)
        self._discovery.handle_timer(now)
        if now >= self._frame_deadline:
            self._close(FramingError(f"a message was not complete after {self._frame_timeout:g} s"))

    # -------------------------------------------------------------------------------------- feeding

    def events(self) -> list[Event]:
        """Return what has happened since the last call, in order."""
        events = self.unsettled
        if events:
            self.unsettled = []
        return events

    def receive_data(self, data: bytes, now: float) -> None:
        """Take octets from the stream, in any chunks; what follows a loss of framing is ignored."""
        if self.closed is not None:
            return
        self._now = now
        self.statistics.octets_received += len(data)
        framer = self._framer
        messages = framer.feed(data)
        observer = self.observer
        for message in messages:
            if observer is not None:
                observer.message_received(message)
            self._receive_message(message)
        if framer.failure is not None:
            self._close(framer.failure)
        elif not framer.mid_message:
            self._frame_deadline = inf
        elif messages or self._frame_deadline == inf:
            self._frame_deadline = now + self._frame_timeout
            self.due = min(self.due, self._frame_deadline)

    def postpone_frame(self, now: float) -> None:
        """Restart the time limit of a message that has begun, because the shell itself did not read for a while."""
        if self._frame_deadline != inf:
            self._frame_deadline = now + self._frame_timeout

    def receive_eof(self, cause: SnmpError) -> None:
        """Take the end of the stream, or of the transport, with its reason."""
        self._close(cause)

    def _receive_message(self, message: bytes) -> None:
        """Take one message: open it, find its exchange, end that."""
        try:
            opened = self._security.open(message, self._now)
            data, start, stop, message_id, take_report = opened
            if data[start : start + 1] == _TRAP_V1:
                self._tell_unsolicited(message)
                return
            header = read_pdu_header(data, start, stop)
        except Refused as refused:
            self._receive_refused(message, refused)
            return
        except DecodeError as error:
            self._tell_refused(message, error)
            self._note_unreadable(error)
            return
        tag, request_id = header.tag, header.request_id
        exchange_id = request_id if message_id is None else message_id
        if self.pacing is not None:
            self.pacing.heard(exchange_id)
        exchange = self.exchanges.get(exchange_id)
        if exchange is not None and not exchange.sent:
            exchange = None  # its id has not left yet, so the peer cannot know it
        if tag == _RESPONSE:
            if exchange is None:
                if self._discovery.is_probe(message_id):
                    self._receive_probe_answer(data, header)
                else:
                    self._correlator.count_unmatched(exchange_id)
            elif request_id != exchange_id:
                mismatch = ResponseMismatch("the request-id of the reply is not its msgID's")
                self._tell_refused(message, mismatch)
                self._refuse(mismatch, exchange_id)
            else:
                self.statistics.responses += 1
                self._answer(exchange, message, data, header)
        elif tag == _REPORT and take_report is not None:
            self._receive_report(exchange, exchange_id, message, opened, header)
        else:
            self._tell_unsolicited(message)

    def _receive_refused(self, message: bytes, refused: Refused) -> None:
        """Drop a message that must not be trusted, unless it may be a notification for the program."""
        if self.receptive and not self._is_for_us(refused.exchange_id):
            self._tell_unsolicited(message)
            return
        if self.pacing is not None:
            self.pacing.heard(refused.exchange_id)
        self._tell_refused(message, refused.reason)
        self._refuse(refused.reason, refused.exchange_id)

    def _is_for_us(self, exchange_id: int | None) -> bool:
        """Whether a message that was refused may have been meant for one of the requests or probes."""
        return exchange_id is None or exchange_id in self.exchanges or self._discovery.is_probe(exchange_id)

    def _tell_unsolicited(self, message: bytes) -> None:
        """Count a message that answers no request, or make it an event if the session is receptive."""
        if self.receptive:
            self.unsettled.append(Unsolicited(message))
        else:
            self.statistics.unexpected += 1

    def _refuse(self, reason: SnmpError, exchange_id: int | None) -> None:
        """Drop a reply, and keep the reason for the exchange that it seemed to answer, or for all."""
        self.statistics.refused += 1
        if exchange_id is None or self._discovery.is_probe(exchange_id):
            self._keep_reason(reason)
            return
        exchange = self.exchanges.get(exchange_id)
        if exchange is not None and exchange.sent:
            exchange.refusal = reason

    def _receive_report(
        self, exchange: Exchange | None, message_id: int, message: bytes, opened: Opened, header: PduHeader
    ) -> None:
        """Follow a report (RFC 3412 section 7.2 step 11): learn from it, and send the request again or end it."""
        if opened.take_report is None or (exchange is None and not self._discovery.is_probe(message_id)):
            self._correlator.count_unmatched(message_id)
            return
        try:
            varbinds = _decode_few(opened.data, header)
        except DecodeError as error:
            self._tell_refused(message, error)
            self._note_unreadable(error)
            return
        self.statistics.reports += 1
        verdict = opened.take_report(varbinds, self._now)
        if self.observer is not None:
            self.observer.report_received(message, varbinds, verdict.error, probe=exchange is None)
        if exchange is None:
            self._end_probe(verdict.error)
            return
        exchange.refusal = verdict.error
        cause = self._cause_to_resend(exchange, verdict)
        if cause is not None and not exchange.resent & cause:
            self.statistics.resent += 1
            self._correlator.renew(exchange, cause)
            self.unsent[exchange.request_id] = exchange
        elif verdict.trusted:
            self._end(exchange, verdict.error)
        else:
            self.statistics.refused += 1

    def _receive_probe_answer(self, message: bytes, header: PduHeader) -> None:
        """Learn who the engine is if the model asks by an ordinary request (RFC 5343)."""
        try:
            varbinds = _decode_few(message, header)
        except DecodeError as error:
            self._note_unreadable(error)
            return
        if header.error_status:  # an agent that refuses this refuses everything else, too
            self._end_probe(agent_error(header.error_status, header.error_index, varbinds))
            return
        self._end_probe(cast("DiscoveringModel", self._security).receive_probe_answer(varbinds, self._now))

    def _cause_to_resend(self, exchange: Exchange, verdict: ReportVerdict) -> Resend | None:
        """Return why a request is worth sending once more: the engine has another time, or there is another engine.

        The news of another engine is not authenticated, and forged news could turn the engine there and back: a
        SET is sent again only to the engine that has refused it under its digest.
        """
        same_engine = exchange.peer == self._security.peer
        if verdict.resend and (same_engine or exchange.request.repeatable):
            return Resend.TIME
        if not same_engine and exchange.request.repeatable:
            return Resend.ENGINE
        return None

    def _end_probe(self, error: SnmpError) -> None:
        """Take note that the engine has answered a probe; requests that wait fail if it did not tell its ID."""
        known = self._security.ready
        self._discovery.receive_answer(known=known)
        if known:
            return
        for exchange in list(self.unsent.values()):
            del self.unsent[exchange.request_id]
            self._end(exchange, error)

    def _answer(self, exchange: Exchange, message: bytes, data: bytes, header: PduHeader) -> None:
        """End an exchange with what its response says."""
        _, _, error_status, error_index, start, end = header
        most = exchange.request.most
        if error_status:
            most = max(most, len(exchange.request.names))  # it repeats the names, however few were to be answered
        if end - start > most * PLAUSIBLE_SIZE and has_more_varbinds(data, start, end, most):
            self._end(
                exchange, ResponseMismatch(f"more than {most} variable bindings in the response, {most} requested")
            )
            return
        try:
            varbinds = decode_varbinds(data, start, end)
            if self._security.version is _V1:
                check_fits_v1(varbinds, data)
        except DecodeError as error:
            self.statistics.malformed += 1
            self._tell_refused(message, error)
            self._end(exchange, error)
            return
        if error_status:
            self._end(exchange, agent_error(error_status, error_index, varbinds))
            return
        mismatch = exchange.request.check(varbinds)
        if mismatch is not None:
            self._end(exchange, mismatch)
            return
        exchange.octets = len(message)
        self._correlator.end(exchange, varbinds, None)
        self.unsettled.append(exchange)
        if self.observer is not None:
            self.observer.exchange_ended(exchange)

    def _note_unreadable(self, error: DecodeError) -> None:
        """Keep what is wrong with a message that names no request."""
        self.statistics.malformed += 1
        self._keep_reason(error)

    def _keep_reason(self, reason: SnmpError) -> None:
        """Keep a reason for every pending request: any of them may have been meant, or may wait for a probe.

        Each request looks for it when it expires, so that a message costs the same however many are pending.
        """
        self._common_reason = reason
        self._common_reasons += 1
        if self._discovery.state is _ASKED:
            self._reasons_while_asked = self._common_reasons

    def _common_reason_for(self, exchange: Exchange) -> SnmpError | None:
        """Return why a request that expires may have got no answer, if its own answer was not refused."""
        count = self._common_reasons if exchange.sent else self._reasons_while_asked
        if count > exchange.reasons_before:
            return self._common_reason
        if exchange.sent and self._framer.mid_message:
            return FramingError("half a message has arrived")
        return None

    # ------------------------------------------------------------------------------------------ end

    def _end(self, exchange: Exchange, error: SnmpError) -> None:
        self._correlator.end(exchange, None, error)
        self._tell_ended(exchange)

    def _tell_ended(self, exchange: Exchange) -> None:
        self.unsettled.append(exchange)
        if self.observer is not None:
            self.observer.exchange_ended(exchange)

    def _tell_refused(self, message: bytes, error: SnmpError) -> None:
        if self.observer is not None:
            self.observer.message_refused(message, error)

    def _close(self, reason: SnmpError) -> None:
        """End the session and every pending exchange, once."""
        if self.closed is not None:
            return
        self.closed = reason
        self._frame_deadline = inf
        self._discovery.forget()
        self.unsent.clear()
        for exchange in list(self.exchanges.values()):
            self.statistics.lost += 1
            self._end(exchange, self._lost(reason))
        self.unsettled.append(Closed(reason))
        if self.observer is not None:
            self.observer.connection_closed(reason)

    @staticmethod
    def _lost(reason: SnmpError) -> SnmpError:
        """Return the error of one pending request: an instance of its own, with the true cause."""
        if isinstance(reason, ClosedError):
            return ClosedError(*reason.args)
        if isinstance(reason, TlsFailed):
            failed = TlsFailed(reason.peer, reason.failure, reason.detail)  # an OSError, whose args are not all
            failed.__cause__ = reason.__cause__
            return failed
        error = ConnectionLost(str(reason))
        error.__cause__ = reason.__cause__ if isinstance(reason, ConnectionLost) else reason
        return error


def _unprotected(error: Exception) -> SnmpError:
    """Return the error of a request of which no message could be made."""
    failed = SecurityError(f"the request cannot be protected: {error!r}")
    failed.__cause__ = error
    return failed


def _decode_few(data: bytes, header: PduHeader) -> tuple[VarBind, ...]:
    """Decode the variable bindings of a report, or of the answer to a probe.

    Raises:
        DecodeError: they are malformed, or too many.
    """
    if has_more_varbinds(data, header.varbinds_start, header.varbinds_end, MAX_IN_REPORT):
        raise DecodeError(f"more than {MAX_IN_REPORT} variable bindings", header.varbinds_start, data)
    return decode_varbinds(data, header.varbinds_start, header.varbinds_end)


def _id_octets(request_id: int) -> bytes:
    """Return the content octets of a request-id's INTEGER, in the shortest form."""
    return request_id.to_bytes(request_id.bit_length() // 8 + 1, "big")
