"""``snmptcp getbulk`` against an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp import OID, Counter64, OctetString, TimeTicks
from snmptcp.codec.pdu import PduType
from snmptcp.testing import Agent, BrokenValue
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


async def test_getbulk_sends_non_repeaters_and_max_repetitions(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("getbulk", "-Cn1", "-Cr2", "-Oqv", where(agent), SYS_DESCR, SYS_DESCR)
        (request,) = agent.requests
    assert outcome == (0, '0:0:00:47.52\n0:0:00:47.52\n"sw1"\n', "")
    assert (request.pdu.type, request.pdu.non_repeaters, request.pdu.max_repetitions) == (PduType.GET_BULK, 1, 2)


async def test_an_answer_that_ends_before_what_cannot_be_decoded_is_told(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        agent.inject(BrokenValue(OID(SYS_NAME)), None)
        outcome = await cli("getbulk", "-Oqv", where(agent), SYS_DESCR)
    told = f"snmptcp: {where(agent)}: the answer goes on with a variable that cannot be decoded\n"
    assert outcome == (1, "0:0:00:47.52\n", told)
