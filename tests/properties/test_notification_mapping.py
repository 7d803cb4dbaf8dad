"""RFC 3584's two translations of notifications are inverse if that is possible."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from snmptcp import OID, IpAddress, OctetString, TimeTicks, VarBind
from snmptcp.codec.pdu import Pdu, PduType, TrapV1Pdu, decode_pdu, encode_pdu
from snmptcp.protocol.notification import from_v1, read_parameters, to_v1, trap_varbinds

SNMP_TRAPS = OID("1.3.6.1.6.3.1.1.5")
TRAP_ENTERPRISE = OID("1.3.6.1.6.3.1.1.4.3.0")

arcs = st.integers(0, 2**32 - 1)
oids = st.lists(arcs, max_size=20).map(lambda tail: OID((1, 3, *tail)))
varbinds = st.lists(st.builds(VarBind, oids, st.binary(max_size=40).map(OctetString)), max_size=4).map(tuple)
ticks = arcs.map(TimeTicks)
addresses = st.binary(min_size=4, max_size=4).map(IpAddress)
specifics = st.integers(0, 2**31 - 1)


@given(oids, addresses, specifics, ticks, varbinds)
def test_an_enterprise_specific_trap_comes_back_as_it_was(enterprise, address, specific, timestamp, bindings):
    pdu = TrapV1Pdu(enterprise, address, 6, specific, timestamp, bindings)
    trap_oid, uptime, translated = from_v1(pdu)
    assert to_v1(trap_oid, translated, uptime, address) == pdu


@given(st.integers(0, 5), oids, addresses, ticks, varbinds)
def test_a_generic_trap_comes_back_with_the_enterprise_that_goes_along(generic, enterprise, address, stamp, bindings):
    pdu = TrapV1Pdu(enterprise, address, generic, 0, stamp, (VarBind(TRAP_ENTERPRISE, enterprise), *bindings))
    trap_oid, uptime, translated = from_v1(pdu)
    assert to_v1(trap_oid, translated, uptime, address) == pdu


@given(oids, specifics, ticks, varbinds)
def test_a_trap_oid_with_the_zero_comes_back_as_it_was(enterprise, specific, uptime, bindings):
    trap_oid = enterprise + 0 + specific
    pdu = to_v1(trap_oid, bindings, uptime, IpAddress())
    assert from_v1(pdu) == (trap_oid, uptime, bindings)


@given(oids, st.integers(1, 2**32 - 1), specifics, ticks)
def test_a_trap_oid_without_the_zero_gets_one(stem, last_but_one, specific, uptime):
    enterprise = stem + last_but_one
    trap_oid = enterprise + specific
    pdu = to_v1(trap_oid, (), uptime, IpAddress())
    back = from_v1(pdu).trap_oid
    standard = enterprise == SNMP_TRAPS and 1 <= specific <= 6
    assert back == (trap_oid if standard else enterprise + 0 + specific)


@given(oids, ticks, varbinds, st.sampled_from([PduType.TRAP_V2, PduType.INFORM]))
def test_what_is_sent_is_what_is_read(trap_oid, uptime, bindings, kind):
    octets = encode_pdu(Pdu(kind, 1, 0, 0, trap_varbinds(trap_oid, bindings, uptime)))
    assert read_parameters(decode_pdu(octets, 0, len(octets))) == (trap_oid, uptime, bindings)
