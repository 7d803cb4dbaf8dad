"""``-O`` and ``--json``."""

from __future__ import annotations

import argparse

import pytest

from snmptcp import OctetString, VarBind
from snmptcp.cli.options.printing import OutputOptions, add_json_option, add_output_options, read_output_options
from snmptcp.oid import OID

NAMED = VarBind(OID("1.3.6.1"), OctetString("sw1"))


def parse(*words: str) -> OutputOptions:
    parser = argparse.ArgumentParser()
    add_output_options(parser)
    return read_output_options(parser.parse_args(words))


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ((), '.1.3.6.1 = STRING: "sw1"'),
        (("-Oqv",), '"sw1"'),
        (("-Oq", "-Ov"), '"sw1"'),
        (("-Os",), 'iso.3.6.1 = STRING: "sw1"'),
        (("-Of",), '.iso.3.6.1 = STRING: "sw1"'),
        (("--json",), '{"oid": "1.3.6.1", "type": "OctetString", "value": "sw1"}'),
        (("--json", "-Ox"), '{"oid": "1.3.6.1", "type": "OctetString", "value": {"hex": "737731"}}'),
    ],
)
def test_the_options_decide_how_a_variable_is_printed(words: tuple[str, ...], line: str) -> None:
    assert parse(*words).printer()(NAMED) == line


def test_an_unknown_letter_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse("-Oz")
    assert "-O takes the letters n, s, S" in capsys.readouterr().err


def test_a_command_can_have_json_alone() -> None:
    parser = argparse.ArgumentParser()
    add_json_option(parser, "one object")
    assert parser.parse_args(["--json"]).json
