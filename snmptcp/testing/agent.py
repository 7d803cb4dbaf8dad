"""An embedded agent: requests in, responses out, over TCP (RFC 3416, RFC 1157, RFC 3584, RFC 3430).

What may live here: the command responder, its communities, and the injection of faults.  What may not:
how variables are kept (:mod:`~snmptcp.testing.mib`), what a fault does
(:mod:`~snmptcp.testing.faults`), sockets (:mod:`snmptcp.net.server`).

A message goes this way: version, community, PDU; the operation; the response; a fault, if one is due.
"""

from __future__ import annotations

import asyncio
import itertools
import logging
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from snmptcp.codec import ber
from snmptcp.codec.framer import MIN_MESSAGE_SIZE
from snmptcp.codec.message import CommunityMessage, community_header, decode_message, encode_message
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import AgentError, ClosedError, ConfigurationError, DecodeError, ErrorStatus
from snmptcp.net.server import Server
from snmptcp.testing.faults import DeliveryFault, Fault, MessageFault, OctetFault
from snmptcp.testing.mib import Binding, Mib, Variable, bind
from snmptcp.testing.snmprec import load_snmprec
from snmptcp.values import Counter64, EndOfMibView, NoSuchInstance, NoSuchObject, VarBind

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterable, Mapping
    from types import TracebackType
    from typing import Self

    from snmptcp.net.server import ServerConnection
    from snmptcp.oid import OID, OidLike
    from snmptcp.values import Value

__all__ = ("Agent", "Request", "Statistics")

logger = logging.getLogger(__name__)

#: How many requests :attr:`Agent.requests` remembers.
REMEMBERED_REQUESTS = 10_000

_REQUESTS = (PduType.GET, PduType.GET_NEXT, PduType.GET_BULK, PduType.SET)

#: What a walk passes over: a variable whose getter says that it is not there.
_ABSENT: frozenset[type] = frozenset((NoSuchObject, NoSuchInstance, EndOfMibView))

#: SNMPv1 has no Counter64 either (RFC 3584 section 4.2.2.1).
_INVISIBLE = {SnmpVersion.V1: _ABSENT | {Counter64}, SnmpVersion.V2C: _ABSENT}

#: RFC 3584 section 4.4; any status that is not here, and not one of SNMPv1's, is genErr.
_V1_STATUS = {
    **{status: status for status in range(6)},
    ErrorStatus.wrongValue: ErrorStatus.badValue,
    ErrorStatus.wrongEncoding: ErrorStatus.badValue,
    ErrorStatus.wrongType: ErrorStatus.badValue,
    ErrorStatus.wrongLength: ErrorStatus.badValue,
    ErrorStatus.inconsistentValue: ErrorStatus.badValue,
    ErrorStatus.noAccess: ErrorStatus.noSuchName,
    ErrorStatus.notWritable: ErrorStatus.noSuchName,
    ErrorStatus.noCreation: ErrorStatus.noSuchName,
    ErrorStatus.inconsistentName: ErrorStatus.noSuchName,
    ErrorStatus.authorizationError: ErrorStatus.noSuchName,
}


class Request(NamedTuple):
    """A request that an agent has accepted.

    Attributes:
        version: the message's version.
        community: the message's community.
        pdu: what is asked.
        connection: the number of the connection it came on: 1 for the agent's first.
    """

    version: SnmpVersion
    community: bytes
    pdu: Pdu
    connection: int


@dataclass(slots=True)
class Statistics:
    """What an agent has counted since it was made."""

    #: Connections accepted.
    connections: int = 0
    #: Messages received, of any kind.
    messages_in: int = 0
    #: Messages sent, whole or not; a duplicate counts again.
    messages_out: int = 0
    #: Messages that are not sound, and GETBULK in SNMPv1; dropped.
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
    #: Responses that a fault has touched.
    faults: int = 0


# ------------------------------------------------------------------------------------- the response


class _Refusal(Exception):
    """The request is answered with an error-status."""

    def __init__(self, status: int, index: int) -> None:
        super().__init__(status, index)
        self.status = status
        self.index = index


class _Response(NamedTuple):
    request_id: int
    error_status: int
    error_index: int
    bindings: list[Binding]

    def pdu(self) -> Pdu:
        varbinds = tuple(VarBind(binding.oid, binding.value) for binding in self.bindings)
        return Pdu(PduType.RESPONSE, self.request_id, self.error_status, self.error_index, varbinds)

    def encode(self, header: bytes) -> bytes:
        """Return the whole message; ``header`` is what stands before the PDU."""
        numbers = (
            ber.encode_integer(self.request_id)
            + ber.encode_integer(self.error_status)
            + ber.encode_integer(self.error_index)
        )
        varbinds = ber.tlv(ber.SEQUENCE, b"".join([binding.octets for binding in self.bindings]))
        return ber.tlv(ber.SEQUENCE, header + ber.tlv(PduType.RESPONSE, numbers + varbinds))


def _field_size(length: int) -> int:
    """Return how many octets a field has whose value has so many."""
    return 1 + len(ber.encode_length(length)) + length


def _room_for_bindings(limit: int, header: bytes, request_id: int) -> int:
    """Return how many octets of variable bindings a response without error can carry."""
    numbers = len(ber.encode_integer(request_id)) + 6
    room = limit
    while room > 0:
        excess = _field_size(len(header) + _field_size(numbers + _field_size(room))) - limit
        if excess <= 0:
            break
        room -= excess
    return room


# --------------------------------------------------------------------------------- the operations


class _Cursor:
    """Goes from one name to its successors, for one variable binding of a request."""

    __slots__ = ("_index", "_invisible", "_oid", "_order", "_position", "ended")

    def __init__(self, mib: Mib, oid: OID, index: int, invisible: frozenset[type]) -> None:
        self._order, self._position = mib.following(oid)
        self._oid = oid  # the last successor, or the name that was asked
        self._index = index
        self._invisible = invisible
        self.ended = False

    def next(self) -> Binding:
        """Return the next variable's binding, or endOfMibView with the last name."""
        order = self._order
        while self._position < len(order):
            variable = order[self._position]
            self._position += 1
            binding = variable.constant or _read(variable, self._index)
            if type(binding.value) not in self._invisible:
                self._oid = binding.oid
                return binding
        self.ended = True
        return bind(self._oid, EndOfMibView())


def _read(variable: Variable, index: int) -> Binding:
    """Return a variable's binding; what its getter raises becomes a refusal."""
    try:
        return variable.binding()
    except AgentError as error:
        raise _Refusal(_status_of(error), index) from error
    except Exception as error:
        logger.exception("the getter of %s failed", variable.oid)
        raise _Refusal(ErrorStatus.genErr, index) from error


def _status_of(error: AgentError) -> int:
    """Return the error-status that an exception of a getter or setter means.

    The class says it where the number does not: ``raise WrongValue("too hot")``.
    """
    status: object = error.status
    if isinstance(status, int) and status > 0:
        return int(status)
    name = type(error).__name__
    return ErrorStatus.__members__.get(name[:1].lower() + name[1:], ErrorStatus.genErr)


class _Responder:
    """Carries out requests on the variables (RFC 3416 section 4.2, in RFC 3584's version for SNMPv1)."""

    def __init__(self, mib: Mib, max_message_size: int, max_varbinds: int | None) -> None:
        self.mib = mib
        self._max_message_size = max_message_size
        self._max_varbinds = max_varbinds

    def respond(self, request: Request, header: bytes, *, may_write: bool) -> tuple[_Response, bytes] | None:
        """Return the response and its octets; ``None`` where nothing would fit."""
        pdu = request.pdu
        try:
            response = self._operate(request, header, may_write=may_write)
        except _Refusal as refusal:
            response = self._refuse(request, refusal)
        octets = response.encode(header)
        if len(octets) > self._max_message_size and response.error_status != ErrorStatus.tooBig:
            response = self._refuse(request, _Refusal(ErrorStatus.tooBig, 0))
            octets = response.encode(header)
        if len(octets) > self._max_message_size:
            logger.debug("not even tooBig fits into %d octets for request %d", self._max_message_size, pdu.request_id)
            return None
        return response, octets

    def _operate(self, request: Request, header: bytes, *, may_write: bool) -> _Response:
        pdu = request.pdu
        if pdu.type is PduType.GET_BULK:
            room = _room_for_bindings(self._max_message_size, header, pdu.request_id)
            return _Response(pdu.request_id, 0, 0, self._get_bulk(request, room))
        if self._max_varbinds is not None and len(pdu.varbinds) > self._max_varbinds:
            raise _Refusal(ErrorStatus.tooBig, 0)
        if pdu.type is PduType.GET:
            return _Response(pdu.request_id, 0, 0, self._get(request))
        if pdu.type is PduType.GET_NEXT:
            return _Response(pdu.request_id, 0, 0, self._get_next(request))
        echo = [bind(oid, value) for oid, value in pdu.varbinds]
        self._check_set_fits(pdu, echo, header)
        self._set(pdu, may_write=may_write)
        return _Response(pdu.request_id, 0, 0, echo)

    def _refuse(self, request: Request, refusal: _Refusal) -> _Response:
        """Return the response with an error-status: the names of the request, but for v2c's tooBig."""
        status = refusal.status
        varbinds = request.pdu.varbinds
        if request.version is SnmpVersion.V1:
            status = _V1_STATUS.get(status, ErrorStatus.genErr)
        elif status == ErrorStatus.tooBig:
            varbinds = ()
        return _Response(request.pdu.request_id, status, refusal.index, [bind(oid, value) for oid, value in varbinds])

    # RFC 3416 section 4.2.1

    def _get(self, request: Request) -> list[Binding]:
        bindings = []
        for index, (oid, _) in enumerate(request.pdu.varbinds, 1):
            variable = self.mib.variable(oid)
            binding = bind(oid, self._absence(oid)) if variable is None else _read(variable, index)
            if request.version is SnmpVersion.V1 and type(binding.value) in _INVISIBLE[SnmpVersion.V1]:
                raise _Refusal(ErrorStatus.noSuchName, index)
            bindings.append(binding)
        return bindings

    def _absence(self, oid: OID) -> Value:
        """Return the exception for a name that no variable has.

        Without a MIB's definitions nobody knows where an object type's name ends and the instance
        begins.  The rule here: some variable below the name itself, or below all but its last arc,
        shows that the object type is there.  So ``ifDescr.99`` and ``sysDescr.1`` are noSuchInstance
        beside ``ifDescr.1`` and ``sysDescr.0``; rows with several index arcs are recognized as long
        as they differ in the last one.
        """
        arcs = oid.arcs
        known = self.mib.has_below(arcs) or self.mib.has_below(arcs[:-1])
        return NoSuchInstance() if known else NoSuchObject()

    # RFC 3416 section 4.2.2

    def _get_next(self, request: Request) -> list[Binding]:
        bindings = []
        for index, (oid, _) in enumerate(request.pdu.varbinds, 1):
            cursor = self._cursor(request, oid, index)
            bindings.append(cursor.next())
            if cursor.ended and request.version is SnmpVersion.V1:
                raise _Refusal(ErrorStatus.noSuchName, index)
        return bindings

    def _cursor(self, request: Request, oid: OID, index: int) -> _Cursor:
        return _Cursor(self.mib, oid, index, _INVISIBLE[request.version])

    # RFC 3416 section 4.2.3

    def _get_bulk(self, request: Request, room: int) -> list[Binding]:
        """Return as many bindings as are asked for, exist, and fit."""
        pdu = request.pdu
        cursors = [self._cursor(request, oid, index) for index, (oid, _) in enumerate(pdu.varbinds, 1)]
        non_repeaters = min(max(pdu.non_repeaters, 0), len(cursors))
        repeaters = cursors[non_repeaters:]
        repetitions = max(pdu.max_repetitions, 0) if repeaters else 0
        rounds = itertools.chain((cursors[:non_repeaters],), itertools.repeat(repeaters, repetitions))
        bindings: list[Binding] = []
        for cursors in rounds:
            for cursor in cursors:
                binding = cursor.next()
                room -= len(binding.octets)
                if room < 0 or len(bindings) == self._max_varbinds:
                    return bindings
                bindings.append(binding)
            if cursors is repeaters and cursors[-1].ended and all(cursor.ended for cursor in cursors):
                break
        return bindings

    # RFC 3416 section 4.2.5

    def _check_set_fits(self, pdu: Pdu, echo: list[Binding], header: bytes) -> None:
        """Refuse a SET whose response might not fit, before anything is changed."""
        longest = _Response(pdu.request_id, ErrorStatus.inconsistentName, len(echo), echo)
        if len(longest.encode(header)) > self._max_message_size:
            raise _Refusal(ErrorStatus.tooBig, 0)

    def _set(self, pdu: Pdu, *, may_write: bool) -> None:
        """Validate every assignment, then make them all, or none."""
        assignments = [
            (self._validate(index, varbind, may_write=may_write), varbind.value)
            for index, varbind in enumerate(pdu.varbinds, 1)
        ]
        undo: list[tuple[Variable, Value]] = []
        for index, ((variable, old), value) in enumerate(assignments, 1):
            try:
                variable.assign(value)
            except Exception as error:
                self._undo(undo)
                if isinstance(error, AgentError):
                    raise _Refusal(_status_of(error), index) from error
                logger.exception("the setter of %s failed", variable.oid)
                raise _Refusal(ErrorStatus.commitFailed, index) from error
            undo.append((variable, old))

    def _validate(self, index: int, varbind: VarBind, *, may_write: bool) -> tuple[Variable, Value]:
        """Return the variable to assign to, and its present value."""
        if not may_write:
            raise _Refusal(ErrorStatus.noAccess, index)
        variable = self.mib.variable(varbind.oid)
        if variable is None:
            raise _Refusal(ErrorStatus.noCreation, index)
        if not variable.is_writable:
            raise _Refusal(ErrorStatus.notWritable, index)
        old = _read(variable, index).value
        if type(varbind.value) is not type(old):
            raise _Refusal(ErrorStatus.wrongType, index)
        return variable, old

    def _undo(self, done: list[tuple[Variable, Value]]) -> None:
        """Take assignments back, the last one first."""
        failed = False
        for variable, old in reversed(done):
            try:
                variable.assign(old)
            except Exception:
                logger.exception("the assignment to %s cannot be undone", variable.oid)
                failed = True
        if failed:
            raise _Refusal(ErrorStatus.undoFailed, 0)


# ------------------------------------------------------------------------------------- the way out


class _Outlet:
    """What is to be sent on one connection, in order.  Implements :class:`~snmptcp.testing.Outlet`."""

    def __init__(self, connection: ServerConnection, statistics: Statistics, held: list[tuple[_Outlet, bytes]]) -> None:
        self._connection = connection
        self._statistics = statistics
        self._held = held
        self._waiting: deque[Callable[[], None]] = deque()  # what is done behind slow octets
        self._after_next: list[bytes] = []
        self._timers: set[asyncio.TimerHandle] = set()
        self._silent = False

    def respond(self, octets: bytes, delivery: DeliveryFault | None) -> None:
        """Send one response, in the fault's way if there is one."""
        before = len(self._after_next)
        if delivery is None:
            self.send(octets)
        else:
            delivery.deliver(octets, self)
        if len(self._after_next) == before:
            self.release_reordered()

    def release_reordered(self) -> None:
        """Send what waits for a next response, the last one first."""
        while self._after_next:
            self.send(self._after_next.pop())

    def send(self, octets: bytes) -> None:
        self._statistics.messages_out += 1
        self._do(lambda: self._write(octets))

    def send_slowly(self, pieces: list[bytes]) -> None:
        self._statistics.messages_out += 1
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._do_next)
        self._waiting.extend(lambda piece=piece: self._write(piece) for piece in pieces)  # type: ignore[misc]

    def send_later(self, seconds: float, octets: bytes) -> None:
        def send() -> None:
            self._timers.discard(timer)
            self.send(octets)

        timer = asyncio.get_running_loop().call_later(seconds, send)
        self._timers.add(timer)

    def send_after_next(self, octets: bytes) -> None:
        self._after_next.append(octets)

    def hold(self, octets: bytes) -> None:
        self._held.append((self, octets))

    def silence(self) -> None:
        self._do(self._be_silent)

    def close(self) -> None:
        self._do(self._connection.close)

    def reset(self) -> None:
        self._connection.reset()

    def abandon(self) -> None:
        """Forget everything: the connection has ended."""
        for timer in self._timers:
            timer.cancel()
        self._timers.clear()
        self._waiting.clear()
        self._after_next.clear()

    def _do(self, action: Callable[[], None]) -> None:
        if self._waiting:
            self._waiting.append(action)
        else:
            action()

    def _do_next(self) -> None:
        if self._waiting:
            self._waiting.popleft()()
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._do_next)

    def _write(self, octets: bytes) -> None:
        if not self._silent:
            self._connection.send(octets)

    def _be_silent(self) -> None:
        self._silent = True


# ------------------------------------------------------------------------------------------- faults


@dataclass(slots=True)
class _Injection:
    fault: Fault
    times: int | None
    when: Callable[[Request], object] | None

    def is_due(self, request: Request) -> bool:
        return self.times != 0 and (self.when is None or bool(self.when(request)))


# ------------------------------------------------------------------------------------------- agent


class Agent:
    """An SNMP agent for tests and demonstrations, of SNMPv1 and SNMPv2c over TCP.

    It answers GET, GETNEXT, GETBULK and SET as the RFCs say, and goes wrong in the ways that
    :meth:`inject` asks for.  It runs on the event loop that starts it, and all its methods belong
    to that loop's thread::

        async with Agent({"1.3.6.1.2.1.1.1.0": "a switch"}) as agent:
            ...  # a manager for agent.host, agent.port

    Messages that it cannot read, or with a community that it does not know, are dropped and counted,
    as agents in the field do; a connection whose framing is lost is closed.

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

    Attributes:
        mib: the variables; changes count from the next request on.
        requests: the latest 10,000 requests that were accepted, oldest first.
        statistics: what was counted.

    Raises:
        ConfigurationError: arguments that cannot work.
    """

    def __init__(
        self,
        mib: Mib | Mapping[OID, object] | Mapping[str, object] | Iterable[tuple[OidLike, object]] = (),
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        read_community: str | bytes | None = "public",
        write_community: str | bytes | None = "private",
        max_message_size: int = 65507,
        max_varbinds: int | None = None,
        max_connections: int | None = None,
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
                octets = community.encode() if isinstance(community, str) else bytes(community)
                self._may_write[octets] = may_write
        self._headers = {
            (version, community): community_header(version, community)
            for version in (SnmpVersion.V1, SnmpVersion.V2C)
            for community in self._may_write
        }
        self._responder = _Responder(self.mib, max_message_size, max_varbinds)
        self._server = Server(
            self._on_message,
            host,
            port,
            on_connect=self._on_connect,
            on_close=self._on_close,
            max_message_size=max(max_message_size, MIN_MESSAGE_SIZE),
            max_connections=max_connections,
        )
        self._outlets: dict[ServerConnection, _Outlet] = {}
        self._injections: list[_Injection] = []
        self._held: list[tuple[_Outlet, bytes]] = []
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

    async def start(self) -> Self:
        """Listen, and return the agent.  After :meth:`aclose` it listens on the same port again.

        Raises:
            TransportError: the address cannot be listened on.

        Cancelling leaves the agent closed.
        """
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

    # Faults

    def inject(self, fault: Fault, times: int | None = 1, when: Callable[[Request], object] | None = None) -> None:
        """Let responses go wrong.

        Each response consumes at most one fault: of those injected, in order, the first that has
        times left and whose ``when`` agrees.  Requests without a response consume none.

        Args:
            fault: how.
            times: how many responses; ``None`` for all until :meth:`clear_faults`.
            when: tells from a :class:`Request` whether its response goes wrong; ``None`` for all.

        Raises:
            TypeError: not a fault.
            ConfigurationError: ``times`` below 1.
        """
        if not isinstance(fault, (MessageFault, OctetFault, DeliveryFault)):
            raise TypeError(f"a fault is a MessageFault, an OctetFault or a DeliveryFault, not {fault!r}")
        if times is not None and times < 1:
            raise ConfigurationError(f"a fault happens at least once, not {times} times")
        self._injections.append(_Injection(fault, times, when))

    def clear_faults(self) -> None:
        """Forget all injected faults.  Responses that are held stay held."""
        self._injections.clear()

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

    def _due_fault(self, request: Request) -> Fault | None:
        for injection in self._injections:
            if injection.is_due(request):
                if injection.times is not None:
                    injection.times -= 1
                    if injection.times == 0:
                        self._injections.remove(injection)
                self.statistics.faults += 1
                return injection.fault
        return None

    # What the server calls

    def _on_connect(self, connection: ServerConnection) -> None:
        self.statistics.connections += 1
        self._outlets[connection] = _Outlet(connection, self.statistics, self._held)

    def _on_close(self, connection: ServerConnection, reason: Exception | None) -> None:
        if isinstance(reason, DecodeError):
            self.statistics.lost_framings += 1
        self._outlets.pop(connection).abandon()

    def _on_message(self, connection: ServerConnection, octets: bytes) -> None:
        self.statistics.messages_in += 1
        try:
            message = decode_message(octets)
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

    def _send(self, outlet: _Outlet, request: Request, response: _Response, octets: bytes) -> None:
        """Send a response, with the fault that is due."""
        fault = self._due_fault(request) if self._injections else None
        if isinstance(fault, MessageFault):
            pdu = response.pdu()
            message = CommunityMessage(request.version, request.community, pdu)
            octets = encode_message(fault.change(request.pdu, message, pdu))
        elif isinstance(fault, OctetFault):
            octets = fault.change(octets)
        outlet.respond(octets, fault if isinstance(fault, DeliveryFault) else None)

    def _remember(self, request: Request) -> None:
        self.requests.append(request)
        self._accepted += 1
        if self._waiters:
            for count, future in self._waiters:
                if count <= self._accepted and not future.done():
                    future.set_result(None)
            self._waiters = [waiter for waiter in self._waiters if not waiter[1].done()]
