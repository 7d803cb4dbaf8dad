"""Each method: what it sends, what it leaves in the arrays, and how it ends."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from snmptcp import OID
from snmptcp.codec.pdu import PduType
from snmptcp.ipworks import IPWorksSNMPError, SNMPTCPMgr
from snmptcp.testing import Cycle, Drop, FailWith, Hold, NonIncreasing
from tests.ipworks.proofs import proves
from tests.ipworks.support import (
    TRAP_OID,
    UP,
    USERS,
    answered,
    ask,
    be,
    names,
    pump_until,
    put,
    record,
    trust,
    values,
)
from tests.support.mibs import BIG_TABLE, IF_TABLE, LAST, SYS_DESCR, SYS_NAME, SYS_UPTIME, SYSTEM
from tests.support.senders import LINK_DOWN


@proves("discover")
def test_discover_sends_two_messages_and_fires_one_event(mgr, agent) -> None:
    be(mgr, "sha", 2)
    told = record(mgr, "on_discovery_response")
    mgr.discover()
    assert agent.agent.statistics.messages_in == 2
    (event,) = told
    assert event.engine_id == agent.agent.engine_id == mgr.remote_engine_id
    assert (event.engine_boots, event.user, event.security_level) == (1, "sha", 1)
    assert (event.source_address, event.source_port) == (agent.host, agent.port)


def test_discover_with_timeout_0_returns_at_once(mgr, agent) -> None:
    be(mgr, "sha", 2)
    mgr.timeout = 0
    told = record(mgr, "on_discovery_response")
    mgr.discover()
    assert told == []
    pump_until(mgr, lambda: told)
    assert mgr.remote_engine_id == agent.agent.engine_id


def test_discover_finds_another_engine(mgr, agent) -> None:
    be(mgr, "sha", 2)
    mgr.discover()
    first = mgr.remote_engine_id
    agent.call(agent.agent.replace_engine)
    mgr.discover()
    assert mgr.remote_engine_id == agent.agent.engine_id != first


def test_discover_without_the_right_password_raises_the_reason(mgr) -> None:
    be(mgr, "sha", 2)
    mgr.authentication_password = "quite another one"
    mgr.timeout = 2
    with pytest.raises(IPWorksSNMPError, match="wrong digest"):
        mgr.discover()


def test_only_snmpv3_discovers(mgr) -> None:
    with pytest.raises(IPWorksSNMPError, match="snmp_version"):
        mgr.discover()


@proves("send_get_request")
def test_get_reads_the_objects_in_the_arrays(mgr, agent) -> None:
    ask(mgr, SYS_DESCR, SYS_UPTIME)
    mgr.send_get_request()
    assert agent.requests[-1].pdu.type is PduType.GET
    assert values(mgr) == [b"a switch", b"4752"]


def test_a_request_without_objects_is_an_error(idle, mgr) -> None:
    mgr.reset()
    with pytest.raises(IPWorksSNMPError, match="at least one name"):
        mgr.send_get_request()


def test_a_get_that_is_too_big_is_an_error_status_and_is_not_split(mgr, agent) -> None:
    agent.inject(FailWith(1))
    ask(mgr, SYS_DESCR, SYS_UPTIME)
    mgr.send_get_request()
    assert mgr.error_status == 1
    assert len(agent.requests) == 1


@proves("send_get_next_request")
def test_get_next_repeated_walks(mgr, agent) -> None:
    ask(mgr, SYSTEM)
    walked = []
    for _ in range(3):
        mgr.send_get_next_request()
        walked += names(mgr)
    assert agent.requests[-1].pdu.type is PduType.GET_NEXT
    assert walked == [f"{SYSTEM}.{arc}.0" for arc in (1, 2, 3)]


@proves("send_get_bulk_request")
def test_get_bulk_answers_non_repeaters_once_and_the_others_as_often_as_asked(mgr, agent) -> None:
    ask(mgr, f"{SYSTEM}.1.0", f"{SYSTEM}.3.0")
    mgr.send_get_bulk_request(1, 4)
    assert agent.requests[-1].pdu.type is PduType.GET_BULK
    assert (agent.requests[-1].pdu.non_repeaters, agent.requests[-1].pdu.max_repetitions) == (1, 4)
    assert names(mgr)[:4] == [f"{SYSTEM}.{arc}.0" for arc in (2, 4, 5, 7)]
    assert mgr.obj_count == 5


def test_more_non_repeaters_than_objects_are_as_many_as_there_are(mgr, agent) -> None:
    ask(mgr, f"{SYSTEM}.1.0")
    mgr.send_get_bulk_request(5, 10)
    assert names(mgr) == [f"{SYSTEM}.2.0"]


def test_snmpv1_has_no_get_bulk(mgr) -> None:
    mgr.snmp_version = 1
    with pytest.raises(IPWorksSNMPError, match="SNMPv1"):
        mgr.send_get_bulk_request(0, 10)


@proves("send_set_request")
def test_set_writes_the_objects_in_the_arrays(mgr, agent) -> None:
    mgr.community = "private"
    put(mgr, SYS_NAME, 4, "renamed")
    mgr.send_set_request()
    assert agent.requests[-1].pdu.type is PduType.SET
    assert mgr.error_status == 0
    assert agent.call(lambda: bytes(agent.agent.mib[SYS_NAME])) == b"renamed"


def test_a_refused_set_is_an_error_status(mgr) -> None:
    put(mgr, SYS_NAME, 2, 5)
    mgr.community = "private"
    mgr.send_set_request()
    assert (mgr.error_status, mgr.error_index) == (7, 0)


def test_snmpv1_cannot_set_a_counter64(mgr) -> None:
    mgr.snmp_version = 1
    put(mgr, SYS_NAME, 70, 5)
    with pytest.raises(IPWorksSNMPError, match="Counter64"):
        mgr.send_set_request()


@proves("walk")
@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_walk_reads_a_table_in_every_version(version, mgr, agent) -> None:
    if version == 3:
        be(mgr, "aes", 2, 2)
    mgr.snmp_version = version
    told = record(mgr, "on_response")
    mgr.walk(BIG_TABLE)
    assert mgr.obj_count == 900
    assert names(mgr)[0] == f"{BIG_TABLE}.1.1.1"
    assert values(mgr)[-1] == b"2100"
    assert len(told) == 900
    kinds = {request.pdu.type for request in agent.requests}
    assert kinds == ({PduType.GET_NEXT} if version == 1 else {PduType.GET_BULK})


def test_a_walk_with_timeout_0_goes_on_in_do_events(mgr) -> None:
    mgr.timeout = 0
    mgr.walk(f"{IF_TABLE}.1.1")
    assert mgr.obj_count == 0
    pump_until(mgr, lambda: mgr.obj_count == 4)


def test_a_walk_of_nothing_finds_nothing(mgr) -> None:
    mgr.walk("1.3.6.1.4.1.58888.77")
    assert mgr.obj_count == 0
    assert mgr.error_status == 0


def test_an_error_status_ends_a_walk_without_raising(mgr, agent) -> None:
    agent.inject(FailWith(16), times=3)
    mgr.walk(BIG_TABLE)
    assert mgr.error_status == 16
    assert mgr.obj_count == 0


@pytest.mark.parametrize("fault", [NonIncreasing(), Cycle((OID(f"{SYSTEM}.1.0"),))])
def test_a_walk_that_would_never_end_raises(fault, mgr, agent) -> None:
    agent.inject(fault, times=1000)
    with pytest.raises(IPWorksSNMPError, match="not increasing") as caught:
        mgr.walk(f"{SYSTEM}.1")
    assert caught.value.code == 1303


def test_a_walk_of_something_that_is_not_an_oid_is_an_error(mgr) -> None:
    with pytest.raises(IPWorksSNMPError, match="ifTable"):
        mgr.walk("ifTable")


def test_several_requests_may_be_in_flight_with_timeout_0(mgr, agent) -> None:
    told = []
    mgr.on_response = lambda e: told.append((e.request_id, names(mgr)))
    mgr.timeout = 0
    agent.inject(Hold(), times=2)
    for name in (SYS_DESCR, SYS_UPTIME, SYS_NAME):
        ask(mgr, name)
        mgr.send_get_request()
    pump_until(mgr, lambda: told)
    agent.call(agent.agent.release)
    pump_until(mgr, lambda: len(told) == 3)
    assert sorted(told) == [(1, [SYS_DESCR]), (2, [SYS_UPTIME]), (3, [SYS_NAME])]


def test_an_agent_without_get_bulk_is_walked_by_get_next(mgr, agent) -> None:
    mgr.send_get_request()
    agent.inject(Drop(), times=1, when=lambda request: request.pdu.type is PduType.GET_BULK)
    mgr.timeout = 2
    mgr.walk(f"{IF_TABLE}.1.1")
    assert mgr.obj_count == 4
    assert {request.pdu.type for request in agent.requests[2:]} == {PduType.GET_NEXT}


@pytest.mark.parametrize("timeout", [20, 0])
def test_closing_in_a_handler_ends_a_walk_at_once_with_the_objects_so_far(timeout, mgr, agent) -> None:
    """The answer that the handler has been told of holds more objects; none of them is delivered any more."""
    told = []

    def close_after_two(e: object) -> None:
        told.append(mgr.get_obj_id(0))
        if len(told) == 2:
            mgr.active = False

    mgr.timeout = timeout
    mgr.on_response = close_after_two
    errors = record(mgr, "on_error")
    mgr.walk(BIG_TABLE)
    pump_until(mgr, lambda: len(told) >= 2)
    mgr.do_events()
    assert len(told) == 2
    assert names(mgr) == told
    assert errors == []
    assert not mgr.active
    mgr.on_response = None
    mgr.timeout = 20
    ask(mgr, SYS_DESCR)
    answered(mgr)


@pytest.mark.parametrize("event", ["on_packet_trace", "on_connected", "on_connection_status", "on_ready_to_send"])
def test_closing_in_any_handler_ends_the_method_in_progress(event, mgr, agent) -> None:
    def close(e: object) -> None:
        mgr.active = False

    agent.inject(Drop(), None)
    setattr(mgr, event, close)
    calls = [mgr.send_get_request, mgr.send_inform_request, lambda: mgr.send_get_bulk_request(0, 5)]
    for call in calls:
        ask(mgr, SYS_DESCR)
        with pytest.raises(IPWorksSNMPError, match="active was set to False") as caught:
            call()
        assert caught.value.code == 10004
        assert not mgr.active
    mgr.walk(BIG_TABLE)
    assert (mgr.obj_count, mgr.active) == (0, False)


@pytest.mark.parametrize("timeout", [20, 0])
def test_closing_while_a_password_is_hashed_keeps_the_request_from_being_sent(timeout, mgr, agent) -> None:
    def close(e: object) -> None:
        mgr.active = False

    be(mgr, "sha", 2)
    mgr.on_hash_password = close
    mgr.timeout = timeout
    with pytest.raises(IPWorksSNMPError, match="active was set to False") as caught:
        mgr.send_get_request()
    assert caught.value.code == 10004
    assert (mgr.active, agent.agent.statistics.messages_in) == (False, 0)
    mgr.timeout = 20
    answered(mgr)


def test_a_handler_that_closes_and_sends_anew_ends_the_walk_and_has_its_own_answer(mgr) -> None:
    found = []

    def start_anew(e: object) -> None:
        mgr.on_response = None
        mgr.active = False
        ask(mgr, SYS_DESCR)
        answered(mgr)
        found.append(values(mgr))

    mgr.on_response = start_anew
    mgr.walk(BIG_TABLE)
    assert found == [[b"a switch"]]
    assert mgr.active
    assert mgr.obj_count == 1


def test_closing_with_timeout_0_ends_what_waits_without_an_event(mgr, agent) -> None:
    mgr.timeout = 0
    agent.inject(Drop(), None)
    told = record(mgr, "on_error", "on_response")
    mgr.send_get_request()
    mgr.walk(BIG_TABLE)
    mgr.active = False
    mgr.do_events()
    assert told == []


def test_a_get_sends_null_whatever_values_the_arrays_hold(mgr, agent) -> None:
    put(mgr, SYS_UPTIME, 4, "something")
    mgr.send_get_request()
    assert agent.requests[-1].pdu.type is PduType.GET
    assert agent.requests[-1].pdu.varbinds[0].value.tag == 5


def test_objects_of_one_answer_are_told_one_by_one_and_a_handler_may_ask_for_more(mgr, agent) -> None:
    found, depths = [], []
    depth = 0

    def look_up(e: Any) -> None:
        nonlocal depth
        depth += 1
        depths.append(depth)
        if depth == 1:
            found.append((mgr.obj_count, mgr.get_obj_id(0)))
            assert (mgr.error_status, e.error_status) == (0, 0)
            put(mgr, SYS_DESCR, 4, "a refused value")
            mgr.send_set_request()
            assert mgr.error_status
        depth -= 1

    mgr.on_response = look_up
    mgr.walk(IF_TABLE)
    told = [name for count, name in found if count == 1]
    assert told == names(mgr) == sorted(told, key=OID)
    assert len(told) == len(found) == len(depths) / 2 > 5
    assert depths == [1, 2] * len(told)  # the walk's next object is not told while a handler waits for its own answer


def test_each_object_of_a_walk_has_the_request_id_of_its_answer(mgr, agent) -> None:
    told = record(mgr, "on_response")
    mgr.walk(BIG_TABLE)
    sent = [request.pdu.request_id for request in agent.requests]
    assert len(sent) > 3
    ids = [event.request_id for event in told]
    assert len(ids) == mgr.obj_count == 900
    assert ids == sorted(ids)
    assert set(ids) <= set(sent)
    assert len(set(ids)) >= len(sent) - 1  # the last answer may be of what follows the table


@pytest.mark.parametrize("keep", [True, False])
@pytest.mark.parametrize("way", ["raise", "interrupt"])
def test_a_walk_that_a_handler_ends_leaves_the_objects_that_were_told(way, keep, mgr) -> None:
    mgr.store_walk_objects = keep
    told = []

    def end(e: object) -> None:
        told.append(mgr.get_obj_id(0))
        if len(told) == 3:
            if way == "raise":
                raise LookupError("mine")
            mgr.interrupt()

    mgr.on_response = end
    with pytest.raises(LookupError if way == "raise" else IPWorksSNMPError):
        mgr.walk(BIG_TABLE)
    assert names(mgr) == (told if keep else [])
    assert len(told) == 3
    mgr.on_response = None
    mgr.walk(f"{IF_TABLE}.1.1")
    assert mgr.obj_count == (4 if keep else 0)


def test_every_object_is_told_before_the_error_that_ends_a_walk(mgr, agent) -> None:
    told = record(mgr, "on_response")
    agent.inject(NonIncreasing(), when=lambda _: len(agent.agent.requests) > 2)
    with pytest.raises(IPWorksSNMPError) as caught:
        mgr.walk(BIG_TABLE)
    assert caught.value.code == 1303
    assert len(told) == mgr.obj_count > 2


@proves("store_walk_objects")
def test_objects_of_a_walk_are_stored_or_only_delivered(mgr) -> None:
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


def test_with_timeout_0_a_send_returns_at_once_and_an_event_delivers_the_answer(mgr, agent) -> None:
    told = record(mgr, "on_response")
    mgr.timeout = 0
    expected = mgr.request_id
    mgr.send_get_request()
    assert told == []
    pump_until(mgr, lambda: told)
    assert told[0].request_id == expected
    assert values(mgr) == [b"a switch"]


def test_with_timeout_0_a_failure_fires_an_event(mgr) -> None:
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


def test_a_send_activates(mgr) -> None:
    assert not mgr.active
    mgr.send_get_request()
    assert mgr.active


@proves("WalkInsideRange")
def test_a_walk_ends_with_its_table_or_with_the_mib(mgr) -> None:
    mgr.walk(f"{IF_TABLE}.1.10")
    assert all(name.startswith(IF_TABLE) for name in names(mgr))
    assert mgr.obj_count == 3
    mgr.config("WalkInsideRange=False")
    mgr.walk(f"{IF_TABLE}.1.10")
    assert names(mgr)[-1] == "1.3.6.1.6.3.15.1.1.6.0" or names(mgr)[-1] > LAST
    assert mgr.obj_count > 900


@proves("WalkStartOID")
def test_a_walk_may_start_inside_its_table(mgr) -> None:
    mgr.config(f"WalkStartOID={BIG_TABLE}.1.3.298")
    mgr.walk(BIG_TABLE)
    assert names(mgr) == [f"{BIG_TABLE}.1.3.{row}" for row in (299, 300)]


def test_a_walk_cannot_start_outside_its_table(mgr) -> None:
    mgr.config(f"WalkStartOID={SYS_DESCR}")
    with pytest.raises(IPWorksSNMPError, match="must be inside the subtree"):
        mgr.walk(BIG_TABLE)


@proves("send_inform_request")
def test_informs_are_sent_and_acknowledged_between_two_objects(listening) -> None:

    told = []
    listening.on_inform_request = lambda e: told.append((e.community, values(listening)))
    sender = SNMPTCPMgr()
    sender.remote_host, sender.remote_port = "127.0.0.1", listening.local_port
    sender.timeout = 0
    sender.community = "traps"
    answers = record(sender, "on_response")
    put(sender, UP, 67, "100")
    sender.obj_count = 2
    sender.set_obj_id(1, TRAP_OID)
    sender.set_obj_type(1, 6)
    sender.set_obj_value(1, str(LINK_DOWN))
    sender.send_inform_request()
    while not answers:
        sender.do_events()
        listening.do_events()
    sender.active = False
    assert told == [("traps", [b"100", str(LINK_DOWN).encode()])]
    assert answers[0].error_status == 0


def test_snmpv1_has_no_informs(idle, agent) -> None:
    idle.remote_host, idle.remote_port = agent.host, agent.port
    idle.snmp_version = 1
    put(idle, UP, 67, "1")
    with pytest.raises(IPWorksSNMPError, match="INFORM"):
        idle.send_inform_request()


def test_snmpv3_inside_tls(serve, idle) -> None:
    serve(users=USERS)
    trust(idle)
    be(idle, "aes", 2, 2)
    idle.discover()
    answered(idle)
