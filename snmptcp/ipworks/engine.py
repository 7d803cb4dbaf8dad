"""The agent's SNMPv3 engine, as the ``remote_engine`` properties show it.

Contains: what the program assigned and what discovery found.  Does not contain: discovery.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from snmptcp.security.engine_clock import MAX_BOOTS, EngineInfo

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("RemoteEngine",)


class RemoteEngine:
    """The engine ID, boots and time of the agent: assigned by the program, or discovered.

    Args:
        clock: returns the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.engine_id = b""
        self.boots = 0
        #: Changes with each assignment.
        self.revision = 0
        #: Whether the program assigned an engine ID; it is then used for every agent.
        self.preset = False
        self._settled = False  # whether what was discovered has authenticated itself
        self._time = 0
        self._at = 0.0

    @property
    def time(self) -> int:
        """The engine's time now; it advances once the engine ID is known."""
        if not self.engine_id:
            return self._time
        return min(self._time + int(self._clock() - self._at), MAX_BOOTS)

    @property
    def info(self) -> EngineInfo | None:
        """The engine for a manager; ``None`` if it is unknown, or only claimed: managers rely on what they are given.

        Boots and time of zero mean unknown, so a time that was never set does not advance here.
        """
        if not self.engine_id or not (self.preset or self._settled):
            return None
        return EngineInfo(self.engine_id, self.boots, self.time if self.boots or self._time else 0)

    def assign_id(self, engine_id: bytes) -> None:
        """Set the engine ID; an empty one asks for discovery."""
        self.engine_id = engine_id
        if not self._time:
            self._at = self._clock()
        self._assigned()

    def assign_boots(self, boots: int) -> None:
        """Set the engine boots."""
        self.boots = boots
        self._assigned()

    def assign_time(self, seconds: int) -> None:
        """Set the engine time."""
        self._time, self._at = seconds, self._clock()
        self._assigned()

    def _assigned(self) -> None:
        self.preset = bool(self.engine_id)
        self.revision += 1

    def learn(self, info: EngineInfo, *, settled: bool) -> None:
        """Take what was discovered.

        Args:
            info: the engine.
            settled: whether it has authenticated itself.
        """
        self.engine_id, self.boots, self._time = info
        self._at = self._clock()
        self.preset = False
        self._settled = settled

    def forget(self) -> None:
        """Drop what was discovered, for another agent; what the program assigned stays."""
        if not self.preset:
            self.engine_id, self.boots, self._time = b"", 0, 0
