"""Each property: its default, what setting it takes, and its effect."""

from __future__ import annotations

import socket
import time

import pytest

from snmptcp import SnmpVersion
from snmptcp.codec.pdu import PduType
from snmptcp.credentials import SecurityLevel
from snmptcp.ipworks import IPWorksSNMPError, SNMPTCPMgr
from snmptcp.ipworks.tables.properties import PROPERTIES
from snmptcp.testing import Delay, Drop, FailWith
from tests.ipworks.conftest import ask, be, names, pump_until, put, record, values
from tests.ipworks.rows import proves
from tests.support.mibs import BIG_TABLE, IF_TABLE, SYS_DESCR, SYS_NAME, SYS_UPTIME, SYSTEM

SCALARS = [entry for entry in PROPERTIES.values() if not entry.indexed]


@pytest.mark.parametrize("entry", SCALARS, ids=lambda entry: entry.name)
def test_a_new_object_has_the_documented_defaults(entry, idle) -> None:
    assert getattr(idle, entry.name) == entry.default
    assert getattr(idle, f"get_{entry.name}")() == entry.default
    assert type(getattr(idle, entry.name)).__name__ == entry.kind


@pytest.mark.parametrize("entry", [e for e in SCALARS if not e.writable], ids=lambda entry: entry.name)
def test_what_is_read_only_has_no_setter(entry, idle) -> None:
    assert not hasattr(idle, f"set_{entry.name}")
    with pytest.raises(AttributeError):
        setattr(idle, entry.name, entry.default)


@pytest.mark.parametrize(
    ("name", "given", "read"),
    [
        ("timeout", "10", 10),
        ("timeout", b"10", 10),
        ("remote_port", "0xA1", 161),
        ("store_walk_objects", 0, False),
        ("store_walk_objects", "False", False),
        ("store_walk_objects", "yes", True),
        ("local_engine_id", "MyEngineID", b"MyEngineID"),
        ("community", b"private", "private"),
        ("ssl_cert_store", "server.pfx", b"server.pfx"),
        ("user", None, ""),
    ],
)
def test_setters_take_what_programs_write(name, given, read, idle) -> None:
    getattr(idle, f"set_{name}")(given)
    assert getattr(idle, name) == read
    setattr(idle, name, given)
    assert getattr(idle, f"get_{name}")() == read


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("timeout", "soon"),
        ("timeout", -1),
        ("remote_port", 65536),
        ("snmp_version", 4),
        ("snmp_version", None),
        ("authentication_protocol", 0),
        ("encryption_algorithm", 6),
        ("store_walk_objects", "perhaps"),
        ("store_walk_objects", None),
        ("community", 1.5),
        ("local_engine_id", 1.5),
        ("obj_count", -1),
        ("request_id", 0),
    ],
)
def test_impossible_values_are_errors(name, given, idle) -> None:
    before = getattr(idle, name)
    with pytest.raises(IPWorksSNMPError, match=name) as caught:
        setattr(idle, name, given)
    assert caught.value.code == 10022
    assert getattr(idle, name) == before


@proves("accept_data")
def test_without_accept_data_nothing_is_read_and_tcp_holds_it(mgr, agent) -> None:
    mgr.timeout = 0
    told = record(mgr, "on_response")
    mgr.send_get_request()
    pump_until(mgr, lambda: told)
    mgr.accept_data = False
    mgr.send_get_request()
    agent.thread.run(agent.agent.wait_for_requests(2))
    for _ in range(5):
        mgr.do_events()
    assert len(told) == 1
    mgr.accept_data = True
    pump_until(mgr, lambda: len(told) == 2)


def test_without_accept_data_a_new_connection_is_not_read_either(mgr, agent) -> None:
    mgr.accept_data = False
    mgr.timeout = 0
    told = record(mgr, "on_response")
    mgr.send_get_request()
    pump_until(mgr, lambda: agent.requests)
    for _ in range(10):
        mgr.do_events()
    assert told == []
    mgr.accept_data = True
    pump_until(mgr, lambda: told)


@proves("active")
def test_active_opens_and_closes(mgr, agent) -> None:
    told = record(mgr, "on_disconnected")
    mgr.set_active(True)
    assert mgr.active is True
    mgr.send_get_request()
    assert agent.call(lambda: agent.agent.connections) == 1
    mgr.active = False
    assert mgr.get_active() is False
    assert [event.status_code for event in told] == [0]
    pump_until(mgr, lambda: agent.call(lambda: agent.agent.connections) == 0)


def test_a_send_activates(mgr) -> None:
    assert not mgr.active
    mgr.send_get_request()
    assert mgr.active


@proves("authentication_password", "authentication_protocol", "user")
@pytest.mark.parametrize(("user", "number"), [("md5", 1), ("sha", 2), ("sha256", 3), ("sha512", 4)])
def test_each_authentication_protocol_is_the_one_on_the_wire(user, number, mgr, agent) -> None:
    be(mgr, user, number)
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]
    assert agent.requests[-1].user == user.encode()
    assert agent.requests[-1].security_level is SecurityLevel.authNoPriv


def test_without_a_password_requests_are_not_authenticated(mgr, agent) -> None:
    be(mgr, "open")
    mgr.send_get_request()
    assert agent.requests[-1].security_level is SecurityLevel.noAuthNoPriv


def test_a_wrong_password_is_an_error_with_its_reason(mgr) -> None:
    be(mgr, "sha", 2)
    mgr.authentication_password = "not the password"
    mgr.timeout = 2
    with pytest.raises(IPWorksSNMPError, match="wrong digest"):
        mgr.send_get_request()


@proves("encryption_algorithm", "encryption_password")
@pytest.mark.parametrize(
    ("user", "authentication", "number"),
    [("des", 1, 1), ("aes", 2, 2), ("3des", 2, 3), ("aes192c", 2, 4), ("aes256c", 2, 5)],
)
def test_each_encryption_algorithm_is_the_one_on_the_wire(user, authentication, number, mgr, agent) -> None:
    be(mgr, user, authentication, number)
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]
    assert agent.requests[-1].security_level is SecurityLevel.authPriv


@proves("community")
def test_the_community_is_the_one_on_the_wire_and_changes_without_another_connection(mgr, agent) -> None:
    mgr.send_get_request()
    mgr.community = "private"
    mgr.send_get_request()
    assert [request.community for request in agent.requests] == [b"public", b"private"]
    assert [request.connection for request in agent.requests] == [1, 1]


@proves("error_description", "error_index", "error_status")
def test_an_error_status_does_not_raise_and_is_read_afterwards(mgr, agent) -> None:
    agent.inject(FailWith(16, 1))
    mgr.send_get_request()
    assert (mgr.error_status, mgr.error_index) == (16, 1)
    assert mgr.error_description == "The access was refused."
    mgr.send_get_request()
    assert (mgr.error_status, mgr.error_index, mgr.error_description) == (0, 0, "")


def test_the_error_index_counts_from_1(mgr) -> None:
    mgr.snmp_version = 1
    ask(mgr, SYS_DESCR, "1.3.6.1.2.1.1.99.0")
    mgr.send_get_request()
    assert (mgr.error_status, mgr.error_index) == (2, 2)
    assert names(mgr) == [SYS_DESCR, "1.3.6.1.2.1.1.99.0"]


@proves("local_host")
def test_connections_come_from_the_local_host(mgr, agent) -> None:
    mgr.local_host = "127.0.0.7"
    mgr.send_get_request()
    peers = agent.call(lambda: [connection.peer[0] for connection in agent.agent._server.connections])
    assert peers == ["127.0.0.7"]
    assert mgr.local_host == "127.0.0.7"


@pytest.mark.parametrize(("name", "value", "code"), [("local_host", "127.0.0.1", 107), ("local_port", 1620, 106)])
def test_what_is_bound_cannot_be_changed_while_active(name, value, code, idle) -> None:
    idle.active = True
    with pytest.raises(IPWorksSNMPError, match="active") as caught:
        setattr(idle, name, value)
    assert caught.value.code == code
    idle.active = False
    setattr(idle, name, value)
    assert getattr(idle, name) == value


def test_the_local_port_reads_as_that_of_the_connection(mgr, agent) -> None:
    assert mgr.local_port == 0
    mgr.send_get_request()
    (port,) = agent.call(lambda: [connection.peer[1] for connection in agent.agent._server.connections])
    assert mgr.local_port == port


@proves("obj_count")
def test_new_objects_are_null_and_fewer_are_cut_off(idle) -> None:
    idle.obj_count = 2
    assert [idle.get_obj_type(index) for index in (0, 1)] == [5, 5]
    assert names(idle) == ["", ""]
    idle.set_obj_id(0, "1.3")
    idle.set_obj_count(1)
    idle.obj_count = 3
    assert names(idle) == ["1.3", "", ""]


@pytest.mark.parametrize("index", [-1, 1, 1000])
def test_an_index_outside_the_arrays_is_an_error(index, idle) -> None:
    idle.obj_count = 1
    with pytest.raises(IPWorksSNMPError, match="obj_count is 1"):
        idle.get_obj_id(index)
    with pytest.raises(IPWorksSNMPError, match="obj_count is 1"):
        idle.set_obj_id(index, "1.3")


@proves("obj_id")
def test_obj_id_is_the_name_on_the_wire_with_or_without_a_dot_before_it(mgr, agent) -> None:
    ask(mgr, "." + SYS_NAME)
    mgr.send_get_request()
    assert str(agent.requests[-1].pdu.varbinds[0].oid) == SYS_NAME
    assert names(mgr) == [SYS_NAME]


def test_an_obj_id_that_is_no_name_is_an_error_when_it_is_sent(mgr) -> None:
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


def test_a_type_that_there_is_not_is_an_error(idle) -> None:
    idle.obj_count = 1
    with pytest.raises(IPWorksSNMPError, match="obj_type"):
        idle.set_obj_type(0, 3)


@proves("remote_engine_boots", "remote_engine_id", "remote_engine_time")
def test_discovery_fills_the_remote_engine_and_its_time_goes_on(mgr, agent) -> None:
    agent.call(lambda: agent.agent.jump(1000))
    be(mgr, "sha", 2)
    mgr.discover()
    assert mgr.remote_engine_id == agent.agent.engine_id
    assert mgr.remote_engine_boots == agent.agent.engine_boots
    first = mgr.remote_engine_time
    assert 1000 <= first <= 1010
    deadline = time.monotonic() + 10
    while mgr.remote_engine_time == first and time.monotonic() < deadline:
        mgr.do_events()
    assert mgr.remote_engine_time > first


def test_a_remote_engine_that_is_set_is_not_discovered(mgr, agent) -> None:
    be(mgr, "sha", 2)
    mgr.remote_engine_id = agent.agent.engine_id
    mgr.remote_engine_boots = agent.agent.engine_boots
    mgr.remote_engine_time = 0
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]
    assert agent.agent.statistics.unknown_engine_ids == 0
    assert len(agent.requests) == 1


def test_a_remote_engine_time_that_is_off_is_resynchronised_once(mgr, agent) -> None:
    agent.call(lambda: agent.agent.jump(100_000))
    be(mgr, "sha", 2)
    mgr.remote_engine_id = agent.agent.engine_id
    mgr.remote_engine_boots = 1
    told = record(mgr, "on_report", "on_response")
    mgr.send_get_request()
    assert [type(event).__name__ for event in told] == ["SNMPTCPMgrReportEventParams", "SNMPTCPMgrResponseEventParams"]
    assert agent.agent.statistics.not_in_time_windows == 1


def test_another_agent_means_another_engine(mgr, agent) -> None:
    be(mgr, "sha", 2)
    mgr.discover()
    mgr.remote_host = "192.0.2.1"
    assert mgr.remote_engine_id == b""


@proves("remote_host", "remote_port")
def test_another_agent_is_asked_on_another_connection(mgr, agent) -> None:
    from tests.support.threaded import ThreadedAgent

    with ThreadedAgent({SYS_DESCR: "the other one"}) as other:
        mgr.send_get_request()
        mgr.remote_port = other.port
        mgr.send_get_request()
        assert values(mgr) == [b"the other one"]
        mgr.remote_port = agent.port
        mgr.remote_host = "localhost"
        mgr.send_get_request()
        assert values(mgr) == [b"a switch"]
        assert agent.call(lambda: agent.agent.statistics.connections) == 2
        agent.wait_until(lambda: agent.agent.connections == 1)
        other.wait_until(lambda: other.agent.connections == 0)
        mgr.active = False


@pytest.mark.parametrize(
    ("name", "value", "code"), [("remote_host", "", 102), ("remote_host", "0.0.0.0", 102), ("remote_port", 0, 116)]
)
def test_without_an_address_nothing_is_sent(name, value, code, mgr) -> None:
    setattr(mgr, name, value)
    with pytest.raises(IPWorksSNMPError) as caught:
        mgr.send_get_request()
    assert caught.value.code == code


@proves("request_id")
def test_the_request_id_is_that_of_the_next_packet_and_counts_up(mgr, agent) -> None:
    told = record(mgr, "on_response")
    assert mgr.request_id == 1
    mgr.send_get_request()
    assert mgr.request_id == 2
    mgr.request_id = 0x12345
    mgr.send_get_request()
    mgr.send_get_request()
    assert [request.pdu.request_id for request in agent.requests] == [1, 0x12345, 0x12346]
    assert [event.request_id for event in told] == [1, 0x12345, 0x12346]


def test_the_last_request_id_is_followed_by_the_first(mgr, agent) -> None:
    mgr.request_id = 0x7FFFFFFF
    mgr.send_get_request()
    assert agent.requests[-1].pdu.request_id == 0x7FFFFFFF
    assert mgr.request_id == 1


def test_an_id_in_flight_is_not_used_again(mgr, agent) -> None:
    told = record(mgr, "on_response")
    mgr.timeout = 0
    agent.inject(Delay(0.5))
    mgr.send_get_request()
    pump_until(mgr, lambda: agent.requests)
    mgr.request_id = 1
    mgr.send_get_request()
    pump_until(mgr, lambda: len(told) == 2)
    assert sorted(event.request_id for event in told) == [1, 2]


@proves("snmp_version")
@pytest.mark.parametrize(("number", "version"), [(1, SnmpVersion.V1), (2, SnmpVersion.V2C), (3, SnmpVersion.V3)])
def test_the_version_is_the_one_on_the_wire(number, version, mgr, agent) -> None:
    if number == 3:
        be(mgr, "open")
    mgr.snmp_version = str(number)
    mgr.send_get_request()
    assert agent.requests[-1].version is version
    assert mgr.error_status == 0


@proves("store_walk_objects")
def test_walked_objects_are_stored_or_only_presented(mgr) -> None:
    told = []
    mgr.on_response = lambda e: told.append((mgr.obj_count, mgr.get_obj_id(0)))
    mgr.walk(f"{IF_TABLE}.1.1")
    columns = [f"{IF_TABLE}.1.1.{row}" for row in (1, 2, 7, 300)]
    assert names(mgr) == columns
    assert told == [(1, name) for name in columns]
    mgr.store_walk_objects = False
    mgr.walk(f"{IF_TABLE}.1.1")
    assert mgr.obj_count == 0
    assert told == [(1, name) for name in columns] * 2


@proves("timeout")
def test_silence_raises_201_when_the_time_is_over(mgr, agent) -> None:
    mgr.send_get_request()
    agent.inject(Drop())
    mgr.timeout = 1
    with pytest.raises(IPWorksSNMPError, match="no answer within 1 s") as caught:
        mgr.send_get_request()
    assert caught.value.code == 201
    mgr.timeout = 20
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]


def test_with_timeout_0_a_send_returns_at_once_and_the_answer_comes_by_event(mgr, agent) -> None:
    told = record(mgr, "on_response")
    mgr.timeout = 0
    expected = mgr.request_id
    mgr.send_get_request()
    assert told == []
    pump_until(mgr, lambda: told)
    assert told[0].request_id == expected
    assert values(mgr) == [b"a switch"]


def test_with_timeout_0_a_failure_comes_by_event(mgr) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        mgr.remote_port = closed.getsockname()[1]
    told = record(mgr, "on_error")
    mgr.timeout = 0
    mgr.send_get_request()
    pump_until(mgr, lambda: told)
    assert told[0].error_code == 10061


@proves("walk_limit")
def test_a_walk_reads_no_more_than_its_limit(mgr, agent) -> None:
    mgr.walk_limit = 3
    mgr.walk(BIG_TABLE)
    assert names(mgr) == [f"{BIG_TABLE}.1.1.{row}" for row in (1, 2, 3)]


def test_a_get_sends_null_whatever_the_arrays_hold(mgr, agent) -> None:
    put(mgr, SYS_UPTIME, 4, "something")
    mgr.send_get_request()
    assert agent.requests[-1].pdu.type is PduType.GET
    assert agent.requests[-1].pdu.varbinds[0].value.tag == 5


def test_two_objects_are_independent(agent) -> None:
    first, second = SNMPTCPMgr(), SNMPTCPMgr()
    for mgr in (first, second):
        mgr.remote_host, mgr.remote_port = agent.host, agent.port
        ask(mgr, SYS_DESCR)
    first.send_get_request()
    second.send_get_request()
    assert values(first) == values(second) == [b"a switch"]
    first.active = False
    second.send_get_request()
    second.active = False
