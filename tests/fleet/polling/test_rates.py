"""Rates of counters: wraps of 32 and 64 bits, restarts of the agent, and what is not known."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp import OID, Counter32, Counter64, Gauge32
from snmptcp.fleet.polling.rates import Rates
from snmptcp.values import Value

NAME = OID("1.3.6.1.2.1.2.2.1.10.1")
OTHER = OID("1.3.6.1.2.1.2.2.1.10.2")


def poll(rates: Rates, at: float, value: Value, uptime: int | None = None) -> float | None:
    """Read one counter; the agent's clock runs as ours unless ``uptime`` tells another."""
    rates.begin(int(at * 100) if uptime is None else uptime, at)
    rate = rates.rate(NAME, value, at)
    rates.end(complete=True)
    return rate


def poll_without_uptime(rates: Rates, at: float, value: Value) -> float | None:
    assert rates.begin(None, at) is False
    rate = rates.rate(NAME, value, at)
    rates.end(complete=True)
    return rate


@pytest.mark.parametrize("counter", [Counter32, Counter64])
def test_a_rate_is_the_growth_each_second(counter: type[Counter32 | Counter64]) -> None:
    rates = Rates()
    assert poll(rates, 100.0, counter(1000)) is None
    assert poll(rates, 110.0, counter(1500)) == 50.0
    assert poll(rates, 130.0, counter(1500)) == 0.0


def test_a_counter_of_32_bits_that_has_fallen_has_wrapped() -> None:
    rates = Rates()
    poll(rates, 100.0, Counter32(2**32 - 100))
    assert poll(rates, 110.0, Counter32(400)) == 50.0


def test_a_counter_of_64_bits_that_has_fallen_was_set_back() -> None:
    rates = Rates()
    poll(rates, 100.0, Counter64(2**40))
    assert poll(rates, 110.0, Counter64(400)) is None
    assert poll(rates, 120.0, Counter64(900)) == 50.0


def test_after_a_restart_no_rate_is_known_even_if_the_counter_has_grown() -> None:
    rates = Rates()
    poll(rates, 1000.0, Counter32(100))
    assert rates.begin(3000, 1060.0) is True
    assert rates.rate(NAME, Counter32(700), 1060.0) is None
    rates.end(complete=True)
    assert poll(rates, 1120.0, Counter32(1300), uptime=9000) == 10.0


@pytest.mark.parametrize(
    ("before", "now", "elapsed", "restarted"),
    [
        (100_000, 106_000, 60.0, False),
        (100_000, 106_900, 60.0, False),  # the agent's clock is fast
        (100_000, 105_100, 60.0, False),  # or slow, or it has answered from a cache
        (2**32 - 3000, 3000, 60.0, False),  # after 497 days
        (100_000, 500, 60.0, True),
        (5_000, 6_000, 110.0, True),  # it was away for a long time: more than before, but less than has passed
        (2**32 - 3000, 60_000, 60.0, True),
        (300, 200, 60.0, True),
        (100_000, 900_000, 60.0, False),  # a clock that leaps forwards has not begun anew
    ],
)
def test_a_restart_is_told_by_sys_up_time(before: int, now: int, elapsed: float, restarted: bool) -> None:
    rates = Rates()
    assert rates.begin(before, 1000.0) is False
    rates.end(complete=True)
    assert rates.begin(now, 1000.0 + elapsed) is restarted


def test_without_sys_up_time_a_fall_from_the_lower_half_is_no_wrap() -> None:
    rates = Rates()
    poll_without_uptime(rates, 100.0, Counter32(2**31 - 1000))
    assert poll_without_uptime(rates, 110.0, Counter32(10)) is None
    poll_without_uptime(rates, 120.0, Counter32(2**32 - 100))
    assert poll_without_uptime(rates, 130.0, Counter32(400)) == 50.0


def test_an_agent_that_does_not_tell_its_uptime_once_is_no_agent_that_has_restarted() -> None:
    rates = Rates()
    poll(rates, 100.0, Counter32(100))
    assert rates.begin(None, 160.0) is False
    rates.rate(NAME, Counter32(700), 160.0)
    rates.end(complete=True)
    assert poll(rates, 220.0, Counter32(1300)) == 10.0


def test_a_poll_that_has_failed_keeps_the_counters_that_it_did_not_reach() -> None:
    rates = Rates()
    rates.begin(None, 0.0)
    rates.rate(NAME, Counter32(0), 0.0)
    rates.rate(OTHER, Counter32(0), 0.0)
    rates.end(complete=True)
    rates.begin(None, 10.0)
    assert rates.rate(NAME, Counter32(10), 10.0) == 1.0
    rates.end(complete=False)
    rates.begin(None, 20.0)
    assert rates.rate(NAME, Counter32(30), 20.0) == 2.0
    assert rates.rate(OTHER, Counter32(20), 20.0) == 1.0


def test_a_counter_that_has_gone_is_forgotten() -> None:
    rates = Rates()
    poll(rates, 0.0, Counter32(0))
    rates.begin(1000, 10.0)
    rates.end(complete=True)
    assert poll(rates, 20.0, Counter32(20)) is None


def test_what_is_no_counter_has_no_rate() -> None:
    rates = Rates()
    assert poll(rates, 0.0, Gauge32(5)) is None
    assert poll(rates, 10.0, Gauge32(50)) is None


def test_two_values_of_one_moment_have_no_rate() -> None:
    rates = Rates()
    poll(rates, 10.0, Counter32(5))
    assert poll(rates, 10.0, Counter32(50)) is None


def test_an_agent_that_has_started_since_counters_were_read_without_its_uptime_has_restarted() -> None:
    rates = Rates()
    poll_without_uptime(rates, 1000.0, Counter32(2**32 - 10))  # the first poll does not know that there are counters
    assert rates.begin(3000, 1060.0) is True
    assert rates.rate(NAME, Counter32(500), 1060.0) is None
    rates.end(complete=True)
    assert poll(rates, 1120.0, Counter32(1100), uptime=9000) == 10.0


def test_an_agent_that_was_up_when_counters_were_first_read_has_not_restarted() -> None:
    rates = Rates()
    poll_without_uptime(rates, 1000.0, Counter32(2**32 - 100))
    assert rates.begin(6100, 1060.0) is False
    assert rates.rate(NAME, Counter32(500), 1060.0) == 10.0


def test_counters_that_were_read_before_a_restart_in_the_same_poll_are_no_base_of_the_next_rates() -> None:
    rates = Rates()
    poll(rates, 1000.0, Counter32(100))
    assert rates.begin(200, 1060.0) is True  # up since 1058
    assert rates.rate(NAME, Counter32(4000), 1050.0) is None
    assert rates.rate(OTHER, Counter32(10), 1059.0) is None
    rates.end(complete=True)
    assert rates.begin(6200, 1120.0) is False
    assert rates.rate(NAME, Counter32(50), 1120.0) is None
    assert rates.rate(OTHER, Counter32(620), 1120.0) == 10.0


def test_a_fall_in_a_poll_without_sys_up_time_is_no_wrap_although_it_was_known_before() -> None:
    rates = Rates()
    poll(rates, 100.0, Counter32(2**20))
    assert rates.begin(None, 160.0) is False
    assert rates.rate(NAME, Counter32(10), 160.0) is None


@pytest.mark.parametrize("speed", [0.5, 0.7, 1.0, 1.2, 3.0])
def test_an_agent_whose_clock_runs_at_another_speed_has_rates_and_does_not_restart(speed: float) -> None:
    rates = Rates()
    for number in range(1, 50):
        at = 1000.0 + 60.0 * number
        restarted = rates.begin(int(at * speed * 100), at)
        rate = rates.rate(NAME, Counter32(600 * number), at)
        rates.end(complete=True)
        assert (restarted, rate) == (False, None if number == 1 else 10.0)


def test_after_our_machine_was_suspended_rates_count_the_time_of_that_too() -> None:
    rates = Rates()
    rates.begin(100_000, 1000.0, 5e8)
    rates.rate(NAME, Counter32(0), 1000.0)
    rates.end(complete=True)
    # 60 s by a clock that has stood still for an hour
    assert rates.begin(100_000 + 366_000, 1060.0, 5e8 + 3600.0) is False
    assert rates.rate(NAME, Counter32(36600), 1060.0) == pytest.approx(10.0)


def test_an_agent_that_has_restarted_while_our_machine_was_suspended_has_restarted() -> None:
    rates = Rates()
    rates.begin(1_000, 1000.0, 5e8)
    rates.rate(NAME, Counter32(0), 1000.0)
    rates.end(complete=True)
    assert rates.begin(100_000, 1060.0, 5e8 + 3600.0) is True


def test_a_clock_that_is_set_changes_no_rate() -> None:
    rates = Rates()
    for number, offset in enumerate([5e8, 5e8 + 3600.0, 5e8 - 3600.0]):
        at = 1000.0 + 60.0 * number
        assert rates.begin(int(at * 100), at, offset) is False
        rate = rates.rate(NAME, Counter32(600 * number), at)
        rates.end(complete=True)
        assert rate == (10.0 if number else None)


@given(
    start=st.integers(0, 2**32 - 1),
    growths=st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=20),
    seconds=st.integers(1, 3600),
)
def test_a_counter_of_32_bits_has_its_true_rate_while_it_grows_by_less_than_its_range(
    start: int, growths: list[int], seconds: int
) -> None:
    rates = Rates()
    total, at = start, 0.0
    poll(rates, at, Counter32(total % 2**32))
    for growth in growths:
        total, at = total + growth, at + seconds
        assert poll(rates, at, Counter32(total % 2**32), uptime=int(at * 100) % 2**32) == growth / seconds
