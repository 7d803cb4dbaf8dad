"""Which answer belongs to which request, and what becomes of a request that gets none.

Contains the pending exchanges of one connection, their deadlines, and the ways in which they end.  It knows neither
octets nor what an answer means.

Every exchange ends exactly once, in :meth:`Correlator.end`.
"""

from __future__ import annotations

from collections import OrderedDict
from math import copysign, inf
from typing import TYPE_CHECKING

from snmptcp.errors import ConfigurationError, RequestTimeout
from snmptcp.protocol.deadline import Deadline
from snmptcp.protocol.exchange import Exchange, Resend
from snmptcp.protocol.ids import LAST_ID, MessageIds, RandomIds
from snmptcp.protocol.tolerance import ODD, UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.errors import SnmpError
    from snmptcp.protocol.ids import RequestIds
    from snmptcp.protocol.request import Request
    from snmptcp.protocol.statistics import Statistics
    from snmptcp.values import VarBind

__all__ = ("Correlator", "hastened_error")

#: Exchanges whose deadlines are this close together (in seconds) expire together.
TIMER_GRANULARITY = 0.005

#: The same for each pending exchange, since each look for the expired ones looks at all: with 20,000 pending ones it
#: is 20 ms.  So the looks take little of a CPU, however many are pending.
TIMER_COST = 1e-6

#: How many requests that ended unanswered are remembered, and for how many seconds, so that a late answer is known as
#: such: connections may last for months.
MAX_UNANSWERED = 4096
REMEMBERED = 600.0


class Correlator:
    """The exchanges of one connection.

    Args:
        statistics: where unmatched answers are counted.
        ids: where request-ids come from; random ids by default.
    """

    __slots__ = ("_earliest", "_ids", "_message_ids", "_unanswered", "has_message_ids", "pending", "statistics")

    def __init__(self, statistics: Statistics, ids: RequestIds | None = None) -> None:
        self.statistics = statistics
        #: The exchanges that wait for an answer, by the id that it has: the msgID, or the request-id.
        self.pending: dict[int, Exchange] = {}
        #: Whether messages have ids of their own, apart from request-ids (SNMPv3).
        self.has_message_ids = False
        self._ids: RequestIds = RandomIds() if ids is None else ids
        self._message_ids = MessageIds()
        # Requests that ended unanswered: id -> when, which is negative if the request was never sent.
        self._unanswered: OrderedDict[int, float] = OrderedDict()
        self._earliest = inf

    def begin(self, request: Request, deadline: Deadline, request_id: int | None = None) -> Exchange:
        """Return a new pending exchange, under an id that no other one has.

        Args:
            request: what is asked.
            deadline: when it expires.
            request_id: a request-id that was taken for it before; by default the next one.

        Raises:
            ConfigurationError: the id is out of range (RFC 3416 section 3).
        """
        pending = self.pending
        if self.has_message_ids:
            message_id = self._message_ids.take(pending)
            if request_id is None:
                request_id = self._ids.take(())
        else:
            if request_id is None or request_id in pending:
                request_id = self._ids.take(pending)
            message_id = request_id
        if not 0 <= request_id <= LAST_ID:
            raise ConfigurationError(f"a request-id is a number from 0 to {LAST_ID}, not {request_id}")
        exchange = pending[message_id] = Exchange(request, request_id, deadline, message_id)
        if deadline.at < self._earliest:  # noqa: PLR1730 - min() costs a call on the hot path
            self._earliest = deadline.at
        return exchange

    def renew(self, exchange: Exchange, cause: Resend, now: float) -> None:
        """Give a pending exchange a new msgID, so that it can be sent again (RFC 3412 section 6.2)."""
        del self.pending[exchange.message_id]
        self._remember(exchange, now)
        exchange.message_id = self.next_message_id()
        exchange.sent = False
        exchange.resent |= cause
        self.pending[exchange.message_id] = exchange

    def hasten(self, exchange: Exchange, at: float, reason: SnmpError) -> None:
        """Let a pending exchange end earlier, with the reason why a reply to it was refused.

        Args:
            exchange: the exchange.
            at: when, unless its deadline is sooner.
            reason: the reason; that of a later refusal takes its place.
        """
        exchange.refusal = reason
        if exchange.patience is None:
            deadline = exchange.patience = exchange.deadline
            if at < deadline.at:
                exchange.deadline = Deadline(at, deadline.timeout)
                self._earliest = min(self._earliest, at)

    @staticmethod
    def restore(exchange: Exchange) -> None:
        """Give an exchange its whole time again."""
        if exchange.patience is not None:
            exchange.deadline, exchange.patience = exchange.patience, None

    def next_id(self) -> int:
        """Return a request-id that no pending exchange has."""
        return self._ids.take(() if self.has_message_ids else self.pending)

    def next_message_id(self) -> int:
        """Return a msgID that no pending exchange has."""
        return self._message_ids.take(self.pending)

    def end(self, exchange: Exchange, varbinds: tuple[VarBind, ...] | None, error: SnmpError | None) -> None:
        """End an exchange with its answer or its error."""
        del self.pending[exchange.message_id]
        exchange.ended = True
        exchange.varbinds = varbinds
        exchange.error = error
        if not self.pending:
            self._earliest = inf

    def abandon(self, exchange: Exchange, now: float) -> None:
        """End an exchange whose caller has gone; its answer will count as a late one."""
        if not exchange.ended:
            self._end_unanswered(exchange, None, now)
            self.statistics.abandoned += 1

    def count_unmatched(self, message_id: int) -> float:
        """Count an answer that no pending exchange waits for, or whose request has not left yet.

        Returns:
            How much it counts for :class:`~snmptcp.protocol.tolerance.Tolerance`: 0 for a late answer, since an
            honest agent sends one for each request at most.
        """
        if message_id not in self.pending:
            ended_at = self._unanswered.pop(message_id, None)
            if ended_at is not None and copysign(1, ended_at) > 0:
                self.statistics.late += 1
                return 0.0
            ids = self._message_ids if self.has_message_ids else self._ids
            if ended_at is None and ids.was_issued(message_id):
                self.statistics.duplicates += 1
                return ODD
        self.statistics.unknown += 1
        return UNREADABLE

    def next_deadline(self) -> float:
        """Return a time before which no exchange expires; infinity if none is pending."""
        return self._earliest

    def expire(self, now: float, reason_of: Callable[[Exchange], SnmpError | None] | None = None) -> list[Exchange]:
        """End every exchange whose deadline has come, with a timeout that tells the last refusal.

        One that a refusal has hastened ends with that refusal itself.

        Args:
            now: the time.
            reason_of: returns what the timeout of an exchange tells if no reply to it was refused.
        """
        if now < self._earliest:
            return []
        expired = [exchange for exchange in self.pending.values() if exchange.deadline.at <= now]
        for exchange in expired:
            self._end_unanswered(exchange, hastened_error(exchange) or _timeout(exchange, reason_of), now)
            self.statistics.timeouts += 1
        if self.pending:
            earliest = min(exchange.deadline.at for exchange in self.pending.values())
            granularity = max(TIMER_GRANULARITY, len(self.pending) * TIMER_COST)
            self._earliest = max(earliest, now + granularity)
        return expired

    def _end_unanswered(self, exchange: Exchange, error: SnmpError | None, now: float) -> None:
        self.end(exchange, None, error)
        self._remember(exchange, now)

    def _remember(self, exchange: Exchange, now: float) -> None:
        """Keep an id whose request has no answer yet, so that a late answer is known as such."""
        unanswered = self._unanswered
        unanswered[exchange.message_id] = now if exchange.sent else -now
        while len(unanswered) > MAX_UNANSWERED or abs(next(iter(unanswered.values()))) < now - REMEMBERED:
            unanswered.popitem(last=False)


def hastened_error(exchange: Exchange) -> SnmpError | None:
    """Return the error of an exchange that a refused reply has hastened; ``None`` if none has.

    Anyone on the network path can send such a reply, so the error is marked ``unproved``.
    """
    error = exchange.refusal if exchange.patience is not None else None
    if error is not None:
        error.unproved = True
        error.hint = error.hint or "the reply that says so is not authenticated"
    return error


def _timeout(exchange: Exchange, reason_of: Callable[[Exchange], SnmpError | None] | None) -> RequestTimeout:
    """Return the timeout of an exchange, with the reason why it may have got no answer."""
    reason = exchange.refusal
    if reason is None and reason_of is not None:
        reason = reason_of(exchange)
    error = RequestTimeout(exchange.deadline.timeout, reason)
    error.__cause__ = error.reason
    return error
