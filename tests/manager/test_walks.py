"""Manager: walks and tables against an agent that behaves, and one that does not."""

from __future__ import annotations

import asyncio
import contextlib

import pytest

from snmptcp import (
    OID,
    Community,
    ConfigurationError,
    Counter32,
    Counter64,
    Manager,
    OctetString,
    RequestTimeout,
)
from snmptcp.codec.pdu import PduType
from snmptcp.errors import AuthorizationError, GenErr, OidNotIncreasing, ResponseMismatch
from snmptcp.manager import TableRow, walks
from snmptcp.testing import Agent, BrokenValue, Cycle, Drop, EmptyVarbinds, FailWith, Fault, NonIncreasing, WrongNames
from snmptcp.testing import Request as AgentRequest
from tests.support.clock import settle, skip
from tests.support.mibs import BIG_ROWS, BIG_TABLE, IF_TABLE, SYSTEM, small_mib

pytestmark = pytest.mark.anyio


def is_bulk(request: AgentRequest) -> bool:
    return request.pdu.type is PduType.GET_BULK


@pytest.mark.parametrize("max_repetitions", [0, 1, 7, 25, 10_000])
async def test_a_walk_gives_exactly_the_subtree_in_order(manager: Manager, max_repetitions: int) -> None:
    expected = [oid for oid in sorted(small_mib()) if oid.startswith(OID(BIG_TABLE))]

    found = [varbind.oid async for varbind in manager.walk(BIG_TABLE, max_repetitions=max_repetitions)]

    assert found == expected


async def test_a_walk_in_version_1_uses_getnext_and_ends_at_the_end_of_the_mib(
    manager_v1: Manager, agent: Agent
) -> None:
    expected = [oid for oid, value in sorted(small_mib().items()) if not isinstance(value, Counter64)]

    found = [varbind.oid async for varbind in manager_v1.walk("1")]

    assert found == expected
    assert {request.pdu.type for request in agent.requests} == {PduType.GET_NEXT}


async def test_a_walk_of_nothing_is_empty(manager: Manager) -> None:
    assert [varbind async for varbind in manager.walk("1.3.6.1.2.1.99")] == []
    assert [varbind async for varbind in manager.walk(f"{SYSTEM}.1.1")] == []
    assert [varbind async for varbind in manager.walk("2")] == []


async def test_a_walk_of_an_instance_reads_it(manager: Manager, agent: Agent) -> None:
    name = OID(f"{SYSTEM}.1.0")
    value = await manager.get_value(name)
    assert [varbind async for varbind in manager.walk(name)] == [(name, value)]
    assert [varbind async for varbind in manager.walk(name, limit=1)] == [(name, value)]
    assert [varbind async for varbind in manager.walk(name, limit=0)] == []
    assert [varbind async for varbind in manager.walk(name, max_repetitions=0)] == [(name, value)]
    assert [varbind async for varbind in manager.walk(name, start=name)] == []

    before = len(agent.requests)
    assert [varbind async for varbind in manager.walk(name, instance=False)] == []
    assert len(agent.requests) == before + 1


async def test_a_walk_of_an_instance_reads_it_in_version_1(agent: Agent) -> None:
    async with Manager(agent.host, agent.port, credentials=Community("public", "1")) as manager:
        assert len([varbind async for varbind in manager.walk(f"{SYSTEM}.1.0")]) == 1
        assert [varbind async for varbind in manager.walk(f"{SYSTEM}.1.1")] == []


@pytest.mark.parametrize("fault", [FailWith(5, 1), FailWith(16), WrongNames(), EmptyVarbinds()], ids=repr)
async def test_an_empty_walk_stays_empty_whatever_the_agent_says_to_a_get_of_its_root(
    manager: Manager, agent: Agent, fault: Fault
) -> None:
    agent.inject(fault, when=lambda request: request.pdu.type is PduType.GET)
    assert [varbind async for varbind in manager.walk("1.3.6.1.2.1.99")] == []


async def test_a_walk_reads_no_more_than_its_limit(manager: Manager, agent: Agent) -> None:
    found = [varbind async for varbind in manager.walk(BIG_TABLE, limit=30)]

    assert len(found) == 30
    assert sum(request.pdu.max_repetitions for request in agent.requests) == 30
    assert [varbind async for varbind in manager.walk(BIG_TABLE, limit=0)] == []


async def test_a_walk_goes_on_after_a_name(manager: Manager) -> None:
    found = [varbind.oid async for varbind in manager.walk(SYSTEM, start=f"{SYSTEM}.3.0")]

    assert [str(oid) for oid in found] == [f"{SYSTEM}.4.0", f"{SYSTEM}.5.0", f"{SYSTEM}.7.0"]


@pytest.mark.parametrize(
    "arguments", [{"max_repetitions": -1}, {"limit": -1}, {"start": "1.3.6.1.2.1.2"}, {"timeout": 0}]
)
async def test_a_walk_refuses_impossible_arguments(manager: Manager, arguments: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError):
        async for _ in manager.walk(SYSTEM, **arguments):  # type: ignore[arg-type]
            pass


async def test_the_next_request_leaves_before_the_first_answer_is_looked_at(manager: Manager, agent: Agent) -> None:
    async with contextlib.aclosing(manager.walk(BIG_TABLE, max_repetitions=10)) as walk:
        await anext(walk)
        await agent.wait_for_requests(2)

        assert manager.pending == 1


async def test_a_walk_left_early_leaves_nothing_behind(manager: Manager) -> None:
    async for _ in manager.walk(BIG_TABLE, max_repetitions=10):
        break
    await settle()

    assert manager.pending == 0
    assert len([varbind async for varbind in manager.walk(SYSTEM)]) == 6


async def test_a_table_left_early_leaves_nothing_behind(manager: Manager) -> None:
    async for _ in manager.table(BIG_TABLE, max_repetitions=10):
        break
    await settle()

    assert manager.pending == 0


@pytest.mark.parametrize("status", [1, 5])
async def test_max_repetitions_shrink_until_the_agent_can_answer_and_grow_again(
    manager: Manager, agent: Agent, status: int
) -> None:
    agent.inject(FailWith(status), times=None, when=lambda request: request.pdu.max_repetitions > 10)

    found = [varbind.oid async for varbind in manager.walk(BIG_TABLE, max_repetitions=40)]

    asked = [request.pdu.max_repetitions for request in agent.requests]
    assert len(found) == len(set(found)) == 3 * BIG_ROWS
    assert asked[:3] == [40, 20, 10]
    assert max(asked[3:]) > 10  # it tries to grow
    assert asked.count(40) == 1  # but not straight back to what failed


async def test_an_agent_that_answers_every_getbulk_with_an_error_is_walked_by_getnext(
    manager: Manager, agent: Agent
) -> None:
    agent.inject(FailWith(5), times=None, when=is_bulk)

    found = [varbind.oid async for varbind in manager.walk(SYSTEM)]

    assert len(found) == 6
    assert agent.requests[-1].pdu.type is PduType.GET_NEXT


async def test_an_agent_that_never_answers_a_getbulk_is_walked_by_getnext(manager: Manager, agent: Agent) -> None:
    agent.inject(Drop(), times=None, when=is_bulk)
    walk = manager.walk(SYSTEM, timeout=5)
    task = asyncio.ensure_future(anext(walk))
    await agent.wait_for_requests(1)
    skip(5)
    assert (await task).oid == OID(f"{SYSTEM}.1.0")

    assert [str(varbind.oid) async for varbind in walk][-1] == f"{SYSTEM}.7.0"
    assert [request.pdu.type for request in agent.requests].count(PduType.GET_BULK) == 1


async def test_a_hasty_walk_asks_by_getnext_after_half_of_the_timeout(manager: Manager, agent: Agent) -> None:
    agent.inject(Drop(), times=None, when=is_bulk)
    walk = manager.walk(SYSTEM, timeout=100, hasty=True)
    task = asyncio.ensure_future(anext(walk))
    await agent.wait_for_requests(1)
    skip(51)
    assert (await task).oid == OID(f"{SYSTEM}.1.0")
    await walk.aclose()


async def test_an_agent_that_falls_silent_ends_the_walk_with_a_timeout_after_two_requests(
    manager: Manager, agent: Agent
) -> None:
    agent.inject(Drop(), times=None)

    async def collect() -> list[object]:
        return [varbind async for varbind in manager.walk(SYSTEM, timeout=5)]

    task = asyncio.ensure_future(collect())
    await agent.wait_for_requests(1)
    skip(5)
    await agent.wait_for_requests(2)
    skip(5)
    with pytest.raises(RequestTimeout):
        await task

    assert len(agent.requests) == 2


async def test_an_error_that_smaller_requests_do_not_help_ends_the_walk_after_what_was_good(
    manager: Manager, agent: Agent
) -> None:
    def asks_beyond_row_20(request: AgentRequest) -> bool:
        oid = request.pdu.varbinds[0].oid
        return oid.startswith(OID(f"{BIG_TABLE}.1.1")) and len(oid) == 11 and oid[-1] >= 20

    agent.inject(FailWith(5, 1), times=None, when=asks_beyond_row_20)
    found = []
    with pytest.raises(GenErr):
        async for varbind in manager.walk(BIG_TABLE, max_repetitions=10):
            found.append(varbind.oid[-1])

    assert found == list(range(1, 21))


@pytest.mark.parametrize("max_repetitions", [0, 1, 10])
async def test_a_name_that_repeats_ends_the_walk(manager: Manager, agent: Agent, max_repetitions: int) -> None:
    agent.inject(NonIncreasing(), times=None, when=lambda request: len(request.pdu.varbinds[0].oid) > 8)
    found = []
    with pytest.raises(OidNotIncreasing) as caught:
        async for varbind in manager.walk(BIG_TABLE, max_repetitions=max_repetitions):
            found.append(varbind.oid)

    assert len(found) == max(max_repetitions, 1)
    assert found == sorted(set(found))
    assert caught.value.current <= caught.value.previous
    assert len(agent.requests) <= 3


@pytest.mark.parametrize("length", [1, 2, 3, 50])
@pytest.mark.parametrize("tolerant", [False, True])
async def test_a_cycle_ends_the_walk_and_no_name_comes_twice(
    manager: Manager, agent: Agent, length: int, tolerant: bool
) -> None:
    agent.inject(Cycle(tuple(OID(f"{SYSTEM}.1.{arc}") for arc in range(length))), times=None)
    found = []
    with pytest.raises(OidNotIncreasing):
        async for varbind in manager.walk(SYSTEM, max_repetitions=7, tolerate_non_increasing=tolerant):
            found.append(varbind.oid)

    assert len(found) == len(set(found)) == length


async def test_names_out_of_order_are_taken_if_they_are_tolerated(manager: Manager, agent: Agent) -> None:
    disorder = [f"{SYSTEM}.1.{arc}" for arc in (1, 5, 3, 4, 2)]
    agent.inject(Cycle(tuple(map(OID, disorder))), times=None)
    found = []
    with pytest.raises(OidNotIncreasing):
        async for varbind in manager.walk(SYSTEM, tolerate_non_increasing=True):
            found.append(str(varbind.oid))

    assert found == disorder


async def test_an_answer_without_names_ends_the_walk(manager: Manager, agent: Agent) -> None:
    agent.inject(EmptyVarbinds(), times=None)

    with pytest.raises(ResponseMismatch):
        async for _ in manager.walk(SYSTEM):
            pass

    assert len(agent.requests) == 2  # a GETBULK, then a GETNEXT


async def test_a_connection_lost_in_mid_walk_is_made_again_and_nothing_is_missing(
    manager: Manager, agent: Agent
) -> None:
    found = []
    async for varbind in manager.walk(BIG_TABLE, max_repetitions=10):
        found.append(varbind.oid)
        if len(found) % 200 == 0:
            agent.drop_connections(reset=len(found) % 400 == 0)

    assert found == [oid for oid in sorted(small_mib()) if oid.startswith(OID(BIG_TABLE))]
    assert manager.statistics.connections > 1


# ------------------------------------------------------------------------------------------- tables


def disorder(agent: Agent, columns: dict[int, list[int]]) -> None:
    """Have the rows of a table come in an order of their own."""
    names: list[OID] = []
    for column, indexes in columns.items():
        root = OID(f"{IF_TABLE}.1.{column}")
        names += [root, *(root + index for index in indexes)]
    agent.inject(Cycle((*names, OID("1.3.6.1.2.1.3.1"))), times=None)


@pytest.mark.parametrize("max_repetitions", [0, 2, 25])
async def test_a_table_out_of_order_is_read_if_that_is_tolerated(
    manager: Manager, agent: Agent, max_repetitions: int
) -> None:
    disorder(agent, {1: [7, 1, 300, 2], 2: [2, 7, 1]})
    table = manager.table(IF_TABLE, [1, 2], max_repetitions=max_repetitions)
    with pytest.raises(OidNotIncreasing):
        async for _ in table:
            pass

    rows = [
        row
        async for row in manager.table(IF_TABLE, [1, 2], max_repetitions=max_repetitions, tolerate_non_increasing=True)
    ]

    assert {str(row.index): list(row) for row in rows} == {"7": [1, 2], "1": [1, 2], "300": [1], "2": [1, 2]}
    assert str(rows[0].index) == "7"


async def test_a_table_that_repeats_itself_ends_whatever_is_tolerated(manager: Manager, agent: Agent) -> None:
    agent.inject(Cycle(tuple(OID(f"{IF_TABLE}.1.1.{index}") for index in (3, 1, 2))), times=None)
    with pytest.raises(OidNotIncreasing, match="the agent repeats itself"):
        async for _ in manager.table(IF_TABLE, [1], tolerate_non_increasing=True):
            pass


@pytest.mark.parametrize("root", [IF_TABLE, f"{IF_TABLE}.1"])
async def test_a_table_has_the_agents_columns_and_leaves_holes_open(manager: Manager, root: str) -> None:
    rows = [row async for row in manager.table(root)]

    assert [str(row.index) for row in rows] == ["1", "2", "7", "300"]
    assert [list(row) for row in rows] == [[1, 2, 10], [1, 2, 10], [1, 2], [1, 2, 10]]
    assert rows[3] == TableRow(OID.fragment("300"), {1: 300, 2: OctetString("port 300"), 10: Counter32(300_000)})  # type: ignore[dict-item]


async def test_a_table_in_version_1(manager_v1: Manager) -> None:
    rows = [row async for row in manager_v1.table(IF_TABLE)]

    assert [str(row.index) for row in rows] == ["1", "2", "7", "300"]
    assert [row.get(10) for row in rows] == [1000, 2000, None, 300_000]


async def test_the_columns_of_a_table_travel_side_by_side(manager: Manager, agent: Agent) -> None:
    async with contextlib.aclosing(manager.table(BIG_TABLE, max_repetitions=10)) as table:
        await anext(table)
        await agent.wait_for_requests(7)

        assert manager.pending >= 3
    assert len([row async for row in manager.table(BIG_TABLE)]) == BIG_ROWS
    assert agent.statistics.connections == 1


async def test_the_columns_of_a_wide_table_travel_a_limited_number_at_a_time(
    manager: Manager, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walks, "COLUMNS_AT_ONCE", 2)
    narrow = [row async for row in manager.table(BIG_TABLE, max_repetitions=10)]
    most = 0
    async for _ in manager.table(BIG_TABLE, max_repetitions=10):
        most = max(most, manager.pending)
    assert most == 2
    monkeypatch.undo()
    assert narrow == [row async for row in manager.table(BIG_TABLE, max_repetitions=10)]


async def test_a_table_ends_at_its_limit_and_leaves_nothing_behind(manager: Manager) -> None:
    assert len([row async for row in manager.table(BIG_TABLE, limit=7)]) == 7
    assert manager.pending == 0
    assert [row async for row in manager.table(BIG_TABLE, limit=0)] == []
    with pytest.raises(ConfigurationError, match="limit must be at least 0, not -1"):
        manager.table(BIG_TABLE, limit=-1)
    with pytest.raises(ConfigurationError, match="max_columns must be at least 1, not 0"):
        manager.table(BIG_TABLE, max_columns=0)


async def test_a_table_of_columns_by_number_and_by_oid(manager: Manager) -> None:
    rows = [row async for row in manager.table(BIG_TABLE, columns=[3, f"{BIG_TABLE}.1.1"])]

    assert len(rows) == BIG_ROWS
    assert rows[9] == TableRow(OID.fragment("10"), {3: Counter32(70), 1: 10})  # type: ignore[dict-item]


async def test_a_table_that_is_not_there_has_no_rows(manager: Manager) -> None:
    assert [row async for row in manager.table("1.3.6.1.2.1.77")] == []
    with pytest.raises(ConfigurationError):
        async for _ in manager.table(IF_TABLE, columns=[]):
            pass


async def test_a_table_of_rows_with_indexes_of_several_arcs() -> None:
    entry = "1.3.6.1.2.1.4.20.1"
    addresses = ["9.255.255.255", "10.0.0.1", "10.0.0.128", "10.0.1.1", "192.168.200.1"]
    mib = {f"{entry}.{column}.{address}": f"{column}@{address}" for column in (1, 3) for address in addresses}
    async with (
        Agent(mib) as agent,
        Manager(agent.host, agent.port, credentials=Community("public")) as manager,
    ):
        rows = [row async for row in manager.table("1.3.6.1.2.1.4.20")]

    assert [str(row.index) for row in rows] == addresses
    assert rows[4][3] == b"3@192.168.200.1"


async def test_a_table_that_does_not_increase_ends_with_that(manager: Manager, agent: Agent) -> None:
    agent.inject(NonIncreasing(), times=None, when=lambda request: len(request.pdu.varbinds[0].oid) > 10)

    with pytest.raises(OidNotIncreasing):
        async for _ in manager.table(BIG_TABLE, columns=[1, 2], max_repetitions=5):
            pass

    assert manager.pending == 0


async def test_columns_shrink_for_themselves_on_too_big(manager: Manager, agent: Agent) -> None:
    agent.inject(FailWith(1), times=None, when=lambda request: request.pdu.max_repetitions > 10)

    rows = [row async for row in manager.table(BIG_TABLE, max_repetitions=40)]

    assert len(rows) == BIG_ROWS


async def test_the_search_for_columns_asks_for_fewer_if_the_agent_cannot_answer_so_many(
    manager: Manager, agent: Agent
) -> None:
    agent.inject(FailWith(1), times=None, when=lambda request: len(request.pdu.varbinds) > 10)

    rows = [row async for row in manager.table(IF_TABLE)]

    assert len(rows) == 4


async def test_the_search_for_columns_ends_with_an_error_that_fewer_do_not_help_against(
    manager: Manager, agent: Agent
) -> None:
    agent.inject(FailWith(16), times=None)

    with pytest.raises(AuthorizationError):
        async for _ in manager.table(IF_TABLE):
            pass


async def test_the_testing_agent_can_break_one_value_of_a_walk(manager: Manager, agent: Agent) -> None:
    names = [varbind.oid async for varbind in manager.walk(SYSTEM)]
    agent.inject(BrokenValue(names[2]), None)
    found = [varbind.oid async for varbind in manager.walk(SYSTEM, skip_broken=True)]
    assert found == [*names[:2], *names[3:]]
