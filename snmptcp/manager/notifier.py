"""A manager's notifications, both ways: what it sends, and what it takes on its own connection.

What may live here: notifications as requests and as messages, and the inbox.  What may not: connections
(:mod:`snmptcp.manager.connector`).  Most managers have no notifications, and never import this.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from snmptcp.codec.pdu import PduType
from snmptcp.manager.inbox import Inbox
from snmptcp.protocol.correlator import FIRST_ID
from snmptcp.protocol.notification import notification_request, to_v1
from snmptcp.protocol.receiver import ReceiverStatistics
from snmptcp.security.authority import random_engine_id
from snmptcp.security.engine_clock import EngineInfo
from snmptcp.security.trap_sender import TrapSender
from snmptcp.values import IpAddress, TimeTicks

if TYPE_CHECKING:
    from snmptcp.credentials import Community, Tsm, UsmUser
    from snmptcp.oid import OID
    from snmptcp.protocol.correlator import Statistics
    from snmptcp.protocol.request import Request
    from snmptcp.values import VarBind

__all__ = ("Notifier", "uptime")

#: When this process began, as far as sysUpTime.0 of its notifications goes.
_STARTED = time.monotonic()


def uptime(hundredths: int | None) -> TimeTicks:
    """Return sysUpTime: what is given, or how long this library has been at work here."""
    return TimeTicks(int((time.monotonic() - _STARTED) * 100) & 0xFFFFFFFF if hundredths is None else hundredths)


class Notifier:
    """What one manager needs to send notifications and to take them.

    Args:
        credentials: who notifies, and who may.
        local_engine: who we are; a random engine that has started once where it is not given.
        max_message_size: the longest message that is accepted, in octets.
        statistics: the counters to add to.
    """

    def __init__(
        self,
        credentials: Community | UsmUser | Tsm,
        local_engine: EngineInfo | None,
        max_message_size: int,
        statistics: Statistics,
    ) -> None:
        self._credentials = credentials
        self._local_engine = local_engine or EngineInfo(random_engine_id(), 1, 0)
        self._max_message_size = max_message_size
        self._statistics = statistics
        self._traps = TrapSender(credentials, max_message_size, self._local_engine, time.monotonic())
        self._inbox: Inbox | None = None

    @property
    def has_inbox(self) -> bool:
        """Whether anybody has ever asked for what arrives."""
        return self._inbox is not None

    @property
    def inbox(self) -> Inbox:
        """Where notifications arrive; made when it is first wanted, on the running event loop."""
        if self._inbox is None:
            self._inbox = Inbox(self._credentials, self._local_engine, self._max_message_size, self._statistics)
        return self._inbox

    @property
    def statistics(self) -> ReceiverStatistics:
        """What became of what has arrived."""
        return ReceiverStatistics() if self._inbox is None else self._inbox.statistics

    def use(self, credentials: Community | UsmUser | Tsm) -> None:
        """Notify on behalf of somebody else from now on."""
        self._credentials = credentials
        self._traps = TrapSender(credentials, self._max_message_size, self._local_engine, time.monotonic())

    @staticmethod
    def inform(trap_oid: OID, varbinds: list[VarBind], hundredths: int | None) -> Request:
        """Return an InformRequest."""
        return notification_request(PduType.INFORM, trap_oid, varbinds, uptime(hundredths))

    @staticmethod
    def trap(trap_oid: OID, varbinds: list[VarBind], hundredths: int | None) -> Request:
        """Return an SNMPv2-Trap."""
        return notification_request(PduType.TRAP_V2, trap_oid, varbinds, uptime(hundredths))

    def protect(self, request_id: int, trap: Request, now: float) -> bytes:
        """Return a whole message with an SNMPv2-Trap.

        Args:
            request_id: an id that nothing else has.
            trap: the trap.
            now: the time.
        """
        octets = (request_id | FIRST_ID).to_bytes(4, "big")  # nothing answers it: any four octets will do
        return self._traps.protect(octets, trap.tail, now)

    def trap_v1(
        self, trap_oid: OID, varbinds: list[VarBind], hundredths: int | None, agent_address: str | IpAddress | None
    ) -> bytes:
        """Return a whole message with a Trap-PDU of SNMPv1 (RFC 3584 section 3.2).

        Raises:
            ConfigurationError: what SNMPv1 cannot say.
        """
        address = IpAddress(agent_address or "0.0.0.0")  # noqa: S104 - nobody in particular
        return self._traps.protect_v1(to_v1(trap_oid, varbinds, uptime(hundredths), address))
