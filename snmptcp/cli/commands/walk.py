"""``snmptcp walk``: reads whole subtrees, and prints or records them as they arrive."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import time
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
from snmptcp.cli.options.assignments import parse_name, parse_root
from snmptcp.cli.options.printing import OutputOptions, add_output_options, read_output_options
from snmptcp.cli.options.progress import add_progress_option
from snmptcp.cli.options.request import RequestOptions, add_request_options, read_request_options
from snmptcp.cli.options.words import whole_number
from snmptcp.cli.output.report import report
from snmptcp.cli.partial import LEFT_OUT
from snmptcp.cli.pipeline import stdout_leaves_the_terminal
from snmptcp.cli.progress import ProgressBar
from snmptcp.cli.recorder import Recorder
from snmptcp.cli.stopping import orderly_end
from snmptcp.errors import BrokenVariable, ConfigurationError, NoSuchName
from snmptcp.oid import OID

if TYPE_CHECKING:
    import argparse
    from collections.abc import AsyncGenerator, Callable, Sequence

    from snmptcp.manager import Manager
    from snmptcp.values import VarBind

__all__ = ("MIB_2", "WalkCommand", "add_arguments", "read_arguments", "run")

MIB_2 = OID("1.3.6.1.2.1")

#: What --record reads: all that agents have.
INTERNET = OID("1.3.6.1")

_LETTERS = {
    **MAX_REPETITIONS_LETTER,
    **NON_INCREASING_LETTER,
    "n": ("non_repeaters", True),  # net-snmp's snmpbulkwalk has it; refused with a reason
    "i": ("include_root", False),
    "I": ("exclude_root", False),
    "p": ("print_count", False),
    "t": ("print_time", False),
}


@dataclass(frozen=True, slots=True)
class WalkCommand:
    """The arguments of the command.

    Attributes:
        request: the agent, and the credentials.
        output: how to print variable bindings.
        oids: the subtrees.
        max_repetitions: how many names to request at once; ``None`` for as many as the agent can answer.
        limit: stop after this many variable bindings.
        tolerate_non_increasing: whether to accept names out of order.
        include_root: whether to read the name itself before its subtree.
        exclude_root: whether never to read the name itself, even if its subtree is empty.
        print_count: whether to print the number of variables at the end.
        print_time: whether to tell on stderr how long the walk took.
        end: the name to stop at, which may be behind the subtree; ``None`` for the end of the subtree.
        record: the file that takes the variables instead of the output; ``None`` to print them.
        skip_broken: whether to go on past variables that cannot be decoded.
        progress: whether to show progress on a terminal that does not show the variables.
    """

    request: RequestOptions
    output: OutputOptions
    oids: tuple[OID, ...]
    max_repetitions: int | None
    limit: int | None
    tolerate_non_increasing: bool
    include_root: bool
    exclude_root: bool
    print_count: bool
    print_time: bool
    end: OID | None
    record: str | None
    skip_broken: bool
    progress: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    add_request_options(parser)
    add_output_options(parser)
    add_max_repetitions(parser, adapts=True)
    add_non_increasing(parser)
    parser.add_argument("--limit", metavar="N", type=whole_number(1, "a limit"), help="stop after N variable bindings")
    parser.add_argument(
        "--record",
        metavar="FILE",
        help="write a recording for snmptcp agent instead of printing; .gz, .bz2 or .xz compresses it",
    )
    add_skip_broken(parser)
    add_progress_option(parser)
    parser.set_defaults(non_repeaters=0)
    add_application_option(
        parser,
        _LETTERS,
        "rN max-repetitions; c accept names out of order; i read the name itself first; "
        "I never read it, even if its subtree is empty; p print the number of variables; "
        "t tell on stderr how long the walk takes",
    )
    parser.add_argument(
        "-CE",
        dest="end",
        metavar="END",
        help="stop at this name instead of the end of the subtree, even behind that",
    )
    parser.add_argument(
        "oids",
        metavar="OID",
        nargs="*",
        default=None,
        help=f"the subtrees (default: mib-2, {MIB_2}; with --record {INTERNET}); . for everything",
    )


def read_arguments(arguments: argparse.Namespace) -> WalkCommand:
    """Return the parsed arguments; ConfigurationError is wrong usage."""
    if arguments.non_repeaters:
        raise ConfigurationError("-Cn is for getbulk: a walk has no non-repeaters")
    request = read_request_options(arguments)
    oids = tuple(parse_root(word, request.names) for word in arguments.oids or ())
    return WalkCommand(
        request,
        read_output_options(arguments),
        oids or (MIB_2 if arguments.record is None else INTERNET,),
        arguments.max_repetitions,
        arguments.limit,
        arguments.tolerate_non_increasing,
        arguments.include_root,
        arguments.exclude_root,
        arguments.print_count,
        arguments.print_time,
        None if arguments.end is None else parse_name(arguments.end, request.names),
        arguments.record,
        arguments.skip_broken,
        arguments.progress,
    )


def run(command: WalkCommand) -> int:
    """Walk the subtrees, and print or record them; return the exit code."""
    if command.record is None:
        show = command.output.printer()
        with ProgressBar(
            f"walking {command.request.target.address}",
            "variables",
            rate=True,
            shown=lambda: command.progress and stdout_leaves_the_terminal(),
        ) as bar:
            asyncio.run(_walk(command, lambda varbind: print(show(varbind)), bar))
    else:
        with orderly_end(), Recorder(command.record, progress=command.progress) as recorder:
            asyncio.run(_walk(command, recorder.write))
    return 0


async def _walk(command: WalkCommand, take: Callable[[VarBind], None], bar: ProgressBar | None = None) -> None:
    count = 0
    start = time.perf_counter()
    async with (
        open_manager(command.request) as manager,
        contextlib.aclosing(_subtrees(manager, command)) as varbinds,
    ):
        async for varbind in varbinds:
            take(varbind)
            count += 1
            if bar is not None:
                bar(count, 0)
            if count == command.limit:
                break
        left_out = bool(manager.statistics.broken)
    if command.skip_broken and left_out:
        report(f"{command.request.target.address}: {LEFT_OUT}")
    if command.print_count:
        print(f"Variables found: {count}")
    if command.print_time:
        print(f"Total traversal time = {time.perf_counter() - start:f} seconds", file=sys.stderr)


async def _subtrees(manager: Manager, command: WalkCommand) -> AsyncGenerator[VarBind, None]:
    """Yield one subtree after the other; instead of an empty one, the variable of that name."""
    for root in command.oids:
        empty = True
        if command.include_root and _is_name(root):
            with contextlib.suppress(NoSuchName):  # in SNMPv1, if it is no instance
                for varbind in await _get_one(manager, root, skip_broken=command.skip_broken):
                    empty = False
                    yield varbind
        walk = manager.walk(
            root if command.end is None else _above_both(root, command.end),
            start=None if command.end is None else root,
            max_repetitions=command.max_repetitions,
            limit=command.limit,
            tolerate_non_increasing=command.tolerate_non_increasing,
            skip_broken=command.skip_broken,
            instance=False,  # below, with what the agent says if it has none
        )
        async with contextlib.aclosing(walk):
            async for varbind in walk:
                if command.end is not None and varbind.oid >= command.end:
                    break
                empty = False
                yield varbind
        if empty and not command.exclude_root and _is_name(root):
            for varbind in await _get_one(manager, root, skip_broken=command.skip_broken):
                yield varbind


def _above_both(root: OID, end: OID) -> OID:
    """Return the name above a root and the name where its walk ends."""
    common = 0
    for one, other in zip(root, end, strict=False):
        if one != other:
            break
        common += 1
    return root[:common]


async def _get_one(manager: Manager, oid: OID, *, skip_broken: bool) -> Sequence[VarBind]:
    """Return a variable; nothing if it cannot be decoded and such variables are skipped."""
    try:
        return await manager.get(oid)
    except BrokenVariable:
        if not skip_broken:
            raise
        return ()


def _is_name(oid: OID) -> bool:
    return len(oid) > 1  # a single arc can be the root of a walk, but not be read
