"""The proof of an engine's time: how long it counts, and on which connection."""

from __future__ import annotations

import pytest

from snmptcp import OID, OctetString
from snmptcp.protocol.discovery import DiscoveryState
from snmptcp.protocol.exchange import Exchange
from snmptcp.protocol.request import set_request
from snmptcp.protocol.time_proof import CARRIED_PROOF, TimeProof
from snmptcp.values import VarBind
from tests.support.deadlines import within

ENGINE = b"\x80\0\0\0\1engine"
OTHER = b"\x80\0\0\0\1other"
WINDOW = 150.0


def asked() -> TimeProof:
    """A proof that was asked for because a SET waits."""
    proof = TimeProof()
    asker = Exchange(set_request([VarBind(OID("1.3.6.1.2.1.1.6.0"), OctetString("x"))]), 6, within(20.0), 6)
    proof.discovery.ask(7, asker, 0.0, ENGINE)
    return proof


def state_of(proof: TimeProof) -> DiscoveryState:
    return proof.discovery.state


def test_a_proof_counts_for_its_engine_and_for_as_long_as_the_window_is() -> None:
    proof = TimeProof()
    assert not proof.holds(ENGINE, 0.0, WINDOW)
    proof.note(ENGINE, 10.0)
    assert proof.holds(ENGINE, 159.0, WINDOW)
    assert not proof.holds(ENGINE, 160.0, WINDOW)
    assert not proof.holds(OTHER, 11.0, WINDOW)


def test_that_it_was_given_is_known_when_it_has_ceased_to_count() -> None:
    proof = TimeProof()
    assert not proof.was_given_by(None)
    proof.note(ENGINE, 10.0)
    assert proof.was_given_by(ENGINE)
    assert not proof.was_given_by(OTHER)
    proof.forget()
    assert not proof.was_given_by(ENGINE)


def test_a_proof_ends_the_question_for_it() -> None:
    proof = asked()
    assert not proof.holds(ENGINE, 1.0, WINDOW)
    assert state_of(proof) is DiscoveryState.ASKED
    proof.note(ENGINE, 1.0)
    assert proof.holds(ENGINE, 1.0, WINDOW)
    assert state_of(proof) is DiscoveryState.KNOWN


def test_a_proof_behind_which_the_connection_has_ended_counts_on_the_next_one_for_a_few_seconds() -> None:
    earlier = asked()
    earlier.note(ENGINE, 1.0)
    earlier.end()
    proof = TimeProof()
    proof.carry(earlier)
    assert proof.holds(ENGINE, 1.0 + CARRIED_PROOF - 0.1, WINDOW)
    assert not proof.holds(ENGINE, 1.0 + CARRIED_PROOF, WINDOW)
    assert not proof.holds(OTHER, 1.0, WINDOW)
    assert not proof.was_given_by(ENGINE)


@pytest.mark.parametrize("way", ["used", "never asked for", "not given", "forgotten"])
def test_no_other_proof_counts_on_another_connection(way: str) -> None:
    """The agent may have restarted since; a SET that has left on the earlier connection has used its proof."""
    earlier = TimeProof() if way == "never asked for" else asked()
    if way != "not given":
        earlier.note(ENGINE, 1.0)
    if way == "used":
        assert earlier.holds(ENGINE, 1.0, WINDOW)
    earlier.end()
    proof = TimeProof()
    proof.carry(earlier)
    if way == "forgotten":
        proof.forget()
    assert not proof.holds(ENGINE, 1.1, WINDOW)
