"""One poll of each job of a fleet, printed.

Contains: the fleet that polls once, and what is printed.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

from snmptcp.cli.output.report import report
from snmptcp.cli.output.samples import poll_failure
from snmptcp.cli.polling.board import lost_samples
from snmptcp.fleet import BackOff, Fleet, Get, Table, Target, Walk

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from snmptcp.fleet import Job, Poll, Sample
    from snmptcp.fleet.files import FleetFile
    from snmptcp.fleet.sinks import Sink
    from snmptcp.mib import Mib

__all__ = ("poll_once",)

#: No job runs twice; it is also the time that a walk may take, in seconds.
_LONG = 3600.0

#: What waits for being printed is everything that is read.
_MOST_WAITING = 1 << 31


async def poll_once(
    file: FleetFile,
    sinks: Sequence[Sink],
    mib: Mib | None,
    stop: asyncio.Event,
    show: Callable[[Sample], str] | None,
) -> bool | None:
    """Poll each job once, and print what was read.

    Args:
        file: what is polled.
        sinks: what the samples are written to, besides being printed.
        mib: the MIB modules that names come from; ``None`` for none.
        stop: ends it early.
        show: makes the line of a sample that is printed; ``None`` to print none.

    Returns:
        Whether all polls succeeded and all samples were written; ``None`` if it ended early.

    Raises:
        ConfigurationError: a target or a job is impossible.
        Exception: whatever a sink raises that cannot be opened.
    """
    targets = [_once(target) for target in file.targets]
    left = {(target.name, job.name) for target in targets for job in target.jobs}
    if not left:
        return True
    settings = {**file.settings, "first_within": 0.0, "back_off": BackOff(first=0.0), "max_waiting": _MOST_WAITING}
    fleet = Fleet(targets, sinks=sinks, mib=mib, **settings)
    polls = fleet.polls()
    succeeded = True
    async with fleet:
        ending = asyncio.create_task(_stop_at(stop, fleet))
        try:
            async for poll in polls:
                if (poll.target.name, poll.job) in left:
                    left.discard((poll.target.name, poll.job))
                    succeeded = _print(poll, show) and succeeded
                if not left:
                    break
        finally:
            ending.cancel()
    sys.stdout.flush()
    if lost := lost_samples(fleet.health()):
        report(lost)
        succeeded = False
    return None if left else succeeded


async def _stop_at(stop: asyncio.Event, fleet: Fleet) -> None:
    await stop.wait()
    fleet.stop()


def _print(poll: Poll, show: Callable[[Sample], str] | None) -> bool:
    """Print a poll; return whether it has succeeded."""
    if show is not None:
        for sample in poll.samples:
            print(show(sample))
    for oid in poll.missing:
        report(f"{poll.target.name}, job {poll.job}: the agent has no {oid}")
    if poll.error is not None:
        report(poll_failure(poll))
    return poll.error is None


def _once(target: Target) -> Target:
    """Return a target whose jobs run so rarely that none of them runs twice."""
    return Target(
        target.host,
        target.port,
        credentials=target.credentials,
        jobs=[_rarely(job) for job in target.jobs],
        name=target.name,
        labels=target.labels,
        **target.options,
    )


def _rarely(job: Job) -> Job:
    common: dict[str, Any] = {"interval": _LONG, "name": job.name, "timeout": job.timeout, "rates": False}
    if isinstance(job, Get):
        return Get(*job.names, **common)
    many: dict[str, Any] = {"max_repetitions": job.max_repetitions, "limit": job.limit}
    return (
        Walk(job.root, **many, **common) if isinstance(job, Walk) else Table(job.root, *job.columns, **many, **common)
    )
