"""The observer that makes OpenTelemetry's spans and metrics of what a manager does."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from snmptcp import __version__
from snmptcp.arguments import INTEGER, Kind, check_arguments, optional
from snmptcp.errors import ConfigurationError
from snmptcp.protocol.observer import Observer

if TYPE_CHECKING:
    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

    from snmptcp.errors import SnmpError
    from snmptcp.protocol.trace import ConnectionTrace, RequestTrace, WalkTrace

__all__ = ("OpenTelemetry",)

#: What OpenTelemetry's ``suppress_instrumentation`` sets in the context.
_SUPPRESSED = "suppress_instrumentation"

_KINDS = {
    "tracer_provider": optional(Kind("a TracerProvider", lambda value: hasattr(value, "get_tracer"))),
    "meter_provider": optional(Kind("a MeterProvider", lambda value: hasattr(value, "get_meter"))),
    "max_walk_requests": INTEGER,
    "max_names": INTEGER,
}


class OpenTelemetry(Observer):
    """Makes spans and metrics of requests, walks, tables and connections: ``Manager(observer=OpenTelemetry())``.

    A span is a child of the one that is current for the caller; requests of a walk or a table are children of its span,
    and connecting is a child of the request that it was begun for.  No span and no metric has a community, a user, a
    password or a value.  One observer may serve any number of managers, also in several threads.

    Where ``opentelemetry.instrumentation.utils.suppress_instrumentation`` is in force, nothing is made of what starts.

    Args:
        tracer_provider: where spans go; optional; default the program's own (``opentelemetry.trace``).
        meter_provider: where metrics go; optional; default the program's own (``opentelemetry.metrics``).
        max_walk_requests: how many requests of one walk or table have a span each; those after that only if they fail
            or were sent more than once.  At least 0.
        max_names: how many names of a request its span has; at least 0.

    Attributes:
        enabled: whether spans and metrics are made of what starts from now on.

    Raises:
        ConfigurationError: OpenTelemetry's API is not installed, or an argument is out of range.
    """

    def __init__(
        self,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        *,
        max_walk_requests: int = 20,
        max_names: int = 3,
    ) -> None:
        check_arguments(_KINDS, locals())
        for name, number in (("max_walk_requests", max_walk_requests), ("max_names", max_names)):
            if number < 0:
                raise ConfigurationError(f"{name} must be at least 0, not {number}")
        tracing = _opentelemetry("trace")
        self._get_value = _opentelemetry("context").get_value
        from snmptcp.instrumentation.metrics import Metrics  # noqa: PLC0415 - it needs OpenTelemetry, as does the next
        from snmptcp.instrumentation.spans import Spans  # noqa: PLC0415

        tracer = tracing.get_tracer("snmptcp", __version__, tracer_provider)
        self._spans = Spans(tracer, max_walk_requests=max_walk_requests, max_names=max_names)
        self._metrics = Metrics(meter_provider)
        self.enabled = True

    # The state of a trace is its span, or what stands in its place; None if its start was not followed.  A connection's
    # is its span's context as soon as it is open.

    def _ignores(self) -> bool:
        return not self.enabled or bool(self._get_value(_SUPPRESSED))

    def request_started(self, trace: RequestTrace) -> None:
        """Start the span of a request."""
        if not self._ignores():
            trace.state = self._spans.start_request(trace)
            self._metrics.request_started(trace)

    def request_ended(self, trace: RequestTrace) -> None:
        """End the span of a request, and measure it."""
        state, trace.state = trace.state, None
        if state is not None:
            self._metrics.request_ended(trace, self._spans.end_request(trace, state))

    def walk_started(self, trace: WalkTrace) -> None:
        """Start the span of a walk or a table."""
        if not self._ignores():
            trace.state = self._spans.start_walk(trace)

    def walk_ended(self, trace: WalkTrace) -> None:
        """End the span of a walk or a table, and measure it."""
        state, trace.state = trace.state, None
        if state is not None:
            self._metrics.walk_ended(trace, self._spans.end_walk(trace, state))

    def connection_started(self, trace: ConnectionTrace) -> None:
        """Start the span of an attempt to connect."""
        if not self._ignores():
            trace.state = self._spans.start_connection(trace)

    def connection_opened(self, trace: ConnectionTrace) -> None:
        """End the span of an attempt to connect, which has succeeded."""
        span: Any = trace.state
        if span is not None:
            trace.state = span.get_span_context()
            self._metrics.connection_opened(trace, self._spans.end_connection(trace, span))

    def connection_ended(self, trace: ConnectionTrace) -> None:
        """End the span of an attempt to connect that has failed, or measure the connection that has ended."""
        state, trace.state = trace.state, None
        if state is None:
            return
        if trace.opened_at is None:
            self._metrics.attempt_failed(trace, self._spans.end_connection(trace, state))
        else:
            self._metrics.connection_ended(trace)

    def message_refused(self, message: bytes, error: SnmpError) -> None:  # noqa: ARG002 - it may have secrets
        """Count a message that was dropped."""
        if self.enabled:
            self._metrics.message_refused(error)


def _opentelemetry(name: str) -> Any:
    """Return a module of OpenTelemetry's API.

    Raises:
        ConfigurationError: it is not installed.
    """
    try:
        return importlib.import_module(f"opentelemetry.{name}")
    except ImportError as error:
        raise ConfigurationError("spans and metrics need OpenTelemetry's API: pip install 'snmptcp[otel]'") from error
