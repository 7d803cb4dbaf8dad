"""The report of a soak: a line for each minute, and the figures with their marks."""

from __future__ import annotations

import pytest

from tests.soak.accounting import Accounts, Failure
from tests.soak.gauges import Sample
from tests.soak.plan import Plan
from tests.soak.report import Mark, Result, line_of, result_as_text


def result_of(*marks: Mark) -> Result:
    return Result(Plan(), 1234, marks, {"requests": "1,234"}, (), {"wrong": ["device 7 lies"]})


def test_a_line_tells_what_was_sent_used_received_and_what_is_bad() -> None:
    accounts = Accounts(wrong=1, late=2)
    accounts.failed(Failure(7, "get", 0.0, 5.0, "RequestTimeout", ""))
    line = line_of(Sample(90.0, 70_100_000, 262, 47, 90_123, 25_704_000, 420_123), accounts, 12_345, 340.4, 678, 9)
    assert line == (
        "   1.5 min     12,345 requests ( 340/s)    70.1 MB (25.70 allocated)  90,123 objects  420,123 blocks"
        "  262 files  47 tasks"
        "     678 notifications, 9 again  3 bad  errors: 1 RequestTimeout"
    )


def test_a_line_leaves_out_what_the_c_library_does_not_tell() -> None:
    line = line_of(Sample(90.0, 70_100_000, 262, 47, 90_123, None, 420_123), Accounts(), 1, 0, 0, 0)
    assert "70.1 MB  90,123 objects" in line


@pytest.mark.parametrize(("value", "met"), [(0.99, True), (1.0, True), (1.01, False)])
def test_a_mark_is_met_up_to_its_most(value: float, met: bool) -> None:
    assert Mark("growth", value, 1.0, "MB").met is result_of(Mark("growth", value, 1.0, "MB")).met is met


def test_one_mark_that_is_missed_is_enough() -> None:
    assert not result_of(Mark("one", 0), Mark("two", 1)).met
    assert result_of(Mark("one", 0), Mark("two", 0)).met


def test_the_text_has_the_figures_with_their_marks_and_what_went_wrong() -> None:
    text = result_as_text(result_of(Mark("growth in an hour", 0.5, 1.0, "MB"), Mark("wrong answers", 1)))
    assert text.splitlines() == [
        "requests: 1,234",
        "",
        "growth in an hour       0.50 MB  (at most 1)  met",
        "wrong answers                1   (at most 0)  MISSED",
        "",
        "wrong:",
        "  device 7 lies",
    ]


@pytest.mark.parametrize(
    ("minutes", "every", "warm_up", "is_long"), [(60, 60, 1200, True), (1440, 60, 3600, True), (6, 30, 120, False)]
)
def test_a_shorter_soak_tells_more_often_warms_up_less_and_does_not_judge_growth(
    minutes: float, every: float, warm_up: float, is_long: bool
) -> None:
    plan = Plan(minutes=minutes)
    assert (plan.every, plan.warm_up, plan.is_long, plan.fill > 0) == (every, warm_up, is_long, is_long)
