"""The choice of a fault for each response, and the order in which octets leave."""

from __future__ import annotations

import asyncio

import pytest

from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.errors import ConfigurationError
from snmptcp.net.accepted import ServerConnection
from snmptcp.oid import OID
from snmptcp.testing import (
    Agent,
    Close,
    CloseAfter,
    Cycle,
    Delay,
    DeliveryFault,
    Drip,
    Drop,
    Duplicate,
    ExtraVarbind,
    Hold,
    LyingLength,
    Reorder,
    Reset,
    Truncate,
    WrongRequestId,
)
from tests.support.rawclient import RawClient, message

pytestmark = pytest.mark.anyio

GET = PduType.GET
NEXT = PduType.GET_NEXT
BULK = PduType.GET_BULK
A, B, C = "1.3.6.1.1.0", "1.3.6.1.2.0", "1.3.6.1.3.0"
MIB = {A: 1, B: 2, C: 3}


@pytest.fixture
async def agent():
    async with Agent(MIB) as agent:
        yield agent


@pytest.fixture
async def manager(agent):
    async with RawClient(agent.host, agent.port) as manager:
        yield manager


async def correct(agent: Agent, octets: bytes) -> bytes:
    """Return the correct response, from another connection."""
    async with RawClient(agent.host, agent.port) as witness:
        witness.send(octets)
        return await witness.frame()


async def ids(manager: RawClient, count: int) -> list[int]:
    pdus = [(await manager.answer()).pdu for _ in range(count)]
    return [pdu.request_id for pdu in pdus if isinstance(pdu, Pdu)]


# ---------------------------------------------------------------------- which response goes wrong


async def test_a_fault_happens_as_often_as_asked(agent, manager):
    agent.inject(WrongRequestId(), times=2)
    manager.send(b"".join(message(GET, A, request_id=number) for number in (10, 20, 30)))
    assert await ids(manager, 3) == [11, 21, 30]
    assert agent.statistics.faults == 2


async def test_a_fault_without_a_number_lasts_until_it_is_cleared(agent, manager):
    agent.inject(WrongRequestId(), times=None)
    manager.send(message(GET, A, request_id=1) * 5)
    assert await ids(manager, 5) == [2] * 5
    agent.clear_faults()
    assert (await manager.request(GET, A)).error_status == 0


async def test_each_response_takes_the_first_fault_in_order_that_applies(agent, manager):
    agent.inject(WrongRequestId(100), when=lambda request: request.pdu.type is NEXT)
    agent.inject(WrongRequestId(1), times=2)
    agent.inject(WrongRequestId(2))
    manager.send(b"".join(message(kind, A, request_id=10) for kind in (GET, GET, NEXT, NEXT, GET)))
    assert await ids(manager, 5) == [11, 11, 110, 12, 10]


async def test_a_request_without_a_response_takes_no_fault(agent, manager):
    agent.inject(WrongRequestId())
    manager.send(message(GET, A, community=b"nobody") + message(GET, A, request_id=10))
    assert await ids(manager, 1) == [11]


@pytest.mark.parametrize("wrong", [Drop, 5, None])
def test_only_a_fault_can_be_injected(wrong):
    with pytest.raises(TypeError, match="a fault is"):
        Agent().inject(wrong)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Agent().inject(Drop(), times=0),
        lambda: Cycle(()),
        lambda: Drip(0),
        lambda: LyingLength(-1),
        lambda: ExtraVarbind(OID("1.3"), 2**40),  # type: ignore[arg-type]
    ],
)
def test_impossible_faults_are_refused(make):
    with pytest.raises(ConfigurationError):
        make()


async def test_a_fault_of_ones_own_can_be_injected(agent, manager):
    class Twice(DeliveryFault):
        def deliver(self, octets, outlet):
            outlet.send(octets + octets)

    agent.inject(Twice())
    manager.send(message(GET, A, request_id=7))
    assert await ids(manager, 2) == [7, 7]


# ------------------------------------------------------------------------------ delivery faults


async def test_a_held_response_waits_for_its_release_and_others_do_not(agent, manager):
    agent.inject(Hold(), times=2)
    manager.send(b"".join(message(GET, A, request_id=number) for number in (1, 2, 3)))
    assert await ids(manager, 1) == [3]
    assert agent.release() == 2
    assert await ids(manager, 2) == [1, 2]
    assert agent.release() == 0


async def test_a_response_held_for_a_connection_that_ended_is_lost(agent):
    agent.inject(Hold())
    async with RawClient(agent.host, agent.port) as gone:
        gone.send(message(GET, A))
        await agent.wait_for_requests(1)
        agent.drop_connections(reset=True)
        with pytest.raises(ConnectionResetError):
            await gone.frame()
    assert agent.release() == 1
    assert agent.connections == 0


async def test_a_late_response_does_not_hold_back_the_next(agent, manager, monkeypatch):
    timers = []
    loop = asyncio.get_running_loop()

    def call_later(seconds, callback, *arguments):
        timers.append((seconds, callback))
        return loop.call_at(loop.time() + 3600, lambda: None)

    agent.inject(Delay(0.2))
    with monkeypatch.context() as patch:
        patch.setattr(loop, "call_later", call_later)
        manager.send(message(GET, A, request_id=1) + message(GET, A, request_id=2))
        await agent.wait_for_requests(2)
    assert await ids(manager, 1) == [2]
    ((seconds, fire),) = timers
    assert seconds == 0.2
    fire()
    assert await ids(manager, 1) == [1]


async def test_a_late_response_comes_by_itself(agent, manager):
    agent.inject(Delay(0.001))
    manager.send(message(GET, A, request_id=1))
    assert await ids(manager, 1) == [1]


async def test_timers_of_late_responses_end_with_their_connection(agent):
    agent.inject(Delay(3600))
    async with RawClient(agent.host, agent.port) as manager:
        manager.send(message(GET, A))
        await agent.wait_for_requests(1)
        (outlet,) = agent._outlets.values()
        (timer,) = outlet._timers
        await agent.aclose()
    assert timer.cancelled()


async def test_a_dropped_response_never_comes(agent, manager):
    agent.inject(Drop())
    manager.send(message(GET, A, request_id=1) + message(GET, A, request_id=2))
    assert await ids(manager, 1) == [2]
    assert agent.statistics.messages_out == 1


async def test_a_response_can_come_more_than_once(agent, manager):
    agent.inject(Duplicate(3))
    manager.send(message(GET, A, request_id=1) + message(GET, A, request_id=2))
    assert await ids(manager, 4) == [1, 1, 1, 2]


async def test_a_response_can_come_behind_the_next_one(agent, manager):
    agent.inject(Reorder())
    manager.send(b"".join(message(GET, A, request_id=number) for number in (1, 2, 3)))
    assert await ids(manager, 3) == [2, 1, 3]
    agent.inject(Reorder(), times=2)
    manager.send(b"".join(message(GET, A, request_id=number) for number in (4, 5, 6)))
    assert await ids(manager, 3) == [6, 5, 4]


async def test_a_reordered_response_without_a_next_one_can_be_released(agent, manager):
    agent.inject(Reorder())
    manager.send(message(GET, A, request_id=1))
    await agent.wait_for_requests(1)
    agent.release()
    assert await ids(manager, 1) == [1]


async def test_a_truncated_response_is_followed_by_silence(agent, manager):
    answer = await correct(agent, message(GET, A))
    agent.inject(Truncate(5))
    manager.send(message(GET, A) * 3)
    await agent.wait_for_requests(4)
    agent.drop_connections()
    assert await manager.reader.read() == answer[:5]


async def test_a_truncated_response_can_be_followed_by_the_end(agent, manager):
    agent.inject(Truncate(5, close=True))
    manager.send(message(GET, A))
    assert len(await manager.reader.read()) == 5


@pytest.mark.parametrize("octets", [1, 3, 1000])
async def test_a_response_can_drip_and_what_follows_waits_for_it(agent, manager, octets, monkeypatch):
    await manager.request(GET, A)
    writes: list[bytes] = []
    send = ServerConnection.send

    def spy(connection: ServerConnection, piece: bytes) -> None:
        writes.append(piece)
        send(connection, piece)

    slow = await correct(agent, message(GET, A, request_id=9))
    quick = await correct(agent, message(GET, B, request_id=9))
    monkeypatch.setattr(ServerConnection, "send", spy)
    agent.inject(Drip(octets))
    manager.send(message(GET, A, request_id=9) + message(GET, B, request_id=9))
    assert [await manager.frame(), await manager.frame()] == [slow, quick]
    assert writes == [*(slow[start : start + octets] for start in range(0, len(slow), octets)), quick]


@pytest.mark.parametrize("fault", [Close(), Reset(), CloseAfter()])
async def test_the_connection_can_end_in_place_of_the_response_or_behind_it(agent, manager, fault):
    agent.inject(fault)
    manager.send(message(GET, A, request_id=1))
    if isinstance(fault, CloseAfter):
        assert await ids(manager, 1) == [1]
    with pytest.raises(ConnectionResetError if isinstance(fault, Reset) else EOFError):
        await manager.frame()
    async with RawClient(agent.host, agent.port) as again:
        assert (await again.request(GET, A)).error_status == 0


async def test_the_end_waits_for_octets_that_drip(agent, manager):
    agent.inject(Drip())
    agent.inject(Close())
    manager.send(message(GET, A, request_id=1) * 2)
    assert await ids(manager, 1) == [1]
    with pytest.raises(EOFError):
        await manager.frame()
