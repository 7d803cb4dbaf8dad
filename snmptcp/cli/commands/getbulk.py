"""``snmptcp getbulk``: reads many variables that follow names, in one request."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.cli.manager import open_manager
from snmptcp.cli.options.application import MAX_REPETITIONS_LETTER, add_application_option, add_max_repetitions
from snmptcp.cli.options.assignments import parse_names
from snmptcp.cli.options.printing import OutputOptions, add_output_options, read_output_options
from snmptcp.cli.options.request import RequestOptions, add_request_options, read_request_options
from snmptcp.cli.options.words import whole_number
from snmptcp.cli.output.report import report
from snmptcp.cli.reading import NAME_HELP
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    import argparse

    from snmptcp.oid import OID
    from snmptcp.values import VarBind

__all__ = ("GetBulkCommand", "add_arguments", "read_arguments", "run")


@dataclass(frozen=True, slots=True)
class GetBulkCommand:
    """The arguments of the command.

    Attributes:
        request: the agent, and the credentials.
        output: how to print the answer.
        oids: the names before those to read.
        non_repeaters: how many of the names to answer once.
        max_repetitions: how often to answer the others.
    """

    request: RequestOptions
    output: OutputOptions
    oids: tuple[OID, ...]
    non_repeaters: int
    max_repetitions: int


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_request_options(parser)
    add_output_options(parser)
    add_max_repetitions(parser)
    parser.add_argument(
        "--non-repeaters",
        metavar="N",
        type=whole_number(0, "non-repeaters"),
        default=0,
        help="how many of the names to answer once only (default 0); -CnN means the same",
    )
    letters = {**MAX_REPETITIONS_LETTER, "n": ("non_repeaters", True)}
    add_application_option(parser, letters, "rN max-repetitions, nN non-repeaters")
    parser.add_argument("oids", metavar="OID", nargs="+", help=NAME_HELP)


def read_arguments(arguments: argparse.Namespace) -> GetBulkCommand:
    """Return the parsed arguments; ConfigurationError is wrong usage."""
    request = read_request_options(arguments)
    if request.version is SnmpVersion.V1:
        raise ConfigurationError("SNMPv1 has no GETBULK: use -v 2c")
    if arguments.non_repeaters > len(arguments.oids):
        raise ConfigurationError(f"{arguments.non_repeaters} non-repeaters, but only {len(arguments.oids)} names")
    return GetBulkCommand(
        request,
        read_output_options(arguments),
        parse_names(arguments.oids, request.names),
        arguments.non_repeaters,
        arguments.max_repetitions,
    )


def run(command: GetBulkCommand) -> int:
    """Send the request and print the answer; return the exit code."""
    varbinds, cut = asyncio.run(_get_bulk(command))
    show = command.output.printer()
    for varbind in varbinds:
        print(show(varbind))
    if cut:
        report(f"{command.request.target.address}: the answer goes on with a variable that cannot be decoded")
    return 1 if cut else 0


async def _get_bulk(command: GetBulkCommand) -> tuple[tuple[VarBind, ...], bool]:
    """Return what was read, and whether the answer goes on behind it with what cannot be decoded."""
    async with open_manager(command.request) as manager:
        varbinds = await manager.get_bulk(
            *command.oids, non_repeaters=command.non_repeaters, max_repetitions=command.max_repetitions
        )
        return varbinds, bool(manager.statistics.broken)
