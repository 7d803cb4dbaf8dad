"""Which values of arguments can be completed."""

from __future__ import annotations

import argparse
from typing import Any

import pytest

from snmptcp.cli.generators.values import Kind, is_hidden, subcommands_of, takes_value, values_of
from snmptcp.cli.parser import COMMANDS, full_parser
from snmptcp.credentials import AuthProtocol, PrivProtocol


def argument(*names: str, **more: Any) -> argparse.Action:
    return argparse.ArgumentParser().add_argument(*names, **more)


@pytest.mark.parametrize(
    ("action", "values"),
    [
        (argument("--file", metavar="FILE"), Kind.FILE),
        (argument("--ca", metavar="FILE|DIR"), Kind.FILE),
        (argument("words", metavar="HEX|FILE"), Kind.FILE),
        (argument("folder", metavar="DIR"), Kind.FOLDER),
        (argument("host", metavar="HOST"), Kind.HOST),
        (argument("oids", metavar="OID", nargs="+"), Kind.NAME),
        (argument("words", metavar="OID TYPE VALUE...", nargs="..."), Kind.NAME),
        (argument("-v", metavar="1|2c|3"), ("1", "2c", "3")),
        (argument("-v", metavar="3"), ("3",)),
        (argument("shell", choices=("bash", "zsh")), ("bash", "zsh")),
        (argument("-l", dest="level", metavar="LEVEL"), ("noAuthNoPriv", "authNoPriv", "authPriv")),
        (argument("-u", metavar="USER"), None),
        (argument("--profile", metavar="PROFILE"), None),
        (argument("--json", action="store_true"), None),
    ],
    ids=lambda value: getattr(value, "dest", None),
)
def test_values_are_known_by_their_name_in_the_help(action: argparse.Action, values: object) -> None:
    assert values_of(action) == values


def test_the_options_of_users_have_their_protocols() -> None:
    _, get = subcommands_of(full_parser())["get"]
    found = {action.option_strings[0]: values_of(action) for action in get._actions if action.option_strings}
    assert found["-l"] == ("noAuthNoPriv", "authNoPriv", "authPriv")
    assert found["-a"] == tuple(map(str, AuthProtocol))
    assert found["-x"] == tuple(map(str, PrivProtocol))


def test_commands_come_with_their_summaries() -> None:
    commands = subcommands_of(full_parser())
    assert {name: summary for name, (summary, _) in commands.items()} == dict(COMMANDS)


def test_hidden_options_and_options_without_a_value_are_told_from_others() -> None:
    assert is_hidden(argument("-m", help=argparse.SUPPRESS))
    assert not is_hidden(argument("-m", help="modules"))
    assert takes_value(argument("-m"))
    assert not takes_value(argument("--json", action="store_true"))
