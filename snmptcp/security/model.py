"""What a security model is: what a session asks of it, and what it makes of a message.

Contains: the interface that every security model implements, and the results of opening a message.
Does not contain: any security model, or the choice between them (:mod:`snmptcp.security.choose`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.credentials import SnmpVersion
    from snmptcp.errors import SnmpError
    from snmptcp.security.reports import ReportCounter
    from snmptcp.values import VarBind

__all__ = ("NO_EXCHANGE_ID", "DiscoveringModel", "Opened", "Refused", "ReportVerdict", "SecurityModel")


#: An exchange id that no request has.
NO_EXCHANGE_ID = 0


class SecurityModel(Protocol):
    """Protects requests, opens replies and judges reports, for one set of credentials at one agent."""

    version: SnmpVersion

    @property
    def ready(self) -> bool:
        """Whether requests can be protected now; always true unless this is a :class:`DiscoveringModel`."""

    @property
    def max_request_size(self) -> int:
        """The longest message that the agent accepts, in octets, as far as the agent has announced it."""

    @property
    def peer(self) -> bytes | None:
        """The ID of the engine that requests are protected for now; ``None`` if unknown or without meaning."""

    def protect(self, pdu_type: int, request_id: bytes, tail: bytes, now: float) -> bytes:
        """Return a whole message."""

    def open(self, message: bytes, now: float) -> Opened:
        """Return the PDU of an acceptable reply.

        Raises:
            Refused: the reply is not acceptable.
            DecodeError: the message is malformed.
        """


class DiscoveringModel(SecurityModel, Protocol):
    """A security model that has to discover the agent's engine ID before the first request."""

    def probe(self, message_id: int) -> bytes:
        """Return the discovery message."""

    def receive_probe_answer(self, varbinds: tuple[VarBind, ...], now: float) -> SnmpError:
        """Take a response to a probe; return the error for waiting requests if it did not tell the engine ID."""


class ReportVerdict(NamedTuple):
    """What a report means for the request that it answers.

    Attributes:
        counter: the counter that it names; ``None`` if it names none that this library knows.
        error: the error for the caller.
        resend: whether the report brought news that makes it worth sending the request again.
        trusted: whether the report is protected well enough to end its request.
    """

    counter: ReportCounter | None
    error: SnmpError
    resend: bool
    trusted: bool


class Opened(NamedTuple):
    """An acceptable message; its PDU has not been decoded yet.

    Attributes:
        data: the octets that hold the PDU: the message itself, or the decrypted ScopedPDU.
        start: the offset of the PDU.
        stop: the end of the PDU.
        message_id: the msgID, which identifies the exchange; ``None`` if the request-id does (SNMPv1, SNMPv2c).
        take_report: the function that judges a report, called with its variable bindings and the time;
            ``None`` if the PDU is no report.
    """

    data: bytes
    start: int
    stop: int
    message_id: int | None = None
    take_report: Callable[[tuple[VarBind, ...], float], ReportVerdict] | None = None


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
