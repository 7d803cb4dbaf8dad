"""What clients are told: everything first, then changes, each with its own queue."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import Community, Manager, NotificationListener
from snmptcp.testing import Agent
from snmptcp.web import Options, Page
from snmptcp.web.page import TooManyClients
from tests.support.clock import until
from tests.web.making import QUICK, SYSTEM, device, fleet_of, parsed, target_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from snmptcp.web.outbox import Outbox

pytestmark = pytest.mark.anyio


@pytest.fixture
async def agent(anyio_backend: object) -> AsyncIterator[Agent]:
    async with Agent(device(links=2)) as found:
        yield found


async def told(client: Outbox, wanted: str) -> Any:
    """Return the content of the next event of a kind."""
    while True:
        for kind, content in parsed(await client.take(60)):
            if kind == wanted:
                return content


async def test_a_client_is_told_everything_and_then_what_changes(agent: Agent) -> None:
    fleet = fleet_of(target_of(agent))
    page = Page(fleet, None, QUICK)
    async with fleet, page.running(None):
        with page.client("sw1") as client:
            everything = await told(client, "everything")
            assert [each["name"] for each in everything["agents"]] == ["sw1"]
            assert everything["watched"]["name"] == "sw1"
            while True:
                rows = (await told(client, "interfaces"))["interfaces"]
                if len(rows) == 2 and rows[0]["in"] is not None and rows[0]["name"] == "eth1":
                    break
            assert 100 < rows[0]["in"] < 10_000  # 1000 on an idle machine
            assert (rows[0]["oper"], rows[1]["oper"]) == ("up", "down")
            summary = (await told(client, "agents"))[0]
            assert (summary["state"], summary["interfaces"], summary["down"]) == ("up", 2, 1)
            assert (await told(client, "health"))["polls"] > 0


async def test_interfaces_are_told_to_those_alone_who_watch_the_agent(agent: Agent) -> None:
    fleet = fleet_of(target_of(agent))
    page = Page(fleet, None, QUICK)
    async with fleet, page.running(None):
        with page.client("") as other, page.client("sw1") as client:
            await told(client, "interfaces")
            await told(client, "interfaces")
            kinds = {kind for _ in range(3) for kind, _ in parsed(await other.take(60))}
            assert "agents" in kinds
            assert "interfaces" not in kinds


async def test_traps_are_told_and_kept(agent: Agent) -> None:
    fleet = fleet_of(target_of(agent))
    page = Page(fleet, None, Options(refresh=0.01, max_notifications=2))
    async with (
        fleet,
        NotificationListener("127.0.0.1", 0, credentials=Community("public")) as listener,
        page.running(listener),
        Manager("127.0.0.1", listener.port, credentials=Community("public")) as sender,
    ):
        with page.client("") as client:
            await client.take(60)
            await sender.send_trap("1.3.6.1.6.3.1.1.5.3", (f"{SYSTEM}.5.0", "<b>sw1</b>"))
            shown = await told(client, "notification")
            assert shown["oid"] == "1.3.6.1.6.3.1.1.5.3"
            assert shown["varbinds"][0]["text"] == "<b>sw1</b>"
            await sender.inform("1.3.6.1.6.3.1.1.5.4")
            await sender.send_trap("1.3.6.1.6.3.1.1.5.4")
            await until(lambda: page.health()["notifications"] == 3)
        assert [each["number"] for each in page.notifications()] == [2, 3]
        assert [each["inform"] for each in page.notifications()] == [True, False]


async def test_agents_that_are_removed_are_gone_and_new_ones_appear(agent: Agent) -> None:
    fleet = fleet_of(target_of(agent))
    page = Page(fleet, None, QUICK)
    async with fleet, page.running(None):
        with page.client("sw1") as client:
            await told(client, "agents")
            fleet.remove("sw1")
            assert await told(client, "gone") == ["sw1"]
            fleet.add(target_of(agent, "sw2"))
            assert (await told(client, "agents"))[0]["name"] == "sw2"


async def test_the_end_of_the_fleet_is_told(agent: Agent) -> None:
    fleet = fleet_of(target_of(agent))
    page = Page(fleet, None, QUICK)
    async with page.running(None):
        with page.client("") as client:
            async with fleet:
                await told(client, "agents")
            await told(client, "ended")
        with page.client("") as client:
            assert (await told(client, "everything"))["ended"] is True


async def test_there_are_as_many_clients_as_there_may_be(agent: Agent) -> None:
    page = Page(fleet_of(), None, Options(max_clients=1))
    with page.client("one"), pytest.raises(TooManyClients), page.client("two"):
        pass
    with page.client("two"):
        pass


async def test_a_client_that_does_not_read_is_counted_and_holds_nobody_up(agent: Agent) -> None:
    fleet = fleet_of(target_of(agent))
    page = Page(fleet, None, Options(refresh=0.01, max_waiting=3000))
    async with fleet, page.running(None):
        with page.client("sw1") as slow, page.client("sw1") as quick:
            await slow.take(60)
            while not slow.dropped:
                await told(quick, "agents")
            assert int(str(page.health()["dropped"])) >= slow.dropped
            assert [kind for kind, _ in parsed(await slow.take(60))] == ["everything"]
        assert page.health()["clients"] == 0
        assert page.health()["dropped"] != 0


async def test_a_failing_source_of_notifications_ends_nothing_else(
    agent: Agent, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken:
        def __aiter__(self) -> Broken:
            return self

        async def __anext__(self) -> Any:
            raise RuntimeError("broken")

    fleet = fleet_of(target_of(agent))
    page = Page(fleet, None, QUICK)
    async with fleet, page.running(Broken()):
        with page.client("") as client:
            await told(client, "agents")
    assert "notifications are shown no more" in caplog.text
