"""Whether progress on stderr would disturb what a terminal shows: the output, or a program that reads the output.

Contains: looking at stdout, and at the other programs of a pipeline, on systems that tell (Linux's ``/proc``).
Does not contain: what is shown (:mod:`snmptcp.cli.progress`).
"""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ("stdout_leaves_the_terminal", "terminal_is_ours")

_PROC = Path("/proc")


def stdout_leaves_the_terminal() -> bool:
    """Return whether nothing that is written to stdout appears on a terminal, as far as can be known.

    A file and a device leave it.  A pipe does unless another program of the pipeline writes to the terminal of stderr,
    as ``less`` and ``grep`` do.
    """
    if sys.stdout.isatty():
        return False
    try:
        mode = os.fstat(sys.stdout.fileno()).st_mode
    except (OSError, ValueError):  # closed, or no file
        return True
    return not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)) or terminal_is_ours()


def terminal_is_ours() -> bool:
    """Return whether no other program of our pipeline writes to the terminal of stderr, as far as can be known."""
    try:
        terminal = os.fstat(sys.stderr.fileno()).st_rdev
    except (OSError, ValueError):  # closed, or no file
        return True
    programs = {program.pid: program for program in _programs()}
    if not programs:  # a system that does not tell
        return True
    waiting = set(_ancestors(os.getpid(), programs))  # a shell that runs the pipeline in a script, for instance
    group = os.getpgrp()
    return not any(
        program.group == group and program.pid not in waiting and _output_of(program.pid) == terminal
        for program in programs.values()
    )


class _Program(NamedTuple):
    pid: int
    parent: int
    group: int


def _programs() -> Iterator[_Program]:
    """Yield the running programs; none on systems without ``/proc``."""
    try:
        pids = [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdecimal()]
    except OSError:
        return
    for pid in pids:
        try:
            # The name, in parentheses, may have any characters; the state, the parent and the group follow.
            fields = (_PROC / f"{pid}/stat").read_bytes().rpartition(b")")[2].split()
            yield _Program(pid, int(fields[1]), int(fields[2]))
        except (OSError, ValueError, IndexError):  # it has ended
            continue


def _ancestors(pid: int, programs: dict[int, _Program]) -> Iterator[int]:
    """Yield a program, the one that started it, and so on."""
    seen = {0}
    while pid not in seen:
        yield pid
        seen.add(pid)
        pid = programs[pid].parent if pid in programs else 0


def _output_of(pid: int) -> int | None:
    """Return the device that a program's stdout is; ``None`` if it is none, or cannot be known."""
    try:
        return (_PROC / f"{pid}/fd/1").stat().st_rdev or None
    except OSError:
        return None
