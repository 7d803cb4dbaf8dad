"""Limits: connections and handshakes, in all and per host; idle and slow senders; who waits while the queue is full."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any, Self

import pytest

from snmptcp import Community, TlsOptions
from snmptcp.listener import NotificationListener
from snmptcp.net.tls import ClientTls
from tests.support.certificates import certificates
from tests.support.clock import settle
from tests.support.senders import acknowledged, inform
from tests.support.tls import connect

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.anyio

C = certificates()
HERE = "127.0.0.1"


def listen(*hosts: str, tls: bool = True, **options: Any) -> NotificationListener:
    secured = TlsOptions(certificate=C.server.pem) if tls else None
    return NotificationListener(hosts or HERE, 0, **{"credentials": Community("public"), "tls": secured, **options})


async def until(condition: Callable[[], object]) -> None:
    """Let the loop run until something is so; the test's own time limit ends it otherwise."""
    while not condition():
        await asyncio.sleep(0)


class Silent:
    """Clients that connect and say nothing, so that their handshakes stay under way."""

    def __init__(self) -> None:
        self._socks: list[socket.socket] = []

    def connect(self, listener: NotificationListener, count: int, which: int = 0) -> None:
        """Connect in one turn of the loop."""
        for _ in range(count):
            sock = socket.create_connection(listener.addresses[which])
            sock.setblocking(False)
            self._socks.append(sock)

    def open(self) -> list[int]:
        """Return the numbers of those that the listener has not turned away."""
        return [number for number, sock in enumerate(self._socks) if _is_open(sock)]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for sock in self._socks:
            sock.close()


def _is_open(sock: socket.socket) -> bool:
    try:
        return sock.recv(1) != b""
    except BlockingIOError:
        return True
    except ConnectionError:
        return False


async def tls_sender(listener: NotificationListener, which: int = 0) -> Any:
    return await connect(ClientTls(TlsOptions(ca_pem=C.ca_pem), HERE), *listener.addresses[which])


# --------------------------------------------------------------------------------------- handshakes


async def test_handshakes_count_against_the_limit_of_connections():
    async with listen(max_connections=3) as listener:
        with Silent() as silent:
            silent.connect(listener, 10)
            await until(lambda: listener.statistics.refused_connections == 7)
            await settle(20)
            assert silent.open() == [7, 8, 9]  # the oldest gave way


async def test_handshakes_at_several_addresses_count_together():
    async with listen(HERE, "127.0.0.2", max_connections=3) as listener:
        with Silent() as silent:
            for which in (0, 1, 0, 1, 0):
                silent.connect(listener, 1, which)
                await settle(20)
            assert silent.open() == [2, 3, 4]
            assert listener.statistics.refused_connections == 2


async def test_silent_handshakes_do_not_keep_an_honest_sender_out():
    async with listen(max_connections=3) as listener:
        with Silent() as silent:
            silent.connect(listener, 3)
            await settle(20)
            client = await tls_sender(listener)
            assert acknowledged(await client.echo(inform(5))).request_id == 5
            assert silent.open() == [1, 2]
            await client.aclose()


async def test_a_session_does_not_give_way_to_a_handshake():
    async with listen(max_connections=1) as listener:
        client = await tls_sender(listener)
        assert acknowledged(await client.echo(inform(5))).request_id == 5
        with Silent() as silent:
            silent.connect(listener, 5)
            await until(lambda: listener.statistics.refused_connections == 5)
            await settle(20)
            assert silent.open() == []
        assert acknowledged(await client.echo(inform(6))).request_id == 6
        await client.aclose()


async def test_handshakes_count_against_the_limit_per_host():
    async with listen(max_connections=10, max_connections_per_host=2) as listener:
        with Silent() as silent:
            silent.connect(listener, 6)
            await until(lambda: listener.statistics.refused_connections_per_host == 4)
            await settle(20)
            assert silent.open() == [4, 5]
            assert listener.statistics.refused_connections == 0


async def test_the_place_of_a_handshake_that_ends_is_free_again():
    async with listen(max_connections=1) as listener:
        for _ in range(3):
            with Silent() as silent:
                silent.connect(listener, 1)
                await settle(20)
                assert silent.open() == [0]
            await until(lambda: listener.statistics.failed_handshakes)
            listener.statistics.failed_handshakes = 0
            await settle(20)
        assert listener.statistics.refused_connections == 0


async def test_a_session_takes_one_place_and_not_two():
    async with listen(max_connections=2) as listener:
        clients = [await tls_sender(listener) for _ in range(2)]
        for number, client in enumerate(clients):
            assert acknowledged(await client.echo(inform(number))).request_id == number
        assert listener.statistics.refused_connections == 0
        for client in clients:
            await client.aclose()


async def test_plain_connections_that_come_in_one_turn_do_not_pass_the_limit():
    async with listen(tls=False, max_connections=3) as listener:
        with Silent() as silent:
            silent.connect(listener, 10)
            await until(lambda: listener.statistics.refused_connections == 7)
            await settle(20)
            assert silent.open() == [0, 1, 2]
            assert listener.connections == 3
