"""The probes of one connection: what each asks, how many are under way, and what an answer changes."""

from __future__ import annotations

from itertools import count
from math import inf

from snmptcp import Community
from snmptcp.codec.pdu import PduType
from snmptcp.credentials import SecurityLevel
from snmptcp.protocol.discovery import PATIENCE
from snmptcp.protocol.exchange import Exchange
from snmptcp.protocol.probes import Probe, Probes, Wanted
from snmptcp.protocol.request import get_request
from snmptcp.security.community import CommunitySecurity
from snmptcp.security.remote_engine import Engine
from snmptcp.security.usm import UsmSecurity
from tests.support.deadlines import within
from tests.support.usm import AUTH_USER, ENGINE_ID, OTHER_ENGINE_ID, PLAIN_USER, SimulatedEngine, known_engine

AN_ENGINE = SimulatedEngine()
FIRST_PROBE = 0x01000001
ASKER = Exchange(get_request(("1.3.6.1.2.1.1.1.0",)), 6, within(20.0), 6)


def probes_for(security: UsmSecurity | CommunitySecurity) -> Probes:
    return Probes(security, count(FIRST_PROBE).__next__)


def usm(engine: Engine | None = None) -> UsmSecurity:
    return UsmSecurity(AUTH_USER, Engine() if engine is None else engine, 65536)


def knowing_probes() -> Probes:
    """Return the probes of a connection whose engine is known."""
    probes = probes_for(usm(known_engine(AN_ENGINE)))
    probes.know_engine()
    return probes


def ask(probes: Probes, wanted: Wanted, now: float = 0.0) -> Probe:
    probe = probes.ask(wanted, ASKER, now, room=True)
    assert probe is not None
    return probe


# -------------------------------------------------------------------------------------------- asking


def test_a_discovery_message_is_unprotected_and_names_no_engine() -> None:
    probes = probes_for(usm())
    probe = ask(probes, Wanted.ENGINE)

    asked = AN_ENGINE.read(probe.message)
    assert (asked.message_id, asked.level) == (probe.message_id, SecurityLevel.noAuthNoPriv)
    assert asked.parameters.engine_id == b""
    assert probes.asks_for_engine(probe.message_id)
    assert probes.engine_of(probe.message_id) is None
    assert probes.request_for_proof(probe.message_id) is None


def test_a_request_for_a_proof_is_an_authenticated_get_to_the_engine_that_is_known() -> None:
    probes = knowing_probes()
    probe = ask(probes, Wanted.PROOF)

    asked = AN_ENGINE.read(probe.message)
    assert (asked.message_id, asked.level) == (probe.message_id, SecurityLevel.authNoPriv)
    assert asked.pdu.type == PduType.GET
    assert probes.is_probe(probe.message_id)
    assert not probes.asks_for_engine(probe.message_id)
    assert probes.engine_of(probe.message_id) == ENGINE_ID
    assert probes.request_for_proof(probe.message_id) is ASKER


def test_the_ids_of_a_probe_are_taken_one_after_the_other() -> None:
    probe = ask(probes_for(usm()), Wanted.ENGINE)
    assert probe.message_id == FIRST_PROBE
    assert AN_ENGINE.read(probe.message).pdu.request_id == FIRST_PROBE + 1


def test_one_probe_of_each_kind_is_under_way_at_most() -> None:
    probes = knowing_probes()
    ask(probes, Wanted.PROOF)
    assert probes.ask(Wanted.PROOF, ASKER, 0.5, room=True) is None
    assert probes.under_way == 1


def test_no_probe_leaves_without_room() -> None:
    probes = probes_for(usm())
    assert probes.ask(Wanted.ENGINE, ASKER, 0.0, room=False) is None
    assert probes.under_way == 0
    assert probes.next_deadline() == inf


def test_a_request_for_a_proof_turns_to_the_engine_that_is_known_now_without_more_room() -> None:
    security = usm(known_engine(AN_ENGINE))
    probes = probes_for(security)
    ask(probes, Wanted.PROOF)
    other = SimulatedEngine(engine_id=OTHER_ENGINE_ID)
    security.engine = known_engine(other)

    probe = probes.ask(Wanted.PROOF, ASKER, 0.5, room=False)

    assert probe is not None
    assert probes.engine_of(probe.message_id) == OTHER_ENGINE_ID
    assert probes.under_way == 1


# ----------------------------------------------------------------------------------------- under way


def test_the_probe_of_either_kind_that_is_lost_first_is_due_first() -> None:
    probes = probes_for(usm(known_engine(AN_ENGINE)))
    ask(probes, Wanted.ENGINE, 1.0)
    ask(probes, Wanted.PROOF, 1.5)
    assert probes.under_way == 2

    assert probes.next_deadline() == 1.0 + PATIENCE
    probes.handle_timer(1.0 + PATIENCE)
    assert probes.next_deadline() == 1.5 + PATIENCE
    probes.handle_timer(1.5 + PATIENCE)
    assert probes.under_way == 0


def test_a_probe_that_nobody_waits_for_is_not_under_way_and_its_answer_still_counts() -> None:
    probes = knowing_probes()
    probe = ask(probes, Wanted.PROOF)
    probes.end_wait(ASKER, expired=False, others_wait=False)
    assert probes.under_way == 0
    assert probes.is_probe(probe.message_id)


def test_with_another_security_model_no_earlier_probe_has_an_answer() -> None:
    probes = probes_for(usm())
    probe = ask(probes, Wanted.ENGINE)
    probes.use_security(usm())
    assert probes.under_way == 0
    assert not probes.is_probe(probe.message_id)


# ------------------------------------------------------------------------------------------- answers


def test_a_security_model_without_time_needs_no_proof() -> None:
    plain = UsmSecurity(PLAIN_USER, known_engine(AN_ENGINE), 65536)
    community = CommunitySecurity(Community("public"))
    assert probes_for(plain).proved(0.0)
    assert probes_for(community).proved(0.0)


def test_a_proof_of_the_engine_that_is_known_counts_for_its_window_and_that_of_another_one_does_not() -> None:
    security = usm(known_engine(AN_ENGINE))
    probes = probes_for(security)
    assert not probes.proved(0.0)
    probes.receive_proof(OTHER_ENGINE_ID, 0.0)
    assert not probes.proved(0.0)
    probes.receive_proof(ENGINE_ID, 0.0)
    assert probes.proved(security.proof_window - 0.1)
    assert not probes.proved(security.proof_window)
    assert probes.proved_by(ENGINE_ID)


def test_requests_may_wait_until_the_engine_is_known_and_while_a_proof_is_asked_for() -> None:
    probes = probes_for(usm(known_engine(AN_ENGINE)))
    assert probes.may_know_more()
    probes.know_engine()
    assert not probes.may_know_more()
    ask(probes, Wanted.PROOF)
    assert probes.may_know_more()
    probes.receive_proof(ENGINE_ID, 0.1)
    assert probes.proved(0.1)
    assert not probes.may_know_more()


def test_an_answer_about_the_engine_ends_its_probe_whether_it_names_one_or_not() -> None:
    security = usm()
    probes = probes_for(security)
    ask(probes, Wanted.ENGINE)
    assert not probes.receive_engine()
    assert probes.under_way == 0

    ask(probes, Wanted.ENGINE)
    security.engine.learn(*AN_ENGINE.info(), 0.0)
    assert probes.receive_engine()
    assert probes.under_way == 0


def test_when_the_engine_is_forgotten_so_is_the_proof() -> None:
    security = usm(known_engine(AN_ENGINE))
    probes = probes_for(security)
    probes.know_engine()
    probes.receive_proof(ENGINE_ID, 0.0)
    security.engine = Engine()

    ask(probes, Wanted.ENGINE)

    assert not probes.proved_by(ENGINE_ID)


def test_a_proof_is_asked_for_again_once_a_wait_and_a_denial_ends_the_question() -> None:
    probes = knowing_probes()
    ask(probes, Wanted.PROOF)
    assert probes.ask_for_proof_again()
    ask(probes, Wanted.PROOF)
    assert not probes.ask_for_proof_again()
    assert probes.under_way == 1
    probes.receive_denial()
    assert probes.under_way == 0


def test_the_first_refused_reply_to_each_probe_is_told_from_further_ones_and_from_late_ones() -> None:
    probes = probes_for(usm(known_engine(AN_ENGINE)))
    engine, proof = ask(probes, Wanted.ENGINE), ask(probes, Wanted.PROOF)
    assert [probes.refuse(engine.message_id), probes.refuse(engine.message_id)] == [True, False]
    assert [probes.refuse(proof.message_id), probes.refuse(proof.message_id)] == [True, False]

    probes.handle_timer(PATIENCE)
    assert not probes.refuse(engine.message_id)
    ask(probes, Wanted.ENGINE, 2.0)
    assert probes.refuse(engine.message_id)


def test_an_unused_proof_is_carried_to_the_next_connection_with_the_same_security_model_alone() -> None:
    security = usm(known_engine(AN_ENGINE))
    earlier = probes_for(security)
    ask(earlier, Wanted.PROOF)
    earlier.receive_proof(ENGINE_ID, 1.0)
    earlier.end()
    assert earlier.under_way == 0

    same, other = probes_for(security), probes_for(usm(known_engine(AN_ENGINE)))
    same.carry(earlier)
    other.carry(earlier)
    assert same.proved(1.0)
    assert not other.proved(1.0)
