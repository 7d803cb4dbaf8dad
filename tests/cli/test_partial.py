"""Reads of several names some of which fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp import OID, Integer32, OctetString
from snmptcp.cli.partial import read_what_works
from snmptcp.errors import AgentError, GenErr, NoSuchName, SnmpError
from snmptcp.testing import Agent, BrokenValue, FailWith, Hold
from snmptcp.values import VarBind
from tests.cli.helpers import where

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tests.cli.conftest import Cli

pytestmark = pytest.mark.anyio

NAMES = [OID(f"1.3.6.{number}") for number in range(1, 6)]
SYSTEM = "1.3.6.1.2.1.1"
VARIABLES = {
    f"{SYSTEM}.1.0": OctetString("a switch"),
    f"{SYSTEM}.5.0": OctetString("sw1"),
    f"{SYSTEM}.7.0": Integer32(7),
}


def agent_without(*missing: OID, status: int = 2, index: int | None = None) -> Callable[..., Awaitable[list[VarBind]]]:
    """Return the read of an agent that lacks names."""

    async def read(*names: OID) -> list[VarBind]:
        for position, name in enumerate(names, 1):
            if name in missing:
                raise (NoSuchName if status == 2 else GenErr)(status, position if index is None else index)
        return [VarBind(name, Integer32(name[-1])) for name in names]

    return read


def unexpected(error: SnmpError) -> None:
    raise AssertionError(error)


async def test_the_names_that_work_are_read_and_the_others_told() -> None:
    failed: list[SnmpError] = []
    read = agent_without(NAMES[1], NAMES[3])

    varbinds = await read_what_works(read, NAMES, failed.append, give_up=False)

    assert [varbind.oid for varbind in varbinds] == [NAMES[0], NAMES[2], NAMES[4]]
    assert [isinstance(error, AgentError) and error.index for error in failed] == [2, 3]


async def test_the_last_name_that_fails_is_the_error() -> None:
    failed: list[SnmpError] = []
    with pytest.raises(NoSuchName):
        await read_what_works(agent_without(*NAMES), NAMES, failed.append, give_up=False)
    assert len(failed) == len(NAMES) - 1


@pytest.mark.parametrize("index", [0, 6, -1])
async def test_an_error_of_no_name_is_not_worked_around(index: int) -> None:
    with pytest.raises(GenErr):
        await read_what_works(agent_without(NAMES[0], status=5, index=index), NAMES, unexpected, give_up=False)


async def test_giving_up_is_possible() -> None:
    with pytest.raises(NoSuchName):
        await read_what_works(agent_without(NAMES[1]), NAMES, unexpected, give_up=True)


@pytest.mark.parametrize("version", ["-v1", "-v2c"])
async def test_get_shows_the_others_as_snmpget_does(cli: Cli, version: str) -> None:
    names = [f"{SYSTEM}.{arc}.0" for arc in (5, 9, 1)]
    async with Agent(VARIABLES) as agent:
        outcome = await cli("get", version, where(agent), *names)
        strict = await cli("get", version, "-Cf", where(agent), *names)
    one, three = f'.{names[0]} = STRING: "sw1"\n', f'.{names[2]} = STRING: "a switch"\n'
    if version == "-v2c":
        two = f".{names[1]} = No Such Object available on this agent at this OID\n"
        assert outcome == strict == (0, one + two + three, "")
        return
    error = f"snmptcp: {where(agent)}: noSuchName (2) for {names[1]} (error-index 2)\n"
    assert outcome == (1, one + three, error)
    assert strict == (1, "", error)


async def test_getnext_shows_the_others_as_snmpgetnext_does(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("getnext", "-v1", where(agent), f"{SYSTEM}.1.0", "1.3.7", f"{SYSTEM}.5.0")
        strict = await cli("getnext", "-v1", "-Cf", where(agent), f"{SYSTEM}.1.0", "1.3.7", f"{SYSTEM}.5.0")
    error = f"snmptcp: {where(agent)}: noSuchName (2) for 1.3.7 (error-index 2)\n"
    assert outcome == (1, f'.{SYSTEM}.5.0 = STRING: "sw1"\n.{SYSTEM}.7.0 = INTEGER: 7\n', error)
    assert strict == (1, "", error)


@pytest.mark.parametrize("command", ["get", "getnext"])
async def test_each_name_that_fails_is_told_if_all_do(cli: Cli, command: str) -> None:
    names = ("1.3.7", "1.3.8", "1.3.9")
    async with Agent(VARIABLES) as agent:
        outcome = await cli(command, "-v1", where(agent), *names)
    lines = [f"snmptcp: {where(agent)}: noSuchName (2) for {name} (error-index 1)" for name in names]
    assert (outcome.code, outcome.out, outcome.err.splitlines()) == (1, "", lines)


async def test_a_name_that_failed_is_told_though_the_others_get_no_answer(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        agent.inject(Hold(), when=lambda request: len(request.pdu.varbinds) == 1)
        outcome = await cli("get", "-v1", "-t1", where(agent), f"{SYSTEM}.9.0", f"{SYSTEM}.5.0")
    first, second = outcome.err.splitlines()
    assert f"noSuchName (2) for {SYSTEM}.9.0" in first
    assert "no answer within" in second
    assert (outcome.code, outcome.out) == (1, "")


async def test_one_name_that_fails_alone_is_one_line(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("get", "-v1", where(agent), f"{SYSTEM}.9.0")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (1, "", 1)


async def test_genErr_for_one_name_shows_the_others(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        agent.inject(FailWith(5, 1), when=lambda request: len(request.pdu.varbinds) == 2)
        outcome = await cli("get", "-Oqv", where(agent), f"{SYSTEM}.5.0", f"{SYSTEM}.7.0")
    assert (outcome.code, outcome.out) == (1, "7\n")
    assert f"genErr (5) for {SYSTEM}.5.0" in outcome.err


async def test_a_set_is_never_tried_without_the_name_that_failed(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli(
            "set", "-v1", "-c", "private", where(agent), f"{SYSTEM}.5.0", "s", "x", f"{SYSTEM}.9.0", "s", "y"
        )
        assert agent.mib[OID(f"{SYSTEM}.5.0")] == b"sw1"
        assert len(agent.requests) == 1
    assert (outcome.code, outcome.out) == (1, "")


@pytest.mark.parametrize("version", ["-v1", "-v2c"])
async def test_a_value_that_cannot_be_decoded_shows_the_others(cli: Cli, version: str) -> None:
    names = [f"{SYSTEM}.{arc}.0" for arc in (5, 1, 7)]
    async with Agent(VARIABLES) as agent:
        agent.inject(BrokenValue(OID(f"{SYSTEM}.5.0")), None)
        some = await cli("get", version, where(agent), *names)
        following = await cli("getnext", version, where(agent), SYSTEM, f"{SYSTEM}.1.0", f"{SYSTEM}.5.0")
        nothing = await cli("get", version, where(agent), names[0])
        strict = await cli("get", version, "-Cf", where(agent), *names)
    for outcome in (some, following):
        assert (outcome.code, outcome.out) == (1, f'.{SYSTEM}.1.0 = STRING: "a switch"\n.{SYSTEM}.7.0 = INTEGER: 7\n')
        (line,) = outcome.err.splitlines()
        assert line.startswith(f"snmptcp: {where(agent)}: the value of {SYSTEM}.5.0")
        assert "no SNMP type has tag 0x0a" in line
    for outcome in (nothing, strict):
        assert (outcome.code, outcome.out, outcome.err.count("\n")) == (1, "", 1)


async def test_a_value_that_can_be_decoded_if_it_is_asked_for_alone_is_shown_in_its_place(cli: Cli) -> None:
    names = [f"{SYSTEM}.{arc}.0" for arc in (5, 1, 7)]
    async with Agent(VARIABLES) as agent:
        agent.inject(BrokenValue(OID(names[0])), None, when=lambda request: len(request.pdu.varbinds) > 1)
        outcome = await cli("get", "-Oqv", where(agent), *names)
    assert outcome == (0, '"sw1"\n"a switch"\n7\n', "")
