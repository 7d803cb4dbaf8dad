"""Runs rows, each in a process of its own, so that memory, descriptors and faults of one do not disturb another.

Contains: starting a row's process, ending it with all its children when its time is over, reading its outcome.

Does not contain: measuring (:mod:`tests.scorecard.one`, in that process).
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING

from tests.scorecard.row import Outcome

if TYPE_CHECKING:
    from tests.scorecard.row import Row, Scale

#: Characters of a process's last words that its failure quotes.
_LAST_WORDS = 400


def run_row(row: Row, scale: Scale) -> Outcome:
    """Measure a row in a process of its own, and return its outcome.

    Args:
        row: the row.
        scale: how much it measures.
    """
    limit = row.limit * max(scale.factor, 1.0)
    # Only the row's own room is loaded, so that what others import is not in its memory.
    room = row.measure.__module__
    command = [sys.executable, "-m", "tests.scorecard.one", row.number, repr(scale.factor), "--rows", room]
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = subprocess.Popen(
            command,
            env={**os.environ, **row.environment},
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            start_new_session=True,  # so that its children are ended with it
        )
        try:
            process.wait(limit)
        except subprocess.TimeoutExpired:
            return Outcome(failure=f"it was not over after {limit:g} s, and was ended", seconds=limit)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        out.seek(0)
        err.seek(0)
        return _outcome(out.read(), err.read().decode(errors="replace"), process.returncode)


def _outcome(out: bytes, err: str, status: int) -> Outcome:
    """Return the outcome that a process has written, or what its end says."""
    if not out:
        return Outcome(failure=f"its process ended with status {status}: {err.strip()[-_LAST_WORDS:]}")
    outcome = Outcome.of_json(json.loads(out))
    if outcome.failure:
        sys.stderr.write(err)
    return outcome
