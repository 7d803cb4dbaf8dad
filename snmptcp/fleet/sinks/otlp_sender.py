"""Sends points to a collector by OTLP over HTTP, with OpenTelemetry's exporter.

Contains: the exporter's arguments and messages, and why a collector has not taken something.  It imports OpenTelemetry
and requests, so it is imported when it is needed.  Does not contain: what the points are
(:mod:`snmptcp.fleet.sinks.otlp_points`).
"""

from __future__ import annotations

import logging
import urllib.parse
from typing import TYPE_CHECKING, Any

import requests
from google.protobuf.message import DecodeError
from google.rpc.status_pb2 import Status
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.sdk.metrics.export import (
    AggregationTemporality,
    Gauge,
    MetricExportResult,
    MetricsData,
    NumberDataPoint,
    ResourceMetrics,
    ScopeMetrics,
    Sum,
)
from opentelemetry.sdk.metrics.export import Metric as SdkMetric
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.util.instrumentation import InstrumentationScope

from snmptcp import __version__
from snmptcp.printable import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from snmptcp.fleet.sinks.otlp_points import Metric, Point

__all__ = ("Sender",)

logger = logging.getLogger("snmptcp.fleet")

#: How many points are in one message.
MOST_POINTS = 10_000

#: What a collector answers to a message that it will never take; sending it again does not help (OTLP specification).
_NEVER_TAKEN = frozenset((400, 413, 422))

#: How much of a collector's answer is told.
_LONGEST_ANSWER = 300

_COMPRESSIONS = {"none": Compression.NoCompression, "gzip": Compression.Gzip, "deflate": Compression.Deflate}


class _NotTakenError(Exception):
    """The collector has not taken a message.

    The exporter does not send a message again after an exception that it does not know.  After others it would do so
    for some seconds; the fleet does that better, since it goes on with what has come meanwhile.
    """


class _Session(requests.Session):
    """A session that remembers the last answer, which the exporter does not tell."""

    def __init__(self) -> None:
        super().__init__()
        self.url = ""
        self.status = 0
        self.failure = ""
        self.answer = b""

    def request(self, method: Any, url: Any, *args: Any, **kwargs: Any) -> requests.Response:
        """Send a request.

        Raises:
            _NotTakenError: there is no answer, or it is no success.
        """
        self.url, self.status, self.answer = _without_password(str(url)), 0, b""
        kwargs.setdefault("allow_redirects", False)  # a POST would become a GET
        if self.verify is not True:
            kwargs.setdefault("verify", self.verify)  # or REQUESTS_CA_BUNDLE would stand in for what was given
        try:
            try:
                response = super().request(method, url, *args, **kwargs)
            except requests.ConnectionError as error:
                if isinstance(error, requests.Timeout | requests.exceptions.SSLError):
                    raise
                # A connection that was kept may have ended meanwhile.
                response = super().request(method, url, *args, **kwargs)
        except requests.RequestException as error:
            self.failure = f"the collector at {self.url} cannot be reached: {_reason_of(error)}"
            raise _NotTakenError(self.failure) from error
        self.status, self.answer = response.status_code, response.content
        if not response.ok or response.is_redirect:
            said = _said(response)
            self.failure = f"the collector at {self.url} answered {response.status_code} {response.reason}{said}"
            raise _NotTakenError(self.failure)
        return response


class Sender:
    """The way to one collector.

    Args:
        endpoint: the URL for metrics; ``None`` for that of the environment.
        headers: more headers of each request; ``None`` for those of the environment.
        timeout: how long a request may take, in seconds; ``None`` for that of the environment.
        compression: ``"none"``, ``"gzip"`` or ``"deflate"``; ``None`` for that of the environment.
        certificate_file: the authorities of the collector's certificate.
        client_certificate_file: our certificate.
        client_key_file: its key.
        resource: attributes of the resource.

    Attributes:
        refused: how many points the collector has refused for good.
    """

    def __init__(
        self,
        *,
        endpoint: str | None,
        headers: Mapping[str, str] | None,
        timeout: float | None,
        compression: str | None,
        certificate_file: str | None,
        client_certificate_file: str | None,
        client_key_file: str | None,
        resource: Mapping[str, str],
    ) -> None:
        self._session = _Session()
        self._exporter = OTLPMetricExporter(
            endpoint=endpoint,
            certificate_file=certificate_file,
            client_key_file=client_key_file,
            client_certificate_file=client_certificate_file,
            headers=None if headers is None else dict(headers),
            timeout=timeout,
            compression=None if compression is None else _COMPRESSIONS[compression],
            session=self._session,
        )
        self._resource = _resource_of(resource)
        self._scope = InstrumentationScope("snmptcp.fleet", __version__)
        self._told = ""
        self.refused = 0

    def send(self, points: Sequence[Point]) -> None:
        """Send points, in as many messages as it takes.

        Points that the collector refuses for good are counted and logged.

        Raises:
            ConnectionError: the collector has not taken them; the text tells why.
        """
        for start in range(0, len(points), MOST_POINTS):
            self._send(points[start : start + MOST_POINTS])

    def _send(self, points: Sequence[Point]) -> None:
        session = self._session
        session.failure, session.status = "", 0
        try:
            result = self._exporter.export(self._message(points))
        except _NotTakenError:  # older exporters let it through
            result = MetricExportResult.FAILURE
        if result is MetricExportResult.SUCCESS:
            self._look_at_answer(session.answer)
        elif session.status in _NEVER_TAKEN:
            self._refuse(len(points), session.failure)
        else:
            raise ConnectionError(session.failure or "OpenTelemetry's exporter has failed, and its log tells why")

    def _look_at_answer(self, answer: bytes) -> None:
        """Count what the collector has refused of a message that it has taken."""
        try:
            partial = ExportMetricsServiceResponse.FromString(answer).partial_success
        except DecodeError:  # of something that is not quite a collector; it has taken the message
            return
        if partial.rejected_data_points:
            self._refuse(partial.rejected_data_points, f"the collector says: {printable(partial.error_message)}")

    def _refuse(self, count: int, text: str) -> None:
        self.refused += count
        level = logging.DEBUG if text == self._told else logging.WARNING
        self._told = text
        logger.log(level, "sink otlp: %d points were refused for good: %s", count, text)

    def _message(self, points: Sequence[Point]) -> MetricsData:
        by_metric: dict[Metric, list[NumberDataPoint]] = {}
        for point in points:
            data = NumberDataPoint(
                attributes=point.attributes,
                start_time_unix_nano=point.since,
                time_unix_nano=point.at,
                value=point.value,
            )
            by_metric.setdefault(point.metric, []).append(data)
        metrics = [
            SdkMetric(
                metric.name,
                "",
                metric.unit,
                Sum(data, AggregationTemporality.CUMULATIVE, is_monotonic=True) if metric.is_counter else Gauge(data),
            )
            for metric, data in by_metric.items()
        ]
        return MetricsData([ResourceMetrics(self._resource, [ScopeMetrics(self._scope, metrics, "")], "")])

    def close(self) -> None:
        """Send nothing any more; what is being sent is given up at its next pause.  May be called in any thread."""
        self._exporter.shutdown()


def _resource_of(attributes: Mapping[str, str]) -> Resource:
    """Return a resource: the attributes, those of the environment, and a name of the service if there is none."""
    resource = Resource.create(dict(attributes))
    if str(resource.attributes.get("service.name", "")).startswith("unknown_service"):
        resource = resource.merge(Resource({"service.name": "snmptcp"}))
    return resource


def _said(response: requests.Response) -> str:
    """Return what an answer that is no success says, behind a colon: a Status message or text; no page for browsers."""
    kind = response.headers.get("Content-Type", "").partition(";")[0]
    if kind == "application/x-protobuf":
        try:
            text = Status.FromString(response.content).message
        except DecodeError:
            return ""
    elif kind in ("text/plain", "application/json"):
        text = response.text
    else:
        return ""
    text = " ".join(text.split())[:_LONGEST_ANSWER]
    return f": {printable(text, None)}" if text else ""


def _without_password(url: str) -> str:
    parts = urllib.parse.urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urllib.parse.urlunsplit((parts.scheme, host, parts.path, "", ""))


def _reason_of(error: requests.RequestException) -> str:
    """Return the reason at the bottom of what requests raises; the layers above it repeat themselves."""
    cause: BaseException = error
    while True:
        inner = getattr(cause, "reason", None) or (cause.args[0] if cause.args else None)
        if not isinstance(inner, BaseException):
            break
        cause = inner
    text = str(cause)
    return text.partition(">: ")[2] or text.rpartition("): ")[2] or text or type(cause).__name__
