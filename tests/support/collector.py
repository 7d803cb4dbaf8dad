"""A collector of OTLP over HTTP: it keeps what it is sent, and answers as the test wants."""

from __future__ import annotations

import asyncio
import gzip
from typing import TYPE_CHECKING, Any

from aiohttp import web
from aiohttp.test_utils import TestServer
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping
    from typing import Self

    from opentelemetry.proto.metrics.v1.metrics_pb2 import Metric, NumberDataPoint


class Collector:
    """A collector; ``answers`` are given one after the other, and after that successes."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self.requests: list[ExportMetricsServiceRequest] = []  # those that were taken
        self.headers: list[Mapping[str, str]] = []
        self.answers: list[web.Response] = []
        self.hangs = False
        self.asked = asyncio.Event()
        self._ending = asyncio.Event()
        app = web.Application()
        app.add_routes([web.post("/v1/metrics", self._take)])
        self._server = TestServer(app, scheme="http" if tls is None else "https")

    @property
    def url(self) -> str:
        return str(self._server.make_url("/v1/metrics"))

    async def _take(self, request: web.Request) -> web.Response:
        body = await request.read()
        if request.headers.get("Content-Encoding") == "gzip" and body[:2] == b"\x1f\x8b":
            body = gzip.decompress(body)
        message = ExportMetricsServiceRequest.FromString(body)
        self.headers.append(dict(request.headers))
        self.asked.set()
        if self.hangs:
            await self._ending.wait()
        answer = self.answers.pop(0) if self.answers else success()
        if answer.status == 200:
            self.requests.append(message)
        return answer

    @property
    def metrics(self) -> dict[str, Metric]:
        """The metrics of the last message, by name."""
        (resource,) = self.requests[-1].resource_metrics
        (scope,) = resource.scope_metrics
        return {metric.name: metric for metric in scope.metrics}

    @property
    def resource(self) -> dict[str, str]:
        """The attributes of the resource of the last message."""
        return attributes_of(self.requests[-1].resource_metrics[0].resource)

    async def __aenter__(self) -> Self:
        await self._server.start_server(ssl=self._tls)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._ending.set()
        await self._server.close()


def success(rejected: int = 0, text: str = "") -> web.Response:
    """Return the answer of a collector that has taken all points, or all but some."""
    message = ExportMetricsServiceResponse()
    if rejected:
        message.partial_success.rejected_data_points = rejected
        message.partial_success.error_message = text
    return web.Response(body=message.SerializeToString(), content_type="application/x-protobuf")


def attributes_of(item: Any) -> dict[str, str]:
    """Return the attributes of a point or a resource."""
    return {attribute.key: attribute.value.string_value for attribute in item.attributes}


def number_of(point: NumberDataPoint) -> float:
    """Return the number of a point."""
    return point.as_int if point.WhichOneof("value") == "as_int" else point.as_double
