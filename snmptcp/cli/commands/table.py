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
from snmptcp.cli.options.assignments import parse_columns, parse_name
from snmptcp.cli.options.printing import OutputOptions, add_output_options, read_output_options
from snmptcp.cli.options.progress import add_progress_option
from snmptcp.cli.options.request import RequestOptions, add_request_options, read_request_options
from snmptcp.cli.options.words import whole_number
from snmptcp.cli.output.layout import terminal_width
from snmptcp.cli.output.named_tables import TableStyle, TableText
from snmptcp.cli.output.report import report
from snmptcp.cli.output.varbinds import format_row_json
from snmptcp.cli.partial import LEFT_OUT
from snmptcp.cli.pipeline import stdout_leaves_the_terminal
from snmptcp.cli.progress import ProgressBar
from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    import argparse

    from snmptcp.manager import TableRow
    from snmptcp.mib import Mib, Node
    from snmptcp.oid import OID

__all__ = ("TableCommand", "add_arguments", "read_arguments", "run")

_LETTERS = {
    **MAX_REPETITIONS_LETTER,
    **NON_INCREASING_LETTER,
    "b": ("brief", False),
    "i": ("index_column", False),
    "h": ("headings_only", False),
    "H": ("no_headings", False),
    "l": ("left", False),
    "B": ("no_getbulk", False),
}

_MEANINGS = (
    "b names of columns without their common start; i a column with the whole index; h headings alone; H no headings; "
    "l all cells begin below each other; B use no GETBULK; rN max-repetitions; c accept names out of order"
)


@dataclass(frozen=True, slots=True)
class TableCommand:
    """The arguments of the command.

    Attributes:
        request: the agent, and the credentials.
        output: how to print names and values.
        table: the table.
        columns: the columns to read; ``None`` for all.
        max_repetitions: how many rows to request at once; ``None`` for as many as the agent can answer.
        limit: stop after this many rows.
        tolerate_non_increasing: whether to accept names out of order.
        style: how to print the table.
        skip_broken: whether to leave variables that cannot be decoded out of their rows.
        progress: whether to show progress on a terminal while the rows are read.
    """

    request: RequestOptions
    output: OutputOptions
    table: OID
    columns: tuple[int, ...] | None
    max_repetitions: int | None
    limit: int | None
    tolerate_non_increasing: bool
    style: TableStyle
    skip_broken: bool
    progress: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_request_options(parser)
    add_output_options(parser)
    add_max_repetitions(parser, adapts=True)
    add_skip_broken(parser)
    add_non_increasing(parser)
    parser.add_argument(
        "--columns", metavar="COLUMN,...", help="columns to read, by name or number (default: all that the agent has)"
    )
    parser.add_argument("--limit", metavar="N", type=whole_number(1, "a limit"), help="stop after N rows")
    parser.add_argument(
        "--width",
        "-Cw",
        metavar="N",
        type=whole_number(1, "a width"),
        help="fold the table to N characters (default: the terminal's width; no folding in a pipe)",
    )
    add_application_option(parser, _LETTERS, _MEANINGS)
    # ``-Cr10`` is a letter of ``-C``; ``-Cr 10`` and ``-Cf ,`` need options of their own.
    parser.add_argument("-Cf", dest="delimiter", metavar="TEXT", help="print TEXT between cells, in net-snmp's form")
    parser.add_argument(
        "-Cr",
        dest="max_repetitions",
        metavar="N",
        type=whole_number(0, "max-repetitions"),
        help="as --max-repetitions",
    )
    add_progress_option(parser)
    parser.add_argument("table", metavar="OID", help="the table: IF-MIB::ifTable, ifTable or 1.3.6.1.2.1.2.2")


def read_arguments(arguments: argparse.Namespace) -> TableCommand:
    """Return the parsed arguments; ConfigurationError is wrong usage."""
    request = read_request_options(arguments)
    output = read_output_options(arguments)
    table = _table_of_entry(parse_name(arguments.table, request.names), output.mib)
    style = TableStyle(
        arguments.brief,
        arguments.index_column,
        headings=not arguments.no_headings,
        rows=not arguments.headings_only,
        left=arguments.left,
        delimiter=arguments.delimiter,
        width=terminal_width() if arguments.width is None else arguments.width,
    )
    return TableCommand(
        request,
        output,
        table,
        None if arguments.columns is None else parse_columns(arguments.columns, table, request.names),
        0 if arguments.no_getbulk else arguments.max_repetitions,
        arguments.limit if style.rows else 1,
        arguments.tolerate_non_increasing,
        style,
        arguments.skip_broken,
        arguments.progress,
    )


def run(command: TableCommand) -> int:
    """Read the table and print it; return the exit code."""
    mib = command.output.mib
    definition = None if mib is None else mib.table_names(command.table)
    formatter = command.output.formatter()
    entry = command.table + 1 if definition is None else definition.entry
    text = TableText(entry, formatter, definition, command.style)
    rows: list[TableRow] = []
    try:
        with ProgressBar(
            f"reading {command.request.target.address}", "rows", rate=True, shown=lambda: _may_show_progress(command)
        ) as bar:
            asyncio.run(_table(command, entry, rows, bar))
    finally:
        if not command.output.json and (rows or command.style.delimiter is not None):
            for line in text.lines(rows, command.columns):  # also after a failure: the rows that arrived
                print(line)
    if not rows and not command.output.json:
        print(f"snmptcp: no rows below {formatter.name(command.table).removeprefix('.')}", file=sys.stderr)
    return 0


def _table_of_entry(oid: OID, mib: Mib | None) -> OID:
    """Return the table that an OID names, by itself or by its entry.

    Raises:
        ConfigurationError: it is another object's.
    """
    if mib is None:
        return oid
    node, tail = mib.find(oid)
    if node is not None and not tail and node.kind == "row":
        return oid[:-1]
    if mib.object_of(oid) is not None or (node is not None and not tail and _is_group(mib, node)):
        raise ConfigurationError(f"{mib.name(oid)} is no table{_hint(mib, oid)}")
    return oid


def _is_group(mib: Mib, node: Node) -> bool:
    """Whether a node has variables directly below it."""
    return node.kind != "table" and any(child.kind == "scalar" for child in mib.children(node.oid))


def _hint(mib: Mib, oid: OID) -> str:
    """Return a hint at the table of a column, or at other commands."""
    node = mib.object_of(oid)
    if node is None or node.kind != "column":
        return ": try get or walk"
    return f": try {mib.name(node.oid[:-2])} --columns {node.label}"


def _may_show_progress(command: TableCommand) -> bool:
    # The lines of text come when progress has gone, but what reads a pipe may use the terminal before.
    return command.progress and (stdout_leaves_the_terminal() or (sys.stdout.isatty() and not command.output.json))


async def _table(command: TableCommand, entry: OID, rows: list[TableRow], bar: ProgressBar) -> None:
    """Collect the rows, or print them as JSON."""
    count = 0
    formatter = command.output.formatter()
    async with open_manager(command.request, mib=command.output.mib) as manager:
        table = manager.table(
            command.table,
            command.columns,
            max_repetitions=command.max_repetitions,
            limit=command.limit,
            tolerate_non_increasing=command.tolerate_non_increasing,
            skip_broken=command.skip_broken,
        )
        async with contextlib.aclosing(table):
            async for row in table:
                if command.output.json:
                    print(format_row_json(row, formatter, entry))
                else:
                    rows.append(row)
                count += 1
                bar(count, 0)
        if command.skip_broken and manager.statistics.broken:
            report(f"{command.request.target.address}: {LEFT_OUT}")
