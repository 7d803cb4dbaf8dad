"""Blocking methods, queued events and interruption, on one private event loop.

Contains: when methods wait and when handlers run.  Does not contain: what handlers are told
(:mod:`snmptcp.ipworks.emit`).

Handlers run on the caller's thread, between two turns of the loop and never inside one.  So a handler may call every
method of its object, blocking ones too, and an exception in it is raised by the method that delivered the event.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
import weakref
from collections import deque
from typing import TYPE_CHECKING, Any, TypeVar

from snmptcp.errors import ClosedError
from snmptcp.ipworks.errors import INTERRUPTED, STATE, IPWorksSNMPError
from snmptcp.sync import PrivateLoop

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from snmptcp.ipworks.tables.events import EventParams

__all__ = ("Handlers", "Pump")

T = TypeVar("T")


class Handlers(dict[str, "Callable[[Any], object] | None"]):
    """The handlers of one object, by the event's name.

    The object owns it, and everything else refers to it weakly.  Handlers usually refer to their object; a strong
    reference to them would keep the object alive for ever.
    """

    __slots__ = ("__weakref__",)


class _Posted:
    """An event, or another action, that waits for delivery."""

    __slots__ = ("answer", "before", "params")

    def __init__(
        self,
        params: EventParams | None,
        before: Callable[[], None] | None,
        answer: asyncio.Future[None] | None = None,
    ) -> None:
        self.params = params
        self.before = before
        self.answer = answer


class _End:
    """The place in the queue where a method's work has ended: what is behind it belongs to the next method."""

    __slots__ = ("reached",)

    def __init__(self) -> None:
        self.reached = False


class _Block:
    """One method that waits; there are several if a handler calls a method."""

    __slots__ = ("interrupted",)

    def __init__(self) -> None:
        self.interrupted = False


class Pump:
    """The loop, the queue of events, and the methods that wait.

    Args:
        handlers: the handlers of events.
    """

    def __init__(self, handlers: Handlers) -> None:
        self._handlers = weakref.ref(handlers)
        self._private = PrivateLoop()
        self._posted: deque[_Posted | _End] = deque()
        self._blocks: list[_Block] = []
        self._waker: asyncio.Future[None] | None = None
        self._tasks: set[asyncio.Task[Any]] = set()

    # ------------------------------------------------------------------------------------- events

    def handler(self, name: str) -> Callable[[Any], object] | None:
        """Return the handler of an event; ``None`` if there is none."""
        handlers = self._handlers()
        return None if handlers is None else handlers.get(name)

    def wants(self, name: str) -> bool:
        """Whether an event has a handler."""
        return self.handler(name) is not None

    def post(self, params: EventParams, before: Callable[[], None] | None = None) -> None:
        """Queue an event.

        Args:
            params: the handler's argument.
            before: called right before the handler, and also if there is none.
        """
        self._posted.append(_Posted(params, before))
        self._wake()

    def post_action(self, action: Callable[[], None]) -> None:
        """Queue an action, which is called when everything queued before it has been delivered."""
        self._posted.append(_Posted(None, action))
        self._wake()

    async def ask(self, params: EventParams, before: Callable[[], None] | None = None) -> None:
        """Queue an event, and wait until its handler has returned."""
        answer = asyncio.get_running_loop().create_future()
        self._posted.append(_Posted(params, before, answer))
        self._wake()
        await answer

    def deliver(self, end: _End | None = None) -> None:
        """Run the handlers of queued events; if a handler raises, the rest stays in the queue.

        Args:
            end: where to stop, because what is behind belongs to another method; ``None`` for the end of the queue.
        """
        while self._posted and not (end is not None and end.reached):
            posted = self._posted.popleft()
            if isinstance(posted, _End):
                posted.reached = True
                continue
            self._deliver_one(posted)
            if any(block.interrupted for block in self._blocks):
                return

    def _deliver_one(self, posted: _Posted) -> None:
        try:
            if posted.before is not None:
                posted.before()
            if posted.params is not None:
                handler = self.handler(posted.params.event_name)
                if handler is not None:
                    handler(posted.params)
        except BaseException:
            if posted.answer is not None:
                posted.answer.cancel()  # the handler has decided nothing
            raise
        finally:
            if posted.answer is not None and not posted.answer.done():
                posted.answer.set_result(None)

    # ----------------------------------------------------------------------------------- blocking

    def perform(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end, and deliver events meanwhile; return its result.

        Raises:
            IPWorksSNMPError: it was interrupted, or this thread cannot block now.
        """
        try:
            self.check()
        except BaseException:
            coroutine.close()
            raise
        end = _End()
        task = self._private.loop.create_task(self._ended(coroutine, end))
        block = _Block()
        self._blocks.append(block)
        try:
            while not end.reached:
                self._private.run(self._until(task, block))
                self.deliver(end)
                if block.interrupted:
                    raise IPWorksSNMPError(INTERRUPTED, f"[{INTERRUPTED}] Interrupted")
            return task.result()
        finally:
            self._blocks.remove(block)
            if not task.done():
                task.cancel()
                self._private.run(_settled(task))
            if not end.reached:
                with contextlib.suppress(ValueError):  # absent if the task never began
                    self._posted.remove(end)

    async def _ended(self, coroutine: Coroutine[Any, Any, T], end: _End) -> T:
        """Mark in the queue where a method's work has ended.

        The method must not deliver packets that arrive later: when it returns, the arrays hold its own answer.
        """
        try:
            return await coroutine
        finally:
            self._posted.append(end)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a short coroutine to its end, without delivering events."""
        return self._private.run(coroutine)

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Start a coroutine in the background: it takes its first steps now, and the others whenever the loop runs."""
        try:
            self.check()
        except BaseException:
            coroutine.close()
            raise
        task = self._private.loop.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        self._private.run(_turns(2))

    def do_events(self, seconds: float) -> None:
        """Deliver queued events; if there are none, wait up to this many seconds for one."""
        self.check()
        if not self._private.is_open:
            if not self._posted:
                time.sleep(seconds)
        else:
            block = _Block()
            self._blocks.append(block)
            try:
                self._private.run(self._until(None, block, 0 if self._posted else seconds))
            finally:
                self._blocks.remove(block)
        self.deliver()

    async def _until(self, task: asyncio.Task[Any] | None, block: _Block, seconds: float | None = None) -> None:
        """Wait until the task is done, an event is queued, the method is interrupted, or the time is over."""
        await asyncio.sleep(0)
        self._waker = waker = asyncio.get_running_loop().create_future()

        def wake(_: object) -> None:
            if not waker.done():
                waker.set_result(None)

        if task is not None:
            task.add_done_callback(wake)
        try:
            if not (self._posted or block.interrupted or (task is not None and task.done())):
                await asyncio.wait((waker,), timeout=seconds)
        finally:
            self._waker = None
            if task is not None:
                task.remove_done_callback(wake)

    def _wake(self) -> None:
        waker = self._waker
        if waker is not None and not waker.done():
            waker.set_result(None)

    def interrupt(self) -> None:
        """Interrupt every method in progress; from a handler or from another thread."""
        private = self._private
        for block in tuple(self._blocks):
            block.interrupted = True
        if self._blocks and private.is_open:
            with contextlib.suppress(RuntimeError, ClosedError):  # the loop was closed meanwhile
                private.loop.call_soon_threadsafe(self._wake)

    @property
    def blocked(self) -> bool:
        """Whether a method is in progress."""
        return bool(self._blocks)

    @property
    def is_open(self) -> bool:
        """Whether there is a loop."""
        return self._private.is_open

    def check(self) -> None:
        """Check that a method may block here.

        Raises:
            IPWorksSNMPError: an event loop runs on this thread, or another thread waits in a method of this object.
        """
        try:
            self._private.check()
        except RuntimeError as error:
            raise IPWorksSNMPError(STATE, str(error)) from None

    def close(self) -> None:
        """Close the loop; the next method makes another one."""
        private, self._private = self._private, PrivateLoop()
        self._tasks.clear()
        private.close()


async def _settled(task: asyncio.Task[Any]) -> None:
    await asyncio.wait((task,))
    if not task.cancelled():
        task.exception()


async def _turns(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)
