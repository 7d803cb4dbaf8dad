"""Print spans and metrics of OpenTelemetry: ``python examples/tracing.py --host 192.0.2.1``.

A program of yours would export them instead, with ``OTLPSpanExporter`` and ``OTLPMetricExporter`` in the place of what
prints here.  It needs ``pip install 'snmptcp[otel]' opentelemetry-sdk``.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import TYPE_CHECKING

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult

from snmptcp import Community, Manager, SnmpError
from snmptcp.instrumentation import OpenTelemetry

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opentelemetry.sdk.trace import ReadableSpan

SYS_DESCR = "1.3.6.1.2.1.1.1.0"
IF_TABLE = "1.3.6.1.2.1.2.2"


class SpanPrinter(SpanExporter):
    """Keeps spans, and prints them as a tree."""

    def __init__(self) -> None:
        self._spans: list[ReadableSpan] = []

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Keep spans that have ended."""
        self._spans += spans
        return SpanExportResult.SUCCESS

    def print_below(self, parent: int | None = None, depth: int = 0) -> None:
        """Print the spans below another one."""
        for span in sorted(self._spans, key=lambda span: span.start_time or 0):
            if (None if span.parent is None else span.parent.span_id) == parent and span.context is not None:
                milliseconds = ((span.end_time or 0) - (span.start_time or 0)) / 1e6
                attributes = span.attributes or {}
                shown = ("snmp.walk.rows", "snmp.request.names", "snmp.response.size", "error.type")
                facts = [f"{name}={attributes[name]!r}" for name in shown if name in attributes]
                print(f"{'  ' * depth}{span.name} {milliseconds:.1f} ms", *facts)
                self.print_below(span.context.span_id, depth + 1)


def print_metrics(reader: InMemoryMetricReader) -> None:
    """Print each metric in a line."""
    data = reader.get_metrics_data()
    for resource in [] if data is None else data.resource_metrics:
        for scope in resource.scope_metrics:
            for metric in scope.metrics:
                for point in metric.data.data_points:
                    attributes = point.attributes or {}
                    told = ("snmp.operation.name", "network.io.direction", "error.type")
                    which = [str(attributes[name]) for name in told if name in attributes]
                    if isinstance(point, HistogramDataPoint):
                        print(metric.name, *which, f"{point.count} times, {point.sum * 1000:.1f} ms in all")
                    else:
                        print(metric.name, *which, getattr(point, "value", ""), metric.unit)


async def poll(host: str, port: int, community: str, tracer_provider: TracerProvider, observer: OpenTelemetry) -> None:
    """Read a variable and a table below a span of the program's own."""
    async with Manager(host, port, credentials=Community(community), observer=observer) as manager:
        with tracer_provider.get_tracer("example").start_as_current_span("poll"):
            await manager.get(SYS_DESCR)
            async for _ in manager.table(IF_TABLE):
                pass


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description="Print spans and metrics of OpenTelemetry.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=161)
    parser.add_argument("--community", default="public")
    options = parser.parse_args()

    spans = SpanPrinter()
    tracer_provider = TracerProvider()
    tracer_provider.add_span_processor(SimpleSpanProcessor(spans))
    reader = InMemoryMetricReader()
    observer = OpenTelemetry(tracer_provider, MeterProvider([reader]))
    try:
        asyncio.run(poll(options.host, options.port, options.community, tracer_provider, observer))
    except SnmpError as error:
        sys.exit(f"{type(error).__name__}: {error}")
    finally:
        spans.print_below()
        print_metrics(reader)


if __name__ == "__main__":
    main()
