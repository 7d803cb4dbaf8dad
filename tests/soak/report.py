"""The report of a soak: a line for each minute, and a table of its figures beside their marks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.soak.gauges import slope_per_hour

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.soak.accounting import Accounts
    from tests.soak.gauges import Sample
    from tests.soak.plan import Plan

__all__ = ("Mark", "Result", "growths", "line_of", "result_as_text")

#: By how many octets memory may grow in an hour; and by how many the open files and the tasks, which go up and down.
MEMORY_GROWTH = 1_000_000
COUNT_GROWTH = 10

MB = 1_000_000


@dataclass(frozen=True, slots=True)
class Mark:
    """A figure, and what it must be.

    Attributes:
        what: what is counted or measured.
        value: what came out.
        most: what it must not be above.
        unit: the unit; empty for a count.
    """

    what: str
    value: float
    most: float = 0
    unit: str = ""

    @property
    def met(self) -> bool:
        """Whether it is within the mark."""
        return self.value <= self.most


@dataclass(frozen=True, slots=True)
class Result:
    """What a soak has come to.

    Attributes:
        plan: what was asked for.
        requests: how many were sent.
        marks: the figures that have a mark.
        facts: the other figures, by what they are.
        samples: what the process used over time.
        texts: what went wrong, the first few of each kind.
    """

    plan: Plan
    requests: int
    marks: tuple[Mark, ...]
    facts: dict[str, str]
    samples: tuple[Sample, ...] = field(repr=False)
    texts: dict[str, list[str]] = field(repr=False)

    @property
    def met(self) -> bool:
        """Whether all marks are met."""
        return all(mark.met for mark in self.marks)


def growths(samples: Sequence[Sample], after: float) -> tuple[float, float, float]:
    """Return by how much memory, in octets, open files and tasks grow in an hour.

    Args:
        samples: what was measured.
        after: the seconds at the beginning that do not count.
    """
    counted = [sample for sample in samples if sample.at >= after]
    return (
        slope_per_hour([(sample.at, sample.memory) for sample in counted]),
        slope_per_hour([(sample.at, sample.files) for sample in counted]),
        slope_per_hour([(sample.at, sample.tasks) for sample in counted]),
    )


def line_of(sample: Sample, accounts: Accounts, requests: int, rate: float, received: int, again: int) -> str:
    """Return the line of one minute.

    Args:
        sample: what the process uses.
        accounts: what the operations have come to.
        requests: how many were sent so far.
        rate: requests a second since the last line.
        received: how many notifications have arrived.
        again: how many of them again.
    """
    errors = ", ".join(f"{count} {name}" for name, count in accounts.errors.most_common()) or "none"
    bad = accounts.wrong + accounts.undocumented + accounts.unexplained + accounts.late
    in_use = "" if sample.in_use is None else f" ({sample.in_use / MB:.2f} allocated)"
    return (
        f"{sample.at / 60:6.1f} min  {requests:9,} requests ({rate:4.0f}/s)  {sample.memory / MB:6.1f} MB{in_use}"
        f"  {sample.objects:,} objects  {sample.blocks:,} blocks  {sample.files} files  {sample.tasks} tasks"
        f"  {received:6,} notifications, {again} again  {bad} bad  errors: {errors}"
    )


def result_as_text(result: Result) -> str:
    """Return the whole result as lines of text."""
    width = max(len(mark.what) for mark in result.marks)
    lines = [f"{what}: {figure}" for what, figure in result.facts.items()]
    lines.append("")
    for mark in result.marks:
        state = "met" if mark.met else "MISSED"
        value = f"{mark.value:,}" if isinstance(mark.value, int) else f"{mark.value:,.2f}"
        lines.append(f"{mark.what:{width}}  {value + ' ' + mark.unit:>12}  (at most {mark.most:g})  {state}")
    for kind, texts in result.texts.items():
        lines += ["", f"{kind}:", *(f"  {text}" for text in texts)]
    return "\n".join(lines)
