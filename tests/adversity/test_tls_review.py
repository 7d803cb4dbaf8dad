"""TLS under adversity: sessions that break late, certificates out of the ordinary, and what is left behind."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import ssl
import time
import weakref
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtensionOID

from snmptcp import Community, Manager, TlsOptions
from snmptcp.errors import ClosedError, ConfigurationError, ConnectionLost, TlsFailed, TlsFailure
from snmptcp.listener import NotificationListener
from snmptcp.net.connection import Connection
from snmptcp.net.send_gate import MAX_RECORD_SIZE
from snmptcp.net.tls import CertificateMap, ClientTls
from snmptcp.protocol.request import get_request
from snmptcp.protocol.session import Session
from snmptcp.security.community import CommunitySecurity
from snmptcp.security.tls_names import MapType, security_name
from snmptcp.testing import Agent
from tests.support.certificates import DAY, certificates
from tests.support.clock import settle, skip
from tests.support.deadlines import within
from tests.support.opening import open_connection
from tests.support.senders import acknowledged, inform
from tests.support.tls import VERSIONS, TlsServer, connect, options

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


pytestmark = pytest.mark.anyio

C = certificates()
NAME = "1.3.6.1.2.1.1.5.0"


@pytest.fixture(params=VERSIONS, ids=lambda version: f"TLS {version}")
def version(request: pytest.FixtureRequest) -> str:
    return str(request.param)


# ------------------------------------------------------------------------------ sessions that break


class Relay:
    """Carries octets between a manager and an agent, and damages what the agent says when it is told to."""

    def __init__(self, agent: Agent) -> None:
        self.agent = agent
        self.damages = False
        self.port = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection(self.agent.host, self.agent.port)
        await asyncio.gather(self._pump(reader, back), self._pump(there, writer, from_agent=True))

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, from_agent: bool = False
    ) -> None:
        with contextlib.suppress(ConnectionError):
            while octets := await reader.read(65536):
                damaged = octets[:-1] + bytes((octets[-1] ^ 1,))
                writer.write(damaged if from_agent and self.damages else octets)
        writer.close()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def relayed(agent: Agent) -> AsyncIterator[Relay]:
    relay = Relay(agent)
    server = await asyncio.start_server(relay.carry, "127.0.0.1", 0)
    async with server:
        relay.port = server.sockets[0].getsockname()[1]
        yield relay


@pytest.mark.parametrize("answered_before", [True, False], ids=["after an answer", "as the first answer"])
async def test_a_set_whose_answer_is_damaged_on_its_way_may_have_been_carried_out(
    version: str, answered_before: bool
) -> None:
    """That is a lost connection; TlsFailed would promise that nothing was sent."""
    mib = {NAME: b"old"}
    tls = options(version, certificate=C.server.pem)
    async with Agent(mib, tls=tls, write_community="private") as agent, relayed(agent) as relay:
        trust = TlsOptions(ca_pem=C.ca_pem)
        async with Manager("127.0.0.1", relay.port, credentials=Community("private"), tls=trust) as manager:
            await manager.connect()
            if answered_before:
                await manager.get(NAME)
            relay.damages = True
            with pytest.raises(ConnectionLost, match="the TLS session broke"):
                await manager.set((NAME, b"new"))
            relay.damages = False
            assert [bytes(cast("Any", value)) for _, value in await manager.get(NAME)] == [b"new"]


async def test_an_inform_that_comes_with_the_end_of_its_session_is_acknowledged_first() -> None:
    tls = TlsOptions(certificate=C.server.pem)
    async with NotificationListener("127.0.0.1", 0, credentials=Community("public"), tls=tls) as listener:
        host, port = listener.addresses[0]
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        trust = ClientTls(options("1.3", ca_pem=C.ca_pem), host)
        client = trust.context.wrap_bio(incoming, outgoing, server_hostname=trust.server_hostname)
        reader, writer = await asyncio.open_connection(host, port)
        while True:
            try:
                client.do_handshake()
                break
            except ssl.SSLWantReadError:
                writer.write(outgoing.read())
                incoming.write(await reader.read(65536))
        message = inform()
        client.write(message)
        with contextlib.suppress(ssl.SSLWantReadError):
            client.unwrap()
        writer.write(outgoing.read())  # the inform and close_notify, in one piece
        incoming.write(await asyncio.wait_for(reader.read(), 10))
        incoming.write_eof()
        assert acknowledged(client.read(65536))
        writer.close()
        await writer.wait_closed()


# ------------------------------------------------------------------------------------ certificates


def _with_alternative_names(der: bytes) -> bytes:
    """Return a certificate of our authority whose subjectAltName is any octets."""
    key = ec.generate_private_key(ec.SECP256R1())
    now = C.client.certificate.not_valid_before_utc
    builder = x509.CertificateBuilder().subject_name(C.client.certificate.subject).issuer_name(C.authority.name)
    builder = builder.public_key(key.public_key()).serial_number(5)
    builder = builder.not_valid_before(now).not_valid_after(now + 2 * DAY)
    builder = builder.add_extension(
        x509.UnrecognizedExtension(ExtensionOID.SUBJECT_ALTERNATIVE_NAME, der), critical=False
    )
    return builder.sign(C.authority.private_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(bytes.fromhex("a300"), id="x400Address"),
        pytest.param(bytes.fromhex("a505a1030c0178"), id="ediPartyName"),
        pytest.param(bytes.fromhex("8202fffe"), id="dNSName that is not ASCII"),
        pytest.param(bytes.fromhex("87053132333435"), id="iPAddress of five octets"),
        pytest.param(bytes.fromhex("ab00"), id="unknown kind"),
    ],
)
def test_a_certificate_with_names_that_nobody_can_read_gets_the_name_of_a_later_row(name: bytes) -> None:
    certificate = _with_alternative_names(bytes((0x30, len(name))) + name)
    fingerprint = hashes_of(certificate)
    rows = (CertificateMap(fingerprint, MapType.SAN_ANY), CertificateMap(fingerprint, MapType.SPECIFIED, "later"))

    assert security_name(rows, certificate) == b"later"


def hashes_of(certificate: bytes) -> str:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(certificate)
    return digest.finalize().hex()


@pytest.mark.parametrize("name", ["a" * 64 + ".test", "agent..test", "agent\0.test", "é" * 70])
def test_a_name_that_no_certificate_can_have_is_refused_before_there_is_a_socket(name: str) -> None:
    with pytest.raises(ConfigurationError, match="no certificate can be for"):
        ClientTls(TlsOptions(server_name=name), "127.0.0.1")


async def test_a_client_that_has_expired_does_not_get_in_with_an_earlier_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """TLS 1.2 takes sessions up by their ids, whatever is said about tickets."""
    async with TlsServer(options("1.2", certificate=C.server.pem, ca_pem=C.ca_pem)) as server:
        # Its own side of the matter is the next test's: this client does not look at dates.
        trust = options("1.2", fingerprints=C.server.fingerprint, certificate=C.client.pem)
        tls = ClientTls(trust, "127.0.0.1")
        for resumed in (False, True):
            client = await connect(tls, "127.0.0.1", server.server.port)
            assert await client.echo()
            assert client.session is not None
            assert client.session.resumed is resumed
            await client.aclose()
        later = SimpleNamespace(time=lambda: time.time() + 2 * DAY.total_seconds())
        monkeypatch.setattr("snmptcp.net.tls.session.time", later)
        with contextlib.suppress(TlsFailed):  # the client may or may not see the end before it goes on
            late = await connect(tls, "127.0.0.1", server.server.port)
            await late.end()
        await server.until(lambda: server.failed)
        assert [failed.failure for failed in server.failed] == [TlsFailure.EXPIRED]


async def test_a_server_that_has_expired_is_not_believed_because_of_an_earlier_session(
    version: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with TlsServer(options(version, certificate=C.server.pem)) as server:
        tls = ClientTls(options(version, ca_pem=C.ca_pem), "127.0.0.1")
        client = await connect(tls, "127.0.0.1", server.server.port)
        assert await client.echo()
        await client.aclose()
        later = SimpleNamespace(time=lambda: time.time() + 2 * DAY.total_seconds())
        monkeypatch.setattr("snmptcp.net.tls.session.time", later)
        with pytest.raises(TlsFailed) as caught:
            await connect(tls, "127.0.0.1", server.server.port)
        assert caught.value.failure is TlsFailure.EXPIRED
        # And with a handshake from the beginning it is OpenSSL that decides, by its own clock.
        await (await connect(tls, "127.0.0.1", server.server.port)).aclose()


async def test_a_pinned_server_may_expire_between_two_sessions(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with TlsServer(options(version, certificate=C.server.pem)) as server:
        tls = ClientTls(options(version, fingerprints=C.server.fingerprint), "127.0.0.1")
        for resumed in (False, True):
            client = await connect(tls, "127.0.0.1", server.server.port)
            assert client.session is not None
            assert client.session.resumed is resumed
            assert await client.echo()
            await client.aclose()
            monkeypatch.setattr("snmptcp.net.tls.session.time", SimpleNamespace(time=lambda: time.time() + 1e9))


# ---------------------------------------------------------------------------------- what is left behind


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


# ------------------------------------------------------------------------------- what leaves, and when


class Transport(asyncio.Transport):
    """Keeps what is written to it."""

    def __init__(self, extra: dict[str, Any] | None = None) -> None:
        super().__init__(extra)
        self.written = bytearray()
        self.closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written += data

    def get_write_buffer_size(self) -> int:
        return 0

    def is_closing(self) -> bool:
        return self.closing

    def close(self) -> None:
        self.closing = True


def start(connection: Connection, names: int = 1) -> None:
    request = get_request((NAME,) * names)
    connection.start(request, within(60, asyncio.get_running_loop().time()))


async def test_what_a_record_has_no_room_for_leaves_in_time_even_if_the_record_is_not_answered() -> None:
    tls = SimpleNamespace(established=lambda *_: None)
    connection = Connection(new_session(), "agent", tls=cast("ClientTls", tls))
    transport = Transport({"ssl_object": SimpleNamespace(session=None)})
    connection.connection_made(transport)
    connection.pause_writing()
    for _ in range(3):
        start(connection, MAX_RECORD_SIZE // 24)  # each nearly fills a record
    connection.resume_writing()
    first = len(transport.written)
    for _ in range(2):
        skip(1.5)
        await settle()
    assert first > 0
    assert len(transport.written) == 3 * first
    connection.close(ClosedError("done"))


async def test_requests_that_wait_for_the_rate_wait_for_one_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    connection = Connection(new_session(), "agent", max_rate=100)
    connection.connection_made(Transport())
    loop = asyncio.get_running_loop()
    timers: list[asyncio.TimerHandle] = []
    call_at = loop.call_at

    def counted(*args: Any) -> asyncio.TimerHandle:
        timers.append(call_at(*args))
        return timers[-1]

    monkeypatch.setattr(loop, "call_at", counted)
    for _ in range(50):
        start(connection)
        await settle(2)
    assert len(timers) <= 2  # the first request's deadline, and then when the rate lets the next one leave
    assert [timer.cancelled() for timer in timers].count(False) == 1
    connection.close(ClosedError("done"))
    assert all(timer.cancelled() for timer in timers)
