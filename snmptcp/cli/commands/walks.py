"""``snmptcp walk`` and ``snmptcp table``: subtrees and tables, printed as they come or side by side.

What may live here: from arguments to the library's generators and from those to the output.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sys
from typing import TYPE_CHECKING

from snmptcp.cli.commands.requests import open_manager, varbind_formatter
from snmptcp.cli.output.tables import text_table
from snmptcp.cli.output.varbinds import format_row_json

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncGenerator

    from snmptcp.manager.manager import Manager
    from snmptcp.oid import OID
    from snmptcp.protocol.table import TableRow
    from snmptcp.values import VarBind

__all__ = ("run", "terminal_width")


def run(arguments: argparse.Namespace) -> int:
    """Walk, or read a table; return the exit code."""
    asyncio.run(_walk(arguments) if arguments.command == "walk" else _table(arguments))
    return 0


# --------------------------------------------------------------------------------------------- walk


async def _walk(arguments: argparse.Namespace) -> None:
    format_one = varbind_formatter(arguments)
    count = 0
    async with open_manager(arguments) as manager, contextlib.aclosing(_subtrees(manager, arguments)) as varbinds:
        async for varbind in varbinds:
            print(format_one(varbind))
            count += 1
            if count == arguments.limit:
                break
    if arguments.print_count:
        print(f"Variables found: {count}")


async def _subtrees(manager: Manager, arguments: argparse.Namespace) -> AsyncGenerator[VarBind, None]:
    """Yield subtree after subtree; in the place of an empty one the variable of that name, if it is one."""
    for root in arguments.oids:
        empty = True
        if arguments.include_root and _can_be_read(root):
            empty = False
            yield await _get_one(manager, root)
        walk = manager.walk(
            root,
            max_repetitions=arguments.max_repetitions,
            limit=arguments.limit,
            tolerate_non_increasing=arguments.tolerate_non_increasing,
        )
        async with contextlib.aclosing(walk):
            async for varbind in walk:
                empty = False
                yield varbind
        if empty and not arguments.exclude_root and _can_be_read(root):
            yield await _get_one(manager, root)


async def _get_one(manager: Manager, oid: OID) -> VarBind:
    (varbind,) = await manager.get(oid)
    return varbind


def _can_be_read(oid: OID) -> bool:
    return len(oid) > 1  # one arc alone is the root of a walk, and no name


# -------------------------------------------------------------------------------------------- table


async def _table(arguments: argparse.Namespace) -> None:
    rows: list[TableRow] = []
    try:
        async with open_manager(arguments) as manager:
            table = manager.table(arguments.oid, arguments.columns, max_repetitions=arguments.max_repetitions)
            async with contextlib.aclosing(table):
                async for row in table:
                    if arguments.json:
                        print(format_row_json(row))
                    else:
                        rows.append(row)
    finally:
        if rows:  # after a failure, too: what came is worth seeing
            _print_table(rows, arguments)
    if not rows and not arguments.json:
        print(f"snmptcp: no rows below {arguments.oid}", file=sys.stderr)


def _print_table(rows: list[TableRow], arguments: argparse.Namespace) -> None:
    columns = arguments.columns or sorted({column for row in rows for column in row})
    titles = {column: str(column) for column in columns}
    for line in text_table(rows, titles, arguments.width or terminal_width()):
        print(line)


def terminal_width() -> int | None:
    """Return how many characters a line of the terminal has; ``None`` where the output is no terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
