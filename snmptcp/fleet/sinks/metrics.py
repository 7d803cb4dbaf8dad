"""The latest polls as metrics in Prometheus' text format.

Contains: which metrics and labels samples become, and which of them are kept.  Does not contain: how lines are written
(:mod:`snmptcp.exposition`), files and clocks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from snmptcp.exposition import distinct_labels, head_text, label_name, label_text, metric_name, number_text
from snmptcp.fleet.sinks.columns import encodable, encodable_labels, value_columns
from snmptcp.values import Counter32, Counter64

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from snmptcp.fleet.sample import Poll, Sample
    from snmptcp.fleet.target import Target

__all__ = ("LatestMetrics",)

#: The labels that lines have for their own; labels of targets give way.
_OWN_LABELS = ("target", "index", "oid", "snmp_job")

#: The metrics of polls, with their descriptions.
_UP = "snmp_up"
_DURATION = "snmp_poll_duration_seconds"
_POLLED_AT = "snmp_poll_timestamp_seconds"
_DESCRIPTIONS = {
    _UP: "Whether the last poll of a job succeeded.",
    _DURATION: "How long the last poll of a job took.",
    _POLLED_AT: "When the last poll of a job ended, in seconds since 1970.",
}

#: For how many times the time between its last two polls a job may be silent.  After failures that time doubles, and
#: chance makes it longer.
_PATIENCE = 4.0

#: How long a job that has run once may be silent, in seconds: it is not known how often it runs.
_FIRST_PATIENCE = 86400.0


class _Line(NamedTuple):
    """A line in the making."""

    metric: str
    kind: str
    labels: str
    number: str


class _Job:
    """The last poll of one job of a target, as lines."""

    __slots__ = ("due_at", "lines", "patience", "polled_at")

    def __init__(self, poll: Poll, lines: list[_Line], before: _Job | None) -> None:
        self.lines = lines
        self.polled_at = poll.ended_at
        self.due_at = poll.due_at
        told = [job.interval for job in poll.target.jobs if job.name == poll.job]
        seen = [] if before is None else [poll.due_at - before.due_at]
        self.patience = _PATIENCE * max(told + seen) if told or seen else _FIRST_PATIENCE

    def is_stale(self, now: float, after: float) -> bool:
        """Whether its last poll is too long ago."""
        return now - self.polled_at > max(after, self.patience)


class _Target:
    """What is known of one target."""

    __slots__ = ("_texts", "jobs", "labels", "target")

    def __init__(self, target: Target) -> None:
        self.target = target
        self.labels = distinct_labels(_OWN_LABELS, encodable_labels(target.labels))
        self.jobs: dict[str, _Job] = {}
        self._texts: dict[str, tuple[str, str]] | None = None

    def take(self, poll: Poll, *, texts: bool) -> None:
        """Replace the lines of a job."""
        lines = [*_poll_lines(poll, self.labels), *_sample_lines(poll, self.labels, texts=texts)]
        self.jobs[poll.job] = _Job(poll, lines, self.jobs.get(poll.job))
        self._texts = None

    def drop_stale(self, now: float, after: float) -> bool:
        """Forget jobs that are silent; return whether there were any."""
        stale = [name for name, job in self.jobs.items() if job.is_stale(now, after)]
        for name in stale:
            del self.jobs[name]
        if stale:
            self._texts = None
        return bool(stale)

    def texts(self) -> dict[str, tuple[str, str]]:
        """Return the kind and the lines of each metric; of a variable that two jobs have read, the last value."""
        if self._texts is None:
            metrics: dict[str, tuple[str, dict[str, str]]] = {}
            for job in sorted(self.jobs.values(), key=lambda job: job.polled_at):
                for metric, kind, labels, number in job.lines:
                    known = metrics.setdefault(metric, (kind, {}))
                    if known[0] != kind:
                        metrics[metric] = ("untyped", known[1])
                    known[1][labels] = number
            self._texts = {
                metric: (kind, "".join([f"{metric}{{{labels}}} {number}\n" for labels, number in lines.items()]))
                for metric, (kind, lines) in metrics.items()
            }
        return self._texts


class LatestMetrics:
    """The latest polls of all targets, as text.

    Args:
        stale_after: after how many seconds without a poll the values of a job disappear; later if it runs seldom.
        texts: whether values that are no numbers have metrics.
    """

    def __init__(self, stale_after: float, *, texts: bool) -> None:
        self._stale_after = stale_after
        self._with_texts = texts
        self._targets: dict[str, _Target] = {}

    def take(self, poll: Poll) -> None:
        """Replace what is known of a job by what its last poll has read, also if it has failed."""
        known = self._targets.get(poll.target.name)
        if known is None or known.target.labels != poll.target.labels:
            self._targets[poll.target.name] = known = _Target(poll.target)
        known.take(poll, texts=self._with_texts)

    def drop_stale(self, now: float) -> bool:
        """Forget what is stale at a time; return whether there was something."""
        dropped = [known.drop_stale(now, self._stale_after) for known in self._targets.values()]
        if any(dropped):
            self._targets = {name: known for name, known in self._targets.items() if known.jobs}
            return True
        return False

    def text(self) -> str:
        """Return all metrics, sorted by their names."""
        metrics: dict[str, tuple[set[str], list[str]]] = {}
        for known in self._targets.values():
            for metric, (kind, lines) in known.texts().items():
                kinds, texts = metrics.setdefault(metric, (set(), []))
                kinds.add(kind)
                texts.append(lines)
        parts = []
        for metric, (kinds, texts) in sorted(metrics.items()):
            kind = kinds.pop() if len(kinds) == 1 else "untyped"
            parts += [head_text(metric, kind, _DESCRIPTIONS.get(metric, "")), *texts]
        return "".join(parts)


def _poll_lines(poll: Poll, labels: Mapping[str, str]) -> Iterator[_Line]:
    text = label_text({"target": encodable(poll.target.name), "snmp_job": encodable(poll.job), **labels})
    yield _Line(_UP, "gauge", text, "0" if poll.error is not None else "1")
    yield _Line(_DURATION, "gauge", text, number_text(round(poll.ended_at - poll.started_at, 6)))
    yield _Line(_POLLED_AT, "gauge", text, number_text(round(poll.ended_at, 3)))


def _sample_lines(poll: Poll, labels: Mapping[str, str], *, texts: bool) -> Iterator[_Line]:
    target = label_text({"target": encodable(poll.target.name)})
    others = f",{label_text(labels)}" if labels else ""
    for sample in poll.samples:
        _, number, text, _ = value_columns(sample.value)
        named = sample.name[:1].isalpha()
        own = _own_label(sample, named=named)
        if number is not None:
            kind = "counter" if isinstance(sample.value, Counter32 | Counter64) else "gauge"
            metric = metric_name(sample.name) if named else f"snmp_{kind}"
            yield _Line(metric, kind, f"{target}{own}{others}", number_text(number))
        elif texts and text is not None:
            metric = metric_name(sample.name) if named else "snmp_text"
            shown = _with_text(labels, label_name(sample.name) if named else "text", text)
            yield _Line(metric, "gauge", f"{target}{own},{shown}", "1")


def _own_label(sample: Sample, *, named: bool) -> str:
    if not named:
        return f',oid="{sample.oid}"'
    return f",{label_text({'index': encodable(sample.index)})}" if sample.index else ""


def _with_text(labels: Mapping[str, str], name: str, text: str) -> str:
    """Return the labels of a target, and a text under a name of its own."""
    if name in labels or name in _OWN_LABELS:
        name = f"{name}_text"
        labels = distinct_labels((*_OWN_LABELS, name), labels)
    return label_text({**labels, name: text})
