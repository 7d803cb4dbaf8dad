"""One connection's conversation: framer, codec, security and correlator as one machine without I/O.

What may live here: what has to happen to octets that came and to requests that go.  What may not: sockets,
clocks, sleeping, logging.

The shell around it does four things, in this order, whenever something happens: feed
(:meth:`Session.receive_data`, :meth:`Session.receive_eof`, :meth:`Session.handle_timer`), settle what
:meth:`Session.events` gives, send what :meth:`Session.data_to_send` gives, and set its one timer to
:meth:`Session.next_timer`.  Nothing that a peer sends makes any of these raise.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING, TypeAlias, Union, cast

from snmptcp.codec.framer import DEFAULT_MAX_MESSAGE_SIZE, Framer
from snmptcp.codec.pdu import PduType, check_fits_v1, decode_varbinds, read_pdu_header
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import (
    ClosedError,
    ConfigurationError,
    ConnectionLost,
    DecodeError,
    FramingError,
    ResponseMismatch,
    SnmpError,
    TlsFailed,
    agent_error,
)
from snmptcp.protocol.correlator import FIRST_ID, Correlator, Exchange, Resend, Statistics
from snmptcp.security.model import Refused

if TYPE_CHECKING:
    from snmptcp.codec.pdu import PduHeader
    from snmptcp.protocol.correlator import RequestIds
    from snmptcp.protocol.observer import Observer
    from snmptcp.protocol.request import Request
    from snmptcp.security.model import DiscoveringModel, Opened, ReportVerdict, SecurityModel

__all__ = ("Closed", "Event", "Session", "Unsolicited")

#: How long a message may take from its first octet to its last, in seconds.
DEFAULT_FRAME_TIMEOUT = 10.0

#: How many unanswered probes are remembered, so that a late answer is still taken.
MAX_PROBES = 16

_RESPONSE = int(PduType.RESPONSE)
_REPORT = int(PduType.REPORT)
_V1 = SnmpVersion.V1
_TRAP_V1 = bytes((PduType.TRAP_V1,))  # the one PDU of another shape


@dataclass(frozen=True, slots=True)
class Closed:
    """The conversation is over; the transport is to be closed, and nothing more is taken from it."""

    reason: SnmpError


@dataclass(frozen=True, slots=True)
class Unsolicited:
    """A message that answers no request: a notification, perhaps, or what somebody asks before one."""

    message: bytes


#: What a session tells its shell: an exchange that has ended, a message that nobody has asked for, or its own end.
#: After that one there are only exchanges that were started too late.
Event: TypeAlias = Union[Exchange, Unsolicited, Closed]


class Session:
    """A manager's side of one connection.

    Args:
        security: opens and protects messages.
        statistics: the counters to add to.
        max_message_size: the longest message that is accepted, in octets.
        frame_timeout: how long one message may take to arrive, in seconds.
        first_request_id: the id of the first request; random where it is not given.
        request_ids: where request-ids come from, in place of that.
        observer: told of each message.
    """

    def __init__(
        self,
        security: SecurityModel,
        statistics: Statistics | None = None,
        *,
        max_message_size: int = DEFAULT_MAX_MESSAGE_SIZE,
        frame_timeout: float = DEFAULT_FRAME_TIMEOUT,
        first_request_id: int | None = None,
        request_ids: RequestIds | None = None,
        observer: Observer | None = None,
    ) -> None:
        self.statistics = statistics or Statistics()
        #: Whether messages that answer no request are told, and not only counted.
        self.receptive = False
        #: Why the conversation is over; ``None`` as long as it is not.
        self.closed: SnmpError | None = None
        self._security = security
        self.observer = observer
        self._framer = Framer(max_message_size)
        self._frame_timeout = frame_timeout
        #: When the message that has begun must be complete; infinity where none has.
        self.frame_deadline = inf
        self._correlator = Correlator(self.statistics, first_request_id, request_ids)
        #: The requests that wait for an answer, by their ids.
        self.exchanges = self._correlator.pending
        #: The requests that leave with the next :meth:`data_to_send`.
        self.unsent: dict[int, Exchange] = {}
        #: The ids of the messages that left together last, as long as none of them has been answered.
        self.outstanding: frozenset[int] = frozenset()
        #: What :meth:`events` gives next.
        self.unsettled: list[Event] = []
        self._now = 0.0  # the latest time that the shell has told
        self._probes: deque[int] = deque(maxlen=MAX_PROBES)  # the msgIDs of messages that asked who the engine is
        self._asker: Exchange | None = None  # the request that made the last of them be sent
        self._probing = False  # whether those who wait for its answer still wait for the last of them

    # ------------------------------------------------------------------------------------- requests

    @property
    def pending(self) -> int:
        """How many requests wait for an answer."""
        return len(self.exchanges)

    def use_security(self, security: SecurityModel) -> None:
        """Ask as somebody else from the next request on; for a session on which nothing is pending."""
        self._security = security
        self._probes.clear()
        self._probing = False

    def start(
        self,
        request: Request,
        now: float,
        timeout: float,
        deadline: float | None = None,
        request_id: int | None = None,
    ) -> Exchange:
        """Begin a request; it leaves with the next :meth:`data_to_send`.

        It ends unanswered at the deadline, where one is given because it has begun before, or after the timeout.
        A ``request_id`` is one that was taken for it before; otherwise it gets the next one.
        On a closed session the exchange fails at once, as an event like any other.
        """
        self._now = now
        exchange = self._correlator.begin(request, timeout, now + timeout if deadline is None else deadline, request_id)
        if self.closed is None:
            self.unsent[exchange.request_id] = exchange
        else:
            self._end(exchange, self._lost(self.closed))
        return exchange

    def next_id(self) -> int:
        """Return an id for a message that nobody answers."""
        return self._correlator.next_id()

    def abandon(self, exchange: Exchange) -> None:
        """Forget a request whose caller went away: not sent if it is still here, its answer dropped."""
        self._correlator.abandon(exchange)
        self._forget_unsent(exchange)

    def _forget_unsent(self, exchange: Exchange) -> None:
        """Do not send what has ended; where nobody waits for the engine's answer any more, the next one asks anew."""
        if self.unsent.pop(exchange.request_id, None) is not None and not self.unsent:
            self._probing = False

    def data_to_send(self, most: int | None = None) -> list[bytes]:
        """Return the messages to send now; each is returned once.

        Args:
            most: how many octets they may have in all, where not everything is to leave at once; one message leaves
                whatever its length.
        """
        if not self.unsent:
            return []
        if not self._security.ready:
            return self._probe()
        self._probing = False
        messages: list[bytes] = []
        protect = self._security.protect
        observer = self.observer
        now = self._now
        limit = self._security.max_request_size
        peer = self._security.peer
        leaving = list(self.unsent.values())
        self.unsent.clear()
        octets = 0
        for position, exchange in enumerate(leaving):
            request = exchange.request
            request_id = exchange.request_id
            octets_of_id = request_id.to_bytes(4, "big") if request_id >= FIRST_ID else _id_octets(request_id)
            message = protect(request.type, octets_of_id, request.tail, now)
            if len(message) > limit:  # RFC 3412 section 6.3: the agent has said what it accepts
                text = f"a request of {len(message)} octets, and the agent accepts {limit}"
                self._end(exchange, ConfigurationError(text))
                continue
            octets += len(message)
            if most is not None and octets > most and messages:  # this one leaves with the next call, made anew
                self.unsent.update((exchange.request_id, exchange) for exchange in leaving[position:])
                break
            exchange.sent = True
            exchange.peer = peer
            messages.append(message)
            if observer is not None:
                observer.message_sent(message)
        self.statistics.requests += len(messages)
        if most is not None:
            self.outstanding = frozenset(exchange.request_id for exchange in leaving if exchange.sent)
        return messages

    def _probe(self) -> list[bytes]:
        """Return the message that asks the engine who it is, once for all requests that wait for that."""
        if self._probing:
            return []
        self._probing = True
        self._asker = next(iter(self.unsent.values()))
        probe_id = self._correlator.next_id()
        self._probes.append(probe_id)
        self.outstanding = frozenset((probe_id,))
        self.statistics.probes += 1
        # Only a model that has something to find out is ever not ready.
        probe = cast("DiscoveringModel", self._security).probe(probe_id)
        if self.observer is not None:
            self.observer.message_sent(probe)
        return [probe]

    # ---------------------------------------------------------------------------------------- time

    def next_timer(self) -> float:
        """Return when :meth:`handle_timer` is due; infinity where nothing is."""
        return min(self._correlator.next_deadline(), self.frame_deadline)

    def handle_timer(self, now: float) -> None:
        """End what is overdue: requests, or the whole session where a message stopped half-way."""
        self._now = now
        half = FramingError("half a message has arrived") if self._framer.mid_message else None
        for exchange in self._correlator.expire(now, half):
            self._forget_unsent(exchange)
            self._tell_ended(exchange)
            if exchange is self._asker:  # no answer in its time: the next one asks anew
                self._probing = False
        if now >= self.frame_deadline:
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
            self.frame_deadline = inf
        elif messages or self.frame_deadline == inf:
            self.frame_deadline = now + self._frame_timeout

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
            if self.receptive and not self._is_for_us(refused.exchange_id):
                self._tell_unsolicited(message)
            else:
                self._note_answered(refused.exchange_id)
                self._tell_refused(message, refused.reason)
                self._refuse(refused.reason, refused.exchange_id)
            return
        except DecodeError as error:
            self._tell_refused(message, error)
            self._note_unreadable(error)
            return
        tag, request_id = header.tag, header.request_id
        exchange_id = request_id if message_id is None else message_id
        if self.outstanding:
            self._note_answered(exchange_id)
        exchange = self.exchanges.get(exchange_id)
        if exchange is not None and not exchange.sent:
            exchange = None  # nobody can know that id yet
        if tag == _RESPONSE:
            if exchange is None:
                if message_id in self._probes:
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

    def _note_answered(self, exchange_id: int | None) -> None:
        """Take note that the other end has read what left together; who has asked may be gone since."""
        if exchange_id in self.outstanding:
            self.outstanding = frozenset()

    def _is_for_us(self, exchange_id: int | None) -> bool:
        """Whether a message that was refused may have been meant for one of the requests or probes."""
        return exchange_id is None or exchange_id in self.exchanges or exchange_id in self._probes

    def _tell_unsolicited(self, message: bytes) -> None:
        """Count a message that answers no request, or hand it to whoever takes such messages."""
        if self.receptive:
            self.unsettled.append(Unsolicited(message))
        else:
            self.statistics.unexpected += 1

    def _refuse(self, reason: SnmpError, exchange_id: int | None) -> None:
        """Drop a reply and keep the reason for the exchange that it seemed to be meant for, or for all."""
        self.statistics.refused += 1
        if exchange_id is None or exchange_id in self._probes:
            self._keep_reason(reason)
            return
        exchange = self.exchanges.get(exchange_id)
        if exchange is not None and exchange.sent:
            exchange.refusal = reason

    def _receive_report(
        self, exchange: Exchange | None, message_id: int, message: bytes, opened: Opened, header: PduHeader
    ) -> None:
        """Follow a report (RFC 3412 section 7.2 step 11): learn from it, and send the request again or end it."""
        if opened.take_report is None or (exchange is None and message_id not in self._probes):
            self._correlator.count_unmatched(message_id)
            return
        try:
            varbinds = decode_varbinds(opened.data, header.varbinds_start, header.varbinds_end)
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
        """Learn who the engine is where a model asks by an ordinary request (RFC 5343)."""
        try:
            varbinds = decode_varbinds(message, header.varbinds_start, header.varbinds_end)
        except DecodeError as error:
            self._note_unreadable(error)
            return
        if header.error_status:  # whoever may not ask for that may not ask for anything else either
            self._end_probe(agent_error(header.error_status, header.error_index, varbinds))
            return
        self._end_probe(cast("DiscoveringModel", self._security).receive_probe_answer(varbinds, self._now))

    def _cause_to_resend(self, exchange: Exchange, verdict: ReportVerdict) -> Resend | None:
        """Return why a request is worth sending once more: the engine has another time, or there is another engine.

        Nobody vouches for the news of another engine, and forged news could turn the engine there and back: a SET
        is sent again only to the engine that has refused it under its digest.
        """
        same_engine = exchange.peer == self._security.peer
        if verdict.resend and (same_engine or exchange.request.repeatable):
            return Resend.TIME
        if not same_engine and exchange.request.repeatable:
            return Resend.ENGINE
        return None

    def _end_probe(self, error: SnmpError) -> None:
        """Take note that the engine has answered; what it said may still not have told who it is."""
        self._probing = False
        if self._security.ready:
            self._probes.clear()
            return
        for exchange in list(self.unsent.values()):
            del self.unsent[exchange.request_id]
            self._end(exchange, error)

    def _answer(self, exchange: Exchange, message: bytes, data: bytes, header: PduHeader) -> None:
        """End an exchange with what its response says."""
        _, _, error_status, error_index, start, end = header
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
        self._correlator.end(exchange, varbinds, None)
        self.unsettled.append(exchange)
        if self.observer is not None:
            self.observer.exchange_ended(exchange)

    def _note_unreadable(self, error: DecodeError) -> None:
        """Keep what is wrong with a message that names no request."""
        self.statistics.malformed += 1
        self._keep_reason(error)

    def _keep_reason(self, reason: SnmpError) -> None:
        """Keep a reason for every pending request: any of them may have been meant, or waits for a probe."""
        for exchange in self.exchanges.values():
            if exchange.sent or self._probing:
                exchange.refusal = exchange.refusal or reason

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
        self.frame_deadline = inf
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


def _id_octets(request_id: int) -> bytes:
    """Return what stands in the INTEGER of a request-id, in its shortest form."""
    return request_id.to_bytes(request_id.bit_length() // 8 + 1, "big")
