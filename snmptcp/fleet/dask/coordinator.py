"""The client's side of a distributed fleet: it gives shards to workers, renews leases, and notes what comes of it.

Contains: the traffic with dask.  Does not contain: what a shard needs next (:mod:`snmptcp.fleet.dask.shard`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import pickle
import time
from typing import TYPE_CHECKING, Any

import snmptcp
from snmptcp.fleet.dask.health import ClusterHealth, WorkerHealth, health_from_dict
from snmptcp.fleet.dask.messages import ENDED, OPERATION, Grant, Order, tick_of
from snmptcp.fleet.dask.shard import COUNTERS, Phase, Shard
from snmptcp.fleet.dask.task import run_shard
from snmptcp.fleet.dask.worker_link import WorkerLink

if TYPE_CHECKING:
    from collections.abc import Mapping

    from distributed import Client, Future

    from snmptcp.fleet.dask.messages import Settings
    from snmptcp.fleet.dask.packed_targets import PackedTargets
    from snmptcp.fleet.dask.shard import Run

__all__ = ("Coordinator",)

logger = logging.getLogger("snmptcp.fleet")

#: The topic in which dask's scheduler tells of workers that come and go.
_ALL = "all"

#: The states of dask workers that may poll.  One that is paused for lack of memory polls on, but starts nothing.
_ALIVE = frozenset(("running", "paused"))

#: How long a lease is held to be running after it should have run out, as a part of it: clocks differ in speed.
_MARGIN = 0.05


class Coordinator:
    """Gives shards to workers.

    Args:
        client: an asynchronous client of the cluster, which is used for nothing else.
        settings: what all shards have in common.
        packed: the settings, pickled.
        packed_targets: the targets.
    """

    def __init__(self, client: Client, settings: Settings, packed: bytes, packed_targets: PackedTargets) -> None:
        self._client = client
        self._settings = settings
        self._packed = packed
        self._packed_targets = packed_targets
        self._shards = [Shard(number, settings.lease) for number in range(settings.shards)]
        self._links: dict[str, WorkerLink] = {}  # by address
        self._futures: dict[str, Future[Any]] = {}  # by run
        self._watching: dict[str, asyncio.Task[None]] = {}
        self._closing: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._placed = asyncio.Event()
        self._workers_changed = False
        self._scheduler: str | None = None
        self._stops = False
        self._loop = asyncio.get_running_loop()
        self._started_at = time.time()

    # ---------------------------------------------------------------------------------------- life

    async def start(self) -> None:
        """Listen to the cluster, and look who is there.

        Raises:
            OSError: the scheduler cannot be asked.
        """
        self._listen()
        await self._look()

    def _listen(self) -> None:
        self._client.subscribe_topic(self._settings.topic, self._take_report)
        self._client.subscribe_topic(_ALL, self._take_news)

    async def run(self) -> None:
        """Give shards to workers until cancelled.

        Raises:
            ConnectionError: the scheduler is gone.
        """
        tick = tick_of(self._settings.lease)
        looked_at = self._loop.time()
        while True:
            now = self._loop.time()
            if self._workers_changed or now - looked_at >= tick:
                self._workers_changed, looked_at = False, now
                await self._look()
            self._changed.clear()
            self._step()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(tick / 4):  # a silent worker is noticed in time
                    await self._changed.wait()

    async def aclose(self, patience: float) -> None:
        """Let all runs end, and forget them.

        Args:
            patience: how long to wait for runs that write what waits, in seconds.
        """
        if self._stops:
            return
        self._stops = True
        if self._client.status == "running":
            await self._end_runs(patience)
        await asyncio.gather(*(link.aclose() for link in self._links.values()), *self._closing)
        for name in tuple(self._futures):
            self._release(name)
        if self._client.status == "running":
            self._client.unsubscribe_topic(self._settings.topic)
            self._client.unsubscribe_topic(_ALL)

    async def _end_runs(self, patience: float) -> None:
        try:
            async with asyncio.timeout(patience):
                while any(shard.runs for shard in self._shards):
                    self._step()
                    await self._changed.wait()
                    self._changed.clear()
        except TimeoutError:
            left = sum(len(shard.runs) for shard in self._shards)
            logger.warning("%d shards have not ended within %g s; they do when their leases run out", left, patience)
        for link in self._links.values():  # the last order confirms that they have ended
            link.wake()
        await asyncio.gather(*(link.drained(tick_of(self._settings.lease)) for link in self._links.values()))

    # -------------------------------------------------------------------------------------- public

    def targets_changed(self) -> None:
        """The packed targets have other targets."""
        self._placed.clear()
        self._changed.set()

    async def wait_placed(self) -> None:
        """Wait until each shard with targets is polled by the worker that is to.  Safe to cancel."""
        await self._placed.wait()

    @property
    def placement(self) -> Mapping[int, str]:
        """The names of the workers that poll, by shard."""
        return {
            shard.number: shard.current.worker
            for shard in self._shards
            if shard.current is not None and shard.current.phase in (Phase.POLLING, Phase.ENDING)
        }

    def health(self) -> ClusterHealth:
        """Return how the fleet is."""
        totals = {name: sum(shard.counted(name) for shard in self._shards) for name in COUNTERS}
        polled: dict[str, list[int]] = {}
        for shard in self._shards:
            if shard.current is not None and shard.current.phase is Phase.POLLING:
                polled.setdefault(shard.current.address, []).append(shard.number)
        workers = tuple(
            WorkerHealth(link.name, link.address, link.heard_at_wall, tuple(polled.get(link.address, ())), link.health)
            for link in sorted(self._links.values(), key=lambda link: link.name)
        )
        return ClusterHealth(
            started_at=self._started_at,
            at=time.time(),
            targets=self._packed_targets.count,
            shards=sum(shard.has_targets for shard in self._shards),
            polling=sum(map(len, polled.values())),
            workers=workers,
            moves=sum(shard.moves for shard in self._shards),
            losses=sum(shard.losses for shard in self._shards),
            errors={shard.number: shard.error for shard in self._shards if shard.error is not None},
            **totals,
        )

    # ------------------------------------------------------------------------------------- workers

    async def _look(self) -> None:
        """Ask the scheduler which workers there are."""
        try:
            identity = await self._client.scheduler.identity()
        except Exception as error:
            if self._client.status == "running":
                logger.warning("the scheduler cannot be asked for its workers: %s: %s", type(error).__name__, error)
                return
            raise ConnectionError(f"the scheduler is gone: {type(error).__name__}: {error}") from error
        if self._scheduler not in (None, identity["id"]):
            raise ConnectionError("the scheduler is gone: another one has its address")
        self._scheduler = identity["id"]
        found = identity["workers"]
        for address, worker in found.items():
            link = self._links.get(address)
            if link is None:
                link = self._links[address] = self._line_to(str(worker["name"]), address)
            link.leaves = worker["status"] not in _ALIVE
        for address, link in tuple(self._links.items()):
            if address not in found and not (link.leaves and self._runs_on(address)):
                self._gone(address)

    def _line_to(self, name: str, address: str) -> WorkerLink:
        return WorkerLink(
            name,
            address,
            next_order=self._next_order,
            send=self._send,
            sent=self._sent,
            patience=self._settings.lease,
        )

    def _take_news(self, event: tuple[float, Any]) -> None:
        """Take what dask's scheduler tells of workers."""
        news = event[1]
        if news.get("action") == "add-worker":
            self._workers_changed = True
        elif news.get("action") == "remove-worker" and (link := self._links.get(news["worker"])) is not None:
            if news.get("expected"):  # it closes, and its runs tell that they have ended
                self._leaves(link)
            else:
                self._gone(link.address)
        else:
            return
        self._changed.set()

    def _leaves(self, link: WorkerLink) -> None:
        link.leaves = True
        now = self._loop.time()
        for shard, run in self._runs_on(link.address):
            shard.leaves(run, now)

    def _gone(self, address: str) -> None:
        """Give up the runs of a worker, and the link to it."""
        link = self._links.pop(address)
        now = self._loop.time()
        for shard, run in self._runs_on(address):
            shard.lost(run, now, f"worker {link.name} is gone", gone=True)
        closing = self._loop.create_task(link.aclose())
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    def _lose_silent_runs(self, now: float) -> None:
        """Give up the runs of workers whose lease has run out."""
        lease = self._settings.lease * (1 + _MARGIN)
        for link in tuple(self._links.values()):
            if now - link.heard_at <= lease:
                continue
            for shard, run in self._runs_on(link.address):
                if run.phase is not Phase.SUBMITTED:
                    shard.lost(run, now, f"worker {link.name} was not heard for {self._settings.lease:g} s")

    def _runs_on(self, address: str) -> list[tuple[Shard, Run]]:
        return [(shard, run) for shard in self._shards for run in shard.runs if run.address == address]

    # -------------------------------------------------------------------------------------- shards

    def _step(self) -> None:
        """Let each shard have what it needs."""
        now = self._loop.time()
        self._lose_silent_runs(now)
        workers = {link.name: link.address for link in self._links.values() if not link.leaves}
        for shard in self._shards:
            shard.has_targets = not self._stops and self._packed_targets[shard.number].count > 0
            run = shard.plan(now, workers)
            if run is not None:
                self._submit(run)
        wanted = {run.name for shard in self._shards for run in shard.runs}
        for name in [name for name in self._futures if name not in wanted]:
            self._release(name)
        for link in self._links.values():
            link.wake()
        if all(shard.is_placed for shard in self._shards):
            self._placed.set()
        else:
            self._placed.clear()

    def _submit(self, run: Run) -> None:
        key = f"snmptcp-{self._settings.fleet}-{self._settings.coordinator}-{run.name}"
        future = self._client.submit(
            run_shard,
            key,
            snmptcp.__version__,
            self._packed,
            run.name,
            run.shard,
            key=key,
            workers=[run.address],
            allow_other_workers=False,
            pure=False,
        )
        self._futures[run.name] = future
        self._watching[run.name] = self._loop.create_task(self._watch(run, future))

    async def _watch(self, run: Run, future: Future[Any]) -> None:
        """Note if the task of a run fails."""
        error = await future.exception()
        if error is not None:
            text = f"{type(error).__name__}: {error}"
        elif future.status == "finished":
            return  # it has reported its end
        else:
            text = f"its task is {future.status}"
            self._listen()  # the client may have lost its connection, and with it its topics
        logger.warning("shard %d is not polled by worker %s: %s", run.shard, run.worker, text)
        self._shards[run.shard].lost(run, self._loop.time(), text)
        self._changed.set()

    def _release(self, name: str) -> None:
        self._watching.pop(name).cancel()
        self._futures.pop(name).release()

    # ------------------------------------------------------------------------------------ messages

    def _take_report(self, event: tuple[float, Any]) -> None:
        """Take a worker's report."""
        report = event[1]
        link = self._links.get(report["worker"])  # dask's scheduler adds the address
        if report.get("coordinator") != self._settings.coordinator or link is None:
            return
        now = self._loop.time()
        link.heard, link.heard_at, link.heard_at_wall = report["sent_at"], now, time.time()
        link.health = health_from_dict(report["health"])
        strangers = []
        for told in report["runs"]:
            shard = self._shards[told["shard"]]
            run = next((run for run in shard.runs if run.name == told["run"]), None)
            if run is not None:
                before = shard.error
                shard.reported(run, now, told)
                if shard.error is not None and shard.error != before:  # once, not for each worker that is tried
                    logger.warning("shard %d fails on worker %s: %s", shard.number, run.worker, shard.error)
            elif told["state"] != ENDED:
                strangers.append(told["run"])
        link.strangers = tuple(strangers)
        link.wake()
        self._changed.set()

    def _next_order(self, link: WorkerLink) -> Order | None:
        """Return what a worker is to be told: at least that it was heard, which renews its lease."""
        if link.heard is None:
            return None
        grants, ends = [], list(link.strangers)
        for shard, run in self._runs_on(link.address):
            packed_shard = self._packed_targets[shard.number]
            if run.phase is Phase.ENDING:
                ends.append(run.name)
            elif run.phase in (Phase.GRANTED, Phase.POLLING) and run.sent < packed_shard.revision:
                grants.append(Grant(run.name, packed_shard.revision, packed_shard.octets, shard.covered))
        order = Order(self._settings.coordinator, link.heard, tuple(grants), tuple(ends))
        return None if order == link.last_order else order

    async def _send(self, address: str, order: Order) -> None:
        answers = await self._client.scheduler.broadcast(
            msg={"op": OPERATION, "order": pickle.dumps(order)}, workers=[address], on_error="raise"
        )
        answer = answers[address]
        if answer.get("status") != "OK":
            raise ConnectionError(f"the worker has answered {answer.get('status')}")

    def _sent(self, link: WorkerLink, order: Order) -> None:
        """Note which targets a worker has got."""
        sent = {grant.run: grant.revision for grant in order.grants}
        for _, run in self._runs_on(link.address):
            run.sent = max(run.sent, sent.get(run.name, -1))
