"""A session of a user of SNMPv3: discovery, reports, what is accepted, the time, and the sizes.

Law: RFC 3412 sections 6 and 7.2, RFC 3414 sections 3.2 and 4.
"""

from __future__ import annotations

from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp.codec import ber
from snmptcp.codec.message import MsgFlags, ScopedPdu, V3Message, decode_message, encode_message
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.credentials import SecurityLevel, UsmUser
from snmptcp.errors import (
    AgentError,
    ClosedError,
    ConfigurationError,
    DecodeError,
    DecryptionFailed,
    NotInTimeWindow,
    RequestTimeout,
    ResponseMismatch,
    SecurityError,
    SecurityLevelTooLow,
    SnmpError,
    UnknownContext,
    UnknownEngine,
    UnknownUser,
    WrongDigest,
    WrongVersion,
)
from snmptcp.oid import OID
from snmptcp.protocol.correlator import MAX_UNANSWERED
from snmptcp.protocol.request import get_next_request, get_request, set_request
from snmptcp.security.engine_clock import EngineInfo
from snmptcp.security.remote_engine import Engine
from snmptcp.values import Counter32, Integer32, Null, OctetString, VarBind
from tests.support import wire
from tests.support.deadlines import within
from tests.support.usm import (
    AUTH_USER,
    COUNTERS,
    ENGINE_ID,
    OTHER_ENGINE_ID,
    PLAIN_USER,
    PRIV_USER,
    SimulatedEngine,
    forged,
    forged_parameters,
    known_engine,
    new_usm_session,
    parameters_of,
)
from tests.support.wire import ended_exchanges, varbinds

if TYPE_CHECKING:
    from snmptcp.protocol.exchange import Exchange
    from snmptcp.protocol.session import Session

NAME = "1.3.6.1.2.1.1.3.0"
SEVEN = varbinds((NAME, Integer32(7)))
USERS = [PLAIN_USER, AUTH_USER, PRIV_USER]
KEYED = [AUTH_USER, PRIV_USER]
LATCHED = 2147483647

each_user = pytest.mark.parametrize("user", USERS, ids=lambda user: user.security_level.name)
each_keyed_user = pytest.mark.parametrize("user", KEYED, ids=lambda user: user.security_level.name)


def begin(session: Session, now: float = 0.0, timeout: float = 5.0, name: str = NAME) -> Exchange:
    return session.start(get_request((name,)), within(timeout, now), now)


def send(session: Session, now: float = 0.0, timeout: float = 5.0) -> tuple[Exchange, bytes]:
    """Start a GET with a known engine and let it leave."""
    exchange = begin(session, now, timeout)
    (octets,) = session.data_to_send()
    return exchange, octets


def counted(session: Session) -> dict[str, int]:
    """Return the counters that are not zero, apart from the octets'."""
    return {name: value for name, value in session.statistics.as_dict().items() if value and "octets" not in name}


def reason_at_deadline(session: Session, exchange: Exchange) -> SnmpError | None:
    """Let a request run out of time; return the reason that its timeout tells."""
    assert session.events() == []
    assert not exchange.ended
    session.handle_timer(exchange.deadline.at)
    assert ended_exchanges(session) == [exchange]
    assert isinstance(exchange.error, RequestTimeout)
    return exchange.error.reason


def answered(session: Session, exchange: Exchange) -> None:
    assert exchange in ended_exchanges(session)
    assert exchange.error is None
    assert exchange.varbinds == SEVEN


# ---------------------------------------------------------------------------------------- discovery


@each_user
def test_an_unknown_engine_is_discovered_before_anything_else(user: UsmUser) -> None:
    simulated, session = SimulatedEngine(), new_usm_session(user)
    exchange = begin(session)

    (probe,) = session.data_to_send()

    asked = simulated.read(probe)
    assert asked.flags == MsgFlags.REPORTABLE
    assert asked.parameters[:6] == (b"", 0, 0, b"", b"", b"")
    assert (asked.context_engine_id, asked.context_name) == (b"", b"")
    assert asked.pdu == Pdu(PduType.GET, asked.pdu.request_id)
    assert asked.pdu.request_id != asked.message_id
    assert asked.max_size == 65536
    assert user.name not in probe
    assert not exchange.sent
    assert counted(session) == {"probes": 1}

    session.receive_data(simulated.answer(probe, 1.0), 1.0)
    (request,) = session.data_to_send()
    assert simulated.read(request).parameters.engine_id == ENGINE_ID
    session.receive_data(simulated.answer(request, 1.0), 1.0)
    answered(session, exchange)
    assert counted(session) == {"probes": 1, "reports": 1, "requests": 1, "responses": 1}


def test_one_probe_is_enough_for_all_requests_that_wait_and_for_those_that_come() -> None:
    simulated, session = SimulatedEngine(), new_usm_session()
    exchanges = [begin(session) for _ in range(100)]
    (probe,) = session.data_to_send()
    assert session.data_to_send() == []
    exchanges += [begin(session, 0.5) for _ in range(10)]
    assert session.data_to_send() == []

    session.receive_data(simulated.answer(probe, 1.0), 1.0)

    requests = session.data_to_send()
    assert [simulated.read(octets).message_id for octets in requests] == [each.message_id for each in exchanges]
    for octets in requests:
        session.receive_data(simulated.answer(octets, 2.0), 2.0)
    assert ended_exchanges(session) == exchanges
    assert all(exchange.varbinds == SEVEN for exchange in exchanges)
    assert counted(session) == {"probes": 1, "reports": 1, "requests": 110, "responses": 110}


@each_user
def test_a_known_engine_is_asked_at_once(user: UsmUser) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(user, Engine(simulated.info(), 0.0))

    exchange, octets = send(session, 10.0)

    asked = simulated.read(octets)
    assert asked.level is user.security_level
    assert asked.flags == int(user.security_level) | MsgFlags.REPORTABLE
    assert (asked.message_id, asked.pdu.request_id) == (exchange.message_id, exchange.request_id)
    assert asked.message_id != asked.pdu.request_id
    clock = (simulated.boots, simulated.time(10.0)) if user.auth else (0, 0)
    assert asked.parameters[:4] == (ENGINE_ID, *clock, user.name)
    assert (asked.context_engine_id, asked.context_name) == (ENGINE_ID, b"")
    session.receive_data(simulated.answer(octets, 10.0), 10.0)
    answered(session, exchange)
    assert counted(session) == {"requests": 1, "responses": 1}


@each_keyed_user
def test_an_engine_whose_time_is_unknown_tells_it_in_one_exchange_more(user: UsmUser) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(user, Engine(EngineInfo(ENGINE_ID)))
    exchange, octets = send(session)

    session.receive_data(simulated.answer(octets, 1.0), 1.0)
    (again,) = session.data_to_send()
    session.receive_data(simulated.answer(again, 1.0), 1.0)

    answered(session, exchange)
    assert counted(session) == {"requests": 2, "responses": 1, "reports": 1, "resent": 1}


def test_what_one_session_discovers_another_one_of_the_same_engine_knows() -> None:
    simulated, engine = SimulatedEngine(), Engine()
    first, second = new_usm_session(engine=engine), new_usm_session(AUTH_USER, engine)
    waiting = begin(second)
    assert len(second.data_to_send()) == 1
    begin(first)
    (probe,) = first.data_to_send()

    first.receive_data(simulated.answer(probe, 1.0), 1.0)

    (octets,) = second.data_to_send()
    second.receive_data(simulated.answer(octets, 1.0), 1.0)
    answered(second, waiting)


@pytest.mark.parametrize(
    "engine_id",
    [b"", b"1234", bytes(12), b"\xff" * 12, b"x" * 33, b"x" * 256],
    ids=["empty", "4 octets", "zeros", "ones", "33 octets", "256 octets"],
)
def test_an_engine_id_that_can_be_none_ends_the_requests_that_wait_and_the_next_one_asks_again(
    engine_id: bytes,
) -> None:
    impossible = len(engine_id) in {0, 256}
    simulated, session = SimulatedEngine(), new_usm_session(strict=not impossible)
    waiting = [begin(session), begin(session)]
    (probe,) = session.data_to_send()

    session.receive_data(simulated.report(probe, 1.0, "unknownEngineIDs", engine_id=engine_id), 1.0)

    assert ended_exchanges(session) == waiting
    assert all(isinstance(exchange.error, UnknownEngine) for exchange in waiting)
    assert session.data_to_send() == []
    begin(session, 1.0)
    (second,) = session.data_to_send()
    assert simulated.read(second).message_id != simulated.read(probe).message_id
    session.receive_data(simulated.answer(second, 2.0), 2.0)
    assert len(session.data_to_send()) == 1


@pytest.mark.parametrize(
    ("bindings", "kind"),
    [
        ((), SecurityError),
        (varbinds((NAME, Null())), SecurityError),
        (varbinds(("1.3.6.1.6.3.15.1.1.3.0", Counter32(1))), UnknownUser),
        (varbinds(("1.3.6.1.6.3.15.1.1.2.0", Counter32(1))), NotInTimeWindow),
        (varbinds(("1.3.6.1.6.3.12.1.5.0", Counter32(1))), UnknownContext),
    ],
    ids=["no counter", "another variable", "unknownUserNames", "notInTimeWindows", "unknownContexts"],
)
def test_a_report_that_does_not_tell_the_engine_ends_the_requests_that_wait(
    bindings: tuple[VarBind, ...], kind: type[SnmpError]
) -> None:
    for strict in (False, True):  # strictly, only one counter does
        simulated, session = SimulatedEngine(), new_usm_session(strict=strict)
        exchange = begin(session)
        (probe,) = session.data_to_send()

        named = None if strict else b""
        session.receive_data(simulated.report(probe, 1.0, "", bindings=bindings, engine_id=named), 1.0)

        assert ended_exchanges(session) == [exchange]
        assert type(exchange.error) is kind


@each_user
@pytest.mark.parametrize(
    "bindings",
    [
        (),
        varbinds((NAME, Null())),
        varbinds(("1.3.6.1.6.3.15.1.1.3.0", Counter32(1))),
        varbinds(("1.3.6.1.6.3.15.1.1.2.0", Counter32(1))),
        varbinds(("1.3.6.1.6.3.15.1.1.1.0", Counter32(1))),
        varbinds(("1.3.6.1.6.3.15.1.1.5.0", Counter32(1))),
        varbinds(("1.3.6.1.6.3.12.1.5.0", Counter32(1))),
        varbinds((NAME, Null()), (NAME, Null())),
    ],
    ids=[
        "no counter",
        "another variable",
        "unknownUserNames",
        "notInTimeWindows",
        "unsupportedSecLevels",
        "wrongDigests",
        "unknownContexts",
        "two variables",
    ],
)
def test_any_report_that_answers_the_probe_and_names_an_engine_teaches_it(
    user: UsmUser, bindings: tuple[VarBind, ...]
) -> None:
    simulated, session = SimulatedEngine(), new_usm_session(user)
    exchange = begin(session)
    (probe,) = session.data_to_send()

    session.receive_data(simulated.report(probe, 1.0, "", bindings=bindings), 1.0)

    (octets,) = session.data_to_send()
    session.receive_data(simulated.answer(octets, 1.0), 1.0)
    answered(session, exchange)
    assert session.statistics.probes == 1


def test_a_report_of_broken_variables_that_answers_the_probe_teaches_the_engine() -> None:
    for strict in (False, True):
        simulated, session = SimulatedEngine(), new_usm_session(strict=strict)
        exchange = begin(session)
        (probe,) = session.data_to_send()
        report = simulated.report(probe, 1.0, "", bindings=varbinds((NAME, Integer32(1))))
        session.receive_data(report[: report.rindex(b"\x02\x01\x01")] + b"\x1f\x01\x01", 1.0)
        if strict:
            assert session.data_to_send() == []
            assert isinstance(reason_at_deadline(session, exchange), DecodeError)
        else:
            (octets,) = session.data_to_send()
            session.receive_data(simulated.answer(octets, 1.0), 1.0)
            answered(session, exchange)


@pytest.mark.parametrize("counter", ["unknownUserNames", "notInTimeWindows", "unknownEngineIDs"])
def test_a_late_report_of_another_engine_to_the_probe_does_not_move_a_settled_one(counter: str) -> None:
    simulated, session = SimulatedEngine(), new_usm_session()
    exchange = begin(session)
    (probe,) = session.data_to_send()
    session.receive_data(simulated.answer(probe, 1.0), 1.0)
    (octets,) = session.data_to_send()
    session.receive_data(simulated.answer(octets, 1.0), 1.0)
    answered(session, exchange)

    session.receive_data(simulated.report(probe, 1.0, counter, engine_id=OTHER_ENGINE_ID), 1.0)

    assert session._security.peer == ENGINE_ID


@pytest.mark.parametrize("engine_id", [b"1", b"1234", bytes(12), b"\xff" * 12, b"x" * 33, b"x" * 255])
@each_user
def test_an_engine_id_that_is_not_valid_is_used_as_it_comes(user: UsmUser, engine_id: bytes) -> None:
    simulated, session = SimulatedEngine(engine_id=engine_id), new_usm_session(user)
    exchange = begin(session)
    (probe,) = session.data_to_send()
    session.receive_data(simulated.answer(probe, 1.0), 1.0)
    (octets,) = session.data_to_send()
    session.receive_data(simulated.answer(octets, 1.0), 1.0)
    answered(session, exchange)


def probe_answers(simulated: SimulatedEngine, probe: bytes) -> dict[str, bytes]:
    """Return what is no answer to a probe."""
    asked = simulated.read(probe)
    report = simulated.answer(probe, 1.0)
    cut = forged_parameters(report)
    return {
        "another msgID": simulated.report(probe, 1.0, "unknownEngineIDs", message_id=asked.message_id + 1),
        "msgID zero": simulated.report(probe, 1.0, "unknownEngineIDs", message_id=0),
        "a response": simulated.respond(probe, 1.0),
        "a response of the user's": simulated.respond(probe, 1.0, user_name=PRIV_USER.name),
        "a request": simulated.seal(asked, 1.0, Pdu(PduType.GET, asked.message_id)),
        "a version 2c response": wire.response(asked.message_id),
        "the probe itself": probe,
        "another security model": forged(report, security_model=4),
        "privacy without authentication": forged(report, msg_flags=2),
        "parameters that break off": forged(report, security_parameters=cut[:20]),
        "an empty message": b"\x30\x00",
        "authenticated without a user": forged(report, msg_flags=1),
    }


NO_ANSWERS = list(probe_answers(SimulatedEngine(), new_usm_session()._security.probe(1, 1)))  # type: ignore[attr-defined]


@each_user
@pytest.mark.parametrize("kind", NO_ANSWERS)
def test_what_is_no_answer_to_the_probe_changes_nothing(kind: str, user: UsmUser) -> None:
    simulated, session = SimulatedEngine(), new_usm_session(user)
    exchange = begin(session)
    (probe,) = session.data_to_send()

    session.receive_data(probe_answers(simulated, probe)[kind], 1.0)

    assert session.events() == []
    assert session.data_to_send() == []
    assert not session._security.ready
    assert session.closed is None
    session.receive_data(simulated.answer(probe, 2.0), 2.0)
    (request,) = session.data_to_send()
    session.receive_data(simulated.answer(request, 2.0), 2.0)
    answered(session, exchange)


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("a version 2c response", WrongVersion),
        ("another security model", SecurityError),
        ("a response", UnknownEngine),
        ("an empty message", DecodeError),
    ],
)
def test_who_waits_for_discovery_is_told_why_the_answer_to_the_probe_was_refused(
    kind: str, reason: type[SnmpError]
) -> None:
    simulated, session = SimulatedEngine(), new_usm_session()
    exchange = begin(session)
    (probe,) = session.data_to_send()

    session.receive_data(probe_answers(simulated, probe)[kind], 1.0)

    assert isinstance(reason_at_deadline(session, exchange), reason)


def test_requests_that_wait_for_discovery_expire_and_the_next_one_asks_again() -> None:
    simulated, session = SimulatedEngine(), new_usm_session()
    exchange = begin(session)
    (probe,) = session.data_to_send()
    assert session.next_timer() == 1.0  # when the probe counts as lost

    assert reason_at_deadline(session, exchange) is None

    assert session.data_to_send() == []
    second = begin(session, 6.0)
    (another,) = session.data_to_send()
    assert simulated.read(another).message_id != simulated.read(probe).message_id
    session.receive_data(simulated.answer(another, 6.0), 6.0)
    (request,) = session.data_to_send()
    session.receive_data(simulated.answer(request, 6.0), 6.0)
    answered(session, second)
    assert session.statistics.probes == 2


def test_a_slow_discovery_is_not_undone_by_requests_that_do_not_wait_for_it() -> None:
    # The engine takes 3 s to answer; impatient requests come and go meanwhile.
    simulated, session = SimulatedEngine(), new_usm_session()
    patient = begin(session, 0.0, timeout=60.0)
    probes = [(0.0, octets) for octets in session.data_to_send()]
    for now in range(1, 20):
        session.handle_timer(float(now))
        session.events()
        for octets in [octets for sent, octets in probes if sent + 3.0 == now]:
            session.receive_data(simulated.answer(octets, now), float(now))
        begin(session, float(now), timeout=1.0)
        leaving = session.data_to_send()
        if session._security.ready:
            break
        probes += [(float(now), octets) for octets in leaving]

    assert session._security.ready
    assert patient.sent


def test_a_request_cancelled_before_the_probe_leaves_no_probe() -> None:
    session = new_usm_session()
    session.abandon(begin(session))

    assert session.data_to_send() == []
    assert counted(session) == {"abandoned": 1}


def test_a_request_cancelled_while_it_waits_does_not_cancel_the_others() -> None:
    simulated, session = SimulatedEngine(), new_usm_session()
    cancelled, kept = begin(session), begin(session)
    (probe,) = session.data_to_send()
    session.abandon(cancelled)

    session.receive_data(simulated.answer(probe, 1.0), 1.0)

    (octets,) = session.data_to_send()
    assert simulated.read(octets).message_id == kept.message_id
    session.receive_data(simulated.answer(octets, 1.0), 1.0)
    answered(session, kept)


def test_an_abandoned_discovery_still_counts() -> None:
    simulated, session = SimulatedEngine(), new_usm_session()
    session.abandon(begin(session))
    cancelled = begin(session)
    (probe,) = session.data_to_send()
    session.abandon(cancelled)

    session.receive_data(simulated.answer(probe, 1.0), 1.0)

    assert session.events() == []
    exchange, octets = send(session, 1.0)
    session.receive_data(simulated.answer(octets, 1.0), 1.0)
    answered(session, exchange)
    assert session.statistics.probes == 1


def test_a_request_after_a_cancelled_one_asks_again_if_the_first_probe_got_no_answer() -> None:
    session = new_usm_session()
    cancelled = begin(session)
    assert len(session.data_to_send()) == 1
    session.abandon(cancelled)  # the agent has lost the probe, and the caller has lost patience

    begin(session, 100.0)

    assert len(session.data_to_send()) == 1


def test_a_probe_whose_session_ends_takes_the_requests_that_wait_with_it() -> None:
    session = new_usm_session()
    exchange = begin(session)
    session.data_to_send()

    session.receive_eof(ClosedError("the manager was closed"))

    assert session.events()[0] is exchange
    assert isinstance(exchange.error, ClosedError)
    assert session.data_to_send() == []


def test_a_second_report_to_a_probe_changes_nothing() -> None:
    simulated, session = SimulatedEngine(), new_usm_session()
    exchange = begin(session)
    (probe,) = session.data_to_send()
    session.receive_data(simulated.answer(probe, 1.0), 1.0)
    (request,) = session.data_to_send()

    other = SimulatedEngine(engine_id=OTHER_ENGINE_ID, boots=1)
    session.receive_data(other.answer(probe, 1.0), 1.0)

    assert session.data_to_send() == []
    session.receive_data(simulated.answer(request, 1.0), 1.0)
    answered(session, exchange)


# ------------------------------------------------------------------------------ reports and what they end

VERDICTS = {
    "unsupportedSecLevels": SecurityLevelTooLow,
    "unknownUserNames": UnknownUser,
    "wrongDigests": WrongDigest,
    "decryptionErrors": DecryptionFailed,
    "unknownSecurityModels": SecurityError,
    "invalidMsgs": SecurityError,
    "unknownPDUHandlers": SecurityError,
    "unavailableContexts": UnknownContext,
    "unknownContexts": UnknownContext,
}


def levels_up_to(user: UsmUser) -> list[SecurityLevel]:
    return [level for level in SecurityLevel if level <= user.security_level]


CASES = [(user, level) for user in USERS for level in levels_up_to(user)]


@pytest.mark.parametrize("counter", VERDICTS)
@pytest.mark.parametrize(
    ("user", "level"), CASES, ids=[f"{user.security_level.name} answered {level.name}" for user, level in CASES]
)
def test_a_report_ends_the_request_if_it_is_protected_or_else_is_the_reason_at_the_deadline(
    user: UsmUser, level: SecurityLevel, counter: str
) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(user, known_engine(simulated))
    exchange, octets = send(session)

    session.receive_data(simulated.report(octets, 1.0, counter, level), 1.0)

    if level == SecurityLevel.noAuthNoPriv and user.auth:
        assert counted(session) == {"requests": 1, "reports": 1, "refused": 1}
        error = reason_at_deadline(session, exchange)
    else:
        assert ended_exchanges(session) == [exchange]
        error = exchange.error
        assert counted(session) == {"requests": 1, "reports": 1}
    assert type(error) is VERDICTS[counter]
    assert session.data_to_send() == []


@each_keyed_user
@pytest.mark.parametrize("counter", [*VERDICTS, "notInTimeWindows"])
def test_after_an_unauthenticated_report_the_true_answer_still_counts(user: UsmUser, counter: str) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(user, known_engine(simulated))
    exchange, octets = send(session)

    session.receive_data(simulated.report(octets, 1.0, counter, boots=LATCHED - 1, time=5), 1.0)
    session.receive_data(simulated.answer(octets, 1.0), 1.0)

    answered(session, exchange)


@pytest.mark.parametrize(
    "bindings",
    [
        (),
        varbinds((NAME, Null())),
        varbinds((NAME, OctetString("x" * 500))),
        varbinds(("1.3.6.1.6.3.15.1.1.99.0", Counter32(1))),
    ],
    ids=["none", "another variable", "a long one", "a counter of the future"],
)
def test_a_report_is_known_by_its_type_whatever_it_carries(bindings: tuple[VarBind, ...]) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(AUTH_USER, known_engine(simulated))
    exchange, octets = send(session)

    session.receive_data(simulated.report(octets, 1.0, "", SecurityLevel.authNoPriv, bindings=bindings), 1.0)

    assert ended_exchanges(session) == [exchange]
    assert type(exchange.error) is SecurityError


def test_a_response_that_carries_a_counter_is_an_answer_and_no_report() -> None:
    simulated = SimulatedEngine()
    engine = known_engine(simulated)
    session = new_usm_session(AUTH_USER, engine)
    counter = COUNTERS["notInTimeWindows"]
    exchange = session.start(get_request((counter,)), within(5.0), 0.0)
    (octets,) = session.data_to_send()

    session.receive_data(simulated.respond(octets, 1.0, Counter32(3)), 1.0)

    assert ended_exchanges(session) == [exchange]
    assert exchange.varbinds == (VarBind(counter, Counter32(3)),)
    assert counted(session) == {"requests": 1, "responses": 1}


@pytest.mark.parametrize("level", [SecurityLevel.noAuthNoPriv, SecurityLevel.authNoPriv], ids=lambda level: level.name)
@pytest.mark.parametrize("request_id", [0, 1, 0x7FFFFFFF, -1])
def test_the_request_id_of_a_report_may_be_any(request_id: int, level: SecurityLevel) -> None:
    # An agent that could not decrypt does not know it (RFC 3412 section 7.1 step 3).
    simulated = SimulatedEngine()
    session = new_usm_session(AUTH_USER, known_engine(simulated))
    exchange, octets = send(session)
    pdu = Pdu(PduType.REPORT, request_id, 0, 0, (VarBind(COUNTERS["wrongDigests"], Counter32(1)),))

    session.receive_data(simulated.seal(simulated.read(octets), 1.0, pdu, level=level), 1.0)

    assert session.statistics.reports == 1
    if level == SecurityLevel.noAuthNoPriv:
        assert isinstance(reason_at_deadline(session, exchange), WrongDigest)
    else:
        assert ended_exchanges(session) == [exchange]
        assert isinstance(exchange.error, WrongDigest)


def test_a_report_to_nothing_that_is_pending_is_counted_and_not_learned_from() -> None:
    simulated = SimulatedEngine()
    engine = known_engine(simulated)
    session = new_usm_session(AUTH_USER, engine)
    exchange, octets = send(session)
    session.receive_data(simulated.answer(octets, 1.0), 1.0)
    answered(session, exchange)

    for level in (SecurityLevel.noAuthNoPriv, SecurityLevel.authNoPriv):
        session.receive_data(simulated.report(octets, 1.0, "notInTimeWindows", level, boots=99, time=1), 1.0)
    session.receive_data(simulated.report(octets, 1.0, "unknownEngineIDs", engine_id=OTHER_ENGINE_ID), 1.0)

    assert engine.info(1.0) == simulated.info(1.0)
    assert counted(session) == {"requests": 1, "responses": 1, "duplicates": 3}


# ----------------------------------------------------------------------------- notInTimeWindows: the time


def rebooted(simulated: SimulatedEngine) -> None:
    simulated.boots, simulated.started = simulated.boots + 1, 0.0


def lost_its_boots(simulated: SimulatedEngine) -> None:
    simulated.boots, simulated.started = 0, 0.0


def jumped_ahead(simulated: SimulatedEngine) -> None:
    simulated.started -= 1e6


def jumped_back(simulated: SimulatedEngine) -> None:
    simulated.started += 4000.0


@each_keyed_user
@pytest.mark.parametrize(
    "story", [rebooted, lost_its_boots, jumped_ahead, jumped_back], ids=lambda story: story.__name__
)
def test_an_engine_in_another_time_costs_one_exchange_more_once(story: Any, user: UsmUser) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(user, known_engine(simulated))
    story(simulated)
    exchanges = [begin(session, 1.0) for _ in range(5)]

    for octets in session.data_to_send():
        session.receive_data(simulated.answer(octets, 1.0), 1.0)
    assert session.events() == []
    for octets in session.data_to_send():
        session.receive_data(simulated.answer(octets, 2.0), 2.0)

    assert ended_exchanges(session) == exchanges
    assert all(exchange.varbinds == SEVEN for exchange in exchanges)
    assert counted(session) == {"requests": 10, "responses": 5, "reports": 5, "resent": 5}
    exchange, octets = send(session, 3.0)
    session.receive_data(simulated.answer(octets, 3.0), 3.0)
    answered(session, exchange)
    assert session.statistics.resent == 5


@pytest.mark.parametrize("idle", [0.0, 149.0, 151.0, 3600.0, 25 * 86400.0])
def test_an_idle_connection_needs_no_resynchronization(idle: float) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(PRIV_USER, known_engine(simulated))

    exchange, octets = send(session, idle)
    session.receive_data(simulated.answer(octets, idle), idle)

    answered(session, exchange)
    assert session.statistics.resent == 0


def test_a_request_is_sent_once_more_with_a_msg_id_of_its_own_and_the_time_of_the_report() -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(PRIV_USER, Engine(EngineInfo(ENGINE_ID)))
    exchange, octets = send(session)
    first = exchange.message_id

    session.receive_data(simulated.answer(octets, 1.0), 1.0)
    (again,) = session.data_to_send()

    asked = simulated.read(again)
    assert asked.message_id == exchange.message_id != first
    assert asked.pdu.request_id == exchange.request_id == simulated.read(octets).pdu.request_id
    assert asked.parameters[:3] == (ENGINE_ID, simulated.boots, simulated.time(1.0))
    assert asked.pdu.varbinds == simulated.read(octets).pdu.varbinds
    assert exchange.deadline.at == 5.0
    session.receive_data(simulated.respond(octets, 1.0, boots=7), 1.0)  # a late answer to the first one
    assert session.events() == []
    assert session.statistics.late == 1


@each_keyed_user
def test_a_request_that_is_out_of_the_window_again_ends_and_is_not_sent_for_ever(user: UsmUser) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(user, known_engine(simulated))
    exchange, octets = send(session)

    session.receive_data(simulated.report(octets, 1.0, "notInTimeWindows", SecurityLevel.authNoPriv), 1.0)
    (again,) = session.data_to_send()
    session.receive_data(simulated.report(again, 1.0, "notInTimeWindows", SecurityLevel.authNoPriv), 1.0)

    assert ended_exchanges(session) == [exchange]
    assert isinstance(exchange.error, NotInTimeWindow)
    assert session.data_to_send() == []
    assert session.statistics.resent == 1


@each_keyed_user
def test_a_set_leaves_only_after_the_engine_has_proved_its_time(user: UsmUser) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(user, Engine(EngineInfo(ENGINE_ID)))
    exchange = session.start(set_request(SEVEN), within(5.0), 0.0)

    (proof,) = session.data_to_send()
    assert simulated.read(proof).level is user.security_level
    assert simulated.read(proof).pdu.type is PduType.GET
    assert session.data_to_send() == []
    session.receive_data(simulated.answer(proof, 1.0), 1.0)  # an authentic report of its time
    (octets,) = session.data_to_send()
    session.receive_data(simulated.answer(octets, 1.0), 1.0)

    assert simulated.read(octets).pdu[1:] == (exchange.request_id, 0, 0, SEVEN)
    answered(session, exchange)
    assert counted(session) == {"probes": 1, "reports": 1, "requests": 1, "responses": 1}


def test_a_set_leaves_at_once_if_the_engine_has_just_answered() -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(PRIV_USER, known_engine(simulated))
    _, octets = send(session)
    session.receive_data(simulated.answer(octets, 1.0), 1.0)
    session.events()

    session.start(set_request(SEVEN), within(200.0, 150.0), 150.0)
    (octets,) = session.data_to_send()
    assert simulated.read(octets).pdu.type is PduType.SET
    session.start(set_request(SEVEN), within(200.0, 152.0), 152.0)
    (proof,) = session.data_to_send()  # the proof is older than the time window
    assert simulated.read(proof).pdu.type is PduType.GET


def test_a_set_without_authentication_needs_no_proof() -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(PLAIN_USER, known_engine(simulated))
    session.start(set_request(SEVEN), within(5.0), 0.0)

    (octets,) = session.data_to_send()

    assert simulated.read(octets).pdu.type is PduType.SET


@each_keyed_user
def test_a_set_is_not_sent_again_for_an_authentic_report_of_the_time(user: UsmUser) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(user, known_engine(simulated))
    _, octets = send(session)
    session.receive_data(simulated.answer(octets, 1.0), 1.0)
    session.events()
    exchange = session.start(set_request(SEVEN), within(5.0, 1.0), 1.0)
    (octets,) = session.data_to_send()

    for _ in range(3):
        session.receive_data(simulated.report(octets, 1.0, "notInTimeWindows", SecurityLevel.authNoPriv), 1.0)

    assert ended_exchanges(session) == [exchange]
    assert isinstance(exchange.error, NotInTimeWindow)
    assert session.data_to_send() == []


@each_keyed_user
@pytest.mark.parametrize("counter", ["wrongDigests", "unknownUserNames", "unknownEngineIDs"])
def test_a_set_waits_for_a_proof_that_is_refused_and_tells_why(user: UsmUser, counter: str) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(user, known_engine(simulated))
    exchange = session.start(set_request(SEVEN), within(5.0), 0.0)
    (proof,) = session.data_to_send()

    session.receive_data(simulated.report(proof, 0.5, counter), 0.5)

    assert session.data_to_send() == []
    session.handle_timer(1.0)
    (again,) = session.data_to_send()
    assert simulated.read(again).pdu.type is PduType.GET
    reason = reason_at_deadline(session, exchange)
    assert reason is not None
    assert isinstance(reason, SecurityError)
    assert session.data_to_send() == []


def test_a_set_fails_with_the_authentic_report_that_refuses_its_context() -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(AUTH_USER, known_engine(simulated))
    exchange = session.start(set_request(SEVEN), within(5.0), 0.0)
    (proof,) = session.data_to_send()

    session.receive_data(simulated.report(proof, 0.5, "unknownContexts", SecurityLevel.authNoPriv), 0.5)

    assert ended_exchanges(session) == [exchange]
    assert isinstance(exchange.error, UnknownContext)


def test_reads_behind_a_set_keep_their_place() -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(AUTH_USER, known_engine(simulated))
    first = begin(session)
    written = session.start(set_request(SEVEN), within(5.0), 0.0)
    after = begin(session)

    octets, proof = session.data_to_send()
    assert simulated.read(octets).message_id == first.message_id
    session.receive_data(simulated.answer(proof, 1.0), 1.0)

    leaving = [simulated.read(octets).message_id for octets in session.data_to_send()]
    assert leaving == [written.message_id, after.message_id]


def set_that_waits(user: UsmUser = PRIV_USER) -> tuple[Session, Exchange, bytes]:
    """Return a session whose engine is only claimed, a SET that waits, and the request for a proof."""
    session = new_usm_session(user, known_engine(SimulatedEngine(), authenticated=False))
    exchange = session.start(set_request(SEVEN), within(60.0), 0.0)
    (proof,) = session.data_to_send()
    return session, exchange, proof


def test_the_proof_is_asked_for_again_at_once_if_requests_turn_to_another_engine() -> None:
    other = SimulatedEngine(engine_id=OTHER_ENGINE_ID)
    session, exchange, proof = set_that_waits()

    session.receive_data(other.answer(proof, 0.1), 0.1)
    (again,) = session.data_to_send()
    session.receive_data(other.answer(again, 0.2), 0.2)
    (octets,) = session.data_to_send()
    session.receive_data(other.answer(octets, 0.3), 0.3)

    answered(session, exchange)


def test_the_engine_that_was_asked_for_the_proof_may_still_give_it_after_a_forged_report() -> None:
    simulated = SimulatedEngine()
    session, exchange, proof = set_that_waits()
    session.receive_data(simulated.report(proof, 0.1, "unknownEngineIDs", engine_id=OTHER_ENGINE_ID), 0.1)
    session.data_to_send()

    session.receive_data(simulated.answer(proof, 0.2), 0.2)
    (octets,) = session.data_to_send()
    session.receive_data(simulated.answer(octets, 0.3), 0.3)

    answered(session, exchange)


def test_only_the_engine_that_was_asked_for_the_proof_may_give_it() -> None:
    simulated, other = SimulatedEngine(), SimulatedEngine(engine_id=OTHER_ENGINE_ID)
    session, _, proof = set_that_waits()
    session.receive_data(simulated.report(proof, 0.1, "unknownEngineIDs", engine_id=OTHER_ENGINE_ID), 0.1)
    session.data_to_send()

    for answer in (
        other.respond(proof, 0.2),
        other.respond(proof, 0.2, context_engine_id=ENGINE_ID),
        other.report(proof, 0.2, "notInTimeWindows", SecurityLevel.authNoPriv),
    ):
        session.receive_data(answer, 0.2)

    assert session.data_to_send() == []


def test_reports_that_name_one_engine_after_the_other_do_not_hurry_the_requests_for_a_proof() -> None:
    simulated = SimulatedEngine()
    session, _, proof = set_that_waits()
    for number in range(20):
        engine_id = OTHER_ENGINE_ID + bytes((number,))
        session.receive_data(simulated.report(proof, 0.1, "unknownEngineIDs", engine_id=engine_id), 0.1)
        proof, *_ = session.data_to_send() or [proof]

    assert session.statistics.probes == 2


def test_the_request_for_a_proof_does_not_make_what_leaves_exceed_its_limit() -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(AUTH_USER, known_engine(simulated))
    reads = [begin(session) for _ in range(3)]
    session.start(set_request(SEVEN), within(5.0), 0.0)

    first = session.data_to_send(400)
    second = session.data_to_send(400)

    assert len(first) == len(reads)
    assert sum(map(len, first)) <= 400
    assert [simulated.read(octets).pdu.type for octets in second] == [PduType.GET]


def test_a_request_that_has_to_wait_for_its_turn_is_not_encrypted_in_vain() -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(PRIV_USER, known_engine(simulated))
    for _ in range(4):
        begin(session)

    leaving = [session.data_to_send(1) for _ in range(4)]

    salts = [int.from_bytes(simulated.read(octets).parameters.priv_parameters, "big") for (octets,) in leaving]
    assert [after - before for before, after in pairwise(salts)] == [1, 1, 1]


def test_a_set_that_is_given_up_while_it_waits_for_a_proof_leaves_nothing_behind() -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(AUTH_USER, known_engine(simulated))
    exchange = session.start(set_request(SEVEN), within(5.0), 0.0)
    (proof,) = session.data_to_send()

    session.abandon(exchange)

    assert session.data_to_send() == []
    assert session.next_timer() == inf
    session.receive_data(simulated.answer(proof, 1.0), 1.0)
    assert session.events() == []


@each_keyed_user
@pytest.mark.parametrize(("boots", "time"), [(LATCHED - 1, 1), (0, 0), (7, 1), (8, 5000), (LATCHED, 5)])
def test_an_unauthenticated_report_does_not_move_an_authenticated_clock(user: UsmUser, boots: int, time: int) -> None:
    simulated = SimulatedEngine()
    engine = known_engine(simulated)
    session = new_usm_session(user, engine)
    exchange, octets = send(session)
    for counter in ("notInTimeWindows", "unknownEngineIDs", "wrongDigests"):
        session.receive_data(simulated.report(octets, 1.0, counter, boots=boots, time=time), 1.0)

    assert engine.info(1.0) == simulated.info(1.0)
    # What is ahead of the authenticated clock may be the truth after a restart: a read is sent with it, once.
    ahead = (8, 0) <= (boots, time) < (LATCHED, 0)
    assert [parameters_of(message)[1:3] for message in session.data_to_send()] == [(boots, time)] * ahead
    session.receive_data(simulated.answer(octets, 1.0), 1.0)
    answered(session, exchange)


def test_unauthenticated_reports_do_not_move_an_authenticated_clock_by_way_of_another_engine() -> None:
    # First one that names another engine, then one that names the true one again, with a time of its own.
    simulated = SimulatedEngine()
    engine = known_engine(simulated)
    session = new_usm_session(AUTH_USER, engine)
    _, octets = send(session)

    session.receive_data(simulated.report(octets, 1.0, "unknownEngineIDs", engine_id=OTHER_ENGINE_ID), 1.0)
    assert session.data_to_send() == []
    forgery = simulated.report(octets, 1.0, "unknownEngineIDs", engine_id=ENGINE_ID, boots=LATCHED - 1, time=1)
    session.receive_data(forgery, 1.0)

    assert engine.info(1.0) == simulated.info(1.0)


@each_keyed_user
def test_an_unauthenticated_report_of_the_time_sends_a_read_once_more_and_no_set(user: UsmUser) -> None:
    # Agents that cannot authenticate it are met (pysnmp issue 107).  Both transmissions may be answered.
    for write, answered_one in ((False, 0), (False, 1), (True, 0)):
        simulated = SimulatedEngine()
        session = new_usm_session(user, Engine(EngineInfo(ENGINE_ID)))
        if write:
            session._probes.receive_proof(ENGINE_ID, 0.0)
        exchange = session.start(set_request(SEVEN) if write else get_request((NAME,)), within(5.0), 0.0)
        (octets,) = session.data_to_send()
        report = simulated.report(octets, 1.0, "notInTimeWindows", level=SecurityLevel.noAuthNoPriv)

        session.receive_data(report, 1.0)
        again = session.data_to_send()
        session.receive_data(report, 1.0)
        assert session.data_to_send() == []

        if write:
            assert again == []
            assert isinstance(reason_at_deadline(session, exchange), NotInTimeWindow)
            continue
        assert [parameters_of(message)[1:3] for message in again] == [simulated.info(1.0)[1:]]
        assert session.statistics.resent == 1
        session.receive_data(simulated.respond((octets, *again)[answered_one], 1.0, Integer32(7)), 1.0)
        answered(session, exchange)


@each_keyed_user
def test_strictly_an_unauthenticated_report_of_the_time_is_not_believed(user: UsmUser) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(user, Engine(EngineInfo(ENGINE_ID)), strict=True)
    exchange, octets = send(session)
    session.receive_data(simulated.report(octets, 1.0, "notInTimeWindows", level=SecurityLevel.noAuthNoPriv), 1.0)
    assert session.data_to_send() == []
    assert isinstance(reason_at_deadline(session, exchange), NotInTimeWindow)


@each_keyed_user
def test_the_answer_that_comes_before_a_request_leaves_again_ends_it(user: UsmUser) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(user, Engine(EngineInfo(ENGINE_ID)))
    exchange, octets = send(session)
    session.receive_data(simulated.report(octets, 1.0, "notInTimeWindows", level=SecurityLevel.noAuthNoPriv), 1.0)
    session.receive_data(simulated.respond(octets, 1.0, Integer32(7)), 1.0)
    answered(session, exchange)
    assert session.data_to_send() == []


@each_keyed_user
def test_a_false_hint_of_the_time_is_corrected_by_the_engine(user: UsmUser) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(user, Engine(EngineInfo(ENGINE_ID)))
    exchange, octets = send(session)
    forged_report = simulated.report(octets, 1.0, "notInTimeWindows", boots=LATCHED - 1, time=5)
    session.receive_data(forged_report, 1.0)
    (misled,) = session.data_to_send()
    assert parameters_of(misled)[1:3] == (LATCHED - 1, 5)

    session.receive_data(simulated.report(misled, 1.0, "notInTimeWindows", SecurityLevel.authNoPriv), 1.0)

    (third,) = session.data_to_send()
    assert parameters_of(third)[1:3] == simulated.info(1.0)[1:]
    session.receive_data(simulated.answer(third, 1.0), 1.0)
    answered(session, exchange)


@each_keyed_user
def test_once_the_engine_has_proved_its_time_no_unauthenticated_report_of_it_is_believed(user: UsmUser) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(user, known_engine(simulated))
    first, octets = send(session)
    session.receive_data(simulated.answer(octets, 1.0), 1.0)
    answered(session, first)

    second, octets = send(session, 1.0)
    session.receive_data(simulated.report(octets, 2.0, "notInTimeWindows", boots=9, time=1), 2.0)

    assert session.data_to_send() == []
    assert isinstance(reason_at_deadline(session, second), NotInTimeWindow)


@each_keyed_user
def test_a_hint_ahead_of_the_authenticated_clock_is_for_sending_alone(user: UsmUser) -> None:
    simulated = SimulatedEngine()
    engine = known_engine(simulated)
    session = new_usm_session(user, engine)
    exchange, octets = send(session)
    session.receive_data(simulated.report(octets, 1.0, "notInTimeWindows", boots=9, time=1), 1.0)
    (again,) = session.data_to_send()
    assert parameters_of(again)[1:3] == (9, 1)

    session.receive_data(simulated.respond(again, 1.0, Integer32(7)), 1.0)  # with the engine's true time

    answered(session, exchange)
    _, octets = send(session, 1.0)
    assert parameters_of(octets)[1:3] == simulated.info(1.0)[1:]


@each_keyed_user
def test_an_unauthenticated_report_of_the_time_lets_a_set_ask_again_for_the_proof_and_is_none(user: UsmUser) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(user, Engine(EngineInfo(ENGINE_ID)))
    exchange = session.start(set_request(SEVEN), within(5.0), 0.0)
    (first,) = session.data_to_send()
    assert simulated.read(first).pdu.type is PduType.GET
    report = simulated.report(first, 1.0, "notInTimeWindows", level=SecurityLevel.noAuthNoPriv)

    session.receive_data(report, 1.0)
    (second,) = session.data_to_send()
    assert simulated.read(second).pdu.type is PduType.GET
    assert parameters_of(second)[1:3] == simulated.info(1.0)[1:]
    for _ in range(3):  # it does not ask at the pace of reports
        session.receive_data(simulated.report(second, 1.0, "notInTimeWindows", boots=9, time=9), 1.0)
        assert session.data_to_send() == []

    session.receive_data(simulated.answer(second, 1.0), 1.0)
    (written,) = session.data_to_send()
    assert simulated.read(written).pdu.type is PduType.SET
    session.receive_data(simulated.answer(written, 1.0), 1.0)
    answered(session, exchange)


@each_keyed_user
def test_an_engine_whose_boots_are_latched_ends_the_request(user: UsmUser) -> None:
    simulated = SimulatedEngine(boots=LATCHED)
    session = new_usm_session(user, known_engine(simulated))
    exchange, octets = send(session)

    session.receive_data(simulated.answer(octets, 1.0), 1.0)

    assert ended_exchanges(session) == [exchange]
    assert isinstance(exchange.error, NotInTimeWindow)
    assert session.data_to_send() == []


@each_keyed_user
def test_a_reply_with_latched_boots_is_refused(user: UsmUser) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(user, known_engine(simulated))
    exchange, octets = send(session)

    session.receive_data(simulated.respond(octets, 1.0, boots=LATCHED), 1.0)

    assert isinstance(reason_at_deadline(session, exchange), NotInTimeWindow)


@each_keyed_user
@pytest.mark.parametrize(("late_by", "accepted"), [(0, True), (150, True), (151, False), (5000, False)])
def test_a_reply_may_be_150_seconds_old_and_no_more(user: UsmUser, late_by: int, accepted: bool) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(user, known_engine(simulated))
    exchange, octets = send(session, timeout=6000.0)

    session.receive_data(simulated.respond(octets, 1.0, time=simulated.time(1.0) - late_by), 1.0)

    if accepted:
        answered(session, exchange)
    else:
        assert counted(session) == {"requests": 1, "refused": 1}
        assert isinstance(reason_at_deadline(session, exchange), NotInTimeWindow)


@each_keyed_user
@pytest.mark.parametrize("boots", [0, 6])
def test_a_reply_from_before_the_last_start_is_refused(user: UsmUser, boots: int) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(user, known_engine(simulated))
    exchange, octets = send(session)

    session.receive_data(simulated.respond(octets, 1.0, boots=boots), 1.0)

    assert isinstance(reason_at_deadline(session, exchange), NotInTimeWindow)


# ---------------------------------------------------------------------------- unknownEngineIDs: another engine


@each_user
def test_an_agent_with_another_engine_id_costs_one_exchange_more_once(user: UsmUser) -> None:
    engine = known_engine(SimulatedEngine(), authenticated=False)
    session = new_usm_session(user, engine)
    replaced = SimulatedEngine(engine_id=OTHER_ENGINE_ID, boots=1, started=0.0)
    exchange, octets = send(session)

    session.receive_data(replaced.answer(octets, 1.0), 1.0)
    (again,) = session.data_to_send()
    session.receive_data(replaced.answer(again, 1.0), 1.0)

    answered(session, exchange)
    assert parameters_of(again).engine_id == OTHER_ENGINE_ID
    assert counted(session) == {"requests": 2, "responses": 1, "reports": 1, "resent": 1}
    exchange, octets = send(session, 2.0)
    session.receive_data(replaced.answer(octets, 2.0), 2.0)
    answered(session, exchange)


@each_user
def test_all_requests_under_way_survive_that_the_agent_has_another_engine_id(user: UsmUser) -> None:
    session = new_usm_session(user, known_engine(SimulatedEngine(), authenticated=False))
    replaced = SimulatedEngine(engine_id=OTHER_ENGINE_ID, boots=1, started=0.0)
    exchanges = [begin(session) for _ in range(5)]

    for octets in session.data_to_send():
        session.receive_data(replaced.answer(octets, 1.0), 1.0)
    for octets in session.data_to_send():
        session.receive_data(replaced.answer(octets, 1.0), 1.0)

    assert [exchange.error for exchange in exchanges] == [None] * 5
    assert ended_exchanges(session) == exchanges
    assert all(exchange.varbinds == SEVEN for exchange in exchanges)


@each_user
def test_an_agent_that_changes_its_engine_id_again_is_not_followed_for_ever(user: UsmUser) -> None:
    session = new_usm_session(user, known_engine(SimulatedEngine(), authenticated=False))
    exchange, octets = send(session)
    for number in range(2):
        engine_id = b"\x80\0\0\0\x05" + bytes((number,))
        session.receive_data(SimulatedEngine(engine_id=engine_id).report(octets, 1.0, "unknownEngineIDs"), 1.0)
        leaving = session.data_to_send()
        octets = leaving[0] if leaving else octets

    assert session.statistics.resent == 1
    assert session.data_to_send() == []
    error = exchange.error if user is PLAIN_USER else reason_at_deadline(session, exchange)
    assert isinstance(error, UnknownEngine)


@each_user
@pytest.mark.parametrize(
    "engine_id", [ENGINE_ID, b"", b"1234", bytes(12), b"\xff" * 12], ids=["same", "empty", "4", "0", "ff"]
)
def test_a_report_that_names_no_other_engine_is_not_followed(user: UsmUser, engine_id: bytes) -> None:
    simulated = SimulatedEngine()
    engine = known_engine(simulated)
    session = new_usm_session(user, engine)
    exchange, octets = send(session)

    session.receive_data(simulated.report(octets, 1.0, "unknownEngineIDs", engine_id=engine_id, boots=1, time=1), 1.0)

    assert session.data_to_send() == []
    assert engine.engine_id == ENGINE_ID
    assert user is PLAIN_USER or engine.info(1.0) == simulated.info(1.0)
    error = exchange.error if user is PLAIN_USER else reason_at_deadline(session, exchange)
    assert isinstance(error, UnknownEngine)


@each_keyed_user
def test_a_report_that_only_claims_another_engine_does_not_keep_out_the_answers_under_way(user: UsmUser) -> None:
    simulated = SimulatedEngine()
    engine = known_engine(simulated)
    session = new_usm_session(user, engine)
    misled, other = begin(session), begin(session)
    one, two = session.data_to_send()

    session.receive_data(
        simulated.report(one, 1.0, "unknownEngineIDs", engine_id=OTHER_ENGINE_ID, boots=1, time=1), 1.0
    )
    session.receive_data(simulated.answer(two, 1.0), 1.0)

    answered(session, other)
    assert engine.info(1.0) == simulated.info(1.0)
    assert not misled.ended
    exchange, octets = begin(session, 2.0), session.data_to_send()[-1]
    session.receive_data(simulated.answer(octets, 2.0), 2.0)
    answered(session, exchange)


def test_what_is_remembered_of_requests_sent_once_more_is_bounded() -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(AUTH_USER, known_engine(simulated))
    for _ in range(MAX_UNANSWERED + 50):
        _, octets = send(session)
        session.receive_data(simulated.report(octets, 1.0, "notInTimeWindows", SecurityLevel.authNoPriv), 1.0)
        (again,) = session.data_to_send()
        session.receive_data(simulated.answer(again, 1.0), 1.0)
    session.events()

    assert session.statistics.resent == MAX_UNANSWERED + 50
    assert len(session._correlator._unanswered) <= MAX_UNANSWERED


# ------------------------------------------------------------------------------------- what is accepted

FORGERIES: dict[str, tuple[type[SnmpError], Any]] = {
    "no digest": (WrongDigest, lambda s, m: forged_parameters(s.respond(m, 1.0), auth_parameters=b"")),
    "half a digest": (
        WrongDigest,
        lambda s, m: forged_parameters(
            s.respond(m, 1.0), auth_parameters=parameters_of(s.respond(m, 1.0)).auth_parameters[:12]
        ),
    ),
    "one octet of the digest": (
        WrongDigest,
        lambda s, m: forged_parameters(
            s.respond(m, 1.0), auth_parameters=parameters_of(s.respond(m, 1.0)).auth_parameters[:1]
        ),
    ),
    "a longer digest": (
        WrongDigest,
        lambda s, m: forged_parameters(
            s.respond(m, 1.0), auth_parameters=parameters_of(s.respond(m, 1.0)).auth_parameters + b"\0"
        ),
    ),
    "zeros for a digest": (WrongDigest, lambda s, m: forged_parameters(s.respond(m, 1.0), auth_parameters=bytes(24))),
    "another key": (
        WrongDigest,
        lambda s, m: s.respond(m, 1.0, user=UsmUser("x", "SHA-256", "other password", "AES", "privpass123")),
    ),
    "another hash": (
        WrongDigest,
        lambda s, m: s.respond(m, 1.0, user=UsmUser("x", "SHA-224", "authpass123", "AES", "privpass123")),
    ),
    "another user": (UnknownUser, lambda s, m: s.respond(m, 1.0, user_name=b"somebody")),
    "no user": (UnknownUser, lambda s, m: s.respond(m, 1.0, user_name=b"")),
    "another engine": (UnknownEngine, lambda s, m: s.respond(m, 1.0, engine_id=OTHER_ENGINE_ID)),
    "no engine": (UnknownEngine, lambda s, m: s.respond(m, 1.0, engine_id=b"")),
    "another context engine": (UnknownContext, lambda s, m: s.respond(m, 1.0, context_engine_id=OTHER_ENGINE_ID)),
    "no context engine": (UnknownContext, lambda s, m: s.respond(m, 1.0, context_engine_id=b"")),
    "another context": (UnknownContext, lambda s, m: s.respond(m, 1.0, context_name=b"other")),
    "another security model": (SecurityError, lambda s, m: forged(s.respond(m, 1.0), security_model=4)),
    "privacy without authentication": (SecurityError, lambda s, m: forged(s.respond(m, 1.0), msg_flags=2)),
    "unprotected": (SecurityLevelTooLow, lambda s, m: s.respond(m, 1.0, level=SecurityLevel.noAuthNoPriv)),
}


@each_keyed_user
@pytest.mark.parametrize("kind", FORGERIES)
def test_a_forged_reply_is_dropped_its_reason_kept_and_the_true_one_still_taken(kind: str, user: UsmUser) -> None:
    expected, forge = FORGERIES[kind]
    for true_one_comes in (False, True):
        simulated = SimulatedEngine()
        engine = known_engine(simulated)
        session = new_usm_session(user, engine)
        exchange, octets = send(session)

        session.receive_data(forge(simulated, octets), 1.0)

        assert session.events() == []
        assert session.closed is None
        assert counted(session) == {"requests": 1, "refused": 1}
        assert engine.info(1.0) == simulated.info(1.0)
        if true_one_comes:
            session.receive_data(simulated.answer(octets, 1.0), 1.0)
            answered(session, exchange)
        else:
            reason = reason_at_deadline(session, exchange)
            assert type(reason) is expected
            assert "pass123" not in f"{exchange.error} {exchange.error!r} {reason!r}"


@pytest.mark.parametrize(
    ("user", "level"),
    [
        (AUTH_USER, SecurityLevel.noAuthNoPriv),
        (PRIV_USER, SecurityLevel.noAuthNoPriv),
        (PRIV_USER, SecurityLevel.authNoPriv),
    ],
    ids=["auth answered noAuth", "priv answered noAuth", "priv answered authNoPriv"],
)
def test_a_reply_less_protected_than_its_request_is_dropped(user: UsmUser, level: SecurityLevel) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(user, known_engine(simulated))
    exchange, octets = send(session)

    session.receive_data(simulated.respond(octets, 1.0, level=level), 1.0)

    reason = reason_at_deadline(session, exchange)
    assert isinstance(reason, SecurityLevelTooLow)
    assert level.name in str(reason)


def test_an_encrypted_reply_to_a_user_without_a_privacy_key_is_dropped() -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(AUTH_USER, known_engine(simulated))
    exchange, octets = send(session)
    stronger = UsmUser("x", "SHA-256", "authpass123", "AES", "privpass123")

    session.receive_data(simulated.respond(octets, 1.0, user=stronger, level=SecurityLevel.authPriv), 1.0)

    assert isinstance(reason_at_deadline(session, exchange), DecryptionFailed)


def test_an_authenticated_reply_to_a_user_without_keys_is_dropped() -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(PLAIN_USER, known_engine(simulated))
    exchange, octets = send(session)

    session.receive_data(simulated.respond(octets, 1.0, user=AUTH_USER, level=SecurityLevel.authNoPriv), 1.0)

    assert isinstance(reason_at_deadline(session, exchange), WrongDigest)


def test_a_reply_encrypted_with_another_key_is_dropped() -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(PRIV_USER, known_engine(simulated))
    exchange, octets = send(session)
    other = UsmUser("x", "SHA-256", "authpass123", "AES", "another privpass")

    session.receive_data(simulated.respond(octets, 1.0, user=other), 1.0)

    assert isinstance(reason_at_deadline(session, exchange), DecryptionFailed)


@pytest.mark.parametrize("kind", ["another user", "another engine", "another context engine", "another context"])
def test_a_reply_without_protection_is_checked_too(kind: str) -> None:
    expected, forge = FORGERIES[kind]
    simulated = SimulatedEngine()
    session = new_usm_session(PLAIN_USER, known_engine(simulated))
    exchange, octets = send(session)

    session.receive_data(forge(simulated, octets), 1.0)

    assert type(reason_at_deadline(session, exchange)) is expected


@each_user
def test_a_reply_whose_request_id_is_not_that_of_its_msg_id_is_dropped(user: UsmUser) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(user, known_engine(simulated))
    first, second = begin(session), begin(session)
    one, _ = session.data_to_send()
    asked = simulated.read(one)

    session.receive_data(simulated.seal(asked, 1.0, Pdu(PduType.RESPONSE, second.request_id, 0, 0, SEVEN)), 1.0)

    assert session.events() == []
    assert isinstance(first.refusal, ResponseMismatch)
    assert second.refusal is None
    assert counted(session) == {"requests": 2, "refused": 1}


@each_user
def test_a_reply_with_an_unknown_msg_id_is_dropped(user: UsmUser) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(user, known_engine(simulated))
    exchange, octets = send(session)

    session.receive_data(simulated.respond(octets, 1.0, message_id=5), 1.0)

    assert counted(session) == {"requests": 1, "unknown": 1}
    reason = reason_at_deadline(session, exchange)
    assert isinstance(reason, ResponseMismatch)
    assert str(reason) == "the reply has msgID 5, which no request has had"


@each_user
def test_a_replayed_reply_answers_nothing(user: UsmUser) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(user, known_engine(simulated))
    first, one = send(session)
    reply = simulated.answer(one, 1.0)
    session.receive_data(reply, 1.0)
    answered(session, first)
    second, _ = send(session, 2.0)

    session.receive_data(reply, 2.0)

    assert session.statistics.duplicates == 1
    reason = reason_at_deadline(session, second)
    assert isinstance(reason, ResponseMismatch)
    assert str(reason) == f"the reply has msgID {first.message_id}, that of an earlier request"


@each_user
@pytest.mark.parametrize(
    "octets", [wire.response(wire.FIRST_ID, SEVEN), wire.response(wire.FIRST_ID, SEVEN, community=b"")]
)
def test_a_reply_in_another_version_is_dropped(user: UsmUser, octets: bytes) -> None:
    session = new_usm_session(user, known_engine(SimulatedEngine()))
    exchange, _ = send(session)
    assert exchange.request_id == wire.FIRST_ID

    session.receive_data(octets, 1.0)

    reason = reason_at_deadline(session, exchange)
    assert isinstance(reason, WrongVersion)
    assert (reason.expected, reason.found) == (3, 1)


@each_user
@pytest.mark.parametrize(
    "kind", [PduType.GET, PduType.SET, PduType.TRAP_V2, PduType.INFORM], ids=lambda kind: kind.name
)
def test_a_pdu_that_is_neither_response_nor_report_is_counted_and_nothing_else(user: UsmUser, kind: PduType) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(user, known_engine(simulated))
    exchange, octets = send(session)

    session.receive_data(simulated.seal(simulated.read(octets), 1.0, Pdu(kind, exchange.request_id)), 1.0)

    assert counted(session) == {"requests": 1, "unexpected": 1}
    assert reason_at_deadline(session, exchange) is None


@each_user
def test_an_error_status_reaches_the_caller(user: UsmUser) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(user, known_engine(simulated))
    exchange, octets = send(session)
    pdu = Pdu(PduType.RESPONSE, exchange.request_id, 16, 1, varbinds((NAME, Null())))

    session.receive_data(simulated.seal(simulated.read(octets), 1.0, pdu), 1.0)

    assert ended_exchanges(session) == [exchange]
    assert isinstance(exchange.error, AgentError)
    assert exchange.error.status == 16


def test_reserved_flags_of_a_reply_mean_nothing() -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(PLAIN_USER, known_engine(simulated))
    exchange, octets = send(session)

    session.receive_data(forged(simulated.respond(octets, 1.0), msg_flags=0xFC), 1.0)

    answered(session, exchange)


# --------------------------------------------------------------------------------- contexts, other requests


@each_user
def test_the_context_of_the_user_is_asked_about(user: UsmUser) -> None:
    there = UsmUser(
        user.name,
        user.auth_protocol,
        "authpass123" if user.auth else None,
        priv_password="privpass123" if user.priv else None,
        context_name="blue",
        context_engine_id=OTHER_ENGINE_ID,
    )
    simulated = SimulatedEngine()
    session = new_usm_session(there, known_engine(simulated))
    exchange, octets = send(session)

    asked = simulated.read(octets)

    assert (asked.context_engine_id, asked.context_name) == (OTHER_ENGINE_ID, b"blue")
    assert asked.parameters.engine_id == ENGINE_ID
    session.receive_data(simulated.respond(octets, 1.0, context_name=b""), 1.0)
    session.receive_data(simulated.respond(octets, 1.0, context_engine_id=ENGINE_ID), 1.0)
    assert session.statistics.refused == 2
    session.receive_data(simulated.answer(octets, 1.0), 1.0)
    answered(session, exchange)


def test_what_is_secret_is_not_on_the_wire() -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(PRIV_USER, known_engine(simulated))
    exchange = session.start(set_request([VarBind(OID(NAME), OctetString("a value to hide"))]), within(5.0), 0.0)
    (proof,) = session.data_to_send()
    session.receive_data(simulated.answer(proof, 1.0), 1.0)

    (octets,) = session.data_to_send()

    assert exchange.sent
    for secret in (b"a value to hide", OID(NAME).ber, b"pass123"):
        assert secret not in octets


# ------------------------------------------------------------------------------------------ msgMaxSize


@pytest.mark.parametrize("size", [8192, 65507, 4_194_304, LATCHED])
def test_our_own_limit_is_told_in_every_message(size: int) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(PRIV_USER, max_message_size=size)
    begin(session)
    (probe,) = session.data_to_send()
    session.receive_data(simulated.answer(probe, 1.0), 1.0)
    (octets,) = session.data_to_send()

    assert simulated.read(probe).max_size == simulated.read(octets).max_size == size


@each_keyed_user
def test_a_request_longer_than_the_agent_accepts_is_not_sent(user: UsmUser) -> None:
    simulated = SimulatedEngine(max_size=484)
    session = new_usm_session(user, known_engine(simulated))
    exchange, octets = send(session)
    session.receive_data(simulated.answer(octets, 1.0), 1.0)
    answered(session, exchange)

    too_long = session.start(get_next_request((NAME,) * 40), within(5.0, 1.0), 1.0)
    fits = begin(session, 1.0)
    leaving = session.data_to_send()

    assert [simulated.read(message).message_id for message in leaving] == [fits.message_id]
    assert ended_exchanges(session) == [too_long]
    assert isinstance(too_long.error, ConfigurationError)
    assert "the agent accepts 484" in str(too_long.error)
    assert not too_long.sent


@each_keyed_user
@pytest.mark.parametrize("room", [0, 1])
def test_a_request_of_exactly_the_length_that_the_agent_accepts_is_sent(user: UsmUser, room: int) -> None:
    simulated = SimulatedEngine()
    engine = known_engine(simulated)
    session = new_usm_session(user, engine)
    _, octets = send(session)

    engine.max_message_size = len(octets) - room

    exchange = begin(session)
    assert len(session.data_to_send()) == 1 - room
    assert exchange.ended is bool(room)


@pytest.mark.parametrize("kind", ["a report", "a forged response", "a response without protection"])
def test_the_size_that_an_unauthenticated_message_tells_is_not_believed(kind: str) -> None:
    simulated = SimulatedEngine(max_size=484)
    engine = known_engine(simulated)
    session = new_usm_session(PRIV_USER, engine)
    _, octets = send(session)
    message = {
        "a report": simulated.report(octets, 1.0, "wrongDigests"),
        "a forged response": forged_parameters(simulated.respond(octets, 1.0), auth_parameters=bytes(24)),
        "a response without protection": simulated.respond(octets, 1.0, level=SecurityLevel.noAuthNoPriv),
    }[kind]

    session.receive_data(message, 1.0)

    assert engine.max_message_size == LATCHED


def test_another_engine_may_accept_more() -> None:
    simulated = SimulatedEngine(max_size=484)
    engine = known_engine(simulated)
    session = new_usm_session(AUTH_USER, engine)
    _, octets = send(session)
    session.receive_data(simulated.answer(octets, 1.0), 1.0)
    assert engine.max_message_size == 484

    engine.forget()
    engine.learn(OTHER_ENGINE_ID, 1, 1, 2.0)

    assert engine.max_message_size == LATCHED


# ------------------------------------------------------------------------------ messages that are not sound


@each_user
def test_an_answer_with_broken_variable_bindings_ends_the_request_it_answers(user: UsmUser) -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(user, known_engine(simulated))
    exchange, octets = send(session)
    asked = simulated.read(octets)
    sound = simulated.seal(asked, 1.0, Pdu(PduType.RESPONSE, exchange.request_id, 0, 0, SEVEN))
    if user is PLAIN_USER:  # only without a digest can octets be changed on their way
        broken = sound[: sound.rindex(b"\x02\x01\x07")] + b"\x1f\x01\x07"
        session.receive_data(broken, 1.0)
        assert ended_exchanges(session) == [exchange]
        assert isinstance(exchange.error, DecodeError)
    else:
        session.receive_data(sound[:-1] + bytes((sound[-1] ^ 1,)), 1.0)
        assert isinstance(reason_at_deadline(session, exchange), WrongDigest)


def test_a_report_with_broken_variable_bindings_ends_nothing() -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(PLAIN_USER, known_engine(simulated))
    exchange, octets = send(session)
    report = simulated.report(octets, 1.0, "", bindings=varbinds((NAME, Integer32(1))))
    report = report[: report.rindex(b"\x02\x01\x01")] + b"\x1f\x01\x01"

    session.receive_data(report, 1.0)

    assert counted(session) == {"requests": 1, "malformed": 1}
    assert isinstance(reason_at_deadline(session, exchange), DecodeError)


def test_a_message_that_breaks_off_inside_its_parameters_is_malformed() -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(PRIV_USER, known_engine(simulated))
    exchange, octets = send(session)
    message = decode_message(simulated.respond(octets, 1.0))
    assert isinstance(message, V3Message)
    for length in range(len(message.security_parameters)):
        session.receive_data(
            encode_message(message._replace(security_parameters=message.security_parameters[:length])), 1.0
        )

    assert counted(session) == {"requests": 1, "malformed": len(message.security_parameters)}
    assert session.closed is None
    session.receive_data(simulated.answer(octets, 1.0), 1.0)
    answered(session, exchange)


def test_a_scoped_pdu_with_something_else_inside_ends_nothing() -> None:
    simulated = SimulatedEngine()
    session = new_usm_session(PLAIN_USER, known_engine(simulated))
    exchange, octets = send(session)
    message = decode_message(simulated.respond(octets, 1.0))
    assert isinstance(message, V3Message)
    assert isinstance(message.scoped_pdu, ScopedPdu)
    header = encode_message(message)
    inside = ber.tlv(0xA2, b"\x04\x00")
    sound = encode_message(message)
    at = sound.index(b"\xa2")
    assert header == sound

    body = sound[:at] + inside
    # The lengths of the message and of the ScopedPDU are those of the shorter PDU.
    scoped_at = sound.index(b"\x30", sound.index(PLAIN_USER.name) + len(PLAIN_USER.name))
    scoped = ber.tlv(ber.SEQUENCE, body[scoped_at + 2 :])
    session.receive_data(ber.tlv(ber.SEQUENCE, sound[2:scoped_at] + scoped), 1.0)

    assert counted(session) == {"requests": 1, "malformed": 1}
    assert isinstance(reason_at_deadline(session, exchange), DecodeError)


def test_probes_without_an_answer_are_not_remembered_for_ever() -> None:
    session = new_usm_session(AUTH_USER)
    probes = []
    for number in range(100):
        session.start(get_request((NAME,)), within(5.0, 10.0 * number), 10.0 * number)
        probes += session.data_to_send()
        session.handle_timer(10.0 * number + 5.0)
    assert len(probes) == 100

    session.receive_data(SimulatedEngine().answer(probes[0], 1000.0), 1000.0)

    assert session.statistics.reports == 0
    assert session.statistics.late + session.statistics.duplicates == 1


def test_another_engine_and_then_another_time_are_both_survived_by_one_request() -> None:
    # RFC 3414 section 4 lets an engine say boots 0 and time 0 to those who do not know it.
    simulated = SimulatedEngine()
    engine = known_engine(simulated, authenticated=False)
    session = new_usm_session(AUTH_USER, engine)
    exchange, octets = send(session)
    other = SimulatedEngine(engine_id=OTHER_ENGINE_ID)

    session.receive_data(other.report(octets, 1.0, "unknownEngineIDs", engine_id=OTHER_ENGINE_ID, boots=0, time=0), 1.0)
    (again,) = session.data_to_send()
    session.receive_data(other.report(again, 1.0, "notInTimeWindows", level=SecurityLevel.authNoPriv), 1.0)
    (once_more,) = session.data_to_send()
    session.receive_data(other.answer(once_more, 1.0), 1.0)

    answered(session, exchange)
