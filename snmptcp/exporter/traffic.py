"""How many requests a scrape has sent, and how long their answers took.

Contains: the observer of all managers, which tells the scrapes apart.  Does not contain: the exporter's own metrics
(:mod:`snmptcp.exporter.own`).
"""

from __future__ import annotations

import contextvars
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.protocol.observer import Observer

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.protocol.trace import RequestTrace

__all__ = ("Traffic", "TrafficObserver", "counted_in")


@dataclass(slots=True)
class Traffic:
    """The requests of one module of one scrape.

    Attributes:
        packets: how many were sent, those that were sent again included.
        retries: how many were sent again, on another connection.
    """

    packets: int = 0
    retries: int = 0


#: The scrape whose task this is: managers are shared by several.
_current: contextvars.ContextVar[Traffic | None] = contextvars.ContextVar("traffic", default=None)


def counted_in(traffic: Traffic) -> None:
    """Count the requests of the present task there."""
    _current.set(traffic)


class TrafficObserver(Observer):
    """Counts the requests of several managers, for the scrapes that they belong to and in all.

    Args:
        on_request: called for each request with how often it was sent, and the time from its start to its answer in
            seconds, ``None`` if there was none.
    """

    __slots__ = ("_on_request",)

    def __init__(self, on_request: Callable[[int, float | None], None]) -> None:
        self._on_request = on_request

    def request_ended(self, trace: RequestTrace) -> None:
        """Count a request."""
        if not trace.attempts:
            return
        traffic = _current.get()
        if traffic is not None:
            traffic.packets += trace.attempts
            traffic.retries += trace.attempts - 1
        self._on_request(trace.attempts, trace.duration if trace.octets else None)
