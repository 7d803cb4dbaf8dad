"""Numbered notifications: each arrives once, or is missing, or has come again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tests.soak.numbers import Numbers


def numbers_of(*arrived: int) -> Numbers:
    numbers = Numbers()
    for number in arrived:
        numbers.add(number)
    return numbers


def test_numbers_in_order_are_all_there() -> None:
    numbers = numbers_of(1, 2, 3)
    assert (numbers.received, numbers.repeated, numbers.missing(3)) == (3, 0, set())


def test_numbers_in_another_order_are_all_there() -> None:
    assert numbers_of(3, 1, 2).missing(3) == set()


def test_what_has_not_arrived_is_missing_at_the_end_as_well_as_between_others() -> None:
    assert numbers_of(1, 3, 4).missing(6) == {2, 5, 6}


def test_what_comes_again_counts_as_repeated_and_not_as_received() -> None:
    numbers = numbers_of(1, 2, 2, 5, 5, 1)
    assert (numbers.received, numbers.repeated) == (3, 3)


@given(st.lists(st.integers(1, 30)))
def test_any_order_is_counted_as_sets_count_it(arrived: list[int]) -> None:
    numbers, there = numbers_of(*arrived), set(arrived)
    assert numbers.received == len(there)
    assert numbers.repeated == len(arrived) - len(there)
    assert numbers.missing(30) == set(range(1, 31)) - there
    assert numbers.gaps == sum(number > 1 and number - 1 not in there for number in there)


def test_what_is_kept_does_not_grow_behind_a_gap() -> None:
    numbers = numbers_of(*range(1, 100), *range(101, 10_000))
    assert numbers.gaps == 1
    assert numbers.missing(9_999) == {100}
