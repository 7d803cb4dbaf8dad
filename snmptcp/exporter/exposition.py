"""Prometheus' text format, version 0.0.4: metrics with their samples, grouped and sorted.

Contains: escaping, and numbers as text.  Does not contain: where samples come from.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ("CONTENT_TYPE", "Families", "label_text", "value_of")

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_LABEL_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
_HELP_ESCAPES = str.maketrans({"\\": r"\\", "\n": r"\n"})


def label_text(name: str, value: str) -> str:
    """Return one label as it stands in braces."""
    return f'{name}="{value.translate(_LABEL_ESCAPES)}"'


def value_of(number: float) -> str:
    """Return a number as Prometheus reads it."""
    if math.isnan(number):
        return "NaN"
    if math.isinf(number):
        return "+Inf" if number > 0 else "-Inf"
    whole = int(number)
    return str(whole) if whole == number and abs(whole) < 10**21 else repr(float(number))


class _Family:
    """One metric: its help, its type, and its samples by their labels."""

    __slots__ = ("help", "kind", "samples")

    def __init__(self, text: str, kind: str) -> None:
        self.help = text
        self.kind = kind
        self.samples: dict[str, float] = {}


class Families:
    """Metrics by name.

    Attributes:
        dropped: how many samples were dropped because another one has the same name and labels, as Prometheus would do
            with all samples of the scrape.
    """

    def __init__(self) -> None:
        self._families: dict[str, _Family] = {}
        self._own: list[tuple[str, str]] = []  # complete texts of metrics with several kinds of samples, by name
        self.dropped = 0

    def add(self, name: str, text: str, kind: str, labels: Sequence[str], number: float) -> None:
        """Add a sample.

        The first sample of a metric decides on its help and its type.

        Args:
            name: the metric.
            text: its help.
            kind: its type: ``gauge``, ``counter``.
            labels: the labels, each as :func:`label_text` makes it.
            number: the value.
        """
        family = self._families.get(name)
        if family is None:
            family = self._families[name] = _Family(text, kind)
        key = ",".join(labels if len(labels) < 2 else sorted(labels))
        if key in family.samples:
            self.dropped += 1
        else:
            family.samples[key] = number

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
        lines = _head(name, text, "histogram")
        for labels, buckets, total in series:
            count = 0
            for bound, count in buckets.items():
                lines.append(f"{name}_bucket{_braces((*labels, label_text('le', value_of(bound))))} {count}")
            lines.append(f"{name}_sum{_braces(labels)} {value_of(total)}")
            lines.append(f"{name}_count{_braces(labels)} {count}")
        self._own.append((name, "\n".join(lines)))

    def render(self) -> str:
        """Return all metrics, in the order of their names; the samples of each in the order of their labels."""
        texts = [(name, _rendered(name, family)) for name, family in self._families.items()]
        parts = [text for _, text in sorted([*texts, *self._own])]
        return "\n".join((*parts, "")) if parts else ""


def _head(name: str, text: str, kind: str) -> list[str]:
    # A lone surrogate cannot be sent as UTF-8; texts of files have none, those of programs may.
    return [f"# HELP {name} {text.translate(_HELP_ESCAPES)}", f"# TYPE {name} {kind}"]


def _braces(labels: Sequence[str]) -> str:
    return f"{{{','.join(labels)}}}" if labels else ""


def _rendered(name: str, family: _Family) -> str:
    lines = _head(name, family.help, family.kind)
    for key, number in sorted(family.samples.items()):
        lines.append(f"{name}{{{key}}} {value_of(number)}" if key else f"{name} {value_of(number)}")
    return "\n".join(lines)
