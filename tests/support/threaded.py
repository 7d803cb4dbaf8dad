"""Embedded agents for blocking code, with the variables that most tests ask for."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from snmptcp.testing import ThreadedAgent as PublicThreadedAgent
from snmptcp.testing.threads import LoopThread
from tests.support.mibs import small_agent_mib

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

__all__ = ("LoopThread", "ThreadedAgent")


class ThreadedAgent(PublicThreadedAgent):
    """An agent in a thread, which listens at once."""

    def __init__(self, mib: Any = None, **options: Any) -> None:
        super().__init__(small_agent_mib() if mib is None else mib, **options)
        self.start()

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds in the agent's thread."""

        async def polled() -> None:
            async with asyncio.timeout(20):
                while not condition():
                    await asyncio.sleep(0.005)

        self._running.run(polled())

    @property
    def thread(self) -> LoopThread:
        return self._running

    def __enter__(self) -> Self:
        return self
