"""What a distributed fleet's client and its workers tell each other.

Contains: plain data.  The client sends orders, pickled, to one worker each; a worker's reports are dicts of numbers and
text, so that every client of the cluster can read them (:mod:`snmptcp.fleet.dask.health`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from snmptcp.fleet.jobs import Job
    from snmptcp.fleet.sinks.sink import Sink
    from snmptcp.mib.mib import Mib

__all__ = (
    "ENDED",
    "ENDING",
    "OPERATION",
    "POLLING",
    "STARTING",
    "WAITING",
    "Grant",
    "Order",
    "Place",
    "Settings",
    "tick_of",
)

#: The name of the workers' remote procedure that takes orders.
OPERATION = "snmptcp_fleet_order"

#: The states of a run of a shard: it has no targets yet; its fleet starts; it polls; its sinks write what waits; it has
#: ended.
WAITING = "waiting"
STARTING = "starting"
POLLING = "polling"
ENDING = "ending"
ENDED = "ended"


class Place(NamedTuple):
    """Where a shard is polled; the function that makes the sinks is given it.

    Attributes:
        fleet: the name of the fleet.
        shard: the number of the shard, from 0 on.
        shards: how many shards the fleet has.
        worker: the name of the dask worker.
    """

    fleet: str
    shard: int
    shards: int
    worker: str


@dataclass(frozen=True)
class Settings:
    """What all shards of a fleet have in common.

    Attributes:
        fleet: the name of the fleet.
        coordinator: tells this run of the client from all others.
        topic: where the workers report.
        shards: how many shards there are.
        lease: how long a worker polls without hearing from the client, in seconds.
        jobs: the jobs of targets that have none of their own.
        sinks: makes the sinks of a shard.
        mib: makes the names of a worker; ``None`` for numbers.
        options: further arguments of each shard's :class:`snmptcp.fleet.Fleet`.
    """

    fleet: str
    coordinator: str
    topic: str
    shards: int
    lease: float
    jobs: tuple[Job, ...]
    sinks: Callable[[Place], Iterable[Sink]]
    mib: Callable[[], Mib] | None
    options: Mapping[str, Any] = field(default_factory=dict)


class Grant(NamedTuple):
    """The right to poll a shard, with its targets; or, to a run that polls, other targets.

    Attributes:
        run: the run of the shard.
        revision: the number of the targets' version.
        targets: the targets, pickled.
        since: until when they were polled elsewhere, in seconds since 1970; ``None`` if they were not.
    """

    run: str
    revision: int
    targets: bytes
    since: float | None


class Order(NamedTuple):
    """What the client tells a worker.

    Attributes:
        coordinator: who tells it.
        heard: the ``sent_at`` of the worker's last report that the client has read; the lease is counted from then.
        grants: runs that may poll, and their targets.
        ends: runs that are to end.
    """

    coordinator: str
    heard: float
    grants: tuple[Grant, ...] = ()
    ends: tuple[str, ...] = ()


def tick_of(lease: float) -> float:
    """Return how often a worker reports, which renews its lease: three reports may be lost before it runs out."""
    return lease / 4
