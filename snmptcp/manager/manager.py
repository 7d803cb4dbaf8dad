"""The awaitable API: a manager, its requests, and walks and tables as async generators.

Contains what users call.  The connection is :mod:`snmptcp.manager.connector`'s, walks are
:mod:`snmptcp.manager.walks`'s, notifications :mod:`snmptcp.manager.notifications`'s.
"""

from __future__ import annotations

import asyncio
import weakref
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, overload

from snmptcp.arguments import FLAG, check_arguments
from snmptcp.codec.framer import DEFAULT_MAX_MESSAGE_SIZE
from snmptcp.codec.pdu import PduType
from snmptcp.credentials import SnmpVersion, Tsm, UsmUser
from snmptcp.errors import (
    AgentError,
    BrokenVariable,
    ConfigurationError,
    ConnectFailed,
    NoSuchName,
    RequestTimeout,
    SecurityError,
    SnmpError,
    UnknownEngine,
)
from snmptcp.manager import walks
from snmptcp.manager.arguments import (
    BULK_KINDS,
    KINDS,
    STREAM_KINDS,
    TABLE_KINDS,
    USE_KINDS,
    WALK_KINDS,
    check_credentials,
    check_exchange,
    client_tls,
    column_oids,
    to_varbinds,
)
from snmptcp.manager.begun import Begun
from snmptcp.manager.connector import Connector
from snmptcp.manager.failures import telling, telling_later
from snmptcp.manager.items import Items
from snmptcp.manager.names import ManyNames
from snmptcp.manager.protection import Protection
from snmptcp.net.clock import current_time, running_loop
from snmptcp.net.dialing import SocketOptions, reason_of
from snmptcp.net.options import ConnectionOptions, check_seconds
from snmptcp.oid import OID
from snmptcp.protocol.answer_sizes import DEFAULT_MAX_REPETITIONS
from snmptcp.protocol.deadline import Deadline
from snmptcp.protocol.request import (
    bulk_request,
    get_next_request,
    get_request,
    inform_request,
    nothing_request,
    set_request,
)
from snmptcp.protocol.statistics import Statistics
from snmptcp.protocol.table import DEFAULT_MAX_COLUMNS, ColumnSearch
from snmptcp.protocol.tolerance import DEFAULT_MAX_UNREADABLE
from snmptcp.protocol.walk import WalkCursor
from snmptcp.values import (
    Counter64,
    Integer32,
    IpAddress,
    NoSuchInstance,
    NoSuchObject,
    OctetString,
    VarBind,
    VarBinds,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
    from types import TracebackType
    from typing import Self

    from snmptcp.manager.call import Call
    from snmptcp.manager.connector import OnConnect
    from snmptcp.manager.notifications import NotificationStream, Notifier
    from snmptcp.manager.telling import WalkTelling
    from snmptcp.mib.mib import Mib
    from snmptcp.net.connection import Connection, PacketTrace
    from snmptcp.net.proxy import Proxy
    from snmptcp.net.tls.counters import TlsCounters
    from snmptcp.net.tls.options import Tls
    from snmptcp.net.tls.session import ClientTls, TlsSession
    from snmptcp.oid import OidLike
    from snmptcp.protocol.ids import RequestIds
    from snmptcp.protocol.observer import Observer
    from snmptcp.protocol.receiver import ReceiverStatistics
    from snmptcp.protocol.refused import RefusedMessage
    from snmptcp.protocol.request import Request
    from snmptcp.protocol.table import TableRow
    from snmptcp.security.choose import Credentials
    from snmptcp.security.engine_clock import EngineInfo
    from snmptcp.security.remote_engine import Engine, KnownEngines
    from snmptcp.values import Value

__all__ = ("NO_DEFAULT", "PORT", "Manager", "Response")

#: Where agents listen (RFC 3430 section 2.2, RFC 6353 section 9).
PORT = 161
TLS_PORT = 10161

#: snmpEngineID.0, snmpEngineBoots.0 and snmpEngineTime.0 (RFC 3411 section 5).
SNMP_ENGINE_NAMES = tuple(OID(f"1.3.6.1.6.3.10.2.1.{arc}.0") for arc in (1, 2, 3))

#: The types of names that identify a prepared request.
_CACHEABLE = frozenset((str, OID))

#: SNMPv2c's exceptions in the place of a value (RFC 3416 section 4.2.1).
_MISSING = (NoSuchObject, NoSuchInstance)

#: Stands for a default that was not given.
NO_DEFAULT: Any = object()

T = TypeVar("T")


class Response(NamedTuple):
    """A response of an agent, unchanged.

    Attributes:
        request_id: the id that it answers.
        error_status: 0 for noError.
        error_index: 1 for the first variable binding; 0 if the error is not that of one of them.
        varbinds: what it carries.
    """

    request_id: int
    error_status: int
    error_index: int
    varbinds: VarBinds


class Manager:
    """An SNMP manager for one agent, over one TCP connection (RFC 3430), with or without TLS (RFC 6353).

    Any number of tasks may have any number of requests in flight at once.  The connection is made when it is first
    needed, and again by the next request after a loss.  A manager belongs to one event loop at a time and is not for
    several threads: in another event loop, or in a child process after a fork, it makes a connection of its own.

    Use it as an async context manager, or call :meth:`aclose` when done.

    What ``packet_trace``, ``observer`` and ``on_unsolicited`` raise is logged and counted
    (``statistics.callback_failures``), and affects no request.

    Args:
        host: the agent's name or address (IPv4 or IPv6).
        port: its TCP port; by default 161, or 10161 with :class:`Tsm`.
        credentials: a :class:`Community` (SNMPv1, SNMPv2c), a :class:`UsmUser` (SNMPv3), or :class:`Tsm` (SNMPv3 over
            TLS, where the certificate identifies the manager).
        tls: speak TLS: ``True`` for the system's trust, :class:`TlsOptions`, an ``ssl.SSLContext`` of your own, or a
            :class:`snmptcp.net.tls.ClientTls` that several managers of one agent share, to resume its sessions.  With
            :class:`Tsm` this is the TLS Transport Model of RFC 6353; with other credentials, SNMP wrapped in TLS.
        timeout: how long a request may take, in seconds, connecting included; each method takes its own.
        connect_timeout: how long connecting may take, in seconds, ``on_connect`` included; by default as long as
            ``timeout``.
        local_address: the address, or the address and port (0 for any), to connect from.
        proxy: the way to the agent: a :class:`Proxy`.
        socket_options: what is set on the socket.
        max_rate: how many octets per second are sent, and as many received, on the connection; by default unlimited.
        max_message_size: the longest message that is accepted, in octets; at least 8192.
        max_unreadable: how many messages that cannot be read or are refused may come at once before the connection is
            closed for that reason; ten are forgotten each second, and eight for each answer.  The next connection goes
            on with the count, but has a twentieth of the limit at least.  ``None`` for no limit.
        max_in_flight: how many requests may be outstanding on the connection at once; optional; default any number.
            The others wait in the order in which they began, inside their own time.  For agents that take one request
            at a time, or close the connection after each answer.
        max_names: how many names one request may have; optional; default as many as fit into a message.  Reads of more
            names are split; a SET or a GETBULK of more is refused.
        retries: how often a request that may be repeated (any but a SET) is sent again on a fresh connection when its
            own was lost.  Nothing is ever sent twice on one connection.  If the agent had answered another request on
            the lost connection, sending again costs no retry.
        reconnect_interval: how long, in seconds, the next attempt to connect waits after a failed one began, whatever
            is asked meanwhile; 0 for no pause.  The first pause in a row is up to a half shorter, at random.  Calls
            whose time is over before that are told of the last failure at once; :meth:`connect` does not wait.
        engine: the agent's engine, if it is known already (SNMPv3): nothing is discovered then.
        engines: the engines of several agents, shared by several managers (SNMPv3).
        any_community: whether answers of SNMPv1 and SNMPv2c may have any community: some agents answer with an empty
            one, or with another than that of the request.
        strict: whether to refuse what breaks a rule of the RFCs without harm and is otherwise read as net-snmp reads
            it (docs/leniency.md).
        report_grace: how long a request waits for a better answer once a reply to it was refused, in seconds; it then
            fails with the reason, such as :class:`UnknownUser`.  A report of a wrong password or an unknown user is not
            authenticated, so anyone on the path can end requests with a false reason; by default a request waits until
            its timeout, which tells the reason.
        volatile_engine: whether the agent makes a new engine ID at each start (SNMPv3).  The manager then follows
            unauthenticated reports of a new engine ID at any time, which anyone on the path can forge; by default only
            until the engine has authenticated itself.
        frozen_clock: whether the agent's engine time may stand still, run at another speed or fall back (SNMPv3).  The
            manager then follows the time of each authenticated answer, wherever that is, and checks boots alone; by
            default an answer that is older than 150 seconds by the engine's own clock is refused (RFC 3414).
        local_engine: the manager's own engine, for sending traps and receiving informs (SNMPv3): receivers know users
            by the sender's engine ID, and its boots must grow with every start of the program.  By default a random
            engine.
        mib: the names of MIB modules, a :class:`snmptcp.mib.Mib`; optional.  Every OID may then be given by name
            (``"ifDescr.1"``), values of a SET by their definitions (``("ifAdminStatus.3", "down")``), and answers and
            rows of tables are found by name.
        packet_trace: called with ``"sent"`` or ``"received"`` and the octets of every chunk; for debugging
            (:func:`snmptcp.explain.explain` makes a packet readable).
        request_ids: where request-ids come from; by default random ids.
        observer: told of the start and the end of each request, walk, table and connection, and of single messages,
            reports and refusals: an :class:`Observer`, such as :class:`snmptcp.instrumentation.OpenTelemetry`;
            several as :class:`snmptcp.manager.Observers`.
        on_unsolicited: called with the connection and each message that answers no request, in place of
            :meth:`notifications`.
        on_connect: awaited with each new connection, before anything is sent on it.  If it raises an
            :class:`SnmpError`, the connection is refused, and connecting fails with that error; after any other
            exception, too, with :class:`ConnectFailed`.

    Raises:
        ConfigurationError: an argument is out of range.
    """

    def __init__(
        self,
        host: str,
        port: int | None = None,
        *,
        credentials: Credentials,
        tls: Tls | ClientTls = False,
        timeout: float = 5.0,
        connect_timeout: float | None = None,
        local_address: str | tuple[str, int] | None = None,
        proxy: Proxy | None = None,
        socket_options: SocketOptions = SocketOptions(),  # noqa: B008 - frozen
        max_rate: float | None = None,
        max_message_size: int = DEFAULT_MAX_MESSAGE_SIZE,
        max_unreadable: int | None = DEFAULT_MAX_UNREADABLE,
        max_in_flight: int | None = None,
        max_names: int | None = None,
        retries: int = 1,
        reconnect_interval: float = 1.0,
        engine: EngineInfo | None = None,
        engines: KnownEngines | None = None,
        volatile_engine: bool = False,
        frozen_clock: bool = False,
        any_community: bool = False,
        strict: bool = False,
        report_grace: float | None = None,
        local_engine: EngineInfo | None = None,
        mib: Mib | None = None,
        packet_trace: PacketTrace | None = None,
        request_ids: RequestIds | None = None,
        observer: Observer | None = None,
        on_connect: OnConnect | None = None,
        on_unsolicited: Callable[[Connection, bytes], None] | None = None,
    ) -> None:
        check_arguments(KINDS, locals())
        self._default_timeout = check_seconds("timeout", timeout)
        if port is None:
            port = TLS_PORT if isinstance(credentials, Tsm) else PORT
        options = ConnectionOptions(
            host=host,
            port=port,
            connect_timeout=timeout if connect_timeout is None else connect_timeout,
            retries=retries,
            reconnect_interval=reconnect_interval,
            max_message_size=max_message_size,
            max_unreadable=max_unreadable,
            max_in_flight=max_in_flight,
            local_address=(local_address, 0) if isinstance(local_address, str) else local_address,
            socket_options=socket_options,
            proxy=proxy,
            tls=client_tls(tls, host),
            max_rate=max_rate,
            packet_trace=packet_trace,
            request_ids=request_ids,
            observer=observer,
            on_connect=on_connect,
            strict=strict,
            report_grace=report_grace,
        )
        check_credentials(credentials, options.tls, has_engine=engine is not None or engines is not None)
        if strict and any_community:
            raise ConfigurationError("strict demands the community of the request: give strict or any_community")
        if engine is not None and engines is not None:
            raise ConfigurationError("give the engine or the known engines, not both")
        #: What went over this manager's connections so far.
        self.statistics = Statistics()
        self._made_at = current_time()
        self._protection = Protection(
            credentials,
            engines,
            volatile_engine=volatile_engine,
            frozen_clock=frozen_clock,
            any_community=any_community,
        )
        self._local_engine = local_engine
        self._notifier: Notifier | None = None
        self._on_unsolicited = on_unsolicited
        self._connector = Connector(
            options,
            self._protection.use(credentials, options, engine),
            self.statistics,
            on_unsolicited=_weak(self._receive_unsolicited),
        )
        self._connector.receive_unsolicited(receptive=on_unsolicited is not None)
        self._names = ManyNames(self._connector, max_names)
        self._mib = mib
        self._oid: Callable[[OidLike], OID] = OID if mib is None else mib.oid
        self._answer: Callable[[Iterable[VarBind]], VarBinds] = VarBinds if mib is None else mib.answer

    # --------------------------------------------------------------------------------------- life

    @property
    def host(self) -> str:
        """The agent's name or address."""
        return self._connector.options.host

    @property
    def port(self) -> int:
        """The agent's TCP port."""
        return self._connector.options.port

    @property
    def timeout(self) -> float:
        """How long a request may take, in seconds, connecting included, unless its call tells."""
        return self._default_timeout

    @timeout.setter
    @telling
    def timeout(self, seconds: float) -> None:
        self._default_timeout = check_seconds("timeout", seconds)

    @property
    def connect_timeout(self) -> float:
        """How long connecting may take, in seconds."""
        return self._connector.options.connect_timeout

    @connect_timeout.setter
    def connect_timeout(self, seconds: float) -> None:
        self._connector.options = replace(self._connector.options, connect_timeout=seconds)

    @property
    def retries(self) -> int:
        """How often a request that may be repeated is sent again on a fresh connection."""
        return self._connector.options.retries

    @property
    def max_message_size(self) -> int:
        """The longest message that is accepted, in octets."""
        return self._connector.options.max_message_size

    @property
    def version(self) -> SnmpVersion:
        """The version of SNMP that is spoken."""
        return self._connector.security.version

    @property
    def connected(self) -> bool:
        """Whether there is a connection now."""
        return self._connector.connected

    @property
    def tls_counters(self) -> TlsCounters:
        """Its TLS sessions, as RFC 6353's MIB counts them."""
        return self._connector.tls_counters

    @property
    def tls(self) -> TlsSession | None:
        """What was negotiated for the present or the last connection; ``None`` before the first, and without TLS."""
        return self._connector.tls_session

    @property
    def pending(self) -> int:
        """How many requests wait for an answer now."""
        return self._connector.pending

    @property
    def engine(self) -> EngineInfo | None:
        """The agent's engine and its time now, as far as they are known (SNMPv3); ``None`` before that."""
        engine: Engine | None = getattr(self._connector.security, "engine", None)
        if engine is None or engine.engine_id is None:
            return None
        return engine.info(current_time())

    @property
    def engine_settled(self) -> bool:
        """Whether the agent's engine ID was given or authenticated, so that no unauthenticated report changes it."""
        engine: Engine | None = getattr(self._connector.security, "engine", None)
        return engine is not None and engine.settled

    @telling
    def use(self, credentials: Credentials, *, engine: EngineInfo | None = None, afresh: bool = False) -> None:
        """Use other credentials from the next request on, on the same connection.

        Args:
            credentials: those of the next requests.
            engine: the agent's engine (SNMPv3); optional; default the one that was given before, if there is one.
            afresh: forget the engine that was given before.

        Raises:
            ConfigurationError: requests are pending, and their answers could not be checked any more; or the
                credentials need TLS, or know no engines.
        """
        check_arguments(USE_KINDS, locals())
        self._check_none_pending()
        options = self._connector.options
        check_credentials(credentials, options.tls, has_engine=engine is not None)
        if afresh:
            self._protection.forget_given()
        self._connector.security = self._protection.use(credentials, options, engine)
        if self._notifier is not None:
            self._notifier.use(credentials)

    def _check_none_pending(self) -> None:
        if self.pending:
            raise ConfigurationError(f"{self.pending} requests wait for answers to other credentials")

    @telling
    def use_tls(self, tls: Tls | ClientTls) -> None:
        """Speak TLS in another way from the next connection on; the present one stays as it is.

        Args:
            tls: as for the manager itself.

        Raises:
            ConfigurationError: options that cannot work; or requests are pending, and managers that share
                ``engines`` verify the agent where this one will not, or the other way round.
        """
        credentials = self._protection.credentials
        session = client_tls(tls, self.host)
        check_credentials(credentials, session, has_engine=False)
        if self._protection.is_shared_alike(self._connector.options.tls, session):
            self._connector.use_tls(session)
            return
        self._check_none_pending()
        self._connector.use_tls(session)
        self._connector.security = self._protection.use(credentials, self._connector.options, None)

    @telling
    def reload_tls(self) -> None:
        """Read the files of :class:`TlsOptions` again, for the connections from the next one on.

        Raises:
            ConfigurationError: a file cannot be used, and nothing has changed; or there are no :class:`TlsOptions`.
        """
        tls = self._connector.options.tls
        if tls is None:
            raise ConfigurationError("this manager has no TLS")
        tls.reload()

    def hold(self, *, held: bool = True) -> None:
        """Stop reading, so that TCP holds what the agent sends, or go on; also on connections that are yet to come.

        Requests that wait for answers go on waiting, until their time is over.
        """
        self._connector.hold(held=held)

    @telling_later
    async def connect(self) -> None:
        """Make the connection now instead of with the first request.

        Safe to cancel; other tasks that wait for the same connection go on.

        Raises:
            ConnectFailed: with the true reason.
            ClosedError: the manager is closed.
        """
        await self._connector.connect(at_once=True)

    async def aclose(self) -> None:
        """Close the connection; pending requests fail with :class:`ClosedError`.  May be called twice.

        Safe to cancel: the connection closes nevertheless.
        """
        self._connector.end()
        if self._notifier is not None and self._notifier.has_inbox:
            self._notifier.inbox.close()
        await self._connector.aclose()

    @telling_later
    async def __aenter__(self) -> Self:
        self._connector.check_open()
        return self

    async def __aexit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        state = "closed" if self._connector.closed else "connected" if self.connected else "not connected"
        return f"<Manager {self._connector.options.peer} v{self.version} {state}, {self.pending} pending>"

    # ----------------------------------------------------------------------------------- requests

    async def get(self, *oids: OidLike, timeout: float | None = None) -> VarBinds:
        """Read variables (GetRequest, RFC 3416 section 4.2.1).

        More names than fit one message, or than ``max_names``, are asked for by several requests side by side.  If the
        agent answers tooBig, genErr without an index, or fewer variable bindings than names, they are asked for again
        in halves, until single names are left; if it does not answer more names than it has answered before, in
        quarters, after half of the time that is left.  What it takes is remembered for five minutes.

        Args:
            *oids: the names of the instances.
            timeout: how long it may take in all, in seconds; by default the manager's ``timeout``.

        Returns:
            One variable binding for each name, in order, also found by name (``answer["1.3.6.1.2.1.1.3.0"]``).
            SNMPv2c's exceptions (:class:`NoSuchObject`, :class:`NoSuchInstance`) stand in the place of values.

        Raises:
            AgentError: the agent answered with an error-status, whose index is that of the name; SNMPv1 answers
                :class:`NoSuchName` for all names if one is missing.
            RequestTimeout: no acceptable answer in time.
            TransportError: no connection, or it was lost.
            BrokenVariable: one of the variables cannot be decoded; the others are in its ``varbinds``.
            ProtocolError: an answer that breaks the rules.
            SecurityError: the agent refuses the user (SNMPv3).
            ClosedError: the manager is closed, or was closed meanwhile.
            ConfigurationError: no names, or impossible ones.

        Safe to cancel.
        """
        try:
            deadline = self._deadline(timeout)
            if self._mib is not None:
                oids = tuple(map(self._oid, oids))
            elif not _CACHEABLE.issuperset(map(type, oids)):  # arcs: lists cannot be looked up, and 1.0 equals 1
                oids = tuple(map(OID, oids))
            request = get_request(oids)
        except SnmpError as error:
            self._connector.failures.told(error)
            raise
        if len(oids) == 1:
            return self._answer(await self._connector.ask(request, deadline))
        return self._answer(await self._names.ask(get_request, request, deadline))

    @overload
    async def get_value(self, oid: OidLike, *, timeout: float | None = None) -> Value: ...

    @overload
    async def get_value(self, oid: OidLike, *, default: T, timeout: float | None = None) -> Value | T: ...

    async def get_value(self, oid: OidLike, *, default: object = NO_DEFAULT, timeout: float | None = None) -> object:
        """Read the value of one variable (GetRequest, RFC 3416 section 4.2.1).

        Args:
            oid: the name of the instance.
            default: what to return if the agent has no such variable; optional; by default that is an error.
            timeout: as for :meth:`get`.

        Returns:
            The value.

        Raises:
            NoSuchName: the agent has no such variable, in any version; in SNMPv2c and SNMPv3 the ``varbind`` of the
                error has :class:`NoSuchObject` or :class:`NoSuchInstance`.  Not raised if there is a default.
            AgentError, RequestTimeout, TransportError, ProtocolError, SecurityError, ClosedError, ConfigurationError:
                as :meth:`get`.

        Safe to cancel.
        """
        try:
            (varbind,) = await self.get(oid, timeout=timeout)
        except NoSuchName:  # SNMPv1
            if default is NO_DEFAULT:
                raise
            return default
        if not isinstance(varbind.value, _MISSING):
            return varbind.value
        if default is NO_DEFAULT:
            raise self._connector.failures.told(NoSuchName(None, 1, (varbind,)))
        return default

    async def get_next(self, *oids: OidLike, timeout: float | None = None) -> VarBinds:
        """Read the variables that come after names (GetNextRequest, RFC 3416 section 4.2.2), split as :meth:`get` does.

        Args:
            *oids: names of anything, instances or not.
            timeout: as for :meth:`get`.

        Returns:
            One variable binding for each name; :class:`EndOfMibView` if nothing comes after it.

        Raises:
            AgentError: as :meth:`get`; in SNMPv1 also :class:`NoSuchName` at the end of the MIB.
            RequestTimeout, TransportError, ProtocolError, ConfigurationError: as :meth:`get`.

        Safe to cancel.
        """
        try:
            deadline = self._deadline(timeout)
            request = get_next_request(tuple(map(self._oid, oids)))
        except SnmpError as error:
            self._connector.failures.told(error)
            raise
        if len(oids) == 1:
            return self._answer(await self._connector.ask(request, deadline))
        return self._answer(await self._names.ask(get_next_request, request, deadline))

    async def get_bulk(
        self,
        *oids: OidLike,
        non_repeaters: int = 0,
        max_repetitions: int = DEFAULT_MAX_REPETITIONS,
        timeout: float | None = None,
    ) -> VarBinds:
        """Read many variables that come after names (GetBulkRequest, RFC 3416 section 4.2.3).

        Args:
            *oids: names of anything; the first ``non_repeaters`` of them are answered once, as by
                :meth:`get_next`, the others up to ``max_repetitions`` times.
            non_repeaters: 0 to the number of names.
            max_repetitions: 0 to 2147483647; the agent may answer fewer.
            timeout: as for :meth:`get`.

        Returns:
            The variable bindings as they came, first the non-repeaters, then row after row of the others;
            the last row may be cut off, and they end before the first one that cannot be decoded.

        Raises:
            ConfigurationError: a number is out of range, there are more than ``max_names``, or the version is SNMPv1,
                which has no GETBULK.
            AgentError, RequestTimeout, TransportError, ProtocolError: as :meth:`get`.

        Safe to cancel.
        """
        try:
            if type(non_repeaters) is not int or type(max_repetitions) is not int:
                check_arguments(BULK_KINDS, locals())
            if self.version == SnmpVersion.V1:
                raise ConfigurationError("SNMPv1 has no GETBULK")
            deadline = self._deadline(timeout)
            self._names.check("GETBULK", len(oids))
            if self._mib is not None:
                oids = tuple(map(self._oid, oids))
            request = bulk_request(oids, non_repeaters, max_repetitions)
        except SnmpError as error:
            self._connector.failures.told(error)
            raise
        try:
            return self._answer(await self._connector.ask(request, deadline))
        except BrokenVariable as error:
            if not error.position:
                raise
            return self._answer(error.varbinds[: error.position])

    @telling_later
    async def set(self, *varbinds: VarBind | tuple[OidLike, object], timeout: float | None = None) -> VarBinds:
        """Write variables, all or none (SetRequest, RFC 3416 section 4.2.5).

        A SET is never sent twice.  If the connection is lost after it was sent, the agent may or may not have carried
        it out: that is :class:`ConnectionLost`.  An authenticated SET of SNMPv3 leaves when the engine has proved its
        time on this connection in the last 150 seconds; if nothing else has, a GET of sysUpTime.0 asks for the proof.

        Args:
            *varbinds: variable bindings, or pairs of a name and a value; Python's ``int``, ``str``,
                ``bytes`` and ``None`` are taken for Integer32, OctetString and Null.
            timeout: as for :meth:`get`.

        Returns:
            The variable bindings of the answer.

        Raises:
            AgentError: with the error-index of the variable binding to blame; nothing was written.
            ConfigurationError: no variable bindings, impossible ones, more than ``max_names`` (a SET is never split,
                since it writes all or none), or a Counter64 in SNMPv1.
            RequestTimeout, TransportError, ProtocolError: as :meth:`get`; if ``error.uncertain``, the agent may have
                written the values.

        Cancelling it before it has left keeps it from being sent; later than that it may be carried out.
        """
        deadline = self._deadline(timeout)
        pairs = to_varbinds(varbinds, self._mib)
        self._check_values(pairs)
        self._names.check("SET", len(pairs))
        return self._answer(await self._connector.ask(set_request(pairs), deadline))

    @telling_later
    async def exchange(
        self,
        kind: PduType,
        varbinds: Iterable[VarBind | tuple[OidLike, object]],
        *,
        non_repeaters: int = 0,
        max_repetitions: int = 0,
        request_id: int | None = None,
        timeout: float | None = None,
    ) -> Response:
        """Send one request as it is, and return its response unchanged, whatever its error-status.

        Nothing is split, asked again in halves or raised for an error-status: what a tool or a proxy needs that
        shows what an agent says.

        Args:
            kind: the PDU: a GET, GET_NEXT, GET_BULK, SET or INFORM.
            varbinds: names and values.  The values of reads do not matter: NULL is sent.
            non_repeaters: of a GET_BULK.
            max_repetitions: of a GET_BULK.
            request_id: an id that was taken from the manager's ``request_ids``; by default the next one.
            timeout: as for :meth:`get`.

        Raises:
            ConfigurationError: SNMPv1 has no such request or value, or nothing is named.
            RequestTimeout, TransportError, ProtocolError, SecurityError, ClosedError: as :meth:`get`.

        Safe to cancel.
        """
        check_exchange(kind, non_repeaters, max_repetitions, request_id)
        deadline = self._deadline(timeout)
        request = self._request_of(kind, to_varbinds(varbinds, self._mib), non_repeaters, max_repetitions)
        call = self._connector.begin(request, deadline, request_id)
        try:
            return self._response(call, await self._connector.complete(call))
        except AgentError as error:
            return self._response(call, error)

    @telling
    def begin_exchange(
        self,
        kind: PduType,
        varbinds: Iterable[VarBind | tuple[OidLike, object]],
        *,
        non_repeaters: int = 0,
        max_repetitions: int = 0,
        request_id: int | None = None,
        timeout: float | None = None,
    ) -> asyncio.Future[Response]:
        """Let one request leave now, and return a future of its response: :meth:`exchange` without a task for each.

        For programs with very many requests under way: while one waits for its answer, it takes about a quarter of the
        memory of a task that awaits :meth:`exchange`.  To be called on the manager's event loop.

        Args:
            kind: as for :meth:`exchange`, and so are all others.
            varbinds: names and values.
            non_repeaters: of a GET_BULK.
            max_repetitions: of a GET_BULK.
            request_id: an id that was taken from the manager's ``request_ids``; by default the next one.
            timeout: as for :meth:`get`.

        Returns:
            A future; it fails with what :meth:`exchange` raises.  Its cancellation forgets the request.

        Raises:
            ConfigurationError: SNMPv1 has no such request or value, or nothing is named.
        """
        check_exchange(kind, non_repeaters, max_repetitions, request_id)
        deadline = self._deadline(timeout)
        request = self._request_of(kind, to_varbinds(varbinds, self._mib), non_repeaters, max_repetitions)
        call = self._connector.begin(request, deadline, request_id)
        return Begun(self._connector, call, self._response)

    def _response(self, call: Call, answer: Iterable[VarBind] | AgentError) -> Response:
        """Return the response to a request that shows it unchanged."""
        if isinstance(answer, AgentError):
            return Response(call.last_id, int(answer.status), answer.index, self._answer(answer.varbinds))
        return Response(call.last_id, 0, 0, self._answer(answer))

    def _request_of(self, kind: PduType, pairs: list[VarBind], non_repeaters: int, max_repetitions: int) -> Request:
        names = tuple([pair.oid for pair in pairs])
        if kind is PduType.GET:
            return get_request(names)
        if kind is PduType.GET_NEXT:
            return get_next_request(names)
        if self.version == SnmpVersion.V1 and kind is not PduType.SET:
            raise ConfigurationError(f"SNMPv1 has no {'GETBULK' if kind is PduType.GET_BULK else 'INFORM'}")
        if kind is PduType.GET_BULK:
            return bulk_request(names, non_repeaters, max_repetitions)
        self._check_values(pairs)
        return set_request(pairs) if kind is PduType.SET else inform_request(pairs)

    def _check_values(self, pairs: Iterable[VarBind]) -> None:
        """Refuse what the version of SNMP cannot carry."""
        if self.version == SnmpVersion.V1:
            for pair in pairs:
                if isinstance(pair.value, Counter64):
                    raise ConfigurationError(f"SNMPv1 cannot carry the Counter64 for {pair.oid}")

    @telling_later
    async def discover(self, *, afresh: bool = False, timeout: float | None = None) -> EngineInfo:
        """Find out who the agent's engine is and what time it has (SNMPv3; RFC 3414 section 4, RFC 5343).

        Requests do this by themselves, once for all that wait.

        Args:
            afresh: forget what is known of the engine first.
            timeout: as for :meth:`get`.

        Returns:
            Engine ID, boots and time; authenticated if the user has an authentication key.

        Raises:
            ConfigurationError: the credentials are a community.
            AgentError: the agent does not tell its boots and time (:class:`Tsm`).
            SecurityError: the agent does not accept the user's authentication.
            RequestTimeout, TransportError, ProtocolError: as :meth:`get`.

        Safe to cancel; others that wait for the same discovery go on.
        """
        check_arguments({"afresh": FLAG}, {"afresh": afresh})
        credentials, security = self._protection.credentials, self._connector.security
        engine: Engine | None = getattr(security, "engine", None)
        if engine is None:
            raise ConfigurationError("only SNMPv3 knows engines")
        deadline = self._deadline(timeout)
        if afresh:
            self._protection.forget_given()
            engine.forget()
        if not isinstance(credentials, UsmUser):
            return await self._ask_engine(engine, deadline)
        try:
            await self._connector.ask(nothing_request(), deadline)
        except AgentError:
            pass  # whatever it answers, it has told who it is
        except SecurityError as error:
            if credentials.auth or not security.ready or isinstance(error, UnknownEngine):
                raise
        return engine.info(asyncio.get_running_loop().time())

    async def _ask_engine(self, engine: Engine, deadline: Deadline) -> EngineInfo:
        """Ask for engine ID, boots and time as for any variable: this security model does not tell them."""
        answer = await self._connector.ask(get_request(SNMP_ENGINE_NAMES), deadline)
        now = asyncio.get_running_loop().time()
        engine_id, boots, uptime = (value for _, value in answer)
        if isinstance(engine_id, OctetString) and isinstance(boots, Integer32) and isinstance(uptime, Integer32):
            engine.learn(bytes(engine_id), int(boots), int(uptime), now)
        return engine.info(now)

    # ------------------------------------------------------------------------------- notifications

    @telling
    def notifications(
        self,
        *,
        queue_size: int = 1000,
        queue_octets: int | None = None,
        on_refused: Callable[[RefusedMessage], object] | None = None,
    ) -> NotificationStream:
        """Receive what the agent sends by itself on this manager's connection, from now on.

        The agent's traps and informs are accepted with the manager's own credentials; informs are acknowledged when
        the stream has taken them.  They never hold up requests: if the queue is full, further notifications are
        dropped, counted (``statistics.notifications_dropped``), and not acknowledged.
        The connection is made by the first request or :meth:`connect`, and a stream goes on with the next one.

        Without a stream, notifications are counted and dropped.  To receive from agents that connect by themselves, see
        :class:`snmptcp.NotificationListener`.

        Args:
            queue_size: how many notifications may wait to be looked at.
            queue_octets: how many octets of memory they may take; optional; default 16 MiB, or in proportion more if
                ``queue_size`` is above 1000.  One may wait whatever its size.
            on_refused: called with a :class:`~snmptcp.listener.RefusedMessage` for each message that is refused while
                the stream is open: its octets, and why.  What it raises is logged.

        Returns:
            A stream of :class:`Notification`, to be iterated over until the manager is closed; several streams each
            get them all.

        Raises:
            ConfigurationError: ``queue_size`` or ``queue_octets`` is below 1, or a user has localized keys, which
                belong to another engine.
            ClosedError: the manager is closed.

        A stream ends with the last reference to it, as after a loop that was left; to end it at a certain time, use
        ``contextlib.aclosing``.  Waiting for the next notification is safe to cancel.  To be called on the manager's
        event loop.
        """
        self._connector.check_open()
        check_arguments(STREAM_KINDS, locals())
        stream = self._notifying().inbox.open(queue_size, queue_octets, on_refused)
        self._connector.receive_unsolicited(receptive=True)
        return stream

    @property
    def notification_statistics(self) -> ReceiverStatistics:
        """What became of messages that are no answers, since the first stream of notifications.

        Its ``refused`` tells how many were refused, and why.
        """
        return self._notifying().statistics

    def _receive_unsolicited(self, connection: Connection, message: bytes) -> None:
        if self._on_unsolicited is not None:
            self._on_unsolicited(connection, message)
        else:
            self._notifying().inbox.receive(message, connection, self.host, self.port)

    def _notifying(self) -> Notifier:
        """Return what deals with notifications; most managers never need it, nor what it imports."""
        if self._notifier is None:
            try:
                from snmptcp.manager.notifications import Notifier  # noqa: PLC0415
            except OSError as error:  # no file descriptor is left to read the module with
                raise ConnectFailed(f"cannot connect to {self._connector.options.peer}: {reason_of(error)}") from error

            self._notifier = Notifier(
                self._protection.credentials,
                self._local_engine,
                self.max_message_size,
                self.statistics,
                self._made_at,
                strict=self._connector.options.strict,
                frozen_clock=self._protection.frozen_clock,
            )
        return self._notifier

    @telling_later
    async def inform(
        self,
        trap_oid: OidLike,
        *varbinds: VarBind | tuple[OidLike, object],
        uptime: int | None = None,
        timeout: float | None = None,
    ) -> VarBinds:
        """Notify the other end, and wait until it acknowledges that (InformRequest, RFC 3416 section 4.2.7).

        Args:
            trap_oid: the notification (snmpTrapOID.0).
            *varbinds: what belongs to it, as for :meth:`set`.
            uptime: sysUpTime.0 in hundredths of a second; by default the time since this manager was made.
            timeout: as for :meth:`get`.

        Returns:
            The variable bindings of the acknowledgement.

        Raises:
            AgentError: the receiver has refused it.
            ConfigurationError: the version is SNMPv1, which has no informs; or impossible variable bindings.
            RequestTimeout, TransportError, ProtocolError: as :meth:`get`; it may have arrived.  If its connection is
                lost it is sent again (``retries``), so it may arrive twice.

        Safe to cancel.
        """
        if self.version == SnmpVersion.V1:
            raise ConfigurationError("SNMPv1 has no informs")
        deadline = self._deadline(timeout)
        request = self._notifying().inform(self._oid(trap_oid), to_varbinds(varbinds, self._mib), uptime)
        return self._answer(await self._connector.ask(request, deadline))

    @telling_later
    async def send_trap(
        self,
        trap_oid: OidLike,
        *varbinds: VarBind | tuple[OidLike, object],
        uptime: int | None = None,
        agent_address: str | IpAddress | None = None,
        timeout: float | None = None,
    ) -> None:
        """Notify the other end, without an acknowledgement (RFC 3416 section 4.2.6, RFC 1157 section 4.1.6).

        In SNMPv1 the trap is translated as RFC 3584 section 3.2 tells: the enterprise, generic-trap and specific-trap
        are made of ``trap_oid`` (and of snmpTrapEnterprise.0).  In SNMPv3 the sender is the authoritative engine: see
        ``local_engine``.

        Args:
            trap_oid: the notification (snmpTrapOID.0).
            *varbinds: what belongs to it, as for :meth:`set`.
            uptime: sysUpTime.0 in hundredths of a second; by default the time since this manager was made.
            agent_address: the agent-addr of an SNMPv1 trap, an IPv4 address; by default 0.0.0.0.
            timeout: how long connecting and writing may take, in seconds.

        Raises:
            ConfigurationError: SNMPv1 cannot carry it (a Counter64, for example), or impossible variable bindings.
            TransportError: no connection, or it was lost.  Without an error the trap may still not have arrived.
            RequestTimeout: the other end does not read; the trap has not been sent.

        Cancelling it keeps it from being sent.
        """
        deadline = self._deadline(timeout)
        notifier, oid, pairs = self._notifying(), self._oid(trap_oid), to_varbinds(varbinds, self._mib)
        if self.version == SnmpVersion.V1:
            message = notifier.trap_v1(oid, pairs, uptime, agent_address)
            connection = await self._connection_with_room(deadline)
        else:
            trap = notifier.trap(oid, pairs, uptime)
            connection = await self._connection_with_room(deadline)
            message = notifier.protect(
                connection.take_message_id(), connection.take_id(), trap, asyncio.get_running_loop().time()
            )
        await self._until(deadline, connection.send_unconfirmed(message))
        self.statistics.traps += 1

    async def _connection_with_room(self, deadline: Deadline) -> Connection:
        """Return the connection once the other end takes what is written; a trap that cannot leave is not kept."""
        connection = await self._connector.connect(deadline)
        await self._until(deadline, connection.room_to_send())
        self._connector.check_open()
        return connection

    @staticmethod
    async def _until(deadline: Deadline, waiting: Awaitable[None]) -> None:
        """Wait for something, and no longer than to a deadline.

        Raises:
            RequestTimeout: the deadline has come first.
        """
        try:
            async with asyncio.timeout_at(deadline.at) as limit:
                await waiting
        except TimeoutError:
            if not limit.expired():
                raise
            raise RequestTimeout(deadline.timeout) from None

    # -------------------------------------------------------------------------------- walks, tables

    @telling
    def walk(
        self,
        oid: OidLike,
        *,
        max_repetitions: int | None = None,
        limit: int | None = None,
        start: OidLike | None = None,
        timeout: float | None = None,
        tolerate_non_increasing: bool = False,
        skip_broken: bool = False,
        instance: bool = True,
        hasty: bool = False,
    ) -> AsyncGenerator[VarBind, None]:
        """Read a subtree, one variable binding after the other.

        GETBULK is used, or GETNEXT in SNMPv1 and for agents that cannot answer GETBULK; the number of repetitions
        shrinks on tooBig, genErr and timeouts, and grows again.  The next request is on its way while you look at the
        answer to the last one.

        By default, a request asks for 25 names, and for up to 200 once the agent has shown that an answer of that size
        has the same names as small ones and takes no longer; the manager remembers that.  Over a line with latency, the
        first answers of the next column are asked for while one is read, at most one request in vain for each column;
        not with a ``limit``, ``tolerate_non_increasing``, ``skip_broken`` or the manager's ``max_in_flight``.

        Args:
            oid: the root of the subtree; a single arc (``"1"``) is allowed.
            max_repetitions: the most names to ask for at once, one request after the other; 0 means GETNEXT;
                ``None`` to adapt to the agent and the line.
            limit: how many variable bindings to read at most; ``None`` for all.
            start: go on after this name instead of from the root.
            timeout: how long one request may take, in seconds; by default the manager's ``timeout``.
            tolerate_non_increasing: take names out of order, as long as none comes twice.
            skip_broken: go on past variables that cannot be decoded, which are counted (``statistics.broken``) and
                logged; by default the first one ends the walk, after those before it.
            instance: if nothing is below ``oid``, read the variable of that name, as net-snmp's snmpwalk does; not if
                there is a ``start``.
            hasty: wait only half of ``timeout`` for the answer to a GETBULK, since smaller requests follow; by default
                all of it.

        Yields:
            The variable bindings of the subtree, in the agent's order.

        Raises:
            BrokenVariable: a variable cannot be decoded; what came before it has been yielded.
            OidNotIncreasing: the agent repeats itself; what came before has been yielded.
            AgentError, RequestTimeout, TransportError, ProtocolError: as :meth:`get`, when smaller
                requests do not help either.
            ConfigurationError: impossible arguments.

        Leaving the loop early forgets the request that is under way, at the latest when the generator is collected; to
        do so at once, use ``contextlib.aclosing``.
        """
        check_arguments(WALK_KINDS, locals())
        cursor = self._cursor(
            self._oid(oid),
            max_repetitions,
            limit=limit,
            start=start,
            tolerate_non_increasing=tolerate_non_increasing,
            skip_broken=skip_broken,
            hasty=hasty,
        )
        instance = instance and start is None and len(cursor.root) > 1  # a single arc cannot be read
        watch = self._watch(cursor.root, is_table=False)
        items = Items(walks.walk(self._connector, cursor, self._timeout(timeout), watch, instance=instance))
        return items if watch is None else watch.each(items)

    @telling
    def table(
        self,
        oid: OidLike,
        columns: Iterable[int | OidLike] | None = None,
        *,
        max_repetitions: int | None = None,
        limit: int | None = None,
        max_columns: int = DEFAULT_MAX_COLUMNS,
        timeout: float | None = None,
        tolerate_non_increasing: bool = False,
        skip_broken: bool = False,
    ) -> AsyncGenerator[TableRow, None]:
        """Read a conceptual table, row by row, its columns side by side.

        Args:
            oid: the table (ifTable is ``1.3.6.1.2.1.2.2``).  Its entry is accepted, too, if ``mib`` has a module that
                defines it, or if ``columns`` is not given and the entry has more than one column.
            columns: column numbers, or OIDs of columns; ``None`` for all that the agent has, which takes
                one more round trip.
            max_repetitions: the most instances of each column to ask for at once; 0 means GETNEXT; ``None`` to
                adapt, as :meth:`walk` does.
            limit: how many rows to read at most; ``None`` for all.
            max_columns: how many columns the agent may have if ``columns`` is not given.
            timeout: how long one request may take, in seconds; by default the manager's ``timeout``.
            tolerate_non_increasing: take names out of order, as long as none comes twice.
            skip_broken: leave variables that cannot be decoded out of their rows, as for :meth:`walk`; by default the
                first one ends the table.

        Yields:
            Rows in the order of their indexes; with ``tolerate_non_increasing`` in the order in which their first
            instance came.  A column that has no instance in a row is not in it.  With ``mib``, the rows of a table that
            a module defines are :class:`snmptcp.mib.NamedRow`.

        Raises:
            LimitExceeded: the agent has more columns, or answers that wait to become rows are too large.
            BrokenVariable, OidNotIncreasing, AgentError, RequestTimeout, TransportError, ProtocolError,
                ConfigurationError: as :meth:`walk`; the rows that were complete have been yielded.

        Leaving the loop early forgets the requests that are under way.
        """
        check_arguments(TABLE_KINDS, locals())
        table = self._oid(oid)
        self._cursor(table, max_repetitions, limit=limit)  # refuses impossible arguments before anything is sent
        if max_columns < 1:
            raise ConfigurationError(f"max_columns must be at least 1, not {max_columns}")
        roots: Sequence[OID] | ColumnSearch
        names = None if self._mib is None else self._mib.table_names(table)
        entry = None if names is None else names.entry
        if columns is None:
            roots = ColumnSearch(table, 1 if self.version == SnmpVersion.V1 else 32, entry)
        else:
            roots = column_oids(table if entry is None else entry[:-1], columns, self._oid)
        watch = self._watch(table, is_table=True)
        rows: AsyncGenerator[Sequence[TableRow], None] = walks.table(
            self._connector,
            self._names,
            roots,
            lambda root: self._cursor(
                root,
                max_repetitions,
                tolerate_non_increasing=tolerate_non_increasing,
                skip_broken=skip_broken,
                enough=limit,
            ),
            self._timeout(timeout),
            max_columns=max_columns,
            limit=limit,
            in_order=not tolerate_non_increasing,
            telling=watch,
        )
        if names is not None:
            from snmptcp.mib.answers import named_rows  # noqa: PLC0415 - only managers with names need it

            rows = named_rows(rows, names)
        items = Items(rows)
        return items if watch is None else watch.each(items)

    def _watch(self, root: OID, *, is_table: bool) -> WalkTelling | None:
        """Return what tells the observer of a walk or a table, if there is one."""
        observer = self._connector.observer
        if observer is None or not observer.follows_requests:
            return None
        from snmptcp.manager.telling import WalkTelling  # noqa: PLC0415 - only with an observer

        return WalkTelling(observer, self._connector.options.peer, root, is_table=is_table, version=self.version)

    def _cursor(
        self,
        root: OID,
        max_repetitions: int | None,
        *,
        limit: int | None = None,
        start: OidLike | None = None,
        tolerate_non_increasing: bool = False,
        skip_broken: bool = False,
        hasty: bool = False,
        enough: int | None = None,
    ) -> WalkCursor:
        return WalkCursor(
            root,
            self.version,
            max_repetitions=max_repetitions,
            limit=limit,
            start=None if start is None else self._oid(start),
            tolerate_non_increasing=tolerate_non_increasing,
            skip_broken=skip_broken,
            strict=self._connector.options.strict,
            hasty=hasty,
            sizes=self._connector.answer_sizes,
            enough=enough,
        )

    # ------------------------------------------------------------------------------------- internal

    def _timeout(self, timeout: float | None) -> float:
        """Return a call's own timeout, or the manager's, in seconds."""
        return self._default_timeout if timeout is None else check_seconds("timeout", timeout)

    def _deadline(self, timeout: float | None) -> Deadline:
        """Return when a request that begins now expires."""
        timeout = self._default_timeout if timeout is None else check_seconds("timeout", timeout)
        return Deadline(running_loop().time() + timeout, timeout)


def _weak(method: Callable[[Connection, bytes], None]) -> Callable[[Connection, bytes], None]:
    """Return a callback that does not keep its object alive."""
    reference = weakref.WeakMethod(method)

    def call(connection: Connection, message: bytes) -> None:
        bound = reference()
        if bound is not None:
            bound(connection, message)

    return call
