"""Memory, open files and tasks of a process, and the slope of what was measured."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import pytest

from tests.soak.gauges import OPERATION, Lag, Sample, octets_in_use, slope_per_hour, take_sample
from tests.soak.report import growths
from tests.support.clock import settle, skip

if TYPE_CHECKING:
    from pathlib import Path


def test_the_slope_of_a_straight_line_is_its_growth_in_an_hour() -> None:
    assert slope_per_hour([(0, 10), (1800, 11), (3600, 12)]) == pytest.approx(2)


def test_the_slope_of_what_goes_up_and_down_is_that_between() -> None:
    assert slope_per_hour([(0, 5), (100, 7), (200, 5), (300, 7), (400, 5)]) == pytest.approx(0)


def test_one_point_has_no_slope() -> None:
    assert slope_per_hour([]) == slope_per_hour([(5, 3)]) == 0.0


def test_what_grows_while_it_warms_up_does_not_count() -> None:
    used_at = ((0, 10), (100, 50), (200, 90), (300, 90), (400, 90))
    samples = [Sample(at, used, used, used, 0, None, 0) for at, used in used_at]
    assert growths(samples, after=200) == pytest.approx((0, 0, 0))
    assert min(growths(samples, after=0)) > 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the soak measures with /proc")
@pytest.mark.anyio
async def test_files_and_tasks_that_are_open_are_counted(tmp_path: Path) -> None:
    before = take_sample(1.0)
    waiting = asyncio.create_task(asyncio.Event().wait())
    with (tmp_path / "file").open("w"):
        during = take_sample(2.0)
    assert (during.files - before.files, during.tasks - before.tasks) == (1, 1)
    waiting.set_name(OPERATION)
    assert take_sample(3.0).tasks == before.tasks
    waiting.cancel()
    assert before.memory > 1_000_000


@pytest.mark.skipif(octets_in_use() is None, reason="this C library does not tell what it has allocated")
def test_what_the_c_library_has_allocated_is_told_until_it_is_freed() -> None:
    before = octets_in_use()
    assert before is not None
    held = bytearray(3_000_000)
    during = octets_in_use()
    del held
    after = octets_in_use()
    assert during is not None
    assert after is not None
    assert during - before == pytest.approx(3_000_000, abs=100_000)
    assert after == pytest.approx(before, abs=100_000)


@pytest.mark.anyio
async def test_the_lag_of_the_event_loop_is_measured_and_forgotten() -> None:
    loop, lag = asyncio.get_running_loop(), Lag(interval=0.5, memory=10.0)
    running = asyncio.ensure_future(lag.run())
    await settle()
    began = loop.time()
    skip(3.0)
    assert lag.around(began + 2, loop.time()) == pytest.approx(2.5, abs=0.1)  # before the measurement itself has run
    await settle()
    assert lag.worst == pytest.approx(2.5, abs=0.1)
    for _ in range(6):
        skip(0.5)
        await settle()
    assert lag.around(began, loop.time()) == pytest.approx(2.5, abs=0.1)  # it was late in the beginning
    assert lag.around(began + 4, loop.time()) < 0.1  # and not later on
    for _ in range(20):
        skip(0.5)
        await settle()
    assert lag.around(began, loop.time()) < 0.1
    running.cancel()
