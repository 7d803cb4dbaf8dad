"""Polls and samples as a fleet makes them, for the tests of sinks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp import OID, Community, Counter64
from snmptcp.fleet import Poll, Sample, Target

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snmptcp.errors import SnmpError
    from snmptcp.values import Value

__all__ = ("IN_OCTETS", "NOON", "TARGET", "make_poll", "make_sample", "make_target")

#: The 29th of November 2026, 12:00 UTC.
NOON = 1_795_953_600.0

IN_OCTETS = OID("1.3.6.1.2.1.31.1.1.1.6")


def make_target(name: str = "switch-1", labels: Mapping[str, str] | None = None) -> Target:
    """Return a target without jobs of its own."""
    return Target("192.0.2.1", 1161, credentials=Community("public"), name=name, labels=labels)


TARGET = make_target(labels={"site": "Lyon"})


def make_sample(
    value: Value = Counter64(7),  # noqa: B008 - it cannot change
    row: int = 3,
    *,
    name: str = "ifHCInOctets",
    column: OID = IN_OCTETS,
    at: float = NOON,
    target: Target = TARGET,
    job: str = "interfaces",
    rate: float | None = None,
) -> Sample:
    """Return the sample of one row of a column, answered at a time."""
    return Sample(target, job, column + row, name, str(row), value, at - 0.25, at, rate)


def make_poll(
    *values: Value | Sample,
    at: float = NOON,
    target: Target = TARGET,
    job: str = "interfaces",
    error: SnmpError | None = None,
    restarted: bool = False,
    up_since: float | None = None,
) -> Poll:
    """Return a poll whose samples are these, or have these values in rows from 1 on; it ends at a time."""
    samples = [
        value if isinstance(value, Sample) else make_sample(value, row, at=at, target=target, job=job)
        for row, value in enumerate(values, 1)
    ]
    return Poll(target, job, at - 1.0, at - 0.5, at, samples, error, restarted=restarted, up_since=up_since)
