"""Starting and closing a server: every accepted socket is closed, in whichever turn of the loop it was accepted."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import warnings
from typing import TYPE_CHECKING, Any

import pytest
import uvloop

from snmptcp.errors import ClosedError
from snmptcp.net import server as server_module
from snmptcp.net.accepted import ServerConnection
from snmptcp.net.limits import Limits
from snmptcp.net.server import Server
from snmptcp.net.tls import ClientTls, ServerTls
from tests.support.certificates import certificates
from tests.support.clock import settle
from tests.support.netsnmp import free_port
from tests.support.tls import FRAME, options

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.anyio

C = certificates()
SECURITY = pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])

#: Enough turns of the loop for a connection to be accepted and made.
TURNS = range(7)


def make_server(tls: bool = False, **given: Any) -> Server:
    secured = ServerTls(options("1.3", certificate=C.server.pem)) if tls else None
    return Server(lambda connection, message: connection.send(message), "127.0.0.1", 0, tls=secured, **given)


@contextlib.contextmanager
def nothing_leaks() -> Iterator[None]:
    """Fail if the collector closes a socket."""
    gc.collect()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ResourceWarning)
        yield
        gc.collect()
    assert [str(warning.message) for warning in caught] == []


@pytest.fixture
def grace(anyio_backend: object, monkeypatch: pytest.MonkeyPatch) -> list[asyncio.TimerHandle]:
    """Return the timers of a closing server's grace period; see :func:`ran_out`."""
    timers: list[asyncio.TimerHandle] = []
    call_later = asyncio.BaseEventLoop.call_later

    def keep(loop: Any, delay: float, *args: Any, **kwargs: Any) -> asyncio.TimerHandle:
        timer = call_later(loop, delay, *args, **kwargs)
        if delay == server_module.CLOSE_GRACE:
            timers.append(timer)
        return timer

    monkeypatch.setattr(asyncio.BaseEventLoop, "call_later", keep)
    return timers


def ran_out(timers: list[asyncio.TimerHandle]) -> list[asyncio.TimerHandle]:
    return [timer for timer in timers if not timer.cancelled()]


async def ended(sock: socket.socket) -> None:
    """Wait for the server's FIN or RST."""
    sock.setblocking(False)
    with contextlib.suppress(ConnectionResetError):
        assert await asyncio.get_running_loop().sock_recv(sock, 1) == b""


def refuses(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) != 0


async def knock(server: Server, client: ClientTls | None) -> None:
    """Connect, say something, and leave."""
    secured: dict[str, Any] = {} if client is None else {"ssl": client.context, "server_hostname": "127.0.0.1"}
    writer = None
    with contextlib.suppress(OSError, asyncio.CancelledError):
        _, writer = await asyncio.open_connection("127.0.0.1", server.port, **secured)
        writer.write(FRAME)
    if writer is not None:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


async def restart_under_load(tls: bool, restarts: int) -> None:
    """Restart a server while clients connect to it in every turn of the loop."""
    client = ClientTls(options("1.3", ca_pem=C.ca_pem), "127.0.0.1") if tls else None
    server = make_server(tls)
    stopped = False

    async def keep_knocking() -> None:
        while not stopped:
            await knock(server, client)
            await asyncio.sleep(0)

    await server.start()
    clients = [asyncio.create_task(keep_knocking()) for _ in range(6)]
    for number in range(restarts):
        await settle(3 + number % 17)
        await server.aclose()
        assert server.connections == ()
        await server.start()
    stopped = True
    await server.aclose()
    await asyncio.gather(*clients)


# ---------------------------------------------------------------------------------------- restarts


@SECURITY
async def test_many_restarts_under_load_leak_nothing_and_wait_for_no_connection_that_was_never_made(tls, grace):
    with nothing_leaks():
        await restart_under_load(tls, 60)
    assert ran_out(grace) == []


@SECURITY
def test_many_restarts_under_load_leak_nothing_on_uvloop(tls):
    with nothing_leaks():
        uvloop.run(restart_under_load(tls, 60))


# ----------------------------------------------------------------- connections of the closing turn


@SECURITY
@pytest.mark.parametrize("turns", TURNS)
async def test_a_connection_ends_with_the_server_however_far_accepting_it_has_come(tls, turns, grace):
    server = make_server(tls)
    await server.start()
    with nothing_leaks(), contextlib.ExitStack() as stack:
        socks = [stack.enter_context(socket.create_connection(server.addresses[0])) for _ in range(3)]
        await settle(turns)
        await server.aclose()
        assert server.connections == ()
        assert refuses(server.port)
        for sock in socks:
            await ended(sock)
    assert ran_out(grace) == []


@pytest.mark.parametrize("turns", range(30))
async def test_a_handshake_ends_with_the_server_however_far_it_has_come(turns, grace):
    client = ClientTls(options("1.3", ca_pem=C.ca_pem), "127.0.0.1")
    server = make_server(tls=True)
    await server.start()
    with nothing_leaks():
        knocking = asyncio.create_task(knock(server, client))
        await settle(turns)
        await server.aclose()
        assert server.connections == ()
        await knocking
    assert ran_out(grace) == []


@SECURITY
@pytest.mark.parametrize("turns", TURNS)
async def test_connections_beyond_the_limit_end_with_the_server_too(tls, turns, grace):
    server = make_server(tls, limits=Limits(1))
    await server.start()
    with nothing_leaks(), contextlib.ExitStack() as stack:
        socks = [stack.enter_context(socket.create_connection(server.addresses[0])) for _ in range(3)]
        await settle(turns)
        await server.aclose()
        for sock in socks:
            await ended(sock)
    assert ran_out(grace) == []


@SECURITY
@pytest.mark.parametrize("turns", TURNS)
async def test_each_of_two_closings_returns_when_everything_is_closed(tls, turns, grace):
    server = make_server(tls)
    await server.start()
    port = server.port
    with nothing_leaks(), socket.create_connection(("127.0.0.1", port)) as sock:
        await settle(turns)

        async def close() -> None:
            await server.aclose()
            assert server.connections == ()
            assert refuses(port)

        await asyncio.gather(close(), close())
        await ended(sock)
    assert ran_out(grace) == []


@SECURITY
@pytest.mark.parametrize("turns", TURNS)
@pytest.mark.parametrize("more", range(1, 4))
async def test_a_cancelled_close_still_closes_everything(tls, turns, more, grace):
    server = make_server(tls)
    await server.start()
    port = server.port
    with nothing_leaks(), socket.create_connection(("127.0.0.1", port)) as sock:
        await settle(turns)
        closing = asyncio.create_task(server.aclose())
        await settle(more)
        closing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await closing
        assert server.connections == ()
        assert refuses(port)
        await ended(sock)
    assert ran_out(grace) == []


async def test_a_connection_of_the_next_start_is_not_closed_with_those_of_the_last(monkeypatch):
    opened: list[ServerConnection] = []
    server = make_server(on_connect=opened.append)
    await server.start()
    with socket.create_connection(server.addresses[0]) as slow, contextlib.ExitStack() as stack:
        while not opened:
            await asyncio.sleep(0)
        opened[0].send(bytes(64 * 1024 * 1024))  # the client does not read it: closing waits for the grace period
        closing = asyncio.create_task(server.aclose())
        await settle()
        await server.start()
        sock = stack.enter_context(socket.create_connection(server.addresses[0]))
        while len(opened) < 2:
            await asyncio.sleep(0)
        closing.cancel()
        with pytest.raises(asyncio.CancelledError):
            await closing
        assert server.connections == (opened[1],)
        sock.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(sock, FRAME)
        assert await loop.sock_recv(sock, 100) == FRAME
        await server.aclose()
        slow.close()


# ---------------------------------------------------------------------------------------- starting


@pytest.mark.parametrize("turns", range(1, 5))
async def test_a_cancelled_start_leaves_no_socket_listening(turns):
    server = make_server()
    server.port = free_port()
    with nothing_leaks():
        starting = asyncio.create_task(server.start())
        await settle(turns)
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await starting
        if not starting.cancelled():  # it was done before
            await server.aclose()
        assert not server.is_listening
        assert refuses(server.port)


@pytest.mark.parametrize("turns", range(1, 5))
async def test_a_server_that_is_closed_while_it_starts_stays_closed(turns):
    server = make_server()
    server.port = free_port()
    with nothing_leaks():
        starting = asyncio.create_task(server.start())
        await settle(turns)
        was_listening = server.is_listening
        await server.aclose()
        if was_listening:
            await starting
        else:
            with pytest.raises(ClosedError, match="the server was closed while it started"):
                await starting
        assert not server.is_listening
        assert refuses(server.port)


async def test_two_starts_at_once_listen_once():
    server = make_server()
    with nothing_leaks():
        await asyncio.gather(server.start(), server.start())
        port = server.port
        assert not refuses(port)
        await server.aclose()
        assert refuses(port)
