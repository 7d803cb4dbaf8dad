"""Spans and metrics of all managers of a program, in the style of OpenTelemetry's instrumentors.

Nothing is patched: an observer is added to those of all managers (:func:`snmptcp.manager.add_observer`).
"""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING, ClassVar

from snmptcp.instrumentation.observer import OpenTelemetry
from snmptcp.manager.observing import add_observer, remove_observer

if TYPE_CHECKING:
    from collections.abc import Collection

    from opentelemetry.metrics import MeterProvider
    from opentelemetry.trace import TracerProvider

__all__ = ("SnmpInstrumentor",)

logger = logging.getLogger("snmptcp.instrumentation")


class SnmpInstrumentor:
    """Makes spans and metrics of all managers that are made from now on: ``SnmpInstrumentor().instrument()``.

    Managers that blocking calls, polling and the command line use are among them.  ``opentelemetry-instrument`` finds
    it by its entry point.  All objects of this class are one instrumentor.
    """

    _lock: ClassVar = threading.Lock()
    _observer: ClassVar[OpenTelemetry | None] = None

    @property
    def is_instrumented_by_opentelemetry(self) -> bool:
        """Whether new managers make spans and metrics."""
        return SnmpInstrumentor._observer is not None

    def instrumentation_dependencies(self) -> Collection[str]:
        """Return the packages that this instruments: none, since it comes with what it instruments."""
        return ()

    def instrument(
        self,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
        *,
        max_walk_requests: int = 20,
        max_names: int = 3,
        **_: object,
    ) -> None:
        """Make spans and metrics of all managers that are made from now on.

        If that is so already, it is logged and nothing changes.

        Args:
            tracer_provider: as for :class:`OpenTelemetry`, and so are the others.
            meter_provider: where metrics go.
            max_walk_requests: how many requests of one walk or table have a span each.
            max_names: how many names of a request its span has.
            **_: what ``opentelemetry-instrument`` tells all instrumentors; not used.

        Raises:
            ConfigurationError: as for :class:`OpenTelemetry`.
        """
        with self._lock:
            if SnmpInstrumentor._observer is not None:
                logger.warning("instrument() was called again: managers make spans and metrics already")
                return
            observer = OpenTelemetry(
                tracer_provider, meter_provider, max_walk_requests=max_walk_requests, max_names=max_names
            )
            add_observer(observer)
            SnmpInstrumentor._observer = observer

    def uninstrument(self, **_: object) -> None:
        """Make no more spans and metrics, also of managers that exist; what has started is still brought to its end."""
        with self._lock:
            observer, SnmpInstrumentor._observer = SnmpInstrumentor._observer, None
            if observer is None:
                logger.warning("uninstrument() was called without instrument()")
                return
            remove_observer(observer)
            observer.enabled = False
