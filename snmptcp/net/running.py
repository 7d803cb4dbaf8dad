"""Running an event loop that stands still between two calls: until a coroutine has ended, or until it is stopped.

Contains: the ways to run it, and Ctrl-C.  Does not contain: whose loop it is, and on which thread it runs
(:mod:`snmptcp.sync`).

Ctrl-C ends a run as in :class:`asyncio.Runner`.  An exception in the middle of the loop's own code could lose a
callback, so the handler of SIGINT raises none.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # what signal wraps in Python; its functions cost a tenth of those
import asyncio
import contextlib
import contextvars
import signal
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, TypeVar

from snmptcp.net import process
from snmptcp.net.small_loop import can_step, stop_when_quiet

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from snmptcp.net.small_loop import SmallLoop

__all__ = ("OpenRun", "Run", "StepRun", "TaskRun", "run_of_request")

T = TypeVar("T")


class Run(ABC):
    """A loop on its way.

    Args:
        loop: the loop, which is not running.
    """

    __slots__ = ("_interrupts", "_loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._interrupts = 0

    @abstractmethod
    def to_its_end(self) -> Any:
        """Run the loop on this thread, and return what the coroutine returns.

        Raises:
            KeyboardInterrupt: it was interrupted.
        """

    @abstractmethod
    def _cancel(self) -> None:
        """End it early; called by the loop."""

    def catch_signals(self) -> bool:
        """Let Ctrl-C interrupt it from now on, if this is the main thread; return whether it does."""
        catches = process.in_main_thread() and _signal.getsignal(signal.SIGINT) is signal.default_int_handler
        if catches:
            _signal.signal(signal.SIGINT, self._on_signal)
        return catches

    def leave_signals(self) -> None:
        """Let Ctrl-C do again what it did before."""
        if _signal.getsignal(signal.SIGINT) == self._on_signal:
            _signal.signal(signal.SIGINT, signal.default_int_handler)

    def interrupt(self) -> None:
        """End it early; from any thread."""
        self._interrupts += 1
        self._loop.call_soon_threadsafe(self._cancel)

    def _on_signal(self, signum: int, frame: object) -> None:  # noqa: ARG002 - a signal handler's arguments
        if self._interrupts:
            raise KeyboardInterrupt  # the second time: at once, whatever is lost
        self.interrupt()


class OpenRun(Run):
    """A run without a coroutine, until something in the loop stops it.

    Args:
        loop: the loop, which is not running.
        once: whether the loop runs for one turn only.
    """

    __slots__ = ("_once",)

    def __init__(self, loop: asyncio.AbstractEventLoop, *, once: bool = False) -> None:
        super().__init__(loop)
        self._once = once

    def to_its_end(self) -> None:
        """Run the loop on this thread."""
        if self._once:
            self._loop.stop()
        self._loop.run_forever()
        if self._interrupts:
            raise KeyboardInterrupt

    def _cancel(self) -> None:
        self._loop.stop()


class TaskRun(Run):
    """A run of any coroutine, in a task of its own.

    Args:
        loop: the loop, which is not running.
        coroutine: what to run.
    """

    __slots__ = ("_coroutine", "_is_under_way", "_task")

    def __init__(self, loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any]) -> None:
        super().__init__(loop)
        self._is_under_way = False
        self._coroutine = coroutine
        self._task: asyncio.Task[Any] | None = loop.create_task(self._stopping(coroutine))

    def to_its_end(self) -> Any:
        """Run the loop on this thread, and return what the coroutine returns."""
        task = self._task
        assert task is not None  # noqa: S101 - it runs once
        self._is_under_way = True
        try:
            self._loop.run_forever()
        except BaseException:
            if task.done() and not task.cancelled():
                task.exception()  # it is what ended the loop, and is not to be logged as forgotten
            if getattr(self._coroutine, "cr_await", None) is not None:
                task.cancel()  # the call is over; the task ends with the next run of the loop
            raise
        finally:
            self._is_under_way = False
        if not task.done():
            raise RuntimeError("the event loop was stopped before the call had ended")
        try:
            return task.result()
        except asyncio.CancelledError:
            if self._interrupts and task.uncancel() == 0:
                raise KeyboardInterrupt from None
            raise
        finally:
            del task
            self._task = None  # it refers to its error, whose traceback refers to this frame

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()

    async def _stopping(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Stop the loop behind a coroutine, two turns earlier than ``run_until_complete`` does."""
        try:
            return await coroutine
        finally:
            if self._is_under_way:  # if it was broken off, the coroutine may end in the run of another one
                stop_when_quiet(self._loop)


class StepRun(Run):
    """A run of a request, step by step and without a task, which costs a third less.

    The coroutine has no current task: it must not use ``asyncio.timeout`` and ``asyncio.TaskGroup``.

    Args:
        loop: the loop, which is not running.
        coroutine: what to run.
    """

    __slots__ = ("_awaited", "_context", "_coroutine", "_small")

    def __init__(self, loop: SmallLoop, coroutine: Coroutine[Any, Any, Any]) -> None:
        super().__init__(loop)
        self._small = loop
        self._coroutine = coroutine
        self._context = contextvars.copy_context()
        self._awaited: asyncio.Future[Any] | None = None

    def to_its_end(self) -> Any:
        """Run the coroutine and, whenever it waits, the loop on this thread; return what the coroutine returns."""
        try:
            self._small.run_steps(self._step)
        except StopIteration as end:
            if self._interrupts:
                raise KeyboardInterrupt from None
            return end.value
        except asyncio.CancelledError:
            if self._interrupts:
                raise KeyboardInterrupt from None
            raise
        except BaseException:
            self._break_off()
            raise
        finally:
            self._coroutine.close()  # it is over, unless the run was broken off
            self._awaited = None  # it refers to its error, whose traceback refers to this frame

    def _break_off(self) -> None:
        """Cancel the coroutine if it still waits: something else has ended the loop, such as a handler of a signal."""
        if self._awaited is None or getattr(self._coroutine, "cr_frame", None) is None:
            return
        with contextlib.suppress(asyncio.CancelledError, StopIteration):
            self._context.run(self._coroutine.throw, asyncio.CancelledError())

    def _step(self) -> asyncio.Future[Any] | None:
        """Let the coroutine go on until it waits for a future; StopIteration has its result."""
        coroutine = self._coroutine
        awaited: asyncio.Future[Any] | None
        if self._interrupts:
            awaited = self._context.run(coroutine.throw, asyncio.CancelledError())
        else:
            awaited = self._context.run(coroutine.send, None)
        if awaited is not None:
            awaited._asyncio_future_blocking = False  # noqa: SLF001 - what a task does: it has been taken note of
        self._awaited = awaited
        return awaited

    def _cancel(self) -> None:
        if self._awaited is not None:
            self._awaited.cancel()


def run_of_request(loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any]) -> Run:
    """Return the cheapest run of a request."""
    return StepRun(loop, coroutine) if can_step(loop) else TaskRun(loop, coroutine)
