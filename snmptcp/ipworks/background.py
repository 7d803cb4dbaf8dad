"""Requests that no method waits for (``timeout`` 0): from a send to its event.

Contains: when they leave, and what becomes of each.  Does not contain: how they are sent
(:mod:`snmptcp.ipworks.agent`), what handlers are told (:mod:`snmptcp.ipworks.emit`).

None of them has a task, so that very many can wait and end.
"""

from __future__ import annotations

import asyncio
import functools
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from snmptcp.errors import ConnectFailed, RequestTimeout, SnmpError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from snmptcp.codec.pdu import PduType
    from snmptcp.credentials import Community, UsmUser
    from snmptcp.ipworks.emit import Emitter
    from snmptcp.ipworks.fields import Address
    from snmptcp.manager import Response
    from snmptcp.values import VarBind

__all__ = ("Background", "Sender")


class Sender(Protocol):
    """What requests are sent by: a conversation.

    Attributes:
        closed: whether it is over, because the program has set ``active`` to False.
    """

    closed: bool

    @property
    def ready(self) -> bool:
        """Whether a request leaves at once."""

    @property
    def peer(self) -> Address:
        """The agent's address."""

    @property
    def credentials(self) -> Community | UsmUser:
        """Those of the requests."""

    async def connect(self) -> None:
        """Make the connection, unless there is one."""

    def begin(self, kind: PduType, varbinds: Sequence[VarBind], **options: Any) -> asyncio.Future[Response]:
        """Send a request on the connection that there is."""

    def tell_connect_failed(self, error: ConnectFailed) -> None:
        """Tell that a connection could not be made."""


class _Send(NamedTuple):
    """A request that waits for the connection.

    Attributes:
        kind, varbinds, options: the request, as :meth:`Manager.begin_exchange` takes it.
        seconds: how long it may take, connecting included.
        until: when its time is over, by the loop's clock.
    """

    kind: PduType
    varbinds: Sequence[VarBind]
    options: Mapping[str, Any]
    seconds: float
    until: float


class Background:
    """The requests of one conversation that no method waits for.

    Args:
        sender: sends them.
        emitter: queues the events.

    Attributes:
        pending: how many of them have not ended.
    """

    def __init__(self, sender: Sender, emitter: Emitter) -> None:
        self._sender = sender
        self._emitter = emitter
        self.pending = 0
        self._waiting: list[_Send] = []  # for the connection
        self._opening: asyncio.Task[None] | None = None

    async def send(self, kind: PduType, varbinds: Sequence[VarBind], seconds: float, **options: Any) -> None:
        """Send a request; it has left on return if there is a connection.

        Args:
            kind: its type.
            varbinds: its objects.
            seconds: how long it may take, connecting included.
            options: the other arguments of :meth:`Manager.begin_exchange`.
        """
        self.pending += 1
        if self._sender.ready and not self._waiting:
            self._begin(kind, varbinds, self._ended, timeout=seconds, **options)
        else:
            until = asyncio.get_running_loop().time() + seconds
            self._waiting.append(_Send(kind, varbinds, options, seconds, until))
            if self._opening is None:
                self._opening = asyncio.create_task(self._open())
            await asyncio.sleep(0)
        await asyncio.sleep(0)  # requests leave at the end of the loop's turn

    async def _open(self) -> None:
        """Connect, and send what waits for that."""
        failure: SnmpError | OSError | None = None
        try:
            await self._sender.connect()
        except (SnmpError, OSError) as error:
            failure = error
        finally:
            self._opening = None
            waiting, self._waiting = self._waiting, []
        now = asyncio.get_running_loop().time()
        for send in waiting:
            if failure is None:
                ended = functools.partial(self._ended_in, send.seconds)
                self._begin(send.kind, send.varbinds, ended, timeout=max(send.until - now, 0.001), **send.options)
            else:
                self._failed(failure)

    def _begin(
        self,
        kind: PduType,
        varbinds: Sequence[VarBind],
        ended: Callable[[asyncio.Future[Response]], None],
        **options: Any,
    ) -> None:
        try:
            outcome = self._sender.begin(kind, varbinds, **options)
        except SnmpError as error:
            self._failed(error)
        else:
            outcome.add_done_callback(ended)

    def _ended_in(self, seconds: float, outcome: asyncio.Future[Response]) -> None:
        """End a request that had to wait for the connection; ``seconds`` is what it was given for both."""
        error = None if outcome.cancelled() else outcome.exception()
        if isinstance(error, RequestTimeout):
            self._failed(RequestTimeout(seconds, error.reason))
        else:
            self._ended(outcome)

    def _ended(self, outcome: asyncio.Future[Response]) -> None:
        error = None if outcome.cancelled() else outcome.exception()
        if error is not None or outcome.cancelled():
            self._failed(error)
            return
        self.pending -= 1
        if not self._sender.closed:
            self._emitter.response(outcome.result(), self._sender.peer, self._sender.credentials)

    def _failed(self, error: BaseException | None) -> None:
        """Tell why a request has failed, unless the program has closed everything."""
        self.pending -= 1
        if error is None or self._sender.closed:
            return
        if isinstance(error, ConnectFailed):
            self._sender.tell_connect_failed(error)
        self._emitter.failed(error)
