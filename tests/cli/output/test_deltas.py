"""Differences and rates as text."""

from __future__ import annotations

import datetime as dt
import json

import pytest

from snmptcp import OID, Counter32, Gauge32
from snmptcp.cli.output.deltas import DeltaStyle, delta_lines, delta_table, format_delta_json, stamp, tabs
from snmptcp.cli.watch.averages import Entry, Figure, Report
from snmptcp.mib.text import TextFormatter, TextStyle
from snmptcp.values import VarBind

NOW = dt.datetime(2026, 6, 14, 20, 15, 3, tzinfo=dt.UTC)
NUMBERS = TextFormatter(None, TextStyle(names="numeric"))
A, B, GAUGE = (OID(f"1.3.6.1.2.1.99.{arc}.0") for arc in (1, 2, 3))
FIGURE = Figure(158, 79.25, 300, 150.5, 400, 200.0)
REPORT = Report(
    4711,
    2.0,
    restarted=False,
    entries=[
        Entry(VarBind(A, Counter32(9)), counts=True, figure=FIGURE),
        Entry(VarBind(B, Counter32(9)), counts=True, figure=None),
        Entry(VarBind(GAUGE, Gauge32(7)), counts=False, figure=None),
    ],
    total=FIGURE,
)
VALUE = ".1.3.6.1.2.1.99.3.0 = Gauge32: 7"


@pytest.mark.parametrize(
    ("style", "lines"),
    [
        (DeltaStyle(2.0), [".1.3.6.1.2.1.99.1.0 /2 sec: 158", VALUE]),
        (DeltaStyle(0.5, rates=True), [".1.3.6.1.2.1.99.1.0 /sec: 79.25", VALUE]),
        (
            DeltaStyle(1.0, stamps=True, total=True),
            [
                "[20:15:03 6/14] .1.3.6.1.2.1.99.1.0 /1 sec: 158",
                f"[20:15:03 6/14] {VALUE}",
                "[20:15:03 6/14] Sum /1 sec: 158",
            ],
        ),
        (
            DeltaStyle(1.0, samples=2, maxima=True),
            [".1.3.6.1.2.1.99.1.0 /1 sec: 158\t(1 sec Peak: 300)\t(Max: 400)", VALUE],
        ),
        (
            DeltaStyle(1.0, rates=True, samples=2, maxima=True),
            [".1.3.6.1.2.1.99.1.0 /sec: 79.25\t(1 sec Peak: 150.50)\t(Max: 200.00)", VALUE],
        ),
    ],
)
def test_the_lines_are_those_of_snmpdelta(style: DeltaStyle, lines: list[str]) -> None:
    found = list(delta_lines(REPORT, NOW, style, NUMBERS))
    assert [line.text for line in found] == lines
    assert [line.oid for line in found] == [A, GAUGE, *([None] if style.total else [])]


@pytest.mark.parametrize(
    ("period", "keeps", "text"),
    [(60.0, False, "[20:15 6/14]"), (60.0, True, "[20:15:03 6/14]"), (90.0, False, "[20:15:03 6/14]")],
)
def test_whole_minutes_have_no_seconds_in_the_time_of_day(period: float, keeps: bool, text: str) -> None:
    assert stamp(NOW, DeltaStyle(period, keep_seconds=keeps)) == text


def test_the_table_with_tabs_has_rates_and_its_names_once() -> None:
    style = DeltaStyle(1.0, stamps=True, total=True, maxima=True)
    first, later = list(tabs(REPORT, NOW, style, NUMBERS, "sw1")), list(tabs(REPORT, NOW, style, NUMBERS, None))
    names = "\t".join(f".{oid}" for oid in (A, B, GAUGE))
    assert first == [f"sw1\t{names}\tSum", *later]
    assert later == ["[20:15:03 6/14]\t79.25\t(Max: 200)\t-\tGauge32: 7\t79.25\t(Max: 200)"]
    bare = list(tabs(REPORT, NOW, DeltaStyle(1.0), NUMBERS, "sw1"))
    assert bare == [f"\t{names}", "\t79.25\t-\tGauge32: 7"]


def test_the_table_for_a_terminal_has_a_line_for_each_variable() -> None:
    assert list(delta_table(REPORT, DeltaStyle(1.0, total=True, samples=2, maxima=True), NUMBERS, None)) == [
        "name                 per second    peak     max  value",
        ".1.3.6.1.2.1.99.1.0       79.25  150.50  200.00",
        ".1.3.6.1.2.1.99.2.0           -       -       -",
        ".1.3.6.1.2.1.99.3.0           -       -       -  Gauge32: 7",
        "Sum                       79.25  150.50  200.00",
    ]


def test_json_is_one_object_for_each_report() -> None:
    found = json.loads(format_delta_json(REPORT, NOW, DeltaStyle(1.0, total=True, samples=2, maxima=True), NUMBERS))
    grown = {"difference": 158, "rate": 79.25, "peak_difference": 300, "peak_rate": 150.5}
    grown |= {"max_difference": 400, "max_rate": 200.0}
    assert found == {
        "time": "2026-06-14T20:15:03+00:00",
        "uptime": 4711,
        "seconds": 2.0,
        "restarted": False,
        "variables": [
            {"oid": str(A), "type": "Counter32", "value": 9, **grown},
            {"oid": str(B), "type": "Counter32", "value": 9, "difference": None, "rate": None},
            {"oid": str(GAUGE), "type": "Gauge32", "value": 7, "difference": None, "rate": None},
        ],
        "sum": grown,
    }
