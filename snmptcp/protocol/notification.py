"""Notifications: what a trap or an inform says, whatever version it came in, and how one is made (RFC 3416, RFC 3584).

Contains: the conversion between PDUs and notifications, and the translation between the parameters of SNMPv1 and
SNMPv2 (RFC 3584 section 3).
Does not contain: which senders are accepted, and acknowledging informs (:mod:`snmptcp.protocol.receiver`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.codec.pdu import PduType, TrapV1Pdu, encode_varbinds
from snmptcp.credentials import SecurityLevel, SnmpVersion
from snmptcp.errors import ConfigurationError, DecodeError
from snmptcp.oid import OID
from snmptcp.protocol.oddities import Oddity, UnreadableVarBind
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
    VarBinds,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snmptcp.codec.pdu import AnyPdu
    from snmptcp.oid import OidLike
    from snmptcp.values import Value

__all__ = (
    "DEFAULT_QUEUE_SIZE",
    "NOTIFICATION_PDUS",
    "SNMP_TRAPS",
    "SNMP_TRAP_ENTERPRISE",
    "SNMP_TRAP_OID",
    "SYS_UP_TIME",
    "GenericTrap",
    "Notification",
    "NotificationParameters",
    "Oddity",
    "Reading",
    "Source",
    "UnreadableVarBind",
    "from_v1",
    "memory_of",
    "notification_of",
    "notification_request",
    "queue_octets_for",
    "read_parameters",
    "to_v1",
    "trap_varbinds",
)

SYS_UP_TIME = OID("1.3.6.1.2.1.1.3.0")
SNMP_TRAP_OID = OID("1.3.6.1.6.3.1.1.4.1.0")
SNMP_TRAP_ENTERPRISE = OID("1.3.6.1.6.3.1.1.4.3.0")
SNMP_TRAP_ADDRESS = OID("1.3.6.1.6.3.18.1.3.0")
SNMP_TRAP_COMMUNITY = OID("1.3.6.1.6.3.18.1.4.0")

#: The parent of the six standard traps, from coldStart (1) to egpNeighborLoss (6) (RFC 3418 section 2).
SNMP_TRAPS = OID("1.3.6.1.6.3.1.1.5")

#: The Notification Class (RFC 3411 section 2.8).
NOTIFICATION_PDUS = frozenset((PduType.TRAP_V1, PduType.TRAP_V2, PduType.INFORM))

#: How many notifications may wait for their consumer.
DEFAULT_QUEUE_SIZE = 1000

#: How many octets of memory that many may take.
DEFAULT_QUEUE_OCTETS = 16 * 1024 * 1024

#: About what a variable binding takes in memory, beside the octets of its name and value.
VARBIND_MEMORY = 200

_ENTERPRISE_SPECIFIC = 6
_NO_ERROR = b"\x02\x01\x00" * 2

#: The types that SNMPv1 cannot carry: Counter64 (RFC 3584 section 3.2 step 6) and the exceptions.
_NOT_IN_V1 = (Counter64, NoSuchObject, NoSuchInstance, EndOfMibView)


class GenericTrap:
    """The values of generic-trap (RFC 1157 section 4.1.6)."""

    COLD_START = 0
    WARM_START = 1
    LINK_DOWN = 2
    LINK_UP = 3
    AUTHENTICATION_FAILURE = 4
    EGP_NEIGHBOR_LOSS = 5
    ENTERPRISE_SPECIFIC = _ENTERPRISE_SPECIFIC


class Source(NamedTuple):
    """The address that a notification came from: the peer of its connection."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)


class NotificationParameters(NamedTuple):
    """SNMPv2 notification parameters (RFC 3584 section 3).

    Attributes:
        trap_oid: the value of snmpTrapOID.0: the kind of event.
        uptime: the value of sysUpTime.0.
        varbinds: the variable bindings after these two.
    """

    trap_oid: OID
    uptime: TimeTicks
    varbinds: tuple[VarBind, ...]


class Reading(NamedTuple):
    """What a notification says, and what is odd about it.

    Attributes:
        parameters: uptime, trap OID, and the other variable bindings.
        oddities: the rules that it breaks.
        unreadable: the variable bindings that cannot be read.
    """

    parameters: NotificationParameters
    oddities: frozenset[Oddity] = frozenset()
    unreadable: tuple[UnreadableVarBind, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """A trap or an inform that was received, in the same form for all versions.

    SNMPv1's parameters are translated as RFC 3584 section 3.1 says.  What can be read is delivered even if the
    notification breaks rules; ``oddities`` says which.

    Attributes:
        trap_oid: the kind of event (snmpTrapOID.0); 0.0 if there is none.
        uptime: the uptime of the sender's agent at the event (sysUpTime.0); 0 if there is none.
        varbinds: the variable bindings, without those two; values are found by name, too: ``varbinds[name]``.
        version: the message's version.
        source: the peer of the connection; ``None`` if unknown.
        agent_address: the agent's address in the notification itself: SNMPv1's agent-addr, or a proxy's
            snmpTrapAddress.0; ``None`` if there is none.
        community: the message's community (SNMPv1, SNMPv2c); not shown in ``repr``.
        security_name: the sender (SNMPv3): the user, or the name that TLS derived from the certificate.
        security_level: the security level of the message.
        context_name: the contextName (SNMPv3).
        context_engine_id: the contextEngineID (SNMPv3).
        engine_id: the authoritative engine of the message: the sender's in a trap, the receiver's in an inform
            (SNMPv3 with USM).
        is_inform: whether the sender waits for an acknowledgement.
        pdu: the PDU as received, without what cannot be read.
        oddities: the rules that the notification breaks (:class:`Oddity`); empty for most.
        unreadable: the variable bindings that cannot be read, which are not among ``varbinds``.
        octets: the PDU's octets as received, decrypted, without the message around them; not shown in ``repr``.
    """

    trap_oid: OID
    uptime: TimeTicks
    varbinds: VarBinds
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
    oddities: frozenset[Oddity] = frozenset()
    unreadable: tuple[UnreadableVarBind, ...] = ()
    octets: bytes = field(default=b"", repr=False, compare=False)

    @classmethod
    def from_pdu(  # noqa: D417 - the other arguments are the attributes
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
        """Return the notification in a PDU.

        Args:
            pdu: a Trap-PDU, SNMPv2-Trap-PDU or InformRequest-PDU; the other arguments are as the attributes.

        Raises:
            DecodeError: the PDU is no notification, or a malformed one.
        """
        return notification_of(
            pdu,
            Reading(read_parameters(pdu)),
            version=version,
            source=source,
            community=community,
            security_name=security_name,
            security_level=security_level,
            context_name=context_name,
            context_engine_id=context_engine_id,
            engine_id=engine_id,
        )

    @property
    def agent(self) -> str | None:
        """The agent's address: the one in the notification unless that is 0.0.0.0, otherwise the source's.

        ``None`` if neither is known.
        """
        if self.agent_address is not None and any(self.agent_address):
            return str(self.agent_address)
        return None if self.source is None else self.source.host

    @property
    def enterprise(self) -> OID | None:
        """SNMPv1's enterprise: as received, or derived from the trap OID (RFC 3584 section 3.2).

        ``None`` if the trap OID is too short to contain one.
        """
        return self.pdu.enterprise if isinstance(self.pdu, TrapV1Pdu) else _enterprise(self.trap_oid, self.varbinds)

    @property
    def generic_trap(self) -> int:
        """SNMPv1's generic-trap, a value of :class:`GenericTrap`; another number if the sender sent one."""
        return self.pdu.generic_trap if isinstance(self.pdu, TrapV1Pdu) else _generic(self.trap_oid)

    @property
    def specific_trap(self) -> int:
        """SNMPv1's specific-trap: the last number of the trap OID if generic-trap is 6, otherwise 0."""
        if isinstance(self.pdu, TrapV1Pdu):
            return self.pdu.specific_trap
        return self.trap_oid[-1] if self.generic_trap == _ENTERPRISE_SPECIFIC else 0

    @property
    def proxy_varbinds(self) -> tuple[VarBind, ...]:
        """The variable bindings for forwarding the notification (RFC 3584 section 3.1 step 4).

        For an SNMPv1 trap, snmpTrapAddress.0, snmpTrapCommunity.0 and snmpTrapEnterprise.0 are added unless present.
        The community is often a secret: do not log these.
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

    def get(self, name: OidLike) -> Value | None:
        """Return the value of a variable binding; ``None`` if there is none with that name.

        Args:
            name: the instance's OID.
        """
        return _find(self.varbinds, OID(name))

    def to_v1(self) -> TrapV1Pdu:
        """Return the notification as an SNMPv1 Trap-PDU: as received, or translated (RFC 3584 section 3.2).

        Raises:
            ConfigurationError: SNMPv1 cannot carry it; see :func:`to_v1`.
        """
        if isinstance(self.pdu, TrapV1Pdu):
            return self.pdu
        return to_v1(self.trap_oid, self.varbinds, self.uptime, self.agent_address or IpAddress())


def notification_of(  # noqa: D417 - the other arguments are the attributes
    pdu: AnyPdu,
    reading: Reading,
    octets: bytes = b"",
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
    """Return the notification in a PDU that has been read.

    Args:
        pdu: the PDU.
        reading: what it says.
        octets: the PDU's octets; the other arguments are as the attributes of :class:`Notification`.
    """
    trap_oid, uptime, varbinds = reading.parameters
    address = pdu.agent_address if isinstance(pdu, TrapV1Pdu) else _find(varbinds, SNMP_TRAP_ADDRESS)
    return Notification(
        trap_oid=trap_oid,
        uptime=uptime,
        varbinds=VarBinds(varbinds),
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
        oddities=reading.oddities,
        unreadable=reading.unreadable,
        octets=octets,
    )


# ----------------------------------------------------------------------------------------- waiting


def memory_of(notification: Notification, octets: int) -> int:
    """Return about how many octets of memory a notification takes while it waits.

    Many short variable bindings take twenty times the octets of their message.

    Args:
        notification: the notification.
        octets: the size of its message.
    """
    # Values and the PDU's octets; for acknowledging, and for not taking a message twice, the message too.
    copies = 3 if notification.is_inform or notification.version is SnmpVersion.V3 else 2
    return copies * octets + VARBIND_MEMORY * (len(notification.pdu.varbinds) + len(notification.unreadable))


def queue_octets_for(queue_size: int, queue_octets: int | None) -> int:
    """Return how many octets of memory a queue of notifications may take.

    Args:
        queue_size: how many notifications may wait.
        queue_octets: what the caller has chosen; ``None`` for 16 MiB, or in proportion more for more than 1000.

    Raises:
        ConfigurationError: it is below 1.
    """
    if queue_octets is None:
        return DEFAULT_QUEUE_OCTETS * max(queue_size, DEFAULT_QUEUE_SIZE) // DEFAULT_QUEUE_SIZE
    if queue_octets < 1:
        raise ConfigurationError(f"queue_octets must be at least 1, not {queue_octets}")
    return queue_octets


# ------------------------------------------------------------------------------------------ reading


def read_parameters(pdu: AnyPdu) -> NotificationParameters:
    """Return the notification parameters of a PDU.

    Raises:
        DecodeError: the PDU is no notification, its first two variable bindings are not sysUpTime.0 and snmpTrapOID.0
            (RFC 3416 section 4.2.6), or SNMPv1's generic-trap is invalid.
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

    Some agents encode a specific-trap above 2147483647 as a negative number; it is read as the number meant.

    Raises:
        DecodeError: generic-trap is not 0 to 6, or the enterprise is too long for a trap OID.
    """
    # Steps 2 and 3.
    if pdu.generic_trap == _ENTERPRISE_SPECIFIC:
        try:
            trap_oid = pdu.enterprise + 0 + (pdu.specific_trap & 0xFFFFFFFF)
        except ConfigurationError as error:
            raise DecodeError(f"the enterprise yields no trap OID: {error}") from None
    elif 0 <= pdu.generic_trap < _ENTERPRISE_SPECIFIC:
        trap_oid = SNMP_TRAPS + (pdu.generic_trap + 1)
    else:
        raise DecodeError(f"generic-trap is {pdu.generic_trap}, not 0 to 6")
    # Steps 1 and 4; Notification.proxy_varbinds has what a proxy adds.
    return NotificationParameters(trap_oid, pdu.timestamp, pdu.varbinds)


# ------------------------------------------------------------------------------------------ sending


def trap_varbinds(trap_oid: OID, varbinds: Iterable[VarBind], uptime: TimeTicks) -> tuple[VarBind, ...]:
    """Return the variable bindings of an SNMPv2-Trap-PDU or InformRequest-PDU (RFC 3416 section 4.2.6).

    Args:
        trap_oid: the kind of event (snmpTrapOID.0).
        varbinds: the variable bindings of the event.
        uptime: the sysUpTime of the sending agent.
    """
    return (VarBind(SYS_UP_TIME, uptime), VarBind(SNMP_TRAP_OID, trap_oid), *varbinds)


def notification_request(pdu_type: PduType, trap_oid: OID, varbinds: Iterable[VarBind], uptime: TimeTicks) -> Request:
    """Return an InformRequest or an SNMPv2-Trap as a request.

    Args:
        pdu_type: ``PduType.INFORM`` or ``PduType.TRAP_V2``.
        trap_oid: the kind of event (snmpTrapOID.0).
        varbinds: the variable bindings of the event.
        uptime: the sysUpTime of the sending agent.

    Raises:
        ConfigurationError: another PDU type, or an invalid name.
    """
    if pdu_type not in (PduType.INFORM, PduType.TRAP_V2):
        raise ConfigurationError(f"a notification is an INFORM or a TRAP_V2, not {pdu_type.name}")
    bindings = trap_varbinds(trap_oid, varbinds, uptime)
    return Request(pdu_type, tuple(oid for oid, _ in bindings), _NO_ERROR + encode_varbinds(bindings))


def to_v1(trap_oid: OID, varbinds: Iterable[VarBind], uptime: TimeTicks, agent_address: IpAddress) -> TrapV1Pdu:
    """Translate SNMPv2 notification parameters (RFC 3584 section 3.2).

    Args:
        trap_oid: the kind of event (snmpTrapOID.0).
        varbinds: the variable bindings of the event.
        uptime: the sysUpTime of the sending agent.
        agent_address: the sender's own address; when forwarding, the notification's snmpTrapAddress.0, or 0.0.0.0 if
            it has none.

    Raises:
        ConfigurationError: a Counter64 or an exception, which SNMPv1 does not have; or a trap OID that is too short
            for an enterprise, or ends in a number above 2147483647.
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
        raise ConfigurationError(f"SNMPv1 cannot carry the trap {trap_oid}: it is too short for an enterprise")
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
    """RFC 3584 section 3.2 step 1; ``None`` if fewer than two numbers are left."""
    if _generic(trap_oid) != _ENTERPRISE_SPECIFIC:
        told = _find(varbinds, SNMP_TRAP_ENTERPRISE)
        return told if isinstance(told, OID) else SNMP_TRAPS
    enterprise = trap_oid[: -2 if len(trap_oid) > 1 and trap_oid[-2] == 0 else -1]
    return enterprise if len(enterprise) > 1 else None


def _find(varbinds: tuple[VarBind, ...], name: OID) -> Value | None:
    return next((value for oid, value in varbinds if oid == name), None)
