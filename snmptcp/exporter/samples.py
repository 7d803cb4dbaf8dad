"""Variables of an agent as samples, by the metrics of a module.

Contains: which metric a variable belongs to, and one function for each type.  Does not contain: labels of rows
(:mod:`snmptcp.exporter.labels`), the text of samples (:mod:`snmptcp.exporter.families`).
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.exporter.dates import date_and_time, ntp_timestamp, parsed_time
from snmptcp.exporter.families import one_label
from snmptcp.exporter.labels import combined_type, row_labels, whole_number
from snmptcp.exporter.patterns import number_of
from snmptcp.exporter.text import COMBINED, value_text
from snmptcp.values import Counter64, Opaque

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from snmptcp.exporter.config import Arcs, Labels, Metric
    from snmptcp.exporter.families import Families
    from snmptcp.exporter.labels import Variables
    from snmptcp.values import Value

__all__ = ("Conversion", "MetricTree")

logger = logging.getLogger("snmptcp.exporter")

#: How many variables are converted in one go.
STEP = 500

#: A double has 53 bits for a whole number: larger counters would be rounded.
_WRAP = 2**53


class _Sample(NamedTuple):
    """A sample of a metric, without the labels of its row.

    Attributes:
        number: the value.
        kind: the metric's type.
        label: the label beside those of the row; ``None`` for none.
        dispensable: whether the sample makes sense without it, if the row has a label of its name.
        suffix: what follows the metric's name.
        note: what follows its help.
    """

    number: float
    kind: str = "gauge"
    label: tuple[str, str] | None = None
    dispensable: bool = False
    suffix: str = ""
    note: str = ""


class MetricTree:
    """The metrics of a module, found by the names of variables.

    Args:
        metrics: the metrics; of two with one OID, the last counts, and one above another hides it.
    """

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._by_oid: dict[Arcs, Metric] = {metric.oid: metric for metric in metrics}
        self._lengths = sorted({len(oid) for oid in self._by_oid})
        self._last: tuple[Arcs, Metric] | None = None

    def find(self, name: Arcs) -> Metric | None:
        """Return the metric of a variable; ``None`` if there is none."""
        last = self._last
        if last is not None and name[: len(last[0])] == last[0]:
            return last[1]  # variables come column by column
        for length in self._lengths:
            metric = self._by_oid.get(name[:length])
            if metric is not None:
                self._last = (metric.oid, metric)
                return metric
        return None


class Conversion:
    """Makes samples of what one agent has answered to one module.

    Args:
        variables: the answers, by the arcs of their names.
        wrap: whether 64-bit counters wrap at 2**53, so that no double rounds them.
        on_unexpected: called for each value that is not of the kind that its metric's type needs.
    """

    def __init__(self, variables: Variables, *, wrap: bool = True, on_unexpected: Callable[[], None]) -> None:
        self._variables = variables
        self._wrap = wrap
        self._on_unexpected = on_unexpected
        self._rows: dict[tuple[int, Arcs], tuple[Mapping[str, str], Sequence[str], str]] = {}

    def add_to(self, families: Families, tree: MetricTree) -> Iterator[None]:
        """Add the samples of all variables that a metric describes; yield after each :data:`STEP` of them.

        Thousands of variables take as many tens of milliseconds: other tasks can run in between.
        """
        for count, (name, value) in enumerate(self._variables.items(), 1):
            metric = tree.find(name)
            if metric is not None:
                self._add(families, metric, name[len(metric.oid) :], value)
            if count % STEP == 0:
                yield

    def _add(self, families: Families, metric: Metric, index: Arcs, value: Value) -> None:
        names, row, joined = self._row(metric.labels, index)
        for sample in _CONVERTERS.get(metric.type, _as_text)(self, metric, index, value):
            labels = joined
            if sample.label is not None and sample.label[0] not in names:
                labels = ",".join(sorted((*row, one_label(*sample.label))))
            elif sample.label is not None and not sample.dispensable:
                continue
            name, text = f"{metric.name}{sample.suffix}", f"{metric.help}{sample.note}"
            families.add(name, text, sample.kind, labels, sample.number)

    def _row(self, labels: Labels, index: Arcs) -> tuple[Mapping[str, str], Sequence[str], str]:
        """Return the labels of a row, their texts, and these together; made once for all columns of a table."""
        key = (id(labels), index)
        found = self._rows.get(key)
        if found is None:
            texts = row_labels(index, labels, self._variables)
            row = sorted(one_label(*label) for label in texts.items())
            found = self._rows[key] = (texts, row, ",".join(row))
        return found

    # ---------------------------------------------------------------------------------- one value each

    def number(self, value: Value) -> float | None:
        """Return the number that a value is; ``None``, which is counted, if it is none."""
        if isinstance(value, Counter64):
            return int(value) % _WRAP if self._wrap else int(value)
        if isinstance(value, int):
            return int(value)
        number = value.number if isinstance(value, Opaque) else None
        if number is None:
            self._on_unexpected()
        return number

    def whole(self, value: Value) -> int | None:
        """Return the whole number that a value is; ``None``, which is counted, if it is none."""
        number = whole_number(value)
        if number is None:
            self._on_unexpected()
        return number

    def octets(self, value: Value) -> bytes | None:
        """Return the octets that a value is; ``None``, which is counted, if it has none."""
        if isinstance(value, bytes):
            return value
        self._on_unexpected()
        return None

    def text(self, metric: Metric, index: Arcs, value: Value) -> str:
        """Return a value as the text of its metric's type."""
        kind = metric.type
        if kind in COMBINED:
            kind = combined_type(kind, metric.oid, index, self._variables) or "OctetString"
        return value_text(value, kind, metric.display_hint)


def _scaled(metric: Metric, number: float) -> float:
    return number * (metric.scale or 1) + metric.offset


def _as_number(conversion: Conversion, metric: Metric, _: Arcs, value: Value) -> Iterator[_Sample]:
    number = conversion.number(value)
    if number is not None:
        yield _Sample(_scaled(metric, number), "counter" if metric.type == "counter" else "gauge")


def _as_time(conversion: Conversion, metric: Metric, index: Arcs, value: Value) -> Iterator[_Sample]:
    if metric.type == "ParseDateAndTime":
        seconds = parsed_time(value_text(value, "DisplayString"), metric.datetime_pattern)
    else:
        octets = conversion.octets(value)
        if octets is None:
            return
        seconds = (date_and_time if metric.type == "DateAndTime" else ntp_timestamp)(octets)
    if seconds is None:
        logger.debug("%s: row %s is no %s: %r", metric.name, index, metric.type, value)
        return
    yield _Sample(_scaled(metric, seconds))


def _as_info(conversion: Conversion, metric: Metric, _: Arcs, value: Value) -> Iterator[_Sample]:
    number = conversion.whole(value)
    if number is not None:
        state = metric.enum_values.get(number, str(number))
        yield _Sample(1, label=(metric.name, state), suffix="_info", note=" (EnumAsInfo)")


def _as_state_set(conversion: Conversion, metric: Metric, _: Arcs, value: Value) -> Iterator[_Sample]:
    number = conversion.whole(value)
    if number is None:
        return
    note = " (EnumAsStateSet)"
    yield _Sample(1, label=(metric.name, metric.enum_values.get(number, str(number))), note=note)
    for other, state in metric.enum_values.items():
        if other != number:
            yield _Sample(0, label=(metric.name, state), note=note)


def _as_bits(conversion: Conversion, metric: Metric, _: Arcs, value: Value) -> Iterator[_Sample]:
    octets = conversion.octets(value)
    if octets is None:
        return
    for bit, name in metric.enum_values.items():
        is_set = 0 <= bit < len(octets) * 8 and octets[bit // 8] & (0x80 >> bit % 8)
        yield _Sample(1 if is_set else 0, label=(metric.name, name), note=" (Bits)")


def _as_text(conversion: Conversion, metric: Metric, index: Arcs, value: Value) -> Iterator[_Sample]:
    text = conversion.text(metric, index, value)
    if not metric.regex_extracts:
        yield _Sample(_scaled(metric, 1), label=(metric.name, text), dispensable=True)
        return
    for suffix, extracts in metric.regex_extracts:
        for extract in extracts:
            found = extract.regex.expand(text, extract.value)
            number = None if found is None else number_of(found)
            if number is not None:
                yield _Sample(_scaled(metric, number), suffix=suffix, note=" (regex extracted)")
                break


#: How the values of each type become samples; all other types are text.
_CONVERTERS: Mapping[str, Callable[[Conversion, Metric, Arcs, Value], Iterator[_Sample]]] = {
    **dict.fromkeys(("gauge", "counter", "Float", "Double"), _as_number),
    **dict.fromkeys(("DateAndTime", "ParseDateAndTime", "NTPTimeStamp"), _as_time),
    "EnumAsInfo": _as_info,
    "EnumAsStateSet": _as_state_set,
    "Bits": _as_bits,
}
