"""Functions that return targets: lists, iterators, coroutines, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp.errors import ArgumentTypeError
from snmptcp.fleet.source import checked, read_targets
from tests.fleet.making import target

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from snmptcp.fleet import Target

pytestmark = pytest.mark.anyio


async def found() -> AsyncIterator[Target]:
    yield target("a")
    yield target("b")


async def fetched() -> Iterable[Target]:
    return (target(name) for name in "ab")


async def fetched_and_found() -> AsyncIterator[Target]:
    return found()


async def test_a_function_may_return_targets_in_any_way() -> None:
    for function in (lambda: [target("a"), target("b")], found, fetched, fetched_and_found):
        assert [each.name for each in await read_targets(function)] == ["a", "b"]


@pytest.mark.parametrize("told", [None, 3, ["core-1"], "core-1"])
async def test_anything_else_is_refused(told: object) -> None:
    with pytest.raises(ArgumentTypeError, match="^targets must be "):
        await read_targets(lambda: told)  # type: ignore[arg-type,return-value]


def test_a_target_is_a_target() -> None:
    assert checked(target("a")) == target("a")
    with pytest.raises(ArgumentTypeError, match="^targets must be several of Target, not str"):
        checked("core-1")
