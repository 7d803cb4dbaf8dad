"""Orders to one worker: one at a time, again if they do not arrive."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from snmptcp.fleet.dask.messages import Order
from snmptcp.fleet.dask.worker_link import WorkerLink
from tests.fleet.dask.cluster import until_later
from tests.support.clock import settle, skip

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio


class Fixture:
    def __init__(self) -> None:
        self.orders: list[Order] = []
        self.sent: list[Order] = []
        self.errors: list[Exception] = []
        self.arrives = asyncio.Event()
        self.arrives.set()
        self.tries = 0
        self.link = WorkerLink(
            "a",
            "tcp://a",
            next_order=lambda _: self.orders[0] if self.orders else None,
            send=self._send,
            sent=self._sent,
            patience=20.0,
        )

    async def _send(self, address: str, order: Order) -> None:
        assert address == "tcp://a"
        self.tries += 1
        if self.errors:
            raise self.errors.pop()
        await self.arrives.wait()

    def _sent(self, link: WorkerLink, order: Order) -> None:
        assert link.last_order == order
        self.sent.append(self.orders.pop(0))


@pytest.fixture
async def made(anyio_backend: object) -> AsyncIterator[Fixture]:
    made = Fixture()
    yield made
    await made.link.aclose()


async def test_everything_is_sent_once_and_in_order(made: Fixture) -> None:
    made.orders = [Order("c0", number) for number in (1.0, 2.0, 3.0)]
    made.link.wake()
    await made.link.drained(1.0)
    assert [order.heard for order in made.sent] == [1.0, 2.0, 3.0]
    assert made.tries == 3


async def test_nothing_is_sent_if_there_is_nothing(made: Fixture) -> None:
    made.link.wake()
    await settle()
    assert made.tries == 0


async def test_an_order_that_does_not_arrive_is_sent_again_after_a_pause(made: Fixture) -> None:
    made.orders = [Order("c0", 1.0)]
    made.errors = [OSError("gone"), ValueError("odd")]
    made.link.wake()
    await until_later(lambda: made.sent)
    assert made.tries == 3


async def test_an_order_that_hangs_is_given_up(made: Fixture) -> None:
    made.orders = [Order("c0", 1.0)]
    made.arrives.clear()
    made.link.wake()
    await settle()
    skip(21.0)
    await settle()
    made.arrives.set()
    await until_later(lambda: made.sent)
    assert made.tries == 2


async def test_who_waits_for_the_last_order_does_not_wait_for_ever(made: Fixture) -> None:
    made.orders = [Order("c0", 1.0)]
    made.arrives.clear()
    made.link.wake()
    waiting = asyncio.ensure_future(made.link.drained(5.0))
    await settle()
    skip(6.0)
    await waiting
    assert made.sent == []
