"""How many requests may be outstanding at once (``max_in_flight``).

Contains: the limit, and the abandoned requests that count against it for a while.  Does not contain: the requests that
wait for an answer, and the probes (:mod:`snmptcp.protocol.session` tells how many there are).
"""

from __future__ import annotations

from math import inf
from typing import Final

__all__ = ("ABANDONED_PATIENCE", "InFlight")

#: How long a request whose caller has gone counts as outstanding, in seconds, if its answer does not come: the agent
#: may still work on it, or may never have seen it.
ABANDONED_PATIENCE: Final = 1.0


class InFlight:
    """The limit of one connection, and the abandoned requests that may still be answered.

    Args:
        limit: how many requests may be outstanding at once; ``None`` for any number.

    Attributes:
        limit: the same.
    """

    __slots__ = ("_abandoned", "limit")

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self._abandoned: dict[int, float] = {}  # the id of its answer -> until when it counts; the first ends first

    def room(self, outstanding: int) -> int | None:
        """Return how many requests may leave now; ``None`` for any number.

        Args:
            outstanding: how many messages have left and are waited for.
        """
        if self.limit is None:
            return None
        return max(0, self.limit - outstanding - len(self._abandoned))

    def abandon(self, message_id: int, now: float) -> None:
        """Go on counting a request that has left and whose caller has gone.

        Args:
            message_id: the id that its answer would have.
            now: the time.
        """
        if self.limit is not None:
            self._abandoned[message_id] = now + ABANDONED_PATIENCE

    def receive_answer(self, message_id: int) -> None:
        """Take note of an answer that no request waits for: it may be that of an abandoned one."""
        self._abandoned.pop(message_id, None)

    def next_deadline(self) -> float:
        """Return when the next abandoned request ceases to count; infinity if there is none."""
        return next(iter(self._abandoned.values())) if self._abandoned else inf

    def handle_timer(self, now: float) -> None:
        """Count those abandoned requests no more whose time is over."""
        for message_id in [message_id for message_id, until in self._abandoned.items() if until <= now]:
            del self._abandoned[message_id]
