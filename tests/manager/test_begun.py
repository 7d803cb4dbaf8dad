"""Requests whose responses are futures: no task waits for them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from snmptcp import ClosedError, Community, ConfigurationError, ConnectFailed, ConnectionLost, Manager, RequestTimeout
from snmptcp.codec.pdu import PduType
from snmptcp.errors import ArgumentTypeError, ErrorStatus
from snmptcp.manager import Observer
from snmptcp.testing import Close, Drop, Hold
from tests.support.clock import settle, skip, until
from tests.support.mibs import SYS_DESCR, SYS_NAME

if TYPE_CHECKING:
    from snmptcp.manager import Response
    from snmptcp.protocol.trace import RequestTrace
    from snmptcp.testing import Agent

pytestmark = pytest.mark.anyio

GET, SET = PduType.GET, PduType.SET


def begin(manager: Manager, name: str = SYS_DESCR, timeout: float | None = None) -> asyncio.Future[Response]:
    return manager.begin_exchange(GET, [(name, None)], timeout=timeout)


async def test_a_response_comes_unchanged_over_a_connection_that_is_made_for_it(manager: Manager) -> None:
    first = await begin(manager)
    again = await manager.begin_exchange(GET, [(SYS_NAME, None), (SYS_DESCR, None)], request_id=7)
    refused = await manager.begin_exchange(SET, [("1.3.6.1.2.1.1.3.0", "text")])

    assert first.varbinds[SYS_DESCR] == b"a switch"
    assert (again.request_id, len(again.varbinds)) == (7, 2)
    assert (ErrorStatus(refused.error_status), refused.error_index) == (ErrorStatus.wrongType, 1)


async def test_requests_that_wait_have_no_tasks(agent: Agent, manager: Manager) -> None:
    await manager.connect()
    agent.inject(Hold(), None)
    before = len(asyncio.all_tasks())
    waiting = [begin(manager) for _ in range(100)]
    await agent.wait_for_requests(100)
    during = len(asyncio.all_tasks())
    agent.release()
    responses = await asyncio.gather(*waiting)

    assert during == before
    assert {response.error_status for response in responses} == {0}


async def test_a_request_without_an_answer_ends_with_a_timeout(agent: Agent, manager: Manager) -> None:
    await manager.connect()
    agent.inject(Drop())
    waiting = begin(manager, timeout=60)
    await agent.wait_for_requests(1)
    skip(61)
    with pytest.raises(RequestTimeout, match="no answer within 60 s") as caught:
        await waiting
    assert caught.value.peer == f"{agent.host}:{agent.port}"


async def test_a_read_is_sent_again_when_its_connection_is_lost_and_a_set_is_not(
    agent: Agent, manager: Manager
) -> None:
    await manager.connect()
    agent.inject(Close())
    assert (await begin(manager)).varbinds[SYS_DESCR] == b"a switch"
    assert manager.statistics.retried == 1

    agent.inject(Close())
    with pytest.raises(ConnectionLost) as caught:
        await manager.begin_exchange(SET, [(SYS_NAME, "x")])
    assert caught.value.uncertain


async def test_without_a_connection_the_future_fails_with_the_reason(agent: Agent, manager: Manager) -> None:
    await agent.aclose()
    with pytest.raises(ConnectFailed):
        await begin(manager)


async def test_cancelling_the_future_forgets_the_request_before_and_after_it_has_left(
    agent: Agent, manager: Manager
) -> None:
    unsent = begin(manager)
    assert unsent.cancel()
    assert not unsent.cancel()
    await manager.connect()
    agent.inject(Hold(), None)
    sent = begin(manager)
    await agent.wait_for_requests(1)
    assert sent.cancel()
    agent.release()
    await until(lambda: manager.statistics.late)

    assert manager.statistics.abandoned == 1
    assert manager.pending == 0


async def test_closing_the_manager_ends_them_all(agent: Agent) -> None:
    async with Manager(agent.host, agent.port, credentials=Community("private")) as manager:
        connecting = begin(manager)
        agent.inject(Drop(), None)
        await manager.connect()
        waiting = [begin(manager) for _ in range(10)]
    for outcome in await asyncio.gather(connecting, *waiting, return_exceptions=True):
        assert isinstance(outcome, ClosedError)


async def test_an_observer_is_told_of_each_start_and_end(agent: Agent) -> None:
    class Watching(Observer):
        def __init__(self) -> None:
            self.started: list[RequestTrace] = []
            self.ended: list[RequestTrace] = []

        def request_started(self, trace: RequestTrace) -> None:
            self.started.append(trace)

        def request_ended(self, trace: RequestTrace) -> None:
            self.ended.append(trace)

    observer = Watching()
    async with Manager(agent.host, agent.port, credentials=Community("private"), observer=observer) as manager:
        await begin(manager)
        await begin(manager)
        agent.inject(Drop())
        failed, left = begin(manager, timeout=5), begin(manager, timeout=600)
        await agent.wait_for_requests(4)
        skip(6)
        await asyncio.gather(failed, left, return_exceptions=True)
        agent.inject(Drop())
        cancelled = begin(manager)
        cancelled.cancel()
        await settle()

    assert len(observer.started) == len(observer.ended) == 5
    assert [type(trace.error) for trace in observer.ended].count(RequestTimeout) == 1
    assert [trace.octets > 0 for trace in observer.ended].count(True) == 3
    assert [trace.cancelled for trace in observer.ended].count(True) == 1


async def test_impossible_requests_are_refused_at_once(manager: Manager, manager_v1: Manager) -> None:
    with pytest.raises(ArgumentTypeError):
        manager.begin_exchange("GET", [(SYS_DESCR, None)])  # type: ignore[arg-type]  # what is tested
    with pytest.raises(ConfigurationError, match="SNMPv1 has no INFORM"):
        manager_v1.begin_exchange(PduType.INFORM, [(SYS_DESCR, None)])
