"""An embedded agent: requests in, replies out, over TCP and TLS (RFC 3416, RFC 1157, RFC 3584, RFC 3412, RFC 3430).

Contains: the agent that users hold, and the way of a message through it: access, the operation, a fault if one is
due, sending.
Does not contain: which messages are accepted and how replies are protected (:mod:`~snmptcp.testing.access`), the
operations (:mod:`~snmptcp.testing.responder`), the variables (:mod:`~snmptcp.testing.mib`), what a fault does
(:mod:`~snmptcp.testing.faults`), sending (:mod:`~snmptcp.testing.delivery`), sockets (:mod:`snmptcp.net.server`).
"""

from __future__ import annotations

import asyncio
import itertools
import logging
import time
from collections.abc import Mapping
from math import inf
from typing import TYPE_CHECKING, Any

from snmptcp.arguments import (
    CALLABLE,
    FLAG,
    INTEGER,
    OCTETS,
    TEXT,
    TEXT_OR_OCTETS,
    Kind,
    check_arguments,
    instance_of,
    optional,
    several_of,
)
from snmptcp.codec.framer import MIN_MESSAGE_SIZE
from snmptcp.credentials import Community, UsmUser
from snmptcp.errors import ConfigurationError, ConnectionLost, DecodeError
from snmptcp.net.limits import Limits
from snmptcp.net.server import Server
from snmptcp.net.tls.session import ServerTls
from snmptcp.oid import OID
from snmptcp.protocol.notification import SYS_UP_TIME, NotificationParameters
from snmptcp.security.authority import random_engine_id
from snmptcp.security.engine_clock import EngineInfo
from snmptcp.security.reports import NotAccepted
from snmptcp.security.tsm_authority import TsmAuthority
from snmptcp.testing.access import Accepted, Access, CommunityAccess, NameAccess, UserAccess
from snmptcp.testing.bookkeeping import Request, RequestLog, Statistics
from snmptcp.testing.conversation import Conversation, fault_text
from snmptcp.testing.delivery import ConnectionOutlet, FaultQueue
from snmptcp.testing.faults import DeliveryFault, Forgery, MessageFault, OctetFault
from snmptcp.testing.mib import Mib
from snmptcp.testing.notifier import Notifier
from snmptcp.testing.outbox import Outbox, Outgoing
from snmptcp.testing.recording import load_recording, load_snmprec
from snmptcp.testing.responder import Responder
from snmptcp.testing.user_table import serve_user_table
from snmptcp.testing.usm_engine import AgentEngine
from snmptcp.values import IpAddress, OctetString, TimeTicks, VarBind, to_value

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Callable, Iterable
    from types import TracebackType
    from typing import Self

    from snmptcp.errors import TlsFailed
    from snmptcp.net.accepted import ServerConnection
    from snmptcp.net.tls.counters import TlsCounters
    from snmptcp.net.tls.options import Tls
    from snmptcp.oid import OidLike
    from snmptcp.testing.access import Reply
    from snmptcp.testing.faults import Fault
    from snmptcp.testing.mib import Effects, Variables
    from snmptcp.testing.notifier import Credentials
    from snmptcp.testing.recording import RecordingSource

__all__ = ("Agent",)

logger = logging.getLogger(__name__)


#: What the arguments of an agent may be, beside ``tls``.
_KINDS = {
    "mib": Kind("a Mib, a mapping of names to values, or pairs of them", lambda value: hasattr(value, "__iter__")),
    "contexts": optional(instance_of("a mapping of contexts to variables", Mapping)),
    "communities": optional(instance_of("a mapping of communities to variables", Mapping)),
    "writable_communities": several_of("a community", str, bytes),
    "host": TEXT,
    "port": INTEGER,
    "read_community": optional(TEXT_OR_OCTETS),
    "write_community": optional(TEXT_OR_OCTETS),
    "max_message_size": INTEGER,
    "max_varbinds": optional(INTEGER),
    "max_connections": optional(INTEGER),
    "users": several_of("a UsmUser", UsmUser),
    "read_only_users": several_of("a UsmUser", UsmUser),
    "tsm_names": several_of("a name", str, bytes),
    "read_only_tsm_names": several_of("a name", str, bytes),
    "tsm_prefix": FLAG,
    "engine_id": optional(OCTETS),
    "engine_boots": INTEGER,
    "user_table": FLAG,
    "clock": optional(CALLABLE),
    "conversation": optional(instance_of("a Conversation", Conversation)),
}


class Agent:
    """An SNMP agent for tests and demonstrations: SNMPv1, SNMPv2c and SNMPv3 (USM, TSM) over TCP and TLS.

    It answers GET, GETNEXT, GETBULK and SET as the RFCs say, pushes notifications (:meth:`send_trap`, :meth:`inform`),
    and makes the faults that :meth:`inject` asks for.  It runs on the event loop that starts it; call its methods on
    that loop's thread only::

        async with Agent({"1.3.6.1.2.1.1.1.0": "a switch"}) as agent:
            ...  # a manager for agent.host, agent.port

    Like agents in the field, it drops and counts malformed messages and messages with an unknown community, and closes
    a connection whose stream cannot be cut into messages.

    With users it is also an authoritative SNMPv3 engine (RFC 3414): it checks digests and timeliness, and sends
    reports.  A request at a lower security level than the user's keys allow is answered with authorizationError.

    Args:
        mib: the variables: a :class:`Mib`, which is used as it is, or the argument of a new one.
        host: the address to listen on.
        port: the TCP port; 0 for a free one.
        read_community: may read; ``None`` for no such community.
        write_community: may read and write; ``None`` for no such community.
        max_message_size: the longest response in octets.  A longer one becomes tooBig, or holds fewer
            repetitions.  Requests may have this length too, and always 8192 octets (RFC 3430 section 2.2).
        max_varbinds: the most variable bindings in a response; ``None`` for no limit.  More
            names in one request are tooBig; GETBULK responses are cut.
        max_connections: connections beyond this number are reset; ``None`` for no limit.
        users: SNMPv3 users who may read and write.  Without any users or security names there is no SNMPv3.
        read_only_users: SNMPv3 users who may read.
        tls: use TLS: :class:`~snmptcp.TlsOptions` or an ``ssl.SSLContext`` with a certificate.  All versions of
            SNMP work over it.  The options decide whether clients need a certificate.
        tsm_names: security names that may read and write with the Transport Security Model (RFC 5591); the
            ``certificate_maps`` of ``tls`` derive them from client certificates.
        read_only_tsm_names: security names that may read.
        tsm_prefix: whether security names, these included, begin with ``tls:`` (snmpTsmConfigurationUsePrefix,
            RFC 5591).
        engine_id: the engine ID; optional, default random.
        engine_boots: snmpEngineBoots.
        user_table: serve usmUserTable with the users (RFC 3414), and let those who may write change all keys.
        contexts: variables of further SNMPv3 contexts, by context name.
        communities: variables of further communities, by community.
        writable_communities: those of ``communities`` that may also write.
        clock: returns the time in seconds, from any start; optional, default the event loop's clock.
        conversation: notes every message and connection, to show them when a test fails; ``None`` for nothing.

    Attributes:
        mib: the variables; a change counts from the next request on.  An agent with users adds the snmpEngine group
            of RFC 3411, except variables that are already there.
        requests: the latest 10,000 accepted requests, oldest first.
        statistics: the counters.

    Raises:
        ConfigurationError: an argument is invalid, or the arguments do not fit together.
    """

    def __init__(
        self,
        mib: Variables = (),
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        read_community: str | bytes | None = "public",
        write_community: str | bytes | None = "private",
        max_message_size: int = 65507,
        max_varbinds: int | None = None,
        max_connections: int | None = None,
        users: Iterable[UsmUser] = (),
        read_only_users: Iterable[UsmUser] = (),
        tls: Tls = False,
        tsm_names: Iterable[str | bytes] = (),
        read_only_tsm_names: Iterable[str | bytes] = (),
        tsm_prefix: bool = False,
        engine_id: bytes | None = None,
        engine_boots: int = 1,
        user_table: bool = False,
        contexts: Mapping[str, Variables] | Mapping[bytes, Variables] | None = None,
        communities: Mapping[str, Variables] | Mapping[bytes, Variables] | None = None,
        writable_communities: Iterable[str | bytes] = (),
        clock: Callable[[], float] | None = None,
        conversation: Conversation | None = None,
    ) -> None:
        check_arguments(_KINDS, locals())
        for what, number in (("max_message_size", max_message_size), ("max_varbinds", max_varbinds)):
            if number is not None and number < 1:
                raise ConfigurationError(f"{what} must be at least 1, not {number}")
        self.mib = _mib(mib)
        self.statistics = Statistics()
        self._log = RequestLog()
        self.requests: deque[Request] = self._log.requests
        self._clock = clock
        default = Responder(self.mib, max_message_size, max_varbinds)

        def responders_of(named: Mapping[str, Variables] | Mapping[bytes, Variables] | None) -> dict[bytes, Responder]:
            return {
                _octets(name): Responder(_mib(variables), max_message_size, max_varbinds)
                for name, variables in (named or {}).items()
            }

        responders = {b"": default} | responders_of(contexts)
        others = responders_of(communities)
        message_size = max(max_message_size, MIN_MESSAGE_SIZE)
        writers, readers = tuple(users), tuple(read_only_users)
        names = _rights(read_only_tsm_names, tsm_names)
        if names and not tls:
            raise ConfigurationError("the Transport Security Model needs TLS: give tls=")
        self._engine: AgentEngine | None = None
        if writers or readers or names:
            self._engine = AgentEngine(
                itertools.chain(writers, readers),
                self.statistics,
                responders,
                engine_id=engine_id,
                boots=engine_boots,
                max_message_size=message_size,
            )
            self._engine.serve_scalars(self.mib, self._now)
            if user_table:
                serve_user_table(self._engine, self.mib)
        readable = (*_optional(read_community), *others)
        writable = (*_optional(write_community), *writable_communities)
        self._access = Access(
            CommunityAccess(_rights(readable, writable), default, others),
            self._user_access(responders, readers),
            self._name_access(responders, names, message_size, prefix=tsm_prefix),
            {user.name: user for user in (*writers, *readers)},
        )
        self._server = Server(
            self._on_message,
            host,
            port,
            on_connect=self._on_connect,
            on_close=self._on_close,
            max_message_size=message_size,
            limits=Limits(max_connections),
            tls=ServerTls(tls) if tls else None,
            on_handshake_failure=self._on_handshake_failure,
        )
        self._conversation = conversation
        self._outlets: dict[ServerConnection, ConnectionOutlet] = {}
        self._notifiers: dict[ServerConnection, Notifier] = {}  # oldest connection first
        self._trap_engine_id = random_engine_id()  # identifies the sender of traps with a community
        self._faults = FaultQueue()
        self._held: list[tuple[ConnectionOutlet, bytes]] = []
        self._outbox = Outbox()
        for responder in (*responders.values(), *others.values()):
            responder.mib.sort()  # now, and not in the first request

    def _user_access(self, responders: Mapping[bytes, Responder], readers: Iterable[UsmUser]) -> UserAccess | None:
        if self._engine is None:
            return None
        return UserAccess(self._engine, responders, (user.name for user in readers), self._now)

    def _name_access(
        self, responders: Mapping[bytes, Responder], names: Mapping[bytes, bool], message_size: int, *, prefix: bool
    ) -> NameAccess | None:
        if self._engine is None or not names:
            return None
        authority = TsmAuthority(self._engine, responders, max_message_size=message_size, prefix=prefix)
        return NameAccess(authority, responders, names)

    @classmethod
    def from_recording(
        cls,
        source: RecordingSource,
        *,
        strict: bool = False,
        seed: int | None = None,
        now: Callable[[], float] = time.time,
        **options: Any,
    ) -> Self:
        """Return an agent that answers like a recorded device.

        It reads the whole file: 15 microseconds a variable.  With a large file, call it before the event loop starts
        or in a thread (``await asyncio.to_thread(Agent.from_recording, path)``).

        Args:
            source: the recording, of any form, as for :func:`load_recording`, like the next three.
            strict: whether the first line that cannot be read is an error; otherwise it is skipped and logged.
            seed: of the random numbers of variation modules; optional.
            now: returns the time of variation modules, in seconds since 1970.
            options: the other arguments of :class:`Agent`.

        Raises:
            ConfigurationError: as for :func:`load_recording`.
            OSError: the file cannot be read.
        """
        return cls(load_recording(source, strict=strict, seed=seed, now=now).variables, **options)

    @classmethod
    def from_snmprec(cls, path: RecordingSource, **options: Any) -> Self:
        """Return an agent that answers like a recorded device; one line that cannot be read is an error.

        Args:
            path: the ``.snmprec`` file, or its lines; see :func:`load_snmprec`.
            options: the other arguments of :class:`Agent`.

        Raises:
            ConfigurationError: a line cannot be read.
            OSError: the file cannot be read.
        """
        return cls(load_snmprec(path), **options)

    def __repr__(self) -> str:
        state = "listening" if self._server.is_listening else "closed"
        return f"<{type(self).__name__} {self.host}:{self.port}, {state}, {len(self.mib)} variables>"

    @property
    def host(self) -> str:
        """The address to listen on."""
        return self._server.host

    @property
    def port(self) -> int:
        """The port to listen on; 0 before the first start if a free one is to be chosen."""
        return self._server.port

    @property
    def connections(self) -> int:
        """How many connections are open now."""
        return len(self._server.connections)

    @property
    def tls_counters(self) -> TlsCounters:
        """The counters of TLS sessions (RFC 6353, snmpTlstmSession)."""
        return self._server.tls_counters

    async def start(self) -> Self:
        """Listen, and return the agent.  After :meth:`aclose` it listens on the same port again.

        snmpEngineTime begins with the first start; only :meth:`reboot` restarts it.

        Raises:
            TransportError: the agent cannot listen on the address.

        If cancelled, the agent stays closed.
        """
        if self._engine is not None:
            self._engine.start(self._now())
        await self._server.start()
        return self

    async def aclose(self) -> None:
        """Stop listening and close all connections; replies that are held are lost.

        Safe to call twice.  If cancelled, the connections are reset.
        """
        self._log.fail_waiters()
        self._held.clear()
        for outlet in self._outlets.values():
            outlet.abandon()
        try:
            await self._outbox.aclose()
        finally:
            await self._server.aclose()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def wait_for_requests(self, count: int) -> None:
        """Wait until this many requests have been accepted since the agent was made.

        Args:
            count: the number, past requests included.

        Raises:
            ClosedError: the agent was closed meanwhile.

        Safe to cancel.
        """
        await self._log.wait_for(count)

    # SNMPv3

    @property
    def engine_id(self) -> bytes:
        """The engine ID; see :meth:`replace_engine`."""
        return self._v3.engine_id

    @property
    def engine_boots(self) -> int:
        """How often the engine has started (snmpEngineBoots); can be set.

        At 2147483647 it accepts no authenticated message (RFC 3414 section 2.2.2).
        """
        return self._v3.boots

    @engine_boots.setter
    def engine_boots(self, boots: int) -> None:
        self._v3.boots = boots

    @property
    def engine_time(self) -> int:
        """Seconds since the engine last started (snmpEngineTime)."""
        return self._v3.time(self._now())

    def reboot(self) -> None:
        """Restart the SNMPv3 engine: boots + 1, time 0.  Connections and variables stay."""
        self._v3.reboot(self._now())

    def jump(self, seconds: float) -> None:
        """Change snmpEngineTime.

        Args:
            seconds: added to it; a negative number sets it back, at most to 0.
        """
        self._v3.jump(seconds, self._now())

    def replace_engine(self, engine_id: bytes | None = None) -> None:
        """Become another engine, as when the device at an address is replaced: boots 1, time 0.

        Args:
            engine_id: the new engine ID; optional, default random.

        Raises:
            ConfigurationError: the engine ID is invalid.
        """
        self._v3.replace(engine_id, self._now())

    @property
    def _v3(self) -> AgentEngine:
        if self._engine is None:
            raise ConfigurationError("the agent has no users, so it does not speak SNMPv3: give users=")
        return self._engine

    def _now(self) -> float:
        return asyncio.get_running_loop().time() if self._clock is None else self._clock()

    # Faults

    def inject(
        self,
        fault: Fault,
        times: int | None = 1,
        when: Callable[[Request], object] | None = None,
        *,
        reports: bool = False,
    ) -> None:
        """Make responses faulty.

        Each response takes at most one fault: the first injected one that has times left and whose ``when`` agrees.
        A request without a response takes none.  A :class:`Forgery` changes only responses that USM protects.

        Args:
            fault: the fault.
            times: the number of responses; ``None`` for all until :meth:`clear_faults`.
            when: tells from a :class:`Request` whether its response becomes faulty; optional, default all.
            reports: whether it is for reports instead of responses.

        Raises:
            TypeError: not a fault.
            ConfigurationError: ``times`` is below 1, or an argument is of a wrong type.
        """
        self._faults.add(fault, times, when, reports=reports)

    def clear_faults(self) -> None:
        """Forget all injected faults.  Replies that are held stay held."""
        self._faults.clear()

    def release(self) -> int:
        """Send the replies that :class:`Hold` keeps, in order, and those that :class:`Reorder` still keeps.

        Returns:
            How many replies were held; those of connections that have ended are lost.
        """
        held, self._held[:] = self._held[:], []
        for outlet, octets in held:
            outlet.send(octets)
        for outlet in self._outlets.values():
            outlet.release_reordered()
        return len(held)

    def drop_connections(self, *, reset: bool = False) -> None:
        """End every open connection now; the agent goes on accepting new ones.

        Args:
            reset: with RST; otherwise with FIN after the octets that were written.
        """
        for connection in self._server.connections:
            if reset:
                connection.reset()
            else:
                connection.close()

    # Notifications

    def send_trap(
        self,
        trap_oid: OidLike,
        *varbinds: VarBind | tuple[OidLike, object],
        uptime: int | None = None,
        credentials: Credentials | None = None,
        connection: int | None = None,
    ) -> None:
        """Push a trap to a connected manager (RFC 3416 section 4.2.6, RFC 1157 section 4.1.6).

        Args:
            trap_oid: snmpTrapOID.0.
            *varbinds: further variable bindings, or names with values as for a manager's ``set``.
            uptime: sysUpTime.0 in hundredths of a second; optional, default that of ``mib``, or 0.
            credentials: the community or user of the trap; a manager accepts only its own.  Optional, default
                those of the latest request on the connection, or else the read community, the first user, or TSM.
            connection: the connection's number, as in :class:`Request`; optional, default the newest open one.

        Raises:
            ConnectionLost: there is no such connection.
            ConfigurationError: the agent does not have these credentials, or SNMPv1 cannot carry the notification.
        """
        where, who = self._manager(connection, credentials)
        now = self._now()
        host = self.host if self.host.count(".") == 3 else "0.0.0.0"  # noqa: S104 - RFC 3584 3.1 (4): no IPv4 address
        what = self._notification(trap_oid, varbinds, uptime)
        self._notifiers[where].send_trap(what, who, self._engine_info(who, now), IpAddress(host), now)
        self.statistics.notifications += 1

    async def inform(
        self,
        trap_oid: OidLike,
        *varbinds: VarBind | tuple[OidLike, object],
        uptime: int | None = None,
        credentials: Credentials | None = None,
        connection: int | None = None,
        timeout: float = 5.0,
    ) -> tuple[VarBind, ...]:
        """Push an inform to a connected manager, and wait for the acknowledgement (RFC 3416 section 4.2.7).

        In SNMPv3 the agent first discovers the manager's engine.  The inform is sent once.

        Args:
            trap_oid: as for :meth:`send_trap`, like the next four.
            *varbinds: further variable bindings.
            uptime: sysUpTime.0 in hundredths of a second.
            credentials: the community or user of the inform.
            connection: the connection's number.
            timeout: the most seconds to wait.

        Returns:
            The variable bindings of the acknowledgement.

        Raises:
            ConnectionLost: there is no such connection, or it ended before the acknowledgement.
            RequestTimeout: no acknowledgement in time.
            AgentError: the manager answered with an error-status.
            ConfigurationError: the agent does not have these credentials, or they are for SNMPv1, which has no informs.
            ProtocolError, SecurityError: as for a manager's request.

        Safe to cancel.
        """
        where, who = self._manager(connection, credentials)
        engine = self._engine_info(who, self._now())
        what = self._notification(trap_oid, varbinds, uptime)
        informing = self._notifiers[where].inform(what, who, engine, timeout)
        self.statistics.notifications += 1
        answer = await informing
        self.statistics.acknowledged += 1
        return answer

    def _manager(self, number: int | None, given: Credentials | None) -> tuple[ServerConnection, Credentials]:
        """Return the connection to notify on, and the credentials to use."""
        managers = [each for each in self._notifiers if number in (None, each.number) and not each.is_closing]
        if not managers:
            raise ConnectionLost("no manager is connected" if number is None else f"connection {number} is not open")
        where = managers[-1]
        return where, given or self._access.credentials(self._log.latest_on(where.number))

    def _engine_info(self, credentials: Credentials, now: float) -> EngineInfo:
        """Return the engine that sends a notification, and its time."""
        if isinstance(credentials, Community):
            return EngineInfo(self._trap_engine_id)
        engine = self._v3
        return EngineInfo(engine.engine_id, engine.boots, engine.time(now))

    def _notification(
        self, trap_oid: OidLike, varbinds: Iterable[VarBind | tuple[OidLike, object]], uptime: int | None
    ) -> NotificationParameters:
        pairs = tuple(VarBind(OID(oid), to_value(value)) for oid, value in varbinds)
        return NotificationParameters(OID(trap_oid), self._uptime() if uptime is None else TimeTicks(uptime), pairs)

    def _uptime(self) -> TimeTicks:
        told = self.mib.read(SYS_UP_TIME) if SYS_UP_TIME in self.mib else None
        return told if isinstance(told, TimeTicks) else TimeTicks(0)

    # Callbacks of the server

    def _on_connect(self, connection: ServerConnection) -> None:
        self.statistics.connections += 1
        if self._conversation is not None:
            self._conversation.opened(connection.number, connection.peer)
        outlet = ConnectionOutlet(connection, self.statistics, self._held, self._conversation)
        self._outlets[connection] = outlet
        self._notifiers[connection] = Notifier(outlet.send, self._server.max_message_size)

    def _on_close(self, connection: ServerConnection, reason: Exception | None) -> None:
        if isinstance(reason, DecodeError):
            self.statistics.lost_framings += 1
        if self._conversation is not None:
            self._conversation.closed(connection.number, reason)
        self._notifiers.pop(connection).close()
        self._outlets.pop(connection).abandon()

    def _on_handshake_failure(self, peer: str, failed: TlsFailed) -> None:  # noqa: ARG002 - its text names the peer
        self._note(0, str(failed))

    def _note(self, number: int, what: str) -> None:
        if self._conversation is not None:
            self._conversation.note(number, what)

    def _on_message(self, connection: ServerConnection, octets: bytes) -> None:
        self.statistics.messages_in += 1
        if self._conversation is not None:
            self._conversation.received(connection.number, octets)
        try:
            if self._notifiers[connection].receive(octets):
                return
            incoming = self._access.accept(octets, connection)
        except NotAccepted as refused:
            logger.debug("connection %d: dropped a message: %s", connection.number, refused.reason)
            self._note(connection.number, f"dropped it: {refused.reason}")
            self.statistics.count(refused.counter)
        except DecodeError as error:
            logger.debug("connection %d: dropped a malformed message: %s", connection.number, error)
            self._note(connection.number, "dropped it: it is malformed")
            self.statistics.malformed += 1
        else:
            self._answer(self._outlets[connection], incoming)

    def _answer(self, outlet: ConnectionOutlet, incoming: Accepted | Reply) -> None:
        """Carry an accepted request out, and send its reply; or send a report."""
        if not isinstance(incoming, Accepted):
            self.statistics.reports += 1
            self._send(outlet, incoming)
            return
        self._log.add(incoming.request)
        reply = incoming.respond()
        if reply is None:
            self.statistics.silent_drops += 1
            self._note(outlet.number, "no response: not even tooBig fits into a message")
        elif reply.effects is None:
            self._send(outlet, reply)
        else:
            self._answer_with_effects(outlet, reply, reply.effects)

    def _answer_with_effects(self, outlet: ConnectionOutlet, reply: Reply, effects: Effects) -> None:
        """Send a reply after its delay, and the notifications that its variables ask for."""
        for action in effects.actions:
            if isinstance(action, Outgoing):
                self._outbox.send(action, self._sender())
        if effects.delay > 0:
            late = f"after {effects.delay:g} s" if effects.delay < inf else "never"
            self._note(outlet.number, f"the response is sent {late}, as a variable asks")
        if effects.delay <= 0:
            self._send(outlet, reply)
        elif effects.delay < inf:
            outlet.do_later(effects.delay, lambda: self._send(outlet, reply))

    def _sender(self) -> EngineInfo | None:
        """Return the agent's own engine; ``None`` without SNMPv3."""
        engine = self._engine
        return None if engine is None else EngineInfo(engine.engine_id, engine.boots, engine.time(self._now()))

    def _send(self, outlet: ConnectionOutlet, reply: Reply) -> None:
        """Send a reply, with the fault that is due."""
        fault = self._take_fault(reply)
        if fault is not None and self._conversation is not None:
            self._conversation.note(outlet.number, f"fault in the next response: {fault_text(fault)}")
        if isinstance(fault, Forgery):
            octets = reply.forge(fault)
        elif isinstance(fault, MessageFault):
            octets = reply.spoil(fault)
        else:
            octets = reply.seal()
        if isinstance(fault, OctetFault):
            octets = fault.change(octets)
        outlet.respond(octets, fault if isinstance(fault, DeliveryFault) else None)

    def _take_fault(self, reply: Reply) -> Fault | None:
        if not reply.takes_faults:
            return None
        fault = self._faults.take(reply.request, report=reply.is_report, forgeable=reply.forgeable)
        if fault is not None:
            self.statistics.faults += 1
        return fault


def _octets(name: str | bytes) -> bytes:
    return bytes(OctetString(name))


def _mib(variables: Variables) -> Mib:
    return variables if isinstance(variables, Mib) else Mib(variables)


def _optional(name: str | bytes | None) -> tuple[str | bytes, ...]:
    return () if name is None else (name,)


def _rights(readers: Iterable[str | bytes], writers: Iterable[str | bytes]) -> dict[bytes, bool]:
    """Return whether each name may write; a name that is given as both may."""
    return {_octets(name): False for name in readers} | {_octets(name): True for name in writers}
