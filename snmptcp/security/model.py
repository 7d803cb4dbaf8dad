"""What a security model makes of a message: opened, or refused.  Shared by all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.errors import SnmpError
    from snmptcp.values import VarBind

__all__ = ("NOBODYS_ID", "Opened", "Refused", "ReportVerdict")


#: An id that no request has.
NOBODYS_ID = 0


class ReportVerdict(NamedTuple):
    """What a report means for the request that it answers.

    Attributes:
        error: what is wrong, for the caller.
        resend: whether more is known now, so that the request is worth sending once more.
        trusted: whether the report is protected well enough to end its request.
    """

    error: SnmpError
    resend: bool
    trusted: bool


class Opened(NamedTuple):
    """A message that may be trusted as far as its envelope goes.

    Attributes:
        data: the octets that hold the PDU: the message, or what was decrypted of it.
        start: the offset of the PDU.
        stop: its end.
        message_id: the msgID, which tells the exchange; ``None`` where the request-id does.
        take_report: what to call with the variable bindings and the time if the PDU turns out to be a
            report; ``None`` where there are none.
    """

    data: bytes
    start: int
    stop: int
    message_id: int | None = None
    take_report: Callable[[tuple[VarBind, ...], float], ReportVerdict] | None = None


class Refused(Exception):
    """A message that is dropped; never leaves the engine.

    Attributes:
        reason: why; what the caller reads when the deadline passes.
        exchange_id: which exchange it seemed to be meant for; ``None`` where that cannot be told, and
            :data:`NOBODYS_ID` where it was meant for none.
    """

    def __init__(self, reason: SnmpError, exchange_id: int | None) -> None:
        super().__init__(reason, exchange_id)
        self.reason = reason
        self.exchange_id = exchange_id
