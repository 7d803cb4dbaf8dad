"""Prometheus' text format: whatever the values, the client library's parser reads them back."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from snmptcp.errors import LimitExceeded
from snmptcp.exporter.families import Families, one_label

NAMES = st.from_regex("[a-z][a-z0-9_]{0,5}", fullmatch=True).filter(
    lambda name: not name.endswith(("_total", "_created", "_bucket", "_sum", "_count", "_info", "_gsum", "_gcount"))
)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


def test_families_and_samples_are_sorted_and_headed() -> None:
    families = Families()
    families.add("b", "B\n\\x", "counter", one_label("i", "2"), 5)
    families.add("a", "A", "gauge", "", 1.5)
    families.add("b", "another", "counter", 'i="1",z="1"', 2**53)
    assert families.render() == (
        "# HELP a A\n# TYPE a gauge\na 1.5\n"
        "# HELP b B\\n\\\\x\n# TYPE b counter\n"
        'b{i="1",z="1"} 9007199254740992\nb{i="2"} 5\n'
    )


def test_no_metrics_are_no_text() -> None:
    assert Families().render() == ""


def test_a_sample_with_the_name_and_labels_of_another_is_dropped_and_counted() -> None:
    families = Families()
    families.add("a", "A", "gauge", 'i="1",j="2"', 1)
    families.add("a", "A", "gauge", 'i="1",j="2"', 2)
    assert families.dropped == 1
    assert families.render().endswith('a{i="1",j="2"} 1\n')


def test_a_text_that_becomes_too_long_is_refused() -> None:
    families = Families(max_size=100)
    families.add("a", "", "gauge", one_label("i", "x" * 70), 1)
    with pytest.raises(LimitExceeded, match="the metrics have more than 100 characters of text"):
        families.add("b", "", "gauge", one_label("i", "x" * 70), 1)


def test_labels_are_escaped() -> None:
    assert one_label("a", 'x"y\\z\nw') == r'a="x\"y\\z\nw"'


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "1"),
        (1.0, "1"),
        (-0.5, "-0.5"),
        (1e300, "1e+300"),
        (2**64 - 1, "18446744073709551615"),
        (math.inf, "+Inf"),
        (-math.inf, "-Inf"),
        (math.nan, "NaN"),
        (5e-324, "5e-324"),
    ],
)
def test_a_number_is_written_as_prometheus_reads_it(number: float, text: str) -> None:
    families = Families()
    families.add("a", "", "gauge", "", number)
    assert families.render() == f"# TYPE a gauge\na {text}\n"


def test_a_histogram_has_its_buckets_sum_and_count() -> None:
    families = Families()
    buckets = {0.1: 1, math.inf: 3}
    families.add_histogram("h", "H", [((one_label("m", "x"),), buckets, 2.5), ((), {math.inf: 0}, 0)])
    (family,) = text_string_to_metric_families(families.render())
    assert family.type == "histogram"
    assert [(sample.name, dict(sample.labels), sample.value) for sample in family.samples] == [
        ("h_bucket", {"m": "x", "le": "0.1"}, 1),
        ("h_bucket", {"m": "x", "le": "+Inf"}, 3),
        ("h_sum", {"m": "x"}, 2.5),
        ("h_count", {"m": "x"}, 3),
        ("h_bucket", {"le": "+Inf"}, 0),
        ("h_sum", {}, 0),
        ("h_count", {}, 0),
    ]


@settings(max_examples=50)
@given(
    st.dictionaries(
        st.tuples(NAMES, st.dictionaries(NAMES, TEXTS, max_size=3).map(lambda labels: tuple(sorted(labels.items())))),
        st.floats(allow_nan=False),
        max_size=6,
    ),
    TEXTS,
)
def test_any_samples_are_read_back_as_they_were(
    samples: dict[tuple[str, tuple[tuple[str, str], ...]], float], text: str
) -> None:
    families = Families()
    for (name, labels), number in samples.items():
        families.add(name, text, "gauge", ",".join(one_label(*label) for label in labels), number)
    assert families.dropped == 0
    found = {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(families.render())
        for sample in family.samples
    }
    assert found == samples
