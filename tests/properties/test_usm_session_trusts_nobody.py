"""A damaged message never raises, and only content that the engine authenticated is trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from snmptcp.codec import ber
from snmptcp.codec.message import V3Message, decode_message, encode_message
from snmptcp.credentials import SecurityLevel, UsmUser
from snmptcp.errors import NotInTimeWindow, ProtocolError, RequestTimeout, SecurityError
from snmptcp.protocol.exchange import Exchange, Resend
from snmptcp.protocol.request import get_request
from snmptcp.values import Integer32
from tests.support.deadlines import within
from tests.support.usm import (
    AUTH_USER,
    COUNTERS,
    OTHER_ENGINE_ID,
    PRIV_USER,
    SimulatedEngine,
    encode_parameters,
    known_engine,
    new_usm_session,
    parameters_of,
)
from tests.support.wire import varbinds

if TYPE_CHECKING:
    from snmptcp.protocol.session import Session

NAME = "1.3.6.1.2.1.1.3.0"
SEVEN = varbinds((NAME, Integer32(7)))
LATCHED = 2147483647

users = st.sampled_from([AUTH_USER, PRIV_USER])

#: Replacements of octets; positions are fractions of the message, so that they shrink well.
octet_edits = st.lists(st.tuples(st.integers(0, 400), st.integers(0, 3), st.binary(max_size=3)), min_size=1, max_size=3)

naturals = st.integers(0, LATCHED) | st.sampled_from([0, 1, 6, 7, 8, LATCHED - 1, LATCHED])
parameter_changes = st.fixed_dictionaries(
    {},
    optional={
        "engine_id": st.binary(max_size=33) | st.just(OTHER_ENGINE_ID),
        "boots": naturals,
        "time": naturals,
        "user": st.binary(max_size=33),
        "auth_parameters": st.binary(max_size=64),
        "priv_parameters": st.binary(max_size=16),
    },
)
envelope_changes = st.fixed_dictionaries(
    {},
    optional={
        "msg_flags": st.integers(0, 255),
        "msg_max_size": st.sampled_from([484, 8192, LATCHED]),
        "security_model": st.integers(1, 5),
        "msg_id": st.integers(0, LATCHED),
    },
)


def edited(message: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    """Return a message with some octets replaced and a correct outermost length."""
    _, start, _ = ber.read_header(message, 0, len(message))
    body = message[start:]
    for position, count, octets in edits:
        at = position % (len(body) + 1)
        body = body[:at] + octets + body[at + count :]
    return ber.tlv(ber.SEQUENCE, body)


def changed(message: bytes, parameters: dict[str, Any], envelope: dict[str, Any]) -> bytes:
    """Return a well-formed message with other fields and the old digest."""
    decoded = decode_message(message)
    assert isinstance(decoded, V3Message)
    security = encode_parameters(parameters_of(message)._replace(**parameters))
    return encode_message(decoded._replace(security_parameters=security, **envelope))


def begin(user: UsmUser) -> tuple[SimulatedEngine, Session, Exchange, bytes]:
    simulated = SimulatedEngine()
    session = new_usm_session(user, known_engine(simulated))
    exchange = session.start(get_request((NAME,)), within(5.0), 0.0)
    (octets,) = session.data_to_send()
    return simulated, session, exchange, octets


def check_that_nothing_was_believed(
    simulated: SimulatedEngine, session: Session, exchange: Exchange, was: tuple[bytes, bytes]
) -> None:
    """Check that a damaged message changed nothing that needs a right digest.

    Args:
        simulated: the true engine.
        session: the session that received the message.
        exchange: its one request.
        was: the sound message and what became of it.
    """
    engine = session._security.engine  # type: ignore[attr-defined]
    sound, damaged = was
    if damaged == sound:
        return
    assert session.closed is None
    assert session.events() == []
    assert not exchange.ended
    if engine.engine_id == simulated.engine_id:
        assert engine.info(1.0) == simulated.info(1.0)
        assert engine.clock.authenticated
        assert engine.max_message_size == LATCHED
        # A hint of the time has a read sent once more, and changes nothing else.
        assert not exchange.resent & ~Resend.TIME_HINT
        assert len(session.data_to_send()) == bool(exchange.resent)


def engine_of(simulated: SimulatedEngine, octets: bytes, kind: str, now: float = 1.0) -> bytes:
    """Return a sound message of the engine, for damage."""
    if kind == "response":
        return simulated.answer(octets, now)
    return simulated.report(octets, now, kind, SecurityLevel.authNoPriv)


kinds = st.sampled_from(["response", "notInTimeWindows", "wrongDigests", "unknownEngineIDs", "unknownContexts"])


@settings(max_examples=300, deadline=None)
@given(user=users, kind=kinds, edits=octet_edits)
def test_no_damage_on_the_way_is_believed(user: UsmUser, kind: str, edits: list[tuple[int, int, bytes]]) -> None:
    simulated, session, exchange, octets = begin(user)
    sound = engine_of(simulated, octets, kind)
    damaged = edited(sound, edits)

    session.receive_data(damaged, 1.0)

    check_that_nothing_was_believed(simulated, session, exchange, (sound, damaged))


@settings(max_examples=300, deadline=None)
@given(user=users, kind=kinds, parameters=parameter_changes, envelope=envelope_changes)
def test_no_change_of_a_field_is_believed(
    user: UsmUser, kind: str, parameters: dict[str, Any], envelope: dict[str, Any]
) -> None:
    simulated, session, exchange, octets = begin(user)
    sound = engine_of(simulated, octets, kind)
    damaged = changed(sound, parameters, envelope)

    session.receive_data(damaged, 1.0)

    check_that_nothing_was_believed(simulated, session, exchange, (sound, damaged))


@settings(max_examples=300, deadline=None)
@given(
    user=users,
    counter=st.sampled_from(sorted(COUNTERS)),
    boots=naturals,
    time=naturals,
    edits=st.lists(octet_edits, max_size=3),
)
def test_whatever_an_unauthenticated_report_says_the_true_answer_is_what_the_caller_gets(
    user: UsmUser, counter: str, boots: int, time: int, edits: list[list[tuple[int, int, bytes]]]
) -> None:
    simulated, session, exchange, octets = begin(user)
    session.receive_data(simulated.report(octets, 1.0, counter, boots=boots, time=time), 1.0)
    true_answer = simulated.answer(octets, 1.0)
    for edit in edits:
        damaged = edited(true_answer, edit)
        if damaged != true_answer:
            session.receive_data(damaged, 1.0)
    session.receive_data(true_answer, 1.0)

    engine = session._security.engine  # type: ignore[attr-defined]
    assert session.events() == [exchange]
    assert exchange.error is None
    assert exchange.varbinds == SEVEN
    assert engine.info(1.0) == simulated.info(1.0)


@settings(max_examples=200, deadline=None)
@given(
    user=users,
    grace=st.sampled_from([None, 0.0, 100.0]),
    steps=st.lists(
        st.one_of(
            st.tuples(st.just("damage"), kinds, octet_edits),
            st.tuples(st.just("change"), kinds, st.tuples(parameter_changes, envelope_changes)),
            st.tuples(st.just("reboot"), st.just("response"), st.just([])),
            st.tuples(st.just("wait"), st.just("response"), st.integers(1, 400)),
            st.tuples(st.just("ask"), st.just("response"), st.just([])),
        ),
        max_size=12,
    ),
)
def test_every_story_ends_each_request_with_the_true_answer_or_a_reason(
    user: UsmUser, grace: float | None, steps: list[tuple[str, str, Any]]
) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(user, known_engine(simulated), report_grace=grace)
    now = 0.0
    exchanges: list[Exchange] = []
    last = b""
    for action, kind, detail in steps:
        if action == "reboot":
            simulated.boots, simulated.started = simulated.boots + 1, now
        elif action == "wait":
            now += detail
            session.handle_timer(now)
        elif action == "ask":
            exchanges.append(session.start(get_request((NAME,)), within(300.0, now), now))
            # The agent responds; if it cannot, it reports, and the request is sent again.
            for _ in range(3):
                for last in session.data_to_send():
                    if parameters_of(last).engine_id == simulated.engine_id:
                        session.receive_data(simulated.answer(last, now), now)
                    else:
                        session.receive_data(simulated.report(last, now, "unknownEngineIDs"), now)
        elif last and parameters_of(last).engine_id == simulated.engine_id:
            sound = engine_of(simulated, last, kind, now)
            if action == "damage":
                session.receive_data(edited(sound, detail), now)
            else:
                session.receive_data(changed(sound, *detail), now)
    session.handle_timer(now + 1000.0)

    assert session.closed is None
    ended = session.events()
    assert sorted(map(id, ended)) == sorted(map(id, exchanges))
    for exchange in exchanges:
        if exchange.error is None:
            assert exchange.varbinds == SEVEN
        else:
            assert isinstance(exchange.error, RequestTimeout | NotInTimeWindow | SecurityError | ProtocolError)
            assert not exchange.error.unproved or grace is not None
            assert exchange.varbinds is None


@settings(max_examples=300, deadline=None)
@given(octets=st.binary(max_size=200), user=users, known=st.booleans())
def test_no_octets_whatever_make_a_session_of_a_user_raise(octets: bytes, user: UsmUser, known: bool) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(user, known_engine(simulated) if known else None)
    exchange = session.start(get_request((NAME,)), within(5.0), 0.0)
    session.data_to_send()
    for message in (octets, ber.tlv(ber.SEQUENCE, octets), ber.tlv(ber.SEQUENCE, b"\x02\x01\x03" + octets)):
        session.receive_data(message, 1.0)
    session.events()

    assert exchange.varbinds is None
    assert exchange.ended == (session.closed is not None)
