"""Notifications: what a trap or an inform says, whatever version it came in, and how one is made (RFC 3416, RFC 3584).

What may live here: PDUs to notifications and back, and the translation between SNMPv1's and SNMPv2's parameters
(RFC 3584 section 3).  What may not: who may notify, and how a notification is acknowledged
(:mod:`snmptcp.protocol.receiver`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.codec.pdu import PduType, TrapV1Pdu, encode_varbinds
from snmptcp.credentials import SecurityLevel, SnmpVersion
from snmptcp.errors import ConfigurationError, DecodeError
from snmptcp.oid import OID
from snmptcp.protocol.request import Request
from snmptcp.values import (
    Counter64,
    EndOfMibView,
    IpAddress,
    NoSuchInstance,
    NoSuchObject,
    OctetString,
    TimeTicks,
    VarBind,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snmptcp.codec.pdu import AnyPdu
    from snmptcp.values import Value

__all__ = (
    "NOTIFICATION_PDUS",
    "SNMP_TRAPS",
    "SNMP_TRAP_ENTERPRISE",
    "SYS_UP_TIME",
    "GenericTrap",
    "Notification",
    "NotificationParameters",
    "Source",
    "from_v1",
    "notification_request",
    "read_parameters",
    "to_v1",
    "trap_varbinds",
)

SYS_UP_TIME = OID("1.3.6.1.2.1.1.3.0")
SNMP_TRAP_OID = OID("1.3.6.1.6.3.1.1.4.1.0")
SNMP_TRAP_ENTERPRISE = OID("1.3.6.1.6.3.1.1.4.3.0")
SNMP_TRAP_ADDRESS = OID("1.3.6.1.6.3.18.1.3.0")
SNMP_TRAP_COMMUNITY = OID("1.3.6.1.6.3.18.1.4.0")

#: coldStart and its five siblings are 1 to 6 below this (RFC 3418 section 2).
SNMP_TRAPS = OID("1.3.6.1.6.3.1.1.5")

#: The notifications that are pushed with these PDUs (RFC 3411 section 2.8).
NOTIFICATION_PDUS = frozenset((PduType.TRAP_V1, PduType.TRAP_V2, PduType.INFORM))

_ENTERPRISE_SPECIFIC = 6
_NO_ERROR = b"\x02\x01\x00" * 2

#: What SNMPv1 cannot carry (RFC 3584 section 3.2 step 6; the exceptions are no values at all).
_NOT_IN_V1 = (Counter64, NoSuchObject, NoSuchInstance, EndOfMibView)


class GenericTrap:
    """The numbers of generic-trap (RFC 1157 section 4.1.6)."""

    COLD_START = 0
    WARM_START = 1
    LINK_DOWN = 2
    LINK_UP = 3
    AUTHENTICATION_FAILURE = 4
    EGP_NEIGHBOR_LOSS = 5
    ENTERPRISE_SPECIFIC = _ENTERPRISE_SPECIFIC


class Source(NamedTuple):
    """Where a notification came from: the other end of its connection."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class NotificationParameters(NamedTuple):
    """SNMPv2 notification parameters (RFC 3584 section 3).

    Attributes:
        trap_oid: what happened: the value of snmpTrapOID.0.
        uptime: the value of sysUpTime.0.
        varbinds: the variable bindings behind these two.
    """

    trap_oid: OID
    uptime: TimeTicks
    varbinds: tuple[VarBind, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A trap or an inform that was received, in one shape whatever its version.

    What SNMPv1 says is translated as RFC 3584 section 3.1 tells.

    Attributes:
        trap_oid: what happened (snmpTrapOID.0).
        uptime: how long the sender's agent had been up then (sysUpTime.0).
        varbinds: the variable bindings, without those two.
        version: the message's version.
        source: the other end of the connection; ``None`` where there was none.
        agent_address: the agent that noticed, as the notification itself tells: agent-addr of SNMPv1,
            snmpTrapAddress.0 where a proxy has put it; ``None`` where it tells nothing.
        community: the message's community (SNMPv1, SNMPv2c); not shown in ``repr``.
        security_name: who sent it (SNMPv3): the user, or what TLS makes of the certificate.
        security_level: how well the message was protected.
        context_name: the context that it is about (SNMPv3).
        context_engine_id: the engine that the context belongs to (SNMPv3).
        engine_id: the authoritative engine of the message: the sender's in a trap, the receiver's in an inform
            (SNMPv3 with USM).
        is_inform: whether the sender waits for an acknowledgement.
        pdu: the PDU as it came.
    """

    trap_oid: OID
    uptime: TimeTicks
    varbinds: tuple[VarBind, ...]
    version: SnmpVersion
    source: Source | None = None
    agent_address: IpAddress | None = None
    community: bytes | None = field(default=None, repr=False)
    security_name: bytes | None = None
    security_level: SecurityLevel = SecurityLevel.noAuthNoPriv
    context_name: bytes = b""
    context_engine_id: bytes | None = None
    engine_id: bytes | None = None
    is_inform: bool = False
    pdu: AnyPdu = field(repr=False)

    @classmethod
    def from_pdu(  # noqa: D417 - the envelope is that of the attributes
        cls,
        pdu: AnyPdu,
        *,
        version: SnmpVersion,
        source: Source | None = None,
        community: bytes | None = None,
        security_name: bytes | None = None,
        security_level: SecurityLevel = SecurityLevel.noAuthNoPriv,
        context_name: bytes = b"",
        context_engine_id: bytes | None = None,
        engine_id: bytes | None = None,
    ) -> Notification:
        """Return what a PDU says, in its envelope.

        Args:
            pdu: a Trap-PDU, SNMPv2-Trap-PDU or InformRequest-PDU; the rest is as the attributes are.

        Raises:
            DecodeError: it is no notification, or not a sound one.
        """
        trap_oid, uptime, varbinds = read_parameters(pdu)
        address = pdu.agent_address if isinstance(pdu, TrapV1Pdu) else _find(varbinds, SNMP_TRAP_ADDRESS)
        return cls(
            trap_oid=trap_oid,
            uptime=uptime,
            varbinds=varbinds,
            version=version,
            source=source,
            agent_address=address if isinstance(address, IpAddress) else None,
            community=community,
            security_name=security_name,
            security_level=security_level,
            context_name=context_name,
            context_engine_id=context_engine_id,
            engine_id=engine_id,
            is_inform=pdu.type is PduType.INFORM,
            pdu=pdu,
        )

    @property
    def agent(self) -> str | None:
        """The agent's address, as well as it is known: what the notification tells, or else where it came from.

        0.0.0.0 tells nothing.  ``None`` where nothing is known at all.
        """
        if self.agent_address is not None and any(self.agent_address):
            return str(self.agent_address)
        return None if self.source is None else self.source.host

    @property
    def enterprise(self) -> OID | None:
        """SNMPv1's enterprise: as it was sent, or as RFC 3584 section 3.2 makes it of the trap OID.

        ``None`` for a trap OID that is too short to have one.
        """
        return self.pdu.enterprise if isinstance(self.pdu, TrapV1Pdu) else _enterprise(self.trap_oid, self.varbinds)

    @property
    def generic_trap(self) -> int:
        """SNMPv1's generic-trap: 0 to 5 for :class:`GenericTrap`'s, 6 for enterpriseSpecific."""
        return _generic(self.trap_oid)

    @property
    def specific_trap(self) -> int:
        """SNMPv1's specific-trap: the last number of the trap OID where generic-trap is 6, and 0 elsewhere."""
        if isinstance(self.pdu, TrapV1Pdu):
            return self.pdu.specific_trap
        return self.trap_oid[-1] if self.generic_trap == _ENTERPRISE_SPECIFIC else 0

    @property
    def proxy_varbinds(self) -> tuple[VarBind, ...]:
        """The variable bindings for somebody who forwards the notification (RFC 3584 section 3.1 step 4).

        To what SNMPv1 sent, snmpTrapAddress.0, snmpTrapCommunity.0 and snmpTrapEnterprise.0 are added, each where
        it is not there yet.  The community is often a secret: these are for the next manager, not for a log.
        """
        if not isinstance(self.pdu, TrapV1Pdu):
            return self.varbinds
        additional = (
            VarBind(SNMP_TRAP_ADDRESS, self.pdu.agent_address),
            VarBind(SNMP_TRAP_COMMUNITY, OctetString(self.community or b"")),
            VarBind(SNMP_TRAP_ENTERPRISE, self.pdu.enterprise),
        )
        present = {varbind.oid for varbind in self.varbinds}
        return (*self.varbinds, *(varbind for varbind in additional if varbind.oid not in present))

    def get(self, name: OID | str) -> Value | None:
        """Return the value of a variable binding; ``None`` where there is none of that name.

        Args:
            name: the name of the instance.
        """
        return _find(self.varbinds, OID(name))

    def to_v1(self) -> TrapV1Pdu:
        """Return the notification as SNMPv1 says it: the PDU itself, or a translation (RFC 3584 section 3.2).

        Raises:
            ConfigurationError: SNMPv1 cannot say it; see :func:`to_v1`.
        """
        if isinstance(self.pdu, TrapV1Pdu):
            return self.pdu
        return to_v1(self.trap_oid, self.varbinds, self.uptime, self.agent_address or IpAddress())


# ------------------------------------------------------------------------------------------ reading


def read_parameters(pdu: AnyPdu) -> NotificationParameters:
    """Return what a PDU notifies of.

    Raises:
        DecodeError: it is no notification, or its first two variable bindings are not sysUpTime.0 and
            snmpTrapOID.0 (RFC 3416 section 4.2.6), or SNMPv1's numbers mean no trap.
    """
    if isinstance(pdu, TrapV1Pdu):
        return from_v1(pdu)
    if pdu.type not in NOTIFICATION_PDUS:
        raise DecodeError(f"a {pdu.type.name} PDU is no notification")
    if len(pdu.varbinds) < 2:
        raise DecodeError("a notification without sysUpTime.0 and snmpTrapOID.0")
    (first, uptime), (second, trap_oid), *_ = pdu.varbinds
    if first != SYS_UP_TIME or not isinstance(uptime, TimeTicks):
        raise DecodeError("the first variable binding of a notification is not sysUpTime.0")
    if second != SNMP_TRAP_OID or not isinstance(trap_oid, OID):
        raise DecodeError("the second variable binding of a notification is not snmpTrapOID.0")
    return NotificationParameters(trap_oid, uptime, pdu.varbinds[2:])


def from_v1(pdu: TrapV1Pdu) -> NotificationParameters:
    """Translate SNMPv1 notification parameters (RFC 3584 section 3.1).

    A specific-trap below zero is what some agents make of a number above 2147483647: it is read as that number.

    Raises:
        DecodeError: generic-trap is not 0 to 6, or the enterprise is too long for a trap OID.
    """
    # Steps 2 and 3.
    if pdu.generic_trap == _ENTERPRISE_SPECIFIC:
        try:
            trap_oid = pdu.enterprise + 0 + (pdu.specific_trap & 0xFFFFFFFF)
        except ConfigurationError as error:
            raise DecodeError(f"no trap OID can be made of the enterprise: {error}") from None
    elif 0 <= pdu.generic_trap < _ENTERPRISE_SPECIFIC:
        trap_oid = SNMP_TRAPS + (pdu.generic_trap + 1)
    else:
        raise DecodeError(f"no trap has generic-trap {pdu.generic_trap}")
    # Steps 1 and 4; what a proxy adds is in Notification.proxy_varbinds.
    return NotificationParameters(trap_oid, pdu.timestamp, pdu.varbinds)


# ------------------------------------------------------------------------------------------ sending


def trap_varbinds(trap_oid: OID, varbinds: Iterable[VarBind], uptime: TimeTicks) -> tuple[VarBind, ...]:
    """Return the variable bindings of an SNMPv2-Trap-PDU or InformRequest-PDU (RFC 3416 section 4.2.6).

    Args:
        trap_oid: what happened.
        varbinds: what belongs to it.
        uptime: sysUpTime of the agent that notifies.
    """
    return (VarBind(SYS_UP_TIME, uptime), VarBind(SNMP_TRAP_OID, trap_oid), *varbinds)


def notification_request(pdu_type: PduType, trap_oid: OID, varbinds: Iterable[VarBind], uptime: TimeTicks) -> Request:
    """Return an InformRequest or an SNMPv2-Trap, ready to be sent.

    Args:
        pdu_type: ``PduType.INFORM`` or ``PduType.TRAP_V2``.
        trap_oid: what happened.
        varbinds: what belongs to it.
        uptime: sysUpTime of the agent that notifies.

    Raises:
        ConfigurationError: another type, or a name that cannot be sent.
    """
    if pdu_type not in (PduType.INFORM, PduType.TRAP_V2):
        raise ConfigurationError(f"a notification is an INFORM or a TRAP_V2, not a {pdu_type.name}")
    bindings = trap_varbinds(trap_oid, varbinds, uptime)
    return Request(pdu_type, tuple(oid for oid, _ in bindings), _NO_ERROR + encode_varbinds(bindings))


def to_v1(trap_oid: OID, varbinds: Iterable[VarBind], uptime: TimeTicks, agent_address: IpAddress) -> TrapV1Pdu:
    """Translate SNMPv2 notification parameters (RFC 3584 section 3.2).

    Args:
        trap_oid: what happened.
        varbinds: what belongs to it.
        uptime: sysUpTime of the agent that notifies.
        agent_address: the sender's own address; of a notification that is only forwarded its
            snmpTrapAddress.0, or else 0.0.0.0.

    Raises:
        ConfigurationError: a Counter64, or an exception in place of a value, which SNMPv1 does not have; a
            trap OID too short for an enterprise, or with a last number above 2147483647.
    """
    bindings = tuple(varbinds)
    # Step 6.
    for oid, value in bindings:
        if isinstance(value, _NOT_IN_V1):
            raise ConfigurationError(f"SNMPv1 cannot carry the {value.name} of {oid}")
    # Steps 1, 3 and 4.
    enterprise = _enterprise(trap_oid, bindings)
    generic = _generic(trap_oid)
    specific = trap_oid[-1] if generic == _ENTERPRISE_SPECIFIC else 0
    if enterprise is None:
        raise ConfigurationError(f"SNMPv1 cannot carry the trap {trap_oid}: no enterprise can be made of it")
    if specific > 0x7FFFFFFF:
        raise ConfigurationError(f"SNMPv1 cannot carry the trap {trap_oid}: its last number is above 2147483647")
    # Steps 2 and 5.
    return TrapV1Pdu(enterprise, agent_address, generic, specific, uptime, bindings)


def _generic(trap_oid: OID) -> int:
    """RFC 3584 section 3.2 step 3."""
    if len(trap_oid) == len(SNMP_TRAPS) + 1 and trap_oid.startswith(SNMP_TRAPS) and 1 <= trap_oid[-1] <= 6:
        return trap_oid[-1] - 1
    return _ENTERPRISE_SPECIFIC


def _enterprise(trap_oid: OID, varbinds: tuple[VarBind, ...]) -> OID | None:
    """RFC 3584 section 3.2 step 1; ``None`` where so little is left that it is no OID."""
    if _generic(trap_oid) != _ENTERPRISE_SPECIFIC:
        told = _find(varbinds, SNMP_TRAP_ENTERPRISE)
        return told if isinstance(told, OID) else SNMP_TRAPS
    enterprise = trap_oid[: -2 if len(trap_oid) > 1 and trap_oid[-2] == 0 else -1]
    return enterprise if len(enterprise) > 1 else None


def _find(varbinds: tuple[VarBind, ...], name: OID) -> Value | None:
    return next((value for oid, value in varbinds if oid == name), None)
