"""Regular expressions with RE2's syntax and Go's templates."""

from __future__ import annotations

import sys

import pytest

from snmptcp.errors import ConfigurationError
from snmptcp.exporter.patterns import Pattern, number_of


def test_a_whole_pattern_matches_the_whole_text() -> None:
    assert Pattern("123", whole=True).expand("123 4", "x") is None
    assert Pattern("123.*", whole=True).expand("123 4", "x") == "x"
    assert Pattern("23").found_in("1234")
    assert Pattern("a|b", whole=True).expand("ab", "x") is None  # not ^a or b$


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("$1", "7"),
        ("${1}0", "70"),
        ("$10", ""),  # the group 10
        ("$1x", ""),  # the group 1x
        ("$name", "kW"),
        ("$$1", "$1"),
        ("-$2.5", "-kW.5"),
        ("$9", ""),
        ("${99999999}", ""),
        ("$", "$"),
        ("plain", "plain"),
    ],
)
def test_a_template_is_filled_as_go_fills_it(template: str, text: str) -> None:
    assert Pattern(r"(\d) (?P<name>\w+)( never)?", whole=True).expand("7 kW", template) == text


def test_classes_of_posix_are_known() -> None:
    assert Pattern("([[:alpha:]]+)[0-9]*", whole=True).expand("eth0", "$1") == "eth"


def test_a_pattern_that_defeats_backtracking_takes_no_time() -> None:
    assert Pattern("(a+)+b", whole=True).expand("a" * 50_000, "x") is None


@pytest.mark.parametrize("text", ["(", "a{1001}{1001}", "(?<=a)b", r"(a)\1", "[z-a]", "*"])
def test_what_is_no_expression_is_an_error_that_shows_it(text: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ConfigurationError, match="is no regular expression of RE2: "):
        Pattern(text)
    assert capfd.readouterr().err == ""


def test_equal_patterns_are_equal() -> None:
    assert Pattern("a") == Pattern("a")
    assert len({Pattern("a"), Pattern("a"), Pattern("a", whole=True)}) == 2
    assert repr(Pattern("a")) == "Pattern('a', whole=False)"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("4.42", 4.42),
        ("-5", -5.0),
        ("+.5e1", 5.0),
        ("5.", 5.0),
        ("inf", float("inf")),
        ("-Infinity", float("-inf")),
        ("0x1p-2", 0.25),
    ],
)
def test_a_number_is_read_as_go_reads_it(text: str, number: float) -> None:
    assert number_of(text) == number


@pytest.mark.parametrize(
    "text", ["", " 5", "5 ", "1_000", "1,5", "abc", "--5", "+nan", "++inf", "0x", "0x10", "0xzp1", "1e999", "٣", "e5"]
)
def test_what_go_reads_as_no_number_is_none(text: str) -> None:
    assert number_of(text) is None


def test_not_a_number_is_a_number_of_its_own() -> None:
    number = number_of("NaN")
    assert number is not None
    assert number != number


def test_without_re2_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "re2", None)
    with pytest.raises(ConfigurationError, match=r"needs google-re2, .*pip install 'snmptcp\[exporter\]'"):
        Pattern("a")
