"""USM on the requesting side: requests for one engine, and which replies are refused before any of their content.

How a session acts on replies and reports is in tests/protocol/test_session_usm.py.
"""

from __future__ import annotations

import pytest

from snmptcp.codec.pdu import PduType
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import DecodeError, WrongVersion
from snmptcp.protocol.request import get_request
from snmptcp.security.model import Refused
from snmptcp.security.remote_engine import Engine
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
MESSAGE_ID = 0x23456789
REQUEST_ID = b"\x12\x34\x56\x78"
TAIL = get_request(("1.3.6.1.2.1.1.3.0",)).tail


def request_of(security: UsmSecurity, now: float = 0.0) -> bytes:
    return security.protect(PduType.GET, MESSAGE_ID, REQUEST_ID, TAIL, now)


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

    engine.forget()
    engine.learn(OTHER_ENGINE_ID, 1, 1, 0.0)

    asked = SimulatedEngine(engine_id=OTHER_ENGINE_ID).read(request_of(security))
    assert asked.parameters.engine_id == OTHER_ENGINE_ID


def test_nothing_shows_the_secrets_of_a_user() -> None:
    engine = known_engine(SimulatedEngine())
    security = UsmSecurity(PRIV_USER, engine, 65507)
    request_of(security)

    for text in (repr(security), repr(security.user), repr(engine), repr(security._keys)):
        assert "pass123" not in text


def test_the_announced_message_size_fits_into_msg_max_size() -> None:
    security = UsmSecurity(AUTH_USER, known_engine(SimulatedEngine()), 1 << 40)

    assert SimulatedEngine().read(request_of(security)).max_size == LATCHED


@pytest.mark.parametrize("version", [SnmpVersion.V1, SnmpVersion.V2C])
def test_a_message_of_another_version_is_refused_without_an_exchange_id(version: SnmpVersion) -> None:
    security = UsmSecurity(AUTH_USER, known_engine(SimulatedEngine()), 65507)

    with pytest.raises(Refused) as caught:
        security.open(wire.response(5, version=version))

    assert isinstance(caught.value.reason, WrongVersion)
    assert caught.value.exchange_id is None


def test_a_message_cut_off_anywhere_is_a_decode_error() -> None:
    simulated = SimulatedEngine()
    security = UsmSecurity(PRIV_USER, known_engine(simulated), 65507)
    reply = simulated.answer(request_of(security), 0.0)
    assert security.open(reply).message_id == MESSAGE_ID

    for length in range(len(reply)):
        with pytest.raises(DecodeError):
            security.open(reply[:length])
