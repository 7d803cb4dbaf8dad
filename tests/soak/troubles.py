"""The faults of the soak: of single answers and of whole agents, and which errors each of them may cause.

An error of a request is right only if a fault of its agent explains it: one that was made while the request was under
way, or lasted until then, and that may cause an error of this kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.codec.pdu import PduType
from snmptcp.testing import (
    BrokenValue,
    Close,
    CloseAfter,
    CutCiphertext,
    Delay,
    Drip,
    Drop,
    Duplicate,
    EmptyVarbinds,
    ExtraVarbind,
    FailWith,
    Garbage,
    GarbageCiphertext,
    Indefinite,
    LowerLevel,
    LyingLength,
    MissingVarbind,
    NonIncreasing,
    OldTime,
    Reorder,
    Replay,
    Reset,
    Truncate,
    WrongCommunity,
    WrongMac,
    WrongMsgId,
    WrongNames,
    WrongRequestId,
    WrongUser,
)
from tests.soak.devices import TOKEN

if TYPE_CHECKING:
    from snmptcp.testing import Fault

__all__ = ("BUSY_ERRORS", "EVERY", "OUTAGES", "Episode", "Outage", "Trouble", "troubles_of")

TIMEOUT = "RequestTimeout"
OUT_OF_TIME = "LimitExceeded"  # a poll of a fleet that takes longer than its interval
LOST = "ConnectionLost"
FAILED = "ConnectFailed"
UNKNOWN = "UnknownEngine"
MISMATCH = "ResponseMismatch"

#: A message that is not complete is given up after this many seconds, with its connection.
FRAME_TIMEOUT = 10.0

READS = frozenset({PduType.GET, PduType.GET_NEXT, PduType.GET_BULK})
ALL = READS | {PduType.SET}


#: Errors, and those in whose place they can come; see :meth:`Episode.may_cause`.
CAUSES = {
    OUT_OF_TIME: (TIMEOUT,),
    FAILED: (LOST,),
    "TlsFailed": (LOST,),
    UNKNOWN: (MISMATCH, "GenErr", "ResourceUnavailable", "BrokenVariable"),
}

#: Stands for all devices: the machine was too busy for any of them.
EVERY = -1


class Episode(NamedTuple):
    """One fault, as it was made.

    Attributes:
        device: the number of the device; :data:`EVERY` for all of them.
        kind: the fault.
        since: when it began, in seconds of the monotonic clock, which all processes share.
        until: when its effects are over.
        errors: the names of the errors that it may cause.
    """

    device: int
    kind: str
    since: float
    until: float
    errors: tuple[str, ...]

    def may_cause(self, error: str) -> bool:
        """Whether it may cause an error, by itself or because a request that it has held up runs out of time.

        A poll of a fleet runs out of time, too; and so does a request that is sent again when its connection has been
        lost, with the little time that is left to connect.  With TSM, the faulty answer can be that to the question for
        the engine ID.
        """
        causes = CAUSES.get(error, ())
        return error in self.errors or any(cause in self.errors for cause in causes)


@dataclass(frozen=True, slots=True)
class Trouble:
    """A fault of one answer.

    Attributes:
        fault: the fault.
        errors: the names of the errors that it may cause; none for a fault that must do no harm.
        lasts: for how many seconds it has effects on later requests.
        of: the requests whose answers may have it.  A device of SNMPv2c can lie without being found out; the answers to
            be checked must not.
    """

    fault: Fault
    errors: tuple[str, ...] = ()
    lasts: float = 0.0
    of: frozenset[PduType] = ALL


_ANY = (
    Trouble(Drip()),
    Trouble(Duplicate(3)),
    Trouble(Delay(1.0)),
    Trouble(CloseAfter(), (LOST,)),
    Trouble(Delay(8.0), (TIMEOUT,)),
    Trouble(Drop(), (TIMEOUT,)),
    Trouble(Reorder(), (TIMEOUT,)),
    Trouble(Close(), (LOST,)),
    Trouble(Reset(), (LOST,)),
    Trouble(Garbage(), (LOST,)),
    Trouble(Garbage(b"HTTP/1.1 400 Bad Request\r\n\r\n"), (LOST,)),
    Trouble(Garbage(bytes(100)), (LOST,)),
    Trouble(LyingLength(2**31), (LOST,)),
    Trouble(Indefinite(), (LOST,)),
    Trouble(Truncate(20, close=True), (LOST,)),
    Trouble(Truncate(20), (LOST, TIMEOUT, FAILED), FRAME_TIMEOUT + 2),
    Trouble(FailWith(5, 1), ("GenErr",)),
    Trouble(FailWith(5, 0), ("GenErr",)),
    Trouble(FailWith(13, 0), ("ResourceUnavailable",)),
    Trouble(WrongRequestId(), (TIMEOUT, MISMATCH)),
    Trouble(MissingVarbind(), (MISMATCH,)),
    Trouble(EmptyVarbinds(), (MISMATCH,)),
    Trouble(ExtraVarbind(), (MISMATCH,), of=frozenset({PduType.GET, PduType.SET})),
    Trouble(WrongNames(), (MISMATCH,), of=frozenset({PduType.GET, PduType.SET})),
    Trouble(NonIncreasing(), ("OidNotIncreasing",), of=frozenset({PduType.GET_BULK})),
)

_COMMUNITY = (
    Trouble(WrongCommunity(), (TIMEOUT,)),
    Trouble(BrokenValue(TOKEN), ("BrokenVariable",), of=frozenset({PduType.GET, PduType.SET})),
)

_USM = tuple(
    Trouble(forgery, (TIMEOUT,))
    for forgery in (
        CutCiphertext(),
        GarbageCiphertext(),
        LowerLevel(),
        OldTime(),
        Replay(),
        WrongMac(),
        WrongMsgId(),
        WrongUser(),
    )
)


def troubles_of(kind: str) -> tuple[Trouble, ...]:
    """Return the faults that the answers of a kind of device may have."""
    return _ANY + {"v2c": _COMMUNITY, "usm": _USM}.get(kind, ())


class Outage(NamedTuple):
    """A fault of a whole agent.

    Attributes:
        kind: its name.
        least: how long it lasts at least, in seconds.
        most: how long it lasts at most.
        after: for how many seconds more it has effects.
        errors: the names of the errors that it may cause.
        needs: ``"usm"`` if only such agents can have it, ``"line"`` if it is one of the proxy before the agent.
    """

    kind: str
    least: float
    most: float
    after: float
    errors: tuple[str, ...]
    needs: str = ""


#: A request that was sent to an engine before it started again is refused; an engine without a user's proof too.
_TIME = ("NotInTimeWindow", TIMEOUT)

#: What may happen while an event loop is not run.
BUSY_ERRORS = (TIMEOUT, LOST, FAILED, "TlsFailed")

OUTAGES = (
    Outage("restart", 1.0, 6.0, 2.0, (LOST, FAILED, TIMEOUT, "TlsFailed", *_TIME)),
    Outage("reset", 0.0, 0.0, 0.5, (LOST, FAILED)),
    Outage("close", 0.0, 0.0, 0.5, (LOST, FAILED)),
    Outage("silence", 2.0, 8.0, 1.0, (TIMEOUT,)),
    Outage("reboot", 0.0, 0.0, 30.0, _TIME, "usm"),
    Outage("jump", 0.0, 0.0, 30.0, _TIME, "usm"),
    Outage("line reset", 0.0, 0.0, 0.5, (LOST, FAILED, "TlsFailed"), "line"),
    Outage("line stall", 2.0, 8.0, 1.0, (TIMEOUT, LOST, FAILED, "TlsFailed"), "line"),
    Outage("line refuses", 1.0, 4.0, 2.0, (LOST, FAILED, TIMEOUT, "TlsFailed"), "line"),
    Outage("line cuts", 0.0, 0.0, 10.0, (LOST, FAILED, "TlsFailed"), "line"),
    Outage("line garbles", 0.0, 0.0, 10.0, (LOST, FAILED, TIMEOUT, "TlsFailed"), "line"),
)
