"""``snmptcp agent``: an agent with a recorded device.

Contains: starting and stopping it.  Does not contain: answering requests (:mod:`snmptcp.testing`).
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from snmptcp.cli.options.addresses import Address, parse_address
from snmptcp.cli.options.credentials import COMMUNITY_VARIABLE, community_name
from snmptcp.cli.options.progress import add_progress_option
from snmptcp.cli.options.tls import add_server_tls_options, read_server_tls, tls_options
from snmptcp.cli.options.users import add_key_options, read_optional_user
from snmptcp.cli.options.words import checked, whole_number
from snmptcp.cli.progress import ProgressBar
from snmptcp.cli.stopping import stop_signals
from snmptcp.errors import ConfigurationError
from snmptcp.printable import printable
from snmptcp.testing import Agent, load_snmprec
from snmptcp.testing.recording import read_recording

if TYPE_CHECKING:
    import argparse
    from collections.abc import Mapping

    from snmptcp.cli.options.tls_words import TlsWords
    from snmptcp.credentials import UsmUser
    from snmptcp.testing import Mib

__all__ = ("AgentCommand", "add_arguments", "load_switch", "read_arguments", "run")

#: Above 1023, because only root may listen below.
DEFAULT_PORT = 1161
DEFAULT_TLS_PORT = 10161

#: So many variables would make Python's garbage collector stop the agent now and then.
MANY = 100_000

#: The endings of files that do not belong to a community.
_ENDINGS = frozenset(
    (
        *(".snmprec", ".snmpwalk", ".walk", ".sapwalk", ".dump", ".mvc", ".json", ".jsonl", ".txt"),
        *(".gz", ".bz2", ".xz", ".zst"),
    )
)


@dataclass(frozen=True, slots=True)
class AgentCommand:
    """The arguments of the command.

    Attributes:
        files: the recordings; none for that of a switch.
        host: the address to listen on.
        port: the port to listen on; 0 for a free one.
        community: the community that may read; ``None`` for none.
        user: the SNMPv3 user that may read; ``None`` for none.
        tls: the options of TLS; ``None`` for plain TCP.
        tsm_names: the security names that may read.
        strict: whether a line that cannot be read is an error.
        seed: of the random numbers of variation modules.
        writable: whether who may read may also write.
        progress: whether to show progress on a terminal while a recording is read.
    """

    files: tuple[str, ...]
    host: str
    port: int
    community: bytes | None = field(repr=False)
    user: UsmUser | None
    tls: TlsWords | None
    tsm_names: tuple[bytes, ...]
    strict: bool
    seed: int | None
    writable: bool
    progress: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="*",
        default=None,
        help="a recording (default: that of a switch); with several, the name of each without its endings is the "
        "community, and the SNMPv3 context, that reads it",
    )
    parser.add_argument("--strict", action="store_true", help="refuse a recording with a line that cannot be read")
    parser.add_argument("--writable", action="store_true", help="who may read, may also write")
    parser.add_argument(
        "--seed", metavar="N", type=whole_number(0, "a seed"), help="make variation modules repeat their random numbers"
    )
    add_progress_option(parser)
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
    files: list[str] = arguments.files or []
    if len(files) > 1 and arguments.community is not None:
        raise ConfigurationError("-c is for one FILE: with several, the name of each is its community")
    return AgentCommand(
        files=tuple(files),
        host=listen.host,
        port=_port(listen.port, arguments.port, DEFAULT_PORT if tls is None else DEFAULT_TLS_PORT),
        community=None if names and arguments.community is None else community_name(arguments.community),
        user=read_optional_user(arguments),
        tls=tls,
        tsm_names=tuple(map(os.fsencode, names)),
        strict=arguments.strict,
        seed=arguments.seed,
        writable=arguments.writable,
        progress=arguments.progress,
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
    """Serve the recordings until a signal stops it; return the exit code."""
    if command.files:
        names = [_community_of(file) for file in command.files]
        twice = next((name for name in names if names.count(name) > 1), None)
        if twice is not None:
            raise ConfigurationError(f"two recordings have the name {twice}, which is their community")
        served = {name: (file, _load(file, command)) for name, file in zip(names, command.files, strict=True)}
    else:
        served = {"": ("a switch", load_switch())}
    if sum(len(mib) for _, mib in served.values()) > MANY:
        gc.freeze()  # they stay: the collector need not look at them again and again
    asyncio.run(_serve(command, served))
    return 0


def _community_of(file: str) -> str:
    """Return a file's name without folders and the endings of recordings."""
    path = Path(file)
    while path.suffix.lower() in _ENDINGS:
        path = path.with_suffix("")
    return path.name


def _load(file: str, command: AgentCommand) -> Mib:
    """Read a recording; say on stderr what was skipped."""
    with ProgressBar(f"reading {file}", shown=lambda: command.progress) as bar:
        recording = read_recording(Path(file), strict=command.strict, seed=command.seed, progress=bar)
    if recording.skipped:
        print(f"snmptcp: {printable(recording.complaint(), None)}", file=sys.stderr)
    return recording.variables


def load_switch() -> Mib:
    """Return the variables of the switch whose recording comes with the package."""
    recording = resources.files("snmptcp.testing") / "recordings" / "switch.snmprec"
    with resources.as_file(recording) as path:
        return load_snmprec(path)


async def _serve(command: AgentCommand, served: Mapping[str, tuple[str, Mib]]) -> None:
    first = next(iter(served.values()))[1]
    several = len(served) > 1
    named = {name.encode("utf-8", "surrogateescape"): mib for name, (_, mib) in served.items()} if several else {}
    users = () if command.user is None else (command.user,)
    agent = Agent(
        first,
        host=command.host,
        port=command.port,
        read_community=None if several else command.community,
        write_community=command.community if command.writable and not several else None,
        users=users if command.writable else (),
        read_only_users=() if command.writable else users,
        tls=tls_options(command.tls),
        tsm_names=command.tsm_names if command.writable else (),
        read_only_tsm_names=() if command.writable else command.tsm_names,
        communities={} if command.community is None else named,
        writable_communities=named if command.writable else (),
        contexts=named,
    )
    transport = "tcp" if command.tls is None else "tlstcp"
    with stop_signals() as stop:
        async with agent:
            where = Address(agent.host, agent.port)
            for name, (what, mib) in served.items():
                whose = f", community {printable(name, None)}" if several and command.community is not None else ""
                print(f"{len(mib):,} variables of {what} at {transport}:{where}{whose} (Ctrl-C ends it)", flush=True)
            await stop.wait()
    print(f"{agent.statistics.messages_in:,} requests answered", flush=True)
