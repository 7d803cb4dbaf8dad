"""Asking many agents at once: order, limit, failures, cancellation."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from snmptcp import Community, ConfigurationError, ConnectFailed, Manager, OctetString, RequestTimeout
from snmptcp.fleet import ask_all, asking
from snmptcp.testing import Agent, Hold
from tests.support.clock import settle, skip

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from snmptcp import SnmpError, VarBind

pytestmark = pytest.mark.anyio

NAME = "1.3.6.1.2.1.1.5.0"


def manager_of(agent: Agent, timeout: float = 5.0) -> Manager:
    return Manager(agent.host, agent.port, credentials=Community("public"), timeout=timeout)


async def name_of(manager: Manager) -> tuple[VarBind, ...]:
    async with manager:
        return await manager.get(NAME)


def names(outcomes: list[tuple[VarBind, ...] | SnmpError]) -> list[object]:
    return [outcome[0].value if isinstance(outcome, tuple) else type(outcome) for outcome in outcomes]


@pytest.fixture
async def agents() -> AsyncIterator[list[Agent]]:
    agents = [Agent({NAME: f"agent {number}"}) for number in range(5)]
    for agent in agents:
        await agent.start()
    yield agents
    for agent in agents:
        await agent.aclose()


async def test_answers_come_back_in_the_order_of_the_managers(agents: list[Agent]) -> None:
    outcomes = await ask_all([manager_of(agent) for agent in agents], name_of, limit=2)
    assert names(outcomes) == [OctetString(f"agent {number}") for number in range(5)]


async def test_the_failure_of_one_agent_does_not_affect_the_others(agents: list[Agent]) -> None:
    agents[1].inject(Hold(), times=None)
    await agents[3].aclose()
    asked = asyncio.ensure_future(ask_all([manager_of(agent, timeout=60) for agent in agents], name_of))
    await agents[1].wait_for_requests(1)
    await settle()
    assert not asked.done()
    skip(61)
    assert names(await asked) == [
        OctetString("agent 0"),
        RequestTimeout,
        OctetString("agent 2"),
        ConnectFailed,
        OctetString("agent 4"),
    ]


async def test_no_more_than_the_limit_are_asked_at_a_time_and_managers_are_made_as_they_are_needed(
    agents: list[Agent],
) -> None:
    busy = most = made = 0

    def managers() -> Iterator[Manager]:
        nonlocal made
        for agent in agents:
            made += 1
            yield manager_of(agent)

    async def question(manager: Manager) -> None:
        nonlocal busy, most
        busy += 1
        most = max(most, busy)
        assert made <= busy + 5
        await name_of(manager)
        busy -= 1

    assert await ask_all(managers(), question, limit=2) == [None] * 5
    assert most == 2


async def test_the_fastest_answer_comes_first(agents: list[Agent]) -> None:
    agents[0].inject(Hold())
    managers = [manager_of(agent) for agent in agents[:2]]
    async with asking(managers, name_of) as answers:
        manager, outcome = await anext(answers)
        assert manager is managers[1]
        assert isinstance(outcome, tuple)
        agents[0].release()
        manager, _ = await anext(answers)
        assert manager is managers[0]
        with pytest.raises(StopAsyncIteration):
            await anext(answers)


async def test_leaving_early_cancels_the_questions_in_progress(agents: list[Agent]) -> None:
    for agent in agents[1:]:
        agent.inject(Hold(), times=None)
    managers = [manager_of(agent) for agent in agents]
    async with asking(managers, name_of) as answers:
        async for manager, _ in answers:
            assert manager is managers[0]
            break
    assert all(manager.pending == 0 for manager in managers)


async def test_an_exception_that_is_no_snmp_error_cancels_the_others(agents: list[Agent]) -> None:
    async def wrong(manager: Manager) -> None:
        raise ZeroDivisionError

    with pytest.raises(ExceptionGroup) as caught:
        await ask_all([manager_of(agent) for agent in agents], wrong)
    assert caught.group_contains(ZeroDivisionError)


async def test_without_managers_there_are_no_answers() -> None:
    assert await ask_all([], name_of) == []


@pytest.mark.parametrize("limit", [0, -1])
async def test_an_impossible_limit_is_refused(limit: int) -> None:
    with pytest.raises(ConfigurationError, match="limit"):
        await ask_all([], name_of, limit=limit)
