"""Errors are freed when their last user forgets them, not when Python looks for cycles.

A program with thousands of agents that has the garbage collector run seldom, or not at all, must not grow with each
request that fails.
"""

from __future__ import annotations

import asyncio
import gc
import weakref
from typing import TYPE_CHECKING

import pytest

from snmptcp import OID, Community, ConnectFailed, Manager, SnmpError, UsmUser
from snmptcp.codec.pdu import PduType
from snmptcp.sync import SyncManager
from snmptcp.testing import (
    Agent,
    BrokenValue,
    Close,
    CutCiphertext,
    Drop,
    EmptyVarbinds,
    ExtraVarbind,
    FailWith,
    Garbage,
    MissingVarbind,
    NonIncreasing,
    Reset,
    Truncate,
    WrongMac,
)
from snmptcp.testing.threaded_agent import ThreadedAgent
from tests.support.clock import settle
from tests.support.mibs import BIG_TABLE, SYS_DESCR, small_mib
from tests.support.proxies import free_port

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Iterator

    from snmptcp.testing import Fault

pytestmark = pytest.mark.anyio

USER = UsmUser("monitor", "SHA-256", "authentication", "AES", "encryption")
PUBLIC = Community("public")


@pytest.fixture
async def agent() -> AsyncIterator[Agent]:
    async with Agent(small_mib(), users=[USER]) as started:
        yield started


@pytest.fixture
def no_garbage_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    yield
    gc.enable()


async def get(manager: Manager) -> None:
    await manager.get(SYS_DESCR)


async def get_many(manager: Manager) -> None:
    await manager.get(*(f"{BIG_TABLE}.1.1.{row}" for row in range(1, 200)))


async def get_bulk(manager: Manager) -> None:
    await manager.get_bulk(BIG_TABLE)


async def exchange(manager: Manager) -> None:
    await manager.exchange(PduType.GET, [(SYS_DESCR, None)])


async def begin_exchange(manager: Manager) -> None:
    await manager.begin_exchange(PduType.GET, [(SYS_DESCR, None)])


async def walk(manager: Manager) -> None:
    async for _ in manager.walk(BIG_TABLE):
        pass


async def table(manager: Manager) -> None:
    async for _ in manager.table(f"{BIG_TABLE}.1", max_repetitions=20):
        pass


async def error_of(manager: Manager, ask: Callable[[Manager], Awaitable[None]]) -> weakref.ref[SnmpError]:
    """Return a weak reference to the error that a request fails with."""
    try:
        await ask(manager)
    except SnmpError as error:
        return weakref.ref(error)
    pytest.fail("it did not fail")


@pytest.mark.usefixtures("no_garbage_collector")
@pytest.mark.parametrize("ask", [get, get_many, get_bulk, exchange, begin_exchange, walk, table])
@pytest.mark.parametrize(
    "fault", [Drop(), Close(), Reset(), Garbage(), Truncate(20, close=True)], ids=lambda fault: type(fault).__name__
)
@pytest.mark.parametrize("credentials", [PUBLIC, USER], ids=["v2c", "v3"])
async def test_the_error_of_a_request_without_an_answer_is_freed_with_its_last_use(
    agent: Agent, ask: Callable[[Manager], Awaitable[None]], fault: Fault, credentials: Community | UsmUser
) -> None:
    async with Manager(
        agent.host, agent.port, credentials=credentials, retries=0, timeout=0.2, reconnect_interval=0.0
    ) as manager:
        await manager.get(SYS_DESCR)
        agent.inject(fault, times=None)
        error = await error_of(manager, ask)
        await settle()  # the event loop refers to what it has just told
        assert error() is None


@pytest.mark.usefixtures("no_garbage_collector")
@pytest.mark.parametrize(
    ("ask", "fault"),
    [
        (get, FailWith(5, 1)),
        (get, ExtraVarbind()),
        (get, MissingVarbind()),
        (get_many, FailWith(5, 3)),
        (exchange, EmptyVarbinds()),
        (walk, NonIncreasing()),
        (table, NonIncreasing()),
        (walk, FailWith(13, 0)),
        (table, FailWith(13, 0)),
        (get, BrokenValue(OID(SYS_DESCR))),
        (get_many, BrokenValue(OID(f"{BIG_TABLE}.1.1.3"))),
        (walk, BrokenValue(OID(f"{BIG_TABLE}.1.1.3"))),
        (table, BrokenValue(OID(f"{BIG_TABLE}.1.1.3"))),
    ],
)
@pytest.mark.parametrize("strict", [False, True])
async def test_the_error_of_a_wrong_answer_is_freed_with_its_last_use(
    agent: Agent, ask: Callable[[Manager], Awaitable[None]], fault: Fault, strict: bool
) -> None:
    async with Manager(agent.host, agent.port, credentials=PUBLIC, retries=0, timeout=1.0, strict=strict) as manager:
        await manager.get(SYS_DESCR)
        agent.inject(fault, times=None)
        error = await error_of(manager, ask)
        await settle()  # the event loop refers to what it has just told
        assert error() is None


@pytest.mark.usefixtures("no_garbage_collector")
@pytest.mark.parametrize("forgery", [WrongMac(), CutCiphertext()])
@pytest.mark.parametrize("ask", [get, walk, table])
@pytest.mark.parametrize("report_grace", [None, 0.05])
async def test_the_error_of_a_forged_answer_is_freed_with_its_last_use(
    agent: Agent, forgery: Fault, ask: Callable[[Manager], Awaitable[None]], report_grace: float | None
) -> None:
    async with Manager(
        agent.host, agent.port, credentials=USER, retries=0, timeout=0.2, report_grace=report_grace
    ) as manager:
        await manager.get(SYS_DESCR)
        agent.inject(forgery, times=None)
        error = await error_of(manager, ask)
        await settle()
        assert error() is None


@pytest.mark.usefixtures("no_garbage_collector")
async def test_the_error_of_a_connection_that_cannot_be_made_is_freed_with_its_last_use() -> None:
    async with Manager("127.0.0.1", free_port(), credentials=PUBLIC, reconnect_interval=60.0) as manager:
        refused = await error_of(manager, get)
        again = await error_of(manager, get)  # of the pause
        await settle()
        assert (refused(), again()) == (None, None)


@pytest.mark.usefixtures("no_garbage_collector")
async def test_the_error_of_a_connection_for_several_tasks_is_freed_with_its_last_use() -> None:
    async with Manager("127.0.0.1", free_port(), credentials=PUBLIC, reconnect_interval=60.0) as manager:
        errors = await asyncio.gather(*(error_of(manager, get) for _ in range(3)))
        await settle()
        assert [error() for error in errors] == [None, None, None]


@pytest.mark.usefixtures("no_garbage_collector")
@pytest.mark.parametrize("refusal", [ConnectFailed("not this one"), KeyError("a mistake of the program")])
async def test_the_error_of_a_connection_that_the_program_refuses_is_freed_with_its_last_use(
    agent: Agent, refusal: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    async def refuse(_: object) -> None:
        raise type(refusal)(*refusal.args)

    async with Manager(agent.host, agent.port, credentials=PUBLIC, on_connect=refuse) as manager:
        error = await error_of(manager, get)
        await settle()
        caplog.clear()  # a record of the log has the exception
        assert error() is None


@pytest.mark.usefixtures("no_garbage_collector")
async def test_a_manager_that_could_not_connect_is_freed_with_its_last_use() -> None:
    manager = Manager("127.0.0.1", free_port(), credentials=PUBLIC)
    await error_of(manager, get)
    await manager.aclose()
    await settle()
    left = weakref.ref(manager)
    del manager
    assert left() is None


@pytest.mark.usefixtures("no_garbage_collector")
async def test_a_walk_that_tries_large_answers_leaves_nothing_to_the_garbage_collector(agent: Agent) -> None:
    async with Manager(agent.host, agent.port, credentials=PUBLIC) as manager:
        await manager.get(SYS_DESCR)
        gc.collect()
        await walk(manager)
        gc.set_debug(gc.DEBUG_SAVEALL)
        try:
            gc.collect()
            left = [each for each in gc.garbage if type(each).__module__.startswith("snmptcp.")]
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
    assert left == []


@pytest.mark.usefixtures("no_garbage_collector")
@pytest.mark.parametrize("fault", [Drop(), Close(), FailWith(5, 1)], ids=lambda fault: type(fault).__name__)
def test_the_error_of_a_blocking_request_is_freed_with_its_last_use(fault: Fault) -> None:
    with (
        ThreadedAgent(small_mib()) as agent,
        SyncManager(
            agent.host, agent.port, credentials=PUBLIC, retries=0, timeout=0.2, reconnect_interval=0.0
        ) as asker,
    ):
        requests = (
            lambda: asker.get(SYS_DESCR),
            lambda: list(asker.walk(BIG_TABLE)),
            lambda: asker.set((SYS_DESCR, "x")),
        )
        left = []
        for ask in requests:
            agent.inject(fault, times=None)
            try:
                ask()
            except SnmpError as error:
                left.append(weakref.ref(error))
            agent.clear_faults()
            asker.get(SYS_DESCR)  # the event loop refers to what it has told last
        assert [error() for error in left] == [None, None, None]
