"""Stopping under load, and blocking calls that end: R30."""

from __future__ import annotations

import asyncio
import gc
import json
import resource
import subprocess
import sys
import time
import warnings
from contextlib import ExitStack
from typing import TYPE_CHECKING

from snmptcp import Community, Manager
from snmptcp.listener import NotificationListener
from snmptcp.testing import Agent, Hold
from tests.scorecard.peers import peer
from tests.scorecard.peers.agents import UPTIME
from tests.scorecard.row import Figure, Outcome, Row, Scale

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

HERE = "127.0.0.1"
PUBLIC = Community("public")

#: Requests in flight, and connections of a listener, when they are closed.
REQUESTS = 1000
CONNECTIONS = 10_000

#: Senders at full speed.
SENDERS = 50

#: Descriptors that are not for the listener's connections.
_SPARE = 500

#: What must not be in what a program prints.
COMPLAINTS = ("Task was destroyed", "ResourceWarning", "Traceback", "never awaited", "never retrieved")


async def _timed(closing: Callable[[], Awaitable[object]]) -> float:
    began = time.monotonic()
    await closing()
    return time.monotonic() - began


async def _manager_under_load() -> tuple[float, int]:
    """Close a manager with requests in flight; return the seconds, and how many of them have not ended."""
    async with Agent({UPTIME: 1}, host=HERE) as agent:
        agent.inject(Hold(), times=None)
        manager = Manager(HERE, agent.port, credentials=PUBLIC, timeout=60)
        asking = [asyncio.create_task(manager.get(UPTIME)) for _ in range(REQUESTS)]
        await agent.wait_for_requests(REQUESTS)
        seconds = await _timed(manager.aclose)
        await asyncio.sleep(0)
        left = sum(not task.done() for task in asking)
        await asyncio.gather(*asking, return_exceptions=True)
    return seconds, left


async def _listener_in_a_storm() -> tuple[float, float, float]:
    """Close a listener while fifty senders flood it; return the seconds, of CPU, and until its port is bound again."""
    listener = await NotificationListener(HERE, 0, credentials=PUBLIC).start()
    port = listener.port

    async def take() -> None:
        async for _ in listener:
            pass

    taking = asyncio.create_task(take())
    with ExitStack() as stack:
        await asyncio.to_thread(stack.enter_context, peer("storm", port, SENDERS, 60))
        while listener.connections < SENDERS:
            await asyncio.sleep(0.05)
        await asyncio.sleep(1)
        cpu = time.process_time()
        seconds = await _timed(listener.aclose)
        cpu = time.process_time() - cpu
        again = NotificationListener(HERE, port, credentials=PUBLIC)
        bound = await _timed(again.start)
        await again.aclose()
    await taking
    return seconds, cpu, bound


async def _many_connections(count: int) -> tuple[float, float]:
    """Close a listener with many idle connections; return the seconds by the clock, and by CPU time."""
    listener = NotificationListener(HERE, 0, credentials=PUBLIC, max_connections=None, max_connections_per_host=None)
    await listener.start()
    with ExitStack() as stack:
        await asyncio.to_thread(stack.enter_context, peer("idle", listener.port, count))
        while listener.connections < count:
            await asyncio.sleep(0.05)
        cpu = time.process_time()
        seconds = await _timed(listener.aclose)
        return seconds, time.process_time() - cpu


def _blocking(how: str, port: int) -> tuple[float, int]:
    """Run a program of blocking calls; return the seconds that it took to close, and how many complaints it printed."""
    command = [sys.executable, "-X", "dev", "-W", "always", "-m", "tests.scorecard.peers.blocking", how, str(port)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    ended = time.monotonic()
    said = done.stdout + done.stderr
    complaints = sum(said.count(what) for what in COMPLAINTS) + (done.returncode != 0)
    if complaints:
        sys.stderr.write(said)
    seconds = json.loads(done.stdout.splitlines()[-1]) if done.stdout else float("inf")
    return (ended - seconds if how == "ctrl-c" else seconds), complaints


async def stopping(scale: Scale) -> Outcome:
    """R30: managers and listeners are closed under load; blocking calls in threads, in a fork, and interrupted."""
    complaints: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: complaints.append(context["message"]))
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = min(scale.count(CONNECTIONS, least=1000, most=CONNECTIONS), soft - _SPARE)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always", ResourceWarning)
        manager_closed, unresolved = await _manager_under_load()
        listener_closed, listener_cpu, bound = await _listener_in_a_storm()
        idle_closed, idle_cpu = await _many_connections(count)
        gc.collect()
    figures = [
        Figure(f"a manager with {REQUESTS:,} requests in flight: closed after", manager_closed, "s", most=1),
        Figure("of its requests not ended", unresolved, most=0),
        Figure(f"a listener with {SENDERS} senders at full speed: closed after", listener_closed, "s", most=1),
        Figure("of that CPU", listener_cpu, "s"),
        Figure("its port bound again after", bound, "s", most=1),
        Figure(f"a listener with {count:,} connections: closed after", idle_closed, "s", most=1),
        Figure("of that CPU", idle_cpu, "s"),
    ]
    with peer("agents", 1) as agents:
        printed = 0
        for how in ("threads", "fork", "ctrl-c"):
            seconds, its = await asyncio.to_thread(_blocking, how, agents.said[0])
            figures.append(Figure(f"blocking calls, {how}: closed after", seconds, "s", most=1))
            printed += its
    unclosed = sum(issubclass(each.category, ResourceWarning) for each in warned)
    figures.append(Figure("complaints and warnings about resources", len(complaints) + unclosed + printed, most=0))
    return Outcome(tuple(figures), notes=tuple(sorted(set(complaints))[:3]))


ROWS = (
    Row(
        "R30",
        "closing under load; blocking calls in threads, in a forked process, and interrupted",
        "closed within 1 s; no complaint about tasks or resources; the port can be bound again",
        stopping,
        limit=180,
    ),
)
