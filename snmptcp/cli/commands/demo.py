"""``snmptcp demo``: demonstrates the library on an embedded agent.

Contains: a short demonstration, in which every value printed went over TCP.  Does not contain: anything that another
command needs.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.cli.commands.agent import load_switch
from snmptcp.cli.names import Names
from snmptcp.cli.options.addresses import Address
from snmptcp.cli.options.mibs import default_mib_options
from snmptcp.cli.output.layout import terminal_width
from snmptcp.cli.output.named_tables import TableText
from snmptcp.credentials import Community
from snmptcp.manager import Manager
from snmptcp.mib.text import DEFAULT
from snmptcp.oid import OID
from snmptcp.testing import Agent

if TYPE_CHECKING:
    import argparse

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


@dataclass(frozen=True, slots=True)
class DemoCommand:
    """The command has no arguments."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""


def read_arguments(arguments: argparse.Namespace) -> DemoCommand:  # noqa: ARG001 - every command's signature
    """Return the parsed arguments."""
    return DemoCommand()


def run(command: DemoCommand) -> int:  # noqa: ARG001 - every command's signature
    """Demonstrate the library; return the exit code."""
    asyncio.run(_show(Names(default_mib_options())))
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
