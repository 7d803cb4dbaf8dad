"""``snmptcp trap``: sends a trap, or with ``-Ci`` an inform."""

from __future__ import annotations

import asyncio
import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.cli.commands import inform
from snmptcp.cli.commands.inform import InformCommand
from snmptcp.cli.manager import open_manager
from snmptcp.cli.options.application import add_application_option
from snmptcp.cli.options.notification import (
    UPTIME_HELP,
    NotificationWords,
    add_notification_words,
    read_notification_words,
)
from snmptcp.cli.options.request import RequestOptions, add_request_options, read_request_options
from snmptcp.cli.options.target import NOTIFICATION_PORTS
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import ConfigurationError
from snmptcp.listener import start_engine
from snmptcp.manager import EngineInfo

if TYPE_CHECKING:
    import argparse

__all__ = ("TrapCommand", "add_arguments", "read_arguments", "run")

_USAGE = """snmptcp trap [OPTIONS] HOST UPTIME TRAP-OID [OID TYPE VALUE ...]
       snmptcp trap -v1 [OPTIONS] HOST ENTERPRISE AGENT GENERIC SPECIFIC UPTIME [OID TYPE VALUE ...]"""


@dataclass(frozen=True, slots=True)
class TrapCommand:
    """The arguments of the command.

    Attributes:
        request: the receiver, and the credentials.
        words: the contents of the trap.
        local_engine: our own engine, the sender of SNMPv3 traps; ``None`` for a random one.
        engine_file: the file with our engine ID and boots.
    """

    request: RequestOptions
    words: NotificationWords
    local_engine: EngineInfo | None
    engine_file: str | None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.usage = _USAGE
    add_request_options(
        parser,
        "the receiver",
        NOTIFICATION_PORTS,
        "our own engine ID, as the sender of a trap (default: a random one); with -Ci the receiver's",
    )
    parser.add_argument(
        "--engine-file",
        metavar="FILE",
        help="keep our engine ID and boots for SNMPv3 in this file, instead of -e and -Z "
        "(default: a new engine ID each time)",
    )
    add_application_option(parser, {"i": ("is_inform", False)}, "i send an inform instead")
    add_notification_words(
        parser,
        f"{UPTIME_HELP}; SNMPv1 has other words before the variable bindings (AGENT '' is 0.0.0.0; GENERIC is 0 to 5, "
        "or 6 with SPECIFIC)",
    )


def read_arguments(arguments: argparse.Namespace) -> TrapCommand | InformCommand:
    """Return the parsed arguments; ConfigurationError is wrong usage."""
    engine_file: str | None = arguments.engine_file
    if arguments.is_inform:
        informing = inform.read_arguments(arguments)
        if engine_file is not None:
            raise ConfigurationError("--engine-file is for SNMPv3 traps only")
        return informing
    request = read_request_options(arguments, NOTIFICATION_PORTS)
    if engine_file is not None and request.version is not SnmpVersion.V3:
        raise ConfigurationError("--engine-file is for SNMPv3 traps only")
    if engine_file is not None and arguments.boots_time is not None:
        raise ConfigurationError("--engine-file contains the boots: omit -Z")
    words = read_notification_words(arguments, request.version)
    # The sender of a trap is its authoritative engine (RFC 3411 section 2.8), so -e is our own engine.
    return TrapCommand(dataclasses.replace(request, engine=None), words, request.engine, engine_file)


def run(command: TrapCommand | InformCommand) -> int:
    """Send the notification; return the exit code."""
    if isinstance(command, InformCommand):
        return inform.run(command)
    asyncio.run(_trap(command))
    return 0


async def _trap(command: TrapCommand) -> None:
    words, local_engine = command.words, command.local_engine
    if command.engine_file is not None:
        engine_id = None if local_engine is None else local_engine.engine_id
        local_engine = EngineInfo(*start_engine(command.engine_file, engine_id))
    async with open_manager(command.request, local_engine=local_engine) as manager:
        await manager.send_trap(words.trap_oid, *words.varbinds, uptime=words.uptime, agent_address=words.agent_address)
