"""Peers of rows in processes of their own: what they cost does not count as the library's.

Each module here is a program: ``python -m tests.scorecard.peers.MODULE ARGUMENTS``.  It prints one line of JSON when it
is ready, and others as its module says.

Contains: starting and ending them.

Does not contain: what they do.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator


class Peer:
    """A peer that runs, with the first line that it has printed.

    Args:
        process: the process.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.said = self.next_line()

    def next_line(self) -> Any:
        """Wait for its next line, and return what it says.

        Raises:
            RuntimeError: it has ended instead.
        """
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"a peer has ended with status {self.process.wait()}")
        return json.loads(line)

    def tell(self, what: object) -> None:
        """Send it a line."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()


@contextmanager
def peer(module: str, *arguments: object) -> Iterator[Peer]:
    """Run a peer as long as the block lasts.

    Args:
        module: the module of this package.
        arguments: what it is told on its command line.
    """
    command = [sys.executable, "-m", f"{__name__}.{module}", *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Peer(process)
        finally:
            process.kill()


def yield_to_others() -> None:
    """Take next to no CPU that another program wants: a bad peer has a machine of its own, and not this one.

    Not the idle policy: a process that is not run while it holds the lock of a socket stops the other end, too.
    """
    if sys.platform == "linux":
        os.nice(19)


def say(what: object) -> None:
    """Print a line for the row, in a peer's process."""
    print(json.dumps(what), flush=True)
