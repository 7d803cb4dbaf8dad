"""Looking ahead of a walk, step by step; what it gives in the end is in tests/properties/test_look_ahead.py."""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.oid import OID
from snmptcp.protocol.answer_sizes import MAX_AHEAD
from snmptcp.protocol.lookahead import Guess, LookAhead
from snmptcp.values import EndOfMibView, Integer32, NoSuchInstance, VarBind

if TYPE_CHECKING:
    from collections.abc import Iterable

TABLE = OID("1.3.6.1.2.1.2.2")
ENTRY = TABLE + 1


def cells(column: int, rows: Iterable[int]) -> tuple[VarBind, ...]:
    return tuple(VarBind(ENTRY + f"{column}.{row}", Integer32(row)) for row in rows)


def inside(column: int = 1) -> LookAhead:
    """Return the requests ahead of a walk that has taken two answers of a column, rows 1 to 20."""
    look = LookAhead(TABLE)
    look.follow(cells(column, range(1, 11)))
    look.follow(cells(column, range(11, 21)))
    return look


def only(guesses: list[Guess]) -> Guess:
    (guess,) = guesses
    return guess


def test_nothing_is_asked_for_before_two_answers_were_of_one_column() -> None:
    look = LookAhead(TABLE)
    assert look.guesses(8) == []
    look.follow(cells(1, range(1, 11)))
    assert look.guesses(8) == []

    look.follow(cells(1, range(11, 21)))

    assert only(look.guesses(8)).name == ENTRY + 2


def test_a_table_of_short_columns_costs_one_request_ahead() -> None:
    look = LookAhead(TABLE)
    sent = 0
    for column in range(1, 9, 2):
        look.follow((*cells(column, (1, 2)), *cells(column + 1, (1, 2))))
        sent += len(look.guesses(8))

    assert sent == 1


def test_a_walk_of_one_column_looks_at_no_other() -> None:
    look = LookAhead(ENTRY + 1)
    look.follow(cells(1, range(1, 11)))
    look.follow(cells(1, range(11, 21)))

    assert look.guesses(8) == []


def test_as_many_requests_wait_as_columns_were_read() -> None:
    look = inside()
    guess = only(look.guesses(8))
    look.receive(guess, cells(2, range(1, 11)))

    assert look.guesses(8) == []

    look.follow((*cells(1, (21,)), *cells(2, (1, 2))))
    assert look.columns == 2
    assert look.ready() == cells(2, range(3, 11))


def test_none_is_sent_where_the_line_is_worth_none() -> None:
    assert inside().guesses(0) == []


def test_an_answer_is_taken_from_where_the_walk_has_come_to() -> None:
    look = inside()
    look.receive(only(look.guesses(8)), cells(2, range(1, 11)))

    look.follow((*cells(1, (21, 22)), *cells(2, (1, 2, 3))))

    assert not look.waits
    assert look.has_ready
    assert look.ready() == cells(2, range(4, 11))
    assert look.ready() is None


def test_a_request_under_way_becomes_the_walks_own() -> None:
    look = inside()
    look.receive(only(look.guesses(8)), cells(2, range(1, 11)))
    look.follow((*cells(1, (21,)), *cells(2, (1,))))
    following = look.guesses(8)
    assert following[0].name == ENTRY + "2.10"

    look.follow(look.ready() or ())

    assert look.adopt(ENTRY + "2.10") is following[0]
    assert look.adopt(ENTRY + "2.10") is None


def test_a_walk_waits_for_the_answer_that_decides() -> None:
    look = inside()
    guess = only(look.guesses(8))

    look.follow((*cells(1, (21,)), *cells(2, (1, 2))))
    assert look.waits
    assert look.awaited is guess
    assert look.ready() is None
    look.receive(guess, cells(2, range(1, 11)))
    look.resolve()

    assert look.ready() == cells(2, range(3, 11))


def test_an_answer_that_does_not_come_in_time_ends_looking_ahead() -> None:
    look = inside()
    guess = only(look.guesses(8))
    look.follow((*cells(1, (21,)), *cells(2, (1, 2))))

    look.resolve()

    assert look.off
    assert look.take_dropped() == [guess]
    assert look.take_dropped() == []
    assert look.ready() is None
    look.receive(guess, cells(2, range(1, 11)))
    assert look.ready() is None


def test_another_first_name_ends_looking_ahead() -> None:
    for answer in (cells(2, range(2, 12)), cells(3, range(1, 11)), (*cells(2, (1,)), *cells(2, (3, 4)))):
        look = inside()
        look.receive(only(look.guesses(8)), answer)

        look.follow((*cells(1, (21,)), *cells(2, (1, 2))))

        assert look.off
        assert look.ready() is None
        assert look.wasted == 1


def test_what_could_end_a_walk_is_never_taken_from_an_answer_ahead() -> None:
    unsound = (
        (),
        (*cells(2, (1, 2)), VarBind(ENTRY + "2.3", EndOfMibView())),
        (VarBind(ENTRY + 2, NoSuchInstance()),),
        cells(2, (1, 3, 2)),
        cells(2, (1, 1)),
        cells(1, (5,)),
    )
    for answer in unsound:
        look = inside()
        look.receive(only(look.guesses(8)), answer)

        assert look.off
        look.follow((*cells(1, (21,)), *cells(2, (1,))))
        assert look.ready() is None


def test_a_request_that_fails_ends_looking_ahead_and_leaves_what_is_proved() -> None:
    look = inside()
    look.receive(only(look.guesses(8)), cells(2, range(1, 11)))
    look.follow((*cells(1, (21,)), *cells(2, (1,))))
    look.refuse(look.guesses(8)[0])

    assert look.off
    assert look.ready() == cells(2, range(2, 11))
    assert look.guesses(8) == []


def test_a_column_that_is_missing_is_no_contradiction() -> None:
    look = inside()
    look.receive(only(look.guesses(8)), cells(5, range(1, 11)))

    look.follow((*cells(1, (21,)), *cells(5, (1, 2))))
    assert look.ready() == cells(5, range(3, 11))
    look.follow(cells(5, range(3, 11)))

    assert ENTRY + 6 in [guess.name for guess in look.guesses(8)]


def test_an_answer_that_the_walk_has_overtaken_is_of_no_use() -> None:
    look = inside()
    look.receive(only(look.guesses(8)), cells(2, range(1, 4)))

    look.follow((*cells(1, (21,)), *cells(2, range(1, 6))))

    assert not look.off
    assert look.wasted == 1
    assert look.ready() is None


def test_an_index_that_begins_alike_in_all_rows_finds_the_columns_too() -> None:
    def of(column: int, rows: Iterable[int]) -> tuple[VarBind, ...]:
        return tuple(VarBind(ENTRY + f"{column}.0.{row}", Integer32(row)) for row in rows)

    look = LookAhead(TABLE)
    look.follow(of(1, range(1, 11)))
    look.follow(of(1, range(11, 21)))
    guess = only(look.guesses(8))
    assert guess.name == ENTRY + "1.1"
    look.receive(guess, of(2, range(1, 11)))

    look.follow((*of(1, (21,)), *of(2, (1,))))

    assert look.ready() == of(2, range(2, 11))


def test_the_greatest_arc_has_no_next_column() -> None:
    look = LookAhead(TABLE)
    for rows in (range(1, 11), range(11, 21)):
        look.follow(cells(0xFFFFFFFF, rows))

    assert look.guesses(8) == []


def test_the_answers_ahead_are_limited_however_many_columns_were_read() -> None:
    look = inside()
    look.columns = 1000
    sent = 0
    rows = range(1, 11)
    while guesses := look.guesses(100):
        for guess in guesses:
            sent += 1
            after = guess.name[-1] if len(guess.name) > len(ENTRY) + 1 else 0
            look.receive(guess, cells(guess.name[len(ENTRY)], (after + row for row in rows)))

    assert sent == MAX_AHEAD


def test_giving_up_leaves_nothing() -> None:
    look = inside()
    guesses = look.guesses(8)

    look.give_up()

    assert look.take_dropped() == guesses
    assert look.guesses(8) == []
    assert look.ready() is None
