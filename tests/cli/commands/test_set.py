"""``snmptcp set`` against an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp import (
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


@pytest.mark.parametrize("words", ["-Cq -- h 1.3.6 s -foo", "h -Cq -- 1.3.6 s -foo"])
def test_a_value_that_looks_like_an_option_can_be_set_behind_two_minuses(words: str) -> None:
    (varbind,) = parsed(SetCommand, "set", *words.split()).varbinds
    assert varbind.value == b"-foo"


def test_a_value_that_begins_as_a_key_option_does_can_still_be_set() -> None:
    (number,) = parsed(SetCommand, "set", "h", "1.3.6", "i", "-3").varbinds
    assert number.value == -3
    (text,) = parsed(SetCommand, "set", "--", "h", "1.3.6", "s", "-3m").varbinds
    assert text.value == b"-3m"
