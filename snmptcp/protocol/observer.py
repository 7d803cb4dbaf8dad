"""What can be watched of a manager's conversations.

What may live here: the events that somebody may want to be told of, and doing nothing about them.  What may not:
any influence on what goes on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snmptcp.errors import SnmpError
    from snmptcp.protocol.correlator import Exchange
    from snmptcp.values import VarBind

__all__ = ("Observer",)


class Observer:
    """Told what happens on a manager's connections, message by message, as it happens.

    Each method does nothing here: override what you want to know.  They are called from within the event loop's
    callbacks, so they must be quick and must not raise.
    """

    __slots__ = ()

    def message_sent(self, message: bytes) -> None:
        """A whole message is about to leave."""

    def message_received(self, message: bytes) -> None:
        """A whole message has arrived; nothing of it has been looked at yet."""

    def exchange_ended(self, exchange: Exchange) -> None:
        """A request has its answer, or has failed for good on this connection."""

    def report_received(self, message: bytes, varbinds: tuple[VarBind, ...], error: SnmpError, *, probe: bool) -> None:
        """A report has arrived in answer to a request of ours.

        Args:
            message: the whole message.
            varbinds: what the report carries.
            error: what it says.
            probe: whether it answers the question who the engine is: no failure.
        """

    def message_refused(self, message: bytes, error: SnmpError) -> None:
        """A message was dropped: it cannot be read, or must not be trusted."""

    def ready_to_send(self) -> None:
        """The peer takes octets: for the first time on a connection, or again."""

    def connection_closed(self, reason: SnmpError) -> None:
        """A connection is over."""
