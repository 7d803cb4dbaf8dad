"""The conversation with one agent: a manager of the asynchronous library, and the events of what happens on it.

Contains: making the manager from the properties and settings, what its observer is told as events.
Does not contain: which conversation is the present one (:mod:`snmptcp.ipworks.endpoint`), what methods do with it.
"""

from __future__ import annotations

import contextlib
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from snmptcp.codec.message import read_v3_header, read_version
from snmptcp.errors import ClosedError, ConnectFailed, SnmpError
from snmptcp.ipworks.background import Background
from snmptcp.ipworks.fields import address_of, usm_fields
from snmptcp.ipworks.options.network import make_proxy, make_socket_options, message_limit
from snmptcp.ipworks.securing import Securing
from snmptcp.ipworks.timeouts import Timeouts
from snmptcp.manager import Manager, Observer
from snmptcp.protocol.answer_sizes import DEFAULT_MAX_REPETITIONS
from snmptcp.security.usm_message import read_usm_parameters

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Sequence

    from snmptcp.codec.pdu import PduType
    from snmptcp.credentials import Community, UsmUser
    from snmptcp.ipworks.emit import Emitter
    from snmptcp.ipworks.fields import Address
    from snmptcp.ipworks.options.tls import TlsProfile
    from snmptcp.ipworks.store import Values
    from snmptcp.manager import Connection, CountedIds, EngineInfo, Exchange, Response
    from snmptcp.oid import OID
    from snmptcp.values import VarBind

__all__ = ("FOREVER", "Asker", "Conversation", "Watcher")

T = TypeVar("T")

#: The timeout of requests that the facade limits itself, in seconds.
FOREVER = 1e9

#: How long a request waits for a better answer than a report of a wrong user or password, in seconds.
REPORT_GRACE = 1.0

#: How many answers of a walk are remembered until their objects have been delivered.
_MAX_ANSWERS = 8


@dataclass(frozen=True, slots=True)
class Asker:
    """Who sends requests.

    Attributes:
        key: every value that the credentials depend on.
        credentials: the credentials.
        engine: the agent's engine, if it is known (SNMPv3).
    """

    key: tuple[object, ...]
    credentials: Community | UsmUser
    engine: EngineInfo | None


class _Answer:
    """An answer of a walk.

    Attributes:
        request_id: its request-id.
        left: its objects that have not been asked for yet.
        count: how many those are.
    """

    __slots__ = ("count", "left", "request_id")

    def __init__(self, request_id: int, varbinds: tuple[VarBind, ...]) -> None:
        self.request_id = request_id
        self.left = iter(varbinds)
        self.count = len(varbinds)


class Watcher(Observer):
    """Makes events of what happens on a manager's connections.

    Args:
        emitter: queues the events.
        agent: the agent's name and port, for events before the first connection.
        credentials: those of the requests.
        timeouts: restarted with each packet received.

    Attributes:
        local: the local address of the last connection.
        peer: the agent's address.
        credentials: those of the requests; the conversation changes them.
        connected: whether there is a connection that has been approved.
        refusal: why the last reply was refused; ``None`` if none was.
        discovering: whether ``discover`` is in progress, which reports its result itself.
    """

    def __init__(self, emitter: Emitter, agent: Address, credentials: Community | UsmUser, timeouts: Timeouts) -> None:
        self._emitter = emitter
        self._timeouts = timeouts
        self._connection: Connection | None = None
        self.local: Address = ("", 0)
        self.peer = agent
        self.credentials = credentials
        self.connected = False
        self.refusal: SnmpError | None = None
        self.discovering = False
        self._failure: ConnectFailed | None = None
        self._walks = 0  # under way
        #: The last answers of walks, oldest first.
        self._answers: deque[_Answer] = deque(maxlen=_MAX_ANSWERS)

    @contextlib.contextmanager
    def remembering_answers(self) -> Iterator[None]:
        """Remember the answers that come while a walk is under way."""
        self._answers.clear()
        self._walks += 1
        try:
            yield
        finally:
            self._walks -= 1
            self._answers.clear()

    def answer_of(self, varbind: VarBind) -> tuple[int, bool]:
        """Return the request-id of the answer that an object of a walk came with, and whether it is its last object.

        The objects of an answer are asked for in order.  The id is 0 if the answer is forgotten.
        """
        while self._answers:
            answer = self._answers[0]
            for varbind_of_answer in answer.left:
                answer.count -= 1
                if varbind_of_answer is varbind:
                    return answer.request_id, not answer.count
            self._answers.popleft()
        return 0, True

    # -------------------------------------------------------------------------------- connections

    def connection_made(self, connection: Connection) -> None:
        """Note the addresses of a connection that has not been approved yet."""
        self._connection = connection
        local, peer = connection.addresses
        self.local, self.peer = address_of(local), address_of(peer)
        self._failure = None

    def connection_approved(self, connection: Connection, *, proxied: bool) -> None:
        """Tell that a connection is ready."""
        self.connected = True
        self._emitter.opened(self.peer, connection.tls_session, proxied=proxied)

    def connect_failed(self, error: ConnectFailed) -> None:
        """Tell that a connection could not be made: once, although every request that waits for it fails."""
        if self._failure is not error:
            self._failure = error
            self._emitter.connect_failed(self.peer, error)

    def connection_closed(self, reason: SnmpError) -> None:
        """Tell that a connection has ended."""
        self._connection = None
        if self.connected:
            self.connected = False
            self._emitter.closed(self.peer, None if isinstance(reason, ClosedError) else reason)

    def ready_to_send(self) -> None:
        """Tell that the agent takes data again."""
        self._emitter.ready_to_send()

    # ----------------------------------------------------------------------------------- messages

    def message_sent(self, message: bytes) -> None:
        """Trace a message."""
        self._emitter.sent(message, self.peer, self.credentials)

    def message_received(self, message: bytes) -> None:
        """Trace a message, and restart timeouts."""
        self._timeouts.restart()
        self._emitter.received(message, self.peer, self.credentials)

    def exchange_ended(self, exchange: Exchange) -> None:
        """Remember the request-id of an answer."""
        if self._walks and exchange.varbinds is not None:
            self._answers.append(_Answer(exchange.request_id, exchange.varbinds))

    def message_refused(self, message: bytes, error: SnmpError) -> None:
        """Tell of a message that was dropped."""
        self.refusal = error
        self._emitter.bad_packet(message, error, self.peer)

    def report_received(self, message: bytes, varbinds: tuple[VarBind, ...], error: SnmpError, *, probe: bool) -> None:
        """Tell of a report; the answer to a discovery probe is a discovery response."""
        _, offset, end = read_version(message)
        header = read_v3_header(message, offset, end)
        parameters = read_usm_parameters(message, header.security_start, header.security_stop)
        fields = usm_fields(header, parameters)
        if not probe:
            self.refusal = error
            request_id = 0 if self._connection is None else self._connection.request_id_of(header.msg_id)
            self._emitter.report(varbinds, self.peer, request_id=request_id, error_description=error.text, **fields)
        elif not self.discovering:
            engine = (parameters.engine_id, parameters.boots, parameters.time)
            self._emitter.discovered(engine, self.peer, **fields)


class Conversation:
    """The conversation with one agent, over one connection at a time.

    Args:
        key: every value that the connection depends on.
        asker: who sends the requests.
        values: the properties and settings.
        profile: the TLS side of the object.
        emitter: queues the events.
        ids: where request-ids come from.
        unsolicited: called with each message that answers no request, the agent's address, and a function that sends
            octets back.

    Attributes:
        key: every value that the connection depends on.
        asker: who sends the requests.
        timeouts: the limits of methods that wait for this agent.
        users: how many methods wait for this agent.
        background: sends requests that no method waits for.
        closed: whether it is over, because the program has set ``active`` to False.

    Raises:
        IPWorksSNMPError, ConfigurationError: a property or setting is not possible.
    """

    def __init__(
        self,
        key: tuple[object, ...],
        asker: Asker,
        *,
        values: Values,
        profile: TlsProfile,
        emitter: Emitter,
        ids: CountedIds,
        unsolicited: Callable[[bytes, Address, Callable[[bytes], None]], str | None],
    ) -> None:
        host, port = values["remote_host"], values["remote_port"]
        local_host = values["local_host"]
        self.key = key
        self.asker = asker
        self.timeouts = Timeouts()
        self.closed = False
        self.users = 0
        self.background = Background(self, emitter)
        self._receive_unsolicited = unsolicited
        self._watcher = Watcher(emitter, (host, port), asker.credentials, self.timeouts)
        proxy = make_proxy(values, host, port)
        self._proxied = proxy is not None
        self._securing = Securing(key, values, profile, emitter) if values["ssl_enabled"] else None
        self._manager = Manager(
            host,
            port,
            credentials=asker.credentials,
            timeout=FOREVER,
            connect_timeout=values.connect_timeout,
            local_address=(local_host, 0) if local_host else None,
            proxy=proxy,
            socket_options=make_socket_options(values),
            max_rate=values["MaxTransferRate"] or None,
            tls=False if self._securing is None else self._securing.strict,
            max_message_size=message_limit(values),
            report_grace=REPORT_GRACE,
            engine=asker.engine,
            request_ids=ids,
            observer=self._watcher,
            on_connect=self._on_connect,
            on_unsolicited=self._on_unsolicited,
        )
        self.hold(held=not values["accept_data"])

    # -------------------------------------------------------------------------------------- state

    @property
    def peer(self) -> Address:
        """The agent's address."""
        return self._watcher.peer

    @property
    def local(self) -> Address:
        """The local address of the last connection."""
        return self._watcher.local

    @property
    def connected(self) -> bool:
        """Whether there is a connection that has been approved."""
        return self._watcher.connected

    @property
    def credentials(self) -> Community | UsmUser:
        """Those of the requests."""
        return self.asker.credentials

    @property
    def ready(self) -> bool:
        """Whether a request leaves at once."""
        return self._manager.connected

    @property
    def engine(self) -> EngineInfo | None:
        """The agent's engine, as far as it is known."""
        return self._manager.engine

    @property
    def engine_settled(self) -> bool:
        """Whether the engine's ID was given or authenticated."""
        return self._manager.engine_settled

    @property
    def refusal(self) -> SnmpError | None:
        """Why the last reply was refused; a method that begins sets it to ``None``."""
        return self._watcher.refusal

    @refusal.setter
    def refusal(self, refusal: SnmpError | None) -> None:
        self._watcher.refusal = refusal

    @property
    def idle(self) -> bool:
        """Whether nothing waits for this conversation."""
        return self.users == 0 and self.background.pending == 0

    def tell_connect_failed(self, error: ConnectFailed) -> None:
        """Tell that a connection could not be made; once, although every request that waits for it fails."""
        self._watcher.connect_failed(error)

    # ------------------------------------------------------------------------------------ changes

    def use(self, asker: Asker) -> None:
        """Send requests with other credentials from now on, on the same connection."""
        self._manager.use(asker.credentials, engine=asker.engine, afresh=True)
        self._watcher.credentials = asker.credentials
        self.asker = asker

    @property
    def connect_timeout(self) -> float:
        """How long connecting may take, in seconds."""
        return self._manager.connect_timeout

    @connect_timeout.setter
    def connect_timeout(self, seconds: float) -> None:
        self._manager.connect_timeout = seconds

    def hold(self, *, held: bool) -> None:
        """Stop reading, or read again."""
        self._manager.hold(held=held)

    async def aclose(self) -> None:
        """Close the connection; nothing is sent any more."""
        self.closed = True
        await self._manager.aclose()

    # ----------------------------------------------------------------------------------- requests

    async def connect(self) -> None:
        """Make the connection, unless there is one."""
        await self._secure()
        await self._manager.connect()

    async def _secure(self) -> None:
        if self._securing is not None:
            await self._securing.connect(self._manager)

    def exchange(self, kind: PduType, varbinds: Sequence[VarBind], **options: Any) -> Coroutine[Any, Any, Response]:
        """Send a request, and return its response; the arguments are those of :meth:`Manager.exchange`."""
        exchanging = self._manager.exchange(kind, varbinds, **options)
        return exchanging if self._securing is None else self._secured(self._securing, exchanging)

    async def _secured(self, securing: Securing, work: Coroutine[Any, Any, T]) -> T:
        """Do some work on a connection whose certificate has been accepted."""
        try:
            await securing.connect(self._manager)
        except BaseException:
            work.close()
            raise
        return await work

    def begin(self, kind: PduType, varbinds: Sequence[VarBind], **options: Any) -> asyncio.Future[Response]:
        """Send a request on the connection that there is; the arguments are those of :meth:`Manager.begin_exchange`."""
        return self._manager.begin_exchange(kind, varbinds, **options)

    async def discover(self, timeout: float) -> EngineInfo:
        """Discover the agent's engine, even if one is known."""
        self._watcher.discovering = True
        try:
            await self._secure()
            return await self._manager.discover(afresh=True, timeout=timeout)
        finally:
            self._watcher.discovering = False

    async def walk(
        self, root: OID, *, start: OID | None, limit: int | None, timeout: float
    ) -> AsyncGenerator[list[tuple[VarBind, int]], None]:
        """Yield the objects of a table, those of one answer together, each with the request-id of its answer.

        The arguments are those of :meth:`Manager.walk`.  One request follows the other, or ids would come out of order.
        """
        objects: list[tuple[VarBind, int]] = []
        with self._watcher.remembering_answers():
            await self._secure()
            walk = self._manager.walk(
                root,
                max_repetitions=DEFAULT_MAX_REPETITIONS,
                start=start,
                limit=limit,
                timeout=timeout,
                instance=False,
                hasty=True,
            )
            async with contextlib.aclosing(walk):
                try:
                    async for varbind in walk:
                        request_id, is_last = self._watcher.answer_of(varbind)
                        objects.append((varbind, request_id))
                        if is_last:
                            yield objects
                            objects = []
                except SnmpError:
                    if objects:
                        yield objects
                    raise
                if objects:
                    yield objects

    # --------------------------------------------------------------------------- the manager's calls

    async def _on_connect(self, connection: Connection) -> None:
        self._watcher.connection_made(connection)
        if self._securing is not None:
            await self._securing.approve(connection, self.peer)
        self._watcher.connection_approved(connection, proxied=self._proxied)

    def _on_unsolicited(self, connection: Connection, message: bytes) -> None:
        reason = self._receive_unsolicited(message, self.peer, connection.answer)
        if reason is None:
            connection.note_accepted()
        else:
            connection.note_refused(len(message), reason)
