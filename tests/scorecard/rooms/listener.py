"""A listener under pressure: R25 (a storm of traps), R26 (slow connections), R27 (handlers that fail or wait)."""

from __future__ import annotations

import asyncio
import gc
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING

from snmptcp import Community, Manager
from snmptcp.errors import AgentError, ErrorStatus, SnmpError
from snmptcp.listener import NotificationListener
from snmptcp.listener.admission import DEFAULT_MAX_CONNECTIONS
from snmptcp.protocol.notification import DEFAULT_QUEUE_OCTETS, DEFAULT_QUEUE_SIZE
from tests.scorecard.gauges import percentile, resident
from tests.scorecard.peers import peer
from tests.scorecard.row import Figure, Outcome, Row, Scale
from tests.scorecard.turns import Turns, run_watched

if TYPE_CHECKING:
    from snmptcp.listener import Notification

HERE = "127.0.0.1"
PUBLIC = Community("public")
COLD_START = "1.3.6.1.6.3.1.1.5.1"

# ------------------------------------------------------------------------------------- R25: a storm

SENDERS = 50

#: Seconds of work for each notification: the program can take 500 a second.
WORK = 0.002

#: How often the lag of the loop is looked at, in seconds.
_TICK = 0.005


async def _watch_lag(lags: list[float]) -> None:
    """Note by how much later than it should a task goes on, again and again."""
    while True:
        due = time.monotonic() + _TICK
        await asyncio.sleep(_TICK)
        lags.append(time.monotonic() - due)


class _Consumer:
    """Takes notifications: slowly while the storm lasts, and then as fast as it can."""

    def __init__(self, listener: NotificationListener) -> None:
        self.taken = 0
        self.most_waiting = 0
        self.slow = True
        self._listener = listener

    async def take(self) -> None:
        async for _ in self._listener:
            self.taken += 1
            self.most_waiting = max(self.most_waiting, self._listener.waiting)
            if self.slow:
                until = time.thread_time() + WORK
                while time.thread_time() < until:
                    pass


async def _storm(turns: Turns, seconds: float) -> Outcome:
    lags: list[float] = []
    async with NotificationListener(HERE, 0, credentials=PUBLIC) as listener:
        consumer = _Consumer(listener)
        taking = asyncio.create_task(consumer.take())
        gc.collect()
        before, most = resident(), 0
        with peer("storm", listener.port, SENDERS, seconds) as storm:
            watching = asyncio.create_task(_watch_lag(lags))
            turns.clear()
            telling = asyncio.create_task(asyncio.to_thread(storm.next_line))
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                await asyncio.sleep(0.1)
                most = max(most, resident())
            watching.cancel()
            cpu = list(turns.cpu)
            taken = consumer.taken
            consumer.slow = False
            sent = await telling
        patience = time.monotonic() + 30
        while consumer.taken < sent and time.monotonic() < patience:
            await asyncio.sleep(0.05)
        taking.cancel()
    return Outcome(
        (
            Figure("traps sent", sent),
            Figure("offered : taken during the storm", sent / max(taken, 1)),
            Figure("lost", sent - consumer.taken, most=0, least=0),
            Figure("most that waited", consumer.most_waiting, most=1.1 * DEFAULT_QUEUE_SIZE),
            Figure("memory", (most - before) / 1e6, "MB", most=1.1 * DEFAULT_QUEUE_OCTETS / 1e6),
            Figure("loop lag, p99", 1000 * percentile(lags, 99), "ms", most=50),
            Figure("loop lag, longest", 1000 * max(lags), "ms"),
            Figure("turns of the loop by CPU time, p99", 1000 * percentile(cpu, 99), "ms"),
            Figure("longest turn by CPU time", 1000 * max(cpu), "ms"),
        ),
        notes=("the listener drops nothing: TCP makes the senders wait",),
    )


def trap_storm(scale: Scale) -> Outcome:
    """R25: fifty senders at full speed, and a program that takes 500 notifications a second."""
    return run_watched(lambda turns: _storm(turns, scale.seconds(30, least=3)))


# --------------------------------------------------------------------------------- R26: slow connections

SLOW = 2000


async def _good_sender(port: int) -> float:
    """Connect, send an inform, and return the seconds until it is acknowledged."""
    began = time.monotonic()
    try:
        async with Manager(HERE, port, credentials=PUBLIC, timeout=10, retries=3) as manager:
            await manager.inform(COLD_START)
    except SnmpError:
        return float("inf")
    return time.monotonic() - began


async def slow_connections(scale: Scale) -> Outcome:
    """R26: two thousand connections that send an octet a second, and good senders that come meanwhile."""
    took: list[float] = []
    most = 0
    async with NotificationListener(HERE, 0, credentials=PUBLIC) as listener:

        async def take() -> None:
            async for _ in listener:
                pass

        taking = asyncio.create_task(take())
        with ExitStack() as stack:
            await asyncio.to_thread(stack.enter_context, peer("swarm", listener.port, SLOW))
            until = time.monotonic() + scale.seconds(20, least=3)
            while time.monotonic() < until:
                took.append(await _good_sender(listener.port))
                most = max(most, listener.connections)
                await asyncio.sleep(0.1)
        taking.cancel()
        given_way = listener.statistics.refused_connections + listener.statistics.refused_connections_per_host
    return Outcome(
        (
            Figure("slow connections that gave way", given_way),
            Figure("good senders", len(took)),
            Figure("acknowledged after, median", 1000 * percentile(took, 50), "ms"),
            Figure("acknowledged after at most", max(took), "s", most=1),
            Figure("most connections", most, most=DEFAULT_MAX_CONNECTIONS),
        )
    )


# ----------------------------------------------------------------------------------------- R27: handlers

#: What makes the handler raise, refuse, and wait, as the specific part of the trap's name.
_RAISES, _REFUSES, _WAITS = (f"1.3.6.1.4.1.58888.0.{number}" for number in (1, 2, 3))
BLOCKED = 5.0


async def _handle(notification: Notification) -> None:
    name = str(notification.trap_oid)
    if name == _RAISES:
        raise RuntimeError("the handler is broken")
    if name == _REFUSES:
        raise AgentError(ErrorStatus.resourceUnavailable, 0, ())
    if name == _WAITS:
        await asyncio.sleep(BLOCKED)


async def _status_of(manager: Manager, name: str) -> ErrorStatus | None:
    """Send an inform; return the error-status that answers it, noError if none, or None if nothing does."""
    try:
        await manager.inform(name, timeout=BLOCKED + 5)
    except AgentError as error:
        return ErrorStatus(error.status)
    except SnmpError:
        return None
    return ErrorStatus.noError


async def failing_handlers(scale: Scale) -> Outcome:
    """R27: handlers that raise, refuse, and wait for five seconds, and good informs beside them."""
    bad_statuses: dict[str, list[ErrorStatus | None]] = {name: [] for name in (_RAISES, _REFUSES, _WAITS)}
    took: list[float] = []
    unanswered = 0
    async with (
        NotificationListener(HERE, 0, credentials=PUBLIC, handler=_handle, concurrency=4) as listener,
        Manager(HERE, listener.port, credentials=PUBLIC) as good,
        Manager(HERE, listener.port, credentials=PUBLIC) as bad,
    ):

        async def misbehave(name: str) -> None:
            bad_statuses[name].append(await _status_of(bad, name))

        waiting = [asyncio.create_task(misbehave(_WAITS)) for _ in range(2)]
        until = time.monotonic() + scale.seconds(BLOCKED, least=BLOCKED)
        while time.monotonic() < until:
            began = time.monotonic()
            await asyncio.gather(misbehave(_RAISES), misbehave(_REFUSES))
            unanswered += await _status_of(good, COLD_START) is not ErrorStatus.noError
            took.append(time.monotonic() - began)
            await asyncio.sleep(0.02)
        await asyncio.gather(*waiting)
    raised = bad_statuses[_RAISES]
    return Outcome(
        (
            Figure("good informs", len(took)),
            Figure("good informs without acknowledgement", unanswered, most=0),
            Figure("acknowledged after at most", 1000 * max(took), "ms", most=500),
            Figure("informs whose handler raised", len(raised)),
            Figure("of these acknowledged without an error", raised.count(ErrorStatus.noError), most=0),
            Figure("of these answered with genErr", raised.count(ErrorStatus.genErr), least=len(raised)),
            Figure(
                "refused with the handler's own status",
                bad_statuses[_REFUSES].count(ErrorStatus.resourceUnavailable),
                least=len(bad_statuses[_REFUSES]),
            ),
            Figure(
                "acknowledged after five seconds",
                bad_statuses[_WAITS].count(ErrorStatus.noError),
                least=2,
            ),
        ),
        notes=("four handlers at once; with one, the default, the others wait for a handler that waits",),
    )


ROWS = (
    Row(
        "R25",
        "a storm of traps from 50 senders, at least ten times what the program takes",
        "memory stays within the queue's limit and 10 %; what is lost is counted; loop lag p99 below 50 ms",
        trap_storm,
    ),
    Row(
        "R26",
        "2,000 connections that send an octet a second",
        "a new good sender is served within 1 s; no more connections than the limit",
        slow_connections,
    ),
    Row(
        "R27",
        "handlers raise, or wait for 5 s",
        "other notifications are not affected; an inform whose handler failed is not acknowledged",
        failing_handlers,
    ),
)
