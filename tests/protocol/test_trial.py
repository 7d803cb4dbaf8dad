"""A large answer beside small ones: the same names, or others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.oid import OID
from snmptcp.protocol.answer_sizes import AnswerSizes
from snmptcp.protocol.trial import Trial
from snmptcp.values import EndOfMibView, Integer32, VarBind

if TYPE_CHECKING:
    from collections.abc import Iterable

COLUMN = OID("1.3.6.1.2.1.2.2.1.1")


def rows(numbers: Iterable[int]) -> tuple[VarBind, ...]:
    return tuple(VarBind(COLUMN + number, Integer32(number)) for number in numbers)


def begun(size: int = 200) -> tuple[AnswerSizes, Trial]:
    """Return a trial that has begun, and what it tells."""
    sizes = AnswerSizes(4_194_304)
    return sizes, Trial(sizes, COLUMN, size)


def test_a_large_answer_with_the_names_of_the_small_ones_proves_its_size() -> None:
    sizes, trial = begun()
    trial.follow(rows(range(1, 26)))
    trial.receive(rows(range(1, 201)), 0.01)
    for first in range(26, 176, 25):
        trial.follow(rows(range(first, first + 25)))
        assert not trial.ended
        assert trial.answered

    trial.follow(rows(range(176, 226)))

    assert trial.ended
    assert not trial.answered
    assert (sizes.proven, sizes.trying) == (200, False)


def test_a_large_answer_that_skips_a_row_proves_nothing() -> None:
    sizes, trial = begun()
    trial.receive(rows([*range(1, 56), *range(57, 201)]), 0.01)
    trial.follow(rows(range(1, 51)))
    assert not trial.ended

    trial.follow(rows(range(51, 101)))

    assert trial.ended
    assert sizes.proven == 25
    assert sizes.next_trial() == 100


def test_an_answer_that_was_cut_proves_what_it_has() -> None:
    sizes, trial = begun()
    trial.follow(rows(range(1, 101)))

    trial.receive(rows(range(1, 81)), 0.01)

    assert sizes.proven == 80


def test_an_answer_that_is_later_than_as_many_small_ones_is_not_waited_for() -> None:
    sizes, trial = begun()
    for first in range(1, 201, 25):
        trial.follow(rows(range(first, first + 25)))

    assert trial.ended
    assert sizes.next_trial() == 0

    trial.receive(rows(range(1, 201)), 9.0)  # too late
    assert sizes.proven == 25


def test_an_answer_that_takes_longer_for_each_variable_is_tried_with_half() -> None:
    sizes, trial = begun()
    sizes.note(25, 25, 500, 0.05, 5.0, exact=True)

    trial.receive(rows(range(1, 201)), 0.6)

    assert trial.ended
    assert sizes.next_trial() == 100


def test_a_trial_counts_as_far_as_a_walk_has_come() -> None:
    sizes, trial = begun()
    trial.receive(rows(range(1, 201)), 0.01)
    trial.follow(rows(range(1, 91)))

    trial.leave()
    trial.leave()

    assert sizes.proven == 90
    assert not sizes.trying


def test_a_trial_that_ends_before_its_answer_proves_nothing() -> None:
    sizes, trial = begun()
    trial.follow(rows(range(1, 91)))

    trial.leave()
    trial.receive(rows(range(1, 201)), 0.01)

    assert sizes.proven == 25
    assert sizes.next_trial() == 200


def test_the_end_of_the_mib_is_no_name() -> None:
    sizes, trial = begun()
    end = VarBind(COLUMN + 60, EndOfMibView())

    trial.receive((*rows(range(1, 61)), end), 0.01)
    trial.follow((*rows(range(1, 61)), *[end] * 3))

    assert sizes.proven == 60


def test_an_error_in_the_place_of_the_answer_ends_a_trial() -> None:
    for again, following in ((True, 100), (False, 0)):
        sizes, trial = begun()
        trial.refuse(again=again)
        trial.refuse(again=again)
        trial.follow(rows(range(1, 26)))

        assert trial.ended
        assert sizes.next_trial() == following


def test_a_request_that_was_not_answered_beside_a_trial_ends_it_unless_its_answer_has_come() -> None:
    sizes, trial = begun()
    trial.crowd_out()
    assert trial.ended
    assert (sizes.alone, sizes.next_trial()) == (True, 0)

    sizes, trial = begun()
    trial.receive(rows(range(1, 201)), 0.01)
    trial.crowd_out()
    assert trial.answered
    assert not sizes.alone
