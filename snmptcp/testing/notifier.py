"""Notifications that an agent pushes on a manager's connection (RFC 3416 sections 4.2.6 and 4.2.7).

Contains: sending traps and informs on one connection, and waiting for acknowledgements.
Does not contain: the PDUs (:mod:`snmptcp.protocol.notification`), protection (:mod:`snmptcp.security`), discovery
and acknowledgements (:mod:`snmptcp.protocol.session`).

The receiver of an inform is its authoritative engine (RFC 3414 section 1.5.1), so the agent sends an inform as a
manager sends a request.
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
        send: writes a whole message to the connection.
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
        """Send a trap; the agent's engine is authoritative.

        Args:
            what: the notification.
            credentials: the community, user or TSM's credentials.
            engine: the agent's engine.
            agent_address: the agent's address, for SNMPv1.
            now: the time that ``engine`` is valid for.

        Raises:
            ConfigurationError: the version cannot carry the notification.
        """
        sender = TrapSender(credentials, self._max_message_size, engine, now)
        if isinstance(credentials, Community) and credentials.version is SnmpVersion.V1:
            self._send(sender.protect_v1(to_v1(what.trap_oid, what.varbinds, what.uptime, agent_address)))
            return
        request = notification_request(PduType.TRAP_V2, what.trap_oid, what.varbinds, what.uptime)
        session = self._conversation(credentials, engine).session
        request_id = session.next_id().to_bytes(4, "big")
        self._send(sender.protect(session.next_message_id(), request_id, request.tail, now))

    async def inform(
        self, what: NotificationParameters, credentials: Credentials, engine: EngineInfo, timeout: float
    ) -> tuple[VarBind, ...]:
        """Send an inform, wait for its acknowledgement, and return the acknowledgement's variable bindings.

        Args:
            what: the notification.
            credentials: the community, user or TSM's credentials.
            engine: the agent's engine; the notification is about a context of it.
            timeout: the most seconds to wait.

        Raises:
            AgentError: the manager answered with an error-status.
            ConfigurationError: the version is SNMPv1, which has no informs.
            RequestTimeout, ConnectionLost, ProtocolError, SecurityError: as for a manager's request.

        Safe to cancel.
        """
        if isinstance(credentials, Community) and credentials.version is SnmpVersion.V1:
            raise ConfigurationError("SNMPv1 has no informs; use other credentials")
        request = notification_request(PduType.INFORM, what.trap_oid, what.varbinds, what.uptime)
        return await self._conversation(credentials, engine).ask(request, timeout)

    def receive(self, message: bytes) -> bool:
        """Take a message that may answer an inform; return whether it was taken.

        Raises:
            DecodeError: the message is malformed.
        """
        if not self._conversations:
            return False
        version, offset, end = read_version(message)
        if version == SnmpVersion.V3:
            header = read_v3_header(message, offset, end)
            if header.msg_flags & MsgFlags.REPORTABLE:  # it wants a reply, so it is none
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
        """Fail the waiting informs; the connection has ended."""
        for conversation in self._conversations.values():
            conversation.close()
        self._conversations.clear()

    def _conversation(self, credentials: Credentials, engine: EngineInfo) -> _Conversation:
        """Return the conversation with these credentials; it remembers the manager's engine."""
        key = credentials, engine.engine_id
        conversation = self._conversations.get(key)
        if conversation is None:
            security = _security(credentials, engine.engine_id, self._max_message_size)
            session = Session(security, max_message_size=self._max_message_size)
            conversation = self._conversations[key] = _Conversation(session, self._send)
        return conversation


def _security(credentials: Credentials, engine_id: bytes, max_message_size: int) -> SecurityModel:
    """Return the security model for informs; the default contextEngineID is the agent's."""
    if isinstance(credentials, Community):
        return CommunitySecurity(credentials)
    context_engine_id = credentials.context_engine_id or engine_id
    if isinstance(credentials, UsmUser):
        user = credentials.in_context(credentials.context_name, context_engine_id)
        return UsmSecurity(user, Engine(), max_message_size)
    tsm = Tsm(credentials.context_name, context_engine_id=context_engine_id, prefix=credentials.prefix)
    return TsmSecurity(tsm, Engine(), max_message_size)


class _Conversation:
    """The I/O around a session whose octets come from a server's connection."""

    def __init__(self, session: Session, send: Callable[[bytes], None]) -> None:
        self.session = session
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None

    async def ask(self, request: Request, timeout: float) -> tuple[VarBind, ...]:
        """Send a request, and return the variable bindings of its response."""
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
        """Give the session a whole message."""
        self.session.receive_data(message, self._loop.time())
        self._go_on()

    def close(self) -> None:
        """End the session and fail what waits."""
        self.session.receive_eof(ConnectionLost("the manager's connection has ended"))
        self._go_on()

    def _go_on(self) -> None:
        """Send, settle futures, and set the timer."""
        for message in self.session.data_to_send():
            self._send(message)
        for event in self.session.events():
            if isinstance(event, Exchange) and not event.waiter.done():
                if event.error is None:
                    event.waiter.set_result(event.varbinds)
                else:
                    event.waiter.set_exception(event.error)
                    event.waiter.exception()  # mark it retrieved: its caller may be gone
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        due = self.session.next_timer()
        if due != inf:
            self._timer = self._loop.call_at(due, self._on_timer)

    def _on_timer(self) -> None:
        self.session.handle_timer(self._loop.time())
        self._go_on()
