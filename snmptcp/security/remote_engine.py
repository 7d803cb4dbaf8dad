"""What a manager knows about an agent's engine: its ID, its clock, and the engines before it at that address.

Contains: the engine of one agent, and the engines of several agents.
Does not contain: protecting messages (:mod:`snmptcp.security.usm`).
"""

from __future__ import annotations

from snmptcp.errors import ConfigurationError, UnknownEngine
from snmptcp.security.engine_clock import MAX_BOOTS, EngineClock, EngineInfo, check_engine_id

__all__ = ("Engine", "KnownEngines")

#: How many earlier engines are remembered for an agent.
MAX_EARLIER_ENGINES = 8


class Engine:
    """What is known about one agent's engine; several managers may share it.

    Args:
        info: engine ID, boots and time; optional; by default the engine is discovered.  Boots and time of zero mean
            unknown.
        now: the time at which ``info`` holds, by the caller's clock.

    Raises:
        ConfigurationError: an invalid engine ID, boots or time.
    """

    __slots__ = ("_clock", "_earlier", "engine_id", "max_message_size")

    def __init__(self, info: EngineInfo | None = None, now: float = 0.0) -> None:
        #: Its engine ID; ``None`` until it is discovered.
        self.engine_id: bytes | None = None
        #: The longest message that it accepts, in octets, as far as it has announced it.
        self.max_message_size = 0x7FFFFFFF
        self._clock: EngineClock | None = None
        # The clocks of earlier engines at this address.
        self._earlier: dict[bytes, EngineClock] = {}
        if info is not None:
            self.engine_id = check_engine_id(info.engine_id)
            if not 0 <= info.boots <= MAX_BOOTS or not 0 <= info.time <= MAX_BOOTS:
                raise ConfigurationError(
                    f"engine boots and time are numbers from 0 to 2147483647, not {info.boots} and {info.time}"
                )
            self._clock = EngineClock(info.boots, info.time, now)

    @property
    def clock(self) -> EngineClock:
        """Its clock; starts at zero if its time is unknown."""
        if self._clock is None:
            self._clock = EngineClock(0, 0, 0.0)
        return self._clock

    def learn(self, engine_id: bytes, boots: int, time: int, now: float) -> None:
        """Take the engine ID from an unauthenticated report, and its boots and time as a hint."""
        if engine_id != self.engine_id:
            self._turn_to(engine_id)
        self.clock.hint(boots, time, now)

    def confirm(self, engine_id: bytes) -> None:
        """Take the engine ID of an authentic message, unless the present engine has sent one too."""
        if engine_id != self.engine_id and not (self._clock is not None and self._clock.authenticated):
            self._turn_to(engine_id)

    def forget(self) -> None:
        """Forget the engine ID, so that the next request starts a new discovery."""
        self._turn_to(None)

    def clock_of(self, engine_id: bytes) -> EngineClock | None:
        """Return the clock of the present or an earlier engine; ``None`` for an unknown engine ID.

        Replies from an earlier engine are still accepted: a forged report about a new engine must not suppress
        the responses to pending requests.
        """
        return self.clock if engine_id == self.engine_id else self._earlier.get(engine_id)

    def _turn_to(self, engine_id: bytes | None) -> None:
        if self.engine_id is not None:
            self._earlier[self.engine_id] = self.clock
            if len(self._earlier) > MAX_EARLIER_ENGINES:
                # Drop an engine that was only claimed, if there is one: forged reports must not push out real ones.
                claimed = (known for known, clock in self._earlier.items() if not clock.authenticated)
                del self._earlier[next(claimed, next(iter(self._earlier)))]
        self.engine_id = engine_id
        self._clock = self._earlier.pop(engine_id, None) if engine_id is not None else None
        self.max_message_size = 0x7FFFFFFF

    def info(self, now: float) -> EngineInfo:
        """Return its engine ID, boots and time now.

        Raises:
            UnknownEngine: it has not been discovered.
        """
        if self.engine_id is None:
            raise UnknownEngine("the agent's engine has not been discovered")
        return EngineInfo(self.engine_id, self.clock.boots, self.clock.time(now))


class KnownEngines:
    """The engines of several agents, shared by managers of one event loop."""

    __slots__ = ("_engines",)

    def __init__(self) -> None:
        self._engines: dict[tuple[str, int], Engine] = {}

    def engine(self, host: str, port: int) -> Engine:
        """Return the engine at an address; its ID is unknown at first."""
        return self._engines.setdefault((host, port), Engine())

    def __len__(self) -> int:
        return len(self._engines)
