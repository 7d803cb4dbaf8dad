"""The shell around a session: futures settled, writes gathered, one timer, and endings."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest

from snmptcp import SecurityError, UsmUser
from snmptcp.codec.framer import Framer
from snmptcp.codec.pdu import PduType
from snmptcp.errors import ClosedError, ConnectionLost, FramingError, NoSuchName, RequestTimeout
from snmptcp.net import connection as connection_module
from snmptcp.net.connection import Connection
from snmptcp.protocol.request import get_request, set_request
from snmptcp.protocol.session import Session
from snmptcp.values import Integer32, OctetString
from tests.support.clock import settle, skip
from tests.support.deadlines import within
from tests.support.usm import new_usm_session
from tests.support.wire import answer, new_session, parse, response, varbinds

if TYPE_CHECKING:
    from snmptcp.protocol.exchange import Exchange

pytestmark = pytest.mark.anyio

NAME = "1.3.6.1.2.1.1.3.0"
OTHER = "1.3.6.1.2.1.1.5.0"
PEER = "192.0.2.1:161"


class FakeSocket:
    """Keeps the options that are set on it."""

    def __init__(self, family: int = socket.AF_INET) -> None:
        self.family = family
        self.options: list[tuple[int, int, int]] = []
        self.gone = False

    def setsockopt(self, level: int, option: int, value: int) -> None:
        if self.gone:
            raise OSError(errno.EBADF, "Bad file descriptor")
        self.options.append((level, option, value))


class FakeTransport(asyncio.Transport):
    """Keeps what is written to it, and how it was ended."""

    def __init__(self, sock: FakeSocket | None = None) -> None:
        super().__init__({"socket": sock} if sock is not None else {})
        self.writes: list[bytes] = []
        self.unwritten = 0
        self.reading = True
        self.ended: list[str] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.ended, "written to after its end"
        self.writes.append(bytes(data))

    def get_write_buffer_size(self) -> int:
        return self.unwritten

    def is_closing(self) -> bool:
        return bool(self.ended)

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True

    def close(self) -> None:
        self.ended.append("close")

    def abort(self) -> None:
        self.ended.append("abort")

    @property
    def messages(self) -> list[bytes]:
        """The messages that were written, however they were gathered."""
        return Framer().feed(b"".join(self.writes))


class Wire:
    """A connection on a fake transport, and the agent's end of it."""

    def __init__(self, session: Session | None = None, sock: FakeSocket | None = None) -> None:
        self.session = session or new_session()
        self.transport = FakeTransport(sock)
        self.connection = Connection(self.session, PEER)
        self.connection.connection_made(self.transport)

    def start(self, name: str = NAME, timeout: float = 5.0) -> Exchange:
        return self.connection.start(get_request((name,)), within(timeout, asyncio.get_running_loop().time()))

    def write(self, timeout: float = 5.0) -> Exchange:
        request = set_request(varbinds((OTHER, OctetString(b"x"))))
        return self.connection.start(request, within(timeout, asyncio.get_running_loop().time()))

    def receive(self, octets: bytes) -> None:
        """Let octets arrive as a selector loop would."""
        buffer = self.connection.get_buffer(-1)
        buffer[: len(octets)] = octets
        self.connection.buffer_updated(len(octets))


@pytest.fixture
async def wire(anyio_backend: object) -> Wire:
    return Wire()


def failure(exchange: Exchange) -> BaseException:
    """Return what a settled future has failed with."""
    error = exchange.waiter.exception()
    assert isinstance(error, BaseException)
    return error


# ---------------------------------------------------------------------------------------- settling


async def test_an_answer_settles_the_future_of_its_request_alone(wire: Wire) -> None:
    first, second = wire.start(), wire.start(OTHER)
    await settle()
    _, octets = wire.transport.messages

    wire.receive(answer(octets, Integer32(2)))

    assert not first.waiter.done()
    assert await second.waiter == varbinds((OTHER, Integer32(2)))


async def test_an_error_status_settles_the_future_with_its_exception(wire: Wire) -> None:
    exchange = wire.start()

    wire.receive(response(exchange.request_id, varbinds((NAME, Integer32(1))), error_status=2, error_index=1))

    with pytest.raises(NoSuchName):
        await exchange.waiter


async def test_many_answers_in_one_read_settle_all_their_futures(wire: Wire) -> None:
    exchanges = [wire.start() for _ in range(20)]
    await settle()

    wire.receive(b"".join(map(answer, wire.transport.messages)))

    assert all(exchange.waiter.result() for exchange in exchanges)


async def test_a_failure_that_is_not_awaited_is_not_reported_as_forgotten(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    exchange = wire.start()
    wire.connection.connection_lost(None)
    del exchange
    await settle()

    assert caplog.text == ""


async def test_the_answer_to_a_request_whose_task_was_cancelled_is_dropped(wire: Wire) -> None:
    exchange = wire.start()
    exchange.waiter.cancel()  # what a cancelled task does to what it awaits, before it runs again

    wire.receive(answer(wire.transport.writes[0]))

    assert exchange.waiter.cancelled()
    assert wire.connection.usable


async def test_an_abandoned_request_has_a_cancelled_future_and_a_late_answer(wire: Wire) -> None:
    exchange = wire.start()

    wire.connection.abandon(exchange)
    assert exchange.waiter.cancelled()
    wire.receive(answer(wire.transport.writes[0]))

    assert wire.session.statistics.abandoned == wire.session.statistics.late == 1


async def test_an_exchange_that_was_started_on_the_session_itself_has_no_future_to_settle(wire: Wire) -> None:
    now = asyncio.get_running_loop().time()
    exchange = wire.session.start(get_request((NAME,)), within(5.0, now), now)
    wire.connection.resume_writing()

    wire.receive(answer(wire.transport.writes[0]))

    assert exchange.ended
    assert exchange.varbinds is not None


# ----------------------------------------------------------------------------------------- writing


async def test_a_request_that_finds_nothing_in_flight_leaves_at_once(wire: Wire) -> None:
    exchange = wire.start()

    (octets,) = wire.transport.writes
    assert parse(octets).request_id == exchange.request_id
    assert exchange.sent


async def test_requests_of_one_turn_leave_in_one_write_at_its_end(wire: Wire) -> None:
    exchanges = [wire.start() for _ in range(10)]
    assert len(wire.transport.writes) == 1
    await settle(1)

    assert len(wire.transport.writes) == 2
    assert [parse(octets).request_id for octets in wire.transport.messages] == [
        exchange.request_id for exchange in exchanges
    ]
    await settle()
    assert len(wire.transport.writes) == 2


async def test_any_number_of_requests_asks_for_the_end_of_the_turn_once(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire.start()
    asked = Mock(wraps=asyncio.get_running_loop().call_soon)
    monkeypatch.setattr(asyncio.get_running_loop(), "call_soon", asked)
    for _ in range(10):
        wire.start()

    assert asked.call_count == 1
    monkeypatch.undo()


async def test_each_turn_has_a_write_of_its_own(wire: Wire) -> None:
    wire.start()
    for turn in range(3):
        wire.start()
        wire.start()
        await settle()
        assert len(wire.transport.writes) == 2 + turn


async def test_the_octets_that_leave_are_counted(wire: Wire) -> None:
    for _ in range(5):
        wire.start()
    await settle()

    assert wire.session.statistics.octets_sent == sum(map(len, wire.transport.writes))
    assert wire.session.statistics.requests == 5


async def test_nothing_leaves_while_writing_is_paused(wire: Wire) -> None:
    wire.start()
    wire.connection.pause_writing()
    exchanges = [wire.start() for _ in range(3)]
    await settle()
    assert len(wire.transport.writes) == 1
    assert not any(exchange.sent for exchange in exchanges)

    wire.connection.resume_writing()

    assert len(wire.transport.writes) == 2
    assert len(wire.transport.messages) == 4
    await settle()
    assert len(wire.transport.writes) == 2


async def test_a_lone_request_does_not_leave_either_while_writing_is_paused(wire: Wire) -> None:
    wire.connection.pause_writing()
    exchange = wire.start()
    await settle()
    assert wire.transport.writes == []

    wire.connection.resume_writing()

    assert exchange.sent


async def test_what_ends_while_writing_is_paused_never_leaves(wire: Wire) -> None:
    wire.connection.pause_writing()
    abandoned, expired, kept = wire.start(), wire.start(timeout=1.0), wire.start()
    wire.connection.abandon(abandoned)
    skip(1)
    await settle()
    assert isinstance(failure(expired), RequestTimeout)

    wire.connection.resume_writing()

    assert [parse(octets).request_id for octets in wire.transport.messages] == [kept.request_id]


async def test_resuming_with_nothing_to_send_writes_nothing(wire: Wire) -> None:
    wire.connection.pause_writing()
    wire.connection.resume_writing()

    assert wire.transport.writes == []


async def test_a_set_whose_task_was_cancelled_before_the_end_of_the_turn_never_leaves(wire: Wire) -> None:
    wire.start()
    write = wire.write()
    write.waiter.cancel()  # its task does not know yet
    await settle()

    assert [parse(octets).type for octets in wire.transport.messages] == [PduType.GET]
    assert not write.sent
    assert write.ended
    assert wire.session.statistics.abandoned == 1
    assert wire.session.pending == 1


async def test_a_set_whose_task_was_cancelled_while_writing_was_paused_never_leaves(wire: Wire) -> None:
    wire.connection.pause_writing()
    write, other = wire.write(), wire.start()
    write.waiter.cancel()
    wire.connection.resume_writing()

    assert [parse(octets).request_id for octets in wire.transport.messages] == [other.request_id]
    assert wire.session.statistics.abandoned == 1


async def test_a_turn_whose_requests_were_all_cancelled_writes_nothing(wire: Wire) -> None:
    wire.start()
    for _ in range(5):
        wire.start().waiter.cancel()
    await settle()

    assert len(wire.transport.writes) == 1
    assert wire.session.statistics.abandoned == 5


async def test_a_connection_without_a_transport_keeps_its_requests_and_can_be_closed() -> None:
    connection = Connection(new_session(), PEER)
    exchange = connection.start(get_request((NAME,)), within(5.0, asyncio.get_running_loop().time()))
    await settle()
    assert not exchange.sent

    connection.close(ClosedError("closed"))

    assert isinstance(failure(exchange), ClosedError)


async def test_the_trace_sees_what_is_written_and_what_is_read() -> None:
    seen: list[tuple[str, bytes]] = []
    session, transport = new_session(), FakeTransport()
    connection = Connection(session, PEER, lambda direction, octets: seen.append((direction, octets)))
    connection.connection_made(transport)
    connection.start(get_request((NAME,)), within(5.0, asyncio.get_running_loop().time()))
    reply = answer(transport.writes[0])
    connection.get_buffer(-1)[: len(reply)] = reply
    connection.buffer_updated(len(reply))

    assert seen == [("sent", transport.writes[0]), ("received", reply)]


# ------------------------------------------------------------------------------------------- timers


class Alarms:
    """Counts the timers that are set on the running loop, and those that still stand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        loop = asyncio.get_running_loop()
        self.handles: list[asyncio.TimerHandle] = []
        call_at = loop.call_at

        def counted(when: float, *arguments: Any, **options: Any) -> asyncio.TimerHandle:
            handle = call_at(when, *arguments, **options)
            self.handles.append(handle)
            return handle

        monkeypatch.setattr(loop, "call_at", counted)

    @property
    def due(self) -> list[float]:
        """The times of the timers that stand and lie ahead, from now on in seconds."""
        now = asyncio.get_running_loop().time()
        ahead = [handle.when() - now for handle in self.handles if not handle.cancelled()]
        return [round(seconds) for seconds in ahead if seconds > 0]


@pytest.fixture
async def alarms(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> Alarms:
    return Alarms(monkeypatch)


async def test_a_request_without_an_answer_times_out(wire: Wire) -> None:
    exchange = wire.start(timeout=5.0)
    skip(4.5)
    await settle()
    assert not exchange.waiter.done()
    skip(0.5)
    await settle()

    error = failure(exchange)
    assert isinstance(error, RequestTimeout)
    assert error.timeout == 5.0
    assert wire.connection.usable


async def test_one_timer_stands_for_any_number_of_requests(wire: Wire, alarms: Alarms) -> None:
    for _ in range(50):
        wire.start(timeout=5.0)

    assert alarms.due == [5]
    assert len(alarms.handles) == 1


async def test_an_earlier_deadline_brings_the_timer_forward_and_a_later_one_leaves_it(
    wire: Wire, alarms: Alarms
) -> None:
    wire.start(timeout=20.0)
    wire.start(timeout=50.0)
    assert alarms.due == [20]
    wire.start(timeout=5.0)
    await settle()
    assert alarms.due == [5]


async def test_the_timer_is_set_again_for_what_is_left(wire: Wire, alarms: Alarms) -> None:
    slow, fast = wire.start(timeout=20.0), wire.start(timeout=5.0)
    skip(5)
    await settle()
    assert isinstance(failure(fast), RequestTimeout)
    assert not slow.waiter.done()
    assert alarms.due == [15]
    skip(15)
    await settle()

    assert isinstance(failure(slow), RequestTimeout)
    assert alarms.due == []


async def test_a_timer_whose_request_was_answered_ends_nothing_and_goes_on_to_the_next(
    wire: Wire, alarms: Alarms
) -> None:
    wire.start(timeout=5.0)
    wire.receive(answer(wire.transport.writes[0]))
    later = wire.start(timeout=20.0)
    assert alarms.due == [5]
    skip(5)
    await settle()
    assert not later.waiter.done()
    assert alarms.due == [15]


async def test_half_a_message_on_an_idle_connection_ends_it_in_the_end(wire: Wire, alarms: Alarms) -> None:
    wire.receive(b"\x30\x20\x02")
    assert alarms.due == [10]
    skip(9.5)
    await settle()
    assert wire.transport.ended == []
    skip(0.5)
    await settle()

    assert wire.transport.ended == ["close"]
    assert isinstance(wire.session.closed, FramingError)
    assert not wire.connection.usable
    assert alarms.due == []


async def test_half_a_message_brings_the_timer_of_a_patient_request_forward(wire: Wire, alarms: Alarms) -> None:
    exchange = wire.start(timeout=60.0)
    wire.receive(answer(wire.transport.writes[0])[:10])
    assert alarms.due == [10]
    skip(10)
    await settle()

    assert isinstance(failure(exchange), ConnectionLost)
    assert wire.transport.ended == ["close"]


async def test_a_message_that_was_completed_in_time_ends_nothing(wire: Wire) -> None:
    exchange = wire.start(timeout=60.0)
    reply = answer(wire.transport.writes[0])
    wire.receive(reply[:10])
    skip(9)
    wire.receive(reply[10:])
    skip(60)
    await settle()

    assert exchange.waiter.result()
    assert wire.transport.ended == []
    assert wire.connection.usable


async def test_octets_that_trickle_in_set_no_further_timers(wire: Wire, alarms: Alarms) -> None:
    for octet in b"\x30\x20" + bytes(20):
        wire.receive(bytes((octet,)))

    assert len(alarms.handles) == 1


@pytest.mark.parametrize("ending", ["closed", "end of stream", "lost", "no framing"])
async def test_no_timer_is_left_when_the_connection_ends(wire: Wire, alarms: Alarms, ending: str) -> None:
    wire.start(timeout=60.0)
    assert alarms.due == [60]
    if ending == "closed":
        wire.connection.close(ClosedError("closed"))
    elif ending == "end of stream":
        wire.connection.eof_received()
    elif ending == "lost":
        wire.connection.connection_lost(None)
    else:
        wire.receive(b"\xff")

    assert alarms.due == []


# ------------------------------------------------------------------------------------------- ending


async def test_a_stream_that_cannot_be_framed_closes_the_transport_and_fails_what_is_pending(wire: Wire) -> None:
    exchanges = [wire.start() for _ in range(3)]
    await settle()

    wire.receive(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    assert wire.transport.ended == ["close"]
    assert not wire.connection.usable
    for exchange in exchanges:
        with pytest.raises(ConnectionLost, match="a message begins with 0x30, not 0x48"):
            await exchange.waiter


async def test_what_comes_after_the_end_changes_nothing(wire: Wire) -> None:
    exchange = wire.start()
    wire.receive(b"\xff")
    wire.receive(answer(wire.transport.writes[0]))
    wire.connection.eof_received()
    wire.connection.connection_lost(None)

    assert wire.transport.ended == ["close"]
    assert isinstance(failure(exchange).__cause__, FramingError)
    assert wire.session.statistics.responses == 0


async def test_a_request_started_after_the_end_fails_at_once_and_never_leaves(wire: Wire) -> None:
    wire.connection.close(ClosedError("the manager was closed"))
    exchange = wire.start()
    await settle()

    assert isinstance(failure(exchange), ClosedError)
    assert wire.transport.writes == []


async def test_requests_that_wait_for_the_end_of_the_turn_do_not_outlive_the_connection(wire: Wire) -> None:
    wire.start()
    waiting = wire.start()
    wire.connection.close(ClosedError("the manager was closed"))
    await settle()

    assert isinstance(failure(waiting), ClosedError)
    assert not waiting.sent
    assert len(wire.transport.writes) == 1


@pytest.mark.parametrize(("unwritten", "ended"), [(0, "close"), (1, "abort"), (100_000, "abort")])
async def test_a_transport_that_could_not_write_everything_is_aborted_and_any_other_closed(
    wire: Wire, unwritten: int, ended: str
) -> None:
    wire.start()
    wire.transport.unwritten = unwritten

    wire.connection.close(ClosedError("the manager was closed"))
    wire.connection.close(ClosedError("once more"))

    assert wire.transport.ended == [ended]


async def test_the_peers_fin_fails_what_is_pending_and_closes_this_side_too(wire: Wire) -> None:
    exchange = wire.start()

    assert wire.connection.eof_received() is False  # a true one would leave the transport open

    with pytest.raises(ConnectionLost, match=f"^{PEER} closed the connection$"):
        await exchange.waiter
    assert wire.transport.ended == ["close"]


@pytest.mark.parametrize(
    ("cause", "text"),
    [
        (None, "closed"),
        (ConnectionResetError(errno.ECONNRESET, "Connection reset by peer"), "Connection reset by peer"),
        (TimeoutError(errno.ETIMEDOUT, "Connection timed out"), os.strerror(errno.ETIMEDOUT)),
        (OSError("something of the loop's own"), "something of the loop's own"),
        (RuntimeError("a protocol that failed"), "a protocol that failed"),
    ],
    ids=str,
)
async def test_a_lost_connection_tells_the_true_reason(wire: Wire, cause: Exception | None, text: str) -> None:
    exchange = wire.start()

    wire.connection.connection_lost(cause)

    error = failure(exchange)
    assert isinstance(error, ConnectionLost)
    assert str(error) == f"the connection to {PEER} was lost: {text}"
    assert error.__cause__ is cause


async def test_waiting_for_the_end_is_over_when_the_transport_has_gone(wire: Wire) -> None:
    waiting = [asyncio.ensure_future(wire.connection.wait_closed()) for _ in range(2)]
    wire.connection.close(ClosedError("the manager was closed"))
    await settle()
    assert not any(task.done() for task in waiting)

    wire.connection.connection_lost(None)
    await asyncio.gather(*waiting)
    await wire.connection.wait_closed()


async def test_a_waiter_for_the_end_can_be_cancelled_without_effect_on_the_others(wire: Wire) -> None:
    first, second = (asyncio.ensure_future(wire.connection.wait_closed()) for _ in range(2))
    await settle()
    first.cancel()
    await settle()
    wire.connection.connection_lost(None)
    await second

    assert first.cancelled()


# ------------------------------------------------------------------------------------------ sockets

QUICKACK = (socket.IPPROTO_TCP, 12, 1)


@pytest.fixture
def quickack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "_QUICKACK", QUICKACK[1])


@pytest.mark.usefixtures("quickack")
async def test_acknowledgements_are_hurried_only_while_something_is_pending() -> None:
    sock = FakeSocket()
    wire = Wire(sock=sock)
    sock.options.clear()
    for _ in range(3):
        wire.start()
    await settle()

    for octets, hurried in zip(wire.transport.messages, (1, 2, 2), strict=True):
        wire.receive(answer(octets))
        assert sock.options == [QUICKACK] * hurried
    wire.receive(response(5))
    assert sock.options == [QUICKACK] * 2


@pytest.mark.usefixtures("quickack")
async def test_a_socket_that_does_not_know_the_option_is_not_asked_again() -> None:
    sock = FakeSocket()
    wire = Wire(sock=sock)
    sock.options.clear()
    exchange = wire.start()
    wire.start()
    await settle()
    sock.gone = True
    wire.receive(response(5))
    sock.gone = False
    wire.receive(answer(wire.transport.messages[0]))

    assert sock.options == []
    assert exchange.waiter.result()


async def test_systems_without_quick_acknowledgements_do_without(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection_module, "_QUICKACK", None)
    sock = FakeSocket()
    wire = Wire(sock=sock)
    sock.options.clear()
    wire.start()
    wire.receive(response(5))

    assert sock.options == []


async def test_the_connections_of_one_thread_share_the_buffer_that_they_read_into() -> None:
    async def elsewhere() -> object:
        return Wire().connection.get_buffer(-1)

    with ThreadPoolExecutor(1) as other:
        wire = Wire()
        mine = wire.connection.get_buffer(-1)
        assert wire.connection.get_buffer(-1) is mine is Wire().connection.get_buffer(-1)
        its = other.submit(wire.connection.get_buffer, -1).result()
        assert its is not mine
        assert other.submit(asyncio.run, elsewhere()).result() is its
        assert wire.connection.get_buffer(-1) is mine  # two loops may read at once, each on its thread


async def test_a_connection_on_another_thread_reads_into_the_buffer_of_that_one() -> None:
    wire = Wire()
    exchange = wire.start()
    reply = answer(wire.transport.writes[0], OctetString(b"first"))
    wire.connection.get_buffer(-1)[:3] = b"not"

    def read() -> None:
        wire.connection.get_buffer(-1)[: len(reply)] = reply
        wire.connection.buffer_updated(len(reply))

    with ThreadPoolExecutor(1) as other:
        other.submit(read).result()
    assert await exchange.waiter == varbinds((NAME, OctetString(b"first")))


async def test_connections_of_a_proactor_loop_have_buffers_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as windows:
        windows.setattr(sys, "platform", "win32")
        first, second = Wire(), Wire()
    first.connection.get_buffer(-1)[:4] = b"kept"
    second.connection.get_buffer(-1)[:4] = b"this"

    assert bytes(first.connection.get_buffer(-1)[:4]) == b"kept"


async def test_what_was_read_does_not_change_with_the_next_read(wire: Wire) -> None:
    exchange = wire.start()
    reply = answer(wire.transport.writes[0], OctetString(b"first"))
    wire.receive(reply[:20])
    wire.receive(reply[20:])
    wire.receive(b"\x30\x00" * 100)

    assert await exchange.waiter == varbinds((NAME, OctetString(b"first")))


# ------------------------------------------------------------------------------ reading and its reasons


class ReadingTransport(FakeTransport):
    """Tells whether it is read."""

    reading = True

    def pause_reading(self) -> None:
        assert self.reading
        self.reading = False

    def resume_reading(self) -> None:
        assert not self.reading
        self.reading = True

    def is_reading(self) -> bool:
        return self.reading


async def test_the_end_of_holding_does_not_end_a_pause_that_the_rate_demands() -> None:
    connection, transport = Connection(new_session(), PEER, max_rate=1000), ReadingTransport()
    connection.connection_made(transport)
    octets = b"\x30\x82\x10\x00" + bytes(96)
    connection.get_buffer(-1)[:100] = octets
    connection.buffer_updated(100)
    connection.buffer_updated(100)  # 0.2 s' worth, of which 0.1 s may come at once
    assert not transport.reading
    connection.hold(held=True)
    connection.hold(held=False)

    assert not transport.reading
    skip(0.2)
    await settle()
    assert transport.reading
    connection.close(ClosedError("done"))


async def test_the_end_of_a_pause_for_the_rate_does_not_end_holding() -> None:
    connection, transport = Connection(new_session(), PEER, max_rate=1000), ReadingTransport()
    connection.connection_made(transport)
    connection.hold(held=True)
    connection.get_buffer(-1)[:4] = b"\x30\x82\x10\x00"
    for _ in range(100):
        connection.buffer_updated(4)
    skip(1)
    await settle()

    assert not transport.reading
    connection.hold(held=False)
    assert transport.reading
    connection.close(ClosedError("done"))


async def test_a_timer_sends_what_waits_for_it() -> None:
    session = new_usm_session(UsmUser("open"))
    connection, transport = Connection(session, PEER), FakeTransport()
    connection.connection_made(transport)
    loop = asyncio.get_running_loop()
    first = connection.start(get_request((NAME,)), within(0.3, loop.time()))
    connection.start(get_request((NAME,)), within(3.0, loop.time()))
    await settle()
    assert len(transport.writes) == 1  # one probe for both
    skip(0.3)
    await settle()

    assert isinstance(failure(first), RequestTimeout)
    assert len(transport.writes) == 2  # the other one's own probe
    connection.close(ClosedError("done"))


# ------------------------------------------------------------------------- messages that are not answered


async def test_an_unconfirmed_message_tells_when_it_has_been_written() -> None:
    connection, transport = Connection(new_session(), PEER), FakeTransport()
    connection.connection_made(transport)
    connection.pause_writing()
    written = connection.send_unconfirmed(b"a trap")
    await settle()
    assert not written.done()
    connection.resume_writing()

    assert written.done()
    assert transport.writes == [b"a trap"]
    connection.close(ClosedError("done"))


async def test_one_that_is_cancelled_in_time_is_never_written() -> None:
    connection, transport = Connection(new_session(), PEER), FakeTransport()
    connection.connection_made(transport)
    connection.pause_writing()
    connection.send_unconfirmed(b"first").cancel()
    second = connection.send_unconfirmed(b"second")
    connection.resume_writing()

    assert second.done()
    assert transport.writes == [b"second"]
    connection.close(ClosedError("done"))


async def test_requests_behind_cancelled_messages_leave_although_there_is_a_rate() -> None:
    connection, transport = Connection(new_session(), PEER, max_rate=1e9), FakeTransport()
    connection.connection_made(transport)
    connection.pause_writing()
    connection.send_unconfirmed(b"a trap").cancel()
    exchange = connection.start(get_request((NAME,)), within(5.0, asyncio.get_running_loop().time()))
    connection.resume_writing()

    assert exchange.sent
    assert len(transport.writes) == 1
    connection.close(ClosedError("done"))


async def test_one_that_was_not_written_fails_with_the_connection_and_its_reason() -> None:
    connection, transport = Connection(new_session(), PEER), FakeTransport()
    connection.connection_made(transport)
    connection.pause_writing()
    lost = connection.send_unconfirmed(b"a trap")
    connection.connection_lost(ConnectionResetError(errno.ECONNRESET, "reset"))

    with pytest.raises(ConnectionLost, match="was lost"):
        await lost
    with pytest.raises(ConnectionLost):
        connection.send_unconfirmed(b"too late")


@pytest.mark.parametrize("state", ["blocked", "closed"])
async def test_an_answer_is_dropped_if_it_cannot_leave(state: str) -> None:
    connection, transport = Connection(new_session(), PEER), FakeTransport()
    connection.connection_made(transport)
    connection.answer(b"an answer")
    assert transport.writes == [b"an answer"]
    if state == "blocked":
        connection.pause_writing()
    else:
        connection.close(ClosedError("done"))
    connection.answer(b"another")
    if state == "blocked":
        connection.resume_writing()

    assert transport.writes == [b"an answer"]
    connection.close(ClosedError("done"))


async def test_a_message_that_is_interrupted_by_holding_has_its_time_anew() -> None:
    connection, transport = Connection(new_session(frame_timeout=10.0), PEER), ReadingTransport()
    connection.connection_made(transport)
    connection.get_buffer(-1)[:4] = b"\x30\x82\x10\x00"
    connection.buffer_updated(4)
    connection.hold(held=True)
    for _ in range(5):
        skip(9)
        await settle()
    connection.hold(held=False)
    skip(9)
    await settle()
    assert connection.usable
    skip(1)
    await settle()
    assert not connection.usable


async def test_a_request_of_which_no_message_can_be_made_stops_no_other() -> None:
    session, transport = new_session(), FakeTransport()
    connection = Connection(session, PEER)
    connection.connection_made(transport)
    protect = session._security.protect

    class Spoilt:
        version = session._security.version
        ready = True
        max_request_size = 65535
        peer = None
        timed = False
        open = session._security.open

        def protect(self, pdu_type: int, message_id: int, request_id: bytes, tail: bytes, now: float) -> bytes:
            if pdu_type == 0xA3:
                raise OSError("no cipher")
            return protect(pdu_type, message_id, request_id, tail, now)

    session.use_security(Spoilt())
    now = asyncio.get_running_loop().time()
    connection.pause_writing()
    spoilt = connection.start(set_request(varbinds((OTHER, OctetString(b"x")))), within(5.0, now))
    good = connection.start(get_request((NAME,)), within(5.0, now))
    connection.resume_writing()

    assert isinstance(failure(spoilt), SecurityError)
    assert good.sent
    assert len(transport.writes) == 1
    connection.close(ClosedError("done"))


async def test_a_late_timer_lets_octets_be_read_first_but_not_for_ever() -> None:
    """The loop stood still: what has come meanwhile may be the answers.  A peer that never stops must not stop time."""
    ours, theirs = socket.socketpair()
    connection = Connection(new_session(), PEER)
    with ours, theirs:
        ours.setblocking(False)
        connection.own(ours)
        assert not connection._is_catching_up(1.0)
        theirs.send(b"x")
        connection.hold(held=True)
        assert not connection._is_catching_up(1.0)
        connection.hold(held=False)
        assert not connection._is_catching_up(0.01)
        most = connection_module.MAX_CATCHING_UP
        assert [connection._is_catching_up(1.0) for _ in range(most + 2)] == [True] * most + [False] * 2
        assert not connection._is_catching_up(0.01)
        assert connection._is_catching_up(1.0)
        ours.recv(1)
        theirs.close()
        assert not connection._is_catching_up(1.0)
