"""Managers are kept with their connections: for whom, for how long, and how many."""

from __future__ import annotations

import asyncio

import pytest

from snmptcp import Community, Manager
from snmptcp.errors import ConnectFailed, ErrorStatus, GenErr
from snmptcp.exporter.config import Auth
from snmptcp.exporter.pool import Peer, Pool
from snmptcp.exporter.target import Target
from snmptcp.testing import Agent
from tests.support.clock import settle, skip, until

pytestmark = pytest.mark.anyio

NAME = "1.3.6.1.2.1.1.1.0"


def pool(idle_time: float = 300.0, most_idle: int = 10) -> tuple[Pool, list[Manager]]:
    """Return a pool, and the managers that it makes."""
    made: list[Manager] = []

    def make(peer: Peer) -> Manager:
        made.append(Manager(peer.target.host, peer.target.port, credentials=Community(peer.auth.community)))
        return made[-1]

    return Pool(make, idle_time=idle_time, most_idle=most_idle), made


def peer(agent: Agent, community: str = "public", **fields: str) -> Peer:
    return Peer(Target(agent.host, agent.port, tls=False), Auth(community=community), **fields)  # type: ignore[arg-type]


async def use(kept: Pool, of: Peer) -> None:
    async with kept.manager(of) as manager:
        await manager.get(NAME)


async def test_a_connection_is_kept_from_one_scrape_to_the_next(agent: Agent) -> None:
    kept, made = pool()
    for _ in range(3):
        await use(kept, peer(agent))
    assert len(made) == len(kept) == 1
    assert agent.statistics.connections == 1
    await kept.aclose()
    await until(lambda: not agent.connections)


async def test_scrapes_at_once_share_a_manager(agent: Agent) -> None:
    kept, made = pool()
    async with kept.manager(peer(agent)) as first, kept.manager(peer(agent)) as second:
        assert first is second
        await first.get(NAME)
    assert len(made) == 1
    assert len(kept) == 1
    await kept.aclose()


@pytest.mark.parametrize("fields", [{"context": "c"}, {"engine_id": b"12345"}, {"retries": 5}])
async def test_what_differs_has_a_manager_of_its_own(agent: Agent, fields: dict[str, str]) -> None:
    kept, made = pool()
    await use(kept, peer(agent))
    await use(kept, peer(agent, **fields))
    await use(kept, peer(agent, "private"))
    assert len(made) == 3
    await kept.aclose()


async def test_an_unused_manager_is_closed_after_its_time(agent: Agent) -> None:
    kept, made = pool(idle_time=60)
    await use(kept, peer(agent))
    skip(40)
    await use(kept, peer(agent, "private"))
    skip(30)
    await until(lambda: len(kept) == 1)
    skip(31)
    await until(lambda: not len(kept))
    await until(lambda: not agent.connections)
    await use(kept, peer(agent))
    assert len(made) == 3
    await kept.aclose()


async def test_a_manager_in_use_is_not_closed(agent: Agent) -> None:
    kept, _ = pool(idle_time=1)
    async with kept.manager(peer(agent)) as manager:
        await manager.get(NAME)
        skip(100)
        await settle()
        assert manager.connected
    await kept.aclose()


async def test_of_too_many_the_one_that_was_unused_longest_is_closed(agent: Agent) -> None:
    kept, made = pool(most_idle=2)
    for community in ("public", "private", "public", "third"):
        async with kept.manager(peer(agent, community)) as manager:
            await manager.connect()
        skip(1)
    await until(lambda: agent.connections == 2)
    assert len(kept) == 2
    assert [manager.connected for manager in made] == [True, False, True]
    await kept.aclose()


async def test_a_manager_without_a_connection_is_not_kept(agent: Agent) -> None:
    kept, _ = pool()
    nobody = Peer(Target("127.0.0.1", 1, tls=False), Auth())
    with pytest.raises(ConnectFailed):
        await use(kept, nobody)
    assert len(kept) == 0
    await kept.aclose()


@pytest.mark.parametrize("error", [TimeoutError, asyncio.CancelledError])
async def test_after_a_timeout_the_next_scrape_has_another_connection(agent: Agent, error: type[BaseException]) -> None:
    kept, made = pool()
    async with kept.manager(peer(agent)) as slow:
        await slow.get(NAME)
        with pytest.raises(error):
            async with kept.manager(peer(agent)):
                raise error
        async with kept.manager(peer(agent)) as other:
            assert other is not slow
            await other.get(NAME)
        assert slow.connected  # another scrape goes on with it
    assert len(made) == 2
    assert len(kept) == 1
    await until(lambda: agent.connections == 1)
    await kept.aclose()


async def test_an_error_of_the_agent_leaves_its_connection(agent: Agent) -> None:
    kept, made = pool()
    for _ in range(2):
        with pytest.raises(GenErr):
            async with kept.manager(peer(agent)) as manager:
                await manager.get(NAME)
                raise GenErr(ErrorStatus.genErr, 0, ())
    assert len(made) == 1
    await kept.aclose()


async def test_a_closed_pool_keeps_nothing(agent: Agent) -> None:
    kept, _ = pool()
    async with kept.manager(peer(agent)) as manager:
        await manager.get(NAME)
        await kept.aclose()
        assert manager.connected  # its scrape goes on
    assert len(kept) == 0
    await kept.aclose()
    await until(lambda: not agent.connections)
