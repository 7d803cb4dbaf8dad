"""Names of OIDs and meanings of values in explanations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.codec.message import CommunityMessage, encode_message
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import ArgumentTypeError
from snmptcp.explain import explain
from snmptcp.explain.names import ObjectNames
from snmptcp.mib import Mib
from snmptcp.oid import OID
from snmptcp.values import (
    Counter32,
    Counter64,
    Gauge32,
    Integer32,
    IpAddress,
    NoSuchInstance,
    OctetString,
    Opaque,
    TimeTicks,
    VarBind,
)

if TYPE_CHECKING:
    from snmptcp.values import Value

IF = "1.3.6.1.2.1.2.2.1"
ACME = "1.3.6.1.4.1.9999"
TRAP_OID = "1.3.6.1.6.3.1.1.4.1.0"


def packet(*varbinds: tuple[str, Value], kind: PduType = PduType.RESPONSE) -> bytes:
    pdu = Pdu(kind, 1, 0, 0, tuple(VarBind(OID(oid), value) for oid, value in varbinds))
    return encode_message(CommunityMessage(SnmpVersion.V2C, b"public", pdu))


def values_in(text: str) -> list[str]:
    """Return what stands behind the names and the values."""
    return [line.partition(" = ")[2] for line in text.splitlines() if " name: " in line or " value: " in line]


@pytest.mark.parametrize(
    ("oid", "value", "name", "text"),
    [
        (f"{IF}.8.3", Integer32(2), "IF-MIB::ifOperStatus.3", "2 (down)"),
        (f"{IF}.8.3", Integer32(99), "IF-MIB::ifOperStatus.3", "99"),
        (f"{IF}.6.3", OctetString(b"\0\1\2"), "IF-MIB::ifPhysAddress.3", "0x000102 (0:1:2)"),
        (f"{IF}.2.3", OctetString("eth0"), "IF-MIB::ifDescr.3", '"eth0"'),
        (f"{IF}.2.3", OctetString(b"a\x1b[2J"), "IF-MIB::ifDescr.3", r"0x611b5b324a (a\x1b[2J)"),
        (f"{IF}.5.3", Gauge32(1000), "IF-MIB::ifSpeed.3", "1000"),
        (f"{IF}.9.3", TimeTicks(100), "IF-MIB::ifLastChange.3", "100 (0:00:01.00)"),
        (f"{ACME}.1.2.0", Integer32(235), "ACME-MIB::acmeHeat.0", "235 (23.5 degrees Celsius)"),
        (f"{ACME}.1.3.0", OctetString(b"\xc0"), "ACME-MIB::acmeFlags.0", "0xc0 (fans lamp)"),
        (f"{ACME}.7", Integer32(1), "ACME-MIB::acmeMIB.7", "1"),
        ("2.999.1", Counter64(7), "", "7"),
        (f"{IF}.10.3", Counter32(7), "IF-MIB::ifInOctets.3", "7"),
        ("1.3.6.1.2.1.4.20.1.1.10.0.0.1", IpAddress("10.0.0.1"), "IP-MIB::ipAdEntAddr.10.0.0.1", "10.0.0.1"),
        ("1.3.6.1.2.1.1.2.0", OID(f"{ACME}.1"), "SNMPv2-MIB::sysObjectID.0", f"{ACME}.1 (ACME-MIB::acme-objects)"),
        (f"{IF}.2.3", NoSuchInstance(), "IF-MIB::ifDescr.3", ""),
        (f"{IF}.2.3", Opaque(b"\x04\x01a"), "IF-MIB::ifDescr.3", '0x040161 (holds OCTET STRING "a")'),
    ],
)
def test_names_and_meanings_stand_behind_numbers(acme_mib: Mib, oid: str, value: Value, name: str, text: str) -> None:
    explained = explain(packet((oid, value)), mib=acme_mib)
    assert values_in(explained) == [f"{oid} ({name})" if name else oid, text]
    plain = values_in(explain(packet((oid, value))))
    assert plain[1].partition(" (")[0] == text.partition(" (")[0]


def test_a_notification_is_told_by_its_name(acme_mib: Mib) -> None:
    octets = packet((TRAP_OID, OID(f"{ACME}.0.1")), kind=PduType.TRAP_V2)
    assert explain(octets, mib=acme_mib).splitlines()[0].startswith("SNMPv2c snmpV2-trap, ACME-MIB::acmeAlarm, ")
    assert explain(octets).splitlines()[0].startswith(f"SNMPv2c snmpV2-trap, {ACME}.0.1, ")


def test_a_community_in_a_variable_stays_hidden(acme_mib: Mib) -> None:
    text = explain(packet(("1.3.6.1.6.3.18.1.1.1.2.97", OctetString("secret"))), mib=acme_mib)
    assert "SNMP-COMMUNITY-MIB::snmpCommunityName" in text
    assert "secret" not in text


def test_a_mib_is_a_mib() -> None:
    wrong: Any = "IF-MIB"
    with pytest.raises(ArgumentTypeError, match="mib must be a Mib"):
        explain(packet(), mib=wrong)


VALUES = (
    st.integers(-(2**31), 2**31 - 1).map(Integer32)
    | st.binary(max_size=40).map(OctetString)
    | st.integers(0, 2**32 - 1).map(Gauge32)
    | st.integers(0, 2**64 - 1).map(Counter64)
    | st.binary(max_size=12).map(Opaque)
    | st.binary(min_size=4, max_size=4).map(IpAddress)
)
PLACES = st.sampled_from(
    [f"{IF}.8", f"{IF}.6", f"{ACME}.1.2", f"{ACME}.1.3", f"{ACME}.1.4.1.7", "1.3.6.1.2.1.4.34.1.3"]
)


@given(st.lists(st.tuples(PLACES, st.lists(st.integers(0, 2**32 - 1), max_size=20), VALUES), max_size=4))
def test_any_value_of_any_object_has_lines_of_printable_text(
    acme_mib: Mib, items: list[tuple[str, list[int], Value]]
) -> None:
    varbinds = [(".".join((place, *map(str, index))), value) for place, index, value in items]
    for line in explain(packet(*varbinds), mib=acme_mib).split("\n"):
        assert line.isprintable()
        assert not line.startswith("!")


def test_long_names_and_meanings_are_cut(acme_mib: Mib) -> None:
    names = ObjectNames(acme_mib)
    long = OctetString(b"\x80" * 500)
    assert len(names.meaning(OID(f"{IF}.6.3"), OctetString.tag, long, "")) <= 203
    assert len(names.of(OID((*OID(f"{ACME}.1.4.1.7").arcs, *range(110))))) <= 203
