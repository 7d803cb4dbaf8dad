"""``snmptcp agent``: an agent with a recorded device.

Contains: starting and stopping it.  Does not contain: answering requests (:mod:`snmptcp.testing`).
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from snmptcp.cli.options.addresses import Address, parse_address
from snmptcp.cli.options.credentials import COMMUNITY_VARIABLE, community_name
from snmptcp.cli.options.tls import add_server_tls_options, read_server_tls, tls_options
from snmptcp.cli.options.users import add_key_options, read_optional_user
from snmptcp.cli.options.words import checked, whole_number
from snmptcp.cli.stopping import stop_signals
from snmptcp.errors import ConfigurationError
from snmptcp.testing import Agent, load_snmprec

if TYPE_CHECKING:
    import argparse

    from snmptcp.cli.options.tls_words import TlsWords
    from snmptcp.credentials import UsmUser
    from snmptcp.oid import OID
    from snmptcp.values import Value

__all__ = ("AgentCommand", "add_arguments", "load_switch", "read_arguments", "run")

#: Above 1023, because only root may listen below.
DEFAULT_PORT = 1161
DEFAULT_TLS_PORT = 10161


@dataclass(frozen=True, slots=True)
class AgentCommand:
    """The arguments of the command.

    Attributes:
        file: the recording; ``None`` for that of a switch.
        host: the address to listen on.
        port: the port to listen on; 0 for a free one.
        community: the community that may read; ``None`` for none.
        user: the SNMPv3 user that may read; ``None`` for none.
        tls: the options of TLS; ``None`` for plain TCP.
        tsm_names: the security names that may read.
    """

    file: str | None
    host: str
    port: int
    community: bytes | None = field(repr=False)
    user: UsmUser | None
    tls: TlsWords | None
    tsm_names: tuple[bytes, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("file", metavar="FILE.snmprec", nargs="?", help="the recording (default: that of a switch)")
    parser.add_argument(
        "--listen",
        "--host",
        metavar="ADDRESS",
        type=checked(parse_address),
        default=Address("127.0.0.1"),
        help="ADDRESS or ADDRESS:PORT to listen on (default 127.0.0.1: this machine only)",
    )
    parser.add_argument(
        "--port",
        metavar="PORT",
        type=whole_number(0, "a port"),
        help=f"TCP port to listen on (default {DEFAULT_PORT}; {DEFAULT_TLS_PORT} with TLS); 0 for a free one",
    )
    parser.add_argument(
        "-c",
        "--community",
        metavar="COMMUNITY",
        help=f"the community that may read (default: the environment variable {COMMUNITY_VARIABLE}, or else public; "
        "none with --tsm-name)",
    )
    add_key_options(parser.add_argument_group("SNMPv3 user that may read"))
    add_server_tls_options(parser)
    parser.add_argument(
        "--tsm-name",
        dest="tsm_names",
        metavar="NAME",
        action="append",
        help="a security name that may read, in SNMPv3 over TLS; needs --tls-map; can be repeated",
    )


def read_arguments(arguments: argparse.Namespace) -> AgentCommand:
    """Return the parsed arguments; ConfigurationError is wrong usage."""
    listen: Address = arguments.listen
    names: list[str] = arguments.tsm_names or []
    tls = read_server_tls(arguments, [listen], needing=["--tsm-name"] if names else [])
    maps = () if tls is None else tls.maps
    if names and not maps:
        raise ConfigurationError("--tsm-name needs --tls-map")
    if maps and not names:
        raise ConfigurationError("--tls-map needs --tsm-name: otherwise no security name may read")
    return AgentCommand(
        file=arguments.file,
        host=listen.host,
        port=_port(listen.port, arguments.port, DEFAULT_PORT if tls is None else DEFAULT_TLS_PORT),
        community=None if names and arguments.community is None else community_name(arguments.community),
        user=read_optional_user(arguments),
        tls=tls,
        tsm_names=tuple(map(os.fsencode, names)),
    )


def _port(of_address: int | None, given: int | None, default: int) -> int:
    if given is None:
        return of_address or default
    if given > 0xFFFF:
        raise ConfigurationError(f"a port is a number from 0 to 65535, not {given}")
    if of_address not in {None, given}:
        raise ConfigurationError(f"two ports: {of_address} and {given}")
    return given


def run(command: AgentCommand) -> int:
    """Serve the recording until a signal stops it; return the exit code."""
    if command.file is None:
        variables, what = load_switch(), "a switch"
    else:
        variables, what = load_snmprec(Path(command.file)), command.file
    asyncio.run(_serve(command, variables, what))
    return 0


def load_switch() -> dict[OID, Value]:
    """Return the variables of the switch whose recording comes with the package."""
    recording = resources.files("snmptcp.testing") / "recordings" / "switch.snmprec"
    with resources.as_file(recording) as path:
        return load_snmprec(path)


async def _serve(command: AgentCommand, variables: dict[OID, Value], what: str) -> None:
    agent = Agent(
        variables,
        host=command.host,
        port=command.port,
        read_community=command.community,
        write_community=None,
        read_only_users=() if command.user is None else (command.user,),
        tls=tls_options(command.tls),
        read_only_tsm_names=command.tsm_names,
    )
    transport = "tcp" if command.tls is None else "tlstcp"
    with stop_signals() as stop:
        async with agent:
            where = Address(agent.host, agent.port)
            print(f"{len(variables):,} variables of {what} at {transport}:{where} (Ctrl-C ends it)", flush=True)
            await stop.wait()
    print(f"{agent.statistics.messages_in:,} requests answered", flush=True)
