"""A manager's one connection: made when it is needed, made again after a loss, and the way of a request over it.

Contains attempts to connect and who joins them, and what is sent again on a fresh connection and what never.  What is
asked is in :mod:`snmptcp.manager.manager`; matching, octets and sockets are below.
"""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeAlias

from snmptcp.errors import (
    AgentError,
    ClosedError,
    ConfigurationError,
    ConnectFailed,
    ConnectionLost,
    SecurityError,
    SnmpError,
    TlsFailed,
)
from snmptcp.manager.call import Call
from snmptcp.manager.failures import Failures, copy_of
from snmptcp.manager.observing import with_added
from snmptcp.manager.pacing import Pacing
from snmptcp.net import process
from snmptcp.net.callbacks import GuardedObserver, guarded
from snmptcp.net.clock import running_loop
from snmptcp.net.connection import Connection
from snmptcp.net.opening import Opening
from snmptcp.protocol.answer_sizes import AnswerSizes
from snmptcp.protocol.deadline import Deadline
from snmptcp.protocol.session import Session

if TYPE_CHECKING:
    from snmptcp.manager.telling import ConnectionTelling, WalkTelling
    from snmptcp.net.options import ConnectionOptions
    from snmptcp.net.tls.counters import TlsCounters
    from snmptcp.net.tls.session import ClientTls, TlsSession
    from snmptcp.protocol.request import Request
    from snmptcp.protocol.statistics import Statistics
    from snmptcp.protocol.trace import Trace
    from snmptcp.security.model import SecurityModel
    from snmptcp.values import VarBind

__all__ = ("Connector", "OnConnect")

logger = logging.getLogger("snmptcp.connector")

#: Awaited with each new connection.
OnConnect: TypeAlias = Callable[[Connection], Awaitable[None]]

#: How long a cancelled ``on_connect`` has to end, in seconds.
CALLBACK_GRACE = 0.1


async def _call(on_connect: OnConnect, connection: Connection) -> None:
    await on_connect(connection)


class _Attempt:
    """One attempt to connect, which any number of requests wait for.

    Attributes:
        opening: tells what it waits for.
        task: connects.
        until: when it gives up, by the loop's clock.
        opened: whether the connection was open; what came afterwards is the program's own ``on_connect``.
        expired: whether it gave up because its time was over.
        given_up: whether it was ended in favour of another one.
        noted: whether its end has been taken note of.
        callback: runs the program's ``on_connect``.
        telling: tells an observer of it; ``None`` without one.
    """

    def __init__(
        self, opening: Opening, deadline: Deadline, finish: Callable[[_Attempt, Connection], Awaitable[None]]
    ) -> None:
        self.opening = opening
        self.until = deadline.at
        self.opened = False
        self.expired = False
        self.given_up = False
        self.noted = False
        self._timeout = deadline.timeout
        self._finish = finish
        self.process = process.number
        self.callback: asyncio.Task[None] | None = None
        self.telling: ConnectionTelling | None = None
        self.task = asyncio.get_running_loop().create_task(self._run(), name="snmptcp connect")

    def can_be_joined(self, now: float) -> bool:
        """Whether it can still end in a connection.

        Between two blocking calls a loop stands still, and an attempt can be past its time without having ended.
        """
        return not self.task.done() and now < self.until

    def check_not_inside(self) -> None:
        """Refuse a request of the program's own ``on_connect``, which would wait for itself.

        Raises:
            ConfigurationError: this runs inside it.
        """
        task = asyncio.current_task()
        if task is not None and task in (self.task, self.callback):
            raise ConfigurationError("on_connect cannot ask: the connection is not ready before it returns")

    async def _run(self) -> Connection:
        try:
            async with asyncio.timeout_at(self.until) as limit:
                connection = await self.opening.connect()
                self.opened = True
                await self._finish(self, connection)
                return connection
        except TimeoutError as error:
            if not limit.expired():
                raise  # on_connect's own
            self.expired = True
            raise self.opening.expire(self._timeout) from error
        finally:
            del self, limit  # they refer to the task, which refers to its error, whose traceback refers to this frame


class Connector:
    """The connection to one agent, and the requests on their way over it.

    Args:
        options: where to connect to, and how.
        security: protects requests, opens replies.
        statistics: the counters to add to.
        on_unsolicited: called with the connection and each message that answers no request.

    Attributes:
        options: where the next connection goes to, and how.
        failures: tells errors which agent they are about.
        observer: is told what happens; ``None`` if there is none.
        connection: the present connection, or the last one.
        answer_sizes: what the agent has shown about large answers.
    """

    def __init__(
        self,
        options: ConnectionOptions,
        security: SecurityModel,
        statistics: Statistics,
        *,
        on_unsolicited: Callable[[Connection, bytes], None],
    ) -> None:
        self.options = options
        self.failures = Failures(options)
        self.connection: Connection | None = None
        self.answer_sizes = AnswerSizes(options.max_message_size)
        self._security = security
        self._statistics = statistics

        def count_failure() -> None:  # no method: the guards must not keep this object alive
            statistics.callback_failures += 1

        self._count_failure = count_failure
        self._on_unsolicited = guarded("on_unsolicited", on_unsolicited, count_failure)
        self._packet_trace = (
            None if options.packet_trace is None else guarded("packet_trace", options.packet_trace, count_failure)
        )
        observer = with_added(options.observer)
        self.observer = None if observer is None else GuardedObserver(observer, count_failure)
        self._receptive = False
        self._held = False
        self._attempt: _Attempt | None = None
        self._ending: set[asyncio.Task[Connection]] = set()  # attempts that have been given up
        self._left_behind: set[asyncio.Task[None]] = set()  # calls of on_connect that do not end when cancelled
        self._last_failure: ConnectFailed | None = None
        self._pacing = Pacing(options.reconnect_interval)
        self._closed = False

    # --------------------------------------------------------------------------------------- life

    @property
    def closed(self) -> bool:
        """Whether it is over for good."""
        return self._closed

    @property
    def connected(self) -> bool:
        """Whether there is a connection now."""
        connection = self.connection
        return connection is not None and connection.usable and self._is_of_this_process(connection)

    @property
    def pending(self) -> int:
        """How many requests wait for an answer now."""
        connection = self.connection
        return 0 if connection is None or not self._is_of_this_process(connection) else connection.pending

    @property
    def tls_session(self) -> TlsSession | None:
        """What was negotiated for the present or the last connection."""
        return None if self.connection is None else self.connection.tls_session

    @functools.cached_property
    def tls_counters(self) -> TlsCounters:
        """TLS sessions, as RFC 6353's MIB counts them."""
        from snmptcp.net.tls.counters import TlsCounters  # noqa: PLC0415 - not for plain TCP

        return TlsCounters()

    @property
    def security(self) -> SecurityModel:
        """What protects requests and opens replies, from the next request on; to be set while none is pending."""
        return self._security

    @security.setter
    def security(self, security: SecurityModel) -> None:
        self._security = security
        if self.connection is not None:
            self.connection.use_security(security)

    def use_tls(self, tls: ClientTls | None) -> None:
        """Speak TLS in another way from the next connection on."""
        self.options = self.failures.options = replace(self.options, tls=tls)
        self._pacing.forget()

    def receive_unsolicited(self, *, receptive: bool) -> None:
        """Pass on messages that answer no request, or only count them; on this connection and those to come."""
        self._receptive = receptive
        if self.connection is not None:
            self.connection.receive_unsolicited(receptive=receptive)

    def hold(self, *, held: bool) -> None:
        """Stop reading, or go on; also on connections that are yet to come."""
        self._held = held
        if self.connection is not None and self.connection.usable and self._is_of_this_process(self.connection):
            self.connection.hold(held=held)

    def check_open(self) -> None:
        """Make sure that requests may begin.

        Raises:
            ClosedError: the manager is closed.
        """
        if self._closed:
            raise ClosedError("the manager is closed")

    def end(self) -> None:
        """Begin nothing any more."""
        self._closed = True

    async def aclose(self) -> None:
        """Close the connection; what is pending fails with :class:`ClosedError`.

        Safe to cancel; the connection closes in any case.
        """
        self.end()
        if self._attempt is not None:
            self._give_up(self._attempt)
        connection = self.connection
        if connection is not None and not self._is_here(connection):
            connection.leave()
            connection = None
        if connection is not None:
            connection.close(ClosedError("the manager was closed"))
        if self._ending:
            await asyncio.wait(tuple(self._ending))
        if connection is not None:
            await connection.wait_closed()

    # -------------------------------------------------------------------- the way down and back up

    def ask(self, request: Request, deadline: Deadline) -> Coroutine[Any, Any, tuple[VarBind, ...]]:
        """Begin a request, and return what awaits its answer.  Safe to cancel."""
        return self.complete(self.begin(request, deadline))

    def begin(
        self, request: Request, deadline: Deadline, request_id: int | None = None, walk: WalkTelling | None = None
    ) -> Call:
        """Let a request leave, at once if there is a connection.

        Args:
            request: what to ask.
            deadline: when it expires.
            request_id: an id that was taken for it before; by default the next one.
            walk: the walk that it belongs to, if an observer is told of it.
        """
        call = Call(request, deadline, self.options.retries, request_id)
        connection = self._present()
        if self.observer is not None and self.observer.follows_requests:
            from snmptcp.manager.telling import RequestTelling  # noqa: PLC0415 - only with an observer

            call.telling = RequestTelling(
                self.observer, self.options.peer, request, walk, version=self._security.version
            )
        if connection is not None:
            try:
                call.start(connection)
            except SnmpError as error:
                if call.telling is not None:
                    call.telling.failed(error)
                raise
        return call

    def reclaim(self, call: Call) -> None:
        """Have a read asked again if it was begun in another event loop, or by the parent process.

        A generator can be continued anywhere; the answer to its request under way comes where it was begun.
        """
        call.leave(unless_on=self._is_here)

    def complete(self, call: Call) -> Coroutine[Any, Any, tuple[VarBind, ...]]:
        """Return what awaits the answer to a request, and sends it again on a fresh connection if that is allowed."""
        completing = self._complete(call)
        return completing if call.telling is None else call.telling.until_its_end(completing, call)

    async def _complete(self, call: Call) -> tuple[VarBind, ...]:
        lost: ConnectionLost | None = None
        try:
            while True:
                exchange = call.exchange
                if exchange is None:
                    exchange = call.start(await self._connection_for(call, lost))
                try:
                    answer: tuple[VarBind, ...] = await exchange.waiter
                except asyncio.CancelledError:
                    call.abandon()
                    raise
                except ConnectionLost as error:
                    if self._closed or not call.take_retry():
                        self._fail(call, error)
                        raise
                    lost = error
                    self._statistics.retried += exchange.sent
                    logger.debug(
                        "%s: %s is sent again on a new connection: %s", self.options.peer, call.request, error.text
                    )
                except SnmpError as error:
                    self._fail(call, error)
                    raise
                else:
                    return answer
        finally:
            del exchange, lost  # as in Call.fail: they refer to errors, whose tracebacks refer to this frame

    async def _connection_for(self, call: Call, lost: ConnectionLost | None) -> Connection:
        """Return a connection for a request.

        Args:
            call: the request.
            lost: how its last connection was lost; ``None`` if it had none.

        Raises:
            ConnectionLost: the request's time was over before there was another connection.
            ConnectFailed, ClosedError: as for :meth:`connect`.
        """
        try:
            return await self.connect(call.deadline, cause=None if call.telling is None else call.telling.trace)
        except ConnectFailed:
            if lost is None or running_loop().time() < call.deadline.at:
                raise
            # What became of the new connection in the rest of the time says little: the lost one is the true reason.
            text = f"{lost.text}; no new connection was ready within the {call.deadline.timeout:g} s of the request"
            raise self.failures.told(ConnectionLost(text)) from lost

    def settle(self, call: Call, error: SnmpError | None) -> None:
        """Take note of the end of a request that nothing awaits: answered, or failed for good."""
        if error is not None:
            self._fail(call, error)
        if call.telling is not None:
            call.telling.ended(call, error)

    def _fail(self, call: Call, error: SnmpError) -> None:
        """Take note that a request has failed for good."""
        logger.debug("%s: %s has failed: %s", self.options.peer, call.request, error.text)
        proved = isinstance(error, AgentError | SecurityError) and not error.unproved
        if call.left and not call.request.repeatable and not proved:
            error.uncertain = True
        self.failures.told(error)
        call.fail(error)

    # --------------------------------------------------------------------------------- connection

    def _present(self) -> Connection | None:
        """Return the connection if it can be used now, in this process and event loop.

        Raises:
            ConfigurationError: its own event loop is running in another thread.
        """
        connection = self.connection
        if connection is None or not connection.usable:
            return None
        if connection.loop is asyncio.get_running_loop() and connection.process == process.number:
            return connection
        if connection.process == process.number and connection.loop.is_running():
            raise ConfigurationError(
                f"the manager of {self.options.peer} is in use on another thread's event loop: make one for each loop"
            )
        connection.leave()
        self.connection = None
        return None

    @staticmethod
    def _is_of_this_process(connection: Connection) -> bool:
        """Whether a connection was made by this process; a child's must not touch its parent's."""
        return connection.process == process.number

    @staticmethod
    def _is_here(connection: Connection) -> bool:
        """Whether a connection belongs to this event loop and this process."""
        return connection.loop is asyncio.get_running_loop() and connection.process == process.number

    async def connect(
        self, deadline: Deadline | None = None, *, at_once: bool = False, cause: Trace | None = None
    ) -> Connection:
        """Return the connection, made once for all that wait for it.

        A caller waits as long as an attempt of its own would take.  It joins an attempt that is under way; if that
        one's time is over first, it joins or begins the next one.  After a failed attempt the next one begins when
        ``reconnect_interval`` is over; a caller that cannot wait so long is told of the last failure.

        Args:
            deadline: when to give up; by default after ``connect_timeout``.
            at_once: whether to begin an attempt also during the pause after a failed one.
            cause: what the connection is for, if an observer is told of that.

        Raises:
            ConnectFailed: with the true reason.
            ClosedError: the manager is closed.

        Safe to cancel; other callers go on.
        """
        try:
            return await self._connect(deadline, at_once=at_once, cause=cause)
        except SnmpError as error:
            self.failures.told(error)
            raise

    async def _connect(self, deadline: Deadline | None, *, at_once: bool, cause: Trace | None) -> Connection:
        loop = running_loop()
        now = loop.time()
        patience = Deadline(now + self.options.connect_timeout, self.options.connect_timeout)
        if deadline is not None and deadline.at < patience.at:
            patience = deadline
        while True:
            self.check_open()
            connection = self._present()
            if connection is not None:
                return connection
            if self._attempt is not None and self._attempt.task.done():  # what is called at its end is yet to run
                self._end_attempt(self._attempt)
            if not at_once and self._attempt is None and now < self._pacing.not_before:
                await self._keep_pause(patience, now)
                now = loop.time()
                continue
            attempt = self._join_or_begin(now, cause)
            attempt.check_not_inside()
            # The task is not awaited itself: a cancelled waiter must not take the others' connection with it.
            # If the attempt's time is over first, it ends with its own, more precise error.
            seconds = None if attempt.until <= patience.at else patience.at - now
            done, _ = await asyncio.wait((attempt.task,), timeout=seconds)
            now = loop.time()
            self.check_open()
            if done and attempt.task.cancelled() and not attempt.given_up:
                raise ConnectFailed(f"cannot connect to {self.options.peer}: the attempt was cancelled")
            if done and not attempt.task.cancelled() and not (attempt.expired and now < patience.at):
                try:
                    return attempt.task.result()
                finally:
                    del attempt, done  # they refer to an error, whose traceback refers to this frame
            if now >= patience.at:
                raise attempt.opening.timed_out(patience.timeout) from TimeoutError()

    async def _keep_pause(self, patience: Deadline, now: float) -> None:
        """Wait until the next attempt may begin.

        Raises:
            ConnectFailed: the last failure, if the caller's time is over before that.
        """
        pause = self._pacing.not_before - now
        if self._last_failure is not None and patience.at <= now + pause:
            raise copy_of(self._last_failure)
        logger.debug("%s: the next attempt to connect waits %.1f s", self.options.peer, pause)
        await asyncio.sleep(pause)

    def _join_or_begin(self, now: float, cause: Trace | None) -> _Attempt:
        """Return the attempt that is under way, or a new one."""
        attempt = self._attempt
        if attempt is not None:
            if attempt.task.get_loop() is asyncio.get_running_loop() and attempt.can_be_joined(now):
                return attempt
            self._give_up(attempt)
        seconds = self.options.connect_timeout
        logger.debug("%s: connecting, for %g s at most", self.options.peer, seconds)
        session = Session(
            self._security,
            self._statistics,
            max_message_size=self.options.max_message_size,
            request_ids=self.options.request_ids,
            observer=self.observer,
            max_unreadable=self.options.max_unreadable,
            max_in_flight=self.options.max_in_flight,
            strict=self.options.strict,
            report_grace=self.options.report_grace,
        )
        session.receptive = self._receptive
        if self.connection is not None:
            session.carry(self.connection.session)
        opening = Opening(self.options, session, packet_trace=self._packet_trace, on_unsolicited=self._on_unsolicited)
        self._pacing.began(now)
        attempt = self._attempt = _Attempt(opening, Deadline(now + seconds, seconds), self._take)
        if self.observer is not None:
            from snmptcp.manager.telling import ConnectionTelling  # noqa: PLC0415 - as above

            attempt.telling = ConnectionTelling(self.observer, self.options.peer, cause, version=self._security.version)
        attempt.task.add_done_callback(lambda _: self._end_attempt(attempt))
        return attempt

    def _give_up(self, attempt: _Attempt) -> None:
        """End an attempt that is not wanted any more."""
        self._attempt = None
        attempt.given_up = True
        loop = attempt.task.get_loop()
        if attempt.task.done():
            return
        if loop is asyncio.get_running_loop():
            self._ending.add(attempt.task)
            attempt.task.cancel()
        elif not loop.is_closed() and attempt.process == process.number:
            loop.call_soon_threadsafe(attempt.task.cancel)

    def _end_attempt(self, attempt: _Attempt) -> None:
        """Take note of the end of an attempt, awaited or not, once."""
        if attempt.noted:
            return
        attempt.noted = True
        task = attempt.task
        if attempt.telling is not None:
            attempt.telling.attempt_ended(task)
        self._ending.discard(task)
        if self._attempt is attempt:
            self._attempt = None
        if task.cancelled():
            return
        error = task.exception()
        if error is not None:
            text = error.text if isinstance(error, SnmpError) else repr(error)
            logger.debug("%s: connecting has failed: %s", self.options.peer, text)
        if isinstance(error, ConnectFailed):
            self._pacing.failed()
            self._last_failure = copy_of(error)
        else:
            self._pacing.forget()
            self._last_failure = None
        if self.options.tls is not None and isinstance(error, ConnectFailed) and not attempt.opened:
            self.tls_counters.count_open_error(error.failure if isinstance(error, TlsFailed) else None)

    async def _take(self, attempt: _Attempt, connection: Connection) -> None:
        """Make a new connection ready for the first request, and let requests have it."""
        if connection.tls_session is not None:
            self.tls_counters.session_opens += 1
            connection.when_closed(self._count_closed_session)
        connection.hold(held=self._held)
        try:
            await self._tell_connected(attempt, connection)
            if self._closed or self._attempt is not attempt:
                await connection.discard(ClosedError("the connection is not wanted any more"))
                raise ClosedError("the connection is not wanted any more")
            connection.receive_unsolicited(receptive=self._receptive)  # that, and the credentials, may have changed
            connection.use_security(self._security)
            self.connection = connection
            if attempt.telling is not None:
                attempt.telling.opened(connection)
        finally:
            del attempt  # as in _Attempt._run

    async def _tell_connected(self, attempt: _Attempt, connection: Connection) -> None:
        """Let the program see a new connection, and refuse it.

        Raises:
            SnmpError: the program refuses it.
            ConnectFailed: the callback has failed with another exception: what was not approved is not used.
        """
        on_connect = self.options.on_connect
        if on_connect is None:
            return
        # In a task of its own, so that a callback that catches its cancellation cannot outlast connect_timeout.
        callback = asyncio.get_running_loop().create_task(_call(on_connect, connection), name="snmptcp on_connect")
        attempt.callback = callback
        try:
            await asyncio.wait((callback,))
            callback.result()
        except Exception as error:
            await connection.discard(ClosedError("the connection is not wanted"))
            if isinstance(error, SnmpError):
                raise
            self._count_failure()
            logger.exception("on_connect failed; the connection is not used")
            raise ConnectFailed(f"cannot connect to {self.options.peer}: on_connect failed: {error!r}") from error
        except BaseException:
            callback.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.wait((callback,), timeout=CALLBACK_GRACE)
            if not callback.done():
                self._left_behind.add(callback)
                callback.add_done_callback(self._left_behind.discard)
            elif not callback.cancelled():
                callback.exception()  # it is not news: the attempt has ended
            with contextlib.suppress(asyncio.CancelledError):
                await connection.discard(ClosedError("connecting was given up"))
            raise
        finally:
            del attempt, callback  # as in _Attempt._run

    def _count_closed_session(self) -> None:
        self.tls_counters.session_client_closes += 1
