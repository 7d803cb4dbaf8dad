"""Faulty agents and networks: each failure has its true reason, and no request is lost."""

from __future__ import annotations

import asyncio

import pytest

from snmptcp import AgentError, Community, ConnectFailed, ConnectionLost, Manager, RequestTimeout
from snmptcp.codec.pdu import PduType
from snmptcp.errors import (
    DecodeError,
    FramingError,
    MessageTooLarge,
    ResponseMismatch,
    WrongCommunity,
    WrongVersion,
)
from snmptcp.testing import (
    Agent,
    Close,
    CloseAfter,
    Drip,
    Drop,
    Duplicate,
    EmptyVarbinds,
    ExtraVarbind,
    Fault,
    Garbage,
    Hold,
    Indefinite,
    LyingLength,
    MissingVarbind,
    Prepend,
    Reorder,
    Reset,
    Truncate,
    WrongNames,
    WrongRequestId,
)
from snmptcp.testing import WrongCommunity as AnotherCommunity
from snmptcp.testing import WrongVersion as AnotherVersion
from tests.support.clock import settle, skip
from tests.support.mibs import BIG_TABLE, SYS_DESCR, SYS_NAME, SYS_UPTIME, SYSTEM

pytestmark = pytest.mark.anyio

HTTP = b"HTTP/1.1 400 Bad Request\r\n\r\n"
TLS_ALERT = bytes.fromhex("15030100020228")


async def still_answers(manager: Manager) -> None:
    names = [SYS_DESCR, SYS_UPTIME, SYS_NAME]
    answers = await asyncio.gather(*(manager.get(name) for name in names))
    assert [str(answer[0].oid) for answer in answers] == names


async def times_out(manager: Manager, agent: Agent) -> RequestTimeout:
    """Send one request, let its time pass, and return the timeout."""
    asked = len(agent.requests)
    request = asyncio.ensure_future(manager.get(SYS_NAME, timeout=5))
    await agent.wait_for_requests(asked + 1)
    other = await manager.get(SYS_UPTIME)  # all that came before it was processed
    assert other
    skip(5)
    with pytest.raises(RequestTimeout) as caught:
        await request
    return caught.value


# --------------------------------------------------------------------------- faults that do no harm


@pytest.mark.parametrize("fault", [Drip(), Drip(3), Duplicate(3), Reorder()], ids=repr)
async def test_harmless_faults_do_no_harm(manager: Manager, agent: Agent, fault: Fault) -> None:
    for _ in range(8):
        agent.inject(fault)
        await still_answers(manager)

    assert manager.statistics.connections == 1
    assert manager.statistics.timeouts == 0


async def test_a_big_answer_that_comes_octet_by_octet(manager: Manager, agent: Agent) -> None:
    agent.inject(Drip())
    varbinds = await manager.get_bulk(BIG_TABLE, max_repetitions=50)

    assert len(varbinds) == 50


async def test_duplicates_are_dropped_and_counted(manager: Manager, agent: Agent) -> None:
    agent.inject(Duplicate(3), times=5)
    for _ in range(5):
        await manager.get(SYS_NAME)
    await still_answers(manager)

    assert manager.statistics.duplicates == 10
    assert manager.statistics.unknown == 0


async def test_an_answer_to_nothing_is_dropped_and_counted(manager: Manager, agent: Agent) -> None:
    agent.inject(WrongRequestId(1_000_000))
    timeout = await times_out(manager, agent)

    assert isinstance(timeout.reason, ResponseMismatch)
    assert "which no request has had" in str(timeout.reason)
    assert manager.statistics.unknown == 1


# ------------------------------------------------------------------------------- refused, not taken


async def test_another_community_is_refused_and_the_reason_told_at_the_deadline(manager: Manager, agent: Agent) -> None:
    agent.inject(AnotherCommunity(b"sekrit"))
    timeout = await times_out(manager, agent)

    assert isinstance(timeout.reason, WrongCommunity)
    assert timeout.__cause__ is timeout.reason
    assert "the community of the reply is not that of the request" in str(timeout)
    assert "sekrit" not in str(timeout)
    assert manager.statistics.refused == 1
    await still_answers(manager)


async def test_another_version_is_refused_and_the_reason_told_at_the_deadline(manager: Manager, agent: Agent) -> None:
    agent.inject(AnotherVersion())
    timeout = await times_out(manager, agent)

    assert isinstance(timeout.reason, WrongVersion)
    await still_answers(manager)


@pytest.mark.parametrize(
    "fault", [WrongNames(), ExtraVarbind(), MissingVarbind(), EmptyVarbinds()], ids=lambda fault: type(fault).__name__
)
async def test_an_answer_to_another_question_is_an_error_at_once(manager: Manager, agent: Agent, fault: Fault) -> None:
    agent.inject(fault)
    with pytest.raises(ResponseMismatch):
        await manager.get(SYS_NAME)

    await still_answers(manager)


async def test_a_message_that_cannot_be_decoded_is_the_reason_told_at_the_deadline(
    manager: Manager, agent: Agent
) -> None:
    agent.inject(Garbage(bytes.fromhex("30080201017fff000102")))
    timeout = await times_out(manager, agent)

    assert isinstance(timeout.reason, DecodeError)
    assert manager.statistics.malformed == 1
    assert manager.statistics.connections == 1


# -------------------------------------------------------------------------------- framing is lost


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (Garbage(HTTP), "0x48"),
        (Garbage(TLS_ALERT), "0x15"),
        (Garbage(b"\x30\xff"), "127 octets"),
        (Garbage(b"\x30\x85\x01\x00\x00\x00\x00"), "5 octets"),
        (Indefinite(), "indefinite"),
        (LyingLength(0x7FFFFFFF), "limit"),
        (Prepend(b"\x00"), "0x00"),
    ],
    ids=lambda value: repr(value)[:40],
)
async def test_lost_framing_fails_every_pending_request_at_once_with_the_true_reason(
    agent: Agent, fault: Fault, reason: str
) -> None:
    async with Manager(agent.host, agent.port, credentials=Community("public"), retries=0, timeout=1000) as manager:
        await manager.connect()
        agent.inject(Hold(), times=5)
        pending = [asyncio.ensure_future(manager.get(SYS_NAME)) for _ in range(5)]
        await agent.wait_for_requests(5)
        agent.inject(fault)
        pending.append(asyncio.ensure_future(manager.get(SYS_NAME)))
        outcomes = await asyncio.gather(*pending, return_exceptions=True)

        assert all(isinstance(outcome, ConnectionLost) for outcome in outcomes)
        assert all(reason in str(outcome) for outcome in outcomes)
        assert all(
            isinstance(outcome.__cause__, FramingError) for outcome in outcomes if isinstance(outcome, Exception)
        )
        assert len({id(outcome) for outcome in outcomes}) == 6
        await still_answers(manager)
        assert manager.statistics.connections == 2


async def test_a_claimed_length_above_the_limit_is_refused_on_the_header_alone(agent: Agent) -> None:
    agent.inject(LyingLength(9000))
    async with Manager(
        agent.host, agent.port, credentials=Community("public"), max_message_size=8192, retries=0
    ) as manager:
        with pytest.raises(ConnectionLost) as caught:
            await manager.get(SYS_NAME)

    assert isinstance(caught.value.__cause__, MessageTooLarge)
    assert (caught.value.__cause__.length, caught.value.__cause__.limit) == (9004, 8192)


async def test_half_a_message_and_then_silence_closes_the_connection(agent: Agent) -> None:
    async with Manager(agent.host, agent.port, credentials=Community("public"), retries=0, timeout=1000) as manager:
        await manager.get(SYS_NAME)
        before = manager.statistics.octets_received
        agent.inject(Truncate(10))
        request = asyncio.ensure_future(manager.get(SYS_NAME))
        while manager.statistics.octets_received < before + 10:
            await asyncio.sleep(0)
        skip(10)
        with pytest.raises(ConnectionLost, match="not complete after 10 s"):
            await request

        await still_answers(manager)
        assert manager.statistics.connections == 2


# ---------------------------------------------------------------------------- the connection is lost


@pytest.mark.parametrize("fault", [Close(), Reset()], ids=repr)
async def test_a_get_is_sent_once_more_on_a_fresh_connection(manager: Manager, agent: Agent, fault: Fault) -> None:
    agent.inject(fault)
    (varbind,) = await manager.get(SYS_NAME)

    assert varbind.value == b"core"
    assert manager.statistics.connections == 2
    assert manager.statistics.retried == 1


@pytest.mark.parametrize("fault", [Close(), Reset()], ids=repr)
async def test_a_get_is_not_sent_a_third_time(manager: Manager, agent: Agent, fault: Fault) -> None:
    agent.inject(fault, times=2)
    with pytest.raises(ConnectionLost):
        await manager.get(SYS_NAME)

    assert len(agent.requests) == 2
    await still_answers(manager)


@pytest.mark.parametrize("fault", [Close(), Reset(), Garbage(HTTP)], ids=lambda fault: type(fault).__name__)
async def test_a_set_is_never_sent_twice(manager: Manager, agent: Agent, fault: Fault) -> None:
    await manager.connect()
    agent.inject(fault)
    with pytest.raises(ConnectionLost):
        await manager.set((SYS_NAME, "once"))

    assert [request.pdu.type for request in agent.requests] == [PduType.SET]
    assert agent.mib[SYS_NAME] == b"once"  # the agent has executed it
    await still_answers(manager)


async def test_a_set_after_a_loss_goes_to_a_fresh_connection(manager: Manager, agent: Agent) -> None:
    await manager.get(SYS_NAME)
    agent.drop_connections()
    while manager.connected:
        await asyncio.sleep(0)
    await manager.set((SYS_NAME, "later"))

    assert agent.mib[SYS_NAME] == b"later"
    assert manager.statistics.connections == 2


async def test_a_peer_that_closes_after_every_answer(manager: Manager, agent: Agent) -> None:
    agent.inject(CloseAfter(), times=None)
    for _ in range(10):
        (varbind,) = await manager.get(SYS_NAME)
        assert varbind.value == b"core"

    assert manager.statistics.connections == 10


@pytest.mark.parametrize("reset", [False, True])
async def test_a_thousand_requests_in_flight_all_end_when_the_connection_is_lost(agent: Agent, reset: bool) -> None:
    agent.inject(Drop(), times=None)
    async with Manager(agent.host, agent.port, credentials=Community("public"), retries=0, timeout=1000) as manager:
        requests = [asyncio.ensure_future(manager.get(SYS_NAME)) for _ in range(1000)]
        await agent.wait_for_requests(1000)
        agent.drop_connections(reset=reset)
        outcomes = await asyncio.gather(*requests, return_exceptions=True)

        assert all(isinstance(outcome, ConnectionLost) for outcome in outcomes)
        assert manager.pending == 0
        assert manager.statistics.lost == 1000
        agent.clear_faults()
        await still_answers(manager)


async def test_the_pending_requests_of_a_lost_connection_share_one_new_connection(
    manager: Manager, agent: Agent
) -> None:
    agent.inject(Hold(), times=50)
    requests = [asyncio.ensure_future(manager.get(SYS_NAME)) for _ in range(50)]
    await agent.wait_for_requests(50)
    agent.drop_connections(reset=True)
    answers = await asyncio.gather(*requests)

    assert all(answer[0].value == b"core" for answer in answers)
    assert manager.statistics.connections == 2
    assert manager.statistics.retried == 50


async def test_an_agent_that_is_gone_and_comes_back(agent: Agent) -> None:
    host, port = agent.host, agent.port
    async with Manager(host, port, credentials=Community("public")) as manager:
        await manager.get(SYS_NAME)
        await agent.aclose()
        for _ in range(3):
            with pytest.raises((ConnectFailed, ConnectionLost)):
                await manager.get(SYS_NAME)
        async with Agent({SYS_NAME: "back"}, host=host, port=port):
            (varbind,) = await manager.get(SYS_NAME)

    assert varbind.value == b"back"


# -------------------------------------------------------------------------------------------- time


async def test_each_request_has_its_own_deadline(manager: Manager, agent: Agent) -> None:
    agent.inject(Drop(), times=3)
    requests = [asyncio.ensure_future(manager.get(SYS_NAME, timeout=seconds)) for seconds in (30, 10, 20)]
    await agent.wait_for_requests(3)
    ended = []
    for request in requests:
        request.add_done_callback(lambda done: ended.append(requests.index(done)))
    for _ in range(3):
        skip(10.5)
        count = len(ended)
        while len(ended) == count:
            await asyncio.sleep(0)
    assert ended == [1, 2, 0]
    for request, seconds in zip(requests, (30, 10, 20), strict=True):
        with pytest.raises(RequestTimeout, match=f"within {seconds} s"):
            await request
    await still_answers(manager)


async def test_answers_that_keep_coming_do_not_put_a_deadline_off(manager: Manager, agent: Agent) -> None:
    agent.inject(Drop())
    request = asyncio.ensure_future(manager.get(SYS_NAME, timeout=100))
    await agent.wait_for_requests(1)
    for _ in range(5):
        skip(14)
        await still_answers(manager)
    assert not request.done()
    skip(30)
    with pytest.raises(RequestTimeout):
        await request


async def test_a_silent_peer_costs_one_request_and_no_retransmission(manager: Manager, agent: Agent) -> None:
    agent.inject(Drop())
    await times_out(manager, agent)

    assert len([request for request in agent.requests if str(request.pdu.varbinds[0].oid) == SYS_NAME]) == 1


@pytest.mark.parametrize(
    "fault",
    [
        Drop(),
        Duplicate(2),
        Reorder(),
        Truncate(5),
        Truncate(30),
        Garbage(),
        Garbage(HTTP),
        Garbage(bytes(100)),
        LyingLength(5),
        LyingLength(60),
        LyingLength(0xFFFFFFFF),
        Indefinite(),
        Close(),
        Reset(),
        CloseAfter(),
        Drip(),
        WrongRequestId(),
        WrongRequestId(-3),
        AnotherCommunity(),
        AnotherVersion(),
        EmptyVarbinds(),
        ExtraVarbind(),
        MissingVarbind(),
        WrongNames(),
        Prepend(b"\x30\x00"),
        Prepend(b"\x30\x02\x05\x00"),
        Prepend(b"\x02"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("operation", ["get", "get_next", "get_bulk", "walk", "table", "set"])
async def test_every_fault_ends_every_operation_with_an_answer_or_a_documented_error(
    manager: Manager, agent: Agent, fault: Fault, operation: str
) -> None:
    await manager.connect()
    agent.inject(fault)

    async def operate() -> None:
        if operation == "walk":
            assert [varbind async for varbind in manager.walk(SYSTEM)]
        elif operation == "table":
            assert [row async for row in manager.table(BIG_TABLE, columns=[1, 2])]
        elif operation == "set":
            await manager.set((SYS_NAME, "x"))
        else:
            assert await getattr(manager, operation)(SYS_NAME)

    task = asyncio.ensure_future(operate())
    for _ in range(2000):
        if task.done():
            break
        await asyncio.sleep(0)
        skip(0.01)
    (outcome,) = await asyncio.gather(task, return_exceptions=True)
    documented = RequestTimeout | ConnectionLost | ResponseMismatch | DecodeError | AgentError
    assert outcome is None or (isinstance(outcome, documented) and str(outcome))

    agent.clear_faults()
    skip(10)  # the time for half a message has passed
    await settle()
    await still_answers(manager)
    assert manager.pending == 0
    sets = [request for request in agent.requests if request.pdu.type is PduType.SET]
    assert len(sets) == (operation == "set")
