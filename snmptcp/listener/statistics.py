"""What a listener counts."""

from __future__ import annotations

from dataclasses import dataclass

from snmptcp.protocol.receiver import ReceiverStatistics

__all__ = ("ListenerStatistics",)


@dataclass(slots=True)
class ListenerStatistics(ReceiverStatistics):
    """Counters of a listener since it was made: its messages, and these of its connections."""

    #: Connections accepted.
    connections: int = 0
    #: Connections and TLS handshakes reset because there were too many in all: the oldest one without an accepted
    #: message, or else the new one.
    refused_connections: int = 0
    #: Connections and TLS handshakes reset because there were too many from one host.
    refused_connections_per_host: int = 0
    #: Connections reset because incomplete messages and unread answers took too much memory.
    crowded_out: int = 0
    #: Connections that the peer closed without sending an octet, as health checks of load balancers do; with TLS these
    #: are failed handshakes, too.
    empty_connections: int = 0
    #: Connections without a TLS session; the log tells why.
    failed_handshakes: int = 0
    #: Connections closed because the stream could not be cut into messages (RFC 3430 section 2.1).
    lost_framings: int = 0
    #: Connections that ended inside a message, which is lost.
    cut_off: int = 0
    #: Connections closed because they had sent no accepted message for too long.
    silent_closed: int = 0
    #: Connections closed because too many messages could not be read or were refused.
    floods: int = 0
    #: Connections closed because nothing had come for too long.
    idle_closed: int = 0
    #: Connections closed because a message took too long to arrive.
    slow_closed: int = 0
    #: Informs acknowledged, with an error-status or without.
    acknowledged: int = 0
    #: Informs whose sender had gone before they could be acknowledged; it will send them again.
    unacknowledged: int = 0
    #: Handlers that raised anything but :class:`~snmptcp.errors.AgentError`, and ``on_refused`` that raised anything.
    handler_failures: int = 0
    #: How often reading was stopped because the queue was full.
    pauses: int = 0
