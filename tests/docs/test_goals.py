"""The page about performance shows the goals as the kept run of the benchmarks meets or misses them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks.goals import BEGIN, END, GOALS, Goal, Results, goals_as_markdown, write_into

ROOT = Path(__file__).parents[2]


def test_the_table_of_the_page_is_that_of_the_kept_run() -> None:
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    shown = page.split(BEGIN)[1].split(END)[0].strip()
    assert shown == goals_as_markdown(Results(ROOT / "docs" / "benchmarks"))
    assert "not measured" not in shown


@pytest.mark.parametrize(
    ("at_most", "figure", "met"), [(False, 2.0, True), (False, 1.99, False), (True, 2.0, True), (True, 2.01, False)]
)
def test_a_goal_is_met_at_its_mark(at_most: bool, figure: float, met: bool) -> None:
    assert Goal("work", "figure", 2.0, lambda _: figure, at_most=at_most).is_met(figure) is met


def test_what_was_not_measured_is_said(tmp_path: Path) -> None:
    table = goals_as_markdown(Results(tmp_path))
    assert table.count("not measured") == len(GOALS)


def test_ratios_are_the_median_of_those_within_repetitions(tmp_path: Path) -> None:
    works = {"snmptcp": [[1.0, 10.0], [2.0, 20.0], [4.0, 90.0]], "gufo": [[3.0, 5.0], [4.0, 5.0], [4.0, 10.0]]}
    kept = {"contestants": {name: {"works": {"get": figures}} for name, figures in works.items()}}
    (tmp_path / "compare.json").write_text(json.dumps(kept))
    results = Results(tmp_path)
    assert results.rate("get", "snmptcp", "gufo") == 4.0
    assert results.cpu("get", "snmptcp", "gufo") == 2.0


def test_the_table_replaces_the_one_of_the_page_and_nothing_else(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(f"before\n{BEGIN}\nold \\1\n{END}\nbehind\n")
    write_into(page, "| \\1 new |")
    assert page.read_text() == f"before\n{BEGIN}\n| \\1 new |\n{END}\nbehind\n"


def test_a_page_without_a_place_for_the_table_is_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("no place\n")
    with pytest.raises(SystemExit, match="has no place for the table"):
        write_into(page, "table")
