"""The observer of a manager's connections.

Contains: the events, with methods that do nothing.  Does not contain: anything that changes what happens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from snmptcp.errors import SnmpError
    from snmptcp.protocol.exchange import Exchange
    from snmptcp.values import VarBind

__all__ = ("Observer",)


class Observer:
    """Receives the events of a manager's connections.

    Override the methods of the events that you need; the methods here do nothing.  They are called in the event
    loop's callbacks, so they must be quick.  What they raise is logged and counted, and has no other effect.
    """

    __slots__ = ()

    def message_sent(self, message: bytes) -> None:
        """A complete message is about to be sent."""

    def message_received(self, message: bytes) -> None:
        """A complete message has arrived; it has not been decoded yet."""

    def exchange_ended(self, exchange: Exchange) -> None:
        """A request got its response, or failed finally on this connection."""

    def report_received(self, message: bytes, varbinds: tuple[VarBind, ...], error: SnmpError, *, probe: bool) -> None:
        """A report has arrived for one of our requests (RFC 3412 section 7.1).

        Args:
            message: the complete message.
            varbinds: the variable bindings of the report.
            error: the meaning of the report.
            probe: whether the report answers engine discovery, which is not a failure.
        """

    def message_refused(self, message: bytes, error: SnmpError) -> None:
        """A message was dropped: it is malformed or cannot be trusted."""

    def ready_to_send(self) -> None:
        """The connection accepts octets: for the first time, or again after a pause."""

    def connection_closed(self, reason: SnmpError) -> None:
        """A connection has ended."""
