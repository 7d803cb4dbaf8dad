"""When runs are due: on a grid since 1970, without drift, and nothing piles up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.fleet.polling.schedule import Schedule, phase_of

EPOCH = -1_000.0  # 1970 by the clock of these tests


def schedule(*, interval: float = 60.0, phase: float = 0.25, first_within: float = 10.0) -> Schedule:
    return Schedule(interval, phase, now=0.0, epoch=EPOCH, first_within=first_within)


def on_grid(time: float, interval: float, phase: float) -> bool:
    distance = (time - EPOCH - phase * interval) / interval
    return abs(distance - round(distance)) < 1e-6


def test_the_first_run_is_due_soon_after_the_start() -> None:
    assert schedule().due_at == 2.5
    assert schedule(interval=4.0).due_at == 1.0
    assert schedule(first_within=0.0).due_at == 0.0


def test_the_runs_behind_it_are_due_on_the_grid() -> None:
    due = schedule()
    assert due.advance(3.0) == 0
    assert due.due_at == 35.0  # -1000 + 15 + 17 * 60
    assert due.advance(35.2) == 0
    assert due.due_at == 95.0


def test_a_point_close_behind_the_first_run_is_left_out_and_does_not_count() -> None:
    due = schedule(first_within=40.0)  # the first run is due at 10.0
    assert due.advance(12.0) == 0
    assert due.due_at == 95.0


def test_points_that_pass_while_a_run_goes_on_are_left_out_and_counted() -> None:
    due = schedule()
    due.advance(3.0)
    assert due.advance(35.0 + 200.0) == 3
    assert due.due_at == 275.0


def test_a_run_that_is_due_in_a_pause_is_put_off_to_its_end() -> None:
    due = schedule()
    due.advance(3.0)
    assert due.postpone(30.0) == 0
    assert due.due_at == 35.0
    assert due.postpone(50.0) == 0
    assert (due.due_at, due.waits_since) == (50.0, 35.0)
    assert due.advance(50.1) == 0
    assert (due.due_at, due.waits_since) == (95.0, 95.0)


def test_of_the_points_in_a_pause_all_but_one_are_left_out_and_counted() -> None:
    due = schedule()
    due.advance(3.0)
    assert due.postpone(156.0) == 2  # 35, 95 and 155
    assert due.due_at == 156.0
    assert due.postpone(156.0 + 200.0) == 3
    assert due.due_at == 356.0
    assert due.waits_since == 35.0


def test_a_point_close_behind_a_pause_is_left_out_and_counted() -> None:
    due = schedule()
    due.advance(3.0)
    assert due.postpone(70.0) == 1  # the run of 35 is put off, that of 95 left out
    assert due.advance(70.1) == 0
    assert due.due_at == 155.0


@given(
    interval=st.floats(0.01, 1e5),
    phase=st.floats(0, 1, exclude_max=True),
    runs=st.lists(st.tuples(st.lists(st.floats(0.001, 9), max_size=3), st.floats(0, 5)), min_size=1, max_size=30),
)
def test_each_point_is_polled_or_counted(interval: float, phase: float, runs: list[tuple[list[float], float]]) -> None:
    due = Schedule(interval, phase, now=0.0, epoch=EPOCH, first_within=10.0)
    due.advance(due.due_at)
    first, counted = due.due_at, 0
    for pauses, duration in runs:
        for pause in pauses:
            counted += due.postpone(due.due_at + pause * interval)
        counted += 1 + due.advance(due.due_at + duration * interval)
    assert round((due.due_at - first) / interval) == counted


def taken_over(since: float, *, now: float = 0.0) -> Schedule:
    return Schedule(60.0, 0.25, now=now, epoch=EPOCH, first_within=10.0, since=since)


def test_what_was_run_elsewhere_goes_on_at_the_next_point() -> None:
    due = taken_over(-20.0)
    assert (due.due_at, due.makes_up) == (35.0, False)
    assert due.advance(35.1) == 0
    assert due.due_at == 95.0


def test_a_point_that_has_passed_since_it_was_run_elsewhere_is_made_up_for_soon() -> None:
    due = taken_over(-30.0)  # the point is -25
    assert (due.due_at, due.makes_up) == (2.5, True)
    assert due.advance(2.6) == 0
    assert due.due_at == 35.0


def test_a_point_behind_one_that_was_made_up_for_is_not_left_out() -> None:
    due = taken_over(-30.0, now=30.0)  # the points are -25 and 35
    assert (due.due_at, due.makes_up) == (32.5, True)
    assert due.advance(32.6) == 0
    assert due.due_at == 35.0
    assert due.advance(35.1) == 0
    assert due.due_at == 95.0


def test_a_point_is_made_up_for_by_the_next_if_that_comes_sooner() -> None:
    due = taken_over(-30.0, now=34.0)
    assert (due.due_at, due.makes_up) == (35.0, True)
    assert due.advance(35.1) == 0
    assert due.due_at == 95.0


def test_a_point_that_was_run_elsewhere_by_a_clock_that_is_ahead_is_not_run_again() -> None:
    assert taken_over(36.0).due_at == 95.0


def test_a_clock_that_is_far_ahead_delays_the_first_run_by_two_intervals_at_most() -> None:
    assert taken_over(1e9).due_at <= 120.0


@given(
    interval=st.floats(0.01, 1e5),
    phase=st.floats(0, 1, exclude_max=True),
    runs=st.lists(st.tuples(st.floats(0, 5), st.floats(0, 5)), min_size=1, max_size=30),
)
def test_runs_stay_on_the_grid_and_in_the_future_whatever_they_take(
    interval: float, phase: float, runs: list[tuple[float, float]]
) -> None:
    due = Schedule(interval, phase, now=0.0, epoch=EPOCH, first_within=10.0)
    for wait, duration in runs:
        before = due.due_at
        ended_at = due.due_at + (wait + duration) * interval
        skipped = due.advance(ended_at)
        assert due.due_at > ended_at - 1e-6
        assert due.due_at - ended_at <= 1.5 * interval + 1e-6
        assert on_grid(due.due_at, interval, phase)
        assert (skipped + 1) * interval == pytest.approx(due.due_at - before, abs=interval / 2 + 1e-6)


def test_a_phase_is_the_same_in_every_process_and_spreads_keys_evenly() -> None:
    assert phase_of("core-1\0get sysName.0") == pytest.approx(0.19581150553452556)
    phases = [phase_of(f"agent {number}") for number in range(10_000)]
    assert all(0 <= phase < 1 for phase in phases)
    tenths = [sum(1 for phase in phases if int(phase * 10) == tenth) for tenth in range(10)]
    assert all(900 < count < 1100 for count in tenths)


def test_any_text_has_a_phase() -> None:
    assert 0 <= phase_of("\ud800") < 1
