"""Sinks that also work between batches: they finish files whose time is over, or write what has changed.

Contains: the task that runs this work in the sink's thread.  Does not contain: the work.
"""

from __future__ import annotations

import abc
import asyncio
import logging

from snmptcp.fleet.sinks.sink import BlockingSink

__all__ = ("PeriodicSink",)

logger = logging.getLogger("snmptcp.fleet")


class PeriodicSink(BlockingSink):
    """A blocking sink whose :meth:`tick_now` runs again and again, between batches and in the same thread.

    Attributes:
        period: seconds from the end of one run to the start of the next.
    """

    period: float = 1.0

    def __init__(self) -> None:
        super().__init__()
        self._ticking: asyncio.Task[None] | None = None
        self._complaint = ""

    @abc.abstractmethod
    def tick_now(self) -> None:
        """Do what is due now, in the thread.

        Raises:
            Exception: it could not be done.  It is logged, once as long as the text is the same, and tried again.
        """

    async def open(self) -> None:
        """Open the sink, and begin to run its periodic work."""
        await super().open()
        self._ticking = asyncio.create_task(self._tick(), name=f"snmptcp-{self.name}")

    async def aclose(self) -> None:
        """End the periodic work, and close the sink."""
        ticking, self._ticking = self._ticking, None
        try:
            if ticking is not None:
                ticking.cancel()
                await asyncio.wait([ticking])
        finally:
            await super().aclose()

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(self.period)
            try:
                await self._run(self.tick_now)
            except Exception as error:
                complaint = f"{type(error).__name__}: {error}"
                if complaint != self._complaint:
                    logger.warning("sink %s failed, it is tried again: %s", self.name, complaint)
                self._complaint = complaint
            else:
                self._complaint = ""
