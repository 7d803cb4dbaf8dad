"""The local notion of a remote clock: what changes it, what does not, and the time window.

Sources: RFC 3414 sections 2.2.1, 2.2.3, 2.3 and 3.2 step 7b; RFC 3411 section 5 for engine IDs.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from snmptcp.errors import ConfigurationError
from snmptcp.security.engine_clock import MAX_BOOTS, TIME_WINDOW, EngineClock, EngineInfo, check_engine_id

LATCHED = 2147483647


def trusted(boots: int = 7, time: int = 1000, now: float = 0.0) -> EngineClock:
    """Return a clock with authentic boots and time."""
    return EngineClock(boots, time, now, authenticated=True)


def state(clock: EngineClock, now: float = 0.0) -> tuple[int, int, bool]:
    return clock.boots, clock.time(now), clock.authenticated


def test_the_numbers_are_those_of_the_rfc() -> None:
    assert (MAX_BOOTS, TIME_WINDOW) == (LATCHED, 150)


# ------------------------------------------------------------------------------------- the passing of time


@pytest.mark.parametrize(
    ("now", "time"), [(0.0, 1000), (0.9, 1000), (1.0, 1001), (151.0, 1151), (2_160_000.0, 2_161_000)]
)
def test_the_clock_goes_on_by_itself(now: float, time: int) -> None:
    assert trusted().time(now) == time


def test_the_beginning_of_the_local_clock_means_nothing() -> None:
    assert trusted(now=123456.5).time(123466.5) == 1010
    assert trusted(now=-50.0).time(-40.0) == 1010


def test_the_time_stays_a_number_that_a_message_can_carry() -> None:
    assert trusted(time=LATCHED - 5).time(1000.0) == LATCHED
    assert trusted(time=5).time(-1000.0) == 0


# ------------------------------------------------------------------------------------ 3.2 step 7b, in cases

STEP_7B = [
    # The local notion is boots 7, time 1100, and the latest received time 1000.
    # What the message says: boots, time.  Then: accepted?, boots and time afterwards.
    ("same boots, as late as the local notion", 7, 1100, True, 7, 1100),
    ("same boots, ahead of the local notion", 7, 5000, True, 7, 5000),
    ("same boots, later than the latest received, behind the local notion", 7, 1050, True, 7, 1050),
    ("same boots, one second after the latest received", 7, 1001, True, 7, 1001),
    ("same boots, the latest received again", 7, 1000, True, 7, 1100),
    ("same boots, older than the latest received, inside the window", 7, 999, True, 7, 1100),
    ("same boots, 150 s behind the local notion", 7, 950, True, 7, 1100),
    ("same boots, 151 s behind the local notion", 7, 949, False, 7, 1100),
    ("same boots, from the first second", 7, 0, False, 7, 1100),
    ("boots before ours, at any time", 6, 1100, False, 7, 1100),
    ("boots before ours, far ahead", 6, LATCHED, False, 7, 1100),
    ("no boots at all", 0, 1100, False, 7, 1100),
    ("the boots after ours, just started", 8, 0, True, 8, 0),
    ("the boots after ours, later", 8, 5000, True, 8, 5000),
    ("boots far after ours", LATCHED - 1, 3, True, LATCHED - 1, 3),
    ("boots that are latched", LATCHED, 1100, False, LATCHED, 1100),
    ("boots that are latched, just started", LATCHED, 0, False, LATCHED, 0),
]


@pytest.mark.parametrize(
    ("boots", "time", "accepted", "new_boots", "new_time"),
    [case[1:] for case in STEP_7B],
    ids=[case[0] for case in STEP_7B],
)
def test_an_authenticated_message_moves_the_clock_forward_only_and_is_then_tested(
    boots: int, time: int, accepted: bool, new_boots: int, new_time: int
) -> None:
    clock = trusted()

    assert clock.accept(boots, time, 100.0) is accepted
    assert state(clock, 100.0) == (new_boots, new_time, True)


@pytest.mark.parametrize(("time", "accepted"), [(1150, True), (1149, False)])
def test_the_window_goes_with_the_local_notion_not_with_what_was_received_last(time: int, accepted: bool) -> None:
    clock = trusted(time=1200)

    assert clock.accept(7, time, 100.0) is accepted  # the local notion is 1300
    assert clock.time(100.0) == 1300


def test_a_replayed_message_goes_out_of_the_window_after_150_seconds() -> None:
    clock = trusted()
    verdicts = [clock.accept(7, 1000, now) for now in (0.0, 149.0, 150.0, 151.0, 3600.0)]

    assert verdicts == [True, True, True, False, False]


def test_boots_that_are_latched_refuse_everything_from_then_on() -> None:
    clock = trusted(boots=LATCHED)

    assert not clock.accept(LATCHED, 1000, 0.0)
    assert not clock.accept(LATCHED, 2000, 0.0)
    assert not clock.accept(LATCHED - 1, 2000, 0.0)


@pytest.mark.parametrize(("boots", "time"), [(0, 0), (6, 1000), (7, 5), (7, 1000), (9, 1), (LATCHED - 1, LATCHED)])
def test_the_first_authenticated_message_sets_a_clock_that_was_only_a_hint(boots: int, time: int) -> None:
    clock = EngineClock(7, 1000, 0.0)

    assert clock.accept(boots, time, 0.0)
    assert state(clock) == (boots, time, True)


def test_the_first_authenticated_message_does_not_unlatch_boots() -> None:
    clock = EngineClock(7, 1000, 0.0)

    assert not clock.accept(LATCHED, 5, 0.0)


# ---------------------------------------------------------------------------------------------- hints

moments = st.tuples(st.integers(0, LATCHED), st.integers(0, LATCHED), st.floats(0, 1e7))


@given(hints=st.lists(moments, min_size=1, max_size=5))
def test_no_hint_moves_an_authenticated_clock(hints: list[tuple[int, int, float]]) -> None:
    clock = trusted()
    for boots, time, now in hints:
        clock.hint(boots, time, now)

    assert state(clock, 60.0) == (7, 1060, True)
    assert clock.accept(7, 1000, 0.0)  # the latest received is still what it was


@given(hints=st.lists(moments, min_size=1, max_size=5))
def test_the_last_hint_is_what_an_unauthenticated_clock_shows(hints: list[tuple[int, int, float]]) -> None:
    clock = EngineClock(7, 1000, 0.0)
    for boots, time, now in hints:
        clock.hint(boots, time, now)

    boots, time, now = hints[-1]
    assert clock.boots == boots
    assert abs(clock.time(now) - time) <= 1  # to the accuracy of the local clock
    assert not clock.authenticated


# ------------------------------------------------------------------------------------ resynchronization


@pytest.mark.parametrize(("boots", "time"), [(0, 0), (6, 5), (7, 3), (7, 900_000), (8, 0), (LATCHED - 1, 1)])
@pytest.mark.parametrize("authenticated", [True, False])
def test_resynchronizing_takes_what_the_engine_says_also_backwards(boots: int, time: int, authenticated: bool) -> None:
    clock = EngineClock(7, 1000, 0.0, authenticated=authenticated)

    clock.resynchronize(boots, time, 50.0)

    assert state(clock, 60.0) == (boots, time + 10, True)
    assert clock.accept(boots, time, 50.0)
    clock.hint(5, 5, 60.0)
    assert state(clock, 60.0) == (boots, time + 10, True)


@given(
    messages=st.lists(st.tuples(st.integers(5, 9), st.integers(0, 2000), st.integers(0, 500)), min_size=1, max_size=12)
)
def test_whatever_is_accepted_boots_and_latest_time_never_go_back(messages: list[tuple[int, int, int]]) -> None:
    clock = trusted()
    latest = (7, 1000)
    now = 0
    for boots, time, step in messages:
        now += step
        notion = clock.time(now)
        accepted = clock.accept(boots, time, now)
        if (boots, time) > latest:
            latest = (boots, time)
            assert accepted
            assert state(clock, now) == (boots, time, True)
        else:
            assert accepted is (boots == latest[0] and time >= notion - 150)
            assert state(clock, now) == (latest[0], notion, True)


# ------------------------------------------------------------------------------------------ engine IDs


@pytest.mark.parametrize("engine_id", [b"\x80\0\0\0\x01", b"12345", bytes(31) + b"\x01", b"\xff" * 31 + b"\0"])
def test_an_engine_id_has_5_to_32_octets_that_are_not_all_alike(engine_id: bytes) -> None:
    assert check_engine_id(engine_id) == engine_id


@pytest.mark.parametrize("length", [*range(5), 33, 64, 255])
def test_an_engine_id_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ConfigurationError, match=f"5 to 32 octets, not {length}"):
        check_engine_id(b"\x80" * length)


@pytest.mark.parametrize("octet", [b"\0", b"\xff"])
@pytest.mark.parametrize("length", [5, 12, 32])
def test_an_engine_id_of_all_zeros_or_all_ones_is_refused(octet: bytes, length: int) -> None:
    with pytest.raises(ConfigurationError, match="must not be all zero or all ones"):
        check_engine_id(octet * length)


def test_engine_info_has_no_boots_and_time_by_default() -> None:
    assert EngineInfo(b"12345") == (b"12345", 0, 0)


# ------------------------------------------------------------------------------------- frozen clocks


def frozen(boots: int = 7, time: int = 1000) -> EngineClock:
    return EngineClock(boots, time, 0.0, authenticated=True, frozen=True)


def test_a_frozen_clock_does_not_advance_by_itself() -> None:
    clock = frozen()
    assert clock.time(5000.0) == 1000
    assert clock.accept(7, 1000, 5000.0)
    assert clock.time(9000.0) == 1000


@pytest.mark.parametrize("time", [0, 999, 1000, 1001, 90_000])
def test_a_frozen_clock_follows_what_was_authenticated_last(time: int) -> None:
    clock = frozen()
    assert clock.accept(7, time, 4000.0)
    assert clock.time(8000.0) == time


def test_boots_of_a_frozen_clock_do_not_decrease() -> None:
    clock = frozen()
    assert not clock.accept(6, 2000, 1.0)
    assert clock.accept(8, 3, 2.0)
    assert not clock.accept(7, 2000, 3.0)
    assert (clock.boots, clock.time(4.0)) == (8, 3)


def test_boots_at_their_maximum_are_refused_by_a_frozen_clock_too() -> None:
    assert not frozen().accept(MAX_BOOTS, 5, 1.0)


def test_the_first_authentic_message_sets_a_frozen_clock() -> None:
    clock = EngineClock(9, 5, 0.0, frozen=True)
    assert clock.accept(0, 0, 1.0)
    assert (clock.boots, clock.time(1000.0), clock.authenticated) == (0, 0, True)


def test_the_time_window_stays_the_default() -> None:
    clock = EngineClock(7, 1000, 0.0, authenticated=True)
    assert clock.accept(7, 1000, 150.0)
    assert not clock.accept(7, 1000, 152.0)
