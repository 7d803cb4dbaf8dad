"""The HTTP service with real HTTP clients and the embedded agent."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestClient, TestServer

import snmptcp
from examples.aiohttp_service.app import MANAGER, create_app
from examples.aiohttp_service.errors import HTTP_STATUS
from examples.aiohttp_service.values import value_to_json, varbind_from_json, varbind_to_json
from snmptcp import OID, Community, Counter64, Manager, OctetString, VarBind
from snmptcp.codec.pdu import PduType
from snmptcp.errors import ErrorStatus
from snmptcp.testing import (
    Agent,
    Close,
    Drop,
    EmptyVarbinds,
    FailWith,
    Garbage,
    Hold,
    NonIncreasing,
    Request,
    WrongCommunity,
)
from tests.support.clock import settle, skip

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from aiohttp import ClientResponse

    from snmptcp.values import Value

pytestmark = pytest.mark.anyio

DESCR = "1.3.6.1.2.1.1.1.0"
UPTIME = "1.3.6.1.2.1.1.3.0"
LOCATION = "1.3.6.1.2.1.1.6.0"
TABLE = "1.3.6.1.2.1.2.2"
LONG = "1.3.6.1.4.1.58888.1"
LONG_ROWS = 90

SECRET = "a-secret-community"


def mib() -> dict[str, object]:
    """Return a system group, a small table with a hole, and a column of LONG_ROWS rows."""
    variables: dict[str, object] = {
        DESCR: "a switch",
        UPTIME: snmptcp.TimeTicks(4711),
        LOCATION: "a cupboard",
        f"{TABLE}.1.1.1": 1,
        f"{TABLE}.1.1.2": 2,
        f"{TABLE}.1.2.1": "lo",
        f"{TABLE}.1.2.2": "eth0",
        f"{TABLE}.1.6.2": bytes.fromhex("02fc00000001"),
    }
    return variables | {f"{LONG}.{row}": row for row in range(1, LONG_ROWS + 1)}


class Service(NamedTuple):
    agent: Agent
    app: web.Application
    client: TestClient[web.Request, web.Application]

    @property
    def manager(self) -> Manager:
        return self.app[MANAGER]

    def bulk_requests(self) -> list[Request]:
        return [request for request in self.agent.requests if request.pdu.type is PduType.GET_BULK]


@contextlib.asynccontextmanager
async def serving(agent: Agent, prepare: Callable[[web.Application], object] | None = None) -> Any:
    """Run the service for an agent, which may be down."""
    app = create_app(agent.host, agent.port, credentials=Community(SECRET))
    if prepare is not None:
        prepare(app)
    async with TestClient(TestServer(app)) as client:
        yield Service(agent, app, client)


def new_agent(**options: Any) -> Agent:
    return Agent(mib(), read_community=None, write_community=SECRET, **options)


@pytest.fixture
async def service() -> AsyncIterator[Service]:
    async with new_agent() as agent, serving(agent) as found:
        yield found


async def ask(response: Awaitable[ClientResponse]) -> tuple[int, Any]:
    """Return the status and the JSON of a response."""
    async with await response as found:
        text = await found.text()
        assert SECRET not in text
        return found.status, json.loads(text)


def set_body(*items: dict[str, Any]) -> dict[str, Any]:
    return {"varbinds": list(items)}


# ---------------------------------------------------------------------------------------- endpoints


async def test_get_returns_the_variables_in_the_order_of_their_names(service: Service) -> None:
    assert await ask(service.client.get("/get", params=[("oid", UPTIME), ("oid", DESCR)])) == (
        200,
        {
            "varbinds": [
                {"oid": UPTIME, "type": "TimeTicks", "value": 4711},
                {"oid": DESCR, "type": "OctetString", "value": "a switch"},
            ]
        },
    )


async def test_a_missing_variable_is_a_value_and_no_error(service: Service) -> None:
    status, body = await ask(service.client.get("/get", params={"oid": "1.3.6.1.2.1.1.1.7"}))
    assert status == 200
    assert body["varbinds"] == [{"oid": "1.3.6.1.2.1.1.1.7", "type": "NoSuchInstance", "value": None}]


async def test_set_writes_typed_values(service: Service) -> None:
    body = set_body(
        {"oid": LOCATION, "type": "OctetString", "value": "room 4"},
        {"oid": UPTIME, "type": "TimeTicks", "value": 5},
        {"oid": f"{TABLE}.1.6.2", "hex": "000102030405"},
        {"oid": f"{TABLE}.1.1.1", "value": -3},
    )
    status, answer = await ask(service.client.post("/set", json=body))
    assert status == 200
    assert [item["oid"] for item in answer["varbinds"]] == [item["oid"] for item in body["varbinds"]]
    assert service.agent.mib.read(LOCATION) == OctetString("room 4")
    assert service.agent.mib.read(UPTIME) == snmptcp.TimeTicks(5)
    assert service.agent.mib.read(f"{TABLE}.1.6.2") == bytes(range(6))
    assert service.agent.mib.read(f"{TABLE}.1.1.1") == -3


async def test_what_get_shows_can_be_set_as_it_is(service: Service) -> None:
    names = [("oid", name) for name in (DESCR, UPTIME, f"{TABLE}.1.6.2")]
    _, shown = await ask(service.client.get("/get", params=names))
    assert await ask(service.client.post("/set", json=shown)) == (200, shown)


async def test_a_table_has_its_rows_with_all_columns(service: Service) -> None:
    assert await ask(service.client.get(f"/table/{TABLE}")) == (
        200,
        {
            "rows": [
                {
                    "index": "1",
                    "cells": {"1": {"type": "Integer32", "value": 1}, "2": {"type": "OctetString", "value": "lo"}},
                },
                {
                    "index": "2",
                    "cells": {
                        "1": {"type": "Integer32", "value": 2},
                        "2": {"type": "OctetString", "value": "eth0"},
                        "6": {"type": "OctetString", "hex": "02fc00000001"},
                    },
                },
            ]
        },
    )


async def test_a_table_has_the_columns_that_were_asked_for(service: Service) -> None:
    _, body = await ask(service.client.get(f"/table/{TABLE}", params={"columns": "2,6"}))
    assert [list(row["cells"]) for row in body["rows"]] == [["2"], ["2", "6"]]


async def read_lines(response: ClientResponse) -> list[Any]:
    return [json.loads(line) async for line in response.content]


async def test_a_walk_is_a_line_for_each_variable(service: Service) -> None:
    async with service.client.get(f"/walk/{LONG}") as response:
        assert response.status == 200
        assert response.content_type == "application/x-ndjson"
        assert response.headers["Transfer-Encoding"] == "chunked"
        lines = await read_lines(response)
    assert lines == [{"oid": f"{LONG}.{row}", "type": "Integer32", "value": row} for row in range(1, LONG_ROWS + 1)]


async def test_a_walk_stops_at_its_limit(service: Service) -> None:
    async with service.client.get(f"/walk/{LONG}", params={"limit": "7"}) as response:
        assert len(await read_lines(response)) == 7


async def test_a_walk_of_an_empty_subtree_is_an_empty_stream(service: Service) -> None:
    async with service.client.get("/walk/1.3.6.1.4.1.1") as response:
        assert response.status == 200
        assert response.content_type == "application/x-ndjson"
        assert await response.read() == b""


@pytest.mark.parametrize("path", ["/walk/1.3", "/table/1.3", f"/get?oid={DESCR}"])
async def test_head_does_not_ask_the_agent(service: Service, path: str) -> None:
    async with service.client.head(path) as response:
        assert response.status == 405
    assert not service.agent.requests


async def test_health_tells_the_counters_and_asks_nothing(service: Service) -> None:
    status, body = await ask(service.client.get("/health"))
    assert status == 200
    assert body["agent"] == {"host": service.agent.host, "port": service.agent.port}
    assert (body["connected"], body["pending"]) == (False, 0)

    await ask(service.client.get("/get", params={"oid": DESCR}))
    _, body = await ask(service.client.get("/health"))
    assert (body["connected"], body["pending"]) == (True, 0)
    assert body["statistics"]["responses"] == 1
    assert len(service.agent.requests) == 1


# ------------------------------------------------------------------------------------------- errors

AGENT_ERRORS = {
    ErrorStatus.tooBig: ("TooBig", 413),
    ErrorStatus.noSuchName: ("NoSuchName", 404),
    ErrorStatus.badValue: ("BadValue", 422),
    ErrorStatus.readOnly: ("ReadOnly", 403),
    ErrorStatus.genErr: ("GenErr", 502),
    ErrorStatus.noAccess: ("NoAccess", 403),
    ErrorStatus.wrongType: ("WrongType", 422),
    ErrorStatus.wrongLength: ("WrongLength", 422),
    ErrorStatus.wrongEncoding: ("WrongEncoding", 422),
    ErrorStatus.wrongValue: ("WrongValue", 422),
    ErrorStatus.noCreation: ("NoCreation", 404),
    ErrorStatus.inconsistentValue: ("InconsistentValue", 409),
    ErrorStatus.resourceUnavailable: ("ResourceUnavailable", 503),
    ErrorStatus.commitFailed: ("CommitFailed", 502),
    ErrorStatus.undoFailed: ("UndoFailed", 502),
    ErrorStatus.authorizationError: ("AuthorizationError", 403),
    ErrorStatus.notWritable: ("NotWritable", 403),
    ErrorStatus.inconsistentName: ("InconsistentName", 409),
    99: ("AgentError", 502),
}


def test_every_error_status_has_its_case_here() -> None:
    assert set(ErrorStatus) - {ErrorStatus.noError} < set(AGENT_ERRORS)


def test_every_error_of_the_library_has_an_http_status() -> None:
    assert snmptcp.SnmpError in HTTP_STATUS
    assert all(400 <= status < 600 for status in HTTP_STATUS.values())


@pytest.mark.parametrize("status", AGENT_ERRORS)
async def test_an_error_status_becomes_an_http_status(service: Service, status: int) -> None:
    service.agent.inject(FailWith(status, 1))
    name, expected = AGENT_ERRORS[status]
    http, body = await ask(
        service.client.post("/set", json=set_body({"oid": LOCATION, "type": "OctetString", "value": "x"}))
    )
    assert http == expected
    assert (body["error"], body["status"], body["index"]) == (name, int(status), 1)
    assert LOCATION in body["message"]


async def test_an_agent_that_refuses_a_set_of_its_own_accord(service: Service) -> None:
    body = set_body({"oid": LOCATION, "value": "x"}, {"oid": UPTIME, "type": "Integer32", "value": 1})
    http, answer = await ask(service.client.post("/set", json=body))
    assert http == 422
    assert (answer["error"], answer["index"]) == ("WrongType", 2)
    assert service.agent.mib.read(LOCATION) == b"a cupboard"


@pytest.mark.parametrize(
    "path",
    [
        "/get",
        "/get?oid=",
        "/get?oid=sysDescr.0",
        "/get?oid=1.3.6.1.4294967296",
        "/walk/7.1",
        f"/walk/{LONG}?limit=-1",
        f"/walk/{LONG}?limit=%D9%A3",
        "/table/x",
        f"/table/{TABLE}?columns=",
        f"/table/{TABLE}?columns=1,two",
        f"/table/{TABLE}?columns=9999999999",
    ],
)
async def test_a_question_that_makes_no_sense_is_400_and_never_sent(service: Service, path: str) -> None:
    http, body = await ask(service.client.get(path))
    assert http == 400
    assert body["error"] in ("ConfigurationError", "BadInput")
    assert body["message"]
    assert not service.agent.requests


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff\xfe\xfd",
        b"[" * 100_000,
        b"[]",
        b"{}",
        b'{"varbinds": []}',
        b'{"varbinds": [1]}',
        b'{"varbinds": [{}]}',
        b'{"varbinds": [{"oid": 1, "value": 1}]}',
        b'{"varbinds": [{"oid": "1.3.6"}]}',
        b'{"varbinds": [{"oid": "1.3.6", "value": 1, "hex": "00"}]}',
        b'{"varbinds": [{"oid": "1.3.6", "value": true}]}',
        b'{"varbinds": [{"oid": "1.3.6", "value": 1.5}]}',
        b'{"varbinds": [{"oid": "1.3.6", "value": null}]}',
        b'{"varbinds": [{"oid": "1.3.6", "value": {}}]}',
        b'{"varbinds": [{"oid": "1.3.6", "value": 2147483648}]}',
        b'{"varbinds": [{"oid": "1.3.6", "type": "Counter64", "value": "99999999999999999999"}]}',
        b'{"varbinds": [{"oid": "1.3.6", "type": "Gauge32", "value": "1_0"}]}',
        b'{"varbinds": [{"oid": "1.3.6", "type": "NoSuchObject", "value": null}]}',
        b'{"varbinds": [{"oid": "1.3.6", "type": [], "value": 1}]}',
        b'{"varbinds": [{"oid": "1.3.6", "type": "IpAddress", "value": "1.2.3"}]}',
        b'{"varbinds": [{"oid": "1.3.6", "type": "ObjectIdentifier", "value": "1.3.x"}]}',
        b'{"varbinds": [{"oid": "1.3.6", "type": "Integer32", "hex": "00"}]}',
        b'{"varbinds": [{"oid": "1.3.6", "hex": "0"}]}',
        b'{"varbinds": [{"oid": "1.3.6", "hex": 0}]}',
    ],
)
async def test_a_body_that_makes_no_sense_is_400_and_never_sent(service: Service, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    http, answer = await ask(service.client.post("/set", data=body, headers=headers))
    assert http == 400
    assert answer["error"] in ("ConfigurationError", "BadInput")
    assert not service.agent.requests


async def test_a_set_that_any_web_page_could_send_is_refused(service: Service) -> None:
    body = json.dumps(set_body({"oid": LOCATION, "value": "x"}))
    async with service.client.post("/set", data=body, headers={"Content-Type": "text/plain"}) as response:
        assert response.status == 415
    assert not service.agent.requests


async def test_silence_is_504(service: Service) -> None:
    service.agent.inject(Drop())
    asking = asyncio.create_task(ask(service.client.get("/get", params={"oid": DESCR})))
    await service.agent.wait_for_requests(1)
    skip(service.manager.timeout)
    http, body = await asking
    peer = f"{service.agent.host}:{service.agent.port}"
    assert (http, body) == (504, {"error": "RequestTimeout", "message": f"{peer}: no answer within 5 s"})


async def test_a_reply_that_cannot_be_trusted_is_504_and_says_so(service: Service) -> None:
    service.agent.inject(WrongCommunity(b"another-secret"))
    asking = asyncio.create_task(ask(service.client.get("/get", params={"oid": DESCR})))
    while not service.manager.statistics.refused:
        await settle()
    skip(service.manager.timeout)
    http, body = await asking
    assert (http, body["error"]) == (504, "RequestTimeout")
    assert "the community of the reply is not that of the request" in body["message"]
    assert "another-secret" not in body["message"]


@pytest.mark.parametrize("fault", [Close(), Garbage()])
async def test_a_connection_that_is_lost_again_and_again_is_502(service: Service, fault: Close | Garbage) -> None:
    service.agent.inject(fault, times=2)  # after the first, the manager sends the request again on a new connection
    http, body = await ask(service.client.get("/get", params={"oid": DESCR}))
    assert (http, body["error"]) == (502, "ConnectionLost")
    assert service.agent.statistics.connections == 2


async def test_a_set_whose_connection_is_lost_is_502_and_not_sent_again(service: Service) -> None:
    service.agent.inject(Close())
    http, body = await ask(service.client.post("/set", json=set_body({"oid": LOCATION, "value": "x"})))
    assert (http, body["error"]) == (502, "ConnectionLost")
    assert len(service.agent.requests) == 1


async def test_an_answer_that_breaks_the_rules_is_502(service: Service) -> None:
    service.agent.inject(EmptyVarbinds())
    http, body = await ask(service.client.get("/get", params={"oid": DESCR}))
    assert (http, body["error"]) == (502, "ResponseMismatch")


async def test_a_walk_whose_names_do_not_increase_is_502(service: Service) -> None:
    service.agent.inject(NonIncreasing())
    http, body = await ask(service.client.get(f"/walk/{LONG}"))
    assert (http, body["error"]) == (502, "OidNotIncreasing")


async def test_a_closed_manager_is_503(service: Service) -> None:
    await service.manager.aclose()
    http, body = await ask(service.client.get("/get", params={"oid": DESCR}))
    assert (http, body["error"]) == (503, "ClosedError")


async def test_a_bug_is_500_and_tells_nothing() -> None:
    async def broken(_: web.Request) -> web.Response:
        raise RuntimeError(SECRET)

    asyncio.get_running_loop().set_debug(False)  # aiohttp shows tracebacks in debug mode
    async with (
        serving(new_agent(port=1), lambda app: app.router.add_get("/broken", broken)) as service,
        service.client.get("/broken") as response,
    ):
        assert response.status == 500
        assert SECRET not in await response.text()


# ---------------------------------------------------------------------------------- life of the agent


async def test_the_service_starts_while_the_agent_is_down_and_finds_it_later() -> None:
    agent = new_agent()
    await agent.start()  # to get a port
    await agent.aclose()
    async with serving(agent) as service:
        for path in (f"/get?oid={DESCR}", f"/walk/{LONG}", f"/table/{TABLE}"):
            http, body = await ask(service.client.get(path))
            assert (http, body["error"]) == (503, "ConnectFailed")
        async with agent:
            http, body = await ask(service.client.get("/get", params={"oid": DESCR}))
            assert http == 200
            assert body["varbinds"][0]["value"] == "a switch"


async def test_the_service_survives_a_restart_of_the_agent(service: Service) -> None:
    assert (await ask(service.client.get("/get", params={"oid": DESCR})))[0] == 200
    await service.agent.aclose()
    http, body = await ask(service.client.get("/get", params={"oid": DESCR}))
    assert (http, body["error"]) == (503, "ConnectFailed")
    await service.agent.start()
    assert (await ask(service.client.get("/get", params={"oid": DESCR})))[0] == 200
    assert service.agent.statistics.connections == 2


async def test_a_connection_that_the_agent_dropped_is_replaced(service: Service) -> None:
    for _ in range(3):
        assert (await ask(service.client.get("/get", params={"oid": DESCR})))[0] == 200
        service.agent.drop_connections(reset=True)
    assert service.agent.statistics.connections == 3


# ------------------------------------------------------------------------------------------- sharing


async def test_two_hundred_requests_at_once_share_one_connection(service: Service) -> None:
    async def read(row: int) -> None:
        http, body = await ask(service.client.get("/get", params={"oid": f"{LONG}.{row}"}))
        assert http == 200
        assert body["varbinds"] == [{"oid": f"{LONG}.{row}", "type": "Integer32", "value": row}]

    async with asyncio.TaskGroup() as tasks:
        for request in range(200):
            tasks.create_task(read(1 + request % LONG_ROWS))
    assert service.agent.statistics.connections == 1
    assert len(service.agent.requests) == 200
    assert service.manager.pending == 0


async def test_many_clients_wait_at_the_same_time(service: Service) -> None:
    """All requests reach the agent before it responds to any of them."""
    service.agent.inject(Hold(), times=50)
    url = service.client.make_url(f"/get?oid={DESCR}")
    async with contextlib.AsyncExitStack() as sessions, asyncio.TaskGroup() as tasks:
        for _ in range(50):
            session = await sessions.enter_async_context(ClientSession())
            tasks.create_task(session.get(url)).add_done_callback(lambda task: task.result().close())
        await service.agent.wait_for_requests(50)
        assert service.manager.pending == 50
        service.agent.release()
    assert service.agent.statistics.connections == 1


# ----------------------------------------------------------------------------------------- streaming


def beyond_the_first_answer(request: Request) -> bool:
    """Whether a request is of a walk of LONG, but not its first."""
    return request.pdu.varbinds[0].oid != OID(LONG)


async def test_the_first_lines_arrive_while_the_walk_goes_on(service: Service) -> None:
    service.agent.inject(Hold(), when=beyond_the_first_answer)
    async with service.client.get(f"/walk/{LONG}") as response:
        first = json.loads(await response.content.readline())
        assert first == {"oid": f"{LONG}.1", "type": "Integer32", "value": 1}
        for _ in range(24):  # the rest of the first response
            await response.content.readline()
        assert service.manager.pending == 1
        assert len(service.bulk_requests()) == 2

        await service.agent.wait_for_requests(2)
        assert service.agent.release() == 1
        assert len(await read_lines(response)) == LONG_ROWS - 25
    assert service.manager.pending == 0


async def test_an_error_in_mid_stream_is_the_last_line(service: Service) -> None:
    service.agent.inject(FailWith(ErrorStatus.noAccess, 1), when=beyond_the_first_answer)
    async with service.client.get(f"/walk/{LONG}") as response:
        assert response.status == 200
        lines = await read_lines(response)
    assert [line["value"] for line in lines[:-1]] == list(range(1, 26))
    assert (lines[-1]["error"], lines[-1]["status"], lines[-1]["index"]) == ("NoAccess", 6, 1)


async def test_a_walk_that_would_not_end_ends_with_its_reason(service: Service) -> None:
    service.agent.inject(NonIncreasing(), when=beyond_the_first_answer)
    async with service.client.get(f"/walk/{LONG}") as response:
        lines = await read_lines(response)
    assert len(lines) == 26
    assert lines[-1]["error"] == "OidNotIncreasing"


async def test_a_walk_goes_on_over_a_lost_connection(service: Service) -> None:
    service.agent.inject(Close(), when=beyond_the_first_answer)
    async with service.client.get(f"/walk/{LONG}") as response:
        assert [line["value"] for line in await read_lines(response)] == list(range(1, LONG_ROWS + 1))
    assert service.agent.statistics.connections == 2


async def test_a_connection_lost_for_good_in_mid_stream_is_the_last_line(service: Service) -> None:
    service.agent.inject(Close(), times=3, when=beyond_the_first_answer)  # the first one, after an answer, is free
    async with service.client.get(f"/walk/{LONG}") as response:
        lines = await read_lines(response)
    assert len(lines) == 26
    assert lines[-1]["error"] == "ConnectionLost"


# ------------------------------------------------------------------------------- clients that go away


class Handlers:
    """Records when and how handlers end."""

    def __init__(self) -> None:
        self.ended: asyncio.Queue[type[BaseException] | None] = asyncio.Queue()
        self.transport: asyncio.Transport | None = None

    def watch(self, app: web.Application) -> None:
        @web.middleware
        async def watch(request: web.Request, handler: Any) -> web.StreamResponse:
            self.transport = request.transport
            try:
                response: web.StreamResponse = await handler(request)
            except BaseException as error:
                self.ended.put_nowait(type(error))
                raise
            self.ended.put_nowait(None)
            return response

        app.middlewares.append(watch)


async def assert_nothing_is_left(service: Service, requests: int) -> None:
    """Check that a walk has ended: no request is pending, and none follows the held response."""
    assert service.manager.pending == 0
    service.agent.release()
    http, _ = await ask(service.client.get("/get", params={"oid": DESCR}))  # on the same connection, after it
    assert http == 200
    assert len(service.bulk_requests()) == requests
    assert service.manager.pending == 0
    assert service.agent.statistics.connections == 1


async def test_a_client_that_disconnects_in_mid_walk_ends_the_walk() -> None:
    handlers = Handlers()
    async with new_agent() as agent, serving(agent, handlers.watch) as service:
        agent.inject(Hold(), when=beyond_the_first_answer)
        response = await service.client.get(f"/walk/{LONG}")
        await response.content.readline()
        await agent.wait_for_requests(2)
        assert service.manager.pending == 1
        response.close()
        assert await handlers.ended.get() is asyncio.CancelledError
        await assert_nothing_is_left(service, requests=2)
        assert service.manager.statistics.abandoned == 1
        assert service.manager.statistics.late == 1


async def test_a_client_that_disconnects_before_the_first_line_ends_the_walk() -> None:
    handlers = Handlers()
    async with new_agent() as agent, serving(agent, handlers.watch) as service:
        agent.inject(Hold())
        waiting = asyncio.create_task(ask(service.client.get(f"/walk/{LONG}")))
        await agent.wait_for_requests(1)
        waiting.cancel()
        assert await handlers.ended.get() is asyncio.CancelledError
        await assert_nothing_is_left(service, requests=1)
        assert service.manager.statistics.abandoned == 1


async def test_a_walk_ends_at_once_if_its_client_disconnects_during_a_write() -> None:
    """The generator is not running at that time, and the traceback prevents its garbage collection."""
    writing = asyncio.Event()
    cancelled: list[BaseException] = []

    async def write_for_ever(_request: web.Request, _response: web.StreamResponse) -> None:
        writing.set()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as error:
            cancelled.append(error)
            raise

    handlers = Handlers()

    def prepare(app: web.Application) -> None:
        handlers.watch(app)
        app.on_response_prepare.append(write_for_ever)

    async with new_agent() as agent, serving(agent, prepare) as service:
        agent.inject(Hold(), when=beyond_the_first_answer)
        walking = asyncio.create_task(ask(service.client.get(f"/walk/{LONG}")))
        await writing.wait()
        await agent.wait_for_requests(2)
        assert service.manager.pending == 1
        walking.cancel()
        assert await handlers.ended.get() is asyncio.CancelledError
        assert service.manager.pending == 0
    cancelled.clear()


async def test_a_client_that_disconnects_leaves_the_requests_of_others_alone() -> None:
    handlers = Handlers()
    async with new_agent() as agent, serving(agent, handlers.watch) as service:
        agent.inject(Hold(), times=None)
        other = asyncio.create_task(ask(service.client.get("/get", params={"oid": DESCR})))
        walking = asyncio.create_task(ask(service.client.get(f"/walk/{LONG}")))
        await agent.wait_for_requests(2)
        walking.cancel()
        assert await handlers.ended.get() is asyncio.CancelledError
        assert service.manager.pending == 1
        agent.release()
        assert (await other)[0] == 200


async def test_without_cancellation_of_handlers_the_next_write_ends_the_walk() -> None:
    handlers = Handlers()
    async with new_agent() as agent:
        app = create_app(agent.host, agent.port, credentials=Community(SECRET))
        handlers.watch(app)
        runner = web.AppRunner(app, handler_cancellation=False)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            host, port = runner.addresses[0][:2]
            agent.inject(Hold(), when=beyond_the_first_answer)
            async with ClientSession() as session:
                response = await session.get(f"http://{host}:{port}/walk/{LONG}")
                await response.content.readline()
                await agent.wait_for_requests(2)
                response.close()
                assert handlers.transport is not None
                while not handlers.transport.is_closing():
                    await settle()
                agent.release()
                assert await handlers.ended.get() is None
            assert app[MANAGER].pending == 0
            assert len(agent.requests) < LONG_ROWS // 25 + 1
        finally:
            await runner.cleanup()


WIDE = "1.3.6.1.4.1.58888.4"
WIDE_ROWS = 300
WIDE_VALUE = "x" * 60_000


async def test_a_client_that_does_not_read_holds_the_walk_back_and_leaves_nothing() -> None:
    """Each response has one row of 60,000 octets; 18 million octets do not fit into the buffers in between."""
    handlers = Handlers()
    wide = {f"{WIDE}.{row}": WIDE_VALUE for row in range(1, WIDE_ROWS + 1)}
    async with (
        Agent(wide, read_community=SECRET) as agent,
        serving(agent, handlers.watch) as service,
    ):
        url = service.client.make_url(f"/walk/{WIDE}")
        reader, writer = await asyncio.open_connection(url.host, url.port, limit=1024)
        writer.write(f"GET {url.path} HTTP/1.1\r\nHost: {url.host}\r\n\r\n".encode())
        assert await reader.readline() == b"HTTP/1.1 200 OK\r\n"
        assert handlers.transport is not None
        _, high = handlers.transport.get_write_buffer_limits()
        try:
            while handlers.transport.get_write_buffer_size() <= high:
                await settle()
            await settle(20 * WIDE_ROWS)  # a walk without back-pressure ends sooner
            assert len(agent.requests) < WIDE_ROWS
            assert service.manager.pending == 0  # the response fetched ahead has arrived
        finally:
            writer.transport.abort()
        assert await handlers.ended.get() is asyncio.CancelledError
        assert service.manager.pending == 0
        assert len(agent.requests) < WIDE_ROWS
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


async def test_the_service_ends_while_a_walk_is_read() -> None:
    async with new_agent() as agent:
        agent.inject(Hold(), when=beyond_the_first_answer)
        app = create_app(agent.host, agent.port, credentials=Community(SECRET))
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.05)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        async with ClientSession() as session, session.get(f"http://{host}:{port}/walk/{LONG}") as response:
            await response.content.readline()
            await agent.wait_for_requests(2)
            await runner.cleanup()
        assert app[MANAGER].pending == 0
        assert not app[MANAGER].connected


# -------------------------------------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (snmptcp.Integer32(-1), {"type": "Integer32", "value": -1}),
        (snmptcp.Gauge32(4294967295), {"type": "Gauge32", "value": 4294967295}),
        (snmptcp.values.UInteger32(7), {"type": "UInteger32", "value": 7}),
        (snmptcp.Counter32(7), {"type": "Counter32", "value": 7}),
        (snmptcp.TimeTicks(7), {"type": "TimeTicks", "value": 7}),
        (Counter64(2**64 - 1), {"type": "Counter64", "value": "18446744073709551615"}),
        (OctetString(b""), {"type": "OctetString", "value": ""}),
        (OctetString("Zürich\n"), {"type": "OctetString", "value": "Zürich\n"}),
        (OctetString(b"\x00\xff"), {"type": "OctetString", "hex": "00ff"}),
        (snmptcp.Opaque(b"\x9f\x78"), {"type": "Opaque", "hex": "9f78"}),
        (snmptcp.values.NsapAddress(b"\x01"), {"type": "NsapAddress", "hex": "01"}),
        (snmptcp.IpAddress("192.0.2.1"), {"type": "IpAddress", "value": "192.0.2.1"}),
        (OID("1.3.6.1"), {"type": "ObjectIdentifier", "value": "1.3.6.1"}),
        (snmptcp.Null(), {"type": "Null", "value": None}),
    ],
)
def test_a_value_goes_to_json_and_comes_back_with_its_type(value: Value, expected: dict[str, Any]) -> None:
    assert value_to_json(value) == expected
    varbind = VarBind(OID("1.3.6.1.4.1.1"), value)
    back = varbind_from_json(json.loads(json.dumps(varbind_to_json(varbind))))
    assert back == varbind
    assert type(back.value) is type(value)


@pytest.mark.parametrize("value", [snmptcp.NoSuchObject(), snmptcp.NoSuchInstance(), snmptcp.EndOfMibView()])
def test_the_exceptions_of_snmpv2c_have_a_type_and_no_value(value: Value) -> None:
    assert value_to_json(value) == {"type": type(value).__name__, "value": None}
