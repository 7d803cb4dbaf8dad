"""Runs the rows of the scorecard, and prints what was measured against the marks: what `nox -s scorecard` runs.

The exit status is 1 if a row is below its mark.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from snmptcp import SecurityWarning, __version__
from tests.scorecard import programs, table
from tests.scorecard.registry import load_rows
from tests.scorecard.row import Outcome, Scale
from tests.scorecard.running import run_row

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.scorecard.row import Row

#: The minutes that all rows take together at a factor of 1.
MINUTES = 10.0


def main() -> int:
    """Return the exit status."""
    warnings.simplefilter("ignore", SecurityWarning)  # MD5 and DES are measured on purpose
    rows = load_rows()
    arguments = _parse(list(rows))
    if arguments.output:
        table.page_with(arguments.output.read_text(encoding="utf-8"), "")  # fails now if the page has no markers
    outcomes, facts = _run(rows, arguments)
    print(table.summary_of(outcomes))
    below = any(outcome.below for outcome in outcomes.values())
    if arguments.add:
        outcomes = _added_to(arguments.json, outcomes, list(rows))
        facts["Run"] = f"in parts, the last of them: {facts['Run']} for {', '.join(arguments.rows or rows)}"
    if arguments.json:
        document = {"facts": facts, "rows": {name: outcome.as_json() for name, outcome in outcomes.items()}}
        arguments.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    if arguments.output:
        page = arguments.output.read_text(encoding="utf-8")
        written = table.page_with(page, table.markdown_of(rows, outcomes, facts))
        arguments.output.write_text(written, encoding="utf-8")
    return int(below)


def _run(rows: Mapping[str, Row], arguments: argparse.Namespace) -> tuple[dict[str, Outcome], dict[str, str]]:
    """Measure rows and print each; return the outcomes, and the facts about the run."""
    outcomes: dict[str, Outcome] = {}
    start = time.monotonic()
    for name in arguments.rows or rows:
        outcomes[name] = run_row(rows[name], Scale(arguments.minutes / MINUTES))
        print(table.text_of(rows[name], outcomes[name]), flush=True)
    return outcomes, _facts(arguments.minutes, time.monotonic() - start)


def _added_to(file: Path, outcomes: Mapping[str, Outcome], order: list[str]) -> dict[str, Outcome]:
    """Return the outcomes of a file, with others in the place of its own."""
    kept = json.loads(file.read_text(encoding="utf-8"))["rows"]
    whole = {**{name: Outcome.of_json(facts) for name, facts in kept.items()}, **outcomes}
    return {name: whole[name] for name in order if name in whole}


def _parse(names: list[str]) -> argparse.Namespace:
    """Return the options of the command line."""
    parser = argparse.ArgumentParser(prog="nox -s scorecard --", description=__doc__)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"one of {names[0]} to {names[-1]}; all by default")
    parser.add_argument(
        "--minutes",
        type=float,
        default=MINUTES,
        help="how long all rows take together, roughly: counts and durations are in proportion (default: %(default)s)",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to this file, too")
    parser.add_argument("--add", action="store_true", help="keep the rows of --json FILE that are not measured now")
    parser.add_argument("--output", type=Path, metavar="PAGE", help="write the table between the markers of this page")
    arguments = parser.parse_args()
    if unknown := [name for name in arguments.rows if name not in names]:
        parser.error(f"there is no row {unknown[0]}; the rows are {', '.join(names)}")
    if arguments.minutes <= 0:
        parser.error("--minutes must be above 0")
    if arguments.add and not (arguments.json and arguments.json.is_file()):
        parser.error("--add needs --json FILE with the rows of an earlier run")
    if arguments.output and not arguments.output.is_file():
        parser.error(f"there is no page {arguments.output}")
    return arguments


def _facts(minutes: float, seconds: float) -> dict[str, str]:
    """Return what the page says about the run."""
    return {
        "Run": f"{dt.datetime.now(dt.UTC).date()}, snmptcp {__version__}, `--minutes {minutes:g}`, "
        f"{seconds / 60:.0f} minutes in all",
        "Machine": programs.machine(),
        "Foreign programs": ", ".join(f"{name} {version}" for name, version in programs.versions().items()) or "none",
    }


if __name__ == "__main__":
    sys.exit(main())
