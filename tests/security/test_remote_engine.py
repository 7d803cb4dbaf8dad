"""What a manager knows about agents' engines: discovery, replacement, and how much is remembered."""

from __future__ import annotations

import pytest

from snmptcp.errors import ConfigurationError, UnknownEngine
from snmptcp.security.engine_clock import EngineInfo
from snmptcp.security.remote_engine import Engine, KnownEngines
from tests.support.usm import ENGINE_ID, OTHER_ENGINE_ID, SimulatedEngine, known_engine

LATCHED = 2147483647


def test_an_engine_is_unknown_until_it_is_learned() -> None:
    engine = Engine()

    assert engine.engine_id is None
    with pytest.raises(UnknownEngine, match="has not been discovered"):
        engine.info(0.0)
    engine.learn(ENGINE_ID, 7, 1000, 10.0)
    assert engine.info(20.0) == EngineInfo(ENGINE_ID, 7, 1010)
    assert not engine.clock.authenticated


def test_the_time_of_an_engine_that_was_given_advances() -> None:
    engine = Engine(EngineInfo(ENGINE_ID, 7, 1000), 100.0)

    assert engine.info(160.0) == EngineInfo(ENGINE_ID, 7, 1060)
    assert engine.settled


@pytest.mark.parametrize(("boots", "time"), [(8, 5000), (9, 4849), (0, 0)])
def test_boots_and_time_that_were_given_are_the_least_that_is_accepted(boots: int, time: int) -> None:
    clock = Engine(EngineInfo(ENGINE_ID, 9, 5000), 0.0).clock

    assert not clock.accept(boots, time, 0.0)
    assert (clock.boots, clock.time(0.0)) == (9, 5000)
    assert clock.accept(9, 4850, 0.0)


def test_an_engine_that_was_given_without_a_time_takes_the_first_authentic_one() -> None:
    clock = Engine(EngineInfo(ENGINE_ID)).clock

    clock.hint(8, 1, 0.0)
    assert clock.accept(3, 5, 0.0)
    assert (clock.boots, clock.time(0.0)) == (3, 5)


def test_an_engine_that_was_given_or_has_authenticated_itself_is_not_left_for_a_claim() -> None:
    given = Engine(EngineInfo(ENGINE_ID))
    discovered = Engine()
    discovered.learn(ENGINE_ID, 1, 1, 0.0)
    discovered.confirm(ENGINE_ID)
    for engine in (given, discovered):
        with pytest.raises(UnknownEngine, match=f"names engine {OTHER_ENGINE_ID.hex()}"):
            engine.learn(OTHER_ENGINE_ID, 1, 1, 0.0)
        engine.confirm(OTHER_ENGINE_ID)
        assert engine.engine_id == ENGINE_ID
        engine.forget()
        engine.learn(OTHER_ENGINE_ID, 1, 1, 0.0)
        assert engine.engine_id == OTHER_ENGINE_ID


@pytest.mark.parametrize("info", [None, EngineInfo(ENGINE_ID, 7, 1000)])
def test_a_volatile_engine_may_be_left_at_any_time(info: EngineInfo | None) -> None:
    engine = Engine(info, volatile=True)
    engine.learn(ENGINE_ID, 1, 1, 0.0)
    engine.confirm(ENGINE_ID)

    engine.learn(OTHER_ENGINE_ID, 1, 1, 0.0)

    assert engine.engine_id == OTHER_ENGINE_ID


def test_the_engine_that_authenticates_itself_takes_the_place_of_one_that_was_only_claimed() -> None:
    engine = Engine()
    engine.learn(ENGINE_ID, 1, 1, 0.0)
    engine.learn(OTHER_ENGINE_ID, 1, 1, 0.0)

    engine.confirm(ENGINE_ID)

    assert engine.engine_id == ENGINE_ID
    assert engine.settled


@pytest.mark.parametrize("engine_id", [b"", b"x" * 256])
def test_an_engine_id_of_no_octets_or_too_many_is_refused(engine_id: bytes) -> None:
    with pytest.raises(ConfigurationError, match="the engine ID of an agent has 1 to 255 octets"):
        Engine(EngineInfo(engine_id))


@pytest.mark.parametrize("engine_id", [b"1", b"1234", bytes(12), b"\xff" * 12, b"x" * 33, b"x" * 255])
def test_an_engine_id_that_is_not_valid_is_used_and_told_once(engine_id: bytes) -> None:
    told: list[bytes] = []
    engine = Engine(on_odd=told.append)
    engine.learn(ENGINE_ID, 1, 2, 0.0)
    engine.forget()
    for _ in range(3):
        engine.learn(engine_id, 1, 2, 0.0)
        assert engine.info(0.0) == (engine_id, 1, 2)
        engine.forget()
    engine.learn(b"2", 1, 2, 0.0)

    assert told == [engine_id]
    assert Engine(EngineInfo(engine_id), on_odd=told.append).engine_id == engine_id
    assert told == [engine_id] * 2


def test_an_engine_that_is_forgotten_comes_back_with_a_clock_of_its_own() -> None:
    engine = Engine()
    engine.learn(ENGINE_ID, 7, 100, 0.0)
    old = engine.clock
    assert old.accept(7, 100, 0.0)

    engine.forget()
    assert engine.clock_of(ENGINE_ID) is old  # what is pending can still be answered
    engine.learn(ENGINE_ID, 2, 5, 1.0)

    assert engine.info(1.0) == (ENGINE_ID, 2, 5)
    assert engine.clock.accept(2, 5, 1.0)


def test_boots_and_time_that_were_given_are_a_floor_even_after_the_engine_was_forgotten() -> None:
    engine = Engine(EngineInfo(ENGINE_ID, 9, 5000), 0.0)
    assert engine.clock.accept(12, 1, 1.0)

    engine.forget()
    engine.learn(ENGINE_ID, 2, 5, 10.0)

    assert engine.info(10.0) == (ENGINE_ID, 9, 5010)
    assert not engine.clock.accept(9, 4000, 10.0)
    assert engine.clock.accept(9, 5010, 10.0)


def test_an_engine_that_was_turned_away_from_keeps_its_clock() -> None:
    engine = Engine()
    engine.learn(ENGINE_ID, 7, 100, 0.0)
    assert engine.clock.accept(7, 100, 0.0)
    engine.learn(OTHER_ENGINE_ID, 1, 1, 0.0)
    engine.learn(ENGINE_ID, 2, 5, 0.0)
    assert engine.info(0.0) == (ENGINE_ID, 7, 100)


@pytest.mark.parametrize(("boots", "time"), [(-1, 0), (0, -1), (LATCHED + 1, 0), (0, LATCHED + 1)])
def test_boots_and_time_that_no_message_can_carry_are_refused(boots: int, time: int) -> None:
    with pytest.raises(ConfigurationError, match="numbers from 0 to 2147483647"):
        Engine(EngineInfo(ENGINE_ID, boots, time))


def test_learning_the_same_engine_again_is_a_hint_and_no_news() -> None:
    engine = Engine(EngineInfo(ENGINE_ID))

    engine.learn(ENGINE_ID, 9, 5, 0.0)
    assert engine.info(0.0) == EngineInfo(ENGINE_ID, 9, 5)
    engine.clock.accept(9, 6, 0.0)
    engine.learn(ENGINE_ID, 20, 1, 0.0)
    assert engine.info(0.0) == EngineInfo(ENGINE_ID, 9, 6)


def test_another_engine_starts_with_the_boots_and_time_that_it_reports() -> None:
    engine = known_engine(SimulatedEngine(), authenticated=False)
    engine.max_message_size = 500

    engine.learn(OTHER_ENGINE_ID, 1, 2, 0.0)

    assert engine.info(0.0) == EngineInfo(OTHER_ENGINE_ID, 1, 2)
    assert not engine.clock.authenticated
    assert engine.max_message_size == LATCHED


def test_an_engine_that_comes_back_has_the_time_that_was_authenticated_before() -> None:
    simulated = SimulatedEngine()
    engine = known_engine(simulated)
    engine.forget()
    for number in range(20):
        engine.learn(b"\x80\0\0\0\x05" + bytes((number,)), 1, 1, 0.0)

    engine.learn(ENGINE_ID, LATCHED - 1, 1, 5.0)

    assert engine.info(10.0) == simulated.info(10.0)
    assert engine.clock.authenticated


def test_what_is_remembered_of_earlier_engines_is_bounded() -> None:
    engine = Engine()
    for number in range(1000):
        engine.learn(b"\x80\0\0\0\x05" + number.to_bytes(2, "big"), 1, 1, 0.0)
        engine.clock.accept(1, 1, 0.0)

    assert len(engine._earlier) <= 8


def test_an_engine_that_is_forgotten_is_unknown_again() -> None:
    engine = known_engine(SimulatedEngine())

    engine.forget()

    assert engine.engine_id is None
    engine.learn(OTHER_ENGINE_ID, 1, 2, 0.0)
    assert engine.info(0.0) == EngineInfo(OTHER_ENGINE_ID, 1, 2)


def test_known_engines_are_those_of_an_address_and_port() -> None:
    known = KnownEngines()
    one = known.engine("192.0.2.1", 161)

    assert known.engine("192.0.2.1", 161) is one
    assert known.engine("192.0.2.1", 1161) is not one
    assert known.engine("192.0.2.2", 161) is not one
    assert len(known) == 3


def test_managers_of_other_protection_do_not_share_what_they_know() -> None:
    known = KnownEngines()
    plain, protected = known.engine("192.0.2.1", 161, "noAuthNoPriv"), known.engine("192.0.2.1", 161, "authPriv")

    plain.learn(OTHER_ENGINE_ID, 1, 1, 0.0)

    assert protected.engine_id is None
    assert known.engine("192.0.2.1", 161, "authPriv") is protected


def test_known_engines_are_bounded_and_the_one_unused_for_longest_goes_first() -> None:
    known = KnownEngines(max_engines=3)
    engines = [known.engine("192.0.2.1", port) for port in (1, 2, 3)]
    assert known.engine("192.0.2.1", 1) is engines[0]

    known.engine("192.0.2.1", 4)

    assert len(known) == 3
    assert known.engine("192.0.2.1", 1) is engines[0]
    assert known.engine("192.0.2.1", 2) is not engines[1]


@pytest.mark.parametrize("most", [0, -1])
def test_known_engines_hold_at_least_one(most: int) -> None:
    with pytest.raises(ConfigurationError, match=f"max_engines is a number from 1 on, not {most}"):
        KnownEngines(max_engines=most)
