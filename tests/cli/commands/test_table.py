"""``snmptcp table`` against an agent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from snmptcp import OID, Counter32, Integer32, IpAddress, OctetString, TimeTicks
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


# --------------------------------------------------------------------------------------------- names

STATUS = {
    **VARIABLES,
    f"{ENTRY}.6.1": OctetString(bytes(range(6))),
    f"{ENTRY}.8.1": Integer32(1),
    f"{ENTRY}.8.2": Integer32(2),
}

#: Of ipNetToMediaTable, whose INDEX has two columns, and of vacmViewTreeFamilyTable, whose INDEX agents do not show.
OTHERS = {
    "1.3.6.1.2.1.4.22.1.1.5.10.3.0.1": Integer32(5),
    "1.3.6.1.2.1.4.22.1.3.5.10.3.0.1": IpAddress("10.3.0.1"),
    "1.3.6.1.2.1.4.22.1.4.5.10.3.0.1": Integer32(3),
    "1.3.6.1.6.3.16.1.5.2.1.3.3.97.108.108.2.1.3": OctetString(b""),
    "1.3.6.1.6.3.16.1.5.2.1.4.3.97.108.108.2.1.3": Integer32(1),
}


@pytest.fixture
def standard_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIBS")


@pytest.mark.usefixtures("standard_modules")
@pytest.mark.parametrize("table", ["ifTable", "IF-MIB::ifTable", "ifEntry", TABLE])
async def test_a_tables_columns_have_names_and_its_values_are_those_of_its_definition(cli: Cli, table: str) -> None:
    async with Agent(STATUS) as agent:
        outcome = await cli("table", where(agent), table)
    assert outcome == (
        0,
        (
            "ifIndex  ifDescr  ifPhysAddress  ifOperStatus  ifLastChange  ifInOctets\n"
            "      1  lo       0:1:2:3:4:5    up            -                 123456\n"
            "      2  eth0     -              down          0:0:02:00.00           -\n"
        ),
        "",
    )


@pytest.mark.usefixtures("standard_modules")
async def test_columns_are_chosen_by_name_or_number(cli: Cli) -> None:
    async with Agent(STATUS) as agent:
        chosen = await cli("table", "--columns", "ifOperStatus,2", "-Oe", where(agent), "ifTable")
        wrong = await cli("table", "--columns", "ifName", where(agent), "ifTable")
        empty = await cli("table", "--columns", "1,", where(agent), "ifTable")
    assert chosen.out == ("ifIndex  ifOperStatus  ifDescr\n      1             1  lo\n      2             2  eth0\n")
    assert (wrong.code, empty.code) == (2, 2)
    assert "ifName is no column of IF-MIB::ifTable" in wrong.err
    assert "columns are names or numbers separated by commas, as in ifDescr,8, not ''" in empty.err


@pytest.mark.usefixtures("standard_modules")
async def test_each_object_of_the_index_has_its_column(cli: Cli) -> None:
    async with Agent(OTHERS) as agent:
        shown = await cli("table", "-Cb", where(agent), "ipNetToMediaTable")
        hidden = await cli("table", "-Ci", where(agent), "vacmViewTreeFamilyTable")
    assert shown.out == "IfIndex  NetAddress  Type\n      5  10.3.0.1    dynamic\n"
    assert hidden.out.splitlines()[0].split()[:3] == [
        "index",
        "vacmViewTreeFamilyViewName",
        "vacmViewTreeFamilySubtree",
    ]
    assert hidden.out.splitlines()[1].split() == ['"all".2.1.3', "all", "SNMPv2-SMI::org", "included"]


@pytest.mark.usefixtures("standard_modules")
async def test_a_delimiter_makes_net_snmps_lines(cli: Cli) -> None:
    async with Agent(OTHERS) as agent:
        outcome = await cli("table", "-CiHf", ",", where(agent), "ipNetToMediaTable")
        titled = await cli("table", "-Cf", "|", where(agent), "vacmViewTreeFamilyTable", "-Cb")
    assert outcome.out == "5.10.3.0.1,5,?,10.3.0.1,dynamic\n"
    assert titled.out == (
        "SNMP table: SNMP-VIEW-BASED-ACM-MIB::vacmViewTreeFamilyTable\n\nMask|Type|StorageType|Status\n"
        '""|included|?|?\n'
    )


@pytest.mark.usefixtures("standard_modules")
async def test_json_has_the_names_of_columns_and_the_values_of_the_index(cli: Cli) -> None:
    async with Agent(OTHERS) as agent:
        outcome = await cli("table", "--json", where(agent), "vacmViewTreeFamilyTable")
    assert json.loads(outcome.out) == {
        "index": "3.97.108.108.2.1.3",
        "indexes": {"vacmViewTreeFamilyViewName": "all", "vacmViewTreeFamilySubtree": "SNMPv2-SMI::org"},
        "columns": {
            "3": {"name": "SNMP-VIEW-BASED-ACM-MIB::vacmViewTreeFamilyMask", "type": "OctetString", "value": ""},
            "4": {
                "name": "SNMP-VIEW-BASED-ACM-MIB::vacmViewTreeFamilyType",
                "type": "Integer32",
                "value": 1,
                "label": "included",
            },
        },
    }


@pytest.mark.usefixtures("standard_modules")
@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("ifDescr", "IF-MIB::ifDescr is no table: try IF-MIB::ifTable --columns ifDescr"),
        ("ifDescr.1", "IF-MIB::ifDescr.1 is no table: try IF-MIB::ifTable --columns ifDescr"),
        ("sysDescr.0", "SNMPv2-MIB::sysDescr.0 is no table: try get or walk"),
        ("system", "SNMPv2-MIB::system is no table: try get or walk"),
    ],
)
async def test_what_is_no_table_is_refused_before_anything_is_sent(cli: Cli, name: str, complaint: str) -> None:
    outcome = await cli("table", "127.0.0.1:1", name)
    usage = "usage: snmptcp table [OPTIONS] HOST OID\n"
    assert outcome == (2, "", f"{usage}snmptcp table: error: {complaint}\n")


async def test_letters_change_the_layout_without_modules_too(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        bare = await cli("table", "-CHl", "--columns", "10,2", where(agent), TABLE)
        titles = await cli("table", "-Ch", "-Cr", "1", where(agent), TABLE)
        narrow = await cli("table", "-Cw", "16", "-CB", where(agent), TABLE, "--columns", "2,10")
    assert bare.out == "1      123456  lo\n2      -       eth0\n"
    assert titles.out == "index  1  2  10\n"
    assert narrow.out.count("index") == 2
