"""Numbered notifications: each arrives once, or is missing, or has come again."""

from __future__ import annotations

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
