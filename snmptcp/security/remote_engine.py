"""What a manager knows of an agent's engine: who it is, who was there before, and what time it has.

What may live here: one engine, and the engines of several agents.  What may not: how messages are protected.
"""

from __future__ import annotations

from snmptcp.errors import ConfigurationError, UnknownEngine
from snmptcp.security.engine_clock import MAX_BOOTS, EngineClock, EngineInfo, check_engine_id

__all__ = ("Engine", "KnownEngines")

#: How many engines that were at an agent's address before are remembered.
MAX_EARLIER_ENGINES = 8


class Engine:
    """What is known of one agent's engine; several managers may share it.

    Args:
        info: engine ID, boots and time, where they are known already: then nothing is discovered.
        now: the time at which they were so, by the clock that will be used; zero boots and time are
            taken for unknown.
    """

    __slots__ = ("_clock", "_earlier", "engine_id", "max_message_size")

    def __init__(self, info: EngineInfo | None = None, now: float = 0.0) -> None:
        #: Who it is; ``None`` before it is discovered.
        self.engine_id: bytes | None = None
        #: The longest message that it accepts, in octets, as far as it has said.
        self.max_message_size = 0x7FFFFFFF
        self._clock: EngineClock | None = None
        # The clocks of engines that were here before.
        self._earlier: dict[bytes, EngineClock] = {}
        if info is not None:
            self.engine_id = check_engine_id(info.engine_id)
            if not 0 <= info.boots <= MAX_BOOTS or not 0 <= info.time <= MAX_BOOTS:
                raise ConfigurationError("engine boots and time are numbers from 0 to 2147483647")
            self._clock = EngineClock(info.boots, info.time, now)

    @property
    def clock(self) -> EngineClock:
        """Its clock; starts at zero for an engine whose time is not known."""
        if self._clock is None:
            self._clock = EngineClock(0, 0, 0.0)
        return self._clock

    def learn(self, engine_id: bytes, boots: int, time: int, now: float) -> None:
        """Take what an unauthenticated report says: who the engine is, and for a hint what time it has."""
        if engine_id != self.engine_id:
            self._turn_to(engine_id)
        self.clock.hint(boots, time, now)

    def confirm(self, engine_id: bytes) -> None:
        """Take note of an authentic message: if nobody has vouched for the present engine yet, it is this one."""
        if engine_id != self.engine_id and not (self._clock is not None and self._clock.authenticated):
            self._turn_to(engine_id)

    def forget(self) -> None:
        """Discover it anew with the next request."""
        self._turn_to(None)

    def clock_of(self, engine_id: bytes) -> EngineClock | None:
        """Return the clock of the engine, or of one that was here before; ``None`` for a stranger.

        Replies of an engine that was here before stay good: a report that only claims that there is
        another one must not keep out the answers that are under way.
        """
        return self.clock if engine_id == self.engine_id else self._earlier.get(engine_id)

    def _turn_to(self, engine_id: bytes | None) -> None:
        if self.engine_id is not None:
            self._earlier[self.engine_id] = self.clock
            if len(self._earlier) > MAX_EARLIER_ENGINES:
                # Engines that were only claimed go first, however many are claimed.
                claimed = (known for known, clock in self._earlier.items() if not clock.authenticated)
                del self._earlier[next(claimed, next(iter(self._earlier)))]
        self.engine_id = engine_id
        self._clock = self._earlier.pop(engine_id, None) if engine_id is not None else None
        self.max_message_size = 0x7FFFFFFF

    def info(self, now: float) -> EngineInfo:
        """Return who it is and when it is there now.

        Raises:
            UnknownEngine: it has not been discovered.
        """
        if self.engine_id is None:
            raise UnknownEngine("the agent's engine has not been discovered")
        return EngineInfo(self.engine_id, self.clock.boots, self.clock.time(now))


class KnownEngines:
    """The engines of several agents, shared by managers of one event loop: what one learns, all know."""

    __slots__ = ("_engines",)

    def __init__(self) -> None:
        self._engines: dict[tuple[str, int], Engine] = {}

    def engine(self, host: str, port: int) -> Engine:
        """Return the engine at an address, unknown at first."""
        return self._engines.setdefault((host, port), Engine())

    def __len__(self) -> int:
        return len(self._engines)
