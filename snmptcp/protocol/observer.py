"""The observer of a manager: its requests, walks, tables and connections.

Contains: the events, with methods that do nothing.  Does not contain: anything that changes what happens, and several
observers in the place of one (:mod:`snmptcp.protocol.observers`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from snmptcp.errors import SnmpError
    from snmptcp.protocol.exchange import Exchange
    from snmptcp.protocol.trace import ConnectionTrace, RequestTrace, WalkTrace
    from snmptcp.values import VarBind

__all__ = ("EVENTS", "EVENTS_OF_REQUESTS", "Observer", "wanted_events")


class Observer:
    """Receives the events of a manager.

    Override the methods of the events that you need; the methods here do nothing.  They are called on the event loop,
    so they must be quick.  What they raise is logged and counted, and has no other effect.

    What starts also ends, and both are told with the same :class:`~snmptcp.manager.Trace`.  The start of a request, a
    walk or a table is told in the context of the task that asked for it (:mod:`contextvars`), and so is its end: a
    tracing span that the caller has made current is current in both.  The end of a walk or a table, and what is told of
    a connection after its start, come in a copy of that context, since they may come from elsewhere: a walk that is
    collected, a connection that is lost.  Of several requests that wait for one connection, the first started it.

    The other methods tell of single messages and of one connection's part in a request, in the context of the
    connection.
    """

    __slots__ = ()

    def request_started(self, trace: RequestTrace) -> None:
        """A request has begun; it may wait for a connection or an engine first."""

    def request_ended(self, trace: RequestTrace) -> None:
        """A request has its answer, has failed for good, or was given up."""

    def walk_started(self, trace: WalkTrace) -> None:
        """A walk or a table has begun: its first variable binding or row is waited for."""

    def walk_ended(self, trace: WalkTrace) -> None:
        """A walk or a table has come to its end, has failed, or was left."""

    def connection_started(self, trace: ConnectionTrace) -> None:
        """An attempt to connect has begun."""

    def connection_opened(self, trace: ConnectionTrace) -> None:
        """A connection is ready for requests."""

    def connection_ended(self, trace: ConnectionTrace) -> None:
        """An attempt to connect has failed or was given up, or the connection that it had made has ended."""

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
        """A connection has ended.  :meth:`connection_ended` tells more."""


#: The methods of an observer.
EVENTS: Final = tuple(name for name in vars(Observer) if not name.startswith("_"))

#: Those that tell of requests, walks and tables as a whole.
EVENTS_OF_REQUESTS: Final = frozenset(("request_started", "request_ended", "walk_started", "walk_ended"))


def wanted_events(observer: Observer) -> list[str]:
    """Return the methods that an observer has of its own."""
    return [
        name for name in EVENTS if getattr(getattr(observer, name), "__func__", None) is not getattr(Observer, name)
    ]
