"""Many connections, slow links, and the growth of cost: ``python -m benchmarks.scale``.

* ``connections``: thousands of managers in one process, each with its own connection to the library's agent in
  another process: time to connect all, memory of an idle one, CPU and latency of polling all.
* ``link``: a walk and a table over a link with 10 ms of latency (:class:`DelayProxy`).
* ``curves``: client CPU by names in a request, rows of a walk and requests in flight; each should be linear.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import gc
import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections import deque
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from benchmarks.agents import COLUMNS, TABLE, UPTIME, start_agent
from snmptcp import Community, Manager

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from benchmarks.agents import RunningAgent

#: How many connects, and how many requests of a poll, run concurrently.
AT_ONCE = 200

LATENCY = 0.010

_QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)


# ------------------------------------------------------------------------------------------ the link


class DelayProxy:
    """Forwards TCP connections with a delay in both directions.

    Args:
        port: the agent's port.
        seconds: the delay in one direction.
    """

    def __init__(self, port: int, seconds: float) -> None:
        self._port = port
        self._seconds = seconds
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        for source, from_writer, target in ((reader, writer, far_writer), (far_reader, far_writer, writer)):
            task = asyncio.create_task(self._pump(source, from_writer.get_extra_info("socket"), target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pump(self, source: asyncio.StreamReader, sock: socket.socket, target: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        waiting: deque[bytes] = deque()

        def deliver() -> None:
            target.write(waiting.popleft())

        try:
            while data := await source.read(65536):
                if _QUICKACK is not None:  # Nagle's algorithm would wait 40 ms for the proxy's delayed ACK
                    sock.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
                waiting.append(data)
                loop.call_later(self._seconds, deliver)
            await asyncio.sleep(self._seconds)
        finally:
            target.close()


async def measure_link(agent: RunningAgent) -> dict[str, Any]:
    """Return the times of walks and tables with a round trip of 20 ms."""
    figures: dict[str, Any] = {}
    async with DelayProxy(agent.port, LATENCY) as proxy:
        for name, port in (("no latency", agent.port), ("10 ms each way", proxy.port)):
            async with Manager("127.0.0.1", port, credentials=Community(agent.community), timeout=30.0) as manager:
                await manager.get(UPTIME)
                figures[name] = {
                    "GET": await _timed(functools.partial(manager.get, UPTIME)),
                    "100 GETs side by side": await _timed(functools.partial(_side_by_side, manager, 100)),
                    "walk of one column": await _timed(functools.partial(_walk, manager, 1)),
                    "walks of all columns, one after another": await _timed(functools.partial(_walk, manager, COLUMNS)),
                    "table of all columns": await _timed(functools.partial(_table, manager)),
                }
    return figures


async def _timed(work: Callable[[], Coroutine[Any, Any, object]], times: int = 3) -> float:
    """Return the median time of some work in milliseconds."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        await work()
        taken.append(1e3 * (time.perf_counter() - began))
    return round(statistics.median(taken), 2)


async def _side_by_side(manager: Manager, count: int) -> None:
    await asyncio.gather(*(manager.get(UPTIME) for _ in range(count)))


async def _walk(manager: Manager, columns: int) -> None:
    for column in range(1, columns + 1):
        async for _ in manager.walk(f"{TABLE}.1.{column}", max_repetitions=50):
            pass


async def _table(manager: Manager) -> None:
    async for _ in manager.table(TABLE, range(1, COLUMNS + 1), max_repetitions=50):
        pass


# ---------------------------------------------------------------------------------------- connections


def resident() -> int:
    """Return the octets of memory that this process uses."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def measure_connections(agent: RunningAgent, count: int) -> dict[str, Any]:
    """Return the cost of this many connections."""
    turnstile = asyncio.Semaphore(AT_ONCE)
    latencies: list[float] = []

    async def connect(manager: Manager) -> None:
        async with turnstile:
            await manager.connect()

    async def poll(manager: Manager) -> None:
        async with turnstile:
            began = time.perf_counter()
            await manager.get(UPTIME)
            latencies.append(time.perf_counter() - began)

    credentials = Community(agent.community)
    async with AsyncExitStack() as stack:
        gc.collect()
        before = resident()
        managers = [Manager(agent.host, agent.port, credentials=credentials, timeout=60.0) for _ in range(count)]
        for manager in managers:
            await stack.enter_async_context(manager)
        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*map(connect, managers))
        connecting, connecting_cpu = time.perf_counter() - began, time.process_time() - cpu
        gc.collect()
        idle = resident() - before
        await asyncio.gather(*map(poll, managers))
        latencies.clear()
        began, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*map(poll, managers))
        polling, polling_cpu = time.perf_counter() - began, time.process_time() - cpu
        gc.collect()
        polled = resident() - before
        idle_cpu = time.process_time()
        await asyncio.sleep(1.0)
        idle_cpu = time.process_time() - idle_cpu
    cuts = statistics.quantiles(latencies, n=100)
    return {
        "connections": count,
        "connect all, s": round(connecting, 2),
        "CPU to connect one, us": round(1e6 * connecting_cpu / count, 1),
        "memory of an idle one, KiB": round(idle / count / 1024, 2),
        "memory of one that has been polled, KiB": round(polled / count / 1024, 2),
        "CPU of one poll, us": round(1e6 * polling_cpu / count, 1),
        "poll all, s": round(polling, 2),
        "latency p50, ms": round(1e3 * cuts[49], 2),
        "latency p99, ms": round(1e3 * cuts[98], 2),
        "CPU of all idle, ms per s": round(1e3 * idle_cpu, 2),
    }


# --------------------------------------------------------------------------------------------- curves


async def measure_curves(agent: RunningAgent) -> dict[str, dict[int, float]]:
    """Return microseconds of client CPU per item by the number of items."""
    async with Manager(agent.host, agent.port, credentials=Community(agent.community), timeout=60.0) as manager:
        await manager.get(UPTIME)

        def get_names(count: int) -> Callable[[], Coroutine[Any, Any, object]]:
            names = [f"{TABLE}.1.{row % COLUMNS + 1}.{row // COLUMNS + 1}" for row in range(count)]
            return lambda: manager.get(*names)

        async def walk_rows(count: int) -> None:
            async for _ in manager.walk(TABLE, limit=count, max_repetitions=50):
                pass

        return {
            "names in one get": {n: await _cpu(get_names(n), n) for n in (1, 3, 10, 30, 100, 300, 1000, 3000)},
            "variable bindings of a walk": {
                n: await _cpu(functools.partial(walk_rows, n), n) for n in (1, 10, 100, 1000, 10_000)
            },
            "GETs in flight": {
                n: await _cpu(functools.partial(_side_by_side, manager, n), n)
                for n in (1, 3, 10, 30, 100, 300, 1000, 3000, 10_000)
            },
        }


async def _cpu(work: Callable[[], Coroutine[Any, Any, object]], pieces: int) -> float:
    """Return the least CPU microseconds per item of several turns."""
    best = float("inf")
    turns = max(3, min(200, 3000 // pieces))
    for _ in range(5):
        began = time.process_time()
        for _ in range(turns):
            await work()
        best = min(best, time.process_time() - began)
    return round(1e6 * best / turns / pieces, 2)


def draw(curves: dict[str, dict[int, float]], target: Path) -> None:
    """Draw CPU per item by the number of items."""
    from matplotlib import pyplot as plt  # noqa: PLC0415 - only if a picture is drawn

    figure, axes = plt.subplots(1, len(curves), figsize=(4 * len(curves), 3.2))
    for axis, (name, points) in zip(axes, curves.items(), strict=True):
        axis.plot(list(points), list(points.values()), marker="o", color="#2a6f97")
        axis.set_xscale("log")
        axis.set_ylim(bottom=0)
        axis.set_title(name, fontsize=9)
        axis.spines[["top", "right"]].set_visible(False)
    axes[0].set_ylabel("client CPU per piece, us", fontsize=8)
    figure.tight_layout()
    figure.savefig(target, dpi=110)


async def _run(what: set[str], counts: list[int]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    if "link" in what or "curves" in what:
        with start_agent("snmpd", None) as agent:
            if "link" in what:
                kept["link"] = await measure_link(agent)
            if "curves" in what:
                kept["curves"] = await measure_curves(agent)
    if "connections" in what:
        with start_agent("embedded", None) as agent:
            kept["connections"] = [await measure_connections(agent, count) for count in counts]
    return kept


def _connections_apart(counts: list[int]) -> list[dict[str, Any]]:
    """Return the costs by number of connections, each from a new process, because freed memory is not returned."""
    figures = []
    for count in counts:
        command = [sys.executable, "-m", "benchmarks.scale", "--what", "connections", "--connections", str(count)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        figures += json.loads(done.stdout)["connections"]
    return figures


def raise_file_limit() -> None:
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - not on every system

        _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("--what", default="connections,link,curves")
    parser.add_argument("--connections", default="1000,10000", metavar="N,N")
    parser.add_argument("--json", type=Path, metavar="FILE")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw the curves (needs matplotlib)")
    arguments = parser.parse_args()
    raise_file_limit()
    what = set(arguments.what.split(","))
    counts = [int(count) for count in arguments.connections.split(",")]
    if what == {"connections"} and len(counts) == 1:
        kept = asyncio.run(_run(what, counts))
    else:
        kept = asyncio.run(_run(what - {"connections"}, counts))
        if "connections" in what:
            kept["connections"] = _connections_apart(counts)
    print(json.dumps(kept, indent=1))
    if arguments.json is not None:
        arguments.json.write_text(json.dumps(kept, indent=1) + "\n")
    if arguments.picture is not None and "curves" in kept:
        draw(kept["curves"], arguments.picture)


if __name__ == "__main__":
    main()
