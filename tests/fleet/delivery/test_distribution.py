"""The sinks of a fleet and the loops over it: opening, sharing, and the end."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from typing import TYPE_CHECKING

import pytest

from snmptcp.fleet.delivery.distribution import Distribution
from tests.fleet.making import Notebook, numbers, poll
from tests.support.clock import settle, skip, until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snmptcp.fleet import Poll

pytestmark = pytest.mark.anyio


class Closed(Notebook):
    """A sink that cannot be opened."""

    async def open(self) -> None:
        raise PermissionError("the folder is read-only")


class Stubborn(Notebook):
    """A sink that cannot be closed."""

    async def aclose(self) -> None:
        self.calls.append("close")
        await asyncio.Event().wait()


async def test_every_sink_and_every_loop_has_each_poll() -> None:
    first, second = Notebook(), Notebook()
    distribution = Distribution([first, second], 100, grace=5.0)
    await distribution.open()
    polls, samples = distribution.polls(), distribution.samples()
    distribution.deliver(poll(1))
    assert (await anext(polls)).samples[0].value == 1
    assert (await anext(samples)).value == 1
    await distribution.aclose()
    assert numbers(first.polls) == numbers(second.polls) == [1]
    assert first.calls == ["open", "write 1", "close"]


async def test_a_sink_that_cannot_be_opened_closes_those_before_it() -> None:
    first = Notebook()
    with pytest.raises(PermissionError, match="the folder is read-only"):
        await Distribution([first, Closed()], 100, grace=5.0).open()
    assert first.calls == ["open", "close"]


async def test_a_loop_that_was_left_is_forgotten() -> None:
    distribution = Distribution([], 1, grace=5.0)
    stream = distribution.polls()
    for _ in range(3):
        distribution.deliver(poll())
    assert distribution.unread == 2
    del stream
    gc.collect()
    assert distribution.unread == 0


async def test_loops_end_when_the_fleet_stops_and_those_that_begin_later_have_ended() -> None:
    distribution = Distribution([], 100, grace=5.0)
    stream = distribution.polls()
    distribution.deliver(poll(1))
    distribution.stop()
    assert numbers([each async for each in stream]) == [1]
    assert [each async for each in distribution.samples()] == []


async def test_a_sink_that_hangs_takes_no_longer_than_the_time_at_the_end() -> None:
    hanging, good = Notebook(), Notebook()
    hanging.may_write.clear()
    distribution = Distribution([hanging, good], 100, grace=5.0)
    await distribution.open()
    distribution.deliver(poll(1))
    closing = asyncio.ensure_future(distribution.aclose())
    await hanging.writing.wait()
    await settle()
    assert not closing.done()
    skip(5.0)
    await closing
    assert (hanging.calls, good.calls) == (["open", "write 1", "close"], ["open", "write 1", "close"])
    assert [health.dropped for health in distribution.sinks] == [1, 0]


async def test_a_sink_that_cannot_be_closed_is_left_and_told(caplog: pytest.LogCaptureFixture) -> None:
    stubborn = Stubborn()
    distribution = Distribution([stubborn], 100, grace=4.0)
    await distribution.open()
    closing = asyncio.ensure_future(distribution.aclose())
    await until(lambda: "close" in stubborn.calls)
    await settle()
    skip(4.0)
    await closing
    assert "sink notebook could not be closed: it took longer than 4 s" in caplog.text


@pytest.mark.parametrize("error", [asyncio.CancelledError("by a library"), GeneratorExit("?"), OSError("gone")])
async def test_whatever_a_sink_raises_when_it_is_closed_is_told_and_the_others_are_closed(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    class Failing(Notebook):
        async def aclose(self) -> None:
            raise error

    good = Notebook()
    distribution = Distribution([Failing(), good], 100, grace=4.0)
    await distribution.open()
    await distribution.aclose()
    assert f"sink notebook could not be closed: {type(error).__name__}: {error}" in caplog.text
    assert good.calls == ["open", "close"]


async def test_an_end_that_is_cancelled_ends_the_writing_and_closes_the_sinks() -> None:
    hanging = Notebook()
    hanging.may_write.clear()
    distribution = Distribution([hanging], 100, grace=5.0)
    await distribution.open()
    distribution.deliver(poll(1))
    closing = asyncio.ensure_future(distribution.aclose())
    await hanging.writing.wait()
    closing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert hanging.calls == ["open", "write 1", "close"]
    assert [health.dropped for health in distribution.sinks] == [1]


async def test_a_sink_whose_write_cannot_be_cancelled_is_left_and_told(caplog: pytest.LogCaptureFixture) -> None:
    class Deaf(Notebook):
        async def write(self, polls: Sequence[Poll]) -> None:
            self.writing.set()
            while not may_end.is_set():
                with contextlib.suppress(asyncio.CancelledError):
                    await may_end.wait()

    deaf, may_end = Deaf(), asyncio.Event()
    distribution = Distribution([deaf], 100, grace=4.0)
    await distribution.open()
    distribution.deliver(poll(1))
    closing = asyncio.ensure_future(distribution.aclose())
    await deaf.writing.wait()
    while not closing.done():
        skip(1.0)
        await settle()
    assert "snmptcp writer of sink notebook does not end although it was cancelled" in caplog.text
    assert deaf.calls == ["open", "close"]
    may_end.set()
    await settle()


async def test_an_opening_that_is_cancelled_closes_the_sink_that_was_being_opened() -> None:
    class Opening(Notebook):
        async def open(self) -> None:
            self.calls.append("open")
            await asyncio.Event().wait()

    first, second = Notebook(), Opening()
    opening = asyncio.ensure_future(Distribution([first, second], 100, grace=4.0).open())
    await until(lambda: second.calls)
    opening.cancel()
    await asyncio.wait([opening])
    assert (first.calls, second.calls) == (["open", "close"], ["open", "close"])


async def test_an_end_that_is_cancelled_while_sinks_are_closed_lets_them_close() -> None:
    class Closing(Notebook):
        async def aclose(self) -> None:
            self.calls.append("closing")
            await may_close.wait()
            self.calls.append("closed")

    sink, may_close = Closing(), asyncio.Event()
    distribution = Distribution([sink], 100, grace=4.0)
    await distribution.open()
    closing = asyncio.ensure_future(distribution.aclose())
    await until(lambda: "closing" in sink.calls)
    closing.cancel()
    await settle()
    may_close.set()
    with pytest.raises(asyncio.CancelledError):
        await closing
    assert sink.calls == ["open", "closing", "closed"]
