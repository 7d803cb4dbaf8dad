"""Gives polls to a sink: in batches, again after a failure, and with a time limit at the end.

Contains: one task for each sink.  Does not contain: the queue (:mod:`snmptcp.fleet.delivery.outlet`), and writing
(:mod:`snmptcp.fleet.sinks`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.fleet.back_off import BackOff
from snmptcp.fleet.delivery.outlet import Outlet, size_of
from snmptcp.net.callbacks import is_being_cancelled

if TYPE_CHECKING:
    from snmptcp.fleet.sample import Poll
    from snmptcp.fleet.sinks.sink import Sink

__all__ = ("Delivery", "SinkHealth")

logger = logging.getLogger("snmptcp.fleet")

#: How many samples a sink is given at once.
BATCH = 10_000

#: How long polls are gathered before a sink is given a batch, in seconds.
GATHERING = 0.1

#: The pauses of a sink after failures.
RETRYING = BackOff(first=1.0, most=30.0)


@dataclass(frozen=True, slots=True)
class SinkHealth:
    """How a sink is.

    Attributes:
        name: the sink's name.
        waiting: how many samples wait to be written.
        written: how many samples were written.
        dropped: how many samples were dropped, because too many waited, or at the end of the fleet.
        failures: how many times it has failed.
        error: why it failed the last time; ``None`` since it has written again.
    """

    name: str
    waiting: int
    written: int
    dropped: int
    failures: int
    error: str | None


class Delivery:
    """The way of polls to one sink.

    Args:
        sink: the sink, which is open.
        most: how many samples may wait for it.
    """

    def __init__(self, sink: Sink, most: int) -> None:
        self._sink = sink
        self.outlet = Outlet(most)
        self._closing = asyncio.Event()
        self._batch: list[Poll] = []  # being written
        self._written = 0
        self._failures = 0
        self._failed_last = 0  # times, one after the other
        self._error: str | None = None

    @property
    def health(self) -> SinkHealth:
        """How the sink is now."""
        return SinkHealth(
            name=self._sink.name,
            waiting=self.outlet.waiting + sum(map(size_of, self._batch)),
            written=self._written,
            dropped=self.outlet.dropped,
            failures=self._failures,
            error=self._error,
        )

    async def run(self) -> None:
        """Give polls to the sink until the outlet is closed and empty, or the sink fails after it was closed.

        Safe to cancel: what was not written counts as dropped.
        """
        try:
            while await self._gather():
                written = await self._write()
                if not written and self.outlet.closed:
                    break
        finally:
            self._give_up()

    def close(self) -> None:
        """Let :meth:`run` write what waits, and end."""
        self.outlet.close()
        self._closing.set()

    async def _gather(self) -> bool:
        """Wait for polls and take a batch; return whether there is one."""
        while not self._batch:
            await self.outlet.wait()
            await self._sleep(GATHERING)
            self._batch = self.outlet.take(BATCH)
            if self.outlet.closed:
                break
        return bool(self._batch)

    async def _write(self) -> bool:
        """Write the batch.  If the sink fails, put the batch back and make a pause."""
        try:
            await self._sink.write(self._batch)
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError) and is_being_cancelled():
                raise
            self.outlet.put_back(self._batch)
            self._batch = []
            await self._pause(error)
            return False
        self._written += sum(len(poll.samples) for poll in self._batch)
        self._batch = []
        if self._failed_last:
            logger.warning("sink %s writes again after %d failures", self._sink.name, self._failed_last)
        self._failed_last, self._error = 0, None
        return True

    async def _pause(self, error: BaseException) -> None:
        self._failures += 1
        self._failed_last += 1
        self._error = f"{type(error).__name__}: {error}"
        pause = RETRYING.pause(self._failed_last, random.random())  # noqa: S311 - no secret
        if self._failed_last == 1:
            logger.warning("sink %s failed, it is tried again: %s", self._sink.name, self._error)
        logger.debug("sink %s is tried again in %.1f s", self._sink.name, pause, exc_info=error)
        await self._sleep(pause)

    async def _sleep(self, seconds: float) -> None:
        """Wait, but no longer than until the delivery is closed."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()

    def _give_up(self) -> None:
        """Count what was not written as dropped."""
        self.outlet.put_back(self._batch)
        self._batch = []
        self.outlet.dropped += self.outlet.waiting
        self.outlet.take(self.outlet.waiting)
