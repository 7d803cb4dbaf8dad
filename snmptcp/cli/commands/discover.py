"""``snmptcp discover``: reads the ID, boots and time of an agent's SNMPv3 engine."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.cli.manager import open_manager
from snmptcp.cli.options.foreign import add_foreign_options
from snmptcp.cli.options.printing import add_json_option
from snmptcp.cli.options.request import RequestOptions
from snmptcp.cli.options.target import REQUEST_PORTS, add_target_options, read_target_options
from snmptcp.cli.options.users import add_key_options, add_level_option, read_optional_user
from snmptcp.cli.options.words import version
from snmptcp.codec.engine_id import read_engine_id
from snmptcp.credentials import Tsm, UsmUser
from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    import argparse

    from snmptcp.manager import EngineInfo

__all__ = ("DiscoverCommand", "add_arguments", "read_arguments", "run")

#: The user without ``-u``.  An agent tells its engine ID before it looks at the user (RFC 3414 section 4).
DEFAULT_USER = UsmUser("discover")


@dataclass(frozen=True, slots=True)
class DiscoverCommand:
    """The arguments of the command.

    Attributes:
        request: the agent, and the credentials.
        json: whether to print JSON.
    """

    request: RequestOptions
    json: bool

    @property
    def authenticated(self) -> bool:
        """Whether the credentials prove that the answer is the agent's."""
        credentials = self.request.credentials
        return not isinstance(credentials, UsmUser) or bool(credentials.auth)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_target_options(parser, "the agent", REQUEST_PORTS)
    group = parser.add_argument_group("SNMPv3 user", "Optional: agents tell their engine to any user.")
    group.add_argument("-v", dest="snmp_version", metavar="3", type=version, help="SNMP version; only 3 has engines")
    add_level_option(group)
    add_key_options(group)
    add_foreign_options(parser)
    add_json_option(parser, "a JSON object on one line")


def read_arguments(arguments: argparse.Namespace) -> DiscoverCommand:
    """Return the parsed arguments; ConfigurationError is wrong usage."""
    if arguments.snmp_version not in {None, "3"}:
        raise ConfigurationError("only SNMPv3 has engines")
    target = read_target_options(arguments, REQUEST_PORTS)
    user = read_optional_user(arguments, arguments.level)
    default = DEFAULT_USER if target.tls is None else Tsm()
    return DiscoverCommand(RequestOptions(target, user or default), arguments.json)


def run(command: DiscoverCommand) -> int:
    """Discover the engine and print it; return the exit code."""
    info = asyncio.run(_discover(command))
    print(_as_json(info, authenticated=command.authenticated) if command.json else _as_text(info))
    return 0


async def _discover(command: DiscoverCommand) -> EngineInfo:
    async with open_manager(command.request) as manager:
        return await manager.discover()


#: What is told of an engine ID whose parts cannot be.
NOT_VALID = "no valid engine ID (RFC 3411 section 5): it has other than 5 to 32 octets"


def _as_text(info: EngineInfo) -> str:
    minutes, second = divmod(info.time, 60)
    hours, minute = divmod(minutes, 60)
    days, hour = divmod(hours, 24)
    parts = read_engine_id(info.engine_id)
    return "\n".join(
        (
            f"engine ID: 0x{info.engine_id.hex()}",
            f"made of:   {parts or NOT_VALID}",
            f"boots:     {info.boots}",
            f"time:      {info.time} s ({days}:{hour:02}:{minute:02}:{second:02})",
        )
    )


def _as_json(info: EngineInfo, *, authenticated: bool) -> str:
    parts = read_engine_id(info.engine_id)
    return json.dumps(
        {
            "engine_id": info.engine_id.hex(),
            **({} if parts is None else parts._asdict()),
            "boots": info.boots,
            "time": info.time,
            "authenticated": authenticated,
        }
    )
