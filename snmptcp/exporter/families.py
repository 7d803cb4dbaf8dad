"""The metrics of one page in Prometheus' text format: grouped by name and sorted.

Contains: metrics, their samples, and histograms.  Does not contain: how lines are written (:mod:`snmptcp.exposition`),
where samples come from.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.errors import LimitExceeded
from snmptcp.exposition import head_text, label_text, number_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ("Families", "one_label")

#: How long the text of one scrape may become, in characters.
DEFAULT_MAX_SIZE = 128 * 1024 * 1024

#: About how long a number is, with what is around it.
_NUMBER_SIZE = 15

#: Up to here a double that is a whole number is written with all its digits.
_EXACT = 2.0**63


def one_label(name: str, value: str) -> str:
    """Return one label as it stands in braces."""
    return label_text({name: value})


def _number(number: float) -> str:
    """Return a number; one that is whole without a point."""
    if -_EXACT < number < _EXACT and int(number) == number:
        return number_text(int(number))
    return number_text(number)


class _Family:
    """One metric: its help, its type, and its samples by their labels."""

    __slots__ = ("help", "kind", "samples")

    def __init__(self, text: str, kind: str) -> None:
        self.help = text
        self.kind = kind
        self.samples: dict[str, float] = {}


class Families:
    """Metrics by name.

    Args:
        max_size: how long the text may become, in characters.

    Attributes:
        dropped: how many samples were dropped because another one has the same name and labels, as Prometheus would do
            with all samples of the scrape.
    """

    def __init__(self, max_size: int = DEFAULT_MAX_SIZE) -> None:
        self._max_size = max_size
        self._size = 0
        self._families: dict[str, _Family] = {}
        self._own: list[tuple[str, str]] = []  # complete texts of metrics with several kinds of samples, by name
        self.dropped = 0

    def __len__(self) -> int:
        return sum(len(family.samples) for family in self._families.values())

    def add(self, name: str, text: str, kind: str, labels: str, number: float) -> None:
        """Add a sample.

        The first sample of a metric decides on its help and its type.

        Args:
            name: the metric.
            text: its help.
            kind: its type: ``gauge``, ``counter``.
            labels: the labels in order, each as :func:`one_label` makes it, with commas between them.
            number: the value.

        Raises:
            LimitExceeded: the text becomes too long.  An agent's long names are labels of all metrics of its tables,
                and a state set has a sample for each state: so a few variables can become much text.
        """
        family = self._families.get(name)
        if family is None:
            family = self._families[name] = _Family(text, kind)
        if labels in family.samples:
            self.dropped += 1
            return
        self._size += len(name) + len(labels) + _NUMBER_SIZE
        if self._size > self._max_size:
            raise LimitExceeded(f"the metrics have more than {self._max_size:,} characters of text", self._max_size)
        family.samples[labels] = number

    def merge(self, other: Families) -> None:
        """Add the samples of others.

        Raises:
            LimitExceeded: the text becomes too long.
        """
        for name, family in other._families.items():
            for labels, number in family.samples.items():
                self.add(name, family.help, family.kind, labels, number)
        self.dropped += other.dropped

    def add_histogram(
        self, name: str, text: str, series: Iterable[tuple[Sequence[str], Mapping[float, int], float]]
    ) -> None:
        """Add a histogram.

        Args:
            name: the metric.
            text: its help.
            series: for each combination of labels: the labels; how many observations there were up to each bound, the
                last of which is infinite; and the sum of the observations.
        """
        lines = [head_text(name, "histogram", text).rstrip("\n")]
        for labels, buckets, total in series:
            count = 0
            for bound, count in buckets.items():
                lines.append(f"{name}_bucket{_braces((*labels, one_label('le', _number(bound))))} {count}")
            lines.append(f"{name}_sum{_braces(labels)} {_number(total)}")
            lines.append(f"{name}_count{_braces(labels)} {count}")
        self._own.append((name, "\n".join(lines)))

    def render(self) -> str:
        """Return all metrics, in the order of their names; the samples of each in the order of their labels."""
        texts = [(name, _rendered(name, family)) for name, family in self._families.items()]
        parts = [text for _, text in sorted([*texts, *self._own])]
        return "\n".join((*parts, "")) if parts else ""


def _braces(labels: Sequence[str]) -> str:
    return f"{{{','.join(labels)}}}" if labels else ""


def _rendered(name: str, family: _Family) -> str:
    lines = [head_text(name, family.kind, family.help).rstrip("\n")]
    for key, number in sorted(family.samples.items()):
        lines.append(f"{name}{{{key}}} {_number(number)}" if key else f"{name} {_number(number)}")
    return "\n".join(lines)
