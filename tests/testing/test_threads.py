"""An event loop in a thread: calls into it from other threads, and its end."""

from __future__ import annotations

import asyncio
import gc
import threading

import pytest

from snmptcp.errors import ClosedError, ConfigurationError
from snmptcp.testing import threads
from snmptcp.testing.threads import LoopThread, check_wait, within


@pytest.fixture
def thread():
    thread = LoopThread("a test's thread")
    yield thread
    thread.close()


async def forever(begun: threading.Event, ended: threading.Event | None = None) -> None:
    begun.set()
    try:
        await asyncio.Event().wait()
    finally:
        if ended is not None:
            ended.set()


def test_a_function_is_called_on_the_thread_of_the_loop(thread):
    assert thread.call(lambda: threading.current_thread().name) == "a test's thread"
    assert thread.call(lambda: thread.call(asyncio.get_running_loop)) is thread.call(asyncio.get_running_loop)


def test_what_a_function_or_a_coroutine_raises_reaches_its_caller(thread):
    async def fail():
        raise KeyError("x")

    with pytest.raises(ZeroDivisionError):
        thread.call(lambda: 1 // 0)
    with pytest.raises(KeyError):
        thread.run(fail())


def test_a_coroutine_of_the_thread_is_run_by_blocking_code_and_by_another_loop(thread):
    async def where():
        await asyncio.sleep(0)
        return threading.current_thread().name

    assert thread.run(where()) == "a test's thread"
    assert asyncio.run(thread.arun(where())) == "a test's thread"


def test_a_loop_that_is_none_of_asyncio_is_refused(thread):
    awaiting = thread.arun(forever(threading.Event()))
    with pytest.raises(ConfigurationError, match="no asyncio event loop is running here"):
        awaiting.send(None)  # as trio would
    gc.collect()  # a coroutine that was never awaited would warn here


def test_a_cancelled_wait_cancels_the_coroutine_on_the_thread(thread):
    begun, ended = threading.Event(), threading.Event()

    async def cancel():
        task = asyncio.create_task(thread.arun(forever(begun, ended)))
        await asyncio.to_thread(begun.wait, 20)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(cancel())
    assert ended.wait(20)


def test_what_waits_when_the_thread_is_closed_is_told_so():
    thread = LoopThread("the agent")
    begun = threading.Event()
    told: list[BaseException] = []

    def wait():
        with pytest.raises(ClosedError, match="the agent was closed") as caught:
            thread.run(forever(begun))
        told.append(caught.value)

    waiting = threading.Thread(target=wait)
    waiting.start()
    assert begun.wait(20)

    async def close_meanwhile():
        again = threading.Event()
        task = asyncio.create_task(thread.arun(forever(again)))
        await asyncio.to_thread(again.wait, 20)
        await asyncio.to_thread(thread.close)
        with pytest.raises(ClosedError, match="the agent was closed"):
            await task

    asyncio.run(close_meanwhile())
    waiting.join(20)
    assert len(told) == 1


def test_a_closed_thread_refuses_calls_and_leaves_no_coroutine_behind():
    thread = LoopThread("the agent")
    thread.close()
    thread.close()
    assert thread.is_closed
    with pytest.raises(ClosedError, match="the agent is closed"):
        thread.call(list)
    with pytest.raises(ClosedError, match="the agent is closed"):
        thread.run(forever(threading.Event()))
    gc.collect()  # a coroutine that was never awaited would warn here


def test_a_function_on_the_thread_cannot_wait_for_the_thread(thread):
    with pytest.raises(RuntimeError, match="cannot wait"):
        thread.call(lambda: thread.run(forever(threading.Event())))


def test_a_thread_that_is_blocked_is_named(monkeypatch):
    monkeypatch.setattr(threads, "CLOSE_LIMIT", 0.05)
    thread = LoopThread("the agent")
    released, blocked = threading.Event(), threading.Event()

    def block():
        blocked.set()
        released.wait(20)

    blocker = threading.Thread(target=thread.call, args=(block,))
    blocker.start()
    assert blocked.wait(20)
    try:
        with pytest.raises(TimeoutError, match="a function that the agent has called blocks its thread"):
            thread.run(forever(threading.Event()), limit=0.05)
        with pytest.raises(TimeoutError, match="the thread of the agent did not end in 0.05 s"):
            thread.close()
    finally:
        released.set()
        blocker.join(20)
    monkeypatch.undo()
    thread.close()


def test_a_loop_that_cannot_be_made_is_an_error_where_the_thread_was_started():
    def fail():
        raise OSError(24, "Too many open files")

    with pytest.raises(OSError, match="Too many open files"):
        LoopThread("the agent", fail)


def test_a_time_limit_tells_what_has_not_happened_and_leaves_other_errors_alone():
    async def late():
        raise TimeoutError("of its own")

    with pytest.raises(TimeoutError, match=r"^nothing came in 0\.01 s$"):
        asyncio.run(within(asyncio.sleep(20), 0.01, lambda: "nothing came"))
    with pytest.raises(TimeoutError, match="of its own"):
        asyncio.run(within(late(), 20, lambda: "nothing came"))


@pytest.mark.parametrize(
    ("count", "timeout", "text"),
    [(0, 1, "count must be at least 1, not 0"), (1, 0, "timeout must be more than 0"), (1, float("nan"), "timeout")],
)
def test_a_wait_has_a_count_and_a_limit(count, timeout, text):
    with pytest.raises(ConfigurationError, match=text):
        check_wait(count, timeout)
