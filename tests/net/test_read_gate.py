"""Reading pauses for the first of several reasons and goes on after the last."""

from __future__ import annotations

import asyncio
import itertools
from typing import Any

import pytest

from snmptcp.net.read_gate import PauseReason, ReadGate

HELD, RATE, BACKLOG, PEER_DOES_NOT_READ = PauseReason
ORDERS = list(itertools.permutations(PauseReason))


class Loop:
    """Calls nothing before it is told to."""

    def __init__(self) -> None:
        self.soon: list[Any] = []

    def call_soon(self, callback: Any, *args: Any, context: Any = None) -> Any:
        self.soon.append(lambda: callback(*args))

    def turn(self) -> None:
        for call in self.soon:
            call()
        self.soon.clear()


LOOP: Any = Loop()


class Transport(asyncio.Transport):
    """Keeps what it is told."""

    def __init__(self, *, closing: bool = False) -> None:
        super().__init__()
        self.closing = closing
        self.calls: list[str] = []

    def is_closing(self) -> bool:
        return self.closing

    def pause_reading(self) -> None:
        self.calls.append("pause")

    def resume_reading(self) -> None:
        self.calls.append("resume")


@pytest.fixture
def transport() -> Transport:
    return Transport()


@pytest.fixture
def gate(transport: Transport) -> ReadGate:
    gate = ReadGate()
    gate.attach(transport, LOOP)
    return gate


def test_a_gate_without_a_reason_leaves_the_transport_alone(gate, transport):
    assert gate.is_open
    assert transport.calls == []


@pytest.mark.parametrize("reason", PauseReason)
def test_one_reason_pauses_once_and_its_end_resumes_once(gate, transport, reason):
    gate.pause(reason)
    gate.pause(reason)
    assert transport.calls == ["pause"]
    assert not gate.is_open
    assert [other for other in PauseReason if other in gate] == [reason]
    gate.resume(reason)
    gate.resume(reason)
    assert transport.calls == ["pause", "resume"]
    assert gate.is_open


@pytest.mark.parametrize("going", ORDERS)
@pytest.mark.parametrize("coming", ORDERS)
def test_the_transport_resumes_when_the_last_reason_goes_whatever_the_order(gate, transport, coming, going):
    for reason in coming:
        gate.pause(reason)
        assert transport.calls == ["pause"]
    for reason in going[:-1]:
        gate.resume(reason)
        assert transport.calls == ["pause"]
    gate.resume(going[-1])
    assert transport.calls == ["pause", "resume"]


def test_the_end_of_a_reason_that_is_not_there_ends_no_other(gate, transport):
    gate.pause(RATE)
    gate.resume(HELD)
    assert transport.calls == ["pause"]
    assert RATE in gate


def test_a_reason_from_before_the_transport_applies_to_it(transport):
    gate = ReadGate()
    gate.pause(HELD)
    gate.pause(RATE)
    gate.resume(RATE)
    gate.attach(transport, LOOP)
    assert transport.calls == ["pause"]
    gate.resume(HELD)
    assert transport.calls == ["pause", "resume"]


def test_a_reason_that_went_before_the_transport_came_does_not_pause_it(transport):
    gate = ReadGate()
    gate.pause(HELD)
    gate.resume(HELD)
    gate.attach(transport, LOOP)
    assert transport.calls == []


def test_a_transport_that_is_closing_is_neither_paused_nor_resumed(gate, transport):
    transport.closing = True
    gate.pause(PEER_DOES_NOT_READ)
    gate.resume(PEER_DOES_NOT_READ)
    assert transport.calls == []
    other = ReadGate()
    other.pause(HELD)
    other.attach(transport, LOOP)
    assert transport.calls == []


def test_reasons_outlive_the_transport(gate, transport):
    gate.pause(HELD)
    gate.detach()
    gate.resume(HELD)
    gate.pause(RATE)
    assert transport.calls == ["pause"]
    following = Transport()
    gate.attach(following, LOOP)
    assert following.calls == ["pause"]


def test_a_transport_that_was_paused_as_it_was_made_is_paused_again_where_asyncio_forgets_that(transport, monkeypatch):
    monkeypatch.setattr("snmptcp.net.read_gate._PAUSE_IS_LOST", True)
    gate = ReadGate()
    loop: Any = Loop()
    gate.attach(transport, loop)
    gate.pause(HELD)
    loop.turn()
    assert transport.calls == ["pause", "resume", "pause"]


@pytest.mark.parametrize("end", ["resumed", "detached", "closing"])
def test_a_transport_that_need_not_be_paused_any_more_is_left_alone(transport, monkeypatch, end):
    monkeypatch.setattr("snmptcp.net.read_gate._PAUSE_IS_LOST", True)
    gate = ReadGate()
    loop: Any = Loop()
    gate.attach(transport, loop)
    gate.pause(HELD)
    if end == "resumed":
        gate.resume(HELD)
    elif end == "detached":
        gate.detach()
    else:
        transport.closing = True
    before = list(transport.calls)
    loop.turn()
    assert transport.calls == before
