"""Each method: what it sends, what it leaves behind, and how it ends."""

from __future__ import annotations

import asyncio
import gc
import threading

import pytest

from snmptcp import OID
from snmptcp.codec.pdu import PduType
from snmptcp.ipworks import IPWorksSNMPError, SNMPTCPMgr
from snmptcp.testing import Close, Cycle, Delay, Drop, FailWith, Hold, NonIncreasing
from tests.ipworks.conftest import ask, be, names, pump_until, put, record, values
from tests.ipworks.rows import proves
from tests.support.mibs import BIG_TABLE, IF_TABLE, SYS_DESCR, SYS_NAME, SYS_UPTIME, SYSTEM


@proves("config")
def test_config_reads_and_sets_whatever_the_case_and_the_blanks(idle) -> None:
    assert idle.config("SelectWaitMillis") == "20"
    assert idle.config("  selectwaitmillis =  30 ") == ""
    assert idle.config("SELECTWAITMILLIS") == "30"
    assert idle.config("TimeoutInMilliseconds=true") == ""
    assert idle.config("TimeoutInMilliseconds") == "True"


@pytest.mark.parametrize("text", ["NoSuchSetting", "NoSuchSetting=1", "=1", "", "SelectWaitMillis=soon", "BuildInfo=x"])
def test_config_refuses_what_there_is_not(text, idle) -> None:
    with pytest.raises(IPWorksSNMPError) as caught:
        idle.config(text)
    assert caught.value.code == 10022


@proves("discover")
def test_discover_sends_two_messages_and_tells_once(mgr, agent) -> None:
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


def test_discover_learns_of_another_engine(mgr, agent) -> None:
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


@proves("do_events")
def test_do_events_delivers_what_has_happened(mgr) -> None:
    mgr.timeout = 0
    told = record(mgr, "on_response")
    mgr.send_get_request()
    assert not told
    pump_until(mgr, lambda: told)


def test_do_events_of_an_idle_object_does_nothing(idle) -> None:
    idle.do_events()
    assert idle.active is False


@proves("hash_passwords")
def test_hash_passwords_tells_before_and_after_each(mgr) -> None:
    be(mgr, "aes", 2, 2)
    told = record(mgr, "on_hash_password")
    mgr.hash_passwords()
    assert [(event.password, event.auth_algorithm, bool(event.hash)) for event in told] == [
        ("authpass123", 2, False),
        ("authpass123", 2, True),
        ("privpass123", 2, False),
        ("privpass123", 2, True),
    ]
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]
    assert len(told) == 4


def test_hash_passwords_makes_other_keys_of_what_a_handler_says_now(mgr) -> None:
    be(mgr, "sha", 2)
    mgr.timeout = 2

    def give(e) -> None:
        e.hash = "00" * 20

    mgr.on_hash_password = give
    with pytest.raises(IPWorksSNMPError, match="wrong digest"):
        mgr.send_get_request()
    mgr.on_hash_password = None
    mgr.hash_passwords()
    ask(mgr, SYS_DESCR)
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]


@proves("interrupt")
def test_a_handler_interrupts_the_method_in_progress(mgr) -> None:
    mgr.on_response = lambda e: mgr.interrupt()
    with pytest.raises(IPWorksSNMPError, match="Interrupted") as caught:
        mgr.walk(BIG_TABLE)
    assert caught.value.code == 10004
    mgr.on_response = None
    ask(mgr, SYS_DESCR)
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]


def test_another_thread_interrupts_the_method_in_progress(mgr, agent) -> None:
    mgr.send_get_request()
    agent.inject(Drop())

    def interrupt() -> None:
        agent.thread.run(agent.agent.wait_for_requests(2))
        mgr.interrupt()

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(IPWorksSNMPError) as caught:
        mgr.send_get_request()
    thread.join()
    assert caught.value.code == 10004


def test_interrupting_nothing_does_nothing(mgr) -> None:
    mgr.interrupt()
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]


@proves("reset")
def test_reset_clears_the_arrays_and_nothing_else(mgr) -> None:
    mgr.community = "private"
    mgr.reset()
    assert mgr.obj_count == 0
    assert mgr.community == "private"


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


def test_a_get_that_is_too_big_is_an_error_status_and_not_asked_again(mgr, agent) -> None:
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
    assert (mgr.error_status, mgr.error_index) == (7, 1)


def test_snmpv1_cannot_set_a_counter64(mgr) -> None:
    mgr.snmp_version = 1
    put(mgr, SYS_NAME, 70, 5)
    with pytest.raises(IPWorksSNMPError, match="Counter64"):
        mgr.send_set_request()


@proves("value")
def test_value_is_the_text_of_an_object_in_the_arrays(mgr) -> None:
    ask(mgr, SYS_DESCR, SYS_UPTIME)
    mgr.send_get_request()
    assert mgr.value(SYS_DESCR) == "a switch"
    assert mgr.value("." + SYS_UPTIME) == "4752"
    with pytest.raises(IPWorksSNMPError, match="no object in the arrays is named"):
        mgr.value(SYS_NAME)


def test_value_finds_its_object_beside_one_that_has_no_name_yet(idle) -> None:
    ask(idle, "sysDescr", "", f".{SYS_NAME}")
    idle.set_obj_value(2, "found")
    assert idle.value(SYS_NAME) == "found"


def test_value_keeps_octets_that_are_not_text(idle) -> None:
    put(idle, SYS_NAME, 4, b"a\xff")
    assert idle.value(SYS_NAME) == "a\udcff"


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


def test_the_objects_of_a_walk_are_told_with_the_ids_they_came_under(mgr, agent) -> None:
    told = record(mgr, "on_response")
    mgr.walk(BIG_TABLE)
    ids = list(dict.fromkeys(event.request_id for event in told))
    assert ids == [request.pdu.request_id for request in agent.requests][: len(ids)]
    assert len(ids) >= 900 // 25


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


def test_a_walk_of_no_name_is_an_error(mgr) -> None:
    with pytest.raises(IPWorksSNMPError, match="ifTable"):
        mgr.walk("ifTable")


# --------------------------------------------------------------------------------- how methods end


def test_a_connection_that_is_refused_raises_with_the_number_and_the_text(mgr) -> None:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as closed:
        mgr.remote_port = closed.getsockname()[1]
    with pytest.raises(IPWorksSNMPError, match=r"\[10061\].*refused") as caught:
        mgr.send_get_request()
    assert caught.value.code == 10061
    assert caught.value.message == str(caught.value)


@pytest.mark.parametrize("host", ["no-such-host.invalid", "a..b", "a" * 300])
def test_a_name_that_there_is_not_raises_11001(host, mgr) -> None:
    mgr.remote_host = host
    with pytest.raises(IPWorksSNMPError) as caught:
        mgr.send_get_request()
    assert caught.value.code == 11001


def test_a_connection_that_the_agent_closes_raises_when_it_closes_again(mgr, agent) -> None:
    agent.inject(Close(), times=2)
    with pytest.raises(IPWorksSNMPError, match="closed") as caught:
        mgr.send_get_request()
    assert caught.value.code == 1120


def test_a_blocking_method_inside_a_running_loop_raises_and_names_the_other_manager(mgr) -> None:
    async def inside() -> None:
        mgr.send_get_request()

    with pytest.raises(IPWorksSNMPError, match=r"snmptcp\.Manager") as caught:
        asyncio.run(inside())
    assert caught.value.code == 211


def test_an_exception_in_a_handler_comes_out_of_the_method_and_the_object_lives_on(mgr) -> None:
    def fail(e: object) -> None:
        raise LookupError("mine")

    mgr.on_response = fail
    with pytest.raises(LookupError, match="mine"):
        mgr.send_get_request()
    assert values(mgr) == [b"a switch"]
    mgr.on_response = None
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]


def test_a_handler_may_call_a_blocking_method(mgr, agent) -> None:
    answers = []

    def go_on(e: object) -> None:
        answers.append(values(mgr))
        if len(answers) < 3:
            ask(mgr, SYS_UPTIME)
            mgr.send_get_request()

    mgr.on_response = go_on
    mgr.send_get_request()
    assert answers == [[b"a switch"], [b"4752"], [b"4752"]]
    assert len(agent.requests) == 3


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


def test_an_answer_to_earlier_credentials_still_comes(mgr, agent) -> None:
    told = record(mgr, "on_response")
    mgr.timeout = 0
    agent.inject(Delay(0.5))
    mgr.send_get_request()
    pump_until(mgr, lambda: agent.requests)
    mgr.community = "private"
    mgr.send_get_request()
    pump_until(mgr, lambda: len(told) == 2)
    assert {event.community for event in told} == {"public", "private"}


def test_an_object_that_is_forgotten_closes_its_connection(agent) -> None:
    mgr = SNMPTCPMgr()
    mgr.remote_host, mgr.remote_port = agent.host, agent.port
    ask(mgr, SYS_DESCR)
    mgr.send_get_request()
    assert agent.call(lambda: agent.agent.connections) == 1
    del mgr
    gc.collect()
    agent.wait_until(lambda: agent.agent.connections == 0)


def test_an_object_whose_handlers_know_it_is_forgotten_too(agent) -> None:
    mgr = SNMPTCPMgr()
    mgr.remote_host, mgr.remote_port = agent.host, agent.port
    told = []

    def handler(e: object, mgr: SNMPTCPMgr = mgr) -> None:
        told.append(mgr.obj_count)

    mgr.on_response = handler
    ask(mgr, SYS_DESCR)
    mgr.send_get_request()
    assert told == [1]
    del mgr, handler
    gc.collect()
    agent.wait_until(lambda: agent.agent.connections == 0)


def test_an_object_that_is_forgotten_inside_a_running_loop_closes_its_connection(agent) -> None:
    objects = [SNMPTCPMgr()]
    objects[0].remote_host, objects[0].remote_port = agent.host, agent.port
    ask(objects[0], SYS_DESCR)
    objects[0].send_get_request()

    async def forget() -> None:
        objects.clear()
        gc.collect()

    asyncio.run(forget())
    agent.wait_until(lambda: agent.agent.connections == 0)


def test_closing_and_pumping_inside_a_running_loop_raise_and_change_nothing(mgr, agent) -> None:
    mgr.send_get_request()

    async def inside() -> list[int]:
        codes = []
        for call in (lambda: setattr(mgr, "active", False), mgr.do_events):
            with pytest.raises(IPWorksSNMPError, match=r"snmptcp\.Manager") as caught:
                call()
            codes.append(caught.value.code)
        return codes

    assert asyncio.run(inside()) == [211, 211]
    assert mgr.active
    mgr.send_get_request()
    assert [request.connection for request in agent.requests] == [1, 1]
    mgr.active = False
    agent.wait_until(lambda: agent.agent.connections == 0)


def test_do_events_inside_a_running_loop_raises_before_anything_is_connected(idle) -> None:
    async def inside() -> None:
        idle.do_events()

    with pytest.raises(IPWorksSNMPError, match=r"snmptcp\.Manager"):
        asyncio.run(inside())


@pytest.mark.parametrize("call", ["walk", "value", "config"])
@pytest.mark.parametrize("argument", [None, 5, 1.5, b"sysDescr"])
def test_an_argument_that_is_no_text_is_an_error_of_the_class(call, argument, idle) -> None:
    with pytest.raises(IPWorksSNMPError) as caught:
        getattr(idle, call)(argument)
    assert caught.value.code == 10022


def test_octets_that_are_text_are_taken_for_it(mgr) -> None:
    mgr.walk(f"{IF_TABLE}.1.1".encode())
    assert mgr.obj_count == 4
    assert mgr.value(f"{IF_TABLE}.1.1.7".encode()) == "7"
    assert mgr.config(b"SelectWaitMillis") == "20"


def test_an_agent_that_does_not_know_get_bulk_is_walked_by_get_next(mgr, agent) -> None:
    mgr.send_get_request()
    agent.inject(Drop(), times=1, when=lambda request: request.pdu.type is PduType.GET_BULK)
    mgr.timeout = 2
    mgr.walk(f"{IF_TABLE}.1.1")
    assert mgr.obj_count == 4
    assert {request.pdu.type for request in agent.requests[2:]} == {PduType.GET_NEXT}


def test_a_handler_may_close_everything(mgr) -> None:
    def close(e: object) -> None:
        mgr.active = False

    mgr.on_response = close
    with pytest.raises(IPWorksSNMPError) as caught:
        mgr.walk(BIG_TABLE)
    assert caught.value.code == 10004
    assert not mgr.active
    mgr.on_response = None
    ask(mgr, SYS_DESCR)
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]


def test_another_thread_is_told_that_a_method_is_in_progress(mgr, agent) -> None:
    mgr.send_get_request()
    agent.inject(Hold())
    errors = []

    def intrude() -> None:
        agent.thread.run(agent.agent.wait_for_requests(2))
        for call in (mgr.send_get_request, mgr.do_events, lambda: mgr.set_active(False)):
            try:
                call()
            except IPWorksSNMPError as error:
                errors.append(error.code)
        agent.call(agent.agent.release)

    thread = threading.Thread(target=intrude)
    thread.start()
    mgr.send_get_request()
    thread.join(20)
    assert errors == [211, 211, 211]
    assert mgr.active
    assert values(mgr) == [b"a switch"]
