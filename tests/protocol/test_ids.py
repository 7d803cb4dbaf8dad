"""Request-ids: ranges, random series, and which ids were issued."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from itertools import pairwise
from math import gcd
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snmptcp.codec import ber
from snmptcp.errors import ConfigurationError
from snmptcp.protocol import ids as ids_module
from snmptcp.protocol.correlator import Correlator
from snmptcp.protocol.deadline import Deadline
from snmptcp.protocol.exchange import Exchange
from snmptcp.protocol.ids import (
    DRAWN_AT_ONCE,
    FIRST_ID,
    ID_SPAN,
    LAST_ID,
    LAST_MESSAGE_IDS,
    LAST_REQUEST_IDS,
    CountedIds,
    MessageIds,
    RandomIds,
)
from snmptcp.protocol.request import get_request
from snmptcp.protocol.statistics import Statistics
from tests.support.deadlines import within

REQUEST = get_request(("1.3.6.1.2.1.1.1.0",))


def begun(correlator: Correlator, deadline: float = 5.0, *, sent: bool = True) -> Exchange:
    exchange = correlator.begin(REQUEST, Deadline(deadline, 5.0))
    exchange.sent = sent
    return exchange


def test_ids_wrap_around_at_the_end_of_the_range() -> None:
    correlator = Correlator(Statistics(), RandomIds(0x7FFFFFFE))

    ids = [begun(correlator).request_id for _ in range(4)]

    assert ids == [0x7FFFFFFE, 0x7FFFFFFF, 0x01000000, 0x01000001]


def test_both_ends_of_the_range_take_four_octets_in_their_shortest_form() -> None:
    for request_id in (FIRST_ID, LAST_ID):
        assert ber.encode_integer(request_id) == b"\x02\x04" + request_id.to_bytes(4, "big")


def test_an_id_that_is_still_pending_is_passed_over() -> None:
    correlator = Correlator(Statistics(), RandomIds(LAST_ID))
    for taken in (LAST_ID, FIRST_ID, FIRST_ID + 1):
        correlator.pending[taken] = Exchange(REQUEST, taken, within(5.0), taken)

    assert begun(correlator).request_id == FIRST_ID + 2
    assert begun(correlator).request_id == FIRST_ID + 3
    assert len(correlator.pending) == 5


def test_the_first_id_is_random_and_in_range_by_default() -> None:
    ids = {begun(Correlator(Statistics())).request_id for _ in range(20)}

    assert len(ids) > 1
    assert all(FIRST_ID <= request_id <= LAST_ID for request_id in ids)


@pytest.mark.parametrize("first", [0, 1, -1, FIRST_ID - 1, LAST_ID + 1, 0x80000000, 0xFFFFFFFF])
def test_a_first_id_out_of_range_is_refused(first: int) -> None:
    with pytest.raises(ConfigurationError, match=f"a request-id is a number from 16777216 to 2147483647, not {first}"):
        Correlator(Statistics(), RandomIds(first))


@pytest.mark.parametrize("first", [FIRST_ID, LAST_ID])
def test_a_first_id_at_either_end_of_the_range_is_taken(first: int) -> None:
    assert begun(Correlator(Statistics(), RandomIds(first))).request_id == first


# ------------------------------------------------------------------------------------ random series


def series(first: int, step: int) -> Correlator:
    """Return a correlator whose random series is this one."""
    ids = RandomIds(first)
    ids._step = step
    return Correlator(Statistics(), ids)


#: Steps have no divisor in common with the number of ids, which is 127 * 2**24.
STEPS = st.integers(0, ID_SPAN // 2 - 1).map(lambda half: 2 * half + 1).filter(lambda step: step % 127)
FIRSTS = st.integers(FIRST_ID, LAST_ID) | st.integers(LAST_ID - 3, LAST_ID) | st.integers(FIRST_ID, FIRST_ID + 3)


def test_the_step_of_a_random_series_never_shares_a_divisor_with_the_number_of_ids() -> None:
    steps = set()
    for _ in range(2000):  # one odd number in 127 would share one
        first, step = ids_module._random_series()
        assert FIRST_ID <= first <= LAST_ID
        assert 0 < step < ID_SPAN
        assert gcd(step, ID_SPAN) == 1
        steps.add(step)

    assert len(steps) > 1000


def test_a_step_that_would_miss_some_ids_is_replaced() -> None:
    with patch.object(os, "urandom", return_value=((127 * 1001 - 0x10001) // 2).to_bytes(8, "big")):
        step = ids_module._random_series()[1]

    assert step == 127 * 1001 + 2
    assert gcd(step, ID_SPAN) == 1


def test_a_random_step_is_never_so_small_that_a_wrong_id_meets_the_next_request() -> None:
    for _ in range(2000):
        _, step = ids_module._random_series()
        assert 0x10000 < step < ID_SPAN - 0x10000


def test_every_id_of_a_long_run_of_random_steps_is_different_and_in_range() -> None:
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
        correlator.pending[expected[number]] = Exchange(REQUEST, expected[number], within(5.0), expected[number])

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
        correlator.abandon(exchange, 0.0)
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
    """Return the growth of each counter that has grown."""
    after = correlator.statistics.as_dict()
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}


# -------------------------------------------------------------------------------------------- msgIDs


def test_neither_msg_ids_nor_request_ids_follow_the_programs_own_random_numbers() -> None:
    taken = []
    for _ in range(2):
        random.seed(24)
        ids, message_ids = RandomIds(), MessageIds()
        taken.append(([ids.take(()) for _ in range(5)], [message_ids.take(()) for _ in range(5)]))

    assert taken[0][0] != taken[1][0]
    assert taken[0][1] != taken[1][1]


def test_each_msg_id_is_random_and_four_octets_long_in_its_shortest_form() -> None:
    ids = MessageIds()
    taken = [ids.take(()) for _ in range(2000)]

    assert all(ber.encode_integer(message_id) == b"\x02\x04" + message_id.to_bytes(4, "big") for message_id in taken)
    for bit in range(30):  # 2000 bits that are all alike come by chance once in 2**1999 runs
        assert len({message_id >> bit & 1 for message_id in taken}) == 2
    assert len({after - before for before, after in pairwise(taken)}) > 1900


def test_a_msg_id_that_is_pending_is_not_taken_again() -> None:
    ids_module._drawn.clear()
    numbers = [0x41000000, 0x41000000, 0x42000000]
    with patch.object(os, "urandom", side_effect=[number.to_bytes(4, "big") for number in numbers]):
        ids = MessageIds()
        first = ids.take(())
        assert ids.take({first}) == 0x42000000


#: Takes msgIDs, forks twice and tells those of all three, one process a line.  In a process of its own, because a
#: process with threads, as a test run may be, must not fork.
FORKING = """
import os
from snmptcp.protocol.ids import MessageIds
ids = MessageIds()
ids.take(())
def tell():
    os.write(1, (" ".join(str(ids.take(())) for _ in range(50)) + chr(10)).encode())
for _ in range(2):
    child = os.fork()
    if child == 0:
        tell()
        os._exit(0)
    os.waitpid(child, 0)
tell()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_forked_process_does_not_repeat_the_msg_ids_of_its_parent_or_sibling() -> None:
    told = subprocess.run(
        [sys.executable, "-c", FORKING], check=True, capture_output=True, text=True, timeout=30
    ).stdout.splitlines()

    assert [len(line.split()) for line in told] == [50, 50, 50]
    assert len(set(" ".join(told).split())) > 140  # some may be equal by chance, hardly ever two


def test_msg_ids_are_not_repeated_when_those_drawn_at_once_are_used_up() -> None:
    ids = MessageIds()
    taken = [ids.take(()) for _ in range(3 * DRAWN_AT_ONCE)]

    assert len(set(taken)) > len(taken) - 3


@pytest.mark.parametrize(("ids", "most"), [(MessageIds(), LAST_MESSAGE_IDS), (CountedIds(), LAST_REQUEST_IDS)])
def test_the_last_ids_are_remembered_and_no_more(ids: MessageIds | CountedIds, most: int) -> None:
    taken = [ids.take(()) for _ in range(most + 10)]

    assert all(map(ids.was_issued, taken[10:]))
    assert not any(map(ids.was_issued, taken[:10]))


def test_an_id_that_is_set_again_is_remembered_once() -> None:
    ids = CountedIds()
    for _ in range(3):
        ids.next_id = 5
        assert ids.take(()) == 5
    assert ids.was_issued(5)
    for _ in range(LAST_REQUEST_IDS):
        ids.take(())
    assert not ids.was_issued(5)


def test_remembered_ids_take_four_octets_each() -> None:
    ids = MessageIds()
    for _ in range(3 * LAST_MESSAGE_IDS):
        ids.take(())

    assert len(ids._issued._octets) == 4 * LAST_MESSAGE_IDS


def test_the_end_of_one_remembered_id_and_the_beginning_of_the_next_are_no_id() -> None:
    ids = CountedIds()
    for ids.next_id in (0x01020304, 0x05060708, 0x02030405):
        assert not ids.was_issued(0x02030405)
        ids.take(())

    assert ids.was_issued(0x02030405)
    assert not any(map(ids.was_issued, (0x03040506, 0x04050607, -1, 1 << 40)))
