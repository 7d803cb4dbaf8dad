"""The application: mounted anywhere, with a fleet or with managers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession, web

from snmptcp import Community, Manager
from snmptcp.errors import ArgumentTypeError, ConfigurationError
from snmptcp.testing import Agent
from snmptcp.web import PAGE, app
from tests.support.clock import until
from tests.web.making import QUICK, SYSTEM, device, fleet_of, served, target_of

if TYPE_CHECKING:
    from snmptcp.mib import Mib

pytestmark = pytest.mark.anyio


async def test_it_runs_alone() -> None:
    runner = web.AppRunner(app(fleet_of(), options=QUICK))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with ClientSession() as session, session.get(f"http://127.0.0.1:{runner.addresses[0][1]}/") as response:
        assert (response.status, response.url.path) == (200, "/")
    await runner.cleanup()


async def test_it_runs_in_an_application_of_an_application() -> None:
    async with Agent(device()) as agent:
        fleet = fleet_of(target_of(agent))
        async with fleet, served(fleet, prefix="/a/deep") as server:
            async with server.session.get(server.url) as response:
                assert response.url.path == "/a/deep/"
            await until(lambda: server.page.board.agents)


async def test_managers_are_polled_by_the_page_and_stay_the_programs() -> None:
    async with Agent(device()) as agent, Manager(agent.host, agent.port, credentials=Community("public")) as manager:
        async with served([manager], interval=0.1) as server:
            name = f"{agent.host}:{agent.port}"
            await until(lambda: server.page.board.agents and server.page.board.agents[name].interfaces.history.known)
            status, told = await server.get("api/agent", params={"name": name})
            assert (status, told["state"]) == (200, "up")
            status, told = await server.get("api/packets", params={"agent": name})
            assert (status, told["error"]) == (409, "NotTraceable")
        assert str(await manager.get_value(f"{SYSTEM}.5.0")) == "sw1"


async def test_the_names_are_those_of_the_fleet(acme_mib: Mib) -> None:
    async with Agent(device()) as agent:
        fleet = fleet_of(target_of(agent), mib=acme_mib)
        assert fleet.mib is acme_mib
        query = {"agent": "sw1", "root": "system", "limit": "1"}
        async with fleet, served(fleet) as server, server.stream("api/walk", params=query) as response:
            assert "SNMPv2-MIB::sysDescr.0" in await response.text()


async def test_a_program_shows_notifications_itself() -> None:
    page = app(fleet_of())
    assert page[PAGE].notifications() == []


@pytest.mark.parametrize(
    "arguments",
    [{"agents": None}, {"agents": [1]}, {"agents": "sw1"}, {"mib": 1}, {"notifications": []}, {"options": {}}],
)
def test_wrong_arguments_are_refused_by_name(arguments: dict[str, Any]) -> None:
    with pytest.raises(ArgumentTypeError, match=next(iter(arguments))):
        app(**{"agents": fleet_of(), **arguments})


def test_an_interval_of_nothing_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="interval"):
        app([Manager("192.0.2.1", credentials=Community("public"))], interval=0)
