"""Engines that change: R18 (their clocks and boots; time is injected), R20 (another engine at the same address)."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from snmptcp import Manager, UsmUser
from snmptcp.errors import NotInTimeWindow, RequestTimeout, SnmpError, UnknownEngine
from snmptcp.testing import Agent, OldTime
from tests.scorecard.row import Figure, Outcome, Row, Scale, share
from tests.support.clock import ClockLoop, settle, skip
from tests.support.mibs import SYS_NAME, small_mib
from tests.support.snmpd import Snmpd, SnmpdUser

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

HERE = "127.0.0.1"
DAY = 86_400
LATCHED = 2**31 - 1
USERS = (
    UsmUser("signed", "SHA-256", "authentic!"),
    UsmUser("sealed", "SHA-256", "authentic!", "AES", "privately!"),
)


def _boots(boots: int) -> Callable[[Agent], None]:
    return lambda agent: setattr(agent, "engine_boots", boots)


def _jump(seconds: int) -> Callable[[Agent], None]:
    return lambda agent: agent.jump(seconds)


def _idle(seconds: int) -> Callable[[Agent], None]:
    return lambda _: skip(seconds)


STORIES: dict[str, Callable[[Agent], None]] = {
    "idle for 151 s": _idle(151),
    "idle for an hour": _idle(3600),
    "idle for 25 days": _idle(25 * DAY),
    "151 s forward": _jump(152),
    "an hour forward": _jump(3600),
    "25 days forward": _jump(25 * DAY),
    "an hour back": _jump(-3600),
    "back to 0": _jump(-25 * DAY),
    "a reboot": Agent.reboot,
    "boots + 10": _boots(17),
    "boots reset to 1": _boots(1),
    "boots reset to 0": _boots(0),
    "boots one before the last": _boots(LATCHED - 1),
}


class _Sent:
    """Counts what a manager sends, by its packet trace: each message is one write."""

    def __init__(self) -> None:
        self.messages = 0

    def __call__(self, direction: str, octets: bytes) -> None:
        self.messages += direction == "sent"


async def _cost(manager: Manager, sent: _Sent) -> int:
    """Return how many messages one GET takes."""
    before = sent.messages
    await manager.get(SYS_NAME, timeout=100)
    return sent.messages - before


async def _refusal(manager: Manager, seconds: float) -> SnmpError | None:
    """Let a GET come to its deadline, and return why it failed: the reason that a timeout gives, or the error."""
    asking = asyncio.ensure_future(manager.get(SYS_NAME, timeout=seconds))
    await settle(200)
    await asyncio.sleep(0.05)
    skip(seconds)
    try:
        await asking
    except RequestTimeout as timeout:
        return timeout.reason
    except SnmpError as error:
        return error
    return None


async def _clocks() -> Outcome:
    most = answered = refused = refusals = latched_cost = 0
    for user in USERS:
        for story in STORIES.values():
            sent = _Sent()
            async with (
                Agent(small_mib(), users=[user], engine_boots=7) as agent,
                Manager(HERE, agent.port, credentials=user, packet_trace=sent) as manager,
            ):
                await manager.get(SYS_NAME)
                story(agent)
                most = max(most, await _cost(manager, sent) - 1)
                answered += await _cost(manager, sent) == 1
        for boots, time_back in ((0, 200), (1, 0), (7, 0)):
            async with (
                Agent(small_mib(), users=[user], engine_boots=7) as agent,
                Manager(HERE, agent.port, credentials=user, timeout=100) as manager,
            ):
                agent.jump(1000)
                await manager.get(SYS_NAME)
                agent.inject(OldTime(seconds=time_back, boots=boots), times=None)
                refusals += 1
                refused += isinstance(await _refusal(manager, 100), NotInTimeWindow)
        sent = _Sent()
        async with (
            Agent(small_mib(), users=[user], engine_boots=7) as agent,
            Manager(HERE, agent.port, credentials=user, packet_trace=sent) as manager,
        ):
            await manager.get(SYS_NAME)
            agent.engine_boots = LATCHED
            before = sent.messages
            refusals += 1
            refused += isinstance(await _refusal(manager, 100), NotInTimeWindow)
            latched_cost = max(latched_cost, sent.messages - before)
    stories = len(STORIES) * len(USERS)
    return Outcome(
        (
            Figure("changes of the clock", stories),
            Figure("further exchanges for one, at most", most, most=1),
            share("later requests that need none", answered, stories),
            share("old answers and latched boots refused as NotInTimeWindow", refused, refusals),
            Figure("messages to an engine with latched boots", latched_cost, most=2),
        ),
        notes=("time is injected",),
    )


def clocks(scale: Scale) -> Outcome:
    """R18: an engine whose clock or boots change while a manager knows them, and a manager that was idle."""
    with asyncio.Runner(loop_factory=ClockLoop) as runner:
        return runner.run(_clocks())


# ---------------------------------------------------------------------------------- R20: another engine


async def _replaced_agent(user: UsmUser, *, volatile: bool) -> tuple[int, bool, bool]:
    """Replace an agent's engine.

    Returns:
        How many further messages a GET took; whether it ended as it must; whether a discovery finds the engine.
    """
    sent = _Sent()
    async with (
        Agent(small_mib(), users=[user]) as agent,
        Manager(HERE, agent.port, credentials=user, volatile_engine=volatile, packet_trace=sent) as manager,
    ):
        await manager.get(SYS_NAME)
        agent.replace_engine()
        before = sent.messages
        if volatile:
            right = await _answers(manager)
        else:
            right = isinstance(await _refusal(manager, 100), UnknownEngine)
        cost = sent.messages - before - 1
        found = (await manager.discover(afresh=True)).engine_id == agent.engine_id
    return cost, right, found


async def _answers(manager: Manager) -> bool:
    try:
        await manager.get(SYS_NAME, timeout=20)
    except SnmpError:
        return False
    return True


async def _replaced_snmpd(folder: Path, **options: Any) -> tuple[int, bool]:
    """Replace a real agent by another one at its address; return the further messages, and whether a GET succeeds."""
    user = SnmpdUser("sealed", "SHA-256", "AES")
    agent = Snmpd(folder, users=[user])
    await asyncio.to_thread(agent.start)
    try:
        sent = _Sent()
        async with Manager(
            agent.host, agent.port, credentials=user.credentials(), packet_trace=sent, timeout=20, **options
        ) as manager:
            await manager.get(SYS_NAME)
            await asyncio.to_thread(agent.stop)
            agent.forget()
            await asyncio.to_thread(agent.start)
            before = sent.messages
            answered = await _answers(manager)
            return sent.messages - before - 1, answered
    finally:
        agent.stop()


async def _engines() -> Outcome:
    most, right, found, total = 0, 0, 0, 0
    for user in USERS:
        for volatile in (True, False):
            cost, as_it_must, discovered = await _replaced_agent(user, volatile=volatile)
            most = max(most, cost)
            right += as_it_must
            found += discovered
            total += 1
    figures = [
        Figure("further messages at most", most, most=3),
        share("followed if that is allowed, else refused as UnknownEngine", right, total),
        share("found by a discovery afresh", found, total),
    ]
    missing: tuple[str, ...] = ()
    with tempfile.TemporaryDirectory() as folder:
        try:
            cost, answered = await _replaced_snmpd(Path(folder), volatile_engine=True)
        except pytest.skip.Exception as lacking:
            missing = (str(lacking),)
        else:
            figures += [
                Figure("further messages when snmpd was replaced", cost, most=3),
                share("answered by the new snmpd", int(answered), 1),
            ]
    return Outcome(tuple(figures), missing)


def engines(scale: Scale) -> Outcome:
    """R20: an agent that becomes another engine, and a snmpd that is replaced by another one."""
    with asyncio.Runner(loop_factory=ClockLoop) as runner:
        return runner.run(_engines())


ROWS = (
    Row(
        "R18",
        "clocks: idle for days, set forward and back, reboots, boots reset, boots at their end",
        "at most one further exchange, once; old answers and latched boots are NotInTimeWindow",
        clocks,
    ),
    Row(
        "R20",
        "another engine at the agent's address",
        "followed once where that is allowed, with at most 3 further messages; else UnknownEngine",
        engines,
    ),
)
