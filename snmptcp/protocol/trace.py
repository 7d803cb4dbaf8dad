"""What an observer is told of a request, a walk, a table or a connection, from its start to its end.

Contains the facts.  Does not contain: when they are told, which is decided in :mod:`snmptcp.manager`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from snmptcp.codec.pdu import PduType
    from snmptcp.errors import SnmpError
    from snmptcp.net.tls.session import TlsSession
    from snmptcp.oid import OID

__all__ = ("ConnectionTrace", "RequestTrace", "Trace", "WalkTrace")


class Trace:
    """Something that has a start and an end.  The observer is given the same object at both.

    Attributes:
        peer: the agent, as ``host:port``.
        started_at: when it started, by the event loop's clock, in seconds.
        ended_at: when it ended; ``None`` before that.
        error: what it failed with; ``None`` if it did not.
        cancelled: whether it was given up before its end: its task was cancelled, or the loop over a walk was left.
        state: for the observer's own use, a tracing span for instance; ``None`` at first.
    """

    __slots__ = ("cancelled", "ended_at", "error", "peer", "started_at", "state")

    def __init__(self, peer: str, started_at: float) -> None:
        self.peer = peer
        self.started_at = started_at
        self.ended_at: float | None = None
        self.error: SnmpError | None = None
        self.cancelled = False
        self.state: Any = None

    @property
    def duration(self) -> float | None:
        """How long it took, in seconds; ``None`` before its end."""
        return None if self.ended_at is None else self.ended_at - self.started_at

    def __repr__(self) -> str:
        outcome = "under way" if self.ended_at is None else "cancelled" if self.cancelled else self.error or "done"
        return f"<{type(self).__name__} of {self.peer}: {outcome}>"


class RequestTrace(Trace):
    """One request, sent again or not.

    Attributes:
        kind: its PDU type.
        names: the names that it asks about.
        request_id: its request-id, the last one if it was sent on several connections; 0 before it is sent.
        attempts: on how many connections it was sent.
        octets: the size of the message that answered it; 0 if none did.
        walk: the walk or table that it belongs to; ``None`` if it belongs to none.
    """

    __slots__ = ("attempts", "kind", "names", "octets", "request_id", "walk")

    def __init__(
        self, peer: str, started_at: float, kind: PduType, names: tuple[OID, ...], walk: WalkTrace | None = None
    ) -> None:
        super().__init__(peer, started_at)
        self.kind = kind
        self.names = names
        self.request_id = 0
        self.attempts = 0
        self.octets = 0
        self.walk = walk


class WalkTrace(Trace):
    """One walk, or the reading of one table.

    Attributes:
        root: the subtree, or the table.
        is_table: whether it is a table.
        rows: how many variable bindings, or rows of the table, the program has taken.
        requests: how many requests it took.
    """

    __slots__ = ("is_table", "requests", "root", "rows")

    def __init__(self, peer: str, started_at: float, root: OID, *, is_table: bool) -> None:
        super().__init__(peer, started_at)
        self.root = root
        self.is_table = is_table
        self.rows = 0
        self.requests = 0


class ConnectionTrace(Trace):
    """One attempt to connect, and the connection that it has made.

    Attributes:
        opened_at: when the connection was ready for requests; ``None`` if it never was.
        addresses: our own address and the agent's, as the socket names them; ``None`` for both before it is open.
        tls: what was negotiated; ``None`` without TLS.
        reason: why the connection ended, or the attempt failed.  It is the ``error``, too, unless the manager closed
            the connection itself.
    """

    __slots__ = ("addresses", "opened_at", "reason", "tls")

    def __init__(self, peer: str, started_at: float) -> None:
        super().__init__(peer, started_at)
        self.opened_at: float | None = None
        self.addresses: tuple[Any, Any] = (None, None)
        self.tls: TlsSession | None = None
        self.reason: SnmpError | None = None
