"""What tools and facades hook into a manager: ids, observers, single exchanges, other credentials, holding, rates."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
import weakref
from typing import TYPE_CHECKING

import pytest

from snmptcp import (
    Community,
    ConfigurationError,
    ConnectFailed,
    Counter64,
    EngineInfo,
    Manager,
    RequestTimeout,
    Tsm,
    UsmUser,
    VarBind,
)
from snmptcp.codec.message import decode_message
from snmptcp.codec.pdu import PduType
from snmptcp.net.dialing import SocketOptions
from snmptcp.oid import OID
from snmptcp.protocol.ids import LAST_ID, CountedIds
from snmptcp.protocol.observer import Observer
from snmptcp.testing import Agent, FailWith, Hold, WrongCommunity
from tests.support.clock import skip, until
from tests.support.mibs import BIG_TABLE, SYS_DESCR, SYS_NAME, SYS_UPTIME, small_agent_mib

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from snmptcp.errors import SnmpError
    from snmptcp.net.connection import Connection
    from snmptcp.protocol.exchange import Exchange

pytestmark = pytest.mark.anyio

USER = UsmUser("sha", "SHA", "authpass123")


@pytest.fixture
async def agent(anyio_backend: object) -> AsyncIterator[Agent]:
    async with Agent(small_agent_mib(), users=[USER]) as agent:
        yield agent


def manager_for(agent: Agent, **options) -> Manager:
    options.setdefault("credentials", Community("private"))
    options.setdefault("timeout", 20)
    return Manager(agent.host, agent.port, **options)


class Diary(Observer):
    def __init__(self) -> None:
        self.told: list[tuple[str, object]] = []

    def message_sent(self, message: bytes) -> None:
        self.told.append(("sent", message))

    def message_received(self, message: bytes) -> None:
        self.told.append(("received", message))

    def exchange_ended(self, exchange: Exchange) -> None:
        self.told.append(("ended", exchange.request_id))

    def report_received(self, message: bytes, varbinds: tuple[VarBind, ...], error: SnmpError, *, probe: bool) -> None:
        self.told.append(("report", probe))

    def message_refused(self, message: bytes, error: SnmpError) -> None:
        self.told.append(("refused", type(error).__name__))

    def connection_closed(self, reason: SnmpError) -> None:
        self.told.append(("closed", type(reason).__name__))

    @property
    def kinds(self) -> list[str]:
        return [kind for kind, _ in self.told]


# --------------------------------------------------------------------------------------------- ids


@pytest.mark.parametrize("credentials", [Community("private"), Community("private", "1"), USER])
@pytest.mark.parametrize("first", [1, 127, 128, 255, 256, 0x7FFF, 0x8000, 0x7FFFFF, 0x800000, 0xFFFFFF, 0x1000000])
async def test_chosen_ids_are_on_the_wire_whatever_their_length(first: int, credentials, agent: Agent) -> None:
    ids = CountedIds(first)
    async with manager_for(agent, credentials=credentials, request_ids=ids) as manager:
        await manager.get(SYS_DESCR)
        await manager.get(SYS_UPTIME)
        await asyncio.sleep(0)
    assert agent.requests[0].pdu.request_id == first  # a probe takes the id after it
    assert ids.next_id == agent.requests[-1].pdu.request_id + 1


def test_counted_ids_go_round_and_leave_out_what_is_pending() -> None:
    ids = CountedIds(LAST_ID)
    assert [ids.take({LAST_ID, 1}), ids.take(()), ids.next_id] == [2, 3, 4]
    ids.next_id = LAST_ID
    assert [ids.take(()), ids.take(())] == [LAST_ID, 1]
    assert ids.was_issued(2)
    assert not ids.was_issued(77)


@pytest.mark.parametrize("number", [0, -1, LAST_ID + 1])
def test_an_id_out_of_range_is_refused(number: int) -> None:
    with pytest.raises(ConfigurationError):
        CountedIds(number)


async def test_late_answers_to_counted_ids_are_known_as_late(agent: Agent) -> None:
    async with manager_for(agent, request_ids=CountedIds(5)) as manager:
        await manager.get(SYS_DESCR)
        agent.inject(Hold())
        request = asyncio.ensure_future(manager.get(SYS_DESCR, timeout=60))
        await agent.wait_for_requests(2)
        skip(60)
        with pytest.raises(RequestTimeout):
            await request
        agent.release()
        await manager.get(SYS_DESCR)
        assert (manager.statistics.late, manager.statistics.unknown) == (1, 0)


# --------------------------------------------------------------------------------------- observers


async def test_an_observer_is_told_of_whole_messages_in_order(agent: Agent) -> None:
    diary = Diary()
    async with manager_for(agent, observer=diary) as manager:
        await asyncio.gather(*(manager.get(SYS_DESCR) for _ in range(3)))
    assert diary.kinds == ["sent"] * 3 + ["received", "ended"] * 3 + ["closed"]
    for kind, message in diary.told:
        if kind in ("sent", "received"):
            assert isinstance(message, bytes)
            assert decode_message(message)
    assert diary.told[-1] == ("closed", "ClosedError")


async def test_an_observer_is_told_of_reports_and_refusals(agent: Agent) -> None:
    diary = Diary()
    async with manager_for(agent, credentials=USER, observer=diary) as manager:
        await manager.get(SYS_DESCR)
        assert ("report", True) in diary.told
        agent.jump(100_000)
        await manager.get(SYS_DESCR)
        assert ("report", False) in diary.told
    diary = Diary()
    async with manager_for(agent, observer=diary) as manager:
        await manager.get(SYS_DESCR)
        agent.inject(WrongCommunity(b"other"))
        request = asyncio.ensure_future(manager.get(SYS_DESCR, timeout=60))
        await until(lambda: ("refused", "WrongCommunity") in diary.told)
        skip(60)
        with pytest.raises(RequestTimeout):
            await request


# ---------------------------------------------------------------------------------- single exchanges


async def test_an_exchange_returns_the_response_as_it_came(agent: Agent) -> None:
    async with manager_for(agent, request_ids=CountedIds(9)) as manager:
        response = await manager.exchange(PduType.GET, [(SYS_DESCR, 5), (SYS_UPTIME, None)])
        assert (response.request_id, response.error_status, response.error_index) == (9, 0, 0)
        assert [str(varbind.oid) for varbind in response.varbinds] == [SYS_DESCR, SYS_UPTIME]
        assert all(varbind.value.tag == 5 for varbind in agent.requests[-1].pdu.varbinds)
        response = await manager.exchange(PduType.SET, [(SYS_NAME, 5)], request_id=77)
        assert (response.request_id, response.error_status, response.error_index) == (77, 7, 1)
        response = await manager.exchange(PduType.GET_BULK, [(SYS_DESCR, None)], max_repetitions=2)
        assert len(response.varbinds) == 2
        response = await manager.exchange(PduType.GET_NEXT, [(SYS_DESCR, None)])
        assert str(response.varbinds[0].oid) == "1.3.6.1.2.1.1.2.0"


async def test_an_exchange_is_not_asked_again_in_halves(agent: Agent) -> None:
    async with manager_for(agent) as manager:
        agent.inject(FailWith(1))
        response = await manager.exchange(PduType.GET, [(SYS_DESCR, None), (SYS_UPTIME, None)])
        assert response.error_status == 1
        assert len(agent.requests) == 1


@pytest.mark.parametrize("kind", [PduType.GET_BULK, PduType.INFORM])
async def test_what_snmpv1_does_not_have_is_not_exchanged(kind: PduType, agent: Agent) -> None:
    async with manager_for(agent, credentials=Community("private", "1")) as manager:
        with pytest.raises(ConfigurationError, match="SNMPv1"):
            await manager.exchange(kind, [(SYS_DESCR, None)])
        with pytest.raises(ConfigurationError, match="Counter64"):
            await manager.exchange(PduType.SET, [(SYS_DESCR, Counter64(1))])


# ----------------------------------------------------------------------------- credentials, holding


async def test_other_credentials_go_on_the_same_connection(agent: Agent) -> None:
    async with manager_for(agent, credentials=Community("public")) as manager:
        await manager.get(SYS_DESCR)
        assert manager.engine is None
        manager.use(USER)
        await manager.get(SYS_DESCR)
        assert manager.engine is not None
        assert manager.engine.engine_id == agent.engine_id
        manager.use(Community("private", "1"))
        await manager.get(SYS_DESCR)
    assert [(request.connection, request.community) for request in agent.requests] == [
        (1, b"public"),
        (1, b""),
        (1, b"private"),
    ]


async def test_credentials_do_not_change_under_pending_requests(agent: Agent) -> None:
    async with manager_for(agent) as manager:
        await manager.connect()
        agent.inject(Hold())
        waiting = asyncio.ensure_future(manager.get(SYS_DESCR))
        await agent.wait_for_requests(1)
        with pytest.raises(ConfigurationError, match="1 requests wait"):
            manager.use(Community("public"))
        agent.release()
        await waiting


async def test_a_manager_on_hold_reads_nothing_until_it_goes_on(agent: Agent) -> None:
    async with manager_for(agent) as manager:
        manager.hold()
        waiting = asyncio.ensure_future(manager.get(SYS_DESCR))
        await agent.wait_for_requests(1)
        for _ in range(20):
            await asyncio.sleep(0)
        assert not waiting.done()
        manager.hold(held=False)
        assert len(await waiting) == 1


# ------------------------------------------------------------------------------- connections, rates


async def test_on_connect_may_refuse_a_connection(agent: Agent) -> None:
    seen: list[Connection] = []

    async def approve(connection: Connection) -> None:
        seen.append(connection)
        if len(seen) == 1:
            raise ConnectFailed("not today")

    async with manager_for(agent, on_connect=approve) as manager:
        with pytest.raises(ConnectFailed, match="not today"):
            await manager.get(SYS_DESCR)
        assert agent.statistics.messages_in == 0
        await manager.get(SYS_DESCR)
    local, peer = seen[1].addresses
    assert peer == (agent.host, agent.port)
    assert local[0] == "127.0.0.1"


async def test_a_connection_that_on_connect_could_not_approve_is_not_used(
    agent: Agent, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(_: Connection) -> None:
        raise ValueError("a fault of the program")

    async with manager_for(agent, on_connect=fail) as manager:
        with pytest.raises(ConnectFailed, match=r"on_connect failed: ValueError\('a fault of the program'\)") as caught:
            await manager.get(SYS_DESCR)
        assert isinstance(caught.value.__cause__, ValueError)
        assert not manager.connected
        assert manager.statistics.callback_failures == 1
    assert not agent.requests
    assert "on_connect failed; the connection is not used" in caplog.text


@pytest.mark.parametrize("rate", [0, -1, float("inf")])
async def test_an_impossible_rate_is_refused(rate: float, agent: Agent) -> None:
    with pytest.raises(ConfigurationError, match="rate"):
        manager_for(agent, max_rate=rate)


async def test_small_writes_are_delayed_without_no_delay(agent: Agent) -> None:
    import socket

    for no_delay in (True, False):
        async with manager_for(agent, socket_options=SocketOptions(no_delay=no_delay)) as manager:
            await manager.connect()
            connection = manager._connector.connection
            assert connection is not None
            assert connection._socket is not None
            assert bool(connection._socket.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)) is no_delay


async def test_messages_that_answer_nothing_go_to_on_unsolicited(agent: Agent) -> None:
    from tests.support.senders import trap

    taken: list[bytes] = []
    async with manager_for(agent, on_unsolicited=lambda connection, message: taken.append(message)) as manager:
        await manager.get(SYS_DESCR)
        agent._server.connections[0].send(trap())
        await manager.get(SYS_DESCR)
    assert taken == [trap()]


def test_a_walk_with_a_limit_of_the_rate_takes_its_time() -> None:
    async def walked() -> tuple[float, int]:
        async with Agent(small_agent_mib()) as agent, manager_for(agent, max_rate=20_000) as manager:
            begun = time.monotonic()
            assert len([varbind async for varbind in manager.walk(OID(BIG_TABLE))]) == 900
            return time.monotonic() - begun, manager.statistics.octets_received

    seconds, octets = asyncio.run(walked())
    assert seconds >= octets / 20_000 - 0.3


# ------------------------------------------------------------------------- callbacks of the program that fail


class Broken(Observer):
    """Raises whatever it is told."""

    def message_sent(self, message: bytes) -> None:
        raise ValueError("a fault of the program")

    def message_received(self, message: bytes) -> None:
        raise ValueError("a fault of the program")

    def exchange_ended(self, exchange: Exchange) -> None:
        raise ValueError("a fault of the program")

    def message_refused(self, message: bytes, error: SnmpError) -> None:
        raise ValueError("a fault of the program")

    def connection_closed(self, reason: SnmpError) -> None:
        raise ValueError("a fault of the program")


def fail(*_: object) -> None:
    raise ValueError("a fault of the program")


@pytest.mark.parametrize(
    "hook",
    [
        {"observer": Broken()},
        {"packet_trace": fail},
        {"on_unsolicited": fail},
    ],
    ids=["observer", "packet_trace", "on_unsolicited"],
)
async def test_a_callback_that_fails_costs_no_request(
    agent: Agent, hook: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    async with manager_for(agent, **hook) as manager:
        await manager.get(SYS_NAME)
        agent.inject(Hold())
        held = asyncio.ensure_future(manager.get(SYS_NAME))
        await asyncio.sleep(0)
        while not agent._held:
            await asyncio.sleep(0)
        agent.send_trap("1.3.6.1.6.3.1.1.5.1")  # it comes in one segment with the answer, before it
        agent.release()
        assert (await held)[0].value == b"core"
        assert [(await manager.get(SYS_NAME))[0].value for _ in range(3)] == [b"core"] * 3
        assert manager.statistics.callback_failures > 0
        assert manager.pending == 0
    failures = [record for record in caplog.records if record.levelname == "ERROR"]
    assert failures
    assert all("requests are not affected" in record.getMessage() for record in failures)


async def test_on_connect_may_refuse_with_a_timeout_of_its_own(agent: Agent) -> None:
    async def refuse(_: Connection) -> None:
        raise RequestTimeout(1.0)

    async with manager_for(agent, on_connect=refuse) as manager:
        with pytest.raises(RequestTimeout):
            await manager.get(SYS_NAME)
        assert manager.statistics.connections == 1


async def test_a_request_by_on_connect_on_its_own_connection_is_refused(
    agent: Agent, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[Exception] = []

    async def ask(_: Connection) -> None:
        with pytest.raises(ConfigurationError, match="on_connect cannot ask") as caught:
            await manager.get(SYS_NAME)
        asked.append(caught.value)

    async with manager_for(agent, on_connect=ask) as manager:
        assert (await manager.get(SYS_NAME))[0].value == b"core"
    assert len(asked) == 1


async def _ignore_cancellation(released: asyncio.Event) -> None:
    while not released.is_set():
        with contextlib.suppress(asyncio.CancelledError):
            await released.wait()


async def _return_when_cancelled(released: asyncio.Event) -> None:
    with contextlib.suppress(asyncio.CancelledError):
        await released.wait()


async def _raise_when_cancelled(released: asyncio.Event) -> None:
    try:
        await released.wait()
    except asyncio.CancelledError:
        raise ValueError("a mistake of the callback") from None


@pytest.mark.parametrize("wait", [_ignore_cancellation, _return_when_cancelled, _raise_when_cancelled])
async def test_connect_timeout_covers_an_on_connect_that_catches_its_cancellation(
    agent: Agent, wait: Callable[[asyncio.Event], Awaitable[None]]
) -> None:
    released = asyncio.Event()

    async def on_connect(_: Connection) -> None:
        await wait(released)

    async with manager_for(agent, on_connect=on_connect, connect_timeout=0.05) as manager, asyncio.timeout(10):
        with pytest.raises(ConnectFailed, match=r"on_connect has not returned within 0\.05 s"):
            await manager.get(SYS_NAME)
        assert not manager.connected
    assert not agent.requests
    released.set()


async def test_on_connect_that_hangs_is_named(agent: Agent) -> None:
    async def hang(_: Connection) -> None:
        await asyncio.Event().wait()

    async with manager_for(agent, on_connect=hang, connect_timeout=0.05) as manager:
        with pytest.raises(ConnectFailed, match="on_connect has not returned within"):
            await manager.get(SYS_NAME)


@pytest.mark.parametrize("request_id", [-5, 2**31, 2**32])
async def test_an_impossible_request_id_is_refused_and_stops_no_request(agent: Agent, request_id: int) -> None:
    async with manager_for(agent) as manager:
        await manager.get(SYS_NAME)
        with pytest.raises(ConfigurationError, match=f"a request-id is a number from 0 to {LAST_ID}, not {request_id}"):
            await manager.exchange(PduType.GET, [(SYS_NAME, None)], request_id=request_id)
        assert (await manager.get(SYS_NAME))[0].value == b"core"
        assert manager.pending == 0


async def test_credentials_that_need_tls_are_refused_without_it(agent: Agent) -> None:
    async with manager_for(agent) as manager:
        await manager.get(SYS_NAME)
        with pytest.raises(ConfigurationError, match="needs TLS"):
            manager.use(Tsm())
        with pytest.raises(ConfigurationError, match="only SNMPv3 knows engines"):
            manager.use(Community("private"), engine=EngineInfo(bytes.fromhex("80007ed9040102")))
        assert (await manager.get(SYS_NAME))[0].value == b"core"


async def test_a_manager_is_freed_without_the_collector(agent: Agent) -> None:
    gc.collect()
    gc.disable()
    try:
        manager = manager_for(agent)
        await manager.get(SYS_NAME)
        await manager.aclose()
        gone = weakref.ref(manager)
        del manager
        assert gone() is None
    finally:
        gc.enable()


async def test_a_trap_that_cannot_leave_in_time_is_not_counted_and_never_sent(agent: Agent) -> None:
    async with manager_for(agent, max_rate=200) as manager:
        await manager.get(SYS_NAME)
        outcomes = await asyncio.gather(
            *(manager.send_trap("1.3.6.1.6.3.1.1.5.1", timeout=0.2) for _ in range(30)), return_exceptions=True
        )
        sent = outcomes.count(None)
        assert sent < 30
        assert {type(outcome) for outcome in outcomes if outcome is not None} == {RequestTimeout}
        assert manager.statistics.traps == sent
