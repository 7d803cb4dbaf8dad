"""Reads of many names from agents that take few of them in one request."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from snmptcp import OID, Community, ConfigurationError, Manager, RequestTimeout, UsmUser
from snmptcp.codec.pdu import PduType
from snmptcp.errors import AgentError, GenErr, NoSuchName, ResponseMismatch, TooBig
from snmptcp.manager import names as names_module
from snmptcp.testing import Agent, Drop, FailWith, Fault, Hold, MessageFault, MissingVarbind
from tests.support.clock import settle, skip
from tests.support.mibs import BIG_TABLE, IF_TABLE, SYSTEM, small_agent_mib, small_mib

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any, TypeVar

    from snmptcp.codec.message import CommunityMessage
    from snmptcp.codec.pdu import Pdu
    from snmptcp.testing import Request as AgentRequest

    T = TypeVar("T")

pytestmark = pytest.mark.anyio

NAMES = [oid for oid in sorted(small_mib()) if oid.startswith(OID(BIG_TABLE))][:40]
USER = UsmUser("operator", "SHA-256", "authentication", "AES", "encryption")


@dataclass(frozen=True)
class Cut(MessageFault):
    """The response has at most so many variable bindings."""

    most: int

    def change(self, request: Pdu, message: CommunityMessage, response: Pdu) -> CommunityMessage:
        return message._replace(pdu=response._replace(varbinds=response.varbinds[: self.most]))


#: What agents do with a request of too many names.
WAYS: dict[str, Callable[[int], Fault]] = {
    "tooBig": lambda _: FailWith(1),
    "genErr without an index": lambda _: FailWith(5),
    "genErr with an index that no name has": lambda _: FailWith(5, 200),
    "fewer variable bindings": Cut,
    "one variable binding too few": lambda _: MissingVarbind(),
    "no variable bindings": lambda _: Cut(0),
    "silence": lambda _: Drop(),
}


def count_of(request: AgentRequest) -> int:
    return len(request.pdu.varbinds)


def limit(agent: Agent, most: int, way: str) -> None:
    """Have an agent take so many names in one request."""
    agent.inject(WAYS[way](most), times=None, when=lambda request: count_of(request) > most)


async def passing(work: Coroutine[Any, Any, T]) -> T:
    """Return the result of some work while time flies."""
    task = asyncio.ensure_future(work)
    while not task.done():
        await settle()
        skip(0.25)
    return await task


def counts(agent: Agent) -> list[int]:
    return [count_of(request) for request in agent.requests]


@pytest.mark.parametrize("most", [1, 3, 10, 39])
@pytest.mark.parametrize("way", WAYS)
async def test_an_agent_that_takes_few_names_is_asked_for_fewer(
    manager: Manager, agent: Agent, way: str, most: int
) -> None:
    limit(agent, most, way)

    answer = await passing(manager.get(*NAMES, timeout=60))
    following = await passing(manager.get_next(*NAMES, timeout=60))

    assert [varbind.oid for varbind in answer] == NAMES
    assert [varbind.oid for varbind in following[:-1]] == NAMES[1:]
    assert len(agent.requests) < 250


@pytest.mark.parametrize("way", WAYS)
async def test_what_an_agent_takes_is_remembered(manager: Manager, agent: Agent, way: str) -> None:
    limit(agent, 10, way)
    await passing(manager.get(*NAMES, timeout=60))
    before = len(agent.requests)

    answer = await manager.get(*NAMES)
    await manager.get_next(*NAMES)

    assert [varbind.oid for varbind in answer] == NAMES
    assert max(counts(agent)[before:]) <= 10
    assert len(agent.requests) - before in (2 * 4, 2 * 8, 2 * 5)


async def test_what_an_agent_takes_is_tried_again_later(manager: Manager, agent: Agent) -> None:
    limit(agent, 10, "tooBig")
    await manager.get(*NAMES)
    agent.clear_faults()
    await manager.get(*NAMES)
    assert counts(agent)[-1] == 10

    skip(names_module.MEMORY + 1)
    await manager.get(*NAMES)

    assert counts(agent)[-1] == 40


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("version", ["1", "2c", "3"])
async def test_the_columns_of_a_table_are_found_with_few_names_at_once(
    anyio_backend: object, version: str, way: str
) -> None:
    credentials = USER if version == "3" else Community("public", version)
    async with Agent(small_agent_mib(), users=[USER]) as agent:
        limit(agent, 4, way)
        async with Manager("127.0.0.1", agent.port, credentials=credentials, timeout=60) as manager:

            async def read() -> list[list[int]]:
                return [list(row) async for row in manager.table(IF_TABLE)]

            assert await passing(read()) == [[1, 2, 10], [1, 2, 10], [1, 2], [1, 2, 10]]


@pytest.mark.parametrize("max_names", [1, 2, 7, 33, 100])
@pytest.mark.parametrize("version", ["1", "2c"])
async def test_no_read_has_more_names_than_allowed(agent: Agent, max_names: int, version: str) -> None:
    credentials = Community("private", version)
    async with Manager("127.0.0.1", agent.port, credentials=credentials, max_names=max_names) as manager:
        answer = await manager.get(*NAMES)
        following = await manager.get_next(*NAMES)
        rows = [list(row) async for row in manager.table(IF_TABLE)]

    assert [varbind.oid for varbind in answer] == NAMES
    assert [varbind.oid for varbind in following[:-1]] == NAMES[1:]
    assert rows == [[1, 2, 10], [1, 2, 10], [1, 2], [1, 2, 10]]
    assert max(counts(agent)) <= max_names


async def test_a_set_or_a_getbulk_of_more_names_is_refused_before_it_leaves(agent: Agent) -> None:
    async with Manager("127.0.0.1", agent.port, credentials=Community("private"), max_names=2) as manager:
        values = [(f"{SYSTEM}.{arc}.0", "text") for arc in (4, 5, 6)]
        with pytest.raises(
            ConfigurationError, match="a SET is not split: it has 3 variable bindings, and max_names is 2"
        ):
            await manager.set(*values)
        with pytest.raises(ConfigurationError, match="a GETBULK is not split"):
            await manager.get_bulk(*NAMES[:3])
        await manager.set(*values[:2])

    assert counts(agent) == [2]


@pytest.mark.parametrize("way", WAYS)
async def test_a_set_is_never_asked_again_in_parts(manager: Manager, agent: Agent, way: str) -> None:
    limit(agent, 1, way)
    with pytest.raises((TooBig, GenErr, ResponseMismatch, RequestTimeout)):
        await passing(manager.set((f"{SYSTEM}.4.0", "a"), (f"{SYSTEM}.5.0", "b")))

    assert counts(agent) == [2]


@pytest.mark.parametrize("way", ["genErr without an index", "no variable bindings", "tooBig"])
async def test_a_name_that_fails_alone_is_told_with_its_place(manager: Manager, agent: Agent, way: str) -> None:
    bad = NAMES[23]
    agent.inject(
        WAYS[way](0), times=None, when=lambda request: any(varbind.oid == bad for varbind in request.pdu.varbinds)
    )

    with pytest.raises((TooBig, GenErr, ResponseMismatch)) as caught:
        await manager.get(*NAMES)

    assert str(bad) in str(caught.value)
    assert manager.pending == 0
    if isinstance(caught.value, AgentError):
        assert caught.value.index == 24
        assert caught.value.varbind is not None
        assert caught.value.varbind.oid == bad

    agent.clear_faults()
    await manager.get(*NAMES)
    assert counts(agent)[-1] == 40  # that one name fails says nothing about how many the agent takes


async def test_the_error_index_of_a_part_is_that_of_the_whole_read(agent: Agent) -> None:
    async with Manager("127.0.0.1", agent.port, credentials=Community("public", "1"), max_names=7) as manager:
        missing = [*NAMES[:30], OID("1.3.6.1.2.1.99.0"), *NAMES[30:]]
        with pytest.raises(NoSuchName) as caught:
            await manager.get(*missing)

    assert caught.value.index == 31
    assert caught.value.varbind is not None
    assert caught.value.varbind.oid == "1.3.6.1.2.1.99.0"


@pytest.mark.parametrize("index", [1, 40])
async def test_genErr_for_one_name_is_not_asked_again(manager: Manager, agent: Agent, index: int) -> None:
    agent.inject(FailWith(5, index))
    with pytest.raises(GenErr) as caught:
        await manager.get(*NAMES)

    assert caught.value.index == index
    assert len(agent.requests) == 1


async def test_a_slow_answer_is_taken_while_fewer_names_are_asked_for(manager: Manager, agent: Agent) -> None:
    """An agent that is slow is not one that takes few names."""
    agent.inject(Hold(), times=None)
    get = asyncio.ensure_future(manager.get(*NAMES, timeout=8))
    await agent.wait_for_requests(1)
    await settle()
    skip(4.5)
    await agent.wait_for_requests(5)
    assert sorted(counts(agent)) == [10, 10, 10, 10, 40]
    agent.release()

    assert [varbind.oid for varbind in await get] == NAMES
    agent.clear_faults()
    await manager.get(*NAMES)
    assert counts(agent)[-1] == 40
    assert manager.pending == 0


async def test_an_agent_that_has_answered_as_many_names_is_given_its_time(manager: Manager, agent: Agent) -> None:
    await manager.get(*NAMES)
    agent.inject(Hold(), times=1)
    get = asyncio.ensure_future(manager.get(*NAMES, timeout=8))
    await agent.wait_for_requests(2)
    await settle()
    skip(7)
    await settle()
    agent.release()
    await get

    assert counts(agent) == [40, 40]


async def test_a_silent_agent_times_out_when_the_call_says_so(manager: Manager, agent: Agent) -> None:
    agent.inject(Drop(), times=None)
    begin = asyncio.get_running_loop().time()
    with pytest.raises(RequestTimeout, match="within 6 s"):
        await passing(manager.get(*NAMES, timeout=6))

    assert 6 <= asyncio.get_running_loop().time() - begin < 30
    assert manager.pending == 0


async def test_a_cancelled_read_leaves_no_part_behind(manager: Manager, agent: Agent) -> None:
    agent.inject(Drop(), times=None)
    get = asyncio.ensure_future(manager.get(*NAMES, timeout=8))
    await agent.wait_for_requests(1)
    await settle()
    skip(4.5)
    await agent.wait_for_requests(5)
    get.cancel()
    await asyncio.wait((get,))
    await settle()

    assert get.cancelled()
    assert manager.pending == 0


@pytest.mark.parametrize("way", WAYS)
async def test_few_names_and_one_request_at_a_time(agent: Agent, way: str) -> None:
    limit(agent, 6, way)
    credentials = Community("private")
    async with Manager("127.0.0.1", agent.port, credentials=credentials, max_in_flight=1, timeout=60) as manager:
        answer = await passing(manager.get(*NAMES))
        rows = await passing(_rows(manager))

    assert [varbind.oid for varbind in answer] == NAMES
    assert rows == [[1, 2, 10], [1, 2, 10], [1, 2], [1, 2, 10]]


async def _rows(manager: Manager) -> list[list[int]]:
    return [list(row) async for row in manager.table(IF_TABLE)]


async def test_a_thousand_parts_do_not_leave_at_once(agent: Agent) -> None:
    agent.inject(Hold(), times=None)
    async with Manager("127.0.0.1", agent.port, credentials=Community("public"), max_names=1) as manager:
        get = asyncio.ensure_future(manager.get(*NAMES * 5, timeout=60))
        await agent.wait_for_requests(names_module.PARTS_AT_ONCE)
        await settle()
        assert len(agent.requests) == names_module.PARTS_AT_ONCE
        while not get.done():
            agent.release()
            await settle()
        assert len(await get) == 200


@pytest.mark.parametrize("most", [0, -3])
def test_an_impossible_number_of_names_is_refused(most: int) -> None:
    with pytest.raises(ConfigurationError, match="max_names must be at least 1"):
        Manager("127.0.0.1", credentials=Community("public"), max_names=most)


async def test_an_exchange_is_sent_as_it_is(agent: Agent) -> None:
    async with Manager("127.0.0.1", agent.port, credentials=Community("public"), max_names=2) as manager:
        response = await manager.exchange(PduType.GET, [(name, None) for name in NAMES])

    assert len(response.varbinds) == 40
    assert counts(agent) == [40]
