"""Manager.inform and Manager.send_trap, in every version and at every level, to a listener and to worse receivers."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import (
    OID,
    AgentError,
    ClosedError,
    Community,
    ConfigurationError,
    ConnectFailed,
    ConnectionLost,
    Counter64,
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
from snmptcp.codec.message import CommunityMessage, decode_message
from snmptcp.codec.pdu import Pdu, PduType, TrapV1Pdu
from snmptcp.errors import ErrorStatus, ResourceUnavailable, UnknownUser, WrongDigest
from snmptcp.listener import NotificationListener
from snmptcp.net.dialing import SocketOptions
from snmptcp.net.server import Server
from snmptcp.net.tls import CertificateMap
from snmptcp.protocol.notification import SNMP_TRAP_ENTERPRISE, SNMP_TRAP_OID, SYS_UP_TIME
from tests.support.certificates import certificates
from tests.support.clock import settle, skip
from tests.support.senders import ALICE, BOB, CAROL, CONFIG_CHANGED, EVERYBODY, LINK_DOWN, SENDER_ENGINE, SYS_NAME
from tests.support.wire import response

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from snmptcp.net.accepted import ServerConnection
    from snmptcp.protocol.notification import Notification

pytestmark = pytest.mark.anyio

HERE = "127.0.0.1"
PUBLIC = Community("public")
PUBLIC_V1 = Community("public", "1")
DEV1 = (SYS_NAME, "dev1")
TOLD = (VarBind(SYS_NAME, OctetString("dev1")),)
C = certificates()


def listen(*credentials: Any, **options: Any) -> NotificationListener:
    return NotificationListener(HERE, 0, credentials=credentials, **options)


def sender(receiver: NotificationListener | Receiver, credentials: Any, **options: Any) -> Manager:
    return Manager(HERE, receiver.port, credentials=credentials, **options)


async def until(condition: Callable[[], object]) -> None:
    """Let the loop run until something is so; the test's own time limit ends it otherwise."""
    while not condition():
        await asyncio.sleep(0)


class Receiver:
    """A receiver that does with each message what a test wants; use it as an async context manager."""

    def __init__(self, take: Callable[[Receiver, ServerConnection], None] | None = None) -> None:
        self.received: list[tuple[int, Pdu]] = []
        self._take = take
        self.server = Server(self._on_message, HERE, 0)

    @property
    def port(self) -> int:
        return self.server.port

    def _on_message(self, connection: ServerConnection, octets: bytes) -> None:
        message = decode_message(octets)
        assert isinstance(message, CommunityMessage)
        assert isinstance(message.pdu, Pdu)
        self.received.append((connection.number, message.pdu))
        if self._take is not None:
            self._take(self, connection)

    def acknowledge(self, connection: ServerConnection, which: int = -1, **changes: Any) -> None:
        pdu = self.received[which][1]
        connection.send(response(pdu.request_id, pdu.varbinds, **changes))

    async def __aenter__(self) -> Self:
        await self.server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.server.aclose()


# ------------------------------------------------------------------------------------- what arrives


async def test_an_inform_of_version_2c_is_acknowledged_with_its_own_variable_bindings():
    async with listen(PUBLIC) as listener, sender(listener, PUBLIC) as manager:
        answer = await manager.inform(CONFIG_CHANGED, DEV1, uptime=4242)

        notification = await anext(listener)
        assert (notification.trap_oid, notification.uptime, notification.varbinds) == (
            CONFIG_CHANGED,
            TimeTicks(4242),
            TOLD,
        )
        assert notification.is_inform
        assert answer == (
            VarBind(SYS_UP_TIME, TimeTicks(4242)),
            VarBind(SNMP_TRAP_OID, CONFIG_CHANGED),
            *TOLD,
        )
        assert listener.statistics.acknowledged == 1
        assert (manager.statistics.requests, manager.statistics.responses) == (1, 1)
        assert manager.statistics.traps == 0


async def test_a_trap_of_version_2c_is_not_acknowledged():
    async with listen(PUBLIC) as listener, sender(listener, PUBLIC) as manager:
        await manager.send_trap(str(CONFIG_CHANGED), VarBind(SYS_NAME, OctetString("dev1")), uptime=1)

        notification = await anext(listener)
        assert (notification.version, notification.is_inform) == (SnmpVersion.V2C, False)
        assert (notification.trap_oid, notification.varbinds) == (CONFIG_CHANGED, TOLD)
        assert manager.statistics.traps == 1
        assert (manager.statistics.requests, manager.pending) == (0, 0)


async def test_uptime_is_that_of_the_process_and_goes_on():
    async with listen(PUBLIC) as listener, sender(listener, PUBLIC) as manager:
        await manager.send_trap(CONFIG_CHANGED)
        await manager.inform(CONFIG_CHANGED)

        first, second = await anext(listener), await anext(listener)
        assert 0 <= first.uptime <= second.uptime < 24 * 3600 * 100


@pytest.mark.parametrize(
    ("trap_oid", "varbinds", "expected"),
    [
        (LINK_DOWN, (), ("1.3.6.1.6.3.1.1.5", 2, 0)),
        ("1.3.6.1.6.3.1.1.5.1", (), ("1.3.6.1.6.3.1.1.5", 0, 0)),
        (LINK_DOWN, ((SNMP_TRAP_ENTERPRISE, OID("1.3.6.1.4.1.9")),), ("1.3.6.1.4.1.9", 2, 0)),
        ("1.3.6.1.4.1.8072.9999.0.17", (), ("1.3.6.1.4.1.8072.9999", 6, 17)),
        ("1.3.6.1.4.1.8072.9999.17", (), ("1.3.6.1.4.1.8072.9999", 6, 17)),
        ("1.3.6.1.6.3.1.1.5.7", (), ("1.3.6.1.6.3.1.1.5", 6, 7)),
    ],
    ids=["generic", "cold start", "with its enterprise", "enterprise.0.specific", "enterprise.specific", "no generic"],
)
async def test_a_trap_of_version_1_is_translated_as_rfc_3584_section_3_2_tells(trap_oid, varbinds, expected):
    async with listen(PUBLIC_V1) as listener, sender(listener, PUBLIC_V1) as manager:
        await manager.send_trap(trap_oid, *varbinds, DEV1, uptime=7, agent_address="192.0.2.7")

        notification = await anext(listener)
        pdu = notification.pdu
        assert isinstance(pdu, TrapV1Pdu)
        assert (str(pdu.enterprise), pdu.generic_trap, pdu.specific_trap) == expected
        assert (pdu.agent_address, pdu.timestamp) == (IpAddress("192.0.2.7"), TimeTicks(7))
        assert pdu.varbinds[-1:] == TOLD
        assert notification.agent == "192.0.2.7"


async def test_a_trap_of_version_1_that_tells_no_agent_is_from_its_source():
    async with listen(PUBLIC_V1) as listener, sender(listener, PUBLIC_V1) as manager:
        await manager.send_trap(LINK_DOWN)

        notification = await anext(listener)
        assert notification.agent_address == IpAddress("0.0.0.0")
        assert notification.agent == HERE


@pytest.mark.parametrize("user", EVERYBODY, ids=lambda user: user.security_level.name)
async def test_an_inform_of_version_3_goes_by_the_engine_of_its_receiver(user):
    async with listen(*EVERYBODY) as listener, sender(listener, user) as manager:
        await manager.inform(CONFIG_CHANGED, DEV1)

        notification = await anext(listener)
        assert (notification.security_name, notification.security_level) == (user.name, user.security_level)
        assert notification.engine_id == listener.engine_id
        assert notification.varbinds == TOLD
        assert manager.statistics.probes == 1
        await manager.inform(CONFIG_CHANGED)
        assert manager.statistics.probes == 1


@pytest.mark.parametrize("user", EVERYBODY, ids=lambda user: user.security_level.name)
async def test_a_trap_of_version_3_goes_by_the_engine_of_its_sender(user):
    engine = EngineInfo(SENDER_ENGINE, 7, 500)
    async with listen(*EVERYBODY) as listener, sender(listener, user, local_engine=engine) as manager:
        skip(100)
        await manager.send_trap(CONFIG_CHANGED, DEV1)

        notification = await anext(listener)
        assert (notification.security_name, notification.security_level) == (user.name, user.security_level)
        assert notification.engine_id == notification.context_engine_id == SENDER_ENGINE
        assert notification.varbinds == TOLD
        assert manager.statistics.probes == 0  # there is nothing to be found out


async def test_the_time_of_the_sending_engine_goes_on():
    engine = EngineInfo(SENDER_ENGINE, 7, 500)
    async with listen(ALICE) as listener, sender(listener, ALICE, local_engine=engine) as manager:
        await manager.send_trap(CONFIG_CHANGED)
        skip(1000)
        await manager.send_trap(CONFIG_CHANGED)

        assert [(await anext(listener)).engine_id for _ in range(2)] == [SENDER_ENGINE] * 2
        assert listener.statistics.refused == {}
    # A sender that restarts with the same boots is refused: its time went back.
    async with listen(ALICE) as listener:
        for boots, time in ((7, 1500), (7, 500), (8, 0)):
            async with sender(listener, ALICE, local_engine=EngineInfo(SENDER_ENGINE, boots, time)) as manager:
                await manager.send_trap(CONFIG_CHANGED)
        await until(lambda: listener.statistics.messages == 3)
        assert listener.statistics.refused == {"not_in_time_windows": 1}
        assert listener.statistics.notifications == 2


async def test_notifications_of_version_3_are_about_the_context_of_their_user():
    user = ALICE.in_context("side", SENDER_ENGINE + b"2")
    async with listen(ALICE) as listener, sender(listener, user) as manager:
        await manager.inform(CONFIG_CHANGED)
        await manager.send_trap(CONFIG_CHANGED)

        for _ in range(2):
            notification = await anext(listener)
            assert (notification.context_name, notification.context_engine_id) == (b"side", SENDER_ENGINE + b"2")


async def test_an_inform_follows_the_receiver_into_its_next_life(tmp_path):
    options: Any = {"engine_file": tmp_path / "engine.json"}
    async with listen(ALICE, **options) as listener:
        port = listener.port
        manager = sender(listener, ALICE)
        await manager.inform(CONFIG_CHANGED)
    async with manager, NotificationListener(HERE, port, credentials=ALICE, **options) as listener:
        await manager.inform(CONFIG_CHANGED)

        assert listener.engine_boots == 2
        assert listener.statistics.refused == {"not_in_time_windows": 1}
        assert manager.statistics.resent == 1


# ------------------------------------------------------------------------------------------- TSM


def server_tls() -> TlsOptions:
    return TlsOptions(
        certificate=C.server.chain_pem,
        key=C.server.key_pem,
        ca_pem=C.ca_pem,
        certificate_maps=(CertificateMap(C.client.fingerprint, name="device"),),
    )


def client_tls(**changes: Any) -> TlsOptions:
    given = {"ca_pem": C.ca_pem, "certificate": C.client.chain_pem, "key": C.client.key_pem}
    return TlsOptions(**{**given, **changes})


@pytest.mark.parametrize("version", ["1.2", "1.3"])
async def test_notifications_over_tls_are_from_whom_the_certificate_names(version):
    tls = client_tls(minimum_version=version, maximum_version=version)
    async with listen(Tsm(), tls=server_tls()) as listener:
        engine = EngineInfo(SENDER_ENGINE)
        async with sender(listener, Tsm(), tls=tls, local_engine=engine) as manager:
            await manager.inform(CONFIG_CHANGED, DEV1)
            await manager.send_trap(CONFIG_CHANGED, DEV1)

            inform, trap = await anext(listener), await anext(listener)
            assert (inform.is_inform, trap.is_inform) == (True, False)
            for notification in (inform, trap):
                assert notification.security_name == b"device"
                assert notification.security_level == SecurityLevel.authPriv
                assert notification.varbinds == TOLD
            assert trap.context_engine_id == SENDER_ENGINE
            assert manager.statistics.probes == 1  # RFC 5343, for the inform
            assert manager.tls is not None
            assert manager.tls.version == f"TLSv{version}"


async def test_100_informs_at_once_go_over_one_session():
    async with listen(Tsm(), tls=server_tls()) as listener, sender(listener, Tsm(), tls=client_tls()) as manager:
        await asyncio.gather(*(manager.inform(CONFIG_CHANGED, (SYS_NAME, str(each))) for each in range(100)))

        assert listener.statistics.acknowledged == 100
        assert listener.statistics.connections == 1
        assert sorted([int(str((await anext(listener)).varbinds[0].value)) for _ in range(100)]) == [*range(100)]


# ------------------------------------------------------------------------------------- wrong input


@pytest.mark.parametrize(
    ("trap_oid", "varbinds", "options"),
    [
        ("1.3.x", (), {}),
        ("", (), {}),
        ("1", (), {}),
        (CONFIG_CHANGED, (("9.9.9", 1),), {}),
        (CONFIG_CHANGED, ((SYS_NAME, 2**31),), {}),
        (CONFIG_CHANGED, (), {"uptime": 2**32}),
        (CONFIG_CHANGED, (), {"uptime": -1}),
        (CONFIG_CHANGED, (), {"timeout": 0}),
    ],
    ids=["no OID", "empty", "one arc", "impossible name", "impossible value", "late uptime", "early uptime", "timeout"],
)
@pytest.mark.parametrize("method", ["inform", "send_trap"])
async def test_impossible_arguments_are_refused_before_connecting(method, trap_oid, varbinds, options):
    async with listen(PUBLIC) as listener, sender(listener, PUBLIC) as manager:
        with pytest.raises(ConfigurationError):
            await getattr(manager, method)(trap_oid, *varbinds, **options)

        assert not manager.connected
        assert manager.statistics.connections == 0


async def test_a_value_that_snmp_has_no_type_for_is_refused():
    async with listen(PUBLIC) as listener, sender(listener, PUBLIC) as manager:
        for method in (manager.inform, manager.send_trap):
            with pytest.raises((ConfigurationError, TypeError)):
                await method(CONFIG_CHANGED, (SYS_NAME, object()))
        assert not manager.connected


async def test_version_1_has_no_informs():
    async with listen(PUBLIC_V1) as listener, sender(listener, PUBLIC_V1) as manager:
        with pytest.raises(ConfigurationError, match="SNMPv1 has no informs"):
            await manager.inform(CONFIG_CHANGED)
        assert not manager.connected


@pytest.mark.parametrize(
    ("trap_oid", "varbinds", "options", "text"),
    [
        (CONFIG_CHANGED, ((SYS_NAME, Counter64(1)),), {}, "Counter64"),
        ("1.3.6.1.4.1.9.0.4294967295", (), {}, "above 2147483647"),
        ("1.3", (), {}, "too short for an enterprise"),
        (CONFIG_CHANGED, (), {"agent_address": "2001:db8::1"}, "2001:db8::1"),
        (CONFIG_CHANGED, (), {"agent_address": "core.example.net"}, "core"),
    ],
    ids=["Counter64", "specific-trap", "enterprise", "IPv6", "name"],
)
async def test_what_version_1_cannot_carry_is_refused_before_connecting(trap_oid, varbinds, options, text):
    async with listen(PUBLIC_V1) as listener, sender(listener, PUBLIC_V1) as manager:
        with pytest.raises(ConfigurationError, match=text):
            await manager.send_trap(trap_oid, *varbinds, **options)
        assert not manager.connected


async def test_version_2c_carries_a_counter64():
    async with listen(PUBLIC) as listener, sender(listener, PUBLIC) as manager:
        await manager.send_trap(CONFIG_CHANGED, (SYS_NAME, Counter64(2**63)))
        assert (await anext(listener)).get(SYS_NAME) == Counter64(2**63)


async def test_a_closed_manager_sends_no_notification():
    async with listen(PUBLIC) as listener:
        manager = sender(listener, PUBLIC)
        await manager.aclose()
        for method in (manager.inform, manager.send_trap):
            with pytest.raises(ClosedError):
                await method(CONFIG_CHANGED)


async def test_without_a_receiver_there_is_a_true_reason():
    async with Receiver() as receiver:
        manager = sender(receiver, PUBLIC)
    async with manager:
        for method in (manager.inform, manager.send_trap):
            with pytest.raises(ConnectFailed, match="refused"):
                await method(CONFIG_CHANGED)
        assert manager.statistics.traps == 0


# ------------------------------------------------------------------------------ who does not take it


@pytest.mark.parametrize("user", [PUBLIC, ALICE], ids=["2c", "3"])
async def test_a_receiver_says_why_it_does_not_take_an_inform(user):
    answers = [ErrorStatus.resourceUnavailable, ErrorStatus.genErr, 77, None]

    async def handle(notification: Notification) -> ErrorStatus | int | None:
        return answers.pop(0)

    async with listen(user, handler=handle) as listener, sender(listener, user) as manager:
        with pytest.raises(ResourceUnavailable):
            await manager.inform(CONFIG_CHANGED)
        with pytest.raises(AgentError) as caught:
            await manager.inform(CONFIG_CHANGED)
        assert caught.value.status == ErrorStatus.genErr
        with pytest.raises(AgentError) as caught:
            await manager.inform(CONFIG_CHANGED)
        assert caught.value.status == 77
        await manager.inform(CONFIG_CHANGED)
        assert listener.statistics.informs == 4


async def test_a_community_that_the_receiver_does_not_know_is_met_with_silence():
    async with listen(Community("secret"), first_message_timeout=None) as listener, sender(listener, PUBLIC) as manager:
        await manager.connect()
        informing = asyncio.ensure_future(manager.inform(CONFIG_CHANGED, timeout=60))
        await until(lambda: listener.statistics.refused == {"bad_communities": 1})
        skip(60)
        with pytest.raises(RequestTimeout) as caught:
            await informing
        assert caught.value.reason is None
        await manager.send_trap(CONFIG_CHANGED)
        await until(lambda: listener.statistics.refused == {"bad_communities": 2})


async def test_a_receiver_reports_a_user_that_it_does_not_know():
    async with listen(BOB) as listener:
        async with sender(listener, CAROL) as manager:
            with pytest.raises(UnknownUser):
                await manager.inform(CONFIG_CHANGED)
        async with sender(listener, UsmUser("bob", "SHA", "another password")) as manager:
            informing = asyncio.ensure_future(manager.inform(CONFIG_CHANGED, timeout=20))
            await until(lambda: manager.statistics.refused)  # that report is not authenticated
            skip(20)
            with pytest.raises(RequestTimeout) as caught:
                await informing
            assert isinstance(caught.value.reason, WrongDigest)
        refused = listener.statistics.refused
        assert (refused["unknown_user_names"], refused["wrong_digests"]) == (1, 1)
        assert listener.statistics.notifications == 0


async def test_an_acknowledgement_of_something_else_is_none():
    def take(receiver: Receiver, connection: ServerConnection) -> None:
        pdu = receiver.received[-1][1]
        connection.send(response(pdu.request_id - 1, pdu.varbinds))
        connection.send(response(pdu.request_id, pdu.varbinds, community=b"other"))
        connection.send(response(pdu.request_id, pdu.varbinds))

    async with Receiver(take) as receiver, sender(receiver, PUBLIC) as manager:
        assert (await manager.inform(CONFIG_CHANGED, DEV1))[2:] == TOLD
        assert (manager.statistics.unknown, manager.statistics.refused) == (1, 1)


# ------------------------------------------------------------------------------- a lost connection


async def test_an_inform_whose_connection_is_lost_is_sent_again_on_a_fresh_one():
    def take(receiver: Receiver, connection: ServerConnection) -> None:
        if connection.number == 1:
            connection.close()
        else:
            receiver.acknowledge(connection)

    async with Receiver(take) as receiver, sender(receiver, PUBLIC) as manager:
        answer = await manager.inform(CONFIG_CHANGED, DEV1)

        assert answer[2:] == TOLD
        assert [number for number, _ in receiver.received] == [1, 2]
        assert {pdu.varbinds for _, pdu in receiver.received} == {answer}  # its uptime, too
        assert (manager.statistics.retried, manager.statistics.connections) == (1, 2)


async def test_an_inform_is_not_sent_again_for_ever():
    async with Receiver(lambda _, connection: connection.reset()) as receiver:
        async with sender(receiver, PUBLIC, retries=2) as manager:
            with pytest.raises(ConnectionLost):
                await manager.inform(CONFIG_CHANGED)
        assert [number for number, _ in receiver.received] == [1, 2, 3]


async def test_an_inform_is_sent_once_without_retries():
    async with Receiver(lambda _, connection: connection.close()) as receiver:
        async with sender(receiver, PUBLIC, retries=0) as manager:
            with pytest.raises(ConnectionLost):
                await manager.inform(CONFIG_CHANGED)
        assert len(receiver.received) == 1


async def test_a_trap_whose_connection_is_lost_is_not_sent_again():
    async with Receiver(lambda _, connection: connection.close()) as receiver, sender(receiver, PUBLIC) as manager:
        await manager.send_trap(CONFIG_CHANGED, (SYS_NAME, "first"))
        await until(lambda: not manager.connected)
        await manager.send_trap(CONFIG_CHANGED, (SYS_NAME, "second"))
        await until(lambda: len(receiver.received) == 2)

        assert [(number, str(pdu.varbinds[2].value)) for number, pdu in receiver.received] == [
            (1, "first"),
            (2, "second"),
        ]
        assert (manager.statistics.traps, manager.statistics.retried) == (2, 0)


async def test_informs_and_traps_leave_in_the_order_in_which_they_were_begun():
    async with Receiver(lambda receiver, connection: None) as receiver, sender(receiver, PUBLIC) as manager:
        await manager.connect()
        for each in range(20):
            await manager.send_trap(CONFIG_CHANGED, (SYS_NAME, each))
        informing = asyncio.create_task(manager.inform(CONFIG_CHANGED, (SYS_NAME, 20)))
        await until(lambda: len(receiver.received) == 21)

        assert [pdu.varbinds[2].value for _, pdu in receiver.received] == [Integer32(each) for each in range(21)]
        assert [pdu.type for _, pdu in receiver.received] == [PduType.TRAP_V2] * 20 + [PduType.INFORM]
        assert len({pdu.request_id for _, pdu in receiver.received}) == 21
        informing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await informing


# ---------------------------------------------------------------------------------- back-pressure


SMALL_BUFFERS = SocketOptions(send_buffer=4096)
LONG = "x" * 20_000


class Deaf(Receiver):
    """A receiver that does not read until it is told to."""

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        assert self.server._server is not None
        for listening in self.server._server.sockets:
            # Accepted connections inherit it: the system buffers little for a receiver that does not read.
            listening._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # type: ignore[attr-defined]
        self.server._on_connect = lambda connection: connection.pause()
        return self

    def listen_again(self) -> None:
        for connection in self.server.connections:
            connection.resume()


async def fill(manager: Manager) -> None:
    """Send traps until the other end does not take any more."""
    await manager.connect()
    assert manager._connector.connection is not None
    while not manager._connector.connection.blocked:
        await manager.send_trap(CONFIG_CHANGED, (SYS_NAME, LONG))
        await settle()


async def test_a_receiver_that_does_not_read_is_told_of_and_nothing_piles_up():
    async with Deaf() as receiver, sender(receiver, PUBLIC, socket_options=SMALL_BUFFERS) as manager:
        await fill(manager)
        sent = manager.statistics.traps
        octets = manager.statistics.octets_sent

        for _ in range(3):
            with pytest.raises(RequestTimeout):
                await manager.send_trap(CONFIG_CHANGED, (SYS_NAME, LONG), timeout=0.5)

        assert (manager.statistics.traps, manager.statistics.octets_sent) == (sent, octets)
        receiver.listen_again()
        await manager.send_trap(CONFIG_CHANGED, (SYS_NAME, "the last"))
        await until(lambda: len(receiver.received) == sent + 1)
        assert receiver.received[-1][1].varbinds[2].value == b"the last"
        assert manager.statistics.connections == 1


async def test_a_sender_that_waits_for_a_receiver_sends_as_soon_as_it_reads():
    async with Deaf() as receiver, sender(receiver, PUBLIC, socket_options=SMALL_BUFFERS) as manager:
        await fill(manager)
        sent = manager.statistics.traps
        waiting = [asyncio.create_task(manager.send_trap(CONFIG_CHANGED, (SYS_NAME, LONG))) for _ in range(50)]
        await settle()
        assert not any(task.done() for task in waiting)

        receiver.listen_again()
        await asyncio.gather(*waiting)
        await until(lambda: len(receiver.received) == sent + 50)


async def test_a_trap_that_is_cancelled_before_it_could_leave_is_not_sent():
    async with Deaf() as receiver, sender(receiver, PUBLIC, socket_options=SMALL_BUFFERS) as manager:
        await fill(manager)
        sent = manager.statistics.traps
        waiting = asyncio.create_task(manager.send_trap(CONFIG_CHANGED, (SYS_NAME, "cancelled")))
        await settle()
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

        receiver.listen_again()
        await manager.send_trap(CONFIG_CHANGED, (SYS_NAME, "the last"))
        await until(lambda: len(receiver.received) == sent + 1)
        assert receiver.received[-1][1].varbinds[2].value == b"the last"


async def test_a_waiting_trap_fails_when_its_connection_ends():
    async with Deaf() as receiver, sender(receiver, PUBLIC, socket_options=SMALL_BUFFERS) as manager:
        await fill(manager)
        waiting = asyncio.create_task(manager.send_trap(CONFIG_CHANGED))
        await settle()
        for connection in receiver.server.connections:
            connection.reset()
        with pytest.raises(ConnectionLost):
            await waiting


# ------------------------------------------------------------------------------------ cancellation


async def test_an_inform_that_is_cancelled_leaves_nothing_behind():
    async with Receiver() as receiver, sender(receiver, PUBLIC) as manager:
        informing = asyncio.create_task(manager.inform(CONFIG_CHANGED))
        await until(lambda: receiver.received)
        informing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await informing

        assert (manager.pending, manager.statistics.abandoned) == (0, 1)
        (connection,) = receiver.server.connections
        receiver.acknowledge(connection)
        await until(lambda: manager.statistics.late)
        assert manager.connected


async def test_closing_the_manager_ends_informs_that_wait():
    async with Receiver() as receiver:
        manager = sender(receiver, PUBLIC)
        informing = asyncio.create_task(manager.inform(CONFIG_CHANGED))
        await until(lambda: receiver.received)
        await manager.aclose()
        with pytest.raises(ClosedError):
            await informing
        assert len(receiver.received) == 1


async def test_silence_has_a_deadline_and_a_late_acknowledgement_is_harmless():
    async with Receiver() as receiver, sender(receiver, PUBLIC) as manager:
        informing = asyncio.create_task(manager.inform(CONFIG_CHANGED, timeout=30))
        await until(lambda: receiver.received)
        skip(31)
        with pytest.raises(RequestTimeout):
            await informing

        (connection,) = receiver.server.connections
        receiver.acknowledge(connection)
        again = asyncio.create_task(manager.inform(CONFIG_CHANGED))
        await until(lambda: len(receiver.received) == 2)
        receiver.acknowledge(connection)
        await again
        assert (manager.statistics.late, manager.statistics.timeouts) == (1, 1)


async def test_informs_are_in_flight_side_by_side():
    async with Receiver() as receiver, sender(receiver, PUBLIC) as manager:
        informing = [asyncio.create_task(manager.inform(CONFIG_CHANGED, (SYS_NAME, each))) for each in range(200)]
        await until(lambda: len(receiver.received) == 200)
        (connection,) = receiver.server.connections
        for which in reversed(range(200)):
            receiver.acknowledge(connection, which)

        answers = await asyncio.gather(*informing)
        assert [answer[2].value for answer in answers] == [Integer32(each) for each in range(200)]
        assert manager.pending == 0
