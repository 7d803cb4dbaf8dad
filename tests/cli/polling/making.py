"""Polls, samples and healths, made without a fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snmptcp import OID, Community, Counter64
from snmptcp.fleet import Get, Health, Lateness, Poll, Sample, SinkHealth, Target

if TYPE_CHECKING:
    from snmptcp.values import Value

__all__ = ("health", "poll", "sample", "sink", "target")

COUNTER, SEVEN = OID("1.3.6.1.2.1.31.1.1.1.6.3"), Counter64(7)


def target(name: str = "core") -> Target:
    return Target("192.0.2.1", credentials=Community("public"), name=name, jobs=[Get("1.3.6", name="uptime")])


def sample(rate: float | None = 1.0, *, value: Value = SEVEN, oid: OID = COUNTER, target: str = "core") -> Sample:
    return Sample(_target(target), "uptime", oid, "ifHCInOctets", "3", value, 99.0, 100.0, rate)


_target = target


def poll(
    name: str = "core",
    job: str = "uptime",
    *,
    took: float = 0.5,
    at: float = 100.0,
    error: Exception | None = None,
    samples: tuple[Sample, ...] = (),
) -> Poll:
    return Poll(_target(name), job, at - took, at - took, at, samples=samples, error=error)


def sink(**facts: Any) -> SinkHealth:
    return SinkHealth(
        **{"name": "sqlite", "waiting": 0, "written": 0, "dropped": 0, "failures": 0, "error": None, **facts}
    )


def health(**facts: Any) -> Health:
    """Return the health of a fleet that has just begun, except for the facts."""
    nothing: dict[str, Any] = {
        **dict.fromkeys(Health.__slots__, 0),
        "lateness": Lateness(0.001, 0.25, 1.5),
        "lag": 0.0,
        "errors": {},
        "sinks": (),
        "source_error": None,
        "started_at": 100.0,
        "at": 100.0,
    }
    return Health(**{**nothing, **facts})
