"""docs/observing.md: its code runs, and its tables name all spans, attributes and metrics."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from snmptcp import Community, Manager
from snmptcp.instrumentation import SnmpInstrumentor, attributes
from snmptcp.manager import remove_observer
from snmptcp.testing import Agent
from tests.support.mibs import BIG_TABLE, SYS_NAME, small_agent_mib
from tests.support.telemetry import Telemetry

pytestmark = pytest.mark.anyio

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "observing.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    """Return the names that the page's code defines."""
    names: dict[str, Any] = {}
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 4
    for position, code in enumerate(blocks, 1):
        exec(compile(code, f"observing.md, block {position}", "exec"), names)
    return names


async def test_the_first_manager_exports_spans(page: dict[str, Any], agent: Agent) -> None:
    exporter = InMemorySpanExporter()
    manager = page["create_manager"](agent.host, agent.port, exporter)
    async with manager:
        await manager.get(SYS_NAME)
    provider = manager._connector.options.observer._spans._tracer.span_processor
    provider.shutdown()
    assert [span.name for span in exporter.get_finished_spans()] == ["SNMP connect", "SNMP GET"]


def test_the_program_is_instrumented(page: dict[str, Any]) -> None:
    page["instrument"]()
    assert SnmpInstrumentor().is_instrumented_by_opentelemetry
    SnmpInstrumentor().uninstrument()


async def test_the_view_drops_agents_from_durations(page: dict[str, Any], agent: Agent) -> None:
    telemetry, reader = Telemetry(), InMemoryMetricReader()
    telemetry.meter_provider, telemetry._reader = page["create_meter_provider"](reader), reader
    async with Manager(
        agent.host, agent.port, credentials=Community("private"), observer=telemetry.observer()
    ) as manager:
        await manager.get(SYS_NAME)
    (point,) = telemetry.points("snmp.client.request.duration")
    assert dict(point.attributes) == {"snmp.operation.name": "GET", "network.protocol.version": "2c"}


async def test_an_observer_of_ones_own_is_told_of_long_walks_of_one_manager_and_of_all(page: dict[str, Any]) -> None:
    one, all_of_them = page["LongWalks"](), page["LongWalks"]()
    page["watch_all"](all_of_them)
    try:
        async with (
            Agent(small_agent_mib()) as agent,
            page["create_watched_manager"](agent.host, agent.port, one) as manager,
        ):
            rows = [varbind async for varbind in manager.walk(BIG_TABLE)]
    finally:
        remove_observer(all_of_them)
    assert len(one.found) == 1
    assert one.found[0].startswith(f"{BIG_TABLE} of {agent.host}: {len(rows)} rows in ")
    assert all_of_them.found == one.found


def test_every_attribute_and_metric_is_on_the_page() -> None:
    source = Path(attributes.__file__).parent
    code = "".join(path.read_text(encoding="utf-8") for path in source.glob("*.py"))
    named = set(re.findall(r'"((?:snmp|tls|network|server|error|otel)\.[a-z0-9_.]+)"', code))
    named -= {"network.local", "network.peer"}  # prefixes
    assert len(named) > 40
    assert sorted(name for name in named if f"`{name}`" not in PAGE) == []
    told = set(re.findall(r"`((?:snmp|tls|network|server|error|otel)\.[a-z0-9_.]+)`", PAGE))
    made = {f"network.{side}.{what}" for side in ("local", "peer") for what in ("address", "port")}
    assert sorted(told - named - made) == []
