"""A request of a manager on its way to an answer, over more than one connection if need be.

Contains: on which connection it is, and whether it may leave again on the next one.  Does not contain: how connections
are made, and who waits for the answer (:mod:`snmptcp.manager.connector`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.errors import ConnectionLost, RequestTimeout

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.errors import SnmpError
    from snmptcp.manager.telling import RequestTelling
    from snmptcp.net.connection import Connection
    from snmptcp.protocol.deadline import Deadline
    from snmptcp.protocol.exchange import Exchange
    from snmptcp.protocol.request import Request

__all__ = ("Call",)

#: How often a request that has left may be sent again without taking a retry, after connections that had answered
#: others: a request that makes the agent close must not be sent for ever.
MAX_FREE_REPEATS = 256


class Call:
    """A request and its way to an answer.

    Attributes:
        request: what is asked.
        deadline: when it expires.
        exchange: the present exchange; ``None`` while it waits for a connection, and when it has failed.
        timed_out: whether it has failed because its time was over.
        telling: tells an observer of it; ``None`` without one.
    """

    __slots__ = (
        "_connection",
        "_failed_id",
        "_free_repeats",
        "_request_id",
        "_retries",
        "deadline",
        "exchange",
        "request",
        "telling",
        "timed_out",
    )

    def __init__(self, request: Request, deadline: Deadline, retries: int, request_id: int | None = None) -> None:
        self.request = request
        self.deadline = deadline
        self._retries = retries
        self._free_repeats = MAX_FREE_REPEATS if retries else 0
        self._request_id = request_id
        self._connection: Connection | None = None
        self.exchange: Exchange | None = None
        self.telling: RequestTelling | None = None
        self.timed_out = False
        self._failed_id = 0

    def prolong(self, deadline: Deadline) -> None:
        """Give it more time if it has not left yet, or has to leave again because its connection was lost."""
        exchange = self.exchange
        if exchange is None or isinstance(exchange.error, ConnectionLost):
            self.deadline = deadline
        elif not exchange.sent and not exchange.ended:
            self.deadline = deadline
            if exchange.patience is None:
                exchange.deadline = deadline
            else:
                exchange.patience = deadline

    @property
    def last_id(self) -> int:
        """The id under which it was sent last; 0 before that."""
        return self._failed_id if self.exchange is None else self.exchange.request_id

    @property
    def left(self) -> bool:
        """Whether it has been sent, on its last connection at least once."""
        return self.exchange is not None and (self.exchange.sent or bool(self.exchange.resent))

    def start(self, connection: Connection) -> Exchange:
        """Let it leave on a connection."""
        self._connection = connection
        self.exchange = connection.start(self.request, self.deadline, self._request_id)
        if self.telling is not None:
            self.telling.sent(self.exchange.request_id, connection)
        return self.exchange

    def take_retry(self) -> bool:
        """Whether it may be sent on a fresh connection after its own was lost; it may have one retry less then.

        If the agent had answered something on the lost connection, that takes no retry: some agents close after each
        answer.  So each connection that such a retry takes has brought an answer to another request.
        """
        exchange, connection = self.exchange, self._connection
        if exchange is None or connection is None:
            return False
        left = self.left
        if left and not self.request.repeatable:
            return False  # RFC 3430 section 2.3: the agent may have carried it out
        if connection.session.answered and (not left or self._free_repeats):
            self._free_repeats -= left
        elif self._retries:
            self._retries -= 1
        else:
            return False
        self.exchange = None
        return True

    def fail(self, error: SnmpError) -> None:
        """Let go of its exchange, which has failed for good.

        The exchange refers to the error, whose traceback refers to the frames that refer to this request: without this
        the error would not be freed when its last user forgets it, but when Python looks for cycles.
        """
        self._failed_id = self.last_id
        self.timed_out = isinstance(error, RequestTimeout)
        self.exchange = None

    def leave_once(self) -> None:
        """Do not send it again once it has left: its caller asks for less instead."""
        self._free_repeats = self._retries = 0

    def leave(self, *, unless_on: Callable[[Connection], bool]) -> None:
        """Forget the connection that it left on, unless that one is still good."""
        if self._connection is not None and not unless_on(self._connection):
            self._connection = self.exchange = None

    def abandon(self, *, silent: bool = False) -> None:
        """Forget it, unless it has ended.

        Args:
            silent: whether no answer is to be expected.
        """
        exchange = self.exchange
        if self.telling is not None:
            self.telling.left(exchange)
        if self._connection is not None and exchange is not None and not exchange.ended:
            self._connection.abandon(exchange, silent=silent)
