"""How much of what cannot be read or is refused a connection may bring before it is closed.

Contains: the count.  Does not contain: what is unreadable or refused, closing.

It is a bucket: each such message fills it, time and acceptable messages empty it.  So a peer that sends an odd message
now and then is never cut off, and one that sends nothing else is cut off soon.  What a connection leaves in it is still
there on the next one to the same agent: who is connected to again and again may not bring the whole limit each time.
"""

from __future__ import annotations

from typing import Final

from snmptcp.errors import LimitExceeded

__all__ = ("DEFAULT_MAX_UNREADABLE", "ODD", "UNREADABLE", "Tolerance", "weight_of")

#: How many unreadable or refused messages may come at once.
DEFAULT_MAX_UNREADABLE = 100

#: How many of them are forgotten in each second, and for each acceptable message.
FORGOTTEN_PER_SECOND = 10.0
FORGOTTEN_PER_MESSAGE = 8.0

#: What a message counts that cannot be read, or is refused.
UNREADABLE: Final = 1.0

#: What a message counts that honest peers send at times without being asked: a second answer to one request,
#: a notification without a consumer.
ODD: Final = 0.1

#: The part of the limit that a new connection has at least, whatever the last one has brought; or one message.
NEW_CONNECTION: Final = 0.05

#: Long messages count more: one of so many octets counts twice.
OCTETS_PER_UNIT = 65536


#: What each further digest of a message counts: it takes about a quarter of the time of a short message.
PER_DIGEST: Final = 0.25


def weight_of(digests: int) -> float:
    """Return what a refused message counts.

    Args:
        digests: how many digests were computed for it.
    """
    return UNREADABLE + PER_DIGEST * (digests - 1)


class Tolerance:
    """Counts unreadable and refused messages of one connection.

    Args:
        limit: how many may come at once; ``None`` for any number.

    Attributes:
        level: how full the bucket is; 0 if there is nothing to forget.
    """

    __slots__ = ("_at", "_count", "_limit", "level")

    def __init__(self, limit: int | None) -> None:
        self._limit = limit
        self._at = 0.0
        self._count = 0  # messages since the level was 0
        self.level = 0.0

    def carry(self, earlier: Tolerance) -> None:
        """Go on with what an earlier connection to the same peer has brought, except for :data:`NEW_CONNECTION`."""
        if self._limit is not None:
            self.level = min(earlier.level, self._limit - max(self._limit * NEW_CONNECTION, UNREADABLE))
            self._at, self._count = earlier._at, earlier._count

    def forgive(self) -> None:
        """Take note of an acceptable message."""
        self.level = max(0.0, self.level - FORGOTTEN_PER_MESSAGE)

    def note(self, weight: float, octets: int, now: float, reason: object) -> LimitExceeded | None:
        """Take note of a message that cannot be read, is refused, or is not waited for.

        Args:
            weight: how much it counts.
            octets: its size.
            now: the time.
            reason: what is wrong with it.

        Returns:
            Why the connection is to be closed; ``None`` if it is not.
        """
        if self._limit is None:
            return None
        self.level = max(0.0, self.level - (now - self._at) * FORGOTTEN_PER_SECOND)
        self._at = now
        if not self.level:
            self._count = 0
        self._count += 1
        self.level += weight + octets / OCTETS_PER_UNIT
        if self.level <= self._limit - 0.5:  # a burst takes a moment, in which a part of a message is forgotten
            return None
        return LimitExceeded(f"closed after {self._count} unreadable messages; the last: {reason}", self._limit)
