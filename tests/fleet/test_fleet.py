"""Fleets as programs use them: embedded agents, failures, changes while they run, the end."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING

import pytest

from snmptcp import OID, ConfigurationError, Counter32, Observer, TimeTicks, UsmUser
from snmptcp.errors import ArgumentTypeError
from snmptcp.fleet import BackOff, Changes, Fleet, Get, Table, Target, Walk
from snmptcp.testing import Agent, Hold
from tests.fleet.making import Notebook, poll, target, target_of
from tests.support.clock import settle, skip, until
from tests.support.mibs import IF_TABLE, SYS_NAME, small_agent_mib

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from typing import Any

    from snmptcp.fleet import Job, Poll
    from snmptcp.mib import Mib

pytestmark = pytest.mark.anyio

NAME = Get(SYS_NAME, interval=10.0, name="name")


@pytest.fixture
async def agents(anyio_backend: object) -> AsyncIterator[list[Agent]]:
    agents = [Agent(small_agent_mib()) for _ in range(3)]
    for agent in agents:
        await agent.start()
    yield agents
    for agent in agents:
        await agent.aclose()


def targets_of(agents: list[Agent]) -> list[Target]:
    return [target_of(agent, name=f"agent {number}") for number, agent in enumerate(agents)]


async def polls_of(fleet: Fleet, count: int) -> list[Poll]:
    """Return the next polls; the time is moved on until they have come."""
    stream = fleet.polls()
    polls: list[Poll] = []
    while len(polls) < count:
        coming = asyncio.ensure_future(anext(stream))
        while not coming.done():
            skip(0.1)
            await settle()
        polls.append(coming.result())
    return polls


async def test_every_target_is_polled_again_and_again(agents: list[Agent]) -> None:
    async with Fleet(targets_of(agents), jobs=[NAME], first_within=5.0) as fleet:
        polls = await polls_of(fleet, 9)
        assert {poll.target.name for poll in polls} == {"agent 0", "agent 1", "agent 2"}
        assert {str(sample.value) for poll in polls for sample in poll.samples} == {"core"}
        assert [poll.error for poll in polls] == [None] * 9
        assert [agent.statistics.connections for agent in agents] == [1, 1, 1]
        health = fleet.health()
    assert (health.targets, health.failing, health.connections, health.polls >= 9) == (3, 0, 3, True)
    assert len(fleet) == 0


async def test_a_loop_over_a_fleet_has_its_samples_and_ends_when_it_stops(agents: list[Agent]) -> None:
    seen = []
    async with Fleet(targets_of(agents), jobs=[NAME], first_within=0.0) as fleet:
        async for sample in fleet:
            seen.append(sample.target.name)
            if len(seen) == 3:
                fleet.stop()
        await fleet.wait_stopped()
    assert sorted(seen) == ["agent 0", "agent 1", "agent 2"]


async def test_jobs_of_all_kinds_give_samples_with_names(agents: list[Agent], acme_mib: Mib) -> None:
    jobs: list[Job] = [Get("sysName.0"), Walk("ifXTable"), Table("ifTable", "ifDescr", "ifInOctets")]
    async with Fleet(targets_of(agents[:1]), jobs=jobs, mib=acme_mib, first_within=0.0) as fleet:
        polls = {poll.job: poll for poll in await polls_of(fleet, 3)}
    assert [sample.instance for sample in polls["get sysName.0"].samples] == ["sysName.0"]
    assert [sample.instance for sample in polls["walk ifXTable"].samples] == ["ifHCInOctets.1", "ifHighSpeed.1"]
    assert [sample.instance for sample in polls["table ifTable"].samples][:2] == ["ifDescr.1", "ifInOctets.1"]


async def test_the_jobs_of_a_target_stand_in_for_those_of_the_fleet(agents: list[Agent]) -> None:
    own = target_of(agents[0], name="own", jobs=[Get(SYS_NAME, name="its own")])
    async with Fleet([own, target_of(agents[1], name="other")], jobs=[NAME], first_within=0.0) as fleet:
        polls = await polls_of(fleet, 2)
    assert {poll.target.name: poll.job for poll in polls} == {"own": "its own", "other": "name"}


async def test_counters_get_rates_and_a_restart_is_told(agents: list[Agent]) -> None:
    agent = agents[0]
    counter = OID(f"{IF_TABLE}.1.10.1")
    uptime = OID("1.3.6.1.2.1.1.3.0")
    async with Fleet(targets_of([agent]), jobs=[Get(counter, uptime, interval=10.0)], first_within=0.0) as fleet:
        stream = fleet.polls()

        async def next_poll(value: int, ticks: int) -> Poll:
            agent.mib[counter], agent.mib[uptime] = Counter32(value), TimeTicks(ticks)
            asked = len(agent.requests)
            coming = asyncio.ensure_future(anext(stream))
            while not coming.done():
                if len(agent.requests) == asked:  # no time passes while the answer is on its way
                    skip(0.5)
                await settle()
            return coming.result()

        loop = asyncio.get_running_loop()
        assert (await next_poll(1000, 100_000)).samples[0].rate is None
        began = loop.time()
        grown = await next_poll(2000, 101_000)
        elapsed = loop.time() - began  # a busy machine lets the first answer come later
        assert elapsed > 3
        assert grown.samples[0].rate == pytest.approx(1000 / elapsed, rel=0.2)
        restarted = await next_poll(3000, 500)
        assert (restarted.restarted, restarted.samples[0].rate) == (True, None)
        assert grown.up_since is not None
        assert restarted.up_since is not None
        assert grown.up_since == pytest.approx(grown.samples[0].answered_at - 1010.0, abs=0.5)
        assert restarted.up_since == pytest.approx(restarted.samples[0].answered_at - 5.0, abs=0.5)


async def test_a_silent_agent_delays_no_other(agents: list[Agent]) -> None:
    agents[0].inject(Hold(), times=None)
    async with Fleet(targets_of(agents), jobs=[NAME], first_within=0.0, max_polls=1) as fleet:
        polls = await polls_of(fleet, 8)
        silent = [poll for poll in polls if poll.target.name == "agent 0"]
        others = [poll for poll in polls if poll.target.name != "agent 0"]
        assert all(poll.error is None and poll.skipped == 0 for poll in others)
        assert all(type(poll.error).__name__ == "RequestTimeout" for poll in silent)
        assert fleet.states()["agent 0"].failures >= 1
        assert fleet.health().errors == {"RequestTimeout": len(silent)} or fleet.health().failing == 1


async def test_an_agent_that_comes_back_is_polled_again(agents: list[Agent]) -> None:
    await agents[0].aclose()
    async with Fleet(
        targets_of(agents[:1]), jobs=[NAME], first_within=0.0, back_off=BackOff(first=1.0, most=1.0)
    ) as fleet:
        [failed] = await polls_of(fleet, 1)
        assert type(failed.error).__name__ == "ConnectFailed"
        again = Agent(small_agent_mib(), port=agents[0].port)
        await again.start()
        polls = await polls_of(fleet, 2)
        assert polls[-1].error is None
        assert fleet.health().failing == 0
    await again.aclose()


async def test_sinks_are_opened_written_and_closed(agents: list[Agent]) -> None:
    sink = Notebook()
    async with Fleet(targets_of(agents), jobs=[NAME], sinks=[sink], first_within=0.0) as fleet:
        assert sink.calls == ["open"]
        await polls_of(fleet, 3)
    assert sink.calls[-1] == "close"
    assert {each.target.name for each in sink.polls} == {"agent 0", "agent 1", "agent 2"}


async def test_a_fleet_that_cannot_start_closes_what_it_has_opened() -> None:
    sink = Notebook()
    with pytest.raises(ConfigurationError, match="has no jobs"):
        async with Fleet([target()], sinks=[sink]):
            pytest.fail("the fleet started")
    assert sink.calls == ["open", "close"]


async def test_targets_are_added_and_removed_while_a_fleet_runs(agents: list[Agent]) -> None:
    async with Fleet(jobs=[NAME], first_within=0.0) as fleet:
        fleet.add(target_of(agents[0], name="a"))
        assert [poll.target.name for poll in await polls_of(fleet, 1)] == ["a"]
        fleet.remove("a")
        fleet.add(target_of(agents[1], name="b"))
        assert {poll.target.name for poll in await polls_of(fleet, 2)} == {"b"}
        assert list(fleet.targets) == ["b"]
        with pytest.raises(ConfigurationError, match="there is no target 'a'"):
            fleet.remove("a")


async def test_targets_are_read_again_on_request(agents: list[Agent]) -> None:
    wanted = targets_of(agents[:2])
    async with Fleet(lambda: wanted, jobs=[NAME], first_within=0.0) as fleet:
        await polls_of(fleet, 2)
        wanted = targets_of(agents)[1:]
        assert await fleet.reload() == Changes(added=("agent 2",), removed=("agent 0",), changed=())
        await polls_of(fleet, 3)
        assert agents[1].statistics.connections == 1


async def test_of_two_reloads_at_once_the_second_reads_again(agents: list[Agent]) -> None:
    async def fetch() -> list[Target]:
        wanted = targets_of(agents)[: next(counts)]
        await settle()
        return wanted

    counts = iter([0, 1, 3])
    async with Fleet(fetch, jobs=[NAME], first_within=0.0) as fleet:
        first, second = await asyncio.gather(fleet.reload(), fleet.reload())
        assert (first.added, second.added) == (("agent 0",), ("agent 1", "agent 2"))
        assert len(fleet) == 3


async def test_a_reload_that_goes_on_when_the_fleet_ends_polls_nothing(agents: list[Agent]) -> None:
    async def fetch() -> list[Target]:
        await may_read.wait()
        return targets_of(agents)

    may_read = asyncio.Event()
    may_read.set()
    async with Fleet(fetch, jobs=[NAME], first_within=0.0) as fleet:
        for agent in targets_of(agents):
            fleet.remove(agent.name)
        may_read.clear()
        reloading = asyncio.ensure_future(fleet.reload())
        await settle()
    may_read.set()
    assert await reloading == Changes((), (), ())
    assert len(fleet) == 0
    with pytest.raises(ConfigurationError, match="the fleet has been stopped"):
        await fleet.reload()


async def test_if_the_targets_cannot_be_read_again_nothing_changes(agents: list[Agent]) -> None:
    async def fetch() -> list[Target]:
        if fetched:
            raise OSError("the file has gone")
        fetched.append(1)
        return targets_of(agents)

    fetched: list[int] = []
    async with Fleet(fetch, jobs=[NAME]) as fleet:
        with pytest.raises(OSError, match="the file has gone"):
            await fleet.reload()
        assert len(fleet) == 3


async def test_a_list_of_targets_cannot_be_read_again(agents: list[Agent]) -> None:
    async with Fleet(targets_of(agents), jobs=[NAME]) as fleet:
        with pytest.raises(ConfigurationError, match="give the fleet a function that returns them"):
            await fleet.reload()


async def test_targets_of_an_iterator_are_polled_from_when_they_come(
    agents: list[Agent], caplog: pytest.LogCaptureFixture
) -> None:
    found: asyncio.Queue[Target | None] = asyncio.Queue()

    async def discover() -> AsyncIterator[Target]:
        while (each := await found.get()) is not None:
            yield each
        raise OSError("the scan was ended")

    async with Fleet(discover(), jobs=[NAME], first_within=0.0) as fleet:
        found.put_nowait(target_of(agents[0], name="a"))
        assert [poll.target.name for poll in await polls_of(fleet, 1)] == ["a"]
        found.put_nowait(target_of(agents[0], name="a"))  # again
        found.put_nowait(target_of(agents[0], name="b", jobs=[Get("noSuchName.0")]))  # impossible
        found.put_nowait(target_of(agents[1], name="a"))  # moved
        await until(lambda: fleet.targets.get("a") == target_of(agents[1], name="a"))
        assert fleet.health().source_error is not None
        assert "a target is not polled: " in caplog.text
        with caplog.at_level(logging.ERROR):
            found.put_nowait(None)
            await until(lambda: fleet.health().source_error == "OSError: the scan was ended")
        assert list(fleet.targets) == ["a"]
    assert "the iterator of targets has failed" in caplog.text


async def test_with_a_bound_connections_are_closed_for_others(agents: list[Agent]) -> None:
    async with Fleet(targets_of(agents), jobs=[NAME], first_within=0.0, max_connections=1) as fleet:
        polls = await polls_of(fleet, 9)
        assert [poll.error for poll in polls] == [None] * 9
        assert fleet.health().connections == 1
    assert sum(agent.statistics.connections for agent in agents) >= 7


async def test_engines_are_remembered_when_connections_are_closed(agents: list[Agent]) -> None:
    user = UsmUser("ops", auth_password="a password of some length")
    v3 = [Agent(small_agent_mib(), users=[user]) for _ in range(2)]
    for agent in v3:
        await agent.start()
    targets = [target_of(agent, name=str(number), credentials=user) for number, agent in enumerate(v3)]
    async with Fleet(targets, jobs=[NAME], first_within=0.0, max_connections=1) as fleet:
        polls = await polls_of(fleet, 6)
        assert [poll.error for poll in polls] == [None] * 6
    assert [agent.statistics.unknown_engine_ids for agent in v3] == [1, 1]
    for agent in v3:
        await agent.aclose()


async def test_an_observer_is_told_of_all_targets(agents: list[Agent]) -> None:
    class Watching(Observer):
        def __init__(self) -> None:
            self.peers: set[str] = set()

        def request_ended(self, trace: Any) -> None:
            self.peers.add(trace.peer)

    observer = Watching()
    async with Fleet(targets_of(agents), jobs=[NAME], first_within=0.0, observer=observer) as fleet:
        await polls_of(fleet, 3)
    assert observer.peers == {f"{agent.host}:{agent.port}" for agent in agents}


async def test_a_fleet_that_is_cancelled_at_any_time_leaves_nothing_behind(agents: list[Agent]) -> None:
    async def use(sink: Notebook) -> None:
        async with Fleet(fetch, jobs=[NAME], sinks=[sink], first_within=0.0, max_connections=2) as fleet:
            stream = aiter(fleet)
            await anext(stream)
            await fleet.reload()
            fleet.remove("agent 0")
            await anext(stream)

    async def fetch() -> list[Target]:
        await asyncio.sleep(0)
        return targets_of(agents)

    before = asyncio.all_tasks()
    turns, done = 0, False
    while not done:
        sink = Notebook()
        using = asyncio.ensure_future(use(sink))
        await settle(turns)
        done = using.done()
        using.cancel()
        await asyncio.wait([using])
        assert sink.calls[:1] + sink.calls[-1:] in ([], ["open", "close"]), turns
        assert asyncio.all_tasks() == before, turns
        turns += 1
    assert turns > 20


async def test_the_lag_of_the_event_loop_is_told(agents: list[Agent]) -> None:
    async with Fleet(targets_of(agents), jobs=[NAME]) as fleet:
        await settle()
        skip(20.0)
        await until(lambda: fleet.health().lag)
        assert 19.0 <= fleet.health().lag < 30.0


async def test_what_a_slow_loop_does_not_take_is_dropped_and_counted() -> None:
    async with Fleet(max_waiting=2) as fleet:
        stream = fleet.polls()
        for number in range(5):
            fleet._distribution.deliver(poll(number))
        assert fleet.health().unread == 3
        assert (await anext(stream)).samples[0].value == 3


async def test_leaving_the_block_by_an_exception_ends_everything(agents: list[Agent]) -> None:
    sink = Notebook()
    with pytest.raises(ZeroDivisionError):
        async with Fleet(targets_of(agents), jobs=[NAME], sinks=[sink], first_within=0.0) as fleet:
            await polls_of(fleet, 3)
            raise ZeroDivisionError
    assert sink.calls[-1] == "close"
    assert [agent.statistics.connections for agent in agents] == [1, 1, 1]
    assert len(asyncio.all_tasks()) <= 2


async def test_a_program_that_is_cancelled_inside_of_the_block_ends_the_fleet(agents: list[Agent]) -> None:
    sink = Notebook()

    async def program() -> None:
        async with Fleet(targets_of(agents), jobs=[NAME], sinks=[sink], first_within=0.0) as fleet:
            await fleet.wait_stopped()

    running = asyncio.ensure_future(program())
    await until(lambda: all(agent.requests for agent in agents))
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert sink.calls[-1] == "close"


async def test_a_fleet_takes_targets_over_from_another_one(
    agents: list[Agent], monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(time, "time", lambda: 1.7e9 + loop.time())  # both clocks are moved on
    targets = targets_of(agents)
    async with Fleet(targets, jobs=[NAME], first_within=1.0) as first:
        polls = await polls_of(first, 6)
        covered = first.covered_until()
    assert covered >= max(poll.due_at for poll in polls)

    async with Fleet(targets, jobs=[NAME], first_within=1.0, since=covered) as second:
        assert second.health().made_up == 0
        following = await polls_of(second, 3)

    for one in following:
        last = max(poll.due_at for poll in polls if poll.target.name == one.target.name)
        assert one.due_at - last == pytest.approx(10.0, abs=0.01)
    async with Fleet(targets, jobs=[NAME], first_within=1.0, since=covered - 11.0) as third:
        assert third.health().made_up == 3


async def test_a_fleet_is_used_once_and_inside_of_its_block(agents: list[Agent]) -> None:
    fleet = Fleet(targets_of(agents), jobs=[NAME])
    with pytest.raises(ConfigurationError, match="use it inside of its async with"):
        fleet.add(target())
    async with fleet:
        pass
    with pytest.raises(ConfigurationError, match="the fleet has been stopped"):
        fleet.add(target())
    with pytest.raises(ConfigurationError, match="this fleet has been used before: make another one"):
        async with fleet:
            pytest.fail("the fleet started again")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"max_polls": 0}, "max_polls is a number from 1 on, not 0"),
        ({"max_connections": 0}, "max_connections is a number from 1 on, not 0"),
        ({"max_waiting": -1}, "max_waiting is a number from 1 on, not -1"),
        ({"max_engines": 0}, "max_engines is a number from 1 on, not 0"),
        ({"first_within": -1.0}, "first_within is a number of seconds from 0 on, not -1.0"),
        ({"since": float("nan")}, "since is a number of seconds from 0 on, not nan"),
        ({"grace": float("inf")}, "grace is a number of seconds from 0 on, not inf"),
        ({"jobs": [NAME, NAME]}, "two jobs of one target are called 'name': give one of them another name="),
        ({"sinks": [Notebook()] * 2}, "a sink is given twice: each needs an object of its own"),
    ],
)
def test_a_value_out_of_range_is_refused(arguments: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        Fleet(**arguments)
    assert str(caught.value) == text


@pytest.mark.parametrize("name", ["targets", "jobs", "sinks", "mib", "max_polls", "back_off", "observer", "grace"])
def test_an_argument_of_a_wrong_type_is_refused_by_name(name: str) -> None:
    with pytest.raises(ArgumentTypeError, match=f"^{name} must be "):
        Fleet(**{name: object()})  # type: ignore[arg-type]


async def test_what_is_no_target_is_refused(agents: list[Agent]) -> None:
    with pytest.raises(ArgumentTypeError, match="^targets must be several of Target, not str"):
        async with Fleet(["192.0.2.1"], jobs=[NAME]):  # type: ignore[list-item]
            pytest.fail("the fleet started")
