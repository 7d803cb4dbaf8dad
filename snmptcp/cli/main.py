"""The command ``snmptcp``: net-snmp's command line for this library.

Contains: running one command, and reporting its failure.  Does not contain: what commands do
(:mod:`snmptcp.cli.commands`).

Exit codes: 0 done; 1 failed, with one line on stderr; 2 wrong usage; 130 interrupted; 141 the reader of the output
has closed the pipe; 129 and 143: SIGHUP or SIGTERM ended a recording, whose file is finished.
"""

from __future__ import annotations

import codecs
import contextlib
import io
import logging
import os
import sys
import traceback
import warnings
from typing import TYPE_CHECKING

from snmptcp.cautions import SecurityWarning
from snmptcp.cli.output.report import discard_stdout, report
from snmptcp.cli.parser import parse_command
from snmptcp.errors import SnmpError
from snmptcp.printable import printable
from snmptcp.starting import collect_again, end_loading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from snmptcp.cli.parser import Invocation

__all__ = ("main",)

FAILED = 1
INTERRUPTED = 128 + 2  # a shell's exit code for SIGINT
PIPE_CLOSED = 128 + 13  # a shell's exit code for SIGPIPE


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: the arguments, without the command's own name; ``None`` for those of the process.

    Returns:
        The exit code.  Errors of users, networks and agents raise nothing.
    """
    end_loading()
    _open_closed_streams()
    _take_any_character()
    with _warnings():
        try:
            invocation = parse_command(argv)
        except SystemExit as end:  # argparse has printed everything
            return end.code if isinstance(end.code, int) else FAILED
        except KeyboardInterrupt:
            return INTERRUPTED
        finally:
            collect_again()
        with _logging(enabled=invocation.debug):
            return _run(invocation)


@contextlib.contextmanager
def _warnings() -> Iterator[None]:
    """Show security warnings as single lines, without the line of Python that they are about."""
    show = warnings.showwarning

    def show_line(  # noqa: PLR0917 - the standard library's signature
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        if issubclass(category, SecurityWarning):
            report(f"warning: {message}")
        else:
            show(message, category, filename, lineno, file, line)

    warnings.showwarning = show_line
    try:
        yield
    finally:
        warnings.showwarning = show


def _open_closed_streams() -> None:
    """Replace streams that the shell has closed (``>&-``), which are ``None``, by empty files."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)  # stays open until the process ends, like the others
            setattr(sys, name, os.fdopen(descriptor, mode, encoding="utf-8", closefd=False))


def _take_any_character() -> None:
    """Print escapes for characters that the encoding of stdout does not have, instead of failing there.

    In the locale C Python's handler is ``surrogateescape``, which fails for characters that ASCII does not have.
    """
    stdout = sys.stdout
    if not isinstance(stdout, io.TextIOWrapper):
        return
    is_ascii = codecs.lookup(stdout.encoding).name == "ascii"
    if stdout.errors == "strict" or (stdout.errors == "surrogateescape" and is_ascii):
        stdout.reconfigure(errors="backslashreplace")


def _run(invocation: Invocation) -> int:
    """Run a command; report its failure in one line."""
    try:
        code = invocation.run(invocation.command)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit as end:  # a signal, after open files were finished
        return end.code if isinstance(end.code, int) else FAILED
    except BrokenPipeError:
        discard_stdout()
        return PIPE_CLOSED
    except (SnmpError, OSError) as error:
        report(_text_of(error))
        if invocation.debug:
            print(_printable_lines(traceback.format_exc()), file=sys.stderr)
        return FAILED
    return code


def _text_of(error: SnmpError | OSError) -> str:
    if isinstance(error, SnmpError):
        return str(error) or type(error).__name__
    reason = error.strerror or str(error) or type(error).__name__
    return f"{error.filename}: {reason}" if error.filename is not None else reason


def _printable_lines(text: str) -> str:
    """Return lines with escapes for unprintable characters: a peer's text must not control the terminal."""
    return "\n".join(printable(line, None) for line in text.rstrip("\n").split("\n"))


class _StderrHandler(logging.StreamHandler["TextIO"]):
    """Logs to what ``sys.stderr`` is when a record comes: a progress bar replaces it, to make room for each line."""

    @property
    def stream(self) -> TextIO:
        """Where records go."""
        return sys.stderr

    @stream.setter
    def stream(self, stream: TextIO) -> None:
        """Ignore what the constructor of the base class sets."""


class _PrintableFormatter(logging.Formatter):
    """Formats a record, its traceback too, with escapes for unprintable characters."""

    def format(self, record: logging.LogRecord) -> str:
        return _printable_lines(super().format(record))


@contextlib.contextmanager
def _logging(*, enabled: bool) -> Iterator[None]:
    """Show the library's log on stderr if enabled, and its warnings in any case."""
    handler = _StderrHandler()
    form = "%(relativeCreated)7.0f ms %(name)s: %(message)s" if enabled else "snmptcp: %(message)s"
    handler.setFormatter(_PrintableFormatter(form))
    logger = logging.getLogger("snmptcp")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG if enabled else logging.WARNING)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
