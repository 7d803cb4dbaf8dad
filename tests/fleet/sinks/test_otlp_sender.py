"""Points on their way to a collector: messages, answers, and reasons of failures."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web
from google.rpc.status_pb2 import Status

from snmptcp.fleet.sinks import otlp_sender
from snmptcp.fleet.sinks.otlp_points import Metric, Point
from snmptcp.fleet.sinks.otlp_sender import Sender
from tests.support.collector import Collector, attributes_of, number_of, success

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio

NOTHING: dict[str, Any] = {
    "headers": None,
    "timeout": 20.0,
    "compression": None,
    "certificate_file": None,
    "client_certificate_file": None,
    "client_key_file": None,
    "resource": {},
}

OCTETS = Metric("ifHCInOctets", "By", is_counter=True)
STATUS = Metric("ifOperStatus", "", is_counter=False)


def points(count: int = 1, metric: Metric = OCTETS) -> list[Point]:
    return [Point(metric, {"target": "a", "index": str(row)}, row, 2_000, 1_000) for row in range(count)]


def sender_to(endpoint: str, **given: Any) -> Sender:
    return Sender(**{**NOTHING, "endpoint": endpoint, **given})


@pytest.fixture
async def collector(anyio_backend: object) -> AsyncIterator[Collector]:
    async with Collector() as collector:
        yield collector


async def send(sender: Sender, *batches: list[Point]) -> None:
    """Send in a thread, as the sink does; the collector runs in this loop."""
    for batch in batches:
        await asyncio.to_thread(sender.send, batch)


async def test_counters_are_monotonic_sums_and_states_are_gauges(collector: Collector) -> None:
    sender = sender_to(collector.url, resource={"service.namespace": "lab"})
    await send(sender, [*points(2), *points(1, STATUS), Point(STATUS, {"target": "b"}, 1.5, 3_000, 0)])
    octets, status = collector.metrics["ifHCInOctets"], collector.metrics["ifOperStatus"]
    assert (octets.unit, octets.sum.is_monotonic, octets.sum.aggregation_temporality) == ("By", True, 2)
    assert [(attributes_of(p)["index"], number_of(p)) for p in octets.sum.data_points] == [("0", 0), ("1", 1)]
    assert {(p.start_time_unix_nano, p.time_unix_nano) for p in octets.sum.data_points} == {(1_000, 2_000)}
    assert [number_of(p) for p in status.gauge.data_points] == [0, 1.5]
    assert collector.resource["service.name"] == "snmptcp"
    assert collector.resource["service.namespace"] == "lab"
    (scope,) = collector.requests[0].resource_metrics[0].scope_metrics
    assert scope.scope.name == "snmptcp.fleet"
    sender.close()


async def test_the_name_of_the_service_may_come_from_the_environment_or_the_program(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_SERVICE_NAME", "from the environment")
    first, second = sender_to(collector.url), sender_to(collector.url, resource={"service.name": "mine"})
    await send(first, points())
    assert collector.resource["service.name"] == "from the environment"
    await send(second, points())
    assert collector.resource["service.name"] == "mine"
    first.close()
    second.close()


async def test_headers_and_compression_are_used(collector: Collector) -> None:
    sender = sender_to(collector.url, headers={"Authorization": "Bearer x"}, compression="gzip")
    await send(sender, points(100))
    assert collector.headers[0]["Authorization"] == "Bearer x"
    assert collector.headers[0]["Content-Encoding"] == "gzip"
    assert len(collector.metrics["ifHCInOctets"].sum.data_points) == 100
    sender.close()


async def test_very_many_points_are_sent_in_several_messages(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(otlp_sender, "MOST_POINTS", 10)
    sender = sender_to(collector.url)
    await send(sender, points(25))
    sizes = [len(r.resource_metrics[0].scope_metrics[0].metrics[0].sum.data_points) for r in collector.requests]
    assert sizes == [10, 10, 5]
    sender.close()


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (lambda: web.Response(status=503, text="try\nlater"), "answered 503 Service Unavailable: try later"),
        (lambda: web.Response(status=401), "answered 401 Unauthorized"),
        (lambda: web.Response(status=404, text="<p>", content_type="text/html"), "answered 404 Not Found"),
        (lambda: web.Response(status=302, headers={"Location": "/"}), "answered 302 Found"),
    ],
)
async def test_an_answer_that_is_no_success_is_told_and_asked_once(
    collector: Collector, answer: Any, text: str
) -> None:
    collector.answers.append(answer())
    sender = sender_to(collector.url)
    with pytest.raises(ConnectionError) as failed:
        await send(sender, points())
    assert str(failed.value) == f"the collector at {collector.url} {text}"
    assert (len(collector.headers), sender.refused) == (1, 0)
    await send(sender, points())
    assert len(collector.requests) == 1
    sender.close()


async def test_what_is_refused_for_good_is_counted_and_not_sent_again(
    collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    status = Status(message="the points are too old").SerializeToString()
    collector.answers += [
        web.Response(status=400, body=status, content_type="application/x-protobuf") for _ in range(2)
    ]
    sender = sender_to(collector.url)
    with caplog.at_level(logging.WARNING, "snmptcp.fleet"):
        await send(sender, points(3), points(2))
    assert sender.refused == 5
    told = [record.getMessage() for record in caplog.records if record.name == "snmptcp.fleet"]
    where = f"the collector at {collector.url} answered 400 Bad Request: the points are too old"
    assert told == [f"sink otlp: 3 points were refused for good: {where}"]
    sender.close()


async def test_points_that_are_refused_out_of_a_message_are_counted(
    collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    collector.answers.append(success(2, "out of order"))
    sender = sender_to(collector.url)
    with caplog.at_level(logging.WARNING, "snmptcp.fleet"):
        await send(sender, points(3))
    assert sender.refused == 2
    assert caplog.messages == ["sink otlp: 2 points were refused for good: the collector says: out of order"]
    sender.close()


async def test_an_answer_that_is_no_message_of_a_collector_is_a_success_if_its_status_is(collector: Collector) -> None:
    collector.answers.append(web.Response(text="\xff" * 9))
    sender = sender_to(collector.url)
    await send(sender, points())
    assert sender.refused == 0
    sender.close()


async def test_a_collector_that_hangs_costs_the_timeout(collector: Collector) -> None:
    collector.hangs = True
    sender = sender_to(collector.url, timeout=0.05)
    with pytest.raises(ConnectionError, match=r"cannot be reached: Read timed out\."):
        await send(sender, points())
    sender.close()


def test_a_collector_that_is_not_there_is_told_without_the_password_of_its_url() -> None:
    sender = sender_to("http://user:secret@127.0.0.1:1/v1/metrics?key=secret")
    with pytest.raises(ConnectionError) as failed:
        sender.send(points())
    assert str(failed.value).startswith("the collector at http://127.0.0.1:1/v1/metrics cannot be reached: ")
    assert "Connection refused" in str(failed.value)
    assert "secret" not in str(failed.value)
    sender.close()
