"""Shards on workers that come, go, fall silent and fail: who polls, since when, and for how long two do."""

from __future__ import annotations

import asyncio
import logging
import math
import time
from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from snmptcp.fleet import Get
from snmptcp.fleet.dask.placing import ranking, shard_of
from snmptcp.fleet.polling.schedule import phase_of
from snmptcp.testing import Agent
from tests.fleet.dask.cluster import LEASE, FakeCluster, Sinks, coordinator_of, settings_of
from tests.fleet.making import target_of
from tests.support.clock import settle, skip
from tests.support.mibs import SYS_NAME, small_mib

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from snmptcp.fleet import Poll, Target
    from snmptcp.fleet.dask.coordinator import Coordinator

pytestmark = pytest.mark.anyio

INTERVAL = 10.0
SHARDS = 4

#: How close to a point a poll belongs to it, as a part of the interval: a busy machine stands still between two clocks.
TOLERANCE = 0.05
TARGETS = 30


class Fixture:
    def __init__(self, cluster: FakeCluster, sinks: Sinks, coordinator: Coordinator, targets: list[Target]) -> None:
        self.cluster = cluster
        self.sinks = sinks
        self.coordinator = coordinator
        self.targets = targets
        self.running = asyncio.ensure_future(coordinator.run())

    async def until(self, condition: Callable[[], object], *, seconds: float = 600.0) -> float:
        """Move the time on until a condition holds, and return how many seconds that were."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while not condition():
            assert loop.time() - began < seconds, self.coordinator.health()
            await self.wait(0.1)
        return loop.time() - began

    async def wait(self, seconds: float) -> None:
        for _ in range(round(seconds / 0.1)):
            skip(0.1)
            await settle(20)

    async def placed(self) -> float:
        return await self.until(self.coordinator._placed.is_set)

    def by_target(self) -> dict[str, list[Poll]]:
        polls: dict[str, list[Poll]] = defaultdict(list)
        for _, poll in self.sinks.polls:
            polls[poll.target.name].append(poll)
        return polls

    def longest_gap(self) -> float:
        """Return for how long a target was not polled at most, once it has come to the grid."""
        return max(
            after.started_at - before.started_at
            for polls in self.by_target().values()
            for before, after in pairwise(polls[1:])
        )

    def doubles(self) -> int:
        """Return how many points were polled twice."""
        points = Counter(
            (name, math.floor(poll.due_at / INTERVAL - phase_of(f"{name}\0name") + TOLERANCE))
            for name, polls in self.by_target().items()
            for poll in polls
        )
        return sum(count - 1 for count in points.values())


@pytest.fixture
async def made(monkeypatch: pytest.MonkeyPatch, anyio_backend: object) -> AsyncIterator[Fixture]:
    loop = asyncio.get_running_loop()
    monkeypatch.setattr(time, "time", lambda: 1.7e9 + loop.time())  # both clocks are moved on
    cluster, sinks = FakeCluster(), Sinks()
    async with Agent(small_mib()) as agent:
        targets = [target_of(agent, name=f"t{number}") for number in range(TARGETS)]
        settings = settings_of(sinks, [Get(SYS_NAME, interval=INTERVAL, name="name")], SHARDS)
        made = Fixture(cluster, sinks, await coordinator_of(cluster, settings, targets), targets)
        yield made
        made.running.cancel()
        await asyncio.wait([made.running])
        await made.coordinator.aclose(0.0)
        await cluster.aclose()


def preferred(*workers: str) -> dict[int, str]:
    used = {shard_of(f"t{number}", SHARDS) for number in range(TARGETS)}
    assert used == set(range(SHARDS))
    return {shard: ranking(shard, workers)[0] for shard in range(SHARDS)}


async def test_shards_are_polled_by_the_workers_that_they_prefer(made: Fixture) -> None:
    made.cluster.add("a")
    made.cluster.add("b")
    await made.placed()
    assert made.coordinator.placement == preferred("a", "b")
    await made.wait(3 * INTERVAL)
    health = made.coordinator.health()
    assert (health.targets, health.shards, health.polling) == (TARGETS, SHARDS, SHARDS)
    assert [worker.name for worker in health.workers] == ["a", "b"]
    assert health.polls >= 2 * TARGETS
    assert (health.moves, health.losses, health.made_up, health.errors) == (0, 0, 0, {})
    assert {worker for worker, _ in made.sinks.polls} == {"a", "b"}


async def test_without_workers_a_fleet_waits_for_the_first(made: Fixture) -> None:
    await made.wait(INTERVAL)
    assert made.coordinator.placement == {}
    made.cluster.add("a")
    assert await made.placed() < LEASE / 4


async def test_a_worker_that_is_added_takes_its_share_and_nothing_is_polled_twice_or_left_out(made: Fixture) -> None:
    made.cluster.add("a")
    await made.placed()
    await made.wait(2 * INTERVAL)
    made.cluster.add("b")
    await made.until(lambda: made.coordinator.placement == preferred("a", "b"))
    await made.wait(3 * INTERVAL)
    await made.coordinator.aclose(LEASE)

    assert 0 < made.coordinator.health().moves < SHARDS
    assert made.coordinator.health().losses == 0
    assert {poll.target.name for worker, poll in made.sinks.polls if worker == "b"} == {
        each.name for each in made.targets if preferred("a", "b")[shard_of(each.name, SHARDS)] == "b"
    }
    assert made.doubles() == 0
    assert made.longest_gap() <= INTERVAL + LEASE / 4


async def test_shards_of_a_killed_worker_go_on_at_once_and_come_back_when_it_returns(made: Fixture) -> None:
    made.cluster.add("a")
    b = made.cluster.add("b")
    await made.placed()
    await made.wait(2 * INTERVAL)
    mine = [shard for shard, worker in preferred("a", "b").items() if worker == "b"]

    await made.cluster.kill(b)
    assert await made.until(lambda: set(made.coordinator.placement.values()) == {"a"}) < LEASE / 4
    assert await made.placed() < LEASE / 4
    assert made.coordinator.health().losses == len(mine)
    await made.wait(2 * INTERVAL)

    made.cluster.add("b")
    assert await made.until(lambda: made.coordinator.placement == preferred("a", "b")) < LEASE / 4
    assert made.coordinator.health().moves == len(mine)
    await made.wait(2 * INTERVAL)
    assert made.longest_gap() <= INTERVAL + LEASE / 4
    assert made.doubles() <= made.coordinator.health().made_up


async def test_a_worker_that_falls_silent_ends_its_shards_before_others_poll_them(made: Fixture) -> None:
    made.cluster.add("a")
    b = made.cluster.add("b")
    await made.placed()
    await made.wait(2 * INTERVAL)

    b.is_cut_off = True  # it polls on; the scheduler has not noticed
    passed = await made.until(lambda: set(made.coordinator.placement.values()) == {"a"})
    assert LEASE * 0.5 <= passed <= LEASE * 1.5
    assert not b.tasks  # all its runs have ended by themselves
    await made.wait(INTERVAL)
    polls = made.sinks.polls
    for shard in [shard for shard, worker in preferred("a", "b").items() if worker == "b"]:
        of_shard = [(worker, poll) for worker, poll in polls if shard_of(poll.target.name, SHARDS) == shard]
        last_of_b = max(poll.started_at for worker, poll in of_shard if worker == "b")
        first_of_a = min(poll.started_at for worker, poll in of_shard if worker == "a")
        assert last_of_b < first_of_a
    assert made.longest_gap() <= INTERVAL + LEASE * 1.5

    b.is_cut_off = False
    await made.until(lambda: made.coordinator.placement == preferred("a", "b"))


async def test_a_worker_that_the_scheduler_gives_up_polls_on_for_a_lease_at_most_and_doubles_are_counted(
    made: Fixture,
) -> None:
    made.cluster.add("a")
    b = made.cluster.add("b")
    await made.placed()
    await made.wait(2 * INTERVAL)

    b.is_cut_off = True
    made.cluster.remove(b)
    given_up_at = time.time()
    assert await made.until(lambda: set(made.coordinator.placement.values()) == {"a"}) < LEASE / 4
    assert await made.until(lambda: not b.tasks) <= LEASE * 1.2
    await made.wait(2 * INTERVAL)
    last_of_b = max(poll.started_at for worker, poll in made.sinks.polls if worker == "b")
    assert made.sinks.polls[-1][1].started_at - last_of_b > INTERVAL
    by_b_after = [poll for worker, poll in made.sinks.polls if worker == "b" and poll.started_at > given_up_at]
    assert 0 < made.doubles() <= len(by_b_after) + made.coordinator.health().made_up
    assert made.longest_gap() <= INTERVAL + LEASE / 4


async def test_a_worker_that_is_retired_hands_its_shards_over(made: Fixture) -> None:
    made.cluster.add("a")
    b = made.cluster.add("b")
    await made.placed()
    await made.wait(2 * INTERVAL)

    made.cluster.remove(b, expected=True)
    await b.aclose()
    assert await made.placed() < LEASE / 4
    assert set(made.coordinator.placement.values()) == {"a"}
    await made.wait(2 * INTERVAL)
    health = made.coordinator.health()
    assert health.losses == 0
    assert [worker.name for worker in health.workers] == ["a"]
    assert made.longest_gap() <= INTERVAL + LEASE / 4


async def test_a_worker_that_is_closing_gets_nothing_new(made: Fixture) -> None:
    made.cluster.add("a")
    made.cluster.add("b").status = "closing_gracefully"
    await made.placed()
    assert set(made.coordinator.placement.values()) == {"a"}


async def test_shards_whose_sinks_do_not_open_on_a_worker_go_to_another_and_the_reason_is_told(
    made: Fixture, caplog: pytest.LogCaptureFixture
) -> None:
    made.sinks.failing.add("b")
    made.cluster.add("b")
    with caplog.at_level(logging.WARNING, "snmptcp"):
        await made.until(lambda: len(made.coordinator.health().errors) == SHARDS)
    assert set(made.coordinator.health().errors.values()) == {"OSError: the disk is full"}
    told = [line for line in caplog.messages if "OSError: the disk is full" in line and "fails on worker" in line]
    assert len(told) == SHARDS
    made.cluster.add("a")
    await made.until(lambda: list(made.coordinator.placement.values()) == ["a"] * SHARDS)
    assert made.coordinator.health().errors == {}


async def test_a_task_that_fails_is_told_and_tried_again(made: Fixture, caplog: pytest.LogCaptureFixture) -> None:
    a = made.cluster.add("a")
    a.refuses = ModuleNotFoundError("No module named 'snmptcp'")
    await made.until(lambda: len(made.coordinator.health().errors) == SHARDS)
    assert set(made.coordinator.health().errors.values()) == {"ModuleNotFoundError: No module named 'snmptcp'"}
    assert "is not polled by worker a: ModuleNotFoundError" in caplog.text
    a.refuses = None
    await made.placed()
    assert made.coordinator.health().errors == {}


async def test_a_worker_that_starts_no_tasks_loses_them_after_a_lease(made: Fixture) -> None:
    made.cluster.add("a").starts_tasks = False
    made.cluster.add("b")
    passed = await made.placed()
    assert LEASE <= passed <= LEASE * 1.5
    assert set(made.coordinator.placement.values()) == {"b"}


async def test_other_targets_reach_the_runs_that_poll(made: Fixture) -> None:
    made.cluster.add("a")
    await made.placed()
    await made.wait(INTERVAL)
    futures = set(made.cluster.futures)
    changes = await made.coordinator._packed_targets.replace(made.targets[1:])
    assert changes.removed == ("t0",)
    made.coordinator.targets_changed()
    await made.wait(1.0)
    before = len(made.by_target()["t0"])
    await made.wait(2 * INTERVAL)
    assert len(made.by_target()["t0"]) == before
    assert len(made.by_target()["t1"]) > before
    assert set(made.cluster.futures) == futures  # no shard began anew


async def test_a_shard_that_has_no_targets_any_more_ends(made: Fixture) -> None:
    made.cluster.add("a")
    await made.placed()
    rest = [each for each in made.targets if shard_of(each.name, SHARDS) != 2]
    await made.coordinator._packed_targets.replace(rest)
    made.coordinator.targets_changed()
    await made.until(lambda: sorted(made.coordinator.placement) == [0, 1, 3])
    assert made.coordinator.health().shards == 3


async def test_at_the_end_all_runs_end_and_their_sinks_have_everything(made: Fixture) -> None:
    made.cluster.add("a")
    made.cluster.add("b")
    await made.placed()
    await made.wait(INTERVAL)
    await made.coordinator.aclose(LEASE)
    assert all(sink.calls[-1] == "close" for _, sink in made.sinks.made)
    assert made.coordinator.health().polls == len(made.sinks.polls)
    assert all(future.released for future in made.cluster.futures.values())
    assert made.cluster.handlers == {}
    await settle(50)
    assert not any(worker.tasks for worker in made.cluster.workers.values())


async def test_if_the_client_is_gone_all_runs_end_when_their_lease_runs_out(made: Fixture) -> None:
    a = made.cluster.add("a")
    await made.placed()
    made.running.cancel()
    made.cluster.subscribe_topic("snmptcp-test", lambda _: None)  # nobody reads reports, so nobody renews
    assert LEASE * 0.5 <= await made.until(lambda: not a.tasks) <= LEASE * 1.2
    assert all(sink.calls[-1] == "close" for _, sink in made.sinks.made)


async def test_if_the_scheduler_is_gone_that_is_told(made: Fixture) -> None:
    made.cluster.error, made.cluster.status = OSError("connection refused"), "closed"
    await made.until(made.running.done)
    with pytest.raises(ConnectionError, match="the scheduler is gone: OSError: connection refused"):
        made.running.result()


async def test_a_scheduler_that_was_started_again_is_another_one(made: Fixture) -> None:
    made.cluster.add("a")
    await made.placed()
    made.cluster.scheduler.id = "Scheduler-2"
    await made.until(made.running.done)
    with pytest.raises(ConnectionError, match="the scheduler is gone: another one has its address"):
        made.running.result()


async def test_a_client_that_was_cut_off_listens_and_submits_again(made: Fixture) -> None:
    a = made.cluster.add("a")
    await made.placed()
    made.cluster.handlers.clear()  # dask forgets the topics of a client that is gone, and its tasks
    for future in made.cluster.futures.values():
        future.end("cancelled")
    await made.until(lambda: made.cluster.handlers)
    await made.until(lambda: made.coordinator.health().polling == SHARDS and len(a.tasks) == SHARDS)
    assert made.coordinator.health().losses == SHARDS


async def test_a_scheduler_that_does_not_answer_once_is_asked_again(
    made: Fixture, caplog: pytest.LogCaptureFixture
) -> None:
    made.cluster.error = OSError("busy")
    await made.wait(LEASE)
    assert "the scheduler cannot be asked for its workers: OSError: busy" in caplog.text
    made.cluster.error = None
    made.cluster.add("a")
    await made.placed()


async def test_reports_of_other_programs_in_the_topic_are_left_alone(made: Fixture) -> None:
    worker = made.cluster.add("a")
    await made.placed()
    made.cluster.publish("snmptcp-test", {"coordinator": "another", "worker": worker.address})
    made.cluster.publish("snmptcp-test", {"worker": worker.address, "greeting": "hello"})
    await made.wait(1.0)
    assert made.coordinator.health().polling == SHARDS
