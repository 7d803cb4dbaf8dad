"""How many requests may leave, and for how long an abandoned one counts."""

from __future__ import annotations

from math import inf

from snmptcp.protocol.in_flight import ABANDONED_PATIENCE, InFlight


def test_without_a_limit_any_number_may_leave_and_nothing_is_kept_of_abandoned_requests() -> None:
    in_flight = InFlight(None)
    in_flight.abandon(1, 0.0)
    assert in_flight.room(1000) is None
    assert in_flight.next_deadline() == inf


def test_what_is_outstanding_takes_room_and_there_is_never_less_than_none() -> None:
    in_flight = InFlight(3)
    assert [in_flight.room(outstanding) for outstanding in range(6)] == [3, 2, 1, 0, 0, 0]


def test_an_abandoned_request_takes_room_until_its_answer_comes() -> None:
    in_flight = InFlight(3)
    in_flight.abandon(1, 0.0)
    in_flight.abandon(2, 0.0)
    assert in_flight.room(0) == 1
    in_flight.receive_answer(1)
    in_flight.receive_answer(1)
    in_flight.receive_answer(7)
    assert in_flight.room(0) == 2


def test_an_abandoned_request_whose_answer_does_not_come_takes_room_for_a_while() -> None:
    in_flight = InFlight(3)
    in_flight.abandon(1, 10.0)
    in_flight.abandon(2, 10.5)
    assert in_flight.next_deadline() == 10.0 + ABANDONED_PATIENCE

    in_flight.handle_timer(10.0 + ABANDONED_PATIENCE)
    assert in_flight.room(0) == 2
    assert in_flight.next_deadline() == 10.5 + ABANDONED_PATIENCE

    in_flight.handle_timer(10.5 + ABANDONED_PATIENCE)
    assert in_flight.room(0) == 3
    assert in_flight.next_deadline() == inf
