"""``snmptcp completion``: prints the script that completes command lines in a shell.

Contains: printing it.  Does not contain: making it (:mod:`snmptcp.cli.generators`, before a release).
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from importlib import resources

from snmptcp.cli.options.mibs import default_mib_options
from snmptcp.errors import ConfigurationError

__all__ = ("SCRIPTS", "CompletionCommand", "add_arguments", "read_arguments", "run")

#: The files of the shells' scripts, named as the shells look for them.
SCRIPTS = {"bash": "snmptcp.bash", "zsh": "_snmptcp", "fish": "snmptcp.fish"}


@dataclass(frozen=True, slots=True)
class CompletionCommand:
    """The arguments of the command.

    Attributes:
        shell: whose script to print; ``None`` to list names instead.
        prefix: how the names begin that are listed.
    """

    shell: str | None
    prefix: str | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.epilog = (
        'For each new shell: eval "$(snmptcp completion bash)" in ~/.bashrc; eval "$(snmptcp completion zsh)" in '
        "~/.zshrc, behind compinit; snmptcp completion fish > ~/.config/fish/completions/snmptcp.fish."
    )
    parser.add_argument("shell", nargs="?", choices=tuple(SCRIPTS), metavar="SHELL", help="bash, zsh or fish")
    parser.add_argument("--names", metavar="PREFIX", help=argparse.SUPPRESS)  # for the scripts


def read_arguments(arguments: argparse.Namespace) -> CompletionCommand:
    """Return the parsed arguments; ConfigurationError is wrong usage."""
    if (arguments.shell is None) == (arguments.names is None):
        raise ConfigurationError("name one shell: bash, zsh or fish")
    return CompletionCommand(arguments.shell, arguments.names)


def run(command: CompletionCommand) -> int:
    """Print the script, or the names; return the exit code."""
    if command.prefix is not None:
        for name in _names(command.prefix):
            print(name)
    if command.shell is not None:
        script = resources.files("snmptcp.cli") / "completion" / SCRIPTS[command.shell]
        print(script.read_text(encoding="utf-8"), end="")
    return 0


def _names(prefix: str) -> list[str]:
    """Return the names that begin with a text, of the modules that commands use without an option."""
    from snmptcp.mib.completion import names_like  # noqa: PLC0415 - the scripts need none of it

    options = default_mib_options()
    return [] if options.off else names_like(prefix, options.modules, standard=options.standard)
