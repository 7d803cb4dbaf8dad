"""``snmptcp poll``: polls the targets of a file, again and again, until Ctrl-C.

Contains: the options, and the choice of what runs.  Does not contain: the file (:mod:`snmptcp.fleet.files`), polling
(:mod:`snmptcp.fleet`), and what is shown meanwhile (:mod:`snmptcp.cli.polling`).

Exit codes: 0 ended as asked; 1 a poll or a sink of ``--once`` failed, a host of ``--check`` has no address, or a sink
cannot be opened; 2 wrong usage, or mistakes in the file; 130 ``--once`` was interrupted; 141 the reader of ``--json``
has closed the pipe.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import functools
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from snmptcp.cli.names import Names
from snmptcp.cli.options.mibs import MibOptions, add_mib_options, read_mib_options
from snmptcp.cli.options.printing import add_output_options
from snmptcp.cli.options.progress import add_progress_option
from snmptcp.cli.options.snmp_conf import add_names_conf_option
from snmptcp.cli.options.styles import read_style
from snmptcp.cli.options.words import seconds
from snmptcp.cli.output.report import discard_stdout, report
from snmptcp.cli.output.samples import format_sample
from snmptcp.cli.pipeline import stdout_leaves_the_terminal
from snmptcp.cli.polling.board import counted
from snmptcp.cli.polling.checking import check
from snmptcp.cli.polling.once import poll_once
from snmptcp.cli.polling.open_files import allow_open_files
from snmptcp.cli.polling.running import Run, run_until, tell_mistakes
from snmptcp.cli.polling.source import FileSource
from snmptcp.cli.polling.stdout import StdoutSink
from snmptcp.cli.stopping import early_hangups, hangups, stop_signals
from snmptcp.errors import ConfigurationError
from snmptcp.fleet import Fleet
from snmptcp.fleet.files import check_names, load

if TYPE_CHECKING:
    import argparse

    from snmptcp.fleet.files import FleetFile, MibModules
    from snmptcp.mib import Mib
    from snmptcp.mib.text import TextStyle

__all__ = ("PollCommand", "add_arguments", "modules_of", "read_arguments", "run", "with_file")

FAILED = 1
WRONG_FILE = 2
INTERRUPTED = 128 + 2  # a shell's exit code for SIGINT
PIPE_CLOSED = 128 + 13  # a shell's exit code for SIGPIPE

#: How long the last writes may take at the end, in seconds, unless the file tells: Ctrl-C ends within a second.
GRACE = 0.4


@dataclass(frozen=True, slots=True)
class PollCommand:
    """The arguments of the command.

    Attributes:
        file: the fleet's file.
        once: whether to poll each job once.
        check: whether to say what would be polled.
        json: whether to print samples as JSON.
        duration: after how many seconds to end; ``None`` for never.
        live: whether to show a view on a terminal.
        mibs: the MIB modules of the command line.
        style: how to print names and values.
    """

    file: Path
    once: bool
    check: bool
    json: bool
    duration: float | None
    live: bool
    mibs: MibOptions
    style: TextStyle


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.add_argument("file", metavar="FILE", help="the TOML file with targets, jobs and sinks")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--once", action="store_true", help="poll each job once, print what was read, and end")
    group.add_argument(
        "--check", action="store_true", help="say what would be polled, look names and hosts up, and end"
    )
    parser.add_argument("--duration", metavar="SECONDS", type=seconds, help="end after SECONDS (default: never)")
    add_progress_option(parser)
    add_output_options(parser)
    add_mib_options(parser)
    add_names_conf_option(parser)


def read_arguments(arguments: argparse.Namespace) -> PollCommand:
    """Return the parsed arguments; ConfigurationError is wrong usage."""
    if arguments.check and (arguments.json or arguments.duration is not None):
        raise ConfigurationError("--check polls nothing: omit --json and --duration")
    if arguments.once and arguments.duration is not None:
        raise ConfigurationError("--once ends by itself: omit --duration")
    return PollCommand(
        file=Path(arguments.file),
        once=arguments.once,
        check=arguments.check,
        json=arguments.json,
        duration=arguments.duration,
        live=arguments.progress,
        mibs=read_mib_options(arguments),
        style=read_style(arguments),
    )


def run(command: PollCommand) -> int:
    """Poll; return the exit code."""
    try:
        if command.once or command.check:
            return _run(command, threading.Event())
        with early_hangups() as hung_up:
            return _run(command, hung_up)
    except ConfigurationError as error:
        tell_mistakes(error)
        return WRONG_FILE


def _run(command: PollCommand, hung_up: threading.Event) -> int:
    file = load(command.file)
    names = Names(with_file(command.mibs, file.mib), command.style)
    mib = modules_of(file, names)
    check_names(file, mib)
    if command.check:
        return 0 if asyncio.run(check(file, mib)) else FAILED
    return asyncio.run(_poll(command, file, mib, names, hung_up))


def with_file(options: MibOptions, modules: MibModules | None) -> MibOptions:
    """Return the modules of the command line, with those that the file names."""
    if modules is None or options.compiled is not None or options.off:
        return options
    return dataclasses.replace(
        options,
        standard=options.standard and modules.standard,
        modules=(*options.modules, *modules.modules),
        files=(*options.files, *modules.files),
        folders=(*options.folders, *modules.folders),
        compiled=modules.compiled,
        asked=True,
    )


def modules_of(file: FleetFile, names: Names) -> Mib | None:
    """Return the MIB modules; ``None`` if there are none, and all names are numbers.

    Raises:
        ConfigurationError: there are none, and they are needed.
    """
    if (mib := names.mib) is None:
        try:
            check_names(file, None)
        except ConfigurationError:
            return names.required()  # which tells why there are none
    return mib


async def _poll(command: PollCommand, file: FleetFile, mib: Mib | None, names: Names, hung_up: threading.Event) -> int:
    """Poll once, or until a signal, the duration or the end of what reads the samples."""
    most = file.settings.get("max_connections")
    for told in allow_open_files(min(len(file.targets), most or len(file.targets)), fixed=most is not None):
        report(told)
    pipe_closed = asyncio.Event()
    with stop_signals() as stop:

        def end() -> None:
            pipe_closed.set()
            stop.set()

        sinks = file.make_sinks(mib)
        if command.json:
            sinks.append(StdoutSink(end))
        if command.once:
            show = None if command.json else functools.partial(format_sample, formatter=names.formatter())
            succeeded = await poll_once(file, sinks, mib, stop, show)
            code = INTERRUPTED if succeeded is None else 0 if succeeded else FAILED
        else:
            source = FileSource(file, mib)
            fleet = Fleet(source, sinks=sinks, mib=mib, **{"grace": GRACE, **file.settings})
            await _poll_on(command, source, fleet, stop, hung_up)
            code = 0
    if pipe_closed.is_set():
        discard_stdout()
        return PIPE_CLOSED
    return code


async def _poll_on(
    command: PollCommand, source: FileSource, fleet: Fleet, stop: asyncio.Event, hung_up: threading.Event
) -> None:
    """Poll until a signal or the duration."""
    reload = asyncio.Event()
    file = source.file
    with hangups(reload.set), contextlib.ExitStack() as stack:
        if hung_up.is_set():  # while the file was read
            reload.set()
        if command.duration is not None:
            timer = asyncio.get_running_loop().call_later(command.duration, stop.set)
            stack.callback(timer.cancel)
        live = command.live and (stdout_leaves_the_terminal() or not _writes_to_stdout(command, file))
        ends = "Ctrl-C ends it" if command.duration is None else f"for {command.duration:g} s"
        first = f"polling {counted(len(file.targets), 'target')} of {file.path} ({ends})"
        await run_until(Run(fleet, f"snmptcp poll {file.path}", first, source, live=live), stop, reload)


def _writes_to_stdout(command: PollCommand, file: FleetFile) -> bool:
    return command.json or any("-" in sink.options.values() for sink in file.sinks)
