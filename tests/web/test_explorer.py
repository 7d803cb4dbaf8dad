"""Walks and traced requests of clients: of known agents, few at a time, each with a connection of its own."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest

from snmptcp import Community, ConfigurationError, Manager
from snmptcp.fleet import Fleet, Get
from snmptcp.testing import Agent, Hold
from snmptcp.web import Options
from snmptcp.web.explorer import Busy, Explorer, NotTraceable, UnknownAgent
from snmptcp.web.lent import ManagerFleet
from tests.support.clock import until
from tests.web.making import SYSTEM, device, target_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio

JOBS = [Get(f"{SYSTEM}.5.0", interval=3600.0)]


@pytest.fixture
async def agent(anyio_backend: object) -> AsyncIterator[Agent]:
    async with Agent(device()) as found:
        yield found


@pytest.fixture
async def explorer(agent: Agent) -> AsyncIterator[Explorer]:
    async with Fleet([target_of(agent)], jobs=JOBS, first_within=3600.0, grace=0.1) as fleet:
        yield Explorer(fleet, None, Options(max_walks=2, max_variables=3))


async def test_a_walk_is_cut_by_its_limit_and_by_that_of_the_page(explorer: Explorer) -> None:
    assert len([each async for each in explorer.walk("sw1", SYSTEM, 2)]) == 2
    assert len([each async for each in explorer.walk("sw1", SYSTEM, 100)]) == 3


async def test_a_walk_that_is_left_closes_its_connection(agent: Agent, explorer: Explorer) -> None:
    async with contextlib.aclosing(explorer.walk("sw1", SYSTEM, 3)) as walk:
        first = await anext(walk)
        assert (first["oid"], first["text"]) == (f"{SYSTEM}.1.0", "a switch")
        assert agent.connections == 1
    await until(lambda: not agent.connections)


async def test_only_the_agents_of_the_page_can_be_asked(explorer: Explorer) -> None:
    with pytest.raises(UnknownAgent):
        await anext(explorer.walk("192.0.2.99", SYSTEM, 1))
    with pytest.raises(UnknownAgent):
        await explorer.trace("192.0.2.99", [f"{SYSTEM}.1.0"])


async def test_a_name_that_is_no_oid_is_refused(explorer: Explorer) -> None:
    with pytest.raises(ConfigurationError):
        await anext(explorer.walk("sw1", "system", 1))


async def test_a_traced_request_has_its_packets(explorer: Explorer) -> None:
    traced = await explorer.trace("sw1", [f"{SYSTEM}.5.0"])
    assert traced["error"] is None
    assert [packet["direction"] for packet in traced["packets"]] == ["sent", "received"]  # type: ignore[attr-defined]


async def test_a_client_has_one_place_and_all_have_as_many_as_there_are(explorer: Explorer) -> None:
    with explorer.place("one"):
        with pytest.raises(Busy, match="this client has a walk under way"), explorer.place("one"):
            pass
        with explorer.place("two"), pytest.raises(Busy, match="2 walks are under way"), explorer.place("three"):
            pass
        with explorer.place("three"):
            pass


async def test_polls_do_not_wait_for_a_walk(agent: Agent) -> None:
    jobs = [Get(f"{SYSTEM}.5.0", interval=0.05)]
    async with Fleet([target_of(agent)], jobs=jobs, first_within=0.01, grace=0.1) as fleet:
        await until(lambda: fleet.health().polls)
        explorer = Explorer(fleet, None, Options())
        async with contextlib.aclosing(explorer.walk("sw1", SYSTEM, 1000)) as walk:
            await anext(walk)
            polls = fleet.health().polls
            await until(lambda: fleet.health().polls > polls)


async def test_the_managers_of_a_program_walk_themselves_and_cannot_be_traced(agent: Agent) -> None:
    async with Manager(agent.host, agent.port, credentials=Community("public")) as manager:
        async with ManagerFleet([manager], JOBS) as fleet:
            explorer = Explorer(fleet, None, Options())
            (name,) = fleet.targets
            assert [each["text"] async for each in explorer.walk(name, f"{SYSTEM}.5", 10)] == ["sw1"]
            with pytest.raises(NotTraceable):
                await explorer.trace(name, [f"{SYSTEM}.5.0"])
        assert manager.connected


async def test_an_agent_that_does_not_answer_ends_a_traced_request_with_its_error(agent: Agent) -> None:
    agent.inject(Hold(), times=None)
    async with Fleet([target_of(agent, timeout=0.05)], jobs=JOBS, first_within=3600.0, grace=0.1) as fleet:
        traced = await Explorer(fleet, None, Options()).trace("sw1", [f"{SYSTEM}.5.0"])
    assert str(traced["error"]).startswith("RequestTimeout: ")
    assert [packet["direction"] for packet in traced["packets"]] == ["sent"]  # type: ignore[attr-defined]
