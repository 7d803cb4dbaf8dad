"""What an observer is told of a request, a walk, a table or a connection, from its start to its end.

Contains the facts.  Does not contain: when they are told, which is decided in :mod:`snmptcp.manager`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from snmptcp.codec.pdu import PduType
    from snmptcp.credentials import SnmpVersion
    from snmptcp.errors import SnmpError
    from snmptcp.net.tls.session import TlsSession
    from snmptcp.oid import OID
    from snmptcp.protocol.statistics import Statistics

__all__ = ("ConnectionTrace", "RequestTrace", "Trace", "WalkTrace", "split_peer")


def split_peer(peer: str) -> tuple[str, int]:
    """Return host and port of an agent that is named ``host:port``, or ``[address]:port`` for IPv6."""
    host, _, port = peer.rpartition(":")
    return host[1:-1] if host.startswith("[") else host, int(port)


class Trace:
    """Something that has a start and an end.  The observer is given the same object at both.

    Attributes:
        peer: the agent, as ``host:port``.
        started_at: when it started, by the event loop's clock, in seconds.
        ended_at: when it ended; ``None`` before that.
        error: what it failed with; ``None`` if it did not.
        cancelled: whether it was given up before its end: its task was cancelled, or the loop over a walk was left.
        version: the version of SNMP that the manager speaks; ``None`` if that is not known.
        state: for the observer's own use, a tracing span for instance; ``None`` at first.
        states: the ``state`` of each of several observers (:class:`~snmptcp.manager.Observers`); ``None`` for one.
    """

    __slots__ = ("cancelled", "ended_at", "error", "peer", "started_at", "state", "states", "version")

    def __init__(self, peer: str, started_at: float, *, version: SnmpVersion | None = None) -> None:
        self.peer = peer
        self.started_at = started_at
        self.version = version
        self.states: list[Any] | None = None
        self.ended_at: float | None = None
        self.error: SnmpError | None = None
        self.cancelled = False
        self.state: Any = None

    @property
    def duration(self) -> float | None:
        """How long it took, in seconds; ``None`` before its end."""
        return None if self.ended_at is None else self.ended_at - self.started_at

    @property
    def host(self) -> str:
        """The agent's name or address, as it was given to the manager."""
        return split_peer(self.peer)[0]

    @property
    def port(self) -> int:
        """The agent's TCP port."""
        return split_peer(self.peer)[1]

    @property
    def others(self) -> tuple[Trace, ...]:
        """The traces that this one refers to."""
        return ()

    def __repr__(self) -> str:
        outcome = "under way" if self.ended_at is None else "cancelled" if self.cancelled else self.error or "done"
        return f"<{type(self).__name__} of {self.peer}: {outcome}>"


class RequestTrace(Trace):
    """One request, sent again or not.

    Attributes:
        kind: its PDU type.
        names: the names that it asks about.
        request_id: its request-id, the last one if it was sent on several connections; 0 before it is sent.
        max_repetitions: how many successors of each name a GET_BULK asks for; otherwise 0.
        attempts: on how many connections it was sent.
        octets: the size of the message that answered it; 0 if none did.
        varbinds: how many variable bindings the answer has; 0 if there is none, or an error-status.
        walk: the walk or table that it belongs to; ``None`` if it belongs to none.
        connection: the connection that it was sent on last; ``None`` before it is sent.
    """

    __slots__ = (
        "attempts",
        "connection",
        "kind",
        "max_repetitions",
        "names",
        "octets",
        "request_id",
        "varbinds",
        "walk",
    )

    def __init__(
        self,
        peer: str,
        started_at: float,
        kind: PduType,
        names: tuple[OID, ...],
        walk: WalkTrace | None = None,
        *,
        max_repetitions: int = 0,
        version: SnmpVersion | None = None,
    ) -> None:
        super().__init__(peer, started_at, version=version)
        self.kind = kind
        self.names = names
        self.max_repetitions = max_repetitions
        self.request_id = 0
        self.attempts = 0
        self.octets = 0
        self.varbinds = 0
        self.walk = walk
        self.connection: ConnectionTrace | None = None

    @property
    def others(self) -> tuple[Trace, ...]:
        """The walk that it belongs to, its connection, and what that was made for."""
        connection = self.connection
        cause = None if connection is None else connection.cause
        return tuple(trace for trace in (self.walk, connection, cause) if trace is not None)


class WalkTrace(Trace):
    """One walk, or the reading of one table.

    Attributes:
        root: the subtree, or the table.
        is_table: whether it is a table.
        rows: how many variable bindings, or rows of the table, the program has taken.
        requests: how many requests it took.
    """

    __slots__ = ("is_table", "requests", "root", "rows")

    def __init__(
        self, peer: str, started_at: float, root: OID, *, is_table: bool, version: SnmpVersion | None = None
    ) -> None:
        super().__init__(peer, started_at, version=version)
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
        cause: the request, walk or table that it was begun for, whoever else waits for it; ``None`` if the program has
            called ``connect``, or a read of many names has.
    """

    __slots__ = ("_octets", "_statistics", "addresses", "cause", "opened_at", "reason", "tls")

    def __init__(
        self, peer: str, started_at: float, cause: Trace | None = None, *, version: SnmpVersion | None = None
    ) -> None:
        super().__init__(peer, started_at, version=version)
        self.cause = cause
        self._statistics: Statistics | None = None  # the manager's, while the connection is open
        self._octets = (0, 0)  # what they said when it was opened; what it has sent and received, when it has ended
        self.opened_at: float | None = None
        self.addresses: tuple[Any, Any] = (None, None)
        self.tls: TlsSession | None = None
        self.reason: SnmpError | None = None

    @property
    def others(self) -> tuple[Trace, ...]:
        """What it was begun for."""
        return () if self.cause is None else (self.cause,)

    @property
    def octets_sent(self) -> int:
        """How many octets of SNMP messages it has sent so far, without TLS's own."""
        return self._octets[0] if self._statistics is None else self._statistics.octets_sent - self._octets[0]

    @property
    def octets_received(self) -> int:
        """How many octets of SNMP messages it has received so far, without TLS's own."""
        return self._octets[1] if self._statistics is None else self._statistics.octets_received - self._octets[1]

    def count_from(self, statistics: Statistics) -> None:
        """Count its octets from now on, as the difference of its manager's counters."""
        self._octets = (statistics.octets_sent, statistics.octets_received)
        self._statistics = statistics

    def count_no_more(self) -> None:
        """Keep the octets as they are."""
        if self._statistics is not None:
            self._octets = (self.octets_sent, self.octets_received)
            self._statistics = None
