"""Prometheus' text format, read back by the parser of Prometheus' own Python library."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from snmptcp.exposition import distinct_labels, head_text, label_name, label_text, metric_name, number_text

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
DESCRIPTION = "a \\ and\na line"


@settings(max_examples=60)
@given(st.text(), st.dictionaries(st.text(), TEXTS, max_size=4), st.one_of(st.floats(), st.integers(0, 2**64 - 1)))
def test_what_is_written_is_read_back_whatever_it_is(name: str, labels: dict[str, str], value: float) -> None:
    name, labels = metric_name(name), distinct_labels((), labels)
    head = head_text(name, "gauge", DESCRIPTION)
    text = f"{head}{name}{{{label_text(labels)}}} {number_text(value)}\n"
    (family,) = text_string_to_metric_families(text)
    (sample,) = family.samples
    assert (family.name, family.type, family.documentation) == (name, "gauge", DESCRIPTION)
    assert (sample.name, sample.labels) == (name, labels)
    assert sample.value == value or (math.isnan(value) and math.isnan(sample.value))


@pytest.mark.parametrize(
    ("text", "name"),
    [("ifHCInOctets", "ifHCInOctets"), ("my-object", "my_object"), ("1.3.6", "_1_3_6"), ("", "_"), ("größe", "gr__e")],
)
def test_names_of_objects_stay_as_they_are_as_far_as_prometheus_allows(text: str, name: str) -> None:
    assert metric_name(text) == name


def test_no_label_has_a_name_that_prometheus_keeps_for_itself() -> None:
    assert [label_name(text) for text in ("site", "__name__", "_", "my site")] == [
        "site",
        "_name__",
        "unnamed",
        "my_site",
    ]


def test_labels_of_equal_names_are_all_kept() -> None:
    given_labels = {"my-site": "a", "my site": "b", "index": "c", "exported_index": "d", "my_site_2": "e"}
    assert distinct_labels(("target", "index"), given_labels) == {
        "my_site": "a",
        "my_site_2": "b",
        "exported_index": "c",
        "exported_index_2": "d",
        "my_site_2_2": "e",
    }


def test_numbers_keep_their_digits() -> None:
    assert number_text(2**64 - 1) == "18446744073709551615"
    assert [number_text(value) for value in (0.1, 3.0, math.inf, -math.inf, math.nan)] == [
        "0.1",
        "3.0",
        "+Inf",
        "-Inf",
        "NaN",
    ]


def test_a_metric_without_description_has_no_help_line() -> None:
    assert head_text("ifMtu", "gauge") == "# TYPE ifMtu gauge\n"
