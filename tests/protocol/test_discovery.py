"""The discovery of an engine: its table, its own deadline, and that no lost report stops it for good."""

from __future__ import annotations

from math import inf

import pytest

from snmptcp import ConnectionLost, UsmUser
from snmptcp.protocol.discovery import (
    MAX_PATIENCE,
    MAX_PROBES,
    PATIENCE,
    TRANSITIONS,
    Discovery,
    DiscoveryEvent,
    DiscoveryState,
)
from snmptcp.protocol.exchange import Exchange
from snmptcp.protocol.request import get_request
from snmptcp.protocol.session import Session
from snmptcp.security.remote_engine import Engine
from snmptcp.security.tsm import TsmSecurity
from tests.support.deadlines import within
from tests.support.usm import SimulatedEngine, new_usm_session

IDLE, ASKED, KNOWN = DiscoveryState.IDLE, DiscoveryState.ASKED, DiscoveryState.KNOWN
NAME = "1.3.6.1.2.1.1.1.0"
REQUEST = get_request((NAME,))
OPEN_USER = UsmUser("open")


def an_exchange(request_id: int = 0x01000001) -> Exchange:
    return Exchange(REQUEST, request_id, within(5.0), request_id)


def asked(now: float = 0.0, probe_id: int = 1) -> tuple[Discovery, Exchange]:
    discovery, asker = Discovery(), an_exchange()
    discovery.ask(probe_id, asker, now)
    return discovery, asker


# -------------------------------------------------------------------------------------- the machine


def test_every_state_can_be_left_and_the_table_names_no_state_twice_for_one_event() -> None:
    assert {state for state, _ in TRANSITIONS} == set(DiscoveryState)
    assert set(TRANSITIONS.values()) == set(DiscoveryState)
    assert {event for _, event in TRANSITIONS} == set(DiscoveryEvent)


@pytest.mark.parametrize("event", list(DiscoveryEvent))
def test_a_deadline_exists_exactly_while_a_probe_is_under_way(event: DiscoveryEvent) -> None:
    discovery, _ = asked()
    discovery._move(event)

    assert (discovery.deadline == inf) is (discovery.state is not ASKED)


def test_an_answer_that_tells_the_engine_ends_the_discovery() -> None:
    discovery, _ = asked()
    discovery.receive_answer(known=True)

    assert discovery.state is KNOWN
    assert not discovery.is_probe(1)


def test_an_answer_that_does_not_tell_the_engine_allows_the_next_probe() -> None:
    discovery, _ = asked()
    discovery.receive_answer(known=False)

    assert discovery.state is IDLE


def test_a_probe_counts_as_lost_when_its_time_is_over_and_its_answer_is_still_taken() -> None:
    discovery, _ = asked(10.0)
    discovery.handle_timer(10.0 + PATIENCE - 0.001)
    assert discovery.state is ASKED
    discovery.handle_timer(10.0 + PATIENCE)

    assert discovery.state is IDLE
    assert discovery.is_probe(1)


def test_probes_that_are_not_answered_become_rarer_until_one_is() -> None:
    discovery = Discovery()
    pauses = []
    for number in range(6):
        discovery.ask(number, an_exchange(), 0.0)
        pauses.append(discovery.deadline)
        discovery.handle_timer(discovery.deadline)
    discovery.know()
    discovery.forget()
    discovery.ask(99, an_exchange(), 0.0)

    assert pauses == [1.0, 2.0, 4.0, 8.0, MAX_PATIENCE, MAX_PATIENCE]
    assert discovery.deadline == PATIENCE


def test_only_so_many_unanswered_probes_are_remembered() -> None:
    discovery = Discovery()
    for number in range(MAX_PROBES + 5):
        discovery.ask(number, an_exchange(), 0.0)
        discovery.handle_timer(100.0)

    assert [discovery.is_probe(number) for number in (4, 5, MAX_PROBES + 4)] == [False, True, True]


def test_the_asker_of_a_probe_may_go_and_the_others_wait_for_its_answer() -> None:
    discovery, asker = asked()
    discovery.end_wait(asker, expired=False, others_wait=True)

    assert discovery.state is ASKED


def test_an_asker_that_has_expired_shows_that_its_probe_was_lost() -> None:
    discovery, asker = asked()
    discovery.end_wait(an_exchange(), expired=True, others_wait=True)
    assert discovery.state is ASKED
    discovery.end_wait(asker, expired=True, others_wait=True)

    assert discovery.state is IDLE


@pytest.mark.parametrize("expired", [False, True])
def test_the_next_request_asks_anew_once_none_waits(expired: bool) -> None:
    discovery, _ = asked()
    discovery.end_wait(an_exchange(), expired=expired, others_wait=False)

    assert discovery.state is IDLE


# ------------------------------------------------------------------------------------- in a session


def sessions() -> list[Session]:
    from snmptcp import Tsm

    return [new_usm_session(OPEN_USER), Session(TsmSecurity(Tsm(), Engine(), 65507))]


@pytest.mark.parametrize("number", [0, 1], ids=["usm", "tsm"])
def test_a_request_that_waits_longer_than_the_asker_gets_a_probe_of_its_own(number: int) -> None:
    session = sessions()[number]
    session.start(REQUEST, within(0.3), 0.0)
    session.start(REQUEST, within(3.0), 0.0)
    assert len(session.data_to_send()) == 1
    session.handle_timer(0.3)  # the report was lost, and the asker's time is over

    assert len(session.data_to_send()) == 1
    assert session.statistics.probes == 2


@pytest.mark.parametrize("number", [0, 1], ids=["usm", "tsm"])
def test_a_lost_report_does_not_stop_overlapping_requests_that_are_cancelled(number: int) -> None:
    session = sessions()[number]
    waiting = [session.start(REQUEST, within(60.0), 0.0)]
    probes = len(session.data_to_send())
    for step in range(1, 100):  # each one is cancelled when two others wait already
        now = step * 0.4
        session.handle_timer(now)
        waiting.append(session.start(REQUEST, within(60.0, now), now))
        probes += len(session.data_to_send())
        if len(waiting) > 2:
            session.abandon(waiting.pop(0))

    assert probes >= 5


def test_a_late_report_is_good_for_all_that_wait_by_then() -> None:
    simulated, session = SimulatedEngine(), new_usm_session()
    session.start(REQUEST, within(0.5), 0.0)
    (probe,) = session.data_to_send()
    session.handle_timer(0.5)
    session.events()
    second = session.start(REQUEST, within(5.0, 1.0), 1.0)
    session.data_to_send()
    session.receive_data(simulated.answer(probe, 1.5), 1.5)

    (request,) = session.data_to_send()
    session.receive_data(simulated.answer(request, 1.6), 1.6)
    assert second.ended
    assert second.error is None


def test_requests_leave_once_another_session_has_discovered_the_engine_they_share() -> None:
    simulated, engine = SimulatedEngine(), Engine()
    first, second = new_usm_session(engine=engine), new_usm_session(engine=engine)
    first.start(REQUEST, within(5.0), 0.0)
    (probe,) = first.data_to_send()
    second.start(REQUEST, within(5.0), 0.0)
    second.data_to_send()  # its own probe, which is lost
    first.receive_data(simulated.answer(probe, 0.1), 0.1)

    assert second.next_timer() == PATIENCE
    second.handle_timer(PATIENCE)
    assert len(second.data_to_send()) == 1
    assert second.statistics.probes == 1


def test_a_closed_session_has_no_timer_left_from_its_discovery() -> None:
    session = new_usm_session(OPEN_USER)
    session.start(REQUEST, within(5.0), 0.0)
    assert len(session.data_to_send()) == 1
    session.receive_eof(ConnectionLost("gone"))

    assert session.next_timer() == inf


# ------------------------------------------------------------------------------------ another engine


def test_a_probe_for_another_engine_is_given_up_once_for_each_wait_and_its_answer_is_still_taken() -> None:
    discovery, asker = Discovery(), an_exchange()
    discovery.ask(1, asker, 0.0, b"first")
    assert not discovery.turn_to(b"first")
    assert discovery.turn_to(b"second")
    assert discovery.state is IDLE

    discovery.ask(2, asker, 0.0, b"second")
    assert not discovery.turn_to(b"third")
    assert discovery.state is ASKED
    assert [discovery.peer_of(number) for number in (1, 2, 3)] == [b"first", b"second", None]

    discovery.end_wait(asker, expired=False, others_wait=False)
    discovery.ask(3, asker, 0.0, b"second")
    assert discovery.turn_to(b"third")
