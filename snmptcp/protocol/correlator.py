"""Which answer belongs to which request, and what becomes of a request that gets none.

What may live here: request-ids, deadlines, and the ways in which an exchange can end.  What may not:
octets, and the meaning of an answer.

Every exchange ends exactly once, in :meth:`Correlator.end`.
"""

from __future__ import annotations

import enum
import random
from collections import deque
from math import gcd, inf
from typing import TYPE_CHECKING, Any, Protocol

from snmptcp.errors import ConfigurationError, RequestTimeout

if TYPE_CHECKING:
    from collections.abc import Container

    from snmptcp.errors import SnmpError
    from snmptcp.protocol.request import Request
    from snmptcp.values import VarBind

__all__ = ("FIRST_ID", "Correlator", "CountedIds", "Exchange", "RandomIds", "RequestIds", "Resend", "Statistics")

#: Request-ids come from this range: four octets are then always the shortest form of the INTEGER.
FIRST_ID = 0x01000000
LAST_ID = 0x7FFFFFFF
ID_SPAN = LAST_ID - FIRST_ID + 1

#: Exchanges whose deadlines are this close together (in seconds) expire together.
TIMER_GRANULARITY = 0.005

#: How many exchanges that ended unanswered are remembered, to know their answers as late ones.
MAX_REMEMBERED = 4096


class Statistics:
    """What went over a manager's connections, in plain counters.

    Attributes:
        requests: requests sent.
        responses: answers that ended a request, whatever they said.
        timeouts: requests that nobody answered in time.
        abandoned: requests whose caller was cancelled.
        lost: requests that were pending when a connection was lost.
        retried: requests sent again on a fresh connection.
        resent: requests sent again because a report told how (RFC 3414: the engine's ID, or its time).
        probes: messages sent to discover an engine.
        reports: reports received.
        late: answers to requests that had timed out or had been abandoned; dropped.
        duplicates: second answers to a request; dropped.
        unknown: answers to requests that were never made; dropped.
        refused: replies in another version or community; dropped.
        malformed: messages that could not be decoded.
        traps: traps sent.
        notifications: notifications that were taken for :meth:`snmptcp.Manager.notifications`.
        notifications_dropped: notifications that a stream of these had no room for.
        unexpected: PDUs that are not responses (notifications, requests), where nobody takes such; dropped.
        connections: connections made.
        octets_sent: octets given to the transport.
        octets_received: octets read from it.
    """

    __slots__ = (
        "abandoned",
        "connections",
        "duplicates",
        "late",
        "lost",
        "malformed",
        "notifications",
        "notifications_dropped",
        "octets_received",
        "octets_sent",
        "probes",
        "refused",
        "reports",
        "requests",
        "resent",
        "responses",
        "retried",
        "timeouts",
        "traps",
        "unexpected",
        "unknown",
    )

    def __init__(self) -> None:
        self.requests = self.responses = self.timeouts = self.abandoned = self.lost = self.retried = 0
        self.late = self.duplicates = self.unknown = self.refused = self.malformed = self.unexpected = 0
        self.resent = self.probes = self.reports = self.traps = 0
        self.notifications = self.notifications_dropped = 0
        self.connections = self.octets_sent = self.octets_received = 0

    def as_dict(self) -> dict[str, int]:
        """Return all counters by name."""
        names = (name for name in dir(self) if not name.startswith("_"))  # compiled, the class has no __slots__
        return {name: value for name in names if isinstance(value := getattr(self, name), int)}

    def __repr__(self) -> str:
        return f"Statistics({', '.join(f'{name}={value}' for name, value in self.as_dict().items() if value)})"


class Resend(enum.Flag):
    """Why a report makes a request be sent once more; each cause does so once."""

    TIME = enum.auto()
    ENGINE = enum.auto()


_NOT_RESENT = Resend(0)


class Exchange:
    """One request on its way, and how it ended.

    Attributes:
        request: what was asked.
        request_id: the id it was sent under.
        timeout: how long it may take, in seconds, for the text of the error.
        deadline: when it ends unanswered.
        sent: whether its octets were handed out for sending.
        resent: for which causes reports have made it be sent once more.
        peer: the engine that it was sent to, where engines are told apart.
        refusal: why a reply was refused: the last one that carried its id, or else the first that could
            not be read at all.
        varbinds: the answer, once it has one.
        error: what it failed with, once it has.
        waiter: whatever the caller of the session keeps here; the engine does not look at it.
    """

    __slots__ = (
        "deadline",
        "ended",
        "error",
        "peer",
        "refusal",
        "request",
        "request_id",
        "resent",
        "sent",
        "timeout",
        "varbinds",
        "waiter",
    )

    def __init__(self, request: Request, request_id: int, timeout: float, deadline: float) -> None:
        self.request = request
        self.request_id = request_id
        self.timeout = timeout
        self.deadline = deadline
        self.sent = False
        self.resent = _NOT_RESENT
        self.peer: bytes | None = None
        self.ended = False
        self.refusal: SnmpError | None = None
        self.varbinds: tuple[VarBind, ...] | None = None
        self.error: SnmpError | None = None
        self.waiter: Any = None


class RequestIds(Protocol):
    """Where the ids of requests come from."""

    def take(self, pending: Container[int]) -> int:
        """Return the next id that is not among the pending ones."""

    def was_issued(self, request_id: int) -> bool:
        """Whether an id has been given out, as far as that is remembered."""


class RandomIds:
    """Every id of a range once before any comes again; four octets each.

    Args:
        first_id: the first one; the others follow it one by one.  Where it is not given, the first one and the
            step between two are random, so that an answer with a wrong id is hardly ever taken for another
            request's.
    """

    __slots__ = ("_first_id", "_issued", "_next_id", "_step")

    def __init__(self, first_id: int | None = None) -> None:
        self._first_id, self._step = _random_series() if first_id is None else (first_id, 1)
        if not FIRST_ID <= self._first_id <= LAST_ID:
            raise ConfigurationError(f"a request-id is a number from {FIRST_ID} to {LAST_ID}, not {first_id}")
        self._next_id = self._first_id
        self._issued = 0

    def take(self, pending: Container[int]) -> int:
        """Return the next id that is not among the pending ones."""
        taken = True
        while taken:
            request_id = self._next_id
            taken = request_id in pending
            # Every id of the range comes once before any comes again.
            following = request_id + self._step
            self._next_id = following if following <= LAST_ID else following - ID_SPAN
            self._issued += 1
        return request_id

    def was_issued(self, request_id: int) -> bool:
        """Whether an id has been given out."""
        if not FIRST_ID <= request_id <= LAST_ID:
            return False
        return (request_id - self._first_id) * pow(self._step, -1, ID_SPAN) % ID_SPAN < self._issued


class CountedIds:
    """Ids that count up by one, from a number that may be chosen at any time.

    Several connections and managers may share one, so that no two of them have the same id in flight.

    Args:
        next_id: the first one, 1 to 2147483647.
    """

    __slots__ = ("_issued", "_next_id")

    def __init__(self, next_id: int = 1) -> None:
        self.next_id = next_id
        self._issued: deque[int] = deque(maxlen=MAX_REMEMBERED)

    @property
    def next_id(self) -> int:
        """The id that comes next, unless it is in flight still."""
        return self._next_id

    @next_id.setter
    def next_id(self, next_id: int) -> None:
        if not 0 < next_id <= LAST_ID:
            raise ConfigurationError(f"a request-id is a number from 1 to {LAST_ID}, not {next_id}")
        self._next_id = next_id

    def take(self, pending: Container[int]) -> int:
        """Return the next id that is not among the pending ones."""
        request_id = self._next_id
        while request_id in pending:
            request_id = request_id % LAST_ID + 1
        self._next_id = request_id % LAST_ID + 1
        self._issued.append(request_id)
        return request_id

    def was_issued(self, request_id: int) -> bool:
        """Whether an id is among the last few thousand that were given out."""
        return request_id in self._issued


class Correlator:
    """The exchanges of one connection.

    Args:
        statistics: where unmatched answers are counted.
        first_id: the id of the first request, the others follow it one by one; random where it is not given.
        ids: where request-ids come from, in place of that.
    """

    __slots__ = ("_earliest", "_ids", "_unanswered", "pending", "statistics")

    def __init__(self, statistics: Statistics, first_id: int | None = None, ids: RequestIds | None = None) -> None:
        self.statistics = statistics
        #: The exchanges that wait for an answer, by request-id.
        self.pending: dict[int, Exchange] = {}
        self._ids = RandomIds(first_id) if ids is None else ids
        self._unanswered: dict[int, bool] = {}  # request-id -> whether the request was ever sent
        self._earliest = inf

    def begin(self, request: Request, timeout: float, deadline: float, request_id: int | None = None) -> Exchange:
        """Return a new pending exchange, under an id that no other one has.

        Args:
            request: what is asked.
            timeout: how long it may take, in seconds.
            deadline: when it ends unanswered.
            request_id: an id that was taken for it before.
        """
        if request_id is None or request_id in self.pending:
            request_id = self._ids.take(self.pending)
        exchange = self.pending[request_id] = Exchange(request, request_id, timeout, deadline)
        self._earliest = min(self._earliest, deadline)
        return exchange

    def renew(self, exchange: Exchange, cause: Resend) -> None:
        """Give a pending exchange another id, to be sent once more: what it was sent as is history."""
        del self.pending[exchange.request_id]
        self._remember(exchange)
        exchange.request_id = self.next_id()
        exchange.sent = False
        exchange.resent |= cause
        self.pending[exchange.request_id] = exchange

    def next_id(self) -> int:
        """Return an id that no pending exchange has."""
        return self._ids.take(self.pending)

    def end(self, exchange: Exchange, varbinds: tuple[VarBind, ...] | None, error: SnmpError | None) -> None:
        """End an exchange with its answer or its error."""
        del self.pending[exchange.request_id]
        exchange.ended = True
        exchange.varbinds = varbinds
        exchange.error = error
        if not self.pending:
            self._earliest = inf

    def abandon(self, exchange: Exchange) -> None:
        """End an exchange that nobody waits for any more; its answer will be a late one."""
        if not exchange.ended:
            self._end_unanswered(exchange, None)
            self.statistics.abandoned += 1

    def count_unmatched(self, request_id: int) -> None:
        """Count an answer that no pending exchange waits for, or one that has not left yet."""
        if request_id in self.pending or not self._ids.was_issued(request_id):
            self.statistics.unknown += 1
        elif request_id not in self._unanswered:
            self.statistics.duplicates += 1
        elif self._unanswered.pop(request_id):
            self.statistics.late += 1
        else:
            self.statistics.unknown += 1

    def next_deadline(self) -> float:
        """Return a time before which no exchange expires; infinity where none is pending."""
        return self._earliest

    def expire(self, now: float, reason: SnmpError | None = None) -> list[Exchange]:
        """End every exchange whose deadline has come, with a timeout that tells the last refusal.

        Args:
            now: the time.
            reason: what to tell where no reply was refused.
        """
        if now < self._earliest:
            return []
        expired = [exchange for exchange in self.pending.values() if exchange.deadline <= now]
        for exchange in expired:
            error = RequestTimeout(exchange.timeout, exchange.refusal or (reason if exchange.sent else None))
            error.__cause__ = error.reason
            self._end_unanswered(exchange, error)
            self.statistics.timeouts += 1
        if self.pending:
            earliest = min(exchange.deadline for exchange in self.pending.values())
            self._earliest = max(earliest, now + TIMER_GRANULARITY)
        return expired

    def _end_unanswered(self, exchange: Exchange, error: SnmpError | None) -> None:
        self.end(exchange, None, error)
        self._remember(exchange)

    def _remember(self, exchange: Exchange) -> None:
        """Keep an id that has no exchange any more, so that an answer to it is known as a late one."""
        self._unanswered[exchange.request_id] = exchange.sent
        if len(self._unanswered) > MAX_REMEMBERED:
            del self._unanswered[next(iter(self._unanswered))]


def _random_series() -> tuple[int, int]:
    """Return a first id and a step: not a small one, and without a divisor in common with the number of ids."""
    first = random.randint(FIRST_ID, LAST_ID)  # noqa: S311 - nothing is hidden by it
    step = random.randrange(0x10001, ID_SPAN - 0x10000, 2)  # noqa: S311
    while gcd(step, ID_SPAN) != 1:
        step += 2
    return first, step
