"""What is asked of an agent: gets, walks, and filters before them."""

from __future__ import annotations

from typing import Any

import pytest

from snmptcp import OID, Community, Manager, OctetString
from snmptcp.codec.pdu import PduType
from snmptcp.errors import GenErr, LimitExceeded, OidNotIncreasing
from snmptcp.exporter.asking import Answers, ask
from snmptcp.exporter.config import Filter, Module
from snmptcp.exporter.patterns import Pattern
from snmptcp.testing import Agent, BrokenValue, Cycle, FailWith
from snmptcp.values import Integer32

pytestmark = pytest.mark.anyio

ENTRY = (1, 3, 6, 1, 2, 1, 2, 2, 1)
STATUS, NAME, OCTETS = (*ENTRY, 7), (*ENTRY, 2), (*ENTRY, 10)


def text(arcs: tuple[int, ...]) -> str:
    return ".".join(map(str, arcs))


def device() -> dict[str, Any]:
    """Return the variables of five interfaces, of which the even ones are down."""
    variables: dict[str, Any] = {"1.3.6.1.2.1.1.3.0": Integer32(5)}
    for row in range(1, 6):
        variables[text((*STATUS, row))] = Integer32(1 + (row + 1) % 2)
        variables[text((*NAME, row))] = OctetString(f"eth{row}")
        variables[text((*OCTETS, row))] = Integer32(row * 100)
    return variables


async def answers_to(
    module: Module, variables: dict[str, Any] | None = None, *, version: str = "2c", limits: Any = None
) -> tuple[Answers, Agent]:
    community = Community("public", version)
    async with (
        Agent(device() if variables is None else variables) as agent,
        Manager(agent.host, agent.port, credentials=community) as manager,
    ):
        answers = Answers(**(limits or {}))
        await ask(manager, module, answers)
    return answers, agent


async def test_instances_and_subtrees_are_read() -> None:
    module = Module("m", walk=(NAME,), get=((1, 3, 6, 1, 2, 1, 1, 3, 0), (*OCTETS, 2), (*OCTETS, 77), (1, 3, 9)))
    answers, _ = await answers_to(module)
    assert answers.variables[1, 3, 6, 1, 2, 1, 1, 3, 0] == 5
    assert answers.variables[*OCTETS, 2] == 200
    assert {name for name in answers.variables if name[:-1] == NAME} == {(*NAME, row) for row in range(1, 6)}
    assert answers.count == 7
    assert answers.octets == 7 * 11 * 8 - 2 * 8 + 2 * 8 + 5 * 4


@pytest.mark.parametrize(
    ("version", "repetitions", "gets", "names"),
    [("2c", 25, 1, 4), ("2c", 3, 2, 3), ("2c", 0, 4, 1), ("1", 25, 4, 1)],
)
async def test_gets_have_as_many_names_as_getbulk_has_repetitions(
    version: str, repetitions: int, gets: int, names: int
) -> None:
    module = Module("m", get=(*((*OCTETS, row) for row in (1, 2, 3)), (1, 3, 9)), max_repetitions=repetitions)
    answers, agent = await answers_to(module, version=version)
    assert len(agent.requests[0].pdu.varbinds) == names
    assert len(agent.requests) == gets
    assert set(answers.variables.values()) == {100, 200, 300}


@pytest.mark.parametrize(
    ("version", "repetitions", "kind"),
    [("2c", 25, PduType.GET_BULK), ("2c", 0, PduType.GET_NEXT), ("1", 25, PduType.GET_NEXT)],
)
async def test_no_repetitions_and_version_1_mean_getnext(version: str, repetitions: int, kind: PduType) -> None:
    module = Module("m", walk=(NAME,), max_repetitions=repetitions)
    answers, agent = await answers_to(module, version=version)
    assert {request.pdu.type for request in agent.requests} == {kind}
    assert answers.count == 5


async def test_a_filter_reads_only_the_rows_that_it_allows() -> None:
    rule = Filter(STATUS, (OCTETS, NAME), (Pattern("^1$"),))
    module = Module("m", walk=(NAME, OCTETS), get=((*OCTETS, 2), (1, 3, 6, 1, 2, 1, 1, 3, 0)), filters=(rule,))
    answers, _ = await answers_to(module)
    assert set(answers.variables) == {
        (1, 3, 6, 1, 2, 1, 1, 3, 0),
        *((*column, row) for column in (OCTETS, NAME) for row in (1, 3, 5)),
    }


async def test_filters_of_one_target_must_all_allow_a_row() -> None:
    first = Filter(STATUS, (OCTETS,), (Pattern("1"),))
    second = Filter(NAME, (OCTETS,), (Pattern("eth[12]"), Pattern("eth3")))
    answers, _ = await answers_to(Module("m", walk=(OCTETS, NAME), filters=(first, second)))
    assert {name[-1] for name in answers.variables if name[:-1] == OCTETS} == {1, 3}
    assert {name[-1] for name in answers.variables if name[:-1] == NAME} == {1, 2, 3, 4, 5}


async def test_a_filter_of_a_table_with_several_indexes_takes_the_whole_index() -> None:
    variables = {
        "1.3.1.4.7": Integer32(1),
        "1.3.1.5.7": Integer32(2),
        "1.3.2.4.7": Integer32(8),
        "1.3.2.5.7": Integer32(9),
    }
    rule = Filter((1, 3, 1), ((1, 3, 2),), (Pattern("1"),))
    answers, _ = await answers_to(Module("m", walk=((1, 3, 2),), filters=(rule,)), variables)
    assert answers.variables == {(1, 3, 2, 4, 7): 8}


async def test_a_target_above_another_column_takes_no_instance_of_it() -> None:
    rule = Filter(STATUS, ((*ENTRY, 1),), (Pattern("1"),))
    answers, _ = await answers_to(Module("m", get=((*OCTETS, 2),), filters=(rule,)))  # 10 begins with 1, as text
    assert (*OCTETS, 2) in answers.variables


async def test_a_filter_that_cannot_be_read_is_not_applied() -> None:
    rule = Filter(STATUS, (NAME,), (Pattern("1"),))
    async with (
        Agent(device()) as agent,
        Manager(agent.host, agent.port, credentials=Community("public", "1")) as manager,
    ):
        agent.inject(FailWith(5), times=1)
        answers = Answers()
        await ask(manager, Module("m", walk=(NAME,), filters=(rule,)), answers)
    assert answers.count == 5


async def test_an_error_of_the_agent_ends_the_module() -> None:
    async with Agent(device()) as agent, Manager(agent.host, agent.port, credentials=Community("public")) as manager:
        agent.inject(FailWith(5), times=None)
        with pytest.raises(GenErr):
            await ask(manager, Module("m", get=((*OCTETS, 1),)), Answers())


@pytest.mark.parametrize(
    ("module", "limits", "said"),
    [
        (Module("m", walk=(NAME,)), {"max_variables": 4}, "more than 4 variables for one module"),
        (Module("m", walk=(NAME,)), {"max_octets": 100}, "names and values take more than 100 octets"),
    ],
)
async def test_an_agent_that_never_ends_is_left(module: Module, limits: dict[str, int], said: str) -> None:
    with pytest.raises(LimitExceeded, match=said):
        await answers_to(module, limits=limits)


async def test_a_filter_that_never_ends_is_not_applied() -> None:
    rule = Filter((1, 3, 6, 1, 2, 1, 2), (NAME,), (Pattern("eth1"),))
    answers, _ = await answers_to(Module("m", walk=(NAME,), filters=(rule,)), limits={"max_variables": 6})
    assert answers.count == 5


@pytest.mark.parametrize("tolerated", [True, False])
async def test_names_out_of_order_are_taken_if_the_module_says_so(tolerated: bool) -> None:
    module = Module("m", walk=(NAME,), allow_nonincreasing_oids=tolerated)
    async with Agent(device()) as agent, Manager(agent.host, agent.port, credentials=Community("public")) as manager:
        agent.inject(Cycle(tuple(map(OID, (text((*NAME, 3)), text((*NAME, 1)), "1.3.6.1.2.1.3")))), times=None)
        answers = Answers()
        if tolerated:
            await ask(manager, module, answers)
            assert list(answers.variables) == [(*NAME, 3), (*NAME, 1)]
        else:
            with pytest.raises(OidNotIncreasing):
                await ask(manager, module, answers)


async def test_a_value_that_cannot_be_decoded_hides_no_others() -> None:
    async with Agent(device()) as agent, Manager(agent.host, agent.port, credentials=Community("public")) as manager:
        agent.inject(BrokenValue(OID((*NAME, 2))), times=None)
        answers = Answers()
        await ask(manager, Module("m", walk=(NAME,)), answers)
    assert set(answers.variables) == {(*NAME, row) for row in (1, 3, 4, 5)}
