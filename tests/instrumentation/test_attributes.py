"""What spans and metrics say of requests, walks and connections."""

from __future__ import annotations

from typing import Any

import pytest

from snmptcp import OID, RequestTimeout, SnmpVersion, TlsFailed
from snmptcp.codec.pdu import PduType
from snmptcp.errors import ConnectionLost, SnmpError, TlsFailure, agent_error
from snmptcp.instrumentation.attributes import (
    agent_of,
    error_type,
    measured,
    of_connection,
    of_outcome,
    of_request,
    of_start,
    operation_of,
)
from snmptcp.net.tls.session import TlsSession
from snmptcp.protocol.trace import ConnectionTrace, RequestTrace, WalkTrace

NAMES = tuple(OID(f"1.3.6.1.2.1.1.{number}.0") for number in range(1, 6))


def request(kind: PduType = PduType.GET, peer: str = "switch:161", **given: Any) -> RequestTrace:
    return RequestTrace(peer, 1.0, kind, NAMES, version=SnmpVersion.V2C, **given)


def test_operations_are_few_and_have_the_names_of_pdus() -> None:
    kinds = (PduType.GET, PduType.GET_NEXT, PduType.GET_BULK, PduType.SET, PduType.INFORM)
    assert [operation_of(request(kind)) for kind in kinds] == ["GET", "GETNEXT", "GETBULK", "SET", "INFORM"]
    walks = [WalkTrace("a:161", 1.0, NAMES[0], is_table=is_table) for is_table in (False, True)]
    assert [operation_of(walk) for walk in walks] == ["walk", "table"]


def test_the_start_tells_the_agent_the_protocol_and_the_operation() -> None:
    assert of_start(request(peer="[2001:db8::1]:1161"), "GET") == {
        "server.address": "2001:db8::1",
        "server.port": 1161,
        "network.transport": "tcp",
        "network.protocol.name": "snmp",
        "network.protocol.version": "2c",
        "snmp.operation.name": "GET",
    }
    assert "network.protocol.version" not in of_start(ConnectionTrace("a:161", 1.0), "connect")
    assert agent_of(request()) == {"server.address": "switch", "server.port": 161}


def test_version_1_is_told_though_its_number_is_0() -> None:
    trace = RequestTrace("a:161", 1.0, PduType.GET, NAMES, version=SnmpVersion.V1)
    assert of_start(trace, "GET")["network.protocol.version"] == "1"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (RequestTimeout(5.0), "RequestTimeout"),
        (ConnectionLost("reset"), "ConnectionLost"),
        (agent_error(6, 1, ()), "noAccess"),
        (agent_error(2_000_000, 0, ()), "_OTHER"),
    ],
)
def test_kinds_of_errors_are_few_whatever_an_agent_sends(error: SnmpError, kind: str) -> None:
    assert error_type(error) == kind


def test_what_has_succeeded_is_told_apart_by_agent_operation_and_version_alone() -> None:
    trace = request()
    assert measured(trace, "GET") == {
        "server.address": "switch",
        "server.port": 161,
        "network.protocol.version": "2c",
        "snmp.operation.name": "GET",
    }
    trace.error = RequestTimeout(5.0)
    assert measured(trace)["error.type"] == "RequestTimeout"
    trace.error, trace.cancelled = None, True
    assert measured(trace)["snmp.cancelled"] is True
    trace.cancelled = False
    assert set(measured(trace)) == {"server.address", "server.port", "network.protocol.version"}


def test_an_error_status_is_told_with_its_index() -> None:
    trace = request()
    assert of_outcome(trace) == {}
    trace.error = agent_error(17, 2, ())
    assert of_outcome(trace) == {
        "error.type": "notWritable",
        "snmp.response.error_status": 17,
        "snmp.response.error_index": 2,
    }


def test_a_set_that_may_have_been_carried_out_and_a_failed_handshake_say_so() -> None:
    trace = request(PduType.SET)
    trace.error = ConnectionLost("reset")
    trace.error.uncertain = True
    assert of_outcome(trace) == {"error.type": "ConnectionLost", "snmp.request.uncertain": True}
    connection = ConnectionTrace("a:161", 1.0)
    connection.error = TlsFailed("a:161", TlsFailure.EXPIRED)
    assert of_outcome(connection) == {"error.type": "TlsFailed", "snmp.tls.failure": "EXPIRED"}


def test_a_request_tells_its_first_names_and_the_size_of_its_answer() -> None:
    trace = request(PduType.GET_BULK, max_repetitions=25)
    trace.request_id, trace.attempts, trace.octets, trace.varbinds = 7, 2, 530, 25
    trace.connection = ConnectionTrace("switch:161", 1.0)
    trace.connection.addresses = (("192.0.2.9", 50000), ("192.0.2.1", 161))
    assert of_request(trace, 2) == {
        "snmp.request.id": 7,
        "snmp.request.varbinds": 5,
        "snmp.request.attempts": 2,
        "snmp.request.names": ["1.3.6.1.2.1.1.1.0", "1.3.6.1.2.1.1.2.0"],
        "snmp.request.max_repetitions": 25,
        "snmp.response.size": 530,
        "snmp.response.varbinds": 25,
        "network.peer.address": "192.0.2.1",
        "network.peer.port": 161,
    }
    assert "snmp.request.names" not in of_request(trace, 0)


def test_a_request_without_an_answer_says_nothing_of_one() -> None:
    assert set(of_request(request(), 0)) == {"snmp.request.id", "snmp.request.varbinds", "snmp.request.attempts"}


def test_a_connection_tells_addresses_and_what_tls_has_agreed_on() -> None:
    trace = ConnectionTrace("switch:10161", 1.0)
    assert of_connection(trace) == {}
    trace.addresses = (("2001:db8::9", 50000, 0, 0), ("2001:db8::1", 10161, 0, 0))
    trace.tls = TlsSession(
        version="TLSv1.3",
        cipher="TLS_AES_256_GCM_SHA384",
        bits=256,
        key_exchange=None,
        peer_certificate=b"",
        chain=(),
        fingerprint="ab12",
        resumed=True,
        verified=True,
        group="x25519",
    )
    assert of_connection(trace) == {
        "network.local.address": "2001:db8::9",
        "network.local.port": 50000,
        "network.peer.address": "2001:db8::1",
        "network.peer.port": 10161,
        "network.type": "ipv6",
        "tls.established": True,
        "tls.protocol.name": "tls",
        "tls.protocol.version": "1.3",
        "tls.cipher": "TLS_AES_256_GCM_SHA384",
        "tls.curve": "x25519",
        "tls.resumed": True,
        "tls.server.hash.sha256": "AB12",
        "snmp.tls.verified": True,
    }
