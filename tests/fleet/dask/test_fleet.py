"""Distributed fleets as programs use them: a cluster of processes, one of which is killed; and wrong arguments."""

from __future__ import annotations

import asyncio
import functools
import math
import os
import signal
import ssl
import threading
import time
from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

import dask.config
import pytest
from distributed import Client, LocalCluster, Scheduler, Security

from snmptcp import OID, Community, ConfigurationError, Tsm
from snmptcp.errors import ArgumentTypeError
from snmptcp.fleet import Get, Target
from snmptcp.fleet.dask import DistributedFleet, Place
from snmptcp.fleet.polling.schedule import phase_of
from snmptcp.testing import Agent
from snmptcp.values import Integer32
from tests.fleet.dask.points import points_in, sinks_in
from tests.fleet.making import NAME, target

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path
    from typing import Any

    from snmptcp.fleet.sinks import Sink

pytestmark = pytest.mark.anyio

BASE = OID("1.3.6.1.4.1.99999.1")
INTERVAL = 1.0
LEASE = 8.0

#: How close to a point a poll belongs to it, as a part of the interval: a busy machine stands still between two clocks.
TOLERANCE = 0.2
TARGETS = 24
SCHEDULER = "tcp://127.0.0.1:1"


def no_sinks(place: Place) -> list[Sink]:
    return []


# ------------------------------------------------------------------------------------- a real cluster


class Polled:
    """An agent with a variable for each target, which notes when it was asked."""

    def __init__(self) -> None:
        self.times: dict[int, list[float]] = defaultdict(list)
        self.agent = Agent({(*BASE, number, 0): self._answer(number) for number in range(TARGETS)})

    def _answer(self, number: int) -> Callable[[], Integer32]:
        def answer() -> Integer32:
            self.times[number].append(time.monotonic())
            return Integer32(number)

        return answer

    def targets(self) -> list[Target]:
        agent = self.agent
        return [
            Target(
                agent.host,
                agent.port,
                credentials=Community("public"),
                name=f"t{number}",
                jobs=[Get((*BASE, number, 0), interval=INTERVAL, name="name", rates=False)],
            )
            for number in range(TARGETS)
        ]

    async def wait_for_more(self, polls: int) -> None:
        """Wait until each target was polled this many times more."""
        wanted = {number: len(self.times[number]) + polls for number in range(TARGETS)}
        await eventually(lambda: all(len(self.times[number]) >= count for number, count in wanted.items()))

    def longest_gap(self) -> float:
        return max(after - before for times in self.times.values() for before, after in pairwise(times))


async def eventually(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(40):
        while not condition():
            await asyncio.sleep(0.02)


@pytest.fixture
async def cluster(tmp_path: Path, anyio_backend: object) -> AsyncIterator[LocalCluster]:
    async with LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        asynchronous=True,
        host="127.0.0.1",
        protocol="tls://",
        security=Security.temporary(),
        dashboard_address="127.0.0.1:0",
        local_directory=str(tmp_path / "dask"),
        silence_logs=50,
    ) as cluster:
        yield cluster


async def test_of_a_worker_that_is_killed_nothing_is_lost_and_it_gets_its_shards_back(
    cluster: LocalCluster, tmp_path: Path
) -> None:
    folder = tmp_path / "points"
    folder.mkdir()
    polled = Polled()
    async with polled.agent:
        fleet = DistributedFleet(
            cluster,
            polled.targets(),
            sinks=functools.partial(sinks_in, str(folder)),
            shards=8,
            lease=LEASE,
            first_within=0.5,
            name="killed",
        )
        async with fleet, Client(cluster, asynchronous=True, set_as_default=False) as other:
            told: list[Any] = []
            other.subscribe_topic(fleet.topic, lambda event: told.append(event[1]))
            await fleet.wait_placed()
            before = dict(fleet.placement)
            assert set(before.values()) == {"0", "1"}
            await polled.wait_for_more(2)

            os.kill(cluster.workers[1].pid, signal.SIGKILL)

            await eventually(lambda: set(fleet.placement.values()) == {"0"} and len(fleet.placement) == 8)
            await polled.wait_for_more(1)
            await eventually(lambda: fleet.placement == before)  # dask has started the worker again
            await polled.wait_for_more(2)
            other.unsubscribe_topic(fleet.topic)
        health = fleet.health()

    # One interval, and the lease's tick; a second more, since other programs use the machine, too.
    assert polled.longest_gap() < INTERVAL + LEASE / 4 + 1.0
    lost = sum(worker == "1" for worker in before.values())
    assert health.losses == lost
    assert health.moves >= lost
    assert (health.targets, health.errors) == (TARGETS, {})

    points = Counter(
        (name, math.floor(due_at / INTERVAL - phase_of(f"{name}\0name") + TOLERANCE))
        for name, due_at in points_in(folder)
    )
    doubles = sum(count - 1 for count in points.values())
    assert doubles <= health.made_up <= 2 * TARGETS
    # What was polled and not noted: by the killed worker since its last write, and at the end.
    requests = sum(map(len, polled.times.values()))
    assert requests - 2 * TARGETS <= len(points_in(folder)) <= health.polls + 2 * TARGETS
    assert all(path.read_text().endswith("closed\n") for path in folder.iterdir() if path.name.startswith("0-"))

    report = told[-1]
    assert {"worker", "name", "at", "health", "runs"} <= set(report)
    assert {run["shard"] for one in told for run in one["runs"]} == set(range(8))


# ------------------------------------------------------------------------------- without workers


@pytest.fixture
async def scheduler(anyio_backend: object) -> AsyncIterator[Scheduler]:
    with dask.config.set({"distributed.comm.timeouts.connect": "0.3s"}):
        async with Scheduler(host="127.0.0.1", port=0, dashboard_address="127.0.0.1:0") as scheduler:
            yield scheduler


async def test_a_fleet_without_workers_waits_takes_other_targets_and_can_be_stopped(scheduler: Scheduler) -> None:
    targets = [target("a")]
    fleet = DistributedFleet(scheduler.address, lambda: targets, jobs=[Get(NAME)], sinks=no_sinks, shards=2, lease=1.0)
    async with fleet:
        placed = asyncio.ensure_future(fleet.wait_placed())
        targets = [target("b"), target("c")]
        assert await fleet.reload() == (("b", "c"), ("a",), ())
        targets = [target("b"), target("b")]
        with pytest.raises(ConfigurationError, match="two targets are called 'b'"):
            await fleet.reload()
        assert (len(fleet), fleet.health().targets, fleet.health().workers, fleet.placement) == (2, 2, (), {})
        assert not placed.done()
        fleet.stop()
        await placed
    with pytest.raises(ConfigurationError, match="this fleet has been used before: make another one"):
        async with fleet:
            pytest.fail("the fleet has started again")


async def test_targets_of_an_async_iterator_are_read_to_its_end_and_cannot_be_read_again(
    scheduler: Scheduler,
) -> None:
    async def targets() -> AsyncIterator[Target]:
        yield target("a")
        yield target("b")

    async with DistributedFleet(scheduler.address, targets(), jobs=[Get(NAME)], sinks=no_sinks) as fleet:
        assert len(fleet) == 2
        with pytest.raises(ConfigurationError, match="give the fleet a function that returns them"):
            await fleet.reload()


async def test_if_the_scheduler_is_gone_whoever_waits_is_told(
    scheduler: Scheduler, caplog: pytest.LogCaptureFixture
) -> None:
    fleet = DistributedFleet(scheduler.address, [target("a")], jobs=[Get(NAME)], sinks=no_sinks, lease=1.0)
    async with fleet:
        await scheduler.close()
        with pytest.raises(ConnectionError, match="^the scheduler is gone: "):
            await fleet.wait_placed()
        with pytest.raises(ConnectionError, match="^the scheduler is gone: "):
            await fleet.wait_stopped()
    assert f"fleet {fleet.name} is not led any more: the scheduler is gone" in caplog.text


async def test_a_scheduler_that_is_not_there_is_an_error() -> None:
    with dask.config.set({"distributed.comm.timeouts.connect": "0.2s"}), pytest.raises(OSError, match="127.0.0.1:1"):
        async with DistributedFleet(SCHEDULER, [target("a")], jobs=[Get(NAME)], sinks=no_sinks):
            pytest.fail("the fleet has started")


# ------------------------------------------------------------------------------- without a cluster


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"shards": 0}, "shards is a number from 1 to 65536, not 0"),
        ({"lease": 0.5}, "lease is a number of seconds from 1 on, not 0.5"),
        ({"lease": float("nan")}, "lease is a number of seconds from 1 on, not nan"),
        ({"name": "a b"}, "name has letters, digits and . - _ only, not 'a b'"),
        ({"max_polls": 0}, "max_polls is a number from 1 on, not 0"),
        ({"grace": -1.0}, "grace is a number of seconds from 0 on, not -1.0"),
        ({"first_within": -1.0}, "first_within is a number of seconds from 0 on, not -1.0"),
        ({"scheduler": "scheduler:8786"}, "scheduler is an address such as tcp://host:8786, not 'scheduler:8786'"),
    ],
)
def test_a_value_out_of_range_is_refused(arguments: dict[str, Any], text: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        DistributedFleet(**{"scheduler": SCHEDULER, "targets": [], "sinks": no_sinks, **arguments})
    assert str(caught.value) == text


@pytest.mark.parametrize(
    "name", ["scheduler", "targets", "sinks", "jobs", "mib", "name", "shards", "lease", "first_within", "back_off"]
)
def test_an_argument_of_a_wrong_type_is_refused_by_name(name: str) -> None:
    arguments: dict[str, Any] = {"scheduler": SCHEDULER, "targets": [], "sinks": no_sinks, name: object()}
    with pytest.raises(ArgumentTypeError, match=f"^{name} must be "):
        DistributedFleet(**arguments)


def test_sinks_are_made_by_a_function_that_can_be_sent() -> None:
    with pytest.raises(ArgumentTypeError, match="^sinks must be a function that is given a Place and returns"):
        DistributedFleet(SCHEDULER, [], sinks=[])  # type: ignore[arg-type]
    lock = threading.Lock()
    with pytest.raises(ConfigurationError, match="^sinks cannot be sent to workers: TypeError: .*; give a f"):
        DistributedFleet(SCHEDULER, [], sinks=lambda place: [lock])  # type: ignore[list-item]
    DistributedFleet(SCHEDULER, [], sinks=lambda place: [])  # functions of the main module, and without a name


@pytest.mark.parametrize(
    ("targets", "error", "text"),
    [
        ([target("a")], ConfigurationError, "the target a has no jobs: give jobs= to it or to the fleet"),
        (["192.0.2.1"], ArgumentTypeError, "targets must be several of Target, not str"),
        ([target("a", jobs=[Get("sysName.0")])], ConfigurationError, "sysName.0"),
        ([target("a", jobs=[Get(NAME)])] * 2, ConfigurationError, "two targets are called 'a'"),
        (
            [Target("192.0.2.1", credentials=Tsm(), tls=ssl.create_default_context(), name="a", jobs=[Get(NAME)])],
            ConfigurationError,
            "give a TlsOptions",
        ),
    ],
)
async def test_impossible_targets_are_refused_before_anything_starts(
    targets: list[Target], error: type[Exception], text: str
) -> None:
    with pytest.raises(error, match=text):
        async with DistributedFleet(SCHEDULER, targets, sinks=no_sinks):
            pytest.fail("the fleet has started")


async def test_outside_of_its_block_a_fleet_has_neither_health_nor_placement() -> None:
    fleet = DistributedFleet(SCHEDULER, [target("a", jobs=[Get(NAME)])], sinks=no_sinks, name="mine")
    assert (fleet.name, fleet.topic, len(fleet)) == ("mine", "snmptcp-mine", 0)
    for use in (fleet.health, lambda: fleet.placement):
        with pytest.raises(ConfigurationError, match="the fleet does not run: use it inside of its async with"):
            use()
    with pytest.raises(ConfigurationError, match="the fleet does not run: use it inside of its async with"):
        await fleet.reload()
