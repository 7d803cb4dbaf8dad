"""How many names one request of a walk asks for: less after failures, more after full answers."""

from __future__ import annotations

import pytest

from snmptcp.errors import (
    AuthorizationError,
    BrokenVariable,
    ConnectionLost,
    GenErr,
    NoSuchName,
    RequestTimeout,
    ResponseMismatch,
    SnmpError,
    TooBig,
)
from snmptcp.oid import OID
from snmptcp.protocol.answer_sizes import RUN_BEFORE_GROWTH, AnswerSizes
from snmptcp.protocol.repetitions import FULL_ANSWERS_BEFORE_TRIAL, MAX_PARDONED, GrowingControl, RepetitionControl

NAME = OID("1.3.6.1.2.1.2.2.1.1.7")


def test_the_repetitions_grow_again_one_step_below_what_failed() -> None:
    control = RepetitionControl(25)
    control.succeeded()
    control.failed(control.repetitions, TooBig(1))
    assert control.repetitions == 12

    control.succeeded()

    assert control.repetitions == 24


def test_a_run_of_answers_makes_the_failed_size_worth_trying_again() -> None:
    control = RepetitionControl(25)
    control.succeeded()
    control.failed(control.repetitions, TooBig(1))
    sizes = []
    for _ in range(RUN_BEFORE_GROWTH + 1):
        control.succeeded()
        sizes.append(control.repetitions)

    assert set(sizes[:-2]) == {24}
    assert control.repetitions == 25


def test_get_bulk_is_tried_again_after_a_run_if_it_has_worked_before() -> None:
    control = RepetitionControl(8)
    control.succeeded()
    while control.repetitions:
        assert control.failed(control.repetitions, TooBig(1))
    for _ in range(2 * RUN_BEFORE_GROWTH):
        control.succeeded()

    assert 0 < control.repetitions <= 8


@pytest.mark.parametrize("maximum", [0, 1, 2, 25, 0x7FFFFFFF])
def test_the_repetitions_stay_between_nothing_and_the_maximum(maximum: int) -> None:
    control = RepetitionControl(maximum)
    errors = (TooBig(1), GenErr(5), RequestTimeout(5.0), NoSuchName(2), ResponseMismatch(""), AuthorizationError(16))
    for step in range(2000):
        if step * step % 7 == 3:
            before = control.repetitions
            if control.failed(control.repetitions, errors[step % len(errors)]):
                assert control.repetitions < before
            else:
                assert control.repetitions == before
        else:
            control.succeeded()
        assert 0 <= control.repetitions <= maximum


def test_failures_alone_always_come_to_an_end() -> None:
    for error in (TooBig(1), GenErr(5), RequestTimeout(5.0), NoSuchName(2), ResponseMismatch("")):
        control = RepetitionControl(0x7FFFFFFF)
        control.succeeded()
        count = 0
        while control.failed(control.repetitions, error):
            count += 1
        assert count <= 31


# ------------------------------------------------------------------------------------------- growing


def growing(proven: int = 200, most: int = 200) -> GrowingControl:
    """Return a control of an agent that has shown what it can answer."""
    sizes = AnswerSizes(4_194_304)
    sizes.proven = proven
    return GrowingControl(sizes, most)


def answer(control: GrowingControl, got: int | None = None) -> int:
    """Let an answer come, full unless its size is given; return the number of the next request."""
    asked = control.repetitions
    control.succeeded()
    control.answered(asked, asked if got is None else got)
    return control.repetitions


def test_full_answers_double_the_request_up_to_what_the_agent_has_shown() -> None:
    control = growing(proven=130)

    assert [control.repetitions, *(answer(control) for _ in range(4))] == [25, 50, 100, 130, 130]


def test_nothing_grows_as_long_as_the_agent_has_shown_nothing() -> None:
    control = growing(proven=25)

    assert {answer(control) for _ in range(50)} == {25}


def test_no_request_asks_for_more_than_the_rows_of_a_table_that_are_wanted() -> None:
    control = growing(most=40)

    assert [answer(control) for _ in range(3)] == [40, 40, 40]
    assert answer(growing(most=3)) == 25


def test_a_walk_asks_for_50_while_a_large_answer_is_compared() -> None:
    control = growing(proven=25)
    for _ in range(FULL_ANSWERS_BEFORE_TRIAL):
        answer(control)
    trial = control.begin_trial(NAME, 25, None)
    assert trial is not None
    assert answer(control) == 25

    trial.receive((), 0.001)
    assert trial.ended  # an empty answer is compared at once
    assert answer(control) == 25


def test_a_cut_answer_is_remembered_and_asked_for_as_long_as_it_was() -> None:
    control = growing()
    answer(control)
    answer(control)
    assert control.repetitions == 100

    assert answer(control, got=60) == 60
    assert [answer(other) for other in [growing()]] == [50]
    following = GrowingControl(control.sizes, 200)
    assert [answer(following) for _ in range(3)] == [50, 60, 60]


@pytest.mark.parametrize("error", [TooBig(1), GenErr(5)])
def test_a_large_request_that_fails_is_asked_again_with_the_default_and_then_with_half(error: SnmpError) -> None:
    control = growing()
    while answer(control) < 200:
        pass

    assert control.failed(200, error)

    assert control.repetitions == 25
    assert [answer(control) for _ in range(4)] == [50, 100, 100, 100]


def test_a_large_request_without_an_answer_costs_no_more_waits_than_one_of_the_default() -> None:
    control, fixed = growing(), RepetitionControl(25)
    fixed.succeeded()
    while answer(control) < 200:
        pass

    for one in (control, fixed):
        waits = 0
        while one.failed(one.repetitions, RequestTimeout(5.0)):
            waits += 1
        assert waits == 3


def test_a_broken_variable_in_a_large_answer_is_asked_for_alone_and_says_nothing_of_the_size() -> None:
    control = growing()
    while answer(control) < 200:
        pass

    assert control.failed(200, BrokenVariable("broken", 0, b"", (), ((0, None),)))

    assert control.repetitions == 0
    assert control.sizes.allowed == 200


def test_an_error_that_no_size_helps_against_stays_one() -> None:
    control = growing()
    answer(control)

    assert not control.failed(50, AuthorizationError(16))


def test_a_trial_begins_after_full_answers_and_once_at_a_time() -> None:
    control = growing(proven=25)
    assert control.begin_trial(NAME, 25, None) is None
    for _ in range(FULL_ANSWERS_BEFORE_TRIAL):
        answer(control)

    assert control.begin_trial(NAME, 12, None) is None  # the walk has trouble already
    assert control.begin_trial(NAME, 25, 199) is None  # it would exceed the limit
    trial = control.begin_trial(NAME, 25, 200)
    assert trial is not None
    assert trial.request().max_repetitions == 200
    assert trial.request().names == (NAME,)
    assert control.begin_trial(NAME, 25, None) is None
    assert GrowingControl(control.sizes, 200).begin_trial(NAME, 25, None) is None


def test_nothing_is_looked_ahead_for_while_a_walk_has_trouble_or_a_trial() -> None:
    control = growing()
    control.sizes.note(25, 25, 600, 0.1, 5.0, exact=True)
    control.sizes.note(200, 200, 5000, 0.1, 5.0, exact=True)
    assert control.ahead > 0

    control.sizes.trying = True
    assert control.ahead == 0
    control.sizes.trying = False
    control.failed(25, TooBig(1))
    assert control.ahead == 0


@pytest.mark.parametrize("error", [RequestTimeout(5.0), ConnectionLost("the agent has closed it")], ids=repr)
def test_what_fails_while_the_agent_may_be_busy_with_a_trial_is_asked_again_a_limited_number_of_times(
    error: SnmpError,
) -> None:
    control = growing(proven=25)
    for _ in range(FULL_ANSWERS_BEFORE_TRIAL):
        answer(control)
    trial = control.begin_trial(NAME, 25, None)
    assert trial is not None
    trial.refuse(again=False)

    for _ in range(MAX_PARDONED):
        assert control.failed(25, error)
        assert control.repetitions == 25

    assert control.failed(25, error) == isinstance(error, RequestTimeout)
    assert (control.repetitions == 25) == isinstance(error, ConnectionLost)


def test_a_connection_that_ends_after_an_answered_trial_is_the_walks_own_affair() -> None:
    control = growing(proven=25)
    for _ in range(FULL_ANSWERS_BEFORE_TRIAL):
        answer(control)
    trial = control.begin_trial(NAME, 25, None)
    assert trial is not None
    trial.refuse(again=True)

    assert not control.failed(25, ConnectionLost("the agent has closed it"))


def test_a_large_request_at_which_the_agent_closes_the_connection_is_asked_again_with_the_default() -> None:
    control = growing()
    while answer(control) < 200:
        pass

    assert control.failed(200, ConnectionLost("the agent has closed it"))

    assert control.repetitions == 25
    assert answer(control) == 25
