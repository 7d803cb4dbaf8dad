"""TLS with slow, odd or broken agents: no stall, the true reason, no SET is sent again."""

from __future__ import annotations

import asyncio
import contextlib
import random
from typing import TYPE_CHECKING, Any, cast

import pytest
import uvloop

from snmptcp import Community, ConnectionLost, Integer32, Manager, RequestTimeout, TlsFailed, TlsOptions, Tsm, VarBind
from snmptcp.codec.framer import Framer
from snmptcp.codec.pdu import PduType
from snmptcp.errors import TlsFailure
from snmptcp.net.tls import ClientTls
from snmptcp.net.tls.counters import TlsCounters
from snmptcp.oid import OID
from snmptcp.testing import (
    Agent,
    Close,
    Drip,
    Duplicate,
    Garbage,
    Hold,
    Indefinite,
    LyingLength,
    Reorder,
    Reset,
    Truncate,
)
from tests.support.certificates import certificates
from tests.support.clock import settle, skip
from tests.support.mibs import SYS_DESCR, SYS_NAME, SYS_UPTIME
from tests.support.rawclient import message
from tests.support.tls import TIMEOUT, VERSIONS, connect, options
from tests.support.tls_agents import (
    SingleRecordAgent,
    agent_options,
    manager_options,
    open_options,
    tsm_agent,
    tsm_manager,
    until,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio

C = certificates()
SEVEN = (VarBind(OID(SYS_NAME), Integer32(7)),)


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
async def agent(anyio_backend: object, version: str) -> AsyncIterator[Agent]:
    async with tsm_agent(version) as agent:
        yield agent


@pytest.fixture
async def manager(agent: Agent, version: str) -> AsyncIterator[Manager]:
    async with tsm_manager(agent, version) as manager:
        yield manager


def manager_of(agent: SingleRecordAgent, version: str, **given: Any) -> Manager:
    given = {"credentials": Community("public"), "tls": manager_options(version), **given}
    return Manager(agent.host, agent.port, **given)


# ------------------------------------------------------------- an agent that reads one record at a time


async def test_the_agent_of_these_tests_leaves_a_second_record_where_it_is(version: str) -> None:
    ask = [message(PduType.GET, SYS_NAME, request_id=number) for number in (1, 2, 3)]
    framer = Framer()
    async with SingleRecordAgent(open_options(version)) as agent:
        client = await connect(ClientTls(manager_options(version), "127.0.0.1"), agent.host, agent.port)
        await until(lambda: agent.established)
        client.transport.write(ask[0])
        client.transport.write(ask[1])
        await until(lambda: framer.feed(client.received))
        await asyncio.sleep(0.2)
        assert agent.records == [1]
        assert agent.unread
        client.transport.write(ask[2])
        await until(lambda: agent.records == [1, 1, 1])
        await client.aclose()


async def in_flight(manager: Manager, tasks: int, each: int) -> None:
    """Send requests from many tasks, each one after the other; some are cancelled or time out."""
    chance = random.Random(5)

    async def ask_in_turn() -> None:
        for _ in range(each):
            if chance.random() < 0.1:
                hasty = asyncio.ensure_future(manager.get(SYS_UPTIME))
                await settle(chance.randrange(6))
                hasty.cancel()
            elif chance.random() < 0.02:
                with contextlib.suppress(RequestTimeout):  # that is what so little time is for
                    await manager.get(SYS_UPTIME, timeout=0.003)
            assert await manager.get(SYS_NAME, timeout=30) == SEVEN

    await manager.connect()
    async with asyncio.timeout(TIMEOUT * 3):
        await asyncio.gather(*(ask_in_turn() for _ in range(tasks)))


@pytest.mark.parametrize("busy", [0.0, 0.002])
async def test_500_in_flight_are_served_one_record_at_a_time(version: str, busy: float) -> None:
    async with SingleRecordAgent(open_options(version), busy=busy) as agent, manager_of(agent, version) as manager:
        await in_flight(manager, 500, 4)
        assert manager.pending == 0
        assert agent.unread == 0
        assert manager.statistics.responses >= 500 * 4
        assert manager.statistics.abandoned
        assert manager.statistics.unknown == manager.statistics.duplicates == 0
        assert max(agent.records) > 100  # they leave together
        assert manager.statistics.connections == 1


def test_500_in_flight_are_served_one_record_at_a_time_on_uvloop(version: str) -> None:
    async def main() -> None:
        async with SingleRecordAgent(open_options(version)) as agent, manager_of(agent, version) as manager:
            await in_flight(manager, 500, 2)
            assert manager.statistics.connections == 1

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


async def test_a_request_behind_one_that_was_given_up_waits_for_that_ones_answer(version: str) -> None:
    async with SingleRecordAgent(open_options(version)) as agent, manager_of(agent, version) as manager:
        await manager.get(SYS_NAME)
        for number in range(1, 11):  # each takes the 0.1 s that a record waits for an answer
            hasty = asyncio.ensure_future(manager.get(SYS_UPTIME))
            await until(lambda: manager.pending)  # it has left
            hasty.cancel()
            assert await manager.get(SYS_NAME, timeout=30) == SEVEN
            assert len(agent.records) == 1 + 2 * number
        assert manager.statistics.abandoned == manager.statistics.late == 10
        assert manager.statistics.timeouts == 0


async def test_a_request_that_is_never_answered_does_not_hold_the_others_for_ever(version: str) -> None:
    deaf_to = OID(SYS_UPTIME).ber
    async with (
        SingleRecordAgent(open_options(version), deaf=lambda octets: deaf_to in octets) as agent,
        manager_of(agent, version, timeout=100) as manager,
    ):
        await manager.get(SYS_NAME)
        for give_up in (False, True):
            read = len(agent.records)
            unanswered = asyncio.ensure_future(manager.get(SYS_UPTIME))
            await until(lambda read=read: len(agent.records) > read)  # type: ignore[misc]
            if give_up:
                unanswered.cancel()
            other = asyncio.ensure_future(manager.get(SYS_NAME))
            await settle()
            assert not other.done()
            skip(1)
            assert await other == SEVEN
            assert unanswered.done() is give_up
            skip(100)
            with pytest.raises((RequestTimeout, asyncio.CancelledError)):
                await unanswered


async def test_a_request_that_timed_out_makes_room_for_the_next(version: str) -> None:
    deaf_to = OID(SYS_UPTIME).ber
    async with (
        SingleRecordAgent(open_options(version), deaf=lambda octets: deaf_to in octets) as agent,
        manager_of(agent, version, timeout=60) as manager,
    ):
        await manager.get(SYS_NAME)
        first = asyncio.ensure_future(manager.get(SYS_UPTIME, timeout=0.5))
        await until(lambda: len(agent.records) == 2)
        second = asyncio.ensure_future(manager.get(SYS_NAME))
        await settle()
        skip(0.5)
        with pytest.raises(RequestTimeout):
            await first
        assert await second == SEVEN


async def test_an_abandoned_request_does_not_hold_up_the_next_one(version: str) -> None:
    deaf_to = OID(SYS_UPTIME).ber
    async with (
        SingleRecordAgent(open_options(version), deaf=lambda octets: deaf_to in octets) as agent,
        manager_of(agent, version, timeout=60) as manager,
    ):
        await manager.get(SYS_NAME)
        first = asyncio.ensure_future(manager.get(SYS_UPTIME))
        await until(lambda: len(agent.records) == 2)
        second = asyncio.ensure_future(manager.get(SYS_NAME))
        await settle()
        first.cancel()
        await settle()
        skip(0.1)  # time to read the record; the patience for an answer would be a second
        assert await second == SEVEN


async def test_an_inform_right_behind_traps_is_read(version: str) -> None:
    async with (
        SingleRecordAgent(open_options(version)) as agent,
        manager_of(agent, version, timeout=60) as manager,
    ):
        await manager.get(SYS_NAME)
        for _ in range(3):
            await manager.send_trap("1.3.6.1.6.3.1.1.5.1")
        assert await manager.get(SYS_NAME) == SEVEN
        await until(lambda: sum(agent.records) == 5)
        assert agent.unread == 0
        assert manager.statistics.traps == 3


async def test_traps_that_are_still_here_leave_when_the_manager_closes(version: str) -> None:
    async with SingleRecordAgent(open_options(version)) as agent:
        async with manager_of(agent, version, timeout=60) as manager:
            await manager.get(SYS_NAME)
            for _ in range(5):
                await manager.send_trap("1.3.6.1.6.3.1.1.5.1")
        await until(lambda: sum(agent.records) == 6)


async def test_an_agent_that_was_stopped_for_a_while_is_served_again(version: str) -> None:
    async with (
        SingleRecordAgent(open_options(version)) as agent,
        manager_of(agent, version, timeout=60) as manager,
    ):
        await manager.get(SYS_NAME)
        agent.stop()
        lost = [asyncio.ensure_future(manager.get(SYS_NAME, timeout=5)) for _ in range(3)]
        await settle()
        skip(1)  # the rest of them leaves, although the first record is not answered
        await settle()
        skip(4)
        for request in lost:
            with pytest.raises(RequestTimeout):
                await request
        waiting = [asyncio.ensure_future(manager.get(SYS_NAME)) for _ in range(3)]
        await settle()
        agent.go_on()
        await until(lambda: len(agent.records) == 2 and agent.unread)  # the second record was read ahead
        poke = asyncio.ensure_future(manager.get(SYS_NAME))
        skip(1)
        assert await asyncio.gather(*waiting, poke) == [SEVEN] * 4
        assert manager.statistics.late == 3


@pytest.mark.parametrize("tickets", [0, 2])
@pytest.mark.parametrize("turn", range(5))
async def test_the_first_request_does_not_come_together_with_the_handshake(tickets: int, turn: int) -> None:
    async with (
        SingleRecordAgent(open_options("1.3"), busy=0.002 * turn, tickets=tickets) as agent,
        manager_of(agent, "1.3", timeout=60) as manager,
    ):
        assert await manager.get(SYS_NAME) == SEVEN
        assert manager.tls is not None
        assert manager.tls.version == "TLSv1.3"
        assert manager.statistics.connections == 1


# --------------------------------------------------------------- certificates that are refused too late


async def test_what_is_pending_fails_with_the_alerts_reason_and_a_set_is_not_sent_again() -> None:
    tls = agent_options("1.3")
    async with (
        SingleRecordAgent(tls, hesitant=True) as agent,
        manager_of(agent, "1.3", tls=manager_options("1.3", C.of_other_authority), timeout=60) as manager,
    ):
        await manager.connect()  # not refused yet
        asked = [asyncio.ensure_future(manager.get(SYS_NAME)) for _ in range(3)]
        asked.append(asyncio.ensure_future(manager.set((SYS_NAME, "x"))))
        await settle()
        agent.hesitant = False
        agent.go_on()
        for failed in await asyncio.gather(*asked, return_exceptions=True):
            assert isinstance(failed, TlsFailed)
            assert failed.failure is TlsFailure.REFUSED_BY_PEER
            assert "unknown ca" in failed.detail
        assert not manager.connected
        assert manager.pending == 0
        assert agent.records == []
        assert manager.statistics.connections == 1
        assert manager.tls_counters == TlsCounters(session_opens=1, session_client_closes=1)


def test_what_is_pending_fails_with_the_alerts_reason_on_uvloop() -> None:
    async def main() -> None:
        async with (
            SingleRecordAgent(agent_options("1.3"), hesitant=True) as agent,
            manager_of(agent, "1.3", tls=manager_options("1.3", None), timeout=60) as manager,
        ):
            await manager.connect()
            asked = asyncio.ensure_future(manager.set((SYS_NAME, "x")))
            await settle()
            agent.hesitant = False
            agent.go_on()
            with pytest.raises(TlsFailed) as caught:
                await asked
            assert caught.value.failure is TlsFailure.REFUSED_BY_PEER

    with asyncio.Runner(loop_factory=uvloop.new_event_loop, debug=True) as runner:
        runner.run(main())


# -------------------------------------------------------------------------------- sessions that break


async def test_a_session_that_is_cut_off_loses_its_set_and_repeats_its_get(version: str) -> None:
    deaf = True
    async with (
        SingleRecordAgent(open_options(version), deaf=lambda _: deaf) as agent,
        manager_of(agent, version, timeout=60) as manager,
    ):
        await manager.connect()
        writing = asyncio.ensure_future(manager.set((SYS_NAME, "x")))
        reading = asyncio.ensure_future(manager.get(SYS_NAME))
        await until(lambda: agent.records)
        agent.end()
        with pytest.raises(ConnectionLost):
            await writing
        deaf = False
        assert await reading == SEVEN
        assert manager.statistics.connections == 2
        assert sum(agent.records) <= 3


async def test_an_agent_that_does_not_say_good_bye_does_not_keep_a_manager_from_closing(version: str) -> None:
    async with SingleRecordAgent(open_options(version)) as agent:
        manager = manager_of(agent, version, timeout=60)
        await manager.get(SYS_NAME)
        agent.stop()
        closing = asyncio.ensure_future(manager.aclose())
        await settle()
        skip(5)
        await closing
        assert not manager.connected
        agent.go_on()
        await until(lambda: not agent.open)


@pytest.mark.parametrize(
    "fault",
    [
        Garbage(b"\x16\x03\x03 nothing of SNMP"),
        LyingLength(2**31),
        Indefinite(),
        Truncate(5, close=True),
        Close(),
        Reset(),
    ],
    ids=lambda fault: type(fault).__name__,
)
async def test_what_breaks_a_connection_breaks_it_inside_tls_too(manager: Manager, agent: Agent, fault: Any) -> None:
    await manager.get(SYS_NAME)
    agent.inject(fault)
    writing = asyncio.ensure_future(manager.set((SYS_NAME, "x"), timeout=60))
    with pytest.raises(ConnectionLost):
        await writing
    assert (await manager.get(SYS_NAME))[0].value == b"x"  # it was carried out, once
    assert [request.pdu.type for request in agent.requests].count(PduType.SET) == 1


@pytest.mark.parametrize("fault", [Drip(), Duplicate(3), Reorder()], ids=lambda fault: type(fault).__name__)
async def test_what_does_not_break_it_does_not_break_it_inside_tls_either(
    manager: Manager, agent: Agent, fault: Any
) -> None:
    await manager.get(SYS_NAME)
    agent.inject(fault)
    names = [SYS_DESCR, SYS_UPTIME, SYS_NAME]
    answers = await asyncio.gather(*(manager.get(name) for name in names))
    assert [str(answer[0].oid) for answer in answers] == names
    assert (await manager.get(SYS_NAME))[0].value == b"core"


async def test_many_managers_of_one_agent_come_and_go(version: str) -> None:
    async with tsm_agent(version) as agent:

        async def come_and_go(number: int) -> None:
            async with tsm_manager(agent, version, credentials=Tsm(), timeout=30) as manager:
                await manager.get(SYS_NAME)
                await manager.set((SYS_NAME, str(number)))

        await asyncio.gather(*(come_and_go(number) for number in range(30)))
        await until(lambda: not agent.connections)
        assert agent.tls_counters == TlsCounters(session_accepts=30, session_server_closes=30)


async def test_delayed_answers_reach_the_requests_that_wait_for_them(manager: Manager, agent: Agent) -> None:
    await manager.get(SYS_NAME)
    agent.inject(Hold(), times=20)
    asked = [asyncio.ensure_future(manager.get((SYS_DESCR, SYS_NAME)[number % 2], timeout=60)) for number in range(20)]
    await settle(20)
    skip(1)
    await agent.wait_for_requests(22)
    assert agent.release() == 20
    answers = await asyncio.gather(*asked)
    assert [str(varbind.oid) for (varbind,) in answers] == [SYS_DESCR, SYS_NAME] * 10


class Relay:
    """Carries octets between a manager and an agent, and damages the agent's on request."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.damages = False
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self.agent.host, self.agent.port)
        await asyncio.gather(self._pump(reader, back), self._pump(there, writer, from_agent=True))

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, from_agent: bool = False
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while octets := await reader.read(65536):
                damaged = octets[:-1] + bytes((octets[-1] ^ 1,))
                writer.write(damaged if from_agent and self.damages else octets)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def relayed(agent: Agent) -> AsyncIterator[Relay]:
    relay = Relay(agent)
    server = await asyncio.start_server(relay.carry, "127.0.0.1", 0)
    async with server:
        relay.port = server.sockets[0].getsockname()[1]
        yield relay


@pytest.mark.parametrize("answered_before", [True, False], ids=["after an answer", "as the first answer"])
async def test_a_set_whose_answer_is_damaged_on_its_way_may_have_been_carried_out(
    version: str, answered_before: bool
) -> None:
    """That is a lost connection; TlsFailed would promise that nothing was sent."""
    mib = {SYS_NAME: b"old"}
    tls = options(version, certificate=C.server.pem)
    async with Agent(mib, tls=tls, write_community="private") as agent, relayed(agent) as relay:
        trust = TlsOptions(ca_pem=C.ca_pem)
        async with Manager("127.0.0.1", relay.port, credentials=Community("private"), tls=trust) as manager:
            await manager.connect()
            if answered_before:
                await manager.get(SYS_NAME)
            relay.damages = True
            with pytest.raises(ConnectionLost, match="the TLS session broke"):
                await manager.set((SYS_NAME, b"new"))
            relay.damages = False
            assert [bytes(cast("Any", value)) for _, value in await manager.get(SYS_NAME)] == [b"new"]
