"""``snmptcp delta``: watches counters and interfaces: differences and rates, until Ctrl-C.

Contains: the run of the command.
Does not contain: its options (:mod:`snmptcp.cli.options.deltas`), reading and comparing (:mod:`snmptcp.cli.watch`), and
text (:mod:`snmptcp.cli.output.deltas`, :mod:`snmptcp.cli.output.interfaces`).
"""

from __future__ import annotations

import asyncio
import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from snmptcp.cli.manager import describe_failure, open_manager
from snmptcp.cli.options.assignments import parse_names
from snmptcp.cli.options.deltas import DeltaOptions, add_delta_options, read_delta_options, read_names_file
from snmptcp.cli.options.printing import OutputOptions, add_output_options, read_output_options
from snmptcp.cli.options.request import RequestOptions, add_request_options, read_request_options
from snmptcp.cli.output.deltas import SUM, delta_lines, delta_table, format_delta_json, stamp, tabs
from snmptcp.cli.output.interfaces import interface_lines, interface_object
from snmptcp.cli.output.layout import terminal_width
from snmptcp.cli.output.report import report as tell
from snmptcp.cli.output.screen import Screen
from snmptcp.cli.stopping import stop_signals
from snmptcp.cli.watch.averages import Reporter
from snmptcp.cli.watch.clock import SystemClock, beats
from snmptcp.cli.watch.interfaces import InterfaceReader, compare_interfaces, total_of
from snmptcp.cli.watch.variables import VariableReader, compare
from snmptcp.errors import ConfigurationError, SnmpError
from snmptcp.mib.conversion import format_ticks

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterable, Mapping

    from snmptcp.cli.watch.averages import Report
    from snmptcp.cli.watch.clock import Clock
    from snmptcp.cli.watch.counters import Interval
    from snmptcp.cli.watch.interfaces import InterfaceSample, InterfaceSnapshot
    from snmptcp.cli.watch.variables import Snapshot
    from snmptcp.manager import Manager
    from snmptcp.oid import OID

__all__ = ("DeltaCommand", "add_arguments", "read_arguments", "run", "watch")

FAILED = 1


@dataclass(frozen=True, slots=True)
class DeltaCommand:
    """The arguments of the command.

    Attributes:
        request: the agent, and the credentials.
        output: how to print names and values.
        options: how to watch.
        oids: the variables and subtrees.
        patterns: the names of interfaces.
    """

    request: RequestOptions
    output: OutputOptions
    options: DeltaOptions
    oids: tuple[OID, ...]
    patterns: tuple[str, ...]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_request_options(parser)
    add_output_options(parser)
    add_delta_options(parser)
    parser.add_argument(
        "words",
        metavar="OID",
        nargs="*",
        help="counters, and columns, tables or subtrees with counters; with --interfaces names of interfaces",
    )


def read_arguments(arguments: argparse.Namespace) -> DeltaCommand:
    """Return the parsed arguments; ConfigurationError is wrong usage."""
    output = read_output_options(arguments)
    options = read_delta_options(arguments, json=output.json)
    request = read_request_options(arguments)
    if options.names_per_packet is not None:
        target = dataclasses.replace(request.target, max_names=options.names_per_packet)
        request = dataclasses.replace(request, target=target)
    if options.interfaces:
        return DeltaCommand(request, output, options, (), tuple(arguments.words))
    names = list(arguments.words)
    if options.names_file is not None:
        names += read_names_file(options.names_file)
    if not names:
        raise ConfigurationError("what to watch? Give OIDs, or --interfaces")
    oids = tuple(dict.fromkeys(parse_names(names, request.names)))
    return DeltaCommand(request, output, options, oids, ())


def run(command: DeltaCommand) -> int:
    """Watch until a signal or the count; return the exit code."""
    return asyncio.run(_run(command))


async def _run(command: DeltaCommand) -> int:
    with stop_signals() as stop:
        return await watch(command, SystemClock(stop))


async def watch(command: DeltaCommand, clock: Clock) -> int:
    """Watch until the clock says stop, or the count; return the exit code.

    Args:
        command: what to watch.
        clock: the time.

    Raises:
        RequestFailed: the first reading fails; later failures are told, and the watch goes on.
    """
    watcher = _InterfaceWatch(command, clock) if command.options.interfaces else _VariableWatch(command, clock)
    left = command.options.count
    is_first, failed = True, False
    async with open_manager(command.request) as manager:
        async for _ in beats(clock, command.options.style.period):
            try:
                reported = await watcher.step(manager)
            except SnmpError as error:
                if is_first:
                    raise
                failed = True
                tell(describe_failure(error, command.request, engine_known=manager.engine is not None))
                reported = True  # a count is also a number of attempts: it ends when the agent is gone
            is_first = False
            if left is not None and reported:
                left -= 1
                if left <= 0:
                    break
    return FAILED if failed or watcher.failed else 0


def _tell_restart(command: DeltaCommand, interval: Interval) -> None:
    """Tell that the agent has restarted between two readings, if it has."""
    if interval.restarted:
        before, after = (_uptime(moment.uptime) for moment in (interval.before, interval.after))
        tell(
            f"{command.request.target.address}: the agent has restarted: sysUpTime was {before} and is {after}; "
            "nothing is compared across that"
        )


def _uptime(ticks: int | None) -> str:
    return "-" if ticks is None else format_ticks(ticks, days_alone=False)


# ----------------------------------------------------------------------------------------- variables


class _VariableWatch:
    """Reads variables, and prints what they do."""

    def __init__(self, command: DeltaCommand, clock: Clock) -> None:
        self.failed = False
        self._command = command
        self._options = command.options
        self._clock = clock
        self._formatter = command.output.formatter()
        self._reader = VariableReader(command.oids, self._miss, give_up=command.options.give_up)
        self._reporter = Reporter(command.options.style.samples)
        self._before: Snapshot | None = None
        self._screen = Screen()
        self._show = self._printer()
        self._named: tuple[OID, ...] = ()

    def _miss(self, text: str) -> None:
        self.failed = True
        tell(f"{self._command.request.target.address}: {text}")

    async def step(self, manager: Manager) -> bool:
        """Read once; return whether something was reported."""
        after = await self._reader.read(manager, self._clock)
        before, self._before = self._before, after
        if before is None:
            if not after.values:
                raise SnmpError("there is nothing to watch")
            return False
        sample = compare(before, after)
        _tell_restart(self._command, sample.interval)
        report = self._reporter.add(sample)
        if report is None:
            return False
        self._show(report)
        return True

    def _printer(self) -> Callable[[Report], None]:
        if self._command.output.json:
            return self._print_json
        if self._options.form == "tabs":
            return self._print_tabs
        if self._options.form == "table":
            return self._draw
        return self._write_files if self._options.to_files else self._print_lines

    def _print_json(self, report: Report) -> None:
        _print([format_delta_json(report, self._clock.now(), self._options.style, self._formatter)])

    def _print_tabs(self, report: Report) -> None:
        """Print a line of the table; the names stand above it when they have changed."""
        names = tuple(entry.varbind.oid for entry in report.entries)
        title = None if names == self._named else str(self._command.request.target.host)
        self._named = names
        _print(tabs(report, self._clock.now(), self._options.style, self._formatter, title))

    def _print_lines(self, report: Report) -> None:
        lines = delta_lines(report, self._clock.now(), self._options.style, self._formatter)
        _print(line.text for line in lines)

    def _write_files(self, report: Report) -> None:
        """Append each line to the file of its variable."""
        host = str(self._command.request.target.address).replace("/", "_")
        for line in delta_lines(report, self._clock.now(), self._options.style, self._formatter):
            if line.oid is None:
                path = self._options.sum_file or Path(f"{host}-{SUM}")
            else:
                path = Path(f"{host}-{self._formatter.name(line.oid).replace('/', '_')}")
            with path.open("a", encoding="utf-8") as file:
                file.write(f"{line.text}\n")

    def _draw(self, report: Report) -> None:
        style = self._options.style
        head = _head(self._command, self._clock, report.uptime, report.seconds)
        self._screen.show([head, "", *delta_table(report, style, self._formatter, terminal_width())])


def _print(lines: Iterable[str]) -> None:
    text = "\n".join(lines)
    if text:
        print(text, flush=True)


def _head(command: DeltaCommand, clock: Clock, uptime: int | None, seconds: float) -> str:
    """Return the line above a table."""
    now = stamp(clock.now(), dataclasses.replace(command.options.style, keep_seconds=True))
    return f"{command.request.target.address}  {now}  up {_uptime(uptime)}  {seconds:.2f} s"


# ---------------------------------------------------------------------------------------- interfaces


class _InterfaceWatch:
    """Reads interfaces, and prints their rates."""

    def __init__(self, command: DeltaCommand, clock: Clock) -> None:
        self.failed = False
        self._command = command
        self._clock = clock
        self._reader = InterfaceReader(command.patterns)
        self._before: InterfaceSnapshot | None = None
        self._screen = Screen()
        #: The largest rates of each interface so far, in and out.
        self._maxima: dict[int, tuple[float, float]] = {}

    async def step(self, manager: Manager) -> bool:
        """Read once; return whether something was reported."""
        after = await self._reader.read(manager, self._clock)
        before, self._before = self._before, after
        if before is None:
            return False
        sample = compare_interfaces(before, after)
        _tell_restart(self._command, sample.interval)
        if self._command.options.style.total:
            sample = dataclasses.replace(sample, interfaces=[*sample.interfaces, total_of(sample.interfaces)])
        for row in sample.interfaces:
            largest = self._maxima.get(row.index, (0.0, 0.0))
            self._maxima[row.index] = (max(largest[0], row.in_bits or 0.0), max(largest[1], row.out_bits or 0.0))
        self._show(sample)
        return True

    def _show(self, sample: InterfaceSample) -> None:
        maxima = self._maxima if self._command.options.style.maxima else None
        if self._command.output.json:
            _print([self._as_json(sample, maxima)])
            return
        head = _head(self._command, self._clock, sample.interval.after.uptime, sample.interval.seconds)
        self._screen.show([head, "", *interface_lines(sample.interfaces, terminal_width(), maxima)])

    def _as_json(self, sample: InterfaceSample, maxima: Mapping[int, tuple[float, float]] | None) -> str:
        return json.dumps(
            {
                "time": self._clock.now().isoformat(),
                "uptime": sample.interval.after.uptime,
                "seconds": round(sample.interval.seconds, 3),
                "restarted": sample.interval.restarted,
                "interfaces": [interface_object(row, (maxima or {}).get(row.index)) for row in sample.interfaces],
            }
        )
