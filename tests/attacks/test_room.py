"""Attacks that take a listener's places, its memory or its log, so that honest senders find no room.

All of them meet default settings, unless a test says otherwise.  An attacker holds no credentials.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import socket
import ssl
from typing import TYPE_CHECKING, Any, Self

import pytest

from snmptcp import Community, TlsOptions, Tsm, UsmUser
from snmptcp.ipworks import SNMPTCPMgr
from snmptcp.listener import NotificationListener
from snmptcp.listener.admission import MAX_HELD_OCTETS
from tests.ipworks.support import choose_port, pump_until, record
from tests.support.attacker import (
    INFORM,
    REPORTABLE,
    RESPONSE,
    RawConnection,
    community_message,
    names,
    notification,
    octet_string,
    pdu,
    read_message,
    scoped_pdu,
    sequence,
    usm_message,
)
from tests.support.certificates import certificates
from tests.support.clock import settle, skip, until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.anyio

C = certificates()
HERE = "127.0.0.1"
ELSEWHERE = "127.0.0.99"
LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"

#: The first octets of a message of 1,000 octets.
BEGINNING = b"\x30\x82\x03\xe4\x02"

#: How many connections the system lets wait until they are accepted.
BACKLOG = 50


@pytest.fixture(autouse=True)
def descriptors() -> Iterator[None]:
    """Allow as many open files as the tests need on both ends; Linux's usual limit is 1,024 of 1,048,576."""
    if os.name != "posix":
        yield
        return
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 8192 if hard == resource.RLIM_INFINITY else min(8192, hard)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        yield
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def listen(*, tls: bool = False, **options: Any) -> NotificationListener:
    secured = TlsOptions(certificate=C.server.pem) if tls else None
    return NotificationListener(HERE, 0, **{"credentials": Community("public"), "tls": secured, **options})


def inform(request_id: int, community: bytes = b"public") -> bytes:
    return community_message(pdu(INFORM, request_id, notification(LINK_DOWN)), community)


class Crowd:
    """Many connections of an attacker."""

    def __init__(self) -> None:
        self.socks: list[socket.socket] = []

    async def connect(self, address: tuple[str, int], count: int, octets: bytes = b"", host: str = HERE) -> None:
        """Connect so many times from a host, and send octets on each."""
        for number in range(count):
            self.connect_one(address, octets, host)
            if number % BACKLOG == BACKLOG - 1:
                await settle(4)
        await settle(4)

    def connect_one(self, address: tuple[str, int], octets: bytes = b"", host: str = HERE) -> None:
        sock = socket.create_connection(address, timeout=20, source_address=(host, 0))
        self.socks.append(sock)
        sock.setblocking(False)
        self.send(octets, [sock])

    def send(self, octets: bytes, socks: list[socket.socket] | None = None) -> None:
        """Send octets on each connection that is still open."""
        for sock in self.socks if socks is None else socks:
            with contextlib.suppress(OSError):
                sock.send(octets)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for sock in self.socks:
            sock.close()


async def connect(
    listener: NotificationListener, host: str = HERE, context: ssl.SSLContext | None = None
) -> RawConnection:
    secured: dict[str, Any] = {} if context is None else {"ssl": context, "server_hostname": HERE}
    return await RawConnection.open(*listener.addresses[0], local_addr=(host, 0), **secured)


async def is_served(
    listener: NotificationListener, request_id: int, host: str = HERE, context: ssl.SSLContext | None = None
) -> bool:
    """Let an honest sender connect and send an inform; return whether it is acknowledged."""
    async with await connect(listener, host, context) as honest:
        return await is_answered(honest, request_id)


async def is_answered(honest: RawConnection, request_id: int) -> bool:
    honest.send(inform(request_id))
    found = read_message(await honest.message()).opened
    return (found.kind, found.request_id) == (RESPONSE, request_id)


def client_context() -> ssl.SSLContext:
    context = ssl.create_default_context(cadata=C.ca_pem)
    context.check_hostname = False
    return context


# ------------------------------------------------------------------------------------------ S9: places


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("host", [HERE, ELSEWHERE])
async def test_a_thousand_silent_connections_of_one_host_do_not_keep_an_honest_sender_out(host: str, tls: bool) -> None:
    context = client_context() if tls else None
    async with listen(tls=tls) as listener:
        earlier = await connect(listener, context=context)
        assert await is_answered(earlier, 1)
        with Crowd() as silent:
            await silent.connect(listener.addresses[0], 1000)
            assert listener.statistics.refused_connections_per_host > 0
            assert await is_served(listener, 2, host, context)
            assert await is_answered(earlier, 3)  # a proved connection never gives way
        earlier.close()
        await earlier.wait_closed()


@pytest.mark.parametrize("hosts", [1, 8])
async def test_two_thousand_slow_senders_do_not_keep_an_honest_sender_out(hosts: int) -> None:
    async with listen() as listener, await RawConnection.open(*listener.addresses[0]) as earlier:
        assert await is_answered(earlier, 1)
        with Crowd() as slow:
            for host in range(hosts):
                await slow.connect(listener.addresses[0], 2000 // hosts, BEGINNING, f"127.0.1.{host + 1}")
            assert listener.connections <= 1000
            assert await is_served(listener, 2, "127.0.1.1")
            assert await is_served(listener, 3, ELSEWHERE)
            for _ in range(10):  # an octet now and then does not keep a place
                skip(5)
                slow.send(b"\x02")
                await settle(20)
            await until(lambda: listener.connections == 1)
            assert await is_answered(earlier, 4)


async def test_unknown_communities_junk_and_discovery_prove_nothing() -> None:
    probe = usm_message(scoped_pdu(pdu(0xA0, 1)), message_id=1, flags=REPORTABLE)
    users = (Community("public"), UsmUser("alice", "SHA-256", "authentic alice"))
    messages = inform(1, b"guessed") + sequence() + probe
    async with listen(credentials=users, max_connections=10) as listener:
        with Crowd() as crowd:
            await crowd.connect(listener.addresses[0], 10, messages)
            await until(lambda: listener.statistics.messages == 30)
            assert listener.statistics.reports == 10
            assert await is_served(listener, 2)
            assert listener.statistics.refused_connections == 1
            skip(31)
            await until(lambda: listener.connections == 0)
            assert listener.statistics.silent_closed == 9


async def test_messages_that_prove_nothing_do_not_prolong_the_time_for_the_first_accepted_one() -> None:
    async with listen() as listener, await RawConnection.open(*listener.addresses[0]) as connection:
        for number in range(10):
            skip(5)
            connection.send(inform(number, b"guessed"))
            await settle(20)
        await connection.closed()
        assert listener.statistics.silent_closed == 1


@pytest.mark.parametrize("tsm", [False, True])
async def test_tls_sessions_that_stay_silent_give_way(tsm: bool) -> None:
    users = (Community("public"), Tsm()) if tsm else Community("public")
    async with listen(tls=True, credentials=users, max_connections_per_host=10) as listener:
        context = client_context()
        silent = []
        for _ in range(25):
            silent.append(await connect(listener, context=context))
            await until(lambda: listener.connections == min(len(silent), 10))
        assert await is_served(listener, 1, context=context)
        assert listener.statistics.refused_connections_per_host == 16
        for connection in silent:
            connection.abort()
            await connection.wait_closed()


async def test_silent_connections_to_one_listener_do_not_take_the_descriptors_of_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("snmptcp.net.limits._usable_descriptors", lambda: 60)
    async with listen() as plain, listen(tls=True) as secured:
        with Crowd() as crowd:
            for listener in (plain, secured):
                await crowd.connect(listener.addresses[0], 100, host=ELSEWHERE)
                await settle(20)
                assert len(listener._admission.limits) > 0
            assert len(plain._admission.limits) + len(secured._admission.limits) <= 60
            assert await is_served(plain, 1)
            assert await is_served(secured, 2, context=client_context())


async def test_a_crowd_is_accepted_in_portions_that_leave_descriptors() -> None:
    async with listen(max_connections=5) as listener:
        with Crowd() as crowd:
            for _ in range(80):
                crowd.connect_one(listener.addresses[0])  # the loop stands still meanwhile
            most = 0
            while listener.statistics.connections < 80:
                await asyncio.sleep(0)
                server = listener._servers[0]
                most = max(most, server._accepted - listener.statistics.connections)
            assert 0 < most <= 64
            assert await is_served(listener, 1)


async def test_if_all_have_proved_themselves_the_newcomer_is_turned_away_counted_and_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with listen(max_connections_per_host=3) as listener:
        honest = [await RawConnection.open(*listener.addresses[0]) for _ in range(3)]
        for number, connection in enumerate(honest):
            assert await is_answered(connection, number)
        with Crowd() as crowd:
            await crowd.connect(listener.addresses[0], 200)
            await until(lambda: listener.statistics.refused_connections_per_host == 200)
            assert len(warnings(caplog)) == 1
            skip(61)
            await until(lambda: len(warnings(caplog)) == 2)
            assert "199 more connections were refused" in warnings(caplog)[1]
            for number, connection in enumerate(honest):
                assert await is_answered(connection, number)
                connection.close()
                await connection.wait_closed()


def test_silent_and_slow_connections_do_not_lock_the_port_of_the_facade() -> None:
    mgr = SNMPTCPMgr()
    choose_port(mgr)
    mgr.active = True
    address = (HERE, mgr.local_port)
    told = record(mgr, "on_inform_request")
    try:
        with Crowd() as crowd:
            for number in range(1100):
                crowd.connect_one(address, BEGINNING if number % 2 else b"", f"127.0.1.{number % 4 + 1}")
                if number % BACKLOG == 0:
                    mgr.do_events()
                    mgr.do_events()
            with socket.create_connection(address, timeout=20) as honest:
                honest.sendall(inform(7))
                pump_until(mgr, lambda: told)
                for _ in range(5):
                    mgr.do_events()
                assert read_message(honest.recv(65536)).opened.request_id == 7
    finally:
        mgr.on_inform_request = None
        mgr.active = False


# ------------------------------------------------------------------------------------------ S9: memory


async def test_half_messages_of_many_connections_are_bounded_together() -> None:
    size = 4 * 1024 * 1024
    half = b"\x30\x84" + (size - 6).to_bytes(4, "big") + bytes(size - 6 - 100_000)
    async with listen(max_message_size=size) as listener:
        limits = listener._admission.limits
        crowd = []
        for _ in range(12):  # 47 MiB
            crowd.append(await RawConnection.open(*listener.addresses[0], local_addr=("127.0.1.1", 0)))
            crowd[-1].send(half)
            with contextlib.suppress(ConnectionError):
                await crowd[-1].drain()
        await until(lambda: listener.statistics.crowded_out >= 4)
        assert limits.octets <= 2 * MAX_HELD_OCTETS
        async with await RawConnection.open(*listener.addresses[0]) as honest:
            message = inform(5)
            honest.send(message[:9])
            await settle(20)
            honest.send(message[9:])
            assert read_message(await honest.message()).opened.request_id == 5
        for connection in crowd:
            connection.abort()
            await connection.wait_closed()


async def test_answers_that_a_peer_does_not_read_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("snmptcp.listener.admission.MAX_HELD_OCTETS", 40_000)
    monkeypatch.setattr("snmptcp.listener.admission._LONGEST_MESSAGES", 0)
    probe = usm_message(scoped_pdu(pdu(0xA0, 1)), message_id=1, flags=REPORTABLE)
    alice = UsmUser("alice", "SHA-256", "authentic alice")
    async with listen(credentials=alice, max_unreadable=None) as listener:  # else the flood of probes ends first
        with Crowd() as crowd:
            await crowd.connect(listener.addresses[0], 2)
            for connection in listener._admission.sources:  # the system's own buffers may hold megabytes
                sock = connection._open_transport.get_extra_info("socket")
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
            while not listener.statistics.crowded_out:
                crowd.send(probe * 1000)
                await settle(2)
                assert listener._admission.limits.octets <= 40_000


async def test_notifications_in_the_queue_count_with_the_memory_that_they_take() -> None:
    many = names(*["1.3"] * 1000)
    message = community_message(pdu(INFORM, 1, notification(LINK_DOWN, *many)))
    assert len(message) < 8200  # its variable bindings take 250,000
    async with listen(queue_octets=1_000_000) as listener, await connect(listener) as connection:
        connection.send(message * 50)
        await until(lambda: listener.statistics.pauses)
        await settle(50)
        assert listener.waiting <= 5


# ------------------------------------------------------------------------------------- S12: engine file


async def test_listeners_that_start_at_once_with_one_engine_file_get_different_boots(tmp_path: Any) -> None:
    file = tmp_path / "engine.json"
    user = UsmUser("alice", "SHA-256", "authentic alice")
    listeners = [listen(credentials=user, engine_file=file) for _ in range(8)]
    await asyncio.gather(*(listener.start() for listener in listeners))
    assert sorted(listener.engine_boots for listener in listeners) == list(range(1, 9))
    assert len({listener.engine_id for listener in listeners}) == 1
    assert json.loads(file.read_text())["boots"] == 8
    assert [path.name for path in tmp_path.iterdir()] == ["engine.json"]
    for listener in listeners:
        await listener.aclose()


# --------------------------------------------------------------------------------- S13: handshakes' log


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.getMessage()
        for record in caplog.records
        if record.levelno >= logging.WARNING and record.name.startswith("snmptcp")
    ]


@pytest.mark.parametrize("tls", [False, True])
async def test_health_checks_of_a_load_balancer_are_counted_and_no_warnings(
    tls: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async with listen(tls=tls) as listener:
        for number in range(40):
            sock = socket.create_connection(listener.addresses[0])
            if number % 2:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")  # close by RST
            sock.close()
            await settle(4)
        await until(lambda: listener.statistics.empty_connections == 40)
    assert warnings(caplog) == []


async def test_a_flood_of_failed_handshakes_is_a_few_lines_and_a_summary_a_minute(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with listen(tls=True) as listener:
        with Crowd() as crowd:
            for _ in range(5):
                await crowd.connect(listener.addresses[0], 40, b"GET / HTTP/1.1\r\n\r\n")
            for host in range(20):
                await crowd.connect(listener.addresses[0], 1, octet_string(b"no TLS"), f"127.0.1.{host + 1}")
            await until(lambda: listener.statistics.failed_handshakes == 220)
            assert len(warnings(caplog)) == 5
            skip(61)
            await until(lambda: len(warnings(caplog)) == 6)
            assert "215 more TLS handshakes failed in 6" in warnings(caplog)[5]
            assert "the peer does not speak TLS (215)" in warnings(caplog)[5]
            assert "127.0.0.1 (199)" in warnings(caplog)[5]
