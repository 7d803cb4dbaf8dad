"""What an observer is told: facts that are complete at the end."""

from __future__ import annotations

from snmptcp import OID, RequestTimeout
from snmptcp.codec.pdu import PduType
from snmptcp.protocol.statistics import Statistics
from snmptcp.protocol.trace import ConnectionTrace, RequestTrace, WalkTrace, split_peer


def test_a_trace_has_no_duration_before_its_end() -> None:
    trace = RequestTrace("192.0.2.1:161", 10.0, PduType.GET, (OID("1.3"),))
    assert (trace.started_at, trace.ended_at, trace.duration, trace.state) == (10.0, None, None, None)
    assert repr(trace) == "<RequestTrace of 192.0.2.1:161: under way>"
    trace.ended_at = 12.5
    assert trace.duration == 2.5
    assert repr(trace) == "<RequestTrace of 192.0.2.1:161: done>"


def test_its_text_tells_how_it_ended() -> None:
    walk = WalkTrace("192.0.2.1:161", 1.0, OID("1.3"), is_table=False)
    walk.ended_at, walk.cancelled = 2.0, True
    assert repr(walk) == "<WalkTrace of 192.0.2.1:161: cancelled>"
    connection = ConnectionTrace("192.0.2.1:161", 1.0)
    connection.ended_at, connection.error = 2.0, RequestTimeout(5.0)
    assert repr(connection) == "<ConnectionTrace of 192.0.2.1:161: no answer within 5 s>"


def test_host_and_port_are_told_apart() -> None:
    trace = WalkTrace("[2001:db8::1]:1161", 1.0, OID("1.3"), is_table=False)
    assert (trace.host, trace.port) == ("2001:db8::1", 1161)
    assert split_peer("switch.example.net:161") == ("switch.example.net", 161)


def test_the_octets_of_a_connection_are_those_that_its_manager_counts_while_it_is_open() -> None:
    statistics = Statistics()
    statistics.octets_sent, statistics.octets_received = 100, 200
    trace = ConnectionTrace("192.0.2.1:161", 1.0)
    assert (trace.octets_sent, trace.octets_received) == (0, 0)
    trace.count_no_more()  # it was never open
    assert (trace.octets_sent, trace.octets_received) == (0, 0)
    trace.count_from(statistics)
    statistics.octets_sent, statistics.octets_received = 101, 203
    assert (trace.octets_sent, trace.octets_received) == (1, 3)
    trace.count_no_more()
    trace.count_no_more()
    statistics.octets_sent = 999
    assert (trace.octets_sent, trace.octets_received) == (1, 3)


def test_a_trace_knows_those_that_it_refers_to() -> None:
    walk = WalkTrace("a:161", 1.0, OID("1.3"), is_table=False)
    request = RequestTrace("a:161", 1.0, PduType.GET, (OID("1.3"),), walk)
    assert (walk.others, request.others) == ((), (walk,))
    connection = ConnectionTrace("a:161", 1.0, request)
    request.connection = connection
    assert request.others == (walk, connection, request)
    assert connection.others == (request,)
    assert ConnectionTrace("a:161", 1.0).others == ()
