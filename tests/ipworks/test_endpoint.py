"""When connections open and close, and which connection serves which properties."""

from __future__ import annotations

import pytest

from snmptcp.ipworks import IPWorksSNMPError
from snmptcp.testing import Delay
from tests.ipworks.proofs import proves
from tests.ipworks.support import ask, pump_until, record, values
from tests.support.mibs import SYS_DESCR, SYS_NAME
from tests.support.threaded import ThreadedAgent


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
