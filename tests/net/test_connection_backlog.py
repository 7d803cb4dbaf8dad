"""A read that contains more than a turn of the loop has time for: the rest waits, in order, and nothing is lost."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp.codec.framer import MESSAGE_COST
from snmptcp.errors import ClosedError, ConnectionLost, FramingError
from snmptcp.net import connection
from snmptcp.net.connection import MANY
from snmptcp.net.turns import BATCH, SHORT_BATCH, Turns
from snmptcp.protocol.observer import Observer
from snmptcp.protocol.session import Session
from tests.net.test_connection import Wire, failure
from tests.support.clock import settle, skip, until
from tests.support.wire import answer, new_session

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.protocol.exchange import Exchange

pytestmark = pytest.mark.anyio

COUNT = 200

#: How many answers of the tests are in a short batch.
FIRST = -(-SHORT_BATCH // (MESSAGE_COST + 46))


class Ticking:
    """A clock that is 0.8 ms later at each look: a turn of the loop has time for a few batches."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += 0.0008
        return self.now


@pytest.fixture
async def wire(anyio_backend: object, monkeypatch: pytest.MonkeyPatch) -> Wire:
    shared = Turns(asyncio.get_running_loop(), Ticking())
    monkeypatch.setattr(connection, "turns_of", lambda _: shared)
    return Wire(new_session())


async def asked(wire: Wire, count: int = COUNT, timeout: float = 5.0) -> tuple[list[Exchange], bytes]:
    """Send requests; return them and their answers."""
    exchanges = [wire.start(timeout=timeout) for _ in range(count)]
    await settle()
    return exchanges, b"".join(map(answer, wire.transport.messages))


def answered(exchanges: list[Exchange]) -> int:
    return sum(exchange.waiter.done() for exchange in exchanges)


async def test_the_rest_is_looked_at_in_the_next_turns_in_order(wire: Wire) -> None:
    exchanges, answers = await asked(wire)
    wire.receive(answers)
    counts = [answered(exchanges)]
    while counts[-1] < COUNT:
        await asyncio.sleep(0)
        counts.append(answered(exchanges))
        assert [exchange.waiter.done() for exchange in exchanges] == [n < counts[-1] for n in range(COUNT)]
    assert len(counts) > 3
    assert wire.session.statistics.responses == COUNT


async def test_nothing_is_read_while_the_rest_waits(wire: Wire) -> None:
    _, answers = await asked(wire)
    wire.receive(answers)
    assert not wire.transport.reading
    wire.connection.hold(held=True)
    await until(lambda: not wire.session.backlogged)
    await settle()
    assert not wire.transport.reading
    wire.connection.hold(held=False)
    assert wire.transport.reading


async def test_what_is_read_all_the_same_is_behind_the_rest(wire: Wire) -> None:
    exchanges, answers = await asked(wire)
    wire.receive(answers[:-20])
    wire.receive(answers[-20:])  # as by a proactor, which reads ahead
    assert answered(exchanges) < COUNT
    await until(lambda: answered(exchanges) == COUNT)
    assert wire.connection.usable


async def test_a_request_whose_answer_waits_here_does_not_time_out(wire: Wire) -> None:
    exchanges, answers = await asked(wire)
    wire.receive(answers)
    skip(60)
    await until(lambda: answered(exchanges) == COUNT)
    assert not any(exchange.error for exchange in exchanges)
    assert wire.session.statistics.timeouts == 0


async def test_a_request_whose_answer_is_not_there_times_out_behind_the_rest(wire: Wire) -> None:
    exchanges, answers = await asked(wire)
    last = wire.start()
    await settle()
    wire.receive(answers)
    skip(60)
    await until(last.waiter.done)
    assert answered(exchanges) == COUNT
    assert wire.session.statistics.timeouts == 1
    assert not any(exchange.error for exchange in exchanges)


@pytest.mark.parametrize("with_fin", [False, True])
async def test_the_end_of_the_stream_is_told_behind_the_rest(wire: Wire, with_fin: bool) -> None:
    exchanges, answers = await asked(wire)
    unanswered = wire.start()
    await settle()
    wire.receive(answers)
    if with_fin:
        wire.connection.eof_received()
    wire.connection.connection_lost(None)
    assert not wire.connection.usable
    assert not unanswered.waiter.done()
    await until(unanswered.waiter.done)
    assert not any(exchange.error for exchange in exchanges)
    assert isinstance(failure(unanswered), ConnectionLost)


async def test_framing_that_is_lost_behind_the_rest_is_told_after_it(wire: Wire) -> None:
    exchanges, answers = await asked(wire)
    wire.receive(answers + b"HTTP")
    await until(lambda: wire.transport.ended)
    assert not any(exchange.error for exchange in exchanges)
    assert isinstance(wire.session.closed, FramingError)


async def test_closing_drops_the_rest(wire: Wire) -> None:
    exchanges, answers = await asked(wire)
    wire.receive(answers)
    before = answered(exchanges)
    wire.connection.close(ClosedError("the manager was closed"))
    assert answered(exchanges) == COUNT
    assert sum(exchange.error is None for exchange in exchanges) == before
    await settle(20)
    assert wire.session.statistics.responses == before


async def test_a_request_that_is_given_up_meanwhile_has_a_late_answer(wire: Wire) -> None:
    exchanges, answers = await asked(wire)
    wire.receive(answers)
    wire.connection.abandon(exchanges[-1])
    await until(lambda: answered(exchanges) == COUNT and not wire.session.backlogged)
    assert wire.session.statistics.late == 1


async def test_of_what_no_request_waits_for_a_turn_takes_one_batch_although_it_has_time(
    anyio_backend: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A request does wait, as it does for the agent that floods its manager with answers to earlier ones."""
    shared = Turns(asyncio.get_running_loop(), lambda: 0.0)  # time stands still: each turn has all it wants
    monkeypatch.setattr(connection, "turns_of", lambda _: shared)
    wire = Wire(new_session())
    exchanges, late = await asked(wire)
    for exchange in exchanges:
        wire.connection.abandon(exchange)
    waiting = wire.start()
    await settle()
    wire.receive(late + answer(wire.transport.messages[-1]))
    counts = [wire.session.statistics.late]
    while not waiting.waiter.done():
        await asyncio.sleep(0)
        counts.append(wire.session.statistics.late)
    batch = counts[0]
    assert 0 < batch <= FIRST
    assert max(after - before for before, after in itertools.pairwise(counts)) <= batch
    assert counts[-1] == COUNT
    assert waiting.waiter.result()


@pytest.mark.parametrize(
    ("expected", "budget"), [(1, SHORT_BATCH), (MANY - 1, SHORT_BATCH), (MANY, BATCH), (99, BATCH)]
)
async def test_a_batch_is_long_only_while_many_answers_are_expected(
    anyio_backend: object, monkeypatch: pytest.MonkeyPatch, expected: int, budget: int
) -> None:
    budgets: list[int] = []

    def noting(method: Callable[..., None]) -> Callable[..., None]:
        def note(session: Session, *arguments: Any) -> None:
            budgets.append(arguments[-1])
            method(session, *arguments)

        return note

    for name in ("receive_data", "receive_more"):
        monkeypatch.setattr(Session, name, noting(getattr(Session, name)))
    shared = Turns(asyncio.get_running_loop(), lambda: 0.0)
    monkeypatch.setattr(connection, "turns_of", lambda _: shared)
    wire = Wire(new_session())
    exchanges, answers = await asked(wire, FIRST + expected)
    wire.receive(answers)
    assert answered(exchanges) == FIRST + expected
    assert budgets[:2] == [SHORT_BATCH, budget]
    assert wire.connection._batch == SHORT_BATCH  # no more are expected


async def test_requests_begin_and_leave_meanwhile(wire: Wire) -> None:
    _, answers = await asked(wire)
    wire.receive(answers)
    written = len(wire.transport.messages)
    late = wire.start()
    await settle(2)
    assert wire.session.backlogged
    assert len(wire.transport.messages) == written + 1
    await until(lambda: not wire.session.backlogged)
    wire.receive(answer(wire.transport.messages[-1]))
    assert late.waiter.result()


class Interrupting(Observer):
    """Raises what ctrl-C does, at the message with a given number."""

    def __init__(self, number: int) -> None:
        self.number = number

    def message_received(self, message: bytes) -> None:
        self.number -= 1
        if self.number == 0:
            raise KeyboardInterrupt


@pytest.mark.parametrize("number", [2, 70])
async def test_answers_behind_a_message_at_which_ctrl_c_came_end_their_requests(wire: Wire, number: int) -> None:
    exchanges, answers = await asked(wire)
    wire.session.observer = Interrupting(number)
    with pytest.raises(KeyboardInterrupt):
        wire.receive(answers)
    await until(lambda: answered(exchanges) >= COUNT - 1)
    assert [n for n, exchange in enumerate(exchanges) if not exchange.waiter.done()] == [number - 1]
    assert wire.transport.reading
    skip(5.0)
    await until(lambda: answered(exchanges) == COUNT)  # its time runs, too


async def test_a_fault_while_the_rest_is_looked_at_ends_the_connection_and_its_requests(
    wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["exception"]))
    exchanges, answers = await asked(wire)
    wire.receive(answers)

    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr(connection.Connection, "_look_at_more", broken)  # the session may be compiled
    await until(lambda: told)

    errors = [failure(exchange) for exchange in exchanges if exchange.waiter.exception() is not None]
    assert answered(exchanges) == COUNT
    assert errors
    assert all(isinstance(error, ConnectionLost) and "broken" in str(error) for error in errors)
    assert wire.transport.is_closing()
