"""What events tell about credentials, peers and notifications, as values of their attributes.

Contains: pure functions from the library's types to attributes by name.
Does not contain: events (:mod:`snmptcp.ipworks.emit`), certificates (:mod:`snmptcp.ipworks.options.certificates`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from snmptcp.codec.pdu import TrapV1Pdu
from snmptcp.credentials import Community, SecurityLevel, SnmpVersion, UsmUser
from snmptcp.ipworks.octets import Octets
from snmptcp.protocol.notification import SNMP_TRAPS
from snmptcp.protocol.oddities import Oddity
from snmptcp.protocol.reading import NO_OID
from snmptcp.security.usm_message import level_of

if TYPE_CHECKING:
    from snmptcp.codec.message import V3Header
    from snmptcp.protocol.notification import Notification
    from snmptcp.security.usm_message import UsmParameters

__all__ = (
    "Address",
    "address_of",
    "credential_fields",
    "notification_fields",
    "peer_fields",
    "source_fields",
    "status_fields",
    "trap_fields",
    "usm_fields",
)

#: An address and a port.
Address: TypeAlias = tuple[str, int]

#: What leaves a notification without a trap OID.
_NAMELESS = frozenset((Oddity.NO_TRAP_OID, Oddity.TRAP_OID_TYPE))

_LEVELS = {SecurityLevel.noAuthNoPriv: 0, SecurityLevel.authNoPriv: 1, SecurityLevel.authPriv: 2}


def address_of(name: Any) -> Address:
    """Return the address and port of a socket's name; empty and 0 if it has none."""
    return (str(name[0]), int(name[1])) if isinstance(name, tuple) else ("", 0)


def source_fields(source: Address) -> dict[str, Any]:
    """Return the sender of a packet."""
    return {"source_address": source[0], "source_port": source[1]}


def peer_fields(peer: Address) -> dict[str, Any]:
    """Return the other end of a connection."""
    return {"remote_address": peer[0], "remote_port": peer[1]}


def status_fields(peer: Address, code: int = 0, text: str = "OK") -> dict[str, Any]:
    """Return the state of a connection."""
    return {"status_code": code, "description": text, **peer_fields(peer)}


def credential_fields(credentials: object) -> dict[str, Any]:
    """Return the version, community or user, and security level of a request's credentials."""
    if isinstance(credentials, UsmUser):
        return {
            "snmp_version": 3,
            "community": "",
            "user": _text(credentials.name),
            "security_level": _LEVELS[credentials.security_level],
        }
    if isinstance(credentials, Community):
        return {
            "snmp_version": _version_number(credentials.version),
            "community": _text(credentials.name),
            "user": "",
            "security_level": 0,
        }
    return {}


def usm_fields(header: V3Header, parameters: UsmParameters) -> dict[str, Any]:
    """Return the user and the security level that a message of SNMPv3 claims."""
    level = level_of(header.msg_flags) or SecurityLevel.noAuthNoPriv
    return {"user": _text(parameters.user), "security_level": _LEVELS[level]}


def notification_fields(notification: Notification) -> dict[str, Any]:
    """Return who sent a notification, and how."""
    source = notification.source
    return {
        "snmp_version": _version_number(notification.version),
        "community": _text(notification.community or b""),
        "user": _text(notification.security_name or b""),
        "security_level": _LEVELS[notification.security_level],
        **source_fields(("", 0) if source is None else (source.host, source.port)),
    }


def trap_fields(notification: Notification) -> dict[str, Any]:
    """Return what a trap says.

    An SNMPv1 trap has the documented ``trap_oid``: for a generic trap the one of RFC 3584 section 3.1, otherwise
    ``enterprise.generic.specific``, which differs from the RFC.  It is empty if the trap does not tell it.
    """
    pdu = notification.pdu
    request_id, trap_oid = 0, str(notification.trap_oid)
    if not isinstance(pdu, TrapV1Pdu):
        request_id = pdu.request_id
        if not _NAMELESS.isdisjoint(notification.oddities):
            trap_oid = ""
    elif notification.trap_oid == NO_OID:  # the enterprise is too long
        trap_oid = ""
    elif pdu.enterprise == SNMP_TRAPS:
        trap_oid = f"{pdu.enterprise}.{(pdu.generic_trap + 1) & 0xFFFFFFFF}"
    else:
        trap_oid = f"{pdu.enterprise}.{pdu.generic_trap & 0xFFFFFFFF}.{pdu.specific_trap & 0xFFFFFFFF}"
    return {
        "request_id": request_id,
        "trap_oid": trap_oid,
        "time_stamp": int(notification.uptime),
        "agent_address": notification.agent or "",
    }


def _version_number(version: SnmpVersion) -> int:
    """Return the documented number: 1 and 2 where messages have 0 and 1."""
    return 3 if version is SnmpVersion.V3 else int(version) + 1


def _text(octets: bytes) -> str:
    """Return text that can be printed, whatever a peer has sent."""
    return Octets(octets).decode()
