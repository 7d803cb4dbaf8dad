"""``snmptcp inform``: sends an inform, and waits for its acknowledgement."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.cli.manager import open_manager
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

if TYPE_CHECKING:
    import argparse

__all__ = ("InformCommand", "add_arguments", "read_arguments", "run")


@dataclass(frozen=True, slots=True)
class InformCommand:
    """The arguments of the command.

    Attributes:
        request: the receiver, and the credentials.
        words: the contents of the inform.
    """

    request: RequestOptions
    words: NotificationWords


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_request_options(parser, "the receiver", NOTIFICATION_PORTS, "engine ID of the receiver (default: discovered)")
    add_notification_words(parser, UPTIME_HELP)


def read_arguments(arguments: argparse.Namespace) -> InformCommand:
    """Return the parsed arguments; ConfigurationError is wrong usage."""
    request = read_request_options(arguments, NOTIFICATION_PORTS)
    if request.version is SnmpVersion.V1:
        raise ConfigurationError("SNMPv1 has no informs: use -v 2c")
    return InformCommand(request, read_notification_words(arguments, request.version))


def run(command: InformCommand) -> int:
    """Send the inform; return the exit code."""
    asyncio.run(_inform(command))
    return 0


async def _inform(command: InformCommand) -> None:
    words = command.words
    async with open_manager(command.request) as manager:
        await manager.inform(words.trap_oid, *words.varbinds, uptime=words.uptime)
