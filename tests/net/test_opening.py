"""Opening one connection: every failure is told in the system's words, with its cause."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import socket
from typing import Any

import pytest
import uvloop

from snmptcp import Community
from snmptcp.errors import ClosedError, ConnectFailed
from snmptcp.net.connection import Connection
from snmptcp.protocol.session import Session
from snmptcp.security.community import CommunitySecurity
from tests.support.clock import settle, skip
from tests.support.opening import open_connection

pytestmark = pytest.mark.anyio


def session() -> Session:
    return Session(CommunitySecurity(Community("public")))


async def connect(host: str, port: int = 161, **options: Any) -> Connection:
    return await open_connection(host, port, session(), timeout=options.pop("timeout", 5.0), **options)


def free_port() -> int:
    """Return a port of 127.0.0.1 on which no server listens."""
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port: int = sock.getsockname()[1]
        return port


async def refusal(host: str, port: int = 161, **options: Any) -> str:
    """Return why a connection cannot be made."""
    with pytest.raises(ConnectFailed) as caught:
        await connect(host, port, **options)
    assert caught.value.__cause__ is not None
    text = str(caught.value)
    assert "Errno" not in text
    return text


def fail_with(monkeypatch: pytest.MonkeyPatch, error: Exception, what: str = "sock_connect") -> None:
    async def fails(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(asyncio.get_running_loop(), what, fails)


async def test_a_connection_is_counted_and_logged_with_its_peer(caplog: pytest.LogCaptureFixture) -> None:
    closed = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        closed.set()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with caplog.at_level(logging.DEBUG, logger="snmptcp.connection"):
            connection = await connect("127.0.0.1", port)
            assert connection.usable
            assert connection.session.statistics.connections == 1
            connection.close(ClosedError("enough"))
            await connection.wait_closed()
        await closed.wait()

    assert [record.getMessage() for record in caplog.records] == [
        f"127.0.0.1:{port}: connected from 127.0.0.1:{connection.addresses[0][1]}",
        f"127.0.0.1:{port}: closed: enough",
    ]


async def test_a_refused_connection_says_so() -> None:
    port = free_port()

    assert await refusal("127.0.0.1", port) == f"cannot connect to 127.0.0.1:{port}: Connection refused"


async def test_an_address_of_version_6_is_told_in_brackets(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed ('2001:db8::1', 161, 0, 0)"))

    assert await refusal("2001:db8::1") == "cannot connect to [2001:db8::1]:161: Connection refused"


async def test_a_host_that_does_not_exist_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    async def getaddrinfo(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)

    assert await refusal("no.such.host") == "cannot connect to no.such.host:161: Name or service not known"


async def test_a_resolver_that_fails_without_a_text_is_still_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, socket.gaierror("temporary failure"), "getaddrinfo")

    assert await refusal("some.host") == "cannot connect to some.host:161: temporary failure"


@pytest.mark.parametrize("host", ["a..b", "x" * 64 + ".invalid", "a\0b"], ids=["empty label", "long label", "NUL"])
async def test_a_host_that_no_name_can_be_says_so(host: str) -> None:
    assert (await refusal(host)).startswith(f"cannot connect to {host}:161: ")


async def test_a_local_address_that_is_not_ones_own_says_so() -> None:
    text = await refusal("127.0.0.1", free_port(), local_address=("203.0.113.7", 0))

    assert text.endswith(f": {os.strerror(errno.EADDRNOTAVAIL)}")


async def test_a_local_address_that_does_not_exist_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    fail_with(monkeypatch, socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "getaddrinfo")

    assert (await refusal("127.0.0.1", local_address=("nobody.invalid", 0))).endswith(": Name or service not known")


async def test_a_name_whose_addresses_all_fail_tells_their_reasons_without_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    port = free_port()

    async def getaddrinfo(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"127.0.0.{last}", port)) for last in (1, 2)]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)

    text = await refusal("two.addresses", port)

    assert text.startswith(f"cannot connect to two.addresses:{port}: ")
    assert "refused" in text


async def test_connecting_has_its_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    never = asyncio.Event()

    async def sock_connect(*_: object, **__: object) -> None:
        await never.wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", sock_connect)
    waiting = asyncio.ensure_future(refusal("192.0.2.1", timeout=2.5))
    await settle()
    skip(2)
    await settle()
    assert not waiting.done()
    skip(0.5)

    assert await waiting == "cannot connect to 192.0.2.1:161: no answer within 2.5 s"


async def test_a_cancelled_connecting_is_cancelled_and_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    never = asyncio.Event()

    async def sock_connect(*_: object, **__: object) -> None:
        await never.wait()

    monkeypatch.setattr(asyncio.get_running_loop(), "sock_connect", sock_connect)
    waiting = asyncio.ensure_future(connect("192.0.2.1"))
    await settle()
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting


@pytest.mark.parametrize("loop_factory", [asyncio.new_event_loop, uvloop.new_event_loop], ids=["asyncio", "uvloop"])
def test_an_attempt_that_is_cancelled_ends_within_a_few_turns_however_far_it_has_come(
    loop_factory: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """uvloop does not call connection_lost of a connection that is cancelled between connection_made and its return."""
    made: list[Connection] = []
    connection_made = Connection.connection_made

    def keep(connection: Connection, transport: Any) -> None:
        made.append(connection)
        connection_made(connection, transport)

    monkeypatch.setattr(Connection, "connection_made", keep)

    async def cancel_at_each_turn(listener: socket.socket) -> None:
        port = listener.getsockname()[1]
        for turns in [*range(12)] * 5:
            attempt = asyncio.ensure_future(connect("127.0.0.1", port, timeout=50))
            await settle(turns)
            attempt.cancel()
            await settle(40)
            assert attempt.done()
            if not attempt.cancelled():
                await attempt.result().discard(ClosedError("enough"))
            with contextlib.suppress(BlockingIOError):  # it had not begun to connect
                listener.accept()[0].close()
            while made:
                await asyncio.wait_for(made.pop().wait_closed(), 20)

    with socket.create_server(("127.0.0.1", 0)) as listener, asyncio.Runner(loop_factory=loop_factory) as runner:
        listener.setblocking(False)
        runner.run(cancel_at_each_turn(listener))
