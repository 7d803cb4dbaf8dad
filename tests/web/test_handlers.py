"""The page's paths: files, JSON, streams, walks, packets, and what is refused."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any

import pytest
from yarl import URL

from snmptcp import OID, Integer32, OctetString
from snmptcp.fleet import Fleet, Get
from snmptcp.testing import Agent, Hold, NonIncreasing
from snmptcp.web import Options
from tests.support.clock import settle, skip, until
from tests.web.making import QUICK, SYSTEM, Server, device, event_of, events, fleet_of, served, target_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from snmptcp.testing import Request

pytestmark = pytest.mark.anyio

NAME = "core / 1?&<x>"
LONG = "1.3.6.1.4.1.58888.1"


@pytest.fixture
async def agent(anyio_backend: object) -> AsyncIterator[Agent]:
    async with Agent(device()) as found:
        yield found


@pytest.fixture
async def server(agent: Agent) -> AsyncIterator[Server]:
    fleet = fleet_of(target_of(agent, NAME, timeout=5.0))
    async with fleet, served(fleet) as found:
        yield found


async def lines(response: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (await response.text()).splitlines()]


# ------------------------------------------------------------------------------------------------ files


async def test_a_page_below_a_prefix_ends_with_a_slash(server: Server) -> None:
    async with server.session.get(server.url, allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (308, "snmp/")
    async with server.session.get(server.url) as response:
        assert response.url.path == "/snmp/"
        assert "<!doctype html>" in await response.text()


async def test_files_have_types_and_etags_and_are_not_sent_twice(server: Server) -> None:
    async with server.stream("static/main.js") as response:
        assert response.content_type == "text/javascript"
        etag = response.headers["ETag"]
        await response.read()
    async with server.stream("static/main.js", headers={"If-None-Match": etag}) as response:
        assert (response.status, await response.read()) == (304, b"")


@pytest.mark.parametrize("path", ["static/../app.py", "static/%2e%2e/app.py", "static/uplot/LICENSE", "static/none.js"])
async def test_nothing_else_can_be_read(server: Server, path: str) -> None:
    async with server.stream(path) as response:
        assert response.status == 404


@pytest.mark.parametrize("path", ["", "static/main.js", "api/agents", "api/none", "api/walk", "api/agent?name=x"])
async def test_all_responses_have_the_policy(server: Server, path: str) -> None:
    async with server.stream(path) as response:
        assert response.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
        assert response.headers["X-Content-Type-Options"] == "nosniff"


# ------------------------------------------------------------------------------------------------- JSON


async def test_agents_are_told_as_json(server: Server) -> None:
    await until(lambda: server.page.board.agents and server.page.board.agents[NAME].interfaces.history.known)
    status, told = await server.get("api/agents")
    assert status == 200
    assert [(each["name"], each["state"]) for each in told["agents"]] == [(NAME, "up")]
    status, told = await server.get("api/agent", params={"name": NAME})
    assert (status, told["state"], told["interfaces"][0]["index"]) == (200, "up", "1")
    assert len(told["times"]) == len(told["total"][0])
    status, told = await server.get("api/notifications")
    assert told == {"notifications": []}
    status, told = await server.get("api/health")
    assert told["targets"] == 1


async def test_an_agent_that_is_not_there_is_not_found(server: Server) -> None:
    status, told = await server.get("api/agent", params={"name": "192.0.2.1"})
    assert (status, told["error"]) == (404, "UnknownAgent")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_there_is_nothing_to_write_to(server: Server, method: str) -> None:
    for path in ("", "api/agents", "api/walk", "api/packets"):
        async with server.session.request(method, f"{server.url}/{path}") as response:
            assert response.status == 405


# --------------------------------------------------------------------------------------------- refusals


async def test_pages_of_other_sites_may_not_ask(server: Server) -> None:
    cross = {"Sec-Fetch-Site": "cross-site"}
    status, told = await server.get("api/agents", headers=cross)
    assert (status, told["error"]) == (403, "Refused")
    async with server.stream("", headers=cross) as response:
        assert response.status == 200


async def test_a_page_with_names_answers_to_them_alone(agent: Agent) -> None:
    fleet = fleet_of(target_of(agent))
    async with fleet, served(fleet, options=Options(hosts=frozenset(("127.0.0.1",)))) as server:
        assert (await server.get("api/health"))[0] == 200
        assert (await server.get("api/health", headers={"Host": "evil.example"}))[0] == 403


# ----------------------------------------------------------------------------------------------- events


async def test_events_come_as_they_happen(server: Server) -> None:
    async with server.stream("api/events", params={"agent": NAME}) as response:
        assert response.content_type == "text/event-stream"
        stream = events(response)
        assert (await event_of(stream, "everything"))["watched"]["name"] == NAME
        assert (await event_of(stream, "interfaces"))["name"] == NAME


async def test_a_client_that_goes_away_is_forgotten(agent: Agent) -> None:
    fleet = fleet_of(target_of(agent))
    for handler_cancellation in (True, False):
        async with served(fleet, handler_cancellation=handler_cancellation) as server:
            async with server.stream("api/events") as response:
                await event_of(events(response), "everything")
                assert server.page.health()["clients"] == 1
            await until(lambda: server.page.health()["clients"] == 0)


async def test_a_stream_without_news_has_heartbeats(agent: Agent) -> None:
    fleet = fleet_of()  # nothing happens
    async with fleet, served(fleet) as server, server.stream("api/events") as response:
        await event_of(events(response), "everything")
        skip(QUICK.heartbeat + 1)
        async for line in response.content:
            if line == b": nothing new\n":
                break


async def test_too_many_streams_are_refused(agent: Agent) -> None:
    fleet = fleet_of(target_of(agent))
    async with served(fleet, options=Options(max_clients=1)) as server, server.stream("api/events") as response:
        await event_of(events(response), "everything")
        status, told = await server.get("api/events")
        assert (status, told["error"]) == (503, "TooManyClients")


async def test_streams_and_walks_end_with_the_server_at_once(agent: Agent) -> None:
    fleet = fleet_of(target_of(agent))
    async with fleet, served(fleet) as server:
        agent.inject(Hold(), times=None)
        walk = asyncio.ensure_future(server.get("api/walk", params={"agent": "sw1", "root": SYSTEM}))
        async with server.stream("api/events") as response:
            await event_of(events(response), "everything")
            started = asyncio.get_running_loop().time()
            await server.runner.cleanup()
            assert asyncio.get_running_loop().time() - started < 1.0
            assert await response.content.read() is not None
        await asyncio.wait({walk})


# ------------------------------------------------------------------------------------ walks and packets


async def test_a_walk_is_sent_line_by_line_and_says_how_it_ended(server: Server) -> None:
    query = {"agent": NAME, "root": SYSTEM}
    async with server.stream("api/walk", params=query) as response:
        found = await lines(response)
    assert found[0] == {"oid": f"{SYSTEM}.1.0", "name": f"{SYSTEM}.1.0", "type": "OctetString", "text": "a switch"}
    assert found[-1] == {"count": 4, "limited": False}
    async with server.stream("api/walk", params={**query, "limit": "2"}) as response:
        assert (await lines(response))[-1] == {"count": 2, "limited": True}
    async with server.stream("api/walk", params={**query, "root": "1.3.6.1.4.1.9"}) as response:
        assert await lines(response) == [{"count": 0, "limited": False}]


async def test_a_walk_that_fails_says_why_in_its_last_line(agent: Agent) -> None:
    fleet = fleet_of(target_of(agent))
    async with fleet, served(fleet) as server:
        await agent.aclose()
        async with server.stream("api/walk", params={"agent": "sw1", "root": SYSTEM}) as response:
            (last,) = await lines(response)
        assert last["error"].startswith("ConnectFailed: ")
        assert last["limited"] is False


@pytest.mark.parametrize(
    ("query", "status", "kind"),
    [
        ({"root": SYSTEM}, 400, "BadQuery"),
        ({"agent": NAME}, 400, "BadQuery"),
        ({"agent": NAME, "root": "no name"}, 400, "ConfigurationError"),
        ({"agent": NAME, "root": "1." * 600}, 400, "BadQuery"),
        ({"agent": NAME, "root": SYSTEM, "limit": "0"}, 400, "BadQuery"),
        ({"agent": NAME, "root": SYSTEM, "limit": "100001"}, 400, "BadQuery"),
        ({"agent": NAME, "root": SYSTEM, "limit": "1e3"}, 400, "BadQuery"),
        ({"agent": "192.0.2.1", "root": SYSTEM}, 404, "UnknownAgent"),
    ],
)
async def test_a_walk_that_cannot_be_is_refused(server: Server, query: dict[str, str], status: int, kind: str) -> None:
    assert [status, kind] == [(found := await server.get("api/walk", params=query))[0], found[1]["error"]]


@pytest.mark.parametrize("handler_cancellation", [True, False])
async def test_a_walk_ends_when_its_client_goes_away(agent: Agent, handler_cancellation: bool) -> None:
    async with quiet_fleet(agent) as fleet, served(fleet, handler_cancellation=handler_cancellation) as server:
        agent.inject(Hold(), times=None)
        asked = asyncio.ensure_future(server.get("api/walk", params={"agent": "sw1", "root": SYSTEM, "client": "me"}))
        await until(lambda: agent.connections)
        status, told = await server.get("api/walk", params={"agent": "sw1", "root": SYSTEM, "client": "me"})
        assert (status, told["error"]) == (429, "Busy")
        asked.cancel()
        await until(lambda: not agent.connections)


def quiet_fleet(agent: Agent) -> Fleet:
    """Return a fleet that asks nothing itself."""
    jobs = [Get(f"{SYSTEM}.5.0", interval=1e6)]
    return Fleet([target_of(agent, jobs=jobs)], first_within=1e6, grace=0.1)


def beyond_the_first_answer(request: Request) -> bool:
    return request.pdu.varbinds[0].oid != OID(LONG)


async def test_the_first_lines_arrive_while_the_walk_goes_on(agent: Agent) -> None:
    agent.mib.update({f"{LONG}.{row}": Integer32(row) for row in range(1, 91)})
    agent.inject(Hold(), when=beyond_the_first_answer)
    query = {"agent": "sw1", "root": LONG}
    async with (
        quiet_fleet(agent) as fleet,
        served(fleet) as server,
        server.stream("api/walk", params=query) as response,
    ):
        first = json.loads(await response.content.readline())
        assert first["text"] == "1"
        await agent.wait_for_requests(2)
        agent.release()
        rest = [json.loads(line) async for line in response.content]
    assert [line["text"] for line in rest[:-1]] == [str(row) for row in range(2, 91)]
    assert rest[-1] == {"count": 90, "limited": False}


async def test_an_error_in_the_middle_of_a_walk_is_its_last_line(agent: Agent) -> None:
    agent.mib.update({f"{LONG}.{row}": Integer32(row) for row in range(1, 91)})
    agent.inject(NonIncreasing(), when=beyond_the_first_answer)
    query = {"agent": "sw1", "root": LONG}
    async with (
        quiet_fleet(agent) as fleet,
        served(fleet) as server,
        server.stream("api/walk", params=query) as response,
    ):
        found = await lines(response)
    assert found[-1]["error"].startswith("OidNotIncreasing: ")
    assert found[-1]["count"] == len(found) - 1 == 25


async def test_a_client_that_does_not_read_holds_its_walk_back(agent: Agent) -> None:
    """8 million octets do not fit into the buffers in between."""
    rows = 4000
    agent.mib.update({f"{LONG}.{row}": OctetString("x" * 2000) for row in range(1, rows + 1)})
    async with quiet_fleet(agent) as fleet, served(fleet) as server:
        url = URL(server.url)
        reader, writer = await asyncio.open_connection(url.host, url.port, limit=1024)
        writer.write(f"GET {url.path}/api/walk?agent=sw1&root={LONG} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
        asked = -1
        while asked != len(agent.requests):
            asked = len(agent.requests)
            await settle(1000)
        last = agent.requests[-1].pdu.varbinds[0].oid[-1]
        writer.transport.abort()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        assert last < rows - 100
        await until(lambda: not agent.connections)


async def test_packets_are_explained(server: Server) -> None:
    status, told = await server.get("api/packets", params={"agent": NAME, "names": f"{SYSTEM}.5.0 {SYSTEM}.1.0"})
    assert (status, told["error"], told["omitted"]) == (200, None, 0)
    assert "get-request, 2 variable bindings" in told["packets"][0]["text"]
    status, told = await server.get("api/packets", params={"agent": NAME, "names": " ".join(["1.3"] * 21)})
    assert (status, told["error"]) == (400, "BadQuery")
    status, told = await server.get("api/packets", params={"agent": NAME, "names": "nonsense"})
    assert (status, told["error"]) == (400, "ConfigurationError")
