"""A walk that looks ahead gives the same as one request after the other, whatever the agent and the line do.

The agent is a recording, a table with holes, or any function from a name to the next one.  It cuts answers where it
likes, refuses what it likes, and the answers ahead come in any order, late or never.
"""

from __future__ import annotations

import functools
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snmptcp.credentials import SnmpVersion
from snmptcp.errors import GenErr, RequestTimeout, SnmpError
from snmptcp.oid import OID
from snmptcp.protocol.lookahead import Guess, LookAhead
from snmptcp.protocol.request import bulk_request
from snmptcp.protocol.walk import WalkCursor
from snmptcp.testing import load_snmprec
from snmptcp.values import EndOfMibView, Integer32, NoSuchInstance, VarBind
from tests.support.wire import SimulatedAgent, sane_successor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from snmptcp.protocol.request import Request
    from snmptcp.values import Value
    from tests.support.wire import Outcome

#: Made of a seed: a choice costs less than one of Hypothesis, and there are thousands.
RANDOMS = st.integers(0, 2**32 - 1).map(Random)

RECORDINGS = sorted((Path(__file__).parent.parent / "vectors" / "recordings").glob("*.snmprec"))

TABLE = OID("1.3.6.1.2.1.2.2")
ENTRY = TABLE + 1

#: Below, before and behind the table; names that are columns themselves; arcs of several octets.
UNIVERSE = [
    *(ENTRY + f"{column}.{row}" for column in (1, 2, 3, 4, 128) for row in (1, 2, 127, 128)),
    *(ENTRY + column for column in (1, 2, 3, 4, 5, 128)),
    TABLE,
    ENTRY,
    OID("1.3.6.1.2.1.1.1"),
    OID("1.3.6.1.2.1.3"),
]


class Line:
    """An agent and the line to it: the same answer to the same name, more or less of it, now or later.

    Args:
        successor: the next variable binding, or ``None`` at the end.
        bad: names that make an answer a genErr.
        silent: names that make the agent not answer.
        random: chooses.
    """

    def __init__(
        self, successor: Callable[[OID], VarBind | None], bad: set[OID], silent: set[OID], random: Random
    ) -> None:
        self._agent = SimulatedAgent(successor)
        self._bad = bad
        self._silent = silent
        self._random = random

    def __call__(self, request: Request) -> Outcome:
        outcome = self._agent(request)
        if isinstance(outcome, SnmpError):
            return outcome
        if any(oid in self._silent for oid, _ in outcome):
            return RequestTimeout(5.0)
        if any(oid in self._bad for oid, _ in outcome):
            return GenErr(5)
        return outcome[: max(1, len(outcome) - self._random.choice((0, 0, 0, 1, 7)))]


class Walk:
    """A walk that looks ahead, its requests answered as the line has it."""

    def __init__(self, cursor: WalkCursor, line: Line, random: Random) -> None:
        self.cursor = cursor
        self.line = line
        self.look = LookAhead(cursor.root)
        self.flying: dict[Guess, Request] = {}
        self.sent = 0
        self._random = random

    def run(self, at_once: int) -> list[VarBind]:
        """Read all; return what the walk gives."""
        items: list[VarBind] = []
        request: Request | None = None
        for _ in range(3000):
            if self.cursor.finished:
                return items
            taken = self._ready()
            taken = (
                self._ask(request or self.cursor.request()) if taken is None else self.cursor.receive(taken, ahead=True)
            )
            request = None
            items += taken
            if not self.cursor.finished:
                request = self._go_on(taken, at_once)
        raise AssertionError("the walk does not end")

    def _ready(self) -> Sequence[VarBind] | None:
        if self.look.waits:
            guess = self.look.awaited
            if guess is not None and self._random.random() < 0.5:
                self._answer(guess)
            self.look.resolve()
            assert not self.look.waits
        return self.look.ready()

    def _ask(self, request: Request) -> Sequence[VarBind]:
        outcome = self.line(request)
        if isinstance(outcome, SnmpError):
            self.cursor.failed(outcome)
            return ()
        return self.cursor.receive(outcome)

    def _go_on(self, taken: Sequence[VarBind], at_once: int) -> Request | None:
        self.look.follow(taken)
        request = None
        if not self.look.waits and not self.look.has_ready:
            guess = self.look.adopt(self.cursor.last)
            if guess is not None:
                request = self.flying.pop(guess)
                self.cursor.adopt(request.max_repetitions)
        for guess in self.look.guesses(at_once):
            self.flying[guess] = bulk_request((guess.name,), 0, self.cursor.repetitions)
            self.sent += 1
        self._forget()
        assert len(self.flying) <= at_once + 1
        for guess in list(self.flying):
            if guess in self.flying and self._random.random() < 0.7:
                self._answer(guess)
        return request

    def _answer(self, guess: Guess) -> None:
        outcome = self.line(self.flying.pop(guess))
        if isinstance(outcome, SnmpError):
            self.look.refuse(guess)
        else:
            self.look.receive(guess, outcome)
        self._forget()

    def _forget(self) -> None:
        for dropped in self.look.take_dropped():
            self.flying.pop(dropped, None)


def both_ways(
    root: OID,
    size: int,
    successor: Callable[[OID], VarBind | None],
    random: Random,
    *,
    bad: set[OID] = frozenset(),  # type: ignore[assignment]
    silent: set[OID] = frozenset(),  # type: ignore[assignment]
    at_once: int = 8,
) -> Walk:
    """Read a subtree ahead and one request after the other, and compare; return the walk that looked ahead."""
    line = Line(successor, bad, silent, random)
    plain = WalkCursor(root, SnmpVersion.V2C, max_repetitions=size)
    expected: list[VarBind] = []
    while not plain.finished:
        outcome = line(plain.request())
        if isinstance(outcome, SnmpError):
            plain.failed(outcome)
        else:
            expected += plain.receive(outcome)
    walk = Walk(WalkCursor(root, SnmpVersion.V2C, max_repetitions=size), line, random)

    assert walk.run(at_once) == expected
    assert str(walk.cursor.fault) == str(plain.fault)
    assert type(walk.cursor.fault) is type(plain.fault)
    assert walk.look.wasted <= walk.look.columns
    return walk


@functools.cache
def recorded(path: Path) -> tuple[tuple[VarBind, ...], Callable[[OID], VarBind | None]]:
    """Return what a recording has, and what follows a name in it."""
    mib = load_snmprec(path)
    varbinds = tuple(VarBind(oid, cast("Value", mib[oid])) for oid in mib)
    return varbinds, sane_successor(varbinds)


@pytest.mark.parametrize("path", RECORDINGS, ids=lambda path: path.stem)
@settings(max_examples=15, deadline=None)
@given(size=st.integers(2, 60), depth=st.integers(7, 10), random=RANDOMS)
def test_a_recording_is_read_as_without_looking_ahead(path: Path, size: int, depth: int, random: Random) -> None:
    varbinds, successor = recorded(path)
    root = random.choice(varbinds).oid[:depth]

    both_ways(root, size, successor, random)


@settings(max_examples=120, deadline=None)
@given(
    columns=st.lists(st.integers(1, 12), min_size=1, max_size=8, unique=True),
    rows=st.lists(st.integers(1, 300), max_size=40, unique=True),
    fixed=st.sampled_from(["", "0.", "1.4."]),
    holes=st.floats(0, 0.3),
    size=st.integers(1, 30),
    at_once=st.integers(0, 8),
    bad=st.sets(st.sampled_from(range(1, 300)), max_size=2),
    random=RANDOMS,
)
def test_a_table_with_holes_is_read_as_without_looking_ahead(
    columns: list[int],
    rows: list[int],
    fixed: str,
    holes: float,
    size: int,
    at_once: int,
    bad: set[int],
    random: Random,
) -> None:
    names = [ENTRY + f"{column}.{fixed}{row}" for column in columns for row in rows if random.random() >= holes]
    mib = [VarBind(name, Integer32(1)) for name in [*names, OID("1.3.6.1.2.1.3.1.1.1")]]
    failing = {ENTRY + f"{columns[-1]}.{fixed}{row}" for row in bad}

    both_ways(TABLE, size, sane_successor(mib), random, bad=failing, at_once=at_once)


@settings(max_examples=120, deadline=None)
@given(
    targets=st.lists(st.none() | st.sampled_from(UNIVERSE), min_size=len(UNIVERSE), max_size=len(UNIVERSE)),
    in_order=st.booleans(),
    size=st.integers(1, 6),
    silent=st.sets(st.sampled_from(UNIVERSE), max_size=2),
    missing=st.booleans(),
    random=RANDOMS,
)
def test_any_agent_is_read_as_without_looking_ahead(
    targets: list[OID | None], in_order: bool, size: int, silent: set[OID], missing: bool, random: Random
) -> None:
    following: dict[OID, OID | None] = dict(zip(UNIVERSE, targets, strict=True))
    if in_order:  # mostly a sound agent, with some steps of its own
        names = sorted(UNIVERSE)
        steps = dict(zip(names, [*names[1:], None], strict=True))
        following = steps | {name: following[name] for name in names[:: random.randint(3, 9)]}

    def successor(name: OID) -> VarBind | None:
        target = following.get(name)
        if target is None:
            return VarBind(name, NoSuchInstance()) if missing else VarBind(name, EndOfMibView())
        return VarBind(target, Integer32(1))

    both_ways(TABLE, size, successor, random, silent=silent)


@settings(max_examples=30, deadline=None)
@given(columns=st.integers(2, 8), rows=st.integers(30, 60), random=RANDOMS)
def test_columns_that_are_long_are_read_from_answers_ahead(columns: int, rows: int, random: Random) -> None:
    names = [ENTRY + f"{column}.{row}" for column in range(1, columns + 1) for row in range(1, rows + 1)]

    walk = both_ways(TABLE, 7, sane_successor([VarBind(name, Integer32(1)) for name in names]), random)

    assert walk.sent > 0
    assert walk.look.columns >= 1
