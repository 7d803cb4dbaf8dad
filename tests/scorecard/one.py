"""Measures one row in this process, and prints its outcome as JSON: what the command starts for each row.

``python -m tests.scorecard.one R5 1.0`` shows what a row does, with its traceback if it fails.
"""

from __future__ import annotations

import argparse
import asyncio
import inspect
import json
import os
import sys
import time
import traceback
import warnings
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from snmptcp import SecurityWarning
from tests.scorecard.registry import load_rows
from tests.scorecard.row import Missing, Outcome, Scale

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from tests.scorecard.row import Row


def measured(row: Row, scale: Scale) -> Outcome:
    """Measure a row; whatever it raises becomes the outcome's failure."""
    start = time.monotonic()
    try:
        outcome = _measure(row, scale)
    except (Missing, pytest.skip.Exception) as missing:  # tests/support skips where a peer is missing
        outcome = Outcome(missing=(str(missing),))
    except (Exception, pytest.fail.Exception) as error:
        traceback.print_exc()
        where = traceback.extract_tb(error.__traceback__)[-1]
        outcome = Outcome(
            failure=f"{type(error).__name__}: {error} ({where.filename.rsplit('/', 1)[-1]}:{where.lineno})"
        )
    return replace(outcome, seconds=time.monotonic() - start)


def _measure(row: Row, scale: Scale) -> Outcome:
    made = row.measure(scale)
    if not inspect.isawaitable(made):
        return made

    async def run(outcome: Awaitable[Outcome]) -> Outcome:
        return await outcome

    return asyncio.run(run(made))


def main() -> int:
    """Return 0: the outcome says what went wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.scorecard.one", description=__doc__)
    parser.add_argument("number", help="the row, as in R5")
    parser.add_argument("factor", type=float, nargs="?", default=1.0, help="the scale (default: %(default)s)")
    parser.add_argument("--rows", metavar="MODULE", help="the module that has the row (default: all rooms)")
    arguments = parser.parse_args()
    os.environ.pop("SNMPTCP_REQUIRE_INTEROP", None)  # a missing peer is told as such, not as a failure
    warnings.simplefilter("ignore", SecurityWarning)  # MD5 and DES are measured on purpose
    out = os.dup(1)
    os.dup2(2, 1)  # what a row's peers print must not get into the outcome
    outcome = measured(load_rows(arguments.rows)[arguments.number], Scale(arguments.factor))
    with os.fdopen(out, "w") as file:
        json.dump(outcome.as_json(), file)
    return 0


if __name__ == "__main__":
    sys.exit(main())
