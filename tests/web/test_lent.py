"""Managers that a program has made itself: polled, and never closed."""

from __future__ import annotations

import pytest

from snmptcp import Community, Manager
from snmptcp.fleet import Get
from snmptcp.testing import Agent
from snmptcp.web.lent import ManagerFleet
from tests.support.clock import until
from tests.web.making import SYSTEM, device

pytestmark = pytest.mark.anyio

JOBS = [Get(f"{SYSTEM}.5.0", interval=0.1)]


async def test_managers_are_polled_and_stay_open_at_the_end_and_after_failures() -> None:
    async with Agent(device()) as agent, Manager(agent.host, agent.port, credentials=Community("public")) as manager:
        async with ManagerFleet([manager], JOBS) as fleet:
            async for sample in fleet:
                assert (sample.target.name, str(sample.value)) == (f"{agent.host}:{agent.port}", "sw1")
                break
            await agent.aclose()
            await until(lambda: fleet.health().failed)
            await agent.start()
        assert str(await manager.get_value(f"{SYSTEM}.5.0")) == "sw1"


async def test_managers_of_one_agent_have_numbers() -> None:
    managers = [
        Manager(host, 161, credentials=Community("public")) for host in ("192.0.2.1", "192.0.2.1", "2001:db8::1")
    ]
    fleet = ManagerFleet(managers, JOBS)
    async with fleet:
        assert list(fleet.targets) == ["192.0.2.1:161", "192.0.2.1:161 (2)", "[2001:db8::1]:161"]
        assert fleet.manager("192.0.2.1:161 (2)") is managers[1]
