"""Limits: connections and handshakes, in all and per host; silent, idle and slow senders; health checks."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Any, Self

import pytest

from snmptcp import Community, ConfigurationError, TlsOptions
from snmptcp.listener import NotificationListener
from snmptcp.net.tls import ClientTls
from tests.support.certificates import certificates
from tests.support.clock import settle, skip
from tests.support.rawclient import RawClient
from tests.support.senders import acknowledged, inform, trap
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
            seen: list[int] = []

            def are_refused() -> bool:
                seen.append(listener.connections)
                return listener.statistics.refused_connections == 7

            await until(are_refused)
            await settle(20)
            assert silent.open() == [7, 8, 9]  # the oldest gave way: none of them has sent a message
            assert listener.connections == 3
            assert max(seen) == 3  # those that were reset are not counted any more


# --------------------------------------------------------------------------------------- first messages


def plain(**options: Any) -> NotificationListener:
    return listen(tls=False, **options)


async def test_a_connection_that_has_sent_an_accepted_message_may_be_silent() -> None:
    async with plain() as listener, RawClient(*listener.addresses[0]) as client:
        client.send(trap(1))
        await anext(listener)
        skip(1000)
        await settle(20)
        client.send(inform(2))
        assert acknowledged(await client.frame()).request_id == 2


@pytest.mark.parametrize("seconds", [5.0, None])
async def test_the_time_for_the_first_accepted_message_can_be_chosen(seconds: float | None) -> None:
    async with plain(first_message_timeout=seconds) as listener, RawClient(*listener.addresses[0]) as client:
        await until(lambda: listener.connections)
        skip(7)
        await settle(20)
        assert listener.connections == (seconds is None)
        assert listener.statistics.silent_closed == (seconds is not None)
        client.writer.close()


async def test_while_nothing_is_read_no_time_passes_for_a_new_connection() -> None:
    async with plain(queue_size=1) as listener, RawClient(*listener.addresses[0]) as client:
        client.send(trap(1))
        await until(lambda: listener.waiting)
        async with RawClient(*listener.addresses[0]) as newcomer:
            newcomer.send(trap(2))
            await until(lambda: listener.connections == 2)
            skip(1000)
            await settle(20)
            assert listener.statistics.silent_closed == 0
            await anext(listener)
            await anext(listener)
            assert listener.connections == 2


async def test_the_limit_of_one_address_is_half_of_all_and_can_be_removed() -> None:
    assert plain()._admission.limits.max_connections == 1000
    assert plain()._admission.limits.max_connections_per_host == 500
    assert plain(max_connections_per_host=None)._admission.limits.max_connections_per_host is None


@pytest.mark.parametrize("seconds", [0, -1.0])
def test_a_time_for_the_first_message_that_is_no_time_is_refused(seconds: float) -> None:
    with pytest.raises(ConfigurationError, match="first_message_timeout must be more than 0 seconds"):
        plain(first_message_timeout=seconds)


async def test_health_checks_are_counted_beside_failed_handshakes() -> None:
    async with listen() as listener:
        with Silent() as silent:
            silent.connect(listener, 2)
        await until(lambda: listener.statistics.failed_handshakes == 2)
        assert listener.statistics.empty_connections == 2
