"""The program's own callbacks, guarded: what they raise is logged and counted, and harms no request.

Contains the guards.  They stand between the library and every callback of the program: packet traces, observers,
unsolicited messages, new connections, handlers.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from snmptcp.protocol.observer import Observer

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.errors import SnmpError
    from snmptcp.protocol.exchange import Exchange
    from snmptcp.protocol.trace import ConnectionTrace, RequestTrace, WalkTrace
    from snmptcp.values import VarBind

__all__ = ("GuardedObserver", "guarded")

logger = logging.getLogger("snmptcp.callbacks")

P = ParamSpec("P")


def guarded(
    what: str,
    callback: Callable[P, object],
    count: Callable[[], None],
    *,
    failed: Callable[Concatenate[BaseException, P], None] | None = None,
    effect: str = "requests are not affected",
) -> Callable[P, None]:
    """Return a callback that never raises an ``Exception``, nor :exc:`asyncio.CancelledError`.

    A callback is not a coroutine, so a CancelledError in it is not a cancellation of the calling task: for instance,
    ``result()`` of a cancelled future raises it.

    The first failure is logged with its traceback; later ones of the same callback are logged in one line each at
    DEBUG, since a callback that fails for every message would flood the log.

    Args:
        what: what the callback is, for the log.
        callback: the program's function.
        count: called for every failure.
        failed: called after a failure, with the exception and the callback's arguments.
        effect: what a failure means, for the log.
    """
    logged = False

    def call(*args: P.args, **kwargs: P.kwargs) -> None:
        nonlocal logged
        try:
            callback(*args, **kwargs)
        except (Exception, asyncio.CancelledError) as error:
            count()
            if logged:
                logger.debug("%s failed again: %r", what, error)
            else:
                logged = True
                logger.exception("%s failed; %s", what, effect)
            if failed is not None:
                failed(error, *args, **kwargs)

    return call


class GuardedObserver(Observer):
    """An observer whose failures harm nothing.

    Args:
        observer: the program's observer.
        count: called for every failure.
    """

    def __init__(self, observer: Observer, count: Callable[[], None]) -> None:
        self._request_started = guarded("observer.request_started", observer.request_started, count)
        self._request_ended = guarded("observer.request_ended", observer.request_ended, count)
        self._walk_started = guarded("observer.walk_started", observer.walk_started, count)
        self._walk_ended = guarded("observer.walk_ended", observer.walk_ended, count)
        self._connection_started = guarded("observer.connection_started", observer.connection_started, count)
        self._connection_opened = guarded("observer.connection_opened", observer.connection_opened, count)
        self._connection_ended = guarded("observer.connection_ended", observer.connection_ended, count)
        self._message_sent = guarded("observer.message_sent", observer.message_sent, count)
        self._message_received = guarded("observer.message_received", observer.message_received, count)
        self._exchange_ended = guarded("observer.exchange_ended", observer.exchange_ended, count)
        self._report_received = guarded("observer.report_received", observer.report_received, count)
        self._message_refused = guarded("observer.message_refused", observer.message_refused, count)
        self._ready_to_send = guarded("observer.ready_to_send", observer.ready_to_send, count)
        self._connection_closed = guarded("observer.connection_closed", observer.connection_closed, count)

    def request_started(self, trace: RequestTrace) -> None:
        """Pass it on."""
        self._request_started(trace)

    def request_ended(self, trace: RequestTrace) -> None:
        """Pass it on."""
        self._request_ended(trace)

    def walk_started(self, trace: WalkTrace) -> None:
        """Pass it on."""
        self._walk_started(trace)

    def walk_ended(self, trace: WalkTrace) -> None:
        """Pass it on."""
        self._walk_ended(trace)

    def connection_started(self, trace: ConnectionTrace) -> None:
        """Pass it on."""
        self._connection_started(trace)

    def connection_opened(self, trace: ConnectionTrace) -> None:
        """Pass it on."""
        self._connection_opened(trace)

    def connection_ended(self, trace: ConnectionTrace) -> None:
        """Pass it on."""
        self._connection_ended(trace)

    def message_sent(self, message: bytes) -> None:
        """Pass it on."""
        self._message_sent(message)

    def message_received(self, message: bytes) -> None:
        """Pass it on."""
        self._message_received(message)

    def exchange_ended(self, exchange: Exchange) -> None:
        """Pass it on."""
        self._exchange_ended(exchange)

    def report_received(self, message: bytes, varbinds: tuple[VarBind, ...], error: SnmpError, *, probe: bool) -> None:
        """Pass it on."""
        self._report_received(message, varbinds, error, probe=probe)

    def message_refused(self, message: bytes, error: SnmpError) -> None:
        """Pass it on."""
        self._message_refused(message, error)

    def ready_to_send(self) -> None:
        """Pass it on."""
        self._ready_to_send()

    def connection_closed(self, reason: SnmpError) -> None:
        """Pass it on."""
        self._connection_closed(reason)
