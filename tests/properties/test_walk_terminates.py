"""Every walk ends, whatever the agent does, and a correct agent is read exactly.

The agent is any function from a name to the next one over a small set of names; Hypothesis adds errors, lost
responses and cut responses.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from snmptcp.codec.pdu import PduType
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import (
    AgentError,
    GenErr,
    NoSuchName,
    OidNotIncreasing,
    RequestTimeout,
    ResponseMismatch,
    SnmpError,
    TooBig,
    agent_error,
)
from snmptcp.oid import OID
from snmptcp.protocol.walk import WalkCursor
from snmptcp.values import EndOfMibView, Integer32, VarBind
from tests.support.wire import Outcome, SimulatedAgent, run_walk, sane_successor

if TYPE_CHECKING:
    from snmptcp.protocol.request import Request

V1, V2C = SnmpVersion.V1, SnmpVersion.V2C
ROOT = OID("1.3.6.1.2.1.2")

#: Names below, before and after the root; arcs of one and several octets; names that are prefixes of others.
INSIDE = [ROOT + tail for tail in ("1", "1.1", "1.127", "1.128", "1.128.1", "2", "2.16384", "10", "10.1", "4294967295")]
OUTSIDE = [ROOT, OID("1.3.6.1.2.1.1.1"), OID("1.3.6.1.2.1.3"), OID("1.3.6.1.2.1.128.1"), OID("0.0")]
UNIVERSE = INSIDE + OUTSIDE

MAX_REPETITIONS = st.sampled_from([0, 1, 2, 3, 7, 25, 1000, 0x7FFFFFFF])
VERSIONS = st.sampled_from([V1, V2C])

#: The agent's reaction to one request.
MOODS = st.sampled_from(["answer"] * 6 + ["cut", "empty", "too many", "timeout", "1", "2", "5", "16", "77"])


class MadAgent:
    """Any function of names and any reactions; both are repeated from the start when they are used up."""

    def __init__(self, following: dict[OID, OID | None], moods: list[str], version: SnmpVersion) -> None:
        self.sound = SimulatedAgent(self._successor, version)
        self._following = following
        self._moods = moods
        self.count = 0

    def _successor(self, name: OID) -> VarBind | None:
        following = self._following.get(name)
        return None if following is None else VarBind(following, Integer32(1))

    def __call__(self, request: Request) -> Outcome:
        mood = self._moods[self.count % len(self._moods)]
        self.count += 1
        if mood == "timeout":
            return RequestTimeout(5.0)
        if mood.isdigit():
            return agent_error(int(mood), 1, ())
        outcome = self.sound(request)
        if isinstance(outcome, SnmpError) or mood == "answer":
            return outcome
        if mood == "cut":
            return outcome[: 1 + len(outcome) // 3]
        return () if mood == "empty" else outcome * 3


def following_names() -> st.SearchStrategy[dict[OID, OID | None]]:
    return st.lists(st.none() | st.sampled_from(UNIVERSE), min_size=len(UNIVERSE), max_size=len(UNIVERSE)).map(
        lambda targets: dict(zip(UNIVERSE, targets, strict=True))
    )


@settings(max_examples=400, deadline=None)
@given(
    following=following_names(),
    moods=st.lists(MOODS, min_size=1, max_size=12),
    version=VERSIONS,
    max_repetitions=MAX_REPETITIONS,
    tolerant=st.booleans(),
    limit=st.none() | st.integers(0, 12),
    start=st.none() | st.sampled_from(INSIDE),
)
def test_a_walk_of_any_agent_ends_and_gives_no_name_twice(
    following: dict[OID, OID | None],
    moods: list[str],
    version: SnmpVersion,
    max_repetitions: int,
    tolerant: bool,
    limit: int | None,
    start: OID | None,
) -> None:
    cursor = WalkCursor(
        ROOT, version, max_repetitions=max_repetitions, limit=limit, start=start, tolerate_non_increasing=tolerant
    )
    # Each response but the last has a new name; before each, the size can shrink about 31 times.
    most_requests = (len(INSIDE) + 1) * (max_repetitions.bit_length() + 2)

    items = run_walk(cursor, MadAgent(following, moods, version), most_requests)

    found = [item.oid for item in items]
    assert len(set(found)) == len(found)
    assert all(name.startswith(ROOT) for name in found)
    assert not any(isinstance(item.value, EndOfMibView) for item in items)
    if not tolerant:
        assert all(earlier < later for earlier, later in pairwise([start or ROOT, *found]))
    if limit is not None:
        assert len(found) <= limit
    if cursor.fault is not None:
        assert isinstance(cursor.fault, OidNotIncreasing | ResponseMismatch | RequestTimeout | AgentError)
        assert not isinstance(cursor.fault, NoSuchName)


@settings(max_examples=150, deadline=None)
@given(following=following_names(), version=VERSIONS, max_repetitions=MAX_REPETITIONS, tolerant=st.booleans())
def test_a_walk_follows_an_agent_exactly_as_far_as_it_goes_on(
    following: dict[OID, OID | None], version: SnmpVersion, max_repetitions: int, tolerant: bool
) -> None:
    expected: list[OID] = []
    at, fault = ROOT, False
    while True:
        name = following[at]
        if name is None:
            break
        # A decreasing name is always a fault; a tolerant walk refuses only names that it has seen.
        if (name.startswith(ROOT) and (name in expected or name == at)) if tolerant else name <= at:
            fault = True
            break
        if not name.startswith(ROOT):
            break
        expected.append(name)
        at = name
    cursor = WalkCursor(ROOT, version, max_repetitions=max_repetitions, tolerate_non_increasing=tolerant)

    items = run_walk(cursor, MadAgent(following, ["answer"], version))

    assert [item.oid for item in items] == expected
    assert isinstance(cursor.fault, OidNotIncreasing) == fault
    assert (cursor.fault is None) == (not fault)


TAILS = st.lists(st.sampled_from([0, 1, 2, 127, 128, 255, 16383, 16384, 0xFFFFFFFF]), min_size=1, max_size=4)


@settings(max_examples=150, deadline=None)
@given(
    tails=st.lists(TAILS, max_size=40),
    siblings=st.lists(st.sampled_from(["1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.3.1", "1.3.6.1.2.1.130", "2.999.1"])),
    version=VERSIONS,
    max_repetitions=MAX_REPETITIONS,
    capacity=st.none() | st.integers(0, 30),
    longest_answer=st.none() | st.integers(1, 5),
    tolerant=st.booleans(),
    limit=st.none() | st.integers(0, 30),
    start=st.none() | TAILS,
    root=st.sampled_from([ROOT, OID("1.3.6.1"), OID("1.3"), OID("1")]),
)
def test_a_walk_of_a_sane_agent_gives_exactly_the_subtree(
    tails: list[list[int]],
    siblings: list[str],
    version: SnmpVersion,
    max_repetitions: int,
    capacity: int | None,
    longest_answer: int | None,
    tolerant: bool,
    limit: int | None,
    start: list[int] | None,
    root: OID,
) -> None:
    names = {ROOT + tail for tail in tails} | set(map(OID, siblings))
    agent = SimulatedAgent(
        sane_successor(VarBind(name, Integer32(1)) for name in names), version, capacity, longest_answer
    )
    begin = ROOT + start if start is not None else None
    cursor = WalkCursor(
        root, version, max_repetitions=max_repetitions, limit=limit, start=begin, tolerate_non_increasing=tolerant
    )

    items = run_walk(cursor, agent)

    wanted = [name for name in sorted(names) if name.startswith(root) and name != root and (not begin or name > begin)]
    assert [item.oid for item in items] == wanted[:limit]
    assert cursor.fault is None


@settings(max_examples=100, deadline=None)
@given(
    count=st.integers(0, 60),
    failures=st.lists(st.sampled_from([TooBig(1), GenErr(5), RequestTimeout(5.0), None, None, None]), max_size=80),
    max_repetitions=st.integers(1, 64),
)
def test_failures_of_get_bulk_alone_never_lose_a_name(
    count: int, failures: list[AgentError | RequestTimeout | None], max_repetitions: int
) -> None:
    mib = [VarBind(ROOT + f"1.{number}", Integer32(number)) for number in range(count)]
    agent = SimulatedAgent(sane_successor(mib))
    waiting = list(failures)

    def moody(request: Request) -> Outcome:
        failure = waiting.pop() if waiting and request.type is PduType.GET_BULK else None
        return failure or agent(request)

    cursor = WalkCursor(ROOT, V2C, max_repetitions=max_repetitions)

    assert run_walk(cursor, moody) == mib
    assert cursor.fault is None
