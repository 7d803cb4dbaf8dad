"""The HTTP interface: paths, parameters, errors, and what happens when a client goes away."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession, web
from multidict import MultiDict

from snmptcp.errors import ConfigurationError
from snmptcp.exporter import EXPORTER, app
from snmptcp.exporter.web import DEFAULT_TIMEOUT, _timeout
from snmptcp.testing import Agent, Drop
from tests.support.clock import until
from tests.support.exporter import SMALL, VARIABLES, value, write_small

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from snmptcp.exporter import Exporter

pytestmark = pytest.mark.anyio


class Server:
    """A running exporter and a client of it."""

    def __init__(self, session: ClientSession, exporter: Exporter, url: str) -> None:
        self.session = session
        self.exporter = exporter
        self.url = url

    async def get(self, path: str, method: str = "GET", **options: Any) -> tuple[int, str]:
        async with self.session.request(method, f"{self.url}{path}", **options) as response:
            return response.status, await response.text()


@pytest.fixture
async def device(anyio_backend: object) -> AsyncIterator[Agent]:
    async with Agent(VARIABLES) as agent:
        yield agent


@pytest.fixture
async def server(tmp_path: Path, anyio_backend: object) -> AsyncIterator[Server]:
    application = app(write_small(tmp_path))
    runner = web.AppRunner(application, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    async with ClientSession() as session:
        yield Server(session, application[EXPORTER], f"http://127.0.0.1:{runner.addresses[0][1]}")
    await runner.cleanup()


def target(agent: Agent) -> str:
    return f"tcp://{agent.host}:{agent.port}"


async def test_a_scrape_is_the_text_format_of_prometheus(server: Server, device: Agent) -> None:
    async with server.session.get(f"{server.url}/snmp", params={"target": target(device)}) as response:
        text = await response.text()
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    assert value(text, "sysUpTime") == pytest.approx(123.45)


@pytest.mark.parametrize("modules", [[("module", "name,if_mib")], [("module", "name"), ("module", ",if_mib,name")]])
async def test_several_modules_are_one_scrape(server: Server, device: Agent, modules: list[tuple[str, str]]) -> None:
    status, text = await server.get("/snmp", params=MultiDict([("target", target(device)), *modules]))
    assert status == 200
    assert value(text, "snmp_scrape_pdus_returned", module="name") == 1
    assert value(text, "snmp_scrape_pdus_returned", module="if_mib") == 7


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "'target' parameter must be specified once"),
        ("target=", "'target' parameter must be specified once"),
        ("target=a&target=b", "'target' parameter must be specified once"),
        ("target=a&auth=b&auth=c", "'auth' parameter must only be specified once"),
        ("target=a&snmp_context=b&snmp_context=c", "'snmp_context' parameter must only be specified once"),
        ("target=a&snmp_engineid=b&snmp_engineid=c", "'snmp_engineid' parameter must only be specified once"),
        ("target=a&module=", "'module' parameter must contain at least one module name"),
        ("target=a&module=nope", "Unknown module 'nope'"),
        ("target=a&auth=nope", "Unknown auth 'nope'"),
        ("target=udp%3A%2F%2Fa", "the target 'udp://a' asks for UDP"),
        ("target=%00%F0%9F%98%80", "is no target"),
        ("target=a%ED%A0%80&auth=%ED%A0%80", "Unknown auth"),
    ],
)
async def test_a_parameter_that_is_wrong_is_status_400_with_a_text(server: Server, query: str, said: str) -> None:
    status, text = await server.get(f"/snmp?{query}")
    assert status == 400
    assert said in text
    assert value(server.exporter.metrics(), "snmp_request_errors_total") == 1


async def test_an_agent_that_fails_is_status_500_with_the_reason(server: Server) -> None:
    status, text = await server.get("/snmp", params={"target": "127.0.0.1:1"})
    assert status == 500
    assert text.startswith(
        "An error has occurred while serving metrics:\n\nmodule if_mib: cannot connect to 127.0.0.1:1: "
    )


async def test_a_scrape_ends_before_prometheus_gives_up(server: Server, device: Agent) -> None:
    device.inject(Drop(), times=None)
    headers = {"X-Prometheus-Scrape-Timeout-Seconds": "0.55"}
    status, text = await server.get("/snmp", params={"target": target(device)}, headers=headers)
    assert status == 500
    assert "not done after 0.05 s, as long as Prometheus waits" in text


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("10", 9.5),
        ("0.2", 0.2),
        ("", DEFAULT_TIMEOUT),
        ("x", DEFAULT_TIMEOUT),
        ("-1", DEFAULT_TIMEOUT),
        ("nan", DEFAULT_TIMEOUT),
        ("inf", DEFAULT_TIMEOUT),
        ("1e300", 1200),
    ],
)
async def test_the_time_of_a_scrape_is_a_little_less_than_prometheus_says(header: str, seconds: float) -> None:
    assert _timeout({"X-Prometheus-Scrape-Timeout-Seconds": header}, 0.5) == pytest.approx(seconds)


async def test_a_scrape_ends_when_its_client_goes_away(server: Server, device: Agent) -> None:
    device.inject(Drop(), times=None)
    task = asyncio.create_task(server.get("/snmp", params={"target": target(device)}))
    await device.wait_for_requests(1)
    assert server.exporter.own.in_flight == 1
    task.cancel()
    await until(lambda: server.exporter.own.in_flight == 0)


async def test_the_exporter_tells_of_itself(server: Server) -> None:
    assert await server.get("/-/healthy") == (200, "Healthy")
    status, text = await server.get("/metrics")
    assert status == 200
    assert value(text, "snmp_request_in_flight") == 0
    status, text = await server.get("/")
    assert status == 200
    assert '<option value="if_mib">' in text
    assert "secret" not in text


async def test_the_configuration_is_shown_without_secrets(server: Server) -> None:
    status, text = await server.get("/config")
    assert status == 200
    assert "community: <secret>" in text
    assert "sysUpTime" in text
    assert "secret-community" not in text


async def test_a_reload_is_a_post(server: Server, tmp_path: Path) -> None:
    assert await server.get("/-/reload") == (400, "POST method expected\n")
    write_small(tmp_path, SMALL.replace("  name:", "  other_name:"))
    assert await server.get("/-/reload", "POST") == (200, "")
    assert list(server.exporter.config.modules) == ["if_mib", "other_name"]
    write_small(tmp_path, "modules: [")
    status, text = await server.get("/-/reload", "POST")
    assert status == 500
    assert "failed to reload config: " in text
    assert list(server.exporter.config.modules) == ["if_mib", "other_name"]


async def test_large_answers_are_compressed_for_who_takes_gzip(server: Server, device: Agent) -> None:
    for row in range(3, 200):
        device.mib[f"1.3.6.1.2.1.2.2.1.8.{row}"] = 1
    query = {"target": target(device)}
    for accepted, coding in (("gzip, deflate", "gzip"), ("deflate", None), ("identity", None)):
        headers = {"Accept-Encoding": accepted}
        async with server.session.get(f"{server.url}/snmp", params=query, headers=headers) as response:
            assert response.headers.get("Content-Encoding") == coding
            assert "ifOperStatus{" in await response.text()


async def test_the_application_closes_its_connections(tmp_path: Path, device: Agent) -> None:
    application = app(write_small(tmp_path), telemetry_path="/")
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    async with ClientSession() as session:
        async with session.get(f"{url}/snmp", params={"target": target(device)}) as response:
            assert response.status == 200
        async with session.get(f"{url}/") as response:
            assert "snmp_packets_total" in await response.text()
    assert device.connections == 1
    await runner.cleanup()
    await until(lambda: not device.connections)


def test_an_application_that_cannot_work_is_an_error(tmp_path: Path) -> None:
    path = write_small(tmp_path)
    with pytest.raises(ConfigurationError, match="telemetry_path must begin with /"):
        app(path, telemetry_path="metrics")
    with pytest.raises(ConfigurationError, match="timeout_offset must be at least 0"):
        app(path, timeout_offset=-1)
    with pytest.raises(ConfigurationError, match="there is no file"):
        app(tmp_path / "none.yml")
