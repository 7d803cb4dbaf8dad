"""When the next octets may leave a connection: the one place that knows every reason to wait.

Contains the reasons: the peer does not read, ``max_rate``, and the last TLS record.  It has no timers and no
transport: times come in, and the time of the next change goes out.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from snmptcp.net.rate import BURST

if TYPE_CHECKING:
    from snmptcp.net.rate import RateLimit

__all__ = ("SendGate",)

#: What one TLS record holds at most, in octets (RFC 8446 section 5.1).
MAX_RECORD_SIZE = 16384

#: How long the next TLS record waits for an answer to the last one, in seconds.
RECORD_PATIENCE = 1.0

#: How long it waits at least, in seconds, if no answer comes: a trap has none, and requests are abandoned or expire.
RECORD_GAP = 0.1

#: If a timer is later than this, in seconds, the machine is busy: the peer gets as much time more to read.
LATENESS = 0.02

#: How long traps wait behind traps.  A trap that stays unread for a while makes no request expire.
TRAP_GAP = 0.01


class SendGate:
    """Whether messages may leave now, and how many octets at once.

    With TLS, one record leaves at a time.  net-snmp reads one record each time its socket becomes readable: a second
    record that has arrived with the first stays in its buffer until something else comes.  A record holds whole
    messages, so any answer to one of them shows that all of it was read.  If no answer comes, the next record waits for
    a limited time.

    Args:
        rate: the limit of octets per second; ``None`` for no limit.
        paced: whether to send one TLS record at a time.

    Attributes:
        blocked: whether the peer does not take what is written.
        is_plain: whether there is no other reason to wait: neither a rate nor TLS.
    """

    __slots__ = (
        "_after_traps",
        "_leaving",
        "_left_at",
        "_paced",
        "_rate",
        "_record",
        "_record_until",
        "blocked",
        "is_plain",
    )

    def __init__(self, rate: RateLimit | None = None, *, paced: bool = False) -> None:
        self.blocked = False
        self.is_plain = rate is None and not paced
        self._rate = rate
        self._paced = paced
        self._leaving: dict[int, float] = {}  # what the next record holds: id -> when it expires
        self._record: dict[int, float] = {}  # what of the last record may still be answered
        self._left_at = -inf
        self._record_until = -inf  # when the next record may leave at the latest
        self._after_traps = True  # whether the last record held nothing that is answered

    @property
    def limit(self) -> int | None:
        """How many octets may leave at once; one message may, whatever its length.  ``None`` for no limit."""
        if self._rate is None:
            return MAX_RECORD_SIZE if self._paced else None
        if self._paced:  # a record is waited for: it holds what the rate lets pass in a moment
            return max(1, min(MAX_RECORD_SIZE, int(self._rate.rate * BURST)))
        return 1  # message by message, so that each is weighed

    def opens_at(self, now: float, *, traps: bool = False) -> float:
        """Return when the next octets may leave: not after ``now`` for at once, infinity for not by time alone.

        Args:
            now: the time.
            traps: whether they are messages that are not answered; these may follow each other sooner.
        """
        if self.blocked:
            return inf
        opens = self._record_until if self._paced else -inf
        if traps and self._after_traps:
            opens = min(opens, self._left_at + TRAP_GAP)
        if self._rate is not None:
            opens = max(opens, now + self._rate.delay(now))
        return opens

    def sent(self, octets: int, now: float) -> None:
        """Take note that octets have been written, in one piece; the ids in them have been told before."""
        if self._rate is not None:
            self._rate.spend(octets, now)
        if self._paced:
            self._left_at = now
            self._record, self._leaving = self._leaving, {}
            self._after_traps = not self._record
            gap = now + RECORD_GAP
            self._record_until = max(gap, min(now + RECORD_PATIENCE, *self._record.values())) if self._record else gap

    def note_lateness(self, seconds: float, now: float) -> None:
        """Take note of how late the connection's timer has run.

        If our own loop stood still, the time that the peer was given to read may have passed without a chance to.
        """
        if seconds > LATENESS and self._record_until <= now < self._left_at + RECORD_PATIENCE:
            self._record_until = now + LATENESS

    # What the session tells (snmptcp.protocol.session.Pacing).

    def left(self, exchange_id: int, expires_at: float) -> None:
        """A message that should be answered leaves with the octets that are written next."""
        self._leaving[exchange_id] = expires_at

    def heard(self, exchange_id: int | None) -> None:
        """A message has come: if it answers one of the last record, all of the record was read."""
        if exchange_id in self._record:
            self._record.clear()
            self._record_until = -inf

    def gone(self, exchange_id: int) -> None:
        """No answer to this id is waited for; once none is, the record only has to be read."""
        if self._record.pop(exchange_id, None) is not None and not self._record:
            self._record_until = min(self._record_until, self._left_at + RECORD_GAP)
