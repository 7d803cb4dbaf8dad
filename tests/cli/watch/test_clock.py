"""The rhythm of readings."""

from __future__ import annotations

import asyncio
import datetime as dt

import pytest

from snmptcp.cli.watch.clock import SystemClock, beats
from tests.support.watching import FakeClock

pytestmark = pytest.mark.anyio


async def test_readings_come_at_multiples_of_the_period_however_long_they_take() -> None:
    clock = FakeClock(waits=4)
    times = []
    async for _ in beats(clock, 2.0):
        times.append(clock.time)
        clock.time += {0: 0.5, 1: 3.0}.get(len(times) - 1, 0.0)  # the second one takes longer than a period
    assert times == [0.0, 2.0, 6.0, 8.0]


async def test_a_stop_ends_the_wait_at_once() -> None:
    stop = asyncio.Event()
    clock = SystemClock(stop)
    assert await clock.wait(0.001) is False
    asyncio.get_running_loop().call_soon(stop.set)
    assert await clock.wait(60.0) is True
    assert clock.now().tzinfo is not None
    assert clock.now() > dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    assert clock.monotonic() <= clock.monotonic()
