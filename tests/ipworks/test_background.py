"""Requests that no method waits for: how they end, what they cost, and what becomes of them at the end."""

from __future__ import annotations

import gc
import socket
import tracemalloc

import pytest

from snmptcp.net import connection as connection_module
from snmptcp.testing import Close, Drop, Hold
from tests.ipworks.support import Clock, ask, be, pump_until, record, trust, values
from tests.ipworks.test_timeouts import backlog_full
from tests.support.mibs import BIG_TABLE, SYS_DESCR, SYS_NAME


@pytest.fixture
def waiting(mgr, agent):
    """An object that is connected, and does not wait for answers, which do not come."""
    mgr.send_get_request()
    mgr.timeout = 0
    agent.inject(Drop(), None)
    return mgr


@pytest.mark.parametrize(("setting", "seconds"), [("ConnectionTimeout=0", 60), ("ConnectionTimeout=7", 7)])
@pytest.mark.parametrize("method", ["get", "inform", "discover", "walk"])
def test_what_is_not_answered_ends_with_201(method, setting, seconds, waiting, agent) -> None:
    waiting.config(setting)
    errors = record(waiting, "on_error")
    clock = Clock(waiting)
    if method == "discover":
        be(waiting, "sha", 2)
    calls = {
        "get": waiting.send_get_request,
        "inform": waiting.send_inform_request,
        "discover": waiting.discover,
        "walk": lambda: waiting.walk(BIG_TABLE),
    }
    calls[method]()
    clock.skip(seconds / 2)
    waiting.do_events()
    assert errors == []
    clock.skip(seconds)
    pump_until(waiting, lambda: errors)
    (error,) = errors
    assert (error.error_code, error.description) == (201, f"no answer within {seconds} s")


def test_the_time_that_is_told_is_what_was_given_for_connecting_and_the_answer(idle) -> None:
    errors = record(idle, "on_error")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        idle.remote_host, idle.remote_port = silent.getsockname()
        idle.timeout = 0
        ask(idle, SYS_DESCR)
        idle.send_get_request()
        pump_until(idle, lambda: idle._core._endpoint._open.current.ready)
        Clock(idle).skip(61)
        pump_until(idle, lambda: errors)
    assert errors[0].description == "no answer within 60 s"


def test_other_packets_do_not_prolong_the_time_of_a_request(mgr, agent) -> None:
    mgr.send_get_request()
    mgr.timeout = 0
    told, errors = record(mgr, "on_response"), record(mgr, "on_error")
    clock = Clock(mgr)
    agent.inject(Drop())
    mgr.send_get_request()
    for _ in range(7):
        clock.skip(9)
        mgr.send_get_request()
        pump_until(mgr, lambda: len(told) + len(errors) > 0)
        told.clear()
    pump_until(mgr, lambda: errors)
    assert [error.error_code for error in errors] == [201]


def test_requests_that_have_ended_cost_nothing_any_more(idle) -> None:
    """At most 250 octets each, which is 5 MB for 20,000; the ids of the last ones are remembered."""
    count = 2000
    errors = []
    idle.on_error = lambda e: errors.append(e.error_code)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        idle.remote_host, idle.remote_port = silent.getsockname()
        idle.timeout = 0
        ask(idle, SYS_DESCR)
        idle.send_get_request()
        clock = Clock(idle)
        pump_until(idle, lambda: idle._core._endpoint._open.current.ready)
        gc.collect()
        tracemalloc.start()
        try:
            before = tracemalloc.get_traced_memory()[0]
            for _ in range(count):
                idle.send_get_request()
            clock.skip(61)
            pump_until(idle, lambda: len(errors) > count)
            gc.collect()
            grown = tracemalloc.get_traced_memory()[0] - before
        finally:
            tracemalloc.stop()
        assert set(errors) == {201}
        assert grown < 250 * count
        idle.active = False


def test_requests_that_wait_have_no_tasks_of_their_own(waiting, agent) -> None:
    for _ in range(100):
        waiting.send_get_request()
    conversation = waiting._core._endpoint._open.current
    assert conversation.background.pending == 100
    assert not conversation.idle
    assert waiting._core._pump._tasks == set()
    pump_until(waiting, lambda: len(agent.requests) == 101)


def test_closing_ends_everything_that_waits_without_an_event(waiting, agent) -> None:
    told = record(waiting, "on_error", "on_response")
    for _ in range(2000):
        waiting.send_get_request()
    waiting.walk(BIG_TABLE)
    waiting.active = False
    waiting.do_events()
    assert told == []
    assert not waiting._core._pump.is_open


def test_requests_wait_for_the_connection_and_leave_in_their_order(mgr, agent) -> None:
    mgr.timeout = 0
    told = record(mgr, "on_response")
    for name in (SYS_DESCR, SYS_NAME) * 5:
        ask(mgr, name)
        mgr.send_get_request()
    pump_until(mgr, lambda: len(told) == 10)
    assert [str(request.pdu.varbinds[0].oid) for request in agent.requests] == [SYS_DESCR, SYS_NAME] * 5


def test_requests_that_wait_for_a_connection_that_cannot_be_made_all_say_so(mgr) -> None:
    mgr.timeout = 0
    told = record(mgr, "on_error")
    connected = record(mgr, "on_connected")
    with backlog_full() as port:
        mgr.remote_port = port
        for _ in range(10):
            mgr.send_get_request()
        clock = Clock(mgr)
        clock.skip(61)
        pump_until(mgr, lambda: len(told) == 10)
        assert {error.error_code for error in told} == {201}
        assert [event.status_code for event in connected] == [201]
        for _ in range(10):
            mgr.send_get_request()
        mgr.active = False
        mgr.do_events()
    assert len(told) == 10


def test_a_lost_connection_is_made_again_for_what_waits(mgr, agent) -> None:
    mgr.send_get_request()
    mgr.timeout = 0
    told = record(mgr, "on_response", "on_error")
    agent.inject(Close())
    for _ in range(5):
        mgr.send_get_request()
    pump_until(mgr, lambda: len(told) == 5)
    assert [event.error_status for event in told] == [0] * 5


def test_requests_wait_for_the_handler_that_decides_on_a_server(serve, idle) -> None:
    serve()
    trust(idle)
    idle.timeout = 0
    told = record(idle, "on_response")
    decided = record(idle, "on_ssl_server_authentication")
    for _ in range(3):
        idle.send_get_request()
    pump_until(idle, lambda: len(told) == 3)
    assert len(decided) == 1
    assert values(idle) == [b"a switch"]


def test_an_impossible_request_is_an_event(mgr) -> None:
    mgr.timeout = 0
    mgr.snmp_version = 1
    told = record(mgr, "on_error")
    mgr.send_get_bulk_request(0, 5)
    pump_until(mgr, lambda: told)
    assert told[0].error_code == 10022


def _send_and_hold(mgr, agent) -> None:
    """Send a request whose answer the agent holds back; on another connection, a later one could overtake it."""
    held = len(agent.requests) + 1
    agent.inject(Hold())
    mgr.send_get_request()
    pump_until(mgr, lambda: len(agent.requests) == held)


def test_an_earlier_conversation_is_closed_by_blocking_methods_too(mgr, agent) -> None:
    """A program that asks one agent without waiting, and then only others, keeps no connection to the first one."""
    mgr.send_get_request()
    mgr.timeout = 0
    _send_and_hold(mgr, agent)
    mgr.timeout = 20
    mgr.remote_host = "localhost"  # another conversation
    mgr.send_get_request()
    opened = mgr._core._endpoint._open
    assert len(opened.retired) == 1
    agent.call(agent.agent.release)
    for _ in range(100):
        mgr.send_get_request()
        if not opened.retired:
            break
    assert opened.retired == []


def test_an_earlier_conversation_is_closed_when_its_requests_have_ended(mgr, agent) -> None:
    """Requests of another user have another conversation, while answers to the first one are due."""
    mgr.send_get_request()
    mgr.timeout = 0
    _send_and_hold(mgr, agent)
    mgr.community = "private"
    mgr.send_get_request()
    opened = mgr._core._endpoint._open
    assert len(opened.retired) == 1
    agent.call(agent.agent.release)
    pump_until(mgr, lambda: not opened.retired)


def test_answers_that_came_while_the_program_was_away_are_no_timeouts(mgr, agent, monkeypatch) -> None:
    """More of them than one turn of the loop reads."""
    monkeypatch.setattr(connection_module, "READ_BUFFER_SIZE", 4096)
    agent.call(lambda: agent.agent.mib.__setitem__(SYS_NAME, b"x" * 3000))
    mgr.send_get_request()
    mgr.timeout = 0
    told, errors = record(mgr, "on_response"), record(mgr, "on_error")
    agent.inject(Hold(), None)
    ask(mgr, SYS_NAME)
    for _ in range(15):
        mgr.send_get_request()
    pump_until(mgr, lambda: len(agent.requests) == 16)
    agent.call(agent.agent.release)
    Clock(mgr).skip(61)
    pump_until(mgr, lambda: len(told) + len(errors) == 15)
    assert errors == []
