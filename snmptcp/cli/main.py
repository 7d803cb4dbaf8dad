"""The command ``snmptcp``: net-snmp's command line over this library.

This module runs one command and says what became of it.  What a command does is in the module that
:data:`_MODULES` names; it is imported when it is asked for, so that a GET does not wait for what only a
demonstration needs.

Exit codes: 0 done, 1 it failed (one line on stderr says why), 2 wrong usage, 130 interrupted, 141 nobody
reads the output any more.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import os
import sys
import traceback
from typing import TYPE_CHECKING

from snmptcp.cli.options.tls import OptionsProblem
from snmptcp.cli.output.hints import describe_error
from snmptcp.cli.parser import parse_arguments
from snmptcp.errors import SnmpError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterator, Sequence

__all__ = ("main",)

DONE = 0
FAILED = 1
INTERRUPTED = 128 + 2  # what a shell makes of SIGINT
NOBODY_READS = 128 + 13  # what a shell makes of SIGPIPE

#: Where the function ``run(arguments) -> exit code`` of each command is.
_MODULES = {
    "get": "requests",
    "getnext": "requests",
    "getbulk": "requests",
    "set": "requests",
    "walk": "walks",
    "table": "walks",
    "discover": "discover",
    "trap": "notify",
    "inform": "notify",
    "agent": "agent",
    "listen": "listen",
    "demo": "demo",
    "certs": "certs",
    "explain": "explain",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the arguments, without the command's own name; ``None`` for those of the process.

    Returns:
        The exit code.  Nothing is raised for what users, networks and agents do wrong.
    """
    _open_closed_streams()
    try:
        arguments = parse_arguments(argv)
    except SystemExit as end:  # argparse has said what there is to say
        return end.code if isinstance(end.code, int) else FAILED
    with _debugging(arguments):
        return _run(arguments)


def _open_closed_streams() -> None:
    """Let a stream that the shell has closed (``>&-``) be an empty file: Python has ``None`` in its place."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)  # open until the process ends, as the others are
            setattr(sys, name, os.fdopen(descriptor, mode, encoding="utf-8", closefd=False))


def _run(arguments: argparse.Namespace) -> int:
    """Run the command of parsed arguments, and tell its failure in one line."""
    try:
        code: int = importlib.import_module(f"snmptcp.cli.commands.{_MODULES[arguments.command]}").run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        return NOBODY_READS
    except (SnmpError, OSError) as error:
        _say(_describe(error, arguments))
        if arguments.debug:
            traceback.print_exc()
        return FAILED
    return code


def _describe(error: SnmpError | OSError, arguments: argparse.Namespace) -> str:
    """Return what went wrong, and with whom, in words, and what to look at."""
    if isinstance(error, OptionsProblem):
        return str(error)
    if isinstance(error, SnmpError):
        text = describe_error(error, arguments)
        agent = getattr(arguments, "agent", None)
        return text if agent is None or str(agent) in text else f"{agent}: {text}"
    reason = error.strerror or str(error) or type(error).__name__
    return f"{error.filename}: {reason}" if error.filename is not None else reason


def _say(text: str) -> None:
    """Write one line to stderr, whatever is in the text."""
    try:
        sys.stdout.flush()  # what came before the failure stands before it
    except OSError:
        _forget_stdout()
    line = "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)
    print(f"snmptcp: {line}", file=sys.stderr)


def _forget_stdout() -> None:
    """Let what is still in stdout's buffer go nowhere, instead of failing again when the process ends."""
    with contextlib.suppress(OSError, ValueError):  # ValueError: a stdout that is not a file
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


@contextlib.contextmanager
def _debugging(arguments: argparse.Namespace) -> Iterator[None]:
    """Show the library's log on stderr, where that is asked for."""
    if not arguments.debug:
        yield
        return
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(relativeCreated)7.0f ms %(name)s: %(message)s"))
    logger = logging.getLogger("snmptcp")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
