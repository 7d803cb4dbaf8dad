"""``snmptcp getnext``: reads the variables that follow names."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.cli.options.application import add_application_option
from snmptcp.cli.options.assignments import parse_name
from snmptcp.cli.options.printing import OutputOptions, add_output_options, read_output_options
from snmptcp.cli.options.request import RequestOptions, add_request_options, read_request_options
from snmptcp.cli.options.words import checked
from snmptcp.cli.partial import KEEP_LETTER, KEEP_MEANING, read_and_tell

if TYPE_CHECKING:
    import argparse

    from snmptcp.oid import OID

__all__ = ("GetNextCommand", "add_arguments", "read_arguments", "run")


@dataclass(frozen=True, slots=True)
class GetNextCommand:
    """The arguments of the command.

    Attributes:
        request: the agent, and the credentials.
        output: how to print the answer.
        oids: the names before those to read.
        give_up: whether to show nothing if one of them fails.
    """

    request: RequestOptions
    output: OutputOptions
    oids: tuple[OID, ...]
    give_up: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_request_options(parser)
    add_output_options(parser)
    add_application_option(parser, KEEP_LETTER, KEEP_MEANING)
    parser.add_argument("oids", metavar="OID", nargs="+", type=checked(parse_name), help="1.3.6.1.2.1.1.1.0")


def read_arguments(arguments: argparse.Namespace) -> GetNextCommand:
    """Return the parsed arguments; ConfigurationError is wrong usage."""
    return GetNextCommand(
        read_request_options(arguments), read_output_options(arguments), tuple(arguments.oids), arguments.give_up
    )


def run(command: GetNextCommand) -> int:
    """Send the request and print the answer; return the exit code."""
    read = read_and_tell(command.request, lambda manager: manager.get_next, command.oids, give_up=command.give_up)
    varbinds, failed = asyncio.run(read)
    show = command.output.printer()
    for varbind in varbinds:
        print(show(varbind))
    return 1 if failed else 0
