"""The HTTP service with real HTTP clients and the embedded agent."""

from __future__ import annotations

import asyncio
import base64
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
from snmptcp.errors import ErrorStatus
from snmptcp.testing import (
    Agent,
    Close,
    Drop,
    EmptyVarbinds,
    FailWith,
    Garbage,
    Hold,
    WrongCommunity,
)
from tests.support.clock import settle, skip

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable

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


@contextlib.asynccontextmanager
async def serving(
    agent: Agent, prepare: Callable[[web.Application], object] | None = None, **options: Any
) -> AsyncGenerator[Service, None]:
    """Run the service for an agent, which may be down."""
    app = create_app(agent.host, agent.port, credentials=Community(SECRET), **{"page": False, **options})
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


async def test_head_does_not_ask_the_agent(service: Service) -> None:
    async with service.client.head(f"/get?oid={DESCR}") as response:
        assert response.status == 405
    assert not service.agent.requests


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
        http, body = await ask(service.client.get("/get", params={"oid": DESCR}))
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


async def test_a_client_that_disconnects_leaves_the_requests_of_others_alone(service: Service) -> None:
    service.agent.inject(Hold(), times=None)
    going = asyncio.create_task(ask(service.client.get("/get", params={"oid": UPTIME})))
    other = asyncio.create_task(ask(service.client.get("/get", params={"oid": DESCR})))
    await service.agent.wait_for_requests(2)
    going.cancel()
    while service.manager.pending > 1:
        await settle()
    service.agent.release()
    assert (await other)[0] == 200


# ------------------------------------------------------------------------------- the page and the login


async def test_the_page_polls_and_walks_with_the_manager_of_the_service() -> None:
    async with new_agent() as agent, serving(agent, page=True) as service:
        name = f"{agent.host}:{agent.port}"
        async with service.client.get("/page") as response:
            assert "<!doctype html>" in await response.text()
        query = {"agent": name, "root": LONG, "limit": "30"}
        async with service.client.get("/page/api/walk", params=query) as response:
            lines = [json.loads(line) async for line in response.content]
        assert [line["text"] for line in lines[:-1]] == [str(row) for row in range(1, 31)]
        assert lines[-1] == {"count": 30, "limited": True}
        skip(10.0)
        while (found := (await ask(service.client.get("/page/api/agents")))[1]["agents"])[0]["state"] != "up":
            await settle()
        assert found[0]["name"] == name
        assert agent.statistics.connections == 1  # shared by all
        assert (await ask(service.client.get("/get", params={"oid": DESCR})))[0] == 200


def basic(password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"me:{password}".encode()).decode()}


@pytest.mark.parametrize("path", ["/page/", "/page/static/main.js", "/page/api/events", f"/get?oid={DESCR}"])
async def test_with_a_password_everything_needs_it_the_page_included(path: str) -> None:
    wrong: tuple[dict[str, str], ...] = (
        {},
        {"Authorization": "Bearer x"},
        {"Authorization": "Basic !"},
        basic("open sesame"),
    )
    async with new_agent() as agent, serving(agent, page=True, password="open sésame") as service:
        for headers in wrong:
            async with service.client.get(path, headers=headers) as response:
                assert response.status == 401
                assert response.headers["WWW-Authenticate"].startswith("Basic ")
        async with service.client.get(path, headers=basic("open sésame")) as response:
            assert response.status == 200


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
