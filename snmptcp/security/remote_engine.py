"""What a manager knows about an agent's engine: its ID, its clock, and the engines before it at that address.

Contains: the engine of one agent, and the engines of several agents.
Does not contain: protecting messages (:mod:`snmptcp.security.usm`).
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from snmptcp.arguments import INTEGER, OCTETS, check_arguments
from snmptcp.errors import ConfigurationError, UnknownEngine
from snmptcp.security.engine_clock import MAX_BOOTS, EngineClock, EngineInfo, check_peer_engine_id, is_engine_id

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

__all__ = ("Engine", "KnownEngines")

#: How many earlier engines are remembered for an agent.
MAX_EARLIER_ENGINES = 8

#: For how many agents engines are remembered.
MAX_KNOWN_ENGINES = 10_000


#: What the fields of an :class:`EngineInfo` must be.
_INFO = {"engine_id": OCTETS, "boots": INTEGER, "time": INTEGER}


class Engine:
    """What is known about one agent's engine; several managers may share it.

    Args:
        info: engine ID, boots and time; optional; by default the engine is discovered.  Boots and time of zero mean
            unknown; others are the least that is accepted from the engine, as if they were authenticated.
        now: the time at which ``info`` holds, by the caller's clock.
        volatile: whether it makes a new engine ID at each start, so that it is never settled.
        frozen_clock: whether its time may stand still, run at another speed or fall back.
        on_odd: called once, with the first engine ID that RFC 3411 section 5 does not allow.

    Raises:
        ConfigurationError: an engine ID of no octets or more than 255; or impossible boots or time.
    """

    __slots__ = (
        "_clock",
        "_earlier",
        "_floor",
        "_forgotten",
        "_on_odd",
        "engine_id",
        "frozen_clock",
        "max_message_size",
        "settled",
        "volatile",
    )

    def __init__(
        self,
        info: EngineInfo | None = None,
        now: float = 0.0,
        *,
        volatile: bool = False,
        frozen_clock: bool = False,
        on_odd: Callable[[bytes], None] | None = None,
    ) -> None:
        #: Its engine ID; ``None`` until it is discovered.
        self.engine_id: bytes | None = None
        #: The longest message that it accepts, in octets, as far as it has announced it.
        self.max_message_size = 0x7FFFFFFF
        #: Whether its ID was given or authenticated, so that no unauthenticated message can change it.
        self.settled = info is not None and not volatile
        self.volatile = volatile
        self.frozen_clock = frozen_clock
        self._clock: EngineClock | None = None
        # The clocks of earlier engines at this address.
        self._earlier: dict[bytes, EngineClock] = {}
        self._forgotten: bytes | None = None  # an engine whose clock is not to be believed any more
        self._floor: tuple[EngineInfo, float] | None = None  # boots and time that were given, and when
        self._on_odd = on_odd
        if info is not None:
            check_arguments(_INFO, info._asdict())
            self.engine_id = check_peer_engine_id(info.engine_id)
            self._note_oddity(info.engine_id)
            if not 0 <= info.boots <= MAX_BOOTS or not 0 <= info.time <= MAX_BOOTS:
                raise ConfigurationError(
                    f"engine boots and time are numbers from 0 to 2147483647, not {info.boots} and {info.time}"
                )
            if info.boots > 0 or info.time > 0:
                self._floor = info, now
            self._clock = self._first_clock(info.engine_id)

    @property
    def clock(self) -> EngineClock:
        """Its clock; starts at zero if its time is unknown."""
        if self._clock is None:
            self._clock = EngineClock(0, 0, 0.0, frozen=self.frozen_clock)
        return self._clock

    def learn(self, engine_id: bytes, boots: int, time: int, now: float) -> None:
        """Take the engine ID from an unauthenticated message, and its boots and time as a hint.

        Raises:
            UnknownEngine: the engine is settled, and has another ID.
        """
        if engine_id != self.engine_id:
            if self.settled and self.engine_id is not None:
                raise UnknownEngine(
                    f"the agent names engine {engine_id.hex()}, the known one is {self.engine_id.hex()}"
                )
            self._turn_to(engine_id)
            self._note_oddity(engine_id)
        self.clock.hint(boots, time, now)

    def confirm(self, engine_id: bytes) -> None:
        """Take the engine ID of an authentic message, unless another engine is settled."""
        if engine_id != self.engine_id:
            if self.settled:
                return
            self._turn_to(engine_id)
        self.settled = not self.volatile

    def forget(self) -> None:
        """Forget the engine ID and its clock, so that the next request starts a new discovery.

        Boots and time that were given stay the least that is accepted from that engine.  Requests that are pending can
        still be answered.
        """
        if self.engine_id is not None:
            self._forgotten = self.engine_id
        self._turn_to(None)
        self.settled = False

    def clock_of(self, engine_id: bytes) -> EngineClock | None:
        """Return the clock of the present or an earlier engine; ``None`` for an unknown engine ID.

        A request that was sent to an earlier engine is still answered by that one: a forged report about a new
        engine must not suppress the response.
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
        self._clock = None
        if engine_id is not None:
            self._clock = self._earlier.pop(engine_id, None)
            if self._clock is None or engine_id == self._forgotten:
                self._clock = self._first_clock(engine_id)
                self._forgotten = None
        self.max_message_size = 0x7FFFFFFF

    def _first_clock(self, engine_id: bytes) -> EngineClock:
        """Return the clock of an engine before its first message."""
        if self._floor is None or self._floor[0].engine_id != engine_id:
            return EngineClock(0, 0, 0.0, frozen=self.frozen_clock)
        info, now = self._floor
        return EngineClock(info.boots, info.time, now, authenticated=True, frozen=self.frozen_clock)

    def _note_oddity(self, engine_id: bytes) -> None:
        """Tell, once, that the agent has an engine ID that is not valid."""
        if self._on_odd is not None and not is_engine_id(engine_id):
            self._on_odd(engine_id)
            self._on_odd = None

    def info(self, now: float) -> EngineInfo:
        """Return its engine ID, boots and time now.

        Raises:
            UnknownEngine: it has not been discovered.
        """
        if self.engine_id is None:
            raise UnknownEngine("the agent's engine has not been discovered")
        return EngineInfo(self.engine_id, self.clock.boots, self.clock.time(now))


class KnownEngines:
    """The engines of several agents, shared by managers of one event loop.

    Managers share what they know of an agent only if their messages are protected alike (the same security model,
    level and TLS).  So what a manager without authentication was told does not mislead one that has it.

    Args:
        max_engines: how many engines are remembered, at least 1; the one that was asked for longest ago is forgotten
            first.  Managers keep theirs.

    Raises:
        ConfigurationError: ``max_engines`` is below 1.
    """

    __slots__ = ("_engines", "_max_engines")

    def __init__(self, max_engines: int = MAX_KNOWN_ENGINES) -> None:
        check_arguments({"max_engines": INTEGER}, {"max_engines": max_engines})
        if max_engines < 1:
            raise ConfigurationError(f"max_engines is a number from 1 on, not {max_engines}")
        self._max_engines = max_engines
        self._engines: OrderedDict[tuple[str, int, Hashable, bool, bool], Engine] = OrderedDict()

    def engine(
        self,
        host: str,
        port: int,
        protection: Hashable = None,
        *,
        volatile: bool = False,
        frozen_clock: bool = False,
        on_odd: Callable[[bytes], None] | None = None,
    ) -> Engine:
        """Return the engine at an address; its ID is unknown at first.

        Args:
            host: the agent's host name or address.
            port: its port.
            protection: how messages to it are protected; engines of different protection are different objects.
            volatile: whether it makes a new engine ID at each start; such engines are different objects, too.
            frozen_clock: whether its time may stand still, run at another speed or fall back; likewise.
            on_odd: as for :class:`Engine`, if it is a new one.
        """
        key = host, port, protection, volatile, frozen_clock
        engine = self._engines.setdefault(key, Engine(volatile=volatile, frozen_clock=frozen_clock, on_odd=on_odd))
        self._engines.move_to_end(key)
        if len(self._engines) > self._max_engines:
            self._engines.popitem(last=False)
        return engine

    def __len__(self) -> int:
        return len(self._engines)
