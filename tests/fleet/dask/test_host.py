"""The runs on one worker: one lease, one report for all of them, names that are made once."""

from __future__ import annotations

import asyncio
import json
import pickle
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp.fleet import Get
from snmptcp.fleet.dask.host import Host
from snmptcp.fleet.dask.messages import Grant, Order
from tests.fleet.dask.cluster import LEASE, Sinks, settings_of, until_later
from tests.fleet.making import target_of
from tests.support.clock import settle, skip, until
from tests.support.mibs import SYS_NAME

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from snmptcp.mib import Mib
    from snmptcp.testing import Agent

pytestmark = pytest.mark.anyio


class Fixture:
    def __init__(self, **settings: Any) -> None:
        self.sinks = Sinks()
        self.reports: list[dict[str, Any]] = []
        made = replace(settings_of(self.sinks, [Get(SYS_NAME, interval=5.0)]), **settings)
        self.host = Host(made, "a", self.reports.append, pickle.loads)
        self.tasks: dict[str, asyncio.Task[None]] = {}

    def start(self, *runs: str) -> None:
        for run in runs:
            self.tasks[run] = asyncio.ensure_future(self.host.run(run, int(run[0])))

    def order(self, *grants: Grant, ends: tuple[str, ...] = ()) -> None:
        self.host.take(Order("c0", self.reports[-1]["sent_at"], grants, ends))

    def states(self) -> dict[str, str]:
        return {run["run"]: run["state"] for run in self.reports[-1]["runs"]} if self.reports else {}


async def pass_time(seconds: float) -> None:
    for _ in range(round(seconds * 4)):
        skip(0.25)
        await settle()


@pytest.fixture
async def made(anyio_backend: object) -> AsyncIterator[Fixture]:
    made = Fixture()
    yield made
    for task in made.tasks.values():
        task.cancel()
    await asyncio.gather(*made.tasks.values(), return_exceptions=True)


def grant(agent: Agent, run: str) -> Grant:
    return Grant(run, 1, pickle.dumps([target_of(agent, name=f"t{run}")]), None)


async def test_all_runs_are_in_one_report(made: Fixture, agent: Agent) -> None:
    made.start("0-1", "1-1")
    await until(lambda: made.states() == {"0-1": "waiting", "1-1": "waiting"})
    made.order(grant(agent, "0-1"))
    await until(lambda: made.states() == {"0-1": "polling", "1-1": "waiting"})
    await pass_time(LEASE / 2)
    report = json.loads(json.dumps(made.reports[-1]))  # numbers and text
    assert (report["coordinator"], report["name"]) == ("c0", "a")
    assert report["health"]["targets"] == 1
    assert [run["shard"] for run in report["runs"]] == [0, 1]
    assert report["runs"][0]["polls"] >= 1


async def test_a_run_that_has_ended_goes_when_the_client_has_read_that(made: Fixture, agent: Agent) -> None:
    made.start("0-1", "1-1")
    await until(made.states)
    made.order(grant(agent, "0-1"))
    await until(lambda: made.states()["0-1"] == "polling")
    made.order(ends=("0-1",))
    await until(lambda: made.states()["0-1"] == "ended")
    assert not made.tasks["0-1"].done()
    made.order()
    await made.tasks["0-1"]
    assert not made.host.is_empty
    await until_later(lambda: made.states() == {"1-1": "waiting"})


async def test_without_orders_all_runs_end_when_the_lease_runs_out(made: Fixture, agent: Agent) -> None:
    made.start("0-1", "1-1")
    await until(made.states)
    made.order(grant(agent, "0-1"))
    await until(lambda: made.states()["0-1"] == "polling")
    await pass_time(LEASE - 2.0)
    assert made.states() == {"0-1": "polling", "1-1": "waiting"}
    await pass_time(3.0)
    await asyncio.gather(*made.tasks.values())
    assert {run["error"] for run in made.reports[-1]["runs"]} == {"the client was not heard for 20 s"}
    assert made.host.is_empty
    assert made.sinks.made[0][1].calls[-1] == "close"


async def test_orders_renew_the_lease_from_when_the_report_was_sent(made: Fixture, agent: Agent) -> None:
    made.start("0-1")
    await until(made.states)
    made.order(grant(agent, "0-1"))
    for _ in range(5):
        await pass_time(LEASE / 2)
        made.order()
    assert made.states() == {"0-1": "polling"}
    old = Order("c0", made.reports[0]["sent_at"])  # of a client that has read nothing since
    for _ in range(5):
        await pass_time(LEASE / 4)
        made.host.take(old)
    await made.tasks["0-1"]


async def test_a_run_that_comes_after_the_lease_has_run_out_has_a_new_one(made: Fixture, agent: Agent) -> None:
    made.start("0-1")
    await until(made.states)
    await pass_time(LEASE + 1.0)
    await made.tasks["0-1"]
    await pass_time(LEASE)
    made.start("0-2")
    await until(lambda: made.states() == {"0-2": "waiting"})
    made.order(grant(agent, "0-2"))
    await until(lambda: made.states() == {"0-2": "polling"})


async def test_orders_for_runs_that_are_not_here_are_left_alone(made: Fixture, agent: Agent) -> None:
    made.start("0-1")
    await until(made.states)
    made.order(grant(agent, "9-9"), ends=("8-8",))
    assert made.states() == {"0-1": "waiting"}


async def test_a_worker_that_closes_reports_the_ends_at_once(made: Fixture, agent: Agent) -> None:
    made.start("0-1")
    await until(made.states)
    made.order(grant(agent, "0-1"))
    await until(lambda: made.states()["0-1"] == "polling")
    made.tasks["0-1"].cancel()
    await asyncio.wait([made.tasks["0-1"]])
    assert made.states() == {"0-1": "ended"}
    assert made.reports[-1]["runs"][0]["covered"] is not None


async def test_names_of_modules_are_made_once_on_a_worker(anyio_backend: object) -> None:
    calls = []

    def make() -> object:  # no run of this test makes a fleet of it
        calls.append(1)
        return object()

    made = Fixture(mib=make)
    made.start("0-1", "1-1", "2-1")
    await until(lambda: len(made.states()) == 3)
    assert len(calls) == 1
    for task in made.tasks.values():
        task.cancel()
    await asyncio.wait(made.tasks.values())
    assert made.host.is_empty


async def test_names_that_cannot_be_made_are_the_failure_of_the_task(anyio_backend: object) -> None:
    def make() -> Mib:
        raise OSError("no such folder")

    made = Fixture(mib=make)
    made.start("0-1")
    with pytest.raises(OSError, match="no such folder"):
        await made.tasks["0-1"]
    assert made.host.is_empty
