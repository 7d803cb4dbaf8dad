"""Rates over time: what is kept, what is cut, and what is not known."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from snmptcp.web.history import History


def test_series_have_a_rate_for_each_point() -> None:
    history = History(10)
    series = history.add()
    history.add_point(1.0, [(series, (5.0, 2.5))])
    history.add_point(2.0, [(series, (None, 0.0))])
    assert list(history.times) == [1.0, 2.0]
    assert series.as_json() == [[5.0, None], [2.5, 0.0]]


def test_a_series_that_comes_later_is_unknown_before() -> None:
    history = History(10)
    first = history.add()
    history.add_point(1.0, [(first, (1.0, 1.0))])
    second = history.add()
    history.add_point(2.0, [(first, (2.0, 2.0)), (second, (3.0, 3.0))])
    assert second.as_json() == [[None, 3.0], [None, 3.0]]
    assert history.totals() == [[1.0, 5.0], [1.0, 5.0]]


def test_a_series_that_is_left_out_is_unknown_there() -> None:
    history = History(10)
    first, second = history.add(), history.add()
    history.add_point(1.0, [(first, (1.0, 1.0))])
    assert second.as_json() == [[None], [None]]


def test_a_series_that_is_removed_counts_no_more() -> None:
    history = History(10)
    first, second = history.add(), history.add()
    history.add_point(1.0, [(first, (1.0, 1.0)), (second, (2.0, 2.0))])
    history.remove(second)
    assert history.totals() == [[1.0], [1.0]]


def test_without_series_totals_are_unknown() -> None:
    history = History(10)
    series = history.add()
    history.add_point(1.0, [(series, (1.0, 1.0))])
    history.remove(series)
    assert history.totals() == [[None], [None]]


@given(st.integers(2, 5), st.lists(st.one_of(st.none(), st.floats(0, 1e12)), max_size=20))
def test_the_latest_points_are_kept_and_no_more(most: int, rates: list[float | None]) -> None:
    history = History(most)
    series = history.add()
    for at, rate in enumerate(rates):
        history.add_point(float(at), [(series, (rate, rate))])
    kept = rates[-most:]
    assert list(history.times) == [float(at) for at in range(len(rates))][-most:]
    assert series.as_json()[0] == [None if rate is None else round(rate, 1) for rate in kept]
