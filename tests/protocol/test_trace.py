"""What an observer is told: facts that are complete at the end."""

from __future__ import annotations

from snmptcp import OID, RequestTimeout
from snmptcp.codec.pdu import PduType
from snmptcp.protocol.trace import ConnectionTrace, RequestTrace, WalkTrace


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
