"""An agent's records: the requests that it accepted, and its counters.

Contains: plain records, and waiting for a number of requests.
Does not contain: the decisions what is recorded and counted.
"""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.credentials import SecurityLevel
from snmptcp.errors import ClosedError
from snmptcp.security.reports import SecurityCounters

if TYPE_CHECKING:
    from snmptcp.codec.pdu import Pdu
    from snmptcp.credentials import SnmpVersion

__all__ = ("Request", "RequestLog", "Statistics")

#: How many requests :attr:`RequestLog.requests` keeps.
REMEMBERED_REQUESTS = 10_000


class Request(NamedTuple):
    """A request that an agent has accepted.

    Attributes:
        version: the message's version.
        community: the message's community; empty in SNMPv3.
        pdu: the PDU.
        connection: the number of the connection it came on: 1 for the agent's first.
        user: the user name (USM) or security name (TSM); empty before SNMPv3.
        security_level: how the message was protected.
        context_name: the context; empty before SNMPv3.
    """

    version: SnmpVersion
    community: bytes
    pdu: Pdu
    connection: int
    user: bytes = b""
    security_level: SecurityLevel = SecurityLevel.noAuthNoPriv
    context_name: bytes = b""

    def __repr__(self) -> str:
        """Return the request without its community."""
        shown = ", ".join(f"{name}={value!r}" for name, value in self._asdict().items() if name != "community")
        return f"{type(self).__name__}({shown})"


@dataclass(slots=True)
class Statistics(SecurityCounters):
    """An agent's counters since it was made; the inherited ones are for SNMPv3 messages."""

    #: Connections accepted.
    connections: int = 0
    #: Messages received, of any kind.
    messages_in: int = 0
    #: Messages sent, whole or in part; a duplicate counts again.
    messages_out: int = 0
    #: Malformed messages, and GETBULK in SNMPv1; dropped.
    malformed: int = 0
    #: Messages of a version that the agent does not speak; dropped.
    unsupported_versions: int = 0
    #: Messages with an unknown community; dropped.
    bad_communities: int = 0
    #: Responses, notifications and reports received; dropped.
    unexpected_pdus: int = 0
    #: Requests to which not even tooBig would have fitted (snmpSilentDrops of RFC 3418).
    silent_drops: int = 0
    #: Connections closed because the stream could not be cut into messages.
    lost_framings: int = 0
    #: Replies that a fault has changed.
    faults: int = 0
    #: Notifications pushed.
    notifications: int = 0
    #: Informs among them that were acknowledged.
    acknowledged: int = 0
    #: Reports sent (SNMPv3).
    reports: int = 0


class RequestLog:
    """The accepted requests, in order, and those who wait for more."""

    def __init__(self) -> None:
        self.requests: deque[Request] = deque(maxlen=REMEMBERED_REQUESTS)
        self._accepted = 0
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []

    def add(self, request: Request) -> None:
        """Record a request, and wake the waiters that have waited for it."""
        self.requests.append(request)
        self._accepted += 1
        if self._waiters:
            for count, future in self._waiters:
                if count <= self._accepted and not future.done():
                    future.set_result(None)
            self._waiters = [waiter for waiter in self._waiters if not waiter[1].done()]

    async def wait_for(self, count: int) -> None:
        """Wait until this many requests have been recorded in all.

        Raises:
            ClosedError: :meth:`fail_waiters` was called meanwhile.
        """
        if self._accepted < count:
            future = asyncio.get_running_loop().create_future()
            self._waiters.append((count, future))
            await future

    def fail_waiters(self) -> None:
        """End all waiting: the agent was closed."""
        for _, future in self._waiters:
            if not future.done():
                future.set_exception(ClosedError("the agent was closed"))
        self._waiters.clear()

    def latest_on(self, connection: int) -> Request | None:
        """Return the latest request on a connection, if there is one."""
        return next((request for request in reversed(self.requests) if request.connection == connection), None)
