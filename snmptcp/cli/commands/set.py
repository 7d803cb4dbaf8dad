"""``snmptcp set``: writes variables."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.cli.manager import open_manager
from snmptcp.cli.options.application import add_application_option
from snmptcp.cli.options.assignments import parse_assignments
from snmptcp.cli.options.literal import add_literal_words, read_literal_words
from snmptcp.cli.options.printing import OutputOptions, add_output_options, read_output_options
from snmptcp.cli.options.request import RequestOptions, add_request_options, read_request_options
from snmptcp.cli.options.values import LETTERS

if TYPE_CHECKING:
    import argparse

    from snmptcp.values import VarBind

__all__ = ("SetCommand", "add_arguments", "read_arguments", "run")


@dataclass(frozen=True, slots=True)
class SetCommand:
    """The arguments of the command.

    Attributes:
        request: the agent, and the credentials.
        output: how to print the answer.
        varbinds: the variables with their new values.
        quiet: whether to print nothing.
    """

    request: RequestOptions
    output: OutputOptions
    varbinds: tuple[VarBind, ...]
    quiet: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    types = ", ".join(f"{letter} {meaning}" for letter, meaning in LETTERS.items())
    parser.epilog = f"TYPE is one of: {types}, = that of the object's MIB module."
    add_request_options(parser)
    add_output_options(parser)
    add_application_option(parser, {"q": ("quiet", False)}, "q do not print the answer")
    add_literal_words(parser, "OID TYPE VALUE...", "behind HOST nothing is an option: a value may begin with a minus")


def read_arguments(arguments: argparse.Namespace) -> SetCommand:
    """Return the parsed arguments; ConfigurationError is wrong usage."""
    words = read_literal_words(arguments, "OID TYPE VALUE")
    request = read_request_options(arguments)
    varbinds = tuple(parse_assignments(words, request.names))
    return SetCommand(request, read_output_options(arguments), varbinds, arguments.quiet)


def run(command: SetCommand) -> int:
    """Send the request and print the answer; return the exit code."""
    varbinds = asyncio.run(_set(command))
    if not command.quiet:
        show = command.output.printer()
        for varbind in varbinds:
            print(show(varbind))
    return 0


async def _set(command: SetCommand) -> tuple[VarBind, ...]:
    async with open_manager(command.request) as manager:
        return await manager.set(*command.varbinds)
