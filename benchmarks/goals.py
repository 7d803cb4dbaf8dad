"""The goals, and what a run of the benchmarks says of them: ``python -m benchmarks.goals FOLDER``.

The folder has the files that the benchmarks write with ``--json``: ``compare.json``, ``start.json``, and so on.  A goal
whose file or contestant is missing is printed as not measured.  ``--page FILE`` writes the table into a page of the
documentation, between two comments.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("GOALS", "Goal", "Results", "goals_as_markdown")

GUFO, LIBSNMP = "gufo_snmp asyncio", "libsnmp in C, tcp"
BEGIN, END = "<!-- goals: begin -->", "<!-- goals: end -->"


class Results:
    """The files of one run.

    Args:
        folder: where they are.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> Any:
        """Return what a benchmark has written.

        Raises:
            LookupError: it has not.
        """
        path = self._folder / f"{name}.json"
        if not path.exists():
            raise LookupError(f"there is no {path}")
        return json.loads(path.read_text(encoding="utf-8"))

    def rate(self, work: str, ours: str, theirs: str) -> float:
        """Return how many times the rate of another contestant ours is: the median of the repetitions' ratios."""
        return self._ratio(work, ours, theirs, lambda one, other: one[1] / other[1])

    def cpu(self, work: str, ours: str, theirs: str) -> float:
        """Return how many times our CPU another contestant needs: the median of the repetitions' ratios."""
        return self._ratio(work, ours, theirs, lambda one, other: other[0] / one[0])

    def _ratio(
        self, work: str, ours: str, theirs: str, of: Callable[[tuple[float, float], tuple[float, float]], float]
    ) -> float:
        contestants = self.read("compare")["contestants"]
        pair = [contestants[name]["works"][work] for name in (ours, theirs)]
        return statistics.median(of(one, other) for one, other in zip(*pair, strict=True))


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal.

    Attributes:
        work: what is done.
        beside: what the figure is, and what it is compared with.
        mark: the goal.
        measured: returns the figure of a run.
        unit: of mark and figure; empty for ratios.
        at_most: whether the mark is the most that the figure may be; otherwise it is the least.
    """

    work: str
    beside: str
    mark: float
    measured: Callable[[Results], float]
    unit: str = ""
    at_most: bool = False

    def is_met(self, figure: float) -> bool:
        """Whether a figure meets the goal, as it is printed: with two decimals."""
        figure = round(figure, 2)
        return figure <= self.mark if self.at_most else figure >= self.mark


PURE, COMPILED = "snmptcp", "snmptcp, compiled"
BLOCKING = "snmptcp, blocking"

GOALS = (
    *(
        Goal(f"v2c GETBULK walk of 50, {how}", "CPU of gufo_snmp on asyncio to ours", mark, measured)
        for how, mark, measured in (
            ("compiled", 2.0, lambda run: run.cpu("walk", COMPILED, GUFO)),
            ("pure Python", 1.2, lambda run: run.cpu("walk", PURE, GUFO)),
        )
    ),
    *(
        Goal(f"v3 authPriv GETBULK walk of 50, {how}", "CPU of gufo_snmp on asyncio to ours", mark, measured)
        for how, mark, measured in (
            ("compiled", 1.5, lambda run: run.cpu("walk3", COMPILED, GUFO)),
            ("pure Python", 1.0, lambda run: run.cpu("walk3", PURE, GUFO)),
        )
    ),
    *(
        Goal(f"v3 authPriv GET, one at a time, {how}", "our rate to that of gufo_snmp on asyncio", mark, measured)
        for how, mark, measured in (
            ("compiled", 1.0, lambda run: run.rate("get3", COMPILED, GUFO)),
            ("pure Python", 0.9, lambda run: run.rate("get3", PURE, GUFO)),
        )
    ),
    *(
        Goal(f"walk of 10,000 variables by default, {how}", f"our rate to that of {theirs}", 2.0, measured)
        for how, theirs, measured in (
            ("compiled", "gufo_snmp on asyncio", lambda run: run.rate("plain", COMPILED, GUFO)),
            ("pure Python", "gufo_snmp on asyncio", lambda run: run.rate("plain", PURE, GUFO)),
            ("compiled", "libsnmp in C with 10 repetitions", lambda run: run.rate("plain", COMPILED, LIBSNMP)),
            ("pure Python", "libsnmp in C with 10 repetitions", lambda run: run.rate("plain", PURE, LIBSNMP)),
        )
    ),
    Goal(
        "blocking GET",
        "its CPU to that of a GET that is awaited",
        2.0,
        lambda run: 1 / run.cpu("get", BLOCKING, PURE),
        at_most=True,
    ),
    Goal(
        "blocking walk of 50",
        "its CPU to that of a walk that is awaited",
        2.0,
        lambda run: 1 / run.cpu("walk", BLOCKING, PURE),
        at_most=True,
    ),
    Goal(
        "blocking GET",
        "rate of easysnmp to ours",
        1.5,
        lambda run: 1 / run.rate("get", BLOCKING, "easysnmp"),
        at_most=True,
    ),
    Goal(
        "walk of ifTable and ifXTable, 1,000 rows, round trip of 20 ms",
        "seconds with max_repetitions=25 to those by default",
        4.0,
        lambda run: run.read("latency")[0]["times as fast"],
    ),
    Goal("blocking GET", "our rate to that of ezsnmp", 1.0, lambda run: run.rate("get", BLOCKING, "ezsnmp")),
    Goal(
        "import snmptcp",
        "CPU beside that of asyncio",
        20.0,
        lambda run: run.read("start")["asyncio, snmptcp"]["beside asyncio, median, ms"],
        "ms",
        at_most=True,
    ),
    Goal(
        "snmptcp get",
        "CPU of the process",
        150.0,
        lambda run: run.read("start")["snmptcp get"]["median, ms"],
        "ms",
        at_most=True,
    ),
    Goal("v2c GET, 100 in flight", "our rate to that of gufo_snmp", 2.5, lambda run: run.rate("many", PURE, GUFO)),
    Goal(
        "v2c GET, 100 in flight",
        "our rate to that of libsnmp's asynchronous API",
        1.0,
        lambda run: run.rate("many", PURE, LIBSNMP),
    ),
    Goal(
        "v3 authPriv GET, 100 in flight",
        "our rate to that of gufo_snmp",
        1.3,
        lambda run: run.rate("many3", PURE, GUFO),
    ),
    Goal(
        "an idle connection of 10,000",
        "memory",
        15.0,
        lambda run: run.read("scale")["connections"][-1]["memory of an idle one, KiB"],
        "KiB",
        at_most=True,
    ),
)


def _text(value: float, unit: str) -> str:
    return f"{value:.1f} {unit}" if unit else f"{value:.2f}"


def _row(goal: Goal, results: Results) -> tuple[str, ...]:
    """Return the cells of a goal: work, comparison, goal, figure, and whether it is met."""
    mark = f"{'at most' if goal.at_most else 'at least'} {_text(goal.mark, goal.unit)}"
    try:
        figure = goal.measured(results)
    except (LookupError, statistics.StatisticsError):
        return goal.work, goal.beside, mark, "not measured", ""
    return goal.work, goal.beside, mark, _text(figure, goal.unit), "met" if goal.is_met(figure) else "**missed**"


def goals_as_markdown(results: Results) -> str:
    """Return the table of the goals."""
    rows = [("work", "figure", "goal", "measured", ""), ("---",) * 5, *(_row(goal, results) for goal in GOALS)]
    return "\n".join(("| " + " | ".join(cells)).rstrip() + " |" for cells in rows)


def write_into(page: Path, table: str) -> None:
    """Write the table into a page, in the place of the one that is there."""
    text = page.read_text(encoding="utf-8")
    pattern = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)
    if not pattern.search(text):
        raise SystemExit(f"{page} has no place for the table: {BEGIN} ... {END}")
    page.write_text(pattern.sub(lambda _: f"{BEGIN}\n{table}\n{END}", text), encoding="utf-8")


def main() -> None:
    """Print the table, and write it into a page if one is named."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.goals", description="The goals, and a run's figures.")
    parser.add_argument("folder", type=Path, help="where the benchmarks have written their figures")
    parser.add_argument("--page", type=Path, metavar="FILE", help="write the table into this page, too")
    options = parser.parse_args()
    if not options.folder.is_dir():
        parser.error(f"there is no folder {options.folder}")
    table = goals_as_markdown(Results(options.folder))
    print(table)
    if options.page is not None:
        write_into(options.page, table)


if __name__ == "__main__":
    main()
