"""The accepting side: framing, backpressure, endings."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import functools
import gc
import socket
import sys
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp.errors import ConfigurationError, FramingError, MessageTooLarge, TransportError
from snmptcp.net.accepted import READ_SIZE, ServerConnection
from snmptcp.net.limits import Limits, Shortage
from snmptcp.net.read_gate import PauseReason
from snmptcp.net.server import Server
from tests.support.clock import skip, until
from tests.support.netsnmp import free_port
from tests.support.rawclient import RawClient

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

pytestmark = pytest.mark.anyio

FRAME = b"\x30\x03abc"
OTHER = b"\x30\x00"


class Recorder:
    """A server that records its events, and wakes waiting tests."""

    def __init__(self, **options: Any) -> None:
        self.messages: list[bytes] = []
        self.opened: list[ServerConnection] = []
        self.closed: list[Exception | None] = []
        self.changed = asyncio.Event()
        self.server = Server(
            self.on_message, "127.0.0.1", 0, on_connect=self.on_connect, on_close=self.on_close, **options
        )

    def on_message(self, connection: ServerConnection, message: bytes) -> None:
        self.messages.append(message)
        self.changed.set()

    def on_connect(self, connection: ServerConnection) -> None:
        self.opened.append(connection)
        self.changed.set()

    def on_close(self, connection: ServerConnection, reason: Exception | None) -> None:
        self.closed.append(reason)
        self.changed.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        while not condition():
            self.changed.clear()
            await self.changed.wait()

    async def __aenter__(self) -> Self:
        await self.server.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.server.aclose()

    def client(self) -> RawClient:
        return RawClient(self.server.host, self.server.port)


class Echo(Recorder):
    def on_message(self, connection: ServerConnection, message: bytes) -> None:
        super().on_message(connection, message)
        connection.send(message)


async def test_messages_arrive_whole_however_the_stream_is_cut():
    async with Recorder() as recorder, recorder.client() as client:
        for octet in FRAME + OTHER:
            client.send(bytes((octet,)))
            await client.writer.drain()
            await asyncio.sleep(0)
        client.send(FRAME * 50)
        await recorder.until(lambda: len(recorder.messages) == 52)
        assert recorder.messages == [FRAME, OTHER, *[FRAME] * 50]


async def test_a_message_longer_than_the_read_buffer_arrives_whole():
    body = bytes(3 * READ_SIZE)
    message = b"\x30\x84" + len(body).to_bytes(4, "big") + body
    async with Recorder() as recorder, recorder.client() as client:
        client.send(message)
        await recorder.until(lambda: bool(recorder.messages))
        assert recorder.messages == [message]


@pytest.mark.parametrize("octets", [b"\x31\x00", b"\x30\x80", b"GET / HTTP/1.1\r\n", b"\x30\x88" + b"\xff" * 8])
async def test_a_stream_that_cannot_be_cut_into_messages_is_closed(octets):
    async with Recorder() as recorder, recorder.client() as client:
        client.send(FRAME + octets)
        with pytest.raises((EOFError, ConnectionResetError)):
            await client.frame()
        await recorder.until(lambda: bool(recorder.closed))
        assert recorder.messages == [FRAME]
        assert isinstance(recorder.closed[0], FramingError)


async def test_a_claim_above_the_limit_closes_the_connection_from_the_header_alone():
    async with Recorder(max_message_size=8192) as recorder, recorder.client() as client:
        client.send(b"\x30\x84\x40\x00\x00\x00")
        with pytest.raises(EOFError):
            await client.frame()
        await recorder.until(lambda: bool(recorder.closed))
        assert isinstance(recorder.closed[0], MessageTooLarge)
        assert recorder.closed[0].length == 0x40000006


async def test_nagle_is_off_on_accepted_connections():
    async with Recorder() as recorder, recorder.client():
        await recorder.until(lambda: bool(recorder.opened))
        sock = recorder.opened[0]._open_transport.get_extra_info("socket")
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0


async def test_a_peer_that_does_not_read_is_not_read_from_until_it_does():
    answer = b"\x30\x84\x00\x01\x00\x00" + bytes(0x10000)

    class Generous(Recorder):
        def on_message(self, connection: ServerConnection, message: bytes) -> None:
            super().on_message(connection, message)
            connection.send(answer)

    asked = 2000  # 131 MB of answers: no socket buffer holds them
    async with Generous() as recorder, recorder.client() as client:
        client.pause_reading()
        client.send(FRAME * asked)
        await recorder.until(
            lambda: bool(recorder.opened) and PauseReason.PEER_DOES_NOT_READ in recorder.opened[0]._reading
        )
        for _ in range(100):  # turns of the loop in which a wrong server would go on
            await asyncio.sleep(0)
        handled = len(recorder.messages)
        transport = recorder.opened[0]._open_transport
        assert handled < asked
        assert not transport.is_reading()
        assert transport.get_write_buffer_size() < 2 * len(answer) + 0x10000
        client.writer.write_eof()  # requests before the FIN are still answered
        client.resume_reading()
        for _ in range(asked):
            assert await client.frame() == answer
        with pytest.raises(EOFError):
            await client.frame()
        assert len(recorder.messages) == asked


async def test_what_came_before_the_peers_fin_is_answered():
    async with Echo() as recorder, recorder.client() as client:
        client.send(FRAME * 3)
        client.writer.write_eof()
        assert [await client.frame() for _ in range(3)] == [FRAME] * 3
        with pytest.raises(EOFError):
            await client.frame()
        await recorder.until(lambda: bool(recorder.closed))
        assert recorder.closed == [None]


async def test_close_sends_what_was_written_and_then_fin():
    class OneAnswer(Recorder):
        def on_message(self, connection: ServerConnection, message: bytes) -> None:
            connection.send(message)
            connection.close()
            connection.send(message)

    async with OneAnswer() as recorder, recorder.client() as client:
        client.send(FRAME)
        assert await client.frame() == FRAME
        with pytest.raises(EOFError):
            await client.frame()


async def test_reset_is_seen_as_a_reset():
    async with Recorder() as recorder, recorder.client() as client:
        await recorder.until(lambda: bool(recorder.opened))
        recorder.opened[0].reset()
        with pytest.raises(ConnectionResetError):
            await client.frame()


async def test_a_failing_handler_costs_its_own_connection_alone(caplog):
    class Failing(Echo):
        def on_message(self, connection: ServerConnection, message: bytes) -> None:
            if message == OTHER:
                raise RuntimeError("no")
            super().on_message(connection, message)

    async with Failing() as recorder, recorder.client() as bad, recorder.client() as good:
        bad.send(OTHER + FRAME)
        with pytest.raises(ConnectionResetError):
            await bad.frame()
        good.send(FRAME)
        assert await good.frame() == FRAME
        assert recorder.messages == [FRAME]
        assert str(recorder.closed[0]) == "no"
    assert "on_message failed" in caplog.text


async def test_connections_beyond_the_limit_are_reset_and_counted():
    refused: list[bool] = []
    async with Echo(
        limits=Limits(1, on_refused=lambda shortage, _: refused.append(shortage is Shortage.HOST))
    ) as recorder:
        async with recorder.client() as first:
            first.send(FRAME)
            assert await first.frame() == FRAME
            async with recorder.client() as second:
                with pytest.raises(ConnectionResetError):
                    await second.frame()
            assert refused == [False]
            first.send(OTHER)
            assert await first.frame() == OTHER
        await recorder.until(lambda: bool(recorder.closed))
        async with recorder.client() as third:
            third.send(FRAME)
            assert await third.frame() == FRAME


async def test_aclose_ends_every_connection_and_can_be_repeated():
    tasks = asyncio.all_tasks()
    recorder = Recorder()
    await recorder.server.start()
    async with recorder.client() as first, recorder.client() as second:
        await recorder.until(lambda: len(recorder.opened) == 2)
        await asyncio.gather(recorder.server.aclose(), recorder.server.aclose())
        for client in (first, second):
            with pytest.raises(EOFError):
                await client.frame()
    await recorder.server.aclose()
    assert recorder.server.connections == ()
    assert recorder.closed == [None, None]
    assert not recorder.server.is_listening
    assert asyncio.all_tasks() == tasks
    gc.collect()  # a leaked socket would warn now, and warnings are errors


async def test_a_peer_that_never_reads_cannot_hold_up_aclose(monkeypatch):
    monkeypatch.setattr("snmptcp.net.server.CLOSE_GRACE", 0.01)
    recorder = Recorder()
    await recorder.server.start()
    async with recorder.client() as client:
        client.pause_reading()
        await recorder.until(lambda: bool(recorder.opened))
        recorder.opened[0].send(bytes(64 * 1024 * 1024))
        await recorder.server.aclose()
        assert recorder.server.connections == ()


async def test_the_port_is_the_real_one_and_listening_again_takes_it_again():
    recorder = Echo()
    await recorder.server.start()
    port = recorder.server.port
    assert port != 0
    async with recorder.client() as client:
        client.send(FRAME)
        await client.frame()
        await recorder.server.aclose()
    await recorder.server.start()
    assert recorder.server.port == port
    async with recorder.client() as client:
        client.send(FRAME)
        assert await client.frame() == FRAME
    await recorder.server.aclose()


async def test_a_name_with_several_addresses_has_one_port():
    server = Server(lambda connection, message: None, "localhost", 0)
    await server.start()
    assert server._server is not None
    assert len(server._server.sockets) == 1
    assert server.port != 0
    await server.aclose()


async def test_a_name_that_does_not_exist_is_named_with_the_true_reason(monkeypatch):
    async def getaddrinfo(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", getaddrinfo)
    server = Server(lambda connection, message: None, "no.such.host.invalid", 0)
    with pytest.raises(TransportError, match=r"no\.such\.host\.invalid:0: Name or service not known"):
        await server.start()


async def test_a_name_that_cannot_be_one_is_a_transport_error_too():
    server = Server(lambda connection, message: None, "a..b", 0)
    with pytest.raises(TransportError, match=r"cannot listen on a\.\.b:0: "):
        await server.start()


async def test_a_connection_still_in_the_backlog_when_the_server_closes_ends_with_it():
    recorder = Recorder()
    await recorder.server.start()
    with socket.create_connection((recorder.server.host, recorder.server.port)) as sock:
        await recorder.server.aclose()  # before the loop had a turn to accept the connection
        sock.setblocking(False)
        with contextlib.suppress(ConnectionResetError):  # either end will do
            assert await asyncio.get_running_loop().sock_recv(sock, 1) == b""
    assert recorder.opened == []
    gc.collect()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems let fewer connections wait")
async def test_hundreds_of_connections_wait_until_the_loop_accepts_them():
    async with Recorder() as recorder:
        address = (recorder.server.host, recorder.server.port)
        clients = [socket.create_connection(address, timeout=0.9) for _ in range(400)]  # the loop stands still
        await recorder.until(lambda: len(recorder.opened) == 400)
        for client in clients:
            client.close()


async def test_a_port_in_use_is_named_with_the_true_reason():
    async with Recorder() as recorder:
        second = Server(recorder.on_message, recorder.server.host, recorder.server.port)
        with pytest.raises(TransportError) as caught:
            await second.start()
        assert str(caught.value) == (
            f"cannot listen on 127.0.0.1:{recorder.server.port}: Address already in use: "
            "another program listens there; end it, or listen on another port"
        )
        assert isinstance(caught.value.__cause__, OSError)
        assert caught.value.__cause__.errno == errno.EADDRINUSE
        await second.aclose()


async def test_every_address_is_named_if_it_listens_at_all_of_the_machine():
    port = free_port()
    server = Server(lambda connection, message: None, "", port)
    assert list(server.addresses) == [("", port)]
    await server.start()
    try:
        assert list(server.addresses) == [("0.0.0.0", port), ("::", port)]
        assert (server.host, server.port) == server.addresses[0]
        second = Server(lambda connection, message: None, "", port)
        with pytest.raises(TransportError, match=rf"cannot listen on \*:{port}: Address already in use"):
            await second.start()
    finally:
        await server.aclose()


async def test_an_address_of_another_machine_is_named_with_the_true_reason():
    server = Server(lambda connection, message: None, "192.0.2.1", 0)
    with pytest.raises(TransportError, match=r"cannot listen on 192\.0\.2\.1:0: Cannot assign requested address"):
        await server.start()


@pytest.mark.parametrize("port", [-1, 65536])
def test_an_impossible_port_is_refused(port):
    with pytest.raises(ConfigurationError, match="65535"):
        Server(lambda connection, message: None, "127.0.0.1", port)


# ------------------------------------------------------------------------------- clocks, proof, counting


def _has_received_since(connection: ServerConnection, time: float) -> bool:
    return connection.received_at >= time


async def test_further_octets_of_a_message_do_not_restart_its_clock_and_a_pause_is_added():
    async with Recorder() as recorder, recorder.client() as client:
        client.send(FRAME[:1])
        await recorder.until(lambda: bool(recorder.opened))
        (connection,) = recorder.opened
        await until(lambda: connection.frame_began is not None)
        opened, began = connection.opened_at, connection.frame_began
        assert began is not None
        for octet in FRAME[1:4]:
            skip(5)
            client.send(bytes((octet,)))
            now = asyncio.get_running_loop().time()
            await until(functools.partial(_has_received_since, connection, now))
            assert connection.frame_began == began
        connection.pause()
        assert connection.is_held
        skip(100)
        connection.pause()
        connection.resume()
        assert not connection.is_held
        for now, before in ((connection.frame_began, began), (connection.opened_at, opened)):
            assert now is not None
            assert 100 <= now - before < 105
        connection.resume()
        assert connection.opened_at - opened < 105


async def test_an_unproved_connection_gives_way_only_if_proof_is_needed():
    for needed in (False, True):
        async with Echo(limits=Limits(1), needs_proof=needed) as recorder, recorder.client() as first:
            first.send(FRAME)
            assert await first.frame() == FRAME
            async with recorder.client() as second:
                with pytest.raises(ConnectionResetError):
                    await (first if needed else second).frame()
                last = second if needed else first
                last.send(FRAME)
                assert await last.frame() == FRAME
                assert [connection.is_proved for connection in recorder.server.connections] == [not needed]
            if needed:
                assert str(recorder.closed[0]) == "the connection was reset: too many connections"


async def test_a_proved_connection_stays():
    async with Echo(limits=Limits(1), needs_proof=True) as recorder, recorder.client() as first:
        first.send(FRAME)
        assert await first.frame() == FRAME
        recorder.opened[0].prove()
        recorder.opened[0].prove()
        async with recorder.client() as second:
            with pytest.raises(ConnectionResetError):
                await second.frame()
        first.send(FRAME)
        assert await first.frame() == FRAME


async def test_connections_that_end_without_an_octet_are_counted():
    async with Recorder() as recorder:
        async with recorder.client():
            pass
        async with recorder.client() as client:
            client.send(FRAME)
        async with recorder.client() as client:
            await recorder.until(lambda: len(recorder.opened) == 3)
            recorder.opened[2].close()
            with pytest.raises(EOFError):
                await client.frame()
        await recorder.until(lambda: len(recorder.closed) == 3)
        assert recorder.server.empty_connections == 1


async def test_waiting_octets_are_counted_while_they_wait():
    limits = Limits(max_octets=1_000_000)
    async with Recorder(limits=limits) as recorder, recorder.client() as client:
        client.send(FRAME[:4])
        await until(lambda: limits.octets >= 4)
        recorder.opened[0].pause()
        client.send(FRAME[4:])
        recorder.opened[0].resume()
        await recorder.until(lambda: bool(recorder.messages))
        assert limits.octets == 0
        recorder.opened[0].send(bytes(64 * 1024 * 1024))  # more than all buffers of the system
        await until(lambda: recorder.opened[0].is_closing)
    assert limits.octets == 0
    assert "too many octets" in str(recorder.closed[0])
