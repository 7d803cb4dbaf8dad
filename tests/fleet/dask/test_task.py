"""The dask task of a shard: the worker's version, its threads, and orders that find their host."""

from __future__ import annotations

import asyncio
import pickle
from typing import TYPE_CHECKING, Any

import distributed
import pytest

import snmptcp
from snmptcp import ConfigurationError
from snmptcp.fleet import Get
from snmptcp.fleet.dask import task
from snmptcp.fleet.dask.messages import OPERATION, Order
from snmptcp.fleet.dask.task import run_shard
from tests.fleet.dask.cluster import SHARED, Sinks, settings_of
from tests.support.clock import until
from tests.support.mibs import SYS_NAME

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.anyio


class FakeWorker:
    """What the task uses of a worker."""

    name = 7
    address = "tcp://192.0.2.1:1"

    def __init__(self) -> None:
        self.handlers: dict[str, Callable[..., Any]] = {}
        self.stimuli: list[Any] = []
        self.reports: list[tuple[str, Any]] = []

    def handle_stimulus(self, event: Any) -> None:
        self.stimuli.append(event)

    def log_event(self, topic: str, report: Any) -> None:
        self.reports.append((topic, report))


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> FakeWorker:
    worker = FakeWorker()
    monkeypatch.setattr(distributed, "get_worker", lambda: worker)
    return worker


def settings() -> bytes:
    return SHARED.keep(settings_of(Sinks(), [Get(SYS_NAME)]))


async def test_a_worker_of_another_version_refuses(worker: FakeWorker) -> None:
    with pytest.raises(ConfigurationError) as caught:
        await run_shard("key", "0.0.1", b"", "0-1", 0)
    assert str(caught.value) == (
        f"worker 7 has snmptcp {snmptcp.__version__}, the client 0.0.1: install the same version"
    )
    assert worker.stimuli == []


async def test_settings_that_cannot_be_read_are_the_failure_of_the_task(worker: FakeWorker) -> None:
    settings = pickle.dumps(Sinks).replace(b"tests.fleet", b"tests.fleeT")
    with pytest.raises(ModuleNotFoundError, match="fleeT"):
        await run_shard("key", snmptcp.__version__, settings, "0-1", 0)


async def test_orders_find_the_runs_and_nothing_stays_behind(worker: FakeWorker) -> None:
    packed = settings()
    runs = [
        asyncio.ensure_future(run_shard(f"key-{number}", snmptcp.__version__, packed, f"{number}-1", number))
        for number in range(2)
    ]
    await until(lambda: worker.reports and len(worker.reports[-1][1]["runs"]) == 2)
    assert [(event.key, event.compute_duration) for event in worker.stimuli] == [("key-0", 0.0), ("key-1", 0.0)]
    topic, report = worker.reports[-1]
    assert (topic, report["name"]) == ("snmptcp-test", "7")
    take_order = worker.handlers[OPERATION]

    assert take_order(pickle.dumps(Order("another", 0.0, (), ("0-1", "1-1")))) == {"status": "OK"}
    await asyncio.sleep(0)
    assert not any(run.done() for run in runs)

    take_order(pickle.dumps(Order("c0", report["sent_at"], (), ("0-1", "1-1"))))
    await until(lambda: worker.reports[-1][1]["runs"][0]["state"] == "ended")
    take_order(pickle.dumps(Order("c0", worker.reports[-1][1]["sent_at"])))
    await asyncio.gather(*runs)
    assert task._hosts == {}
