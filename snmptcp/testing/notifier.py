"""What an agent pushes: traps and informs on a connection on which a manager asks (RFC 3416 sections 4.2.6, 4.2.7).

What may live here: sending on one connection, and the way from an acknowledgement to whoever waits for it.  What may
not: what a notification says (:mod:`snmptcp.protocol.notification`), how it is protected (:mod:`snmptcp.security`),
and the conversation in which an inform is acknowledged, discovery included (:mod:`snmptcp.protocol.session`).

Of an inform its receiver is the authoritative engine, so that for informs the agent is what a manager is for requests.
"""

from __future__ import annotations

import asyncio
from math import inf
from typing import TYPE_CHECKING, TypeAlias, Union

from snmptcp.codec.message import MsgFlags, read_community, read_v3_header, read_version
from snmptcp.codec.pdu import PduType
from snmptcp.credentials import Community, SnmpVersion, Tsm, UsmUser
from snmptcp.errors import ConfigurationError, ConnectionLost
from snmptcp.protocol.deadline import Deadline
from snmptcp.protocol.exchange import Exchange
from snmptcp.protocol.notification import notification_request, to_v1
from snmptcp.protocol.session import Session
from snmptcp.security.community import CommunitySecurity
from snmptcp.security.remote_engine import Engine
from snmptcp.security.trap_sender import TrapSender
from snmptcp.security.tsm import SECURITY_MODEL as TSM
from snmptcp.security.tsm import TsmSecurity
from snmptcp.security.usm import UsmSecurity

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.protocol.notification import NotificationParameters
    from snmptcp.protocol.request import Request
    from snmptcp.security.engine_clock import EngineInfo
    from snmptcp.security.model import SecurityModel
    from snmptcp.values import IpAddress, VarBind

__all__ = ("Credentials", "Notifier")

Credentials: TypeAlias = Union[Community, UsmUser, Tsm]

_RESPONSE = bytes((PduType.RESPONSE,))


class Notifier:
    """Sends notifications on one connection.

    Args:
        send: writes a whole message there.
        max_message_size: the longest message that the agent accepts, in octets.
    """

    def __init__(self, send: Callable[[bytes], None], max_message_size: int) -> None:
        self._send = send
        self._max_message_size = max_message_size
        self._conversations: dict[tuple[Credentials, bytes], _Conversation] = {}

    def send_trap(
        self,
        what: NotificationParameters,
        credentials: Credentials,
        engine: EngineInfo,
        agent_address: IpAddress,
        now: float,
    ) -> None:
        """Send a trap, of which this engine is authoritative.

        Args:
            what: what to notify of.
            credentials: on whose behalf.
            engine: who the agent is, and when.
            agent_address: the agent's own address, for SNMPv1.
            now: the time at which ``engine`` is so.

        Raises:
            ConfigurationError: it cannot be said in this version.
        """
        sender = TrapSender(credentials, self._max_message_size, engine, now)
        if isinstance(credentials, Community) and credentials.version is SnmpVersion.V1:
            self._send(sender.protect_v1(to_v1(what.trap_oid, what.varbinds, what.uptime, agent_address)))
            return
        request = notification_request(PduType.TRAP_V2, what.trap_oid, what.varbinds, what.uptime)
        message_id = self._conversation(credentials, engine).session.next_id()
        self._send(sender.protect(message_id.to_bytes(4, "big"), request.tail, now))

    async def inform(
        self, what: NotificationParameters, credentials: Credentials, engine: EngineInfo, timeout: float
    ) -> tuple[VarBind, ...]:
        """Send an inform, and wait for its acknowledgement; returns the variable bindings of that.

        Args:
            what: what to notify of.
            credentials: on whose behalf.
            engine: who the agent is: what it notifies of is in a context of its own engine.
            timeout: how long it may take, in seconds.

        Raises:
            AgentError: the manager has not taken it.
            ConfigurationError: the version is SNMPv1, which has no informs.
            RequestTimeout, ConnectionLost, ProtocolError, SecurityError: as for a manager's request.

        Safe to cancel.
        """
        if isinstance(credentials, Community) and credentials.version is SnmpVersion.V1:
            raise ConfigurationError("SNMPv1 has no informs")
        request = notification_request(PduType.INFORM, what.trap_oid, what.varbinds, what.uptime)
        return await self._conversation(credentials, engine).ask(request, timeout)

    def receive(self, message: bytes) -> bool:
        """Take a message if it answers an inform, or may; return whether it is not a request.

        Raises:
            DecodeError: it is not sound.
        """
        if not self._conversations:
            return False
        version, offset, end = read_version(message)
        if version == SnmpVersion.V3:
            header = read_v3_header(message, offset, end)
            if header.msg_flags & MsgFlags.REPORTABLE:  # whatever wants an answer is none
                return False
            kind: type = Tsm if header.security_model == TSM else UsmUser
            talking = [each for (who, _), each in self._conversations.items() if isinstance(who, kind)]
        else:
            name, offset = read_community(message, offset, end)
            if message[offset : offset + 1] != _RESPONSE:
                return False
            talking = [
                each
                for (who, _), each in self._conversations.items()
                if isinstance(who, Community) and (who.version, who.name) == (version, name)
            ]
        for conversation in talking:
            conversation.receive(message)
        return bool(talking)

    def close(self) -> None:
        """Fail what waits: the connection has ended."""
        for conversation in self._conversations.values():
            conversation.close()
        self._conversations.clear()

    def _conversation(self, credentials: Credentials, engine: EngineInfo) -> _Conversation:
        """Return the one for these credentials; what has been found out of the manager's engine is kept there."""
        key = credentials, engine.engine_id
        conversation = self._conversations.get(key)
        if conversation is None:
            security = _security(credentials, engine.engine_id, self._max_message_size)
            session = Session(security, max_message_size=self._max_message_size)
            conversation = self._conversations[key] = _Conversation(session, self._send)
        return conversation


def _security(credentials: Credentials, engine_id: bytes, max_message_size: int) -> SecurityModel:
    """Return what protects informs; their context is the agent's, unless another one is asked for."""
    if isinstance(credentials, Community):
        return CommunitySecurity(credentials)
    context_engine_id = credentials.context_engine_id or engine_id
    if isinstance(credentials, UsmUser):
        user = credentials.in_context(credentials.context_name, context_engine_id)
        return UsmSecurity(user, Engine(), max_message_size)
    tsm = Tsm(credentials.context_name, context_engine_id=context_engine_id, prefix=credentials.prefix)
    return TsmSecurity(tsm, Engine(), max_message_size)


class _Conversation:
    """The shell around a session: feed, settle, flush, one timer; the octets come from a server's connection."""

    def __init__(self, session: Session, send: Callable[[bytes], None]) -> None:
        self.session = session
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    async def ask(self, request: Request, timeout: float) -> tuple[VarBind, ...]:
        """Send a request, and wait for its answer."""
        now = self._loop.time()
        exchange = self.session.start(request, Deadline(now + timeout, timeout), now)
        exchange.waiter = self._loop.create_future()
        self._go_on()
        try:
            answer: tuple[VarBind, ...] = await exchange.waiter
        except asyncio.CancelledError:
            self.session.abandon(exchange)
            raise
        return answer

    def receive(self, message: bytes) -> None:
        """Feed a whole message."""
        self.session.receive_data(message, self._loop.time())
        self._go_on()

    def close(self) -> None:
        """End the conversation, and what waits."""
        self.session.receive_eof(ConnectionLost("the connection of the manager has ended"))
        self._go_on()

    def _go_on(self) -> None:
        """Settle, flush, and set the timer."""
        for message in self.session.data_to_send():
            self._send(message)
        for event in self.session.events():
            if isinstance(event, Exchange) and not event.waiter.done():
                if event.error is None:
                    event.waiter.set_result(event.varbinds)
                else:
                    event.waiter.set_exception(event.error)
                    event.waiter.exception()  # its caller may be gone already
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self.session.next_timer()
        if due != inf:
            self._timer = self._loop.call_at(due, self._on_timer)

    def _on_timer(self) -> None:
        self.session.handle_timer(self._loop.time())
        self._go_on()
