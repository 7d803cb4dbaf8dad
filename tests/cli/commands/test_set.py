"""``snmptcp set`` against an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp import (
    OID,
    Counter64,
    OctetString,
    TimeTicks,
)
from snmptcp.cli.commands.set import SetCommand
from snmptcp.testing import Agent
from tests.cli.helpers import parsed, where

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


async def test_set_writes_and_prints_the_answer(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("set", "-c", "private", where(agent), SYS_NAME, "s", "sw2", SYS_UP_TIME, "t", "1")
        assert agent.mib.read(agent.requests[0].pdu.varbinds[0].oid) == OctetString("sw2")
    assert outcome == (
        0,
        '.1.3.6.1.2.1.1.5.0 = STRING: "sw2"\n.1.3.6.1.2.1.1.3.0 = Timeticks: (1) 0:00:00.01\n',
        "",
    )


async def test_set_can_be_quiet(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("set", "-Cq", "-c", "private", where(agent), SYS_NAME, "s", "sw2")
    assert outcome == (0, "", "")


def test_a_negative_number_can_be_set_as_it_is() -> None:
    (varbind,) = parsed(SetCommand, "set", "h", "1.3.6", "i", "-5").varbinds
    assert varbind.value == -5


@pytest.mark.parametrize(
    "value", ["-foo", "-V", "-h", "--version", "-On", "-3m", "--auth-key", "--", "-v2c", "-C", "-m"]
)
@pytest.mark.parametrize("words", ["-Cq -- h 1.3.6 s", "-Cq h -- 1.3.6 s", "-Cq h 1.3.6 s", "-v 2c -Cq -c x h 1.3.6 s"])
def test_behind_the_host_nothing_is_an_option(words: str, value: str) -> None:
    command = parsed(SetCommand, "set", *words.split(), value)
    assert [varbind.value for varbind in command.varbinds] == [value.encode()]
    assert command.quiet


async def test_a_value_that_is_spelled_like_an_option_is_set(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("set", "-c", "private", where(agent), SYS_NAME, "s", "-V")
        assert agent.mib[OID(SYS_NAME)] == b"-V"
    assert outcome == (0, f'.{SYS_NAME} = STRING: "-V"\n', "")


def test_a_value_that_begins_as_a_key_option_does_can_still_be_set() -> None:
    (number,) = parsed(SetCommand, "set", "h", "1.3.6", "i", "-3").varbinds
    assert number.value == -3
    (text,) = parsed(SetCommand, "set", "--", "h", "1.3.6", "s", "-3m").varbinds
    assert text.value == b"-3m"
