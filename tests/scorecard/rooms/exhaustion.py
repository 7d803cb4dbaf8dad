"""A process without a free descriptor: R28."""

from __future__ import annotations

import asyncio
import logging
import os
import resource
import time
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING

from snmptcp import Community, Manager
from snmptcp.errors import SnmpError
from snmptcp.listener import NotificationListener
from tests.scorecard.gauges import cpu_seconds
from tests.scorecard.peers import peer
from tests.scorecard.peers.agents import UPTIME
from tests.scorecard.row import Figure, Outcome, Row, Scale

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Self

HERE = "127.0.0.1"
PUBLIC = Community("public")

#: How many tasks ask the agent that cannot be connected to, without a pause.
CALLERS = 20


@contextmanager
def _no_descriptors() -> Iterator[None]:
    """Leave this process no descriptor as long as the block lasts."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(1000, limits[0]), limits[1]))
    taken: list[int] = []
    try:
        with suppress(OSError):
            while True:
                taken.append(os.dup(2))
        yield
    finally:
        for descriptor in taken:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


class _Busy:
    """The CPU share of this process while a block lasts, in percent."""

    def __enter__(self) -> Self:
        self._began, self._cpu = time.monotonic(), cpu_seconds()
        return self

    def __exit__(self, *_: object) -> None:
        self.percent = 100 * (cpu_seconds() - self._cpu) / (time.monotonic() - self._began)


async def _accepting(seconds: float) -> tuple[float, float]:
    """Let a sender come while nothing can be accepted; return the CPU share, and the seconds until it is served."""
    async with NotificationListener(HERE, 0, credentials=PUBLIC) as listener:

        async def take() -> None:
            async for _ in listener:
                pass

        taking = asyncio.create_task(take())
        with ExitStack() as stack:
            informer = await asyncio.to_thread(stack.enter_context, peer("informer", listener.port))
            await asyncio.to_thread(informer.next_line)  # one was served
            with _no_descriptors(), _Busy() as busy:
                await asyncio.sleep(seconds)
            free = time.monotonic()
            while True:
                _, ended, acknowledged = await asyncio.to_thread(informer.next_line)
                if acknowledged and ended > free:
                    break
        taking.cancel()
        return busy.percent, ended - free


async def _connecting(seconds: float) -> tuple[float, float, int]:
    """Ask while nothing can be connected; return the CPU share, the seconds until an answer, and the failures."""
    answered = asyncio.Event()
    failures = 0

    async def ask(manager: Manager) -> None:
        nonlocal failures
        while True:
            try:
                await manager.get(UPTIME)
                answered.set()
                await asyncio.sleep(0.05)
            except SnmpError:
                failures += 1
                await asyncio.sleep(0)

    with peer("agents", 1) as agents:
        async with Manager(HERE, agents.said[0], credentials=PUBLIC) as manager:
            with _no_descriptors(), _Busy() as busy:
                asking = [asyncio.create_task(ask(manager)) for _ in range(CALLERS)]
                await asyncio.sleep(seconds)
            free = time.monotonic()
            await asyncio.wait_for(answered.wait(), 30)
            recovered = time.monotonic() - free
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
    return busy.percent, recovered, failures


async def no_descriptors(scale: Scale) -> Outcome:
    """R28: no descriptor is left to accept with, or to connect with."""
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # it tells each failure to accept
    seconds = scale.seconds(5, least=2)
    accept_busy, accept_recovered = await _accepting(seconds)
    connect_busy, connect_recovered, failures = await _connecting(seconds)
    return Outcome(
        (
            Figure("CPU while nothing can be accepted", accept_busy, "%", most=5),
            Figure("a sender is served after", accept_recovered, "s", most=2),
            Figure("CPU while nothing can be connected", connect_busy, "%", most=5),
            Figure("calls that were told so", failures, least=CALLERS),
            Figure("answered after", connect_recovered, "s", most=2),
        )
    )


ROWS = (
    Row(
        "R28",
        "no descriptor is left: in accept, and in connect",
        "CPU stays below 5 %; served again within 2 s after descriptors are free",
        no_descriptors,
    ),
)
