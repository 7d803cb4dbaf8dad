"""An agent's side without I/O: messages from our codec, and a simulated agent.

Replies are built by the codec, whose own tests compare it with published packets and with pyasn1.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias, Union

from snmptcp.codec import ber
from snmptcp.codec.message import CommunityMessage, decode_message, encode_message
from snmptcp.codec.pdu import AnyPdu, Pdu, PduType, encode_varbinds
from snmptcp.credentials import Community, SnmpVersion
from snmptcp.errors import NoSuchName, SnmpError, TooBig
from snmptcp.oid import OID
from snmptcp.protocol.exchange import Exchange
from snmptcp.protocol.ids import RandomIds
from snmptcp.protocol.session import Closed, Session
from snmptcp.security.community import CommunitySecurity
from snmptcp.values import EndOfMibView, Integer32, Null, Value, VarBind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from snmptcp.protocol.request import Request
    from snmptcp.protocol.walk import WalkCursor

#: A request-id far from both ends of the range.
FIRST_ID = 0x12345678

Outcome: TypeAlias = Union[tuple[VarBind, ...], SnmpError]

# ---------------------------------------------------------------------------------------- messages


def varbinds(*pairs: tuple[str, Value]) -> tuple[VarBind, ...]:
    """Return variable bindings for pairs of dotted text and a value."""
    return tuple(VarBind(OID(name), value) for name, value in pairs)


def message(pdu: AnyPdu, *, community: bytes = b"public", version: SnmpVersion = SnmpVersion.V2C) -> bytes:
    """Return a PDU in its envelope."""
    return encode_message(CommunityMessage(version, community, pdu))


def response(
    request_id: int,
    bindings: Iterable[VarBind] = (),
    *,
    error_status: int = 0,
    error_index: int = 0,
    pdu_type: PduType = PduType.RESPONSE,
    community: bytes = b"public",
    version: SnmpVersion = SnmpVersion.V2C,
) -> bytes:
    """Return a response as an agent sends it."""
    pdu = Pdu(pdu_type, request_id, error_status, error_index, tuple(bindings))
    return message(pdu, community=community, version=version)


def raw_response(request_id: int, list_contents: bytes, *, error_status: int = 0) -> bytes:
    """Return a version 2c response with any octets as its list of variable bindings."""
    pdu = ber.tlv(
        PduType.RESPONSE,
        ber.encode_integer(request_id)
        + ber.encode_integer(error_status)
        + ber.encode_integer(0)
        + ber.tlv(ber.SEQUENCE, list_contents),
    )
    return ber.tlv(ber.SEQUENCE, b"\x02\x01\x01\x04\x06public" + pdu)


def parse(octets: bytes) -> Pdu:
    """Return the PDU of a request that a session sends."""
    decoded = decode_message(octets)
    assert isinstance(decoded, CommunityMessage)
    assert isinstance(decoded.pdu, Pdu)
    return decoded.pdu


def answer(request: bytes, value: Value | None = None) -> bytes:
    """Return the correct response to a GET: its names, all with one value."""
    decoded = decode_message(request)
    assert isinstance(decoded, CommunityMessage)
    assert isinstance(decoded.pdu, Pdu)
    held = Integer32(7) if value is None else value
    bindings = [VarBind(oid, held) for oid, _ in decoded.pdu.varbinds]
    return response(decoded.pdu.request_id, bindings, community=decoded.community, version=SnmpVersion(decoded.version))


def null_list(*names: str) -> bytes:
    """Return the VarBindList of a request."""
    return encode_varbinds((OID(name), Null()) for name in names)


# ---------------------------------------------------------------------------------------- sessions


def new_session(
    version: str = "2c",
    *,
    first_request_id: int = FIRST_ID,
    frame_timeout: float = 10.0,
    max_message_size: int = 65536,
    max_unreadable: int | None = 100,
    any_community: bool = False,
    strict: bool = False,
) -> Session:
    """Return a session of the community ``public``."""
    return Session(
        CommunitySecurity(Community("public", version), any_community=any_community),
        max_message_size=max_message_size,
        frame_timeout=frame_timeout,
        request_ids=RandomIds(first_request_id),
        max_unreadable=max_unreadable,
        strict=strict,
    )


def ended_exchanges(session: Session) -> list[Exchange]:
    """Return the session's events; it must not have closed."""
    exchanges = []
    for event in session.events():
        assert not isinstance(event, Closed), event.reason
        assert isinstance(event, Exchange)
        exchanges.append(event)
    return exchanges


def close_event(session: Session) -> tuple[list[Exchange], Closed]:
    """Return the session's events; the last one, and no other, must be Closed."""
    *before, last = session.events()
    assert isinstance(last, Closed)
    exchanges = []
    for event in before:
        assert isinstance(event, Exchange)
        exchanges.append(event)
    return exchanges, last


# ------------------------------------------------------------------------------------------ agents


@dataclass
class SimulatedAgent:
    """Answers GETNEXT and GETBULK from a function that returns what follows a name.

    Attributes:
        successor: the next variable binding, or ``None`` at the end of the MIB.
        version: in SNMPv1 the end is noSuchName, otherwise endOfMibView.
        capacity: a GETBULK with more repetitions is tooBig.
        longest_answer: longer responses are cut (RFC 3416 section 4.2.3).
        error_index: for noSuchName; ``None`` for the correct one.
        requests: the requests so far.
    """

    successor: Callable[[OID], VarBind | None]
    version: SnmpVersion = SnmpVersion.V2C
    capacity: int | None = None
    longest_answer: int | None = None
    error_index: int | None = None
    requests: list[Request] = field(default_factory=list)

    def __call__(self, request: Request) -> Outcome:
        """Answer one request."""
        self.requests.append(request)
        if request.type is PduType.GET_BULK:
            if self.capacity is not None and request.max_repetitions > self.capacity:
                return TooBig(1)
            return self._repeat(request)
        found: list[VarBind] = []
        for position, name in enumerate(request.names, 1):
            binding = self.successor(name)
            if binding is None and self.version == SnmpVersion.V1:
                return NoSuchName(2, position if self.error_index is None else self.error_index)
            found.append(binding or VarBind(name, EndOfMibView()))
        return tuple(found)

    def _repeat(self, request: Request) -> tuple[VarBind, ...]:
        (name,) = request.names
        found: list[VarBind] = []
        # Real agents answer at most some hundreds of repetitions.
        for _ in range(min(request.max_repetitions, self.longest_answer or 512)):
            binding = self.successor(name) or VarBind(name, EndOfMibView())
            found.append(binding)
            name = binding.oid
        return tuple(found)


def sane_successor(mib: Iterable[VarBind]) -> Callable[[OID], VarBind | None]:
    """Return the successor function of an agent with ordered variables."""
    ordered = sorted(mib, key=lambda binding: binding.oid.arcs)
    names = [binding.oid.arcs for binding in ordered]

    def successor(name: OID) -> VarBind | None:
        position = bisect_right(names, name.arcs)
        return ordered[position] if position < len(ordered) else None

    return successor


def run_walk(cursor: WalkCursor, agent: Callable[[Request], Outcome], most_requests: int = 1000) -> list[VarBind]:
    """Drive a cursor to its end, check responses as a session does, and return its variable bindings."""
    items: list[VarBind] = []
    for _ in range(most_requests):
        if cursor.finished:
            return items
        request = cursor.request()
        outcome = agent(request)
        if not isinstance(outcome, SnmpError):
            outcome = request.check(outcome) or outcome
        if isinstance(outcome, SnmpError):
            cursor.failed(outcome)
        else:
            items.extend(cursor.receive(outcome))
    assert cursor.finished, f"the walk goes on after {most_requests} requests"
    return items
