"""What one bad peer takes from the others: R8."""

from __future__ import annotations

import asyncio
import statistics
import time
from contextlib import suppress
from typing import TYPE_CHECKING

from snmptcp import Community, Manager
from snmptcp.errors import SnmpError
from tests.scorecard.gauges import percentile
from tests.scorecard.peers import peer
from tests.scorecard.peers.agents import UPTIME
from tests.scorecard.peers.hostile_agent import WAYS
from tests.scorecard.row import Figure, Outcome, Row, Scale
from tests.scorecard.turns import Turns, run_watched

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = "127.0.0.1"
PUBLIC = Community("public")

#: How many good agents there are, and the seconds between two requests to each.
GOOD = 100
PAUSE = 0.1

#: How often each way is tried: what else the machine does is then spread over all of them.
ROUNDS = 7


class _Tried:
    """What good agents have had of it, alone or beside a bad one.

    Attributes:
        took: the seconds of each request of this window of time.
        worked: the seconds of CPU time that this process took meanwhile, for this request and for everything else.
        count: how many requests were answered in earlier windows.
        errors: how many requests were not answered.
    """

    def __init__(self) -> None:
        self.took: list[float] = []
        self.worked: list[float] = []
        self.errors = self.count = 0
        self._windows: list[float] = []
        self._cpu_windows: list[float] = []

    @property
    def p99(self) -> float:
        """The time within which 99 % of the requests were answered, in milliseconds: the median of all windows.

        What else the machine does now and then is in a few of them.
        """
        return 1000 * statistics.median(self._windows)

    @property
    def cpu_p99(self) -> float:
        """The same of the CPU time of this process."""
        return 1000 * statistics.median(self._cpu_windows)

    def end_window(self) -> None:
        """Take note that a window of time is over."""
        self.count += len(self.took)
        self._windows.append(percentile(self.took, 99))
        self._cpu_windows.append(percentile(self.worked, 99))
        self.took.clear()
        self.worked.clear()

    async def ask(self, manager: Manager) -> None:
        """Ask a good agent once."""
        began, cpu = time.perf_counter(), time.thread_time()
        try:
            await manager.get(UPTIME)
            self.took.append(time.perf_counter() - began)
            self.worked.append(time.thread_time() - cpu)
        except SnmpError:
            self.errors += 1

    async def poll(self, manager: Manager, first: float, until: float) -> None:
        """Ask a good agent again and again, at fixed times, beginning after some seconds."""
        due = time.perf_counter() + first
        while due < until:
            await asyncio.sleep(due - time.perf_counter())
            await self.ask(manager)
            due += PAUSE


async def _pester(port: int) -> None:
    """Ask a bad agent, as often as a good one; what it sends on its own comes as fast as it is read."""
    async with Manager(HERE, port, credentials=PUBLIC, timeout=1, retries=0) as manager:
        while True:
            with suppress(SnmpError):
                await manager.get(UPTIME)
            await asyncio.sleep(PAUSE)


async def _try(tried: _Tried, managers: list[Manager], seconds: float, bad: int | None) -> None:
    """Poll good agents for some seconds, beside a bad one if there is one."""
    pestering = asyncio.create_task(_pester(bad)) if bad is not None else None
    until = time.perf_counter() + seconds
    await asyncio.gather(
        *(tried.poll(manager, PAUSE * number / len(managers), until) for number, manager in enumerate(managers))
    )
    tried.end_window()
    if pestering is not None:
        pestering.cancel()
        await asyncio.wait((pestering,))


async def _measure(turns: Turns, seconds: float) -> Outcome:
    alone = _Tried()
    beside = {how: _Tried() for how in WAYS}
    longest: dict[str, list[float]] = {how: [] for how in WAYS}
    with peer("agents", GOOD) as agents:
        managers = [Manager(HERE, port, credentials=PUBLIC, timeout=2) for port in agents.said]
        try:
            await _try(_Tried(), managers, 3 * PAUSE, None)  # connects
            for _ in range(ROUNDS):
                for how, tried in beside.items():
                    await _try(alone, managers, seconds, None)
                    with peer("hostile_agent", how) as bad:
                        await asyncio.sleep(0.1)  # starting it took a while
                        turns.clear()
                        await _try(tried, managers, seconds, bad.said)
                        longest[how].append(1000 * max(turns.cpu))
        finally:
            for manager in managers:
                await manager.aclose()
    return Outcome(tuple(_figures(alone, beside, longest)))


def _figures(alone: _Tried, beside: dict[str, _Tried], longest: dict[str, list[float]]) -> Iterator[Figure]:
    yield Figure("requests to good agents", sum(tried.count for tried in (alone, *beside.values())))
    yield Figure("errors of good agents", sum(tried.errors for tried in (alone, *beside.values())), most=0)
    yield Figure("p99 alone", alone.p99, "ms")
    yield Figure("of that CPU of this process, p99", alone.cpu_p99, "ms")
    for how, tried in beside.items():
        yield Figure(f"p99 beside {how}", tried.p99, "ms")
        yield Figure(f"p99 beside {how} : alone", tried.p99 / alone.p99, most=2)
        yield Figure("of that CPU of this process, p99", tried.cpu_p99, "ms")
        yield Figure("longest turn of the loop by CPU time", max(longest[how]), "ms")


def bad_beside_good(scale: Scale) -> Outcome:
    """R8: a hundred agents that are asked ten times a second, and one that answers in every wrong way."""
    each = scale.seconds(60 / (2 * len(WAYS) * ROUNDS), least=0.5)
    return run_watched(lambda turns: _measure(turns, each))


ROWS = (
    Row(
        "R8",
        "one bad agent beside 100 good ones, for a minute: garbage, an unframeable stream, floods of late answers, "
        "huge answers, reconnections",
        "no errors for the good ones; their p99 stays below twice that without the bad one",
        bad_beside_good,
    ),
)
