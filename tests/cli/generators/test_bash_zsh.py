"""Completion in bash and zsh: interactive shells on a terminal, in which somebody types a tab."""

from __future__ import annotations

import shlex
import subprocess
from typing import TYPE_CHECKING

import pytest

from snmptcp.cli.generators.bash_zsh import bash_script, zsh_script
from snmptcp.cli.parser import COMMANDS, full_parser
from tests.support.shells import Shell, require_shell

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAKERS = {"bash": bash_script, "zsh": zsh_script}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with files to complete, and the shells' scripts."""
    folder = tmp_path_factory.mktemp("shells")
    for name in ("certificate.pem", "certificate.txt.old", "two words.pem", "odd:name.pem", "first.snmprec"):
        (folder / name).touch()
    (folder / "mibs").mkdir()
    for shell, make in MAKERS.items():
        (folder / shell).write_text(make(full_parser()))
    return folder


@pytest.fixture(scope="module", params=MAKERS)
def shell(request: pytest.FixtureRequest, folder: Path) -> Iterator[Shell]:
    with Shell(request.param, folder / request.param, folder) as shell:
        yield shell


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("snmptcp wa", "<walk>"),
        ("snmptcp get --tls-vers", "<get><--tls-version>"),
        ("snmptcp walk h --no-prog", "<walk><h><--no-progress>"),
        ("snmptcp listen --js", "<listen><--json>"),
        ("snmptcp get -v 2", "<get><-v><2c>"),
        ("snmptcp get --tls-version 1.3 -l authP", "<get><--tls-version><1.3><-l><authPriv>"),
        ("snmptcp get -a M", "<get><-a><MD5>"),
        ("snmptcp get -x 3", "<get><-x><3DES>"),
        ("snmptcp completion z", "<completion><zsh>"),
        ("snmptcp get --tls-ca certificate.p", "<get><--tls-ca><certificate.pem>"),
        ("snmptcp get --tls-ca=certificate.p", "<get><--tls-ca=certificate.pem>"),
        (r"snmptcp get --tls-ca two\ w", "<get><--tls-ca><two words.pem>"),
        ("snmptcp get --tls-ca odd:n", "<get><--tls-ca><odd:name.pem>"),
        ("snmptcp agent tcp:first.snmprec certificate.p", "<agent><tcp:first.snmprec><certificate.pem>"),
        ("snmptcp agent first.snmprec certificate.p", "<agent><first.snmprec><certificate.pem>"),
        ("snmptcp certs mi", "<certs><mibs>"),
        ("snmptcp get h IF-MIB::ifD", "<get><h><IF-MIB::ifDescr>"),
        ("snmptcp get h HOST-R\thrSy", "<get><h><HOST-RESOURCES-MIB::hrSystem>"),  # no blank behind the module
        ("snmptcp translate IF-M", "<translate><IF-MIB::ifDescr>"),
        ("snmptcp get h 1.3 IF-M", "<get><h><1.3><IF-MIB::ifDescr>"),
        ("snmptcp table 127.0.0.1:1161 IF-M", "<table><127.0.0.1:1161><IF-MIB::ifDescr>"),
        ("snmptcp walk tcp:127.0.0.1:1161 --no-prog", "<walk><tcp:127.0.0.1:1161><--no-progress>"),
    ],
)
def test_a_tab_completes_what_can_only_be_one_thing(shell: Shell, line: str, words: str) -> None:
    assert shell.complete(line).replace("/>", ">") == words  # zsh removes the slash behind a folder, bash does not


def replies(folder: Path, *words: str) -> list[str]:
    """Return what bash offers for the last word."""
    script = "\n".join(
        (
            f"source {folder / 'bash'}",
            f"COMP_WORDS=({shlex.join(words)})",
            f"COMP_CWORD={len(words) - 1}",
            f"COMP_LINE={shlex.quote(' '.join(words))}",
            "COMP_POINT=${#COMP_LINE}",
            "$(complete -p snmptcp | sed 's/.*-F \\([^ ]*\\).*/\\1/') snmptcp",
            'printf "%s\\n" "${COMPREPLY[@]}"',
        )
    )
    command = [require_shell("bash"), "--norc", "-c", script]
    finished = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=30, check=True)
    return [line for line in finished.stdout.splitlines() if line]


def test_bash_offers_all_commands(folder: Path) -> None:
    assert set(replies(folder, "snmptcp", "")) == set(COMMANDS)


def test_bash_offers_the_options_of_the_command_only(folder: Path) -> None:
    walk, demo = replies(folder, "snmptcp", "walk", "-"), replies(folder, "snmptcp", "demo", "-")
    assert {"--record", "-Z", "--tls-ca", "-v"} <= set(walk)
    own = {"--fleet", "--web", "--listen", "--agents", "--duration"}
    assert set(demo) == {"-h", "--help", "-V", "--version", "--debug", *own}


def test_options_that_are_always_refused_are_not_offered(folder: Path) -> None:
    assert "-L" not in replies(folder, "snmptcp", "walk", "-")
    assert "--names" not in replies(folder, "snmptcp", "completion", "-")


def test_zsh_takes_the_script_as_a_file_of_its_folder_for_completion(folder: Path) -> None:
    functions = folder / "functions"
    functions.mkdir()
    (functions / "_snmptcp").write_text((folder / "zsh").read_text())
    script = f"fpath=({functions} $fpath); autoload -Uz compinit; compinit -u -D; print $_comps[snmptcp]"
    command = [require_shell("zsh"), "-f", "-c", script]
    finished = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert (finished.stdout, finished.stderr) == ("_snmptcp\n", "")
