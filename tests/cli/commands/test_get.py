"""``snmptcp get`` against an agent."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING

import pytest

from snmptcp import Counter64, Integer32, NoSuchInstance, OctetString, TimeTicks
from snmptcp.testing import Agent, Hold
from tests.cli.helpers import where

if TYPE_CHECKING:
    from tests.cli.conftest import Cli

pytestmark = pytest.mark.anyio

SYS_DESCR = "1.3.6.1.2.1.1.1.0"
SYS_UP_TIME = "1.3.6.1.2.1.1.3.0"
SYS_NAME = "1.3.6.1.2.1.1.5.0"
BIG = "1.3.6.1.2.1.1.99.0"
VARIABLES = {
    SYS_DESCR: OctetString("a switch"),
    SYS_UP_TIME: TimeTicks(4752),
    SYS_NAME: OctetString("sw1"),
    BIG: Counter64(2**40),
}


async def test_get_prints_the_values_in_the_order_of_the_names(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("get", where(agent), SYS_NAME, SYS_DESCR, SYS_UP_TIME)
    assert outcome == (
        0,
        (
            '.1.3.6.1.2.1.1.5.0 = STRING: "sw1"\n'
            '.1.3.6.1.2.1.1.1.0 = STRING: "a switch"\n'
            ".1.3.6.1.2.1.1.3.0 = Timeticks: (4752) 0:00:47.52\n"
        ),
        "",
    )


async def test_get_tells_what_is_not_there(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("get", where(agent), "1.3.6.1.2.1.1.1.5", "1.3.6.1.9.9.0")
    assert outcome == (
        0,
        (
            ".1.3.6.1.2.1.1.1.5 = No Such Instance currently exists at this OID\n"
            ".1.3.6.1.9.9.0 = No Such Object available on this agent at this OID\n"
        ),
        "",
    )


async def test_version_and_community_are_those_of_the_options(cli: Cli) -> None:
    async with Agent(VARIABLES, read_community="hidden") as agent:
        outcome = await cli("get", "-v1", "-c", "hidden", where(agent), SYS_NAME)
        (request,) = agent.requests
    assert outcome == (0, '.1.3.6.1.2.1.1.5.0 = STRING: "sw1"\n', "")
    assert (str(request.version), request.community) == ("1", b"hidden")


async def test_json_is_one_object_on_each_line(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("get", "--json", where(agent), SYS_NAME, BIG)
    assert outcome.code == 0
    assert [json.loads(line) for line in outcome.out.splitlines()] == [
        {"oid": SYS_NAME, "type": "OctetString", "value": "sw1"},
        {"oid": BIG, "type": "Counter64", "value": 2**40},
    ]


async def test_an_answer_that_comes_late_is_still_an_answer(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        agent.inject(Hold())
        command = asyncio.create_task(cli("get", where(agent), SYS_NAME))
        await agent.wait_for_requests(1)
        assert agent.release() == 1
        outcome = await command
    assert outcome == (0, '.1.3.6.1.2.1.1.5.0 = STRING: "sw1"\n', "")


async def test_what_a_getter_hides_is_shown_as_missing(cli: Cli) -> None:
    async with Agent({SYS_NAME: NoSuchInstance(), SYS_DESCR: Integer32(1)}) as agent:
        outcome = await cli("get", "-Ov", where(agent), SYS_NAME, SYS_DESCR)
    assert outcome == (0, "No Such Instance currently exists at this OID\nINTEGER: 1\n", "")
