"""A session and messages that answer no request: counted, or reported if they are taken; never an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import UsmUser, VarBind
from snmptcp.codec.pdu import Pdu, PduType, TrapV1Pdu
from snmptcp.credentials import SnmpVersion, Tsm
from snmptcp.errors import ConnectionLost, SecurityError
from snmptcp.oid import OID
from snmptcp.protocol.notification import notification_request
from snmptcp.protocol.request import get_request
from snmptcp.protocol.session import Closed, Session, Unsolicited
from snmptcp.security.engine_clock import EngineInfo
from snmptcp.security.remote_engine import Engine
from snmptcp.security.tsm import TsmSecurity
from snmptcp.values import Integer32, IpAddress, TimeTicks
from tests.support.deadlines import within
from tests.support.senders import CONFIG_CHANGED, SENDER_ENGINE, UsmSender, notification_pdu, trap, tsm_message
from tests.support.usm import AUTH_USER, PLAIN_USER, PRIV_USER, SimulatedEngine, known_engine, new_usm_session
from tests.support.wire import answer, message, new_session, response, varbinds

if TYPE_CHECKING:
    from snmptcp.protocol.exchange import Exchange

NAME = "1.3.6.1.2.1.1.3.0"
TRAP_V1 = TrapV1Pdu(OID("1.3.6.1.4.1.9"), IpAddress("192.0.2.1"), 6, 1, TimeTicks(7))


def receptive(session: Session) -> Session:
    session.receptive = True
    return session


def begin(session: Session, now: float = 0.0) -> tuple[Exchange, bytes]:
    exchange = session.start(get_request((NAME,)), within(5.0, now), now)
    (octets,) = session.data_to_send()
    return exchange, octets


def told(session: Session, octets: bytes, now: float = 1.0) -> list[bytes]:
    """Feed octets, and return the messages that were told; nothing else may have happened."""
    session.receive_data(octets, now)
    events = session.events()
    assert all(isinstance(event, Unsolicited) for event in events)
    return [event.message for event in events if isinstance(event, Unsolicited)]


def counted(session: Session) -> dict[str, int]:
    return {name: value for name, value in session.statistics.as_dict().items() if value and "octets" not in name}


# ------------------------------------------------------------------------------------- communities


@pytest.mark.parametrize("kind", [PduType.TRAP_V2, PduType.INFORM, PduType.GET, PduType.SET, PduType.REPORT])
def test_a_message_that_is_no_response_is_counted_if_it_is_not_taken(kind: PduType) -> None:
    session = new_session()
    assert told(session, message(notification_pdu(kind))) == []
    assert counted(session) == {"unexpected": 1}


@pytest.mark.parametrize("kind", [PduType.TRAP_V2, PduType.INFORM, PduType.GET, PduType.SET, PduType.REPORT])
def test_a_message_that_is_no_response_is_an_event_if_it_is_taken(kind: PduType) -> None:
    session = receptive(new_session())
    octets = message(notification_pdu(kind))
    assert told(session, octets) == [octets]
    assert counted(session) == {}


@pytest.mark.parametrize("version", ["1", "2c"])
def test_a_trap_of_version_1_is_told_whatever_version_the_session_speaks(version: str) -> None:
    session = receptive(new_session(version))
    octets = message(TRAP_V1, version=SnmpVersion.V1)
    assert told(session, octets) == [octets]
    assert counted(session) == {}


def test_another_community_is_told_for_it_is_not_the_sessions_business() -> None:
    session = receptive(new_session())
    octets = message(notification_pdu(), community=b"other")
    assert told(session, octets) == [octets]
    assert counted(session) == {}
    plain = new_session()
    assert told(plain, octets) == []
    assert counted(plain) == {"refused": 1}


def test_a_notification_is_told_at_every_point_where_it_may_be_split() -> None:
    octets = trap(5)
    for point in range(1, len(octets)):
        session = receptive(new_session())
        assert told(session, octets[:point]) == []
        assert told(session, octets[point:]) == [octets]


def test_notifications_and_answers_come_out_in_the_order_in_which_they_came() -> None:
    session = receptive(new_session())
    exchanges = [session.start(get_request((f"{NAME}.{each}",)), within(5.0), 0.0) for each in range(3)]
    requests = session.data_to_send()
    session.receive_data(trap(1) + answer(requests[0]) + trap(2) + answer(requests[2]) + answer(requests[1]), 1.0)
    told = [event.message if isinstance(event, Unsolicited) else event for event in session.events()]
    assert told == [trap(1), exchanges[0], trap(2), exchanges[2], exchanges[1]]


@pytest.mark.parametrize("kind", [PduType.TRAP_V2, PduType.INFORM])
@pytest.mark.parametrize("who", ["receptive", "not receptive"])
def test_a_notification_with_the_id_of_a_request_does_not_answer_it(kind: PduType, who: str) -> None:
    session = new_session()
    session.receptive = who == "receptive"
    exchange, request = begin(session)
    octets = message(notification_pdu(kind, exchange.request_id))
    assert told(session, octets) == ([octets] if session.receptive else [])
    assert not exchange.ended
    assert exchange.refusal is None
    session.receive_data(answer(request), 2.0)
    assert session.events() == [exchange]


def test_a_response_is_never_told() -> None:
    session = receptive(new_session())
    exchange, request = begin(session)
    stranger = response(exchange.request_id + 1, varbinds((NAME, Integer32(1))))
    assert told(session, stranger) == []
    session.receive_data(answer(request) * 2, 1.0)
    assert session.events() == [exchange]
    assert counted(session) == {"requests": 1, "responses": 1, "unknown": 1, "duplicates": 1}


def test_a_response_of_another_community_is_refused_if_it_has_the_id_of_a_request() -> None:
    session = receptive(new_session())
    exchange, _ = begin(session)
    assert told(session, response(exchange.request_id, community=b"other")) == []
    assert counted(session) == {"requests": 1, "refused": 1}
    assert exchange.refusal is not None
    ahead = response(exchange.request_id + 1, community=b"other")
    assert told(session, ahead) == [ahead]
    assert counted(session) == {"requests": 1, "refused": 1}


def test_an_unreadable_message_is_not_told() -> None:
    session = receptive(new_session())
    assert told(session, b"\x30\x00\x30\x03\x02\x01\x01") == []
    assert counted(session) == {"malformed": 2}


def test_nothing_is_told_behind_the_end() -> None:
    session = receptive(new_session())
    session.receive_data(trap(1) + b"\xff" + trap(2), 1.0)
    first, last = session.events()
    assert isinstance(first, Unsolicited)
    assert first.message == trap(1)
    assert isinstance(last, Closed)
    session.receive_data(trap(3), 2.0)
    session.receive_eof(ConnectionLost("closed"))
    assert session.events() == []


def test_a_session_may_become_receptive_and_stop_it() -> None:
    session = new_session()
    for session.receptive, expected in ((False, []), (True, [trap()]), (False, [])):
        assert told(session, trap()) == expected
    assert counted(session) == {"unexpected": 2}


def test_an_id_for_a_message_without_an_answer_is_no_request_s() -> None:
    session = new_session()
    exchanges = [session.start(get_request((NAME,)), within(5.0), 0.0) for _ in range(50)]
    ids = {session.next_id() for _ in range(50)}
    assert len(ids) == 50
    assert ids.isdisjoint(exchange.request_id for exchange in exchanges)
    assert session.pending == 50
    (first, *_) = sorted(ids)
    session.receive_data(response(first), 1.0)  # a response to it answers no request
    assert session.events() == []


def test_an_inform_is_a_request_that_is_repeatable_and_ends_as_any() -> None:
    session = new_session()
    varbind = VarBind(OID(NAME), TimeTicks(1))
    request = notification_request(PduType.INFORM, CONFIG_CHANGED, (varbind,), TimeTicks(7))
    assert request.repeatable
    exchange = session.start(request, within(5.0), 0.0)
    (octets,) = session.data_to_send()
    session.receive_data(answer(octets, TimeTicks(1)), 1.0)
    assert session.events() == [exchange]
    assert exchange.error is None


# ------------------------------------------------------------------------------------------ SNMPv3


USERS = [PLAIN_USER, AUTH_USER, PRIV_USER]


def sent_by(simulated: SimulatedEngine, user: UsmUser, **changes: Any) -> UsmSender:
    own = {"engine_id": simulated.engine_id, "context_engine_id": simulated.engine_id}
    return UsmSender(user=user, boots=simulated.boots, time=simulated.time(1.0), **{**own, **changes})


@pytest.mark.parametrize("user", USERS, ids=lambda user: user.name.decode())
def test_a_trap_of_the_agents_engine_is_told_and_leaves_requests_alone(user: UsmUser) -> None:
    simulated = SimulatedEngine()
    session = receptive(new_usm_session(user, known_engine(simulated)))
    exchange, request = begin(session)
    octets = sent_by(simulated, user).trap()
    assert told(session, octets) == [octets]
    assert exchange.refusal is None
    session.receive_data(simulated.answer(request, 1.0), 1.0)
    assert session.events() == [exchange]
    assert exchange.error is None


@pytest.mark.parametrize("user", USERS, ids=lambda user: user.name.decode())
def test_a_trap_before_the_engine_is_known_is_an_event(user: UsmUser) -> None:
    session = receptive(new_usm_session(user))
    octets = sent_by(SimulatedEngine(), user).trap()
    assert told(session, octets) == [octets]
    assert counted(session) == {}


def test_an_agent_s_discovery_before_an_inform_is_an_event_and_does_not_end_our_own() -> None:
    simulated = SimulatedEngine()
    session = receptive(new_usm_session(PRIV_USER))
    exchange, probe = begin(session)
    question = UsmSender(user=UsmUser("x"), engine_id=b"", boots=0, time=0, context_engine_id=b"", flags=4)
    octets = question.message(Pdu(PduType.GET, 5))
    assert told(session, octets) == [octets]
    session.receive_data(simulated.answer(probe, 1.0), 1.0)
    (request,) = session.data_to_send()
    session.receive_data(simulated.answer(request, 1.0), 1.0)
    assert session.events() == [exchange]
    assert exchange.error is None


def test_a_message_that_may_not_be_trusted_is_told_unless_it_has_the_id_of_a_request() -> None:
    simulated = SimulatedEngine()
    session = receptive(new_usm_session(PRIV_USER, known_engine(simulated)))
    exchange, _ = begin(session)
    forger = sent_by(simulated, PRIV_USER, keys_of=UsmUser("x", "SHA-256", "wrong password", "AES", "wrong password"))
    stranger = forger.message(Pdu(PduType.RESPONSE, 5))
    assert told(session, stranger) == [stranger]
    assert exchange.refusal is None
    forged = forger.at(message_id=exchange.message_id).message(Pdu(PduType.RESPONSE, exchange.request_id))
    assert told(session, forged) == []
    assert isinstance(exchange.refusal, SecurityError)
    assert not exchange.ended


def test_an_old_trap_is_told_and_does_not_move_the_engines_clock() -> None:
    simulated = SimulatedEngine()
    engine = known_engine(simulated)
    session = receptive(new_usm_session(PRIV_USER, engine))
    before = engine.clock.time(1.0)
    octets = sent_by(simulated, PRIV_USER).at(time=before - 1000).trap()
    assert told(session, octets) == [octets]
    assert (engine.clock.boots, engine.clock.time(1.0)) == (simulated.boots, before)


def test_a_report_that_answers_no_request_is_no_notification() -> None:
    simulated = SimulatedEngine()
    session = receptive(new_usm_session(PRIV_USER, known_engine(simulated)))
    exchange, request = begin(session)
    report = simulated.report(request, 1.0, "unknownUserNames", message_id=exchange.message_id ^ 1)
    assert told(session, report) == []
    assert counted(session) == {"requests": 1, "unknown": 1}


@pytest.mark.parametrize("known", [True, False])
def test_notifications_behind_tls_are_events(known: bool) -> None:
    engine = Engine(EngineInfo(SENDER_ENGINE)) if known else Engine()
    session = receptive(Session(TsmSecurity(Tsm(), engine, 65507)))
    for kind in (PduType.TRAP_V2, PduType.INFORM):
        octets = tsm_message(notification_pdu(kind))
        assert told(session, octets) == [octets]
    assert counted(session) == {}


def test_another_version_is_refused_for_it_may_be_meant_for_any_request() -> None:
    session = receptive(new_usm_session(PRIV_USER))
    assert told(session, trap()) == []
    community = receptive(new_session())
    assert told(community, UsmSender().trap()) == []
    assert counted(session) == counted(community) == {"refused": 1}
