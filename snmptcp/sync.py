"""Blocking calls for programs without an event loop: a manager on a loop of its own, on the caller's thread.

Contains running coroutines to their end.  It knows nothing about SNMP: what the calls do, take and return is
:class:`snmptcp.Manager`'s, and is not written a second time here.

The loop lives as long as its owner and runs only while a call waits, so between two calls nothing is read: TCP holds
what the agent sends.  It runs on the caller's thread.  Only where an event loop is running already, as in a notebook, a
helper thread runs it, while the caller waits.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # what signal wraps in Python; its functions cost a tenth of those
import asyncio
import functools
import signal
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar, overload

from snmptcp.errors import ClosedError
from snmptcp.manager.manager import NO_DEFAULT, Manager
from snmptcp.net import process
from snmptcp.net.dialing import peer_name
from snmptcp.net.small_loop import new_loop

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Generator
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


class _Run:
    """One coroutine on its way on a loop; Ctrl-C cancels it, as in :class:`asyncio.Runner`.

    An exception in the middle of the loop's own code could lose a callback, so the handler of SIGINT raises none.

    Args:
        loop: the loop, which is not running.
        coroutine: what to run.
    """

    __slots__ = ("_interrupts", "_loop", "_task")

    def __init__(self, loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any]) -> None:
        self._loop = loop
        self._task: asyncio.Task[Any] = loop.create_task(coroutine)
        self._interrupts = 0

    def to_its_end(self) -> Any:
        """Run it on this thread, and return what it returns.

        Raises:
            KeyboardInterrupt: it was interrupted.
        """
        try:
            return self._loop.run_until_complete(self._task)
        except asyncio.CancelledError:
            if self._interrupts and self._task.uncancel() == 0:
                raise KeyboardInterrupt from None
            raise

    def catch_signals(self) -> bool:
        """Let Ctrl-C interrupt it from now on, if this is the main thread; return whether it does."""
        catches = _in_main_thread() and _signal.getsignal(signal.SIGINT) is signal.default_int_handler
        if catches:
            _signal.signal(signal.SIGINT, self._on_signal)
        return catches

    def leave_signals(self) -> None:
        """Let Ctrl-C do again what it did before."""
        if _signal.getsignal(signal.SIGINT) == self._on_signal:
            _signal.signal(signal.SIGINT, signal.default_int_handler)

    def interrupt(self) -> None:
        """Cancel it; from any thread."""
        self._interrupts += 1
        self._loop.call_soon_threadsafe(self._task.cancel)

    def _on_signal(self, signum: int, frame: object) -> None:  # noqa: ARG002 - a signal handler's arguments
        if self._interrupts:
            raise KeyboardInterrupt  # the second time: at once, whatever is lost
        self.interrupt()


def _in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


class PrivateLoop:
    """An event loop that runs only while :meth:`run` waits for something, on the thread that calls it.

    It belongs to one thread at a time.  A child process gets a new loop in its place.  Ctrl-C interrupts a call as it
    interrupts any other.

    Args:
        has_helper: whether a call may be made where an event loop is running already, as in a notebook: a helper thread
            runs this loop then, while the calling thread waits.
    """

    def __init__(self, *, has_helper: bool = False) -> None:
        self._has_helper = has_helper
        self._runner: asyncio.Runner | None = None
        self._helper: ThreadPoolExecutor | None = None
        self._busy = threading.Lock()  # held by the call that waits
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
        return self._runner_now().get_loop()

    def _own_runner(self) -> asyncio.Runner | None:
        """Return the runner of this process, if there is one; the parent's is left alone."""
        if self._process != process.number:
            self._process = process.number
            self._runner = None
            self._helper = None
            self._busy = threading.Lock()  # a thread that held the old one does not exist here
        return self._runner

    def _runner_now(self) -> asyncio.Runner:
        if self._closed:
            raise ClosedError("the manager is closed")
        runner = self._own_runner()
        if runner is None:
            runner = asyncio.Runner(loop_factory=new_loop)
            runner.get_loop()  # makes the loop; otherwise check() in another thread could make a second one
            self._runner = runner
        return runner

    def check(self) -> None:
        """Make sure that a call may block here.

        Raises:
            RuntimeError: an event loop is running on this thread, and there is no helper thread; or another call is
                waiting on this loop.
        """
        if not self._has_helper and _is_in_loop():
            raise RuntimeError(
                "a blocking call would stop the event loop that runs here: use the asynchronous snmptcp.Manager in it"
            )
        runner = self._own_runner()
        if runner is not None and runner.get_loop().is_running():
            raise RuntimeError(BUSY)

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Return what a coroutine returns.

        Raises:
            RuntimeError: as :meth:`check` tells.
            ClosedError: the loop is closed.
        """
        try:
            self.check()
            self._begin_call()
        except BaseException:
            coroutine.close()
            raise
        try:
            return self._run(coroutine)
        finally:
            self._busy.release()

    def _begin_call(self) -> None:
        """Take the loop for one call; :meth:`check` alone could let two threads pass at the same moment."""
        if not self._busy.acquire(blocking=False):
            raise RuntimeError(BUSY)

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        try:
            run = _Run(self._runner_now().get_loop(), coroutine)
        except BaseException:
            coroutine.close()
            raise
        catches = run.catch_signals()
        try:
            result: T = self._help(run) if _is_in_loop() else run.to_its_end()
        finally:
            if catches:
                run.leave_signals()
        return result

    def _help(self, run: _Run) -> Any:
        """Let the helper thread run something, and wait for it."""
        if self._helper is None:
            self._helper = ThreadPoolExecutor(1, "snmptcp")
        future = self._helper.submit(run.to_its_end)
        try:
            return future.result()
        except BaseException:
            if not future.done():  # interrupted for the second time: the loop must stand still before anything else
                run.interrupt()
                wait((future,))
            raise

    def close(self) -> None:
        """Cancel what is left, and close the loop.  May be called twice."""
        self._closed = True
        runner, self._runner = self._own_runner(), None
        helper, self._helper = self._helper, None
        if runner is None:
            return
        if not _is_in_loop():
            runner.close()
        else:
            with ThreadPoolExecutor(1, "snmptcp") as closer:
                closer.submit(runner.close).result()
        if helper is not None:
            helper.shutdown()


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
            self._loop = PrivateLoop(has_helper=True)
            self.manager = make(*args, **options)

        return __init__

    return decorate


def _blocking(
    method: Callable[Concatenate[Manager, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[SyncManager, P], T]:
    """Return the blocking form of a method that is awaited."""

    @functools.wraps(method)
    def call(self: SyncManager, /, *args: P.args, **options: P.kwargs) -> T:
        return self._run(method(self.manager, *args, **options))

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

    Every method and property of :class:`snmptcp.Manager` is here, with the same arguments, results and exceptions.
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

    get = _blocking(Manager.get)

    @overload
    def get_value(self, oid: OidLike, *, timeout: float | None = None) -> Value: ...

    @overload
    def get_value(self, oid: OidLike, *, default: T, timeout: float | None = None) -> Value | T: ...

    def get_value(self, oid: OidLike, *, default: Any = NO_DEFAULT, timeout: float | None = None) -> Any:
        """Read the value of one variable, as :meth:`snmptcp.Manager.get_value` does."""
        return self._run(self.manager.get_value(oid, default=default, timeout=timeout))

    get_next = _blocking(Manager.get_next)
    get_bulk = _blocking(Manager.get_bulk)
    set = _blocking(Manager.set)
    exchange = _blocking(Manager.exchange)
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

    def _run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        try:
            return self._loop.run(coroutine)
        except ClosedError as error:
            if error.peer is None:  # the loop does not know whose it is
                error.peer = peer_name(self.manager.host, self.manager.port)
            raise

    def _each(self, items: AsyncGenerator[T, None] | NotificationStream) -> Generator[Any, None, None]:
        """Yield what an asynchronous iterator does, one blocking step after the other."""
        try:
            while True:
                try:
                    item = self._run(_next(items))
                except StopAsyncIteration:
                    return
                yield item
        finally:
            if self._loop.is_open and self._may_run():
                self._run(items.aclose())

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
