"""Poll many agents by the workers of a dask cluster: ``python examples/fleet_dask.py tcp://scheduler:8786 192.0.2.1``.

With ``local`` in place of the address, two processes are started on this machine.  Each worker writes its samples into
files of its own, a JSON object on a line; here, only the progress is printed, until Ctrl-C.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import functools
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from distributed import LocalCluster

from snmptcp import Community
from snmptcp.fleet import Get, Target
from snmptcp.fleet.dask import DistributedFleet, Place
from snmptcp.fleet.sinks import NdjsonSink, Sink

if TYPE_CHECKING:
    from snmptcp.fleet.dask import ClusterHealth

NAMES = ("1.3.6.1.2.1.1.3.0", "1.3.6.1.2.1.1.5.0")  # sysUpTime.0, sysName.0


def make_sinks(folder: Path, place: Place) -> list[Sink]:
    """Return the sinks of a shard; called on its worker, where the folder must exist."""
    return [NdjsonSink(folder / f"shard-{place.shard:03}.ndjson")]


def target(text: str, community: str) -> Target:
    """Return the target ``HOST``, ``HOST:PORT`` or ``[IPV6]:PORT``."""
    parts = urlsplit(f"//{text}")
    return Target(parts.hostname or text, parts.port, credentials=Community(community))


def progress(health: ClusterHealth) -> str:
    """Return a line about the cluster."""
    workers = ", ".join(f"{worker.name} polls {len(worker.shards)} shards" for worker in health.workers)
    failing = sum(worker.health.failing for worker in health.workers if worker.health is not None)
    return f"{health.polls} polls, {failing} of {health.targets} targets fail; {workers or 'no workers yet'}"


async def run(arguments: argparse.Namespace) -> None:
    """Poll until Ctrl-C, or for some seconds."""
    targets = [target(each, arguments.community) for each in arguments.agents]
    async with AsyncExitStack() as stack:
        scheduler = arguments.scheduler
        if scheduler == "local":
            local = LocalCluster(
                n_workers=2, threads_per_worker=1, asynchronous=True, host="127.0.0.1", dashboard_address="127.0.0.1:0"
            )
            scheduler = await stack.enter_async_context(local)
        fleet = DistributedFleet(
            scheduler,
            targets,
            jobs=[Get(*NAMES, interval=arguments.interval)],
            sinks=functools.partial(make_sinks, arguments.folder.absolute()),
            shards=arguments.shards,
        )
        async with fleet:
            await fleet.wait_placed()
            print("all targets are polled", flush=True)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(arguments.seconds):
                    while True:
                        await asyncio.sleep(10.0)
                        print(progress(fleet.health()), flush=True)
        health = fleet.health()
    print(f"{health.polls} polls, {health.failed} failed, {health.samples} samples")


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description="Poll many agents by the workers of a dask cluster.")
    parser.add_argument("scheduler", help="the address of the scheduler, such as tcp://host:8786, or: local")
    parser.add_argument("agents", nargs="+", metavar="AGENT", help="HOST, HOST:PORT or [IPV6]:PORT")
    parser.add_argument("--community", default="public")
    parser.add_argument("--interval", type=float, default=60.0, help="seconds between two polls (default: 60)")
    parser.add_argument("--shards", type=int, default=16, help="how many shards there are (default: 16)")
    parser.add_argument("--folder", type=Path, default=Path(), help="where workers write (default: their own folder)")
    parser.add_argument("--seconds", type=float, help="end after so many seconds (default: Ctrl-C ends it)")
    arguments = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(run(arguments))


if __name__ == "__main__":  # workers import this file, too
    main()
