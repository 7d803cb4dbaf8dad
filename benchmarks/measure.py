"""How things are measured: in repetitions that take turns, by CPU time and by rate.

The machine's speed drifts by more than what is looked for, so a repetition measures everything that is
compared once, in another order each time, and ratios are taken inside of repetitions.
"""

from __future__ import annotations

import gc
import statistics
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ("Case", "Measured", "Settings", "Spread", "Subject", "measure", "ratios", "spread")


@dataclass(frozen=True, slots=True)
class Subject:
    """Somebody who does the work of a case.

    Attributes:
        name: who.
        batch: does a piece of the work; returns how many operations that were.
        cpu_clock: the CPU seconds that it has used so far.
    """

    name: str
    batch: Callable[[], int]
    cpu_clock: Callable[[], float] = time.process_time


@dataclass(frozen=True, slots=True)
class Case:
    """The same work, done by several.

    Attributes:
        title: what is done.
        unit: what one operation is.
        subjects: who does it; the first one is compared with the others.
        wire: which of them is the limit; ``None`` where there is no wire.
    """

    title: str
    unit: str
    subjects: Sequence[Subject]
    wire: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """How long to measure.

    Attributes:
        repetitions: of everything.
        seconds: how long one measurement takes at least.
        codec_seconds: the same where nothing but this process takes part.
        soak_seconds: how long notifications pour in.
    """

    repetitions: int
    seconds: float
    codec_seconds: float
    soak_seconds: float


@dataclass(slots=True)
class Measured:
    """What was measured of one subject: one number for each repetition.

    Attributes:
        name: who.
        cpu: microseconds of the client's CPU per operation.
        rate: operations per second.
    """

    name: str
    cpu: list[float] = field(default_factory=list)
    rate: list[float] = field(default_factory=list)


class Spread(NamedTuple):
    """Several measurements of one thing."""

    median: float
    minimum: float
    maximum: float


def spread(values: Sequence[float]) -> Spread:
    return Spread(statistics.median(values), min(values), max(values))


def ratios(values: Sequence[float], others: Sequence[float]) -> Spread:
    """Return how values compare with others of the same repetitions."""
    return spread([value / other for value, other in zip(values, others, strict=True)])


def measure(case: Case, repetitions: int, seconds: float) -> list[Measured]:
    """Measure everybody, in the order of the case's subjects."""
    results = [Measured(subject.name) for subject in case.subjects]
    turn = list(zip(case.subjects, results, strict=True))
    for subject, _ in turn:
        subject.batch()  # connections, caches
    for _ in range(repetitions):
        for subject, result in turn:
            _measure_once(subject, result, seconds)
        turn.append(turn.pop(0))
    return results


def _measure_once(subject: Subject, result: Measured, seconds: float) -> None:
    gc.collect()
    batch = subject.batch
    operations = 0
    cpu = subject.cpu_clock()
    began = now = time.perf_counter()
    while now - began < seconds:
        operations += batch()
        now = time.perf_counter()
    result.cpu.append((subject.cpu_clock() - cpu) / operations * 1e6)
    result.rate.append(operations / (now - began))
