"""When octets may leave: the peer, the rate and the last TLS record, each with a say, none with two."""

from __future__ import annotations

from math import inf

import pytest

from snmptcp.net.rate import RateLimit
from snmptcp.net.send_gate import LATENESS, MAX_RECORD_SIZE, RECORD_GAP, RECORD_PATIENCE, TRAP_GAP, SendGate


def with_record(*ids: int, now: float = 10.0, expires_at: float = 100.0) -> SendGate:
    """A gate behind which a record with requests has just left."""
    gate = SendGate(paced=True)
    for each in ids:
        gate.left(each, expires_at)
    gate.sent(100, now)
    return gate


def is_open(gate: SendGate, now: float) -> bool:
    return gate.opens_at(now) <= now


def test_without_tls_and_a_rate_everything_leaves_at_once() -> None:
    gate = SendGate()
    gate.sent(1_000_000, 0.0)

    assert is_open(gate, 0.0)
    assert gate.limit is None


def test_a_peer_that_does_not_read_is_waited_for_without_a_time() -> None:
    gate = SendGate()
    gate.blocked = True
    assert gate.opens_at(0.0) == inf
    gate.blocked = False

    assert is_open(gate, 0.0)


def test_with_a_rate_messages_leave_one_by_one_and_in_time() -> None:
    gate = SendGate(RateLimit(1000))
    assert gate.limit == 1
    gate.sent(600, 0.0)

    assert gate.opens_at(0.0) == pytest.approx(0.5)
    assert is_open(gate, 0.6)


def test_the_next_record_waits_for_an_answer_to_the_last_one_and_not_for_ever() -> None:
    gate = with_record(1, 2)
    assert gate.limit == MAX_RECORD_SIZE
    assert gate.opens_at(10.0) == 10.0 + RECORD_PATIENCE
    gate.heard(2)

    assert is_open(gate, 10.0)


def test_an_answer_to_something_else_says_nothing_about_the_record() -> None:
    gate = with_record(1)
    gate.heard(7)
    gate.heard(None)
    gate.gone(7)

    assert gate.opens_at(10.0) == 10.0 + RECORD_PATIENCE


def test_a_record_is_not_waited_for_longer_than_its_first_request() -> None:
    gate = with_record(1, expires_at=10.2)

    assert gate.opens_at(10.0) == pytest.approx(10.2)


def test_a_record_whose_request_expires_at_once_still_has_to_be_read() -> None:
    gate = with_record(1, expires_at=10.003)

    assert gate.opens_at(10.0) == pytest.approx(10.0 + RECORD_GAP)


def test_a_peer_gets_more_time_if_our_own_loop_stood_still() -> None:
    gate = with_record(1, expires_at=10.2)
    gate.note_lateness(0.001, 10.2)
    assert is_open(gate, 10.2)
    gate.note_lateness(0.3, 10.5)
    assert gate.opens_at(10.5) == pytest.approx(10.5 + LATENESS)
    gate.note_lateness(0.3, 10.0 + RECORD_PATIENCE)

    assert is_open(gate, 10.0 + RECORD_PATIENCE)


def test_a_record_whose_requests_were_all_abandoned_only_has_to_be_read() -> None:
    gate = with_record(1, 2)
    gate.gone(1)
    assert gate.opens_at(10.0) == 10.0 + RECORD_PATIENCE
    gate.gone(2)

    assert gate.opens_at(10.0) == pytest.approx(10.0 + RECORD_GAP)
    assert is_open(gate, 10.2)


def test_a_record_of_traps_only_has_to_be_read() -> None:
    gate = with_record()

    assert gate.opens_at(10.0) == pytest.approx(10.0 + RECORD_GAP)


def test_traps_follow_each_other_sooner_than_requests_follow_traps() -> None:
    gate = with_record()
    assert gate.opens_at(10.0, traps=True) == pytest.approx(10.0 + TRAP_GAP)
    requests = with_record(1)

    assert requests.opens_at(10.0, traps=True) == 10.0 + RECORD_PATIENCE


def test_with_a_rate_a_record_holds_what_passes_in_a_moment() -> None:
    assert SendGate(RateLimit(1000), paced=True).limit == 100
    assert SendGate(RateLimit(1), paced=True).limit == 1
    assert SendGate(RateLimit(1e9), paced=True).limit == MAX_RECORD_SIZE


def test_a_late_answer_to_an_earlier_record_does_not_open_the_gate() -> None:
    gate = with_record(1)
    gate.left(2, 100.0)
    gate.sent(100, 12.0)
    gate.heard(1)

    assert gate.opens_at(12.0) == 12.0 + RECORD_PATIENCE


def test_a_rate_and_a_record_are_both_kept_to() -> None:
    gate = SendGate(RateLimit(10), paced=True)
    gate.left(1, 100.0)
    gate.sent(100, 0.0)
    gate.heard(1)

    assert gate.opens_at(0.0) == pytest.approx(9.9)
