"""One asynchronous manager of the facade's, and what it tells as events.

What may live here: from what an observer is told to events.  What may not: when to send what.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Any

from snmptcp.codec.message import read_v3_header, read_version
from snmptcp.credentials import Community, SecurityLevel, UsmUser
from snmptcp.errors import ClosedError, SnmpError
from snmptcp.ipworks.errors import translate
from snmptcp.ipworks.tables.events import EVENT_CLASSES
from snmptcp.protocol.observer import Observer
from snmptcp.security.usm_message import level_of, read_usm_parameters

if TYPE_CHECKING:
    from snmptcp.errors import TlsFailed
    from snmptcp.ipworks.methods import Core
    from snmptcp.manager.manager import Manager
    from snmptcp.net.connection import Connection
    from snmptcp.net.tls.session import ClientTls
    from snmptcp.protocol.exchange import Exchange
    from snmptcp.values import VarBind

__all__ = ("LEVELS", "Conversation", "address_of", "credential_fields")

#: security_level of the events.
LEVELS = {SecurityLevel.noAuthNoPriv: 0, SecurityLevel.authNoPriv: 1, SecurityLevel.authPriv: 2}

#: The answers of a walk that are remembered until their objects have been presented.
_MAX_ANSWERS = 8


def address_of(name: Any) -> tuple[str, int]:
    """Return the address and port of what a socket calls its name."""
    return (str(name[0]), int(name[1])) if isinstance(name, tuple) else ("", 0)


def credential_fields(credentials: object) -> dict[str, object]:
    """Return what the events tell of who asked."""
    if isinstance(credentials, UsmUser):
        return {
            "snmp_version": 3,
            "community": "",
            "user": credentials.name.decode("utf-8", "surrogateescape"),
            "security_level": LEVELS[credentials.security_level],
        }
    if isinstance(credentials, Community):
        return {
            "snmp_version": int(credentials.version) + 1,
            "community": credentials.name.decode("utf-8", "surrogateescape"),
            "user": "",
            "security_level": 0,
        }
    return {}


class Conversation(Observer):
    """The conversation with one agent.

    Args:
        core: who wants to know.
        key: the values of everything that its connection depends on.
        host: the agent's name, for events about connections that are not made.
        port: the agent's port.
    """

    __slots__ = (
        "addresses",
        "answers",
        "connected",
        "core",
        "credentials",
        "credentials_key",
        "discovering",
        "key",
        "lock",
        "looking",
        "manager",
        "proxied",
        "refusal",
        "told_failure",
        "users",
        "verdict",
        "verifying",
    )

    manager: Manager

    def __init__(self, core: Core, key: tuple[object, ...], host: str, port: int) -> None:
        self.core = core
        self.key = key
        self.credentials: Community | UsmUser | None = None
        self.credentials_key: tuple[object, ...] = ()
        #: The local and the remote address of the last connection.
        self.addresses: tuple[tuple[str, int], tuple[str, int]] = (("", 0), (host, port))
        self.connected = False
        #: Whether discover() is in progress, which tells its end itself.
        self.discovering = False
        #: Why the last reply was dropped.
        self.refusal: SnmpError | None = None
        #: How many methods wait for something.
        self.users = 0
        #: The answers of a walk, oldest first: request-ids with the objects that came under them.
        self.answers: deque[tuple[int, tuple[VarBind, ...]]] = deque(maxlen=_MAX_ANSWERS)
        self.told_failure: BaseException | None = None
        #: Whether connections go through a firewall.
        self.proxied = False
        #: TLS as the settings want it; ``None`` without.
        self.verifying: ClientTls | None = None
        #: Why the server's certificate would not be accepted, on a connection on which nobody has verified it.
        self.verdict: TlsFailed | None = None
        #: Set on a connection that is only made to look at the server's certificates.
        self.looking: asyncio.Future[tuple[bytes, ...]] | None = None
        #: Held while a TLS connection is made.
        self.lock = asyncio.Lock()

    @property
    def peer(self) -> tuple[str, int]:
        """The agent's address and port."""
        return self.addresses[1]

    @property
    def idle(self) -> bool:
        """Whether nothing waits for this conversation."""
        return self.users == 0

    def origin(self, varbind: VarBind) -> int:
        """Return the request-id of the answer that an object of a walk came with."""
        while self.answers:
            request_id, varbinds = self.answers[0]
            if any(candidate is varbind for candidate in varbinds):
                return request_id
            self.answers.popleft()
        return 0

    # -------------------------------------------------------------------------------- connections

    async def made(self, connection: Connection) -> None:
        """Take note of a new connection, and let it be used or not."""
        local, peer = connection.addresses
        self.addresses = (address_of(local), address_of(peer))
        self.told_failure = None
        await self.core.tls.approve(self, connection)
        self.connected = True
        self.core.tell.opened(self.peer, connection.tls_session, proxied=self.proxied)

    def connection_closed(self, reason: SnmpError) -> None:
        """Tell that a connection is over."""
        if not self.connected:
            return
        self.connected = False
        orderly = isinstance(reason, ClosedError)
        code, text = (0, "OK") if orderly else (translate(reason).code, translate(reason).message)
        self.core.tell.closed(self.peer, code, text)

    def unsolicited(self, connection: Connection, message: bytes) -> None:
        """Take what the agent sends of itself."""
        self.core.reception.receive(message, self.peer, connection.send_unconfirmed)

    def ready_to_send(self) -> None:
        """Tell that data is taken again."""
        self.core.pump.post(EVENT_CLASSES["on_ready_to_send"]())

    # ----------------------------------------------------------------------------------- messages

    def message_sent(self, message: bytes) -> None:
        """Trace it."""
        self.core.tell.trace(message, 2, self.peer, self.credentials)

    def message_received(self, message: bytes) -> None:
        """Trace it, and take it for a sign of life."""
        self.core.heard(self.peer)
        self.core.tell.trace(message, 1, self.peer, self.credentials)

    def exchange_ended(self, exchange: Exchange) -> None:
        """Remember under which id an answer came."""
        if exchange.varbinds is not None:
            self.answers.append((exchange.request_id, exchange.varbinds))

    def message_refused(self, message: bytes, error: SnmpError) -> None:
        """Tell of a packet that cannot be read or trusted."""
        self.refusal = error
        self.core.tell.bad_packet(message, error, self.peer)

    def report_received(self, message: bytes, varbinds: tuple[VarBind, ...], error: SnmpError, *, probe: bool) -> None:
        """Tell of a report; one that answers the question who the engine is is no failure."""
        _, offset, end = read_version(message)
        header = read_v3_header(message, offset, end)
        parameters = read_usm_parameters(message, header.security_start, header.security_stop)
        level = LEVELS[level_of(header.msg_flags) or SecurityLevel.noAuthNoPriv]
        user = parameters.user.decode("utf-8", "surrogateescape")
        if probe:
            if not self.discovering:
                engine = (parameters.engine_id, parameters.boots, parameters.time)
                self.core.tell.discovery(self, engine, user, level)
            return
        self.refusal = error
        fields = {
            "request_id": header.msg_id,
            "snmp_version": 3,
            "user": user,
            "security_level": level,
            "source_address": self.peer[0],
            "source_port": self.peer[1],
            "error_description": str(error),
        }
        self.core.pump.post(EVENT_CLASSES["on_report"](**fields), lambda: self.core.arrays.fill(varbinds))
