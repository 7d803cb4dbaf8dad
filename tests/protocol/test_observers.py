"""Several observers in the place of one: each is told everything, and has its own state."""

from __future__ import annotations

import pytest

from snmptcp import OID, ConnectionLost, Observer
from snmptcp.codec.pdu import PduType
from snmptcp.errors import ArgumentTypeError, SnmpError
from snmptcp.net.callbacks import GuardedObserver
from snmptcp.protocol.observer import EVENTS, wanted_events
from snmptcp.protocol.observers import Observers
from snmptcp.protocol.trace import ConnectionTrace, RequestTrace, Trace, WalkTrace


class Namer(Observer):
    """Puts its name and what happened into the state of each trace, and keeps what it has seen there."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.seen: list[object] = []

    def __repr__(self) -> str:
        return self.name

    def walk_started(self, trace: WalkTrace) -> None:
        self._see(trace)

    def request_started(self, trace: RequestTrace) -> None:
        self._see(trace)
        if trace.walk is not None:
            self.seen.append(trace.walk.state)

    def connection_started(self, trace: ConnectionTrace) -> None:
        self._see(trace)
        if trace.cause is not None:
            self.seen.append(trace.cause.state)

    def request_ended(self, trace: RequestTrace) -> None:
        self.seen.append(trace.state)

    def message_sent(self, message: bytes) -> None:
        self.seen.append(message)

    def _see(self, trace: Trace) -> None:
        self.seen.append(trace.state)
        trace.state = f"{self.name}: {type(trace).__name__}"


def test_each_has_its_own_state_of_a_trace_and_of_those_that_it_refers_to() -> None:
    first, second = Namer("first"), Namer("second")
    both = Observers(first, second)
    walk = WalkTrace("a:161", 1.0, OID("1.3"), is_table=False)
    request = RequestTrace("a:161", 1.0, PduType.GET, (OID("1.3"),), walk)
    connection = ConnectionTrace("a:161", 1.0, request)
    both.walk_started(walk)
    both.request_started(request)
    both.connection_started(connection)
    request.connection = connection
    both.request_ended(request)
    for observer in (first, second):
        name = observer.name
        assert observer.seen == [
            None,  # the walk's
            None,  # the request's
            f"{name}: WalkTrace",
            None,  # the connection's
            f"{name}: RequestTrace",
            f"{name}: RequestTrace",
        ]
    assert (walk.state, request.state, connection.state) == (None, None, None)


def test_all_are_told_in_order_and_what_nobody_wants_is_not_passed_on() -> None:
    first, second = Namer("first"), Namer("second")
    both = Observers(first, Observer(), second)
    both.message_sent(b"octets")
    both.report_received(b"", (), ConnectionLost("x"), probe=False)
    assert (first.seen, second.seen) == ([b"octets"], [b"octets"])
    assert set(wanted_events(both)) == {
        "walk_started",
        "request_started",
        "connection_started",
        "request_ended",
        "message_sent",
    }
    assert wanted_events(Observers()) == []


def test_keywords_are_passed_on() -> None:
    class Reports(Observer):
        def report_received(self, message: bytes, varbinds: object, error: SnmpError, *, probe: bool) -> None:
            told.append((message, error, probe))

    told: list[object] = []
    error = ConnectionLost("x")
    Observers(Reports()).report_received(b"r", (), error, probe=True)
    assert told == [(b"r", error, True)]


def test_the_parts_of_others_are_taken_one_by_one() -> None:
    first, second, third = Namer("first"), Namer("second"), Namer("third")
    assert list(Observers(Observers(first, second), third)) == [first, second, third]
    assert repr(Observers(Observers(first), third)) == "Observers(first, third)"


def test_what_is_no_observer_is_refused() -> None:
    with pytest.raises(ArgumentTypeError, match="observers must be Observer objects, not str"):
        Observers(Observer(), "x")  # type: ignore[arg-type]


def test_guarded_one_that_fails_keeps_nothing_from_the_others_nor_its_state() -> None:
    class Failing(Observer):
        def request_started(self, trace: RequestTrace) -> None:
            trace.state = "failed"
            raise LookupError("a fault of the program")

        def request_ended(self, trace: RequestTrace) -> None:
            states.append(trace.state)

    states: list[object] = []
    failures: list[None] = []
    last = Namer("last")
    guard = GuardedObserver(Observers(Failing(), last), lambda: failures.append(None))
    trace = RequestTrace("a:161", 1.0, PduType.GET, (OID("1.3"),))
    guard.request_started(trace)
    guard.request_ended(trace)
    guard.message_refused(b"", ConnectionLost("nobody wants to know"))
    assert (len(failures), states) == (1, ["failed"])
    assert last.seen == [None, "last: RequestTrace"]
    assert guard.follows_requests
    assert set(vars(guard)) - {"follows_requests"} <= set(EVENTS)


def test_without_a_guard_a_failure_reaches_the_caller_and_leaves_no_state_behind() -> None:
    class Failing(Observer):
        def request_started(self, trace: RequestTrace) -> None:
            trace.state = "failed"
            raise LookupError("a fault of the program")

    trace = RequestTrace("a:161", 1.0, PduType.GET, (OID("1.3"),))
    with pytest.raises(LookupError):
        Observers(Failing(), Namer("never told")).request_started(trace)
    assert trace.state is None
