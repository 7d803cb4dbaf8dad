"""The accepting side of TLS: limits, endings in order and out of order, and what clients may try."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import gc
import socket
import ssl
import weakref
from typing import Any

import pytest
from OpenSSL import SSL

from snmptcp import Community
from snmptcp.codec.framer import Framer
from snmptcp.errors import ClosedError, FramingError, TlsFailure, TransportError
from snmptcp.net.accepted import ServerConnection
from snmptcp.net.limits import Limits, Shortage
from snmptcp.net.read_gate import PauseReason
from snmptcp.net.server import Server
from snmptcp.net.tls import ClientTls, ServerTls
from snmptcp.protocol.session import Session
from snmptcp.security.community import CommunitySecurity
from tests.support.certificates import certificates
from tests.support.clock import settle
from tests.support.opening import open_connection
from tests.support.tls import FRAME, TIMEOUT, VERSIONS, TlsServer, connect, options

pytestmark = pytest.mark.anyio

C = certificates()


@pytest.fixture(params=VERSIONS, ids=lambda version: f"TLS {version}")
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def server_options(version: str, **given: Any):
    return options(version, certificate=C.server.pem, **given)


def client_tls(version: str, **given: Any) -> ClientTls:
    return ClientTls(options(version, ca_pem=C.ca_pem, **given), "127.0.0.1")


class RawTls:
    """A client whose every octet is in the test's hands."""

    def __init__(self, version: str) -> None:
        self.incoming = ssl.MemoryBIO()
        self.outgoing = ssl.MemoryBIO()
        tls = client_tls(version)
        self.ssl = tls.context.wrap_bio(self.incoming, self.outgoing, server_hostname=tls.server_hostname)

    async def connect(self, server: TlsServer) -> None:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", server.server.port)
        await self._until(self.ssl.do_handshake)
        self.flush()

    def flush(self) -> bytes:
        octets = self.outgoing.read()
        self.writer.write(octets)
        return octets

    async def read(self) -> bytes:
        """Return what comes next; b"" at the announced end."""
        return await self._until(lambda: self.ssl.read(65536)) or b""

    async def _until(self, step: Any) -> Any:
        async with asyncio.timeout(TIMEOUT):
            while True:
                try:
                    return step()
                except ssl.SSLWantReadError:
                    self.flush()
                    octets = await self.reader.read(65536)
                    if octets:
                        self.incoming.write(octets)
                    else:
                        self.incoming.write_eof()

    async def aclose(self) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError):
            await self.writer.wait_closed()


# -------------------------------------------------------------------------------------- messages


async def test_messages_arrive_whole_however_records_and_segments_are_cut(version):
    async with TlsServer(server_options(version)) as server:
        client = RawTls(version)
        await client.connect(server)
        for octet in FRAME:  # a record for each octet, and each record octet by octet
            client.ssl.write(bytes((octet,)))
            for single in client.outgoing.read():
                client.writer.write(bytes((single,)))
                await asyncio.sleep(0)
        client.ssl.write(FRAME * 40)
        client.flush()
        await server.until(lambda: len(server.messages) == 41)
        assert server.messages == [FRAME] * 41
        await client.aclose()


async def test_a_message_longer_than_any_record_arrives_and_returns_whole(version):
    body = bytes(range(256)) * 4000
    message = b"\x30\x84" + len(body).to_bytes(4, "big") + body
    async with TlsServer(server_options(version), max_message_size=1 << 21) as server:
        client = await connect(client_tls(version), "127.0.0.1", server.server.port)
        assert await client.echo(message) == message
        assert server.messages == [message]
        await client.aclose()


async def test_a_request_that_comes_with_the_end_of_the_handshake_is_answered():
    """With TLS 1.3 a client's Finished and its first request can be one segment."""
    async with TlsServer(server_options("1.3")) as server:
        client = RawTls("1.3")
        client.reader, client.writer = await asyncio.open_connection("127.0.0.1", server.server.port)
        with pytest.raises(ssl.SSLWantReadError):
            client.ssl.do_handshake()
        client.flush()
        flight = await client.reader.readexactly(1)
        while True:
            client.incoming.write(flight)
            try:
                client.ssl.do_handshake()
                break
            except ssl.SSLWantReadError:
                async with asyncio.timeout(TIMEOUT):
                    flight = await client.reader.read(65536)
        client.ssl.write(FRAME)
        client.flush()
        assert await client.read() == FRAME
        await client.aclose()


async def test_a_peer_that_does_not_read_is_not_read_from_until_it_does(version):
    answer = b"\x30\x84\x00\x01\x00\x00" + bytes(0x10000)
    asked = 1000  # 66 MB of answers: no socket buffer holds them
    handled: list[ServerConnection] = []

    def on_message(connection: ServerConnection, message: bytes) -> None:
        handled.append(connection)
        connection.send(answer)

    server = Server(on_message, "127.0.0.1", 0, tls=ServerTls(server_options(version)))
    await server.start()
    tls = client_tls(version)
    reader, writer = await asyncio.open_connection(
        server.host, server.port, ssl=tls.context, server_hostname=tls.server_hostname
    )
    assert isinstance(writer.transport, asyncio.Transport)
    writer.transport.pause_reading()
    writer.write(FRAME * asked)
    async with asyncio.timeout(TIMEOUT):
        while not (handled and PauseReason.PEER_DOES_NOT_READ in handled[0]._reading):
            await asyncio.sleep(0)
    for _ in range(100):  # turns of the loop, in which a careless server would go on
        await asyncio.sleep(0)
    assert len(handled) < asked
    transport = handled[0]._open_transport
    assert not transport.is_reading()
    assert transport.get_write_buffer_size() < 4 * len(answer)
    writer.transport.resume_reading()
    framer, got = Framer(0x20000), 0
    async with asyncio.timeout(3 * TIMEOUT):
        while got < asked:
            got += len(framer.feed(await reader.read(1 << 18)))
    assert len(handled) == asked
    writer.close()
    await writer.wait_closed()
    await server.aclose()


# --------------------------------------------------------------------------------------- endings


async def test_an_announced_end_is_answered_by_one_after_what_is_owed(version):
    async with TlsServer(server_options(version)) as server:
        client = RawTls(version)
        await client.connect(server)
        client.ssl.write(FRAME * 3)
        with pytest.raises(ssl.SSLWantReadError):
            client.ssl.unwrap()
        client.flush()
        # unwrap() has closed our half; the answers still come, and then the server's own announcement.
        await server.until(lambda: server.closed)
        assert server.messages == [FRAME] * 3
        assert server.closed == [None]
        await client.aclose()


async def test_a_session_that_is_cut_off_did_not_end(version):
    async with TlsServer(server_options(version)) as server:
        client = RawTls(version)
        await client.connect(server)
        client.ssl.write(FRAME)
        client.flush()
        assert await client.read() == FRAME
        client.writer.write_eof()  # FIN without close_notify
        await server.until(lambda: server.closed)
        (reason,) = server.closed
        assert isinstance(reason, TransportError)
        assert "closed the connection without close_notify" in str(reason)
        await client.aclose()


async def test_a_record_that_is_cut_off_is_not_taken(version):
    async with TlsServer(server_options(version)) as server:
        client = RawTls(version)
        await client.connect(server)
        client.ssl.write(FRAME)
        client.writer.write(client.outgoing.read()[:-1])
        client.writer.write_eof()
        await server.until(lambda: server.closed)
        assert server.messages == []
        assert isinstance(server.closed[0], TransportError)
        await client.aclose()


async def test_a_record_that_was_changed_ends_the_connection(version):
    async with TlsServer(server_options(version)) as server:
        client = RawTls(version)
        await client.connect(server)
        client.ssl.write(FRAME)
        record = bytearray(client.outgoing.read())
        record[-1] ^= 1
        client.writer.write(record)
        await server.until(lambda: server.closed)
        assert server.messages == []
        assert isinstance(server.closed[0], TransportError)
        assert isinstance(server.closed[0].__cause__, ssl.SSLError)
        with pytest.raises(ssl.SSLError, match="(?i)bad record mac"):  # the client is told
            await client.read()
        await client.aclose()


async def test_a_client_that_is_reset_is_one(version):
    async with TlsServer(server_options(version)) as server:
        client = await connect(client_tls(version), "127.0.0.1", server.server.port)
        assert await client.echo() == FRAME
        server.opened[0].reset()
        assert isinstance(await client.end(), ConnectionResetError)
        await server.until(lambda: server.closed)
        assert server.server.connections == ()


async def test_close_sends_what_was_written_and_announces_the_end(version):
    async with TlsServer(server_options(version)) as server:
        client = RawTls(version)
        await client.connect(server)
        await server.until(lambda: server.opened)
        server.opened[0].send(FRAME)
        server.opened[0].close()
        server.opened[0].send(FRAME)  # too late
        assert await client.read() == FRAME
        assert await client.read() == b""  # announced: anything else would be an SSLEOFError
        await client.aclose()


async def test_lost_framing_ends_the_connection_as_without_tls(version):
    async with TlsServer(server_options(version)) as server:
        client = await connect(client_tls(version), "127.0.0.1", server.server.port)
        client.transport.write(b"GET / HTTP/1.1\r\n")
        assert await client.end() is None
        await server.until(lambda: server.closed)
        assert isinstance(server.closed[0], FramingError)


# --------------------------------------------------------------------------------------- handshakes


async def test_a_handshake_that_takes_too_long_is_ended():
    async with TlsServer(server_options("1.3"), handshake_timeout=0.5) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.server.port)
        await server.until(lambda: server.failed)
        assert server.failed[0].failure is TlsFailure.TIMEOUT
        assert "0.5 s" in str(server.failed[0])
        async with asyncio.timeout(TIMEOUT):
            assert await reader.read() == b""
        writer.close()
        await writer.wait_closed()


async def test_a_handshake_that_is_done_has_no_limit_any_more(version):
    async with TlsServer(server_options(version), handshake_timeout=2) as server:
        client = await connect(client_tls(version), "127.0.0.1", server.server.port)
        await client.echo()
        acceptor = server.opened[0]._open_transport._acceptor  # type: ignore[attr-defined]
        assert acceptor._timer is None
        await client.aclose()


async def test_a_client_that_goes_away_during_the_handshake_is_counted():
    async with TlsServer(server_options("1.3")) as server:
        for count, cut in ((1, 0), (2, 3)):
            client = RawTls("1.3")
            _, writer = await asyncio.open_connection("127.0.0.1", server.server.port)
            with pytest.raises(ssl.SSLWantReadError):
                client.ssl.do_handshake()
            writer.write(client.outgoing.read()[:cut])
            writer.close()
            await writer.wait_closed()
            await server.until(functools.partial(_has, server.failed, count))
        assert server.server.handshake_failures == {TlsFailure.CLOSED: 2}
        assert server.opened == []


async def test_a_refused_client_that_stays_is_made_to_go(monkeypatch):
    monkeypatch.setattr("snmptcp.net.tls.acceptor.LINGER", 0.5)
    async with TlsServer(server_options("1.3")) as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.server.port)
        writer.write(FRAME)
        await server.until(lambda: server.failed)
        (acceptor,) = server.server._shaking_hands
        async with asyncio.timeout(TIMEOUT):
            await acceptor.closed
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


def _has(things: list[Any], count: int) -> bool:
    return len(things) == count


@pytest.mark.parametrize("limit", ["max_connections", "max_handshakes"])
async def test_who_is_silent_for_longest_gives_way_to_one_more_handshake(limit):
    refused: list[bool] = []
    limits = Limits(**{limit: 2}, on_refused=lambda shortage, _: refused.append(shortage is Shortage.HOST))
    async with TlsServer(server_options("1.3"), limits=limits) as server:
        silent = []
        for _ in range(2):
            silent.append(await asyncio.open_connection("127.0.0.1", server.server.port))
            async with asyncio.timeout(TIMEOUT):
                while len(server.server._shaking_hands) < len(silent):
                    await asyncio.sleep(0)
        client = await connect(client_tls("1.3"), "127.0.0.1", server.server.port)
        assert await client.echo() == FRAME
        async with asyncio.timeout(TIMEOUT):
            with contextlib.suppress(ConnectionResetError):
                assert await silent[0][0].read() == b""
        assert refused == [False]
        assert len(server.server._shaking_hands) == 1  # the other silent one still has its time
        await client.aclose()
        for _, writer in silent:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()


async def test_sessions_make_no_room_for_handshakes():
    refused: list[bool] = []
    async with TlsServer(
        server_options("1.3"),
        limits=Limits(1, on_refused=lambda shortage, _: refused.append(shortage is Shortage.HOST)),
    ) as server:
        client = await connect(client_tls("1.3"), "127.0.0.1", server.server.port)
        assert await client.echo() == FRAME
        reader, writer = await asyncio.open_connection("127.0.0.1", server.server.port)
        with pytest.raises(ConnectionResetError):
            async with asyncio.timeout(TIMEOUT):
                await reader.read()
        assert refused == [False]
        assert await client.echo() == FRAME
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
        await client.aclose()


async def test_aclose_ends_sessions_and_handshakes():
    tasks = asyncio.all_tasks()
    server = TlsServer(server_options("1.3"))
    await server.server.start()
    client = await connect(client_tls("1.3"), "127.0.0.1", server.server.port)
    assert await client.echo() == FRAME
    reader, writer = await asyncio.open_connection("127.0.0.1", server.server.port)
    async with asyncio.timeout(TIMEOUT):
        while not server.server._shaking_hands:
            await asyncio.sleep(0)
    await server.server.aclose()
    assert await client.end() is None
    async with asyncio.timeout(TIMEOUT):
        with contextlib.suppress(ConnectionResetError):
            assert await reader.read() == b""
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    assert server.server.connections == ()
    assert server.server._shaking_hands == {}
    assert server.closed == [None]
    assert asyncio.all_tasks() == tasks
    gc.collect()  # a leaked socket would warn now, and warnings are errors


async def test_a_connection_still_in_the_backlog_when_the_server_closes_ends_with_it():
    server = TlsServer(server_options("1.3"))
    await server.server.start()
    with socket.create_connection(("127.0.0.1", server.server.port)) as sock:
        await server.server.aclose()
        sock.setblocking(False)
        with contextlib.suppress(ConnectionResetError):
            async with asyncio.timeout(TIMEOUT):
                assert await asyncio.get_running_loop().sock_recv(sock, 1) == b""
    assert server.failed == []
    gc.collect()


# ------------------------------------------------------------------------------------ renegotiation


async def test_a_client_that_wants_to_renegotiate_does_not_get_it():
    """Only TLS 1.2 has it; Python cannot ask for it, pyOpenSSL can."""
    context = SSL.Context(SSL.TLS_CLIENT_METHOD)
    context.set_max_proto_version(SSL.TLS1_2_VERSION)
    client = SSL.Connection(context, None)
    client.set_connect_state()
    async with TlsServer(server_options("1.2")) as server, asyncio.timeout(TIMEOUT):
        reader, writer = await asyncio.open_connection("127.0.0.1", server.server.port)
        await _with_pyopenssl(client, reader, writer, client.do_handshake)
        client.send(FRAME)
        assert await _with_pyopenssl(client, reader, writer, lambda: client.recv(100)) == FRAME
        assert client.renegotiate()
        with pytest.raises(SSL.Error, match="no renegotiation"):
            await _with_pyopenssl(client, reader, writer, client.do_handshake)
        writer.close()
        await writer.wait_closed()
        await server.until(lambda: server.closed)
        assert server.messages == [FRAME]
        other = await connect(client_tls("1.2"), "127.0.0.1", server.server.port)
        assert await other.echo() == FRAME
        await other.aclose()


async def _with_pyopenssl(
    client: SSL.Connection, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, step: Any
) -> Any:
    while True:
        try:
            return step()
        except SSL.WantReadError:
            _send_all(client, writer)
            client.bio_write(await reader.read(65536))
        finally:
            _send_all(client, writer)


def _send_all(client: SSL.Connection, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(SSL.WantReadError):
        while True:
            writer.write(client.bio_read(65536))


def new_session() -> Session:
    return Session(CommunitySecurity(Community("public")))


async def test_both_ends_of_a_session_are_freed_without_the_collector(version: str) -> None:
    """OpenSSL's memory and the read buffers are not seen by the collector, which is in no hurry then."""
    tls = options(version, certificate=C.server.pem)
    async with TlsServer(tls) as server:
        trust = ClientTls(options(version, ca_pem=C.ca_pem), "127.0.0.1")
        ends: list[weakref.ReferenceType[object]] = []
        gc.collect()
        gc.disable()
        try:
            connection = await open_connection("127.0.0.1", server.server.port, new_session(), timeout=10, tls=trust)
            await server.until(lambda: server.opened)
            ends += [weakref.ref(connection), weakref.ref(server.opened[0])]
            connection.close(ClosedError("done"))
            await connection.wait_closed()
            await server.until(lambda: server.closed)
            server.opened.clear()
            del connection
            await settle()
            left = [end() for end in ends if end() is not None]
        finally:
            gc.enable()
    assert left == []
