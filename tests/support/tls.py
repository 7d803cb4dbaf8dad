"""Two ends of TLS on the loopback: our server side, and asyncio's client with our :class:`ClientTls`."""

from __future__ import annotations

import asyncio
import ssl
from typing import TYPE_CHECKING, Any

from snmptcp.net.accepted import ServerConnection
from snmptcp.net.server import Server
from snmptcp.net.tls import ClientTls, ServerTls, TlsOptions, TlsSession

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from snmptcp.errors import TlsFailed
    from snmptcp.net.tls import Tls

VERSIONS = ("1.2", "1.3")
FRAME = b"\x30\x03abc"

#: Seconds to wait for an event; ample for a machine that is busy with other things.
TIMEOUT = 30.0


class TlsServer:
    """An echo server that records its events and wakes those who wait for them."""

    def __init__(self, tls: Tls, **options: Any) -> None:
        self.messages: list[bytes] = []
        self.opened: list[ServerConnection] = []
        self.closed: list[Exception | None] = []
        self.failed: list[TlsFailed] = []
        self.changed = asyncio.Event()
        self.server = Server(
            self.on_message,
            "127.0.0.1",
            0,
            on_connect=lambda connection: self._keep(self.opened, connection),
            on_close=lambda connection, reason: self._keep(self.closed, reason),
            tls=ServerTls(tls),
            on_handshake_failure=lambda peer, failed: self._keep(self.failed, failed),
            **options,
        )

    def _keep(self, where: list[Any], what: object) -> None:
        where.append(what)
        self.changed.set()

    def on_message(self, connection: ServerConnection, message: bytes) -> None:
        self._keep(self.messages, message)
        connection.send(message)

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(TIMEOUT):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    async def __aenter__(self) -> Self:
        await self.server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.server.aclose()


class Client(asyncio.Protocol):
    """One connection of asyncio's TLS, with its outcome."""

    def __init__(self, tls: ClientTls, peer: str) -> None:
        self.tls = tls
        self.peer = peer
        self.received = b""
        self.ended = asyncio.get_running_loop().create_future()
        self.session: TlsSession | None = None
        self._changed = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data
        self._changed.set()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(exc)
        self._changed.set()

    async def echo(self, octets: bytes = FRAME) -> bytes:
        """Send octets, and return as many."""
        self.transport.write(octets)
        async with asyncio.timeout(TIMEOUT):
            while len(self.received) < len(octets) and not self.ended.done():
                self._changed.clear()
                await self._changed.wait()
        answer, self.received = self.received[: len(octets)], self.received[len(octets) :]
        return answer

    async def end(self) -> Exception | None:
        """Wait until the peer has ended the connection; return its error."""
        async with asyncio.timeout(TIMEOUT):
            return await asyncio.shield(self.ended)

    async def aclose(self) -> None:
        self.transport.close()
        await self.end()


async def connect(tls: ClientTls, host: str, port: int) -> Client:
    """Do the handshake and check the peer; raise TlsFailed as the library does."""
    peer = f"{host}:{port}"
    loop = asyncio.get_running_loop()
    try:
        _, client = await loop.create_connection(
            lambda: Client(tls, peer),
            host,
            port,
            ssl=tls.context,
            server_hostname=tls.server_hostname,
            ssl_handshake_timeout=TIMEOUT,
        )
    except (OSError, ssl.SSLError) as error:
        raise tls.failure(error, peer) from error
    try:
        client.session = tls.established(client.transport.get_extra_info("ssl_object"), peer)
    except BaseException:
        client.transport.abort()
        await client.end()
        raise
    return client


def options(version: str, **given: Any) -> TlsOptions:
    """Return options for one version of TLS."""
    return TlsOptions(minimum_version=version, maximum_version=version, **given)
