"""What a manager knows of engines, and one user's view of one engine."""

from __future__ import annotations

import pytest

from snmptcp.codec.pdu import PduType
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import ConfigurationError, DecodeError, UnknownEngine, WrongVersion
from snmptcp.protocol.request import get_request
from snmptcp.security.engine_clock import EngineInfo
from snmptcp.security.model import Refused
from snmptcp.security.remote_engine import Engine, KnownEngines
from snmptcp.security.usm import UsmSecurity
from tests.support import wire
from tests.support.usm import (
    AUTH_USER,
    ENGINE_ID,
    OTHER_ENGINE_ID,
    PRIV_USER,
    SimulatedEngine,
    known_engine,
    parameters_of,
)

LATCHED = 2147483647
REQUEST_ID = b"\x12\x34\x56\x78"
TAIL = get_request(("1.3.6.1.2.1.1.3.0",)).tail


def request_of(security: UsmSecurity, now: float = 0.0) -> bytes:
    return security.protect(PduType.GET, REQUEST_ID, TAIL, now)


# ------------------------------------------------------------------------------------------- engines


def test_an_engine_is_unknown_until_it_is_learned() -> None:
    engine = Engine()

    assert engine.engine_id is None
    with pytest.raises(UnknownEngine, match="has not been discovered"):
        engine.info(0.0)
    engine.learn(ENGINE_ID, 7, 1000, 10.0)
    assert engine.info(20.0) == EngineInfo(ENGINE_ID, 7, 1010)
    assert not engine.clock.authenticated


def test_an_engine_that_is_given_is_known_and_goes_on() -> None:
    engine = Engine(EngineInfo(ENGINE_ID, 7, 1000), 100.0)

    assert engine.info(160.0) == EngineInfo(ENGINE_ID, 7, 1060)
    assert not engine.clock.authenticated


@pytest.mark.parametrize("engine_id", [b"", b"1234", bytes(12), b"\xff" * 12, b"x" * 33])
def test_an_engine_id_that_can_be_none_is_refused_before_anything_is_sent(engine_id: bytes) -> None:
    with pytest.raises(ConfigurationError, match="an engine ID"):
        Engine(EngineInfo(engine_id))


@pytest.mark.parametrize(("boots", "time"), [(-1, 0), (0, -1), (LATCHED + 1, 0), (0, LATCHED + 1)])
def test_boots_and_time_that_no_message_can_carry_are_refused(boots: int, time: int) -> None:
    with pytest.raises(ConfigurationError, match="numbers from 0 to 2147483647"):
        Engine(EngineInfo(ENGINE_ID, boots, time))


def test_learning_the_same_engine_again_is_a_hint_and_no_news() -> None:
    engine = Engine(EngineInfo(ENGINE_ID, 7, 1000))

    engine.learn(ENGINE_ID, 9, 5, 0.0)
    assert engine.info(0.0) == EngineInfo(ENGINE_ID, 9, 5)
    engine.clock.accept(9, 6, 0.0)
    engine.learn(ENGINE_ID, 20, 1, 0.0)
    assert engine.info(0.0) == EngineInfo(ENGINE_ID, 9, 6)


def test_learning_another_engine_starts_from_what_it_says() -> None:
    engine = known_engine(SimulatedEngine())
    engine.max_message_size = 500

    engine.learn(OTHER_ENGINE_ID, 1, 2, 0.0)

    assert engine.info(0.0) == EngineInfo(OTHER_ENGINE_ID, 1, 2)
    assert not engine.clock.authenticated
    assert engine.max_message_size == LATCHED


def test_an_engine_that_comes_back_has_the_time_that_was_authenticated_before() -> None:
    simulated = SimulatedEngine()
    engine = known_engine(simulated)
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


# ------------------------------------------------------------------------------------------- security


def test_a_user_is_ready_once_the_engine_is_known() -> None:
    security = UsmSecurity(PRIV_USER, Engine(), 65507)
    assert security.version is SnmpVersion.V3
    assert not security.ready
    security.engine.learn(ENGINE_ID, 1, 1, 0.0)
    assert security.ready


def test_no_two_messages_of_an_encrypting_user_are_alike() -> None:
    security = UsmSecurity(PRIV_USER, known_engine(SimulatedEngine()), 65507)

    messages = [request_of(security) for _ in range(100)]

    assert len({parameters_of(message).priv_parameters for message in messages}) == 100
    assert len(set(messages)) == 100


def test_the_keys_follow_the_engine() -> None:
    engine = known_engine(SimulatedEngine())
    security = UsmSecurity(AUTH_USER, engine, 65507)
    SimulatedEngine().read(request_of(security))

    engine.learn(OTHER_ENGINE_ID, 1, 1, 0.0)

    asked = SimulatedEngine(engine_id=OTHER_ENGINE_ID).read(request_of(security))
    assert asked.parameters.engine_id == OTHER_ENGINE_ID


def test_nothing_shows_the_secrets_of_a_user() -> None:
    engine = known_engine(SimulatedEngine())
    security = UsmSecurity(PRIV_USER, engine, 65507)
    request_of(security)

    for text in (repr(security), repr(security.user), repr(engine), repr(security._keys)):
        assert "pass123" not in text


def test_the_limit_that_is_told_is_a_number_that_a_message_can_carry() -> None:
    security = UsmSecurity(AUTH_USER, known_engine(SimulatedEngine()), 1 << 40)

    assert SimulatedEngine().read(request_of(security)).max_size == LATCHED


@pytest.mark.parametrize("version", [SnmpVersion.V1, SnmpVersion.V2C])
def test_a_message_of_another_version_is_refused_for_nobody_in_particular(version: SnmpVersion) -> None:
    security = UsmSecurity(AUTH_USER, known_engine(SimulatedEngine()), 65507)

    with pytest.raises(Refused) as caught:
        security.open(wire.response(5, version=version), 0.0)

    assert isinstance(caught.value.reason, WrongVersion)
    assert caught.value.exchange_id is None


def test_a_message_cut_off_anywhere_is_a_decode_error() -> None:
    simulated = SimulatedEngine()
    security = UsmSecurity(PRIV_USER, known_engine(simulated), 65507)
    reply = simulated.answer(request_of(security), 0.0)
    assert security.open(reply, 0.0).message_id == int.from_bytes(REQUEST_ID, "big")

    for length in range(len(reply)):
        with pytest.raises(DecodeError):
            security.open(reply[:length], 0.0)
