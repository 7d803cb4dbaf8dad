"""What spans and metrics cost: CPU time of a GET with OpenTelemetry off and on.

    python -m benchmarks.observing

Each case runs in a process of its own, against an agent in another, several times in turn.  The least time of each
counts, since the machine's load can only add to it.
"""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ALWAYS_OFF, ALWAYS_ON
from opentelemetry.trace import NoOpTracerProvider

from snmptcp import Community, Manager, Observer
from snmptcp.instrumentation import OpenTelemetry
from snmptcp.testing import Agent

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.manager import RequestTrace

__all__ = ("main",)

SYS_NAME = "1.3.6.1.2.1.1.5.0"

#: How many requests are measured at a time, and how often.
REQUESTS = 1000
ROUNDS = 8

#: How often each case runs.
RUNS = 4

#: How many requests are in flight at once in the second measurement.
AT_ONCE = 100


class Idle(Observer):
    """An observer of one's own that does nothing."""

    def request_ended(self, trace: RequestTrace) -> None:
        """Do nothing."""


def _with_sdk(*, sampled: bool = True, spans: bool = True, metrics: bool = True) -> Observer:
    return OpenTelemetry(
        TracerProvider(sampler=ALWAYS_ON if sampled else ALWAYS_OFF) if spans else NoOpTracerProvider(),
        MeterProvider([InMemoryMetricReader()]) if metrics else NoOpMeterProvider(),
    )


CASES: dict[str, Callable[[], Observer | None]] = {
    "off": lambda: None,
    "an observer that does nothing": Idle,
    "without an SDK": OpenTelemetry,
    "spans that are not sampled": lambda: _with_sdk(sampled=False, metrics=False),
    "metrics": lambda: _with_sdk(spans=False),
    "spans": lambda: _with_sdk(metrics=False),
    "spans and metrics": _with_sdk,
}


async def _measure(case: str, host: str, port: int) -> tuple[float, float]:
    """Return the microseconds of a request, one at a time and of many at once."""
    single: list[float] = []
    many: list[float] = []
    async with Manager(host, port, credentials=Community("public"), observer=CASES[case]()) as manager:
        for _ in range(REQUESTS):
            await manager.get(SYS_NAME)
        for _ in range(ROUNDS):
            gc.collect()
            started = time.process_time()
            for _ in range(REQUESTS):
                await manager.get(SYS_NAME)
            single.append(time.process_time() - started)
            started = time.process_time()
            for _ in range(REQUESTS // AT_ONCE):
                await asyncio.gather(*(manager.get(SYS_NAME) for _ in range(AT_ONCE)))
            many.append(time.process_time() - started)
    return min(single) / REQUESTS * 1e6, min(many) / REQUESTS * 1e6


async def _compare() -> None:
    async with Agent({SYS_NAME: "a switch"}) as agent:
        best = dict.fromkeys(CASES, (float("inf"), float("inf")))
        for _ in range(RUNS):
            for case in CASES:
                process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    "benchmarks.observing",
                    case,
                    agent.host,
                    str(agent.port),
                    stdout=subprocess.PIPE,
                )
                output, _ = await process.communicate()
                single, many = map(float, output.split())
                best[case] = min(best[case][0], single), min(best[case][1], many)
    off = best["off"]
    print("| | one at a time | 100 at once |\n|---|---|---|")
    for case, times in best.items():
        cells = [
            f"{now:.0f} us" + (f" (+{now - before:.0f})" if case != "off" else "")
            for now, before in zip(times, off, strict=True)
        ]
        print(f"| {case} | {cells[0]} | {cells[1]} |")


def main() -> None:
    """Compare all cases, or measure the one that is named."""
    if len(sys.argv) == 1:
        asyncio.run(_compare())
    else:
        print(*asyncio.run(_measure(sys.argv[1], sys.argv[2], int(sys.argv[3]))))


if __name__ == "__main__":
    main()
