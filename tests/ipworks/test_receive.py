"""Traps, informs and discovery requests: their events, and what is sent back."""

from __future__ import annotations

import threading
import time

import pytest

from snmptcp import OID, Community, IpAddress, OctetString, TimeTicks, UsmUser, VarBind
from snmptcp.codec.message import V3Message, decode_message
from snmptcp.codec.pdu import Pdu, PduType, TrapV1Pdu
from snmptcp.listener import Oddity
from snmptcp.security.usm_message import read_usm_parameters
from tests.ipworks.proofs import proves
from tests.ipworks.support import (
    AUTH,
    TRAP_OID,
    UP,
    Peer,
    ask,
    choose_port,
    names,
    pump_until,
    record,
    values,
)
from tests.support.mibs import SYS_DESCR
from tests.support.notifications import Notifiers, as_community, as_user
from tests.support.odd import ODD, ODD_V1, community
from tests.support.senders import LINK_DOWN, acknowledged, community_message, inform, trap
from tests.support.snmpd import SnmpdUser


@proves("on_trap")
@pytest.mark.parametrize("community", ["public", "whatever"])
def test_during_on_trap_the_arrays_hold_the_objects(community, listening, peer) -> None:
    told = []
    listening.on_trap = lambda e: told.append((e, names(listening), values(listening)))
    pdu = Pdu(
        PduType.TRAP_V2,
        77,
        0,
        0,
        (
            VarBind(OID(UP), TimeTicks(4242)),
            VarBind(OID(TRAP_OID), LINK_DOWN),
            VarBind(OID("1.3.6.1.2.1.1.5.0"), OctetString("dev1")),
        ),
    )
    peer.send(community_message(pdu, Community(community)))
    pump_until(listening, lambda: told)
    event, held, texts = told[0]
    assert (event.request_id, event.snmp_version, event.community) == (77, 2, community)
    assert (event.trap_oid, event.time_stamp) == (str(LINK_DOWN), 4242)
    assert (event.source_address, event.source_port, event.agent_address) == ("127.0.0.1", peer.port, "127.0.0.1")
    assert (event.user, event.security_level) == ("", 0)
    assert held == [UP, TRAP_OID, "1.3.6.1.2.1.1.5.0"]
    assert texts == [b"4242", str(LINK_DOWN).encode(), b"dev1"]


@pytest.mark.parametrize(
    ("enterprise", "generic", "specific", "trap_oid"),
    [
        ("1.3.6.1.6.3.1.1.5", 4, 0, "1.3.6.1.6.3.1.1.5.5"),
        ("1.3.6.1.4.1.9", 6, 7, "1.3.6.1.4.1.9.6.7"),
        ("1.3.6.1.4.1.9", 2, 0, "1.3.6.1.4.1.9.2.0"),
    ],
)
def test_the_trap_oid_of_version_1_is_as_documented(enterprise, generic, specific, trap_oid, listening, peer) -> None:
    told = record(listening, "on_trap")
    pdu = TrapV1Pdu(OID(enterprise), IpAddress("10.1.2.3"), generic, specific, TimeTicks(99), ())
    peer.send(community_message(pdu, Community("public", "1")))
    pump_until(listening, lambda: told)
    (event,) = told
    assert (event.snmp_version, event.trap_oid, event.time_stamp) == (1, trap_oid, 99)
    assert event.agent_address == "10.1.2.3"


@pytest.mark.parametrize("name", ODD)
def test_an_odd_trap_fires_the_event_with_what_can_be_read(name, listening, peer) -> None:
    told = []
    listening.on_trap = lambda e: told.append((e, names(listening)))
    refused = record(listening, "on_bad_packet")
    case = ODD[name]
    peer.send(community(case.make(PduType.TRAP_V2)))
    pump_until(listening, lambda: told)
    event, held = told[0]
    nameless = {Oddity.NO_TRAP_OID, Oddity.TRAP_OID_TYPE} & case.oddities
    assert event.trap_oid == ("" if nameless else str(case.trap_oid))
    assert event.time_stamp == case.uptime
    assert set(held) >= {str(oid) for oid in case.names}
    assert refused == []


@pytest.mark.parametrize("name", ODD_V1)
@pytest.mark.parametrize("version", ["1", "2c"])
def test_an_odd_trap_of_version_1_fires_the_event(name, version, listening, peer) -> None:
    told = record(listening, "on_trap")
    peer.send(community(ODD_V1[name][0], version))
    pump_until(listening, lambda: told)
    assert (told[0].snmp_version, told[0].request_id) == (int(version[0]), 0)
    assert OID(told[0].trap_oid) if name != "long enterprise" else told[0].trap_oid == ""


def test_an_odd_inform_is_acknowledged_as_the_handler_decides(listening, peer) -> None:
    told = record(listening, "on_inform_request")
    peer.send(community(ODD["swapped"].make(PduType.INFORM)))
    assert acknowledged(peer.answer()).request_id == 4711
    assert names(listening)[:2] == [TRAP_OID, UP]
    assert told[0].request_id == 4711


@proves("on_inform_request")
def test_an_inform_is_acknowledged_as_the_handler_decides(listening, peer) -> None:
    told = record(listening, "on_inform_request")
    peer.send(inform(5))
    assert acknowledged(peer.answer()).error_status == 0
    assert (told[0].request_id, told[0].snmp_version, told[0].respond) == (5, 2, True)
    assert names(listening)[:2] == [UP, TRAP_OID]

    def refuse(e) -> None:
        e.error_status = 16
        e.error_index = 1

    listening.on_inform_request = refuse
    peer.send(inform(6))
    answer = acknowledged(peer.answer())
    assert (answer.request_id, answer.error_status, answer.error_index) == (6, 16, 1)


def test_an_inform_is_acknowledged_before_the_call_returns_that_delivered_it(listening, peer) -> None:
    told = record(listening, "on_inform_request")
    peer.send(inform(5))
    pump_until(listening, lambda: told)
    assert acknowledged(peer.sent()).request_id == 5


def test_an_inform_is_not_acknowledged_if_the_handler_declines(listening, peer) -> None:
    def keep_silent(e) -> None:
        e.respond = e.request_id != 5

    listening.on_inform_request = keep_silent
    peer.send(inform(5), inform(6))
    assert acknowledged(peer.answer()).request_id == 6


def test_packets_of_listening_are_traced(listening, peer) -> None:
    told = record(listening, "on_packet_trace")
    peer.send(inform(5))
    peer.answer()
    assert [event.direction for event in told] == [1, 2]
    assert listening.config("SourcePort") == str(peer.port)


def discovery(message_id: int = 9) -> bytes:
    from snmptcp.security.remote_engine import Engine
    from snmptcp.security.usm import UsmSecurity

    return UsmSecurity(UsmUser("sha", "SHA", "authpass123"), Engine(), 65507).probe(message_id, message_id)


@proves("local_engine_id", "on_discovery_request")
def test_a_discovery_request_is_answered_with_the_engine_id(idle) -> None:
    idle.local_engine_id = "MyEngineID"
    choose_port(idle)
    idle.active = True
    told = record(idle, "on_discovery_request")
    peer = Peer(idle)
    peer.send(discovery())
    answer = decode_message(peer.answer())
    assert isinstance(answer, V3Message)
    parameters = read_usm_parameters(answer.security_parameters, 0, len(answer.security_parameters))
    assert parameters.engine_id == b"MyEngineID"
    assert parameters.boots == 0
    assert abs(parameters.time - time.time()) < 30
    (event,) = told
    assert (event.engine_id, event.security_level, event.respond) == (b"", 0, True)
    assert event.source_port == peer.port

    def keep_silent(e) -> None:
        e.respond = False

    idle.on_discovery_request = keep_silent
    peer.send(discovery(10))
    idle.on_discovery_request = keep_silent
    peer.send(inform(6))
    assert acknowledged(peer.answer()).request_id == 6
    peer.close()


def test_a_malformed_packet_fires_an_event_and_is_not_answered(listening, peer) -> None:
    told = record(listening, "on_bad_packet")
    peer.send(b"\x30\x03\x02\x01\x01", inform(6))
    assert acknowledged(peer.answer()).request_id == 6
    (event,) = told
    assert event.packet == b"\x30\x03\x02\x01\x01"
    assert (event.error_code, event.source_port) == (1303, peer.port)


def authentic(mgr, user: str, *, time_off: int = 0, authenticated: bool = True) -> bytes:
    """Return an inform of an SNMPv3 user to the object, whose engine the sender knows."""
    from snmptcp.security.engine_clock import EngineInfo
    from snmptcp.security.remote_engine import Engine
    from snmptcp.security.usm import UsmSecurity

    engine = Engine(EngineInfo(mgr.local_engine_id, 0, int(time.time()) + time_off), time.monotonic())
    sender = UsmUser(user, "SHA", AUTH) if authenticated else UsmUser(user)
    tail = b"\x02\x01\x00\x02\x01\x00\x30\x00"
    return UsmSecurity(sender, engine, 65507).protect(PduType.INFORM, 0x11, b"\x11", tail, time.monotonic())


@pytest.mark.parametrize("report", [False, True])
def test_a_report_is_sent_only_if_the_handler_asks_for_it(report, idle) -> None:
    idle.local_engine_id = "MyEngineID"
    choose_port(idle)
    idle.active = True
    told = []

    def decide(e) -> None:
        told.append((e.report, e.error_code))
        e.report = report

    idle.on_bad_packet = decide
    peer = Peer(idle)
    peer.send(authentic(idle, "stranger"), inform(6))
    answer = decode_message(peer.answer())
    assert isinstance(answer, V3Message) is report
    assert told == [(False, 1302)]
    peer.close()


def test_a_trap_is_received_on_an_outgoing_connection(agent, idle) -> None:
    told = record(idle, "on_trap", "on_response")
    idle.remote_host, idle.remote_port = agent.host, agent.port
    ask(idle, SYS_DESCR)
    idle.send_get_request()
    agent.call(lambda: agent.agent._server.connections[0].send(trap()))
    pump_until(idle, lambda: len(told) == 2)
    assert told[1].source_port == agent.port
    ask(idle, SYS_DESCR)
    idle.send_get_request()
    assert values(idle) == [b"a switch"]


def while_it_runs(mgr, function):
    """Run a tool in a thread while the object runs its loop here; return the tool's result."""
    results = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    while thread.is_alive():
        mgr.do_events()
    return results[0]


def test_traps_and_informs_of_net_snmp_in_version_2c(listening, tmp_path) -> None:
    told = record(listening, "on_trap", "on_inform_request")
    address = f"tcp:127.0.0.1:{listening.local_port}"
    notifiers = Notifiers(tmp_path)
    words = ("100", str(LINK_DOWN), "1.3.6.1.2.1.1.5.0", "s", "dev1")
    while_it_runs(listening, lambda: notifiers.trap(as_community("2c"), address, *words))
    done = while_it_runs(listening, lambda: notifiers.inform(as_community("2c", "other"), address, *words))
    assert done.returncode == 0
    assert [(type(event).__name__, event.community) for event in told] == [
        ("SNMPTCPMgrTrapEventParams", "public"),
        ("SNMPTCPMgrInformRequestEventParams", "other"),
    ]


def test_an_inform_of_net_snmp_in_version_3(idle, tmp_path) -> None:
    choose_port(idle)
    idle.user = "traveller"
    idle.authentication_protocol = 2
    idle.authentication_password = "authpass123"
    idle.encryption_algorithm = 2
    idle.encryption_password = "privpass123"
    idle.active = True
    told = record(idle, "on_discovery_request", "on_inform_request", "on_bad_packet")
    user = as_user(SnmpdUser("traveller", "SHA", "AES"))
    words = ("100", str(LINK_DOWN), "1.3.6.1.2.1.1.5.0", "s", "dev1")
    address = f"tcp:127.0.0.1:{idle.local_port}"
    done = while_it_runs(idle, lambda: Notifiers(tmp_path).inform(user, address, *words))
    assert done.returncode == 0
    assert [type(event).__name__ for event in told] == [
        "SNMPTCPMgrDiscoveryRequestEventParams",
        "SNMPTCPMgrInformRequestEventParams",
    ]
    assert (told[1].user, told[1].security_level) == ("traveller", 2)


def test_a_trap_of_net_snmp_in_version_3(idle, tmp_path) -> None:
    choose_port(idle)
    idle.user = "traveller"
    idle.authentication_protocol = 2
    idle.authentication_password = "authpass123"
    idle.active = True
    told = record(idle, "on_trap")
    user = as_user(SnmpdUser("traveller", "SHA"), b"\x80\x00\x1f\x88\x04sender")
    address = f"tcp:127.0.0.1:{idle.local_port}"
    while_it_runs(idle, lambda: Notifiers(tmp_path).trap(user, address, "100", str(LINK_DOWN)))
    pump_until(idle, lambda: told)
    assert (told[0].user, told[0].security_level, told[0].snmp_version) == ("traveller", 1, 3)


@pytest.mark.parametrize("text", ["something else", ""])
def test_a_report_of_the_time_is_sent_without_asking_whatever_its_text(text, idle, monkeypatch) -> None:
    """Its counter decides: a sender learns our time from this report (RFC 3414 section 4)."""
    monkeypatch.setattr("snmptcp.protocol.receiver._reported", lambda report: text)
    idle.local_engine_id = "MyEngineID"
    idle.user = "traveller"
    idle.authentication_protocol = 2
    idle.authentication_password = AUTH
    choose_port(idle)
    idle.active = True
    told = record(idle, "on_bad_packet")
    peer = Peer(idle)
    peer.send(authentic(idle, "traveller", time_off=-1000))
    assert isinstance(decode_message(peer.answer()), V3Message)
    assert told == []
    peer.close()


def test_a_report_of_something_else_is_asked_about_even_if_its_text_names_the_time(idle, monkeypatch) -> None:
    monkeypatch.setattr("snmptcp.protocol.receiver._reported", lambda report: "usmStatsNotInTimeWindows")
    idle.local_engine_id = "MyEngineID"
    choose_port(idle)
    idle.active = True
    told = record(idle, "on_bad_packet")
    peer = Peer(idle)
    peer.send(authentic(idle, "stranger"), inform(6))
    assert acknowledged(peer.answer()).request_id == 6
    assert [event.report for event in told] == [False]
    peer.close()


def test_the_refusal_of_an_inform_below_its_users_level_is_asked_about(idle) -> None:
    idle.local_engine_id = "MyEngineID"
    idle.user = "traveller"
    idle.authentication_protocol = 2
    idle.authentication_password = AUTH
    choose_port(idle)
    idle.active = True
    told = record(idle, "on_bad_packet")
    peer = Peer(idle)
    peer.send(authentic(idle, "traveller", authenticated=False), inform(6))
    assert acknowledged(peer.answer()).request_id == 6
    assert ["below the level" in event.error_description for event in told] == [True]
    peer.close()
