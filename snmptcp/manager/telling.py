"""Telling a manager's observer of requests, walks, tables and connections: start and end, in the right context.

Contains: traces that become true as their subject goes on.  Without an observer none of this exists.
"""

from __future__ import annotations

import asyncio
import contextvars
from typing import TYPE_CHECKING, Any, TypeVar

from snmptcp.errors import ClosedError, SnmpError
from snmptcp.net.clock import current_time
from snmptcp.protocol.trace import ConnectionTrace, RequestTrace, Trace, WalkTrace

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine

    from snmptcp.credentials import SnmpVersion
    from snmptcp.manager.call import Call
    from snmptcp.net.connection import Connection
    from snmptcp.oid import OID
    from snmptcp.protocol.exchange import Exchange
    from snmptcp.protocol.observer import Observer
    from snmptcp.protocol.request import Request

__all__ = ("ConnectionTelling", "RequestTelling", "WalkTelling")

T = TypeVar("T")


def _end(trace: Trace, error: BaseException | None, *, cancelled: bool = False) -> bool:
    """Note the end of something; return whether it had none before."""
    if trace.ended_at is not None:
        return False
    trace.ended_at = current_time()
    trace.cancelled = cancelled or isinstance(error, asyncio.CancelledError | GeneratorExit)
    trace.error = error if isinstance(error, SnmpError) else None
    if trace.error is not None and trace.error.peer is None:
        trace.error.peer = trace.peer
    return True


class RequestTelling:
    """Tells of one request, in the context of its caller.

    Args:
        observer: whom to tell; it does not raise.
        peer: the agent.
        request: what is asked.
        walk: the walk or table that it belongs to.
        version: the version of SNMP.
    """

    def __init__(
        self,
        observer: Observer,
        peer: str,
        request: Request,
        walk: WalkTelling | None = None,
        *,
        version: SnmpVersion | None = None,
    ) -> None:
        self._observer = observer
        if walk is not None:
            walk.trace.requests += 1
        self.trace = RequestTrace(
            peer,
            current_time(),
            request.type,
            request.names,
            None if walk is None else walk.trace,
            max_repetitions=request.max_repetitions,
            version=version,
        )
        observer.request_started(self.trace)

    def sent(self, request_id: int, connection: Connection) -> None:
        """Take note that it leaves on a connection."""
        self.trace.attempts += 1
        self.trace.request_id = request_id
        self.trace.connection = connection.trace

    async def until_its_end(self, answer: Coroutine[Any, Any, T], call: Call) -> T:
        """Wait for its answer, and tell of its end."""
        try:
            result = await answer
        except BaseException as error:
            self._tell_end(error)
            raise
        self.ended(call, None)
        return result

    def ended(self, call: Call, error: SnmpError | None) -> None:
        """Take note of its end: answered, or failed for good."""
        if error is None and call.exchange is not None:
            self._note_answer(call.exchange)
        self._tell_end(error)

    def left(self, exchange: Exchange | None) -> None:
        """Take note that its caller does not wait for it any more; it may have ended before that."""
        ended = exchange is not None and exchange.ended
        if exchange is not None and ended:
            self._note_answer(exchange)
        self._tell_end(None if exchange is None or not ended else exchange.error, cancelled=not ended)

    def failed(self, error: SnmpError) -> None:
        """Take note that it could not even begin."""
        self._tell_end(error)

    def _note_answer(self, exchange: Exchange) -> None:
        self.trace.octets = exchange.octets
        self.trace.varbinds = len(exchange.varbinds or ())

    def _tell_end(self, error: BaseException | None, *, cancelled: bool = False) -> None:
        if _end(self.trace, error, cancelled=cancelled):
            self._observer.request_ended(self.trace)


class WalkTelling:
    """Tells of one walk or table.

    Args:
        observer: whom to tell; it does not raise.
        peer: the agent.
        root: the subtree, or the table.
        is_table: whether it is a table.
        version: the version of SNMP.
    """

    def __init__(
        self, observer: Observer, peer: str, root: OID, *, is_table: bool, version: SnmpVersion | None = None
    ) -> None:
        self._observer = observer
        self.trace = WalkTrace(peer, current_time(), root, is_table=is_table, version=version)

    async def each(self, items: AsyncGenerator[T, None]) -> AsyncGenerator[T, None]:
        """Yield what a walk yields, and tell of its start and end."""
        trace, observer = self.trace, self._observer
        trace.started_at = current_time()
        context = contextvars.copy_context()  # a walk that is collected ends in no context of its caller
        error: BaseException | None = None
        observer.walk_started(trace)
        try:
            async for item in items:
                trace.rows += 1
                yield item
        except BaseException as caught:
            error = caught
            raise
        finally:
            try:
                await items.aclose()
            finally:
                _end(trace, error)
                context.run(observer.walk_ended, trace)


class ConnectionTelling:
    """Tells of one attempt to connect, and of its connection.

    Args:
        observer: whom to tell; it does not raise.
        peer: the agent.
        cause: what it was begun for.
        version: the version of SNMP.
    """

    def __init__(
        self, observer: Observer, peer: str, cause: Trace | None = None, *, version: SnmpVersion | None = None
    ) -> None:
        self._observer = observer
        self._context = contextvars.copy_context()
        self.trace = ConnectionTrace(peer, current_time(), cause, version=version)
        observer.connection_started(self.trace)

    def opened(self, connection: Connection) -> None:
        """Tell that the connection is ready for requests, and of its end when it comes."""
        self.trace.opened_at = current_time()
        self.trace.addresses = connection.addresses
        self.trace.tls = connection.tls_session
        self.trace.count_from(connection.session.statistics)
        connection.trace = self.trace
        self._tell(self._observer.connection_opened)
        connection.when_closed(lambda: self._tell_end(connection.session.closed))

    def attempt_ended(self, task: asyncio.Task[Connection]) -> None:
        """Tell of the end of an attempt that has made no connection."""
        if self.trace.opened_at is None:
            self._tell_end(None if task.cancelled() else task.exception(), cancelled=task.cancelled())

    def _tell_end(self, reason: BaseException | None, *, cancelled: bool = False) -> None:
        trace = self.trace
        if _end(trace, reason, cancelled=cancelled):
            trace.count_no_more()
            trace.reason = trace.error
            if isinstance(reason, ClosedError):
                trace.error = None
            self._tell(self._observer.connection_ended)

    def _tell(self, method: Callable[[ConnectionTrace], None]) -> None:
        self._context.run(method, self.trace)
