"""Event loops in threads of their own, and what agents and listeners that run there have in common.

Contains: the thread and its loop, calls from other threads into it, and waiting with a time limit.
Does not contain: what runs there (:mod:`~snmptcp.testing.threaded_agent`, :mod:`~snmptcp.testing.threaded_listener`).
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from concurrent.futures import CancelledError, Future
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from snmptcp.errors import ClosedError, ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import TracebackType
    from typing import Self

    from snmptcp.testing.conversation import Conversation

__all__ = ("DEFAULT_WAIT", "LoopThread", "ThreadedPeer", "check_wait", "counted", "within")

#: How long a thread that does not run its loop, or does not end, is waited for, in seconds.
CLOSE_LIMIT = 10.0

#: How long methods wait for what a test expects, in seconds.
DEFAULT_WAIT = 10.0

T = TypeVar("T")
P = ParamSpec("P")


class LoopThread:
    """An event loop in a daemon thread.

    The loop is a selector loop whatever the policy of the process says, so that tests of another loop, or with a loop
    whose clock they move, have an agent that does not depend on it.

    Args:
        name: the thread's name.
        loop_factory: makes the loop.
    """

    def __init__(
        self, name: str = "snmptcp", loop_factory: Callable[[], asyncio.AbstractEventLoop] = asyncio.SelectorEventLoop
    ) -> None:
        self._name = name
        self._loop_factory = loop_factory
        self._ready: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._lock = threading.Lock()
        self._closed = False
        self._thread = threading.Thread(target=self._serve, name=name, daemon=True)
        self._thread.start()
        self._loop, self._stop = self._ready.result()

    def _serve(self) -> None:
        try:
            with asyncio.Runner(loop_factory=self._loop_factory) as runner:
                runner.run(self._until_stopped())
        except BaseException as error:
            if self._ready.done():
                raise
            self._ready.set_exception(error)  # as when the process may not open more files

    async def _until_stopped(self) -> None:
        stop = asyncio.Event()
        self._ready.set_result((asyncio.get_running_loop(), stop))
        await stop.wait()

    def rename(self, name: str) -> None:
        """Change the name of the thread, as soon as the port is known that is part of it."""
        self._name = self._thread.name = name

    @property
    def is_closed(self) -> bool:
        """Whether :meth:`close` was called."""
        return self._closed

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function on the loop's thread, and return its result; on that thread, call it at once.

        Args:
            function: the function; it must not block.
            *args: its arguments.
            **kwargs: its arguments.

        Raises:
            ClosedError: the thread has ended.
        """
        if threading.current_thread() is self._thread:
            return function(*args, **kwargs)
        future: Future[T] = Future()

        def act() -> None:
            try:
                result = function(*args, **kwargs)
            except BaseException as error:
                future.set_exception(error)
            else:
                future.set_result(result)

        with self._lock:
            self._check()
            self._loop.call_soon_threadsafe(act)
        return future.result()

    def run(self, coroutine: Coroutine[Any, Any, T], limit: float | None = None) -> T:
        """Run a coroutine on the loop, wait for it, and return its result.

        If the wait is interrupted, the coroutine is cancelled.

        Args:
            coroutine: what to run; it has its own time limit if it needs one.
            limit: the most seconds to wait for a thread that does not run its loop; ``None`` for any time.

        Raises:
            ClosedError: the thread has ended.
            TimeoutError: the limit is over: something blocks the thread.
        """
        __tracebackhide__ = True  # pytest: the line of the test is what its reader wants to see
        future = self.begin(coroutine)
        try:
            return future.result(limit)
        except CancelledError:
            raise ClosedError(f"{self._name} was closed") from None
        except TimeoutError:
            if future.done():
                raise
            future.cancel()
            raise TimeoutError(f"a function that {self._name} has called blocks its thread") from None
        except BaseException:
            future.cancel()
            raise

    async def arun(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine on the loop, and await it on another one.

        Raises:
            ClosedError: the thread has ended.
            ConfigurationError: no asyncio loop is running here.

        If cancelled, the coroutine is cancelled.
        """
        __tracebackhide__ = True
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            coroutine.close()
            raise ConfigurationError(
                "no asyncio event loop is running here (trio runs none): call the blocking method in a helper thread"
            ) from None
        waiting = asyncio.wrap_future(self.begin(coroutine))
        try:
            return await waiting
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise ClosedError(f"{self._name} was closed") from None

    def begin(self, coroutine: Coroutine[Any, Any, T]) -> Future[T]:
        """Start a coroutine on the loop, and return its future.

        Raises:
            ClosedError: the thread has ended.
        """
        with contextlib.ExitStack() as unless_begun:
            unless_begun.callback(coroutine.close)  # or Python would warn that it was never awaited
            with self._lock:
                self._check()
                if threading.current_thread() is self._thread:
                    raise RuntimeError("a function that the agent calls cannot wait for the agent")
                future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
            unless_begun.pop_all()
        return future

    def _check(self) -> None:
        if self._closed:
            raise ClosedError(f"{self._name} is closed")

    def close(self) -> None:
        """Cancel what runs on the loop, and wait for the end of the thread.  Safe to call twice.

        Raises:
            TimeoutError: the thread has not ended in 10 s: something blocks it.
        """
        with self._lock:
            if not self._closed:
                self._closed = True
                self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(CLOSE_LIMIT)
        if self._thread.is_alive():
            raise TimeoutError(
                f"the thread of {self._name} did not end in {CLOSE_LIMIT:g} s: a function that it has called blocks it"
            )


class ThreadedPeer:
    """Something that listens on a loop in a thread of its own.

    Args:
        conversation: what is said to it.

    Attributes:
        conversation: what is said to it.
    """

    def __init__(self, conversation: Conversation) -> None:
        self.conversation = conversation
        self._thread: LoopThread | None = None

    def _name(self) -> str:
        raise NotImplementedError

    def _opening(self) -> Coroutine[Any, Any, object]:
        raise NotImplementedError

    def _closing(self) -> Coroutine[Any, Any, object]:
        raise NotImplementedError

    def start(self) -> Self:
        """Start the thread, listen, and return the object.

        Raises:
            TransportError: the address cannot be listened on.
            ClosedError: it was started already.
        """
        if self._thread is not None:
            raise ClosedError(f"{self._name()} was started already")
        self._thread = LoopThread(self._name())
        try:
            self._thread.run(self._opening())
            self._thread.rename(self._name())
        except BaseException:
            self.close()
            raise
        return self

    def close(self) -> None:
        """Close all connections, and end the thread.  Safe to call twice.

        Raises:
            TimeoutError: the thread does not end: a function that it has called blocks it.
        """
        thread, self._thread = self._thread, None
        if thread is None:
            return
        try:
            thread.run(self._closing(), CLOSE_LIMIT)
        finally:
            thread.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def _running(self) -> LoopThread:
        if self._thread is None:
            raise ClosedError(f"{self._name()} is closed")
        return self._thread

    def call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Call a function on the thread, and return what it returns; if there is no thread, call it here.

        Args:
            function: the function; it must not block.
            *args: its arguments.
            **kwargs: its arguments.
        """
        thread = self._thread
        return function(*args, **kwargs) if thread is None else thread.call(function, *args, **kwargs)


async def within(coroutine: Coroutine[Any, Any, T], seconds: float, problem: Callable[[], str]) -> T:
    """Await a coroutine with a time limit.

    Args:
        coroutine: what to await.
        seconds: the limit.
        problem: returns what has not happened, for the error.

    Raises:
        TimeoutError: the limit is over.

    Safe to cancel.
    """
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            return await coroutine
    except TimeoutError:
        if not limit.expired():
            raise
        raise TimeoutError(f"{problem()} in {seconds:g} s") from None


def check_wait(count: int, timeout: float) -> None:
    """Check the arguments of a method that waits for a number of things.

    Raises:
        ConfigurationError: one is out of its range.
    """
    if count < 1:
        raise ConfigurationError(f"count must be at least 1, not {count}")
    if not timeout > 0:
        raise ConfigurationError(f"timeout must be more than 0 seconds, not {timeout}")


def counted(number: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
