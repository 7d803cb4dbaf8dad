"""When methods wait and handlers run: nested methods, interruption, exceptions, running loops, other threads."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from snmptcp.errors import ConfigurationError
from snmptcp.ipworks import IPWorksSNMPError
from snmptcp.testing import Drop, Hold
from tests.ipworks.proofs import proves
from tests.ipworks.support import TRAP_OID, UP, ask, names, pump_until, record, values
from tests.support.mibs import BIG_TABLE, IF_TABLE, SYS_DESCR, SYS_UPTIME
from tests.support.senders import trap


@pytest.mark.parametrize("error", [BrokenPipeError(32, "Broken pipe"), TimeoutError(), ConfigurationError("mine")])
def test_a_method_raises_the_exception_of_a_handler_unchanged(error, mgr, agent) -> None:
    def fail(e: object) -> None:
        raise error

    mgr.on_response = fail
    with pytest.raises(type(error)) as caught:
        mgr.send_get_request()
    assert caught.value is error
    mgr.on_response = None
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]


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


def test_a_method_inside_a_running_loop_raises_and_names_the_asynchronous_manager(mgr) -> None:
    async def inside() -> None:
        mgr.send_get_request()

    with pytest.raises(IPWorksSNMPError, match=r"snmptcp\.Manager") as caught:
        asyncio.run(inside())
    assert caught.value.code == 211


def test_an_exception_in_a_handler_leaves_the_object_usable(mgr) -> None:
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


def test_a_call_from_another_thread_raises_while_a_method_is_in_progress(mgr, agent) -> None:
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


@proves("SelectWaitMillis")
def test_do_events_waits_as_long_as_set_if_there_are_no_events(mgr) -> None:
    mgr.send_get_request()
    mgr.config("SelectWaitMillis=300")
    begun = time.monotonic()
    mgr.do_events()
    assert time.monotonic() - begun >= 0.29


@pytest.mark.parametrize("method", ["send_get_request", "walk"])
def test_when_a_method_returns_the_arrays_hold_its_answer_and_not_a_later_trap(method, agent, listening, peer) -> None:
    listening.remote_host, listening.remote_port = agent.host, agent.port
    pump = listening._core._pump
    sent: list[object] = []
    told = []

    async def queued() -> None:
        while not any(type(posted.params).__name__ == "SNMPTCPMgrTrapEventParams" for posted in posts()):
            await asyncio.sleep(0.005)

    def posts():
        return [posted for posted in pump._posted if hasattr(posted, "params")]

    def send_a_trap(e) -> None:
        """Have a trap arrive after each answer, before that answer is delivered."""
        if e.direction == 1 and e.packet_port == agent.port:
            peer.send(trap(len(sent)))
            sent.append(e)
            pump.run(queued())

    listening.on_packet_trace = send_a_trap
    listening.on_trap = lambda e: told.append(names(listening))
    if method == "walk":
        listening.walk(f"{IF_TABLE}.1.1")
        assert names(listening) == [f"{IF_TABLE}.1.1.{row}" for row in (1, 2, 7, 300)]
    else:
        ask(listening, SYS_DESCR)
        listening.send_get_request()
        assert values(listening) == [b"a switch"]
    assert sent
    pump_until(listening, lambda: len(told) == len(sent))
    assert all(held[:2] == [UP, TRAP_OID] for held in told)
