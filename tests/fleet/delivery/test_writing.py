"""The way to a sink: batches, failures, and the end."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest

from snmptcp.fleet.delivery.writing import BATCH, Delivery
from tests.fleet.making import Notebook, numbers, poll
from tests.support.clock import settle, skip, until

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snmptcp.fleet import Poll

pytestmark = pytest.mark.anyio


async def test_polls_are_gathered_and_written_in_batches() -> None:
    sink = Notebook()
    delivery = Delivery(sink, 100)
    running = asyncio.ensure_future(delivery.run())
    for number in range(3):
        delivery.outlet.put(poll(number, samples=2))
    await settle()
    assert sink.calls == []
    skip(0.1)
    await until(lambda: sink.polls)
    assert sink.calls == ["write 3"]
    delivery.close()
    await running
    assert (delivery.health.written, delivery.health.waiting, delivery.health.error) == (6, 0, None)


async def test_a_batch_has_a_greatest_size() -> None:
    sink = Notebook()
    delivery = Delivery(sink, 10 * BATCH)
    for number in range(3):
        delivery.outlet.put(poll(number, samples=BATCH // 2 + 1))
    delivery.close()
    await delivery.run()
    assert sink.calls == ["write 1", "write 1", "write 1"]


async def test_what_waits_at_the_end_is_written_without_delay() -> None:
    sink = Notebook()
    delivery = Delivery(sink, 100)
    running = asyncio.ensure_future(delivery.run())
    delivery.outlet.put(poll(7))
    await settle()
    delivery.close()
    await running
    assert numbers(sink.polls) == [7]


async def test_after_a_failure_the_same_polls_are_written_again_before_those_that_came_since(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sink = Notebook()
    sink.errors = [OSError("the disk is full"), OSError("the disk is full")]
    delivery = Delivery(sink, 100)
    running = asyncio.ensure_future(delivery.run())
    delivery.outlet.put(poll(1))
    skip(0.1)
    await until(lambda: delivery.health.failures == 1)
    delivery.outlet.put(poll(2))
    health = delivery.health
    assert (health.error, health.waiting) == ("OSError: the disk is full", 2)
    while not sink.polls:
        skip(5.0)
        await settle()
    assert numbers(sink.polls) == [1, 2]
    assert (delivery.health.failures, delivery.health.error, delivery.health.dropped) == (2, None, 0)
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert warnings == [
        "sink notebook failed, it is tried again: OSError: the disk is full",
        "sink notebook writes again after 2 failures",
    ]
    delivery.close()
    await running


async def test_a_slow_sink_loses_its_oldest_polls_alone() -> None:
    sink = Notebook()
    sink.may_write.clear()
    delivery = Delivery(sink, 3)
    running = asyncio.ensure_future(delivery.run())
    delivery.outlet.put(poll(0))
    skip(0.1)
    await sink.writing.wait()
    for number in range(1, 6):
        delivery.outlet.put(poll(number))
    assert (delivery.health.waiting, delivery.health.dropped) == (4, 2)
    sink.may_write.set()
    delivery.close()
    await running
    assert numbers(sink.polls) == [0, 3, 4, 5]


async def test_a_sink_that_fails_at_the_end_is_not_tried_again_and_what_it_lost_is_counted() -> None:
    sink = Notebook()
    sink.errors = [OSError("the disk is full")] * 3
    delivery = Delivery(sink, 100)
    delivery.outlet.put(poll(1, samples=5))
    delivery.close()
    await delivery.run()
    assert sink.calls == ["write 1"]
    assert (delivery.health.waiting, delivery.health.dropped) == (0, 5)


async def test_a_sink_that_hangs_is_cancelled_and_what_it_lost_is_counted() -> None:
    sink = Notebook()
    sink.may_write.clear()
    delivery = Delivery(sink, 100)
    running = asyncio.ensure_future(delivery.run())
    delivery.outlet.put(poll(1, samples=5))
    skip(0.1)
    await sink.writing.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert (delivery.health.waiting, delivery.health.dropped, delivery.health.written) == (0, 5, 0)


async def test_nothing_to_write_is_not_written() -> None:
    sink = Notebook()
    delivery = Delivery(sink, 100)
    running = asyncio.ensure_future(delivery.run())
    await settle()
    delivery.close()
    await running
    assert sink.calls == []


@pytest.mark.parametrize("error", [asyncio.CancelledError("by a library"), GeneratorExit("odd")])
async def test_what_is_no_ordinary_exception_is_a_failure_too_and_the_sink_is_tried_again(
    error: BaseException,
) -> None:
    class Odd(Notebook):
        async def write(self, polls: Sequence[Poll]) -> None:
            if not errors:
                await super().write(polls)
                return
            raise errors.pop()

    sink, errors = Odd(), [error]
    delivery = Delivery(sink, 100)
    running = asyncio.ensure_future(delivery.run())
    delivery.outlet.put(poll(1))
    while not sink.polls:
        skip(1.0)
        await settle()
    assert numbers(sink.polls) == [1]
    assert delivery.health.failures == 1
    delivery.close()
    await running
