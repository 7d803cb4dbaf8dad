"""A callback that raises is logged and counted, costs at most its own connection, and never delays closing."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest

from snmptcp.errors import TlsFailure
from snmptcp.net import server as server_module
from snmptcp.net.accepted import ServerConnection
from snmptcp.net.server import Server
from snmptcp.net.tls import ClientTls, ServerTls
from tests.support.certificates import certificates
from tests.support.rawclient import RawClient
from tests.support.tls import FRAME, TIMEOUT, connect, options

pytestmark = pytest.mark.anyio

C = certificates()
SECURITY = pytest.mark.parametrize("tls", [False, True], ids=["plain", "TLS"])
WRONG = pytest.mark.parametrize("wrong", [RuntimeError("a bug"), asyncio.CancelledError()], ids=repr)


class Failing:
    """An echo server; one of its callbacks raises a number of times."""

    def __init__(self, wrong: BaseException, name: str, *, tls: bool = False, times: int = 1) -> None:
        self.wrong = wrong
        self.name = name
        self.times = times
        self.called: list[str] = []
        self.reasons: list[Exception | None] = []
        self.changed = asyncio.Event()
        self.server = Server(
            self.on_message,
            "127.0.0.1",
            0,
            tls=ServerTls(options("1.3", certificate=C.server.pem)) if tls else None,
            on_connect=lambda connection: self.call("on_connect"),
            on_close=self.on_close,
            on_handshake_failure=lambda peer, failed: self.call("on_handshake_failure"),
        )

    def call(self, name: str) -> None:
        self.called.append(name)
        self.changed.set()
        if name == self.name and self.times:
            self.times -= 1
            raise self.wrong

    def on_message(self, connection: ServerConnection, message: bytes) -> None:
        self.call("on_message")
        connection.send(message)

    def on_close(self, connection: ServerConnection, reason: Exception | None) -> None:
        self.reasons.append(reason)
        self.call("on_close")

    async def until(self, name: str) -> None:
        async with asyncio.timeout(TIMEOUT):
            while name not in self.called:
                self.changed.clear()
                await self.changed.wait()

    async def echoes(self) -> bool:
        """Whether a new connection is served."""
        if self.server.tls is None:
            async with RawClient(self.server.host, self.server.port) as client:
                client.send(FRAME)
                with contextlib.suppress(EOFError, ConnectionError):
                    return await client.frame() == FRAME
            return False
        trust = ClientTls(options("1.3", ca_pem=C.ca_pem), "127.0.0.1")
        secured = await connect(trust, self.server.host, self.server.port)
        answer = await secured.echo()
        await secured.aclose()
        return answer == FRAME

    async def close_without_waiting(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Close the server; its grace period is so long that the test would not end in it."""
        monkeypatch.setattr(server_module, "CLOSE_GRACE", 1e6)
        await self.server.aclose()
        assert self.server.connections == ()
        assert len(self.server.limits) == 0


@SECURITY
@WRONG
@pytest.mark.parametrize("name", ["on_connect", "on_message"])
async def test_a_connection_whose_callback_raises_is_reset_and_the_next_one_is_served(
    tls, wrong, name, monkeypatch, caplog
):
    failing = Failing(wrong, name, tls=tls)
    await failing.server.start()
    assert not await failing.echoes()
    await failing.until("on_close")
    assert failing.server.callback_failures == 1
    assert failing.reasons == [wrong if isinstance(wrong, Exception) else None]
    assert await failing.echoes()
    await failing.close_without_waiting(monkeypatch)
    assert f"{name} failed" in caplog.text


@SECURITY
@WRONG
async def test_a_failing_on_close_loses_nothing(tls, wrong, monkeypatch, caplog):
    failing = Failing(wrong, "on_close", tls=tls)
    await failing.server.start()
    assert await failing.echoes()
    await failing.until("on_close")
    assert failing.server.callback_failures == 1
    assert await failing.echoes()
    await failing.close_without_waiting(monkeypatch)
    assert "on_close failed" in caplog.text


@SECURITY
async def test_closing_does_not_wait_for_connections_whose_on_close_raises(tls, monkeypatch):
    failing = Failing(RuntimeError("a bug"), "on_close", tls=tls, times=100)
    await failing.server.start()
    clients: list[Any] = []
    for number in range(3):
        if tls:
            trust = ClientTls(options("1.3", ca_pem=C.ca_pem), "127.0.0.1")
            clients.append(await connect(trust, failing.server.host, failing.server.port))
            assert await clients[-1].echo() == FRAME
        else:
            clients.append(await asyncio.open_connection(failing.server.host, failing.server.port))
        while len(failing.server.connections) <= number:
            await asyncio.sleep(0)
    await failing.close_without_waiting(monkeypatch)
    assert failing.server.callback_failures == 3
    for client in clients:
        if tls:
            await client.aclose()
        else:
            client[1].close()
            await client[1].wait_closed()


@WRONG
async def test_a_failing_on_handshake_failure_keeps_nothing_from_the_client(wrong, monkeypatch, caplog):
    failing = Failing(wrong, "on_handshake_failure", tls=True)
    await failing.server.start()
    reader, writer = await asyncio.open_connection(failing.server.host, failing.server.port)
    writer.write(FRAME)
    await failing.until("on_handshake_failure")
    async with asyncio.timeout(TIMEOUT):
        assert await reader.read() == b""  # FIN, and no reset
    writer.close()
    await writer.wait_closed()
    assert failing.server.handshake_failures == {TlsFailure.NOT_TLS: 1}
    assert failing.server.callback_failures == 1
    assert await failing.echoes()
    await failing.close_without_waiting(monkeypatch)
    assert "on_handshake_failure failed" in caplog.text


async def test_a_handshake_that_closing_aborts_may_have_a_callback_that_raises(monkeypatch):
    failing = Failing(RuntimeError("a bug"), "on_handshake_failure", tls=True)
    await failing.server.start()
    _, writer = await asyncio.open_connection(failing.server.host, failing.server.port)
    while not len(failing.server.limits):
        await asyncio.sleep(0)
    await failing.close_without_waiting(monkeypatch)
    assert failing.called == ["on_handshake_failure"]
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
