"""Fleets of faulty agents: each fault is one target's, every poll ends with its true reason, and nobody else waits."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from snmptcp import OID, Community, Observer, SnmpError
from snmptcp.fleet import BackOff, Fleet, Get, Table, Target, Walk
from snmptcp.testing import (
    Agent,
    Close,
    CloseAfter,
    Cycle,
    Drip,
    Drop,
    Duplicate,
    EmptyVarbinds,
    ExtraVarbind,
    FailWith,
    Fault,
    Garbage,
    Hold,
    Indefinite,
    LyingLength,
    MissingVarbind,
    NonIncreasing,
    Prepend,
    Reset,
    Truncate,
    WrongCommunity,
    WrongNames,
    WrongRequestId,
    WrongVersion,
)
from tests.fleet.making import Notebook, target_of
from tests.support.clock import settle, skip
from tests.support.mibs import BIG_TABLE, SYS_NAME, small_agent_mib

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.fleet import Job, Poll

pytestmark = pytest.mark.anyio

FAULTS: list[Fault] = [
    Close(),
    CloseAfter(),
    Cycle((OID(f"{BIG_TABLE}.1.1.1"), OID(f"{BIG_TABLE}.1.1.2"))),
    Drip(),
    Drop(),
    Duplicate(),
    EmptyVarbinds(),
    ExtraVarbind(),
    FailWith(5, 1),
    FailWith(1, 0),
    Garbage(),
    Hold(),
    Indefinite(),
    LyingLength(2**31),
    MissingVarbind(),
    NonIncreasing(),
    Prepend(b"\x30\x03\x02\x01\x00"),
    Reset(),
    Truncate(5),
    WrongCommunity(),
    WrongNames(),
    WrongRequestId(),
    WrongVersion(),
]

JOBS: list[Job] = [
    Get(SYS_NAME, interval=10.0, name="get"),
    Walk(f"{BIG_TABLE}.1.1", interval=10.0, name="walk"),
    Table(BIG_TABLE, interval=10.0, name="table"),
]


async def run(fleet: Fleet, enough: list[Poll], done: Callable[[], object]) -> None:
    """Let a fleet poll, with its time moved on, until a condition of the polls so far holds."""
    stream = fleet.polls()
    coming = asyncio.ensure_future(anext(stream))
    while not done():
        skip(0.2)
        await settle(20)
        while coming.done():
            enough.append(coming.result())
            coming = asyncio.ensure_future(anext(stream))
            await settle(2)
    coming.cancel()


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
async def test_a_faulty_agent_ends_its_own_polls_alone(fault: Fault) -> None:
    polls: list[Poll] = []
    async with Agent(small_agent_mib()) as faulty, Agent(small_agent_mib()) as good:
        faulty.inject(fault, times=None)
        targets = [target_of(faulty, name="faulty", timeout=1.0, retries=0), target_of(good, name="good")]
        async with Fleet(targets, jobs=JOBS, first_within=1.0, back_off=BackOff(first=1.0, most=2.0)) as fleet:

            def of(name: str) -> list[Poll]:
                return [poll for poll in polls if poll.target.name == name]

            await run(fleet, polls, lambda: len(of("good")) >= 9 and len({poll.job for poll in of("faulty")}) == 3)
            assert all(poll.error is None and poll.skipped == 0 for poll in of("good"))
            assert all(poll.error is None or isinstance(poll.error, SnmpError) for poll in of("faulty"))
            assert {poll.job for poll in of("good")} == {"get", "walk", "table"}
            faulty.clear_faults()
            faulty.drop_connections()
            polls.clear()
            await run(
                fleet,
                polls,
                lambda: {poll.job for poll in of("faulty") if poll.error is None} == {"get", "walk", "table"},
            )


async def test_a_site_that_loses_power_delays_no_other_site() -> None:
    async with Agent(small_agent_mib()) as agent, Agent(small_agent_mib()) as dark:
        dark.inject(Hold(), times=None)
        targets: list[Target] = [target_of(agent, name=f"good {number}") for number in range(10)]
        targets += [target_of(dark, name=f"dark {number}", retries=0) for number in range(40)]
        polls: list[Poll] = []
        async with Fleet(targets, jobs=JOBS[:1], first_within=1.0, max_polls=20, max_connections=60) as fleet:

            def good() -> list[Poll]:
                return [poll for poll in polls if poll.target.name.startswith("good")]

            await run(fleet, polls, lambda: len(good()) >= 40 and fleet.health().backed_off > 0)
            assert all(poll.error is None and poll.skipped == 0 for poll in good())
            assert fleet.health().failing == 40


async def test_the_connections_of_failing_targets_are_closed_and_nothing_of_them_remains() -> None:
    class Counting(Observer):
        open = 0

        def connection_opened(self, trace: object) -> None:
            self.open += 1

        def connection_ended(self, trace: object) -> None:
            if getattr(trace, "opened_at", None) is not None:
                self.open -= 1

    observer = Counting()
    async with Agent(small_agent_mib()) as dark:
        dark.inject(Hold(), times=None)
        targets = [target_of(dark, name=str(number), retries=0, timeout=1.0) for number in range(20)]
        polls: list[Poll] = []
        async with Fleet(targets, jobs=JOBS[:1], first_within=1.0, observer=observer) as fleet:
            await run(fleet, polls, lambda: len(polls) >= 60)
            await settle(20)
            assert fleet.health().connections == fleet.health().running
            assert observer.open <= fleet.health().running
    assert observer.open == 0


async def test_a_sink_that_always_fails_stops_neither_polls_nor_the_other_sink() -> None:
    bad, good = Notebook(), Notebook()
    bad.errors = [OSError("the disk is full")] * 1000
    polls: list[Poll] = []
    async with Agent(small_agent_mib()) as agent:
        targets = [target_of(agent, name=str(number)) for number in range(5)]
        async with Fleet(targets, jobs=JOBS[:1], sinks=[bad, good], first_within=1.0, max_waiting=10) as fleet:
            await run(fleet, polls, lambda: len(polls) >= 50)
            failing, well = fleet.health().sinks
            assert failing.waiting <= 10
            assert failing.dropped >= 40 - failing.waiting
            assert failing.error == "OSError: the disk is full"
            assert (well.dropped, well.error) == (0, None)
    assert len(good.polls) >= 50
    assert bad.polls == []


async def test_targets_that_come_and_go_all_the_time_leave_nothing_behind() -> None:
    polls: list[Poll] = []
    async with Agent(small_agent_mib()) as agent:
        async with Fleet(jobs=JOBS[:1], first_within=0.0) as fleet:
            for number in range(200):
                fleet.add(target_of(agent, name=str(number)))
                if number >= 5:
                    fleet.remove(str(number - 5))
                await settle(number % 7)
            await run(fleet, polls, lambda: len({poll.target.name for poll in polls} & {"195", "199"}) == 2)
            await settle(20)
            assert len(fleet) == 5
            assert fleet.health().connections == 5
            assert len(asyncio.all_tasks()) < 40
        assert len(asyncio.all_tasks()) < 20


async def test_a_name_that_is_no_host_fails_its_own_polls_with_the_reason() -> None:
    names = ["a" * 70 + ".example", "no such host.invalid", "127.0.0.1\0", "ü" * 64, "-"]
    polls: list[Poll] = []
    public = Community("public")
    whole = [Target(host, credentials=public, name=f"odd {n}", retries=0) for n, host in enumerate(names)]
    wanted = {"good", *(each.name for each in whole)}
    async with (
        Agent(small_agent_mib()) as agent,
        Fleet([*whole, target_of(agent, name="good")], jobs=JOBS[:1], first_within=0.5) as fleet,
    ):
        await run(fleet, polls, lambda: {poll.target.name for poll in polls} >= wanted)
    assert all(isinstance(poll.error, SnmpError) for poll in polls if poll.target.name != "good")
