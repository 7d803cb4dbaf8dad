"""Loops over polls and samples."""

from __future__ import annotations

import asyncio

import pytest

from snmptcp.fleet.streams import PollStream, SampleStream
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
