"""Request-ids, deadlines and counters; every exchange ends once."""

from __future__ import annotations

import ast
import random
import re
from math import gcd, inf
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snmptcp.codec import ber
from snmptcp.errors import ConfigurationError, FramingError, RequestTimeout, WrongCommunity
from snmptcp.protocol import correlator as correlator_module
from snmptcp.protocol.correlator import (
    FIRST_ID,
    ID_SPAN,
    LAST_ID,
    MAX_REMEMBERED,
    TIMER_GRANULARITY,
    Correlator,
    Exchange,
    Statistics,
)
from snmptcp.protocol.request import get_request

REQUEST = get_request(("1.3.6.1.2.1.1.1.0",))


def begun(correlator: Correlator, deadline: float = 5.0, *, sent: bool = True) -> Exchange:
    exchange = correlator.begin(REQUEST, 5.0, deadline)
    exchange.sent = sent
    return exchange


# ---------------------------------------------------------------------------------------------- ids


def test_ids_wrap_around_at_the_end_of_the_range() -> None:
    correlator = Correlator(Statistics(), 0x7FFFFFFE)

    ids = [begun(correlator).request_id for _ in range(4)]

    assert ids == [0x7FFFFFFE, 0x7FFFFFFF, 0x01000000, 0x01000001]


def test_both_ends_of_the_range_take_four_octets_in_their_shortest_form() -> None:
    for request_id in (FIRST_ID, LAST_ID):
        assert ber.encode_integer(request_id) == b"\x02\x04" + request_id.to_bytes(4, "big")


def test_an_id_that_is_still_pending_is_passed_over() -> None:
    correlator = Correlator(Statistics(), LAST_ID)
    for taken in (LAST_ID, FIRST_ID, FIRST_ID + 1):
        correlator.pending[taken] = Exchange(REQUEST, taken, 5.0, 5.0)

    assert begun(correlator).request_id == FIRST_ID + 2
    assert begun(correlator).request_id == FIRST_ID + 3
    assert len(correlator.pending) == 5


def test_the_first_id_is_random_and_in_range_where_none_is_given() -> None:
    random.seed(20)
    ids = {begun(Correlator(Statistics())).request_id for _ in range(20)}

    assert len(ids) > 1
    assert all(FIRST_ID <= request_id <= LAST_ID for request_id in ids)


@pytest.mark.parametrize("first", [0, 1, -1, FIRST_ID - 1, LAST_ID + 1, 0x80000000, 0xFFFFFFFF])
def test_a_first_id_out_of_range_is_refused(first: int) -> None:
    with pytest.raises(ConfigurationError, match=f"a request-id is a number from 16777216 to 2147483647, not {first}"):
        Correlator(Statistics(), first)


@pytest.mark.parametrize("first", [FIRST_ID, LAST_ID])
def test_a_first_id_at_either_end_of_the_range_is_taken(first: int) -> None:
    assert begun(Correlator(Statistics(), first)).request_id == first


# ------------------------------------------------------------------------------------ random series


def series(first: int, step: int) -> Correlator:
    """Return a correlator whose random series is this one."""
    with patch.object(random, "randint", return_value=first), patch.object(random, "randrange", return_value=step):
        return Correlator(Statistics())


#: Steps have no divisor in common with the number of ids, which is 127 * 2**24.
STEPS = st.integers(0, ID_SPAN // 2 - 1).map(lambda half: 2 * half + 1).filter(lambda step: step % 127)
FIRSTS = st.integers(FIRST_ID, LAST_ID) | st.integers(LAST_ID - 3, LAST_ID) | st.integers(FIRST_ID, FIRST_ID + 3)


def test_the_step_of_a_random_series_never_shares_a_divisor_with_the_number_of_ids() -> None:
    random.seed(21)
    steps = set()
    for _ in range(2000):  # one odd number in 127 would share one
        first, step = correlator_module._random_series()
        assert FIRST_ID <= first <= LAST_ID
        assert 0 < step < ID_SPAN
        assert gcd(step, ID_SPAN) == 1
        steps.add(step)

    assert len(steps) > 1000


def test_a_step_that_would_miss_some_ids_is_replaced() -> None:
    with patch.object(random, "randrange", return_value=127 * 1001):
        step = correlator_module._random_series()[1]

    assert step == 127 * 1001 + 2
    assert gcd(step, ID_SPAN) == 1


def test_a_random_step_is_never_so_small_that_a_wrong_id_meets_the_next_request() -> None:
    for _ in range(2000):
        _, step = correlator_module._random_series()
        assert 0x10000 < step < ID_SPAN - 0x10000


def test_every_id_of_a_long_run_of_random_steps_is_different_and_in_range() -> None:
    random.seed(22)
    for _ in range(3):
        correlator = Correlator(Statistics())
        ids = set()
        for _ in range(20_000):
            exchange = begun(correlator)
            ids.add(exchange.request_id)
            correlator.end(exchange, (), None)

        assert len(ids) == 20_000
        assert FIRST_ID <= min(ids) < max(ids) <= LAST_ID


def test_two_random_series_take_different_steps() -> None:
    random.seed(23)
    distances = set()
    for _ in range(10):
        correlator = Correlator(Statistics())
        distances.add((begun(correlator).request_id - begun(correlator).request_id) % ID_SPAN)

    assert len(distances) > 1


@given(first=FIRSTS, step=STEPS)
def test_a_series_wraps_around_inside_its_range(first: int, step: int) -> None:
    correlator = series(first, step)

    ids = [begun(correlator).request_id for _ in range(20)]

    assert ids == [FIRST_ID + (first - FIRST_ID + number * step) % ID_SPAN for number in range(20)]
    assert len(set(ids)) == 20


@given(first=FIRSTS, step=STEPS, taken=st.sets(st.integers(0, 9), max_size=8))
def test_a_series_passes_over_ids_that_are_still_pending(first: int, step: int, taken: set[int]) -> None:
    expected = [FIRST_ID + (first - FIRST_ID + number * step) % ID_SPAN for number in range(10)]
    correlator = series(first, step)
    for number in taken:
        correlator.pending[expected[number]] = Exchange(REQUEST, expected[number], 5.0, 5.0)

    ids = [begun(correlator).request_id for _ in range(10 - len(taken))]

    assert ids == [expected[number] for number in range(10) if number not in taken]


#: How an exchange ended, and how its first and its second answer after that are counted.
FATES = {
    "answered": ("duplicates", "duplicates"),
    "expired": ("late", "duplicates"),
    "abandoned": ("late", "duplicates"),
    "expired unsent": ("unknown", "duplicates"),
    "abandoned unsent": ("unknown", "duplicates"),
}


def meet(correlator: Correlator, fate: str) -> int:
    """Begin an exchange and end it in one of the ways there are; return its id."""
    exchange = begun(correlator, 5.0, sent=not fate.endswith("unsent"))
    if fate == "answered":
        correlator.end(exchange, (), None)
    elif fate.startswith("expired"):
        assert correlator.expire(5.0) == [exchange]
    else:
        correlator.abandon(exchange)
    return exchange.request_id


@settings(max_examples=150, deadline=None)
@given(first=FIRSTS, step=STEPS, fates=st.lists(st.sampled_from(sorted(FATES)), min_size=1, max_size=30))
def test_answers_are_classified_right_whatever_the_series(first: int, step: int, fates: list[str]) -> None:
    correlator = series(first, step)
    ids = [meet(correlator, fate) for fate in fates]

    for request_id, fate in zip(ids, fates, strict=True):
        before = correlator.statistics.as_dict()
        correlator.count_unmatched(request_id)
        assert changed(correlator, before) == {FATES[fate][0]: 1}
    for neighbour in (-1, len(ids), len(ids) + 1):
        before = correlator.statistics.as_dict()
        correlator.count_unmatched(FIRST_ID + (first - FIRST_ID + neighbour * step) % ID_SPAN)
        assert changed(correlator, before) == {"unknown": 1}


@settings(max_examples=150, deadline=None)
@given(first=FIRSTS, step=STEPS, count=st.integers(1, 30), request_id=st.integers(-0x80000000, 0x7FFFFFFF))
def test_any_other_id_is_unknown_whatever_the_series(first: int, step: int, count: int, request_id: int) -> None:
    correlator = series(first, step)
    ids = {meet(correlator, "expired") for _ in range(count)}

    correlator.count_unmatched(request_id)

    assert correlator.statistics.late == (request_id in ids)
    assert correlator.statistics.unknown == (request_id not in ids)
    assert correlator.statistics.duplicates == 0


def changed(correlator: Correlator, before: dict[str, int]) -> dict[str, int]:
    """Return by how much each counter has grown, where it has."""
    after = correlator.statistics.as_dict()
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}


# ----------------------------------------------------------------------------------------- counting


def counted(correlator: Correlator) -> dict[str, int]:
    return {name: value for name, value in correlator.statistics.as_dict().items() if value}


@pytest.mark.parametrize("request_id", [0, 1, -1, -0x80000000, FIRST_ID - 1, 0x2000001, 0x1FFFFFF, LAST_ID])
def test_an_id_that_was_never_given_out_is_unknown(request_id: int) -> None:
    correlator = Correlator(Statistics(), 0x2000000)
    begun(correlator)

    correlator.count_unmatched(request_id)

    assert counted(correlator) == {"unknown": 1}


def test_an_answer_to_what_has_been_answered_is_a_duplicate() -> None:
    correlator = Correlator(Statistics(), 0x2000000)
    exchange = begun(correlator)
    correlator.end(exchange, (), None)

    correlator.count_unmatched(exchange.request_id)

    assert counted(correlator) == {"duplicates": 1}


def test_the_first_answer_after_a_timeout_is_late_and_the_second_a_duplicate() -> None:
    correlator = Correlator(Statistics(), 0x2000000)
    exchange = begun(correlator)
    correlator.expire(5.0)

    correlator.count_unmatched(exchange.request_id)
    correlator.count_unmatched(exchange.request_id)

    assert counted(correlator) == {"timeouts": 1, "late": 1, "duplicates": 1}


def test_an_answer_after_the_caller_went_away_is_late() -> None:
    correlator = Correlator(Statistics(), 0x2000000)
    exchange = begun(correlator)
    correlator.abandon(exchange)

    correlator.count_unmatched(exchange.request_id)

    assert counted(correlator) == {"abandoned": 1, "late": 1}


def test_an_answer_to_what_was_abandoned_before_it_left_is_not_a_late_one() -> None:
    correlator = Correlator(Statistics(), 0x2000000)
    exchange = begun(correlator, sent=False)
    correlator.abandon(exchange)

    correlator.count_unmatched(exchange.request_id)

    assert counted(correlator) == {"abandoned": 1, "unknown": 1}


def test_unknown_and_known_ids_are_told_apart_across_the_end_of_the_range() -> None:
    correlator = Correlator(Statistics(), LAST_ID)
    for _ in range(2):
        correlator.end(begun(correlator), (), None)

    for request_id in (LAST_ID - 1, LAST_ID, FIRST_ID, FIRST_ID + 1):
        correlator.count_unmatched(request_id)

    assert counted(correlator) == {"unknown": 2, "duplicates": 2}


def test_only_so_many_unanswered_ids_are_remembered_and_the_newest_of_them() -> None:
    correlator = Correlator(Statistics(), 0x2000000)
    exchanges = [begun(correlator) for _ in range(MAX_REMEMBERED + 10)]
    correlator.expire(5.0)

    for exchange in exchanges[10:]:
        correlator.count_unmatched(exchange.request_id)

    assert correlator.statistics.late == MAX_REMEMBERED
    assert correlator.statistics.unknown == correlator.statistics.duplicates == 0
    correlator.count_unmatched(exchanges[0].request_id)
    assert correlator.statistics.late == MAX_REMEMBERED


# ----------------------------------------------------------------------------------------- deadlines


def test_nothing_is_due_where_nothing_is_pending() -> None:
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
    correlator.abandon(first)

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


def test_what_concerns_all_that_expire_is_the_reason_where_no_reply_was_refused() -> None:
    correlator = Correlator(Statistics())
    silent, refused = begun(correlator), begun(correlator)
    refused.refusal = WrongCommunity()
    reason = FramingError("half a message has arrived")
    correlator.expire(5.0, reason)

    assert isinstance(silent.error, RequestTimeout)
    assert silent.error.reason is silent.error.__cause__ is reason
    assert isinstance(refused.error, RequestTimeout)
    assert refused.error.reason is refused.refusal


def test_what_was_abandoned_does_not_expire_and_is_abandoned_once() -> None:
    correlator = Correlator(Statistics())
    exchange = begun(correlator)
    correlator.abandon(exchange)
    correlator.abandon(exchange)

    assert correlator.expire(10.0) == []
    assert exchange.ended
    assert exchange.error is None
    assert exchange.varbinds is None
    assert counted(correlator) == {"abandoned": 1}


def test_what_expired_cannot_be_abandoned_any_more() -> None:
    correlator = Correlator(Statistics())
    exchange = begun(correlator)
    correlator.expire(5.0)
    correlator.abandon(exchange)

    assert isinstance(exchange.error, RequestTimeout)
    assert counted(correlator) == {"timeouts": 1}


# ---------------------------------------------------------------------------------------- statistics


def test_statistics_begin_at_zero_and_are_told_by_name() -> None:
    counters = Statistics().as_dict()

    assert {"requests", "responses", "octets_received"} <= set(counters)
    assert list(counters) == sorted(counters)
    assert set(counters.values()) == {0}


def test_the_text_of_statistics_shows_what_is_not_zero() -> None:
    statistics = Statistics()
    assert repr(statistics) == "Statistics()"

    statistics.late = 2
    statistics.requests = 5

    assert repr(statistics) == "Statistics(late=2, requests=5)"


def test_every_counter_is_documented() -> None:
    # From the source, which lies beside a compiled module too: that has no docstrings.
    source = Path(correlator_module.__file__).with_name("correlator.py").read_text(encoding="utf-8")
    classes = {node.name: node for node in ast.parse(source).body if isinstance(node, ast.ClassDef)}
    documented = re.findall(r"^    (\w+): ", ast.get_docstring(classes["Statistics"]) or "", re.MULTILINE)
    assert set(documented) == set(Statistics().as_dict())
