"""One run of a shard on a worker: waiting, polling, other targets, its end."""

from __future__ import annotations

import asyncio
import pickle
from typing import TYPE_CHECKING

import pytest

from snmptcp.fleet import Fleet, Get
from snmptcp.fleet.dask.messages import Grant
from snmptcp.fleet.dask.shard_run import ShardRun
from tests.fleet.making import Notebook, target_of
from tests.support.clock import until
from tests.support.mibs import SYS_NAME

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from snmptcp.fleet import Target
    from snmptcp.fleet.source import TargetsFunction
    from snmptcp.testing import Agent

pytestmark = pytest.mark.anyio


class Fixture:
    def __init__(self) -> None:
        self.sink = Notebook()
        self.states: list[str] = []
        self.since: float | None = None
        self.error: Exception | None = None
        self.shard_run = ShardRun("3-1", 3, self._make, pickle.loads, lambda: self.states.append(self.shard_run.state))
        self.polling = asyncio.ensure_future(self.shard_run.poll())

    def _make(self, targets: TargetsFunction, since: float | None) -> Fleet:
        self.since = since
        if self.error is not None:
            raise self.error
        return Fleet(targets, jobs=[Get(SYS_NAME, interval=10.0)], sinks=[self.sink], first_within=0.0, since=since)

    def grant(self, targets: Sequence[Target], revision: int = 1, since: float | None = None) -> None:
        self.shard_run.grant(Grant("3-1", revision, pickle.dumps(targets), since))


@pytest.fixture
async def made(anyio_backend: object) -> AsyncIterator[Fixture]:
    made = Fixture()
    yield made
    made.polling.cancel()
    await asyncio.wait([made.polling])


async def test_it_polls_from_when_it_is_granted_until_it_is_to_end(made: Fixture, agent: Agent) -> None:
    await asyncio.sleep(0)
    assert (made.shard_run.state, made.shard_run.covered, made.shard_run.health()) == ("waiting", None, None)
    made.grant([target_of(agent, name="a")], since=5.0)
    await until(lambda: made.shard_run.state == "polling" and agent.requests)
    assert made.since == 5.0
    assert made.shard_run.covered is not None
    made.shard_run.end()
    await made.polling
    assert made.states == ["starting", "polling", "ending", "ended"]
    assert made.shard_run.error is None
    assert made.sink.calls[-1] == "close"
    health = made.shard_run.health()
    assert health is not None
    assert health.polls == len(made.sink.polls)


async def test_it_may_end_before_it_was_granted(made: Fixture) -> None:
    made.shard_run.end()
    made.shard_run.end("told twice")
    await made.polling
    assert (made.shard_run.state, made.shard_run.error, made.sink.calls) == ("ended", None, [])


async def test_other_targets_are_polled_without_a_new_start(made: Fixture, agent: Agent) -> None:
    made.grant([target_of(agent, name="a")])
    await until(lambda: made.shard_run.state == "polling")
    made.grant([target_of(agent, name="b")], revision=2)
    await until(lambda: made.shard_run.revision == 2)
    made.grant([target_of(agent, name="a")], revision=1)  # an old one
    await until(lambda: any(poll.target.name == "b" for poll in made.sink.polls))
    assert made.shard_run.revision == 2
    assert made.sink.calls.count("open") == 1


async def test_targets_that_cannot_be_taken_leave_those_before_and_the_reason_is_told(
    made: Fixture, agent: Agent
) -> None:
    one = target_of(agent, name="a")
    made.grant([one])
    await until(lambda: made.shard_run.state == "polling")
    made.grant([one, one], revision=2)
    await until(lambda: made.shard_run.error)
    assert made.shard_run.error == "ConfigurationError: two targets are called 'a': give one of them another name="
    assert made.shard_run.state == "polling"
    made.grant([one, target_of(agent, name="b")], revision=3)
    await until(lambda: made.shard_run.revision == 3 and made.shard_run.error is None)


async def test_a_fleet_that_cannot_be_made_ends_it_with_the_reason(made: Fixture, agent: Agent) -> None:
    made.error = OSError("the disk is full")
    made.grant([target_of(agent)])
    await made.polling
    assert (made.shard_run.state, made.shard_run.error) == ("ended", "OSError: the disk is full")


class Stuck(Notebook):
    async def open(self) -> None:
        await super().open()
        await asyncio.Event().wait()


async def test_it_can_end_while_its_sinks_are_still_opening(made: Fixture, agent: Agent) -> None:
    made.sink = Stuck()
    made.grant([target_of(agent)])
    await until(lambda: made.sink.calls)
    made.shard_run.end()
    await made.polling
    assert made.shard_run.state == "ended"


@pytest.mark.parametrize("sink", [Notebook, Stuck])
async def test_cancelling_it_ends_it_cleanly(made: Fixture, agent: Agent, sink: type[Notebook]) -> None:
    made.sink = sink()
    made.grant([target_of(agent)])
    await until(lambda: made.shard_run.state == "polling" or (sink is Stuck and made.sink.calls))
    made.polling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await made.polling
    assert made.shard_run.state == "ended"
    assert made.sink.calls[-1] == "close"
