"""What tests share: asyncio on a loop that can skip time, an embedded agent, and managers for it."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from snmptcp import Community, Manager
from snmptcp.testing import Agent
from tests.support.clock import ClockLoop
from tests.support.mibs import small_mib

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


# A shell that starts the tests in the background has Ctrl-C ignored, and whoever they start would ignore it, too.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return "asyncio", {"loop_factory": ClockLoop, "debug": True}


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
