"""Variables and subtrees, read and compared."""

from __future__ import annotations

import pytest

from snmptcp import OID, Community, Counter32, Counter64, Gauge32, Manager, OctetString, TimeTicks
from snmptcp.cli.watch.counters import Moment
from snmptcp.cli.watch.variables import Change, Snapshot, VariableReader, compare
from snmptcp.errors import GenErr, SnmpError
from snmptcp.testing import Agent, Computed
from snmptcp.values import VarBind
from tests.support.watching import FakeClock

pytestmark = pytest.mark.anyio

COLUMN = OID("1.3.6.1.2.1.2.2.1.10")
GAUGE = OID("1.3.6.1.2.1.2.2.1.5.1")
UP_TIME = OID("1.3.6.1.2.1.1.3.0")


@pytest.mark.parametrize("version", ["1", "2c"])
async def test_names_are_variables_or_subtrees_in_the_order_given(version: str) -> None:
    said: list[str] = []
    variables = {UP_TIME: TimeTicks(100), COLUMN + 2: Counter32(2), COLUMN + 1: Counter32(1), GAUGE: Gauge32(9)}
    reader = VariableReader([GAUGE, COLUMN, OID("1.3.6.1.9.9.0")], said.append, give_up=False)
    async with (
        Agent(variables) as agent,
        Manager(agent.host, agent.port, credentials=Community("public", version)) as manager,
    ):
        first = await reader.read(manager, FakeClock())
        agent.mib[COLUMN + 3] = Counter32(3)
        del agent.mib[COLUMN + 1]
        second = await reader.read(manager, FakeClock())
    assert first == Snapshot(Moment(0.0, 100), first.values)
    assert list(first.values.items()) == [(GAUGE, 9), (COLUMN + 1, 1), (COLUMN + 2, 2)]
    assert list(second.values) == [GAUGE, COLUMN + 2, COLUMN + 3]
    assert said == ["1.3.6.1.9.9.0: the agent has no such variable, and none below it"]


async def test_a_variable_that_comes_back_is_read_again_and_missed_again() -> None:
    said: list[str] = []
    name = COLUMN + 1
    reader = VariableReader([name], said.append, give_up=False)
    async with (
        Agent({UP_TIME: TimeTicks(1)}) as agent,
        Manager(agent.host, agent.port, credentials=Community()) as manager,
    ):
        for value in (None, Counter32(5), None, None):
            if value is not None:
                agent.mib[name] = value
            else:
                agent.mib.pop(name, None)
            await reader.read(manager, FakeClock())
    assert len(said) == 2


async def test_giving_up_makes_a_missing_name_a_failure() -> None:
    reader = VariableReader([COLUMN + 1], lambda text: None, give_up=True)
    async with (
        Agent({UP_TIME: TimeTicks(1)}) as agent,
        Manager(agent.host, agent.port, credentials=Community()) as manager,
    ):
        with pytest.raises(SnmpError, match="the agent has no such variable"):
            await reader.read(manager, FakeClock())


async def test_one_variable_that_fails_does_not_hide_the_others() -> None:
    def fail() -> None:
        raise GenErr

    said: list[str] = []
    reader = VariableReader([COLUMN + 1, COLUMN + 2], said.append, give_up=False)
    async with (
        Agent({COLUMN + 1: Computed(fail), COLUMN + 2: Counter64(7)}) as agent,
        Manager(agent.host, agent.port, credentials=Community()) as manager,
    ):
        found = await reader.read(manager, FakeClock())
    assert (found.moment.uptime, dict(found.values)) == (None, {COLUMN + 2: 7})
    assert said


def test_two_readings_are_compared_variable_by_variable() -> None:
    before = Snapshot(Moment(0.0, 0), {COLUMN + 1: Counter32(5), GAUGE: Gauge32(1)})
    after = Snapshot(
        Moment(1.0, 100),
        {COLUMN + 1: Counter32(9), COLUMN + 2: Counter32(1), GAUGE: Gauge32(2), UP_TIME: OctetString("odd")},
    )
    assert compare(before, after).changes == [
        Change(VarBind(COLUMN + 1, Counter32(9)), 4, counts=True),
        Change(VarBind(COLUMN + 2, Counter32(1)), None, counts=True),
        Change(VarBind(GAUGE, Gauge32(2)), None, counts=False),
        Change(VarBind(UP_TIME, OctetString("odd")), None, counts=False),
    ]


def test_after_a_restart_nothing_has_a_difference() -> None:
    before = Snapshot(Moment(0.0, 100000), {COLUMN: Counter32(5)})
    sample = compare(before, Snapshot(Moment(1.0, 10), {COLUMN: Counter32(9)}))
    assert sample.interval.restarted
    assert [change.difference for change in sample.changes] == [None]
