"""How a distributed fleet is: each worker as it has told it, and all of them together.

Contains: snapshots for programs, and healths as dicts of numbers and text, which is what dask's topics carry.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from snmptcp.fleet.delivery.writing import SinkHealth
from snmptcp.fleet.tally import Health, Lateness

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ("ClusterHealth", "WorkerHealth", "health_from_dict", "health_to_dict", "merged")

_SUMS = (
    "targets",
    "failing",
    "running",
    "connections",
    "polls",
    "failed",
    "skipped",
    "backed_off",
    "samples",
    "unread",
    "made_up",
)


@dataclass(frozen=True, slots=True)
class WorkerHealth:
    """How a worker is.

    Attributes:
        name: the worker's name.
        address: its address.
        heard_at: when its last report came, in seconds since 1970; ``None`` before the first.
        shards: the shards that it polls.
        health: how its shards are together; ``None`` before the first report.  Counters are of the runs that are there
            now.  Of ``lag`` and ``lateness``, the greatest of all shards is told.
    """

    name: str
    address: str
    heard_at: float | None
    shards: tuple[int, ...]
    health: Health | None


@dataclass(frozen=True, slots=True)
class ClusterHealth:
    """How a distributed fleet is.

    Attributes:
        started_at: when it was started, in seconds since 1970.
        at: when this was told.
        targets: how many targets it has.
        shards: how many shards have targets.
        polling: how many of them are being polled.
        workers: how each worker is, in the order of their names.
        polls: how many polls have ended, with those of workers that are gone, as far as they have told.
        failed: how many of them have failed.
        skipped: how many runs were left out because the target's last poll took too long.
        backed_off: how many runs were left out because the target had failed.
        samples: how many samples were read.
        made_up: how many polls made up for points that had passed when a shard was taken over.  After a worker is lost,
            each may be a double: the lost worker may have polled it after its last report.
        moves: how many times a shard went from one worker to another while both were there, or its worker closed.
        losses: how many times a shard's worker was lost, or its run failed.
        errors: by the shard, why its last run failed, until it polls again, or why its worker could not take other
            targets.
    """

    started_at: float
    at: float
    targets: int
    shards: int
    polling: int
    workers: tuple[WorkerHealth, ...]
    polls: int
    failed: int
    skipped: int
    backed_off: int
    samples: int
    made_up: int
    moves: int
    losses: int
    errors: Mapping[int, str]


def merged(healths: Iterable[Health]) -> Health:
    """Return several fleets' healths as one: sums, and of times the worst."""
    each = tuple(healths)
    errors: Counter[str] = Counter()
    for health in each:
        errors.update(health.errors)
    return Health(
        started_at=min((health.started_at for health in each), default=0.0),
        at=max((health.at for health in each), default=0.0),
        lag=max((health.lag for health in each), default=0.0),
        lateness=Lateness(
            max((health.lateness.p50 for health in each), default=0.0),
            max((health.lateness.p99 for health in each), default=0.0),
            max((health.lateness.most for health in each), default=0.0),
        ),
        errors=dict(errors),
        sinks=_merged_sinks(sink for health in each for sink in health.sinks),
        source_error=next((health.source_error for health in each if health.source_error is not None), None),
        **{name: sum(getattr(health, name) for health in each) for name in _SUMS},
    )


def _merged_sinks(sinks: Iterable[SinkHealth]) -> tuple[SinkHealth, ...]:
    """Return sinks of one name as one."""
    named: dict[str, SinkHealth] = {}
    for sink in sinks:
        other = named.get(sink.name)
        named[sink.name] = (
            sink
            if other is None
            else SinkHealth(
                name=sink.name,
                waiting=other.waiting + sink.waiting,
                written=other.written + sink.written,
                dropped=other.dropped + sink.dropped,
                failures=other.failures + sink.failures,
                error=sink.error if other.error is None else other.error,
            )
        )
    return tuple(named.values())


def health_to_dict(health: Health) -> dict[str, Any]:
    """Return a health as numbers, text, lists and dicts."""
    return {**asdict(health), "sinks": [asdict(sink) for sink in health.sinks]}


def health_from_dict(told: Mapping[str, Any]) -> Health:
    """Return the health that :func:`health_to_dict` was given."""
    return Health(
        **{
            **told,
            "lateness": Lateness(**told["lateness"]),
            "sinks": tuple(SinkHealth(**sink) for sink in told["sinks"]),
            "errors": dict(told["errors"]),
        }
    )
