"""The frame of the scorecard: its rows, what becomes of them however they end, and the tables."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.scorecard import __main__ as command
from tests.scorecard import table
from tests.scorecard.gauges import percentile
from tests.scorecard.registry import load_rows
from tests.scorecard.row import Figure, Outcome, Row, Scale, share
from tests.scorecard.running import run_row

FAKES = "tests.scorecard.fakes"


def outcome_of(number: str, factor: float = 1.0) -> Outcome:
    return run_row(load_rows(FAKES)[number], Scale(factor))


# ------------------------------------------------------------------------------------------- the rows


def test_the_rows_are_1_to_33_and_each_says_its_fault_and_its_mark() -> None:
    rows = load_rows()
    assert list(rows) == [f"R{number}" for number in range(1, 34)]
    assert all(name == row.number for name, row in rows.items())
    assert all(row.fault and row.mark and row.limit > 0 for row in rows.values())
    assert all(row is load_rows(row.measure.__module__)[name] for name, row in rows.items())


def test_two_rows_of_one_name_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    row = load_rows(FAKES)["R1"]
    monkeypatch.setattr("tests.scorecard.fakes.ROWS", (row, row))
    with pytest.raises(ValueError, match="two rows"):
        load_rows(FAKES)


# ----------------------------------------------------------------------------------- running the rows


@pytest.mark.parametrize("number", ["R2", "R18"])  # the cheapest, whose marks no busy machine can miss
def test_a_row_of_the_scorecard_passes_at_a_small_scale(number: str) -> None:
    outcome = run_row(load_rows()[number], Scale(0.01))
    assert outcome.passed, outcome.why


def test_a_row_that_passes_gives_its_figures_at_the_scale() -> None:
    outcome = outcome_of("R1", 0.5)
    assert outcome.verdict == "passed"
    assert outcome.passed
    assert [(figure.name, figure.value) for figure in outcome.figures] == [("asked", 500), ("answered", 100)]
    assert outcome.notes == ("by a fake",)
    assert outcome.seconds > 0


@pytest.mark.parametrize(
    ("number", "verdict", "why"),
    [
        ("R3", "below its mark", r"RuntimeError: the peer is gone \(fakes.py:\d+\)"),
        ("R4", "below its mark", r"it was not over after 0\.5 s, and was ended"),
        ("R5", "not run", r"not measured: net-snmp's snmp-of-nobody is not installed.*"),
        ("R8", "below its mark", r"its process ended with status 3: out of luck"),
    ],
)
def test_a_row_that_does_not_come_to_its_end_says_why(number: str, verdict: str, why: str) -> None:
    outcome = outcome_of(number)
    assert (outcome.verdict, outcome.passed) == (verdict, False)
    assert re.fullmatch(why, outcome.why)


def test_a_row_may_print_and_has_its_own_environment() -> None:
    assert [figure.value for figure in outcome_of("R9").figures] == [7]


# --------------------------------------------------------------------------------------- the outcomes


@pytest.mark.parametrize(
    ("outcome", "verdict", "why"),
    [
        (Outcome((Figure("a", 1, most=1), Figure("b", 1, least=1))), "passed", ""),
        (Outcome((Figure("a", 1.5, "s", most=1),)), "below its mark", "a is 1.5 s, and must be at most 1 s"),
        (Outcome((Figure("a", 0, least=1, most=2),)), "below its mark", "a is 0, and must be at least 1 and at most 2"),
        (Outcome((share("a", 99, 100),)), "below its mark", "a is 99%, and must be at least 100%"),
        (Outcome((share("a", 0, 0),)), "below its mark", "a is nan%, and must be at least 100%"),
        (Outcome((Figure("a", float("inf"), most=9),)), "below its mark", "a is inf, and must be at most 9"),
        (Outcome((Figure("a", 1, most=1),), missing=("x",)), "passed in part", "not measured: x"),
        (Outcome(missing=("x",)), "not run", "not measured: x"),
        (Outcome(), "not run", "nothing was measured"),
        (Outcome(failure="broken", missing=("x",)), "below its mark", "broken; not measured: x"),
    ],
)
def test_the_marks_decide_the_verdict(outcome: Outcome, verdict: str, why: str) -> None:
    assert (outcome.verdict, outcome.why, outcome.passed) == (verdict, why, not why)


def test_an_outcome_is_the_same_after_json() -> None:
    outcome = Outcome((Figure("a", 1.5, "ms", most=2), Figure("b", float("inf"))), ("x",), "y", ("z",), 2.5)
    assert Outcome.of_json(json.loads(json.dumps(outcome.as_json(), allow_nan=False))) == outcome


def test_counts_and_seconds_are_in_proportion_within_their_limits() -> None:
    assert [Scale(factor).count(1000, least=200, most=5000) for factor in (0.1, 1.0, 100.0)] == [200, 1000, 5000]
    assert [Scale(factor).seconds(4, least=2, most=60) for factor in (0.1, 1.0, 100.0)] == [2, 4, 60]


def test_a_percentile_is_one_of_the_values() -> None:
    assert [percentile(range(1, 101), percent) for percent in (0, 50, 99, 100)] == [1, 51, 100, 100]


# ----------------------------------------------------------------------------------------- the tables

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"

FAILED = Outcome((Figure("closed after", 51.5, "ms", most=50), Figure("sent", 1234)), notes=("by hand",), seconds=1.26)


def test_the_text_of_a_row_has_its_figures_and_why_it_has_not_passed() -> None:
    assert table.text_of(load_rows(FAKES)["R2"], FAILED).splitlines() == [
        "R2  BELOW ITS MARK in 1.3 s: a slow peer | < here",
        "    mark: closed in 50 ms",
        "    closed after: 51.5 ms; sent: 1,234",
        "    note: by hand",
        "    why: closed after is 51.5 ms, and must be at most 50 ms",
    ]


def test_the_summary_names_the_rows_that_have_not_passed() -> None:
    passed = Outcome((Figure("a", 1),))
    outcomes = {"R1": passed, "R2": FAILED, "R3": Outcome(missing=("x",)), "R4": Outcome((Figure("a", 1),), ("x",))}
    assert table.summary_of(outcomes) == ("1 of 4 rows passed; below its mark: R2; passed in part: R4; not run: R3")
    assert table.summary_of({"R1": passed}) == "1 of 1 rows passed"


def test_the_table_of_the_page_is_markdown() -> None:
    rows: dict[str, Row] = load_rows(FAKES)
    assert table.markdown_of(rows, {"R2": FAILED}, {"Machine": "two cores"}).splitlines() == [
        "- Machine: two cores",
        "",
        "0 of 1 rows passed; below its mark: R2.",
        "",
        "| row | fault | mark | measured | result |",
        "|---|---|---|---|---|",
        (
            "| R2 | a slow peer \\| &lt; here | closed in 50 ms | closed after: 51.5 ms; sent: 1,234; by hand "
            "| below its mark: closed after is 51.5 ms, and must be at most 50 ms |"
        ),
    ]


def test_the_page_has_a_place_for_the_table_and_tells_of_every_row() -> None:
    page = PAGE.read_text(encoding="utf-8")
    told = table.page_with(page, "")
    assert [name for name in load_rows() if not re.search(rf"\b{name}\b", told)] == []


def test_the_table_replaces_the_one_between_the_markers() -> None:
    page = f"above\n{table.BEGIN}\n\nold\n\n{table.END}\nbelow\n"
    assert table.page_with(page, "new") == f"above\n{table.BEGIN}\n\nnew\n\n{table.END}\nbelow\n"
    with pytest.raises(ValueError, match="no markers"):
        table.page_with("a page", "new")


# ---------------------------------------------------------------------------------------- the command


def test_the_command_prints_writes_and_tells_by_its_status(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    page, figures = tmp_path / "page.md", tmp_path / "figures.json"
    page.write_text(f"{table.BEGIN}\n{table.END}\n")
    outcomes = {"R2": FAILED, "R1": Outcome((Figure("a", 1),))}
    monkeypatch.setattr(command, "load_rows", lambda: load_rows(FAKES))
    monkeypatch.setattr(command, "run_row", lambda row, scale: outcomes[row.number])
    words = ["scorecard", "R2", "R1", "--minutes", "5", "--json", str(figures), "--output", str(page)]
    monkeypatch.setattr("sys.argv", words)

    assert command.main() == 1
    assert capsys.readouterr().out.splitlines()[-1] == "1 of 2 rows passed; below its mark: R2"
    assert "| R2 | a slow peer" in page.read_text()
    written = json.loads(figures.read_text())
    assert written["rows"]["R1"]["figures"][0]["value"] == 1
    assert "--minutes 5" in written["facts"]["Run"]

    monkeypatch.setattr("sys.argv", ["scorecard", "R1", "--add", *words[5:]])
    assert command.main() == 0
    assert list(json.loads(figures.read_text())["rows"]) == ["R1", "R2"]
    assert "1 of 2 rows passed; below its mark: R2." in page.read_text()
    assert "- Run: in parts, the last of them: " in page.read_text()


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["R99"], "there is no row R99"),
        (["--minutes", "0"], "--minutes must be above 0"),
        (["--add"], "--add needs --json FILE"),
        (["--output", "/nowhere/page.md"], "there is no page /nowhere/page.md"),
    ],
)
def test_the_command_refuses_what_it_cannot_do(
    words: list[str], text: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["scorecard", *words])
    with pytest.raises(SystemExit):
        command.main()
    assert text in capsys.readouterr().err
