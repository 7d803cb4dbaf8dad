"""Blocking calls on a loop of their own."""

from __future__ import annotations

import asyncio
import threading

import pytest

from snmptcp import ClosedError, Community, RequestTimeout, UsmUser
from snmptcp.sync import PrivateLoop, SyncManager
from snmptcp.testing import Drop
from tests.support.mibs import BIG_TABLE, IF_TABLE, SYS_DESCR, SYS_NAME, SYS_UPTIME
from tests.support.threaded import ThreadedAgent

USER = UsmUser("sha", "SHA", "authpass123")


@pytest.fixture
def agent():
    with ThreadedAgent(users=[USER]) as agent:
        yield agent


@pytest.fixture
def manager(agent):
    with SyncManager(agent.host, agent.port, credentials=Community("private"), timeout=20) as manager:
        yield manager


def test_each_request_blocks_until_it_is_answered(manager) -> None:
    assert str(manager.get(SYS_DESCR)[0].value) == "a switch"
    assert str(manager.get_next(SYS_DESCR)[0].oid) == "1.3.6.1.2.1.1.2.0"
    assert len(manager.get_bulk(SYS_DESCR, max_repetitions=3)) == 3
    assert str(manager.set((SYS_NAME, "renamed"))[0].value) == "renamed"


def test_one_connection_serves_all_calls(manager, agent) -> None:
    for _ in range(3):
        manager.get(SYS_UPTIME)
    assert agent.agent.statistics.connections == 1


def test_walks_and_tables_are_generators(manager) -> None:
    assert sum(1 for _ in manager.walk(BIG_TABLE)) == 900
    assert [int(row[1]) for row in manager.table(IF_TABLE)] == [1, 2, 7, 300]


def test_a_walk_may_be_left_and_other_calls_made_meanwhile(manager) -> None:
    for varbind in manager.walk(BIG_TABLE):
        assert manager.get(varbind.oid)[0] == varbind
        break
    assert len(manager.get(SYS_DESCR)) == 1


def test_an_engine_is_discovered(agent) -> None:
    with SyncManager(agent.host, agent.port, credentials=USER, timeout=20) as manager:
        assert manager.discover().engine_id == agent.agent.engine_id


def test_exceptions_are_those_of_the_asynchronous_manager(manager, agent) -> None:
    manager.get(SYS_DESCR)
    agent.inject(Drop())
    with pytest.raises(RequestTimeout):
        manager.get(SYS_DESCR, timeout=0.5)


def test_inside_a_running_loop_a_call_says_what_to_use(manager) -> None:
    async def inside() -> None:
        manager.get(SYS_DESCR)

    with pytest.raises(RuntimeError, match="asynchronous snmptcp.Manager"):
        asyncio.run(inside())
    assert len(manager.get(SYS_DESCR)) == 1


def test_a_closed_manager_says_so_and_closes_twice(manager) -> None:
    manager.get(SYS_DESCR)
    manager.close()
    manager.close()
    with pytest.raises(ClosedError):
        manager.get(SYS_DESCR)


def test_one_that_was_never_used_has_nothing_to_close(agent) -> None:
    SyncManager(agent.host, agent.port, credentials=Community()).close()


def test_a_walk_outlives_its_closed_manager_without_a_word(manager) -> None:
    walk = manager.walk(BIG_TABLE)
    next(walk)
    manager.close()
    walk.close()


def test_a_second_thread_is_told_that_the_loop_is_busy() -> None:
    loop = PrivateLoop()
    begun, done = threading.Event(), threading.Event()

    async def wait() -> None:
        begun.set()
        while not done.is_set():
            await asyncio.sleep(0.01)

    thread = threading.Thread(target=lambda: loop.run(wait()))
    thread.start()
    assert begun.wait(20)
    with pytest.raises(RuntimeError, match="another thread"):
        loop.run(asyncio.sleep(0))
    done.set()
    thread.join(20)
    loop.close()


def test_no_thread_is_started(manager) -> None:
    before = threading.active_count()
    manager.get(SYS_DESCR)
    assert threading.active_count() == before
