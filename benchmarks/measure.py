"""The measurements: subjects take turns in repetitions, by CPU time and by rate.

The machine's speed drifts by more than the differences of interest.  So each repetition measures all subjects once,
each time in another order, and ratios are computed within repetitions.
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
    """One implementation of a case's work.

    Attributes:
        name: its name.
        batch: does some of the work; returns the number of operations.
        cpu_clock: returns the CPU seconds that it has used.
    """

    name: str
    batch: Callable[[], int]
    cpu_clock: Callable[[], float] = time.process_time


@dataclass(frozen=True, slots=True)
class Case:
    """The same work, done by several subjects.

    Attributes:
        title: the work.
        unit: one operation.
        subjects: the subjects; the first is compared with the others.
        wire: the name of the subject that is the limit; ``None`` for none.
    """

    title: str
    unit: str
    subjects: Sequence[Subject]
    wire: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """How long to measure.

    Attributes:
        repetitions: the number of repetitions.
        seconds: the least time of one measurement.
        codec_seconds: the same for the codec's cases.
        soak_seconds: the time of a notification soak.
    """

    repetitions: int
    seconds: float
    codec_seconds: float
    soak_seconds: float


@dataclass(slots=True)
class Measured:
    """The measurements of one subject: one number for each repetition.

    Attributes:
        name: its name.
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
    """Return the ratios of values to others of the same repetitions."""
    return spread([value / other for value, other in zip(values, others, strict=True)])


def measure(case: Case, repetitions: int, seconds: float) -> list[Measured]:
    """Measure all subjects; return the results in their order."""
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
