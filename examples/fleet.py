"""Poll the targets of a file until Ctrl-C, and print failures and rates: ``python examples/fleet.py fleet.toml``."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from snmptcp import ConfigurationError
from snmptcp.fleet import Fleet
from snmptcp.fleet.files import load
from snmptcp.mib import Mib


async def run(path: Path, polls: int | None) -> None:
    """Poll, and print what changes; end after a number of polls, if one is given."""
    file = load(path)
    mib = Mib()
    fleet = Fleet(file.targets, sinks=file.make_sinks(mib), mib=mib, **file.settings)
    async with fleet:
        count = 0
        async for poll in fleet.polls():
            if poll.error is not None:
                print(f"{poll.target.name}: {poll.job}: {poll.error}")
            for sample in poll.samples:
                if sample.rate:
                    print(f"{sample.target.name}: {sample.instance} grows by {sample.rate:,.1f} per second")
            count += 1
            if count == polls:
                break
        health = fleet.health()
    print(f"{health.polls} polls, {health.failed} failed, {health.samples} samples")


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description="Poll the targets of a file.")
    parser.add_argument("file", nargs="?", type=Path, default=Path(__file__).with_name("fleet.toml"))
    parser.add_argument("--polls", type=int, help="end after so many polls (default: Ctrl-C ends it)")
    options = parser.parse_args()
    try:
        asyncio.run(run(options.file, options.polls))
    except ConfigurationError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
