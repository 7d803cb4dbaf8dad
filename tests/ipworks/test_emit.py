"""The events of packets and of failures in the background: their attributes, and the arrays during the handler."""

from __future__ import annotations

import pytest

from snmptcp.codec.message import V3Message, decode_message
from snmptcp.ipworks import IPWorksSNMPError
from snmptcp.testing import Close, FailWith, WrongCommunity
from tests.ipworks.proofs import proves
from tests.ipworks.support import (
    ask,
    be,
    pump_until,
    put,
    record,
    values,
)
from tests.support.mibs import SYS_DESCR, SYS_NAME


@proves("on_bad_packet")
def test_a_packet_that_is_not_authentic_fires_an_event_with_its_octets(mgr, agent) -> None:
    told = record(mgr, "on_bad_packet")
    mgr.send_get_request()
    agent.inject(WrongCommunity(b"wrong"))
    with pytest.raises(IPWorksSNMPError, match="the community of the reply is not that of the request") as caught:
        mgr.send_get_request()
    assert caught.value.code == 1302
    (event,) = told
    assert decode_message(event.packet).community == b"wrong"  # type: ignore[union-attr]
    assert (event.source_address, event.source_port) == (agent.host, agent.port)
    assert event.error_code == 1302
    assert "community" in event.error_description
    assert event.report is False


@proves("on_error")
def test_a_failure_in_the_background_fires_on_error(mgr, agent) -> None:
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


@proves("on_packet_trace")
def test_every_packet_is_traced_whole_with_its_direction(mgr, agent) -> None:
    told = record(mgr, "on_packet_trace")
    mgr.send_get_request()
    sent, received = told
    assert (sent.direction, received.direction) == (2, 1)
    for event in told:
        assert decode_message(event.packet).pdu.request_id == 1  # type: ignore[union-attr]
        assert (event.packet_address, event.packet_port) == (agent.host, agent.port)


@proves("on_response")
def test_during_on_response_the_arrays_hold_the_response(mgr, agent) -> None:
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


def test_a_response_to_a_set_fires_on_response_too(mgr) -> None:
    told = record(mgr, "on_response")
    mgr.community = "private"
    put(mgr, SYS_NAME, 4, "x")
    mgr.send_set_request()
    assert [event.community for event in told] == ["private"]


def test_encrypted_packets_are_traced_encrypted_unless_set_otherwise(mgr) -> None:
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


@proves("DecryptLogPackets")
def test_decrypted_packets_are_traced(mgr) -> None:
    be(mgr, "aes", 2, 2)
    mgr.config("DecryptLogPackets=True")
    told = record(mgr, "on_packet_trace")
    mgr.send_get_request()
    assert [decode_message(event.packet).encrypted_pdu for event in told] == [None] * len(told)  # type: ignore[union-attr]
    assert len(told) == 4


@proves("SourceAddress", "SourcePort")
def test_the_source_of_the_last_packet_is_read(mgr, agent) -> None:
    mgr.send_get_request()
    assert mgr.config("SourceAddress") == "127.0.0.1"
    assert mgr.config("SourcePort") == str(agent.port)


def test_events_of_a_background_request_reach_the_handlers_in_order(mgr) -> None:
    told = record(mgr, "on_connected", "on_packet_trace", "on_response")
    mgr.timeout = 0
    mgr.send_get_request()
    pump_until(mgr, lambda: len(told) == 4)
    kinds = [type(event).__name__.removeprefix("SNMPTCPMgr").removesuffix("EventParams") for event in told]
    assert kinds == ["Connected", "PacketTrace", "PacketTrace", "Response"]
