"""A row of the scorecard: a fault, what is required in it, how it is measured, and what was measured.

Contains: rows, scales, figures with their marks, outcomes.

Does not contain: running rows (:mod:`tests.scorecard.running`), tables (:mod:`tests.scorecard.table`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from typing import Self


class Missing(Exception):
    """A program that a row needs is not on this machine; the text says which."""


@dataclass(frozen=True)
class Scale:
    """How much a run measures.

    Attributes:
        factor: 1.0 for the run of ten minutes; 6.0 for an hour.
    """

    factor: float = 1.0

    def count(self, usual: int, *, least: int = 1, most: int | None = None) -> int:
        """Return how many: ``usual`` at a factor of 1, in proportion at others, within the limits."""
        count = max(round(usual * self.factor), least)
        return count if most is None else min(count, most)

    def seconds(self, usual: float, *, least: float = 0.1, most: float | None = None) -> float:
        """Return how long: ``usual`` at a factor of 1, in proportion at others, within the limits."""
        seconds = max(usual * self.factor, least)
        return seconds if most is None else min(seconds, most)


@dataclass(frozen=True)
class Figure:
    """One measured value, and its mark if it has one.

    Attributes:
        name: what was measured, as in ``closed after``.
        value: what came out.
        unit: the unit, as in ``ms``; empty for a count.
        least: the mark: the value must not be below it; None for no such mark.
        most: the mark: the value must not be above it; None for no such mark.
    """

    name: str
    value: float
    unit: str = ""
    least: float | None = None
    most: float | None = None

    @property
    def passed(self) -> bool:
        """Whether the value is within the mark; not-a-number is within none."""
        above = self.least is None or self.value >= self.least
        return above and (self.most is None or self.value <= self.most)

    def __str__(self) -> str:
        return f"{self.name}: {_number(self.value, self.unit)}"

    @property
    def miss(self) -> str:
        """What is wrong with the value, with its mark; empty if nothing is."""
        if self.passed:
            return ""
        marks = [
            *([f"at least {_number(self.least, self.unit)}"] if self.least is not None else []),
            *([f"at most {_number(self.most, self.unit)}"] if self.most is not None else []),
        ]
        return f"{self.name} is {_number(self.value, self.unit)}, and must be {' and '.join(marks)}"


def share(name: str, good: int, of: int) -> Figure:
    """Return the figure of things all of which must be good, in percent."""
    return Figure(name, 100 * good / of if of else float("nan"), "%", least=100)


@dataclass(frozen=True)
class Outcome:
    """What measuring a row gave.

    Attributes:
        figures: the values, in the order of the table.
        missing: what was not measured because a program is not on this machine, one text each.
        failure: what ended the measuring before its end; empty if nothing did.
        notes: what the reader of the table must know, such as which of two ways was taken.
        seconds: how long it took.
    """

    figures: tuple[Figure, ...] = ()
    missing: tuple[str, ...] = ()
    failure: str = ""
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        """Whether all of the row was measured, and each value is within its mark."""
        return not self.why

    @property
    def below(self) -> bool:
        """Whether a value misses its mark, or the measuring failed; something missing alone is not below."""
        return bool(self.failure or any(not figure.passed for figure in self.figures))

    @property
    def why(self) -> str:
        """Why the row has not passed; empty if it has."""
        nothing = ["nothing was measured"] if not (self.figures or self.missing or self.failure) else []
        misses = [figure.miss for figure in self.figures if not figure.passed]
        failure = [self.failure] if self.failure else []
        return "; ".join([*failure, *misses, *(f"not measured: {what}" for what in self.missing), *nothing])

    @property
    def verdict(self) -> str:
        """The result in a word or two, for the table."""
        if self.below:
            return "below its mark"
        if self.missing:
            return "not run" if not self.figures else "passed in part"
        return "passed" if self.figures else "not run"

    def as_json(self) -> dict[str, Any]:
        """Return it as what JSON can hold."""
        return {
            "verdict": self.verdict,
            "figures": [{**vars(figure), "value": _for_json(figure.value)} for figure in self.figures],
            "missing": list(self.missing),
            "failure": self.failure,
            "notes": list(self.notes),
            "seconds": self.seconds,
        }

    @classmethod
    def of_json(cls, facts: Mapping[str, Any]) -> Self:
        """Return what :meth:`as_json` has written."""
        return cls(
            tuple(Figure(**{**figure, "value": _from_json(figure["value"])}) for figure in facts["figures"]),
            tuple(facts["missing"]),
            facts["failure"],
            tuple(facts["notes"]),
            facts["seconds"],
        )


@dataclass(frozen=True)
class Row:
    """One row of the scorecard.

    Attributes:
        number: its name, as in ``R5``.
        fault: what goes wrong.
        mark: what is required then, in words; the figures carry the same marks as numbers.
        measure: measures it, and returns the figures; a function or a coroutine function of the room.  It raises
            :exc:`Missing` if a program without which there is nothing to measure is missing.
        limit: the seconds after which the row is ended, at a factor of 1 and below; in proportion at larger ones.
        environment: environment variables of the process that measures it.
    """

    number: str
    fault: str
    mark: str
    measure: Callable[[Scale], Outcome | Awaitable[Outcome]]
    limit: float = 120.0
    environment: Mapping[str, str] = field(default_factory=dict)


def _for_json(value: float) -> float | str:
    """Return a value as what JSON can hold: ``inf`` and ``nan`` as text."""
    return value if math.isfinite(value) else str(value)


def _from_json(value: float | str) -> float:
    return float(value) if isinstance(value, str) else value


def _number(value: float, unit: str) -> str:
    """Return a value as text: whole numbers with separators, others with three digits that count."""
    if not math.isfinite(value):
        text = str(value)
    elif value == int(value) or abs(value) >= 1000:
        text = f"{round(value):,}"
    else:
        text = f"{value:.3g}"
    return text + (unit if unit == "%" else f" {unit}" if unit else "")
