"""Polls as points of OpenTelemetry's metrics.

Contains: names and attributes of points; counters that only grow, with the time since when they count.  Does not
contain: messages (:mod:`snmptcp.fleet.sinks.otlp_sender`), and anything of OpenTelemetry's packages.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.fleet.sinks.columns import encodable, encodable_labels, value_columns
from snmptcp.values import Counter32, Counter64, TimeTicks

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from snmptcp.fleet.sample import Poll, Sample

__all__ = ("Metric", "Point", "PointMaker")

#: The attributes of points that are no labels; a label of such a name gets ``exported_`` before it.
_OWN = frozenset(("target", "index", "oid", "snmp.job"))

#: The greatest integer of a point; greater counters are floating-point numbers.
_GREATEST = 2**63 - 1

_WRAPS_AT = 2**32

#: How many characters of a text become an attribute.
LONGEST_TEXT = 1024

#: After how many seconds without a poll the counters of a job are forgotten: its target was removed.
FORGET_AFTER = 2 * 86400.0


class Metric(NamedTuple):
    """What points have in common.

    Attributes:
        name: the name of the object, or ``snmp.counter``, ``snmp.gauge`` or ``snmp.text`` without names.
        unit: by UCUM; ``""`` if it is not known.
        is_counter: whether its points only grow.
    """

    name: str
    unit: str
    is_counter: bool


class Point(NamedTuple):
    """One value of a metric.

    Attributes:
        metric: what it has in common with others.
        attributes: the target, its labels, and what tells its values apart.
        value: the number.
        at: when it was read, in nanoseconds since 1970.
        since: since when a counter counts, likewise; 0 for what is none.  If that is not known, it is the time of the
            first point, whose value receivers then take as the base.
    """

    metric: Metric
    attributes: dict[str, str]
    value: float
    at: int
    since: int


class _Series(NamedTuple):
    """A counter of one variable: since when it counts, its last value, and how much its wraps add."""

    since: int
    last: int
    offset: int


class _Job:
    """The counters of one job of one target.  It never changes, so that a batch that fails can be made again."""

    __slots__ = ("polled_at", "series", "up_since")

    def __init__(self, polled_at: float, up_since: float | None, series: Mapping[bytes, _Series]) -> None:
        self.polled_at = polled_at
        self.up_since = up_since
        self.series = series


_NOTHING = _Job(0.0, None, {})


class PointMaker:
    """Makes points of polls, and remembers counters from one poll to the next.

    Args:
        units: the units of objects, by name; it may grow.
        texts: whether values that are no numbers have points.
    """

    def __init__(self, units: Mapping[str, str], *, texts: bool) -> None:
        self._units = units
        self._texts = texts
        self._jobs: dict[tuple[str, str], _Job] = {}
        self._made: dict[tuple[str, str], _Job] = {}  # with the polls of the last batch

    def points(self, polls: Sequence[Poll]) -> list[Point]:
        """Return the points of a batch; the same ones again until :meth:`keep` was called."""
        self._made = {}
        return [point for poll in polls for point in self._of_poll(poll)]

    def keep(self) -> None:
        """Remember the counters of the last batch, since it was written."""
        newest = max((job.polled_at for job in self._made.values()), default=0.0)
        self._jobs.update(self._made)
        self._made = {}
        for key in [key for key, job in self._jobs.items() if newest - job.polled_at > FORGET_AFTER]:
            del self._jobs[key]

    def _of_poll(self, poll: Poll) -> Iterator[Point]:
        key = poll.target.name, poll.job
        before = self._made.get(key) or self._jobs.get(key, _NOTHING)
        up_since = before.up_since
        if up_since is None or poll.restarted:
            up_since = poll.up_since
        now = _Job(poll.ended_at, up_since, {})
        series: dict[bytes, _Series] = {}
        known: Mapping[bytes, _Series] = {} if poll.restarted else before.series
        common = {"target": encodable(poll.target.name), **_labels(poll)}
        yield from _of_outcome(poll, common)
        for sample in poll.samples:
            value = sample.value
            if isinstance(value, Counter32 | Counter64):
                counter = _counted(sample, known.get(sample.oid.key), now)
                series[sample.oid.key] = counter
                number: float = counter.last + counter.offset
                metric = self._metric(sample, "snmp.counter", is_counter=True)
                attributes = common | _place(sample)
                number = number if number <= _GREATEST else float(number)
                yield Point(metric, attributes, number, _nanoseconds(sample.answered_at), counter.since)
            else:
                yield from self._of_state(sample, common)
        now.series = series if poll.error is None else {**known, **series}
        self._made[key] = now

    def _of_state(self, sample: Sample, common: Mapping[str, str]) -> Iterator[Point]:
        """Return the point of a value that is no counter, if it has one."""
        _, number, text, _ = value_columns(sample.value)
        at = _nanoseconds(sample.answered_at)
        attributes = {**common, **_place(sample)}
        if number is not None:
            if math.isfinite(number):
                yield Point(self._metric(sample, "snmp.gauge"), attributes, number, at, 0)
        elif self._texts and text is not None:
            name = sample.name if _is_named(sample) else "text"
            attributes[_free(f"{name}_text", attributes) if name in attributes else name] = text[:LONGEST_TEXT]
            yield Point(self._metric(sample, "snmp.text"), attributes, 1, at, 0)

    def _metric(self, sample: Sample, unnamed: str, *, is_counter: bool = False) -> Metric:
        unit = "cs" if isinstance(sample.value, TimeTicks) else self._units.get(sample.name, "")
        if not _is_named(sample):
            return Metric(unnamed, "", is_counter)
        return Metric(encodable(sample.name), unit, is_counter)


def _of_outcome(poll: Poll, common: Mapping[str, str]) -> Iterator[Point]:
    """Return what is told of the poll itself."""
    attributes = {**common, "snmp.job": encodable(poll.job)}
    at = _nanoseconds(poll.ended_at)
    yield Point(Metric("snmp.up", "", is_counter=False), attributes, int(poll.error is None), at, 0)
    duration = round(poll.ended_at - poll.started_at, 6)
    yield Point(Metric("snmp.poll.duration", "s", is_counter=False), attributes, duration, at, 0)


def _counted(sample: Sample, before: _Series | None, job: _Job) -> _Series:
    """Return a counter at a sample.

    A Counter32 that has fallen has wrapped if the fleet says so: it knows a rate then.  Otherwise it counts anew.
    """
    count, at = int(sample.value), _nanoseconds(sample.answered_at)  # type: ignore[arg-type]  # a counter is an int
    if before is not None and count >= before.last:
        return before._replace(last=count)
    if before is not None and isinstance(sample.value, Counter32) and sample.rate is not None:
        return before._replace(last=count, offset=before.offset + _WRAPS_AT)
    if before is None and job.up_since is not None:
        return _Series(min(_nanoseconds(job.up_since), at), count, 0)
    return _Series(at, count, 0)


def _labels(poll: Poll) -> dict[str, str]:
    labels = encodable_labels(poll.target.labels)
    for name in _OWN.intersection(labels):
        labels[_free(f"exported_{name}", labels)] = labels.pop(name)
    return labels


def _free(name: str, taken: Mapping[str, str]) -> str:
    """Return a name that is not taken."""
    while name in taken:
        name = f"{name}_"
    return name


def _is_named(sample: Sample) -> bool:
    return sample.name[:1].isalpha()


def _place(sample: Sample) -> dict[str, str]:
    """Return what tells a value apart from others of its metric and target."""
    if not _is_named(sample):
        return {"oid": str(sample.oid)}
    return {"index": encodable(sample.index)} if sample.index else {}


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1e9)
