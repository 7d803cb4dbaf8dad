"""Each event of the connection that the object makes: when it happens, and what its handler is given and may set."""

from __future__ import annotations

import contextlib
import socket

import pytest

from snmptcp.codec.message import V3Message, decode_message
from snmptcp.errors import ConfigurationError
from snmptcp.ipworks import IPWorksSNMPError, SNMPTCPMgrBadPacketEventParams, SNMPTCPMgrInformRequestEventParams
from snmptcp.ipworks.tables.events import EVENT_CLASSES, EVENTS
from snmptcp.testing import Close, FailWith, Garbage, WrongCommunity
from tests.ipworks.conftest import ask, be, pump_until, put, record, values
from tests.ipworks.rows import proves
from tests.support.mibs import SYS_DESCR, SYS_NAME


@pytest.mark.parametrize("event", EVENTS.values(), ids=lambda event: event.name)
def test_the_argument_of_an_event_has_its_attributes_and_lets_some_be_set(event) -> None:
    params = EVENT_CLASSES[event.name]()
    for attribute in event.attributes:
        assert type(getattr(params, attribute.name)).__name__ == attribute.kind
        if attribute.writable:
            setattr(params, attribute.name, 1)
            expected = {"bool": True, "int": 1, "str": "1"}[attribute.kind]
            assert getattr(params, attribute.name) == expected
        else:
            with pytest.raises(AttributeError):
                setattr(params, attribute.name, 1)


@pytest.mark.parametrize("number", [-1, 2**31, 2**33])
def test_a_number_that_cannot_be_sent_is_an_error_when_it_is_set(number) -> None:
    params = SNMPTCPMgrInformRequestEventParams()
    with pytest.raises(IPWorksSNMPError, match="error_status") as caught:
        params.error_status = number
    assert caught.value.code == 10022
    assert params.error_status == 0


def test_an_argument_takes_no_other_attributes() -> None:
    with pytest.raises(TypeError, match="nothing"):
        SNMPTCPMgrBadPacketEventParams(nothing=1)  # type: ignore[call-arg]


@pytest.mark.parametrize("name", sorted(EVENTS))
def test_a_handler_can_be_set_read_and_taken_away(name, idle) -> None:
    assert getattr(idle, name) is None

    def handler(e: object) -> None: ...

    setattr(idle, name, handler)
    assert getattr(idle, name) is handler
    with pytest.raises(IPWorksSNMPError, match="function of one argument"):
        setattr(idle, name, "handler")
    setattr(idle, name, None)
    assert getattr(idle, name) is None


@proves("on_bad_packet")
def test_a_packet_that_cannot_be_trusted_is_told_with_its_octets(mgr, agent) -> None:
    told = record(mgr, "on_bad_packet")
    mgr.send_get_request()
    agent.inject(WrongCommunity(b"wrong"))
    mgr.timeout = 2
    with pytest.raises(IPWorksSNMPError, match="the community of the reply is not that of the request") as caught:
        mgr.send_get_request()
    assert caught.value.code == 201
    (event,) = told
    assert decode_message(event.packet).community == b"wrong"  # type: ignore[union-attr]
    assert (event.source_address, event.source_port) == (agent.host, agent.port)
    assert event.error_code == 1302
    assert "community" in event.error_description
    assert event.report is False


@proves("on_connected", "on_connection_status", "on_disconnected", "on_ready_to_send")
def test_a_connection_is_told_from_its_beginning_to_its_end(mgr, agent) -> None:
    told = record(mgr, "on_connected", "on_connection_status", "on_ready_to_send", "on_disconnected")
    mgr.send_get_request()
    agent.inject(Close(), times=2)
    with pytest.raises(IPWorksSNMPError):
        mgr.send_get_request()
    kinds = [type(event).__name__.removeprefix("SNMPTCPMgr").removesuffix("EventParams") for event in told]
    once = ["ConnectionStatus", "Connected", "ReadyToSend", "ConnectionStatus", "Disconnected"]
    assert kinds == once * 2
    first, second, _, third, fourth = told[:5]
    assert first.connection_event == "Remote host connection complete."
    assert third.connection_event == "Remote host disconnected."
    for event in (first, second):
        assert (event.status_code, event.description) == (0, "OK")
        assert (event.remote_address, event.remote_port) == (agent.host, agent.port)
    assert fourth.status_code == 1120
    assert "closed" in fourth.description


def test_that_data_is_taken_again_is_told(idle) -> None:
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


def test_a_connection_that_cannot_be_made_is_told_once_with_its_reason(mgr) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        mgr.remote_port = port = closed.getsockname()[1]
    told = record(mgr, "on_connected", "on_disconnected")
    with pytest.raises(IPWorksSNMPError):
        mgr.send_get_request()
    (event,) = told
    assert (event.status_code, event.remote_port) == (10061, port)
    assert "refused" in event.description


def test_a_connection_that_cannot_be_made_in_the_background_is_told_too(mgr) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        mgr.remote_port = closed.getsockname()[1]
    told = record(mgr, "on_connected", "on_error")
    mgr.timeout = 0
    mgr.send_get_request()
    pump_until(mgr, lambda: len(told) == 2)
    assert (told[0].status_code, told[1].error_code) == (10061, 10061)


@proves("on_discovery_response")
def test_a_send_that_has_to_discover_first_tells_so(mgr, agent) -> None:
    be(mgr, "sha", 2)
    told = record(mgr, "on_discovery_response", "on_response")
    mgr.send_get_request()
    discovery, response = told
    assert discovery.engine_id == agent.agent.engine_id == mgr.remote_engine_id
    assert discovery.security_level == 0
    assert (response.snmp_version, response.user, response.security_level) == (3, "sha", 1)


@proves("on_error")
def test_what_nobody_waits_for_fails_by_event(mgr, agent) -> None:
    told = record(mgr, "on_error")
    mgr.timeout = 0
    agent.inject(Close(), times=2)
    mgr.send_get_request()
    for _ in range(500):
        mgr.do_events()
        if told:
            break
    (event,) = told
    assert event.error_code == 1120
    assert "closed" in event.description


@proves("on_hash_password")
def test_a_hash_that_a_handler_gives_is_the_key(mgr) -> None:
    from snmptcp import AuthProtocol
    from snmptcp.security.keys import password_to_key

    be(mgr, "sha", 2)
    mgr.authentication_password = "what is typed here does not matter"
    told = []

    def give(e) -> None:
        told.append(e.hash)
        e.hash = password_to_key(AuthProtocol.SHA, b"authpass123").hex()

    mgr.on_hash_password = give
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]
    assert told == [""]


@pytest.mark.parametrize("wrong", ["xyz", "00", "00" * 21])
def test_a_hash_that_cannot_be_one_is_an_error(wrong, mgr) -> None:
    be(mgr, "sha", 2)

    def give(e) -> None:
        e.hash = wrong

    mgr.on_hash_password = give
    with pytest.raises(IPWorksSNMPError, match="hexadecimal"):
        mgr.send_get_request()


@proves("on_packet_trace")
def test_every_packet_is_traced_whole_with_its_direction(mgr, agent) -> None:
    told = record(mgr, "on_packet_trace")
    mgr.send_get_request()
    sent, received = told
    assert (sent.direction, received.direction) == (2, 1)
    for event in told:
        assert decode_message(event.packet).pdu.request_id == 1  # type: ignore[union-attr]
        assert (event.packet_address, event.packet_port) == (agent.host, agent.port)


@proves("on_report")
def test_a_report_is_told_with_its_counter_in_the_arrays(mgr, agent) -> None:
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


@pytest.mark.parametrize("error", [BrokenPipeError(32, "Broken pipe"), TimeoutError(), ConfigurationError("mine")])
def test_what_a_handler_raises_comes_out_of_the_method_as_it_is(error, mgr, agent) -> None:
    def fail(e: object) -> None:
        raise error

    mgr.on_response = fail
    with pytest.raises(type(error)) as caught:
        mgr.send_get_request()
    assert caught.value is error
    mgr.on_response = None
    mgr.send_get_request()
    assert values(mgr) == [b"a switch"]


@proves("on_response")
def test_a_response_is_told_while_the_arrays_hold_it(mgr, agent) -> None:
    told = []
    mgr.on_response = lambda e: told.append((e, values(mgr), mgr.error_status))
    agent.inject(FailWith(5, 1), when=lambda request: request.pdu.request_id == 2)
    mgr.send_get_request()
    mgr.send_get_request()
    (first, held, status), (second, _, failed) = told
    assert (held, status) == ([b"a switch"], 0)
    assert (first.request_id, first.snmp_version, first.community, first.user) == (1, 2, "public", "")
    assert (first.security_level, first.source_address, first.source_port) == (0, agent.host, agent.port)
    assert (first.error_status, first.error_index, first.error_description) == (0, 0, "")
    assert (second.error_status, second.error_index) == (5, 1)
    assert failed == 5


def test_a_response_to_a_set_is_told_too(mgr) -> None:
    told = record(mgr, "on_response")
    mgr.community = "private"
    put(mgr, SYS_NAME, 4, "x")
    mgr.send_set_request()
    assert [event.community for event in told] == ["private"]


def test_garbage_ends_the_connection_and_is_told(mgr, agent) -> None:
    told = record(mgr, "on_disconnected")
    agent.inject(Garbage(), times=2)
    with pytest.raises(IPWorksSNMPError):
        mgr.send_get_request()
    assert [event.status_code for event in told] == [1303, 1303]


def test_traces_of_encrypted_packets_are_encrypted_unless_wanted_otherwise(mgr) -> None:
    be(mgr, "aes", 2, 2)
    mgr.discover()
    told = record(mgr, "on_packet_trace")
    ask(mgr, SYS_DESCR)
    mgr.send_get_request()
    messages = [decode_message(event.packet) for event in told]
    assert all(isinstance(message, V3Message) and message.encrypted_pdu for message in messages)
    told.clear()
    mgr.config("DecryptLogPackets=True")
    mgr.send_get_request()
    for event in told:
        message = decode_message(event.packet)
        assert isinstance(message, V3Message)
        assert message.scoped_pdu is not None
        assert str(message.scoped_pdu.pdu.varbinds[0].oid) == SYS_DESCR
    assert len(told) == 2
