"""Spans of requests, walks, tables and attempts to connect.

Contains: when a span begins and ends, and what it is a child of.  Does not contain: what it says of its subject
(:mod:`snmptcp.instrumentation.attributes`).
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from opentelemetry.trace import Span, SpanKind, Status, StatusCode, set_span_in_context

from snmptcp.instrumentation.attributes import (
    CONNECT,
    of_connection,
    of_outcome,
    of_request,
    of_start,
    operation_of,
)

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.trace import Tracer

    from snmptcp.protocol.trace import ConnectionTrace, RequestTrace, Trace, WalkTrace

__all__ = ("LATER", "Spans")

#: In the place of the span of a request that gets one only if it fails.
LATER: Final = object()


class Spans:
    """Makes the spans of one observer.  Each method that starts one returns it, to be kept as the trace's ``state``.

    Args:
        tracer: makes spans.
        max_walk_requests: how many requests of one walk or table get a span each.
        max_names: how many names of a request its span has.
    """

    def __init__(self, tracer: Tracer, *, max_walk_requests: int, max_names: int) -> None:
        self._tracer = tracer
        self._max_walk_requests = max_walk_requests
        self._max_names = max_names

    def start_request(self, trace: RequestTrace) -> object:
        """Start the span of a request, below that of its walk, or else below the caller's."""
        walk = trace.walk
        if walk is None or walk.state is None:
            return self._start(trace, operation_of(trace))
        if walk.requests > self._max_walk_requests or not walk.state.is_recording():
            return LATER
        return self._start(trace, operation_of(trace), set_span_in_context(walk.state))

    def end_request(self, trace: RequestTrace, state: object) -> Context | None:
        """End the span of a request; return the context of what is measured of it, if that is worth telling."""
        if state is LATER:
            walk = trace.walk
            if walk is None or not walk.state.is_recording() or (trace.error is None and trace.attempts < 2):
                return None
            began_at = time.time_ns() - int((trace.duration or 0.0) * 1e9)
            state = self._start(trace, operation_of(trace), set_span_in_context(walk.state), began_at)
        span: Any = state
        if span.is_recording():
            span.set_attributes(of_request(trace, self._max_names))
            _link_what_was_waited_for(span, trace)
        return _end(span, trace)

    def start_walk(self, trace: WalkTrace) -> Span:
        """Start the span of a walk or a table, below the caller's."""
        span = self._start(trace, operation_of(trace))
        if span.is_recording():
            span.set_attribute("snmp.walk.root", str(trace.root))
        return span

    def end_walk(self, trace: WalkTrace, span: Span) -> Context | None:
        """End the span of a walk or a table; return the context of what is measured of it."""
        if span.is_recording():
            span.set_attributes({"snmp.walk.rows": trace.rows, "snmp.walk.requests": trace.requests})
        return _end(span, trace)

    def start_connection(self, trace: ConnectionTrace) -> Span:
        """Start the span of an attempt to connect, below that of the request, walk or table that it is for."""
        cause = trace.cause
        if cause is not None and cause.state is LATER:
            cause = getattr(cause, "walk", None)
        parent = None if cause is None or cause.state is None else set_span_in_context(cause.state)
        return self._start(trace, CONNECT, parent)

    def end_connection(self, trace: ConnectionTrace, span: Span) -> Context | None:
        """End the span of an attempt to connect, which has succeeded or failed; return the context as the others do."""
        if span.is_recording():
            span.set_attributes(of_connection(trace))
        return _end(span, trace)

    def _start(
        self, trace: Trace, operation: str, context: Context | None = None, start_time: int | None = None
    ) -> Span:
        return self._tracer.start_span(
            f"SNMP {operation}",
            context,
            kind=SpanKind.CLIENT,
            attributes=of_start(trace, operation),
            start_time=start_time,
        )


def _end(span: Span, trace: Trace) -> Context | None:
    """End a span with its outcome; return the context of what is measured, ``None`` if the span is not recorded."""
    if not span.is_recording():
        span.end()
        return None
    outcome = of_outcome(trace)
    if outcome:
        span.set_attributes(outcome)
    error = trace.error
    if error is not None:
        kind = type(error)
        # The event that Span.record_exception makes, without its stack: that shows the inside of this library, never
        # the caller, and takes longer than a request.
        exception = {"exception.type": f"{kind.__module__}.{kind.__qualname__}", "exception.message": error.text}
        span.add_event("exception", exception)
        span.set_status(Status(StatusCode.ERROR, error.text))
    span.end()
    return set_span_in_context(span)


def _link_what_was_waited_for(span: Span, trace: RequestTrace) -> None:
    """Link a request to the connecting that it has waited for, if it was begun for another one."""
    connection = trace.connection
    if connection is None or connection.opened_at is None or connection.opened_at <= trace.started_at:
        return
    if connection.cause is not trace and connection.state is not None:
        span.add_link(connection.state, {"snmp.link": "waited for this connection"})
