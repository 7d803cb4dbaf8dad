"""Manager.notifications: what an agent pushes on the manager's own connection, beside the answers to its requests."""

from __future__ import annotations

import asyncio
import contextlib
import gc
from typing import TYPE_CHECKING, Any, cast

import pytest

from snmptcp import (
    ClosedError,
    Community,
    ConfigurationError,
    ConnectionLost,
    EngineInfo,
    Integer32,
    IpAddress,
    Manager,
    OctetString,
    RequestTimeout,
    SecurityLevel,
    SnmpVersion,
    TimeTicks,
    TlsOptions,
    Tsm,
    UsmUser,
    VarBind,
)
from snmptcp.codec.pdu import Pdu, PduType, TrapV1Pdu
from snmptcp.errors import UnknownUser
from snmptcp.manager.notifications import Inbox
from snmptcp.net.tls import CertificateMap
from snmptcp.protocol.statistics import Statistics
from snmptcp.testing import Agent, Hold
from tests.support.certificates import certificates
from tests.support.clock import settle, skip
from tests.support.mibs import SYS_DESCR, SYS_UPTIME, small_agent_mib
from tests.support.senders import (
    ALICE,
    BOB,
    CAROL,
    CONFIG_CHANGED,
    EVERYBODY,
    RECEIVER_ENGINE,
    SENDER_ENGINE,
    SYS_NAME,
    UsmSender,
    acknowledged,
    community_message,
    inform,
    notification_pdu,
    open_usm,
    trap,
)
from tests.support.wire import response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from snmptcp.manager.notifications import NotificationStream
    from snmptcp.net.connection import Connection
    from snmptcp.protocol.notification import Notification

pytestmark = pytest.mark.anyio

PUBLIC = Community("public")
C = certificates()


@pytest.fixture
async def agent(anyio_backend: object) -> AsyncIterator[Agent]:
    async with Agent(small_agent_mib(), users=EVERYBODY) as agent:
        yield agent


def manager_of(agent: Agent, credentials: Any = PUBLIC, **options: Any) -> Manager:
    return Manager(agent.host, agent.port, credentials=credentials, **options)


def push(agent: Agent, *messages: bytes) -> None:
    """Let the agent write whole messages, whatever they are, on its only connection."""
    (outlet,) = agent._outlets.values()
    outlet.send(b"".join(messages))


def number(notification: Notification) -> int:
    (value,) = (value for oid, value in notification.varbinds if oid == SYS_NAME)
    assert isinstance(value, Integer32)
    return int(value)


async def until(condition: Callable[[], object]) -> None:
    """Let the loop run until something is so; the test's own time limit ends it otherwise."""
    while not condition():
        await asyncio.sleep(0)


async def answered(manager: Manager) -> None:
    """Return when all that the agent has written so far has been received."""
    await manager.get(SYS_DESCR)


def refused(manager: Manager) -> dict[str, int]:
    return manager.notification_statistics.refused


async def drain(stream: NotificationStream) -> list[Notification]:
    """Return what a stream that has ended still holds."""
    return [notification async for notification in stream]


# ------------------------------------------------------------------------------------- what arrives


@pytest.mark.parametrize("version", ["1", "2c"])
async def test_a_trap_comes_out_in_the_managers_own_version_and_community(agent: Agent, version: str) -> None:
    async with manager_of(agent, Community("public", version)) as manager:
        stream = manager.notifications()
        await answered(manager)
        agent.send_trap(CONFIG_CHANGED, (SYS_NAME, "dev1"))

        notification = await anext(stream)
        assert (str(notification.version), notification.community) == (version, b"public")
        assert notification.trap_oid == CONFIG_CHANGED
        assert notification.uptime == TimeTicks(4752)  # the agent's
        assert notification.varbinds == (VarBind(SYS_NAME, OctetString("dev1")),)
        assert notification.source == (agent.host, agent.port)
        assert notification.agent == agent.host
        if version == "1":
            assert isinstance(notification.pdu, TrapV1Pdu)
            assert notification.agent_address == IpAddress(agent.host)
        assert manager.statistics.notifications == 1
        assert refused(manager) == {}


async def test_an_inform_of_version_2c_is_acknowledged(agent: Agent) -> None:
    async with manager_of(agent) as manager:
        stream = manager.notifications()
        await manager.connect()
        answer = await agent.inform(CONFIG_CHANGED, (SYS_NAME, "dev1"), uptime=7)

        assert [str(varbind.value) for varbind in answer] == ["7", str(CONFIG_CHANGED), "dev1"]
        assert (await anext(stream)).is_inform
        assert (agent.statistics.notifications, agent.statistics.acknowledged) == (1, 1)


@pytest.mark.parametrize("user", EVERYBODY, ids=lambda user: user.security_level.name)
async def test_a_trap_of_version_3_is_opened_with_the_users_keys_for_the_agents_engine(
    agent: Agent, user: UsmUser
) -> None:
    async with manager_of(agent, user) as manager:
        stream = manager.notifications()
        await answered(manager)
        agent.send_trap(CONFIG_CHANGED, (SYS_NAME, 1))

        notification = await anext(stream)
        assert (notification.security_name, notification.security_level) == (user.name, user.security_level)
        assert notification.engine_id == notification.context_engine_id == agent.engine_id
        assert refused(manager) == {}


async def test_a_trap_of_version_3_may_come_before_any_request(agent: Agent) -> None:
    async with manager_of(agent, ALICE) as manager:
        stream = manager.notifications()
        await manager.connect()
        agent.send_trap(CONFIG_CHANGED, (SYS_NAME, 1), credentials=ALICE)

        assert (await anext(stream)).security_level is SecurityLevel.authPriv
        assert manager.statistics.probes == 0


@pytest.mark.parametrize("user", EVERYBODY, ids=lambda user: user.security_level.name)
@pytest.mark.parametrize("asked", [True, False], ids=["after a request", "before any request"])
async def test_an_inform_of_version_3_discovers_our_engine_on_the_same_connection(
    agent: Agent, user: UsmUser, asked: bool
) -> None:
    local_engine = EngineInfo(RECEIVER_ENGINE, 5, 1000)
    async with manager_of(agent, user, local_engine=local_engine) as manager:
        stream = manager.notifications()
        await manager.connect()
        if asked:
            await answered(manager)
        for each in (1, 2):
            await agent.inform(CONFIG_CHANGED, (SYS_NAME, each), credentials=user)

            notification = await anext(stream)
            assert (number(notification), notification.is_inform) == (each, True)
            assert notification.engine_id == RECEIVER_ENGINE
            assert notification.context_engine_id == agent.engine_id
            assert (notification.security_name, notification.security_level) == (user.name, user.security_level)
        assert agent.statistics.connections == 1
        # One question for both; it is no fault of the sender.
        assert refused(manager) == {"unknown_engine_ids": 1}
        await answered(manager)
        assert agent.statistics.acknowledged == 2


async def test_our_engine_has_a_time_of_its_own(agent: Agent) -> None:
    local_engine = EngineInfo(RECEIVER_ENGINE, 5, 1000)
    async with manager_of(agent, BOB, local_engine=local_engine) as manager:
        stream = manager.notifications()
        await answered(manager)
        await agent.inform(CONFIG_CHANGED)
        skip(500)
        await agent.inform(CONFIG_CHANGED)
        assert [(await anext(stream)).is_inform for _ in range(2)] == [True, True]
        probe = UsmSender(user=UsmUser("x"), engine_id=b"", boots=0, time=0, context_engine_id=b"")
        with contextlib.closing(Wire(manager)) as wire:
            push(agent, probe.message(Pdu(PduType.GET, 7)))
            report = open_usm(await wire.sent())
        assert report.parameters[:2] == (RECEIVER_ENGINE, 5)
        assert 1500 <= report.parameters.time < 1600


class Wire:
    """What a manager sends besides its requests, from now on."""

    def __init__(self, manager: Manager) -> None:
        assert manager._connector.connection is not None
        self._connection = manager._connector.connection
        self._connection._trace = self._keep
        self._sent: list[bytes] = []

    def _keep(self, direction: str, octets: bytes) -> None:
        if direction == "sent":
            self._sent.append(octets)

    async def sent(self) -> bytes:
        await until(lambda: self._sent)
        return self._sent.pop(0)

    def close(self) -> None:
        assert self._sent == []
        self._connection._trace = None


@pytest.mark.parametrize("version", ["1.2", "1.3"])
async def test_notifications_over_tls_come_from_the_host_that_tls_vouches_for(version: str) -> None:
    server = TlsOptions(
        certificate=C.server.chain_pem,
        key=C.server.key_pem,
        ca_pem=C.ca_pem,
        certificate_maps=(CertificateMap(C.client.fingerprint, name="manager"),),
        minimum_version=version,
        maximum_version=version,
    )
    client = TlsOptions(ca_pem=C.ca_pem, certificate=C.client.chain_pem, key=C.client.key_pem)
    agent = Agent(small_agent_mib(), tls=server, tsm_names=["manager"])
    async with agent, manager_of(agent, Tsm(), tls=client) as manager:
        stream = manager.notifications()
        await answered(manager)
        agent.send_trap(CONFIG_CHANGED, (SYS_NAME, 1))
        await agent.inform(CONFIG_CHANGED, (SYS_NAME, 2))

        trapped, informed = await anext(stream), await anext(stream)
        assert [number(trapped), number(informed)] == [1, 2]
        for notification in (trapped, informed):
            assert notification.security_name == b"127.0.0.1"
            assert notification.security_level is SecurityLevel.authPriv
            assert notification.context_engine_id == agent.engine_id
        assert refused(manager) == {}
        await answered(manager)


async def test_a_community_inside_of_tls_is_as_good_as_outside() -> None:
    server = TlsOptions(certificate=C.server.chain_pem, key=C.server.key_pem)
    client = TlsOptions(ca_pem=C.ca_pem)
    async with Agent(small_agent_mib(), tls=server) as agent, manager_of(agent, tls=client) as manager:
        stream = manager.notifications()
        await answered(manager)
        await agent.inform(CONFIG_CHANGED, (SYS_NAME, 2))
        assert (await anext(stream)).community == b"public"


# ------------------------------------------------------------------------------- beside the requests


async def test_1000_requests_in_flight_are_not_disturbed(agent: Agent) -> None:
    async with manager_of(agent, timeout=30) as manager:
        stream = manager.notifications()
        await manager.connect()
        agent.inject(Hold(), times=None)
        asking = [asyncio.create_task(manager.get(SYS_UPTIME)) for _ in range(1000)]
        await agent.wait_for_requests(1000)

        for each in range(50):
            agent.send_trap(CONFIG_CHANGED, (SYS_NAME, each))
        await asyncio.gather(*(agent.inform(CONFIG_CHANGED, (SYS_NAME, each)) for each in range(50, 100)))
        assert [number(await anext(stream)) for _ in range(100)] == list(range(100))
        assert manager.pending == 1000

        agent.clear_faults()
        assert agent.release() == 1000
        answers = await asyncio.gather(*asking)
        assert {answer[0].value for answer in answers} == {TimeTicks(4752)}
        assert manager.statistics.as_dict() | {"octets_sent": 0, "octets_received": 0} == {
            **Statistics().as_dict(),
            "requests": 1000,
            "responses": 1000,
            "connections": 1,
            "notifications": 100,
        }


async def test_a_walk_goes_on_while_notifications_come(agent: Agent) -> None:
    async with manager_of(agent) as manager:
        stream = manager.notifications(queue_size=10_000)
        found = 0
        async for _ in manager.walk("1.3", max_repetitions=5):
            found += 1
            agent.send_trap(CONFIG_CHANGED, (SYS_NAME, found))
        await answered(manager)

        assert found == len(agent.mib)
        await manager.aclose()
        assert [number(notification) for notification in await drain(stream)] == list(range(1, found + 1))


@pytest.mark.parametrize("credentials", [PUBLIC, ALICE], ids=["2c", "3"])
async def test_a_flood_does_not_disturb_requests(agent: Agent, credentials: Any) -> None:
    batch, batches = 200, 25
    async with manager_of(agent, credentials, timeout=30) as manager:
        stream = manager.notifications(queue_size=10)
        await answered(manager)
        for _ in range(batches):
            for each in range(batch):
                agent.send_trap(CONFIG_CHANGED, (SYS_NAME, each))
            assert (await manager.get(SYS_UPTIME))[0].value == TimeTicks(4752)

        await answered(manager)
        assert manager.statistics.notifications == 10
        assert manager.statistics.notifications_dropped == batch * batches - 10
        assert (manager.statistics.timeouts, manager.statistics.connections) == (0, 1)
        assert [number(await anext(stream)) for _ in range(10)] == list(range(10))
        agent.send_trap(CONFIG_CHANGED, (SYS_NAME, 4711))  # there is room again
        assert number(await anext(stream)) == 4711


# --------------------------------------------------------------------------------- the queue is full


async def test_an_inform_for_which_there_is_no_room_is_counted_and_not_acknowledged(agent: Agent) -> None:
    async with manager_of(agent) as manager:
        stream = manager.notifications(queue_size=2)
        await answered(manager)
        await agent.inform(CONFIG_CHANGED, (SYS_NAME, 1))
        await agent.inform(CONFIG_CHANGED, (SYS_NAME, 2))
        assert manager.statistics.notifications_dropped == 0

        third = asyncio.create_task(agent.inform(CONFIG_CHANGED, (SYS_NAME, 3)))
        await settle()
        await answered(manager)
        await settle()
        assert not third.done()
        assert manager.statistics.notifications_dropped == 1
        skip(6)
        with pytest.raises(RequestTimeout):
            await third

        assert number(await anext(stream)) == 1
        await agent.inform(CONFIG_CHANGED, (SYS_NAME, 4))
        assert [number(await anext(stream)) for _ in range(2)] == [2, 4]
        assert (agent.statistics.notifications, agent.statistics.acknowledged) == (4, 3)


async def test_an_inform_is_acknowledged_if_one_of_several_streams_has_room(agent: Agent) -> None:
    async with manager_of(agent) as manager:
        small, large = manager.notifications(queue_size=1), manager.notifications()
        await answered(manager)
        for each in range(5):
            await agent.inform(CONFIG_CHANGED, (SYS_NAME, each))

        assert manager.statistics.notifications == 5
        assert manager.statistics.notifications_dropped == 4
        await manager.aclose()
        assert [number(notification) for notification in await drain(small)] == [0]
        assert [number(notification) for notification in await drain(large)] == [0, 1, 2, 3, 4]


async def test_a_queue_takes_one_notification_whatever_its_size(agent: Agent) -> None:
    async with manager_of(agent) as manager:
        stream = manager.notifications(queue_octets=1)
        await answered(manager)
        push(agent, trap(1), trap(2))
        await answered(manager)
        assert manager.statistics.notifications_dropped == 1
        assert (await anext(stream)).pdu
        push(agent, trap(3))
        await answered(manager)
        assert manager.statistics.notifications == 2
        with pytest.raises(ConfigurationError, match="queue_octets must be at least 1, not 0"):
            manager.notifications(queue_octets=0)


@pytest.mark.parametrize("queue_size", [0, -1])
async def test_a_queue_has_room(agent: Agent, queue_size: int) -> None:
    async with manager_of(agent) as manager:
        with pytest.raises(ConfigurationError, match="queue_size"):
            manager.notifications(queue_size=queue_size)


class BlockedConnection:
    """A connection whose other end does not read."""

    blocked = True
    tls_session = None
    peer = "deaf"

    def answer(self, message: bytes) -> None:
        """Drop it, as a connection does whose other end does not read."""

    def note_accepted(self) -> None:
        """It counts nothing."""

    def note_refused(self, octets: int, reason: object, *, weight: float = 1.0) -> None:
        """Close never."""


async def test_an_agent_that_does_not_read_gets_no_acknowledgements_and_may_send_traps() -> None:
    statistics = Statistics()
    inbox = Inbox(PUBLIC, EngineInfo(RECEIVER_ENGINE), 65536, statistics)
    stream = inbox.open(10)
    blocked = cast("Connection", BlockedConnection())

    inbox.receive(inform(1), blocked, "192.0.2.1", 161)
    assert (statistics.notifications, statistics.notifications_dropped) == (0, 1)
    inbox.receive(trap(2), blocked, "192.0.2.1", 161)
    assert (statistics.notifications, statistics.notifications_dropped) == (1, 1)
    assert not (await anext(stream)).is_inform


async def test_an_agent_that_does_not_read_gets_no_reports() -> None:
    inbox = Inbox(ALICE, EngineInfo(RECEIVER_ENGINE), 65536, Statistics())
    stream = inbox.open(10)
    inbox.receive(UsmSender(engine_id=b"").inform(), cast("Connection", BlockedConnection()), "192.0.2.1", 161)
    assert inbox.statistics.reports == 1
    inbox.close()
    assert await drain(stream) == []


class OpenConnection(BlockedConnection):
    """One that reads, and keeps what is written."""

    blocked = False

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def answer(self, message: bytes) -> None:
        self.written.append(message)


async def test_a_dropped_notification_is_no_replay_when_it_arrives_again() -> None:
    statistics = Statistics()
    inbox = Inbox(ALICE, EngineInfo(RECEIVER_ENGINE, 3, 1000), 65536, statistics)
    stream = inbox.open(1)
    connection = OpenConnection()
    sender = UsmSender(engine_id=RECEIVER_ENGINE)
    first, second = sender.inform(1), sender.inform(2)

    for message in (first, second):
        inbox.receive(message, cast("Connection", connection), "192.0.2.1", 161)
    assert (len(connection.written), statistics.notifications_dropped) == (1, 1)
    await anext(stream)
    inbox.receive(second, cast("Connection", connection), "192.0.2.1", 161)
    assert (len(connection.written), statistics.notifications) == (2, 2)
    inbox.receive(second, cast("Connection", connection), "192.0.2.1", 161)
    assert (len(connection.written), inbox.statistics.repeated_informs) == (3, 1)
    assert statistics.notifications == 2


# ------------------------------------------------------------------------------- streams, and their end


async def test_several_streams_each_get_all_from_their_beginning_on(agent: Agent) -> None:
    async with manager_of(agent) as manager:
        first = manager.notifications()
        await answered(manager)
        agent.send_trap(CONFIG_CHANGED, (SYS_NAME, 1))
        await answered(manager)
        second = manager.notifications()
        agent.send_trap(CONFIG_CHANGED, (SYS_NAME, 2))
        await answered(manager)

        assert manager.statistics.notifications == 2
    assert [number(notification) for notification in await drain(first)] == [1, 2]
    assert [number(notification) for notification in await drain(second)] == [2]


async def test_several_tasks_share_one_stream(agent: Agent) -> None:
    async with manager_of(agent) as manager:
        stream = manager.notifications()
        await answered(manager)
        consumers = [asyncio.create_task(drain(stream)) for _ in range(4)]
        for each in range(100):
            agent.send_trap(CONFIG_CHANGED, (SYS_NAME, each))
        await answered(manager)
        await manager.aclose()
        shares = await asyncio.gather(*consumers)
    assert sorted(number(notification) for share in shares for notification in share) == list(range(100))


async def test_closing_the_manager_ends_the_streams_behind_what_they_hold(agent: Agent) -> None:
    async with manager_of(agent) as manager:
        full, empty = manager.notifications(), manager.notifications()
        waiting = asyncio.create_task(drain(empty))
        await answered(manager)
        agent.send_trap(CONFIG_CHANGED, (SYS_NAME, 1))
        await until(lambda: manager.statistics.notifications)
    assert [number(notification) for notification in await waiting] == [1]
    assert [number(notification) for notification in await drain(full)] == [1]
    assert await drain(full) == []
    with pytest.raises(ClosedError):
        manager.notifications()


async def test_a_cancelled_close_still_ends_the_streams(agent: Agent) -> None:
    manager = manager_of(agent)
    stream = manager.notifications()
    await answered(manager)
    closing = asyncio.create_task(manager.aclose())
    await asyncio.sleep(0)
    closing.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await closing
    assert await drain(stream) == []
    await manager.aclose()


async def test_leaving_the_loop_ends_the_stream(agent: Agent) -> None:
    async with manager_of(agent) as manager:
        await answered(manager)

        async def take_one() -> None:
            async for _ in manager.notifications():
                break

        taking = asyncio.create_task(take_one())
        await settle()
        agent.send_trap(CONFIG_CHANGED)
        await taking
        gc.collect()

        informing = asyncio.create_task(agent.inform(CONFIG_CHANGED))
        await until(lambda: manager.statistics.unexpected == 1)
        assert not informing.done()
        informing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await informing
        assert manager.statistics.notifications == 1
        assert manager.statistics.notifications_dropped == 0


async def test_a_closed_stream_takes_nothing_even_if_it_was_never_iterated(agent: Agent) -> None:
    async with manager_of(agent) as manager:
        async with contextlib.aclosing(manager.notifications()) as stream:
            await answered(manager)
            agent.send_trap(CONFIG_CHANGED)
            await answered(manager)
        agent.send_trap(CONFIG_CHANGED)
        await answered(manager)

        assert (manager.statistics.notifications, manager.statistics.unexpected) == (1, 1)
        assert await drain(stream) == []
        await stream.aclose()
        assert await drain(stream) == []


async def test_a_stream_without_references_takes_nothing(agent: Agent) -> None:
    async with manager_of(agent) as manager:
        manager.notifications()
        gc.collect()
        await answered(manager)
        agent.send_trap(CONFIG_CHANGED)
        await answered(manager)
        assert (manager.statistics.notifications, manager.statistics.unexpected) == (0, 1)


async def test_waiting_with_a_time_limit_does_not_end_the_stream(agent: Agent) -> None:
    async with manager_of(agent) as manager:
        stream = manager.notifications()
        await answered(manager)
        waiting = asyncio.create_task(asyncio.wait_for(anext(stream), 30))
        await settle()
        skip(31)
        with pytest.raises(TimeoutError):
            await waiting
        agent.send_trap(CONFIG_CHANGED, (SYS_NAME, 1))
        assert number(await anext(stream)) == 1


async def test_a_consumer_that_is_cancelled_when_a_notification_comes_does_not_take_it_along(agent: Agent) -> None:
    async with manager_of(agent) as manager:
        stream = manager.notifications()
        await answered(manager)
        waiting = asyncio.create_task(anext(stream))
        await settle()
        assert manager._connector.connection is not None
        manager._receive_unsolicited(
            manager._connector.connection, trap(7)
        )  # it has arrived; the waiting task is not awake yet
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        notification = await anext(stream)
        assert isinstance(notification.pdu, Pdu)
        assert notification.pdu.request_id == 7


async def test_notifications_before_the_first_stream_are_counted_as_unexpected(agent: Agent) -> None:
    async with manager_of(agent) as manager:
        await answered(manager)
        agent.send_trap(CONFIG_CHANGED)
        informing = asyncio.create_task(agent.inform(CONFIG_CHANGED, timeout=30))
        await until(lambda: manager.statistics.unexpected == 2)
        assert manager.statistics.notifications == 0
        assert manager.notification_statistics.messages == 0

        stream = manager.notifications()
        skip(31)
        with pytest.raises(RequestTimeout):
            await informing
        await agent.inform(CONFIG_CHANGED, (SYS_NAME, 3))
        assert number(await anext(stream)) == 3
        assert manager.statistics.unexpected == 2


@pytest.mark.parametrize("user", EVERYBODY, ids=lambda user: user.security_level.name)
async def test_traps_of_version_3_before_the_first_stream_are_unexpected_too(agent: Agent, user: UsmUser) -> None:
    async with manager_of(agent, user) as manager:
        await answered(manager)
        agent.send_trap(CONFIG_CHANGED)
        await answered(manager)
        assert manager.statistics.unexpected == 1


# ----------------------------------------------------------------------------------------- reconnect


async def test_a_stream_goes_on_with_the_next_connection(agent: Agent) -> None:
    async with manager_of(agent, BOB) as manager:
        stream = manager.notifications()
        for each in range(3):
            await answered(manager)
            agent.send_trap(CONFIG_CHANGED, (SYS_NAME, each))
            await agent.inform(CONFIG_CHANGED, (SYS_NAME, each + 100))
            assert [number(await anext(stream)) for _ in range(2)] == [each, each + 100]
            agent.drop_connections(reset=bool(each))
            await until(lambda: not manager.connected)
        assert agent.statistics.connections == 3
        # Our engine is the same for all of them, and each connection has found it out for itself.
        assert refused(manager) == {"unknown_engine_ids": 3}


async def test_a_stream_may_be_opened_while_the_connection_is_made(agent: Agent) -> None:
    async with manager_of(agent) as manager:
        connecting = asyncio.create_task(manager.connect())
        await until(lambda: manager._connector._attempt is not None)
        await asyncio.sleep(0)
        stream = manager.notifications()
        assert not connecting.done()
        await connecting
        await answered(manager)
        agent.send_trap(CONFIG_CHANGED, (SYS_NAME, 1))
        assert number(await anext(stream)) == 1


async def test_an_inform_whose_connection_is_lost_fails_at_the_agent(agent: Agent) -> None:
    async with manager_of(agent) as manager:
        await answered(manager)  # no stream takes notifications
        informing = asyncio.create_task(agent.inform(CONFIG_CHANGED))
        await until(lambda: manager.statistics.unexpected)
        await manager.aclose()
        with pytest.raises(ConnectionLost):
            await informing
        with pytest.raises(ConnectionLost, match="no manager is connected"):
            agent.send_trap(CONFIG_CHANGED)


# ---------------------------------------------------------------------------------------- refusals


async def test_another_community_is_refused_and_counted(agent: Agent) -> None:
    async with manager_of(agent) as manager:
        stream = manager.notifications()
        await answered(manager)
        agent.send_trap(CONFIG_CHANGED, credentials=Community("private"))
        agent.send_trap(CONFIG_CHANGED, credentials=Community("public", "1"))
        agent.send_trap(CONFIG_CHANGED, (SYS_NAME, 3))

        assert number(await anext(stream)) == 3
        assert refused(manager) == {"bad_communities": 2}
        assert manager.statistics.notifications == 1


async def test_another_version_is_refused_and_counted(agent: Agent) -> None:
    async with manager_of(agent, ALICE) as manager:
        stream = manager.notifications()
        await answered(manager)
        agent.send_trap(CONFIG_CHANGED, credentials=PUBLIC)
        agent.send_trap(CONFIG_CHANGED, (SYS_NAME, 3))

        assert number(await anext(stream)) == 3
        # It might have been meant for a request as well, and never gets as far as notifications do.
        assert (refused(manager), manager.statistics.refused) == ({}, 1)


async def test_another_user_is_refused_and_counted(agent: Agent) -> None:
    async with manager_of(agent, ALICE) as manager:
        stream = manager.notifications()
        await answered(manager)
        agent.send_trap(CONFIG_CHANGED, credentials=BOB)
        with pytest.raises(UnknownUser):
            await agent.inform(CONFIG_CHANGED, credentials=CAROL)
        agent.send_trap(CONFIG_CHANGED, (SYS_NAME, 3))

        assert number(await anext(stream)) == 3
        assert refused(manager) == {"unknown_user_names": 2, "unknown_engine_ids": 1}


async def test_other_keys_are_refused_and_counted(agent: Agent) -> None:
    mallory = UsmUser("alice", "SHA-256", "another password", "AES", "private alice")
    plain = UsmUser("alice")
    async with manager_of(agent, ALICE) as manager:
        stream = manager.notifications()
        await answered(manager)
        agent.send_trap(CONFIG_CHANGED, credentials=mallory)
        agent.send_trap(CONFIG_CHANGED, credentials=plain)
        agent.send_trap(CONFIG_CHANGED, (SYS_NAME, 3))

        assert number(await anext(stream)) == 3
        assert refused(manager) == {"wrong_digests": 1, "levels_too_low": 1}
        await answered(manager)


async def test_a_trap_is_taken_once(agent: Agent) -> None:
    async with manager_of(agent, ALICE) as manager:
        stream = manager.notifications()
        await answered(manager)
        message = UsmSender(engine_id=agent.engine_id, boots=agent.engine_boots, time=agent.engine_time).trap(1)
        push(agent, message, message)
        agent.send_trap(CONFIG_CHANGED, (SYS_NAME, 3))

        assert (await anext(stream)).varbinds == notification_pdu().varbinds[2:]
        assert number(await anext(stream)) == 3
        push(agent, message)
        await answered(manager)
        assert refused(manager) == {"replays": 2}


async def test_a_trap_of_another_time_is_refused(agent: Agent) -> None:
    async with manager_of(agent, ALICE) as manager:
        stream = manager.notifications()
        await answered(manager)
        first = UsmSender(engine_id=agent.engine_id, boots=3, time=1000)
        push(agent, first.trap(1))
        push(agent, first.at(time=849).trap(2))  # more than 150 s ago
        push(agent, first.at(time=851).trap(3))
        push(agent, first.at(boots=2, time=2000).trap(4))  # of before its last start
        push(agent, first.at(boots=4, time=0).trap(5))
        push(agent, first.at(time=1001).trap(6))
        await until(lambda: manager.notification_statistics.messages == 6)

        taken = [(await anext(stream)).pdu for _ in range(3)]
        assert [pdu.request_id for pdu in taken if isinstance(pdu, Pdu)] == [1, 3, 5]
        assert refused(manager) == {"not_in_time_windows": 3}


async def test_an_inform_of_another_time_is_reported(agent: Agent) -> None:
    local_engine = EngineInfo(RECEIVER_ENGINE, 5, 1000)
    async with manager_of(agent, ALICE, local_engine=local_engine) as manager:
        stream = manager.notifications()
        await answered(manager)
        sender = UsmSender(engine_id=RECEIVER_ENGINE, boots=5, time=849)
        with contextlib.closing(Wire(manager)) as wire:
            push(agent, sender.inform(1))
            report = open_usm(await wire.sent())
            assert report.pdu.type is PduType.REPORT
            push(agent, sender.at(time=report.parameters.time).inform(2))
            assert open_usm(await wire.sent()).pdu.type is PduType.RESPONSE
        pdu = (await anext(stream)).pdu
        assert isinstance(pdu, Pdu)
        assert pdu.request_id == 2
        assert refused(manager) == {"not_in_time_windows": 1}


# ---------------------------------------------------------------------------------------- forgeries


async def test_responses_are_no_notifications(agent: Agent) -> None:
    async with manager_of(agent) as manager:
        stream = manager.notifications()
        await answered(manager)
        pdu = notification_pdu(PduType.RESPONSE, 0x11111111)
        with contextlib.closing(Wire(manager)):
            push(agent, community_message(pdu), community_message(pdu, Community("other")))
            await until(lambda: manager.statistics.unknown)
            await until(lambda: manager.notification_statistics.messages)
        # The one with our community answers no request; the other has a community that may not notify.
        assert refused(manager) == {"bad_communities": 1}
        assert manager.statistics.notifications == 0
        await manager.aclose()
        assert await drain(stream) == []


@pytest.mark.parametrize("credentials", [PUBLIC, ALICE], ids=["2c", "3"])
async def test_a_forged_response_to_a_request_in_flight_is_refused_as_ever(agent: Agent, credentials: Any) -> None:
    async with manager_of(agent, credentials) as manager:
        stream = manager.notifications()
        await answered(manager)
        agent.inject(Hold())
        asking = asyncio.create_task(manager.get(SYS_UPTIME))
        await agent.wait_for_requests(2)
        request_id = agent.requests[-1].pdu.request_id
        varbinds = (VarBind(SYS_NAME, Integer32(666)),)
        if credentials is ALICE:
            connection = manager._connector.connection
            assert connection is not None
            (message_id,) = connection.session.exchanges
            forged = UsmSender(engine_id=agent.engine_id, message_id=message_id, keys_of=OTHER_ALICE)
            push(agent, forged.message(Pdu(PduType.RESPONSE, request_id, 0, 0, varbinds)))
        else:
            push(agent, response(request_id, varbinds, community=b"other"))
        await until(lambda: manager.statistics.refused)
        assert not asking.done()
        assert manager.notification_statistics.messages == 0
        agent.release()
        assert (await asking)[0].value == TimeTicks(4752)
        await manager.aclose()
        assert await drain(stream) == []


OTHER_ALICE = UsmUser("alice", "SHA-256", "another password", "AES", "another secret")


async def test_forged_responses_of_version_3_to_no_request_are_counted_and_not_answered(agent: Agent) -> None:
    async with manager_of(agent, ALICE) as manager:
        stream = manager.notifications()
        await answered(manager)
        response_pdu = notification_pdu(PduType.RESPONSE, 5)
        forger = UsmSender(engine_id=agent.engine_id, keys_of=OTHER_ALICE, message_id=5, flags=3)
        stranger = UsmSender(engine_id=SENDER_ENGINE, message_id=5, flags=3)
        with contextlib.closing(Wire(manager)):
            push(agent, forger.message(response_pdu), stranger.message(response_pdu))
            await until(lambda: manager.notification_statistics.messages == 2)
        assert manager.notification_statistics.notifications == 0
        assert refused(manager)["wrong_digests"] == 1
        await answered(manager)
        await manager.aclose()
        assert await drain(stream) == []


async def test_requests_of_an_agent_are_not_answered(agent: Agent) -> None:
    async with manager_of(agent) as manager:
        manager_stream = manager.notifications()
        await answered(manager)
        with contextlib.closing(Wire(manager)):
            for kind in (PduType.GET, PduType.SET, PduType.GET_NEXT, PduType.REPORT):
                push(agent, community_message(notification_pdu(kind)))
            await until(lambda: manager.notification_statistics.messages == 4)
        assert refused(manager) == {"unexpected_pdus": 4}
        await manager.aclose()
        assert await drain(manager_stream) == []


async def test_a_notification_with_the_id_of_a_request_is_no_answer_to_it(agent: Agent) -> None:
    async with manager_of(agent) as manager:
        stream = manager.notifications()
        await answered(manager)
        agent.inject(Hold())
        asking = asyncio.create_task(manager.get(SYS_UPTIME))
        await agent.wait_for_requests(2)
        request_id = agent.requests[-1].pdu.request_id
        with contextlib.closing(Wire(manager)) as wire:
            push(agent, inform(request_id))
            pdu = acknowledged(await wire.sent())
        assert pdu.request_id == request_id
        assert (await anext(stream)).is_inform
        assert not asking.done()
        agent.release()
        await asking


async def test_a_malformed_notification_is_counted_and_the_next_one_arrives(agent: Agent) -> None:
    async with manager_of(agent) as manager:
        stream = manager.notifications()
        await answered(manager)
        cut = community_message(Pdu(PduType.TRAP_V2, 1)).replace(b"\x30\x00", b"\x05\x00")
        push(agent, cut, b"\x30\x00", trap(2))

        assert (await anext(stream)).version is SnmpVersion.V2C
        assert refused(manager) == {"malformed": 1}
        assert manager.statistics.malformed == 1


# ------------------------------------------------------------------------------- the agent that pushes


async def test_an_agent_notifies_whom_it_is_told_to(agent: Agent) -> None:
    async with manager_of(agent) as first, manager_of(agent, BOB) as second:
        streams = [manager.notifications() for manager in (first, second)]
        await answered(first)
        await answered(second)
        numbers = [request.connection for request in agent.requests]
        assert numbers == [1, 2]

        agent.send_trap(CONFIG_CHANGED, (SYS_NAME, 1), connection=1)
        agent.send_trap(CONFIG_CHANGED, (SYS_NAME, 2), connection=2)
        await agent.inform(CONFIG_CHANGED, (SYS_NAME, 3))  # to the newest
        await agent.inform(CONFIG_CHANGED, (SYS_NAME, 4), connection=1)
        with pytest.raises(ConnectionLost, match="connection 3 is not open"):
            agent.send_trap(CONFIG_CHANGED, connection=3)

        assert [number(await anext(streams[0])) for _ in range(2)] == [1, 4]
        assert [number(await anext(streams[1])) for _ in range(2)] == [2, 3]


async def test_an_agent_has_credentials_to_notify_in(agent: Agent) -> None:
    async with manager_of(agent) as manager:
        await manager.connect()
        with pytest.raises(ConfigurationError, match="no informs"):
            await agent.inform(CONFIG_CHANGED, credentials=Community("public", "1"))
    async with Agent(small_agent_mib()) as plain, manager_of(plain) as manager:
        await manager.connect()
        with pytest.raises(ConfigurationError, match="does not speak SNMPv3"):
            plain.send_trap(CONFIG_CHANGED, credentials=ALICE)
        with pytest.raises(ConfigurationError):
            plain.send_trap("1.3.x")
        assert plain.statistics.notifications == 0


async def test_an_agent_without_communities_notifies_its_user() -> None:
    agent = Agent(small_agent_mib(), users=[BOB], read_community=None, write_community=None)
    async with agent, manager_of(agent, BOB) as manager:
        stream = manager.notifications()
        await manager.connect()
        agent.send_trap(CONFIG_CHANGED)
        assert (await anext(stream)).security_name == b"bob"


async def test_an_inform_that_is_cancelled_at_the_agent_leaves_nothing_behind(agent: Agent) -> None:
    async with manager_of(agent, ALICE) as manager:
        await answered(manager)  # no stream takes notifications
        informing = asyncio.create_task(agent.inform(CONFIG_CHANGED))
        await settle()
        informing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await informing
        stream = manager.notifications()
        await agent.inform(CONFIG_CHANGED, (SYS_NAME, 2))
        assert number(await anext(stream)) == 2


async def test_an_agent_that_was_started_anew_is_believed(agent: Agent) -> None:
    async with manager_of(agent, ALICE) as manager:
        stream = manager.notifications()
        await answered(manager)
        agent.jump(5000)
        agent.send_trap(CONFIG_CHANGED, (SYS_NAME, 1))
        agent.reboot()
        agent.send_trap(CONFIG_CHANGED, (SYS_NAME, 2))
        agent.replace_engine()
        agent.send_trap(CONFIG_CHANGED, (SYS_NAME, 3))

        assert [number(await anext(stream)) for _ in range(3)] == [1, 2, 3]
        await manager.discover(afresh=True)
        await answered(manager)
        assert refused(manager) == {}


async def test_localized_keys_cannot_receive_informs_and_the_error_says_so(agent: Agent) -> None:
    user = UsmUser("alice", "SHA-256", auth_localized_key=bytes(32))
    async with manager_of(agent, user) as manager:
        with pytest.raises(ConfigurationError, match="localized keys"):
            manager.notifications()
        assert manager.notification_statistics.messages == 0
