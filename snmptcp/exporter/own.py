"""The exporter's own metrics, under the names that snmp_exporter has for them.

Contains: counters and histograms, and facts of the process.  Does not contain: what agents answer.
"""

from __future__ import annotations

import bisect
import contextlib
import itertools
import os
import platform
import time
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

import snmptcp
from snmptcp.exporter.families import Families, one_label
from snmptcp.exposition import label_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ("Histogram", "OwnMetrics")

#: The bounds of the time of a packet: from 0.1 ms, each twice the one before.
_PACKET_BOUNDS = tuple(0.0001 * 2**power for power in range(15))

#: The bounds of the time of a scrape: those of Prometheus' client libraries.
_SCRAPE_BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_INFINITY = float("inf")

#: A metric without labels: its name, help, type and value.
_Fact: TypeAlias = tuple[str, str, str, float]


class Histogram:
    """Observations, counted by their size.

    Args:
        bounds: the upper bounds, in order, without the infinite one.
    """

    __slots__ = ("_bounds", "_counts", "total")

    def __init__(self, bounds: Iterable[float]) -> None:
        self._bounds = (*bounds, _INFINITY)
        self._counts = [0] * len(self._bounds)
        self.total = 0.0

    def observe(self, number: float) -> None:
        """Count an observation."""
        self._counts[bisect.bisect_left(self._bounds, number)] += 1
        self.total += number

    def buckets(self) -> Mapping[float, int]:
        """Return how many observations were up to each bound."""
        return dict(zip(self._bounds, itertools.accumulate(self._counts), strict=True))


class OwnMetrics:
    """What the exporter has done since it was started.

    Attributes:
        packets: requests sent, those that were sent again included.
        retries: requests sent again.
        request_errors: HTTP requests that were refused.
        unexpected: values that were not of the kind that their metric's type needs.
        duplicates: samples dropped because another one had the same name and labels.
        failures: scrapes of a module that failed, by module.
        in_flight: scrapes of a module that are under way.
        reload_ok: whether the last reading of the configuration succeeded.
        reloaded_at: when the present configuration was read, in seconds since 1970.
    """

    def __init__(self) -> None:
        self.packets = self.retries = self.request_errors = self.unexpected = self.duplicates = self.in_flight = 0
        self.failures: dict[str, int] = {}
        self.reload_ok = False
        self.reloaded_at = 0.0
        self._packet_seconds = Histogram(_PACKET_BOUNDS)
        self._scrape_seconds: dict[str, Histogram] = {}
        self._started_at = time.time()

    def count_request(self, attempts: int, seconds: float | None) -> None:
        """Count a request of SNMP, with the time to its answer if there was one."""
        self.packets += attempts
        self.retries += attempts - 1
        if seconds is not None:
            self._packet_seconds.observe(seconds)

    def count_unexpected(self) -> None:
        """Count a value that is not of the kind that its metric's type needs."""
        self.unexpected += 1

    def know_modules(self, modules: Iterable[str]) -> None:
        """Have a histogram for each module, and none for others."""
        self._scrape_seconds = {name: self._scrape_seconds.get(name) or Histogram(_SCRAPE_BOUNDS) for name in modules}
        self.failures = {name: self.failures.get(name, 0) for name in self._scrape_seconds}

    def accept_configuration(self) -> None:
        """Tell that the configuration was read now."""
        self.reload_ok, self.reloaded_at = True, time.time()

    def count_scrape(self, module: str, seconds: float, *, failed: bool) -> None:
        """Count a scrape of a module."""
        if module in self._scrape_seconds:  # it may have gone while the scrape lasted
            self._scrape_seconds[module].observe(seconds)
            self.failures[module] += failed

    def _counters(self) -> Iterable[_Fact]:
        for name, text, number in (
            ("snmp_packets_total", "Number of SNMP packets sent, including retries.", self.packets),
            ("snmp_packet_retries_total", "Number of SNMP packet retries.", self.retries),
            ("snmp_request_errors_total", "HTTP requests that were refused.", self.request_errors),
            ("snmp_unexpected_pdu_type_total", "Values of another kind than their metric needs.", self.unexpected),
            (
                "snmptcp_exporter_duplicate_samples_total",
                "Samples that were dropped because another had their name and labels.",
                self.duplicates,
            ),
        ):
            yield name, text, "counter", number

    def _gauges(self, connections: int) -> Iterable[_Fact]:
        for name, text, number in (
            ("snmp_request_in_flight", "Scrapes of modules that are under way.", self.in_flight),
            ("snmptcp_exporter_agents", "Agents with a connection that is kept or in use.", connections),
            (
                "snmptcp_exporter_config_last_reload_successful",
                "Whether the configuration could be read the last time.",
                self.reload_ok,
            ),
            (
                "snmptcp_exporter_config_last_reload_success_timestamp_seconds",
                "When the configuration was read.",
                self.reloaded_at,
            ),
        ):
            yield name, text, "gauge", number

    def render(self, connections: int) -> str:
        """Return all as text.

        Args:
            connections: how many agents have a manager now.
        """
        families = Families()
        for name, text, kind, number in (*self._counters(), *self._gauges(connections), *_process(self._started_at)):
            families.add(name, text, kind, "", float(number))
        version = label_text({"python": platform.python_version(), "version": snmptcp.__version__})
        families.add("snmptcp_exporter_build_info", "What runs.", "gauge", version, 1)
        for module, count in self.failures.items():
            families.add(
                "snmptcp_exporter_scrape_failures_total",
                "Scrapes of a module that failed.",
                "counter",
                one_label("module", module),
                count,
            )
        families.add_histogram(
            "snmp_packet_duration_seconds",
            "Latencies of SNMP packets.",
            [((), self._packet_seconds.buckets(), self._packet_seconds.total)],
        )
        families.add_histogram(
            "snmp_collection_duration_seconds",
            "Duration of collections by the SNMP exporter.",
            [
                ((one_label("module", module),), each.buckets(), each.total)
                for module, each in sorted(self._scrape_seconds.items())
            ],
        )
        return families.render()


def _process(started_at: float) -> Iterable[_Fact]:
    """Yield facts of the process, as Prometheus' client libraries name them."""
    yield "process_start_time_seconds", "When the process was started.", "gauge", started_at
    yield "process_cpu_seconds_total", "User and system CPU time.", "counter", time.process_time()
    with contextlib.suppress(OSError, ValueError, IndexError, AttributeError):  # Linux has them, others may not
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
        yield "process_resident_memory_bytes", "Resident memory.", "gauge", pages * os.sysconf("SC_PAGE_SIZE")
        yield "process_open_fds", "Open file descriptors.", "gauge", len([*Path("/proc/self/fd").iterdir()])
