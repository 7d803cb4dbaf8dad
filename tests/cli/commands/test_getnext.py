"""``snmptcp getnext`` against an agent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp import Counter64, OctetString, TimeTicks
from snmptcp.testing import Agent
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


async def test_getnext_prints_what_comes_after_each_name(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("getnext", "-Oq", where(agent), SYS_DESCR, BIG)
    assert outcome == (
        0,
        (
            ".1.3.6.1.2.1.1.3.0 0:0:00:47.52\n"
            ".1.3.6.1.2.1.1.99.0 No more variables left in this MIB View (It is past the end of the MIB tree)\n"
        ),
        "",
    )
