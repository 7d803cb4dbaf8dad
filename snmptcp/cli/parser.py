"""The list of commands, and the conventions that all command lines share.

Contains: assembling parsers.  Does not contain: the arguments of single commands (:mod:`snmptcp.cli.commands`).

Options are net-snmp's wherever net-snmp has them, so that habits and scripts work.
"""

from __future__ import annotations

import argparse
import importlib
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from snmptcp import __version__
from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = ("COMMANDS", "Invocation", "full_parser", "parse_command", "usage_of")

#: The summary of each command; :mod:`snmptcp.cli.commands` has a module of that name.
COMMANDS: Mapping[str, str] = {
    "get": "read variables",
    "getnext": "read the variables that follow names",
    "getbulk": "read many variables that follow names",
    "walk": "read whole subtrees",
    "table": "read a table, and print its columns side by side",
    "delta": "watch counters and interfaces: differences and rates, until Ctrl-C",
    "status": "show what an agent is, its packets, and interfaces that are down",
    "df": "show how full an agent's disks and memory are",
    "set": "write variables, all or none",
    "discover": "read an agent's SNMPv3 engine ID, boots and time",
    "usm": "show and change the users of an agent: passwords, new users",
    "trap": "send a trap, without confirmation that it arrives",
    "inform": "send an inform, and wait for its acknowledgement",
    "listen": "print traps and informs as they arrive, until Ctrl-C",
    "agent": "answer like a recorded device, until Ctrl-C",
    "exporter": "serve agents' variables to Prometheus, as snmp_exporter does",
    "demo": "demonstrate this library, with the recording of a switch",
    "certs": "create a small authority with certificates, to try TLS",
    "translate": "translate names to numbers and back, and show definitions",
    "mib": "list, compile and check MIB modules",
    "explain": "explain packets: hex, dumps of any form, captures",
    "poll": "poll the targets of a file again and again, until Ctrl-C",
    "web": "show a live page about the targets of a file, until Ctrl-C",
    "completion": "print the script that completes command lines in a shell",
}


@dataclass(frozen=True, slots=True)
class Invocation:
    """A command to run.

    Attributes:
        command: the command's own dataclass.
        run: runs it, and returns the exit code.
        debug: whether to show the log, and the traceback of an error.
    """

    command: object
    run: Callable[[Any], int]
    debug: bool


def parse_command(argv: Sequence[str] | None = None) -> Invocation:
    """Parse and check a command line.

    Args:
        argv: the words; ``None`` for those of the process.

    Raises:
        SystemExit: with 2 for wrong usage, after an explanation on stderr; with 0 after help.
    """
    words = sys.argv[1:] if argv is None else list(argv)
    if not words or words[0] not in COMMANDS:
        _end_without_command(words)
    from snmptcp.cli.options.literal import has_literal_words  # noqa: PLC0415 - not for help and the version
    from snmptcp.cli.options.spelling import spell_options  # noqa: PLC0415

    words = spell_options(words)
    module = importlib.import_module(f"snmptcp.cli.commands.{words[0]}")
    command_parser = _build_parsers(words[:1])[1][words[0]]
    module.add_arguments(command_parser)
    command_parser.shorten_usage()
    # parse_intermixed_args allows options between names, but ignores "--" and refuses literal words.
    literal = has_literal_words(command_parser)
    parse = command_parser.parse_args if literal or "--" in words else command_parser.parse_intermixed_args
    arguments = parse(words[1:])
    try:
        return Invocation(module.read_arguments(arguments), module.run, arguments.debug)
    except ConfigurationError as error:
        command_parser.error(str(error))


def _end_without_command(words: list[str]) -> NoReturn:
    """Print what was asked for without a command: help, the version; otherwise what is wrong."""
    parser, _ = _build_parsers(() if words and words[0] in _VERSION else COMMANDS)
    if words and words[0].startswith("-") and words[0] not in _ENDING:
        parser.error("the command comes first, then its options")  # which may be passwords: none is shown
    parser.parse_args(words)  # ends the process: help, the version, or an error
    parser.error("the command must come first")


def full_parser() -> argparse.ArgumentParser:
    """Return a parser with the arguments of all commands, which describes them.

    It loads all commands; :func:`parse_command` loads one.
    """
    parser, parsers = _build_parsers(COMMANDS)
    for name, command_parser in parsers.items():
        importlib.import_module(f"snmptcp.cli.commands.{name}").add_arguments(command_parser)
    return parser


#: The options that need no command.
_VERSION = ("-V", "--version")
_ENDING = ("-h", "--help", *_VERSION)

#: An unknown option that can be shown whole.
_HARMLESS = re.compile(r"[^=]*=[0-9.]{1,5}")


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, after one line of usage.

    Shows no value of an unknown option: it may be a password behind a misspelled option.
    """

    def error(self, message: str) -> NoReturn:
        start, unknown, words = message.partition("unrecognized arguments: ")
        found = [word for word in words.split() if word.startswith("-")]
        options = [word if _HARMLESS.fullmatch(word) else word.partition("=")[0] for word in found]
        text = f"{start}{unknown}{' '.join(options) or words}"
        self.exit(2, f"usage: {self._short_usage}\n{self.prog}: error: {text}\n")

    _short_usage: str = ""

    def shorten_usage(self) -> None:
        """Make the one line of usage: the words of the command line without its options.

        Parsing changes the parser's own usage and its positional arguments for a while.
        """
        words = " ".join(usage_of(action) for action in self._get_positional_actions())
        usage = f"{self.prog} {'COMMAND [OPTIONS] ...' if self._subparsers else f'[OPTIONS] {words}'.rstrip()}"
        self._short_usage = usage if self.usage is None else self.usage.partition("\n")[0]


def usage_of(action: argparse.Action) -> str:
    """Return a positional argument as a line of usage shows it."""
    name = action.metavar if isinstance(action.metavar, str) else action.dest
    if action.nargs == "*":
        return f"[{name}...]"
    if action.nargs == "?":
        return f"[{name}]"
    return f"{name}..." if action.nargs == "+" else name


def _build_parsers(names: Iterable[str]) -> tuple[_Parser, Mapping[str, _Parser]]:
    """Return the main parser, and a parser for each of some commands, without the command's own arguments."""
    parser = _Parser(
        prog="snmptcp",
        allow_abbrev=False,
        description="SNMP over TCP: query an agent, or be one.",
        epilog="Try `snmptcp demo` first: it needs no agent and no network.",
    )
    _add_version(parser)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    for name in names:
        summary = COMMANDS[name]
        description = f"{summary[0].upper()}{summary[1:]}."
        command = commands.add_parser(name, help=summary, description=description, allow_abbrev=False)
        command.add_argument("--debug", action="store_true", help="show the log, and the traceback of an error")
        _add_version(command)
    parser.shorten_usage()
    return parser, commands.choices


def _add_version(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-V", "--version", action="version", version=f"snmptcp {__version__}", help="show the version and exit"
    )
