"""Connections with more to do than fits into a turn of the loop go on in the next, each in its turn."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from snmptcp.net.turns import BACKLOG, SLICE, TURN, Interlude, Turns, turns_of
from tests.support.clock import settle

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.anyio


class Clock:
    """A clock that work moves on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def turns(anyio_backend: object, clock: Clock) -> Turns:
    return Turns(asyncio.get_running_loop(), clock)


async def test_a_turn_has_time_until_it_is_over_and_the_next_one_begins_anew(turns: Turns, clock: Clock) -> None:
    assert turns.has_time()
    clock.now += TURN
    assert not turns.has_time()
    await settle(2)
    assert turns.has_time()


async def test_those_that_wait_go_on_in_the_order_in_which_they_came(turns: Turns, clock: Clock) -> None:
    done: list[str] = []

    def worker(name: str, count: int) -> Callable[[], bool]:
        def work() -> bool:
            nonlocal count
            done.append(name)
            clock.now += SLICE
            count -= 1
            return count > 0

        return work

    for name, count in (("a", 3), ("b", 1), ("c", 2)):
        turns.go_on(worker(name, count))
    assert done == []
    await settle(5)
    assert "".join(done) == "abcaca"


async def test_those_that_wait_together_take_no_more_than_their_part_of_a_turn(turns: Turns, clock: Clock) -> None:
    done: list[int] = []

    def work() -> bool:
        clock.now += SLICE
        done.append(1)
        return True

    for _ in range(100):
        turns.go_on(work)
    counts = []
    for _ in range(3):
        await asyncio.sleep(0)
        counts.append(len(done))
    each = round(BACKLOG / SLICE)
    assert counts == [each, 2 * each, 3 * each]


async def test_a_slice_ends_after_its_time(turns: Turns, clock: Clock) -> None:
    has_time = turns.slice()
    assert has_time()
    clock.now += SLICE
    assert not has_time()


async def test_one_that_fails_does_not_keep_the_others_from_going_on(turns: Turns) -> None:
    done = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: done.append(str(context["exception"])))

    def fail() -> bool:
        raise RuntimeError("broken")

    def work() -> bool:
        done.append("worked")
        return False

    turns.go_on(fail)
    turns.go_on(work)
    await settle(5)
    assert done == ["broken", "worked"]


async def test_all_connections_of_a_loop_share_its_turns() -> None:
    loop = asyncio.get_running_loop()
    assert turns_of(loop) is turns_of(loop)
    other = asyncio.new_event_loop()
    try:
        assert turns_of(other) is not turns_of(loop)
    finally:
        other.close()


async def test_work_that_ctrl_c_interrupts_goes_on_in_the_next_turn(turns: Turns) -> None:
    calls = 0

    def work() -> bool:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise KeyboardInterrupt
        return False

    turns.go_on(work)
    with pytest.raises(KeyboardInterrupt):
        turns._begin()
    await settle(3)
    assert calls == 2


def test_a_loop_that_ends_while_a_connection_waits_is_not_kept() -> None:
    class Waiting:
        """What a connection refers to."""

        def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
            self.loop = loop
            self.turns = turns_of(loop)
            self.turns.go_on(lambda: bool(self))

    loop = asyncio.new_event_loop()
    Waiting(loop)
    assert turns_of(loop) is turns_of(loop)
    loop.close()
    kept = weakref.ref(loop)
    del loop
    gc.collect()
    assert kept() is None


async def test_a_loop_lets_others_run_once_in_the_time_of_a_turn(clock: Clock) -> None:
    interlude = Interlude(clock)
    turns = 0

    def count() -> None:
        nonlocal turns
        turns += 1
        if turns < 100:
            asyncio.get_running_loop().call_soon(count)

    asyncio.get_running_loop().call_soon(count)
    seen = []
    for _ in range(9):
        await interlude.give_way()
        seen.append(turns)
        clock.now += TURN / 4
    assert seen == [1, 1, 1, 1, 2, 2, 2, 2, 3]
