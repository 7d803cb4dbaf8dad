"""What walks and tables yield: items of answers, and answers as a whole."""

from __future__ import annotations

import asyncio
import gc
from typing import TYPE_CHECKING

import pytest

from snmptcp.manager.items import Items

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

pytestmark = pytest.mark.anyio


class Source:
    """Answers, which note their end."""

    def __init__(self, *answers: Sequence[int], error: Exception | None = None) -> None:
        self.answers = answers
        self.error = error
        self.taken = 0
        self.closed = False

    async def __call__(self) -> AsyncGenerator[Sequence[int], None]:
        try:
            for answer in self.answers:
                self.taken += 1
                yield answer
            if self.error is not None:
                raise self.error
        finally:
            self.closed = True


async def test_items_come_in_the_order_of_the_answers() -> None:
    assert [item async for item in Items(Source((1, 2), (3,), (4, 5))())] == [1, 2, 3, 4, 5]


async def test_an_answer_is_taken_when_its_first_item_is_asked_for() -> None:
    source = Source((1, 2), (3,))
    items = Items(source())
    assert (await anext(items), await anext(items), source.taken) == (1, 2, 1)
    assert (await items.asend(None), source.taken) == (3, 2)


async def test_an_error_comes_behind_the_items_before_it() -> None:
    items = Items(Source((1, 2), error=LookupError("gone"))())
    assert [await anext(items), await anext(items)] == [1, 2]
    with pytest.raises(LookupError, match="gone"):
        await anext(items)


async def test_closing_the_items_closes_the_answers_in_the_middle_of_a_loop_too() -> None:
    source = Source((1, 2), (3,))
    items = Items(source())
    async for item in items:
        assert item == 1
        break
    await items.aclose()
    assert source.closed
    assert [item async for item in items] == []


async def test_an_exception_can_be_raised_where_the_generator_stands() -> None:
    source = Source((1, 2))
    items = Items(source())
    await anext(items)
    with pytest.raises(KeyError):
        await items.athrow(KeyError("x"))
    assert source.closed


async def test_items_that_are_dropped_close_the_answers() -> None:
    source = Source((1, 2))
    items = Items(source())
    await anext(items)
    del items
    gc.collect()
    for _ in range(5):
        await asyncio.sleep(0)
    assert source.closed


async def test_whole_answers_can_be_taken_instead() -> None:
    assert [answer async for answer in Items(Source((1, 2), (3,))()).answers] == [(1, 2), (3,)]
