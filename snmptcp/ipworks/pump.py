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
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from snmptcp.errors import ClosedError
from snmptcp.ipworks.errors import INTERRUPTED, STATE, IPWorksSNMPError
from snmptcp.net import process
from snmptcp.sync import PrivateLoop

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

__all__ = ("Handlers", "Method", "Pump")

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


class Method:
    """A method that waits; there are several if a handler calls a method.

    It stands in the queue where its work has ended: what is behind it belongs to the next method, so that the arrays
    hold its own answer when it returns, and not a packet that arrived later.

    Args:
        pump: the queue.

    Attributes:
        interrupted: whether it has been interrupted.
        reached: whether everything before its place in the queue has been delivered.
        task: does its work; ``None`` if it only waits for events.
    """

    __slots__ = ("_last", "_pump", "interrupted", "reached", "task")

    answer: ClassVar[None] = None
    name: ClassVar[str] = ""

    def __init__(self, pump: Pump) -> None:
        self._pump = pump
        self._last: Callable[[], None] | None = None
        self.task: asyncio.Task[Any] | None = None
        self.interrupted = False
        self.reached = False

    def end(self, last: Callable[[], None] | None = None) -> None:
        """Take its place in the queue, because its work has ended.

        Args:
            last: the last thing to deliver; ``None`` for nothing.
        """
        self._last = last
        self._pump.put(self)

    def act(self) -> None:
        """Deliver the last thing."""
        self.reached = True
        if self._last is not None:
            self._last()


class Pump:
    """The loop, the queue of events, and the methods that wait.

    Args:
        handlers: the handlers of events.
    """

    def __init__(self, handlers: Handlers) -> None:
        self._handlers = weakref.ref(handlers)
        self._private = PrivateLoop()
        self._posted: deque[_Posted | Method] = deque()
        self._methods: list[Method] = []  # in progress
        self._entrance = threading.RLock()  # held by the thread that is in a method
        self._process = process.number
        self._tasks: set[asyncio.Task[Any]] = set()
        self._decided = False  # by a handler, since the loop ran last

    # ------------------------------------------------------------------------------------- events

    def handler(self, name: str) -> Callable[[Any], object] | None:
        """Return the handler of an event; ``None`` if there is none."""
        handlers = self._handlers()
        return None if handlers is None else handlers.get(name)

    def wants(self, name: str) -> bool:
        """Whether an event has a handler."""
        handlers = self._handlers()
        return handlers is not None and handlers.get(name) is not None

    def post(self, name: str, act: Callable[[], None]) -> None:
        """Queue an event, or another action.

        Args:
            name: the event's name; empty if it is none.
            act: called outside the loop, when everything queued before it has been delivered: calls the handler.
        """
        self.put(_Posted(name, act))

    def put(self, posted: _Posted | Method) -> None:
        """Put something into the queue."""
        self._posted.append(posted)
        self._private.stop()

    async def ask(self, name: str, act: Callable[[], None]) -> None:
        """Queue an event as :meth:`post` does, and wait until its handler has returned."""
        answer = asyncio.get_running_loop().create_future()
        self.put(_Posted(name, act, answer))
        await answer

    def deliver(self, method: Method | None = None) -> None:
        """Run the handlers of queued events; if a handler raises, the rest stays in the queue.

        Args:
            method: the one at whose place in the queue to stop; ``None`` for the end of the queue.
        """
        queue = self._posted
        while queue and not (method is not None and method.reached):
            posted = queue.popleft()
            if posted.answer is None:
                posted.act()
            else:
                self._deliver_asked(posted, posted.answer)
            if queue and self.interrupted:
                return

    def _deliver_asked(self, posted: _Posted | Method, answer: asyncio.Future[None]) -> None:
        """Deliver an event whose handler decides something."""
        try:
            posted.act()
        except BaseException:
            answer.cancel()  # the handler has decided nothing
            raise
        if not answer.done():
            answer.set_result(None)
            self._decided = True

    def _carry_out(self) -> bool:
        """Let the loop do what handlers have decided: a peer waits for its answer, and the next call may be late.

        Returns:
            Whether it has run.
        """
        decided, self._decided = self._decided, False
        if not decided or not self._private.is_open:
            return False
        self._private.run_until_stopped(0)
        return True

    @property
    def interrupted(self) -> bool:
        """Whether a method in progress has been interrupted, and has not ended yet."""
        return any([method.interrupted for method in self._methods])  # noqa: C419 - a list: this is asked for each event

    # ----------------------------------------------------------------------------------- blocking

    def enter(self) -> threading.RLock:
        """Keep other threads out of the object until the returned lock is released.

        A handler is called on the thread that waits, so its methods are let in.  If a handler forks, the child has
        another lock, so this one is to be kept.

        Raises:
            IPWorksSNMPError: another thread is in a method of this object.
        """
        if self._process != process.number:
            self._leave_to_parent()
        entrance = self._entrance
        if not entrance.acquire(blocking=False):
            raise IPWorksSNMPError(STATE, "another thread is in a method of this object")
        return entrance

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Do what :meth:`enter` does, for a block."""
        entrance = self.enter()
        try:
            yield
        finally:
            entrance.release()

    @contextlib.contextmanager
    def _alone_with(self, coroutine: Coroutine[Any, Any, Any]) -> Iterator[None]:
        """As :meth:`alone`; a coroutine that cannot run is closed."""
        try:
            entrance = self.enter()
        except BaseException:
            coroutine.close()
            raise
        try:
            yield
        finally:
            entrance.release()

    def _leave_to_parent(self) -> None:
        """In a child process, leave to the parent what it has begun: its methods, its tasks, its events."""
        self._process = process.number
        self._entrance = threading.RLock()  # a thread that held the old one does not exist here
        self._posted.clear()
        self._tasks.clear()
        self._methods = []

    def perform(self, work: Callable[[Method], Coroutine[Any, Any, T]]) -> T:
        """Run a coroutine to its end, and deliver events meanwhile; return its result.

        To be called inside of :meth:`alone`.

        Args:
            work: makes the coroutine, which calls :meth:`Method.end` when its work has ended.

        Raises:
            IPWorksSNMPError: it was interrupted, or a handler has forked.
        """
        method = Method(self)
        method.task = task = self._private.loop.create_task(work(method))
        self._methods.append(method)
        here = process.number
        try:
            while not method.reached:
                self._decided = False
                self._private.run_until_stopped(0 if self._posted or method.interrupted else None)
                self.deliver(method)
                if method.interrupted:
                    raise IPWorksSNMPError(INTERRUPTED, f"[{INTERRUPTED}] Interrupted")
                if here != process.number:
                    raise IPWorksSNMPError(STATE, "a handler has forked: the method goes on in the parent process only")
            self._carry_out()
            return task.result()
        finally:
            if here == process.number:
                self._end(method, task)

    def _end(self, method: Method, task: asyncio.Task[Any]) -> None:
        """Leave nothing behind of a method."""
        self._methods.remove(method)
        if not task.done():
            task.cancel()
            self._private.run(_settled(task))
        if not method.reached:
            with contextlib.suppress(ValueError):  # absent if the task never began
                self._posted.remove(method)

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
                method = Method(self)
                self._methods.append(method)
                try:
                    self._private.run_until_stopped(0 if self._posted else seconds)
                    self._take_what_is_there()
                finally:
                    self._methods.remove(method)
            elif not self._posted:
                time.sleep(seconds)
            for _ in range(_MOST_TURNS):
                self.deliver()
                if not self._carry_out():
                    return

    def _take_what_is_there(self) -> None:
        """Run the loop on while each of its turns queues events: the first event alone has stopped it."""
        for _ in range(_MOST_TURNS):
            before = len(self._posted)
            self._private.run_until_stopped(0)
            if len(self._posted) == before:
                return

    def interrupt(self) -> None:
        """Interrupt every method in progress; from a handler or from another thread."""
        private = self._private
        for method in tuple(self._methods):
            method.interrupted = True
        if self._methods and private.is_open:
            with contextlib.suppress(RuntimeError, ClosedError):  # the loop was closed meanwhile
                private.loop.call_soon_threadsafe(private.stop)

    @property
    def blocked(self) -> bool:
        """Whether a method is in progress."""
        if self._process != process.number:
            self._leave_to_parent()
        return bool(self._methods)

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
