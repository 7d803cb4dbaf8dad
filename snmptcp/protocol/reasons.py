"""Why requests may have got no answer: the replies that were dropped and name no request that waits.

Contains: the last such reason, and which requests it may concern.  Does not contain: why a reply is dropped
(:mod:`snmptcp.protocol.session`), and the refusal of a reply that names its request, which is kept with its exchange.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snmptcp.errors import SnmpError
    from snmptcp.protocol.exchange import Exchange

__all__ = ("Reasons",)


class Reasons:
    """The reasons of one connection that may concern any of its requests.

    They are counted, and each exchange knows how many there were before it.  So a dropped message costs the same
    however many requests are pending: each of them looks for the reason when it expires.
    """

    __slots__ = ("_count", "_count_while_asked", "_last")

    def __init__(self) -> None:
        self._last: SnmpError | None = None
        self._count = 0
        self._count_while_asked = 0  # what the count was when the last one came while a probe was on its way

    def begin(self, exchange: Exchange) -> None:
        """Take note of a request that begins: what came before does not concern it."""
        exchange.reasons_before = self._count

    def leave(self, exchange: Exchange) -> None:
        """Take note of a request that leaves now.

        What came while it waited does not concern it, unless a probe was on its way, whose answer it waited for.
        """
        if exchange.reasons_before >= self._count_while_asked:
            exchange.reasons_before = self._count

    def keep(self, reason: SnmpError, *, asked: bool) -> None:
        """Keep a reason: any request may have been meant, or may wait for a probe.

        Args:
            reason: why a message was dropped.
            asked: whether a probe is on its way.
        """
        self._last = reason
        self._count += 1
        if asked:
            self._count_while_asked = self._count

    def reason_for(self, exchange: Exchange) -> SnmpError | None:
        """Return what may have been the answer to a request that expires; ``None`` if nothing was.

        A request that has not left can only have waited for the answer to a probe.
        """
        count = self._count if exchange.sent else self._count_while_asked
        return self._last if count > exchange.reasons_before else None
