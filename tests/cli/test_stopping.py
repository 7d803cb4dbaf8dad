"""Signals that stop a command."""

from __future__ import annotations

import asyncio
import signal

import pytest

from snmptcp.cli.stopping import early_hangups, hangups, interrupting, orderly_end, stop_signals

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_sets_the_event_and_the_handlers_are_removed(number: signal.Signals) -> None:
    loop = asyncio.get_running_loop()
    with stop_signals() as stop:
        assert not stop.is_set()
        signal.raise_signal(number)
        async with asyncio.timeout(30):
            await stop.wait()
    assert not loop.remove_signal_handler(number)


async def test_another_thread_has_no_handlers_but_an_event() -> None:
    async def use() -> bool:
        with stop_signals() as stop:
            return stop.is_set()

    assert await asyncio.to_thread(lambda: asyncio.run(use())) is False


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no SIGHUP")
async def test_each_hangup_calls_a_function_and_the_handler_is_removed() -> None:
    loop = asyncio.get_running_loop()
    called = asyncio.Event()
    with hangups(called.set):
        for _ in range(2):
            called.clear()
            signal.raise_signal(signal.SIGHUP)
            async with asyncio.timeout(30):
                await called.wait()
    assert not loop.remove_signal_handler(signal.SIGHUP)


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no SIGHUP")
async def test_a_hangup_before_it_is_handled_ends_nothing_and_is_remembered() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        with early_hangups() as seen:
            assert not seen.is_set()
            signal.raise_signal(signal.SIGHUP)
            assert seen.is_set()
            with hangups(lambda: None):
                pass
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_DFL
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with early_hangups() as seen:
            signal.raise_signal(signal.SIGHUP)
            assert not seen.is_set()
    finally:
        signal.signal(signal.SIGHUP, before)


async def test_another_thread_has_no_handler_for_early_hangups() -> None:
    def use() -> bool:
        with early_hangups() as seen:
            return seen.is_set()

    assert await asyncio.to_thread(use) is False


async def test_another_thread_has_no_handler_for_hangups() -> None:
    async def use() -> bool:
        with hangups(lambda: None):
            return True

    assert await asyncio.to_thread(lambda: asyncio.run(use()))


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no SIGHUP")
@pytest.mark.parametrize("number", [signal.SIGTERM, getattr(signal, "SIGHUP", None)])
def test_a_signal_ends_the_command_once_and_the_old_handler_returns(number: signal.Signals) -> None:
    before = signal.signal(number, signal.SIG_DFL)
    try:
        with orderly_end():
            with pytest.raises(SystemExit) as caught:
                signal.raise_signal(number)
            signal.raise_signal(number)  # ignored, while files are finished
        assert caught.value.code == 128 + number
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, before)


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="Windows has no SIGHUP")
def test_a_signal_that_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        with orderly_end():
            signal.raise_signal(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_call_that_blocks_is_interrupted_and_the_old_handler_returns() -> None:
    calls: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: calls.append(number))
    try:
        with pytest.raises(KeyboardInterrupt), interrupting():
            signal.raise_signal(signal.SIGINT)
        assert not calls
        signal.raise_signal(signal.SIGINT)
        assert calls == [signal.SIGINT]
    finally:
        signal.signal(signal.SIGINT, before)


def test_an_ignored_interrupt_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupting():
            signal.raise_signal(signal.SIGINT)
    finally:
        signal.signal(signal.SIGINT, before)


async def test_another_thread_is_not_interrupted_but_goes_on() -> None:
    def work() -> str:
        with interrupting():
            return "done"

    assert await asyncio.to_thread(work) == "done"
