"""What can be odd about a notification that is delivered all the same.

Contains: the oddities, and the variable bindings that cannot be read.
Does not contain: finding them (:mod:`snmptcp.protocol.reading`).
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from snmptcp.oid import OID

__all__ = ("Oddity", "UnreadableVarBind")


class Oddity(enum.Enum):
    """A rule that a notification breaks; the value is a text for people.

    With ``strict=True`` a notification with any of these is refused.
    """

    #: There is no sysUpTime.0 (RFC 3416 section 4.2.6); the uptime is 0.
    NO_UPTIME = "sysUpTime.0 is missing"
    #: sysUpTime.0 or SNMPv1's time-stamp is no TimeTicks.  A number of another type is the uptime; otherwise it is 0.
    UPTIME_TYPE = "the uptime is not of type TimeTicks"
    #: There is no snmpTrapOID.0 (RFC 3416 section 4.2.6); the trap OID is 0.0.
    NO_TRAP_OID = "snmpTrapOID.0 is missing"
    #: The value of snmpTrapOID.0 is no OID; the trap OID is 0.0.
    TRAP_OID_TYPE = "snmpTrapOID.0 is not an object identifier"
    #: The first two are swapped, or others come before them.
    ORDER = "the variable bindings do not begin with sysUpTime.0 and snmpTrapOID.0, in this order"
    #: The names are sysUpTime or snmpTrapOID without .0.
    INSTANCE = "sysUpTime or snmpTrapOID lacks its instance number .0"
    #: A Trap-PDU of SNMPv1 in another version's message, or the reverse.
    PDU_VERSION = "the PDU belongs to another SNMP version than the message"
    #: A Counter64, or an exception, in SNMPv1.
    NOT_IN_V1 = "a value has a type that SNMPv1 does not have"
    #: noSuchObject, noSuchInstance or endOfMibView.
    EXCEPTION_VALUE = "a value is an exception of SNMPv2"
    #: SNMPv1's agent-addr is empty, an IPv6 address, or of another type; it is 0.0.0.0 unless it has four octets.
    AGENT_ADDRESS = "agent-addr is not an IpAddress of four octets"
    #: SNMPv1's generic-trap is not 0 to 6, or no INTEGER.
    GENERIC_TRAP = "generic-trap is not an INTEGER from 0 to 6"
    #: SNMPv1's specific-trap is of another type of number.
    SPECIFIC_TRAP = "specific-trap is not an INTEGER"
    #: SNMPv1's enterprise is empty, of another type, or too long for a trap OID.
    ENTERPRISE = "the enterprise is empty, not an object identifier, or too long for a trap OID"
    #: error-status or error-index of a trap or inform is not 0.
    ERROR_FIELDS = "error-status or error-index is not 0"
    #: See ``unreadable``.
    UNREADABLE_VARBIND = "a variable binding cannot be read"
    #: The PDU ends before its list, or with the first octet of it; there are no variable bindings.
    NO_LIST = "the list of variable bindings is missing"
    #: They are ignored.
    TRAILING_OCTETS = "octets follow the variable bindings"
    #: The sender's engine ID breaks RFC 3411 section 5.
    ENGINE_ID = "the engine ID has fewer than 5 octets, or all of them are 0x00 or 0xff"


class UnreadableVarBind(NamedTuple):
    """A variable binding of a notification that cannot be read.

    Attributes:
        position: its place in the received list, from 0.
        oid: its name; ``None`` if that cannot be read either.
        octets: the octets; to the end of the list if it is not known where it ends.
        reason: what is wrong.
    """

    position: int
    oid: OID | None
    octets: bytes
    reason: str
