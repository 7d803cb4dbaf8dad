"""Loops over polls and samples."""

from __future__ import annotations

import asyncio

import pytest

from snmptcp.fleet.delivery.streams import PollStream, SampleStream
from tests.fleet.making import numbers, poll
from tests.support.clock import settle

pytestmark = pytest.mark.anyio


async def test_a_loop_over_polls_takes_what_waits_and_ends_with_the_fleet() -> None:
    stream = PollStream(100)
    stream.outlet.put(poll(1))
    stream.outlet.put(poll(2))
    stream.outlet.close()
    assert numbers([each async for each in stream]) == [1, 2]


async def test_a_loop_over_samples_has_those_of_all_polls() -> None:
    stream = SampleStream(100)
    stream.outlet.put(poll(1, samples=2))
    stream.outlet.put(poll(2, samples=0))
    stream.outlet.put(poll(3))
    stream.outlet.close()
    assert [int(sample.value) async for sample in stream] == [1, 1, 3]  # type: ignore[arg-type]


async def test_a_loop_that_is_cancelled_loses_nothing() -> None:
    stream = SampleStream(100)
    waiting = asyncio.ensure_future(anext(stream))
    await settle()
    waiting.cancel()
    await settle()
    stream.outlet.put(poll(7))
    assert (await anext(stream)).value == 7


async def test_loops_whose_bodies_await_nothing_leave_the_event_loop_time_for_others() -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.ensure_future(count())
    samples, polls = SampleStream(10_000), PollStream(10_000)
    for stream in (samples, polls):
        stream.outlet.put(poll(1, samples=2000))
        for number in range(20):
            stream.outlet.put(poll(number))
        stream.outlet.close()
    assert len([each async for each in samples]) == 2020
    assert turns >= 20
    turns = 0
    assert len([each async for each in polls]) == 21
    assert turns >= 20
    counting.cancel()


async def test_a_loop_that_is_cancelled_at_any_time_loses_nothing() -> None:
    stream = SampleStream(1000)
    for number in range(3):
        stream.outlet.put(poll(number, samples=250))
    seen = 0
    for turns in range(200):
        taking = asyncio.ensure_future(anext(stream))
        await settle(turns % 4)
        taking.cancel()
        await asyncio.wait([taking])
        seen += not taking.cancelled()
    stream.outlet.close()
    assert seen + len([each async for each in stream]) == 750
