"""What an agent has shown about large answers, with times that the test makes up."""

from __future__ import annotations

import pytest

from snmptcp.errors import ConnectionLost, GenErr, RequestTimeout, SnmpError, TooBig
from snmptcp.protocol.answer_sizes import (
    DEFAULT_MAX_REPETITIONS,
    LONGEST_RUN,
    MAX_AHEAD,
    MAX_TRIALS,
    MOST_REPETITIONS,
    RUN_ALONE,
    RUN_BEFORE_GROWTH,
    AnswerSizes,
)

TIMEOUT = 5.0


def able(*, max_message_size: int = 4_194_304) -> AnswerSizes:
    """Return the sizes of an agent that has shown that it can answer 200."""
    sizes = AnswerSizes(max_message_size)
    sizes.proven = MOST_REPETITIONS
    return sizes


def note(
    sizes: AnswerSizes, size: int, seconds: float, *, exact: bool = True, times: int = 1, octets: int = 20
) -> None:
    """Let full answers come, of some octets for each variable."""
    for _ in range(times):
        sizes.note(size, size, octets * size, seconds, TIMEOUT, exact=exact)


def test_the_default_is_allowed_before_the_agent_has_shown_anything() -> None:
    assert AnswerSizes(4_194_304).allowed == DEFAULT_MAX_REPETITIONS


def test_an_answer_may_take_a_quarter_of_the_timeout() -> None:
    sizes = able()

    note(sizes, 25, 0.5)
    assert sizes.allowed == 62
    note(sizes, 62, 0.5)  # it takes no longer: the time is the line's
    assert sizes.allowed == 155
    note(sizes, 155, 0.5)
    assert sizes.allowed == 200
    note(sizes, 25, 3.0)
    assert sizes.allowed == DEFAULT_MAX_REPETITIONS


def test_a_time_that_the_consumer_may_have_spent_makes_nothing_smaller() -> None:
    sizes = able()

    note(sizes, 200, 4.9, exact=False, times=10)

    assert sizes.allowed == 200


def test_whoever_accepts_short_messages_asks_for_as_many_as_fit_with_long_texts() -> None:
    assert able(max_message_size=65_507).allowed == 200
    assert able(max_message_size=16_000).allowed == 50
    assert able(max_message_size=1_472).allowed == DEFAULT_MAX_REPETITIONS


def test_variables_that_are_longer_still_make_requests_smaller() -> None:
    sizes = able(max_message_size=100_000)

    note(sizes, 25, 0.01, octets=500)

    assert sizes.allowed == 100


def test_large_answers_that_take_longer_for_each_variable_are_given_up_after_two() -> None:
    sizes = able()
    note(sizes, 25, 0.05, times=3)

    note(sizes, 200, 0.6)
    assert sizes.allowed == 200
    note(sizes, 200, 0.6)
    assert sizes.allowed == 100


def test_a_slow_answer_between_quick_ones_changes_nothing() -> None:
    sizes = able()
    note(sizes, 25, 0.05, times=3)

    for _ in range(10):
        note(sizes, 200, 0.6)
        note(sizes, 200, 0.06)

    assert sizes.allowed == 200


def test_a_difference_of_milliseconds_is_no_slowness() -> None:
    sizes = able()
    note(sizes, 25, 0.0002, times=3)

    note(sizes, 200, 0.015, times=10)

    assert sizes.allowed == 200


def test_what_was_slow_is_tried_again_after_a_run() -> None:
    sizes = able()
    sizes.cut(60)
    assert sizes.allowed == 60

    note(sizes, 60, 0.01, times=RUN_BEFORE_GROWTH - 1)
    assert sizes.allowed == 60
    note(sizes, 60, 0.01)
    assert sizes.allowed == 120


def test_an_answer_that_was_cut_below_the_default_leaves_the_default() -> None:
    sizes = able()

    sizes.cut(7)

    assert sizes.allowed == DEFAULT_MAX_REPETITIONS


@pytest.mark.parametrize(("error", "allowed"), [(TooBig(1), 100), (GenErr(5), 100), (RequestTimeout(5.0), 25)])
def test_a_refusal_is_remembered_and_longer_each_time(error: SnmpError, allowed: int) -> None:
    sizes = able()
    sizes.refused(200, error)
    assert sizes.allowed == allowed

    note(sizes, 25, 0.01, times=2 * RUN_BEFORE_GROWTH - 1)
    assert sizes.allowed == allowed
    note(sizes, 25, 0.01)
    assert sizes.allowed == allowed * 2

    for _ in range(20):
        note(sizes, 25, 0.01)
        sizes.refused(200, error)
    note(sizes, 25, 0.01, times=LONGEST_RUN)
    assert sizes.allowed == allowed * 2


# ------------------------------------------------------------------------------------------- trials


def test_a_trial_of_all_names_proves_its_size() -> None:
    sizes = AnswerSizes(4_194_304)
    assert sizes.next_trial() == 200

    sizes.tried(200, 200)

    assert sizes.proven == 200
    assert sizes.next_trial() == 0


def test_a_trial_proves_as_much_as_was_compared() -> None:
    sizes = AnswerSizes(4_194_304)
    sizes.tried(200, 100)  # net-snmp's snmpd answers 100
    assert sizes.proven == 100

    short = AnswerSizes(4_194_304)
    short.tried(200, 49)
    assert short.proven == DEFAULT_MAX_REPETITIONS


def test_walks_that_end_within_their_trials_make_no_more_of_them() -> None:
    sizes = AnswerSizes(4_194_304)
    for _ in range(MAX_TRIALS):
        assert sizes.next_trial() == 200
        sizes.tried(200, 30)

    assert sizes.next_trial() == 0


def test_smaller_trials_follow_where_a_smaller_answer_may_help() -> None:
    sizes = AnswerSizes(4_194_304)
    found = []
    while size := sizes.next_trial():
        found.append(size)
        sizes.tried_in_vain(size, again=True)

    assert found == [200, 100, 50]


def test_no_trial_follows_one_that_was_not_answered() -> None:
    sizes = AnswerSizes(4_194_304)

    sizes.tried_in_vain(200, again=False)

    assert sizes.next_trial() == 0


def test_a_trial_that_is_under_way_is_the_only_one() -> None:
    sizes = AnswerSizes(4_194_304)
    sizes.trying = True

    assert sizes.next_trial() == 0


def test_an_agent_that_is_slow_already_is_not_tried() -> None:
    sizes = AnswerSizes(4_194_304)
    note(sizes, 25, 1.0)

    assert sizes.next_trial() == 0


def test_a_trial_probably_takes_half_of_the_timeout_at_most() -> None:
    sizes = AnswerSizes(4_194_304)
    note(sizes, 25, 0.5)

    assert sizes.next_trial() == 2 * int(25 * TIMEOUT / 4 / 0.5)


def test_a_trial_that_takes_as_long_as_many_small_answers_is_worth_it_only_within_a_quarter() -> None:
    sizes = AnswerSizes(4_194_304)
    note(sizes, 25, 0.1)

    assert sizes.is_worth_it(200, 0.99)
    assert not sizes.is_worth_it(200, 1.01)


# ----------------------------------------------------------------------------------------- the line


def measured(small: float, large: float) -> AnswerSizes:
    """Return the sizes of an agent whose answers of 25 and of 200 take these times, in seconds."""
    sizes = able()
    note(sizes, 25, small)
    note(sizes, 200, large)
    return sizes


def test_a_long_line_is_worth_as_many_requests_as_the_agent_answers_meanwhile() -> None:
    assert measured(0.020 + 0.0025, 0.020 + 0.020).ahead(200) == 1  # as long on the line as at the agent
    assert measured(0.080 + 0.0025, 0.080 + 0.020).ahead(200) == 4
    assert measured(0.1, 0.1).ahead(200) == MAX_AHEAD


def test_a_short_line_or_a_slow_agent_is_worth_none() -> None:
    assert measured(0.0004, 0.002).ahead(200) == 0
    assert measured(0.0125, 0.1).ahead(200) == 0
    assert measured(0.025, 0.060).ahead(200) == 0


def test_a_line_is_not_known_before_two_sizes_were_measured() -> None:
    sizes = able()
    assert sizes.ahead(25) == 0
    note(sizes, 25, 0.1)
    assert sizes.ahead(25) == 0
    assert sizes.usual == 0.0


def test_after_a_request_that_was_crowded_out_nothing_is_sent_beside_others_for_longer_each_time() -> None:
    sizes = measured(0.02, 0.021)
    assert sizes.ahead(200) > 0

    for run in (RUN_ALONE, 2 * RUN_ALONE):
        sizes.crowded()
        sizes.crowded()  # a second request of the same crowd
        note(sizes, 25, 0.02, times=run - 1)
        assert sizes.alone
        assert (sizes.ahead(200), sizes.next_trial()) == (0, 0)
        note(sizes, 25, 0.02)
        assert sizes.ahead(200) > 0


def test_requests_that_fail_together_count_as_one_refusal() -> None:
    sizes = able()
    for _ in range(32):
        sizes.refused(200, RequestTimeout(TIMEOUT))

    note(sizes, 25, 0.01, times=2 * RUN_BEFORE_GROWTH)

    assert sizes.allowed == 50


@pytest.mark.parametrize(("answers", "allowed"), [(LONGEST_RUN - 1, DEFAULT_MAX_REPETITIONS), (LONGEST_RUN, 50)])
def test_an_agent_that_closes_twice_at_large_requests_is_sent_no_more_of_them(answers: int, allowed: int) -> None:
    sizes = able()
    lost = ConnectionLost("the agent has closed it")
    sizes.refused(200, lost)
    sizes.refused(200, lost)  # the second request on the same connection
    assert sizes.proven == 200
    note(sizes, 25, 0.01, times=answers)

    sizes.refused(50, lost)
    note(sizes, 25, 0.01, times=4 * RUN_BEFORE_GROWTH)

    assert sizes.allowed == allowed
    if allowed == DEFAULT_MAX_REPETITIONS:
        assert sizes.next_trial() == 0
