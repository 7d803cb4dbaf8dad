"""All managers of a program at once, in the style of OpenTelemetry's instrumentors."""

from __future__ import annotations

import importlib
import logging
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import Community, Manager, Observer
from snmptcp.instrumentation import SnmpInstrumentor
from tests.support.mibs import SYS_NAME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snmptcp.manager import RequestTrace
    from snmptcp.testing import Agent
    from tests.support.telemetry import Telemetry

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _uninstrumented() -> Iterator[None]:
    yield
    if SnmpInstrumentor().is_instrumented_by_opentelemetry:
        SnmpInstrumentor().uninstrument()


def manager_of(agent: Agent, observer: Observer | None = None) -> Manager:
    return Manager(agent.host, agent.port, credentials=Community("private"), observer=observer)


async def test_managers_that_are_made_meanwhile_make_spans_until_it_ends(agent: Agent, telemetry: Telemetry) -> None:
    async with manager_of(agent) as before:
        SnmpInstrumentor().instrument(telemetry.tracer_provider, telemetry.meter_provider)
        async with manager_of(agent) as meanwhile:
            await before.get(SYS_NAME)
            assert telemetry.spans() == []
            await meanwhile.get(SYS_NAME)
            assert len(telemetry.spans("SNMP GET")) == 1
            SnmpInstrumentor().uninstrument()
            assert not SnmpInstrumentor().is_instrumented_by_opentelemetry
            await meanwhile.get(SYS_NAME)
            async with manager_of(agent) as after:
                await after.get(SYS_NAME)
                assert after._connector.observer is None
    assert len(telemetry.spans("SNMP GET")) == 1
    assert [point.value for point in telemetry.points("snmp.client.open_connections")] == [0]


async def test_a_manager_keeps_its_own_observer(agent: Agent, telemetry: Telemetry) -> None:
    class Own(Observer):
        def request_started(self, trace: RequestTrace) -> None:
            assert trace.state is None
            trace.state = "mine"

        def request_ended(self, trace: RequestTrace) -> None:
            ended.append(trace.state)

    ended: list[object] = []
    SnmpInstrumentor().instrument(telemetry.tracer_provider, telemetry.meter_provider)
    async with manager_of(agent, Own()) as manager:
        await manager.get(SYS_NAME)
    assert ended == ["mine"]
    assert telemetry.tree()["SNMP GET"] == ["SNMP connect"]
    assert manager.statistics.callback_failures == 0


def test_instrumenting_twice_and_ending_what_is_not_so_are_logged(
    telemetry: Telemetry, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "snmptcp.instrumentation"):
        SnmpInstrumentor().uninstrument()
        SnmpInstrumentor().instrument(telemetry.tracer_provider, max_walk_requests=1, max_names=0)
        assert SnmpInstrumentor().is_instrumented_by_opentelemetry
        SnmpInstrumentor().instrument()
    assert caplog.messages == [
        "uninstrument() was called without instrument()",
        "instrument() was called again: managers make spans and metrics already",
    ]


async def test_opentelemetrys_own_loader_finds_it_by_its_entry_point(agent: Agent) -> None:
    """As the command opentelemetry-instrument does."""
    entries = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["entry-points"]
    assert entries["opentelemetry_instrumentor"] == {"snmptcp": "snmptcp.instrumentation:SnmpInstrumentor"}
    entry = EntryPoint("snmptcp", "snmptcp.instrumentation:SnmpInstrumentor", "opentelemetry_instrumentor")
    distro: Any = importlib.import_module("opentelemetry.instrumentation.distro")
    distro.DefaultDistro().load_instrumentor(entry, skip_dep_check=True)
    assert SnmpInstrumentor().is_instrumented_by_opentelemetry
    assert SnmpInstrumentor().instrumentation_dependencies() == ()
    async with manager_of(agent) as manager:
        assert await manager.get_value(SYS_NAME) == b"core"
    assert manager.statistics.callback_failures == 0
