"""``snmptcp completion``: prints the script that completes command lines in a shell.

Contains: printing it.  Does not contain: making it (:mod:`snmptcp.cli.generators`, before a release).
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

__all__ = ("SCRIPTS", "CompletionCommand", "add_arguments", "read_arguments", "run")

#: The files of the shells' scripts, named as the shells look for them.
SCRIPTS = {"bash": "snmptcp.bash", "zsh": "_snmptcp", "fish": "snmptcp.fish"}


@dataclass(frozen=True, slots=True)
class CompletionCommand:
    """The arguments of the command.

    Attributes:
        shell: whose script to print.
    """

    shell: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.epilog = (
        'For each new shell: eval "$(snmptcp completion bash)" in ~/.bashrc; eval "$(snmptcp completion zsh)" in '
        "~/.zshrc, behind compinit; snmptcp completion fish > ~/.config/fish/completions/snmptcp.fish."
    )
    parser.add_argument("shell", choices=tuple(SCRIPTS), metavar="SHELL", help="bash, zsh or fish")


def read_arguments(arguments: argparse.Namespace) -> CompletionCommand:
    """Return the parsed arguments."""
    return CompletionCommand(arguments.shell)


def run(command: CompletionCommand) -> int:
    """Print the script; return the exit code."""
    script = resources.files("snmptcp.cli") / "completion" / SCRIPTS[command.shell]
    print(script.read_text(encoding="utf-8"), end="")
    return 0
