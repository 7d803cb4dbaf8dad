"""One request on one connection, and how it ended."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from snmptcp.errors import SnmpError
    from snmptcp.protocol.deadline import Deadline
    from snmptcp.protocol.request import Request
    from snmptcp.values import VarBind

__all__ = ("NOT_RESENT", "Exchange", "Resend")


class Resend(enum.Flag):
    """Why a report makes a request be sent again; each cause does so once."""

    TIME = enum.auto()
    TIME_HINT = enum.auto()  # nothing has proved that time
    ENGINE = enum.auto()


#: It has been sent once at most.
NOT_RESENT: Final = Resend(0)


class Exchange:
    """One request on its way, and how it ended.

    Attributes:
        request: what was asked.
        request_id: the request-id, which stays the same if the request is sent again.
        message_id: the id that its answer is found by: in SNMPv3 the msgID, which is new for each transmission;
            otherwise the request-id.
        deadline: when it expires.
        patience: its deadline before a refused reply has shortened it; ``None`` if none has.
        sent: whether its octets were handed out for sending.
        resent: the causes for which reports have made it be sent again.
        peer: the engine that it was protected for (SNMPv3).
        ended: whether it has its outcome.
        refusal: why the last reply with its id was refused.
        reasons_before: how many replies without an id had been refused on the connection when it left.
        varbinds: the answer, if it was answered.
        octets: the size of the message that answered it.
        error: what it failed with, if it failed.
        waiter: reserved for the shell; the session does not look at it.
    """

    __slots__ = (
        "deadline",
        "ended",
        "error",
        "message_id",
        "octets",
        "patience",
        "peer",
        "reasons_before",
        "refusal",
        "request",
        "request_id",
        "resent",
        "sent",
        "varbinds",
        "waiter",
    )

    def __init__(self, request: Request, request_id: int, deadline: Deadline, message_id: int) -> None:
        self.request = request
        self.request_id = request_id
        self.message_id = message_id
        self.deadline = deadline
        self.patience: Deadline | None = None
        self.sent = False
        self.resent = NOT_RESENT
        self.peer: bytes | None = None
        self.ended = False
        self.refusal: SnmpError | None = None
        self.reasons_before = 0
        self.octets = 0
        self.varbinds: tuple[VarBind, ...] | None = None
        self.error: SnmpError | None = None
        self.waiter: Any = None
