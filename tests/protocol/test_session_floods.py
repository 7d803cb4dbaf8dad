"""A session that gets too much of what it cannot read, or must refuse, ends with that reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.errors import ConnectionLost, DecodeError, LimitExceeded, RequestTimeout, WrongCommunity
from snmptcp.protocol.observer import Observer
from snmptcp.protocol.request import get_request
from snmptcp.values import Integer32
from tests.support.deadlines import within
from tests.support.wire import answer, close_event, ended_exchanges, message, new_session, response, varbinds

if TYPE_CHECKING:
    from snmptcp.protocol.exchange import Exchange
    from snmptcp.protocol.session import Session

NAME = "1.3.6.1.2.1.1.3.0"
JUNK = b"\x30\x00"


def asked(session: Session, now: float = 0.0) -> tuple[Exchange, bytes]:
    exchange = session.start(get_request((NAME,)), within(5.0, now), now)
    (octets,) = session.data_to_send()
    return exchange, octets


def strange(exchange: Exchange) -> bytes:
    """Return an answer to a request that was never made."""
    return response(exchange.request_id ^ 1, varbinds((NAME, Integer32(1))))


def foreign(exchange: Exchange) -> bytes:
    """Return an answer with another community."""
    bindings = varbinds((NAME, Integer32(1)))
    return message(Pdu(PduType.RESPONSE, exchange.request_id, 0, 0, bindings), community=b"x")


def unprotected(exchange: Exchange) -> bytes:
    return JUNK


@pytest.mark.parametrize("bad", [unprotected, foreign, strange])
def test_a_hundred_at_once_end_the_session_with_that_reason(bad) -> None:
    session = new_session()
    exchange, _ = asked(session)
    session.receive_data(bad(exchange) * 99, 0.0)
    assert session.closed is None

    session.receive_data(bad(exchange) * 50, 0.0)

    assert isinstance(session.closed, LimitExceeded)
    ended, _ = close_event(session)
    assert ended == [exchange]
    assert isinstance(exchange.error, ConnectionLost)
    assert str(exchange.error).startswith("closed after 100 unreadable messages; the last: ")
    assert exchange.error.__cause__ is session.closed
    assert session.statistics.floods == 1
    assert session.statistics.malformed + session.statistics.refused + session.statistics.unknown == 100


def test_nothing_behind_the_last_message_is_looked_at() -> None:
    seen: list[bytes] = []

    class Watching(Observer):
        def message_received(self, message: bytes) -> None:
            seen.append(message)

    session = new_session()
    session.observer = Watching()
    session.receive_data(JUNK * 131_072, 0.0, 16_384)
    while session.backlogged:
        session.receive_more(0.0, 16_384)
    assert len(seen) == 100
    session.receive_data(JUNK, 1.0)
    assert len(seen) == 100


def test_an_answer_in_time_makes_up_for_eight() -> None:
    session = new_session()
    for _ in range(200):
        exchange, octets = asked(session)
        session.receive_data(JUNK * 8 + answer(octets), 0.0)
        assert ended_exchanges(session) == [exchange]
        assert exchange.error is None
    assert session.closed is None


def test_one_each_minute_for_months_does_not_end_it() -> None:
    session = new_session()
    for minute in range(60 * 24 * 60):
        session.receive_data(JUNK, minute * 60.0)
    assert session.closed is None


def test_late_answers_do_not_count_and_duplicates_hardly_do() -> None:
    session = new_session()
    requests = [asked(session)[1] for _ in range(500)]
    session.handle_timer(10.0)
    ended_exchanges(session)
    session.receive_data(b"".join(map(answer, requests)), 10.0)
    assert session.statistics.late == 500
    assert session.closed is None
    session.receive_data(b"".join(map(answer, requests)), 10.0)
    assert session.statistics.duplicates == 500
    assert session.closed is None
    session.receive_data(b"".join(map(answer, requests)) * 2, 10.0)
    assert isinstance(session.closed, LimitExceeded)


def test_notifications_that_nothing_takes_count_a_tenth() -> None:
    session = new_session()
    trap = message(Pdu(PduType.TRAP_V2, 1, 0, 0, varbinds((NAME, Integer32(1)))))
    session.receive_data(trap * 900, 0.0)
    assert session.closed is None
    session.receive_data(trap * 200, 0.0)
    assert isinstance(session.closed, LimitExceeded)


def test_what_the_consumer_of_notifications_refuses_counts_too() -> None:
    session = new_session()
    for _ in range(100):
        session.note_refused(100, "unknown community")
    assert "the last: unknown community" in str(session.closed)
    session.note_refused(100, "unknown community")
    assert session.statistics.floods == 1


def test_without_a_limit_it_never_ends() -> None:
    session = new_session(max_unreadable=None)
    session.receive_data(JUNK * 10_000, 0.0)
    assert session.closed is None


def test_what_cannot_be_read_is_the_reason_of_requests_that_had_left_by_then_and_of_no_other() -> None:
    session = new_session()
    before, _ = asked(session)
    session.receive_data(JUNK, 1.0)
    after, _ = asked(session, 2.0)
    assert before.refusal is None
    session.handle_timer(20.0)
    ended_exchanges(session)
    assert isinstance(before.error, RequestTimeout)
    assert isinstance(before.error.reason, DecodeError)
    assert isinstance(after.error, RequestTimeout)
    assert after.error.reason is None


def test_a_refusal_of_its_own_comes_before_what_may_concern_any_request() -> None:
    session = new_session()
    exchange, _ = asked(session)
    session.receive_data(foreign(exchange) + JUNK, 1.0)
    session.handle_timer(20.0)
    assert isinstance(exchange.error, RequestTimeout)
    assert isinstance(exchange.error.reason, WrongCommunity)


def test_the_session_of_the_next_connection_goes_on_with_the_count() -> None:
    first, second = new_session(), new_session()
    asked(first)
    first.receive_data(JUNK * 60, 0.0)

    second.carry(first)
    asked(second)
    second.receive_data(JUNK * 39, 0.0)
    assert second.closed is None
    second.receive_data(JUNK, 0.0)
    assert isinstance(second.closed, LimitExceeded)


@pytest.mark.parametrize("budget", [1, 600, 5000])
def test_messages_that_came_together_are_looked_at_in_parts(budget: int) -> None:
    session = new_session()
    exchanges, requests = zip(*(asked(session) for _ in range(50)), strict=True)
    session.receive_data(b"".join(map(answer, requests)) + b"\x30", 1.0, budget)
    assert session.backlogged
    assert session.next_timer() == 5.0
    ended = ended_exchanges(session)
    while session.backlogged:
        session.receive_more(1.0, budget)
        ended += ended_exchanges(session)
    assert tuple(ended) == exchanges
    assert session.next_timer() == 11.0  # the message that has begun


def test_a_session_that_ends_has_no_backlog() -> None:
    session = new_session()
    session.receive_data(JUNK * 50, 0.0, 1)
    assert session.backlogged
    session.receive_eof(ConnectionLost("gone"))
    assert not session.backlogged
    session.receive_more(0.0)
    assert session.statistics.malformed == 1
