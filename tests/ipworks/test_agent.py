"""The conversation with an agent: events of its connections, discovery, reports, and request-ids."""

from __future__ import annotations

import contextlib
import socket

import pytest

from snmptcp import OID, OctetString, VarBind
from snmptcp.codec.message import decode_message
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.ipworks import IPWorksSNMPError
from snmptcp.testing import Close, Delay, Garbage, Hold
from tests.ipworks.proofs import proves
from tests.ipworks.support import ask, be, pump_until, put, record, values
from tests.support.mibs import BIG_TABLE, SYS_DESCR, SYS_NAME
from tests.support.senders import community_message


@proves("on_connected", "on_connection_status", "on_disconnected", "on_ready_to_send")
def test_a_connection_fires_events_from_its_beginning_to_its_end(mgr, agent) -> None:
    told = record(mgr, "on_connected", "on_connection_status", "on_ready_to_send", "on_disconnected")
    mgr.send_get_request()
    agent.inject(Close(), times=3)  # a connection that closes after an answer costs no retry
    with pytest.raises(IPWorksSNMPError):
        mgr.send_get_request()
    kinds = [type(event).__name__.removeprefix("SNMPTCPMgr").removesuffix("EventParams") for event in told]
    once = ["ConnectionStatus", "Connected", "ReadyToSend", "ConnectionStatus", "Disconnected"]
    assert kinds == once * 3
    first, second, _, third, fourth = told[:5]
    assert first.connection_event == "Remote host connection complete."
    assert third.connection_event == "Remote host disconnected."
    for event in (first, second):
        assert (event.status_code, event.description) == (0, "OK")
        assert (event.remote_address, event.remote_port) == (agent.host, agent.port)
    assert fourth.status_code == 1120
    assert "closed" in fourth.description


def test_on_ready_to_send_fires_again_after_congestion(idle) -> None:
    told = record(idle, "on_ready_to_send")
    with socket.socket() as server:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.01)
        idle.remote_host, idle.remote_port = server.getsockname()
        idle.config("OutBufferSize=4096")
        idle.timeout = 0
        put(idle, SYS_NAME, 4, b"x" * 60_000)
        for _ in range(20):
            idle.send_set_request()
        peer, _ = server.accept()
        with peer:
            pump_until(idle, lambda: told)
            for _ in range(5):
                idle.do_events()
            assert len(told) == 1
            peer.setblocking(False)

            def drained() -> bool:
                with contextlib.suppress(BlockingIOError):
                    peer.recv(1 << 20)
                return len(told) == 2

            pump_until(idle, drained)
            idle.active = False


def test_an_orderly_end_is_0_and_ok(mgr) -> None:
    told = record(mgr, "on_disconnected")
    mgr.send_get_request()
    mgr.active = False
    assert [(event.status_code, event.description) for event in told] == [(0, "OK")]


def test_a_connection_that_cannot_be_made_fires_one_event_with_the_reason(mgr) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        mgr.remote_port = port = closed.getsockname()[1]
    told = record(mgr, "on_connected", "on_disconnected")
    with pytest.raises(IPWorksSNMPError):
        mgr.send_get_request()
    (event,) = told
    assert (event.status_code, event.remote_port) == (10061, port)
    assert "refused" in event.description


def test_a_connection_that_cannot_be_made_in_the_background_fires_both_events(mgr) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        mgr.remote_port = closed.getsockname()[1]
    told = record(mgr, "on_connected", "on_error")
    mgr.timeout = 0
    mgr.send_get_request()
    pump_until(mgr, lambda: len(told) == 2)
    assert (told[0].status_code, told[1].error_code) == (10061, 10061)


@proves("on_discovery_response")
def test_a_send_that_discovers_first_fires_on_discovery_response(mgr, agent) -> None:
    be(mgr, "sha", 2)
    told = record(mgr, "on_discovery_response", "on_response")
    mgr.send_get_request()
    discovery, response = told
    assert discovery.engine_id == agent.agent.engine_id == mgr.remote_engine_id
    assert discovery.security_level == 0
    assert (response.snmp_version, response.user, response.security_level) == (3, "sha", 1)


@proves("on_report")
def test_during_on_report_the_arrays_hold_the_counter(mgr, agent) -> None:
    be(mgr, "sha", 2)
    mgr.send_get_request()
    mgr.authentication_password = "another password"
    mgr.timeout = 2
    told = []
    mgr.on_report = lambda e: told.append((e, mgr.get_obj_id(0), mgr.get_obj_type_string(0)))
    with pytest.raises(IPWorksSNMPError, match="wrong digest"):
        mgr.send_get_request()
    (event, name, kind) = told[0]
    assert (name, kind) == ("1.3.6.1.6.3.15.1.1.5.0", "Counter32")
    assert (event.snmp_version, event.security_level) == (3, 0)
    assert "wrong digest" in event.error_description
    assert event.source_port == agent.port


def test_garbage_ends_the_connection_with_an_event(mgr, agent) -> None:
    told = record(mgr, "on_disconnected")
    agent.inject(Garbage(), times=2)
    with pytest.raises(IPWorksSNMPError):
        mgr.send_get_request()
    assert [event.status_code for event in told] == [1303, 1303]


@proves("MsgMaxSize")
def test_the_message_size_is_sent_to_agents_and_enforced(mgr, agent) -> None:
    be(mgr, "open")
    mgr.config("MsgMaxSize=9000")
    told = record(mgr, "on_packet_trace")
    mgr.send_get_request()
    assert {decode_message(event.packet).msg_max_size for event in told if event.direction == 2} == {9000}  # type: ignore[union-attr]
    mgr.snmp_version = 2
    agent.call(lambda: agent.agent.mib.__setitem__(f"{SYS_DESCR}.9", b"x" * 9000))
    ask(mgr, f"{SYS_DESCR}.9")
    with pytest.raises(IPWorksSNMPError, match="exceeds the limit of 9000"):
        mgr.send_get_request()


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


def test_the_objects_of_a_walk_are_delivered_with_the_ids_of_their_responses(mgr, agent) -> None:
    told = record(mgr, "on_response")
    mgr.walk(BIG_TABLE)
    ids = list(dict.fromkeys(event.request_id for event in told))
    assert ids == [request.pdu.request_id for request in agent.requests][: len(ids)]
    assert len(ids) >= 900 // 25


@proves("CheckMessageOrigin")
@pytest.mark.parametrize("value", [True, False])
def test_a_response_on_another_connection_is_not_accepted(value, agent, listening, peer) -> None:
    listening.config(f"CheckMessageOrigin={value}")
    listening.remote_host, listening.remote_port = agent.host, agent.port
    listening.timeout = 0
    told = record(listening, "on_response", "on_bad_packet")
    agent.inject(Hold())
    ask(listening, SYS_DESCR)
    listening.send_get_request()
    pump_until(listening, lambda: agent.requests)
    forged = Pdu(PduType.RESPONSE, 1, 0, 0, (VarBind(OID(SYS_DESCR), OctetString("forged")),))
    peer.send(community_message(forged))
    pump_until(listening, lambda: told)
    assert [type(event).__name__ for event in told] == ["SNMPTCPMgrBadPacketEventParams"]
    agent.call(agent.agent.release)
    pump_until(listening, lambda: len(told) == 2)
    assert values(listening) == [b"a switch"]
