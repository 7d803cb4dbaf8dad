"""``snmptcp demo``: demonstrates the library on an embedded agent, or on a hundred of them.

Contains: two demonstrations, in which every value went over TCP, and the choice of the page's
(:mod:`snmptcp.cli.serving.demonstration`).  Does not contain: anything that another command
needs.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.cli.commands.agent import load_switch
from snmptcp.cli.names import Names
from snmptcp.cli.options.addresses import Address, parse_listen_address
from snmptcp.cli.options.mibs import default_mib_options
from snmptcp.cli.options.words import checked, seconds, whole_number
from snmptcp.cli.output.layout import terminal_width
from snmptcp.cli.output.named_tables import TableText
from snmptcp.cli.output.report import report
from snmptcp.cli.polling.board import board_lines
from snmptcp.cli.polling.embedded import embedded_agents
from snmptcp.cli.polling.live import LiveView
from snmptcp.cli.polling.open_files import allow_open_files
from snmptcp.cli.polling.running import Run, run_until
from snmptcp.cli.serving.server import DEFAULT_ADDRESS
from snmptcp.cli.stopping import stop_signals
from snmptcp.credentials import Community
from snmptcp.errors import ConfigurationError
from snmptcp.fleet import BackOff, Fleet, Get, Table
from snmptcp.manager import Manager
from snmptcp.mib.text import DEFAULT
from snmptcp.oid import OID
from snmptcp.testing import Agent

if TYPE_CHECKING:
    import argparse

    from snmptcp.fleet import Job

__all__ = ("DemoCommand", "add_arguments", "read_arguments", "run")

SYSTEM = "1.3.6.1.2.1.1"
SYS_NAME = f"{SYSTEM}.5.0"
IF_TABLE = "1.3.6.1.2.1.2.2"

#: Columns of ifTable (RFC 2863): ifDescr, ifType, ifSpeed, ifOperStatus, ifInOctets, ifOutOctets.
IF_COLUMNS = (2, 3, 5, 8, 10, 16)

#: How many rows of the table and lines of the walk to print.
SHOWN_ROWS = 8
SHOWN_LINES = 6

#: In flight at once on one connection.
CONCURRENT_GETS = 1000

#: For the walk of everything; the embedded agent is fast.
MAX_REPETITIONS = 50


#: How many agents a fleet has, and the page.
SHOWN_AGENTS = 100
PAGE_AGENTS = 12

#: How long a fleet is polled without a terminal, in seconds.
SHOWN_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class DemoCommand:
    """The arguments of the command.

    Attributes:
        fleet: whether to poll many agents, again and again.
        web: whether to show a page about agents.
        listen: host and port of that page.
        agents: how many; ``None`` for the number of the demonstration.
        duration: after how many seconds to end; ``None`` for Ctrl-C on a terminal, and a few seconds elsewhere.
    """

    fleet: bool = False
    web: bool = False
    listen: tuple[str, int] = DEFAULT_ADDRESS
    agents: int | None = None
    duration: float | None = None


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument(
        "--fleet", action="store_true", help="poll a hundred embedded agents again and again, with a live view"
    )
    host, port = DEFAULT_ADDRESS
    parser.add_argument(
        "--web", action="store_true", help="show a live page about embedded agents that change, die and come back"
    )
    parser.add_argument(
        "--listen",
        metavar="[HOST]:PORT",
        type=checked(parse_listen_address),
        help=f"where the page of --web is; port 0 for a free one (default {host}:{port}: this machine only)",
    )
    parser.add_argument(
        "--agents",
        metavar="N",
        type=whole_number(1, "a number of agents"),
        help=f"how many agents there are (default: {SHOWN_AGENTS} with --fleet, {PAGE_AGENTS} with --web)",
    )
    parser.add_argument(
        "--duration",
        metavar="SECONDS",
        type=seconds,
        help="end --fleet or --web after SECONDS (default: Ctrl-C ends it; --fleet without a terminal "
        f"{SHOWN_SECONDS:g})",
    )


def read_arguments(arguments: argparse.Namespace) -> DemoCommand:
    """Return the parsed arguments; ConfigurationError is wrong usage."""
    if arguments.fleet and arguments.web:
        raise ConfigurationError("--fleet and --web are two demonstrations: choose one")
    if not (arguments.fleet or arguments.web) and (arguments.agents, arguments.duration) != (None, None):
        raise ConfigurationError("--agents and --duration need --fleet or --web")
    if arguments.listen is not None and not arguments.web:
        raise ConfigurationError("--listen needs --web")
    return DemoCommand(
        arguments.fleet, arguments.web, arguments.listen or DEFAULT_ADDRESS, arguments.agents, arguments.duration
    )


def run(command: DemoCommand) -> int:
    """Demonstrate the library; return the exit code."""
    names = Names(default_mib_options())
    if command.web:
        from snmptcp.cli.serving.demonstration import show_page  # noqa: PLC0415 - loads the listener

        mib = names.shown(DEFAULT)
        asyncio.run(show_page(command.agents or PAGE_AGENTS, command.listen, command.duration, mib))
    else:
        asyncio.run(_show_fleet(command, names) if command.fleet else _show(names))
    return 0


async def _show(names: Names) -> None:
    mib = names.shown(DEFAULT)
    async with Agent(load_switch()) as agent:
        where = Address(agent.host, agent.port)
        print(
            f"This process now also runs an agent at {where}, with {len(agent.mib):,} variables recorded from a switch."
        )
        async with Manager(agent.host, agent.port, credentials=Community("public"), mib=mib) as manager:
            await _show_walk(manager, where, names)
            await _show_table(manager, where, names)
            await _show_everything(manager, where)
            await _show_concurrency(manager)
    print("\nTo try the commands yourself, run `snmptcp agent` in one shell, and query 127.0.0.1:1161 in another.")


def _title(text: str) -> None:
    print(f"\n$ snmptcp {text}")


async def _show_walk(manager: Manager, where: Address, names: Names) -> None:
    formatter = names.formatter()
    _title(f"walk {where} {'system' if formatter.tree else SYSTEM} --limit {SHOWN_LINES}")
    async with contextlib.aclosing(manager.walk(SYSTEM, limit=SHOWN_LINES)) as varbinds:
        async for varbind in varbinds:
            print(formatter.varbind(varbind))


async def _show_table(manager: Manager, where: Address, names: Names) -> None:
    mib = names.shown(DEFAULT)
    definition = None if mib is None else mib.table_names(IF_TABLE)
    columns = [str(column) if definition is None else definition.columns[column].label for column in IF_COLUMNS]
    _title(f"table {where} {IF_TABLE if definition is None else 'ifTable'} --columns {','.join(columns)}")
    rows = [row async for row in manager.table(IF_TABLE, IF_COLUMNS)]
    text = TableText(OID(f"{IF_TABLE}.1"), names.formatter(), definition)
    width = terminal_width()
    for line in text.lines(rows[:SHOWN_ROWS], IF_COLUMNS):
        print(line[:width])
    if len(rows) > SHOWN_ROWS:
        print(f"... and {len(rows) - SHOWN_ROWS} more")


async def _show_everything(manager: Manager, where: Address) -> None:
    _title(f"walk {where} 1.3.6.1 -Cr{MAX_REPETITIONS} | wc -l")
    before = manager.statistics.responses
    start = time.perf_counter()
    count = 0
    async for _ in manager.walk("1.3.6.1", max_repetitions=MAX_REPETITIONS):
        count += 1
    seconds = time.perf_counter() - start
    print(count)
    print(
        f"That took {seconds:.3f} s and {manager.statistics.responses - before} round trips: "
        f"{count / seconds:,.0f} variable bindings per second, agent included."
    )


async def _show_concurrency(manager: Manager) -> None:
    start = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(CONCURRENT_GETS):
            group.create_task(manager.get(SYS_NAME))
    seconds = time.perf_counter() - start
    print(
        f"\n{CONCURRENT_GETS:,} GETs from {CONCURRENT_GETS:,} tasks, all in flight on one TCP connection: "
        f"{seconds:.3f} s, {CONCURRENT_GETS / seconds:,.0f} per second."
    )


# ------------------------------------------------------------------------------------------ a fleet


async def _show_fleet(command: DemoCommand, names: Names) -> None:
    """Poll many agents until Ctrl-C, or for some seconds."""
    mib = names.shown(DEFAULT)  # opens MIB modules before anything is polled
    agents = command.agents or SHOWN_AGENTS
    for told in allow_open_files(3 * agents):  # each connection has two ends in this process
        report(told)
    if LiveView.is_possible() and not LiveView.has_tables():
        report("one line shows how the fleet is; for tables run: pip install 'snmptcp[fleet]'")
    live = LiveView.is_possible()
    duration = command.duration or (None if live else SHOWN_SECONDS)
    with stop_signals() as stop, contextlib.ExitStack() as stack:
        if duration is not None:
            stack.callback(asyncio.get_running_loop().call_later(duration, stop.set).cancel)
        async with embedded_agents(agents, _jobs(mib is not None)) as targets:
            fleet = Fleet(targets, mib=mib, first_within=2.0, grace=0.5, back_off=BackOff(first=1.0, most=4.0))
            first = f"polling {len(targets):,} agents of this process; some are slow, some die and come back"
            ends = "Ctrl-C ends it" if duration is None else f"for {duration:g} s"
            board = await run_until(Run(fleet, "snmptcp demo --fleet", f"{first} ({ends})"), stop)
    if board is not None and not live:
        for line in board_lines(board, terminal_width()):
            print(line)


def _jobs(named: bool) -> list[Job]:  # noqa: FBT001 - the one argument
    """Return what is read from each agent, by names or by numbers."""
    table = "ifXTable" if named else "1.3.6.1.2.1.31.1.1"
    columns = ("ifName", "ifHCInOctets", "ifHCOutOctets") if named else (1, 6, 10)
    uptime = "sysUpTime.0" if named else "1.3.6.1.2.1.1.3.0"
    return [Get(uptime, interval=2.0, name="uptime"), Table(table, *columns, interval=3.0, name="interfaces")]
