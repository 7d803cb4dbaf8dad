"""A loop for one object: its descriptors, what wakes it, and how its selector grows."""

from __future__ import annotations

import asyncio
import gc
import selectors
import socket
import sys
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from snmptcp.net import process, small_loop
from snmptcp.net.small_loop import MAX_POLLED, GrowingSelector, new_loop
from tests.support.forks import in_child, needs_fork

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="descriptors are counted in /proc, which Linux has")
needs_poll = pytest.mark.skipif(not hasattr(selectors, "PollSelector"), reason="this system has no poll")


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


@on_linux
def test_a_loop_has_one_descriptor_and_closes_it() -> None:
    before = descriptors()
    loops = [new_loop() for _ in range(10)]
    assert descriptors() == before + 10
    for loop in loops:
        loop.close()
    assert descriptors() == before


@on_linux
def test_without_asyncios_hooks_a_loop_has_its_socket_pair_and_works(monkeypatch) -> None:
    monkeypatch.setattr(small_loop, "_CAN_SHARE", False)
    before = descriptors()
    loop = new_loop()
    assert descriptors() == before + 2
    wake_from_another_thread(loop)
    loop.close()
    assert descriptors() == before


def wake_from_another_thread(loop: asyncio.AbstractEventLoop) -> None:
    """Run the loop, in which nothing happens, until another thread stops it; again and again."""
    calls: list[int] = []

    def call_often() -> None:
        for number in range(100):
            loop.call_soon_threadsafe(calls.append, number)
        loop.call_soon_threadsafe(loop.stop)

    for _ in range(3):
        calls.clear()
        thread = threading.Thread(target=lambda: loop.call_soon_threadsafe(call_often))
        thread.start()
        loop.run_forever()
        thread.join()
        assert calls == list(range(100))


def test_another_thread_wakes_the_loop() -> None:
    loop = new_loop()
    wake_from_another_thread(loop)
    assert loop.run_until_complete(loop.run_in_executor(None, lambda: "from a thread")) == "from a thread"
    loop.run_until_complete(loop.shutdown_default_executor())
    loop.close()


def test_what_has_woken_a_loop_is_gone_afterwards() -> None:
    loop = new_loop()
    for _ in range(3):
        loop.call_soon_threadsafe(lambda: None)
    loop.run_until_complete(asyncio.sleep(0))
    assert loop._selector.select(0) == []  # type: ignore[attr-defined]  # otherwise the loop would spin
    loop.close()


def test_a_loop_that_was_closed_is_woken_without_harm() -> None:
    loop = new_loop()
    loop.close()
    with pytest.raises(RuntimeError, match="closed"):
        loop.call_soon_threadsafe(lambda: None)
    loop._write_to_self()  # type: ignore[attr-defined]  # a thread that looked before the loop was closed


@on_linux
def test_waking_what_is_left_of_a_loop_fails_as_asyncio_expects() -> None:
    """In a child process, the collector may take what wakes the loop before a generator that wants to wake it."""
    waker = small_loop._Waker()
    waker.close()
    waker.close()
    with pytest.raises(OSError, match="Bad file descriptor"):
        waker.send(b"\0")


def test_loops_share_the_threads_that_resolve_names() -> None:
    loops = [new_loop() for _ in range(40)]
    before = threading.active_count()
    for loop in loops:
        assert loop.run_until_complete(loop.getaddrinfo("localhost", 161))
    assert threading.active_count() < before + len(loops)
    for loop in loops:
        loop.close()


@needs_fork
def test_a_child_resolves_names_with_threads_of_its_own() -> None:
    def resolve() -> bool:
        loop = new_loop()
        try:
            return bool(loop.run_until_complete(loop.getaddrinfo("localhost", 161)))
        finally:
            loop.close()

    assert resolve()
    assert in_child(resolve) == "True"


@on_linux
def test_a_loop_that_is_collected_closes_its_descriptor_and_warns_as_asyncios_does() -> None:
    gc.collect()  # what other tests have left
    before = descriptors()
    new_loop()
    with pytest.warns(ResourceWarning, match="unclosed event loop"):
        gc.collect()
    assert descriptors() == before


@needs_poll
def test_a_selector_that_grows_keeps_what_is_registered() -> None:
    with ExitStack() as stack:
        selector = stack.enter_context(GrowingSelector())
        pairs = [socket.socketpair() for _ in range(MAX_POLLED + 2)]
        for number, (near, far) in enumerate(pairs):
            stack.enter_context(near)
            stack.enter_context(far)
            far.send(b"x" if number % 2 else b"")
            key = selector.register(near, selectors.EVENT_READ, number)
            assert selector.get_key(near) == key
            assert isinstance(selector._inner, selectors.PollSelector) == (number < MAX_POLLED)
            ready = {key.data for key, _ in selector.select(0)}
            assert ready == {odd for odd in range(number + 1) if odd % 2}
        assert len(selector.get_map()) == MAX_POLLED + 2
        selector.modify(pairs[0][0], selectors.EVENT_READ | selectors.EVENT_WRITE, "written")
        assert "written" in {key.data for key, _ in selector.select()}
        for near, _ in pairs:
            selector.unregister(near)
        assert selector.select(0) == []


def test_the_main_thread_looks_for_signals_while_nothing_is_ready(monkeypatch) -> None:
    """One that arrives right before the wait would not be seen before something else ends the wait."""
    monkeypatch.setattr(small_loop, "SIGNAL_POLL", 0.001)
    with GrowingSelector() as selector:
        assert selector.select() == selector.select(3600) == []


def test_without_poll_the_selector_is_the_systems_best(monkeypatch) -> None:
    monkeypatch.delattr(selectors, "PollSelector", raising=False)
    with GrowingSelector() as selector:
        assert isinstance(selector._inner, selectors.DefaultSelector)


@needs_fork
def test_a_child_that_collects_its_copy_of_a_grown_loop_does_not_deafen_the_parent() -> None:
    """A grown selector has a descriptor that parent and child share."""
    loop = new_loop()
    pairs = [socket.socketpair() for _ in range(MAX_POLLED + 1)]
    heard: list[int] = []

    def hear(number: int) -> None:
        heard.append(number)
        loop.remove_reader(pairs[number][0])
        if len(heard) == len(pairs):
            loop.stop()

    for number, (near, _) in enumerate(pairs):
        loop.add_reader(near, hear, number)
    loops = [loop]
    del loop

    def collect() -> None:
        loops.clear()
        gc.collect()

    assert in_child(collect) == "None"
    (loop,) = loops
    for _, far in pairs:
        far.send(b"x")
    loop.run_forever()
    assert sorted(heard) == list(range(len(pairs)))
    loop.close()
    for near, far in pairs:
        near.close()
        far.close()


def test_a_child_leaves_the_generators_of_its_parents_loop_alone(monkeypatch) -> None:
    async def numbers() -> AsyncGenerator[int, None]:
        yield 1
        yield 2

    async def next_of(generator: AsyncGenerator[int, None]) -> int:
        return await anext(generator)

    loop, generator = new_loop(), numbers()
    try:
        assert loop.run_until_complete(next_of(generator)) == 1
        monkeypatch.setattr(process, "number", process.number + 1)  # as in a child
        loop._asyncgen_finalizer_hook(generator)  # type: ignore[attr-defined]  # what Python calls when it is collected
        monkeypatch.undo()
        for _ in range(3):  # it would be closed by a task
            loop.run_until_complete(asyncio.sleep(0))
        assert loop.run_until_complete(next_of(generator)) == 2
        loop.run_until_complete(loop.shutdown_asyncgens())
    finally:
        loop.close()
