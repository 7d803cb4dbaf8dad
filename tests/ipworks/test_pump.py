"""When methods wait and handlers run: nested methods, interruption, exceptions, notebooks, other threads."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import pytest

from snmptcp.errors import ConfigurationError
from snmptcp.ipworks import IPWorksSNMPError
from snmptcp.testing import Drop, Hold
from tests.ipworks.proofs import proves
from tests.ipworks.support import TRAP_OID, UP, Peer, ask, choose_port, names, pump_until, record, values
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


def test_in_a_notebook_every_method_works_and_handlers_run_on_the_callers_thread(mgr, agent) -> None:
    """A helper thread runs the object's loop where another loop is running, and the caller waits for it."""
    where: list[object] = []
    told = record(mgr, "on_trap")
    choose_port(mgr)

    async def cell() -> None:
        def look_up(e: object) -> None:
            where.append((threading.get_ident(), asyncio.get_running_loop()))
            if len(where) == 1:
                ask(mgr, SYS_UPTIME)
                mgr.send_get_request()
                where.append(values(mgr))

        mgr.on_response = look_up
        mgr.send_get_request()
        mgr.walk(f"{IF_TABLE}.1.1")
        assert names(mgr) == [f"{IF_TABLE}.1.1.{row}" for row in (1, 2, 7, 300)]
        with closing(Peer(mgr)) as peer:
            peer.send(trap(1))
            pump_until(mgr, lambda: told)
        mgr.timeout = 0
        answered = len(where)
        mgr.send_get_request()
        pump_until(mgr, lambda: len(where) > answered)
        mgr.timeout = 20
        here = (threading.get_ident(), asyncio.get_running_loop())
        assert where == [here, here, [b"4752"], *[here] * 4, here]

    before = threading.active_count()
    asyncio.run(cell())
    assert threading.active_count() <= before + 1
    mgr.on_response = None
    ask(mgr, SYS_DESCR)
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]
    assert {request.connection for request in agent.requests} == {1}


def test_in_a_notebook_an_object_is_closed_and_idle_ones_are_pumped(mgr, agent) -> None:
    async def cell() -> None:
        mgr.do_events()
        mgr.send_get_request()
        mgr.active = False
        mgr.do_events()

    asyncio.run(cell())
    agent.wait_until(lambda: agent.agent.connections == 0)
    mgr.send_get_request()
    assert [request.connection for request in agent.requests] == [1, 2]


@pytest.mark.parametrize("in_loop", [False, True], ids=["script", "notebook"])
def test_ctrl_c_ends_a_method_and_the_object_goes_on(mgr, agent, in_loop: bool) -> None:
    mgr.send_get_request()
    agent.inject(Drop())

    def press() -> None:
        agent.thread.run(agent.agent.wait_for_requests(2))
        os.kill(os.getpid(), signal.SIGINT)

    async def cell() -> None:
        with pytest.raises(KeyboardInterrupt):  # here, where it is raised: asyncio.run would take it for its own
            mgr.send_get_request()

    thread = threading.Thread(target=press)
    thread.start()
    if in_loop:
        loop = asyncio.new_event_loop()
        loop.run_until_complete(cell())
        loop.close()
    else:
        with pytest.raises(KeyboardInterrupt):
            mgr.send_get_request()
    thread.join(20)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert not mgr._core._pump.blocked
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]
    assert [request.connection for request in agent.requests] == [1, 1, 1]


def test_an_object_serves_one_thread_after_another(mgr, agent) -> None:
    told = record(mgr, "on_response")
    with ThreadPoolExecutor(1) as other:
        for _ in range(2):
            mgr.send_get_request()
            other.submit(mgr.send_get_request).result()
        other.submit(setattr, mgr, "active", False).result()
    assert len(told) == 4
    assert {request.connection for request in agent.requests} == {1}


def test_of_many_threads_at_once_one_is_served_and_the_others_are_told(mgr) -> None:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    outcomes: list[object] = []

    def work() -> None:
        for _ in range(10):
            for call in (mgr.send_get_request, mgr.do_events):
                try:
                    call()
                except IPWorksSNMPError as error:
                    outcomes.append(error.code)
                else:
                    outcomes.append("done")

    mgr.config("SelectWaitMillis=0")
    threads = [threading.Thread(target=work) for _ in range(8)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
    finally:
        sys.setswitchinterval(interval)
    assert len(outcomes) == 160
    assert set(outcomes) <= {"done", 211}
    assert "done" in outcomes
    mgr.send_get_request()


def test_another_thread_is_refused_while_a_handler_runs(mgr) -> None:
    codes = []

    def intrude() -> None:
        for call in (mgr.send_get_request, mgr.do_events, lambda: mgr.set_active(False)):
            with pytest.raises(IPWorksSNMPError, match="another thread is in a method of this object") as caught:
                call()
            codes.append(caught.value.code)

    def let_another_in(e: object) -> None:
        with ThreadPoolExecutor(1) as other:
            other.submit(intrude).result()

    mgr.on_response = let_another_in
    mgr.send_get_request()
    assert codes == [211, 211, 211]
    assert values(mgr) == [b"a switch"]


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
        while not any(posted.name == "on_trap" for posted in posts()):
            await asyncio.sleep(0.005)

    def posts():
        return [posted for posted in pump._posted if hasattr(posted, "name")]

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
