"""Completion in fish."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

import pytest

from snmptcp.cli.generators.fish import fish_script
from snmptcp.cli.parser import COMMANDS, full_parser
from tests.support.shells import complete_in_fish

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with files to complete, and the script."""
    folder = tmp_path_factory.mktemp("fish")
    for name in ("certificate.pem", "two words.pem"):
        (folder / name).touch()
    (folder / "mibs").mkdir()
    (folder / "script").write_text(fish_script(full_parser()))
    return folder


@pytest.mark.parametrize(
    ("line", "offers"),
    [
        ("snmptcp wa", ["walk"]),
        ("snmptcp get --tls-vers", ["--tls-version"]),
        ("snmptcp get -v ", ["1", "2c", "3"]),
        ("snmptcp get -v2", ["-v2c"]),
        ("snmptcp discover -v ", ["3"]),
        ("snmptcp get -l auth", ["authNoPriv", "authPriv"]),
        ("snmptcp get -a SHA-2", ["SHA-224", "SHA-256"]),
        ("snmptcp completion ", ["bash", "fish", "zsh"]),
        ("snmptcp get --tls-ca cert", ["certificate.pem"]),
        ("snmptcp get --tls-ca=cert", ["--tls-ca=certificate.pem"]),
        ("snmptcp agent certificate.pem two", ["two words.pem"]),
        ("snmptcp certs ", ["mibs/"]),
        ("snmptcp table h:161 IF-", ["IF-MIB::ifDescr"]),
        ("snmptcp walk get --show-s", []),  # an option of another command, and a host with a command's name
        ("snmptcp demo cert", []),
    ],
)
def test_fish_offers_what_fits(folder: Path, line: str, offers: list[str]) -> None:
    assert sorted(complete_in_fish(line, folder / "script", folder)) == offers


def test_fish_offers_all_commands(folder: Path) -> None:
    assert set(complete_in_fish("snmptcp ", folder / "script", folder)) == set(COMMANDS)


def test_commands_of_a_command_and_quotes_in_help_are_completed_too(folder: Path) -> None:
    parser = argparse.ArgumentParser("snmptcp")
    commands = parser.add_subparsers()
    mib = commands.add_parser("mib", help="the user's modules").add_subparsers()
    mib.add_parser("list", help="list them").add_argument("--all", action="store_true", help=r"it's \all")
    mib.add_parser("check", help="check them").add_argument("-xyz", action="store_true")
    script = folder / "nested"
    script.write_text(fish_script(parser))
    assert sorted(complete_in_fish("snmptcp mib ", script, folder)) == ["check", "list"]
    assert complete_in_fish("snmptcp mib list --a", script, folder) == ["--all"]
    assert complete_in_fish("snmptcp mib check --a", script, folder) == []
    assert complete_in_fish("snmptcp mib check -xy", script, folder) == ["-xyz"]
