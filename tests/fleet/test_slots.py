"""Slots: how many polls run at once, and those whose agent is silent."""

from __future__ import annotations

import asyncio

import pytest

from snmptcp.fleet.slots import PATIENCE, Slots
from tests.support.clock import settle, skip

pytestmark = pytest.mark.anyio


async def test_a_poll_waits_until_a_slot_is_free() -> None:
    slots = Slots(2)
    first = await slots.acquire()
    await slots.acquire()
    third = asyncio.ensure_future(slots.acquire())
    await settle()
    assert not third.done()
    first.release()
    (await third).release()


async def test_a_poll_whose_agent_is_silent_gives_its_slot_back() -> None:
    slots = Slots(1)
    silent = await slots.acquire()
    next_one = asyncio.ensure_future(slots.acquire())
    await settle()
    assert not next_one.done()
    skip(PATIENCE)
    await next_one
    silent.release()  # at its end: the slot is another poll's now
    third = asyncio.ensure_future(slots.acquire())
    await settle()
    assert not third.done()
    third.cancel()


async def test_a_poll_that_is_cancelled_while_it_waits_takes_no_slot() -> None:
    slots = Slots(1)
    first = await slots.acquire()
    cancelled = asyncio.ensure_future(slots.acquire())
    await settle()
    cancelled.cancel()
    await settle()
    first.release()
    await slots.acquire()
