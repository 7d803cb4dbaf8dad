"""Futures of responses to requests that nothing awaits: one task less for each.

Contains: from the end of an exchange to the future of its response.  Does not contain: sending, connecting and retries
(:mod:`snmptcp.manager.connector`).
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from snmptcp.errors import AgentError, ConnectionLost

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.manager.call import Call
    from snmptcp.manager.connector import Connector
    from snmptcp.values import VarBind

__all__ = ("Begun",)

R = TypeVar("R")


class Begun(asyncio.Future[R]):
    """The future of the response to a request that has begun.

    Only a request that has no connection yet, or has lost it, has a task, which connects and sends it.

    Args:
        connector: what the request began on.
        call: the request.
        respond: makes the response of an answer, or of an error-status.
    """

    __slots__ = ("_call", "_connector", "_respond", "_task")

    def __init__(
        self, connector: Connector, call: Call, respond: Callable[[Call, tuple[VarBind, ...] | AgentError], R]
    ) -> None:
        super().__init__(loop=asyncio.get_running_loop())
        self._connector = connector
        self._call = call
        self._respond = respond
        self._task: asyncio.Task[tuple[VarBind, ...]] | None = None
        if call.exchange is None:
            self._complete()
        else:
            call.exchange.waiter.add_done_callback(self._settle)

    def cancel(self, msg: Any | None = None) -> bool:
        """Forget the request, unless it has ended; return whether it had not."""
        if not super().cancel(msg):
            return False
        if self._task is None:
            self._call.abandon()
        else:
            self._task.cancel()
        return True

    def _settle(self, waiter: asyncio.Future[Any]) -> None:
        """Take the end of the exchange."""
        if self.done():
            return
        if waiter.cancelled():
            self.cancel()
            return
        error: Any = waiter.exception()
        if isinstance(error, ConnectionLost):
            self._complete()
            return
        self._connector.settle(self._call, error)
        self._tell(error, waiter)

    def _complete(self) -> None:
        """Let the request leave on a connection that is yet to be made, if it may."""
        self._task = self.get_loop().create_task(self._connector.complete(self._call))
        self._task.add_done_callback(self._completed)

    def _completed(self, task: asyncio.Task[tuple[VarBind, ...]]) -> None:
        if self.done():
            return
        if task.cancelled():
            self.cancel()
        else:
            self._tell(task.exception(), task)

    def _tell(self, error: BaseException | None, answer: asyncio.Future[tuple[VarBind, ...]]) -> None:
        if isinstance(error, AgentError):
            self.set_result(self._respond(self._call, error))
        elif error is not None:
            self.set_exception(error)
        else:
            self.set_result(self._respond(self._call, answer.result()))
