"""The observer as a whole: arguments, suppression, one trace with aiohttp, threads."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from opentelemetry.instrumentation.aiohttp_client import AioHttpClientInstrumentor
from opentelemetry.instrumentation.aiohttp_server import AioHttpServerInstrumentor
from opentelemetry.instrumentation.utils import suppress_instrumentation

from snmptcp import Community, ConfigurationError, Manager
from snmptcp.instrumentation import OpenTelemetry
from snmptcp.sync import SyncManager
from snmptcp.testing import Agent
from tests.support.mibs import IF_TABLE, SYS_NAME, SYSTEM, small_agent_mib
from tests.support.telemetry import Telemetry
from tests.support.threaded import ThreadedAgent

pytestmark = pytest.mark.anyio

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def instrumented_aiohttp(telemetry: Telemetry) -> Iterator[None]:
    """Have applications and sessions of aiohttp that are made meanwhile tell their spans."""
    instrumentors = (AioHttpServerInstrumentor(), AioHttpClientInstrumentor())
    for instrumentor in instrumentors:
        instrumentor.instrument(tracer_provider=telemetry.tracer_provider, meter_provider=telemetry.meter_provider)
    yield
    for instrumentor in instrumentors:
        instrumentor.uninstrument()


@pytest.mark.filterwarnings("ignore:Inheritance class:DeprecationWarning")  # aiohttp's, of its own instrumentation
async def test_an_http_client_a_server_and_the_manager_in_its_handler_make_one_trace(
    watched: Manager, telemetry: Telemetry, instrumented_aiohttp: None
) -> None:
    async def handle(request: web.Request) -> web.Response:
        name = await watched.get_value(SYS_NAME)
        rows = [row async for row in watched.table(IF_TABLE, [1])]
        return web.Response(text=f"{name} {len(rows)}")

    app = web.Application()
    app.add_routes([web.get("/", handle)])
    async with TestServer(app) as server, ClientSession() as session:
        with telemetry.tracer.start_as_current_span("program"):
            async with session.get(server.make_url("/")) as response:
                assert await response.text() == "core 4"

    assert len({span.context.trace_id for span in telemetry.spans() if span.context is not None}) == 1
    assert telemetry.tree() == {
        "": ["program"],
        "program": ["GET"],  # aiohttp's client
        "GET": ["GET /"],  # aiohttp's server
        "GET /": ["SNMP GET", "SNMP table"],
        "SNMP GET": ["SNMP connect"],
        "SNMP table": ["SNMP GETBULK"],
    }


async def test_where_instrumentation_is_suppressed_nothing_is_made_of_what_starts(
    watched: Manager, telemetry: Telemetry
) -> None:
    with suppress_instrumentation():
        await watched.get(SYS_NAME)
        assert [varbind async for varbind in watched.walk(SYSTEM)]
    await watched.get(SYS_NAME)
    assert [span.name for span in telemetry.spans()] == ["SNMP GET"]
    (point,) = telemetry.points("snmp.client.request.duration")
    assert point.count == 1


async def test_what_has_started_before_it_is_disabled_is_brought_to_its_end(agent: Agent, telemetry: Telemetry) -> None:
    observer = telemetry.observer()
    async with Manager(agent.host, agent.port, credentials=Community("private"), observer=observer) as manager:
        walk = manager.walk(SYSTEM)
        await anext(walk)
        observer.enabled = False
        await walk.aclose()
        await manager.get(SYS_NAME)
    assert [span.name for span in telemetry.spans()] == ["SNMP walk", "SNMP GETBULK", "SNMP connect"]
    assert [point.value for point in telemetry.points("snmp.client.open_connections")] == [0]


async def test_requests_without_a_sdk_are_not_disturbed(agent: Agent) -> None:
    async with Manager(agent.host, agent.port, credentials=Community("private"), observer=OpenTelemetry()) as manager:
        assert await manager.get_value(SYS_NAME) == b"core"
        assert len([row async for row in manager.table(IF_TABLE)]) == 4
    assert manager.statistics.callback_failures == 0


def test_one_observer_serves_blocking_managers_in_several_threads(telemetry: Telemetry) -> None:
    observer = telemetry.observer()

    def ask() -> None:
        with SyncManager(agent.host, agent.port, credentials=Community("public"), observer=observer) as manager:
            for _ in range(20):
                manager.get(SYS_NAME)

    with ThreadedAgent(small_agent_mib()) as agent:
        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(telemetry.spans("SNMP GET")) == 80
    assert [point.value for point in telemetry.points("snmp.client.active_requests")] == [0]
    assert [point.value for point in telemetry.points("snmp.client.open_connections")] == [0]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"max_walk_requests": -1}, "max_walk_requests must be at least 0, not -1"),
        ({"max_names": -1}, "max_names must be at least 0, not -1"),
        ({"tracer_provider": "x"}, "tracer_provider must be a TracerProvider, or None, not str"),
        ({"meter_provider": 1}, "meter_provider must be a MeterProvider, or None, not int"),
    ],
)
def test_wrong_arguments_are_refused(given: dict[str, object], text: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        OpenTelemetry(**given)  # type: ignore[arg-type]
    assert str(refused.value) == text


def test_without_opentelemetry_the_error_says_what_to_install_and_nothing_else_needs_it() -> None:
    code = """if True:
        import sys
        sys.modules["opentelemetry"] = None
        import snmptcp, snmptcp.manager, snmptcp.instrumentation
        snmptcp.Manager("192.0.2.1", credentials=snmptcp.Community("x"))
        for make in (snmptcp.instrumentation.OpenTelemetry, snmptcp.instrumentation.SnmpInstrumentor().instrument):
            try:
                make()
            except snmptcp.ConfigurationError as error:
                print(error)
    """
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "spans and metrics need OpenTelemetry's API: pip install 'snmptcp[otel]'\n" * 2


def test_importing_the_package_loads_no_opentelemetry() -> None:
    code = "import sys, snmptcp.manager.manager; print([name for name in sys.modules if 'telemetry' in name])"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout == "[]\n"
