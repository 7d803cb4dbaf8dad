"""``snmptcp web``: a live page about the targets of a fleet's file, until Ctrl-C.

Contains: the options, and what runs.  Does not contain: the page (:mod:`snmptcp.web`), and the file
(:mod:`snmptcp.fleet.files`).
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from snmptcp.cli.commands.poll import modules_of, with_file
from snmptcp.cli.names import Names
from snmptcp.cli.options.addresses import parse_listen_address
from snmptcp.cli.options.mibs import MibOptions, add_mib_options, read_mib_options
from snmptcp.cli.options.snmp_conf import add_names_conf_option
from snmptcp.cli.options.words import checked, seconds
from snmptcp.cli.output.report import report
from snmptcp.cli.polling.board import counted
from snmptcp.cli.polling.collector import collected_seldom
from snmptcp.cli.polling.open_files import allow_open_files
from snmptcp.cli.polling.running import tell_mistakes
from snmptcp.cli.polling.source import FileSource, changes_text
from snmptcp.cli.serving.server import DEFAULT_ADDRESS, allowed_hosts, serving
from snmptcp.cli.stopping import hangups, stop_signals
from snmptcp.credentials import Tsm
from snmptcp.errors import ConfigurationError
from snmptcp.fleet import Fleet, Target
from snmptcp.fleet.files import check_names, load
from snmptcp.listener import NotificationListener

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from snmptcp.fleet import Job
    from snmptcp.fleet.files import FleetFile
    from snmptcp.listener import ReceiverCredentials
    from snmptcp.mib import Mib

__all__ = ("WebCommand", "add_arguments", "read_arguments", "run")

WRONG_FILE = 2

#: How long the fleet may take to end, in seconds: Ctrl-C ends all within a second.
_GRACE = 0.3


@dataclass(frozen=True, slots=True)
class WebCommand:
    """The arguments of the command.

    Attributes:
        file: the fleet's file.
        address: host and port of the page.
        host_names: further names by which the page may be asked.
        interval: how often interfaces are read, in seconds.
        traps: host and port to listen on for traps and informs; ``None`` for none.
        title: the page's heading.
        mibs: the MIB modules of the command line.
    """

    file: Path
    address: tuple[str, int]
    host_names: tuple[str, ...]
    interval: float
    traps: tuple[str, int] | None
    title: str
    mibs: MibOptions


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("file", metavar="FILE", help="the TOML file with the targets, as for snmptcp poll")
    host, port = DEFAULT_ADDRESS
    parser.add_argument(
        "--listen",
        metavar="[HOST]:PORT",
        type=checked(parse_listen_address),
        default=DEFAULT_ADDRESS,
        help=f"where the page is; port 0 for a free one (default {host}:{port}: this machine only).  It has no login: "
        "put one in front of it before you let others reach it",
    )
    parser.add_argument(
        "--host-name",
        dest="host_names",
        metavar="NAME",
        action="append",
        help="a name by which the page may be asked, such as that of a proxy in front of it; can be repeated (default: "
        "localhost and its addresses, or any name if --listen is not this machine only)",
    )
    parser.add_argument(
        "--interval", metavar="SECONDS", type=seconds, default=5.0, help="how often interfaces are read (default 5)"
    )
    parser.add_argument(
        "--traps",
        metavar="[HOST]:PORT",
        type=checked(parse_listen_address),
        help="show traps and informs that arrive there over TCP, from senders with the file's communities and users",
    )
    parser.add_argument("--title", metavar="TEXT", default="SNMP", help="the page's heading (default SNMP)")
    add_mib_options(parser)
    add_names_conf_option(parser)


def read_arguments(arguments: argparse.Namespace) -> WebCommand:
    """Return the parsed arguments."""
    return WebCommand(
        file=Path(arguments.file),
        address=arguments.listen,
        host_names=tuple(arguments.host_names or ()),
        interval=arguments.interval,
        traps=arguments.traps,
        title=arguments.title,
        mibs=read_mib_options(arguments),
    )


def run(command: WebCommand) -> int:
    """Serve the page until a signal stops it; return the exit code."""
    import snmptcp.web.application  # noqa: PLC0415 - tells at once that the extra is not installed

    jobs = snmptcp.web.interface_jobs(command.interval)
    try:
        file = load(command.file, jobs=jobs)
        names = Names(with_file(command.mibs, file.mib))
        mib = modules_of(file, names)
        check_names(file, mib)
    except ConfigurationError as error:
        tell_mistakes(error)
        return WRONG_FILE
    asyncio.run(_serve(command, _Source(file, mib, jobs), mib))
    return 0


class _Source(FileSource):
    """Targets of a file with the page's jobs in the place of their own."""

    async def __call__(self) -> Sequence[Target]:
        """Return the targets."""
        return [_with_jobs(target, self.jobs) for target in await super().__call__()]


def _with_jobs(target: Target, jobs: Sequence[Job]) -> Target:
    return Target(
        target.host,
        target.port,
        credentials=target.credentials,
        jobs=jobs,
        name=target.name,
        labels=target.labels,
        **target.options,
    )


async def _serve(command: WebCommand, source: FileSource, mib: Mib | None) -> None:
    import snmptcp.web  # noqa: PLC0415 - needs the extra

    file = source.file
    for told in allow_open_files(len(file.targets), fixed=False):
        report(told)
    host, port = command.address
    options = snmptcp.web.Options(title=command.title, hosts=allowed_hosts(host, command.host_names))
    reload = asyncio.Event()
    with stop_signals() as stop, hangups(reload.set):
        async with contextlib.AsyncExitStack() as stack:
            stack.enter_context(collected_seldom())
            listener = None
            if command.traps is not None:
                listener = await stack.enter_async_context(_listener(command.traps, file))
            settings = {"first_within": min(2.0, command.interval), **file.settings, "grace": _GRACE}
            fleet = await stack.enter_async_context(Fleet(source, mib=mib, **settings))
            application = snmptcp.web.app(fleet, notifications=listener, options=options)
            url = await stack.enter_async_context(serving(application, host, port))
            targets = counted(len(file.targets), "target")
            report(f"the page about {targets} of {file.path} is at {url} (Ctrl-C ends it)")
            await _until(stop, fleet, source, reload)


def _listener(address: tuple[str, int], file: FleetFile) -> NotificationListener:
    """Return a listener for senders with the credentials of the file's targets.

    Raises:
        ConfigurationError: no target has a community or a user.
    """
    credentials: list[ReceiverCredentials] = []
    for target in file.targets:
        if not isinstance(target.credentials, Tsm) and target.credentials not in credentials:
            credentials.append(target.credentials)
    if not credentials:
        raise ConfigurationError("--traps needs a target with a community or a user: their senders are accepted")
    host, port = address
    return NotificationListener(host, port, credentials=credentials)


async def _until(stop: asyncio.Event, fleet: Fleet, source: FileSource, reload: asyncio.Event) -> None:
    """Wait until a signal ends the command; SIGHUP lets the file be read again."""
    stopping = asyncio.create_task(stop.wait())
    try:
        while not stop.is_set():
            reloading = asyncio.create_task(reload.wait())
            await asyncio.wait({stopping, reloading}, return_when=asyncio.FIRST_COMPLETED)
            reloading.cancel()
            if reload.is_set():
                reload.clear()
                await _reload(fleet, source)
    finally:
        stopping.cancel()


async def _reload(fleet: Fleet, source: FileSource) -> None:
    try:
        changes = await fleet.reload()
    except ConfigurationError as error:
        report(f"the file was not read again, and its former targets are shown on: {error}")
    else:
        report(f"{source.file.path} was read again: {changes_text(changes)}")
