"""Walks and tables over a line with latency, today's default beside a fixed size: ``python -m benchmarks.latency``.

ifTable and ifXTable of the library's agent in another process, behind :class:`benchmarks.scale.DelayProxy`.  Each is
read with ``max_repetitions=25``, one request after the other, and by default, where a walk adapts its requests and
looks ahead.  Printed are seconds, requests, and how many times as fast the default is.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from benchmarks.agents import COMMUNITY, HOST, running
from benchmarks.scale import DelayProxy
from snmptcp import Community, Manager
from snmptcp.testing import Agent
from snmptcp.values import Counter32, Counter64, Gauge32, Integer32, OctetString, TimeTicks, Value

if TYPE_CHECKING:
    from collections.abc import Callable

IF_TABLE = "1.3.6.1.2.1.2.2"
IF_X_TABLE = "1.3.6.1.2.1.31.1.1"

#: What was the default before walks adapted.
FIXED = 25


#: The columns of both tables and what their values are made of, as IF-MIB declares them (RFC 2863).
_IF_COLUMNS: dict[int, Callable[[int], Value]] = {
    1: Integer32,
    2: lambda row: OctetString(f"GigabitEthernet{row // 48}/0/{row % 48}"),
    3: lambda _: Integer32(6),
    4: lambda _: Integer32(1500),
    5: lambda _: Gauge32(1_000_000_000),
    6: lambda row: OctetString(row.to_bytes(6, "big")),
    7: lambda _: Integer32(1),
    8: lambda _: Integer32(1),
    9: lambda row: TimeTicks(row * 100),
    **dict.fromkeys(range(10, 22), lambda row: Counter32(row * 4711)),
    22: lambda _: Integer32(0),
}
_IF_X_COLUMNS: dict[int, Callable[[int], Value]] = {
    1: lambda row: OctetString(f"Gi{row // 48}/0/{row % 48}"),
    **dict.fromkeys(range(2, 6), lambda row: Counter32(row * 47)),
    **dict.fromkeys(range(6, 14), lambda row: Counter64(row * 47_110_815)),
    14: lambda _: Integer32(1),
    15: lambda _: Gauge32(1000),
    16: lambda _: Integer32(2),
    17: lambda _: Integer32(1),
    18: lambda row: OctetString(f"customer {row}"),
    19: lambda _: TimeTicks(0),
}


class Reading(NamedTuple):
    """What one way of reading has cost.

    Attributes:
        seconds: the time.
        cpu: the client's CPU time, in seconds.
        requests: how many requests were sent.
        items: how many variable bindings or rows came.
    """

    seconds: float
    cpu: float
    requests: int
    items: int


def interfaces(rows: int) -> dict[str, Value]:
    """Return ifTable and ifXTable."""
    return {
        f"{table}.1.{column}.{row}": make(row)
        for table, columns in ((IF_TABLE, _IF_COLUMNS), (IF_X_TABLE, _IF_X_COLUMNS))
        for column, make in columns.items()
        for row in range(1, rows + 1)
    }


async def measure(port: int, max_repetitions: int | None, *, as_table: bool) -> Reading:
    """Read both tables over a connection of its own, which has learned nothing yet."""
    async with Manager(HOST, port, credentials=Community(COMMUNITY), timeout=30.0) as manager:
        await manager.connect()
        read = manager.table if as_table else manager.walk
        count = 0
        began, cpu = time.perf_counter(), time.process_time()
        for table in (IF_TABLE, IF_X_TABLE):
            async for _ in read(table, max_repetitions=max_repetitions):
                count += 1
        seconds = time.perf_counter() - began
        return Reading(round(seconds, 3), round(time.process_time() - cpu, 3), manager.statistics.requests, count)


async def compare(port: int, round_trips: list[float]) -> list[dict[str, Any]]:
    """Return the figures of both ways for each round trip."""
    kept = []
    for round_trip in round_trips:
        async with DelayProxy(port, round_trip / 2000) as proxy:
            for name, as_table in (("walk", False), ("table", True)):
                default = await measure(proxy.port, None, as_table=as_table)
                fixed = await measure(proxy.port, FIXED, as_table=as_table)
                if default.items != fixed.items:
                    raise AssertionError(f"{name}: {default.items} by default, {fixed.items} with {FIXED} at once")
                kept.append(
                    {
                        "what": name,
                        "round trip, ms": round_trip,
                        "default": default._asdict(),
                        f"max_repetitions={FIXED}": fixed._asdict(),
                        "times as fast": round(fixed.seconds / default.seconds, 2),
                    }
                )
    return kept


def show(figures: list[dict[str, Any]]) -> None:
    """Print the figures as a table."""
    print(f"{'':8}{'round trip':>12}{'default':>22}{f'max_repetitions={FIXED}':>26}{'times as fast':>16}")
    for figure in figures:
        default, fixed = figure["default"], figure[f"max_repetitions={FIXED}"]
        print(
            f"{figure['what']:8}{figure['round trip, ms']:>9g} ms"
            f"{default['seconds']:>9.2f} s in {default['requests']:>5} req."
            f"{fixed['seconds']:>12.2f} s in {fixed['requests']:>5} req.{figure['times as fast']:>14.1f}"
        )


async def _serve(rows: int) -> None:
    async with Agent(interfaces(rows), host=HOST, read_community=COMMUNITY) as agent:
        print(agent.port, flush=True)
        await asyncio.to_thread(sys.stdin.read)


def main() -> None:
    """Run as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=1000, help="how many interfaces (default %(default)s)")
    parser.add_argument("--round-trips", default="20", metavar="MS,...", help="in milliseconds (default %(default)s)")
    parser.add_argument("--json", metavar="FILE", help="write the figures to a file as well")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        asyncio.run(_serve(arguments.rows))
        return
    command = [sys.executable, "-m", "benchmarks.latency", "--serve", "--rows", str(arguments.rows)]
    with running(command, None, dict(os.environ)) as process:
        if process.stdout is None:
            raise AssertionError("the agent has no output")
        port = int(process.stdout.readline())
        figures = asyncio.run(compare(port, [float(part) for part in arguments.round_trips.split(",")]))
    show(figures)
    if arguments.json:
        Path(arguments.json).write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
