"""Commands on a terminal: a pseudo-terminal, and what its screen shows."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import pty
import struct
import subprocess
import termios
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyte

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from io import FileIO
    from typing import IO

__all__ = ("TERMINAL", "Finished", "run_on_terminal", "screen_after")

#: In the place of a file: the pseudo-terminal.
TERMINAL = "terminal"


@dataclass(frozen=True)
class Finished:
    """A process that has ended.

    Attributes:
        code: its exit code.
        out: what came through the pipe of its stdout.
        written: all that was written to the terminal.
        screen: the lines that the terminal shows at the end.
    """

    code: int
    out: str
    written: str
    screen: list[str]


async def run_on_terminal(
    words: Sequence[str],
    *,
    stdout: str | int | IO[Any] = subprocess.PIPE,
    columns: int = 80,
    environment: Mapping[str, str] | None = None,
) -> Finished:
    """Run a process whose stderr is a terminal, in a thread.

    Args:
        words: the command.
        stdout: as for subprocess, or ``TERMINAL``.
        columns: the terminal's width.
        environment: variables to add; ``TERM`` is ``xterm``.
    """
    return await asyncio.to_thread(_run, words, stdout, columns, environment or {})


def _run(words: Sequence[str], stdout: str | int | IO[Any], columns: int, environment: Mapping[str, str]) -> Finished:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    surroundings = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES", "NO_COLOR"}}
    with os.fdopen(ours, "rb", buffering=0) as terminal:
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=theirs if isinstance(stdout, str) else stdout,
            stderr=theirs,
            env={**surroundings, "TERM": "xterm", **environment},
            text=True,
        )
        os.close(theirs)
        received: list[bytes] = []
        reader = threading.Thread(target=_read, args=(terminal, received))
        reader.start()
        out, _ = process.communicate()
        reader.join()
    written = b"".join(received).decode()
    return Finished(process.returncode, out or "", written, screen_after(written, columns))


def _read(terminal: FileIO, received: list[bytes]) -> None:
    with contextlib.suppress(OSError):  # EIO: the last process has closed the terminal
        while octets := terminal.read(65536):
            received.append(octets)


def screen_after(text: str, columns: int = 80) -> list[str]:
    """Return the lines that a terminal shows after it has received a text, without empty lines at the end."""
    screen = pyte.Screen(columns, 1000)
    pyte.Stream(screen).feed(text)
    lines = [line.rstrip() for line in screen.display]
    while lines and not lines[-1]:
        lines.pop()
    return lines
