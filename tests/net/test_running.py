"""Runs of an event loop that stands still between two calls."""

from __future__ import annotations

import asyncio
import contextvars
import os
import signal
import threading
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp.net.running import OpenRun, StepRun, TaskRun, run_of_request
from snmptcp.net.small_loop import SmallLoop, new_loop

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from typing import TypeAlias

    from snmptcp.net.running import Run

    Make: TypeAlias = Callable[[SmallLoop, Coroutine[Any, Any, Any]], Run]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the small loop is for systems with fork")


@pytest.fixture
def loop() -> Iterator[SmallLoop]:
    loop = new_loop()
    assert isinstance(loop, SmallLoop)
    yield loop
    loop.close()


#: The ways to run a coroutine.
RUNS = pytest.mark.parametrize("make", [TaskRun, StepRun])


async def later(loop: asyncio.AbstractEventLoop, value: object, turns: int = 3) -> object:
    """Return a value that a callback gives after some turns."""
    future = loop.create_future()

    def go_on(turns: int) -> None:
        if turns:
            loop.call_soon(go_on, turns - 1)
        elif isinstance(value, BaseException):
            future.set_exception(value)
        else:
            future.set_result(value)

    go_on(turns)
    return await future


@RUNS
@pytest.mark.parametrize("turns", [0, 1, 5])
def test_a_run_returns_what_the_coroutine_returns(loop: SmallLoop, make: Make, turns: int) -> None:
    assert make(loop, later(loop, "answer", turns)).to_its_end() == "answer"
    assert not loop.is_running()


@RUNS
def test_a_run_raises_what_the_coroutine_raises(loop: SmallLoop, make: Make) -> None:
    with pytest.raises(LookupError, match="no such thing"):
        make(loop, later(loop, LookupError("no such thing"))).to_its_end()
    assert make(loop, later(loop, 1)).to_its_end() == 1


@RUNS
def test_a_coroutine_may_give_way_and_wait_for_tasks_and_timers(loop: SmallLoop, make: Make) -> None:
    async def busy() -> list[object]:
        await asyncio.sleep(0)
        await asyncio.sleep(1e-9)
        tasks = [asyncio.ensure_future(later(loop, each)) for each in range(3)]
        await asyncio.wait(tasks)
        return [task.result() for task in tasks]

    assert make(loop, busy()).to_its_end() == [0, 1, 2]


@RUNS
def test_a_cancelled_future_is_the_coroutines_affair(loop: SmallLoop, make: Make) -> None:
    future = loop.create_future()
    loop.call_soon(future.cancel)

    async def wait() -> str:
        try:
            await future
        except asyncio.CancelledError:
            return "cancelled"
        return "not cancelled"

    assert make(loop, wait()).to_its_end() == "cancelled"


@RUNS
def test_the_loop_is_known_as_running_and_no_more_afterwards(loop: SmallLoop, make: Make) -> None:
    async def look() -> tuple[bool, bool]:
        await asyncio.sleep(0)
        return asyncio.get_running_loop() is loop, loop.is_running()

    assert make(loop, look()).to_its_end() == (True, True)
    assert asyncio._get_running_loop() is None
    assert not loop.is_running()


@RUNS
def test_what_a_coroutine_sets_in_its_context_stays_there(loop: SmallLoop, make: Make) -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="outside")

    async def change() -> str:
        variable.set("inside")
        await asyncio.sleep(0)
        return variable.get()

    assert make(loop, change()).to_its_end() == "inside"
    assert variable.get() == "outside"


@RUNS
def test_what_the_last_step_leaves_to_the_end_of_the_turn_is_done(loop: SmallLoop, make: Make) -> None:
    done: list[str] = []

    async def leave() -> None:
        await asyncio.sleep(0)
        loop.call_soon(done.append, "written")

    make(loop, leave()).to_its_end()
    assert done == ["written"]


@RUNS
def test_a_loop_that_something_else_stops_is_an_error_and_can_run_again(loop: SmallLoop, make: Make) -> None:
    loop.call_soon(loop.stop)
    with pytest.raises(RuntimeError, match="stopped before the call had ended"):
        make(loop, later(loop, 1, 100)).to_its_end()
    assert make(loop, later(loop, 2)).to_its_end() == 2
    for task in asyncio.all_tasks(loop):
        loop.run_until_complete(task)


def test_a_run_that_was_broken_off_does_not_end_the_next_one(loop: SmallLoop) -> None:
    loop.call_soon(loop.stop)
    with pytest.raises(RuntimeError, match="stopped before the call had ended"):
        TaskRun(loop, later(loop, 1, 3)).to_its_end()
    assert TaskRun(loop, later(loop, 2, 20)).to_its_end() == 2


@RUNS
def test_an_asynchronous_generator_that_is_dropped_is_closed_by_the_loop(loop: SmallLoop, make: Make) -> None:
    closed: list[str] = []

    async def numbers() -> Any:
        try:
            yield 1
        finally:
            await asyncio.sleep(0)
            closed.append("closed")

    async def drop() -> int:
        async for number in numbers():
            return int(number)
        return 0

    assert make(loop, drop()).to_its_end() == 1
    for _ in range(3):
        make(loop, asyncio.sleep(0)).to_its_end()
    assert closed == ["closed"]


@RUNS
def test_a_run_inside_of_a_running_loop_is_refused(loop: SmallLoop, make: Make) -> None:
    async def inside() -> None:
        run = make(loop, later(loop, 1))
        with pytest.raises(RuntimeError):
            run.to_its_end()

    asyncio.run(inside())
    loop.run_until_complete(asyncio.sleep(0))


@RUNS
def test_ctrl_c_cancels_what_the_coroutine_waits_for(loop: SmallLoop, make: Make) -> None:
    cleaned: list[str] = []

    async def wait() -> None:
        try:
            await loop.create_future()
        except asyncio.CancelledError:
            cleaned.append("forgotten")
            raise

    run = make(loop, wait())
    assert run.catch_signals()
    try:
        loop.call_soon(os.kill, os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            run.to_its_end()
    finally:
        run.leave_signals()
    assert cleaned == ["forgotten"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_in_the_last_step_is_not_lost(loop: SmallLoop) -> None:
    async def last() -> str:
        await asyncio.sleep(0)
        signal.raise_signal(signal.SIGINT)
        return "answer"

    run = StepRun(loop, last())
    assert run.catch_signals()
    try:
        with pytest.raises(KeyboardInterrupt):
            run.to_its_end()
    finally:
        run.leave_signals()


def test_a_second_ctrl_c_breaks_a_run_off_at_once(loop: SmallLoop) -> None:
    async def stubborn() -> None:
        while True:
            try:
                await loop.create_future()
            except asyncio.CancelledError:
                signal.raise_signal(signal.SIGINT)

    run = StepRun(loop, stubborn())
    assert run.catch_signals()
    try:
        loop.call_soon(os.kill, os.getpid(), signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            run.to_its_end()
    finally:
        run.leave_signals()
    assert StepRun(loop, later(loop, 3)).to_its_end() == 3


@RUNS
def test_a_run_that_a_handler_of_a_signal_breaks_off_is_cancelled(loop: SmallLoop, make: Make) -> None:
    """As by a handler of SIGALRM that raises."""
    ended: list[str] = []

    async def wait() -> None:
        try:
            await loop.create_future()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    def alarm(*_: object) -> None:
        raise LookupError("the time is over")

    before = signal.signal(signal.SIGALRM, alarm)
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.02)  # while the loop waits; its callbacks' exceptions are only logged
        with pytest.raises(LookupError, match="the time is over"):
            make(loop, wait()).to_its_end()
    finally:
        signal.signal(signal.SIGALRM, before)
    assert make(loop, later(loop, 3)).to_its_end() == 3
    assert ended == ["cancelled"]


@RUNS
def test_another_thread_can_interrupt_a_run(loop: SmallLoop, make: Make) -> None:
    async def wait() -> None:
        await loop.create_future()

    run = make(loop, wait())
    thread = threading.Thread(target=run.interrupt)
    loop.call_soon(thread.start)
    with pytest.raises(KeyboardInterrupt):
        run.to_its_end()
    thread.join()


def test_an_open_run_ends_when_the_loop_is_stopped_or_after_a_turn(loop: SmallLoop) -> None:
    done: list[int] = []
    loop.call_soon(done.append, 1)
    OpenRun(loop, once=True).to_its_end()
    loop.call_soon(done.append, 2)
    loop.call_soon(loop.stop)
    OpenRun(loop).to_its_end()
    assert done == [1, 2]


def test_a_request_is_run_in_steps_on_the_small_loop_and_in_a_task_on_others(loop: SmallLoop) -> None:
    run = run_of_request(loop, later(loop, 1))
    assert isinstance(run, StepRun)
    assert run.to_its_end() == 1
    other = asyncio.new_event_loop()
    run = run_of_request(other, later(other, 1))
    assert isinstance(run, TaskRun)
    assert run.to_its_end() == 1
    other.close()
