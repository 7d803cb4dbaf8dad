"""Strategies for all that SNMP can carry, within the ranges of the RFCs."""

from __future__ import annotations

from hypothesis import strategies as st

from snmptcp.codec.message import CommunityMessage, MsgFlags, ScopedPdu, V3Message
from snmptcp.codec.pdu import Pdu, PduType, TrapV1Pdu
from snmptcp.credentials import SnmpVersion
from snmptcp.oid import OID
from snmptcp.values import (
    Counter32,
    Counter64,
    EndOfMibView,
    Gauge32,
    Integer32,
    IpAddress,
    NoSuchInstance,
    NoSuchObject,
    NsapAddress,
    Null,
    OctetString,
    Opaque,
    TimeTicks,
    UInteger32,
    VarBind,
)

UINT31 = 0x7FFFFFFF
UINT32 = 0xFFFFFFFF


def around(*edges: int, low: int, high: int) -> st.SearchStrategy[int]:
    """Numbers in a range, often where the encoding changes its length."""
    near = [edge + step for edge in (*edges, low, high) for step in (-1, 0, 1) if low <= edge + step <= high]
    return st.sampled_from(near) | st.integers(low, high)


int32 = around(0, 127, 128, -128, -129, 32767, 32768, -32768, -32769, 1 << 23, low=-0x80000000, high=UINT31)
uint31 = around(127, 128, 255, 256, 32767, 32768, 1 << 23, low=0, high=UINT31)
uint32 = around(127, 128, 255, 256, 32767, 32768, 1 << 23, 1 << 31, low=0, high=UINT32)
uint64 = around(127, 128, 1 << 31, 1 << 32, 1 << 63, low=0, high=0xFFFFFFFFFFFFFFFF)
octets = st.binary(max_size=40) | st.sampled_from([b"a" * 127, b"b" * 128, b"c" * 255, b"d" * 256, b"\x80\xff"])
arcs = around(39, 40, 127, 128, 16383, 16384, 1 << 21, 1 << 28, low=0, high=UINT32)

_roots = st.sampled_from([(1, 3), (0, 0), (0, 39), (1, 0), (1, 39), (2, 0), (2, 39), (2, 40), (2, 999), (2, UINT32)])
_tails = st.lists(arcs, max_size=6) | st.builds(lambda arc, times: [arc] * times, arcs, st.integers(100, 126))

#: Whole object identifiers, of 2 to 128 arcs.
oids: st.SearchStrategy[OID] = st.builds(lambda root, tail: OID((*root, *tail)), _roots, _tails)

#: Values that every version has.
values_v1 = st.one_of(
    st.builds(Integer32, int32),
    st.builds(OctetString, octets),
    oids,
    st.builds(IpAddress, st.binary(min_size=4, max_size=4)),
    st.builds(Counter32, uint32),
    st.builds(Gauge32, uint32),
    st.builds(TimeTicks, uint32),
    st.builds(Opaque, octets),
    st.builds(NsapAddress, octets),
    st.builds(UInteger32, uint32),
    st.just(Null()),
)

#: Values of SNMPv2.
values = values_v1 | st.builds(Counter64, uint64) | st.sampled_from([NoSuchObject(), NoSuchInstance(), EndOfMibView()])

varbinds_v1 = st.builds(VarBind, oids, values_v1)
varbinds = st.builds(VarBind, oids, values)


def varbind_lists(one: st.SearchStrategy[VarBind] = varbinds) -> st.SearchStrategy[tuple[VarBind, ...]]:
    return st.lists(one, max_size=4).map(tuple)


_FIRST_PDUS = (PduType.GET, PduType.GET_NEXT, PduType.RESPONSE, PduType.SET)

pdus_v1: st.SearchStrategy[Pdu | TrapV1Pdu] = st.builds(
    Pdu, st.sampled_from(_FIRST_PDUS), int32, st.integers(0, 5), uint31, varbind_lists(varbinds_v1)
) | st.builds(
    TrapV1Pdu,
    oids,
    st.builds(IpAddress, st.binary(min_size=4, max_size=4)),
    st.integers(0, 6),
    int32,
    st.builds(TimeTicks, uint32),
    varbind_lists(varbinds_v1),
)

pdus = st.builds(
    Pdu,
    st.sampled_from((*_FIRST_PDUS, PduType.INFORM, PduType.TRAP_V2, PduType.REPORT)),
    int32,
    st.integers(0, 18),
    uint31,
    varbind_lists(),
) | st.builds(Pdu, st.just(PduType.GET_BULK), int32, uint31, uint31, varbind_lists())

messages_v1 = st.builds(CommunityMessage, st.just(SnmpVersion.V1), octets, pdus_v1)
messages_v2c = st.builds(CommunityMessage, st.just(SnmpVersion.V2C), octets, pdus)

scoped_pdus = st.builds(ScopedPdu, st.binary(max_size=32), octets, pdus)


def _message_v3(
    header: tuple[int, int, int], security_model: int, parameters: bytes, data: ScopedPdu | bytes
) -> V3Message:
    msg_id, msg_max_size, msg_flags = header
    if isinstance(data, bytes):
        return V3Message(msg_id, msg_max_size, msg_flags | MsgFlags.PRIV, security_model, parameters, None, data)
    return V3Message(msg_id, msg_max_size, msg_flags & ~MsgFlags.PRIV, security_model, parameters, data)


#: SNMPv3 messages; the security parameters are any octets.
messages_v3 = st.builds(
    _message_v3,
    st.tuples(uint31, around(484, low=484, high=UINT31), st.integers(0, 255)),
    around(1, 3, 4, low=1, high=UINT31),
    octets,
    scoped_pdus | octets,
)

community_messages = messages_v1 | messages_v2c
messages = community_messages | messages_v3
