"""An agent that goes and comes back: R11."""

from __future__ import annotations

import asyncio
import random
import statistics
import time
from itertools import pairwise

from snmptcp import Community, Manager
from snmptcp.errors import SnmpError
from snmptcp.manager import Observer
from snmptcp.testing import Agent
from tests.scorecard.row import Figure, Outcome, Row, Scale

HERE = "127.0.0.1"
PUBLIC = Community("public")
UPTIME = "1.3.6.1.2.1.1.3.0"

#: How many tasks ask one manager again and again, without a pause.
CALLERS = 20

#: How many agents restart side by side.
AGENTS = 10

#: The pause between attempts that managers have by default, in seconds: their back-off does not grow beyond it.
INTERVAL = 1.0

#: What timers and the machine may add to a pause, in seconds.
TIMERS = 0.1


class _Attempts(Observer):
    """Notes when attempts to connect begin."""

    def __init__(self) -> None:
        self.at: list[float] = []

    def connection_started(self, trace: object) -> None:
        self.at.append(time.monotonic())


class _Restarted:
    """One agent, its manager, and what was seen of its restarts.

    Attributes:
        recovered: the seconds from each return of the port to the next answer.
        down: the seconds of all outages.
        tried: how many attempts there were in outages, the first of each left out.
        pauses: the seconds between two attempts in an outage.
        first: those of them that were the first of their outage.
    """

    def __init__(self, seed: int) -> None:
        self.recovered: list[float] = []
        self.down = 0.0
        self.tried = 0
        self.pauses: list[float] = []
        self.first: list[float] = []
        self._random = random.Random(seed)
        self._answered = asyncio.Event()

    async def restart(self, times: int) -> None:
        """Stop the agent and start it again, so often, while many callers ask for it."""
        agent = await Agent({UPTIME: 1}, host=HERE).start()
        attempts = _Attempts()
        async with Manager(HERE, agent.port, credentials=PUBLIC, observer=attempts) as manager:
            callers = [asyncio.create_task(self._ask(manager)) for _ in range(CALLERS)]
            for _ in range(times):
                await self._next_answer()
                agent = await self._one_restart(agent, attempts)
            for caller in callers:
                caller.cancel()
            await asyncio.gather(*callers, return_exceptions=True)
        await agent.aclose()

    async def _one_restart(self, agent: Agent, attempts: _Attempts) -> Agent:
        port = agent.port
        await agent.aclose()
        gone = time.monotonic()
        await asyncio.sleep(self._random.uniform(0.1, 3.0))
        agent = await Agent({UPTIME: 1}, host=HERE, port=port).start()
        back = time.monotonic()
        await self._next_answer()
        self.recovered.append(time.monotonic() - back)
        during = [at for at in attempts.at if gone <= at < back]
        pauses = [later - earlier for earlier, later in pairwise([at for at in attempts.at if at >= gone])]
        self.down += back - gone
        self.tried += max(len(during) - 1, 0)
        self.pauses += pauses
        self.first += pauses[:1]
        return agent

    async def _ask(self, manager: Manager) -> None:
        while True:
            try:
                await manager.get(UPTIME)
                self._answered.set()
            except SnmpError:
                pass
            await asyncio.sleep(0.01)

    async def _next_answer(self) -> None:
        self._answered.clear()
        await asyncio.wait_for(self._answered.wait(), 20)


async def restarts(scale: Scale) -> Outcome:
    """R11: agents that restart again and again, each with twenty callers that ask without a pause."""
    times = scale.count(10)
    agents = [_Restarted(seed) for seed in range(AGENTS)]
    await asyncio.gather(*(agent.restart(times) for agent in agents))
    recovered = [seconds for agent in agents for seconds in agent.recovered]
    pauses = [seconds for agent in agents for seconds in agent.pauses]
    first = [seconds for agent in agents for seconds in agent.first]
    rate = sum(agent.tried for agent in agents) / sum(agent.down for agent in agents)
    return Outcome(
        (
            Figure("restarts", len(recovered)),
            Figure("answered again after at most", max(recovered), "s", most=INTERVAL + TIMERS),
            Figure("attempts per second of an outage, after its first", rate, most=1),
            Figure("longest pause between two attempts", max(pauses), "s", most=INTERVAL + TIMERS),
            Figure("shortest pause", min(pauses), "s", least=INTERVAL / 2),
            Figure("spread of the first pauses (standard deviation)", statistics.pstdev(first), "s", least=0.05),
        )
    )


ROWS = (
    Row(
        "R11",
        "an agent restarts 100 times, while twenty callers ask without a pause",
        "answered again within 1 s of the port's return; the pause stays within its limit, varies, and leaves at most "
        "one attempt per second",
        restarts,
    ),
)
