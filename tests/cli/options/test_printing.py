"""``-O`` and ``--json``."""

from __future__ import annotations

import argparse

import pytest

from snmptcp import Integer32, OctetString, VarBind
from snmptcp.cli.options.mibs import add_mib_options
from snmptcp.cli.options.printing import OutputOptions, add_json_option, add_output_options, read_output_options
from snmptcp.oid import OID

PLAIN = VarBind(OID("1.3.6.1"), OctetString("sw1"))
STATUS = VarBind(OID("1.3.6.1.2.1.2.2.1.8.3"), Integer32(2))


def parse(*words: str) -> OutputOptions:
    parser = argparse.ArgumentParser()
    add_output_options(parser)
    add_mib_options(parser)
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
    assert parse(*words).printer()(PLAIN) == line


@pytest.mark.parametrize(
    ("words", "line"),
    [
        ((), "IF-MIB::ifOperStatus.3 = INTEGER: down(2)"),
        (("-Os",), "ifOperStatus.3 = INTEGER: down(2)"),
        (("-On",), ".1.3.6.1.2.1.2.2.1.8.3 = INTEGER: 2"),
        (("-On", "-m", "IF-MIB"), ".1.3.6.1.2.1.2.2.1.8.3 = INTEGER: down(2)"),
        (
            ("--json",),
            (
                '{"oid": "1.3.6.1.2.1.2.2.1.8.3", "name": "IF-MIB::ifOperStatus.3", "type": "Integer32", "value": 2, '
                '"label": "down"}'
            ),
        ),
        (("--json", "-On"), '{"oid": "1.3.6.1.2.1.2.2.1.8.3", "type": "Integer32", "value": 2}'),
    ],
)
def test_names_are_printed_where_modules_are(
    words: tuple[str, ...], line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MIBS")
    assert parse(*words).printer()(STATUS) == line


def test_a_command_can_have_json_alone() -> None:
    parser = argparse.ArgumentParser()
    add_json_option(parser, "one object")
    assert parser.parse_args(["--json"]).json
