"""Tests of the pauses between attempts to connect."""

from __future__ import annotations

import pytest

from snmptcp.manager.pacing import Pacing


@pytest.mark.parametrize(("chance", "first"), [(0.0, 0.5), (0.5, 0.75), (1.0, 1.0)])
def test_the_first_pause_is_up_to_a_half_shorter_and_the_others_take_the_interval(chance: float, first: float) -> None:
    pacing = Pacing(1.0, lambda: chance)
    at, pauses = 100.0, []
    for _ in range(4):
        pacing.began(at)
        pacing.failed()
        pauses.append(pacing.not_before - at)
        at = pacing.not_before
    assert pauses == [first, 1.0, 1.0, 1.0]


def test_an_attempt_that_took_longer_than_the_interval_is_followed_by_the_next_one_at_once() -> None:
    pacing = Pacing(1.0)
    pacing.began(100)
    pacing.failed()
    assert pacing.not_before <= 101


def test_after_a_success_nothing_waits_and_the_next_failure_is_the_first_again() -> None:
    pacing = Pacing(2.0, lambda: 0.0)
    for _ in range(2):
        pacing.began(100)
        pacing.failed()
    pacing.forget()
    assert pacing.not_before == 0
    pacing.began(200)
    pacing.failed()
    assert pacing.not_before == 201


def test_without_an_interval_nothing_waits() -> None:
    pacing = Pacing(0.0)
    pacing.began(100)
    pacing.failed()
    assert pacing.not_before == 100
