"""An embedded agent: requests in, responses out, over TCP (RFC 3416, RFC 1157, RFC 3584, RFC 3412, RFC 3430).

What may live here: the agent as its users hold it, its communities, and a message's way through the house.
What may not: what a request is answered (:mod:`~snmptcp.testing.responder`), how variables are kept
(:mod:`~snmptcp.testing.mib`), who may ask in SNMPv3 (:mod:`~snmptcp.testing.usm_engine`), what a fault does
(:mod:`~snmptcp.testing.faults`) and how octets leave (:mod:`~snmptcp.testing.delivery`), sockets
(:mod:`snmptcp.net.server`).

A message goes this way: version, community or user, PDU; the operation; the response; a fault, if one is due.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from snmptcp.codec.framer import MIN_MESSAGE_SIZE
from snmptcp.codec.message import (
    CommunityMessage,
    community_header,
    decode_message,
    encode_message,
    read_v3_header,
    read_version,
)
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.credentials import Community, SecurityLevel, SnmpVersion, Tsm, UsmUser
from snmptcp.errors import ClosedError, ConfigurationError, ConnectionLost, DecodeError
from snmptcp.net.server import Server
from snmptcp.net.tls.session import ServerTls
from snmptcp.oid import OID
from snmptcp.protocol.notification import SYS_UP_TIME, NotificationParameters
from snmptcp.security.authority import random_engine_id
from snmptcp.security.engine_clock import EngineInfo
from snmptcp.security.reports import NotAccepted
from snmptcp.security.tsm import SECURITY_MODEL as TSM
from snmptcp.security.tsm_authority import TsmAuthority, TsmReport
from snmptcp.testing.bookkeeping import Request, Statistics
from snmptcp.testing.delivery import ConnectionOutlet, FaultQueue
from snmptcp.testing.faults import DeliveryFault, Forgery, MessageFault, OctetFault
from snmptcp.testing.mib import Mib
from snmptcp.testing.notifier import Notifier
from snmptcp.testing.responder import Responder
from snmptcp.testing.snmprec import load_snmprec
from snmptcp.testing.usm_engine import AgentEngine, SecuredReply
from snmptcp.values import IpAddress, TimeTicks, VarBind, to_value

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType
    from typing import Self

    from snmptcp.net.server import ServerConnection
    from snmptcp.net.tls.counters import TlsCounters
    from snmptcp.net.tls.options import Tls
    from snmptcp.oid import OidLike
    from snmptcp.security.authority import SecureRequest
    from snmptcp.security.tsm_authority import TsmRequest
    from snmptcp.testing.faults import Fault
    from snmptcp.testing.notifier import Credentials
    from snmptcp.testing.responder import Response

__all__ = ("Agent",)

if TYPE_CHECKING:
    #: What a MIB is made of.
    Variables = Mib | Mapping[OID, object] | Mapping[str, object] | Iterable[tuple[OidLike, object]]

logger = logging.getLogger(__name__)

#: How many requests :attr:`Agent.requests` remembers.
REMEMBERED_REQUESTS = 10_000

_NOTHING = Pdu(PduType.GET, 0)

_REQUESTS = (PduType.GET, PduType.GET_NEXT, PduType.GET_BULK, PduType.SET)


class Agent:
    """An SNMP agent for tests and demonstrations: SNMPv1, SNMPv2c and SNMPv3 (USM, TSM) over TCP and TLS.

    It answers GET, GETNEXT, GETBULK and SET as the RFCs say, pushes notifications (:meth:`send_trap`, :meth:`inform`),
    and goes wrong in the ways that :meth:`inject` asks for.  It runs on the event loop that starts it, and all its
    methods belong to that loop's thread::

        async with Agent({"1.3.6.1.2.1.1.1.0": "a switch"}) as agent:
            ...  # a manager for agent.host, agent.port

    Messages that it cannot read, or with a community that it does not know, are dropped and counted,
    as agents in the field do; a connection whose framing is lost is closed.

    With users it is an authoritative engine of SNMPv3 (RFC 3414) too, which knows a message's sender by
    its digest and its age by its clock, and answers what it does not accept with reports.  A message that
    is less protected than the user's keys allow is answered with authorizationError.

    Args:
        mib: the variables: a :class:`Mib`, which is used as it is, or what one is made of.
        host: the address to listen on.
        port: the TCP port; 0 for a free one.
        read_community: may read; ``None`` for nobody.
        write_community: may read and write; ``None`` for nobody.
        max_message_size: the longest response in octets.  Longer answers are tooBig, or hold fewer
            repetitions.  Requests may be as long, and always 8192 octets (RFC 3430 section 2.2).
        max_varbinds: the most variable bindings in a response; ``None`` for any number.  More
            names in one request are tooBig; GETBULK answers are cut.
        max_connections: connections beyond this number are reset; ``None`` for any number.
        users: may read and write in SNMPv3; without users of any kind there is none.
        read_only_users: may read in SNMPv3.
        tls: speak TLS: :class:`~snmptcp.TlsOptions` or an ``ssl.SSLContext``, with a certificate; every version of
            SNMP is then spoken inside it.  See there for asking clients for certificates.
        tsm_names: security names that may read and write in SNMPv3 with the Transport Security Model (RFC 6353); the
            ``certificate_maps`` of ``tls`` make them of clients' certificates.
        read_only_tsm_names: security names that may read.
        tsm_prefix: whether security names begin with ``tls:``, these as well (snmpTsmConfigurationUsePrefix,
            RFC 5591).
        engine_id: who the agent is in SNMPv3; a random engine ID where it is not given.
        engine_boots: how often it has started, this time included.
        contexts: further contexts of SNMPv3, by name, each with variables of its own.
        clock: tells the time in seconds, from any start; the event loop's where it is not given.

    Attributes:
        mib: the variables; changes count from the next request on.  With users, the snmpEngine group of
            RFC 3411 is put into it, but for what is there already.
        requests: the latest 10,000 requests that were accepted, oldest first.
        statistics: what was counted.

    Raises:
        ConfigurationError: arguments that cannot work.
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
        contexts: Mapping[str, Variables] | Mapping[bytes, Variables] | None = None,
        clock: Callable[[], float] | None = None,
    ) -> None:
        for what, number in (("max_message_size", max_message_size), ("max_varbinds", max_varbinds)):
            if number is not None and number < 1:
                raise ConfigurationError(f"{what} is at least 1, not {number}")
        self.mib = mib if isinstance(mib, Mib) else Mib(mib)
        self.requests: deque[Request] = deque(maxlen=REMEMBERED_REQUESTS)
        self.statistics = Statistics()
        self._may_write: dict[bytes, bool] = {}  # by community
        for community, may_write in ((read_community, False), (write_community, True)):
            if community is not None:
                self._may_write[_octets(community)] = may_write
        self._headers = {
            (version, community): community_header(version, community)
            for version in (SnmpVersion.V1, SnmpVersion.V2C)
            for community in self._may_write
        }
        self._responder = Responder(self.mib, max_message_size, max_varbinds)
        self._contexts = {b"": self._responder}
        for name, variables in (contexts or {}).items():
            other = variables if isinstance(variables, Mib) else Mib(variables)
            self._contexts[_octets(name)] = Responder(other, max_message_size, max_varbinds)
        writers, readers = tuple(users), tuple(read_only_users)
        self._users = {user.name: user for user in (*writers, *readers)}
        self._read_only = frozenset(user.name for user in readers)
        self._clock = clock
        self._engine: AgentEngine | None = None
        self._earlier = b""  # the last response of SNMPv3, for whoever wants to replay it
        self._tsm_names = {_octets(name): False for name in read_only_tsm_names}
        self._tsm_names |= {_octets(name): True for name in tsm_names}  # whether they may write
        if self._tsm_names and not tls:
            raise ConfigurationError("the Transport Security Model needs TLS: give tls=")
        self._tsm: TsmAuthority | None = None
        if writers or readers or self._tsm_names:
            self._engine = AgentEngine(
                itertools.chain(writers, readers),
                self.statistics,
                self._contexts,
                engine_id=engine_id,
                boots=engine_boots,
                max_message_size=max(max_message_size, MIN_MESSAGE_SIZE),
            )
            self._engine.serve_scalars(self.mib, self._now)
            if self._tsm_names:
                size = max(max_message_size, MIN_MESSAGE_SIZE)
                self._tsm = TsmAuthority(self._engine, self._contexts, max_message_size=size, prefix=tsm_prefix)
        self._server = Server(
            self._on_message,
            host,
            port,
            on_connect=self._on_connect,
            on_close=self._on_close,
            max_message_size=max(max_message_size, MIN_MESSAGE_SIZE),
            max_connections=max_connections,
            tls=ServerTls(tls) if tls else None,
        )
        self._outlets: dict[ServerConnection, ConnectionOutlet] = {}
        self._notifiers: dict[ServerConnection, Notifier] = {}  # those with a manager's connection to push on
        self._sender = random_engine_id()  # whose traps they are, where there is no engine
        self._faults = FaultQueue()
        self._held: list[tuple[ConnectionOutlet, bytes]] = []
        self._accepted = 0
        self._waiters: list[tuple[int, asyncio.Future[None]]] = []

    @classmethod
    def from_snmprec(cls, path: str | os.PathLike[str] | Iterable[str], **options: Any) -> Self:
        """Return an agent that answers like a recorded device.

        Args:
            path: the ``.snmprec`` file, or its lines; see :func:`load_snmprec`.
            options: what :class:`Agent` takes besides its variables.

        Raises:
            ConfigurationError: a line that cannot be read.
            OSError: the file cannot be read.
        """
        return cls(load_snmprec(path), **options)

    def __repr__(self) -> str:
        state = "listening" if self._server.is_listening else "closed"
        return f"<{type(self).__name__} {self.host}:{self.port}, {state}, {len(self.mib)} variables>"

    @property
    def host(self) -> str:
        """The address it listens on, or will."""
        return self._server.host

    @property
    def port(self) -> int:
        """The port it listens on; 0 until the first start where none was given."""
        return self._server.port

    @property
    def connections(self) -> int:
        """How many connections are open now."""
        return len(self._server.connections)

    @property
    def tls_counters(self) -> TlsCounters:
        """TLS sessions, as RFC 6353's MIB counts them."""
        return self._server.tls_counters

    async def start(self) -> Self:
        """Listen, and return the agent.  After :meth:`aclose` it listens on the same port again.

        The time of SNMPv3 begins with the first start; :meth:`reboot` is another matter.

        Raises:
            TransportError: the address cannot be listened on.

        Cancelling leaves the agent closed.
        """
        if self._engine is not None:
            self._engine.start(self._now())
        await self._server.start()
        return self

    async def aclose(self) -> None:
        """Stop listening and close all connections; responses that were held back are lost.

        Safe to call twice.  When cancelled, the connections are reset.
        """
        for _, future in self._waiters:
            if not future.done():
                future.set_exception(ClosedError("the agent was closed"))
        self._waiters.clear()
        self._held.clear()
        for outlet in self._outlets.values():
            outlet.abandon()
        await self._server.aclose()

    async def __aenter__(self) -> Self:
        return await self.start()

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def wait_for_requests(self, count: int) -> None:
        """Wait until so many requests have been accepted since the agent was made.

        Args:
            count: how many in all, those of the past included.

        Raises:
            ClosedError: the agent was closed meanwhile.

        Cancelling has no other effect.
        """
        if self._accepted < count:
            future = asyncio.get_running_loop().create_future()
            self._waiters.append((count, future))
            await future

    # SNMPv3

    @property
    def engine_id(self) -> bytes:
        """The engine ID; see :meth:`replace_engine`."""
        return self._v3.engine_id

    @property
    def engine_boots(self) -> int:
        """How often the engine has started (snmpEngineBoots), to be read and set.

        At 2147483647 no authenticated message is accepted any more.
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
        """Start anew as far as SNMPv3 goes: boots + 1, time 0.  Connections stay, and so do the variables."""
        self._v3.reboot(self._now())

    def jump(self, seconds: float) -> None:
        """Set the clock of SNMPv3.

        Args:
            seconds: how far; negative for back, at most to 0.
        """
        self._v3.jump(seconds, self._now())

    def replace_engine(self, engine_id: bytes | None = None) -> None:
        """Become another engine, as when the device behind an address is replaced: boots 1, time 0.

        Args:
            engine_id: the new one; a random one where it is not given.

        Raises:
            ConfigurationError: an engine ID that cannot be.
        """
        self._v3.replace(engine_id, self._now())

    @property
    def _v3(self) -> AgentEngine:
        if self._engine is None:
            raise ConfigurationError("the agent has no users, and so does not speak SNMPv3")
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
        """Let responses go wrong.

        Each response consumes at most one fault: of those injected, in order, the first that has
        times left and whose ``when`` agrees.  Requests without a response consume none.  A
        :class:`Forgery` is for responses of SNMPv3 only.

        Args:
            fault: how.
            times: how many responses; ``None`` for all until :meth:`clear_faults`.
            when: tells from a :class:`Request` whether its response goes wrong; ``None`` for all.
            reports: whether it is for reports, and not for responses.

        Raises:
            TypeError: not a fault.
            ConfigurationError: ``times`` below 1.
        """
        self._faults.add(fault, times, when, reports=reports)

    def clear_faults(self) -> None:
        """Forget all injected faults.  Responses that are held stay held."""
        self._faults.clear()

    def release(self) -> int:
        """Send what :class:`Hold` keeps, in order, and what :class:`Reorder` could not send yet.

        Returns:
            How many responses were held; those of connections that have ended are lost.
        """
        held, self._held[:] = self._held[:], []
        for outlet, octets in held:
            outlet.send(octets)
        for outlet in self._outlets.values():
            outlet.release_reordered()
        return len(held)

    def drop_connections(self, *, reset: bool = False) -> None:
        """End every open connection now; new ones are accepted as before.

        Args:
            reset: with RST; otherwise with FIN, behind what was written.
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
        """Push a trap to a manager that is connected (RFC 3416 section 4.2.6, RFC 1157 section 4.1.6).

        Args:
            trap_oid: what has happened (snmpTrapOID.0).
            *varbinds: what belongs to it: variable bindings, or names with values as for a manager's ``set``.
            uptime: sysUpTime.0 in hundredths of a second; that of ``mib``, or else 0, where it is not given.
            credentials: on whose behalf; a manager takes notifications in its own.  Where they are not given, they
                are those of the latest request on that connection, and before there is one the read community, or
                else the first user, or else TSM's.
            connection: the connection's number, as in :class:`Request`; the newest open one where it is not given.

        Raises:
            ConnectionLost: there is no such connection.
            ConfigurationError: credentials that are nobody's, or what SNMPv1 cannot say.
        """
        where, who = self._manager(connection, credentials)
        now = self._now()
        host = self.host if self.host.count(".") == 3 else "0.0.0.0"  # noqa: S104 - "I do not tell"
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
        """Push an inform to a manager that is connected, and wait for the acknowledgement (RFC 3416 section 4.2.7).

        The manager's engine is discovered first where SNMPv3 needs that.  It is sent once, whatever happens.

        Args:
            trap_oid: as for :meth:`send_trap`, like all that follow.
            *varbinds: what belongs to it.
            uptime: sysUpTime.0 in hundredths of a second.
            credentials: on whose behalf.
            connection: the connection's number.
            timeout: how long it may take, in seconds.

        Returns:
            The variable bindings of the acknowledgement.

        Raises:
            ConnectionLost: there is no such connection, or it ended before the acknowledgement.
            RequestTimeout: no acknowledgement in time.
            AgentError: the manager has not taken it.
            ConfigurationError: credentials that are nobody's, or of SNMPv1, which has no informs.
            ProtocolError, SecurityError: as a manager's request.

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
        """Return whom to notify, and in which credentials."""
        managers = [each for each in self._notifiers if number in (None, each.number) and not each.is_closing]
        if not managers:
            raise ConnectionLost("no manager is connected" if number is None else f"connection {number} is not open")
        where = managers[-1]
        return where, given or self._credentials_on(where.number)

    def _credentials_on(self, number: int) -> Credentials:
        """Return the credentials of whoever asked last on a connection, or some that it may have."""
        asked = next((request for request in reversed(self.requests) if request.connection == number), None)
        if asked is None:
            if self._may_write:
                return Community(next(iter(self._may_write)))
            return next(iter(self._users.values()), None) or Tsm()
        if asked.version is not SnmpVersion.V3:
            return Community(asked.community, asked.version)
        return self._users.get(asked.user) or Tsm()

    def _engine_info(self, credentials: Credentials, now: float) -> EngineInfo:
        """Return who sends a notification, and when that is for it."""
        if isinstance(credentials, Community):
            return EngineInfo(self._sender)
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

    # What the server calls

    def _on_connect(self, connection: ServerConnection) -> None:
        self.statistics.connections += 1
        outlet = self._outlets[connection] = ConnectionOutlet(connection, self.statistics, self._held)
        self._notifiers[connection] = Notifier(outlet.send, self._server.max_message_size)

    def _on_close(self, connection: ServerConnection, reason: Exception | None) -> None:
        if isinstance(reason, DecodeError):
            self.statistics.lost_framings += 1
        self._notifiers.pop(connection).close()
        self._outlets.pop(connection).abandon()

    def _on_message(self, connection: ServerConnection, octets: bytes) -> None:
        self.statistics.messages_in += 1
        try:
            if self._notifiers[connection].receive(octets):
                return
            if self._engine is not None and read_version(octets)[0] == SnmpVersion.V3:
                self._on_secure_message(connection, self._engine, octets)
                return
            message = decode_message(octets)
        except NotAccepted as refused:
            logger.debug("connection %d: a message was dropped: %s", connection.number, refused.reason)
            self.statistics.count(refused.counter)
            return
        except DecodeError as error:
            logger.debug("connection %d: a message was dropped: %s", connection.number, error)
            self.statistics.malformed += 1
            return
        if isinstance(message, CommunityMessage):
            self._on_community_message(connection, message)
        else:
            self.statistics.unsupported_versions += 1

    def _on_community_message(self, connection: ServerConnection, message: CommunityMessage) -> None:
        may_write = self._may_write.get(message.community)
        if may_write is None:
            self.statistics.bad_communities += 1
            return
        pdu = message.pdu
        if not isinstance(pdu, Pdu) or pdu.type not in _REQUESTS:
            self.statistics.unexpected_pdus += 1
            return
        if pdu.type is PduType.GET_BULK and message.version is SnmpVersion.V1:
            self.statistics.malformed += 1
            return
        request = Request(message.version, message.community, pdu, connection.number)
        self._remember(request)
        answer = self._responder.respond(
            request, self._headers[message.version, message.community], may_write=may_write
        )
        if answer is None:
            self.statistics.silent_drops += 1
            return
        self._send(self._outlets[connection], request, *answer)

    def _send(self, outlet: ConnectionOutlet, request: Request, response: Response, octets: bytes) -> None:
        """Send a response, with the fault that is due."""
        fault = self._take_fault(request)
        if isinstance(fault, MessageFault):
            pdu = response.pdu()
            message = CommunityMessage(request.version, request.community, pdu)
            octets = encode_message(fault.change(request.pdu, message, pdu))
        _deliver(outlet, octets, fault)

    def _take_fault(self, request: Request, *, report: bool = False, forgeable: bool = True) -> Fault | None:
        fault = self._faults.take(request, report=report, forgeable=forgeable)
        if fault is not None:
            self.statistics.faults += 1
        return fault

    # SNMPv3 (RFC 3412 section 7)

    def _on_secure_message(self, connection: ServerConnection, engine: AgentEngine, octets: bytes) -> None:
        now = self._now()
        if self._tsm is not None:
            header = read_v3_header(octets, *read_version(octets)[1:])
            if header.security_model == TSM:
                security_name = None if connection.tls is None else connection.tls.security_name
                self._on_tsm_message(connection, self._tsm, self._tsm.receive(octets, header, security_name))
                return
        incoming = engine.receive(octets, now)
        if isinstance(incoming, SecuredReply):
            self._send_report(connection, incoming)
        else:
            self._on_secure_request(connection, engine, incoming, now)

    def _on_tsm_message(
        self, connection: ServerConnection, tsm: TsmAuthority, incoming: TsmRequest | TsmReport
    ) -> None:
        """The same behind TLS (RFC 5591)."""
        if isinstance(incoming, TsmReport):
            self.statistics.reports += 1
            _deliver(self._outlets[connection], incoming.octets, None)
            return
        pdu, name = incoming.pdu, incoming.security_name
        if not isinstance(pdu, Pdu) or pdu.type not in _REQUESTS:
            self.statistics.unexpected_pdus += 1
            return
        level = SecurityLevel.authPriv
        request = Request(SnmpVersion.V3, b"", pdu, connection.number, name, level, incoming.context_name)
        self._remember(request)
        answer = self._contexts[incoming.context_name].respond(
            request,
            tsm.scope(incoming),
            may_write=self._tsm_names.get(name, False),
            may_read=name in self._tsm_names,
            limit=tsm.room(incoming),
        )
        if answer is None:
            self.statistics.silent_drops += 1
            return
        response, scoped_pdu = answer
        fault = self._take_fault(request, forgeable=False)  # forgeries are of what USM adds
        octets = tsm.seal(incoming, scoped_pdu)
        if isinstance(fault, MessageFault):
            changed = fault.change(pdu, CommunityMessage(SnmpVersion.V3, name, response.pdu()), response.pdu())
            versioned = changed.version is SnmpVersion.V3
            octets = tsm.seal_pdu(incoming, changed.pdu) if versioned else encode_message(changed)
        _deliver(self._outlets[connection], octets, fault)

    def _send_report(self, connection: ServerConnection, report: SecuredReply) -> None:
        self.statistics.reports += 1
        request = Request(SnmpVersion.V3, b"", _NOTHING, connection.number, report.parameters.user)
        fault = self._take_fault(request, report=True)
        _deliver(self._outlets[connection], _forge(fault, _NOTHING, report), fault)

    def _on_secure_request(
        self, connection: ServerConnection, engine: AgentEngine, incoming: SecureRequest, now: float
    ) -> None:
        pdu, user, level = incoming.pdu, incoming.user, incoming.level
        if not isinstance(pdu, Pdu) or pdu.type not in _REQUESTS:
            self.statistics.unexpected_pdus += 1
            return
        request = Request(SnmpVersion.V3, b"", pdu, connection.number, user.name, level, incoming.context_name)
        self._remember(request)
        answer = self._contexts[incoming.context_name].respond(
            request,
            engine.scope(incoming),
            may_write=user.name not in self._read_only,
            may_read=level >= user.security_level,
            limit=engine.room(incoming),
        )
        if answer is None:
            self.statistics.silent_drops += 1
            return
        response, scoped_pdu = answer
        fault = self._take_fault(request)
        if isinstance(fault, (MessageFault, Forgery)):
            octets = _forge(fault, pdu, engine.reply(incoming, response.pdu(), self._earlier, now))
        else:
            octets = self._earlier = engine.seal(incoming, scoped_pdu, now)
        _deliver(self._outlets[connection], octets, fault)

    def _remember(self, request: Request) -> None:
        self.requests.append(request)
        self._accepted += 1
        if self._waiters:
            for count, future in self._waiters:
                if count <= self._accepted and not future.done():
                    future.set_result(None)
            self._waiters = [waiter for waiter in self._waiters if not waiter[1].done()]


def _octets(name: str | bytes) -> bytes:
    return name.encode() if isinstance(name, str) else bytes(name)


def _deliver(outlet: ConnectionOutlet, octets: bytes, fault: Fault | None) -> None:
    """Let octets leave, in the fault's way if it has one."""
    if isinstance(fault, OctetFault):
        octets = fault.change(octets)
    outlet.respond(octets, fault if isinstance(fault, DeliveryFault) else None)


def _forge(fault: Fault | None, request: Pdu, reply: SecuredReply) -> bytes:
    """Return a reply of SNMPv3 as a whole message, changed by a fault that changes such."""
    if isinstance(fault, Forgery):
        return fault.forge(reply)
    pdu = reply.scoped_pdu.pdu
    if not isinstance(fault, MessageFault) or not isinstance(pdu, Pdu):
        return reply.encode()
    changed = fault.change(request, CommunityMessage(SnmpVersion.V3, reply.parameters.user, pdu), pdu)
    if changed.version is not SnmpVersion.V3:
        return encode_message(changed)
    return replace(reply, parameters=reply.parameters._replace(user=changed.community)).with_pdu(changed.pdu).encode()
