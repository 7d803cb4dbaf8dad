"""Cancellation anywhere: R13, over TCP and over TLS."""

from __future__ import annotations

import asyncio
import gc
import random
import warnings
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from snmptcp import Community, Manager, OctetString
from snmptcp.errors import SnmpError
from snmptcp.testing import Agent
from tests.scorecard.gauges import descriptors
from tests.scorecard.row import Figure, Outcome, Row, Scale
from tests.support.mibs import BIG_ROWS, BIG_TABLE, SYS_NAME, small_mib
from tests.support.tls_agents import tsm_agent, tsm_manager

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

#: What is cancelled.
ACTIONS: dict[str, Callable[[Manager], Awaitable[object]]] = {
    "get": lambda manager: manager.get(f"{BIG_TABLE}.1.2.7"),
    "many names": lambda manager: manager.get(*(f"{BIG_TABLE}.1.2.{row}" for row in range(1, 300))),
    "set": lambda manager: manager.set((SYS_NAME, "changed")),
    "connect": lambda manager: manager.connect(),
    "walk": lambda manager: _read_all(manager.walk(f"{BIG_TABLE}.1.2", max_repetitions=50)),
    "table": lambda manager: _read_all(manager.table(BIG_TABLE, columns=[1, 2], max_repetitions=50)),
    "close": lambda manager: manager.aclose(),
}


async def _read_all(items: object) -> None:
    async for _ in items:  # type: ignore[attr-defined]  # a walk or a table
        pass


#: How many managers are cancelled side by side.
SIDE_BY_SIDE = 10


class _Cancelled:
    """What came of the cancellations over one transport.

    Attributes:
        points: how many calls were cancelled before their end.
        unusable: how many times the next request was not answered.
        wrong: how many answers were about something else than what was asked.
        pending: how many requests were left behind.
    """

    def __init__(self, make: Callable[[], Manager], chance: random.Random) -> None:
        self.points = self.unusable = self.wrong = self.pending = 0
        self._make = make
        self._random = chance

    async def cancel_often(self, points: int) -> None:
        """Cancel calls at random moments until so many were cancelled."""
        manager = self._make()
        try:
            while self.points < points:
                manager = await self._one(manager)
        finally:
            await manager.aclose()

    async def _one(self, manager: Manager) -> Manager:
        """Cancel one call among others, on a connection that is open or not, and look at what is left."""
        if self._random.random() < 0.3:  # the next call connects
            await manager.aclose()
            manager = self._make()
        name = self._random.choice(list(ACTIONS))
        others = [asyncio.ensure_future(self._ask(manager)) for _ in range(self._random.randrange(3))]
        task = asyncio.ensure_future(ACTIONS[name](manager))
        await self._wait()
        self.points += task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        closed = name == "close"
        answered = await asyncio.gather(*others)
        if closed:
            await manager.aclose()
            manager = self._make()
        else:
            self.unusable += answered.count(False)
        self.unusable += not await self._ask(manager)
        self.pending += manager.pending
        return manager

    async def _wait(self) -> None:
        """Wait some turns of the loop, or some time."""
        if self._random.random() < 0.5:
            for _ in range(self._random.randrange(40)):
                await asyncio.sleep(0)
        else:
            await asyncio.sleep(self._random.uniform(0, 0.03))

    async def _ask(self, manager: Manager) -> bool:
        """Ask for a row at random; return whether it was answered."""
        row = self._random.randint(1, BIG_ROWS)
        asked = f"{BIG_TABLE}.1.2.{row}"
        try:
            (varbind,) = await manager.get(asked, timeout=20)
        except SnmpError:
            return False
        self.wrong += str(varbind.oid) != asked or varbind.value != OctetString(f"GigE0/{row}")
        return True


async def _over(transport: str, points: int) -> tuple[list[Figure], int]:
    """Cancel over one transport; return the figures and how many warnings there were."""
    agent = tsm_agent() if transport == "TLS" else Agent(small_mib(), write_community="public")
    make = (
        (lambda: tsm_manager(agent, timeout=20))
        if transport == "TLS"
        else (lambda: Manager(agent.host, agent.port, credentials=Community("public"), timeout=20))
    )
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(agent)
        await asyncio.sleep(0)
        tasks, files = len(asyncio.all_tasks()), descriptors()
        with warnings.catch_warnings(record=True) as warned:
            warnings.simplefilter("always", ResourceWarning)
            cancelled = [_Cancelled(make, random.Random(seed)) for seed in range(SIDE_BY_SIDE)]
            await asyncio.gather(*(each.cancel_often(points // SIDE_BY_SIDE) for each in cancelled))
            await _until(lambda: descriptors() <= files)
            gc.collect()
        left = len(asyncio.all_tasks()) - tasks, descriptors() - files
    return [
        Figure(f"{transport}: calls cancelled", sum(each.points for each in cancelled)),
        Figure(f"{transport}: next requests without an answer", sum(each.unusable for each in cancelled), most=0),
        Figure(f"{transport}: wrong answers", sum(each.wrong for each in cancelled), most=0),
        Figure(f"{transport}: requests left behind", sum(each.pending for each in cancelled), most=0),
        Figure(f"{transport}: tasks left", left[0], most=0),
        Figure(f"{transport}: descriptors left", left[1], most=0),
    ], sum(issubclass(each.category, ResourceWarning) for each in warned)


async def _until(condition: Callable[[], bool]) -> None:
    """Give the loop a second to close what is closing."""
    for _ in range(100):
        if condition():
            return
        await asyncio.sleep(0.01)


async def cancelled_anywhere(scale: Scale) -> Outcome:
    """R13: gets, sets, walks, tables, connecting and closing are cancelled at random moments, among other requests."""
    points = scale.count(1000, least=50)
    complaints: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context["message"]))
    tcp, tcp_warnings = await _over("TCP", points)
    tls, tls_warnings = await _over("TLS", points)
    return Outcome(
        (
            *tcp,
            *tls,
            Figure("warnings about resources", tcp_warnings + tls_warnings, most=0),
            Figure("complaints of the loop", len(complaints), most=0),
        ),
        notes=tuple(sorted(set(complaints))[:3]),
    )


ROWS = (
    Row(
        "R13",
        "calls are cancelled at 1,000 random moments, over TCP and over TLS",
        "the connection serves the next request or is replaced; no task is left, no answer goes to another request",
        cancelled_anywhere,
        limit=300,
    ),
)
