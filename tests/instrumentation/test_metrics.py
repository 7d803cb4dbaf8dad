"""Durations, as the SDK has them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from snmptcp import Community, ConnectFailed, Manager, RequestTimeout
from snmptcp.testing import Agent, Drop, WrongCommunity
from tests.support.clock import skip, until
from tests.support.mibs import IF_TABLE, SYS_NAME, SYSTEM
from tests.support.telemetry import Telemetry

pytestmark = pytest.mark.anyio

if TYPE_CHECKING:
    from typing import Any


def told_apart(telemetry: Telemetry, name: str, *attributes: str) -> dict[tuple[Any, ...], int]:
    """Return how many measurements there are by some of their attributes."""
    return {tuple(p.attributes.get(each) for each in attributes): p.count for p in telemetry.points(name)}


async def test_requests_and_walks_are_measured_by_operation(watched: Manager, telemetry: Telemetry) -> None:
    await watched.get(SYS_NAME)
    await watched.get(SYS_NAME)
    assert [varbind async for varbind in watched.walk(SYSTEM)]
    assert [row async for row in watched.table(IF_TABLE, [1, 2])]
    by_operation = told_apart(telemetry, "snmp.client.request.duration", "snmp.operation.name")
    assert by_operation == {("GET",): 2, ("GETBULK",): 3}
    walks = told_apart(telemetry, "snmp.client.walk.duration", "snmp.operation.name", "network.protocol.version")
    assert walks == {("walk", "2c"): 1, ("table", "2c"): 1}


async def test_a_duration_is_the_time_by_the_loops_clock_in_seconds(
    watched: Manager, telemetry: Telemetry, agent: Agent
) -> None:
    await watched.connect()
    agent.inject(Drop())
    asking = asyncio.create_task(watched.get(SYS_NAME))
    await agent.wait_for_requests(1)
    skip(watched.timeout)
    with pytest.raises(RequestTimeout):
        await asking
    (point,) = telemetry.points("snmp.client.request.duration")
    assert point.attributes["error.type"] == "RequestTimeout"
    assert watched.timeout <= point.sum < 60
    assert point.explicit_bounds[0] == 0.005


async def test_connecting_and_connections_are_measured_apart(
    watched: Manager, telemetry: Telemetry, agent: Agent
) -> None:
    await watched.get(SYS_NAME)
    skip(1000.0)
    await watched.aclose()
    assert told_apart(telemetry, "snmp.client.connect.duration", "server.port") == {(agent.port,): 1}
    (point,) = telemetry.points("snmp.client.connection.duration")
    assert 1000 <= point.sum < 1100
    assert "error.type" not in point.attributes


async def test_an_attempt_that_fails_is_measured_with_its_error_and_opens_nothing(telemetry: Telemetry) -> None:
    async with Agent() as gone:
        port = gone.port
    async with Manager("127.0.0.1", port, credentials=Community("x"), observer=telemetry.observer()) as manager:
        with pytest.raises(ConnectFailed):
            await manager.get(SYS_NAME)
    assert told_apart(telemetry, "snmp.client.connect.duration", "error.type") == {("ConnectFailed",): 1}
    assert telemetry.points("snmp.client.connection.duration") == []
    assert [point.value for point in telemetry.points("snmp.client.active_requests")] == [0]
    assert telemetry.points("snmp.client.open_connections")[0].value == 0


async def test_a_measurement_names_its_span_as_example(watched: Manager, telemetry: Telemetry) -> None:
    await watched.get(SYS_NAME)
    (point,) = telemetry.points("snmp.client.request.duration")
    context = telemetry.span("SNMP GET").context
    assert context is not None
    assert [(example.trace_id, example.span_id) for example in point.exemplars] == [(context.trace_id, context.span_id)]


async def test_messages_that_cannot_be_trusted_are_counted_by_reason(
    watched: Manager, telemetry: Telemetry, agent: Agent
) -> None:
    agent.inject(WrongCommunity())
    asking = asyncio.create_task(watched.get(SYS_NAME))
    await until(lambda: watched.statistics.refused)
    skip(watched.timeout)
    with pytest.raises(RequestTimeout):
        await asking
    (point,) = telemetry.points("snmp.client.refused_messages")
    assert (point.value, dict(point.attributes)) == (1, {"error.type": "WrongCommunity"})


async def test_every_metric_has_the_unit_of_the_conventions(
    watched: Manager, telemetry: Telemetry, agent: Agent
) -> None:
    assert [varbind async for varbind in watched.walk(SYSTEM)]
    await watched.aclose()
    assert telemetry.units() == {
        "snmp.client.request.duration": "s",
        "snmp.client.walk.duration": "s",
        "snmp.client.connect.duration": "s",
        "snmp.client.connection.duration": "s",
        "snmp.client.active_requests": "{request}",
        "snmp.client.open_connections": "{connection}",
        "snmp.client.retries": "{request}",
        "snmp.client.io": "By",
    }
