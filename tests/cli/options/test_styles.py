"""``-O``, and the tokens of snmp.conf that mean the same."""

from __future__ import annotations

import argparse

import pytest

from snmptcp.cli.options.snmp_conf import add_snmp_conf_options
from snmptcp.cli.options.styles import add_style_option, read_style
from snmptcp.mib import TextStyle
from tests.cli.configuration.helpers import ConfFiles


def parse(*words: str) -> TextStyle:
    parser = argparse.ArgumentParser(exit_on_error=False)
    add_snmp_conf_options(parser)
    add_style_option(parser.add_argument_group("output"))
    return read_style(parser.parse_args(words))


@pytest.mark.parametrize(
    ("words", "style"),
    [
        ((), TextStyle()),
        (("-Onq",), TextStyle(names="numeric", quick=True, equals_sign=False)),
        (("-On", "-Oq"), TextStyle(names="numeric", quick=True, equals_sign=False)),
        (("-OQ",), TextStyle().with_letters("Q")),
        (("-Oee",), TextStyle()),
        (("-Ovp.2", "-Ot"), TextStyle(values_only=True, precision=".2", plain_ticks=True)),
    ],
)
def test_letters_make_a_style(words: tuple[str, ...], style: TextStyle) -> None:
    assert parse(*words) == style


@pytest.mark.parametrize(
    ("line", "words", "style"),
    [
        ("printNumericEnums yes", (), TextStyle(numeric_enums=True)),
        ("printNumericEnums yes", ("-Oe",), TextStyle(numeric_enums=True)),
        ("printNumericEnums no", ("-Oe",), TextStyle(numeric_enums=True)),
        ("quickPrinting yes", ("-Os",), TextStyle(names="suffix", quick=True, equals_sign=False)),
        ("quickPrinting yes", ("-OQ",), TextStyle().with_letters("Q")),
        ("oidOutputFormat 4", (), TextStyle(names="numeric")),
        ("oidOutputFormat 4", ("-Oe",), TextStyle(names="numeric", numeric_enums=True)),
        ("oidOutputFormat 4", ("-OS",), TextStyle()),
        ("oidOutputFormat 4", ("-Op.2",), TextStyle(names="numeric", precision=".2")),
        ("oidOutputFormat 6", (), TextStyle(names="none")),
        ("suffixPrinting 1", (), TextStyle(names="suffix")),
        ("hexOutputLength 0", ("-Ox",), TextStyle(hex_length=0, strings="hex")),
        ("outputPrecision %.1f", (), TextStyle(precision=".1")),
        ("dontPrintUnits yes", ("-Ot",), TextStyle(units=False, plain_ticks=True)),
    ],
)
def test_letters_win_over_the_tokens_of_snmp_conf(
    line: str, words: tuple[str, ...], style: TextStyle, conf_files: ConfFiles
) -> None:
    conf_files.write(line)
    assert parse(*words) == style


def test_an_unknown_letter_is_wrong_usage() -> None:
    with pytest.raises(argparse.ArgumentError, match="-O takes the letters n, s, S"):
        parse("-Oz")
