"""The object arrays: each type as it is sent and read."""

from __future__ import annotations

import pytest

from snmptcp.ipworks import IPWorksSNMPError
from tests.ipworks.proofs import proves
from tests.ipworks.support import (
    ask,
    names,
    put,
    values,
)
from tests.support.mibs import BIG_TABLE, SYS_DESCR, SYS_NAME, SYS_UPTIME, SYSTEM


@proves("obj_id")
def test_obj_id_is_the_name_on_the_wire_with_or_without_a_dot_before_it(mgr, agent) -> None:
    ask(mgr, "." + SYS_NAME)
    mgr.send_get_request()
    assert str(agent.requests[-1].pdu.varbinds[0].oid) == SYS_NAME
    assert names(mgr) == [SYS_NAME]


def test_an_obj_id_that_is_not_an_oid_is_an_error_when_it_is_sent(mgr) -> None:
    ask(mgr, "sysDescr.0")
    with pytest.raises(IPWorksSNMPError, match="'sysDescr.0'") as caught:
        mgr.send_get_request()
    assert caught.value.code == 10022


@proves("obj_type", "obj_type_string", "obj_value")
@pytest.mark.parametrize(
    ("kind", "text", "given", "sent", "read"),
    [
        (2, "Integer", "-7", -7, b"-7"),
        (2, "Integer", 42, 42, b"42"),
        (4, "OctetString", "text", b"text", b"text"),
        (4, "OctetString", b"\x00\xff", b"\x00\xff", b"\x00\xff"),
        (6, "ObjectID", "1.3.6.1", "1.3.6.1", b"1.3.6.1"),
        (64, "IPAddress", "10.1.2.3", b"\x0a\x01\x02\x03", b"10.1.2.3"),
        (65, "Counter32", "5", 5, b"5"),
        (66, "Gauge32", 5, 5, b"5"),
        (67, "TimeTicks", "100", 100, b"100"),
        (
            68,
            "Opaque",
            b"\x9f\x78\x04\x00\x00\x00\x00",
            b"\x9f\x78\x04\x00\x00\x00\x00",
            b"\x9f\x78\x04\x00\x00\x00\x00",
        ),
        (69, "NSAP", b"\x49\x01", b"\x49\x01", b"\x49\x01"),
        (70, "Counter64", 2**63, 2**63, b"9223372036854775808"),
        (71, "UnsignedInteger32", 9, 9, b"9"),
    ],
)
def test_each_type_is_sent_and_read_as_its_table_says(kind, text, given, sent, read, mgr, agent) -> None:
    agent.call(lambda: agent.agent.mib.__setitem__("1.3.6.1.4.1.58888.9.0", agent_value(kind)))
    mgr.community = "private"
    put(mgr, "1.3.6.1.4.1.58888.9.0", kind, given)
    assert mgr.get_obj_type_string(0) == text
    mgr.send_set_request()
    (varbind,) = agent.requests[-1].pdu.varbinds
    assert varbind.value.tag == kind
    assert (str(varbind.value) if kind == 6 else varbind.value) == sent
    assert mgr.error_status == 0
    mgr.send_get_request()
    assert (mgr.get_obj_type(0), mgr.get_obj_value(0), mgr.get_obj_type_string(0)) == (kind, read, text)


def agent_value(kind):
    from snmptcp import (
        OID,
        Counter32,
        Counter64,
        Gauge32,
        Integer32,
        IpAddress,
        OctetString,
        Opaque,
        TimeTicks,
    )
    from snmptcp.values import NsapAddress, UInteger32

    kinds = (
        Counter32,
        Counter64,
        Gauge32,
        Integer32,
        IpAddress,
        NsapAddress,
        OctetString,
        Opaque,
        TimeTicks,
        UInteger32,
    )
    return OID("1.3") if kind == 6 else next(each for each in kinds if each.tag == kind)()


@pytest.mark.parametrize(("kind", "text"), [(128, "NoSuchObject"), (129, "NoSuchInstance"), (130, "EndOfMibView")])
def test_the_exceptions_are_types_too(kind, text, mgr) -> None:
    ask(mgr, {128: "1.3.6.1.9.9", 129: f"{SYSTEM}.1.7", 130: "1.9"}[kind])
    if kind == 130:
        mgr.send_get_next_request()
    else:
        mgr.send_get_request()
    assert (mgr.get_obj_type(0), mgr.get_obj_type_string(0), mgr.get_obj_value(0)) == (kind, text, b"")


@pytest.mark.parametrize(("kind", "value"), [(2, "x"), (64, "1.2.3"), (6, "iso"), (65, -1), (64, "localhost")])
def test_a_value_that_does_not_fit_its_type_is_an_error_when_it_is_sent(kind, value, mgr) -> None:
    put(mgr, SYS_NAME, kind, value)
    with pytest.raises(IPWorksSNMPError) as caught:
        mgr.send_set_request()
    assert caught.value.code == 10022


def test_value_finds_names_in_every_spelling_and_follows_changes(mgr) -> None:
    ask(mgr, f" .{SYS_NAME}", "no name", SYS_DESCR, SYS_NAME)
    for index, text in enumerate(("first", "nothing", "second", "third")):
        mgr.set_obj_value(index, text)
    assert [mgr.value(name) for name in (SYS_NAME, f".{SYS_NAME} ", SYS_DESCR)] == ["first", "first", "second"]
    mgr.set_obj_value(0, "changed")
    mgr.set_obj_id(2, SYS_UPTIME)
    assert (mgr.value(SYS_NAME), mgr.value(SYS_UPTIME)) == ("changed", "second")
    mgr.set_obj_id(0, SYS_DESCR)
    assert (mgr.value(SYS_NAME), mgr.value(SYS_DESCR)) == ("third", "changed")
    mgr.obj_count = 3
    with pytest.raises(IPWorksSNMPError, match="no object in the arrays is named") as caught:
        mgr.value(SYS_NAME)
    assert caught.value.code == 10022
    mgr.walk(SYSTEM)
    assert mgr.value(SYS_DESCR) == "a switch"


def test_an_object_that_was_received_can_be_changed_and_sent(mgr, agent) -> None:
    mgr.community = "private"
    ask(mgr, SYS_NAME)
    mgr.send_get_request()
    held = mgr.get_obj_value(0)
    mgr.set_obj_id(0, SYS_DESCR)
    assert (mgr.get_obj_id(0), mgr.get_obj_value(0), mgr.get_obj_type(0)) == (SYS_DESCR, held, 4)
    mgr.set_obj_id(0, SYS_NAME)
    mgr.set_obj_value(0, "renamed")
    mgr.send_set_request()
    assert mgr.error_status == 0
    mgr.send_get_request()
    assert mgr.value(SYS_NAME) == "renamed"


def test_value_finds_each_object_of_a_walk(mgr) -> None:
    mgr.walk(BIG_TABLE)
    found = names(mgr)
    assert [mgr.value(name) for name in found] == [octets.decode() for octets in values(mgr)]


@pytest.mark.parametrize(
    ("kind", "given", "told"),
    [
        (2, "abc", "the value of 1.3.6.1 is not a valid Integer: it must be a number, not 'abc'"),
        (64, "é", "the value of 1.3.6.1 is not a valid IPAddress: not an IPv4 address: Expected 4 octets in 'é'"),
        (6, "é", "obj_value must be a dotted object identifier, not 'é'"),
    ],
)
def test_a_text_that_does_not_fit_the_type_is_an_error_without_pythons_own_words(kind, given, told, idle) -> None:
    idle.remote_host = "127.0.0.1"
    put(idle, "1.3.6.1", kind, given)
    with pytest.raises(IPWorksSNMPError) as caught:
        idle.send_set_request()
    assert caught.value.message == told
