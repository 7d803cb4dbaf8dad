"""Agents whose SNMPv3 engine time stands still, runs at another speed or falls back."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from snmptcp import EngineInfo, KnownEngines, Manager, UsmUser
from snmptcp.codec.pdu import PduType
from snmptcp.sync import SyncManager
from snmptcp.testing import Agent
from tests.support.clock import skip
from tests.support.mibs import SYS_NAME, small_agent_mib

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.anyio

USERS = [UsmUser("auth", "SHA-256", "authentication"), UsmUser("priv", "SHA", "authentication", "AES", "encryption")]

#: What an engine makes of the true time.
CLOCKS: dict[str, Callable[[float], float]] = {
    "stands still": lambda _: 500.0,
    "stands at zero": lambda _: 0.0,
    "slow": lambda now: now / 20,
    "fast": lambda now: now * 20,
    "falls back": lambda now: 40_000 - now,
}


def agent_with(clock: Callable[[float], float]) -> Agent:
    loop = asyncio.get_running_loop()
    begin = loop.time()
    return Agent(small_agent_mib(), users=USERS, clock=lambda: clock(loop.time() - begin))


@pytest.mark.parametrize("clock", CLOCKS)
@pytest.mark.parametrize("user", USERS, ids=["auth", "priv"])
async def test_such_an_agent_is_read_and_written_for_hours(anyio_backend: object, clock: str, user: UsmUser) -> None:
    async with (
        agent_with(CLOCKS[clock]) as agent,
        Manager("127.0.0.1", agent.port, credentials=user, frozen_clock=True) as manager,
    ):
        for number in range(6):
            await manager.get(SYS_NAME)
            await manager.set((SYS_NAME, f"name {number}"))
            assert await manager.get_value(SYS_NAME) == f"name {number}".encode()
            skip(1000)

    sets = [request for request in agent.requests if request.pdu.type is PduType.SET]
    assert len(sets) == 6
    assert manager.statistics.timeouts == 0


@pytest.mark.parametrize("shared", [False, True])
async def test_a_clock_that_stands_still_costs_no_further_exchanges(anyio_backend: object, shared: bool) -> None:
    async with (
        agent_with(CLOCKS["stands still"]) as agent,
        Manager(
            "127.0.0.1",
            agent.port,
            credentials=USERS[0],
            frozen_clock=True,
            engines=KnownEngines() if shared else None,
        ) as manager,
    ):
        await manager.get(SYS_NAME)
        before = manager.statistics.resent
        for _ in range(5):
            skip(1000)
            await manager.get(SYS_NAME)
        assert manager.statistics.resent == before
        assert manager.engine is not None
        assert manager.engine.time == agent.engine_time


async def test_a_set_waits_for_a_recent_proof_of_the_time(anyio_backend: object) -> None:
    async with (
        agent_with(CLOCKS["fast"]) as agent,
        Manager("127.0.0.1", agent.port, credentials=USERS[0], frozen_clock=True) as manager,
    ):
        await manager.get(SYS_NAME)
        skip(100)  # 2,000 s by the agent's clock: outside of its window
        await manager.set((SYS_NAME, "once"))

    assert [request.pdu.type for request in agent.requests].count(PduType.SET) == 1


async def test_by_default_the_time_window_of_the_rfc_is_kept(anyio_backend: object) -> None:
    """An agent that stands still and says so: each 150 s cost one exchange more, and it is read all the same."""
    async with (
        agent_with(CLOCKS["stands still"]) as agent,
        Manager("127.0.0.1", agent.port, credentials=USERS[0]) as manager,
    ):
        await manager.get(SYS_NAME)
        before = manager.statistics.resent
        skip(1000)
        await manager.get(SYS_NAME)
        assert manager.statistics.resent == before + 1


def test_the_blocking_manager_has_the_option() -> None:
    with SyncManager(
        "127.0.0.1", credentials=USERS[0], frozen_clock=True, engine=EngineInfo(b"12345", 3, 7)
    ) as manager:
        assert manager.engine == EngineInfo(b"12345", 3, 7)
