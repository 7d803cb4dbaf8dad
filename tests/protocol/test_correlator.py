"""Deadlines and unmatched answers; every exchange ends once."""

from __future__ import annotations

from math import inf

import pytest

from snmptcp.errors import FramingError, RequestTimeout, WrongCommunity
from snmptcp.protocol.correlator import MAX_UNANSWERED, REMEMBERED, TIMER_GRANULARITY, Correlator
from snmptcp.protocol.deadline import Deadline
from snmptcp.protocol.exchange import Exchange
from snmptcp.protocol.ids import FIRST_ID, LAST_ID, LAST_MESSAGE_IDS, RandomIds
from snmptcp.protocol.request import get_request
from snmptcp.protocol.statistics import Statistics

REQUEST = get_request(("1.3.6.1.2.1.1.1.0",))


def begun(correlator: Correlator, deadline: float = 5.0, *, sent: bool = True) -> Exchange:
    exchange = correlator.begin(REQUEST, Deadline(deadline, 5.0))
    exchange.sent = sent
    return exchange


# ----------------------------------------------------------------------------------------- counting


def counted(correlator: Correlator) -> dict[str, int]:
    return {name: value for name, value in correlator.statistics.as_dict().items() if value}


@pytest.mark.parametrize("request_id", [0, 1, -1, -0x80000000, FIRST_ID - 1, 0x2000001, 0x1FFFFFF, LAST_ID])
def test_an_id_that_was_never_given_out_is_unknown(request_id: int) -> None:
    correlator = Correlator(Statistics(), RandomIds(0x2000000))
    begun(correlator)

    correlator.count_unmatched(request_id)

    assert counted(correlator) == {"unknown": 1}


def test_an_answer_to_what_has_been_answered_is_a_duplicate() -> None:
    correlator = Correlator(Statistics(), RandomIds(0x2000000))
    exchange = begun(correlator)
    correlator.end(exchange, (), None)

    correlator.count_unmatched(exchange.request_id)

    assert counted(correlator) == {"duplicates": 1}


def test_the_first_answer_after_a_timeout_is_late_and_the_second_a_duplicate() -> None:
    correlator = Correlator(Statistics(), RandomIds(0x2000000))
    exchange = begun(correlator)
    correlator.expire(5.0)

    correlator.count_unmatched(exchange.request_id)
    correlator.count_unmatched(exchange.request_id)

    assert counted(correlator) == {"timeouts": 1, "late": 1, "duplicates": 1}


def test_an_answer_after_the_caller_went_away_is_late() -> None:
    correlator = Correlator(Statistics(), RandomIds(0x2000000))
    exchange = begun(correlator)
    correlator.abandon(exchange, 5.0)

    correlator.count_unmatched(exchange.request_id)

    assert counted(correlator) == {"abandoned": 1, "late": 1}


def test_an_answer_to_what_was_abandoned_before_it_left_is_not_a_late_one() -> None:
    correlator = Correlator(Statistics(), RandomIds(0x2000000))
    exchange = begun(correlator, sent=False)
    correlator.abandon(exchange, 5.0)

    correlator.count_unmatched(exchange.request_id)

    assert counted(correlator) == {"abandoned": 1, "unknown": 1}


def test_unknown_and_known_ids_are_told_apart_across_the_end_of_the_range() -> None:
    correlator = Correlator(Statistics(), RandomIds(LAST_ID))
    for _ in range(2):
        correlator.end(begun(correlator), (), None)

    for request_id in (LAST_ID - 1, LAST_ID, FIRST_ID, FIRST_ID + 1):
        correlator.count_unmatched(request_id)

    assert counted(correlator) == {"unknown": 2, "duplicates": 2}


def test_only_so_many_unanswered_ids_are_remembered_and_the_newest_of_them() -> None:
    correlator = Correlator(Statistics(), RandomIds(0x2000000))
    exchanges = [begun(correlator) for _ in range(MAX_UNANSWERED + 10)]
    correlator.expire(5.0)

    for exchange in exchanges[10:]:
        correlator.count_unmatched(exchange.request_id)

    assert correlator.statistics.late == MAX_UNANSWERED
    assert correlator.statistics.unknown == correlator.statistics.duplicates == 0
    correlator.count_unmatched(exchanges[0].request_id)
    assert correlator.statistics.late == MAX_UNANSWERED


def test_an_unanswered_id_is_forgotten_some_minutes_after_its_request_has_ended() -> None:
    correlator = Correlator(Statistics(), RandomIds(0x2000000))
    early, late = begun(correlator, 5.0), begun(correlator, 6.0)
    correlator.expire(5.0)
    correlator.expire(6.0)
    correlator.abandon(begun(correlator, 3600.0), 5.5 + REMEMBERED)

    assert correlator.count_unmatched(late.request_id) == 0
    assert correlator.count_unmatched(early.request_id) > 0
    assert counted(correlator) == {"timeouts": 2, "abandoned": 1, "late": 1, "duplicates": 1}


def test_the_end_of_a_request_with_much_time_forgets_no_other() -> None:
    correlator = Correlator(Statistics(), RandomIds(0x2000000))
    exchange = begun(correlator)
    correlator.expire(5.0)
    correlator.abandon(begun(correlator, 1e9), 6.0)

    assert correlator.count_unmatched(exchange.request_id) == 0


def test_a_late_answer_is_known_however_many_requests_were_made_meanwhile() -> None:
    correlator = Correlator(Statistics())
    correlator.has_message_ids = True
    exchange = begun(correlator)
    correlator.expire(5.0)
    for _ in range(2 * LAST_MESSAGE_IDS):
        correlator.end(begun(correlator), (), None)

    correlator.count_unmatched(exchange.message_id)

    assert counted(correlator) == {"timeouts": 1, "late": 1}


# ----------------------------------------------------------------------------------------- deadlines


def test_nothing_is_due_if_nothing_is_pending() -> None:
    correlator = Correlator(Statistics())

    assert correlator.next_deadline() == inf
    assert correlator.expire(1e9) == []


def test_the_next_deadline_is_the_earliest_one() -> None:
    correlator = Correlator(Statistics())
    for deadline in (7.0, 3.0, 5.0):
        begun(correlator, deadline)

    assert correlator.next_deadline() == 3.0


def test_exchanges_expire_at_their_own_deadlines_and_not_before() -> None:
    correlator = Correlator(Statistics())
    seven, three, five = (begun(correlator, deadline) for deadline in (7.0, 3.0, 5.0))

    assert correlator.expire(2.999) == []
    assert correlator.expire(3.0) == [three]
    assert correlator.next_deadline() == 5.0
    assert correlator.expire(6.0) == [five]
    assert correlator.next_deadline() == 7.0
    assert correlator.expire(7.0) == [seven]
    assert correlator.next_deadline() == inf


def test_deadlines_that_lie_close_together_share_a_timer() -> None:
    correlator = Correlator(Statistics())
    begun(correlator, 3.0)
    second = begun(correlator, 3.0 + TIMER_GRANULARITY / 2)
    correlator.expire(3.0)

    assert 3.0 < correlator.next_deadline() <= 3.0 + TIMER_GRANULARITY
    assert correlator.expire(correlator.next_deadline()) == [second]


def test_a_new_exchange_with_an_earlier_deadline_brings_the_timer_forward() -> None:
    correlator = Correlator(Statistics())
    begun(correlator, 3.0)
    begun(correlator, 3.001)
    correlator.expire(3.0)
    urgent = begun(correlator, 3.002)

    assert correlator.next_deadline() <= 3.002
    assert urgent in correlator.expire(3.002)


def test_a_timer_set_for_an_exchange_that_ended_early_expires_nothing_and_moves_on() -> None:
    correlator = Correlator(Statistics())
    first, _ = begun(correlator, 3.0), begun(correlator, 5.0)
    correlator.abandon(first, 1.0)

    assert correlator.expire(3.0) == []
    assert correlator.next_deadline() == 5.0


def test_a_timeout_tells_how_long_it_waited_and_what_was_refused() -> None:
    correlator = Correlator(Statistics())
    silent, refused = begun(correlator), begun(correlator)
    refused.refusal = WrongCommunity()
    correlator.expire(5.0)

    assert isinstance(silent.error, RequestTimeout)
    assert silent.error.timeout == 5.0
    assert silent.error.reason is None
    assert isinstance(refused.error, RequestTimeout)
    assert refused.error.reason is refused.refusal
    assert refused.error.__cause__ is refused.refusal


def test_what_concerns_all_that_expire_is_the_reason_if_no_reply_was_refused() -> None:
    correlator = Correlator(Statistics())
    silent, refused = begun(correlator), begun(correlator)
    refused.refusal = WrongCommunity()
    reason = FramingError("half a message has arrived")
    correlator.expire(5.0, lambda exchange: reason if exchange.sent else None)

    assert isinstance(silent.error, RequestTimeout)
    assert silent.error.reason is silent.error.__cause__ is reason
    assert isinstance(refused.error, RequestTimeout)
    assert refused.error.reason is refused.refusal


def test_what_was_abandoned_does_not_expire_and_is_abandoned_once() -> None:
    correlator = Correlator(Statistics())
    exchange = begun(correlator)
    correlator.abandon(exchange, 5.0)
    correlator.abandon(exchange, 5.0)

    assert correlator.expire(10.0) == []
    assert exchange.ended
    assert exchange.error is None
    assert exchange.varbinds is None
    assert counted(correlator) == {"abandoned": 1}


def test_what_expired_cannot_be_abandoned_any_more() -> None:
    correlator = Correlator(Statistics())
    exchange = begun(correlator)
    correlator.expire(5.0)
    correlator.abandon(exchange, 5.0)

    assert isinstance(exchange.error, RequestTimeout)
    assert counted(correlator) == {"timeouts": 1}


def test_the_looks_for_expired_exchanges_get_rarer_the_more_are_pending() -> None:
    correlator = Correlator(Statistics())
    count = 20_000
    for number in range(count):
        correlator.begin(REQUEST, Deadline(5 + number / count, 5))
    now, looks = 5.0, 0
    while now < 5.5:
        correlator.expire(now)
        looks += 1
        now = correlator.next_deadline()
    assert len(correlator.pending) < 0.6 * count
    assert looks < 50
