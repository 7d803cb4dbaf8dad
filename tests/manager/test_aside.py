"""Requests beside a walk's own, against the testing agent and its faults: trials of large answers, looking ahead."""

from __future__ import annotations

import asyncio
import contextlib
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from snmptcp import OID, Community, Manager, SnmpError
from snmptcp.manager import Observer
from snmptcp.protocol.answer_sizes import AnswerSizes
from snmptcp.testing import (
    Agent,
    BrokenValue,
    Close,
    CloseAfter,
    Delay,
    Drop,
    Duplicate,
    FailWith,
    Fault,
    MessageFault,
    MissingVarbind,
    NonIncreasing,
    Truncate,
    WrongNames,
)
from snmptcp.testing import Request as AgentRequest
from tests.support.clock import settle, skip, until
from tests.support.mibs import BIG_ROWS, BIG_TABLE, small_mib

if TYPE_CHECKING:
    from snmptcp.codec.message import CommunityMessage
    from snmptcp.codec.pdu import Pdu
    from snmptcp.protocol.trace import RequestTrace
    from snmptcp.values import VarBind

pytestmark = pytest.mark.anyio

ROWS = [oid for oid in sorted(small_mib()) if oid.startswith(OID(BIG_TABLE))]


@dataclass(frozen=True, slots=True)
class MissingRow(MessageFault):
    """The 56th row of a response is missing."""

    def change(self, request: Pdu, message: CommunityMessage, response: Pdu) -> CommunityMessage:
        varbinds = response.varbinds
        return message._replace(pdu=response._replace(varbinds=(*varbinds[:55], *varbinds[56:])))


class Recorder(Observer):
    """Keeps the traces of requests."""

    def __init__(self) -> None:
        self.requests: list[RequestTrace] = []

    def request_started(self, trace: RequestTrace) -> None:
        self.requests.append(trace)


@pytest.fixture(autouse=True)
def idle_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have no answer count as slow, and no line as long, because this machine is busy with something else."""
    monkeypatch.setattr("snmptcp.protocol.answer_sizes.NOTICEABLE", 60.0)
    monkeypatch.setattr("snmptcp.protocol.answer_sizes.LONG_LINE", 60.0)


@pytest.fixture
def far(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every line be long enough for looking ahead."""
    monkeypatch.setattr(AnswerSizes, "ahead", lambda sizes, _: 8 if sizes.proven > 25 and not sizes.alone else 0)


def asked(agent: Agent) -> list[int]:
    """Return the max-repetitions of the requests so far."""
    return [request.pdu.max_repetitions for request in agent.requests]


async def read(manager: Manager, **options: object) -> tuple[list[VarBind], str]:
    """Walk the big table; return what came, and how it ended."""
    found: list[VarBind] = []
    try:
        async for varbind in manager.walk(BIG_TABLE, **options):  # type: ignore[arg-type]
            found.append(varbind)
    except SnmpError as error:
        return found, type(error).__name__
    return found, "the end"


# -------------------------------------------------------------------------------------------- trials


async def test_a_walk_takes_large_answers_after_one_was_compared(manager: Manager, agent: Agent) -> None:
    found, _ = await read(manager)

    assert [oid for oid, _ in found] == ROWS
    sizes = asked(agent)
    assert sizes[:4] == [25, 25, 25, 200]  # the last one is only compared
    assert len(sizes) < 3 * BIG_ROWS // 25 // 2


async def test_the_next_walk_knows_what_the_agent_can_answer(manager: Manager, agent: Agent) -> None:
    await read(manager)
    before = len(agent.requests)

    found, _ = await read(manager)

    assert [oid for oid, _ in found] == ROWS
    assert asked(agent)[before : before + 4] == [25, 50, 100, 200]


async def test_a_number_that_is_given_is_kept(manager: Manager, agent: Agent) -> None:
    await read(manager, max_repetitions=30)

    assert set(asked(agent)) == {30}
    assert len(agent.requests) == 3 * BIG_ROWS // 30 + 1


async def test_a_table_takes_large_answers_too_but_no_more_than_its_limit(manager: Manager, agent: Agent) -> None:
    rows = [row async for row in manager.table(BIG_TABLE)]
    assert len(rows) == BIG_ROWS
    assert asked(agent).count(200) >= 1
    assert len([row async for row in manager.table(BIG_TABLE)]) == BIG_ROWS
    before = len(agent.requests)

    assert len([row async for row in manager.table(BIG_TABLE, limit=30)]) == 30

    assert max(asked(agent)[before:]) <= 30


async def test_an_agent_that_skips_rows_of_large_answers_is_read_completely(manager: Manager, agent: Agent) -> None:
    """As one switch does above 55 repetitions."""
    agent.inject(MissingRow(), times=None, when=lambda request: request.pdu.max_repetitions > 55)

    for _ in range(3):
        found, _ = await read(manager)
        assert [oid for oid, _ in found] == ROWS

    assert max(asked(agent)) == 200


@pytest.mark.parametrize("status", [1, 5])
async def test_an_agent_that_refuses_large_requests_costs_three_trials_once(
    manager: Manager, agent: Agent, status: int
) -> None:
    agent.inject(FailWith(status), times=None, when=lambda request: request.pdu.max_repetitions > 25)
    for _ in range(2):
        found, _ = await read(manager)
        assert [oid for oid, _ in found] == ROWS

    large = [size for size in asked(agent) if size > 25]
    assert large == [200, 100, 50]


async def test_a_large_answer_that_stops_in_its_middle_costs_one_wait_and_a_connection(
    manager: Manager, agent: Agent
) -> None:
    agent.inject(Truncate(40), times=None, when=lambda request: request.pdu.max_repetitions > 25)
    reading = asyncio.ensure_future(read(manager))
    await until(lambda: 200 in asked(agent))
    await settle()
    skip(5)

    found, _ = await reading

    assert [oid for oid, _ in found] == ROWS
    assert manager.statistics.connections == 2
    assert asked(agent).count(200) == 1


async def test_an_agent_that_is_busy_with_a_large_answer_for_six_timeouts_is_read_completely(
    manager: Manager, agent: Agent
) -> None:
    dropped: list[AgentRequest] = []

    def is_behind_the_large_one(request: AgentRequest) -> bool:
        if 200 in asked(agent):
            dropped.append(request)
        return bool(dropped)

    agent.inject(Drop(), times=7, when=is_behind_the_large_one)
    reading = asyncio.ensure_future(read(manager))
    for count in range(2, 8):
        await until(lambda count=count: len(dropped) == count)  # type: ignore[misc]
        skip(5)

    found, _ = await reading

    assert [oid for oid, _ in found] == ROWS
    assert asked(agent).count(200) == 1


@pytest.mark.parametrize("retries", [0, 1])
async def test_an_agent_that_closes_the_connection_at_large_requests_is_read_completely(
    agent: Agent, retries: int
) -> None:
    """Also where it has answered large ones before."""
    async with _manager(agent, retries=retries) as manager:
        await read(manager)
        before = len(agent.requests)
        agent.inject(Close(), times=None, when=lambda request: request.pdu.max_repetitions > 25)

        found, _ = await read(manager)

    assert [oid for oid, _ in found] == ROWS
    assert 0 < len([size for size in asked(agent)[before:] if size > 25]) <= 2


async def test_an_agent_that_cuts_answers_is_asked_for_what_it_gives(agent: Agent) -> None:
    async with Agent(small_mib(), max_message_size=2048) as short, _manager(short) as manager:
        for _ in range(2):
            found, _ = await read(manager)
            assert [oid for oid, _ in found] == ROWS
        assert 25 < max(asked(short)[-3:]) < 150


async def test_a_limit_of_requests_in_flight_makes_none_beside_a_walk(agent: Agent) -> None:
    async with _manager(agent, max_in_flight=4) as manager:
        found, _ = await read(manager)

    assert [oid for oid, _ in found] == ROWS
    assert set(asked(agent)) == {25}


@pytest.mark.usefixtures("far")
async def test_a_walk_with_a_limit_never_exceeds_it(manager: Manager, agent: Agent) -> None:
    await read(manager)
    before = len(agent.requests)

    assert len((await read(manager, limit=500))[0]) == 500

    assert sum(asked(agent)[before:]) == 500


# ------------------------------------------------------------------------------------------- ahead


@pytest.mark.usefixtures("far")
async def test_the_next_column_is_asked_for_while_one_is_read(manager: Manager, agent: Agent) -> None:
    await read(manager)
    before = len(agent.requests)

    found, _ = await read(manager)

    assert [oid for oid, _ in found] == ROWS
    names = [request.pdu.varbinds[0].oid for request in list(agent.requests)[before:]]
    assert OID(f"{BIG_TABLE}.1.2") in names


@pytest.mark.usefixtures("far")
async def test_nothing_is_asked_for_ahead_after_a_request_was_lost_in_the_crowd(manager: Manager, agent: Agent) -> None:
    """As by a device on the way that looks at one request at a time, and drops the others."""
    await read(manager)
    column = OID(f"{BIG_TABLE}.1.2")
    before = len(agent.requests)

    def names() -> list[OID]:
        return [request.pdu.varbinds[0].oid for request in list(agent.requests)[before:]]

    dropped: list[AgentRequest] = []

    def is_in_the_crowd(request: AgentRequest) -> bool:
        if column in names() and request.pdu.varbinds[0].oid.startswith(OID(f"{BIG_TABLE}.1.1")):
            dropped.append(request)
        return bool(dropped)

    agent.inject(Drop(), times=1, when=is_in_the_crowd)
    reading = asyncio.ensure_future(read(manager))
    await until(lambda: dropped and manager.pending == 1)
    skip(5)
    found, _ = await reading
    assert [oid for oid, _ in found] == ROWS
    before = len(agent.requests)

    found, _ = await read(manager)

    assert [oid for oid, _ in found] == ROWS
    assert column not in names()
    assert manager.statistics.timeouts == 1


@pytest.mark.usefixtures("far")
async def test_a_walk_left_early_leaves_nothing_in_flight(manager: Manager, agent: Agent) -> None:
    await read(manager)
    async with contextlib.aclosing(manager.walk(BIG_TABLE)) as walk:
        async for varbind in walk:
            if varbind.oid.startswith(OID(f"{BIG_TABLE}.1.2")):
                break
    await settle()

    assert manager.pending == 0
    assert len((await read(manager))[0]) == len(ROWS)


@pytest.mark.usefixtures("far")
async def test_a_consumer_that_stands_still_has_a_limited_number_of_answers_waiting(
    manager: Manager, agent: Agent
) -> None:
    await read(manager)
    before = len(agent.requests)
    async with contextlib.aclosing(manager.walk(BIG_TABLE)) as walk:
        for _ in range(100):
            await anext(walk)
        await settle(200)
        assert len(agent.requests) - before <= 8


@pytest.mark.usefixtures("far")
async def test_an_observer_is_told_of_each_request_beside_a_walk_and_of_its_end(agent: Agent) -> None:
    recorder = Recorder()
    async with _manager(agent, observer=recorder) as manager:
        await read(manager)
        await read(manager)

        assert len(recorder.requests) == manager.statistics.requests
        assert all(trace.ended_at is not None for trace in recorder.requests)


@pytest.mark.usefixtures("far")
@pytest.mark.parametrize(
    "fault",
    [
        None,
        BrokenValue(OID(f"{BIG_TABLE}.1.2.17")),
        Delay(0.001),
        Duplicate(),
        FailWith(1),
        FailWith(2),
        FailWith(5),
        CloseAfter(),
        MissingVarbind(),
    ],
    ids=repr,
)
@pytest.mark.parametrize("at", [40, 299, 300, 450, 899])
async def test_a_fault_at_a_row_ends_a_walk_as_without_anything_beside_it(
    agent: Agent, fault: Fault | None, at: int
) -> None:
    async with _manager(agent) as plain, _manager(agent) as manager:
        await read(manager)
        if fault is not None:
            agent.inject(fault, None, when=lambda request: _comes_to(request, at))
        expected = await read(plain, max_repetitions=25)

        assert await read(manager) == expected


@pytest.mark.usefixtures("far")
@pytest.mark.parametrize("fault", [FailWith(16), NonIncreasing(), WrongNames()], ids=repr)
async def test_a_fault_that_no_smaller_request_helps_against_ends_a_walk_with_the_same_error(
    agent: Agent, fault: Fault
) -> None:
    """How much came before depends on the size of the request that met it."""
    async with _manager(agent) as plain, _manager(agent) as manager:
        await read(manager)
        agent.inject(fault, None, when=lambda request: _comes_to(request, 450))
        found, ending = await read(manager)
        _, expected = await read(plain, max_repetitions=25)

    assert ending == expected
    assert [oid for oid, _ in found[:200]] == ROWS[:200]


def _comes_to(request: AgentRequest, at: int) -> bool:
    """Whether the answer to a request has a row of the table."""
    begins = bisect_right(ROWS, request.pdu.varbinds[0].oid)
    return begins <= at < begins + max(request.pdu.max_repetitions, 1)


def _manager(agent: Agent, **options: object) -> Manager:
    return Manager(agent.host, agent.port, credentials=Community("public"), **options)  # type: ignore[arg-type]
