"""YAML as plain data: what is kept as text, and what a hostile document cannot do."""

from __future__ import annotations

import sys

import pytest

from snmptcp.errors import ConfigurationError
from snmptcp.exporter import document
from snmptcp.exporter.document import parse, parse_with_spans, to_yaml


def test_scalars_stay_the_text_that_the_document_has() -> None:
    text = "a: 0123\nb: 1e5\nc: yes\nd: 2001-99-99\ne: '~'\nf: ''\n"
    assert parse(text, "f") == {"a": "0123", "b": "1e5", "c": "yes", "d": "2001-99-99", "e": "~", "f": ""}


def test_nothing_and_null_are_none() -> None:
    assert parse("a:\nb: ~\nc: null\n", "f") == {"a": None, "b": None, "c": None}
    assert parse("", "f") is None


def test_a_tag_makes_no_object() -> None:
    assert parse("a: !!python/object/apply:os.system [rm]", "f") == {"a": ["rm"]}


def test_aliases_and_merges_are_replaced() -> None:
    text = "a: &a {x: 1, y: 2}\nb: *a\nc: {<<: *a, y: 3}\nd: {<<: [*a, {z: 4}]}\ne: {'<<': 5}\n"
    assert parse(text, "f") == {
        "a": {"x": "1", "y": "2"},
        "b": {"x": "1", "y": "2"},
        "c": {"x": "1", "y": "3"},
        "d": {"x": "1", "y": "2", "z": "4"},
        "e": {"<<": "5"},
    }


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1", "f is no YAML that can be read: while parsing a flow sequence"),
        ("a: 1\na: 2", "f, line 2: the key 'a' stands twice in one place"),
        ("a: 1\n---\nb: 2", "f, line 2: a second document"),
        ("a: &a [*a]", "f, line 1: the alias *a stands inside of what it names"),
        ("a: *b", "f, line 1: the alias *b names nothing above it"),
        ("? [1]\n: 2", "f, line 1: a key must be text"),
        ("a: &a [1]\nb: {*a : 2}", "f, line 2: a key must be text"),
        ("a: {<<: 3}", r"f, line 1: a merge \(<<\) takes a mapping"),
        ("\x00", "control characters are not allowed"),
        ("a: \ud800", "surrogates not allowed"),
        ("- " * 60 + "a", "f, line 1: nested more than 50 deep"),
        ("[" * 100_000, "f is no YAML that can be read: .*nest|f, line 1: nested more than 50 deep"),
    ],
)
def test_what_cannot_be_read_is_one_error_with_its_line(text: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=said.replace("*", r"\*") if "alias" in said else said) as caught:
        parse(text, "f")
    assert "\n" not in str(caught.value)


def test_a_billion_laughs_are_refused_before_they_take_memory() -> None:
    lines = ["a0: &a0 [" + ", ".join(["ha"] * 10) + "]"]
    lines += [f"a{n}: &a{n} [" + ", ".join([f"*a{n - 1}"] * 10) + "]" for n in range(1, 10)]
    with pytest.raises(ConfigurationError, match=r"f, line 7: more than 4,000,000 values, counting those of aliases"):
        parse("\n".join(lines), "f")


def test_a_document_that_is_too_long_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(document, "MAX_LENGTH", 10)
    with pytest.raises(ConfigurationError, match="f has 11 characters; at most 10 are read"):
        parse("a: 12345678", "f")


def test_spans_tell_where_the_values_of_the_first_level_are() -> None:
    text = "# ü\nauths:\n  a: {b: ü}\nmodules: {c: 1}\n"
    _, spans = parse_with_spans(text, "f")
    start, end, column = spans["auths"]
    assert parse(" " * column + text[start:end], "f") == {"a": {"b": "ü"}}
    assert text[spans["modules"][0] : spans["modules"][1]] == "{c: 1}"


def test_data_is_written_in_its_order_and_read_back() -> None:
    data = {"b": ["1.3.6", "x: y"], "a": {"c": "ü\n"}}
    text = to_yaml(data)
    assert text.startswith("b:\n- 1.3.6\n")
    assert parse(text, "f") == data


def test_without_pyyaml_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(ConfigurationError, match=r"needs PyYAML, .*pip install 'snmptcp\[exporter\]'"):
        parse("a: 1", "f")


def test_without_the_c_library_the_same_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    import yaml

    monkeypatch.delattr(yaml, "CBaseLoader")
    assert parse("a: &a {x: [1, '2']}\nb: *a", "f") == {"a": {"x": ["1", "2"]}, "b": {"x": ["1", "2"]}}
