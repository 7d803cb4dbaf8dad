"""Cancellation at every await: the connection stays usable, and nothing leaks."""

from __future__ import annotations

import asyncio
import contextlib
import gc

import pytest

from snmptcp import OID, ClosedError, Community, ConnectFailed, Manager, OctetString, RequestTimeout
from snmptcp.codec.pdu import PduType
from snmptcp.net.tls import ClientTls
from snmptcp.protocol.session import Session
from snmptcp.security.community import CommunitySecurity
from snmptcp.testing import Agent, Drip, Drop, Hold
from tests.support.clock import settle, skip
from tests.support.mibs import BIG_TABLE, SYS_DESCR, SYS_NAME, SYS_UPTIME, SYSTEM, small_agent_mib
from tests.support.opening import open_connection
from tests.support.tls import VERSIONS
from tests.support.tls_agents import manager_options, open_options, tsm_agent, tsm_manager, until

pytestmark = pytest.mark.anyio


async def proves_healthy(manager: Manager) -> None:
    """Check that each caller still gets its own response."""
    names = [SYS_DESCR, SYS_UPTIME, SYS_NAME]
    answers = await asyncio.gather(*(manager.get(name) for name in names))
    assert [str(answer[0].oid) for answer in answers] == names
    assert manager.pending == 0


async def test_a_request_cancelled_while_it_waits_leaves_the_connection_healthy(manager: Manager, agent: Agent) -> None:
    agent.inject(Hold())
    request = asyncio.ensure_future(manager.get(SYS_DESCR))
    await agent.wait_for_requests(1)
    request.cancel()
    with pytest.raises(asyncio.CancelledError):
        await request

    assert manager.pending == 0
    agent.release()
    await proves_healthy(manager)
    assert manager.statistics.abandoned == 1
    assert manager.statistics.late == 1
    assert manager.statistics.connections == 1


@pytest.mark.parametrize("turns", range(12))
async def test_a_request_cancelled_after_any_number_of_turns(manager: Manager, agent: Agent, turns: int) -> None:
    await manager.connect()
    agent.inject(Drip())
    request = asyncio.ensure_future(manager.get(SYS_DESCR))
    await settle(turns)
    request.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await request

    await proves_healthy(manager)
    assert manager.statistics.connections == 1


@pytest.mark.parametrize("turns", range(12))
async def test_a_first_request_cancelled_while_it_connects(manager: Manager, turns: int) -> None:
    request = asyncio.ensure_future(manager.get(SYS_DESCR))
    await settle(turns)
    request.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await request

    await proves_healthy(manager)
    assert manager.statistics.connections == 1


async def test_one_waiter_cancelled_does_not_take_the_connection_from_the_others(
    manager: Manager, agent: Agent
) -> None:
    requests = [asyncio.ensure_future(manager.get(SYS_NAME)) for _ in range(10)]
    await settle(1)
    requests[0].cancel()
    outcomes = await asyncio.gather(*requests, return_exceptions=True)

    assert isinstance(outcomes[0], asyncio.CancelledError)
    assert all(isinstance(outcome, tuple) for outcome in outcomes[1:])
    assert agent.statistics.connections == 1


async def test_a_set_cancelled_before_it_left_is_never_sent(manager: Manager, agent: Agent) -> None:
    await manager.connect()
    agent.inject(Hold())
    first = asyncio.ensure_future(manager.get(SYS_DESCR))
    await settle(1)  # it was sent, so the next one waits for the end of the turn
    write = asyncio.ensure_future(manager.set((SYS_NAME, "never")))
    asyncio.get_running_loop().call_soon(write.cancel)
    with pytest.raises(asyncio.CancelledError):
        await write
    await agent.wait_for_requests(1)
    agent.release()
    await first
    await proves_healthy(manager)

    assert all(request.pdu.type is PduType.GET for request in agent.requests)
    assert agent.mib[SYS_NAME] == b"core"


async def test_a_walk_cancelled_in_the_middle_leaves_nothing_behind(manager: Manager, agent: Agent) -> None:
    agent.inject(Hold(), when=lambda request: len(request.pdu.varbinds[0].oid) > 8)
    seen = []

    async def walk() -> None:
        async for varbind in manager.walk(BIG_TABLE, max_repetitions=5):
            seen.append(varbind.oid)

    task = asyncio.ensure_future(walk())
    await agent.wait_for_requests(2)
    await settle()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert manager.pending == 0
    assert len(seen) == 5
    agent.release()
    await proves_healthy(manager)


async def test_a_table_cancelled_in_the_middle_leaves_nothing_behind(manager: Manager, agent: Agent) -> None:
    agent.inject(Hold(), times=None, when=lambda request: len(request.pdu.varbinds[0].oid) > 10)

    async def read() -> None:
        async for _ in manager.table(BIG_TABLE, max_repetitions=5):
            pass

    task = asyncio.ensure_future(read())
    await agent.wait_for_requests(6)
    await settle()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert manager.pending == 0
    agent.clear_faults()
    agent.release()
    await proves_healthy(manager)


async def test_a_large_get_cancelled_leaves_none_of_its_parts_behind(manager: Manager, agent: Agent) -> None:
    agent.inject(Hold(), times=None)
    names = [f"{BIG_TABLE}.1.2.{row}" for row in range(1, 301)] * 4
    task = asyncio.ensure_future(manager.get(*names))
    await agent.wait_for_requests(3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert manager.pending == 0
    agent.clear_faults()
    agent.release()
    await proves_healthy(manager)


async def test_a_timeout_of_the_callers_own_works_as_a_cancellation(manager: Manager, agent: Agent) -> None:
    agent.inject(Drop())

    async def ask() -> None:
        async with asyncio.timeout(3):
            await manager.get(SYS_NAME, timeout=60)

    task = asyncio.ensure_future(ask())
    await agent.wait_for_requests(1)
    skip(3)
    with pytest.raises(TimeoutError) as caught:
        await task

    assert not isinstance(caught.value, RequestTimeout)
    await proves_healthy(manager)


async def test_a_late_answer_is_never_given_to_another_request(manager: Manager, agent: Agent) -> None:
    agent.inject(Hold(), times=20)
    for _ in range(20):
        request = asyncio.ensure_future(manager.get(SYS_DESCR, timeout=5))
        await agent.wait_for_requests(len(agent.requests) + 1)
        skip(5)
        with pytest.raises(RequestTimeout):
            await request
    following = asyncio.ensure_future(manager.get(SYS_UPTIME))
    agent.release()

    assert str((await following)[0].oid) == SYS_UPTIME
    await proves_healthy(manager)
    assert manager.statistics.late == 20
    assert manager.statistics.timeouts == 20


async def test_closing_while_connecting_ends_the_waiting_requests() -> None:
    async with Agent({SYS_NAME: "x"}) as agent:
        manager = Manager(agent.host, agent.port, credentials=Community("public"))
        requests = [asyncio.ensure_future(manager.get(SYS_NAME)) for _ in range(3)]
        await settle(1)
        await manager.aclose()
        outcomes = await asyncio.gather(*requests, return_exceptions=True)

    assert all(isinstance(outcome, Exception) for outcome in outcomes)
    assert manager.pending == 0


async def test_a_cancelled_close_still_closes(manager: Manager, agent: Agent) -> None:
    await manager.get(SYS_NAME)
    closing = asyncio.ensure_future(manager.aclose())
    await settle(1)
    closing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await closing
    await settle()

    assert not manager.connected
    while agent.connections:
        await asyncio.sleep(0)


async def test_no_task_and_no_timer_is_left_when_a_manager_is_closed(agent: Agent) -> None:
    before = asyncio.all_tasks()
    async with Manager(agent.host, agent.port, credentials=Community("public")) as manager:
        await asyncio.gather(*(manager.get(SYS_NAME) for _ in range(10)))
        async for _ in manager.walk(SYSTEM):
            break
    await settle()

    assert asyncio.all_tasks() == before


async def test_a_thousand_requests_cancelled_at_random_moments(manager: Manager, agent: Agent) -> None:
    import random

    chance = random.Random(1)
    names = [SYS_DESCR, SYS_UPTIME, SYS_NAME]

    async def ask(name: str) -> None:
        (varbind,) = await manager.get(name)
        assert str(varbind.oid) == name

    for _ in range(50):
        tasks = [asyncio.ensure_future(ask(chance.choice(names))) for _ in range(20)]
        for task in tasks:
            if chance.random() < 0.5:
                await settle(chance.randrange(4))
                task.cancel()
        for outcome in await asyncio.gather(*tasks, return_exceptions=True):
            assert outcome is None or isinstance(outcome, asyncio.CancelledError)

    await proves_healthy(manager)
    assert manager.statistics.connections == 1
    assert manager.statistics.unknown == manager.statistics.duplicates == 0


async def test_connecting_ends_with_the_requests_own_time(agent: Agent) -> None:
    from unittest.mock import patch

    never = asyncio.Event()

    async def hang(*_: object, **__: object) -> None:
        await never.wait()

    loop = asyncio.get_running_loop()
    async with Manager(agent.host, agent.port, credentials=Community("public"), connect_timeout=60) as manager:
        with patch.object(loop, "sock_connect", hang):
            request = asyncio.ensure_future(manager.get(SYS_NAME, timeout=2))
            await settle()
            skip(2)
            with pytest.raises(ConnectFailed, match="no answer within 2 s"):
                await request
            other = asyncio.ensure_future(manager.get(SYS_NAME, timeout=100))
            await settle()
            skip(60)
            with pytest.raises(ConnectFailed, match="no answer within 60 s"):
                await other
        assert (await manager.get(SYS_NAME))[0].value == OctetString("core")
        assert OID(SYS_NAME) in agent.mib


# ---------------------------------------------------------------------------------------------- TLS


async def cancel_connecting(agent: Agent, version: str, turns: int) -> bool:
    """Connect, cancel after some turns of the loop, and return whether the connection was made."""
    before = asyncio.all_tasks()
    session = Session(CommunitySecurity(Community("private")))
    tls = ClientTls(manager_options(version), agent.host)
    connecting = asyncio.ensure_future(open_connection(agent.host, agent.port, session, timeout=60, tls=tls))
    await settle(turns)
    connecting.cancel()
    try:
        connection = await connecting
    except asyncio.CancelledError:
        made = False
    else:
        connection.close(ClosedError("enough"))
        await connection.wait_closed()
        made = True
    await until(lambda: not agent.connections and asyncio.all_tasks() == before)
    return made


@pytest.mark.parametrize("version", VERSIONS)
async def test_connecting_over_tls_leaks_nothing_whenever_it_is_cancelled(version: str) -> None:
    async with Agent(small_agent_mib(), tls=open_options(version)) as agent:
        turns = 0
        while not await cancel_connecting(agent, version, turns):
            turns += 1 + turns // 20
        assert turns > 5
        async with Manager(
            agent.host, agent.port, credentials=Community("private"), tls=manager_options(version)
        ) as manager:
            await proves_healthy(manager)
    gc.collect()  # leaks warn


async def test_connecting_can_be_cancelled_while_it_waits_for_a_ticket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("snmptcp.net.opening.TICKET_GRACE", (100.0, 100.0))
    async with tsm_agent("1.3") as agent:  # an agent that requests certificates sends no tickets
        before = asyncio.all_tasks()
        manager = tsm_manager(agent, "1.3", timeout=60)
        asked = [asyncio.ensure_future(manager.get(SYS_NAME)) for _ in range(3)]
        await until(lambda: agent.connections)
        await settle(50)
        asked[0].cancel()
        await settle()
        assert [request.done() for request in asked] == [True, False, False]
        await manager.aclose()
        outcomes = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes[1:]] == [ClosedError] * 2
        await until(lambda: not agent.connections and asyncio.all_tasks() == before)
        assert agent.statistics.messages_in == 0
    gc.collect()


@pytest.mark.parametrize("version", VERSIONS)
async def test_requests_over_tls_cancelled_at_random_moments(version: str) -> None:
    import random

    chance = random.Random(2)
    async with tsm_agent(version) as agent, tsm_manager(agent, version, timeout=30) as manager:
        await manager.get(SYS_NAME)
        for _ in range(40):
            tasks = [asyncio.ensure_future(manager.get(chance.choice([SYS_DESCR, SYS_NAME]))) for _ in range(20)]
            for task in tasks:
                if chance.random() < 0.5:
                    await settle(chance.randrange(4))
                    task.cancel()
            for outcome in await asyncio.gather(*tasks, return_exceptions=True):
                assert isinstance(outcome, tuple | asyncio.CancelledError)
        await proves_healthy(manager)
        assert manager.statistics.connections == 1
        assert manager.statistics.unknown == manager.statistics.duplicates == manager.statistics.timeouts == 0
