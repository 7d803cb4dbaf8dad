"""Protecting the traps that a manager sends (RFC 3411 section 2.8: unconfirmed; RFC 3412 section 6.4).

Contains: the message around a trap, in each version and security model; with USM the sender is authoritative.
Does not contain: the trap's PDU (:mod:`snmptcp.protocol.notification`), and informs: they are requests, and their
receiver is authoritative.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.codec import ber
from snmptcp.codec.message import CommunityMessage, encode_context, encode_message
from snmptcp.codec.pdu import PduType
from snmptcp.credentials import Community, SecurityLevel, SnmpVersion, UsmUser
from snmptcp.errors import ConfigurationError
from snmptcp.security.authority import AuthoritativeEngine
from snmptcp.security.community import CommunitySecurity
from snmptcp.security.reports import SecurityCounters
from snmptcp.security.tsm import encode_tsm_message

if TYPE_CHECKING:
    from snmptcp.codec.pdu import TrapV1Pdu
    from snmptcp.credentials import Tsm
    from snmptcp.security.engine_clock import EngineInfo

__all__ = ("TrapSender",)


class TrapSender:
    """Protects the traps of one sender.

    Args:
        credentials: the credentials to send with.
        max_message_size: the longest message that the sender accepts, in octets.
        local_engine: the sender's engine in SNMPv3: the authoritative engine of its traps (USM), or the engine of
            their context (TSM).
        now: the time at which ``local_engine`` holds.

    Raises:
        ConfigurationError: an invalid engine ID, boots or time.
    """

    def __init__(
        self, credentials: Community | UsmUser | Tsm, max_message_size: int, local_engine: EngineInfo, now: float
    ) -> None:
        self._credentials = credentials
        self._max_message_size = min(max_message_size, 0x7FFFFFFF)
        self._engine = AuthoritativeEngine(
            (),
            SecurityCounters(),
            engine_id=local_engine.engine_id,
            boots=local_engine.boots,
            max_message_size=self._max_message_size,
        )
        self._engine.start(now - local_engine.time)

    @property
    def engine_id(self) -> bytes:
        """The sender's snmpEngineID."""
        return self._engine.engine_id

    def protect_v1(self, pdu: TrapV1Pdu) -> bytes:
        """Return a whole SNMPv1 message.

        Raises:
            ConfigurationError: the credentials are not a community.
        """
        if not isinstance(self._credentials, Community):
            raise ConfigurationError(f"an SNMPv1 trap needs a Community, not {type(self._credentials).__name__}")
        return encode_message(CommunityMessage(SnmpVersion.V1, self._credentials.name, pdu))

    def protect(self, message_id: int, request_id: bytes, tail: bytes, now: float) -> bytes:
        """Return a whole message with an SNMPv2-Trap.

        Args:
            message_id: the msgID (SNMPv3).
            request_id: four octets.
            tail: the PDU from the error-status on.
            now: the time.
        """
        credentials = self._credentials
        if isinstance(credentials, Community):
            return CommunitySecurity(credentials).protect(PduType.TRAP_V2, message_id, request_id, tail, now)
        if isinstance(credentials, UsmUser):
            return self._engine.protect_trap(credentials, message_id, request_id, tail, now)
        return self._protect_tsm(credentials, message_id, request_id, tail)

    def _protect_tsm(self, credentials: Tsm, message_id: int, request_id: bytes, tail: bytes) -> bytes:
        context = encode_context(credentials.context_engine_id or self.engine_id, credentials.context_name)
        scoped_pdu = ber.tlv(ber.SEQUENCE, context + ber.tlv(PduType.TRAP_V2, b"\x02\x04" + request_id + tail))
        return encode_tsm_message(message_id, self._max_message_size, int(SecurityLevel.authPriv), scoped_pdu)
