"""Memory that peers claim: R5."""

from __future__ import annotations

import asyncio
import contextlib
import gc

from snmptcp import Community, Manager
from snmptcp.errors import SnmpError
from snmptcp.listener import NotificationListener
from tests.scorecard.gauges import percentile, resident
from tests.scorecard.peers import Peer, peer
from tests.scorecard.row import Figure, Outcome, Row, Scale, share

HERE = "127.0.0.1"
PUBLIC = Community("public")
UPTIME = "1.3.6.1.2.1.1.3.0"

#: Connections of one measurement.
CONNECTIONS = 1000

_MEGABYTE = 1_000_000


def _in_use() -> int:
    gc.collect()
    return resident()


async def _line(claims: Peer) -> dict[str, list[float]]:
    """Return the next line of the peer that claims."""
    line: dict[str, list[float]] = await asyncio.to_thread(claims.next_line)
    return line


async def _at_the_listener(how: str) -> tuple[int, int, list[float]]:
    """Let a thousand connections claim; return the memory of open ones, of their claims, and the times until closed."""
    async with NotificationListener(
        HERE, 0, credentials=PUBLIC, max_connections=2 * CONNECTIONS, max_connections_per_host=None
    ) as listener:
        with peer("claims", listener.port, CONNECTIONS, how) as claims:
            before = _in_use()
            claims.tell("open")
            await _line(claims)
            while how == "at once" and listener.connections < CONNECTIONS:  # the others are in the backlog still
                await asyncio.sleep(0.01)
            opened = _in_use()
            claims.tell("claim")
            took = (await _line(claims))["seconds"]
            assert listener.statistics.lost_framings == CONNECTIONS
            return opened - before, _in_use() - opened, took


async def _at_managers() -> tuple[int, int]:
    """Ask a thousand agents that claim; return the memory that it takes, and how many requests failed at once."""
    failed = 0

    async def ask(manager: Manager) -> None:
        nonlocal failed
        try:
            await manager.get(UPTIME)
        except SnmpError as error:
            failed += "exceeds the limit" in error.text

    with peer("claiming_agent") as agent:
        managers = [Manager(HERE, agent.said, credentials=PUBLIC, retries=0) for _ in range(CONNECTIONS)]
        for first in range(0, CONNECTIONS, 100):
            await asyncio.gather(*(manager.connect() for manager in managers[first : first + 100]))
        before = _in_use()
        for first in range(0, CONNECTIONS, 100):
            await asyncio.gather(*(ask(manager) for manager in managers[first : first + 100]))
        grown = _in_use() - before
        for manager in managers:
            await manager.aclose()
    return grown, failed


async def _at_one_manager() -> int:
    """Ask an agent that claims a thousand times, on a connection each; return the memory that it takes."""
    with peer("claiming_agent") as agent:
        async with Manager(HERE, agent.said, credentials=PUBLIC, retries=0) as manager:
            before = 0
            for number in range(CONNECTIONS + 10):
                if number == 10:
                    before = _in_use()
                with contextlib.suppress(SnmpError):
                    await manager.get(UPTIME)
            return _in_use() - before


async def claimed_lengths(scale: Scale) -> Outcome:
    """R5: a thousand connections, each with a header that claims 64 MiB, one after the other and all at once."""
    _, in_turn, took = await _at_the_listener("in turn")
    opened, at_once, all_took = await _at_the_listener("at once")
    one_manager = await _at_one_manager()
    managers, failed = await _at_managers()
    return Outcome(
        (
            Figure("claims at a listener", len(took) + len(all_took)),
            Figure("closed after, median", 1000 * percentile(took, 50), "ms"),
            Figure("closed after at most", 1000 * max(took), "ms", most=50),
            Figure("1,000 connections in turn", in_turn / _MEGABYTE, "MB", most=1),
            Figure("1,000 open connections, before they claim", opened / _MEGABYTE, "MB"),
            Figure("their claims", at_once / _MEGABYTE, "MB", most=1),
            Figure("a manager that connects 1,000 times", one_manager / _MEGABYTE, "MB", most=1),
            Figure("1,000 managers with a connection each", managers / _MEGABYTE, "MB", most=1),
            share("their requests that failed for it", failed, CONNECTIONS),
        )
    )


ROWS = (
    Row(
        "R5",
        "a header claims 64 MiB, more than the limit",
        "closed in 50 ms from the header alone; resident memory grows by less than 1 MB for 1,000 connections",
        claimed_lengths,
    ),
)
