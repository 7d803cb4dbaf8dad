"""The probes of one connection: what asks which engine answers, and what has that engine prove its time (SNMPv3).

Contains: the two discoveries, the messages that ask, and which message answers one.  Does not contain: the requests
that wait for the answers (:mod:`snmptcp.protocol.session`), and what an answer says (the security model).
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, NamedTuple, cast

from snmptcp.protocol.discovery import Discovery, DiscoveryState
from snmptcp.protocol.request import get_request
from snmptcp.protocol.time_proof import TimeProof

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.protocol.exchange import Exchange
    from snmptcp.security.model import DiscoveringModel, SecurityModel

__all__ = ("Probe", "Probes", "Wanted")

_ASKED = DiscoveryState.ASKED
_KNOWN = DiscoveryState.KNOWN

#: What is asked to have the engine prove its time: every agent knows it, and its answer is short.
SYS_UP_TIME = "1.3.6.1.2.1.1.3.0"


class Wanted(enum.Enum):
    """What a probe asks for."""

    ENGINE = "discover its engine"
    PROOF = "have its engine prove its time"


class Probe(NamedTuple):
    """A probe that leaves now.

    Attributes:
        message_id: its msgID.
        message: its octets.
        deadline: when it counts as lost.
    """

    message_id: int
    message: bytes
    deadline: float


class Probes:
    """The probes of one connection, at most one of each kind at a time, for all requests that wait.

    Args:
        security: the security model that protects them.
        next_id: returns an id that no pending request has.
    """

    __slots__ = ("_discovery", "_next_id", "_proof", "_security")

    def __init__(self, security: SecurityModel, next_id: Callable[[], int]) -> None:
        self._security = security
        self._next_id = next_id
        self._discovery = Discovery()
        self._proof = TimeProof()  # which a SET waits for

    def use_security(self, security: SecurityModel) -> None:
        """Use another security model from the next probe on; what is known is that of the last one."""
        self._security = security
        self._discovery.forget()
        self._proof.forget()

    def carry(self, earlier: Probes) -> None:
        """Let a proof on an earlier connection count here, for a few seconds, if the security model is the same."""
        if earlier._security is self._security:
            self._proof.carry(earlier._proof)

    # ------------------------------------------------------------------------------------------- asking

    def ask(self, wanted: Wanted, asker: Exchange, now: float, *, room: bool) -> Probe | None:
        """Return the next probe; ``None`` if one is under way already, or there is no room for it.

        Args:
            wanted: what it asks for.
            asker: the request that needs the answer first.
            now: the time.
            room: whether another message may leave.
        """
        discovery = self._discovery if wanted is Wanted.ENGINE else self._proof.discovery
        peer = self._security.peer
        if not (discovery.turn_to(peer) if discovery.state is _ASKED else room):
            return None
        if discovery.state is _KNOWN:  # the security model has forgotten the engine, or the proof is too old
            discovery.forget()
            self._proof.forget()
        message_id = self._next_id()
        message = self._discover(message_id) if wanted is Wanted.ENGINE else self._request_proof(message_id, now)
        discovery.ask(message_id, asker, now, peer)
        return Probe(message_id, message, discovery.deadline)

    def _discover(self, message_id: int) -> bytes:
        """Return a discovery message; only a model that can discover is ever not ready."""
        return cast("DiscoveringModel", self._security).probe(message_id, self._next_id())

    def _request_proof(self, message_id: int, now: float) -> bytes:
        """Return an authenticated request (RFC 3414 section 4, second step); what it asks for does not matter."""
        request = get_request((SYS_UP_TIME,))
        request_id = self._next_id().to_bytes(4, "big")
        return self._security.protect(request.type, message_id, request_id, request.tail, now)

    # ---------------------------------------------------------------------------------------- under way

    @property
    def under_way(self) -> int:
        """How many probes have left whose answers are waited for."""
        return (self._discovery.state is _ASKED) + (self._proof.discovery.state is _ASKED)

    def is_probe(self, message_id: int | None) -> bool:
        """Whether a msgID is that of a probe."""
        return self._discovery.is_probe(message_id) or self._proof.discovery.is_probe(message_id)

    def asks_for_engine(self, message_id: int) -> bool:
        """Whether a msgID is that of a probe that asks which engine answers."""
        return self._discovery.is_probe(message_id)

    def engine_of(self, message_id: int) -> bytes | None:
        """Return the engine that a probe was protected for; ``None`` for a discovery message, which is for none."""
        return self._proof.discovery.peer_of(message_id)

    def request_for_proof(self, message_id: int) -> Exchange | None:
        """Return the request that a probe with this msgID was sent for, if that asks for a proof and is under way."""
        return self._proof.discovery.asker if self._proof.discovery.is_probe(message_id) else None

    def next_deadline(self) -> float:
        """Return when a probe counts as lost; infinity if none is under way."""
        return min(self._discovery.deadline, self._proof.discovery.deadline)

    def handle_timer(self, now: float) -> None:
        """Give up the probes whose time is over."""
        self._discovery.handle_timer(now)
        self._proof.discovery.handle_timer(now)

    def end_wait(self, exchange: Exchange, *, expired: bool, others_wait: bool) -> None:
        """Take note that a request does not wait any more.

        Args:
            exchange: the request.
            expired: whether its time is over; otherwise its caller has gone.
            others_wait: whether other requests wait.
        """
        self._discovery.end_wait(exchange, expired=expired, others_wait=others_wait)
        self._proof.discovery.end_wait(exchange, expired=expired, others_wait=others_wait)

    def end(self) -> None:
        """Take the end of the connection."""
        self._discovery.forget()
        self._proof.end()

    # ------------------------------------------------------------------------------------------ answers

    def may_know_more(self) -> bool:
        """Whether an answer may have come, or another connection may have learnt of the engine, unnoticed so far."""
        return self._discovery.state is not _KNOWN or (self._proof.discovery.state is _ASKED and self._security.timed)

    def know_engine(self) -> None:
        """Take note that the engine is known, from whatever source."""
        if self._discovery.state is not _KNOWN:
            self._discovery.know()

    def proved(self, now: float) -> bool:
        """Whether a SET may leave: the engine has proved its identity and time, not too long ago, or need not."""
        security = self._security
        if not security.timed:
            return True
        return self._proof.holds(security.peer, now, cast("DiscoveringModel", security).proof_window)

    def proved_by(self, engine_id: bytes | None) -> bool:
        """Whether an engine has given a proof on this connection, however long ago."""
        return self._proof.was_given_by(engine_id)

    def receive_proof(self, engine_id: bytes | None, now: float) -> None:
        """Take an authentic message of an engine, which proves its identity and time."""
        self._proof.note(engine_id, now)

    def receive_engine(self) -> bool:
        """Take an answer about the engine, which the security model has read; return whether the engine is known."""
        known = self._security.ready
        self._discovery.receive_answer(known=known)
        return known

    def ask_for_proof_again(self) -> bool:
        """Let the next request for a proof leave, with the time that the answer has told; return whether it may."""
        return self._proof.discovery.ask_again()

    def receive_denial(self) -> None:
        """Take an answer that refuses to prove anything."""
        self._proof.discovery.receive_answer(known=False)

    def refuse(self, message_id: int) -> bool:
        """Take note that a reply to a probe was refused; return whether it is the first since the last probe left."""
        discovery = self._discovery if self._discovery.is_probe(message_id) else self._proof.discovery
        return discovery.state is _ASKED and discovery.refuse()
