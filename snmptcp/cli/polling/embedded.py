"""Many embedded agents to poll: counters that grow, some agents that are slow, some that die and come back.

Contains: the agents and their targets.  Does not contain: polling them.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
from typing import TYPE_CHECKING

from snmptcp.credentials import Community
from snmptcp.fleet import Target
from snmptcp.testing import Agent, Computed, Delay
from snmptcp.values import Counter64, TimeTicks

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from snmptcp.fleet import Job

__all__ = ("embedded_agents",)

#: Which agents are slow, and which die now and then: one of each in so many.
_ONE_IN = 20
_SLOW, _MORTAL = 7, 13

#: The delay of slow agents' answers, in seconds: the least, and how much more the slowest has.
_DELAY, _MORE_DELAY = 0.2, 0.6

#: How long an agent that dies lives, and how long it is away, in seconds.
_LIFE, _DEATH = 8.0, 5.0

_INTERFACES = 4
_IF_X_ENTRY = "1.3.6.1.2.1.31.1.1.1"


@contextlib.asynccontextmanager
async def embedded_agents(count: int, jobs: Sequence[Job]) -> AsyncGenerator[list[Target], None]:
    """Run agents in this process, each on a loopback port of its own, and yield their targets.

    Args:
        count: how many.
        jobs: the jobs of the targets.

    Raises:
        TransportError: a port cannot be listened on.
    """
    loop = asyncio.get_running_loop()
    async with contextlib.AsyncExitStack() as stack:
        targets, lives = [], []
        for number in range(count):
            agent = await stack.enter_async_context(_Device(number, loop.time).agent)
            kind = _kind(number)
            if kind == "slow":
                agent.inject(Delay(_DELAY + _MORE_DELAY * number / count), times=None)
            targets.append(_target(agent, number, kind, jobs))
            if kind == "mortal":
                lives.append(loop.create_task(_die_and_return(agent, number)))
        try:
            yield targets
        finally:
            for life in lives:
                life.cancel()
            await asyncio.gather(*lives, return_exceptions=True)


def _kind(number: int) -> str:
    return {_SLOW: "slow", _MORTAL: "mortal"}.get(number % _ONE_IN, "steady")


def _target(agent: Agent, number: int, kind: str, jobs: Sequence[Job]) -> Target:
    return Target(
        agent.host,
        agent.port,
        credentials=Community("public"),
        jobs=jobs,
        name=f"device-{number:03}",
        labels={"kind": kind},
        timeout=2.0,
    )


async def _die_and_return(agent: Agent, number: int) -> None:
    """Stop an agent now and then, each at another moment, and start it again on its port."""
    await asyncio.sleep(_LIFE * (number % 7 + 1) / 7)
    while True:
        await agent.aclose()
        await asyncio.sleep(_DEATH)
        await agent.start()
        await asyncio.sleep(_LIFE)


class _Device:
    """A device whose interfaces carry more and less, each at its own speed.

    Args:
        number: its number.
        clock: returns seconds.
    """

    def __init__(self, number: int, clock: Callable[[], float]) -> None:
        self._number = number
        self._clock = clock
        self._start = clock()
        self.agent = Agent(self._variables())

    def _variables(self) -> dict[str, object]:
        system = "1.3.6.1.2.1.1"
        variables: dict[str, object] = {
            f"{system}.1.0": "an embedded agent",
            f"{system}.3.0": Computed(lambda: TimeTicks(int(self._age * 100))),
            f"{system}.5.0": f"device-{self._number:03}",
        }
        for row in range(1, _INTERFACES + 1):
            variables[f"{_IF_X_ENTRY}.1.{row}"] = f"eth{row}"
            for column, factor in ((6, 1.0), (10, 0.4)):
                variables[f"{_IF_X_ENTRY}.{column}.{row}"] = Computed(self._counter(row, factor))
        return variables

    @property
    def _age(self) -> float:
        return self._clock() - self._start

    def _counter(self, row: int, factor: float) -> Callable[[], Counter64]:
        """Return a counter whose speed rises and falls within a minute."""
        speed = factor * 1000.0 * 4.0**row * (1 + self._number % 10)

        def count() -> Counter64:
            wave = math.sin(self._age / 10 + self._number) - math.sin(self._number)
            return Counter64(int(speed * (self._age + 5 * wave)))

        return count
