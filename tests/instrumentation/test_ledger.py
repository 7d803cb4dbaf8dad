"""Counts by agent, as the SDK reads them when it collects."""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import TYPE_CHECKING, Any

import pytest
from opentelemetry import metrics
from opentelemetry.metrics import NoOpMeterProvider
from opentelemetry.sdk.metrics import MeterProvider

from snmptcp import Community, Manager
from snmptcp.codec.pdu import PduType
from snmptcp.instrumentation import ledger
from snmptcp.instrumentation.ledger import Ledger, ledger_of, meter_of
from snmptcp.protocol.statistics import Statistics
from snmptcp.protocol.trace import ConnectionTrace, RequestTrace
from snmptcp.testing import Agent, Close, Hold
from tests.support.clock import until
from tests.support.mibs import SYS_NAME, small_agent_mib

if TYPE_CHECKING:
    from tests.support.telemetry import Telemetry

pytestmark = pytest.mark.anyio


def values(telemetry: Telemetry, name: str) -> list[int]:
    return [point.value for point in telemetry.points(name)]


async def test_requests_under_way_and_open_connections_are_counted_while_they_are(
    watched: Manager, telemetry: Telemetry, agent: Agent
) -> None:
    agent.inject(Hold(), times=2)
    asking = [asyncio.create_task(watched.get(SYS_NAME)) for _ in range(2)]
    await agent.wait_for_requests(2)
    assert values(telemetry, "snmp.client.active_requests") == [2]
    assert values(telemetry, "snmp.client.open_connections") == [1]
    agent.release()
    await asyncio.gather(*asking)
    assert values(telemetry, "snmp.client.active_requests") == [0]
    (point,) = telemetry.points("snmp.client.open_connections")
    assert dict(point.attributes) == {"server.address": agent.host, "server.port": agent.port}
    await watched.aclose()
    assert values(telemetry, "snmp.client.open_connections") == [0]


async def test_octets_are_those_of_the_statistics_also_over_several_connections(
    watched: Manager, telemetry: Telemetry, agent: Agent
) -> None:
    await watched.get(SYS_NAME)
    agent.inject(Close())
    await watched.get(SYS_NAME)
    by_direction = {p.attributes["network.io.direction"]: p.value for p in telemetry.points("snmp.client.io")}
    sent, received = watched.statistics.octets_sent, watched.statistics.octets_received
    assert by_direction == {"transmit": sent, "receive": received}
    assert watched.statistics.connections == 2
    assert values(telemetry, "snmp.client.retries") == [1]
    await watched.aclose()
    assert sorted(values(telemetry, "snmp.client.io")) == sorted((sent, received))


async def test_agents_are_counted_apart(telemetry: Telemetry, agent: Agent) -> None:
    observer = telemetry.observer()
    async with (
        Agent(small_agent_mib()) as other,
        Manager(agent.host, agent.port, credentials=Community("private"), observer=observer) as first,
        Manager(other.host, other.port, credentials=Community("private"), observer=observer) as second,
    ):
        await asyncio.gather(first.get(SYS_NAME), second.get(SYS_NAME))
        ports = {point.attributes["server.port"] for point in telemetry.points("snmp.client.open_connections")}
        assert ports == {agent.port, other.port}


async def test_several_observers_of_one_provider_share_their_counts(telemetry: Telemetry, agent: Agent) -> None:
    """Of two observable instruments of one name, the SDK reads the first."""
    managers = [
        Manager(agent.host, agent.port, credentials=Community("private"), observer=telemetry.observer())
        for _ in range(2)
    ]
    for manager in managers:
        await manager.get(SYS_NAME)
    assert values(telemetry, "snmp.client.open_connections") == [2]
    for manager in managers:
        await manager.aclose()


def test_after_very_many_agents_the_others_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MAX_AGENTS", 2)
    read: dict[str, Any] = {}

    class Meter:
        def keep(self, name: str, callbacks: list[Any], **_: object) -> None:
            read[name] = callbacks[0]

        create_observable_counter = create_observable_up_down_counter = keep

    counts = Ledger(Meter())  # type: ignore[arg-type]
    traces = [RequestTrace(f"192.0.2.{number}:161", 1.0, PduType.GET, ()) for number in range(1, 7)]
    for trace in traces:
        counts.request_started(trace)
    observations = read["snmp.client.active_requests"](None)
    assert [(dict(each.attributes), each.value) for each in observations] == [
        ({"server.address": "192.0.2.1", "server.port": 161}, 1),
        ({"server.address": "192.0.2.2", "server.port": 161}, 1),
        ({"otel.metric.overflow": True}, 4),
    ]
    for trace in traces:
        counts.request_ended(trace)
    assert [each.value for each in read["snmp.client.active_requests"](None)] == [0, 0, 0]


def test_octets_of_a_connection_that_has_ended_are_kept() -> None:
    counts = Ledger(NoOpMeterProvider().get_meter("test"))
    trace, statistics = ConnectionTrace("192.0.2.1:161", 1.0), Statistics()
    trace.count_from(statistics)
    counts.connection_opened(trace)
    statistics.octets_sent, statistics.octets_received = 10, 20
    assert counts._of(trace).octets == (10, 20)
    trace.count_no_more()
    counts.connection_ended(trace)
    statistics.octets_sent = 99
    assert counts._of(trace).octets == (10, 20)
    assert counts._of(trace).connections == set()


async def test_the_ledger_of_a_provider_ends_with_it(anyio_backend: object) -> None:
    provider = MeterProvider(shutdown_on_exit=False)
    assert ledger_of(provider) is ledger_of(provider)
    gone = weakref.ref(provider)
    provider.shutdown()
    del provider
    await until(lambda: gc.collect() and gone() is None)


def test_the_programs_own_provider_has_one_ledger_whether_it_is_named_or_not() -> None:
    own = ledger_of(None)
    assert ledger_of(metrics.get_meter_provider()) is own
    assert ledger_of(NoOpMeterProvider()) is not own
    assert meter_of(None).name == "snmptcp"
