"""The fields of one mapping: what each may be, and the errors that name its place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from snmptcp.errors import ConfigurationError
from snmptcp.exporter.fields import Section, arcs_of

if TYPE_CHECKING:
    from collections.abc import Callable


def section(**data: Any) -> Section:
    return Section(data, "snmp.yml", "modules.a")


def test_fields_are_read_by_their_kinds() -> None:
    found = section(
        text="x", number="2", real="-1.5e3", flag="Yes", oid=".1.3.6", texts=["a", "b"], enum={"1": "up", "-2": "odd"}
    )
    assert found.text("text") == "x"
    assert found.integer("number", 0, 1, 3) == 2
    assert found.number("real", 0) == -1500
    assert found.flag("flag", default=False)
    assert found.arcs("oid") == (1, 3, 6)
    assert found.texts("texts") == ("a", "b")
    assert found.names_of_numbers("enum") == {1: "up", -2: "odd"}
    found.end()


def test_fields_that_are_missing_have_their_defaults() -> None:
    found = section(empty=None)
    assert found.text("text", "x") == "x"
    assert found.optional_text("text") is None
    assert found.integer("number", 7, 0, 9) == 7
    assert found.number("real", 0.5) == 0.5
    assert found.flag("flag", default=True)
    assert found.duration("time", 5.0) == 5.0
    assert found.texts("texts") == ()
    assert found.arcs_list("oids") == ()
    assert found.names_of_numbers("enum") == {}
    assert [*found.sections("list")] == []
    assert [*found.named_sections("map")] == []
    assert found.section("map") is None
    assert found.text("empty", "d") == "d"


@pytest.mark.parametrize(
    ("text", "seconds"), [("5s", 5), ("500ms", 0.5), ("1m30s", 90), ("1.5h", 5400), ("10us", 1e-5), ("1s500ms", 1.5)]
)
def test_a_time_has_its_unit(text: str, seconds: float) -> None:
    assert section(timeout=text).duration("timeout", 1) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("read", "value", "said"),
    [
        (lambda s: s.text("x"), None, "must be text, not nothing"),
        (lambda s: s.text("x"), "", "must be text, not ''"),
        (lambda s: s.text("x", "d"), ["a"], "must be text, not a list"),
        (lambda s: s.optional_text("x"), {}, "must be text, not a mapping"),
        (lambda s: s.choice("x", "a", ("a", "b")), "c", "must be one of a, b, not 'c'"),
        (lambda s: s.integer("x", 0, 1, 3), "4", "must be a whole number from 1 to 3, not '4'"),
        (lambda s: s.integer("x", 0, 1, 3), "1.5", "must be a whole number from 1 to 3, not '1.5'"),
        (lambda s: s.integer("x", 0, 1, 3), "9" * 5000, "must be a whole number from 1 to 3, not '999"),
        (lambda s: s.number("x", 0), "nan", "must be a number, not 'nan'"),
        (lambda s: s.number("x", 0), "1_0", "must be a number, not '1_0'"),
        (lambda s: s.number("x", 0), [], "must be a number, not a list"),
        (lambda s: s.flag("x", default=True), "2", "must be true or false, not '2'"),
        (lambda s: s.duration("x", 1), "5", "must be a time above 0 with its unit, such as 5s"),
        (lambda s: s.duration("x", 1), "0s", "must be a time above 0"),
        (lambda s: s.duration("x", 1), "1s " * 90, "must be a time above 0"),
        (lambda s: s.arcs("x"), "ifTable", "must be an OID in numbers, such as 1.3.6.1.2.1.2, not 'ifTable'"),
        (lambda s: s.arcs("x"), "1.3.99999999999", "must be an OID in numbers"),
        (lambda s: s.arcs("x"), None, "must be an OID in numbers, .* not nothing"),
        (lambda s: s.texts("x"), "a", "must be a list, not 'a'"),
        (lambda s: s.arcs_list("x"), ["1.3", "x"], r"modules\.a\.x\[1\]: must be an OID in numbers"),
        (lambda s: s.texts("x"), ["a", {}], r"modules\.a\.x\[1\]: must be text, not a mapping"),
        (lambda s: s.names_of_numbers("x"), [], "must be a mapping of numbers to names, not a list"),
        (lambda s: s.names_of_numbers("x"), {"a": "b"}, r"modules\.a\.x\.a: must be a whole number with a name"),
        (lambda s: s.names_of_numbers("x"), {"1": []}, r"modules\.a\.x\.1: must be a whole number with a name"),
        (lambda s: [*s.sections("x")], {}, "must be a list of mappings, not a mapping"),
        (lambda s: [*s.sections("x")], ["a"], r"modules\.a\.x\[0\] must be a mapping, not 'a'"),
        (lambda s: [*s.named_sections("x")], [], "must be a mapping of names, not a list"),
        (lambda s: [*s.named_sections("x")], {"b": "c"}, r"modules\.a\.x\.b must be a mapping, not 'c'"),
        (lambda s: s.section("x"), "c", r"modules\.a\.x must be a mapping, not 'c'"),
    ],
)
def test_what_a_field_cannot_be_is_an_error_with_its_place(
    read: Callable[[Section], object], value: object, said: str
) -> None:
    with pytest.raises(ConfigurationError, match=said) as caught:
        read(section(x=value))
    assert str(caught.value).startswith("snmp.yml: modules.a")
    assert len(str(caught.value)) < 300


def test_a_secret_is_not_shown() -> None:
    found = Section({"password": ["hidden"]}, "f", "auths.a", secret=frozenset(("password",)))
    with pytest.raises(ConfigurationError, match="f: auths.a.password: must be text, not another value"):
        found.text("password")


@pytest.mark.parametrize(("key", "said"), [("wlak", "did you mean walk"), ("q", "known are metrics, walk")])
def test_an_unknown_field_is_an_error_with_a_hint(key: str, said: str) -> None:
    found = section(walk=[], **{key: "1"})
    found.texts("walk")
    found.skip("metrics")
    with pytest.raises(ConfigurationError, match=f"modules.a: the field '{key}' is unknown here; {said}"):
        found.end()


def test_a_document_that_is_no_mapping_is_an_error() -> None:
    with pytest.raises(ConfigurationError, match="f: the document must be a mapping, not a list"):
        Section([], "f", "")


@pytest.mark.parametrize("text", ["", ".", "1..3", "a", "1.3.", "9.9", " 1.3"])
def test_what_is_no_oid_is_an_error(text: str) -> None:
    with pytest.raises(ConfigurationError):
        arcs_of(text)
