"""``snmptcp table``: reads a table, and prints its columns side by side."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.cli.manager import open_manager
from snmptcp.cli.options.application import (
    MAX_REPETITIONS_LETTER,
    NON_INCREASING_LETTER,
    add_application_option,
    add_max_repetitions,
    add_non_increasing,
    add_skip_broken,
)
from snmptcp.cli.options.assignments import parse_name
from snmptcp.cli.options.printing import add_json_option
from snmptcp.cli.options.progress import add_progress_option
from snmptcp.cli.options.request import RequestOptions, add_request_options, read_request_options
from snmptcp.cli.options.words import columns, whole_number
from snmptcp.cli.output.report import report
from snmptcp.cli.output.tables import terminal_width, text_table
from snmptcp.cli.output.varbinds import format_row_json
from snmptcp.cli.partial import LEFT_OUT
from snmptcp.cli.pipeline import stdout_leaves_the_terminal
from snmptcp.cli.progress import ProgressBar

if TYPE_CHECKING:
    import argparse

    from snmptcp.manager import TableRow
    from snmptcp.oid import OID

__all__ = ("TableCommand", "add_arguments", "read_arguments", "run")


@dataclass(frozen=True, slots=True)
class TableCommand:
    """The arguments of the command.

    Attributes:
        request: the agent, and the credentials.
        oid: the table.
        columns: the columns to read; ``None`` for all.
        max_repetitions: how many rows to request at once.
        limit: stop after this many rows.
        tolerate_non_increasing: whether to accept names out of order.
        width: the length of a line; ``None`` for the terminal's.
        json: whether to print JSON.
        skip_broken: whether to leave variables that cannot be decoded out of their rows.
        progress: whether to show progress on a terminal while the rows are read.
    """

    request: RequestOptions
    oid: OID
    columns: tuple[int, ...] | None
    max_repetitions: int
    limit: int | None
    tolerate_non_increasing: bool
    width: int | None
    json: bool
    skip_broken: bool
    progress: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_request_options(parser)
    add_max_repetitions(parser)
    add_skip_broken(parser)
    add_non_increasing(parser)
    parser.add_argument("--columns", metavar="N,N,...", type=columns, help="columns to read (default: all)")
    parser.add_argument("--limit", metavar="N", type=whole_number(1, "a limit"), help="stop after N rows")
    parser.add_argument(
        "--width",
        metavar="N",
        type=whole_number(1, "a width"),
        help="fold the table to N characters (default: the terminal's width; no folding in a pipe)",
    )
    add_application_option(
        parser, {**MAX_REPETITIONS_LETTER, **NON_INCREASING_LETTER}, "rN max-repetitions; c accept names out of order"
    )
    add_progress_option(parser)
    add_json_option(parser, "one JSON object per line")
    parser.add_argument("oid", metavar="OID", help="the table: 1.3.6.1.2.1.2.2 is ifTable")


def read_arguments(arguments: argparse.Namespace) -> TableCommand:
    """Return the parsed arguments; ConfigurationError is wrong usage."""
    request = read_request_options(arguments)
    return TableCommand(
        request,
        parse_name(arguments.oid, request.names),
        arguments.columns,
        arguments.max_repetitions,
        arguments.limit,
        arguments.tolerate_non_increasing,
        arguments.width,
        arguments.json,
        arguments.skip_broken,
        arguments.progress,
    )


def run(command: TableCommand) -> int:
    """Read the table and print it; return the exit code."""
    rows: list[TableRow] = []
    try:
        with ProgressBar(
            f"reading {command.request.target.address}", "rows", rate=True, shown=lambda: _may_show_progress(command)
        ) as bar:
            asyncio.run(_table(command, rows, bar))
    finally:
        if rows:  # also after a failure: show the rows that arrived
            _print_rows(rows, command)
    if not rows and not command.json:
        print(f"snmptcp: no rows below {command.oid}", file=sys.stderr)
    return 0


def _may_show_progress(command: TableCommand) -> bool:
    # The lines of text come when progress has gone, but what reads a pipe may use the terminal before.
    return command.progress and (stdout_leaves_the_terminal() or (sys.stdout.isatty() and not command.json))


async def _table(command: TableCommand, rows: list[TableRow], bar: ProgressBar) -> None:
    """Collect the rows, or print them as JSON."""
    count = 0
    async with open_manager(command.request) as manager:
        table = manager.table(
            command.oid,
            command.columns,
            max_repetitions=command.max_repetitions,
            limit=command.limit,
            tolerate_non_increasing=command.tolerate_non_increasing,
            skip_broken=command.skip_broken,
        )
        async with contextlib.aclosing(table):
            async for row in table:
                if command.json:
                    print(format_row_json(row))
                else:
                    rows.append(row)
                count += 1
                bar(count, 0)
        if command.skip_broken and manager.statistics.broken:
            report(f"{command.request.target.address}: {LEFT_OUT}")


def _print_rows(rows: list[TableRow], command: TableCommand) -> None:
    columns = command.columns or sorted({column for row in rows for column in row})
    titles = {column: str(column) for column in columns}
    for line in text_table(rows, titles, command.width or terminal_width()):
        print(line)
