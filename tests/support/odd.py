"""Notifications that break rules, octet by octet, as programs and devices send them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp import OID, Community, SnmpVersion, UsmUser
from snmptcp.codec import ber
from snmptcp.codec.message import MsgFlags, community_header, encode_context
from snmptcp.codec.pdu import PduType
from snmptcp.listener import Oddity
from snmptcp.security.tsm import encode_tsm_message
from snmptcp.security.usm_keys import user_keys
from snmptcp.security.usm_message import MessageHeader, UsmParameters, encode_usm_message
from tests.support.senders import ALICE, CONFIG_CHANGED, RECEIVER_ENGINE, SENDER_ENGINE, SYS_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

UPTIME = OID("1.3.6.1.2.1.1.3.0")
TRAP_OID = OID("1.3.6.1.6.3.1.1.4.1.0")
ENTERPRISE = OID("1.3.6.1.4.1.8072.9999")
NONE = OID("0.0")


def oid(value: OID) -> bytes:
    return ber.tlv(ber.OBJECT_IDENTIFIER, value.ber)


def number(value: int, tag: int = 0x43) -> bytes:
    return ber.encode_unsigned(value, tag)


def varbind(name: OID, value: bytes) -> bytes:
    return ber.tlv(ber.SEQUENCE, oid(name) + value)


UP = varbind(UPTIME, number(4242))
KIND = varbind(TRAP_OID, oid(CONFIG_CHANGED))
NAME = varbind(SYS_NAME, ber.tlv(4, b"dev1"))
BROKEN = varbind(SYS_NAME, ber.tlv(0x40, b"abc"))


def pdu(kind: int, *varbinds: bytes, status: int = 0, index: int = 0, after: bytes = b"", beyond: bytes = b"") -> bytes:
    """Return a PDU with request-id 4711.

    Args:
        kind: its tag.
        varbinds: the encoded variable bindings.
        status: the error-status.
        index: the error-index.
        after: octets after the list, in the PDU.
        beyond: octets after the PDU.
    """
    numbers = ber.encode_integer(4711) + ber.encode_integer(status) + ber.encode_integer(index)
    return ber.tlv(kind, numbers + ber.tlv(ber.SEQUENCE, b"".join(varbinds)) + after) + beyond


def pdu_v1(
    *varbinds: bytes,
    enterprise: bytes | None = None,
    address: bytes | None = None,
    generic: bytes | None = None,
    specific: bytes | None = None,
    uptime: bytes | None = None,
    after: bytes = b"",
) -> bytes:
    """Return a Trap-PDU of SNMPv1; by default the enterprise-specific trap 17 of 192.0.2.7."""
    fields = (
        oid(ENTERPRISE) if enterprise is None else enterprise,
        ber.tlv(0x40, bytes((192, 0, 2, 7))) if address is None else address,
        ber.encode_integer(6) if generic is None else generic,
        ber.encode_integer(17) if specific is None else specific,
        number(4242) if uptime is None else uptime,
        ber.tlv(ber.SEQUENCE, b"".join(varbinds)),
        after,
    )
    return ber.tlv(PduType.TRAP_V1, b"".join(fields))


@dataclass(frozen=True)
class Odd:
    """A PDU of SNMPv2 that breaks rules, and how it is read."""

    make: Callable[[int], bytes]
    oddities: frozenset[Oddity]
    trap_oid: OID = CONFIG_CHANGED
    uptime: int = 4242
    names: tuple[OID, ...] = (SYS_NAME,)


def odd(
    *varbinds: bytes,
    marks: tuple[Oddity, ...],
    trap_oid: OID = CONFIG_CHANGED,
    uptime: int = 4242,
    rest: int | None = 1,
) -> Odd:
    names = (SYS_NAME,) * (rest or 0)
    return Odd(lambda kind: pdu(kind, *varbinds), frozenset(marks), trap_oid, uptime, names)


def _named(made: Odd, *names: OID) -> Odd:
    return Odd(made.make, made.oddities, made.trap_oid, made.uptime, names)


#: Notifications of SNMPv2, which may be traps or informs, by what is odd.
ODD = {
    "no sysUpTime.0": odd(KIND, NAME, marks=(Oddity.NO_UPTIME,), uptime=0),
    "swapped": odd(KIND, UP, NAME, marks=(Oddity.ORDER,)),
    "others before": odd(NAME, UP, KIND, marks=(Oddity.ORDER,)),
    "another between": odd(UP, NAME, KIND, marks=(Oddity.ORDER,)),
    "only the trap OID, late": odd(NAME, KIND, marks=(Oddity.NO_UPTIME, Oddity.ORDER), uptime=0),
    "uptime is an INTEGER": odd(
        varbind(UPTIME, ber.encode_integer(77)), KIND, NAME, marks=(Oddity.UPTIME_TYPE,), uptime=77
    ),
    "uptime is a negative INTEGER": odd(
        varbind(UPTIME, ber.encode_integer(-1)), KIND, NAME, marks=(Oddity.UPTIME_TYPE,), uptime=2**32 - 1
    ),
    "uptime is a Gauge32": odd(varbind(UPTIME, number(77, 0x42)), KIND, NAME, marks=(Oddity.UPTIME_TYPE,), uptime=77),
    "uptime is a Counter32": odd(varbind(UPTIME, number(77, 0x41)), KIND, NAME, marks=(Oddity.UPTIME_TYPE,), uptime=77),
    "uptime is a Counter64": odd(
        varbind(UPTIME, number(2**32 + 77, 0x46)), KIND, NAME, marks=(Oddity.UPTIME_TYPE,), uptime=77
    ),
    "uptime is a text": _named(
        odd(varbind(UPTIME, ber.tlv(4, b"Mon")), KIND, NAME, marks=(Oddity.UPTIME_TYPE,), uptime=0), UPTIME, SYS_NAME
    ),
    "no snmpTrapOID.0": odd(UP, NAME, marks=(Oddity.NO_TRAP_OID,), trap_oid=NONE),
    "trap OID is a text": _named(
        odd(UP, varbind(TRAP_OID, ber.tlv(4, b"1.3.6.1")), NAME, marks=(Oddity.TRAP_OID_TYPE,), trap_oid=NONE),
        TRAP_OID,
        SYS_NAME,
    ),
    "trap OID is Null": _named(
        odd(UP, varbind(TRAP_OID, b"\5\0"), marks=(Oddity.TRAP_OID_TYPE,), trap_oid=NONE), TRAP_OID
    ),
    "names without .0": odd(
        varbind(UPTIME[:-1], number(4242)),
        varbind(TRAP_OID[:-1], oid(CONFIG_CHANGED)),
        NAME,
        marks=(Oddity.INSTANCE,),
    ),
    "nothing": odd(marks=(Oddity.NO_UPTIME, Oddity.NO_TRAP_OID), trap_oid=NONE, uptime=0, rest=0),
    "error-status": Odd(lambda kind: pdu(kind, UP, KIND, NAME, status=5), frozenset({Oddity.ERROR_FIELDS})),
    "error-index": Odd(lambda kind: pdu(kind, UP, KIND, NAME, index=1), frozenset({Oddity.ERROR_FIELDS})),
    "exception": odd(UP, KIND, varbind(SYS_NAME, b"\x80\0"), marks=(Oddity.EXCEPTION_VALUE,)),
    "unreadable value": odd(UP, KIND, NAME, BROKEN, NAME, marks=(Oddity.UNREADABLE_VARBIND,), rest=2),
    "unknown type": odd(
        UP, KIND, NAME, varbind(SYS_NAME, ber.tlv(0x4F, b"x")), NAME, marks=(Oddity.UNREADABLE_VARBIND,), rest=2
    ),
    "no variable binding": odd(UP, KIND, ber.tlv(5, b"x"), NAME, marks=(Oddity.UNREADABLE_VARBIND,)),
    "length runs over the end": odd(UP, KIND, NAME, b"\x30\x7f\x06", marks=(Oddity.UNREADABLE_VARBIND,)),
    "unreadable uptime": odd(
        varbind(UPTIME, ber.tlv(0x43, b"")),
        KIND,
        NAME,
        marks=(Oddity.UNREADABLE_VARBIND, Oddity.NO_UPTIME),
        uptime=0,
    ),
    "no list": Odd(
        lambda kind: ber.tlv(kind, pdu(kind)[2:-2]),
        frozenset({Oddity.NO_LIST, Oddity.NO_UPTIME, Oddity.NO_TRAP_OID}),
        NONE,
        0,
        (),
    ),
    "a list that ends after its tag": Odd(
        lambda kind: ber.tlv(kind, pdu(kind)[2:-1]),
        frozenset({Oddity.NO_LIST, Oddity.NO_UPTIME, Oddity.NO_TRAP_OID}),
        NONE,
        0,
        (),
    ),
    "octets after the list": Odd(
        lambda kind: pdu(kind, UP, KIND, NAME, after=b"\5\0"), frozenset({Oddity.TRAILING_OCTETS})
    ),
}

#: Trap-PDUs of SNMPv1, by what is odd: the octets, the oddities, the trap OID.
ODD_V1 = {
    "Counter64": (pdu_v1(varbind(SYS_NAME, number(5, 0x46))), {Oddity.NOT_IN_V1}, CONFIG_CHANGED),
    "exception": (
        pdu_v1(varbind(SYS_NAME, b"\x81\0")),
        {Oddity.NOT_IN_V1, Oddity.EXCEPTION_VALUE},
        CONFIG_CHANGED,
    ),
    "empty agent-addr": (pdu_v1(NAME, address=b"\x40\0"), {Oddity.AGENT_ADDRESS}, CONFIG_CHANGED),
    "IPv6": (pdu_v1(NAME, address=ber.tlv(0x40, bytes(range(16)))), {Oddity.AGENT_ADDRESS}, CONFIG_CHANGED),
    "agent-addr is a text": (pdu_v1(NAME, address=ber.tlv(4, b"abcd")), {Oddity.AGENT_ADDRESS}, CONFIG_CHANGED),
    "generic 7": (pdu_v1(NAME, generic=b"\2\1\7"), {Oddity.GENERIC_TRAP}, OID("1.3.6.1.6.3.1.1.5.8")),
    "generic -1": (pdu_v1(NAME, generic=b"\2\1\xff"), {Oddity.GENERIC_TRAP}, OID("1.3.6.1.6.3.1.1.5.0")),
    "generic is a Gauge32": (pdu_v1(NAME, generic=number(6, 0x42)), {Oddity.GENERIC_TRAP}, CONFIG_CHANGED),
    "specific is a Gauge32": (pdu_v1(NAME, specific=number(17, 0x42)), {Oddity.SPECIFIC_TRAP}, CONFIG_CHANGED),
    "empty enterprise": (pdu_v1(NAME, enterprise=b"\6\0"), {Oddity.ENTERPRISE}, OID("0.0.0.17")),
    "no enterprise": (pdu_v1(NAME, enterprise=b"\5\0"), {Oddity.ENTERPRISE}, OID("0.0.0.17")),
    "cut enterprise": (pdu_v1(NAME, enterprise=b"\6\2\x2b\x86"), {Oddity.ENTERPRISE}, OID("0.0.0.17")),
    "long enterprise": (
        pdu_v1(NAME, enterprise=oid(OID((1, 3) + (1,) * 126))),
        {Oddity.ENTERPRISE},
        NONE,
    ),
    "uptime is an INTEGER": (pdu_v1(NAME, uptime=b"\2\2\x10\x92"), {Oddity.UPTIME_TYPE}, CONFIG_CHANGED),
    "uptime is a Gauge32": (pdu_v1(NAME, uptime=number(4242, 0x42)), {Oddity.UPTIME_TYPE}, CONFIG_CHANGED),
    "uptime is a Counter64": (pdu_v1(NAME, uptime=number(4242, 0x46)), {Oddity.UPTIME_TYPE}, CONFIG_CHANGED),
    "uptime is a text": (pdu_v1(NAME, uptime=ber.tlv(4, b"Mon")), {Oddity.UPTIME_TYPE}, CONFIG_CHANGED),
    "unreadable value": (pdu_v1(NAME, BROKEN, NAME), {Oddity.UNREADABLE_VARBIND}, CONFIG_CHANGED),
    "no list": (ber.tlv(PduType.TRAP_V1, pdu_v1()[2:-2]), {Oddity.NO_LIST}, CONFIG_CHANGED),
    "a list that ends after its tag": (
        ber.tlv(PduType.TRAP_V1, pdu_v1()[2:-1]),
        {Oddity.NO_LIST},
        CONFIG_CHANGED,
    ),
    "octets after the list": (pdu_v1(NAME, after=b"\5\0"), {Oddity.TRAILING_OCTETS}, CONFIG_CHANGED),
}

#: A Trap-PDU of SNMPv1 that breaks no rule.
PLAIN_V1 = pdu_v1(NAME)


def community(octets: bytes, version: str = "2c") -> bytes:
    """Return a message with the community ``public`` around a PDU's octets."""
    given = Community("public", version)
    return ber.tlv(ber.SEQUENCE, community_header(SnmpVersion(given.version), given.name) + octets)


def scoped(octets: bytes) -> bytes:
    return ber.tlv(ber.SEQUENCE, encode_context(SENDER_ENGINE, b"") + octets)


def usm(
    octets: bytes,
    engine_id: bytes | None = None,
    user: UsmUser = ALICE,
    *,
    boots: int = 3,
    time: int = 1000,
    message_id: int = 99,
) -> bytes:
    """Return a message of a user around a PDU's octets; by default of the engine that such a PDU has to name."""
    confirmed = octets[0] == PduType.INFORM
    if engine_id is None:
        engine_id = RECEIVER_ENGINE if confirmed else SENDER_ENGINE
    flags = int(user.security_level) | (MsgFlags.REPORTABLE if confirmed else 0)
    parameters = UsmParameters(engine_id, boots, time, user.name)
    header = MessageHeader(message_id, 65507, flags)
    return encode_usm_message(header, parameters, scoped(octets), user_keys(user, engine_id))


def tsm(octets: bytes) -> bytes:
    """Return a message of the Transport Security Model around a PDU's octets."""
    return encode_tsm_message(77, 65507, 3, scoped(octets))
