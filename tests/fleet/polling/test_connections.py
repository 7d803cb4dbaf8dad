"""Kept connections: their bound, which are closed for others, and failing targets."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import ConfigurationError
from snmptcp.fleet.polling.connections import Connections, most_by_open_files
from tests.fleet.making import target
from tests.support.clock import settle

if TYPE_CHECKING:
    from snmptcp import Manager
    from snmptcp.fleet import Target

pytestmark = pytest.mark.anyio


class FakeManager:
    def __init__(self, name: str) -> None:
        self.name = name
        self.closed = False

    async def aclose(self) -> None:
        await asyncio.sleep(0)
        self.closed = True


class Pool:
    """The connections under test, with managers that only note that they were closed."""

    def __init__(self, most: int | None) -> None:
        self.made: list[FakeManager] = []
        self.forgotten: list[str] = []
        self.connections = Connections(self, most)

    def make(self, of: Target) -> Any:
        if of.name == "impossible":
            raise ConfigurationError("there is no such file")
        self.made.append(FakeManager(of.name))
        return self.made[-1]

    def forget(self, name: str) -> None:
        self.forgotten.append(name)

    async def acquire(self, name: str, *, failing: bool = False) -> Manager:
        return await self.connections.acquire(target(name), failing=failing)

    def release(self, name: str, manager: Manager, *, failing: bool = False, keep: bool = True) -> None:
        self.connections.release(target(name), manager, failing=failing, keep=keep)

    async def use(self, name: str) -> Manager:
        manager = await self.acquire(name)
        self.release(name, manager)
        return manager

    @property
    def closed(self) -> list[str]:
        return [manager.name for manager in self.made if manager.closed]


async def test_the_manager_of_a_target_is_kept_from_one_poll_to_the_next() -> None:
    pool = Pool(None)
    assert await pool.use("a") is await pool.use("a")
    assert len(pool.connections) == 1


async def test_a_manager_that_shall_not_be_kept_is_closed() -> None:
    pool = Pool(None)
    manager = await pool.acquire("a")
    pool.release("a", manager, keep=False)
    await pool.connections.aclose()
    assert pool.closed == ["a"]
    assert len(pool.connections) == 0


async def test_the_least_recently_used_one_is_closed_for_the_next() -> None:
    pool = Pool(2)
    for name in ("a", "b", "a", "c"):
        await pool.use(name)
    assert pool.closed == ["b"]
    assert len(pool.connections) == 2


async def test_that_connections_are_closed_for_others_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    pool = Pool(2)
    for name in "abcabc":
        await pool.use(name)
    assert [record.getMessage()[:53] for record in caplog.records] == [
        "a connection is closed to make room for another: the "
    ]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of open files")
@pytest.mark.parametrize(("limit", "most"), [(1024, 896), (200, 100), (1, 1), (-1, None)])
def test_the_limit_of_open_files_bounds_connections(
    monkeypatch: pytest.MonkeyPatch, limit: int, most: int | None
) -> None:
    import resource

    limit = resource.RLIM_INFINITY if limit < 0 else limit
    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, limit))
    assert most_by_open_files() == most


async def test_a_poll_waits_if_all_connections_are_in_use() -> None:
    pool = Pool(2)
    first = await pool.acquire("a")
    await pool.acquire("b")
    waiting = asyncio.ensure_future(pool.acquire("c"))
    await settle()
    assert not waiting.done()
    pool.release("a", first)
    await waiting
    assert pool.closed == ["a"]
    assert len(pool.connections) == 2


async def test_failing_targets_have_a_quarter_of_the_connections() -> None:
    pool = Pool(8)
    for name in ("a", "b"):
        await pool.acquire(name, failing=True)
    third = asyncio.ensure_future(pool.acquire("c", failing=True))
    await settle()
    assert not third.done()
    for name in "defghi":
        await pool.acquire(name)
    third.cancel()


async def test_a_poll_that_is_cancelled_while_it_waits_holds_nothing() -> None:
    pool = Pool(1)
    first = await pool.acquire("a", failing=True)
    waiting = asyncio.ensure_future(pool.acquire("b", failing=True))
    await settle()
    waiting.cancel()
    await settle()
    pool.release("a", first, failing=True)
    pool.release("b", await pool.acquire("b", failing=True), failing=True)
    assert len(pool.connections) == 1


async def test_a_manager_that_cannot_be_made_holds_nothing() -> None:
    pool = Pool(1)
    for _ in range(3):
        with pytest.raises(ConfigurationError, match="no such file"):
            await pool.acquire("impossible", failing=True)
    assert len(pool.connections) == 0
    await pool.use("a")


async def test_the_connection_of_a_target_that_was_removed_is_closed() -> None:
    pool = Pool(None)
    await pool.use("a")
    pool.connections.forget("a")
    pool.connections.forget("never polled")
    await pool.connections.aclose()
    assert pool.closed == ["a"]
    assert pool.forgotten == ["a", "never polled"]


async def test_all_connections_are_closed_at_the_end() -> None:
    pool = Pool(None)
    for name in "abc":
        await pool.use(name)
    await pool.connections.aclose()
    assert pool.closed == ["a", "b", "c"]
