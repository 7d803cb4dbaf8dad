"""The local notion of a remote engine's boots and time (RFC 3414 section 2.3).

Contains: that notion, its update and the time window (RFC 3414 section 3.2 step 7b).
Does not contain: reading a clock; ``now`` is an argument, in seconds of any monotonic clock.
"""

from __future__ import annotations

from typing import NamedTuple

from snmptcp.errors import ConfigurationError

__all__ = (
    "MAX_BOOTS",
    "TIME_WINDOW",
    "EngineClock",
    "EngineInfo",
    "check_engine_id",
    "check_peer_engine_id",
    "is_engine_id",
)

#: The maximum of boots and time (RFC 3414 section 2.2.1).  Boots that reach it stay there, and the engine then
#: accepts no authenticated message.
MAX_BOOTS = 0x7FFFFFFF

#: How old an authenticated message may be, in seconds (RFC 3414 section 2.2.3).
TIME_WINDOW = 150


#: The most octets of an engine ID that a peer may use; keys are cached by it.
MAX_PEER_ENGINE_ID = 255


class EngineInfo(NamedTuple):
    """An SNMP engine's ID, boots and time.

    Attributes:
        engine_id: snmpEngineID, 5 to 32 octets; that of an agent may have any length up to 255.
        boots: snmpEngineBoots: how often it has started.
        time: snmpEngineTime: seconds since its last start.
    """

    engine_id: bytes
    boots: int = 0
    time: int = 0


def check_engine_id(engine_id: bytes) -> bytes:
    """Return an engine ID if it is valid (RFC 3411 section 5, SnmpEngineID).

    Raises:
        ConfigurationError: it does not have 5 to 32 octets, or all of them are 0x00 or all 0xff.
    """
    if not 5 <= len(engine_id) <= 32:
        raise ConfigurationError(f"an engine ID has 5 to 32 octets, not {len(engine_id)}")
    if not engine_id.strip(b"\0") or not engine_id.strip(b"\xff"):
        raise ConfigurationError(f"an engine ID must not be all zero or all ones: {engine_id.hex()}")
    return engine_id


def check_peer_engine_id(engine_id: bytes) -> bytes:
    """Return the engine ID of a peer, which may be invalid: devices have engine IDs of any length (net-snmp issue 457).

    Raises:
        ConfigurationError: it has no octets, or more than 255.
    """
    if not 0 < len(engine_id) <= MAX_PEER_ENGINE_ID:
        raise ConfigurationError(f"the engine ID of an agent has 1 to 255 octets, not {len(engine_id)}")
    return engine_id


def is_engine_id(engine_id: bytes, *, strict: bool = True) -> bool:
    """Return whether an engine ID can be one.

    Args:
        engine_id: the engine ID.
        strict: whether it must be valid; otherwise as for :func:`check_peer_engine_id`.
    """
    try:
        (check_engine_id if strict else check_peer_engine_id)(engine_id)
    except ConfigurationError:
        return False
    return True


class EngineClock:
    """The local notion of one engine's boots and time; the time advances with the caller's clock.

    A *hint* comes from an unauthenticated message: it is good enough to send a request with, and the first
    authenticated message replaces it.  Authenticated values change only by authenticated messages; a hint beside them
    says only what to send.

    Args:
        boots: the engine's boots.
        time: the engine's time.
        now: the caller's time at which the engine has that time.
        authenticated: whether these values are authentic, or as good: the user gave them.
        frozen: whether the engine's time may stand still, run at another speed or fall back: then it does not advance
            here, either, and authenticated messages are checked for their boots alone.
    """

    __slots__ = ("_frozen", "_hint", "_latest_received", "_offset", "authenticated", "boots")

    def __init__(self, boots: int, time: int, now: float, *, authenticated: bool = False, frozen: bool = False) -> None:
        self.boots = boots
        self.authenticated = authenticated
        self._frozen = frozen
        self._offset = time - now
        self._latest_received = time
        self._hint: EngineClock | None = None  # what an unauthenticated message has said since

    def present(self, now: float) -> tuple[int, int]:
        """Return the boots and time to send now."""
        if self._hint is not None:
            return self._hint.present(now)
        time = int(now + self._offset)
        return self.boots, time if 0 <= time <= MAX_BOOTS and not self._frozen else self.time(now)

    def time(self, now: float) -> int:
        """Return the engine's time now, from 0 to :data:`MAX_BOOTS`."""
        if self._frozen:
            return self._latest_received
        time = int(now + self._offset)
        return time if 0 <= time <= MAX_BOOTS else min(max(time, 0), MAX_BOOTS)

    def hint(self, boots: int, time: int, now: float) -> None:
        """Take boots and time from an unauthenticated message, unless authentic values are known."""
        if not self.authenticated:
            self._set(boots, time, now)

    def hint_forward(self, boots: int, time: int, now: float) -> bool:
        """Take what to send from an unauthenticated message; return whether that is news.

        Authentic values stay the least that is accepted.
        """
        if not self.authenticated:
            self._set(boots, time, now)
            return True
        if (boots, time) <= (self.boots, self.time(now)):
            return False
        self._hint = EngineClock(boots, time, now, frozen=self._frozen)
        return True

    def accept(self, boots: int, time: int, now: float) -> bool:
        """Take boots and time from an authenticated message; return whether it is within the time window.

        RFC 3414 section 3.2 step 7b: first move forward, never back; then compare.
        """
        if self._frozen:
            return self._accept_any_time(boots, time, now)
        if not self.authenticated or boots > self.boots or (boots == self.boots and time > self._latest_received):
            self._set(boots, time, now)
            self.authenticated = True
        if self.boots == MAX_BOOTS:
            return False
        accepted = boots == self.boots and time >= self.time(now) - TIME_WINDOW
        if accepted:
            self._hint = None
        return accepted

    def _accept_any_time(self, boots: int, time: int, now: float) -> bool:
        if boots == MAX_BOOTS or (self.authenticated and boots < self.boots):
            return False
        self._set(boots, time, now)
        self.authenticated = True
        self._hint = None
        return True

    def resynchronize(self, boots: int, time: int, now: float) -> None:
        """Take boots and time from an authenticated report to a pending request, even if that moves them back.

        Its msgID and digest prove that the report is newer than the request, so it is no replay.  An engine that
        lost its boots or set its clock back is reached again this way.
        """
        self._set(boots, time, now)
        self.authenticated = True
        self._hint = None

    def _set(self, boots: int, time: int, now: float) -> None:
        self.boots = boots
        self._offset = time - now
        self._latest_received = time
