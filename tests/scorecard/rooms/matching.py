"""Which answer belongs to which request: R12 (out of order, late, twice, with an unknown id)."""

from __future__ import annotations

import asyncio
import functools
import random
from collections import Counter
from typing import TYPE_CHECKING

from snmptcp import Community, Manager
from snmptcp.errors import RequestTimeout
from snmptcp.oid import OID
from snmptcp.testing import Agent, Delay, Drip, Duplicate, Reorder, WrongRequestId
from snmptcp.values import Integer32
from tests.scorecard.row import Figure, Outcome, Row, Scale, share

if TYPE_CHECKING:
    from snmptcp.testing import Fault
    from snmptcp.testing import Request as AgentRequest

HERE = "127.0.0.1"
COLUMN = OID("1.3.6.1.4.1.58888.8")
NAMES = 5000
AT_ONCE = 500
TIMEOUT = 2.0

#: How many of a thousand answers have each fault.
FAULTS: dict[str, tuple[Fault, int]] = {
    "late": (Delay(TIMEOUT + 0.5), 10),
    "unknown": (WrongRequestId(0x4000_0000), 10),
    "twice": (Duplicate(), 100),
    "out of order": (Reorder(), 200),
    "in pieces": (Drip(7), 50),
}


class _Faults:
    """Decides which answer has which fault, and counts them."""

    def __init__(self, agent: Agent) -> None:
        self.made: Counter[str] = Counter()
        self._random = random.Random(12)
        self._next: tuple[AgentRequest, str] | None = None
        for name, (fault, _) in FAULTS.items():
            agent.inject(fault, times=None, when=functools.partial(self._has, name=name))

    def _has(self, request: AgentRequest, *, name: str) -> bool:
        """Choose once for each request; the faults are asked in turn."""
        if self._next is None or self._next[0] is not request:
            self._next = request, self._choose()
        chosen = self._next[1] == name
        self.made[name] += chosen
        return chosen

    def _choose(self) -> str:
        number = self._random.randrange(1000)
        for name, (_, many) in FAULTS.items():
            if number < many:
                return name
            number -= many
        return ""


async def _release(agent: Agent) -> None:
    """Send now and then what waits for a next answer: the last ones would wait in vain."""
    while True:
        await asyncio.sleep(TIMEOUT / 4)
        agent.release()


async def answers_of_others(scale: Scale) -> Outcome:
    """R12: many requests at once to an agent whose answers come in any order, late, twice, or with wrong ids."""
    count = scale.count(40_000, least=4000)
    results: Counter[str] = Counter()

    async def work(manager: Manager, numbers: range) -> None:
        for number in numbers:
            value = number % NAMES
            try:
                answer = await manager.get_value(COLUMN + value, timeout=TIMEOUT)
            except RequestTimeout:
                results["timeout"] += 1
            else:
                results["right" if answer == value else "wrong"] += 1

    async with (
        Agent({COLUMN + number: Integer32(number) for number in range(NAMES)}) as agent,
        Manager(HERE, agent.port, credentials=Community("public"), max_unreadable=None) as manager,
    ):
        faults = _Faults(agent)
        releasing = asyncio.create_task(_release(agent))
        await asyncio.gather(*(work(manager, range(first, count, AT_ONCE)) for first in range(AT_ONCE)))
        await asyncio.sleep(1.0)  # the last late ones
        releasing.cancel()
        statistics = manager.statistics
    unanswered = faults.made["late"] + faults.made["unknown"]
    return Outcome(
        (
            Figure("requests", count),
            *(Figure(f"answers {name}", made) for name, made in sorted(faults.made.items())),
            Figure("wrong answers delivered", results["wrong"], most=0),
            share("answered right, of those that the agent answered", results["right"], count - unanswered),
            share("late ones counted", statistics.late, faults.made["late"]),
            share("unknown ids counted", statistics.unknown, faults.made["unknown"]),
            share("second answers counted", statistics.duplicates, faults.made["twice"]),
        )
    )


ROWS = (
    Row(
        "R12",
        "answers out of order, late, twice, or with an unknown id",
        "each request has its own answer; late ones are counted, never delivered",
        answers_of_others,
        limit=180,
    ),
)
