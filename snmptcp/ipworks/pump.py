"""Blocking methods, queued events and interruption, on one private event loop.

Contains: when methods wait and when handlers run.  Does not contain: what handlers are told
(:mod:`snmptcp.ipworks.emit`).

Handlers run on the caller's thread, between two turns of the loop and never inside one.  So a handler may call every
method of its object, blocking ones too, and an exception in it is raised by the method that delivered the event.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
import weakref
from collections import deque
from typing import TYPE_CHECKING, Any, TypeVar

from snmptcp.errors import ClosedError
from snmptcp.ipworks.errors import INTERRUPTED, STATE, IPWorksSNMPError
from snmptcp.net import process
from snmptcp.sync import PrivateLoop

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

__all__ = ("Handlers", "Pump")

T = TypeVar("T")

#: How many turns of the loop ``do_events`` takes at most while events keep coming.
_MOST_TURNS = 50


class Handlers(dict[str, "Callable[[Any], object] | None"]):
    """The handlers of one object, by the event's name.

    The object owns it, and everything else refers to it weakly.  Handlers usually refer to their object; a strong
    reference to them would keep the object alive for ever.
    """

    __slots__ = ("__weakref__",)


class _Posted:
    """An event, or another action, that waits for delivery.

    Attributes:
        name: the event's name; empty if it is none.
        act: delivers it.
        answer: done when it has been delivered; ``None`` if nothing waits for that.
    """

    __slots__ = ("act", "answer", "name")

    def __init__(self, name: str, act: Callable[[], None], answer: asyncio.Future[None] | None = None) -> None:
        self.name = name
        self.act = act
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


class _Alone:
    """A thread is in a method: keeps the others out until the context ends.

    Args:
        entrance: what this thread has acquired; if a handler forks, the child has another one.
    """

    __slots__ = ("_entrance",)

    def __init__(self, entrance: threading.RLock) -> None:
        self._entrance = entrance

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self._entrance.release()


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
        self._entrance = threading.RLock()  # held by the thread that is in a method
        self._process = process.number
        self._tasks: set[asyncio.Task[Any]] = set()

    # ------------------------------------------------------------------------------------- events

    def handler(self, name: str) -> Callable[[Any], object] | None:
        """Return the handler of an event; ``None`` if there is none."""
        handlers = self._handlers()
        return None if handlers is None else handlers.get(name)

    def wants(self, name: str) -> bool:
        """Whether an event has a handler."""
        return self.handler(name) is not None

    def post(self, name: str, act: Callable[[], None]) -> None:
        """Queue an event, or another action.

        Args:
            name: the event's name; empty if it is none.
            act: called outside the loop, when everything queued before it has been delivered: calls the handler.
        """
        self._posted.append(_Posted(name, act))
        self._private.stop()

    async def ask(self, name: str, act: Callable[[], None]) -> None:
        """Queue an event as :meth:`post` does, and wait until its handler has returned."""
        answer = asyncio.get_running_loop().create_future()
        self._posted.append(_Posted(name, act, answer))
        self._private.stop()
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
            if self.interrupted:
                return

    def _deliver_one(self, posted: _Posted) -> None:
        answer = posted.answer
        if answer is None:
            posted.act()
            return
        try:
            posted.act()
        except BaseException:
            answer.cancel()  # the handler has decided nothing
            raise
        if not answer.done():
            answer.set_result(None)

    @property
    def interrupted(self) -> bool:
        """Whether a method in progress has been interrupted, and has not ended yet."""
        return any([block.interrupted for block in self._blocks])  # noqa: C419 - a list: this is asked for each event

    # ----------------------------------------------------------------------------------- blocking

    def alone(self) -> contextlib.AbstractContextManager[None]:
        """Keep other threads out of the object, as long as the returned context lasts.

        A handler is called on the thread that waits, so its methods are let in.

        Raises:
            IPWorksSNMPError: another thread is in a method of this object.
        """
        self._leave_to_parent()
        entrance = self._entrance
        if not entrance.acquire(blocking=False):
            raise IPWorksSNMPError(STATE, "another thread is in a method of this object")
        return _Alone(entrance)

    def _alone_with(self, coroutine: Coroutine[Any, Any, Any]) -> contextlib.AbstractContextManager[None]:
        """As :meth:`alone`; a coroutine that cannot run is closed."""
        try:
            return self.alone()
        except BaseException:
            coroutine.close()
            raise

    def _leave_to_parent(self) -> None:
        """In a child process, leave to the parent what it has begun: its methods, its tasks, its events."""
        if self._process != process.number:
            self._process = process.number
            self._entrance = threading.RLock()  # a thread that held the old one does not exist here
            self._posted.clear()
            self._tasks.clear()
            self._blocks = []

    def perform(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end, and deliver events meanwhile; return its result.

        Raises:
            IPWorksSNMPError: it was interrupted, or another thread is in a method of this object.
        """
        with self._alone_with(coroutine):
            return self._perform(coroutine)

    def _perform(self, coroutine: Coroutine[Any, Any, T]) -> T:
        end = _End()
        task = self._private.loop.create_task(self._ended(coroutine, end))
        block = _Block()
        self._blocks.append(block)
        here = process.number
        try:
            while not end.reached:
                self._wait(block)
                self.deliver(end)
                if block.interrupted:
                    raise IPWorksSNMPError(INTERRUPTED, f"[{INTERRUPTED}] Interrupted")
                if here != process.number:
                    raise IPWorksSNMPError(STATE, "a handler has forked: the method goes on in the parent process only")
            return task.result()
        finally:
            if here == process.number:
                self._end(block, task, end)

    def _end(self, block: _Block, task: asyncio.Task[Any], end: _End) -> None:
        """Leave nothing behind of a method."""
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
            self._private.stop()

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a short coroutine to its end, without delivering events.

        Raises:
            IPWorksSNMPError: another thread is in a method of this object.
        """
        with self._alone_with(coroutine):
            return self._private.run(coroutine)

    def spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Start a coroutine in the background: it takes its first steps now, and the others whenever the loop runs."""
        with self._alone_with(coroutine):
            task = self._private.loop.create_task(coroutine)
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            for _ in range(2):
                self._private.run_until_stopped(0)

    def do_events(self, seconds: float) -> None:
        """Deliver queued events; if there are none, wait up to this many seconds for one."""
        with self.alone():
            if self._private.is_open:
                block = _Block()
                self._blocks.append(block)
                try:
                    self._wait(block, seconds)
                    self._take_what_is_there()
                finally:
                    self._blocks.remove(block)
            elif not self._posted:
                time.sleep(seconds)
            self.deliver()

    def _take_what_is_there(self) -> None:
        """Run the loop on while each of its turns queues events: the first event alone has stopped it."""
        for _ in range(_MOST_TURNS):
            before = len(self._posted)
            self._private.run_until_stopped(0)
            if len(self._posted) == before:
                return

    def _wait(self, block: _Block, seconds: float | None = None) -> None:
        """Run the loop until an event is queued, a method's work has ended, this one is interrupted, or time is over.

        Args:
            block: the method that waits.
            seconds: the time; ``None`` for no limit.
        """
        self._private.run_until_stopped(0 if self._posted or block.interrupted else seconds)

    def interrupt(self) -> None:
        """Interrupt every method in progress; from a handler or from another thread."""
        private = self._private
        for block in tuple(self._blocks):
            block.interrupted = True
        if self._blocks and private.is_open:
            with contextlib.suppress(RuntimeError, ClosedError):  # the loop was closed meanwhile
                private.loop.call_soon_threadsafe(private.stop)

    @property
    def blocked(self) -> bool:
        """Whether a method is in progress."""
        self._leave_to_parent()
        return bool(self._blocks)

    @property
    def is_open(self) -> bool:
        """Whether there is a loop."""
        return self._private.is_open

    def close(self) -> None:
        """Close the loop; the next method makes another one."""
        private, self._private = self._private, PrivateLoop()
        self._tasks.clear()
        private.close()


async def _settled(task: asyncio.Task[Any]) -> None:
    await asyncio.wait((task,))
    if not task.cancelled():
        task.exception()
