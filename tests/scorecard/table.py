"""The scorecard as text for a terminal, and as a table for the page.

Contains: lines of text, Markdown, the part of a page between two markers.

Does not contain: the figures' own text (:mod:`tests.scorecard.row`).
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.scorecard.row import Outcome, Row

#: The markers of the page between which the table stands.
BEGIN = "<!-- scorecard: written by `nox -s scorecard -- --output docs/reliability.md` -->"
END = "<!-- end of scorecard -->"

_WIDTH = 120


def text_of(row: Row, outcome: Outcome) -> str:
    """Return a row's lines for a terminal."""
    lines = [f"{row.number:4}{outcome.verdict.upper()} in {outcome.seconds:.1f} s: {row.fault}", f"mark: {row.mark}"]
    lines += ["; ".join(map(str, outcome.figures))] if outcome.figures else []
    lines += [f"note: {note}" for note in outcome.notes]
    lines += [f"why: {outcome.why}"] if outcome.why else []
    wrapped = [
        textwrap.fill(line, _WIDTH, initial_indent="    " if number else "", subsequent_indent="    ")
        for number, line in enumerate(lines)
    ]
    return "\n".join(wrapped)


def summary_of(outcomes: Mapping[str, Outcome]) -> str:
    """Return the last line: how many rows have passed, and which have not."""
    counts = [f"{sum(outcome.passed for outcome in outcomes.values())} of {len(outcomes)} rows passed"]
    for verdict in ("below its mark", "passed in part", "not run"):
        names = [name for name, outcome in outcomes.items() if outcome.verdict == verdict]
        counts += [f"{verdict}: {', '.join(names)}"] if names else []
    return "; ".join(counts)


def markdown_of(rows: Mapping[str, Row], outcomes: Mapping[str, Outcome], facts: Mapping[str, str]) -> str:
    """Return the table of the page, with the facts about the run above it.

    Args:
        rows: the rows by name.
        outcomes: the outcomes by the names of their rows.
        facts: what to say about the run, as in ``{"Machine": "2 cores"}``.
    """
    about = [f"- {name}: {fact}" for name, fact in facts.items()]
    table = ["| row | fault | mark | measured | result |", "|---|---|---|---|---|"]
    for name, outcome in outcomes.items():
        row = rows[name]
        measured = "; ".join([*map(str, outcome.figures), *outcome.notes])
        result = outcome.verdict + (f": {outcome.why}" if outcome.why else "")
        table.append("| " + " | ".join(map(_cell, (name, row.fault, row.mark, measured, result))) + " |")
    return "\n".join([*about, "", summary_of(outcomes) + ".", "", *table])


def page_with(page: str, table: str) -> str:
    """Return a page with another table between its markers.

    Raises:
        ValueError: the page has no markers.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise ValueError(f"the page has no markers for the scorecard: {BEGIN!r} and {END!r}")
    return f"{before}{begin}\n\n{table}\n\n{end}{after}"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
