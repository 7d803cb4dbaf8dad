"""Commands that read names and print the answer: what ``snmptcp get`` and ``snmptcp getnext`` share.

Contains: their arguments, and their run.  Does not contain: which request it is (:mod:`snmptcp.cli.commands`), and what
happens to names that fail (:mod:`snmptcp.cli.partial`).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.cli.options.application import add_application_option
from snmptcp.cli.options.assignments import parse_names
from snmptcp.cli.options.printing import OutputOptions, add_output_options, read_output_options
from snmptcp.cli.options.request import RequestOptions, add_request_options, read_request_options
from snmptcp.cli.partial import KEEP_LETTER, KEEP_MEANING, read_and_tell

if TYPE_CHECKING:
    import argparse
    from collections.abc import Awaitable, Callable, Sequence

    from snmptcp.manager import Manager
    from snmptcp.oid import OID
    from snmptcp.values import VarBind

__all__ = ("NAME_HELP", "ReadCommand", "add_read_arguments", "read_and_print", "read_read_arguments")

NAME_HELP = "sysDescr.0, IF-MIB::ifDescr.3 or 1.3.6.1.2.1.1.1.0"


@dataclass(frozen=True, slots=True)
class ReadCommand:
    """The arguments of such a command.

    Attributes:
        request: the agent, and the credentials.
        output: how to print the answer.
        oids: the names to read, or those before them.
        give_up: whether to show nothing if one of them fails.
    """

    request: RequestOptions
    output: OutputOptions
    oids: tuple[OID, ...]
    give_up: bool


def add_read_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments."""
    add_request_options(parser)
    add_output_options(parser)
    add_application_option(parser, KEEP_LETTER, KEEP_MEANING)
    parser.add_argument("oids", metavar="OID", nargs="+", help=NAME_HELP)


def read_read_arguments(arguments: argparse.Namespace) -> ReadCommand:
    """Return the parsed arguments; ConfigurationError is wrong usage."""
    request = read_request_options(arguments)
    oids = parse_names(arguments.oids, request.names)
    return ReadCommand(request, read_output_options(arguments), oids, arguments.give_up)


def read_and_print(command: ReadCommand, way: Callable[[Manager], Callable[..., Awaitable[Sequence[VarBind]]]]) -> int:
    """Send the request and print the answer; return the exit code.

    Args:
        command: the arguments.
        way: returns the manager's method that reads.
    """
    read = read_and_tell(command.request, way, command.oids, give_up=command.give_up)
    varbinds, failed = asyncio.run(read)
    show = command.output.printer()
    for varbind in varbinds:
        print(show(varbind))
    return 1 if failed else 0
