"""A session with ``report_grace``: a request whose reply was refused ends soon, unless something better comes.

Law: RFC 3414 section 3.2, RFC 3412 section 7.2; docs/security.md says what an unprotected report proves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp.credentials import Community, SecurityLevel, SnmpVersion, UsmUser
from snmptcp.errors import (
    ClosedError,
    ConnectionLost,
    NotInTimeWindow,
    RequestTimeout,
    SnmpError,
    UnknownEngine,
    UnknownUser,
    WrongCommunity,
    WrongDigest,
    WrongVersion,
)
from snmptcp.protocol.request import get_request, set_request
from snmptcp.protocol.session import Session
from snmptcp.security.community import CommunitySecurity
from snmptcp.values import Integer32
from tests.support import wire
from tests.support.deadlines import within
from tests.support.usm import (
    AUTH_USER,
    OTHER_ENGINE_ID,
    SimulatedEngine,
    known_engine,
    new_usm_session,
)
from tests.support.wire import ended_exchanges, varbinds

if TYPE_CHECKING:
    from snmptcp.protocol.exchange import Exchange
    from snmptcp.protocol.request import Request

NAME = "1.3.6.1.2.1.1.3.0"
GET = get_request((NAME,))
SET = set_request(varbinds((NAME, Integer32(1))))
GRACE = 1.0

AN_ENGINE = SimulatedEngine()


def session_with_grace(*, authenticated: bool = True, grace: float | None = GRACE) -> Session:
    """Return a session with an engine that is known, from an authentic message or from a probe alone."""
    engine = known_engine(AN_ENGINE, authenticated=authenticated)
    return new_usm_session(AUTH_USER, engine, report_grace=grace)


def start(session: Session, request: Request = GET, now: float = 0.0, timeout: float = 60.0) -> Exchange:
    return session.start(request, within(timeout, now), now)


def sent(session: Session, now: float = 0.0) -> bytes:
    (octets,) = session.data_to_send(now=now)
    return octets


def ends_with(session: Session, exchange: Exchange, kind: type[SnmpError], at: float) -> SnmpError:
    """Check when a request ends, and with what."""
    session.handle_timer(at - 0.001)
    assert not exchange.ended
    assert session.next_timer() <= at
    session.handle_timer(at)
    assert exchange in ended_exchanges(session)
    assert type(exchange.error) is kind
    assert session.statistics.timeouts == 1
    return exchange.error


@pytest.mark.parametrize(
    ("counter", "kind"), [("wrongDigests", WrongDigest), ("unknownUserNames", UnknownUser)], ids=["password", "user"]
)
def test_a_report_that_nothing_proves_ends_its_request_after_the_grace_and_says_so(
    counter: str, kind: type[SnmpError]
) -> None:
    session = session_with_grace()
    exchange = start(session)
    report = AN_ENGINE.report(sent(session), 0.02, counter)
    session.receive_data(report, 0.02)

    error = ends_with(session, exchange, kind, 0.02 + GRACE)

    assert error.unproved
    assert str(error).endswith("(the reply that says so is not authenticated)")


def test_without_a_grace_the_request_waits_and_its_timeout_tells_the_reason() -> None:
    session = session_with_grace(grace=None)
    exchange = start(session)
    session.receive_data(AN_ENGINE.report(sent(session), 0.02, "wrongDigests"), 0.02)

    error = ends_with(session, exchange, RequestTimeout, 60.0)

    assert isinstance(error, RequestTimeout)
    assert isinstance(error.reason, WrongDigest)
    assert not error.unproved
    assert not error.reason.unproved


def test_a_better_answer_within_the_grace_counts() -> None:
    session = session_with_grace()
    exchange = start(session)
    octets = sent(session)
    session.receive_data(AN_ENGINE.report(octets, 0.02, "wrongDigests"), 0.02)
    session.handle_timer(0.9)
    session.receive_data(AN_ENGINE.answer(octets, 0.95), 0.95)

    assert ended_exchanges(session) == [exchange]
    assert exchange.error is None


def test_further_refused_replies_do_not_prolong_the_grace_and_the_last_one_is_told() -> None:
    session = session_with_grace()
    exchange = start(session)
    octets = sent(session)
    session.receive_data(AN_ENGINE.report(octets, 0.0, "wrongDigests"), 0.0)
    session.receive_data(AN_ENGINE.report(octets, 0.9, "unknownUserNames"), 0.9)

    ends_with(session, exchange, UnknownUser, GRACE)


def test_a_deadline_within_the_grace_ends_the_request_with_the_reason_too() -> None:
    session = session_with_grace()
    exchange = start(session, timeout=0.5)
    session.receive_data(AN_ENGINE.report(sent(session), 0.02, "wrongDigests"), 0.02)

    ends_with(session, exchange, WrongDigest, 0.5)


def test_a_refusal_hastens_its_own_request_alone() -> None:
    session = session_with_grace()
    refused, other = start(session), start(session, timeout=30.0)
    first, _ = session.data_to_send()
    session.receive_data(AN_ENGINE.report(first, 0.0, "wrongDigests"), 0.0)

    ends_with(session, refused, WrongDigest, GRACE)
    session.handle_timer(30.0)
    assert ended_exchanges(session) == [other]
    assert isinstance(other.error, RequestTimeout)


def test_a_request_that_a_report_makes_leave_again_has_its_whole_time() -> None:
    """The engine has restarted: its authentic report brings the new time, after a forged one has begun the grace."""
    session = session_with_grace()
    exchange = start(session)
    octets = sent(session)
    session.receive_data(AN_ENGINE.report(octets, 0.0, "wrongDigests"), 0.0)
    restarted = SimulatedEngine(boots=8, started=0.0)
    session.receive_data(restarted.answer(octets, 0.5), 0.5)
    again = sent(session, 0.5)

    session.handle_timer(50.0)
    assert not exchange.ended
    session.receive_data(restarted.answer(again, 50.0), 50.0)
    assert exchange.error is None
    assert exchange.ended


def test_a_hint_of_the_time_begins_no_grace_before_the_request_has_left_again() -> None:
    """An agent that cannot authenticate its reports tells its time twice; the request leaves once more."""
    session = session_with_grace(authenticated=False)
    exchange = start(session)
    octets = sent(session)
    restarted = SimulatedEngine(boots=8, started=0.0)
    for _ in range(2):
        session.receive_data(restarted.report(octets, 0.1, "notInTimeWindows"), 0.1)
    again = sent(session, 0.1)
    session.handle_timer(20.0)
    assert not exchange.ended

    session.receive_data(restarted.report(again, 20.0, "notInTimeWindows"), 20.0)
    ends_with(session, exchange, NotInTimeWindow, 20.0 + GRACE)


def test_another_engine_is_asked_first_and_then_the_grace_begins() -> None:
    session = session_with_grace(authenticated=False)
    exchange = start(session)
    other = SimulatedEngine(engine_id=OTHER_ENGINE_ID)
    session.receive_data(other.report(sent(session), 0.1, "unknownEngineIDs"), 0.1)
    again = sent(session, 0.1)
    session.handle_timer(20.0)
    assert not exchange.ended

    session.receive_data(other.report(again, 20.0, "wrongDigests"), 20.0)
    ends_with(session, exchange, WrongDigest, 20.0 + GRACE)


def test_a_settled_engine_is_not_left_and_the_request_ends_after_the_grace() -> None:
    session = session_with_grace()
    exchange = start(session)
    other = SimulatedEngine(engine_id=OTHER_ENGINE_ID)
    session.receive_data(other.report(sent(session), 0.0, "unknownEngineIDs"), 0.0)

    ends_with(session, exchange, UnknownEngine, GRACE)


def test_a_set_whose_proof_is_refused_ends_after_the_grace_and_reads_beside_it_go_on() -> None:
    session = session_with_grace()
    write, read = start(session, SET), start(session)
    probe = sent(session)
    session.receive_data(AN_ENGINE.report(probe, 0.1, "wrongDigests"), 0.1)

    ends_with(session, write, WrongDigest, 0.1 + GRACE)
    assert not write.sent
    octets = sent(session, 0.1 + GRACE)
    session.receive_data(AN_ENGINE.answer(octets, 2.0), 2.0)
    assert read.error is None
    assert read.ended


def test_a_set_has_its_whole_time_once_the_proof_has_come_after_all() -> None:
    session = session_with_grace()
    write = start(session, SET)
    probe = sent(session)
    session.receive_data(AN_ENGINE.report(probe, 0.1, "wrongDigests"), 0.1)
    session.receive_data(AN_ENGINE.answer(probe, 0.5), 0.5)
    octets = sent(session, 0.5)

    session.handle_timer(50.0)
    assert not write.ended
    session.receive_data(AN_ENGINE.answer(octets, 50.0), 50.0)
    assert write.error is None


def test_requests_that_wait_for_a_probe_are_looked_at_once_for_each_probe() -> None:
    """A SET that begins behind a refused reply is hastened by the next probe's, not by a copy of the first one's."""
    session = session_with_grace()
    start(session, SET)
    probe = sent(session)
    report = AN_ENGINE.report(probe, 0.0, "wrongDigests")
    session.receive_data(report, 0.0)
    late = start(session, SET, 0.1)
    session.receive_data(report, 0.1)
    assert late.patience is None

    session.handle_timer(GRACE)  # the first SET has ended, the probe is given up
    again = sent(session, GRACE)
    session.receive_data(AN_ENGINE.report(again, GRACE, "wrongDigests"), GRACE)
    session.handle_timer(2 * GRACE)
    assert type(late.error) is WrongDigest


def test_a_refused_reply_to_a_discovery_probe_hastens_all_that_wait_until_the_right_one_comes() -> None:
    session = new_usm_session(AUTH_USER, report_grace=GRACE)
    read, write = start(session), start(session, SET)
    probe = sent(session)
    # A protected report from an engine that was not asked is refused, and nothing is learned from it.
    session.receive_data(AN_ENGINE.report(probe, 0.1, "wrongDigests", SecurityLevel.authNoPriv, user=AUTH_USER), 0.1)
    hastened = [each.patience is not None for each in (read, write)]
    session.receive_data(AN_ENGINE.answer(probe, 0.2), 0.2)
    session.data_to_send(now=0.2)

    assert hastened == [True, True]
    assert read.patience is None
    assert read.deadline.at == 60.0


@pytest.mark.parametrize(
    ("changes", "kind"),
    [({"community": b"other"}, WrongCommunity), ({"version": SnmpVersion.V1}, WrongVersion)],
    ids=["community", "version"],
)
def test_a_refused_reply_of_a_community_hastens_its_request_too(
    changes: dict[str, object], kind: type[SnmpError]
) -> None:
    session = Session(CommunitySecurity(Community("public")), report_grace=GRACE)
    exchange = start(session)
    sent(session)
    session.receive_data(wire.response(exchange.request_id, **changes), 0.5)  # type: ignore[arg-type]  # of one test

    ends_with(session, exchange, kind, 0.5 + GRACE)


def test_a_connection_that_ends_within_the_grace_ends_the_request_with_the_reason() -> None:
    """Some agents close after each reply; nothing better can come then."""
    session = session_with_grace()
    refused, other = start(session), start(session)
    first, _ = session.data_to_send()
    session.receive_data(AN_ENGINE.report(first, 0.0, "unknownUserNames"), 0.0)
    session.receive_eof(ConnectionLost("closed"))

    assert type(refused.error) is UnknownUser
    assert type(other.error) is ConnectionLost


def test_a_manager_that_is_closed_within_the_grace_says_that() -> None:
    session = session_with_grace()
    exchange = start(session)
    session.receive_data(AN_ENGINE.report(sent(session), 0.0, "unknownUserNames"), 0.0)
    session.receive_eof(ClosedError("the manager was closed"))

    assert type(exchange.error) is ClosedError


def test_a_user_without_keys_is_refused_at_once_as_ever() -> None:
    session = new_usm_session(UsmUser("noauth"), known_engine(AN_ENGINE), report_grace=GRACE)
    exchange = start(session)
    session.receive_data(AN_ENGINE.report(sent(session), 0.0, "unknownUserNames"), 0.0)

    assert ended_exchanges(session) == [exchange]
    assert exchange.error is not None
    assert not exchange.error.unproved
