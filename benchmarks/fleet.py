"""A fleet of thousands of agents in one process: ``python -m benchmarks.fleet``.

Two runs, each of a minute after a warm-up, with a GET of five variables from each target every ten seconds:

* all agents answer;
* a tenth of them is silent: they accept connections and never answer.

Printed: how late polls have started (those of agents that answer), CPU a poll, memory a target, what was skipped.
The agents are the library's own in another process: each target has an address of its own in 127.0.0.0/8, and so a
connection of its own.  Python's garbage collector runs as seldom as in ``snmptcp poll``; ``--collector often`` leaves
it as it is by default.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.agents import COMMUNITY, running
from benchmarks.scale import raise_file_limit, resident
from snmptcp import Community
from snmptcp.cli.polling.collector import THRESHOLDS
from snmptcp.fleet import Fleet, Get, Target
from snmptcp.testing import Agent, Hold
from snmptcp.values import Counter32, Integer32, OctetString, TimeTicks

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = (
    "1.3.6.1.2.1.1.3.0",
    "1.3.6.1.2.1.1.5.0",
    "1.3.6.1.2.1.2.2.1.8.1",
    "1.3.6.1.2.1.2.2.1.10.1",
    "1.3.6.1.2.1.2.2.1.16.1",
)


@contextmanager
def agents() -> Iterator[tuple[int, int]]:
    """Run two agents in another process; yield the port of the one that answers, and of the silent one."""
    with running([sys.executable, "-m", "benchmarks.fleet", "--serve"], None, {**os.environ}) as process:
        ports = process.stdout.readline().split() if process.stdout else []
        if len(ports) != 2:
            raise RuntimeError("the agents do not start")
        yield int(ports[0]), int(ports[1])


async def _serve() -> None:
    values = (TimeTicks(123_456), OctetString("agent"), Integer32(1), Counter32(7), Counter32(9))
    mib = dict(zip(NAMES, values, strict=True))
    async with (
        Agent(mib, host="0.0.0.0", read_community=COMMUNITY) as agent,
        Agent(mib, host="0.0.0.0", read_community=COMMUNITY) as silent,
    ):
        silent.inject(Hold(), times=None)
        print(agent.port, silent.port, flush=True)
        await asyncio.to_thread(sys.stdin.read)


def _targets(count: int, port: int, silent_port: int, silent: int) -> list[Target]:
    """Return targets, of which the first ones are silent."""
    credentials = Community(COMMUNITY)
    return [
        Target(
            f"127.1.{number >> 8}.{number & 0xFF}",
            silent_port if number < silent else port,
            credentials=credentials,
            name=f"agent {number}",
            labels={"silent": "yes" if number < silent else "no"},
        )
        for number in range(count)
    ]


async def measure(count: int, silent: int, interval: float, seconds: float) -> dict[str, Any]:
    """Return the figures of one run."""
    with agents() as (port, silent_port):
        gc.collect()
        before = resident()
        lateness: list[float] = []
        duration: list[float] = []
        async with Fleet(
            _targets(count, port, silent_port, silent), jobs=[Get(*NAMES, interval=interval)], first_within=interval
        ) as fleet:
            polls = fleet.polls()
            with suppress(TimeoutError):  # every target has been polled twice then
                async with asyncio.timeout(2 * interval):
                    async for _ in polls:
                        pass
            start, began, cpu = fleet.health(), time.perf_counter(), time.process_time()
            with suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    async for poll in polls:
                        if poll.target.labels["silent"] == "no":
                            lateness.append(poll.lateness)
                            duration.append(poll.ended_at - poll.started_at)
            end, wall, cpu = fleet.health(), time.perf_counter() - began, time.process_time() - cpu
            memory = resident() - before
    cuts = statistics.quantiles(lateness, n=1000)
    ended = end.polls - start.polls
    return {
        "targets": count,
        "silent": silent,
        "interval, s": interval,
        "polls a second": round(ended / wall, 1),
        "lateness p50, ms": round(1e3 * cuts[499], 2),
        "lateness p99, ms": round(1e3 * cuts[989], 2),
        "lateness most, ms": round(1e3 * max(lateness), 2),
        "poll takes p50, ms": round(1e3 * statistics.median(duration), 2),
        "CPU of one poll, us": round(1e6 * cpu / ended, 1),
        "CPU, share of one core": round(cpu / wall, 3),
        "memory of a target, KiB": round(memory / count / 1024, 2),
        "failed": end.failed - start.failed,
        "skipped": end.skipped - start.skipped,
        "backed off": end.backed_off - start.backed_off,
        "loop lag, most, ms": round(1e3 * end.lag, 1),
    }


def _apart(arguments: argparse.Namespace, silent: int) -> dict[str, Any]:
    """Return the figures of one run in a new process, because freed memory is not returned."""
    command = [sys.executable, "-m", "benchmarks.fleet", "--targets", str(arguments.targets), "--silent", str(silent)]
    command += [
        "--collector",
        arguments.collector,
        "--interval",
        str(arguments.interval),
        "--seconds",
        str(arguments.seconds),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fleet", description=__doc__)
    parser.add_argument("--targets", type=int, default=10_000, metavar="N")
    parser.add_argument("--interval", type=float, default=10.0, metavar="SECONDS")
    parser.add_argument("--seconds", type=float, default=60.0, metavar="SECONDS")
    parser.add_argument("--silent", type=int, metavar="N", help="one run, with this many silent agents")
    parser.add_argument("--collector", choices=("seldom", "often"), default="seldom")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    raise_file_limit()
    if arguments.serve:
        asyncio.run(_serve())
        return
    figures: object
    if arguments.collector == "seldom":
        gc.set_threshold(*THRESHOLDS)
    if arguments.silent is not None:
        figures = asyncio.run(measure(arguments.targets, arguments.silent, arguments.interval, arguments.seconds))
    else:
        figures = [_apart(arguments, silent) for silent in (0, arguments.targets // 10)]
    print(json.dumps(figures, indent=1))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(figures, indent=1) + "\n")


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        main()
