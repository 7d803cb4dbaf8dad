"""One embedded agent and a manager for each test."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from snmptcp import Community, Manager
from snmptcp.testing import Agent
from tests.support.mibs import small_mib


@pytest.fixture
async def agent(anyio_backend: object) -> AsyncIterator[Agent]:
    async with Agent(small_mib()) as agent:
        yield agent


@pytest.fixture
async def manager(agent: Agent) -> AsyncIterator[Manager]:
    async with Manager(agent.host, agent.port, credentials=Community("private")) as manager:
        yield manager


@pytest.fixture
async def manager_v1(agent: Agent) -> AsyncIterator[Manager]:
    async with Manager(agent.host, agent.port, credentials=Community("private", "1")) as manager:
        yield manager
