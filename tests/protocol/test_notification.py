"""Notifications: RFC 3584's translations, and one type for all versions."""

from __future__ import annotations

import pickle

import pytest

from snmptcp import (
    OID,
    ConfigurationError,
    Counter64,
    Integer32,
    IpAddress,
    NoSuchInstance,
    OctetString,
    SnmpVersion,
    TimeTicks,
    VarBind,
)
from snmptcp.codec.pdu import Pdu, PduType, TrapV1Pdu, decode_pdu, encode_pdu
from snmptcp.errors import DecodeError
from snmptcp.protocol.notification import (
    GenericTrap,
    Notification,
    Source,
    from_v1,
    notification_request,
    read_parameters,
    to_v1,
    trap_varbinds,
)

ENTERPRISE = OID("1.3.6.1.4.1.8072.9999")
ADDRESS = IpAddress("192.0.2.7")
UPTIME = TimeTicks(4242)
NAME = VarBind(OID("1.3.6.1.2.1.1.5.0"), OctetString("dev1"))
TRAP_ADDRESS = OID("1.3.6.1.6.3.18.1.3.0")
TRAP_COMMUNITY = OID("1.3.6.1.6.3.18.1.4.0")
TRAP_ENTERPRISE = OID("1.3.6.1.6.3.1.1.4.3.0")
SNMP_TRAPS = OID("1.3.6.1.6.3.1.1.5")


def v1(generic: int = 6, specific: int = 17, *varbinds: VarBind, enterprise: OID = ENTERPRISE) -> TrapV1Pdu:
    return TrapV1Pdu(enterprise, ADDRESS, generic, specific, UPTIME, varbinds)


def v2(trap_oid: OID | str, *varbinds: VarBind, kind: PduType = PduType.TRAP_V2) -> Pdu:
    return Pdu(kind, 1, 0, 0, trap_varbinds(OID(trap_oid), varbinds, UPTIME))


def received(pdu: TrapV1Pdu | Pdu, community: bytes | None = b"secret word") -> Notification:
    version = SnmpVersion.V1 if isinstance(pdu, TrapV1Pdu) else SnmpVersion.V2C
    return Notification.from_pdu(pdu, version=version, source=Source("198.51.100.1", 4711), community=community)


# ------------------------------------------------------------------- RFC 3584 section 3.1: v1 to v2


@pytest.mark.parametrize("generic", range(6))
def test_the_six_generic_traps_have_names_of_their_own(generic):
    assert from_v1(v1(generic, 0, NAME)) == (SNMP_TRAPS + (generic + 1), UPTIME, (NAME,))


def test_an_enterprise_specific_trap_is_below_its_enterprise_and_zero():
    assert from_v1(v1(6, 17)).trap_oid == ENTERPRISE + 0 + 17


def test_a_negative_specific_trap_is_a_large_number():
    assert from_v1(v1(6, -1)).trap_oid == ENTERPRISE + 0 + 4294967295


@pytest.mark.parametrize("generic", [-1, 7, 2147483647])
def test_another_generic_trap_means_nothing(generic):
    with pytest.raises(DecodeError, match=f"generic-trap is {generic}"):
        from_v1(v1(generic))


def test_an_enterprise_that_is_too_long_makes_no_trap_oid():
    with pytest.raises(DecodeError, match="enterprise"):
        from_v1(v1(enterprise=OID((1, 3, *range(125)))))


def test_only_the_proxy_varbinds_add_what_version_2_has_no_field_for():
    notification = received(v1(6, 17, NAME))
    assert notification.varbinds[NAME.oid] == NAME.value
    assert notification.varbinds == (NAME,)
    assert notification.proxy_varbinds == (
        NAME,
        VarBind(TRAP_ADDRESS, ADDRESS),
        VarBind(TRAP_COMMUNITY, OctetString("secret word")),
        VarBind(TRAP_ENTERPRISE, ENTERPRISE),
    )


def test_what_is_there_already_is_not_added_again():
    there = VarBind(TRAP_ADDRESS, IpAddress("203.0.113.9"))
    names = [varbind.oid for varbind in received(v1(6, 17, there)).proxy_varbinds]
    assert names == [TRAP_ADDRESS, TRAP_COMMUNITY, TRAP_ENTERPRISE]
    assert received(v1(6, 17, there)).proxy_varbinds[0] is there


def test_a_notification_of_version_2_is_forwarded_as_it_is():
    assert received(v2(ENTERPRISE + 0 + 17, NAME)).proxy_varbinds == (NAME,)


# ------------------------------------------------------------------- RFC 3584 section 3.2: v2 to v1


@pytest.mark.parametrize("number", range(1, 7))
def test_the_standard_traps_are_generic(number):
    pdu = to_v1(SNMP_TRAPS + number, (NAME,), UPTIME, ADDRESS)
    assert pdu == TrapV1Pdu(SNMP_TRAPS, ADDRESS, number - 1, 0, UPTIME, (NAME,))


def test_the_enterprise_of_a_standard_trap_is_told_by_a_variable_binding():
    told = VarBind(TRAP_ENTERPRISE, ENTERPRISE)
    assert to_v1(SNMP_TRAPS + 3, (told,), UPTIME, ADDRESS).enterprise == ENTERPRISE
    wrong = VarBind(TRAP_ENTERPRISE, Integer32(3))
    assert to_v1(SNMP_TRAPS + 3, (wrong,), UPTIME, ADDRESS).enterprise == SNMP_TRAPS


@pytest.mark.parametrize(
    ("trap_oid", "enterprise", "specific"),
    [
        ("1.3.6.1.4.1.8072.9999.0.17", "1.3.6.1.4.1.8072.9999", 17),
        ("1.3.6.1.4.1.8072.9999.17", "1.3.6.1.4.1.8072.9999", 17),
        ("1.3.6.1.4.1.8072.9999.0", "1.3.6.1.4.1.8072.9999", 0),
        ("1.3.6.1.4.1.8072.0.0", "1.3.6.1.4.1.8072", 0),
        ("1.3.6.1.6.3.1.1.5.7", "1.3.6.1.6.3.1.1.5", 7),
        ("1.3.6.1.6.3.1.1.5.3.1", "1.3.6.1.6.3.1.1.5.3", 1),
        ("1.3.6.1.4.1.1.2147483647", "1.3.6.1.4.1.1", 2147483647),
        ("1.3.6", "1.3", 6),
        ("1.3.0.9", "1.3", 9),
    ],
)
def test_other_traps_are_enterprise_specific(trap_oid, enterprise, specific):
    pdu = to_v1(OID(trap_oid), (), UPTIME, ADDRESS)
    assert (pdu.enterprise, pdu.generic_trap, pdu.specific_trap) == (OID(enterprise), 6, specific)
    assert pdu.timestamp == UPTIME
    assert pdu.agent_address == ADDRESS
    assert decode_pdu(encode_pdu(pdu), 0, len(encode_pdu(pdu))) == pdu


@pytest.mark.parametrize("value", [Counter64(5), NoSuchInstance()])
def test_what_version_1_has_no_type_for_cannot_be_translated(value):
    with pytest.raises(ConfigurationError, match=r"SNMPv1 cannot carry the .* of 1\.3\.6\.1\.2\.1\.31"):
        to_v1(ENTERPRISE + 1, (NAME, VarBind(OID("1.3.6.1.2.1.31.1.1.1.6.3"), value)), UPTIME, ADDRESS)


@pytest.mark.parametrize("trap_oid", ["1.3", "0.0", "1.0.5", "1.3.6.4294967295"])
def test_a_trap_oid_that_version_1_cannot_say_is_refused(trap_oid):
    with pytest.raises(ConfigurationError, match="SNMPv1 cannot carry the trap"):
        to_v1(OID(trap_oid), (), UPTIME, ADDRESS)


# -------------------------------------------------------------------------------- one type for all


def test_a_v1_trap_in_one_shape():
    notification = received(v1(2, 0, NAME))
    assert notification.trap_oid == SNMP_TRAPS + 3
    assert notification.uptime == UPTIME
    assert notification.varbinds == (NAME,)
    assert notification.agent_address == ADDRESS
    assert notification.agent == "192.0.2.7"
    assert notification.enterprise == ENTERPRISE
    assert (notification.generic_trap, notification.specific_trap) == (GenericTrap.LINK_DOWN, 0)
    assert notification.version is SnmpVersion.V1
    assert not notification.is_inform
    assert notification.to_v1() is notification.pdu


def test_a_v2_trap_in_one_shape():
    notification = received(v2(ENTERPRISE + 0 + 17, NAME))
    assert (notification.trap_oid, notification.uptime, notification.varbinds) == (
        ENTERPRISE + 0 + 17,
        UPTIME,
        (NAME,),
    )
    assert notification.agent_address is None
    assert notification.agent == "198.51.100.1"
    assert notification.enterprise == ENTERPRISE
    assert (notification.generic_trap, notification.specific_trap) == (6, 17)
    assert notification.to_v1() == TrapV1Pdu(ENTERPRISE, IpAddress("0.0.0.0"), 6, 17, UPTIME, (NAME,))


def test_a_proxy_tells_the_agent_that_noticed():
    notification = received(v2(SNMP_TRAPS + 4, VarBind(TRAP_ADDRESS, ADDRESS), VarBind(TRAP_ENTERPRISE, ENTERPRISE)))
    assert notification.agent == "192.0.2.7"
    assert notification.enterprise == ENTERPRISE
    assert notification.to_v1().agent_address == ADDRESS


def test_an_agent_address_of_zero_tells_nothing():
    pdu = v1()._replace(agent_address=IpAddress("0.0.0.0"))
    assert received(pdu).agent == "198.51.100.1"
    assert Notification.from_pdu(pdu, version=SnmpVersion.V1).agent is None


def test_an_inform_says_so():
    assert received(v2(ENTERPRISE + 1, kind=PduType.INFORM)).is_inform


def test_values_are_found_by_name():
    notification = received(v2(ENTERPRISE + 1, NAME))
    assert notification.get("1.3.6.1.2.1.1.5.0") == b"dev1"
    assert notification.get(OID("1.3.6.1.2.1.1.6.0")) is None


def test_a_trap_oid_of_two_numbers_has_no_enterprise():
    assert received(v2("1.3")).enterprise is None


def test_a_notification_shows_no_community_and_cannot_be_changed():
    notification = received(v1(6, 17, NAME))
    assert "secret" not in repr(notification)
    assert notification.community == b"secret word"
    with pytest.raises(AttributeError):
        notification.community = b"another"  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(notification)) == notification


def test_a_source_is_read_like_an_address():
    assert str(Source("192.0.2.1", 162)) == "192.0.2.1:162"
    assert str(Source("2001:db8::1", 162)) == "[2001:db8::1]:162"


# ---------------------------------------------------------------------------- what is no notification


GOOD = v2(ENTERPRISE + 1, NAME).varbinds


@pytest.mark.parametrize(
    ("varbinds", "text"),
    [
        ((), "without sysUpTime.0 and snmpTrapOID.0"),
        (GOOD[:1], "without sysUpTime.0 and snmpTrapOID.0"),
        ((GOOD[1], GOOD[0]), "first variable binding"),
        ((VarBind(GOOD[0].oid, Integer32(5)), GOOD[1]), "first variable binding"),
        ((GOOD[0], NAME), "second variable binding"),
        ((GOOD[0], VarBind(GOOD[1].oid, OctetString("x"))), "second variable binding"),
    ],
)
def test_the_first_two_variable_bindings_are_checked(varbinds, text):
    with pytest.raises(DecodeError, match=text):
        read_parameters(Pdu(PduType.TRAP_V2, 1, 0, 0, varbinds))


@pytest.mark.parametrize("kind", [PduType.GET, PduType.RESPONSE, PduType.REPORT, PduType.SET])
def test_other_pdus_are_no_notifications(kind):
    with pytest.raises(DecodeError, match="is no notification"):
        read_parameters(v2(ENTERPRISE + 1, kind=kind))


# ------------------------------------------------------------------------------------------ sending


@pytest.mark.parametrize("kind", [PduType.TRAP_V2, PduType.INFORM])
def test_a_request_carries_uptime_and_trap_oid_first(kind):
    request = notification_request(kind, ENTERPRISE + 0 + 17, (NAME,), UPTIME)
    body = b"\x02\x01\x05" + request.tail
    octets = bytes((kind, len(body))) + body
    pdu = decode_pdu(octets, 0, len(octets))
    assert isinstance(pdu, Pdu)
    assert pdu == Pdu(kind, 5, 0, 0, trap_varbinds(ENTERPRISE + 0 + 17, (NAME,), UPTIME))
    assert request.type is kind
    assert request.check(pdu.varbinds) is None
    assert request.check(pdu.varbinds[1:]) is not None


@pytest.mark.parametrize("kind", [PduType.GET, PduType.TRAP_V1, PduType.RESPONSE])
def test_nothing_else_can_be_sent_as_a_notification(kind):
    with pytest.raises(ConfigurationError, match="INFORM or a TRAP_V2"):
        notification_request(kind, ENTERPRISE, (), UPTIME)
