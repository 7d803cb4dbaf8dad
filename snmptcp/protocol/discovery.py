"""Finding out which engine answers: one machine, for USM (RFC 3414 section 4) and TSM (RFC 5343) alike.

Contains the states of a discovery, what moves them, and which messages were probes.  What a probe says and what its
answer teaches is the security model's; requests wait in the session.

A discovery has a deadline of its own: a lost report delays requests by :data:`PATIENCE`, whichever of them asked first
and whatever became of it; further ones by twice as long each time, up to :data:`MAX_PATIENCE`.
"""

from __future__ import annotations

import enum
from math import inf
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from snmptcp.protocol.exchange import Exchange

__all__ = ("Discovery", "DiscoveryEvent", "DiscoveryState")

#: How long the answer to a probe is waited for before the next probe, in seconds; doubled by each unanswered probe.
PATIENCE: Final = 1.0
MAX_PATIENCE: Final = 8.0

#: How many unanswered probes are remembered, so that a late answer still teaches.
MAX_PROBES: Final = 16


class DiscoveryState(enum.Enum):
    """What is known of the engine."""

    IDLE = enum.auto()
    ASKED = enum.auto()
    KNOWN = enum.auto()


class DiscoveryEvent(enum.Enum):
    """What moves a discovery."""

    PROBE_SENT = enum.auto()
    ENGINE_TOLD = enum.auto()
    ENGINE_NOT_TOLD = enum.auto()
    ASKER_EXPIRED = enum.auto()
    NONE_WAITS = enum.auto()
    OVERDUE = enum.auto()
    PEER_CHANGED = enum.auto()
    ENGINE_FORGOTTEN = enum.auto()


_IDLE: Final = DiscoveryState.IDLE
_ASKED: Final = DiscoveryState.ASKED
_KNOWN: Final = DiscoveryState.KNOWN

#: The whole machine.  What is not here leaves the state as it is: a late answer that teaches nothing, for instance.
TRANSITIONS: Final[dict[tuple[DiscoveryState, DiscoveryEvent], DiscoveryState]] = {
    (_IDLE, DiscoveryEvent.PROBE_SENT): _ASKED,
    (_IDLE, DiscoveryEvent.ENGINE_TOLD): _KNOWN,  # a late answer, or another session's discovery
    (_ASKED, DiscoveryEvent.ENGINE_TOLD): _KNOWN,
    (_ASKED, DiscoveryEvent.ENGINE_NOT_TOLD): _IDLE,
    (_ASKED, DiscoveryEvent.ASKER_EXPIRED): _IDLE,
    (_ASKED, DiscoveryEvent.NONE_WAITS): _IDLE,
    (_ASKED, DiscoveryEvent.OVERDUE): _IDLE,
    (_ASKED, DiscoveryEvent.PEER_CHANGED): _IDLE,
    (_ASKED, DiscoveryEvent.ENGINE_FORGOTTEN): _IDLE,
    (_KNOWN, DiscoveryEvent.ENGINE_FORGOTTEN): _IDLE,
}


class Discovery:
    """The discovery of one session.

    Attributes:
        state: where it stands.
        asker: the request that the present probe was sent for.
        deadline: when the present probe counts as lost; infinity unless one is under way.
    """

    __slots__ = ("_asked_again", "_patience", "_peer", "_probes", "_refused", "asker", "deadline", "state")

    def __init__(self) -> None:
        self.state = _IDLE
        self.deadline = inf
        self.asker: Exchange | None = None
        self._patience = PATIENCE
        self._probes: dict[int, bytes | None] = {}  # msgID -> the engine that it was protected for
        self._peer: bytes | None = None  # of the last probe
        self._asked_again = False
        self._refused = False  # whether a reply to a probe was refused since the last one left

    def is_probe(self, message_id: int | None) -> bool:
        """Whether a msgID is that of a probe whose answer would still teach."""
        return message_id in self._probes

    def peer_of(self, message_id: int) -> bytes | None:
        """Return the engine that a probe was protected for; ``None`` for a discovery message, which is for none."""
        return self._probes.get(message_id)

    def ask(self, probe_id: int, asker: Exchange, now: float, peer: bytes | None = None) -> None:
        """Take note of a probe that leaves now.

        Args:
            probe_id: its msgID.
            asker: the request that needs the answer first.
            now: the time.
            peer: the engine that it is protected for.
        """
        self._probes[probe_id] = self._peer = peer
        self._refused = False
        if len(self._probes) > MAX_PROBES:
            del self._probes[next(iter(self._probes))]
        self.asker = asker
        self.deadline = now + self._patience
        self._patience = min(2 * self._patience, MAX_PATIENCE)
        self._move(DiscoveryEvent.PROBE_SENT)

    def turn_to(self, peer: bytes | None) -> bool:
        """Give the present probe up if requests are for another engine now; return whether it did.

        It does so once for each wait: reports that name one engine after the other do not make it ask at their pace.

        Args:
            peer: the engine that requests are protected for now.
        """
        if peer == self._peer or self._asked_again:
            return False
        self._asked_again = True
        self._move(DiscoveryEvent.PEER_CHANGED)
        return True

    def ask_again(self) -> bool:
        """Let the next probe leave, with what the answer to this one has told; return whether it may: once a wait."""
        if self._asked_again:
            return False
        self._asked_again = True
        self._move(DiscoveryEvent.ENGINE_NOT_TOLD)
        return True

    def refuse(self) -> bool:
        """Take note that a reply to a probe was refused; return whether it is the first since the last probe left."""
        first, self._refused = not self._refused, True
        return first

    def receive_answer(self, *, known: bool) -> None:
        """Take note of an answer to a probe.

        Args:
            known: whether the engine is known now.
        """
        if known:
            self.know()
        else:
            self._move(DiscoveryEvent.ENGINE_NOT_TOLD)

    def know(self) -> None:
        """Take note that the engine is known, from whatever source."""
        self._start_over()
        self._move(DiscoveryEvent.ENGINE_TOLD)

    def forget(self) -> None:
        """Take note that the engine is unknown again: there is another security model, or another engine."""
        self._start_over()
        self._move(DiscoveryEvent.ENGINE_FORGOTTEN)

    def _start_over(self) -> None:
        self._probes.clear()
        self._patience = PATIENCE
        self._asked_again = False

    def end_wait(self, exchange: Exchange, *, expired: bool, others_wait: bool) -> None:
        """Take note that a request does not wait any more.

        A probe counts as lost when the request that it was sent for has expired.  A request that was abandoned tells
        nothing about the probe; the others go on waiting for its answer.

        Args:
            exchange: the request.
            expired: whether its time is over; otherwise its caller has gone.
            others_wait: whether other requests wait for the engine.
        """
        if not others_wait:
            self._asked_again = False
            self._move(DiscoveryEvent.NONE_WAITS)
        elif expired and exchange is self.asker:
            self._move(DiscoveryEvent.ASKER_EXPIRED)

    def handle_timer(self, now: float) -> None:
        """Give the present probe up if its time is over."""
        if now >= self.deadline:
            self._move(DiscoveryEvent.OVERDUE)

    def _move(self, event: DiscoveryEvent) -> None:
        self.state = TRANSITIONS.get((self.state, event), self.state)
        if self.state is not _ASKED:
            self.deadline = inf
            self.asker = None
