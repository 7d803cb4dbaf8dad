"""Metrics of requests, walks, tables and connections.

Contains: durations, and messages that were refused.  Does not contain: counts by agent
(:mod:`snmptcp.instrumentation.ledger`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.instrumentation.attributes import error_type, measured, operation_of
from snmptcp.instrumentation.ledger import ledger_of, meter_of

if TYPE_CHECKING:
    from opentelemetry.context import Context
    from opentelemetry.metrics import MeterProvider

    from snmptcp.errors import SnmpError
    from snmptcp.protocol.trace import ConnectionTrace, RequestTrace, WalkTrace

__all__ = ("Metrics",)

#: The boundaries that the conventions advise for durations of requests, in seconds.
_OF_REQUESTS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)

#: Those of walks, which may take hundreds of requests.
_OF_WALKS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0)

#: Those of connections, which may stay for months.
_OF_CONNECTIONS = (0.1, 1.0, 10.0, 60.0, 300.0, 1800.0, 3600.0, 21600.0, 86400.0, 604800.0, 2592000.0)


class Metrics:
    """Keeps the metrics of one observer.

    Args:
        provider: where they go; ``None`` for the program's own provider.
    """

    def __init__(self, provider: MeterProvider | None) -> None:
        meter = meter_of(provider)
        self._ledger = ledger_of(provider)
        self._requests = meter.create_histogram(
            "snmp.client.request.duration",
            "s",
            "How long requests took, until their answer or their failure.",
            explicit_bucket_boundaries_advisory=_OF_REQUESTS,
        )
        self._walks = meter.create_histogram(
            "snmp.client.walk.duration",
            "s",
            "How long walks and tables took, with the time that the program took for their rows.",
            explicit_bucket_boundaries_advisory=_OF_WALKS,
        )
        self._connecting = meter.create_histogram(
            "snmp.client.connect.duration",
            "s",
            "How long it took until a connection was ready for requests, or had failed.",
            explicit_bucket_boundaries_advisory=_OF_REQUESTS,
        )
        self._connections = meter.create_histogram(
            "snmp.client.connection.duration",
            "s",
            "How long connections stayed open.",
            explicit_bucket_boundaries_advisory=_OF_CONNECTIONS,
        )
        self._refused = meter.create_counter(
            "snmp.client.refused_messages",
            "{message}",
            "Messages that were dropped, because they were malformed or could not be trusted.",
        )

    def request_started(self, trace: RequestTrace) -> None:
        """Count a request that is under way."""
        self._ledger.request_started(trace)

    def request_ended(self, trace: RequestTrace, context: Context | None) -> None:
        """Measure a request."""
        self._ledger.request_ended(trace)
        self._requests.record(trace.duration or 0.0, measured(trace, operation_of(trace)), context)

    def walk_ended(self, trace: WalkTrace, context: Context | None) -> None:
        """Measure a walk or a table."""
        self._walks.record(trace.duration or 0.0, measured(trace, operation_of(trace)), context)

    def connection_opened(self, trace: ConnectionTrace, context: Context | None) -> None:
        """Measure an attempt to connect that has succeeded, and count its connection."""
        self._ledger.connection_opened(trace)
        self._connecting.record((trace.opened_at or trace.started_at) - trace.started_at, measured(trace), context)

    def attempt_failed(self, trace: ConnectionTrace, context: Context | None) -> None:
        """Measure an attempt to connect that has failed."""
        self._connecting.record(trace.duration or 0.0, measured(trace), context)

    def connection_ended(self, trace: ConnectionTrace) -> None:
        """Measure a connection."""
        self._ledger.connection_ended(trace)
        self._connections.record((trace.ended_at or 0.0) - (trace.opened_at or 0.0), measured(trace))

    def message_refused(self, error: SnmpError) -> None:
        """Count a message that was dropped."""
        self._refused.add(1, {"error.type": error_type(error)})
