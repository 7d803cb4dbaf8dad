"""Lines on stderr: errors and warnings."""

from __future__ import annotations

import contextlib
import os
import sys

from snmptcp.printable import printable

__all__ = ("discard_stdout", "report")


def report(text: str) -> None:
    """Write one line to stderr, with escapes for unprintable characters."""
    try:
        sys.stdout.flush()  # keep the order: output first, then the error
    except OSError:
        discard_stdout()
    print(f"snmptcp: {printable(text, None)}", file=sys.stderr)


def discard_stdout() -> None:
    """Discard what stdout has buffered, so that the flush at the end of the process does not fail again."""
    with contextlib.suppress(OSError, ValueError):  # ValueError: stdout is not a file
        devnull = os.open(os.devnull, os.O_WRONLY)
        os.dup2(devnull, sys.stdout.fileno())
        os.close(devnull)
