"""Reception of traps, informs and discovery requests, on connections that peers or this object have made.

Contains: from a message to events, and from the handlers' decisions to answers.
Does not contain: the protocol (:mod:`snmptcp.protocol.receiver`), sockets (:mod:`snmptcp.ipworks.listen`).
"""

from __future__ import annotations

import asyncio
import functools
import secrets
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from snmptcp.codec.message import read_community, read_v3_header, read_version
from snmptcp.credentials import Community, SnmpVersion, UsmUser
from snmptcp.errors import DecodeError, SecurityError
from snmptcp.ipworks.fields import usm_fields
from snmptcp.protocol.notification import Source
from snmptcp.protocol.receiver import Incoming, Receiver, Refusal, Repeated, Reply
from snmptcp.security.authority import random_engine_id
from snmptcp.security.reports import ReportCounter
from snmptcp.security.usm_message import SECURITY_MODEL, read_usm_parameters

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping

    from snmptcp.codec.message import V3Header
    from snmptcp.ipworks.emit import Emitter
    from snmptcp.ipworks.fields import Address

__all__ = ("Reception",)

#: How many communities' receivers are kept.
_MAX_COMMUNITIES = 32


class Reception:
    """Receives messages that answer no request of this object.

    Args:
        values: the properties and settings.
        emitter: queues the events, and asks the handlers.
    """

    def __init__(self, values: Mapping[str, Any], emitter: Emitter) -> None:
        self._values = values
        self._emitter = emitter
        self._own_engine_id = random_engine_id()
        self._communities: OrderedDict[tuple[int, bytes], Receiver] = OrderedDict()
        self._usm: Receiver | None = None
        self._usm_key: tuple[object, ...] = ()
        self._user: UsmUser | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def prepare(self, user: UsmUser | None) -> None:
        """Accept notifications from an SNMPv3 user from now on.

        Args:
            user: the user; ``None`` to accept none.
        """
        key = (user, self._values["local_engine_id"], self._values["MsgMaxSize"])
        if self._usm is not None and key == self._usm_key:
            return
        self._communities.clear()
        self._usm_key = key
        self._user = user
        # Without a user, discovery requests are answered all the same: by a receiver whose user cannot be guessed.
        self._usm = self._receiver(UsmUser(secrets.token_bytes(32)) if user is None else user)

    def _receiver(self, credentials: Community | UsmUser) -> Receiver:
        receiver = Receiver(
            (credentials,),
            engine_id=self._values["local_engine_id"] or self._own_engine_id,
            boots=0,
            max_message_size=self._values["MsgMaxSize"],
        )
        # The documented clock: engine boots 0, and the seconds since 1970 as the engine time.
        receiver.start(time.monotonic() - time.time())
        return receiver

    def arrived(self, message: bytes, source: Address, send: Callable[[bytes], None]) -> str | None:
        """Take a message from a connection that a peer has made: trace it, and :meth:`receive` it."""
        self._emitter.received(message, source, self._user)
        return self.receive(message, source, send)

    def receive(self, message: bytes, source: Address, send: Callable[[bytes], None]) -> str | None:
        """Take a message that has been traced.

        Args:
            message: the whole message.
            source: the address that it came from.
            send: sends octets back on its connection.

        Returns:
            Why it cannot be read or is not accepted; ``None`` if it is.
        """

        def answer(octets: bytes) -> None:
            self._emitter.sent(octets, source, self._user)
            send(octets)

        try:
            version, offset, end = read_version(message)
            if version == SnmpVersion.V3:
                return self._receive_v3(message, read_v3_header(message, offset, end), source, answer)
            name, _ = read_community(message, offset, end)
            return self._take(self._community_receiver(version, name), message, source, answer)
        except DecodeError as error:
            self._emitter.bad_packet(message, error, source)
            return error.text

    def _community_receiver(self, version: int, name: bytes) -> Receiver:
        """Return the receiver of a community; every community is accepted, and the handler is told which."""
        if version not in (SnmpVersion.V1, SnmpVersion.V2C):
            raise DecodeError(f"unknown SNMP version number {version}")
        receiver = self._communities.get((version, name))
        if receiver is None:
            receiver = self._communities[version, name] = self._receiver(Community(name, SnmpVersion(version)))
            if len(self._communities) > _MAX_COMMUNITIES:
                self._communities.popitem(last=False)
        return receiver

    def _receive_v3(
        self, message: bytes, header: V3Header, source: Address, answer: Callable[[bytes], None]
    ) -> str | None:
        if header.security_model != SECURITY_MODEL or self._usm is None:
            raise DecodeError(f"security model {header.security_model} is not supported")
        parameters = read_usm_parameters(message, header.security_start, header.security_stop)
        if parameters.engine_id:
            return self._take(self._usm, message, source, answer)
        outcome = self._usm.receive(message, asyncio.get_running_loop().time(), source=Source(*source))
        if isinstance(outcome, Reply):
            engine = (parameters.engine_id, parameters.boots, parameters.time)
            fields = usm_fields(header, parameters)
            ask = functools.partial(self._emitter.ask_discovery_request, engine, source, **fields)
            self._spawn(self._answer_if(ask, outcome.octets, answer))
        return "a discovery request"

    def _take(self, receiver: Receiver, message: bytes, source: Address, answer: Callable[[bytes], None]) -> str | None:
        outcome = receiver.receive(message, asyncio.get_running_loop().time(), source=Source(*source))
        if isinstance(outcome, Incoming):
            if outcome.acknowledge is None:
                self._emitter.trap(outcome.notification)
            else:
                self._spawn(self._acknowledge(outcome, outcome.acknowledge, answer))
            return None
        if isinstance(outcome, Refusal):
            self._emitter.bad_packet(message, SecurityError(outcome.reason), source)
            return outcome.reason
        if isinstance(outcome, Repeated):
            outcome.when_acknowledged(answer)
            return None
        # A sender that does not know our time yet learns it from this report (RFC 3414 section 4, second step).
        if outcome.counter is None or outcome.counter is ReportCounter.usmStatsNotInTimeWindows:
            answer(outcome.octets)
        else:
            ask = functools.partial(self._emitter.ask_bad_packet, message, SecurityError(outcome.reason), source)
            self._spawn(self._answer_if(ask, outcome.octets, answer))
        return outcome.reason or "a discovery request"

    async def _answer_if(
        self, ask: Callable[[], Awaitable[bool]], octets: bytes, answer: Callable[[bytes], None]
    ) -> None:
        """Send an answer if the handler wants it."""
        if await ask():
            answer(octets)

    async def _acknowledge(
        self,
        incoming: Incoming,
        acknowledge: Callable[[int, int, float], bytes],
        answer: Callable[[bytes], None],
    ) -> None:
        """Acknowledge an inform as the handler decides."""
        decision = await self._emitter.ask_inform(incoming.notification)
        if decision.respond:
            now = asyncio.get_running_loop().time()
            answer(acknowledge(decision.error_status, decision.error_index, now))

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
