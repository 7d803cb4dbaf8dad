"""The pauses after failures."""

from __future__ import annotations

import pytest

from snmptcp import ConfigurationError
from snmptcp.errors import ArgumentTypeError
from snmptcp.fleet import BackOff


def test_each_pause_is_twice_as_long_as_the_one_before_up_to_the_longest() -> None:
    back_off = BackOff(first=10.0, most=100.0, jitter=0.0)
    assert [back_off.pause(failures, 0.7) for failures in range(1, 7)] == [10, 20, 40, 80, 100, 100]


def test_jitter_adds_or_takes_away_a_part_of_a_pause() -> None:
    back_off = BackOff(first=10.0, most=100.0, jitter=0.25)
    assert [back_off.pause(1, chance) for chance in (0.0, 0.5, 1.0)] == [7.5, 10.0, 12.5]


def test_any_number_of_failures_has_a_pause() -> None:
    assert BackOff(jitter=0.0).pause(10**6, 0.5) == 300.0
    assert BackOff(first=0.0).pause(10**6, 0.5) == 0.0


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"first": -1.0}, "first is a number of seconds from 0 to 1000000000, not -1.0"),
        ({"most": float("inf")}, "most is a number of seconds from 0 to 1000000000, not inf"),
        ({"jitter": 1.5}, "jitter is a number from 0 to 1, not 1.5"),
    ],
)
def test_a_value_out_of_range_is_refused(arguments: dict[str, float], text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        BackOff(**arguments)
    assert str(caught.value) == text


def test_text_is_no_pause() -> None:
    with pytest.raises(ArgumentTypeError, match="^first must be a number of seconds"):
        BackOff(first="10")  # type: ignore[arg-type]
