"""``snmptcp df``: shows how full the disks and the memory of an agent are."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from snmptcp.cli.manager import open_manager
from snmptcp.cli.options.application import add_application_option
from snmptcp.cli.options.printing import add_json_option
from snmptcp.cli.options.request import RequestOptions, add_request_options, read_request_options
from snmptcp.cli.output.cells import cell_width
from snmptcp.cli.output.report import report
from snmptcp.cli.storage import read_disks, read_host_storage
from snmptcp.errors import ConfigurationError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

    from snmptcp.cli.storage import Storage

__all__ = ("DfCommand", "add_arguments", "read_arguments", "run")

#: The form of sizes: in units of 1024 octets, with the prefixes of IEC, or with those of SI.
Form = Literal["plain", "iec", "si"]

_LETTERS = {"u": ("disks", False), "h": ("iec", False), "H": ("si", False)}

_UNITS = {"iec": ("KiB", "MiB", "GiB", "TiB", "PiB", "EiB"), "si": ("kB", "MB", "GB", "TB", "PB", "EB")}
_STEP = {"iec": 1024, "si": 1000}

#: The least width of the first column, and that of the numbers.
_NAME_WIDTH = 18
_PLAIN_WIDTH, _HUMAN_WIDTH, _PERCENT_WIDTH = 15, 10, 5

#: Stands for a number that the agent does not tell.
_UNKNOWN = "-"


@dataclass(frozen=True, slots=True)
class DfCommand:
    """The arguments of the command.

    Attributes:
        request: the agent, and the credentials.
        disks: whether to read net-snmp's dskTable rather than hrStorageTable.
        form: how to print sizes.
        json: whether to print JSON.
    """

    request: RequestOptions
    disks: bool
    form: Form
    json: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_request_options(parser)
    add_application_option(
        parser,
        _LETTERS,
        "u read net-snmp's dskTable instead of hrStorageTable; h sizes as 1.50GiB; H sizes as 1.61GB",
    )
    add_json_option(parser, "one JSON object per line, with sizes in octets")


def read_arguments(arguments: argparse.Namespace) -> DfCommand:
    """Return the parsed arguments; ConfigurationError is wrong usage."""
    if arguments.iec and arguments.si:
        raise ConfigurationError("-Ch and -CH exclude each other: units of 1024 or of 1000")
    form: Form = "iec" if arguments.iec else "si" if arguments.si else "plain"
    return DfCommand(read_request_options(arguments), arguments.disks, form, arguments.json)


def run(command: DfCommand) -> int:
    """Read the table and print it; return the exit code."""
    rows = asyncio.run(_read(command))
    if not rows:
        report(f"{command.request.target.address}: the agent shows neither hrStorageTable nor dskTable")
        return 1
    for line in map(_as_json, rows) if command.json else _as_text(rows, command.form):
        print(line)
    return 0


async def _read(command: DfCommand) -> list[Storage]:
    ways = [("hrStorageTable", read_host_storage), ("dskTable", read_disks)]
    (first, read), (second, read_instead) = reversed(ways) if command.disks else ways
    async with open_manager(command.request) as manager:
        rows = await read(manager)
        if rows:
            return rows
        rows = await read_instead(manager)
    if rows:
        report(f"{command.request.target.address}: no {first}; this is {second}")
    return rows


def _as_text(rows: Sequence[Storage], form: Form) -> Iterator[str]:
    """Yield the lines of net-snmp's snmpdf; long descriptions move the columns."""
    name = max(_NAME_WIDTH, *(cell_width(row.description) for row in rows))
    width = _PLAIN_WIDTH if form == "plain" else _HUMAN_WIDTH
    size = "Size (kB)" if form == "plain" else "Size"
    yield _line(("Description", size, "Used", "Available", "Used%"), name, width)
    for row in rows:
        sizes = (_size(octets, form) for octets in (row.size, row.used, row.available))
        percent = _UNKNOWN if row.percent is None else f"{row.percent}%"
        yield _line((row.description, *sizes, percent), name, width)


def _line(cells: Sequence[str], name: int, width: int) -> str:
    first, *sizes, percent = cells
    numbers = "".join(f" {cell:>{width}}" for cell in sizes)
    return f"{first}{' ' * (name - cell_width(first))}{numbers} {percent:>{_PERCENT_WIDTH}}"


def _size(octets: int | None, form: Form) -> str:
    if octets is None:
        return _UNKNOWN
    if form == "plain":
        return str(octets // 1024)
    step, names = _STEP[form], _UNITS[form]
    number = octets / step
    for unit in names:
        if number < step or unit == names[-1]:
            return f"{number:.2f}{unit}"
        number /= step
    raise AssertionError("there is a last unit")


def _as_json(row: Storage) -> str:
    return json.dumps(
        {
            "index": row.index,
            "description": row.description,
            "type": row.type,
            "size": row.size,
            "used": row.used,
            "available": row.available,
            "used_percent": row.percent,
        }
    )
