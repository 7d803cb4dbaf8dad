"""When connections open and close, and which connection serves which properties."""

from __future__ import annotations

import gc
import os
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from snmptcp.ipworks import IPWorksSNMPError
from snmptcp.testing import Delay, Hold
from tests.ipworks.proofs import proves
from tests.ipworks.support import Peer, ask, be, pump_until, record, values
from tests.support.forks import in_child, needs_fork
from tests.support.mibs import SYS_DESCR, SYS_NAME
from tests.support.senders import trap
from tests.support.threaded import ThreadedAgent

if TYPE_CHECKING:
    from snmptcp.ipworks import SNMPTCPMgr


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


@proves("accept_data")
def test_without_accept_data_nothing_is_read_and_tcp_holds_data(mgr, agent) -> None:
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


@proves("local_host")
def test_connections_come_from_the_local_host(mgr, agent) -> None:
    mgr.local_host = "127.0.0.7"
    mgr.send_get_request()
    peers = agent.call(lambda: [connection.peer[0] for connection in agent.agent._server.connections])
    assert peers == ["127.0.0.7"]
    assert mgr.local_host == "127.0.0.7"


def test_the_local_port_reads_as_that_of_the_connection(mgr, agent) -> None:
    assert mgr.local_port == 0
    mgr.send_get_request()
    (port,) = agent.call(lambda: [connection.peer[1] for connection in agent.agent._server.connections])
    assert mgr.local_port == port


@proves("remote_host", "remote_port")
def test_another_agent_is_asked_on_another_connection(mgr, agent) -> None:

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


def test_another_option_makes_another_connection(mgr, agent) -> None:
    ask(mgr, SYS_NAME)
    for value in (True, True, False):
        mgr.config(f"TcpNoDelay={value}")
        mgr.send_get_request()
    assert [request.connection for request in agent.requests] == [1, 1, 2]


# ---------------------------------------------------------------------------------------------- fork


def get(mgr: SNMPTCPMgr) -> bytes:
    ask(mgr, SYS_DESCR)
    mgr.send_get_request()
    return mgr.get_obj_value(0)


@needs_fork
def test_a_child_has_a_connection_of_its_own_and_leaves_the_parents_open(mgr, agent) -> None:
    told = record(mgr, "on_connected", "on_disconnected")

    def child() -> object:
        del told[:]
        before = mgr.active, mgr.local_port
        asked = get(mgr), len(told)
        mgr.active = False
        return before, asked, len(told)

    mgr.send_get_request()
    assert in_child(child) == "((True, 0), (b'a switch', 1), 2)"
    assert in_child(lambda: gc.collect() and mgr.set_active(False)) == "None"
    assert get(mgr) == b"a switch"
    assert len(told) == 1
    assert [request.connection for request in agent.requests] == [1, 2, 1]


@needs_fork
def test_a_child_leaves_a_tls_session_of_its_parent_open(serve, idle) -> None:
    agent = serve()
    idle.on_ssl_server_authentication = lambda e: setattr(e, "accept", True)
    idle.send_get_request()
    assert in_child(lambda: idle.set_active(False)) == "None"
    assert in_child(lambda: get(idle)) == "a switch"
    assert get(idle) == b"a switch"
    first, its, last = [request.connection for request in agent.requests]
    assert first == last != its


@needs_fork
def test_a_child_leaves_the_listening_port_and_its_connections_to_the_parent(listening, peer, agent) -> None:
    listening.remote_host, listening.remote_port, listening.timeout = agent.host, agent.port, 20
    told = record(listening, "on_trap")
    peer.send(trap(1))
    pump_until(listening, lambda: told)

    def child() -> object:
        asked = get(listening)
        peer.send(trap(2))
        listening.do_events()
        listening.active = False
        return asked, len(told)

    assert in_child(child) == "(b'a switch', 1)"
    pump_until(listening, lambda: len(told) == 2)
    with closing(Peer(listening)) as another:
        another.send(trap(3))
        pump_until(listening, lambda: len(told) == 3)


@needs_fork
def test_what_the_parent_has_begun_is_not_delivered_to_the_child(mgr, agent) -> None:
    mgr.timeout = 0
    told = record(mgr, "on_response")
    agent.inject(Hold())
    mgr.send_get_request()
    pump_until(mgr, lambda: agent.requests)

    def child() -> object:
        mgr.do_events()
        mgr.interrupt()
        mgr.timeout = 20
        mgr.send_get_request()
        return len(told)

    assert in_child(child) == "1"
    agent.call(agent.agent.release)
    pump_until(mgr, lambda: told)
    assert len(told) == 1


@needs_fork
def test_a_handler_that_forks_goes_on_in_the_parent_and_the_child_is_told(mgr, agent) -> None:
    in_handler: list[object] = []
    child = -1

    def fork(e: object) -> None:
        nonlocal child
        mgr.on_response = None
        in_handler.append(in_child(lambda: get(mgr) == b"a switch"))
        child = os.fork()

    mgr.on_response = fork
    try:
        mgr.send_get_request()
    except IPWorksSNMPError as error:
        if child:
            raise
        told = "the method goes on in the parent process only" in error.message and get(mgr) == b"a switch"
        os._exit(0 if told else 1)
    assert in_handler == ["True"]
    assert os.waitpid(child, 0)[1] == 0
    assert get(mgr) == b"a switch"
    assert [request.connection for request in agent.requests] == [1, 2, 3, 1]


@needs_fork
def test_a_child_asks_the_engine_that_the_parent_has_discovered(mgr, agent) -> None:
    be(mgr, "sha", authentication=2)
    mgr.send_get_request()
    asked = len(agent.requests)
    assert in_child(lambda: (mgr.remote_engine_id == agent.agent.engine_id, get(mgr))) == "(True, b'a switch')"
    assert len(agent.requests) == asked + 1
    mgr.send_get_request()
