"""Differences of counters, and the time between two readings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp import Counter32, Counter64, Gauge32, Integer32, OctetString, TimeTicks
from snmptcp.cli.watch.counters import Interval, Moment, counts, difference, interval, total_difference

DAYS_497 = 2**32


@given(before=st.integers(0, 2**32 - 1), grown=st.integers(0, 2**32 - 1))
def test_a_counter_of_32_bits_runs_over_its_largest_value(before: int, grown: int) -> None:
    after = (before + grown) % 2**32
    assert difference(Counter32(before), Counter32(after)) == grown
    assert difference(TimeTicks(before), TimeTicks(after)) == grown


@given(before=st.integers(0, 2**64 - 1), grown=st.integers(0, 2**63 - 1))
def test_a_counter_of_64_bits_runs_over_its_largest_value(before: int, grown: int) -> None:
    assert difference(Counter64(before), Counter64((before + grown) % 2**64)) == grown


def test_a_counter_of_64_bits_that_goes_back_was_set_back() -> None:
    assert difference(Counter64(1000), Counter64(5)) is None
    assert difference(Counter64(2**64 - 10), Counter64(5)) == 15


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (Gauge32(1), Gauge32(2)),
        (Integer32(1), Integer32(2)),
        (OctetString("1"), OctetString("2")),
        (Counter32(1), Counter64(2)),
        (None, Counter32(2)),
        (Counter32(2), None),
    ],
)
def test_what_is_no_counter_or_has_changed_its_type_has_no_difference(before: object, after: object) -> None:
    assert difference(before, after) is None  # type: ignore[arg-type]


def test_counters_and_times_count() -> None:
    assert [counts(value) for value in (Counter32(0), Counter64(0), TimeTicks(0))] == [True, True, True]
    assert [counts(value) for value in (Gauge32(0), Integer32(0), OctetString(""))] == [False, False, False]


def test_counters_are_added_up_if_all_can_be_compared() -> None:
    before, after = (Counter32(1), Counter32(2**32 - 1)), (Counter32(3), Counter32(1))
    assert total_difference(before, after) == 2 + 2
    assert total_difference(before, after[:1]) is None
    assert total_difference((), ()) is None
    assert total_difference((Counter64(9),), (Counter64(8),)) is None


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ((0.0, 100), (1.04, 200), (1.0, False)),  # the agent's clock counts, not ours
        ((0.0, None), (2.0, 300), (2.0, False)),
        ((0.0, 500), (2.0, 500), (2.0, False)),  # its clock stands still
        ((0.0, DAYS_497 - 50), (1.0, 50), (1.0, False)),  # 497 days are over
        ((0.0, 900000), (10.0, 300), (10.0, True)),
        ((0.0, DAYS_497 // 2), (60.0, 1), (60.0, True)),
        ((0.0, 1000), (60.0, 2000), (60.0, True)),  # up for 20 s now, and for 10 s a minute ago
        ((0.0, 1000), (60.0, 5500), (45.0, False)),  # a slow clock
    ],
)
def test_the_time_between_two_readings(
    before: tuple[float, int | None], after: tuple[float, int | None], expected: tuple[float, bool]
) -> None:
    assert interval(Moment(*before), Moment(*after)) == Interval(Moment(*before), Moment(*after), *expected)
