"""Embedded agents for blocking code: each on an event loop in its own thread."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, TypeVar

from snmptcp.testing import Agent
from tests.support.mibs import small_agent_mib

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import TracebackType
    from typing import Self

T = TypeVar("T")


class LoopThread:
    """An event loop in a thread, for the peers of the code under test."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self.loop = self._runner.get_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop, and return its result."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(timeout=30)

    def call(self, function: Callable[..., T], *args: Any) -> T:
        """Call a function on the loop, and return its result."""

        async def called() -> T:
            return function(*args)

        return self.run(called())

    def close(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(timeout=30)
        self._runner.close()


class ThreadedAgent:
    """An agent in a thread."""

    def __init__(self, mib: Any = None, **options: Any) -> None:
        self.thread = LoopThread()
        self.agent = self.thread.call(lambda: Agent(small_agent_mib() if mib is None else mib, **options))
        self.thread.run(self.agent.start())

    @property
    def host(self) -> str:
        return self.agent.host

    @property
    def port(self) -> int:
        return self.agent.port

    @property
    def requests(self) -> list[Any]:
        """The requests so far."""
        return self.call(lambda: list(self.agent.requests))

    def call(self, function: Callable[..., T], *args: Any) -> T:
        return self.thread.call(function, *args)

    def inject(self, *args: Any, **options: Any) -> None:
        self.call(lambda: self.agent.inject(*args, **options))

    def wait_until(self, condition: Callable[[], bool]) -> None:
        """Wait until a condition holds in the agent's thread."""

        async def polled() -> None:
            async with asyncio.timeout(20):
                while not condition():
                    await asyncio.sleep(0.005)

        self.thread.run(polled())

    def close(self) -> None:
        self.thread.run(self.agent.aclose())
        self.thread.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
