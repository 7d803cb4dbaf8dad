"""The responder with a raw client: GET, GETNEXT, GETBULK and SET, size limits, getters and setters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from snmptcp.codec.message import CommunityMessage, community_header, decode_message
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.errors import (
    AgentError,
    ErrorStatus,
    InconsistentValue,
    WrongValue,
)
from snmptcp.oid import OID
from snmptcp.testing import Agent, Computed, Mib, Request
from snmptcp.testing.responder import Responder
from snmptcp.values import (
    Counter32,
    Counter64,
    EndOfMibView,
    Gauge32,
    Integer32,
    NoSuchInstance,
    NoSuchObject,
    Null,
    OctetString,
    TimeTicks,
    VarBind,
)
from tests.support.rawclient import V1, V2C, RawClient, message

if TYPE_CHECKING:
    from snmptcp.credentials import SnmpVersion

pytestmark = pytest.mark.anyio

GET = PduType.GET
NEXT = PduType.GET_NEXT
BULK = PduType.GET_BULK
SET = PduType.SET

DESCR = "1.3.6.1.2.1.1.1.0"
UPTIME = "1.3.6.1.2.1.1.3.0"
NAME = "1.3.6.1.2.1.1.5.0"
IF_DESCR = "1.3.6.1.2.1.2.2.1.2"
IF_OCTETS = "1.3.6.1.2.1.2.2.1.10"
HC_OCTETS = "1.3.6.1.2.1.31.1.1.1.6"
LAST = "1.3.6.1.4.1.8072.1.0"

#: What precedes the PDU of a response.
HEADER = community_header(V2C, b"public")

SWITCH = {
    DESCR: "a switch",
    UPTIME: TimeTicks(5),
    NAME: "x",
    f"{IF_DESCR}.1": "one",
    f"{IF_DESCR}.2": "two",
    f"{IF_OCTETS}.1": Counter32(10),
    f"{IF_OCTETS}.2": Counter32(20),
    f"{HC_OCTETS}.1": Counter64(2**40),
    f"{HC_OCTETS}.2": Counter64(2**41),
    LAST: Gauge32(1),
}


def client(agent: Agent) -> RawClient:
    return RawClient(agent.host, agent.port)


def texts(pdu: Pdu) -> list[str]:
    return [f"{varbind.oid}={varbind.value}" for varbind in pdu.varbinds]


# ---------------------------------------------------------------------------------------- GET


async def test_get_answers_each_name_with_its_value_or_its_own_exception():
    async with Agent(SWITCH) as agent, client(agent) as manager:
        pdu = await manager.request(GET, DESCR, UPTIME, f"{IF_DESCR}.99", "1.3.6.1.99.1.0", f"{HC_OCTETS}.1")
        assert (pdu.error_status, pdu.error_index) == (0, 0)
        assert pdu.varbinds == (
            VarBind(OID(DESCR), OctetString("a switch")),
            VarBind(OID(UPTIME), TimeTicks(5)),
            VarBind(OID(f"{IF_DESCR}.99"), NoSuchInstance()),
            VarBind(OID("1.3.6.1.99.1.0"), NoSuchObject()),
            VarBind(OID(f"{HC_OCTETS}.1"), Counter64(2**40)),
        )


@pytest.mark.parametrize("name", ["1.3.6.1.2.1.1.1.1", "1.3.6.1.2.1.1.1", IF_DESCR, f"{IF_DESCR}.3", f"{IF_DESCR}.0"])
async def test_a_known_object_type_without_that_instance_is_no_such_instance(name):
    async with Agent(SWITCH) as agent, client(agent) as manager:
        assert (await manager.request(GET, name)).varbinds[0].value is NoSuchInstance()


@pytest.mark.parametrize("name", ["1.3.6.1.2.1.1.99.0", "1.3.6.1.2.1.2.2.1.3.1", "2.5.1", "0.0"])
async def test_an_unknown_object_type_is_no_such_object(name):
    async with Agent(SWITCH) as agent, client(agent) as manager:
        assert (await manager.request(GET, name)).varbinds[0].value is NoSuchObject()


@pytest.mark.parametrize("missing", [f"{IF_DESCR}.99", "2.5.1", f"{HC_OCTETS}.1"])
async def test_in_v1_a_missing_name_or_a_counter64_is_no_such_name_with_its_index(missing):
    async with Agent(SWITCH) as agent, client(agent) as manager:
        pdu = await manager.request(GET, DESCR, missing, version=V1)
        assert (pdu.error_status, pdu.error_index) == (ErrorStatus.noSuchName, 2)
        assert pdu.varbinds == (VarBind(OID(DESCR), Null()), VarBind(OID(missing), Null()))


async def test_a_request_without_names_is_answered_without_names():
    async with Agent(SWITCH) as agent, client(agent) as manager:
        for kind in (GET, NEXT, BULK):
            assert (await manager.request(kind, second=10)).varbinds == ()
        assert (await manager.request(SET, community=b"private")).error_status == 0


# ---------------------------------------------------------------------------- GETNEXT and GETBULK


async def test_getnext_gives_the_successor_and_the_end_keeps_the_name_that_was_asked():
    async with Agent(SWITCH) as agent, client(agent) as manager:
        pdu = await manager.request(NEXT, "1.3", DESCR, f"{IF_DESCR}.2", LAST, "2.1")
        assert texts(pdu) == [
            f"{DESCR}=a switch",
            f"{UPTIME}=5",
            f"{IF_OCTETS}.1=10",
            f"{LAST}=endOfMibView",
            "2.1=endOfMibView",
        ]


async def test_in_v1_getnext_passes_over_counter64_and_ends_with_no_such_name():
    async with Agent(SWITCH) as agent, client(agent) as manager:
        assert texts(await manager.request(NEXT, f"{IF_OCTETS}.2", version=V1)) == [f"{LAST}=1"]
        pdu = await manager.request(NEXT, DESCR, LAST, version=V1)
        assert (pdu.error_status, pdu.error_index) == (ErrorStatus.noSuchName, 2)
        assert pdu.varbinds[1] == (OID(LAST), Null())
        del agent.mib[LAST]
        pdu = await manager.request(NEXT, f"{IF_OCTETS}.2", version=V1)
        assert (pdu.error_status, pdu.error_index) == (ErrorStatus.noSuchName, 1)


async def test_getbulk_interleaves_the_repeated_names_behind_the_others():
    async with Agent(SWITCH) as agent, client(agent) as manager:
        pdu = await manager.request(BULK, "1.3.6.1.2.1.1.1", IF_DESCR, IF_OCTETS, first=1, second=2)
        assert texts(pdu) == [
            f"{DESCR}=a switch",
            f"{IF_DESCR}.1=one",
            f"{IF_OCTETS}.1=10",
            f"{IF_DESCR}.2=two",
            f"{IF_OCTETS}.2=20",
        ]


async def test_getbulk_goes_on_while_one_name_has_successors_and_stops_when_none_has():
    async with Agent(SWITCH) as agent, client(agent) as manager:
        pdu = await manager.request(BULK, f"{HC_OCTETS}.1", LAST, second=100)
        assert texts(pdu) == [
            f"{HC_OCTETS}.2={2**41}",
            f"{LAST}=endOfMibView",
            f"{LAST}=1",
            f"{LAST}=endOfMibView",
            f"{LAST}=endOfMibView",
            f"{LAST}=endOfMibView",
        ]


async def test_getbulk_with_max_repetitions_of_everything_ends():
    async with Agent(SWITCH) as agent, client(agent) as manager:
        pdu = await manager.request(BULK, "1.3", second=2**31 - 1)
        assert len(pdu.varbinds) == len(SWITCH) + 1
        assert pdu.varbinds[-1].value is EndOfMibView()
        assert (await manager.request(BULK, "1.3", first=2**31 - 1, second=2**31 - 1)).varbinds[0].oid == OID(DESCR)


@pytest.mark.parametrize(("non_repeaters", "repetitions", "count"), [(-1, 2, 4), (1, -3, 1), (-5, -5, 0), (2, 9, 2)])
async def test_negative_numbers_in_a_getbulk_count_as_zero(non_repeaters, repetitions, count):
    async with Agent(SWITCH) as agent, client(agent) as manager:
        pdu = await manager.request(BULK, DESCR, UPTIME, first=non_repeaters, second=repetitions)
        assert pdu.error_status == 0
        assert len(pdu.varbinds) == count


names = st.sampled_from([OID("1.3"), *map(OID, SWITCH), OID("1.3.6.1.2.1.2"), OID("2.1")])


@settings(max_examples=60)
@given(st.lists(names, max_size=4), st.integers(-1, 5), st.integers(-1, 12))
def test_getbulk_is_getnext_repeated(asked, non_repeaters, repetitions):
    """Compare with a literal implementation of RFC 3416 section 4.2.3."""
    order = sorted(map(OID, SWITCH))

    def successor(oid: OID) -> tuple[OID, bool]:
        return next(((other, False) for other in order if other > oid), (oid, True))

    n = min(max(non_repeaters, 0), len(asked))
    expected = [successor(oid) for oid in asked[:n]]
    last = asked[n:]
    for _ in range(max(repetitions, 0)):
        row = [successor(oid) for oid in last]
        expected += row
        last = [oid for oid, _ in row]
        if all(ended for _, ended in row):
            break

    responder = Responder(Mib(SWITCH), 65507, None)
    request = Request(
        V2C, b"public", Pdu(BULK, 1, non_repeaters, repetitions, tuple(VarBind(oid, Null()) for oid in asked)), 1
    )
    answer = responder.respond(request, HEADER, may_write=False)
    assert answer is not None
    response, octets = answer
    assert [(binding.oid, binding.value is EndOfMibView()) for binding in response.bindings] == expected
    assert decode_message(octets) == CommunityMessage(V2C, b"public", response.pdu())


# -------------------------------------------------------------------------------------- limits


@settings(max_examples=80)
@given(st.integers(40, 400), st.integers(1, 2**31 - 1))
def test_a_getbulk_answer_is_cut_at_the_limit_and_as_late_as_possible(limit, request_id):
    mib = Mib({f"1.3.6.{index}": OctetString(bytes(index)) for index in range(1, 60)})
    responder = Responder(mib, limit, None)
    request = Request(V2C, b"public", Pdu(BULK, request_id, 0, 59, (VarBind(OID("1.3"), Null()),)), 1)
    answer = responder.respond(request, HEADER, may_write=False)
    assert answer is not None
    response, octets = answer
    assert len(octets) <= limit
    assert response.error_status == 0
    count = len(response.bindings)
    assert [binding.oid.arcs[-1] for binding in response.bindings] == list(range(1, count + 1))
    variable = mib.variable(OID(f"1.3.6.{count + 1}"))
    assert variable is not None
    following = variable.binding()
    longer = response._replace(bindings=[*response.bindings, following]).encode(HEADER)
    assert len(longer) > limit - 3  # at most the octets by which the length fields grew


async def test_an_answer_that_does_not_fit_is_too_big_in_each_versions_way():
    async with Agent({DESCR: bytes(500)}, max_message_size=484) as agent, client(agent) as manager:
        for kind in (GET, NEXT):
            pdu = await manager.request(kind, DESCR if kind is GET else "1.3")
            assert (pdu.error_status, pdu.error_index, pdu.varbinds) == (ErrorStatus.tooBig, 0, ())
            pdu = await manager.request(kind, DESCR if kind is GET else "1.3", version=V1)
            assert (pdu.error_status, pdu.error_index) == (ErrorStatus.tooBig, 0)
            assert [varbind.value for varbind in pdu.varbinds] == [Null()]
        assert (await manager.request(BULK, "1.3", second=1)).varbinds == ()


async def test_a_set_whose_answer_does_not_fit_changes_nothing():
    async with Agent({NAME: "x"}, max_message_size=100) as agent, client(agent) as manager:
        pdu = await manager.request(SET, (NAME, OctetString(bytes(100))), community=b"private")
        assert (pdu.error_status, pdu.varbinds) == (ErrorStatus.tooBig, ())
        assert agent.mib[NAME] == b"x"


async def test_where_not_even_too_big_fits_nothing_is_sent():
    async with Agent(SWITCH, max_message_size=20) as agent, client(agent) as manager:
        manager.send(message(GET, DESCR))
        await agent.wait_for_requests(1)
        assert agent.statistics.silent_drops == 1
        assert agent.statistics.messages_out == 0


async def test_more_varbinds_than_the_agent_takes_are_too_big_or_cut():
    async with Agent(SWITCH, max_varbinds=3) as agent, client(agent) as manager:
        assert len((await manager.request(GET, DESCR, UPTIME, NAME)).varbinds) == 3
        pdu = await manager.request(GET, DESCR, UPTIME, NAME, LAST)
        assert (pdu.error_status, pdu.error_index, pdu.varbinds) == (ErrorStatus.tooBig, 0, ())
        assert len((await manager.request(BULK, "1.3", "1.3", second=10)).varbinds) == 3


# ------------------------------------------------------------------------------------ getters


def failing(_: object = None) -> None:
    raise ZeroDivisionError("broken sensor")


async def test_getters_are_asked_at_each_request():
    values = iter(range(10))
    async with Agent({DESCR: lambda: next(values)}) as agent, client(agent) as manager:
        assert (await manager.request(GET, DESCR)).varbinds[0].value == 0
        assert (await manager.request(NEXT, "1.3")).varbinds[0].value == 1
        assert texts(await manager.request(BULK, "1.3", second=1)) == [f"{DESCR}=2"]


@pytest.mark.parametrize("version", [V1, V2C])
async def test_a_getter_that_raises_is_gen_err_with_its_index(version, caplog):
    async with Agent({DESCR: "a", UPTIME: failing}) as agent, client(agent) as manager:
        for kind, names in ((GET, (DESCR, UPTIME)), (NEXT, ("1.3", DESCR))):
            pdu = await manager.request(kind, *names, version=version)
            assert (pdu.error_status, pdu.error_index) == (ErrorStatus.genErr, 2)
            assert [varbind.value for varbind in pdu.varbinds] == [Null(), Null()]
    assert "broken sensor" in caplog.text


async def test_a_getter_that_raises_in_a_getbulk_is_blamed_on_the_requests_name():
    async with Agent({DESCR: "a", UPTIME: failing}) as agent, client(agent) as manager:
        pdu = await manager.request(BULK, LAST, "1.3", second=5)
        assert (pdu.error_status, pdu.error_index) == (ErrorStatus.genErr, 2)
        assert len(pdu.varbinds) == 2


async def test_a_getter_whose_value_has_no_smi_type_is_gen_err():
    async with Agent({DESCR: lambda: 1.5}) as agent, client(agent) as manager:
        assert (await manager.request(GET, DESCR)).error_status == ErrorStatus.genErr


async def test_a_getter_can_choose_the_error_status_or_be_absent():
    def busy():
        raise AgentError(ErrorStatus.resourceUnavailable)

    async with Agent({DESCR: busy, UPTIME: NoSuchInstance, NAME: "x"}) as agent, client(agent) as manager:
        assert (await manager.request(GET, DESCR)).error_status == ErrorStatus.resourceUnavailable
        assert (await manager.request(GET, DESCR, version=V1)).error_status == ErrorStatus.genErr
        assert (await manager.request(GET, UPTIME)).varbinds[0].value is NoSuchInstance()
        assert texts(await manager.request(NEXT, DESCR)) == [f"{NAME}=x"]


class TooHot(WrongValue):
    """An AgentError of a user."""


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (WrongValue(), ErrorStatus.wrongValue),
        (TooHot(), ErrorStatus.wrongValue),
        (WrongValue(ErrorStatus.badValue), ErrorStatus.badValue),
        (AgentError(99), 99),
        (AgentError(), ErrorStatus.genErr),
        (WrongValue(ErrorStatus.noError), ErrorStatus.wrongValue),
        (AgentError(-1), ErrorStatus.genErr),
    ],
    ids=repr,
)
async def test_an_exception_refuses_with_its_status_or_else_with_its_class_s(error, status):
    def refuse():
        raise error

    async with Agent({DESCR: refuse}) as agent, client(agent) as manager:
        pdu = await manager.request(GET, DESCR)
        assert (pdu.error_status, pdu.error_index) == (status, 1)


# ----------------------------------------------------------------------------------------- SET


async def test_set_changes_every_variable_and_echoes_the_request():
    async with Agent(SWITCH) as agent, client(agent) as manager:
        pdu = await manager.request(SET, (NAME, OctetString("new")), (LAST, Gauge32(9)), community=b"private")
        assert (pdu.error_status, pdu.error_index) == (0, 0)
        assert texts(pdu) == [f"{NAME}=new", f"{LAST}=9"]
        assert texts(await manager.request(GET, NAME, LAST)) == [f"{NAME}=new", f"{LAST}=9"]


@pytest.mark.parametrize(
    ("community", "name", "value", "status", "v1_status"),
    [
        (b"public", NAME, OctetString("n"), ErrorStatus.noAccess, ErrorStatus.noSuchName),
        (b"private", "1.3.6.1.2.1.1.9.0", OctetString("n"), ErrorStatus.noCreation, ErrorStatus.noSuchName),
        (b"private", NAME, Integer32(1), ErrorStatus.wrongType, ErrorStatus.badValue),
        (b"private", UPTIME, TimeTicks(1), ErrorStatus.notWritable, ErrorStatus.noSuchName),
    ],
)
async def test_an_assignment_that_is_not_valid_undoes_nothing_because_nothing_was_done(
    community, name, value, status, v1_status
):
    assigned: list[object] = []
    mib = {**SWITCH, UPTIME: lambda: TimeTicks(1), DESCR: Computed(lambda: "d", assigned.append)}
    async with Agent(mib) as agent, client(agent) as manager:
        for version, expected in ((V2C, status), (V1, v1_status)):
            first = () if community == b"public" else ((DESCR, OctetString("e")), (LAST, Gauge32(7)))
            pdu = await manager.request(SET, *first, (name, value), community=community, version=version)
            assert (pdu.error_status, pdu.error_index) == (expected, len(first) + 1)
            assert pdu.varbinds == tuple(VarBind(OID(oid), new) for oid, new in (*first, (name, value)))
        assert agent.mib[LAST] == 1
        assert assigned == []


async def test_a_setter_that_refuses_chooses_the_status_and_earlier_assignments_are_undone():
    state: dict[str, object] = {"a": 1, "b": 2}

    def set_b(value):
        if value > 100:
            raise WrongValue
        if value > 50:
            raise InconsistentValue
        state["b"] = value

    mib = {
        "1.3.1": Computed(lambda: state["a"], lambda value: state.update(a=value)),
        "1.3.2": Integer32(5),
        "1.3.3": Computed(lambda: state["b"], set_b),
    }
    async with Agent(mib) as agent, client(agent) as manager:

        async def assign(number: int, version: SnmpVersion = V2C) -> Pdu:
            names = [(name, Integer32(number)) for name in mib]
            return await manager.request(SET, *names, community=b"private", version=version)

        pdu = await assign(101)
        assert (pdu.error_status, pdu.error_index) == (ErrorStatus.wrongValue, 3)
        pdu = await assign(51)
        assert (pdu.error_status, pdu.error_index) == (ErrorStatus.inconsistentValue, 3)
        assert (await assign(101, V1)).error_status == ErrorStatus.badValue
        assert state == {"a": 1, "b": 2}
        assert agent.mib["1.3.2"] == 5
        assert (await assign(50)).error_status == 0
        assert state == {"a": 50, "b": 50}
        assert agent.mib["1.3.2"] == 50


async def test_a_setter_that_breaks_is_commit_failed_and_one_that_cannot_be_undone_undo_failed():
    def stuck(value):
        if value == 1:
            raise OSError("stuck")

    def broken(value):
        raise OSError("broken")

    mib = {
        "1.3.1": Computed(lambda: 1, stuck),
        "1.3.2": Computed(lambda: 1, broken),
    }
    async with Agent(mib) as agent, client(agent) as manager:
        pdu = await manager.request(SET, ("1.3.2", Integer32(2)), community=b"private")
        assert (pdu.error_status, pdu.error_index) == (ErrorStatus.commitFailed, 1)
        pdu = await manager.request(SET, ("1.3.1", Integer32(2)), ("1.3.2", Integer32(2)), community=b"private")
        assert (pdu.error_status, pdu.error_index) == (ErrorStatus.undoFailed, 0)
        pdu = await manager.request(SET, ("1.3.2", Integer32(2)), community=b"private", version=V1)
        assert (pdu.error_status, pdu.error_index) == (ErrorStatus.genErr, 1)


async def test_of_two_assignments_to_one_variable_the_later_stays_and_both_are_undone():
    async with Agent({"1.3.1": 1, "1.3.2": Computed(lambda: 1, failing)}) as agent, client(agent) as manager:
        twice = (("1.3.1", Integer32(2)), ("1.3.1", Integer32(3)))
        pdu = await manager.request(SET, *twice, ("1.3.2", Integer32(1)), community=b"private")
        assert pdu.error_status == ErrorStatus.commitFailed
        assert agent.mib["1.3.1"] == 1
        await manager.request(SET, *twice, community=b"private")
        assert agent.mib["1.3.1"] == 3
