"""What went over a manager's connections, in plain counters."""

from __future__ import annotations

__all__ = ("Statistics",)


class Statistics:
    """Counters of one manager, over all its connections.

    Attributes:
        requests: requests sent.
        responses: responses that ended a request, whatever their error-status.
        timeouts: requests that expired without an acceptable answer.
        abandoned: requests whose caller was cancelled.
        lost: requests that were pending when their connection was lost.
        retried: requests sent again on a fresh connection.
        resent: requests sent again because of a report (RFC 3414: another engine ID, or another time).
        probes: messages sent to discover an engine, or to have it prove its time.
        reports: reports received.
        late: answers to requests that had expired or had been abandoned; dropped.
        duplicates: second answers to one request; dropped.
        unknown: answers with an id that was never issued; dropped.
        refused: replies that failed a security check, or have another version or community; dropped.
        malformed: messages that could not be decoded, or not in all places.
        broken: variables of responses that could not be decoded, while the others could be.
        oversized: responses with more variable bindings than were asked for; the first ones were used.
        traps: traps sent.
        notifications: notifications accepted for :meth:`snmptcp.Manager.notifications`.
        notifications_dropped: notifications dropped because a stream was full.
        unexpected: notifications and requests received while no stream or callback takes them; dropped.
        callback_failures: exceptions that callbacks of the program have raised; logged, without further effect.
        floods: connections closed because too many messages could not be read or were refused.
        connections: connections made.
        octets_sent: octets handed to the transport.
        octets_received: octets read from it.
    """

    __slots__ = (
        "abandoned",
        "broken",
        "callback_failures",
        "connections",
        "duplicates",
        "floods",
        "late",
        "lost",
        "malformed",
        "notifications",
        "notifications_dropped",
        "octets_received",
        "octets_sent",
        "oversized",
        "probes",
        "refused",
        "reports",
        "requests",
        "resent",
        "responses",
        "retried",
        "timeouts",
        "traps",
        "unexpected",
        "unknown",
    )

    def __init__(self) -> None:
        self.requests = self.responses = self.timeouts = self.abandoned = self.lost = self.retried = 0
        self.late = self.duplicates = self.unknown = self.refused = self.malformed = self.unexpected = 0
        self.resent = self.probes = self.reports = self.traps = 0
        self.notifications = self.notifications_dropped = self.callback_failures = 0
        self.floods = self.broken = self.oversized = 0
        self.connections = self.octets_sent = self.octets_received = 0

    def as_dict(self) -> dict[str, int]:
        """Return all counters by name."""
        names = (name for name in dir(self) if not name.startswith("_"))  # compiled, the class has no __slots__
        return {name: value for name in names if isinstance(value := getattr(self, name), int)}

    def __repr__(self) -> str:
        return f"Statistics({', '.join(f'{name}={value}' for name, value in self.as_dict().items() if value)})"
