"""The proof of an engine's identity and time, which a SET of SNMPv3 waits for.

Contains: who has given it, when, and how long it counts.  Does not contain: the request that asks for it
(:mod:`snmptcp.protocol.probes`), and who waits (:mod:`snmptcp.protocol.session`).
"""

from __future__ import annotations

from math import inf

from snmptcp.protocol.discovery import Discovery, DiscoveryState

__all__ = ("CARRIED_PROOF", "TimeProof")

#: How long a proof counts on the next connection, in seconds.
CARRIED_PROOF = 10.0

_ASKED = DiscoveryState.ASKED


class TimeProof:
    """Whether the engine has just proved, by an authentic message, who it is and what time it has.

    A SET waits for that.  So it leaves once: an engine that has just answered does not refuse it for its time, and a
    report that says so does not make it leave again.

    Attributes:
        discovery: the request that asks for a proof, and who waits for it.
    """

    __slots__ = ("_at", "_by", "_carried_by", "_carried_until", "_unused_at", "discovery")

    def __init__(self) -> None:
        self.discovery = Discovery()
        self._by: bytes | None = None
        self._at = -inf
        self._unused_at = -inf  # of a proof behind which the connection has ended, before a SET could leave
        self._carried_by: bytes | None = None  # the engine of such a proof on the connection before
        self._carried_until = -inf

    def holds(self, engine_id: bytes | None, now: float, window: float) -> bool:
        """Whether an engine has given a proof not too long ago; then it need not be asked for.

        Args:
            engine_id: the engine that a SET is for.
            now: the time.
            window: how long a proof counts, in seconds.
        """
        given = self._by == engine_id and now - self._at < window
        if not given:
            given = self._carried_by == engine_id and now < self._carried_until
        if given and self.discovery.state is _ASKED:
            self.discovery.know()
        return given

    def was_given_by(self, engine_id: bytes | None) -> bool:
        """Whether an engine has given a proof on this connection, however long ago."""
        return self._by == engine_id and self._at != -inf

    def note(self, engine_id: bytes | None, now: float) -> None:
        """Take note of an authentic message of an engine."""
        self._by = engine_id
        self._at = now

    def forget(self) -> None:
        """Start anew: another engine is asked, or the proof is too old."""
        self._at = self._carried_until = -inf
        self.discovery.forget()

    def end(self) -> None:
        """Take the end of the connection."""
        if self.discovery.state is _ASKED:
            self._unused_at = self._at
        self.discovery.forget()

    def carry(self, earlier: TimeProof) -> None:
        """Let a proof on an earlier connection count here, for a few seconds, if that ended right behind it.

        Some agents close the connection after each answer: a SET would leave on none of them.
        """
        self._carried_by = earlier._by
        self._carried_until = earlier._unused_at + CARRIED_PROOF
