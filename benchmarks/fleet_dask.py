"""A fleet on dask: ``python -m benchmarks.fleet_dask``.

* One process, and two workers of a ``LocalCluster``: CPU a poll, how late polls start, and what the client and the
  scheduler need.  Polls a second are those of the machine that it runs on: agents, workers and scheduler share its
  cores.
* A worker is killed (SIGKILL), or stopped (SIGSTOP), as a machine that falls silent: when its shards are polled again
  and when they have come back, for how long a target was not polled, how many points were polled twice or not at all.

A GET of five variables from each target.  The agents are those of ``benchmarks.fleet``, in another process.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import json
import math
import os
import signal
import sys
import tempfile
import time
from collections import Counter, defaultdict
from contextlib import suppress
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from distributed import LocalCluster

from benchmarks.agents import COMMUNITY
from benchmarks.fleet import NAMES, agents
from benchmarks.scale import raise_file_limit
from snmptcp import Community
from snmptcp.fleet import Fleet, Get, Target
from snmptcp.fleet.dask import DistributedFleet, Place
from snmptcp.fleet.polling.schedule import phase_of
from snmptcp.fleet.sinks import Sink

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from snmptcp.fleet import Poll

JOB = "names"


class Points(Sink):
    """Notes each poll in a file: its target, when it was due, when it started."""

    name = "points"

    def __init__(self, path: Path) -> None:
        self._path = path

    async def write(self, polls: Sequence[Poll]) -> None:
        """Append a line for each poll that has succeeded."""
        with self._path.open("a") as file:
            file.writelines(f"{each.target.name};{each.due_at};{each.started_at}\n" for each in polls if not each.error)


def sinks_in(folder: str, place: Place) -> list[Sink]:
    """Return the sinks of a shard; without a folder, none."""
    return [Points(Path(folder) / f"{place.shard}-{os.getpid()}")] if folder else []


def targets_of(count: int, port: int, interval: float) -> list[Target]:
    """Return targets with an address each."""
    credentials, jobs = Community(COMMUNITY), [Get(*NAMES, interval=interval, name=JOB)]
    return [
        Target(f"127.1.{number >> 8}.{number & 0xFF}", port, credentials=credentials, jobs=jobs, name=f"agent {number}")
        for number in range(count)
    ]


def cpu_of(pid: int) -> float:
    """Return the seconds of CPU that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


async def one_process(arguments: argparse.Namespace, port: int, interval: float) -> dict[str, Any]:
    """Return the figures of a fleet in this process."""
    async with Fleet(targets_of(arguments.targets, port, interval), first_within=interval) as fleet:
        await asyncio.sleep(max(3.0, 2 * interval))
        before, began, cpu = fleet.health(), time.perf_counter(), cpu_of(os.getpid())
        await asyncio.sleep(arguments.seconds)
        after, wall, cpu = fleet.health(), time.perf_counter() - began, cpu_of(os.getpid()) - cpu
    polls = after.polls - before.polls
    return {
        "polls a second": round(polls / wall),
        "CPU of one poll, us": round(1e6 * cpu / polls, 1),
        "lateness p50, ms": round(1e3 * after.lateness.p50, 1),
        "lateness p99, ms": round(1e3 * after.lateness.p99, 1),
        "left out": after.skipped - before.skipped,
        "failed": after.failed - before.failed,
    }


def cluster() -> LocalCluster:
    """Return a cluster of two processes."""
    return LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        asynchronous=True,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",
        silence_logs=50,
    )


async def two_workers(arguments: argparse.Namespace, port: int, interval: float) -> dict[str, Any]:
    """Return the figures of a fleet on two workers; scheduler and client are this process."""
    async with (
        cluster() as workers,
        DistributedFleet(
            workers,
            targets_of(arguments.targets, port, interval),
            sinks=functools.partial(sinks_in, ""),
            shards=arguments.shards,
            lease=arguments.lease,
            first_within=interval,
        ) as fleet,
    ):
        await fleet.wait_placed()
        await asyncio.sleep(max(arguments.lease / 2, 2 * interval))
        pids = [nanny.pid for nanny in workers.workers.values()]
        before, began = fleet.health(), time.perf_counter()
        cpu, own = sum(map(cpu_of, pids)), cpu_of(os.getpid())
        await asyncio.sleep(arguments.seconds)
        cpu, own, wall = sum(map(cpu_of, pids)) - cpu, cpu_of(os.getpid()) - own, time.perf_counter() - began
        after = fleet.health()
    # Counters are as of the last reports, which are as old at the end as at the start, give or take a tick.
    polls = after.polls - before.polls
    healths = [worker.health for worker in after.workers if worker.health is not None]
    return {
        "polls a second": round(polls / wall),
        "CPU of one poll, us": round(1e6 * cpu / polls, 1),
        "client and scheduler, share of one core": round(own / wall, 3),
        "lateness p50, ms, of the worst shard": round(1e3 * max(health.lateness.p50 for health in healths), 1),
        "lateness p99, ms, of the worst shard": round(1e3 * max(health.lateness.p99 for health in healths), 1),
        "left out": after.skipped - before.skipped,
        "failed": after.failed - before.failed,
        "shards of each worker": [len(worker.shards) for worker in after.workers],
    }


async def until(condition: Callable[[], object]) -> float:
    """Wait until a condition holds, and return how many seconds that took."""
    began = time.perf_counter()
    async with asyncio.timeout(300):
        while not condition():  # noqa: ASYNC110 - a fleet has no event for each change
            await asyncio.sleep(0.01)
    return time.perf_counter() - began


async def lose_a_worker(arguments: argparse.Namespace, port: int, how: signal.Signals) -> dict[str, Any]:
    """Return the figures of a fleet that loses one of two workers and gets it back."""
    from benchmarks.fleet_dask import sinks_in  # noqa: PLC0415 - as workers know it

    interval = arguments.interval
    with tempfile.TemporaryDirectory() as folder:
        async with (
            cluster() as workers,
            DistributedFleet(
                workers,
                targets_of(arguments.targets, port, interval),
                sinks=functools.partial(sinks_in, folder),
                shards=arguments.shards,
                lease=arguments.lease,
            ) as fleet,
        ):
            await fleet.wait_placed()
            before = dict(fleet.placement)
            await asyncio.sleep(3 * interval)
            pid = workers.workers[1].pid
            lost = sum(worker == "1" for worker in before.values())
            os.kill(pid, how)
            taken = await until(lambda: fleet.health().losses >= lost and fleet.health().polling == len(before))
            if how == signal.SIGSTOP:
                await asyncio.sleep(2 * interval)
                with suppress(ProcessLookupError):  # dask has started another one
                    os.kill(pid, signal.SIGCONT)
            back = await until(lambda: fleet.placement == before)
            await asyncio.sleep(3 * interval)
        figures = points_of(Path(folder), interval)
        health = fleet.health()
    return {
        "all shards polled again after, s": round(taken, 2),
        "and back, after the worker has come back or goes on, s": round(back, 2),
        "shards lost": health.losses,
        "points made up for": health.made_up,
        "polls that failed": health.failed,
        **figures,
    }


def points_of(folder: Path, interval: float) -> dict[str, Any]:
    """Return what the sinks' files tell."""
    polls: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for path in folder.iterdir():
        for line in path.read_text().splitlines():
            name, due_at, started_at = line.split(";")
            point = math.floor(float(due_at) / interval - phase_of(f"{name}\0{JOB}") + 0.01)
            polls[name].append((float(started_at), point))
    gaps: list[float] = []
    twice = missing = 0
    for each in polls.values():
        on_grid = sorted(each)[1:]  # the first poll of a target is soon after the start
        gaps += [after - before for (before, _), (after, _) in pairwise(on_grid)]
        points = Counter(point for _, point in on_grid)
        twice += len(on_grid) - len(points)
        missing += max(points) - min(points) + 1 - len(points)
    return {
        "polls noted": sum(map(len, polls.values())),
        "longest time without a poll, s": round(max(gaps), 2),
        "points polled twice": twice,
        "points not polled": missing,
    }


async def measure(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return all figures."""
    figures: dict[str, Any] = {"targets": arguments.targets, "shards": arguments.shards, "lease, s": arguments.lease}
    with agents() as (port, _):
        for what, interval in (("a poll of each target every 2 s", 2.0), ("as many as the machine can", 0.1)):
            figures[what] = {
                "one process": await one_process(arguments, port, interval),
                "two workers": await two_workers(arguments, port, interval),
            }
            print(json.dumps({what: figures[what]}, indent=1), file=sys.stderr, flush=True)
        figures["interval after this, s"] = arguments.interval
        for what, how in (("a worker is killed", signal.SIGKILL), ("a worker falls silent", signal.SIGSTOP)):
            figures[what] = await lose_a_worker(arguments, port, how)
            print(json.dumps({what: figures[what]}, indent=1), file=sys.stderr, flush=True)
    return figures


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fleet_dask", description=__doc__)
    parser.add_argument("--targets", type=int, default=1000, metavar="N")
    parser.add_argument("--interval", type=float, default=5.0, metavar="SECONDS", help="while a worker is lost")
    parser.add_argument("--seconds", type=float, default=30.0, metavar="SECONDS")
    parser.add_argument("--shards", type=int, default=64, metavar="N")
    parser.add_argument("--lease", type=float, default=20.0, metavar="SECONDS")
    parser.add_argument("--json", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    raise_file_limit()
    figures = json.dumps(asyncio.run(measure(arguments)), indent=1)
    print(figures)
    if arguments.json is not None:
        arguments.json.write_text(figures + "\n")


if __name__ == "__main__":
    main()
