"""What a manager knows of an authoritative engine: its ID, its boots, and the time there now.

What may live here: the local notion of a remote clock (RFC 3414 section 2.3) and its update (section 3.2 step 7).
What may not: reading a clock; ``now`` is an argument, in seconds of any monotonic clock.
"""

from __future__ import annotations

from typing import NamedTuple

from snmptcp.errors import ConfigurationError

__all__ = ("MAX_BOOTS", "TIME_WINDOW", "EngineClock", "EngineInfo", "check_engine_id")

#: RFC 3414 section 2.2.1: boots that have reached this stay there; nothing authenticated is accepted any more.
MAX_BOOTS = 0x7FFFFFFF

#: RFC 3414 section 2.2.3: seconds by which a message may be off.
TIME_WINDOW = 150


class EngineInfo(NamedTuple):
    """An SNMP engine: who it is, and when it is there.

    Attributes:
        engine_id: snmpEngineID, 5 to 32 octets.
        boots: snmpEngineBoots: how often it has started.
        time: snmpEngineTime: seconds since it last started.
    """

    engine_id: bytes
    boots: int = 0
    time: int = 0


def check_engine_id(engine_id: bytes) -> bytes:
    """Return an engine ID that can be one (RFC 3411 section 5, SnmpEngineID).

    Raises:
        ConfigurationError: not 5 to 32 octets, or all of them zero or all 0xff.
    """
    if not 5 <= len(engine_id) <= 32:
        raise ConfigurationError(f"an engine ID has 5 to 32 octets, not {len(engine_id)}")
    if not engine_id.strip(b"\0") or not engine_id.strip(b"\xff"):
        raise ConfigurationError("an engine ID is not all zero and not all ones")
    return engine_id


class EngineClock:
    """The local notion of one engine's boots and time, which goes on by itself.

    A *hint* is what an unauthenticated message said: good enough to ask with, and replaced by the first
    authenticated message.  What is authenticated is only ever moved by what is authenticated too.

    Args:
        info: what is known to begin with.
        now: when that was.
        authenticated: whether it may be trusted (given by the user, for instance).
    """

    __slots__ = ("_latest_received", "_offset", "authenticated", "boots")

    def __init__(self, boots: int, time: int, now: float, *, authenticated: bool = False) -> None:
        self.boots = boots
        self.authenticated = authenticated
        self._offset = time - now
        self._latest_received = time

    def time(self, now: float) -> int:
        """Return the engine's time now."""
        time = int(now + self._offset)
        return time if 0 <= time <= MAX_BOOTS else min(max(time, 0), MAX_BOOTS)

    def hint(self, boots: int, time: int, now: float) -> None:
        """Take what an unauthenticated message said, unless better is known."""
        if not self.authenticated:
            self._set(boots, time, now)

    def accept(self, boots: int, time: int, now: float) -> bool:
        """Take what an authenticated message said; return whether it is within the time window.

        RFC 3414 section 3.2 step 7b: move forward only, then test.
        """
        if not self.authenticated or boots > self.boots or (boots == self.boots and time > self._latest_received):
            self._set(boots, time, now)
            self.authenticated = True
        if self.boots == MAX_BOOTS:
            return False
        return boots == self.boots and time >= self.time(now) - TIME_WINDOW

    def resynchronize(self, boots: int, time: int, now: float) -> None:
        """Take what an authenticated answer to a request of ours said, also backwards.

        Its msgID and digest prove that it was made after our request, so it is no replay: an engine that
        lost its boots or set its clock back is asked with what it says now.
        """
        self._set(boots, time, now)
        self.authenticated = True

    def _set(self, boots: int, time: int, now: float) -> None:
        self.boots = boots
        self._offset = time - now
        self._latest_received = time
