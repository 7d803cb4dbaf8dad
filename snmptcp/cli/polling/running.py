"""The run of a fleet until it is stopped: the view, the log, and reloads.

Contains: the tasks beside the fleet.  Does not contain: what is shown (:mod:`snmptcp.cli.polling.board`), and polling
(:mod:`snmptcp.fleet`).
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.cli.output.report import report
from snmptcp.cli.output.samples import poll_failure
from snmptcp.cli.polling.board import Speed, board_of, counted, duration, lost_samples, one_line
from snmptcp.cli.polling.collector import collected_seldom
from snmptcp.cli.polling.live import LiveView
from snmptcp.cli.polling.recent import Recent
from snmptcp.cli.polling.source import changes_text
from snmptcp.errors import ConfigurationError
from snmptcp.net.limited_log import LimitedLog

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator

    from snmptcp.cli.polling.board import Board
    from snmptcp.cli.polling.source import FileSource
    from snmptcp.fleet import Fleet
    from snmptcp.fleet.delivery.streams import PollStream

__all__ = ("Run", "run_until", "tell_mistakes")

#: How often the view changes, and how often a line is logged without one, in seconds.
_VIEW_INTERVAL = 1.0
_LOG_INTERVAL = 60.0

logger = logging.getLogger("snmptcp.poll")


@dataclass(slots=True)
class Run:
    """What a run of a fleet is given.

    Attributes:
        fleet: the fleet; it is not started.
        title: what is polled, for the view.
        source: where targets come from; ``None`` if they cannot be read again.
        live: whether to show a view.
        first: the first line that is told.
    """

    fleet: Fleet
    title: str
    first: str
    source: FileSource | None = None
    live: bool = True


async def run_until(run: Run, stop: asyncio.Event, reload: asyncio.Event | None = None) -> Board | None:
    """Run a fleet until an event.

    Args:
        run: the fleet.
        stop: ends it.
        reload: lets the targets be read again; optional.

    Returns:
        How the fleet was at the end; ``None`` if it was stopped before it had started.

    Raises:
        ConfigurationError: a target or a job is impossible.
        Exception: whatever a sink raises that cannot be opened.
    """
    polls = run.fleet.polls()
    async with contextlib.AsyncExitStack() as stack:
        stack.enter_context(collected_seldom())
        if not await _finished(stack.enter_async_context(run.fleet), stop):
            return None
        report(run.first)
        recent = Recent()
        await _beside(run, polls, recent, stop, reload)
        health, average = run.fleet.health(), Speed()
        average.take(health)
        board = board_of(run.title, health, average, recent)
        gc.disable()  # to end thousands of connections takes three times as long with the collector
        run.fleet.stop()
    report(_summary(run.fleet))
    return board


async def _finished(work: Awaitable[object], stop: asyncio.Event) -> bool:
    """Wait for the start of a fleet; return whether it was not stopped before."""
    starting, stopping = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((starting, stopping), return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopping.cancel()
        if not starting.done():
            starting.cancel()
            await asyncio.wait((starting,))
    if starting.cancelled():
        return False
    starting.result()
    return True


async def _beside(
    run: Run, polls: PollStream, recent: Recent, stop: asyncio.Event, reload: asyncio.Event | None
) -> None:
    """Show what the fleet does until an event."""
    speed = Speed()
    with contextlib.ExitStack() as stack:
        view = stack.enter_context(LiveView(run.title)) if run.live and LiveView.is_possible() else None
        failures = None if view is not None else stack.enter_context(_failure_log())
        tasks = [asyncio.create_task(_follow(polls, recent, failures))]
        if reload is not None and run.source is not None:
            tasks.append(asyncio.create_task(_reload_again(run.fleet, run.source, recent, reload)))
        tasks.append(asyncio.create_task(_show(run.fleet, view, recent, speed)))
        stopping = asyncio.create_task(stop.wait())
        try:
            await asyncio.wait((*tasks, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (*tasks, stopping):
                task.cancel()
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, Exception):
                raise outcome
        if view is not None:
            _draw(run.fleet, view, recent, speed)


# ------------------------------------------------------------------------------------------ the tasks


async def _follow(polls: PollStream, recent: Recent, failures: LimitedLog | None) -> None:
    """Remember polls, and tell those that fail, unless a view shows them."""
    async for poll in polls:
        over = recent.take(poll)
        if failures is None:
            continue
        if poll.error is not None:
            failures.tell(poll_failure(poll), reason=type(poll.error).__name__, host=poll.target.name)
        elif over is not None:
            text = f"{over.target}, job {over.job}: works again after {duration(poll.ended_at - over.since)}"
            failures.tell(text, reason="works again", host=over.target)


@contextlib.contextmanager
def _failure_log() -> Iterator[LimitedLog]:
    """Yield what tells polls that fail: not each one of an agent that is away for long."""
    log = LimitedLog(logger, "changes of targets")
    try:
        yield log
    finally:
        log.close()


async def _show(fleet: Fleet, view: LiveView | None, recent: Recent, speed: Speed) -> None:
    """Show the state of the fleet again and again."""
    while True:
        await asyncio.sleep(_LOG_INTERVAL if view is None else _VIEW_INTERVAL)
        if view is not None:
            _draw(fleet, view, recent, speed)
            continue
        health = fleet.health()
        speed.take(health)
        report(one_line(health, speed))


def _draw(fleet: Fleet, view: LiveView, recent: Recent, speed: Speed) -> None:
    health = fleet.health()
    speed.take(health)
    view.show(health, speed, recent)


async def _reload_again(fleet: Fleet, source: FileSource, recent: Recent, reload: asyncio.Event) -> None:
    """Read the file of targets again at each event, and tell what has changed."""
    while True:
        await reload.wait()
        reload.clear()
        try:
            changes = await fleet.reload()
        except ConfigurationError as error:
            tell_mistakes(error)
            report(f"{source.file.path} was not read again: the present {counted(len(fleet), 'target')} stay")
            continue
        recent.keep(fleet.targets)
        report(f"{source.file.path} was read again: {changes_text(changes)}")
        for table in source.needs_restart:
            report(f"[{table}] has changed, too; that takes effect at the next start")


def tell_mistakes(error: ConfigurationError) -> None:
    """Tell each mistake of a file in a line on stderr."""
    for line in str(error).splitlines():
        report(line)


def _summary(fleet: Fleet) -> str:
    health = fleet.health()
    text = f"{counted(health.polls, 'poll')}, {health.failed:,} failed, {counted(health.samples, 'sample')}"
    lost = lost_samples(health)
    return f"{text}; {lost}" if lost else text
