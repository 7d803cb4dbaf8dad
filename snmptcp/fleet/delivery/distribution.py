"""Gives each poll of a fleet to its sinks and to the loops over it.

Contains: which of them there are, their start and their end.
"""

from __future__ import annotations

import asyncio
import logging
import weakref
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, TypeVar

from snmptcp.fleet.delivery.streams import PollStream, SampleStream
from snmptcp.fleet.delivery.writing import Delivery
from snmptcp.net.callbacks import is_being_cancelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snmptcp.fleet.delivery.writing import SinkHealth
    from snmptcp.fleet.sample import Poll
    from snmptcp.fleet.sinks.sink import Sink

__all__ = ("Distribution",)

S = TypeVar("S", PollStream, SampleStream)

logger = logging.getLogger("snmptcp.fleet")


class Distribution:
    """The sinks of a fleet, and the loops over it.

    Args:
        sinks: the sinks.
        most: how many samples may wait for each of them, and for each loop.
        grace: how long the last writes may take at the end, in seconds.
    """

    def __init__(self, sinks: Sequence[Sink], most: int, grace: float) -> None:
        self._sinks = tuple(sinks)
        self._most = most
        self._grace = grace
        self._deliveries: tuple[Delivery, ...] = ()
        self._tasks: list[asyncio.Task[None]] = []
        self._streams: weakref.WeakSet[PollStream | SampleStream] = weakref.WeakSet()
        self._stopped = False

    @property
    def sinks(self) -> tuple[SinkHealth, ...]:
        """How each sink is."""
        return tuple(delivery.health for delivery in self._deliveries)

    @property
    def unread(self) -> int:
        """How many samples the loops that go on have not taken in time."""
        return sum(stream.outlet.dropped for stream in self._streams)

    async def open(self) -> None:
        """Open the sinks.

        Raises:
            Exception: whatever a sink raises that cannot be opened; those before it are closed then.
        """
        async with AsyncExitStack() as opened:
            for sink in self._sinks:
                try:
                    await sink.open()
                except asyncio.CancelledError:  # what it has opened by then, or opens yet in a thread, it closes
                    await self._close(sink, self._grace / 2)
                    raise
                opened.push_async_callback(self._close, sink, self._grace / 2)
            opened.pop_all()
        self._deliveries = tuple(Delivery(sink, self._most) for sink in self._sinks)
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(delivery.run(), name=f"snmptcp writer of sink {sink.name}")
            for sink, delivery in zip(self._sinks, self._deliveries, strict=True)
        ]

    def deliver(self, poll: Poll) -> None:
        """Give a poll to all sinks and loops."""
        for delivery in self._deliveries:
            delivery.outlet.put(poll)
        for stream in self._streams:
            stream.outlet.put(poll)

    def polls(self) -> PollStream:
        """Return a new loop over polls; it has ended if the fleet has."""
        return self._joined(PollStream(self._most))

    def samples(self) -> SampleStream:
        """Return a new loop over samples; it has ended if the fleet has."""
        return self._joined(SampleStream(self._most))

    def _joined(self, stream: S) -> S:
        if self._stopped:
            stream.outlet.close()
        self._streams.add(stream)
        return stream

    def stop(self) -> None:
        """End the loops, once they have taken what waits."""
        self._stopped = True
        for stream in self._streams:
            stream.outlet.close()

    async def aclose(self) -> None:
        """Let the sinks write what waits, as long as there is time, and close them.

        Safe to cancel: what was not written is dropped then, and the sinks are closed.
        """
        until = asyncio.get_running_loop().time() + self._grace
        try:
            await self._end_writing()
        finally:
            # A sink that has used all its time still closes what it holds.
            await self._close_all(max(self._grace / 2, until - asyncio.get_running_loop().time()))

    async def _close_all(self, seconds: float) -> None:
        closing = asyncio.gather(*(self._close(sink, seconds) for sink in self._sinks))
        try:
            await asyncio.shield(closing)
        except asyncio.CancelledError:
            await closing
            raise

    async def _end_writing(self) -> None:
        """Let the sinks write what waits, and end those that have not done so in time."""
        for delivery in self._deliveries:
            delivery.close()
        try:
            if self._tasks:
                await asyncio.wait(self._tasks, timeout=self._grace)
        finally:
            for task in self._tasks:
                task.cancel()
            ended, hanging = await asyncio.wait(self._tasks, timeout=self._grace / 2) if self._tasks else ((), ())
        for task in hanging:
            logger.warning("%s does not end although it was cancelled", task.get_name())
        for task in ended:
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error

    async def _close(self, sink: Sink, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds) as limit:
                await sink.aclose()
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError) and is_being_cancelled():
                raise
            reason = f"it took longer than {seconds:.3g} s" if limit.expired() else f"{type(error).__name__}: {error}"
            logger.warning("sink %s could not be closed: %s", sink.name, reason)
