"""What a security model is: what a session asks of it, and what it makes of a message.

Contains: the interface that every security model implements, and the results of opening a message.
Does not contain: any security model, or the choice between them (:mod:`snmptcp.security.choose`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from snmptcp.credentials import SecurityLevel, SnmpVersion
    from snmptcp.errors import SnmpError
    from snmptcp.security.reports import ReportCounter
    from snmptcp.values import VarBind

__all__ = ("NO_EXCHANGE_ID", "DiscoveringModel", "Opened", "Origin", "Refused", "ReportVerdict", "SecurityModel")


#: An exchange id that no request has.
NO_EXCHANGE_ID = 0


class SecurityModel(Protocol):
    """Protects requests and opens replies, for one set of credentials at one agent."""

    version: SnmpVersion

    @property
    def timed(self) -> bool:
        """Whether the agent refuses requests that do not have its own time (USM with authentication)."""

    @property
    def ready(self) -> bool:
        """Whether requests can be protected now; always true unless this is a :class:`DiscoveringModel`."""

    @property
    def max_request_size(self) -> int:
        """The longest message that the agent accepts, in octets, as far as the agent has announced it."""

    @property
    def peer(self) -> bytes | None:
        """The ID of the engine that requests are protected for now; ``None`` if there is none, or it is not known."""

    def protect(self, pdu_type: int, message_id: int, request_id: bytes, tail: bytes, now: float) -> bytes:
        """Return a whole message."""

    def open(self, message: bytes) -> Opened:
        """Return the PDU of a reply that may be acceptable; nothing is learned from it.

        Raises:
            Refused: the reply is not acceptable, whatever it answers.
            DecodeError: the message is malformed.
        """


class DiscoveringModel(SecurityModel, Protocol):
    """A security model of SNMPv3: it discovers the agent's engine, and makes sure that this engine answers."""

    @property
    def proof_window(self) -> float:
        """How long ago the engine may have proved its time when a SET leaves, in seconds; only if it is timed."""

    def probe(self, message_id: int, request_id: int) -> bytes:
        """Return the discovery message."""

    def accept(self, origin: Origin, asked: bytes | None, now: float) -> None:
        """Make sure that a response comes from the engine that was asked, in time, and learn that engine's time.

        Raises:
            SecurityError: it does not.
        """

    def receive_probe_answer(self, origin: Origin, varbinds: tuple[VarBind, ...], now: float) -> SnmpError:
        """Take a response to a probe; return the error for waiting requests if it did not tell the engine ID."""

    def receive_report(
        self, origin: Origin, asked: bytes | None, varbinds: tuple[VarBind, ...], now: float, *, proved: bool = False
    ) -> ReportVerdict:
        """Take a report: learn from it what can be trusted, and judge what it means for its request."""


class ReportVerdict(NamedTuple):
    """What a report means for the request that it answers.

    Attributes:
        counter: the counter that it names; ``None`` if it names none that this library knows.
        error: the error for the caller.
        resend: whether the report brought news that makes it worth sending the request again: the engine's time, which
            is a hint unless the report is ``authentic``.
        trusted: whether the report is protected well enough to end its request.
        authentic: whether the engine has proved its identity and its time by it.
    """

    counter: ReportCounter | None
    error: SnmpError
    resend: bool
    trusted: bool
    authentic: bool = False


class Origin(NamedTuple):
    """What an SNMPv3 message tells of its origin.  If its level is authenticated, the digest has been checked.

    Attributes:
        engine_id: the authoritative engine (USM); empty with TSM, which has none.
        boots: that engine's boots.
        time: that engine's time.
        user: the user name; empty with TSM.
        level: the security level of the message.
        context_engine_id: the contextEngineID.
        context_name: the contextName.
        max_message_size: msgMaxSize: the longest message that the sender accepts, in octets.
    """

    engine_id: bytes
    boots: int
    time: int
    user: bytes
    level: SecurityLevel
    context_engine_id: bytes
    context_name: bytes
    max_message_size: int


class Opened(NamedTuple):
    """A message whose protection has been removed; its PDU has not been decoded yet.

    Attributes:
        data: the octets that hold the PDU: the message itself, or the decrypted ScopedPDU.
        start: the offset of the PDU.
        stop: the end of the PDU.
        message_id: the msgID, which identifies the exchange; ``None`` if the request-id does (SNMPv1, SNMPv2c).
        origin: what the message tells of its origin; ``None`` in SNMPv1 and SNMPv2c.
    """

    data: bytes
    start: int
    stop: int
    message_id: int | None = None
    origin: Origin | None = None


class Refused(Exception):
    """A reply that is not acceptable and is dropped; the session catches it.

    Attributes:
        reason: why; the caller gets it if the request then times out.
        exchange_id: the exchange that the reply seemed to answer; ``None`` if that is unknown,
            :data:`NO_EXCHANGE_ID` if it answers no exchange.
    """

    def __init__(self, reason: SnmpError, exchange_id: int | None) -> None:
        super().__init__(reason, exchange_id)
        self.reason = reason
        self.exchange_id = exchange_id
