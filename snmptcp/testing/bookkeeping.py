"""An agent's books: which requests it accepted, and what it counted.

What may live here: plain records.  What may not: deciding what is written into them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.credentials import SecurityLevel
from snmptcp.security.reports import SecurityCounters

if TYPE_CHECKING:
    from snmptcp.codec.pdu import Pdu
    from snmptcp.credentials import SnmpVersion

__all__ = ("Request", "Statistics")


class Request(NamedTuple):
    """A request that an agent has accepted.

    Attributes:
        version: the message's version.
        community: the message's community; empty in SNMPv3.
        pdu: what is asked.
        connection: the number of the connection it came on: 1 for the agent's first.
        user: the user name, or the security name that TLS has made; empty before SNMPv3, like all that follow.
        security_level: how well the message was protected.
        context_name: the context that is asked about.
    """

    version: SnmpVersion
    community: bytes
    pdu: Pdu
    connection: int
    user: bytes = b""
    security_level: SecurityLevel = SecurityLevel.noAuthNoPriv
    context_name: bytes = b""


@dataclass(slots=True)
class Statistics(SecurityCounters):
    """What an agent has counted since it was made; the inherited counters are of SNMPv3 messages."""

    #: Connections accepted.
    connections: int = 0
    #: Messages received, of any kind.
    messages_in: int = 0
    #: Messages sent, whole or not; a duplicate counts again.
    messages_out: int = 0
    #: Messages that are not sound, and GETBULK in SNMPv1; dropped.
    malformed: int = 0
    #: Messages of a version that the agent does not speak; dropped.
    unsupported_versions: int = 0
    #: Messages with an unknown community; dropped.
    bad_communities: int = 0
    #: Responses, notifications and reports received; dropped.
    unexpected_pdus: int = 0
    #: Requests to which not even tooBig would have fitted (snmpSilentDrops of RFC 3418).
    silent_drops: int = 0
    #: Connections closed because the stream could not be cut into messages.
    lost_framings: int = 0
    #: Responses that a fault has touched.
    faults: int = 0
    #: Notifications pushed.
    notifications: int = 0
    #: Informs among them that were acknowledged.
    acknowledged: int = 0
    #: Reports sent (SNMPv3).
    reports: int = 0
