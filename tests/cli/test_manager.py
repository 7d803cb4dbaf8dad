"""The manager of a command: what its options change, and how its errors are reported."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from snmptcp import Counter64, OctetString, TimeTicks
from snmptcp.testing import Agent, Close, Drop, EmptyVarbinds, FailWith, Garbage, WrongNames, WrongRequestId
from tests.cli.helpers import where

if TYPE_CHECKING:
    from snmptcp.testing import Fault
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


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("set", "-c", "private", "{}", SYS_DESCR, "s", "x", SYS_NAME, "i", "5"), f"wrongType (7) for {SYS_NAME}"),
        (("set", "-c", "private", "{}", "1.3.6.1.9.0", "i", "5"), "noCreation (11) for 1.3.6.1.9.0"),
        (("set", "{}", SYS_NAME, "s", "x"), f"noAccess (6) for {SYS_NAME}"),
        (("set", "-v1", "-c", "private", "{}", SYS_NAME, "i", "5"), f"badValue (3) for {SYS_NAME}"),
        (("set", "-v1", "-c", "private", "{}", BIG, "C", "5"), f"SNMPv1 cannot carry the Counter64 for {BIG}"),
        (("get", "-v1", "-Cf", "{}", SYS_DESCR, "1.3.6.1.9.0"), "noSuchName (2) for 1.3.6.1.9.0"),
        (("getnext", "-v1", "{}", BIG), f"noSuchName (2) for {BIG}"),
    ],
)
async def test_an_error_status_names_the_variable_to_blame(cli: Cli, words: tuple[str, ...], complaint: str) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli(*(word.format(where(agent)) for word in words))
        assert outcome.err.startswith(f"snmptcp: {where(agent)}: {complaint}")
    assert (outcome.code, outcome.out, outcome.err.count("\n")) == (1, "", 1)
    assert "private" not in outcome.err


@pytest.mark.parametrize(
    ("fault", "complaint"),
    [
        (FailWith(5), "genErr (5)"),
        (FailWith(99), "unknown error-status (99)"),
        (EmptyVarbinds(), "0 variable bindings in the response, 1 requested"),
        (WrongNames(), f"in the place of {SYS_NAME}"),
        (Close(), "closed the connection"),
        (Garbage(), "a message begins with 0x30, not 0xde"),
        (Drop(), "no answer within 0.5 s"),
        (WrongRequestId(), "no answer within 0.5 s"),
    ],
    ids=lambda case: type(case).__name__ if not isinstance(case, str) else "",
)
async def test_a_faulty_answer_is_one_line_on_stderr(cli: Cli, fault: Fault, complaint: str) -> None:
    async with Agent(VARIABLES) as agent:
        agent.inject(fault, times=None)
        timeout = "0.5" if "no answer" in complaint else "20"
        outcome = await cli("get", "-t", timeout, "-r0", "-c", "public", where(agent), SYS_NAME)
        assert (outcome.code, outcome.out) == (1, "")
        assert outcome.err.startswith(f"snmptcp: {where(agent)}")
        assert outcome.err.count(where(agent)) == 1
    assert complaint in outcome.err
    assert outcome.err.count("\n") == 1
    assert "public" not in outcome.err


async def test_a_lost_answer_to_a_set_says_that_the_change_may_have_been_made(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        agent.inject(Close())
        outcome = await cli("set", where(agent), SYS_NAME, "s", "x")
    assert outcome.err.endswith("; the agent may or may not have made the change\n")


async def test_a_read_is_repeated_on_a_fresh_connection(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        agent.inject(Close(), times=2)
        outcome = await cli("get", "-r", "2", where(agent), SYS_NAME)
        assert agent.statistics.connections == 3
    assert outcome == (0, '.1.3.6.1.2.1.1.5.0 = STRING: "sw1"\n', "")


async def test_a_refused_connection_is_one_line_on_stderr(cli: Cli) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, but not listening
        port = taken.getsockname()[1]
        outcome = await cli("get", f"127.0.0.1:{port}", SYS_NAME)
    assert outcome == (1, "", f"snmptcp: cannot connect to 127.0.0.1:{port}: Connection refused\n")
