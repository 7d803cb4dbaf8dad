"""Queues of polls: their bound, and what is dropped."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.fleet.delivery.outlet import Outlet
from tests.fleet.making import numbers, poll
from tests.support.clock import settle

pytestmark = pytest.mark.anyio


def test_polls_are_taken_in_the_order_in_which_they_came() -> None:
    outlet = Outlet(100)
    for number in range(5):
        outlet.put(poll(number, samples=3))
    assert outlet.waiting == 15
    assert numbers(outlet.take(7)) == [0, 1]
    assert numbers(outlet.take(2)) == [2]  # at least one
    assert numbers(outlet.take(100)) == [3, 4]
    assert outlet.take(100) == []
    assert (outlet.waiting, outlet.dropped) == (0, 0)


def test_a_full_queue_drops_its_oldest_polls_and_counts_their_samples() -> None:
    outlet = Outlet(10)
    for number in range(5):
        outlet.put(poll(number, samples=4))
    assert (outlet.waiting, outlet.dropped) == (8, 12)
    assert numbers(outlet.take(100)) == [3, 4]


def test_a_poll_without_samples_counts_as_one() -> None:
    outlet = Outlet(3)
    for _ in range(5):
        outlet.put(poll(samples=0))
    assert (outlet.waiting, outlet.dropped) == (3, 2)


def test_a_poll_that_is_larger_than_the_queue_is_kept_until_the_next_one_comes() -> None:
    outlet = Outlet(10)
    outlet.put(poll(1, samples=50))
    assert (outlet.waiting, outlet.dropped) == (50, 0)
    outlet.put(poll(2))
    assert (outlet.waiting, outlet.dropped) == (1, 50)


def test_polls_that_are_put_back_come_first_and_are_dropped_first() -> None:
    outlet = Outlet(3)
    outlet.put(poll(1))
    outlet.put(poll(2))
    taken = outlet.take(100)
    outlet.put(poll(3))
    outlet.put(poll(4))
    outlet.put_back(taken)
    assert numbers(outlet.take(100)) == [2, 3, 4]
    assert outlet.dropped == 1


async def test_a_reader_waits_until_a_poll_comes_or_the_queue_is_closed() -> None:
    outlet = Outlet(10)
    waiting = asyncio.ensure_future(outlet.wait())
    await settle()
    assert not waiting.done()
    outlet.put(poll())
    await waiting
    outlet.take(100)
    waiting = asyncio.ensure_future(outlet.wait())
    await settle()
    assert not waiting.done()
    outlet.close()
    await waiting
    await outlet.wait()


@given(st.lists(st.one_of(st.integers(0, 5), st.just("take"), st.just("return")), max_size=60), st.integers(1, 20))
def test_every_sample_is_waiting_taken_or_dropped(steps: list[int | str], most: int) -> None:
    outlet = Outlet(most)
    put = taken = 0
    for step in steps:
        if isinstance(step, int):
            outlet.put(poll(samples=step))
            put += max(1, step)
        else:
            polls = outlet.take(7)
            if step == "return":
                outlet.put_back(polls)
            else:
                taken += sum(max(1, len(each.samples)) for each in polls)
        assert put == taken + outlet.waiting + outlet.dropped
        assert outlet.waiting <= max(most, 5)
