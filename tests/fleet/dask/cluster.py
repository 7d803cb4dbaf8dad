"""A dask cluster as a fleet sees it, in this process: its clock is the test's, and its connections can be cut."""

from __future__ import annotations

import asyncio
import pickle
from typing import TYPE_CHECKING, Any

from snmptcp.fleet.dask.coordinator import Coordinator
from snmptcp.fleet.dask.host import Host
from snmptcp.fleet.dask.messages import Order, Place, Settings
from snmptcp.fleet.dask.packed_targets import PackedTargets
from tests.fleet.making import Notebook
from tests.support.clock import settle, skip

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from snmptcp.fleet import Job, Poll, Target
    from snmptcp.fleet.sinks import Sink

LEASE = 20.0


async def until_later(condition: Callable[[], object]) -> None:
    """Move the time on until a condition holds."""
    while not condition():
        skip(0.1)
        await settle()


class FakeFuture:
    def __init__(self, status: str = "pending") -> None:
        self.status = status
        self.done = asyncio.Event()
        self.error: Exception | None = None
        self.released = False

    async def exception(self) -> Exception | None:
        await self.done.wait()
        return self.error

    def release(self) -> None:
        self.released = True

    def end(self, status: str, error: Exception | None = None) -> None:
        self.status, self.error = status, error
        self.done.set()


class FakeWorker:
    """A worker process: it runs hosts as the real task does."""

    def __init__(self, cluster: FakeCluster, name: str, address: str) -> None:
        self.cluster = cluster
        self.name = name
        self.address = address
        self.status = "running"
        self.is_cut_off = False  # no message comes or goes
        self.refuses: Exception | None = None  # raised by tasks
        self.starts_tasks = True
        self.hosts: dict[str, Host] = {}
        self.tasks: set[asyncio.Task[None]] = set()

    def tell(self, topic: str, report: dict[str, Any]) -> None:
        if not self.is_cut_off:
            self.cluster.publish(topic, {**report, "worker": self.address})

    async def run(self, settings: Settings, run: str, shard: int, future: FakeFuture) -> None:
        if self.refuses is not None:
            future.end("error", self.refuses)
            return
        try:
            host = self.hosts.get(settings.coordinator)
            if host is None:
                host = self.hosts[settings.coordinator] = Host(
                    settings, self.name, lambda report: self.tell(settings.topic, report), pickle.loads
                )
            await host.run(run, shard)
        except Exception as error:
            future.end("error", error)
        else:
            future.end("finished")

    def take(self, order: bytes) -> dict[str, str]:
        told: Order = pickle.loads(order)
        host = self.hosts.get(told.coordinator)
        if host is not None:
            host.take(told)
        return {"status": "OK"}

    async def aclose(self) -> None:
        """End as a worker does that is told to: its tasks are cancelled."""
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)


class FakeScheduler:
    def __init__(self, cluster: FakeCluster) -> None:
        self._cluster = cluster
        self.id = "Scheduler-1"

    async def identity(self) -> dict[str, Any]:
        if self._cluster.error is not None:
            raise self._cluster.error
        workers = self._cluster.workers.values()
        return {
            "id": self.id,
            "workers": {worker.address: {"name": worker.name, "status": worker.status} for worker in workers},
        }

    async def broadcast(self, msg: dict[str, Any], workers: list[str], on_error: str) -> dict[str, Any]:
        assert on_error == "raise"
        (address,) = workers
        worker = self._cluster.workers.get(address)
        if worker is None:
            raise OSError("the worker is gone")
        if worker.is_cut_off:
            await asyncio.Event().wait()
        self._cluster.orders.append((worker.name, pickle.loads(msg["order"])))
        return {address: worker.take(msg["order"])}


class FakeCluster:
    """The scheduler, and a client of it."""

    def __init__(self) -> None:
        self.workers: dict[str, FakeWorker] = {}  # by address
        self.handlers: dict[str, Callable[[tuple[float, Any]], None]] = {}
        self.futures: dict[str, FakeFuture] = {}  # by key
        self.orders: list[tuple[str, Order]] = []
        self.scheduler = FakeScheduler(self)
        self.status = "running"
        self.error: Exception | None = None
        self._started = 0

    def subscribe_topic(self, topic: str, handler: Callable[[tuple[float, Any]], None]) -> None:
        self.handlers[topic] = handler

    def unsubscribe_topic(self, topic: str) -> None:
        del self.handlers[topic]

    def publish(self, topic: str, message: Any) -> None:
        if topic in self.handlers:
            self.handlers[topic]((0.0, message))

    def submit(
        self, function: Any, key_of_task: str, version: str, settings: bytes, run: str, shard: int, **options: Any
    ) -> FakeFuture:
        assert options["key"] == key_of_task
        assert options["allow_other_workers"] is False
        (address,) = options["workers"]
        future = self.futures[key_of_task] = FakeFuture()
        worker = self.workers.get(address)
        if worker is not None and worker.starts_tasks and not worker.is_cut_off:
            task = asyncio.ensure_future(worker.run(pickle.loads(settings), run, shard, future))
            worker.tasks.add(task)
            task.add_done_callback(worker.tasks.discard)
        return future

    def add(self, name: str) -> FakeWorker:
        """Start a worker."""
        self._started += 1
        worker = FakeWorker(self, name, f"tcp://192.0.2.1:{self._started}")
        self.workers[worker.address] = worker
        self.publish("all", {"action": "add-worker", "worker": worker.address})
        return worker

    def remove(self, worker: FakeWorker, *, expected: bool = False) -> None:
        """The scheduler takes a worker for gone, or has told it to close."""
        del self.workers[worker.address]
        self.publish("all", {"action": "remove-worker", "worker": worker.address, "expected": expected})

    async def kill(self, worker: FakeWorker) -> None:
        """End a worker at once, without a word."""
        worker.is_cut_off = True
        await worker.aclose()
        self.remove(worker)

    async def aclose(self) -> None:
        for worker in tuple(self.workers.values()):
            await worker.aclose()


class Sinks:
    """Makes sinks, and has what was written to them by (worker, shard)."""

    def __init__(self) -> None:
        self.made: list[tuple[Place, Notebook]] = []
        self.failing: set[str] = set()  # workers whose sinks do not open

    def __call__(self, place: Place) -> Iterable[Sink]:
        if place.worker in self.failing:
            raise OSError("the disk is full")
        sink = Notebook()
        self.made.append((place, sink))
        return [sink]

    @property
    def polls(self) -> list[tuple[str, Poll]]:
        """All polls with the worker that has polled them, in the order of their start."""
        polls = [(place.worker, poll) for place, sink in self.made for poll in sink.polls]
        return sorted(polls, key=lambda each: each[1].started_at)


def settings_of(sinks: Callable[[Place], Iterable[Sink]], jobs: Sequence[Job], shards: int = 4) -> Settings:
    return Settings(
        fleet="test",
        coordinator="c0",
        topic="snmptcp-test",
        shards=shards,
        lease=LEASE,
        jobs=tuple(jobs),
        sinks=sinks,
        mib=None,
        options={"first_within": 2.0, "grace": 1.0},
    )


async def coordinator_of(cluster: FakeCluster, settings: Settings, targets: Iterable[Target]) -> Coordinator:
    """Return a coordinator that has been started; what its workers are sent is not pickled for real."""
    packed_targets = PackedTargets(settings.shards, pickle.dumps)
    await packed_targets.replace(targets)
    coordinator = Coordinator(cluster, settings, SHARED.keep(settings), packed_targets)
    await coordinator.start()
    return coordinator


class _Shared:
    """Objects whose pickled form leads to the objects themselves, so that tests see what workers do to them."""

    def __init__(self) -> None:
        self.kept: list[Any] = []

    def keep(self, value: Any) -> bytes:
        self.kept.append(value)
        return pickle.dumps(_Reference(len(self.kept) - 1))


class _Reference:
    def __init__(self, number: int) -> None:
        self.number = number

    def __reduce__(self) -> Any:
        return _resolve, (self.number,)


def _resolve(number: int) -> Any:
    return SHARED.kept[number]


SHARED = _Shared()
