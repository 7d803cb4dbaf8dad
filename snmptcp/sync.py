"""Blocking calls for programs without an event loop: a manager on a loop of its own, on the caller's thread.

Contains running coroutines to their end.  It knows nothing about SNMP: what the calls do, take and return is
:class:`snmptcp.Manager`'s, and is not written a second time here.

The loop lives as long as its owner and runs only while a call waits, so between two calls nothing is read: TCP holds
what the agent sends.  It runs on the caller's thread.  Only where an event loop is running already, as in a notebook, a
helper thread runs it, while the caller waits.
"""

from __future__ import annotations

import asyncio
import functools
import os
import sys
import threading
import warnings
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, overload

from snmptcp.errors import ClosedError
from snmptcp.manager.items import Items
from snmptcp.manager.manager import NO_DEFAULT, Manager
from snmptcp.net import process
from snmptcp.net.dialing import peer_name
from snmptcp.net.running import OpenRun, Run, TaskRun, run_of_request
from snmptcp.net.small_loop import SIGNAL_POLL, new_loop

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Generator
    from concurrent.futures import ThreadPoolExecutor
    from types import TracebackType
    from typing import Self

    from snmptcp.credentials import SnmpVersion
    from snmptcp.manager.notifications import NotificationStream
    from snmptcp.net.tls.counters import TlsCounters
    from snmptcp.net.tls.session import TlsSession
    from snmptcp.oid import OidLike
    from snmptcp.protocol.notification import Notification
    from snmptcp.protocol.receiver import ReceiverStatistics
    from snmptcp.protocol.refused import RefusedMessage
    from snmptcp.protocol.statistics import Statistics
    from snmptcp.security.engine_clock import EngineInfo
    from snmptcp.values import Value

__all__ = ("PrivateLoop", "SyncManager")

#: What a second thread is told.
BUSY = "another thread is waiting in a call on the same object"
T = TypeVar("T")
P = ParamSpec("P")


#: Threads that wait for something to do: each runs the loop of a caller on whose thread another loop is running.
_idle_helpers: list[ThreadPoolExecutor] = []
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_idle_helpers.clear)  # the threads of a parent do not exist in a child


def _call_on_helper(function: Callable[[], T], interrupt: Callable[[], None] | None = None) -> T:
    """Have a helper thread call a function, and return what it returns.

    Args:
        function: what is called.
        interrupt: ends it early; called if this thread is interrupted while it waits.
    """
    from concurrent.futures import ThreadPoolExecutor, wait  # noqa: PLC0415 - only inside of running loops

    try:
        helper = _idle_helpers.pop()
    except IndexError:
        helper = ThreadPoolExecutor(1, "snmptcp")
    future = helper.submit(function)
    try:
        while not wait((future,), SIGNAL_POLL).done:
            pass  # a signal may have arrived before the wait began
        return future.result()
    except BaseException:
        if not future.done():  # interrupted for the second time: the loop must stand still before anything else
            if interrupt is not None:
                interrupt()
            wait((future,))
        raise
    finally:
        _idle_helpers.append(helper)


class PrivateLoop:
    """An event loop that runs only while a call waits for something.

    It runs on the caller's thread.  Where an event loop is running on that one, as in a notebook, a helper thread runs
    this loop, while the caller waits.  It serves one call at a time.  A child process gets a new loop in its place.
    Ctrl-C interrupts a call as it interrupts any other.
    """

    def __init__(self) -> None:
        self._runner: asyncio.Runner | None = None
        self._loop: asyncio.AbstractEventLoop | None = None  # the runner's
        self._busy = threading.Lock()  # held by the call that waits
        self._stoppable: asyncio.AbstractEventLoop | None = None
        self._process = process.number
        self._closed = False

    @property
    def is_open(self) -> bool:
        """Whether there is a loop: it is made at its first use."""
        return self._own_runner() is not None

    @property
    def is_closed(self) -> bool:
        """Whether it was closed; no loop is made any more."""
        return self._closed

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop.

        Raises:
            ClosedError: it is closed.
        """
        if self._process != process.number or self._loop is None:
            self._make()
        assert self._loop is not None  # noqa: S101 - made just now
        return self._loop

    def _own_runner(self) -> asyncio.Runner | None:
        """Return the runner of this process, if there is one; the parent's is left alone."""
        if self._process != process.number:
            self._process = process.number
            self._runner = self._loop = self._stoppable = None
            self._busy = threading.Lock()  # a thread that held the old one does not exist here
        return self._runner

    def _make(self) -> None:
        """Make the loop, unless there is one of this process.

        Raises:
            ClosedError: it is closed.
        """
        if self._closed:
            raise ClosedError("the manager is closed")
        if self._own_runner() is None:
            runner = asyncio.Runner(loop_factory=new_loop)
            loop = runner.get_loop()  # makes it; otherwise check() in another thread could make a second one
            self._runner, self._loop = runner, loop

    def check(self) -> None:
        """Make sure that no other call waits on this loop.

        Raises:
            RuntimeError: one does.
        """
        if self._own_runner() is not None and self.loop.is_running():
            raise RuntimeError(BUSY)

    def run(self, coroutine: Coroutine[Any, Any, T], *, is_request: bool = False) -> T:
        """Return what a coroutine returns.

        Args:
            coroutine: what to run.
            is_request: whether it waits for nothing but the answers to requests (:class:`snmptcp.net.running.StepRun`).

        Raises:
            RuntimeError: another call waits on this loop.
            ClosedError: the loop is closed.
        """
        try:
            self.check()
            self._begin_call()
        except BaseException:
            coroutine.close()
            raise
        try:
            try:
                run = run_of_request(self.loop, coroutine) if is_request else TaskRun(self.loop, coroutine)
            except BaseException:
                coroutine.close()
                raise
            result: T = _perform(run)
        finally:
            self._busy.release()
        return result

    def run_until_stopped(self, seconds: float | None = None) -> None:
        """Run the loop until something in it calls :meth:`stop`, or the time is over.

        Args:
            seconds: the time; 0 for one turn of the loop; ``None`` for no limit.

        Raises:
            RuntimeError: another call waits on this loop.
            ClosedError: the loop is closed.
        """
        self.check()
        self._begin_call()
        timer: asyncio.TimerHandle | None = None
        try:
            self._stoppable = loop = self.loop
            if seconds:
                timer = loop.call_later(seconds, loop.stop)
            _perform(OpenRun(loop, once=seconds == 0))
        finally:
            self._stoppable = None
            if timer is not None:
                timer.cancel()
            self._busy.release()

    def stop(self) -> None:
        """End :meth:`run_until_stopped` with this turn of the loop, in which this is called; :meth:`run` goes on."""
        if self._stoppable is not None:
            self._stoppable.stop()

    def _begin_call(self) -> None:
        """Take the loop for one call; :meth:`check` alone could let two threads pass at the same moment."""
        if not self._busy.acquire(blocking=False):
            raise RuntimeError(BUSY)

    def close(self) -> None:
        """Cancel what is left, and close the loop.  May be called twice."""
        self._closed = True
        runner = self._own_runner()
        self._runner = self._loop = None
        if runner is None:
            return
        if _is_in_loop():
            _call_on_helper(runner.close)
        else:
            runner.close()


def _perform(run: Run) -> Any:
    """Run a loop here, or on a helper thread if another loop is running here."""
    catches = run.catch_signals()
    try:
        return _call_on_helper(run.to_its_end, run.interrupt) if _is_in_loop() else run.to_its_end()
    finally:
        if catches:
            run.leave_signals()


def _is_in_loop() -> bool:
    """Whether an event loop is running on this thread."""
    return asyncio._get_running_loop() is not None  # noqa: SLF001 - documented for event loops; it raises nothing


def _constructor(
    make: Callable[P, Manager],
) -> Callable[[Callable[..., None]], Callable[Concatenate[SyncManager, P], None]]:
    """Give ``__init__`` the arguments of the asynchronous class."""

    def decorate(_: Callable[..., None]) -> Callable[Concatenate[SyncManager, P], None]:
        @functools.wraps(Manager.__init__)
        def __init__(self: SyncManager, /, *args: P.args, **options: P.kwargs) -> None:  # noqa: N807
            self._loop = PrivateLoop()
            self.manager = make(*args, **options)

        return __init__

    return decorate


def _blocking(
    method: Callable[Concatenate[Manager, P], Coroutine[Any, Any, T]], *, is_request: bool = False
) -> Callable[Concatenate[SyncManager, P], T]:
    """Return the blocking form of a method that is awaited.

    Args:
        method: the method.
        is_request: whether it does nothing but to ask the agent.
    """

    @functools.wraps(method)
    def call(self: SyncManager, /, *args: P.args, **options: P.kwargs) -> T:
        return self._run(method(self.manager, *args, **options), is_request=is_request)

    return call


def _iterating(
    method: Callable[Concatenate[Manager, P], AsyncGenerator[T, None]],
) -> Callable[Concatenate[SyncManager, P], Generator[T, None, None]]:
    """Return the blocking form of a method that is iterated over."""

    @functools.wraps(method)
    def call(self: SyncManager, /, *args: P.args, **options: P.kwargs) -> Generator[T, None, None]:
        return self._each(method(self.manager, *args, **options))

    return call


def _plain(method: Callable[Concatenate[Manager, P], T]) -> Callable[Concatenate[SyncManager, P], T]:
    """Return a method that does not wait, as it is."""

    @functools.wraps(method)
    def call(self: SyncManager, /, *args: P.args, **options: P.kwargs) -> T:
        return method(self.manager, *args, **options)

    return call


class SyncManager:
    """An SNMP manager whose calls block: :class:`snmptcp.Manager` for scripts and threads without an event loop.

    ::

        with SyncManager("192.0.2.1", credentials=Community("public")) as manager:
            (varbind,) = manager.get("1.3.6.1.2.1.1.1.0")
            for varbind in manager.walk("1.3.6.1.2.1.2.2"):
                print(varbind)

    Every method and property of :class:`snmptcp.Manager` but ``begin_exchange`` is here, with the same arguments,
    results and exceptions.
    Leaving the loop over a walk or a table early, or closing the generator, forgets the request that is under way.

    A call blocks the thread that makes it.  Where an event loop is running already, as in a notebook, the call works,
    too, on a helper thread, and that loop stands still meanwhile; a program that is asynchronous itself uses
    :class:`snmptcp.Manager`.  Ctrl-C ends a call with :exc:`KeyboardInterrupt`, and the manager can be used further.

    It serves one call at a time: a call while another thread waits in one is a :exc:`RuntimeError`.  Give threads a
    manager each, or a lock.  After a fork, parent and child each have a connection of their own.

    Leave its ``with`` block or call :meth:`close` when done; if it is collected before that, there is a
    :exc:`ResourceWarning`.

    Args:
        args: those of :class:`snmptcp.Manager`: host and port.
        options: those of :class:`snmptcp.Manager`: credentials, and all others.

    Raises:
        ConfigurationError: an argument is out of range.

    Attributes:
        manager: the asynchronous manager inside.
    """

    manager: Manager
    _loop: PrivateLoop

    @_constructor(Manager)
    def __init__(self) -> None: ...

    # ----------------------------------------------------------------------------------- requests

    get = _blocking(Manager.get, is_request=True)

    @overload
    def get_value(self, oid: OidLike, *, timeout: float | None = None) -> Value: ...

    @overload
    def get_value(self, oid: OidLike, *, default: T, timeout: float | None = None) -> Value | T: ...

    def get_value(self, oid: OidLike, *, default: Any = NO_DEFAULT, timeout: float | None = None) -> Any:
        """Read the value of one variable, as :meth:`snmptcp.Manager.get_value` does."""
        return self._run(self.manager.get_value(oid, default=default, timeout=timeout), is_request=True)

    get_next = _blocking(Manager.get_next, is_request=True)
    get_bulk = _blocking(Manager.get_bulk, is_request=True)
    set = _blocking(Manager.set, is_request=True)
    exchange = _blocking(Manager.exchange, is_request=True)
    discover = _blocking(Manager.discover)
    walk = _iterating(Manager.walk)
    table = _iterating(Manager.table)

    # ------------------------------------------------------------------------------- notifications

    inform = _blocking(Manager.inform)
    send_trap = _blocking(Manager.send_trap)

    def notifications(
        self,
        *,
        queue_size: int = 1000,
        queue_octets: int | None = None,
        on_refused: Callable[[RefusedMessage], object] | None = None,
    ) -> Generator[Notification, None, None]:
        """Receive what the agent sends by itself, as :meth:`snmptcp.Manager.notifications` does.

        Nothing is read between two calls.  The generator blocks until the next notification; it ends when the manager
        is closed.

        Args:
            queue_size: how many notifications may wait to be looked at.
            queue_octets: how many octets of memory they may take; optional; default 16 MiB, or in proportion more if
                ``queue_size`` is above 1000.
            on_refused: called with each message that is refused, in the thread that takes the notifications.
        """

        async def open_stream() -> NotificationStream:
            return self.manager.notifications(queue_size=queue_size, queue_octets=queue_octets, on_refused=on_refused)

        return self._each(self._run(open_stream()))

    @property
    def notification_statistics(self) -> ReceiverStatistics:
        """What became of messages that are no answers, since the first stream of notifications."""
        return self.manager.notification_statistics

    # --------------------------------------------------------------------------------------- life

    connect = _blocking(Manager.connect)
    use = _plain(Manager.use)
    use_tls = _plain(Manager.use_tls)
    reload_tls = _plain(Manager.reload_tls)
    hold = _plain(Manager.hold)

    @property
    def host(self) -> str:
        """The agent's name or address."""
        return self.manager.host

    @property
    def port(self) -> int:
        """The agent's TCP port."""
        return self.manager.port

    @property
    def version(self) -> SnmpVersion:
        """The version of SNMP that is spoken."""
        return self.manager.version

    @property
    def timeout(self) -> float:
        """How long a request may take, in seconds."""
        return self.manager.timeout

    @timeout.setter
    def timeout(self, seconds: float) -> None:
        self.manager.timeout = seconds

    @property
    def connect_timeout(self) -> float:
        """How long connecting may take, in seconds."""
        return self.manager.connect_timeout

    @connect_timeout.setter
    def connect_timeout(self, seconds: float) -> None:
        self.manager.connect_timeout = seconds

    @property
    def retries(self) -> int:
        """How often a request that may be repeated is sent again on a fresh connection."""
        return self.manager.retries

    @property
    def max_message_size(self) -> int:
        """The longest message that is accepted, in octets."""
        return self.manager.max_message_size

    @property
    def connected(self) -> bool:
        """Whether there is a connection, as far as the last call could see."""
        return self.manager.connected

    @property
    def pending(self) -> int:
        """How many requests wait for an answer now."""
        return self.manager.pending

    @property
    def engine(self) -> EngineInfo | None:
        """The agent's engine and its time now, as far as they are known (SNMPv3)."""
        return self.manager.engine

    @property
    def engine_settled(self) -> bool:
        """Whether the agent's engine ID was given or authenticated, so that no unauthenticated report changes it."""
        return self.manager.engine_settled

    @property
    def statistics(self) -> Statistics:
        """What went over this manager's connections so far."""
        return self.manager.statistics

    @property
    def tls(self) -> TlsSession | None:
        """What was negotiated for the present or the last connection."""
        return self.manager.tls

    @property
    def tls_counters(self) -> TlsCounters:
        """Its TLS sessions, as RFC 6353's MIB counts them."""
        return self.manager.tls_counters

    def close(self) -> None:
        """Close the connection and the loop.  May be called twice."""
        if self._loop.is_open:
            self._run(self.manager.aclose())
        self._loop.close()

    def __enter__(self) -> Self:
        if self._loop.is_closed:
            self._run(self.manager.connect())  # refused, like every call
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<SyncManager of {self.manager!r}>"

    def __del__(self) -> None:
        loop = getattr(self, "_loop", None)  # not there if an argument was refused
        if loop is None or sys.is_finalizing() or not loop.is_open:
            return
        warnings.warn(f"unclosed {self!r}", ResourceWarning, source=self, stacklevel=2)
        if self._may_run():
            loop.close()

    def _run(self, coroutine: Coroutine[Any, Any, T], *, is_request: bool = False) -> T:
        try:
            return self._loop.run(coroutine, is_request=is_request)
        except ClosedError as error:
            if error.peer is None:  # the loop does not know whose it is
                error.peer = peer_name(self.manager.host, self.manager.port)
            raise

    def _each(self, items: AsyncGenerator[T, None] | NotificationStream) -> Generator[Any, None, None]:
        """Yield what an asynchronous iterator does, one blocking step after the other; a step takes a whole answer."""
        answers = items.answers if isinstance(items, Items) else None
        source: AsyncGenerator[Any, None] | NotificationStream = items if answers is None else answers
        try:
            while True:
                try:
                    found = self._run(_next(source))
                except StopAsyncIteration:
                    return
                if answers is None:
                    yield found
                else:
                    yield from found
        finally:
            # One that is running was broken off, by a handler of a signal: it ends when the loop runs again.
            broken_off = getattr(source, "ag_running", False)
            if not broken_off and self._loop.is_open and self._may_run():
                self._run(source.aclose())

    def _may_run(self) -> bool:
        """Whether the loop can run here; the collector may end a generator inside of another event loop."""
        if _is_in_loop():
            return False
        try:
            self._loop.check()
        except RuntimeError:
            return False  # the loop ends it the next time that it runs
        return True


async def _next(items: AsyncIterator[T]) -> T:
    return await anext(items)
