"""How many unreadable messages are too many."""

from __future__ import annotations

import pytest

from snmptcp.errors import LimitExceeded
from snmptcp.protocol.tolerance import ODD, UNREADABLE, Tolerance


def noted(tolerance: Tolerance, count: int, now: float = 0.0, weight: float = UNREADABLE, octets: int = 0) -> int:
    """Note messages of one kind; return how many it took until there were too many, or 0."""
    for number in range(1, count + 1):
        if tolerance.note(weight, octets, now, "why") is not None:
            return number
    return 0


def test_the_last_message_that_is_too_much_is_told_with_the_number_of_all() -> None:
    tolerance = Tolerance(3)
    tolerance.note(UNREADABLE, 0, 0.0, "first")
    tolerance.note(UNREADABLE, 0, 0.0, "second")
    excess = tolerance.note(UNREADABLE, 0, 0.0, "third")
    assert isinstance(excess, LimitExceeded)
    assert str(excess) == "closed after 3 unreadable messages; the last: third"
    assert excess.limit == 3


def test_a_message_now_and_then_is_never_too_much() -> None:
    tolerance = Tolerance(100)
    assert not any(tolerance.note(UNREADABLE, 100, minute * 60.0, "why") for minute in range(100_000))


def test_ten_in_each_second_are_forgotten() -> None:
    tolerance = Tolerance(100)
    assert noted(tolerance, 99) == 0
    assert noted(tolerance, 50, now=5.0) == 0
    assert noted(tolerance, 50, now=5.0) == 1


def test_an_acceptable_message_makes_up_for_some_and_not_for_all() -> None:
    tolerance = Tolerance(100)
    for _ in range(1000):
        assert noted(tolerance, 8) == 0
        tolerance.forgive()
    assert tolerance.level == 0
    assert noted(tolerance, 99) == 0
    tolerance.forgive()
    assert noted(tolerance, 100) == 9


def test_what_honest_peers_send_at_times_counts_a_tenth() -> None:
    assert noted(Tolerance(100), 2000, weight=ODD) in range(990, 1001)


def test_long_messages_count_more() -> None:
    assert noted(Tolerance(100), 100, octets=4 * 1024 * 1024) == 2


@pytest.mark.parametrize("octets", [0, 10**9])
def test_without_a_limit_nothing_is_too_much(octets: int) -> None:
    assert noted(Tolerance(None), 1000, octets=octets) == 0


def test_the_number_that_is_told_begins_anew_when_all_are_forgotten() -> None:
    tolerance = Tolerance(2)
    tolerance.note(UNREADABLE, 0, 0.0, "long ago")
    tolerance.note(UNREADABLE, 0, 60.0, "why")
    assert "after 2 unreadable" in str(tolerance.note(UNREADABLE, 0, 60.0, "why"))


def test_the_next_connection_goes_on_with_the_count_and_forgets_as_time_passes() -> None:
    first, second, third = Tolerance(100), Tolerance(100), Tolerance(100)
    noted(first, 60)
    second.carry(first)
    assert noted(second, 39) == 0
    third.carry(second)
    assert noted(third, 100, now=5.0) == 55  # of the 95 that are carried, 50 are forgotten after five seconds


def test_the_next_connection_has_a_twentieth_of_the_limit_at_least() -> None:
    first, second = Tolerance(100), Tolerance(100)
    assert noted(first, 200) == 100
    second.carry(first)
    assert noted(second, 200) == 5


def test_what_is_told_counts_the_messages_of_earlier_connections_too() -> None:
    first, second = Tolerance(40), Tolerance(40)
    noted(first, 40)
    second.carry(first)
    second.note(UNREADABLE, 0, 0.0, "why")
    assert "after 42 unreadable" in str(second.note(UNREADABLE, 0, 0.0, "why"))


@pytest.mark.parametrize("limit", [1, 2, 10])
def test_the_next_connection_may_bring_one_unreadable_message_even_with_a_low_limit(limit: int) -> None:
    first, second = Tolerance(limit), Tolerance(limit)
    noted(first, limit)
    second.carry(first)
    assert noted(second, 100, weight=ODD) in range(4, 7)
    assert noted(second, 100, now=60.0) == limit


def test_without_a_limit_nothing_is_carried() -> None:
    first, second = Tolerance(None), Tolerance(None)
    noted(first, 1000)
    second.carry(first)
    assert second.level == 0
