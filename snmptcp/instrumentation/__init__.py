"""OpenTelemetry: spans and metrics of requests, walks, tables and connections.

::

    from snmptcp.instrumentation import OpenTelemetry

    manager = Manager("192.0.2.1", credentials=Community("public"), observer=OpenTelemetry())

or, for all managers that a program makes from then on, ``SnmpInstrumentor().instrument()``.

It needs the API of OpenTelemetry (``pip install 'snmptcp[otel]'``); where spans and metrics go is set up with
OpenTelemetry's SDK, as for other libraries.  docs/observing.md lists the spans, metrics and attributes.
"""

from __future__ import annotations

from snmptcp.instrumentation.instrumentor import SnmpInstrumentor
from snmptcp.instrumentation.observer import OpenTelemetry

__all__ = ("OpenTelemetry", "SnmpInstrumentor")
