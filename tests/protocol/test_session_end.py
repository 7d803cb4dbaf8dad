"""How a session ends, and when its timers come due."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

import pytest

from snmptcp.errors import (
    ClosedError,
    ConnectionLost,
    FramingError,
    MessageTooLarge,
    RequestTimeout,
    SnmpError,
    WrongCommunity,
)
from snmptcp.protocol.correlator import TIMER_GRANULARITY
from snmptcp.protocol.request import get_request
from snmptcp.protocol.session import Closed
from snmptcp.values import OctetString
from tests.support.deadlines import within
from tests.support.wire import answer, close_event, ended_exchanges, new_session, response

if TYPE_CHECKING:
    from snmptcp.protocol.exchange import Exchange
    from snmptcp.protocol.session import Session

NAME = "1.3.6.1.2.1.1.3.0"


def begin(session: Session, now: float = 0.0, timeout: float = 5.0) -> tuple[Exchange, bytes]:
    exchange = session.start(get_request((NAME,)), within(timeout, now), now)
    (octets,) = session.data_to_send()
    return exchange, octets


# ---------------------------------------------------------------------------------- framing is lost

UNFRAMEABLE = {
    "indefinite length": b"\x30\x80",
    "reserved length 0xff": b"\x30\xff",
    "length in 5 octets": b"\x30\x85\x00\x00\x00\x00\x10",
    "length in 127 octets": b"\x30\xfe" + bytes(126),
    "0xff": b"\xff",
    "zero": b"\x00",
    "HTTP": b"HTTP/1.1 400 Bad Request\r\n\r\n",
    "TLS alert": b"\x15\x03\x01\x00\x02\x02\x0a",
    "TLS hello": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc",
    "SSH": b"SSH-2.0-OpenSSH_9.9\r\n",
    "a PDU without its envelope": b"\xa2\x0b\x02\x01\x05",
    "one octet more than the limit": b"\x30\x83\x00\xff\xfc",
    "claims 2 GiB": b"\x30\x84\x7f\xff\xff\xff",
    "claims 4 GiB": b"\x30\x84\xff\xff\xff\xff",
}


@pytest.mark.parametrize("octets", UNFRAMEABLE.values(), ids=UNFRAMEABLE.keys())
def test_a_stream_that_cannot_be_framed_fails_every_pending_request_at_once_with_the_reason(octets: bytes) -> None:
    session = new_session(max_message_size=65536)
    exchanges = [begin(session)[0] for _ in range(3)]

    session.receive_data(octets, 1.0)

    ended, closed = close_event(session)
    assert ended == exchanges
    assert isinstance(closed.reason, FramingError)
    assert session.closed is closed.reason
    assert session.pending == 0
    for exchange in exchanges:
        assert type(exchange.error) is ConnectionLost
        assert exchange.error.__cause__ is closed.reason
        assert str(exchange.error) == str(closed.reason)
    assert len({id(exchange.error) for exchange in exchanges}) == 3
    assert session.statistics.lost == 3


@pytest.mark.parametrize("octets", UNFRAMEABLE.values(), ids=UNFRAMEABLE.keys())
def test_framing_is_lost_as_well_when_the_octets_come_one_by_one(octets: bytes) -> None:
    session = new_session(max_message_size=65536)
    exchange, _ = begin(session)

    for octet in octets:
        session.receive_data(bytes((octet,)), 1.0)

    assert close_event(session)[0] == [exchange]


def test_a_message_that_is_too_large_is_told_with_its_length_and_the_limit() -> None:
    session = new_session(max_message_size=8192)
    exchange, _ = begin(session)

    session.receive_data(b"\x30\x84\x40\x00\x00\x00", 1.0)

    _, closed = close_event(session)
    assert isinstance(closed.reason, MessageTooLarge)
    assert (closed.reason.length, closed.reason.limit) == (0x40000006, 8192)
    assert "8192" in str(exchange.error)
    assert str(0x40000006) in str(exchange.error)


def test_a_message_of_exactly_the_limit_is_taken_and_one_octet_more_is_not() -> None:
    exchange, octets = begin(new_session())
    overhead = len(answer(octets, OctetString(bytes(1000)))) - 1000
    largest = answer(octets, OctetString(bytes(8192 - overhead)))
    larger = answer(octets, OctetString(bytes(8193 - overhead)))
    assert (len(largest), len(larger)) == (8192, 8193)

    session = new_session(max_message_size=8192)
    exchange, _ = begin(session)
    session.receive_data(largest, 1.0)
    assert ended_exchanges(session) == [exchange]
    assert exchange.error is None

    session = new_session(max_message_size=8192)
    exchange, _ = begin(session)
    session.receive_data(larger[:4], 1.0)
    assert close_event(session)[0] == [exchange]


def test_answers_before_the_loss_of_framing_in_the_same_chunk_still_count() -> None:
    session = new_session()
    answered, octets = begin(session)
    lost, _ = begin(session)

    session.receive_data(answer(octets) + b"\x30\x80" + answer(octets), 1.0)

    ended, _ = close_event(session)
    assert ended == [answered, lost]
    assert answered.error is None
    assert answered.varbinds
    assert isinstance(lost.error, ConnectionLost)


def test_what_comes_after_the_loss_of_framing_is_ignored() -> None:
    session = new_session()
    exchange, octets = begin(session)
    session.receive_data(b"\xff", 1.0)
    session.events()
    before = session.statistics.as_dict()

    session.receive_data(answer(octets), 2.0)
    session.receive_data(b"\x30\x80", 2.0)
    session.receive_data(b"\x30", 2.0)

    assert session.events() == []
    assert isinstance(exchange.error, ConnectionLost)
    assert session.statistics.as_dict() == before
    assert session.next_timer() == inf


# ------------------------------------------------------------------------------------ end of stream


def test_the_end_of_the_stream_fails_every_pending_request_with_an_error_of_its_own() -> None:
    session = new_session()
    exchanges = [begin(session)[0] for _ in range(3)]
    cause = ConnectionResetError(104, "Connection reset by peer")
    lost = ConnectionLost("the connection was lost: reset")
    lost.__cause__ = cause

    session.receive_eof(lost)

    ended, closed = close_event(session)
    assert ended == exchanges
    assert closed.reason is lost
    for exchange in exchanges:
        assert type(exchange.error) is ConnectionLost
        assert exchange.error is not lost
        assert str(exchange.error) == "the connection was lost: reset"
        assert exchange.error.__cause__ is cause


def test_a_session_closes_once_and_keeps_its_first_reason() -> None:
    session = new_session()
    begin(session)

    session.receive_data(b"\xff", 1.0)
    session.receive_eof(ConnectionLost("closed"))
    session.receive_eof(ConnectionLost("lost"))
    session.handle_timer(1000.0)

    events = session.events()
    assert [type(event) for event in events].count(Closed) == 1
    assert isinstance(events[-1], Closed)
    assert isinstance(session.closed, FramingError)
    assert session.statistics.lost == 1


def test_the_end_of_an_idle_session_is_told_too() -> None:
    session = new_session()

    session.receive_eof(ConnectionLost("closed"))

    assert close_event(session)[0] == []
    assert session.statistics.lost == 0


def test_the_end_of_the_stream_inside_a_message_ends_the_session() -> None:
    session = new_session()
    exchange, octets = begin(session)

    session.receive_data(answer(octets)[:-1], 1.0)
    session.receive_eof(ConnectionLost("closed"))

    assert close_event(session)[0] == [exchange]
    assert session.next_timer() == inf


def test_the_reason_of_the_owner_reaches_each_of_its_requests_in_an_error_of_its_own() -> None:
    session = new_session()
    exchanges = [begin(session)[0] for _ in range(3)]
    closed = ClosedError("the manager was closed")

    session.receive_eof(closed)

    assert close_event(session)[0] == exchanges
    for exchange in exchanges:
        assert type(exchange.error) is ClosedError
        assert str(exchange.error) == "the manager was closed"
    assert len({id(exchange.error) for exchange in exchanges} | {id(closed)}) == 4


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (ConnectionLost("the agent closed the connection"), ConnectionLost),
        (FramingError("no message", 0, b"\xff"), ConnectionLost),
        (ClosedError("the manager was closed"), ClosedError),
    ],
)
def test_a_request_started_on_a_closed_session_fails_as_an_event(reason: SnmpError, expected: type[SnmpError]) -> None:
    session = new_session()
    session.receive_eof(reason)
    session.events()

    exchange = session.start(get_request((NAME,)), within(5.0, 1.0), 1.0)

    assert exchange.ended
    assert not exchange.sent
    assert session.events() == [exchange]
    assert isinstance(exchange.error, expected)
    assert str(exchange.error) == str(reason)
    assert session.data_to_send() == []
    assert session.pending == 0
    assert session.next_timer() == inf
    assert session.statistics.requests == 0


def test_abandoning_after_the_end_changes_nothing() -> None:
    session = new_session()
    exchange, _ = begin(session)
    session.receive_eof(ConnectionLost("closed"))

    session.abandon(exchange)

    assert close_event(session)[0] == [exchange]
    assert session.statistics.abandoned == 0


def test_an_exchange_that_was_abandoned_is_not_lost_too() -> None:
    session = new_session()
    exchange, _ = begin(session)
    session.abandon(exchange)

    session.receive_eof(ConnectionLost("closed"))

    assert close_event(session)[0] == []
    assert exchange.error is None
    assert (session.statistics.abandoned, session.statistics.lost) == (1, 0)


# ------------------------------------------------------------------------------------------- timers


def test_no_timer_is_set_if_nothing_waits() -> None:
    session = new_session()
    assert session.next_timer() == inf

    exchange, octets = begin(session)
    assert session.next_timer() == 5.0
    session.receive_data(answer(octets), 1.0)
    assert session.next_timer() == inf

    exchange, _ = begin(session)
    session.abandon(exchange)
    assert session.next_timer() == inf


def test_every_request_has_its_own_deadline() -> None:
    session = new_session()
    slow, _ = begin(session, 0.0, 9.0)
    fast, _ = begin(session, 1.0, 0.5)
    middle, _ = begin(session, 1.0, 3.0)

    assert session.next_timer() == 1.5
    session.handle_timer(1.5)
    assert ended_exchanges(session) == [fast]
    assert session.next_timer() == 4.0
    session.handle_timer(4.0)
    assert ended_exchanges(session) == [middle]
    assert session.next_timer() == 9.0
    session.handle_timer(9.0)
    assert ended_exchanges(session) == [slow]
    assert session.next_timer() == inf

    for exchange, timeout in ((slow, 9.0), (fast, 0.5), (middle, 3.0)):
        assert isinstance(exchange.error, RequestTimeout)
        assert exchange.error.timeout == timeout


def test_a_timer_that_runs_too_early_ends_nothing() -> None:
    session = new_session()
    begin(session)

    session.handle_timer(4.999)

    assert session.events() == []
    assert session.pending == 1
    assert session.next_timer() == 5.0


def test_requests_of_one_moment_expire_together() -> None:
    session = new_session()
    exchanges = [begin(session)[0] for _ in range(5)]

    session.handle_timer(session.next_timer())

    assert ended_exchanges(session) == exchanges
    assert session.statistics.timeouts == 5


def test_a_shell_that_always_waits_for_the_next_timer_ends_every_request_close_to_its_deadline() -> None:
    session = new_session()
    deadlines = {}
    for number in range(200):
        exchange, _ = begin(session, 0.0, 1.0 + number * 0.0017)
        deadlines[id(exchange)] = exchange.deadline.at

    steps = 0
    while session.pending:
        now = session.next_timer()
        session.handle_timer(now)
        for exchange in ended_exchanges(session):
            late = now - deadlines.pop(id(exchange))
            assert 0 <= late <= TIMER_GRANULARITY
        steps += 1

    assert not deadlines
    assert steps <= 200 * 0.0017 / TIMER_GRANULARITY + 2


def test_half_a_message_and_silence_ends_the_session_at_the_frame_timeout() -> None:
    session = new_session(frame_timeout=10.0)
    exchange, octets = begin(session, 0.0, 60.0)

    session.receive_data(answer(octets)[:10], 2.0)
    assert session.next_timer() == 12.0
    session.handle_timer(11.999)
    assert session.events() == []
    session.handle_timer(12.0)

    ended, closed = close_event(session)
    assert ended == [exchange]
    assert isinstance(closed.reason, FramingError)
    assert isinstance(exchange.error, ConnectionLost)
    assert exchange.error.__cause__ is closed.reason
    assert "10 s" in str(exchange.error)


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_header_that_stops_half_way_has_its_time_too(length: int) -> None:
    session = new_session(frame_timeout=10.0)

    session.receive_data(b"\x30\x82\x01"[:length], 2.0)

    assert session.next_timer() == 12.0
    session.handle_timer(12.0)
    assert close_event(session)[0] == []


def test_drip_does_not_extend_the_time_of_a_message() -> None:
    session = new_session(frame_timeout=10.0)
    _, octets = begin(session, 0.0, 60.0)

    for second, octet in enumerate(answer(octets)[:9]):
        session.receive_data(bytes((octet,)), float(second))
        assert session.next_timer() == 10.0
    session.handle_timer(10.0)

    close_event(session)


def test_a_complete_message_stops_the_frame_timer() -> None:
    session = new_session(frame_timeout=10.0)
    reply = response(5)

    session.receive_data(reply[:5], 0.0)
    assert session.next_timer() == 10.0
    session.receive_data(reply[5:], 9.0)
    assert session.next_timer() == inf
    session.handle_timer(100.0)

    assert session.closed is None


def test_every_message_has_its_own_time() -> None:
    session = new_session(frame_timeout=10.0)
    reply = response(5)

    session.receive_data(reply[:5], 0.0)
    session.receive_data(reply[5:] + reply[:5], 9.0)
    assert session.next_timer() == 19.0
    session.receive_data(reply[5:] + reply + reply[:1], 18.0)
    assert session.next_timer() == 28.0
    session.receive_data(reply[1:], 27.0)

    assert session.next_timer() == inf
    assert session.closed is None


def test_no_octets_at_all_change_nothing() -> None:
    session = new_session(frame_timeout=10.0)
    session.receive_data(b"", 1.0)
    assert session.next_timer() == inf

    session.receive_data(b"\x30", 2.0)
    session.receive_data(b"", 3.0)
    assert session.next_timer() == 12.0


def test_the_timer_is_the_earlier_of_a_request_and_a_message() -> None:
    session = new_session(frame_timeout=10.0)
    exchange, _ = begin(session, 0.0, 5.0)
    session.receive_data(b"\x30", 1.0)

    assert session.next_timer() == 5.0
    session.handle_timer(5.0)
    assert ended_exchanges(session) == [exchange]
    assert isinstance(exchange.error, RequestTimeout)
    assert session.next_timer() == 11.0


def test_requests_that_are_overdue_at_the_same_moment_time_out_before_the_rest_is_lost() -> None:
    session = new_session(frame_timeout=10.0)
    overdue, _ = begin(session, 0.0, 10.0)
    patient, _ = begin(session, 0.0, 60.0)
    session.receive_data(b"\x30", 0.0)

    session.handle_timer(10.0)

    ended, _ = close_event(session)
    assert ended == [overdue, patient]
    assert isinstance(overdue.error, RequestTimeout)
    assert isinstance(patient.error, ConnectionLost)


@pytest.mark.parametrize("length", [1, 2, 3, 20])
def test_half_an_answer_is_the_reason_of_the_timeout(length: int) -> None:
    session = new_session()
    exchange, octets = begin(session)
    other, _ = begin(session)

    session.receive_data(answer(octets)[:length], 1.0)
    session.handle_timer(5.0)

    assert ended_exchanges(session) == [exchange, other]
    for ended in (exchange, other):  # it might have answered either
        assert isinstance(ended.error, RequestTimeout)
        assert type(ended.error.reason) is FramingError
        assert ended.error.__cause__ is ended.error.reason
        assert "half a message has arrived" in str(ended.error)


def test_a_message_that_is_complete_is_no_reason_of_a_timeout() -> None:
    session = new_session()
    exchange, _ = begin(session)
    reply = answer(begin(session)[1])

    session.receive_data(reply[:10], 1.0)
    session.receive_data(reply[10:], 2.0)
    session.handle_timer(5.0)

    assert isinstance(exchange.error, RequestTimeout)
    assert exchange.error.reason is None


def test_a_reply_that_was_refused_is_a_better_reason_than_half_a_message() -> None:
    session = new_session()
    exchange, octets = begin(session)

    session.receive_data(response(exchange.request_id, community=b"private") + answer(octets)[:10], 1.0)
    session.handle_timer(5.0)

    assert isinstance(exchange.error, RequestTimeout)
    assert isinstance(exchange.error.reason, WrongCommunity)


def test_half_a_message_is_no_reason_for_a_request_that_has_not_left() -> None:
    session = new_session()
    session.receive_data(b"\x30\x20", 0.0)
    exchange = session.start(get_request((NAME,)), within(5.0), 0.0)
    session.handle_timer(5.0)

    assert isinstance(exchange.error, RequestTimeout)
    assert exchange.error.reason is None


def test_a_timeout_does_not_close_the_session() -> None:
    session = new_session()
    begin(session)
    session.handle_timer(5.0)
    session.events()

    exchange, octets = begin(session, 6.0)
    session.receive_data(answer(octets), 7.0)

    assert ended_exchanges(session) == [exchange]
    assert exchange.error is None
