"""Walks: the next request, the variable bindings inside the subtree, and the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

import snmptcp.protocol.walk
from snmptcp.codec.pdu import PduType
from snmptcp.credentials import SnmpVersion
from snmptcp.errors import (
    AgentError,
    AuthorizationError,
    ConfigurationError,
    GenErr,
    LimitExceeded,
    NoSuchName,
    OidNotIncreasing,
    ProtocolError,
    RequestTimeout,
    ResponseMismatch,
    SnmpError,
    TooBig,
)
from snmptcp.oid import OID
from snmptcp.protocol.answer_sizes import RUN_BEFORE_GROWTH
from snmptcp.protocol.walk import WalkCursor
from snmptcp.values import EndOfMibView, Gauge32, Integer32, OctetString, VarBind
from tests.support.wire import Outcome, SimulatedAgent, run_walk, sane_successor, varbinds

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.protocol.request import Request

V1, V2C = SnmpVersion.V1, SnmpVersion.V2C
ROOT = OID("1.3.6.1.2.1.2")
INSIDE = [
    VarBind(ROOT + tail, Integer32(number))
    for number, tail in enumerate(("1.0", "2.1.1.1", "2.1.1.2", "2.1.1.128", "2.1.2.1", "2.1.10.1", "2.1.10.16384"))
]
BEFORE = varbinds(("1.3.6.1.2.1.1.1.0", OctetString(b"here")), ("1.3.6.1.2.1.1.9.0", Integer32(1)))
AFTER = varbinds(("1.3.6.1.2.1.20.1.0", Integer32(1)), ("1.3.6.1.2.1.128.1.0", Integer32(1)))
MIB = [*BEFORE, *INSIDE, *AFTER]


def sane(
    *extra: VarBind, version: SnmpVersion = V2C, capacity: int | None = None, longest_answer: int | None = None
) -> SimulatedAgent:
    return SimulatedAgent(sane_successor([*MIB, *extra]), version, capacity, longest_answer)


def names(*tails: int) -> tuple[VarBind, ...]:
    """Return variable bindings below the root, one for each last arc."""
    return tuple(VarBind(ROOT + tail, Gauge32(tail)) for tail in tails)


def scripted(*outcomes: Outcome) -> Callable[[Request], Outcome]:
    """Return an agent that returns these outcomes in order, whatever the request."""
    waiting = iter(outcomes)
    return lambda _: next(waiting)


# -------------------------------------------------------------------------------- what it asks first


def test_a_walk_begins_with_a_get_bulk_of_its_root() -> None:
    request = WalkCursor(ROOT, V2C, max_repetitions=10).request()

    assert request.type is PduType.GET_BULK
    assert request.names == (ROOT,)
    assert (request.non_repeaters, request.max_repetitions) == (0, 10)


@pytest.mark.parametrize(("version", "max_repetitions"), [(V1, 25), (V1, 0), (V2C, 0)])
def test_get_next_is_used_in_version_1_and_on_request(version: SnmpVersion, max_repetitions: int) -> None:
    request = WalkCursor(ROOT, version, max_repetitions=max_repetitions).request()

    assert request.type is PduType.GET_NEXT
    assert request.names == (ROOT,)


def test_version_1_never_sees_a_get_bulk() -> None:
    agent = sane(version=V1)

    assert run_walk(WalkCursor(ROOT, V1), agent) == INSIDE
    assert {request.type for request in agent.requests} == {PduType.GET_NEXT}


def test_the_next_request_goes_on_after_the_last_name() -> None:
    cursor = WalkCursor(ROOT, V2C, max_repetitions=3)
    cursor.receive(names(1, 2, 3))

    assert cursor.request().names == (ROOT + 3,)


# ---------------------------------------------------------------------------------------- its end


@pytest.mark.parametrize("max_repetitions", [0, 1, 2, 3, 6, 7, 8, 25, 0x7FFFFFFF])
def test_a_walk_gives_exactly_the_subtree(max_repetitions: int) -> None:
    cursor = WalkCursor(ROOT, V2C, max_repetitions=max_repetitions)

    assert run_walk(cursor, sane()) == INSIDE
    assert cursor.fault is None


def test_a_walk_ends_at_the_first_name_outside_its_subtree() -> None:
    cursor = WalkCursor(ROOT, V2C)

    items = cursor.receive((*names(1, 2), AFTER[0], *names(3)))

    assert tuple(items) == names(1, 2)
    assert cursor.finished
    assert cursor.fault is None


@pytest.mark.parametrize("sibling", ["1.3.6.1.2.1.20.1", "1.3.6.1.2.1.257.1", "1.3.6.1.2.1.3"])
def test_a_name_that_only_looks_like_the_subtree_does_not_belong_to_it(sibling: str) -> None:
    cursor = WalkCursor(ROOT, V2C)

    assert cursor.receive(varbinds((sibling, Integer32(1)))) == []
    assert cursor.finished
    assert cursor.fault is None


@pytest.mark.parametrize("max_repetitions", [0, 3, 7, 25])
def test_a_walk_ends_at_end_of_mib_view(max_repetitions: int) -> None:
    agent = SimulatedAgent(sane_successor(INSIDE))
    cursor = WalkCursor(ROOT, V2C, max_repetitions=max_repetitions)

    assert run_walk(cursor, agent) == INSIDE
    assert cursor.fault is None


def test_end_of_mib_view_ends_a_walk_under_any_name() -> None:
    for name in (ROOT, ROOT + 5, OID("1.3.6.1.4.1.9999"), OID("0.0")):
        cursor = WalkCursor(ROOT, V2C)
        assert tuple(cursor.receive((*names(1), VarBind(name, EndOfMibView()), *names(2)))) == names(1)
        assert cursor.finished
        assert cursor.fault is None


def test_a_walk_in_version_1_ends_at_no_such_name() -> None:
    cursor = WalkCursor(ROOT, V1)

    assert run_walk(cursor, SimulatedAgent(sane_successor(INSIDE), V1)) == INSIDE
    assert cursor.fault is None


@pytest.mark.parametrize("version", [V1, V2C])
def test_a_walk_of_an_empty_subtree_is_no_fault(version: SnmpVersion) -> None:
    for agent in (sane(version=version), SimulatedAgent(sane_successor([]), version)):
        cursor = WalkCursor(OID("1.3.6.1.2.1.15"), version)
        assert run_walk(cursor, agent) == []
        assert cursor.fault is None


@pytest.mark.parametrize("root", ["1", "1.3", "1.3.6.1"])
def test_a_walk_from_the_top_gives_everything(root: str) -> None:
    assert run_walk(WalkCursor(OID(root), V2C), sane()) == MIB


@pytest.mark.parametrize(("root", "first"), [("0", "0.0"), ("1", "1.0"), ("2", "2.0")])
def test_a_root_of_a_single_arc_is_asked_for_by_a_name_that_can_be_sent(root: str, first: str) -> None:
    cursor = WalkCursor(OID(root), V2C)

    assert cursor.request().names == (OID(first),)
    mib = varbinds(
        ("0.0.1", Integer32(1)), ("1.3.6.1", Integer32(1)), ("1.3.7", Integer32(2)), ("2.999.1", Integer32(3))
    )
    expected = [binding for binding in mib if str(binding.oid).startswith(root + ".")]
    assert run_walk(cursor, SimulatedAgent(sane_successor(mib))) == expected


def test_an_instance_itself_is_not_part_of_a_walk_of_it() -> None:
    assert run_walk(WalkCursor(INSIDE[0].oid, V2C), sane()) == []


# ----------------------------------------------------------------------------------- limit and start


@pytest.mark.parametrize("version", [V1, V2C])
@pytest.mark.parametrize("limit", range(9))
def test_a_limit_is_kept(limit: int, version: SnmpVersion) -> None:
    for max_repetitions in (0, 1, 2, 25):
        cursor = WalkCursor(ROOT, version, max_repetitions=max_repetitions, limit=limit)
        assert run_walk(cursor, sane(version=version)) == INSIDE[:limit]
        assert cursor.fault is None


def test_no_more_is_asked_for_than_the_limit_leaves() -> None:
    cursor = WalkCursor(ROOT, V2C, max_repetitions=10, limit=12)
    assert cursor.request().max_repetitions == 10
    cursor.receive(names(*range(1, 11)))
    assert cursor.request().max_repetitions == 2


def test_a_limit_of_zero_sends_no_request() -> None:
    assert WalkCursor(ROOT, V2C, limit=0).finished


def test_what_an_agent_sends_beyond_the_limit_is_left_out() -> None:
    cursor = WalkCursor(ROOT, V2C, limit=2)

    assert tuple(cursor.receive(names(1, 2, 3, 4))) == names(1, 2)
    assert cursor.finished


@pytest.mark.parametrize("max_repetitions", [0, 2, 25])
@pytest.mark.parametrize("position", range(len(INSIDE)))
def test_a_walk_goes_on_after_its_start(position: int, max_repetitions: int) -> None:
    cursor = WalkCursor(ROOT, V2C, max_repetitions=max_repetitions, start=INSIDE[position].oid)

    assert run_walk(cursor, sane()) == INSIDE[position + 1 :]


def test_a_start_may_be_a_name_that_does_not_exist_and_the_root_itself() -> None:
    assert run_walk(WalkCursor(ROOT, V2C, start=ROOT + "2.1.1.3"), sane()) == INSIDE[3:]
    assert run_walk(WalkCursor(ROOT, V2C, start=ROOT), sane()) == INSIDE


def test_start_and_limit_together_read_a_page() -> None:
    assert run_walk(WalkCursor(ROOT, V2C, start=INSIDE[1].oid, limit=3), sane()) == INSIDE[2:5]


def test_a_start_of_a_single_arc_is_asked_for_by_a_name_that_can_be_sent() -> None:
    cursor = WalkCursor(OID("1"), V2C, start=OID("1"))

    assert cursor.request().names == (OID("1.0"),)
    assert run_walk(cursor, sane()) == MIB


@pytest.mark.parametrize("version", [V1, V2C])
def test_the_empty_root_is_everything(version: SnmpVersion) -> None:
    cursor = WalkCursor(OID.fragment(""), version, max_repetitions=4)

    assert cursor.request().names == (OID("0.0"),)
    assert run_walk(cursor, SimulatedAgent(sane_successor(MIB), version)) == MIB
    assert cursor.fault is None


@pytest.mark.parametrize("version", [V1, V2C])
@pytest.mark.parametrize("root", ["5.6.7", "3"])
def test_a_root_that_is_only_a_fragment_is_refused_when_the_walk_begins(root: str, version: SnmpVersion) -> None:
    with pytest.raises(ConfigurationError, match="cannot be sent"):
        WalkCursor(OID.fragment(root), version)


def test_a_start_does_not_move_the_end_of_the_subtree() -> None:
    cursor = WalkCursor(ROOT, V2C, start=INSIDE[-1].oid)

    assert run_walk(cursor, sane()) == []
    assert cursor.fault is None


@pytest.mark.parametrize("start", ["1.3.6.1.2.1.1.9", "1.3.6.1.2.1.20.1", "1.3.6.1.2.1", "1", "1.3.6.1.2.1.258"])
def test_a_start_outside_the_subtree_is_refused(start: str) -> None:
    with pytest.raises(ConfigurationError):
        WalkCursor(ROOT, V2C, start=OID(start))


@pytest.mark.parametrize("options", [{"max_repetitions": -1}, {"max_repetitions": 0x80000000}, {"limit": -1}])
def test_numbers_out_of_range_are_refused(options: dict[str, int]) -> None:
    for version in (V1, V2C):
        with pytest.raises(ConfigurationError):
            WalkCursor(ROOT, version, **options)  # type: ignore[arg-type]  # int options only


# -------------------------------------------------------------------------------- not increasing


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ((1, 2, 3), 3),
        ((1, 2, 3), 2),
        ((1, 2, 3), 1),
        ((5,), 4),
        ((128,), 127),
        ((200,), 200),
        ((16384,), 16383),
        ((0xFFFFFFFF,), 0),
    ],
)
@pytest.mark.parametrize("chunked", [False, True])
def test_a_name_that_does_not_come_after_the_last_ends_the_walk_after_the_good_ones(
    good: tuple[int, ...], bad: int, chunked: bool
) -> None:
    cursor = WalkCursor(ROOT, V2C)
    answers = [names(number) for number in (*good, bad)] if chunked else [names(*good, bad, 0xFFFFFFFF)]

    items = run_walk(cursor, scripted(*answers))

    assert tuple(items) == names(*good)
    assert isinstance(cursor.fault, OidNotIncreasing)
    assert cursor.fault.previous == ROOT + good[-1]
    assert cursor.fault.current == ROOT + bad


def test_the_root_itself_is_not_an_answer() -> None:
    cursor = WalkCursor(ROOT, V2C)

    assert run_walk(cursor, scripted((VarBind(ROOT, Integer32(1)),))) == []
    assert isinstance(cursor.fault, OidNotIncreasing)


def test_the_start_itself_is_not_an_answer() -> None:
    for tolerant in (False, True):
        cursor = WalkCursor(ROOT, V2C, start=ROOT + 5, tolerate_non_increasing=tolerant)
        assert run_walk(cursor, scripted(names(5))) == []
        assert isinstance(cursor.fault, OidNotIncreasing)


OUTSIDE_AND_BEFORE = ["1.3.6.1.2.1.1.9.0", "1.3.6.1.2.1", "0.0", "1.3.6.1.1"]


@pytest.mark.parametrize("name", OUTSIDE_AND_BEFORE)
@pytest.mark.parametrize("good", [(), (1,), (1, 2, 300)], ids=len)
def test_a_name_before_the_last_is_a_fault_outside_the_subtree_too(good: tuple[int, ...], name: str) -> None:
    """An agent that returns to its first name ends the walk early, which must be an error."""
    cursor = WalkCursor(ROOT, V2C)

    items = cursor.receive((*names(*good), VarBind(OID(name), Integer32(1))))

    assert tuple(items) == names(*good)
    assert isinstance(cursor.fault, OidNotIncreasing)
    assert cursor.fault.previous == (ROOT + good[-1] if good else ROOT)
    assert cursor.fault.current == OID(name)


@pytest.mark.parametrize("name", [*OUTSIDE_AND_BEFORE, "1.3.6.1.2.1.3"])
def test_a_tolerant_walk_ends_at_any_name_outside_its_subtree(name: str) -> None:
    cursor = WalkCursor(ROOT, V2C, tolerate_non_increasing=True)

    items = cursor.receive((*names(2, 1), VarBind(OID(name), Integer32(1)), *names(3)))

    assert tuple(items) == names(2, 1)
    assert cursor.finished
    assert cursor.fault is None


def test_a_shorter_name_with_the_same_arcs_comes_before_a_longer_one() -> None:
    cursor = WalkCursor(ROOT, V2C)
    cursor.receive((VarBind(ROOT + "1.1", Integer32(1)), VarBind(ROOT + "1", Integer32(1))))

    assert isinstance(cursor.fault, OidNotIncreasing)


@pytest.mark.parametrize("max_repetitions", [0, 1, 7, 25])
@pytest.mark.parametrize("length", [1, 2, 3, 50])
def test_a_cycle_ends_in_a_fault_after_each_name_was_given_once(length: int, max_repetitions: int) -> None:
    for tolerant in (False, True):
        cursor = WalkCursor(ROOT, V2C, max_repetitions=max_repetitions, tolerate_non_increasing=tolerant)
        items = run_walk(cursor, SimulatedAgent(cycle(list(range(1, length + 1)))))
        assert tuple(items) == names(*range(1, length + 1))
        assert isinstance(cursor.fault, OidNotIncreasing)


def cycle(order: list[int]) -> Callable[[OID], VarBind]:
    """Return the successor function of an agent whose names form a cycle."""
    following = {ROOT + here: ROOT + there for here, there in zip(order, [*order[1:], order[0]], strict=True)}

    def successor(name: OID) -> VarBind:
        there = following.get(name, ROOT + order[0])
        return VarBind(there, Gauge32(there[-1]))

    return successor


# ---------------------------------------------------------------------------------------- tolerant


@pytest.mark.parametrize("max_repetitions", [0, 2, 25])
def test_a_tolerant_walk_takes_names_out_of_order(max_repetitions: int) -> None:
    """Some agents return rows in order of creation (net-snmp's option -Cc is for them)."""
    order = [3, 1, 2, 9, 5, 128, 127, 4]
    following = dict(zip([ROOT, *(ROOT + arc for arc in order)], (ROOT + arc for arc in order), strict=False))
    agent = SimulatedAgent(
        lambda name: VarBind(following[name], Gauge32(following[name][-1])) if name in following else None
    )
    cursor = WalkCursor(ROOT, V2C, max_repetitions=max_repetitions, tolerate_non_increasing=True)

    assert tuple(run_walk(cursor, agent)) == names(*order)
    assert cursor.fault is None


@pytest.mark.parametrize("length", range(1, 51))
def test_a_tolerant_walk_ends_whatever_the_length_of_a_cycle(length: int) -> None:
    order = [(number * 37) % 101 + 1 for number in range(length)]
    agent = SimulatedAgent(cycle(order))
    cursor = WalkCursor(ROOT, V2C, max_repetitions=4, tolerate_non_increasing=True)

    items = run_walk(cursor, agent, most_requests=length + 5)

    assert tuple(items) == names(*order)
    assert isinstance(cursor.fault, OidNotIncreasing)
    assert cursor.fault.repeated
    assert str(cursor.fault).startswith(f"the agent repeats itself: {ROOT + order[0]} came again")


def test_a_tolerant_walk_remembers_a_limited_number_of_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """An agent that invents names without an end, in no order, must not take all memory."""
    monkeypatch.setattr(snmptcp.protocol.walk, "MAX_REMEMBERED_NAMES", 5)
    cursor = WalkCursor(ROOT, V2C, tolerate_non_increasing=True)

    assert tuple(cursor.receive(names(9, 8, 7, 6, 5, 4, 3))) == names(9, 8, 7, 6, 5)
    assert cursor.finished
    assert isinstance(cursor.fault, LimitExceeded)
    assert "walk smaller subtrees" in str(cursor.fault)


def test_a_tolerant_walk_of_a_sane_agent_is_an_ordinary_walk() -> None:
    cursor = WalkCursor(ROOT, V2C, max_repetitions=3, tolerate_non_increasing=True)

    assert run_walk(cursor, sane()) == INSIDE
    assert cursor.fault is None


def test_a_tolerant_walk_keeps_its_limit() -> None:
    cursor = WalkCursor(ROOT, V2C, limit=3, tolerate_non_increasing=True)

    assert tuple(cursor.receive(names(5, 1, 3, 2))) == names(5, 1, 3)
    assert cursor.finished
    assert cursor.fault is None


# ------------------------------------------------------------------------------------ empty answers


def test_an_answer_without_names_ends_the_walk_with_an_error() -> None:
    for version in (V1, V2C):
        cursor = WalkCursor(ROOT, version)
        assert cursor.receive(()) == []
        assert cursor.finished
        assert isinstance(cursor.fault, ProtocolError)


def test_an_agent_that_answers_get_bulk_with_nothing_is_asked_by_get_next() -> None:
    cursor = WalkCursor(ROOT, V2C)
    agent = sane()

    assert run_walk(cursor, lambda request: () if request.type is PduType.GET_BULK else agent(request)) == INSIDE
    assert cursor.fault is None


def test_an_agent_that_answers_everything_with_nothing_is_not_asked_for_ever() -> None:
    cursor = WalkCursor(ROOT, V2C)

    assert run_walk(cursor, lambda _: (), most_requests=3) == []
    assert isinstance(cursor.fault, ResponseMismatch)


@pytest.mark.parametrize("longest_answer", [1, 2, 3, 24])
def test_answers_that_are_cut_off_anywhere_lose_nothing(longest_answer: int) -> None:
    agent = sane(longest_answer=longest_answer)

    assert run_walk(WalkCursor(ROOT, V2C), agent) == INSIDE


# -------------------------------------------------------------------------------------------- sizes


@pytest.mark.parametrize("capacity", [0, 1, 2, 3, 5, 7, 24])
def test_too_big_makes_requests_smaller_until_they_fit(capacity: int) -> None:
    more = [VarBind(ROOT + f"3.{number}", Integer32(number)) for number in range(300)]
    agent = sane(*more, capacity=capacity)
    cursor = WalkCursor(ROOT, V2C, max_repetitions=25)

    assert run_walk(cursor, agent) == [*INSIDE, *more]
    assert cursor.fault is None


@pytest.mark.parametrize("error", [TooBig(1), GenErr(5)])
def test_too_big_and_gen_err_halve_the_repetitions_down_to_get_next(error: AgentError) -> None:
    cursor = WalkCursor(ROOT, V2C, max_repetitions=25)
    asked = []
    while not cursor.finished:
        request = cursor.request()
        asked.append(request.max_repetitions if request.type is PduType.GET_BULK else 0)
        cursor.failed(error)

    assert asked == [25, 12, 6, 3, 1, 0]
    assert cursor.fault is error


@pytest.mark.parametrize(
    "error", [TooBig(1), GenErr(5), NoSuchName(2, 1), RequestTimeout(5.0), ResponseMismatch("")], ids=type
)
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 100, 5000, None])
def test_a_request_that_failed_is_not_sent_again_unchanged(limit: int | None, error: SnmpError) -> None:
    cursor = WalkCursor(ROOT, V2C, max_repetitions=1000, limit=limit)
    asked = []
    while not cursor.finished:
        request = cursor.request()
        asked.append((request.type, request.max_repetitions))
        cursor.failed(error)

    assert len(set(asked)) == len(asked)
    assert asked[-1] == (PduType.GET_NEXT, 0)


def test_a_timeout_after_answers_quarters_the_repetitions() -> None:
    cursor = WalkCursor(ROOT, V2C, max_repetitions=25)
    cursor.receive(names(*range(1, 26)))
    asked = []
    while not cursor.finished:
        asked.append(cursor.request().max_repetitions)
        cursor.failed(timeout := RequestTimeout(5.0))

    assert asked == [25, 6, 1, 0]
    assert cursor.fault is timeout


def test_a_hasty_walk_waits_half_of_the_timeout_as_long_as_a_smaller_request_can_follow() -> None:
    cursor, patient, v1 = WalkCursor(ROOT, V2C, hasty=True), WalkCursor(ROOT, V2C), WalkCursor(ROOT, V1, hasty=True)
    waited = [cursor.patience(60.0)]
    cursor.request()
    cursor.failed(RequestTimeout(30.0))
    waited.append(cursor.patience(60.0))

    assert waited == [30.0, 60.0]
    assert patient.patience(60.0) == v1.patience(60.0) == 60.0


def test_a_dead_agent_costs_two_timeouts_and_no_more() -> None:
    cursor = WalkCursor(ROOT, V2C, max_repetitions=1000)
    agent = SimulatedAgent(lambda _: None)

    def dead(request: Request) -> SnmpError:
        agent(request)
        return RequestTimeout(5.0)

    assert run_walk(cursor, dead) == []
    assert [request.type for request in agent.requests] == [PduType.GET_BULK, PduType.GET_NEXT]
    assert isinstance(cursor.fault, RequestTimeout)


@pytest.mark.parametrize("error", [TooBig(1), GenErr(5), NoSuchName(2, 1), RequestTimeout(5.0), ResponseMismatch("")])
def test_an_agent_that_cannot_do_get_bulk_is_walked_by_get_next(error: SnmpError) -> None:
    agent = sane()
    cursor = WalkCursor(ROOT, V2C)

    items = run_walk(cursor, lambda request: error if request.type is PduType.GET_BULK else agent(request))

    assert items == INSIDE
    assert cursor.fault is None


def test_an_agent_that_never_answered_a_get_bulk_is_not_asked_for_one_again() -> None:
    cursor = WalkCursor(ROOT, V2C)
    cursor.request()
    cursor.failed(RequestTimeout(5.0))

    for number in range(1, 5 * RUN_BEFORE_GROWTH):
        assert cursor.request().type is PduType.GET_NEXT
        cursor.receive(names(number))


@pytest.mark.parametrize("error", [AuthorizationError(16), AgentError(77), RequestTimeout(5.0)])
def test_an_error_that_smaller_requests_do_not_avoid_ends_the_walk(error: SnmpError) -> None:
    cursor = WalkCursor(ROOT, V2C, max_repetitions=0)

    items = run_walk(cursor, scripted(names(1), error))

    assert tuple(items) == names(1)
    assert cursor.fault is error


@pytest.mark.parametrize("error", [AuthorizationError(16), AgentError(77)])
def test_an_error_that_has_nothing_to_do_with_size_ends_a_get_bulk_at_once(error: SnmpError) -> None:
    cursor = WalkCursor(ROOT, V2C)
    cursor.failed(error)

    assert cursor.finished
    assert cursor.fault is error


@pytest.mark.parametrize("version", [V1, V2C])
def test_gen_err_in_the_middle_of_a_walk_by_get_next_ends_it_after_the_good_names(version: SnmpVersion) -> None:
    cursor = WalkCursor(ROOT, version, max_repetitions=0)

    items = run_walk(cursor, scripted(names(1), names(2), GenErr(5, 1)))

    assert tuple(items) == names(1, 2)
    assert isinstance(cursor.fault, GenErr)


def test_names_that_only_their_octets_put_in_order_end_a_walk() -> None:
    # 16384 is 81 80 00 and 16383 is ff 7f: by octets, the larger number comes first.
    column = ROOT + "2.1"
    names = (column + 16384, column + "16383.1")
    cursor = WalkCursor(ROOT, SnmpVersion.V2C)
    cursor.request()
    items = cursor.receive(tuple(VarBind(name, Integer32(1)) for name in names))
    assert [item.oid for item in items] == [names[0]]
    assert isinstance(cursor.fault, OidNotIncreasing)
