"""What walks and tables yield: whole answers, and what they contain one after the other.

Contains: the generator that a program iterates over.  Does not contain: the answers (:mod:`snmptcp.manager.walks`).

A program iterates over variable bindings and rows.  Blocking calls take whole answers, because running an event loop
once for each variable binding would cost several times what reading it costs.
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

__all__ = ("Items",)

T = TypeVar("T")


class Items(AsyncGenerator[T, None]):
    """The items of answers, one after the other; it is the asynchronous generator of a walk or a table.

    Args:
        answers: the answers, none of them empty.

    Attributes:
        answers: yields whole answers, for a caller that does not iterate over the items.
    """

    __slots__ = ("_each", "answers")

    def __init__(self, answers: AsyncGenerator[Sequence[T], None]) -> None:
        self.answers = answers
        self._each = _one_by_one(answers)

    def __aiter__(self) -> AsyncIterator[T]:
        return self._each  # a loop over it costs no call for each item

    def __anext__(self) -> Coroutine[Any, Any, T]:
        return self._each.__anext__()

    def asend(self, value: None) -> Coroutine[Any, Any, T]:
        """Return what gives the next item, as a generator's ``asend`` does."""
        return self._each.asend(value)

    def athrow(self, *error: Any) -> Coroutine[Any, Any, T]:
        """Return what raises an exception where the generator stands, as a generator's ``athrow`` does."""
        return self._each.athrow(*error)

    def aclose(self) -> Coroutine[Any, Any, None]:
        """Return what ends it, as a generator's ``aclose`` does: requests that are under way are forgotten."""
        return self._each.aclose()


async def _one_by_one(answers: AsyncGenerator[Sequence[T], None]) -> AsyncGenerator[T, None]:
    async with contextlib.aclosing(answers):
        async for items in answers:
            for item in items:
                yield item
