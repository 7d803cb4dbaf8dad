"""Counts by agent that are read when metrics are collected: they cost a request next to nothing.

The SDK takes longer for a change of a counter than a request has for all the rest; here it asks when it exports.

Contains: the counts, their instruments, and the one ledger of each meter provider.  Does not contain: durations
(:mod:`snmptcp.instrumentation.metrics`).
"""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING

from opentelemetry.metrics import CallbackOptions, MeterProvider, Observation, get_meter, get_meter_provider

from snmptcp import __version__
from snmptcp.instrumentation.attributes import Attributes, agent_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from opentelemetry.metrics import Meter

    from snmptcp.protocol.trace import ConnectionTrace, RequestTrace, Trace

__all__ = ("Ledger", "ledger_of", "meter_of")

#: How many agents are counted apart; the conventions' limit, and their name for all others together.
MAX_AGENTS = 2000
OVERFLOW: Attributes = {"otel.metric.overflow": True}


def meter_of(provider: MeterProvider | None) -> Meter:
    """Return the meter of this library; without a provider, that of the program's own."""
    return get_meter("snmptcp", __version__, provider)


class _Agent:
    """The counts of one agent."""

    __slots__ = ("attributes", "connections", "received", "requests", "retries", "sent")

    def __init__(self, attributes: Attributes) -> None:
        self.attributes = attributes
        self.requests = 0  # under way
        self.retries = 0
        self.connections: set[ConnectionTrace] = set()  # open
        self.sent = 0  # octets, of connections that have ended
        self.received = 0

    @property
    def octets(self) -> tuple[int, int]:
        """How many octets were sent and received."""
        return (
            self.sent + sum(connection.octets_sent for connection in self.connections),
            self.received + sum(connection.octets_received for connection in self.connections),
        )


class Ledger:
    """The counts of all agents, for one meter.

    Args:
        meter: makes the instruments that read them.
    """

    def __init__(self, meter: Meter) -> None:
        self._lock = threading.Lock()  # managers may run in several threads, and the SDK collects in one of its own
        self._agents: dict[str, _Agent] = {}
        meter.create_observable_up_down_counter(
            "snmp.client.active_requests",
            [self._read(lambda agent: [(agent.requests, {})])],
            unit="{request}",
            description="Requests that wait for their answer.",
        )
        meter.create_observable_up_down_counter(
            "snmp.client.open_connections",
            [self._read(lambda agent: [(len(agent.connections), {})])],
            unit="{connection}",
            description="Connections that are open.",
        )
        meter.create_observable_counter(
            "snmp.client.retries",
            [self._read(lambda agent: [(agent.retries, {})])],
            unit="{request}",
            description="Requests that were sent again on another connection, after theirs was lost.",
        )
        meter.create_observable_counter(
            "snmp.client.io",
            [
                self._read(
                    lambda agent: zip(
                        agent.octets,
                        ({"network.io.direction": "transmit"}, {"network.io.direction": "receive"}),
                        strict=True,
                    )
                )
            ],
            unit="By",
            description="Octets of SNMP messages, without TLS's own.",
        )

    def request_started(self, trace: RequestTrace) -> None:
        """Count a request that is under way."""
        with self._lock:
            self._of(trace).requests += 1

    def request_ended(self, trace: RequestTrace) -> None:
        """Count it no more."""
        with self._lock:
            agent = self._of(trace)
            agent.requests -= 1
            agent.retries += max(0, trace.attempts - 1)

    def connection_opened(self, trace: ConnectionTrace) -> None:
        """Count an open connection and its octets."""
        with self._lock:
            self._of(trace).connections.add(trace)

    def connection_ended(self, trace: ConnectionTrace) -> None:
        """Keep the octets of a connection that is open no more."""
        with self._lock:
            agent = self._of(trace)
            agent.connections.discard(trace)
            agent.sent += trace.octets_sent
            agent.received += trace.octets_received

    def _of(self, trace: Trace) -> _Agent:
        """Return the counts of an agent; after very many agents those of all others."""
        agent = self._agents.get(trace.peer)
        if agent is None and len(self._agents) >= MAX_AGENTS:
            agent = self._agents.get("")
        if agent is None:
            full = len(self._agents) >= MAX_AGENTS
            agent = self._agents["" if full else trace.peer] = _Agent(OVERFLOW if full else agent_of(trace))
        return agent

    def _read(
        self, numbers: Callable[[_Agent], Iterable[tuple[int, Attributes]]]
    ) -> Callable[[CallbackOptions], Iterable[Observation]]:
        """Return what the SDK calls to read some numbers of all agents."""

        def read(_: CallbackOptions) -> list[Observation]:
            with self._lock:
                return [
                    Observation(number, agent.attributes | attributes)
                    for agent in self._agents.values()
                    for number, attributes in numbers(agent)
                ]

        return read


_lock = threading.Lock()
_ledgers: weakref.WeakKeyDictionary[MeterProvider, Ledger] = weakref.WeakKeyDictionary()
_of_the_program: Ledger | None = None


def ledger_of(provider: MeterProvider | None) -> Ledger:
    """Return the ledger of a meter provider.

    There is one for each: of two instruments of one name that are read, an SDK reads the first.

    Args:
        provider: the provider; ``None`` for the program's own, which may be set later.
    """
    global _of_the_program  # noqa: PLW0603 - as is the program's own provider
    with _lock:
        own = get_meter_provider()
        if provider is None or provider is own:
            if _of_the_program is None:
                _of_the_program = _ledgers.get(own) or Ledger(meter_of(None))
            return _of_the_program
        if provider not in _ledgers:
            _ledgers[provider] = Ledger(meter_of(provider))
        return _ledgers[provider]
