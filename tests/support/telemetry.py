"""Spans and metrics in memory, as OpenTelemetry's SDK has collected them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from snmptcp.instrumentation import OpenTelemetry

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import ReadableSpan
    from opentelemetry.sdk.trace.sampling import Sampler
    from opentelemetry.trace import Tracer


class Telemetry:
    """Providers of a test's own, and what has come to them."""

    def __init__(self, sampler: Sampler | None = None) -> None:
        self._exporter = InMemorySpanExporter()
        self._reader = InMemoryMetricReader()
        self.tracer_provider = TracerProvider(sampler=sampler, shutdown_on_exit=False)
        self.tracer_provider.add_span_processor(SimpleSpanProcessor(self._exporter))
        self.meter_provider = MeterProvider([self._reader], shutdown_on_exit=False)

    def observer(self, **options: Any) -> OpenTelemetry:
        """Return an observer that tells these providers."""
        return OpenTelemetry(self.tracer_provider, self.meter_provider, **options)

    @property
    def tracer(self) -> Tracer:
        """Makes spans of the test's own."""
        return self.tracer_provider.get_tracer("test")

    def spans(self, name: str | None = None) -> list[ReadableSpan]:
        """Return the spans that have ended, in the order in which they began."""
        spans = [span for span in self._exporter.get_finished_spans() if name in (None, span.name)]
        return sorted(spans, key=lambda span: span.start_time or 0)

    def span(self, name: str) -> ReadableSpan:
        """Return the only span of a name."""
        (span,) = self.spans(name)
        return span

    def tree(self) -> dict[str, list[str]]:
        """Return the names of spans below the names of their parents; ``""`` for none."""
        by_id = {span.context.span_id: span.name for span in self.spans() if span.context is not None}
        tree: dict[str, list[str]] = {}
        for span in self.spans():
            parent = "" if span.parent is None else by_id.get(span.parent.span_id, "elsewhere")
            tree.setdefault(parent, []).append(span.name)
        return tree

    def points(self, name: str) -> list[Any]:
        """Return the data points of a metric now."""
        data = self._reader.get_metrics_data()
        return [
            point
            for resource in ([] if data is None else data.resource_metrics)
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if metric.name == name
            for point in metric.data.data_points
        ]

    def units(self) -> dict[str, str | None]:
        """Return the units of all metrics."""
        data = self._reader.get_metrics_data()
        assert data is not None
        return {
            metric.name: metric.unit
            for resource in data.resource_metrics
            for scope in resource.scope_metrics
            for metric in scope.metrics
        }


def facts(span: ReadableSpan) -> dict[str, Any]:
    """Return the attributes of a span."""
    return dict(span.attributes or {})
