"""Read a table with names, or rename a system: ``python examples/names.py --host 192.0.2.1 ifTable``."""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import aclosing

from snmptcp import Community, Manager, SnmpError
from snmptcp.mib import Mib, NodeKind


async def show(manager: Manager, mib: Mib, name: str) -> None:
    """Print a table row by row, or whatever else is below a name, variable by variable."""
    if mib.node(name).kind is NodeKind.TABLE:
        async with aclosing(manager.table(name)) as rows:
            async for row in rows:
                cells = row.named or row  # numbers, if no module defines the table
                print(*(f"{column}={value}" for column, value in cells.items()), sep="  ")
    else:
        async with aclosing(manager.walk(name)) as varbinds:
            async for varbind in varbinds:
                print(mib.format(varbind))


async def change(manager: Manager, mib: Mib, name: str, value: str) -> None:
    """Write a value, which the module's definition checks and turns into the right type."""
    for varbind in await manager.set((name, value)):
        print(mib.format(varbind))


async def run(options: argparse.Namespace) -> None:
    """Load the modules, and ask the agent."""
    mib = Mib(folders=options.mibs)
    for problem in mib.load("ALL") if options.mibs else ():
        print(problem, file=sys.stderr)
    async with Manager(options.host, options.port, credentials=Community(options.community), mib=mib) as manager:
        if options.value is None:
            await show(manager, mib, options.name)
        else:
            await change(manager, mib, options.name, options.value)


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description="Read and write with the names of MIB modules.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=161)
    parser.add_argument("--community", default="public")
    parser.add_argument("--mibs", action="append", default=[], metavar="FOLDER", help="where your vendor's modules are")
    parser.add_argument("name", nargs="?", default="ifTable", metavar="NAME")
    parser.add_argument("value", nargs="?", metavar="VALUE", help="write this value, as in: ifAdminStatus.2 down")
    try:
        asyncio.run(run(parser.parse_args()))
    except SnmpError as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
