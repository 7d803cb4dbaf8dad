"""Request-ids and msgIDs: where they come from, and which ones were issued.

Contains the sources of ids.  Which id belongs to which request is known to :mod:`snmptcp.protocol.correlator`.
"""

from __future__ import annotations

import os
from math import gcd
from struct import unpack
from typing import TYPE_CHECKING, Protocol

from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Container

__all__ = (
    "FIRST_ID",
    "LAST_ID",
    "LAST_MESSAGE_IDS",
    "LAST_REQUEST_IDS",
    "CountedIds",
    "MessageIds",
    "RandomIds",
    "RequestIds",
)

#: Request-ids and msgIDs come from this range: four octets are then always the shortest form of the INTEGER.
FIRST_ID = 0x01000000
LAST_ID = 0x7FFFFFFF
ID_SPAN = LAST_ID - FIRST_ID + 1

#: How many of the ids that programs share are remembered, in four octets each.
LAST_REQUEST_IDS = 4096

#: The same of msgIDs: every connection has such a list, and only the repetition of an answer is looked for in it.
LAST_MESSAGE_IDS = 512

#: How many random msgIDs are drawn at once: a call of the system for each one costs as much as encrypting a message.
DRAWN_AT_ONCE = 128


class RequestIds(Protocol):
    """A source of request-ids or msgIDs."""

    def take(self, pending: Container[int]) -> int:
        """Return the next id that is not among the pending ones."""

    def was_issued(self, request_id: int) -> bool:
        """Whether an id has been issued, as far as that is remembered."""


class RandomIds:
    """Issues every id of the range once before any comes again; each is four octets long.

    Args:
        first_id: the first id; the others follow one by one.  By default the first id and the step between two
            are random, so that a wrong id hardly ever belongs to another request.

    Raises:
        ConfigurationError: ``first_id`` is out of range.
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
            # The step has no divisor in common with the span, so every id comes once before any comes again.
            following = request_id + self._step
            self._next_id = following if following <= LAST_ID else following - ID_SPAN
            self._issued += 1
        return request_id

    def was_issued(self, request_id: int) -> bool:
        """Whether an id has been issued."""
        if not FIRST_ID <= request_id <= LAST_ID:
            return False
        return (request_id - self._first_id) * pow(self._step, -1, ID_SPAN) % ID_SPAN < self._issued


class CountedIds:
    """Issues ids that count up by one, from a number that can be set at any time.

    Several connections and managers may share one, so that no two of them have the same id in flight.

    Args:
        next_id: the first id, 1 to 2147483647.

    Raises:
        ConfigurationError: ``next_id`` is out of range.
    """

    __slots__ = ("_issued", "_next_id")

    def __init__(self, next_id: int = 1) -> None:
        self.next_id = next_id
        self._issued = _LastIds(LAST_REQUEST_IDS)

    @property
    def next_id(self) -> int:
        """The id that comes next, unless it is still in flight."""
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
        self._issued.add(request_id)
        return request_id

    def was_issued(self, request_id: int) -> bool:
        """Whether an id is among the last few thousand that were issued."""
        return request_id in self._issued


class MessageIds:
    """Issues msgIDs that no peer can predict (RFC 3412 section 6.2); each is four octets long.

    A recorded message is accepted again only if its msgID comes again while a request waits.  So each msgID has 30
    bits from the operating system's random source, which neither ``random.seed`` nor ``os.fork`` repeats: what was
    drawn and is not used yet stays with the process that drew it.
    """

    __slots__ = ("_issued",)

    def __init__(self) -> None:
        self._issued = _LastIds(LAST_MESSAGE_IDS)

    def take(self, pending: Container[int]) -> int:
        """Return a new id that is not among the pending ones."""
        message_id = 0
        while not message_id or message_id in pending:
            try:
                message_id = _drawn.pop()
            except IndexError:  # not asked before: another thread may take the last one meanwhile
                _draw()
        self._issued.add(message_id)
        return message_id

    def was_issued(self, message_id: int) -> bool:
        """Whether an id is among the last few hundred that were issued."""
        return message_id in self._issued


class _LastIds:
    """The last ids that were issued, in four octets each.

    Args:
        most: how many.
    """

    __slots__ = ("_most_octets", "_next", "_octets")

    def __init__(self, most: int) -> None:
        self._most_octets = 4 * most
        self._octets = bytearray()
        self._next = 0  # where the oldest id stands once the list is full

    def add(self, issued: int) -> None:
        """Remember an id, in the place of the oldest one."""
        place = self._next
        following = place + 4
        self._octets[place:following] = issued.to_bytes(4, "big")
        self._next = following % self._most_octets

    def __contains__(self, issued: int) -> bool:
        if not 0 <= issued <= LAST_ID:
            return False
        wanted = issued.to_bytes(4, "big")
        found = self._octets.find(wanted)
        while found % 4 and found >= 0:  # the end of one id and the beginning of the next
            found = self._octets.find(wanted, found + 1)
        return found >= 0


#: Random msgIDs that were drawn and are not used yet; of this process only.
_drawn: list[int] = []

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_drawn.clear)


def _draw() -> None:
    octets = os.urandom(4 * DRAWN_AT_ONCE)
    numbers = unpack(f">{len(octets) // 4}I", octets)
    _drawn.extend([number & 0x3FFFFFFF | 0x40000000 for number in numbers])


def _random_below(limit: int) -> int:
    """Return a number from 0 to below a limit of at most 31 bits: 64 random bits make all as likely but for 2^-33."""
    return int.from_bytes(os.urandom(8), "big") % limit


def _random_series() -> tuple[int, int]:
    """Return a first id and a step: not a small one, and without a divisor in common with the number of ids."""
    first = FIRST_ID + _random_below(ID_SPAN)
    step = 0x10001 + 2 * _random_below((ID_SPAN - 0x20001) // 2)
    while gcd(step, ID_SPAN) != 1:
        step += 2
    return first, step
