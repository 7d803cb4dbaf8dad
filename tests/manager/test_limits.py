"""What agents cannot take, as options of the manager: how many requests at once, and connections that end early."""

from __future__ import annotations

import asyncio

import pytest

from snmptcp import OID, Community, ConfigurationError, Manager, RequestTimeout, TlsOptions, UsmUser
from snmptcp.codec.pdu import PduType
from snmptcp.errors import ConnectionLost
from snmptcp.sync import SyncManager
from snmptcp.testing import Agent, Close, CloseAfter, Drop, Hold, Reorder
from tests.support.certificates import certificates
from tests.support.clock import settle, skip
from tests.support.frugal import TABLE, FrugalAgent
from tests.support.mibs import SYSTEM, small_agent_mib, small_mib

pytestmark = pytest.mark.anyio

NAMES = [f"{SYSTEM}.{arc}.0" for arc in (1, 3, 4, 5)]


def manager_of(agent: Agent | FrugalAgent, **options: object) -> Manager:
    """Return a manager that may write."""
    return Manager("127.0.0.1", agent.port, credentials=Community("private"), **options)  # type: ignore[arg-type]


def frugal_manager(agent: FrugalAgent, **options: object) -> Manager:
    """Return a manager for an agent that takes little."""
    return Manager("127.0.0.1", agent.port, credentials=Community("public"), **options)  # type: ignore[arg-type]


# ----------------------------------------------------------------------------------- max_in_flight


@pytest.mark.parametrize("most", [1, 2, 3])
async def test_no_more_requests_are_outstanding_than_allowed(agent: Agent, most: int) -> None:
    agent.inject(Hold(), times=None)
    async with manager_of(agent, max_in_flight=most) as manager:
        gets = [asyncio.ensure_future(manager.get(name)) for name in NAMES * 2]
        answered = 0
        while answered < len(gets):
            await agent.wait_for_requests(min(answered + most, len(gets)))
            await settle()
            assert len(agent.requests) == min(answered + most, len(gets))
            agent.release()
            answered = len(agent.requests)
        answers = await asyncio.gather(*gets)

    assert [answer[0].oid for answer in answers] == NAMES * 2
    assert [request.pdu.varbinds[0].oid for request in agent.requests] == NAMES * 2  # in the order in which they began


async def test_requests_that_wait_for_their_turn_keep_their_own_deadline(agent: Agent) -> None:
    agent.inject(Hold(), times=1)
    async with manager_of(agent, max_in_flight=1) as manager:
        first = asyncio.ensure_future(manager.get(NAMES[0], timeout=60))
        await agent.wait_for_requests(1)
        waiting = asyncio.ensure_future(manager.get(NAMES[1], timeout=2))
        await settle()
        skip(2.5)
        with pytest.raises(RequestTimeout, match=r"within 2 s \(it has not left; max_in_flight is 1\)"):
            await waiting
        agent.release()
        assert (await first)[0].oid == NAMES[0]
        assert (await manager.get(NAMES[2]))[0].oid == NAMES[2]
    assert len(agent.requests) == 2  # the one whose time was over has never left


async def test_a_request_whose_caller_has_gone_counts_until_its_answer(agent: Agent) -> None:
    """The agent still works on it, and would not take another one."""
    agent.inject(Hold(), times=1)
    async with manager_of(agent, max_in_flight=1) as manager:
        gone = asyncio.ensure_future(manager.get(NAMES[0]))
        await agent.wait_for_requests(1)
        gone.cancel()
        following = asyncio.ensure_future(manager.get(NAMES[1]))
        await settle()
        assert len(agent.requests) == 1
        agent.release()
        assert (await following)[0].oid == NAMES[1]
        assert manager.statistics.late == 1


async def test_a_request_whose_caller_has_gone_does_not_block_for_ever(agent: Agent) -> None:
    agent.inject(Drop(), times=1)
    async with manager_of(agent, max_in_flight=1) as manager:
        gone = asyncio.ensure_future(manager.get(NAMES[0], timeout=1000))
        await agent.wait_for_requests(1)
        gone.cancel()
        following = asyncio.ensure_future(manager.get(NAMES[1], timeout=1000))
        await settle()
        skip(1.5)
        assert (await following)[0].oid == NAMES[1]


async def test_a_cancelled_request_that_waits_for_its_turn_never_leaves(agent: Agent) -> None:
    agent.inject(Hold(), times=1)
    async with manager_of(agent, max_in_flight=1) as manager:
        first = asyncio.ensure_future(manager.get(NAMES[0]))
        await agent.wait_for_requests(1)
        sets = [asyncio.ensure_future(manager.set((NAMES[2], f"name {number}"))) for number in range(3)]
        await settle()
        for request in sets[:2]:
            request.cancel()
        agent.release()
        await first
        await sets[2]

    assert [request.pdu.type for request in agent.requests] == [PduType.GET, PduType.SET]


async def test_answers_out_of_order_reach_the_right_callers_within_the_limit(agent: Agent) -> None:
    agent.inject(Reorder(), times=2)
    async with manager_of(agent, max_in_flight=3) as manager:
        answers = await asyncio.gather(*(manager.get(name) for name in NAMES))

    assert [answer[0].oid for answer in answers] == NAMES


async def test_gets_in_parallel_of_an_agent_that_takes_one_at_a_time() -> None:
    async with FrugalAgent() as agent, frugal_manager(agent, max_in_flight=1) as manager:
        answers = await asyncio.gather(*(manager.get(f"1.3.6.{number}") for number in range(20)))

    assert [str(answer[0].oid) for answer in answers] == [f"1.3.6.{number}" for number in range(20)]
    assert (agent.most, agent.lost, agent.connections) == (1, 0, 1)


async def test_without_a_limit_such_an_agent_loses_requests() -> None:
    async with FrugalAgent() as agent, frugal_manager(agent) as manager:
        gets = [asyncio.ensure_future(manager.get(f"1.3.6.{number}", timeout=1000)) for number in range(5)]
        await asyncio.wait(gets, return_when=asyncio.FIRST_COMPLETED)
        await settle()
        assert sum(get.done() for get in gets) < 5
        for get in gets:
            get.cancel()
        await asyncio.wait(gets)
    assert agent.lost > 0


@pytest.mark.parametrize("closes", [False, True])
async def test_tables_and_walks_of_an_agent_that_takes_one_at_a_time(closes: bool) -> None:
    async with FrugalAgent(closes=closes, rows=40) as agent, frugal_manager(agent, max_in_flight=1) as manager:
        rows = [row async for row in manager.table(TABLE, max_repetitions=7)]
        walked = [varbind async for varbind in manager.walk(TABLE, max_repetitions=7)]

    assert [dict(row) for row in rows] == [{1: number, 2: number, 3: number} for number in range(1, 41)]
    assert len(walked) == 120
    assert (agent.most, agent.lost) == (1, 0)


@pytest.mark.parametrize("most", [1, 2])
async def test_probes_count_as_requests(anyio_backend: object, most: int) -> None:
    """The discovery of the engine, and the proof of its time that a SET waits for."""
    user = UsmUser("operator", "SHA-256", "authentication")
    async with (
        Agent(small_agent_mib(), users=[user]) as agent,
        Manager("127.0.0.1", agent.port, credentials=user, max_in_flight=most) as manager,
    ):
        sets = [asyncio.ensure_future(manager.set((NAMES[2], f"name {number}"))) for number in range(3)]
        gets = [asyncio.ensure_future(manager.get(name)) for name in NAMES]
        await asyncio.gather(*sets, *gets)
        agent.inject(Hold(), times=None)
        more = [asyncio.ensure_future(manager.get(name)) for name in NAMES]
        before = len(agent.requests)
        while not all(get.done() for get in more):
            await settle()
            assert len(agent.requests) - before <= most
            before = len(agent.requests)
            agent.release()
            await settle()

    assert manager.statistics.timeouts == 0


async def test_a_table_waits_for_its_columns_and_not_for_its_own_requests(agent: Agent) -> None:
    """With one request at a time, the columns that are not asked for yet lose no time of theirs."""
    agent.inject(Hold(), times=None)
    names = set()
    async with manager_of(agent, max_in_flight=1) as manager:
        table = manager.table("1.3.6.1.2.1.2.2", [1, 2, 10], timeout=5)
        rows = asyncio.ensure_future(anext(table))
        for count in (1, 2, 3):
            await agent.wait_for_requests(count)
            await settle()
            names.add(agent.requests[-1].pdu.varbinds[0].oid)
            skip(3)
            agent.release()
        agent.clear_faults()
        assert list(await rows) == [1, 2, 10]
        await table.aclose()
    assert len(names) == 3


@pytest.mark.parametrize("most", [0, -1])
def test_an_impossible_limit_is_refused(most: int) -> None:
    with pytest.raises(ConfigurationError, match="max_in_flight must be at least 1"):
        Manager("127.0.0.1", credentials=Community("public"), max_in_flight=most)


def test_the_blocking_manager_has_the_limit() -> None:
    with pytest.raises(ConfigurationError, match="max_in_flight must be at least 1"):
        SyncManager("127.0.0.1", credentials=Community("public"), max_in_flight=0)


# ----------------------------------------------------------------- connections that end after an answer


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("most", [None, 1, 4])
async def test_gets_of_an_agent_that_closes_after_each_answer(most: int | None, half: bool) -> None:
    async with (
        FrugalAgent(closes=True, half=half) as agent,
        frugal_manager(agent, max_in_flight=most) as manager,
    ):
        answers = await asyncio.gather(*(manager.get(f"1.3.6.{number}") for number in range(12)))
        for number in range(12):
            (varbind,) = await manager.get(f"1.3.7.{number}")
            assert varbind.oid == f"1.3.7.{number}"

    assert [str(answer[0].oid) for answer in answers] == [f"1.3.6.{number}" for number in range(12)]
    assert agent.connections >= 24


async def test_a_table_of_an_agent_that_closes_after_each_answer() -> None:
    async with FrugalAgent(closes=True, rows=40) as agent, frugal_manager(agent) as manager:
        rows = [row async for row in manager.table(TABLE, max_repetitions=5)]

    assert [dict(row) for row in rows] == [{1: number, 2: number, 3: number} for number in range(1, 41)]


async def test_sets_of_an_agent_that_closes_after_each_answer_leave_once_and_arrive() -> None:
    """One that is written behind the agent's FIN would be lost, and it must not be sent twice."""
    async with FrugalAgent(closes=True) as agent, frugal_manager(agent, max_in_flight=1) as manager:
        for number in range(10):
            await manager.set((f"1.3.6.{number}", number))
        await asyncio.gather(*(manager.set((f"1.3.7.{number}", number)) for number in range(10)))

    assert [kind for kind, _ in agent.taken] == [PduType.SET] * 20
    assert len({names for _, names in agent.taken}) == 20


async def test_a_set_that_has_left_is_not_sent_again_whatever_else_was_answered(agent: Agent) -> None:
    agent.inject(CloseAfter(), times=1, when=lambda request: request.pdu.type is PduType.GET)
    async with manager_of(agent) as manager:
        await manager.connect()
        outcomes = await asyncio.gather(manager.get(NAMES[0]), manager.set((NAMES[2], "name")), return_exceptions=True)

    assert not isinstance(outcomes[0], BaseException)
    assert isinstance(outcomes[1], ConnectionLost)
    assert sum(request.pdu.type is PduType.SET for request in agent.requests) <= 1


async def test_a_connection_that_answers_nothing_costs_the_retry(agent: Agent) -> None:
    agent.inject(Close(), times=None)
    async with manager_of(agent) as manager:
        with pytest.raises(ConnectionLost):
            await manager.get(NAMES[0])
    assert len(agent.requests) == 2


async def test_without_retries_nothing_is_sent_again(agent: Agent) -> None:
    agent.inject(Close(), times=None, when=lambda request: request.pdu.varbinds[0].oid == NAMES[1])
    async with manager_of(agent, retries=0) as manager:
        await manager.get(NAMES[0])
        with pytest.raises(ConnectionLost):
            await manager.get(NAMES[1])
    assert len(agent.requests) == 2


async def test_a_request_that_makes_the_agent_close_is_not_sent_for_ever(
    agent: Agent, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others are answered on each of its connections, and yet it ends."""
    monkeypatch.setattr("snmptcp.manager.call.MAX_FREE_REPEATS", 5)
    agent.inject(Close(), times=None, when=lambda request: request.pdu.varbinds[0].oid == NAMES[1])
    async with manager_of(agent, on_connect=None) as manager:

        async def poll() -> None:
            while True:
                await manager.get(NAMES[0])

        polling = asyncio.ensure_future(poll())
        with pytest.raises(ConnectionLost):
            await manager.get(NAMES[1], timeout=1000)
        polling.cancel()
        await asyncio.wait((polling,))
    assert 2 <= sum(request.pdu.varbinds[0].oid == NAMES[1] for request in agent.requests) <= 7


def test_names_of_this_module_are_in_the_mib() -> None:
    assert {OID(name) for name in NAMES} <= set(small_mib())


async def test_the_limit_holds_over_tls(anyio_backend: object) -> None:
    made = certificates()
    options = TlsOptions(ca_pem=made.ca_pem, certificate=made.server.chain_pem, key=made.server.key_pem)
    client = TlsOptions(
        ca_pem=made.ca_pem, check_host_name=False, certificate=made.client.certificate_pem, key=made.client.key_pem
    )
    async with (
        Agent(small_agent_mib(), tls=options) as agent,
        Manager(
            "127.0.0.1", agent.port, credentials=Community("private"), tls=client, max_in_flight=2, timeout=60
        ) as manager,
    ):
        await manager.connect()
        agent.inject(Hold(), times=None)
        gets = [asyncio.ensure_future(manager.get(name)) for name in NAMES]
        await agent.wait_for_requests(2)
        await settle()
        assert len(agent.requests) == 2
        agent.clear_faults()
        agent.release()
        assert [answer[0].oid for answer in await asyncio.gather(*gets)] == NAMES


async def test_a_request_that_cannot_leave_gives_its_place_to_the_next_one(anyio_backend: object) -> None:
    user = UsmUser("operator", "SHA-256", "authentication")
    async with (
        Agent(small_agent_mib(), users=[user], max_message_size=8192) as agent,
        Manager("127.0.0.1", agent.port, credentials=user, max_in_flight=1, timeout=1000) as manager,
    ):
        await manager.get(NAMES[0])  # the agent has announced what it takes
        too_long = [asyncio.ensure_future(manager.set((NAMES[2], "x" * 9000))) for _ in range(3)]
        following = asyncio.ensure_future(manager.get(NAMES[1]))
        for request in too_long:
            with pytest.raises(ConfigurationError, match="the agent accepts"):
                await request
        assert (await following)[0].oid == NAMES[1]


@pytest.mark.parametrize(
    "user", [UsmUser("plain"), UsmUser("auth", "SHA-256", "authentication")], ids=["plain", "auth"]
)
@pytest.mark.parametrize("most", [None, 1])
async def test_reads_by_snmpv3_of_an_agent_that_closes_after_each_answer(
    anyio_backend: object, user: UsmUser, most: int | None
) -> None:
    """Its reports to the discovery of its engine end connections, too."""
    async with (
        Agent(small_agent_mib(), users=[user]) as agent,
        Manager("127.0.0.1", agent.port, credentials=user, max_in_flight=most) as manager,
    ):
        agent.inject(CloseAfter(), times=None)
        agent.inject(CloseAfter(), times=None, reports=True)
        answers = await asyncio.gather(*(manager.get(name) for name in NAMES * 3))
        rows = [list(row) async for row in manager.table("1.3.6.1.2.1.2.2")]

    assert [answer[0].oid for answer in answers] == NAMES * 3
    assert len(rows) == 4


async def test_a_set_by_snmpv3_reaches_an_agent_that_closes_after_each_answer_once(anyio_backend: object) -> None:
    """The engine proves its time on one connection, and the SET leaves on the next."""
    user = UsmUser("auth", "SHA-256", "authentication")
    async with (
        Agent(small_agent_mib(), users=[user]) as agent,
        Manager("127.0.0.1", agent.port, credentials=user) as manager,
    ):
        agent.inject(CloseAfter(), times=None)
        agent.inject(CloseAfter(), times=None, reports=True)
        for text in ("first", "second"):
            (varbind,) = await manager.set(("1.3.6.1.2.1.1.5.0", text))
            assert varbind.value == text.encode()

    assert sum(request.pdu.type is PduType.SET for request in agent.requests) == 2
