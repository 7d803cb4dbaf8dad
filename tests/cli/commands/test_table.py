"""``snmptcp table`` against an agent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from snmptcp import OID, Counter32, Integer32, OctetString, TimeTicks
from snmptcp.testing import Agent, Cycle, FailWith
from tests.cli.helpers import where

if TYPE_CHECKING:
    from tests.cli.conftest import Cli

pytestmark = pytest.mark.anyio

ENTRY = "1.3.6.1.2.1.2.2.1"
VARIABLES = {
    "1.3.6.1.2.1.1.1.0": OctetString("a switch"),
    f"{ENTRY}.1.1": Integer32(1),
    f"{ENTRY}.1.2": Integer32(2),
    f"{ENTRY}.2.1": OctetString("lo"),
    f"{ENTRY}.2.2": OctetString("eth0"),
    f"{ENTRY}.9.2": TimeTicks(12000),
    f"{ENTRY}.10.1": Counter32(123456),
    "1.3.6.1.4.1.99999.1.0": Integer32(7),
}

TABLE = "1.3.6.1.2.1.2.2"


async def test_a_table_is_printed_side_by_side(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("table", where(agent), TABLE)
    assert outcome == (
        0,
        (
            "index  1  2     9                 10\n"
            "    1  1  lo    -             123456\n"
            "    2  2  eth0  0:0:02:00.00       -\n"
        ),
        "",
    )


async def test_a_table_of_some_columns_in_the_order_given(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("table", "--columns", "10,2", where(agent), TABLE)
    assert outcome == (0, "index      10  2\n    1  123456  lo\n    2       -  eth0\n", "")


async def test_a_table_stops_at_a_limit(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("table", "--columns", "10,2", "--limit", "1", where(agent), TABLE)
    assert outcome == (0, "index      10  2\n    1  123456  lo\n", "")


async def test_a_table_is_folded_to_a_width(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("table", "--width", "16", where(agent), TABLE, "--columns", "2,10")
    assert outcome.out == ("index  2\n    1  lo\n    2  eth0\n\nindex      10\n    1  123456\n    2       -\n")


async def test_a_table_in_json_is_one_row_on_each_line(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("table", "--json", "--columns", "2,10", where(agent), TABLE)
    assert [json.loads(line) for line in outcome.out.splitlines()] == [
        {
            "index": "1",
            "columns": {"2": {"type": "OctetString", "value": "lo"}, "10": {"type": "Counter32", "value": 123456}},
        },
        {"index": "2", "columns": {"2": {"type": "OctetString", "value": "eth0"}}},
    ]


async def test_a_table_without_rows_says_so(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        text = await cli("table", where(agent), "1.3.6.1.3.1")
        in_json = await cli("table", "--json", where(agent), "1.3.6.1.3.1")
    assert text == (0, "", "snmptcp: no rows below 1.3.6.1.3.1\n")
    assert in_json == (0, "", "")


async def test_a_table_that_fails_shows_the_rows_that_came(cli: Cli) -> None:
    column = {f"{ENTRY}.1.{row}": Integer32(row) for row in range(1, 7)}
    async with Agent(column) as agent:
        agent.inject(FailWith(16), times=None, when=lambda request: str(request.pdu.varbinds[0].oid) == f"{ENTRY}.1.4")
        outcome = await cli("table", "-Cr2", "--columns", "1", where(agent), TABLE)
    assert outcome.code == 1
    assert outcome.out == "index  1\n    1  1\n    2  2\n    3  3\n    4  4\n"
    assert "authorizationError (16)" in outcome.err


async def test_a_table_is_folded_to_the_terminal(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "16")
    async with Agent(VARIABLES) as agent:
        outcome = await cli("table", where(agent), TABLE, "--columns", "2,10")
    assert outcome.out.split("\n\n")[1] == "index      10\n    1  123456\n    2       -\n"


async def test_columns_out_of_order_can_be_tolerated(cli: Cli) -> None:
    names = tuple(OID(f"{ENTRY}.1.{arc}") for arc in (1, 9, 2))
    async with Agent(VARIABLES) as agent:
        agent.inject(Cycle((*names, OID(f"{ENTRY}.2.1"))), times=None)
        arguments = ("--columns", "1", "-Cr4", where(agent), TABLE)
        strict = await cli("table", *arguments)
        tolerant = [await cli("table", option, *arguments) for option in ("-Cc", "--tolerate-non-increasing")]

    assert strict.code == 1
    assert "OID not increasing" in strict.err
    assert [outcome.code for outcome in tolerant] == [0, 0]
    assert [outcome.out.split()[0::2] for outcome in tolerant] == [["index", "1", "9", "2"]] * 2
