"""The rate limit: never exceeded, and nearly used in full."""

from __future__ import annotations

from itertools import accumulate, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snmptcp.errors import ConfigurationError
from snmptcp.net.rate import RateLimit


def test_the_first_octets_pass_at_once_and_those_after_them_wait_their_time() -> None:
    limit = RateLimit(1000, burst=0)

    assert limit.delay(5.0) == 0
    assert limit.spend(500, 5.0) == pytest.approx(0.5)
    assert limit.delay(5.2) == pytest.approx(0.3)
    assert limit.delay(5.5) == pytest.approx(0)
    assert limit.delay(6.0) == 0


def test_idle_time_saves_one_burst_and_no_more() -> None:
    limit = RateLimit(1000, burst=0.1)
    limit.spend(100, 0.0)
    assert limit.delay(0.0) == 0

    assert limit.spend(100, 1000.0) == 0
    assert limit.spend(100, 1000.0) == pytest.approx(0.1)


def test_what_passes_in_spite_of_the_limit_is_paid_for_afterwards() -> None:
    """Received octets cannot be sent back; reading pauses for longer."""
    limit = RateLimit(1000, burst=0)
    limit.spend(1000, 0.0)

    assert limit.spend(1000, 0.0) == pytest.approx(2.0)


def test_no_octets_cost_nothing() -> None:
    limit = RateLimit(10, burst=0)

    assert limit.spend(0, 1.0) == 0


@given(
    rate=st.floats(1, 1e9),
    burst=st.floats(0, 2),
    sizes=st.lists(st.integers(1, 70_000), min_size=2, max_size=30),
    pauses=st.lists(st.floats(0, 3), min_size=30, max_size=30),
)
@settings(max_examples=150)
def test_no_period_passes_more_than_the_rate_a_burst_and_one_message(
    rate: float, burst: float, sizes: list[int], pauses: list[float]
) -> None:
    limit, now = RateLimit(rate, burst), 0.0
    times = []
    for size, pause in zip(sizes, pauses, strict=False):
        now += limit.delay(now) + pause
        limit.spend(size, now)
        times.append(now)

    sums = [0, *accumulate(sizes)]
    for first, last in combinations(range(len(sizes)), 2):
        before_the_last = sums[last] - sums[first]
        assert before_the_last <= (rate * (times[last] - times[first] + burst)) * (1 + 1e-6) + 1e-3


@given(rate=st.floats(1, 1e6), sizes=st.lists(st.integers(1, 70_000), min_size=2, max_size=50))
@settings(max_examples=100)
def test_a_sender_that_never_pauses_gets_the_whole_rate(rate: float, sizes: list[int]) -> None:
    limit, now = RateLimit(rate), 0.0
    for size in sizes:
        now += limit.delay(now)
        limit.spend(size, now)

    assert now <= sum(sizes[:-1]) / rate * (1 + 1e-6)


def test_late_timers_do_not_slow_down_as_long_as_the_burst_covers_them() -> None:
    limit, now = RateLimit(1000, burst=0.1), 0.0
    for _ in range(1000):
        delay = limit.delay(now)
        now += delay + 0.05 if delay else 0
        limit.spend(100, now)

    assert now == pytest.approx(100.0, rel=0.01)


@pytest.mark.parametrize("rate", [0, -1, float("nan"), float("inf")])
def test_a_rate_that_is_not_above_zero_is_refused(rate: float) -> None:
    with pytest.raises(ConfigurationError, match="rate must be more than 0"):
        RateLimit(rate)


@pytest.mark.parametrize("burst", [-0.1, float("nan"), float("inf")])
def test_a_burst_below_zero_is_refused(burst: float) -> None:
    with pytest.raises(ConfigurationError, match="burst must be at least 0"):
        RateLimit(1, burst)
