"""Slots: how many polls run at once, and those whose agent is silent."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from snmptcp.fleet.polling.slots import LONGEST, PATIENCE, Slots
from tests.support.clock import settle, skip

pytestmark = pytest.mark.anyio


def nothing() -> int:
    """Return how much has been read from a silent agent."""
    return 0


async def test_a_poll_waits_until_a_slot_is_free() -> None:
    slots = Slots(2)
    first = await slots.acquire(nothing)
    await slots.acquire(nothing)
    third = asyncio.ensure_future(slots.acquire(nothing))
    await settle()
    assert not third.done()
    first.release()
    (await third).release()


async def test_a_poll_whose_agent_is_silent_gives_its_slot_back() -> None:
    slots = Slots(1)
    silent = await slots.acquire(nothing)
    next_one = asyncio.ensure_future(slots.acquire(nothing))
    await settle()
    assert not next_one.done()
    skip(PATIENCE)
    await next_one
    silent.release()  # at its end: the slot is another poll's now
    third = asyncio.ensure_future(slots.acquire(nothing))
    await settle()
    assert not third.done()
    third.cancel()


async def test_a_poll_that_is_cancelled_while_it_waits_takes_no_slot() -> None:
    slots = Slots(1)
    first = await slots.acquire(nothing)
    cancelled = asyncio.ensure_future(slots.acquire(nothing))
    await settle()
    cancelled.cancel()
    await settle()
    first.release()
    await slots.acquire(nothing)


async def test_a_poll_whose_agent_answers_keeps_its_slot_but_not_for_ever() -> None:
    slots = Slots(1)
    counts = itertools.count(1)
    await slots.acquire(lambda: next(counts))
    next_one = asyncio.ensure_future(slots.acquire(nothing))
    for _ in range(int(LONGEST / PATIENCE) - 1):
        skip(PATIENCE)
        await settle()
        assert not next_one.done()
    skip(PATIENCE)
    await settle()
    skip(PATIENCE)
    await next_one


async def test_an_agent_is_not_taken_for_silent_while_the_program_is_busy() -> None:
    slots = Slots(1)
    await slots.acquire(nothing)
    next_one = asyncio.ensure_future(slots.acquire(nothing))
    skip(3 * PATIENCE)  # nothing was read for so long
    await settle()
    assert not next_one.done()
    skip(PATIENCE)
    await next_one
