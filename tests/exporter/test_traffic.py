"""Requests are counted for the scrape that they belong to."""

from __future__ import annotations

import asyncio

import pytest

from snmptcp import Community, Manager
from snmptcp.codec.pdu import PduType
from snmptcp.exporter.traffic import Traffic, TrafficObserver, counted_in
from snmptcp.protocol.trace import RequestTrace
from snmptcp.testing import Agent

pytestmark = pytest.mark.anyio


async def test_two_scrapes_of_one_manager_count_their_own_requests(agent: Agent) -> None:
    counted: list[tuple[int, float | None]] = []
    observer = TrafficObserver(lambda attempts, seconds: counted.append((attempts, seconds)))
    first, second = Traffic(), Traffic()

    async def ask(traffic: Traffic, times: int) -> None:
        counted_in(traffic)
        for _ in range(times):
            await manager.get("1.3.6.1.2.1.1.1.0")
        async for _ in manager.walk("1.3.6.1.2.1.1"):
            pass

    async with Manager(agent.host, agent.port, credentials=Community("public"), observer=observer) as manager:
        await asyncio.gather(asyncio.create_task(ask(first, 1)), asyncio.create_task(ask(second, 3)))
        await manager.get("1.3.6.1.2.1.1.1.0")  # of no scrape
    assert second.packets - first.packets == 2
    assert first.packets >= 2
    assert first.retries == second.retries == 0
    assert len(counted) == first.packets + second.packets + 1
    assert all(attempts == 1 and seconds is not None for attempts, seconds in counted)


def test_requests_that_were_sent_again_or_never_are_counted_as_such() -> None:
    counted: list[tuple[int, float | None]] = []
    observer = TrafficObserver(lambda attempts, seconds: counted.append((attempts, seconds)))
    trace = RequestTrace("a:161", 1.0, PduType.GET, ())
    observer.request_ended(trace)  # there was no connection
    trace.attempts = 3
    trace.ended_at = 3.0
    observer.request_ended(trace)  # no answer
    trace.octets = 50
    observer.request_ended(trace)
    assert counted == [(3, None), (3, 2.0)]
