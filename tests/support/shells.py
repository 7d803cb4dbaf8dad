"""Shells that complete command lines, as their users see it; and other programs of the system."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pexpect

from tests.support.netsnmp import missing

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Self

__all__ = ("Shell", "complete_in_fish", "require_program", "require_shell")

#: Printed by the shell before each line that is typed.
PROMPT = "READY> "

#: The command that is completed: shows its words; and a name, as the real one does.
_COMMAND = """\
#!/bin/sh
if [ "$2" = --names ]; then
  case "$3" in
    HOST*::*) echo HOST-RESOURCES-MIB::hrSystem ;;
    HOST*) echo HOST-RESOURCES-MIB:: ;;
    *) echo IF-MIB::ifDescr ;;
  esac
else
  printf '<%s>' "$@"; echo
fi
"""

_START = {
    "bash": (("--norc", "--noprofile", "-i"), "bind 'set enable-bracketed-paste off'; source {script}"),
    "zsh": (("-f", "-i"), 'autoload -Uz compinit; compinit -u -D; eval "$(cat {script})"'),
}


def require_program(name: str, package: str) -> str:
    """Return the path of a program of the system; without it the test is skipped, and fails in CI."""
    return shutil.which(name) or missing(f"{name} is not installed (Debian: apt-get install {package})")


def require_shell(name: str) -> str:
    """Return the path of a shell."""
    return require_program(name, name)


def _environment(folder: Path) -> dict[str, str]:
    """Return an environment in which the command is a stand-in."""
    programs = folder / ".programs"
    command = programs / "snmptcp"
    if not command.exists():
        programs.mkdir()
        command.write_text(_COMMAND)
        command.chmod(0o755)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    return {"PATH": path, "HOME": str(folder), "TERM": "xterm", "LC_ALL": "C.UTF-8"}


class Shell:
    """An interactive bash or zsh on a terminal.

    Args:
        name: ``bash`` or ``zsh``.
        script: the script for completion.
        folder: where the shell is.
    """

    def __init__(self, name: str, script: Path, folder: Path) -> None:
        options, setup = _START[name]
        self._process = pexpect.spawn(
            require_shell(name),
            list(options),
            env=_environment(folder),
            cwd=str(folder),
            encoding="utf-8",
            timeout=30,
            dimensions=(50, 200),
        )
        # The prompt in two parts, so that the echo of this line is none.
        self._process.sendline(f"PS1='READ''Y> '; {setup.format(script=script)}; echo LOAD''ED")
        self._process.expect_exact("LOADED")
        self._process.expect_exact(PROMPT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.close(force=True)

    def complete(self, line: str) -> str:
        """Return the command's words, each in angle brackets, after a tab and a return at the end of a line."""
        self._process.send(f"{line}\t\n")
        self._process.expect("\n(<[^\r\n]*>)\r")
        match = self._process.match
        assert isinstance(match, re.Match)
        self._process.expect_exact(PROMPT)
        return str(match[1])


def complete_in_fish(line: str, script: Path, folder: Path) -> list[str]:
    """Return what fish offers at the end of a line, without descriptions."""
    commands = f"source {script}; complete -C {line!r}"
    finished = subprocess.run(
        [require_shell("fish"), "--no-config", "-c", commands],
        cwd=folder,
        env=_environment(folder),
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    assert finished.stderr == ""
    return [offer.partition("\t")[0] for offer in finished.stdout.splitlines()]
