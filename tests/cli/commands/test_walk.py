"""``snmptcp walk`` against an agent.  Expected lines are those of net-snmp 5.9.3's snmpwalk -On."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from snmptcp import OID, Counter32, Integer32, OctetString, TimeTicks
from snmptcp.cli.commands.agent import load_switch
from snmptcp.codec.pdu import PduType
from snmptcp.testing import Agent, BrokenValue, Close, Cycle
from tests.cli.helpers import where
from tests.support.attacker import HostileEngine, HostileServer, integer, tlv

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

#: snmpwalk -v2c -On over the recording of the switch that comes with the package, .1.3.6.1.2.1.1.
SWITCH_SYSTEM = """\
.1.3.6.1.2.1.1.1.0 = STRING: "  SM4200-16GEF8GE-AC Device, Compiled Mar 17 18:33:56 2010
  SoftWare Version SM4200-16GEF8GE-AC_6.0.222.39
  BootRom Version SM4200-16GEF8GE-AC_2.0.11
  HardWare Version 3.5
  Copyright (C) 2009 Maipu Communication Technology Co., Ltd.
"
.1.3.6.1.2.1.1.2.0 = OID: .1.3.6.1.4.1.5651.1.102.16
.1.3.6.1.2.1.1.3.0 = Timeticks: (678617700) 78 days, 13:02:57.00
.1.3.6.1.2.1.1.4.0 = STRING: "400-886-8669"
.1.3.6.1.2.1.1.5.0 = STRING: "DUMSYS-09"
.1.3.6.1.2.1.1.6.0 = STRING: "No.16 Jiuxing Avenue High-tech Park Chengdu P.R.China 610041"
.1.3.6.1.2.1.1.7.0 = INTEGER: 6
.1.3.6.1.2.1.1.8.0 = Timeticks: (1000) 0:00:10.00
"""

SWITCH_IF_ROW = """\
.1.3.6.1.2.1.2.2.1.5.1 = Gauge32: 1000000000
.1.3.6.1.2.1.2.2.1.6.1 = Hex-STRING: 00 03 0F 17 C1 D1 \n"""


async def test_a_walk_prints_what_net_snmp_prints(cli: Cli) -> None:
    async with Agent(load_switch()) as agent:
        system = await cli("walk", "-On", "--limit", "8", where(agent), ".1.3.6.1.2.1.1")
        leaves = await cli("walk", where(agent), f"{ENTRY}.5.1", f"{ENTRY}.6.1")
    assert system == (0, SWITCH_SYSTEM, "")
    assert leaves == (0, SWITCH_IF_ROW, "")


async def test_a_walk_without_a_name_reads_mib_2(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("walk", "-Oqv", where(agent))
    assert outcome == (0, '"a switch"\n1\n2\n"lo"\n"eth0"\n0:0:02:00.00\n123456\n', "")


async def test_a_walk_of_one_arc_reads_everything(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("walk", "-Cp", where(agent), "1")
    assert outcome.code == 0
    assert outcome.out.splitlines()[-2:] == [".1.3.6.1.4.1.99999.1.0 = INTEGER: 7", "Variables found: 8"]


async def test_a_walk_of_one_arc_that_is_empty_prints_nothing(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        assert await cli("walk", where(agent), "2") == (0, "", "")


async def test_a_walk_from_a_leaf_prints_the_leaf(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("walk", where(agent), f"{ENTRY}.1.2", f"{ENTRY}.2")
    assert outcome == (
        0,
        (
            ".1.3.6.1.2.1.2.2.1.1.2 = INTEGER: 2\n"
            '.1.3.6.1.2.1.2.2.1.2.1 = STRING: "lo"\n'
            '.1.3.6.1.2.1.2.2.1.2.2 = STRING: "eth0"\n'
        ),
        "",
    )


async def test_a_walk_of_nothing_says_so_unless_it_is_told_not_to(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        loud = await cli("walk", where(agent), "1.3.6.1.3")
        quiet = await cli("walk", "-CI", where(agent), "1.3.6.1.3")
    assert loud.code == 0
    assert loud.out.startswith(".1.3.6.1.3 = No Such ")
    assert quiet == (0, "", "")


async def test_a_walk_of_nothing_in_v1_is_the_agent_s_error(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("walk", "-v1", where(agent), "1.3.6.1.3")
        assert outcome == (1, "", f"snmptcp: {where(agent)}: noSuchName (2) for 1.3.6.1.3 (error-index 1)\n")


async def test_a_walk_can_begin_with_the_name_itself(cli: Cli) -> None:
    async with Agent({"1.3.6.1.3.1": Integer32(1), "1.3.6.1.3.1.5": Integer32(5)}) as agent:
        outcome = await cli("walk", "-Ci", where(agent), "1.3.6.1.3.1")
    assert outcome == (0, ".1.3.6.1.3.1 = INTEGER: 1\n.1.3.6.1.3.1.5 = INTEGER: 5\n", "")


@pytest.mark.parametrize("version", ["-v1", "-v2c"])
async def test_a_walk_that_begins_with_a_name_that_is_no_instance_goes_on(cli: Cli, version: str) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("walk", version, "-Ci", "-Oqv", where(agent), f"{ENTRY}.1")
    assert (outcome.code, outcome.out.splitlines()[-2:], outcome.err) == (0, ["1", "2"], "")


@pytest.mark.parametrize("option", ["-Ci", "-Cr5"])
async def test_a_walk_of_an_instance_that_cannot_be_decoded_passes_it_on_request(cli: Cli, option: str) -> None:
    name = "1.3.6.1.2.1.1.1.0"
    async with Agent(VARIABLES) as agent:
        agent.inject(BrokenValue(OID(name)), None)
        outcome = await cli("walk", option, where(agent), name)
        passed = await cli("walk", option, "--skip-broken", where(agent), name)
    assert (outcome.code, outcome.out) == (1, "")
    assert f"the value of {name} cannot be read" in outcome.err
    assert passed == (0, "", f"snmptcp: {where(agent)}: variables that cannot be decoded are left out\n")


async def test_a_limit_counts_over_all_subtrees(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("walk", "--limit", "3", "-Oqv", where(agent), f"{ENTRY}.1", f"{ENTRY}.2", f"{ENTRY}.10")
    assert outcome == (0, '1\n2\n"lo"\n', "")


async def test_max_repetitions_are_those_of_the_option(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        await cli("walk", "-Cr3", where(agent))
        await cli("walk", "-v1", where(agent))
        types = {request.pdu.type for request in agent.requests if str(request.version) == "1"}
        bulk = [request.pdu.max_repetitions for request in agent.requests if str(request.version) == "2c"]
    assert types == {PduType.GET_NEXT}
    assert set(bulk) == {3}


async def test_a_walk_in_json(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("walk", "--json", where(agent), f"{ENTRY}.2")
    assert [json.loads(line) for line in outcome.out.splitlines()] == [
        {"oid": f"{ENTRY}.2.1", "type": "OctetString", "value": "lo"},
        {"oid": f"{ENTRY}.2.2", "type": "OctetString", "value": "eth0"},
    ]


def cycle(*names: str) -> Cycle:
    return Cycle(tuple(map(OID, names)))


async def test_a_walk_that_goes_in_circles_ends_with_what_came_before(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        agent.inject(cycle(f"{ENTRY}.1.1", f"{ENTRY}.1.2"), times=None)
        outcome = await cli("walk", "-Cr3", "-Oqv", where(agent), ENTRY)
        tolerant = await cli("walk", "-Cr3", "-Cc", "-Oqv", where(agent), ENTRY)
    error = f"OID not increasing: {ENTRY}.1.2 was followed by {ENTRY}.1.1 (-Cc accepts names out of order)\n"
    repeated = f"the agent repeats itself: {ENTRY}.1.1 came again, after {ENTRY}.1.2\n"
    assert (outcome.code, outcome.out) == (1, "1\n2\n")
    assert outcome.err == f"snmptcp: {where(agent)}: {error}"
    assert tolerant == (1, outcome.out, f"snmptcp: {where(agent)}: {repeated}")


async def test_names_out_of_order_can_be_tolerated(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        agent.inject(cycle(f"{ENTRY}.1.1", f"{ENTRY}.1.9", f"{ENTRY}.1.2", "1.3.6.1.4"), times=None)
        strict = await cli("walk", "-Cr4", "-Oqv", where(agent), ENTRY)
        tolerant = await cli("walk", "-Cr4", "-Cc", "-Oqv", where(agent), ENTRY)
    assert (strict.code, strict.out) == (1, "1\n2\n")
    assert "OID not increasing" in strict.err
    assert tolerant == (0, '1\n2\n"lo"\n', "")


async def test_a_walk_that_breaks_off_has_printed_what_came(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        agent.inject(Close(), times=None, when=lambda request: str(request.pdu.varbinds[0].oid) == f"{ENTRY}.2.1")
        outcome = await cli("walk", "-Cr3", "-r0", where(agent), ENTRY)
    assert outcome.code == 1
    assert outcome.out.count("\n") == 3
    assert outcome.err.startswith("snmptcp: ")
    assert outcome.err.count("\n") == 1


async def test_a_point_is_the_whole_tree(cli: Cli) -> None:
    everything = {**VARIABLES, "0.5.1": Integer32(0), "2.5.1": Integer32(2)}
    async with Agent(everything) as agent:
        for version in ("-v1", "-v2c"):
            outcome = await cli("walk", version, "-Oq", where(agent), ".")
            assert outcome.code == 0
            assert outcome.out.startswith(".0.5.1 0\n")
            assert outcome.out.endswith(".2.5.1 2\n")
            assert outcome.out.count("\n") == len(everything)
        first = await cli("getnext", "-Oq", where(agent), ".")
    assert first == (0, ".0.5.1 0\n", "")


def broken_column(_: object, octets: bytes) -> bytes:
    """Answer for six instances of a column, the third of which cannot be decoded."""
    engine = HostileEngine()
    asked = engine.read(octets)
    name = asked.opened.names[0]
    if asked.opened.kind == 0xA0:
        return engine.answer(asked)
    last = int(name.rpartition(".")[2]) if name.startswith(f"{ENTRY}.1.") else 0
    repetitions = asked.opened.error_index if asked.opened.kind == 0xA5 else 1
    rows = [(f"{ENTRY}.1.{n}", tlv(0x0A, b"x") if n == 3 else integer(n)) for n in range(last + 1, 7)][:repetitions]
    return engine.answer(asked, rows or [(f"{ENTRY}.2.1", integer(1))])


async def test_a_walk_prints_what_comes_before_a_broken_variable_and_goes_past_it_on_request(cli: Cli) -> None:
    async with HostileServer(broken_column) as server:
        stopped = await cli("walk", "-Oqn", f"{server.host}:{server.port}", f"{ENTRY}.1")
        past = await cli("walk", "-Oqn", "--skip-broken", f"{server.host}:{server.port}", f"{ENTRY}.1")
    lines = [f".{ENTRY}.1.{n} {n}\n" for n in (1, 2, 4, 5, 6)]
    assert (stopped.code, stopped.out) == (1, "".join(lines[:2]))
    assert f"the value of {ENTRY}.1.3" in stopped.err
    assert f"{server.port}" in stopped.err
    left_out = f"snmptcp: {server.host}:{server.port}: variables that cannot be decoded are left out\n"
    assert past == (0, "".join(lines), left_out)


async def test_a_table_leaves_broken_variables_out_on_request(cli: Cli) -> None:
    async with HostileServer(broken_column) as server:
        words = ("--json", "--columns", "1", f"{server.host}:{server.port}", "1.3.6.1.2.1.2.2")
        stopped = await cli("table", *words)
        past = await cli("table", "--skip-broken", *words)
    assert (stopped.code, len(stopped.out.splitlines())) == (1, 2)
    assert (past.code, len(past.out.splitlines())) == (0, 5)
    assert past.err.endswith(": variables that cannot be decoded are left out\n")


async def test_a_walk_that_skips_nothing_says_nothing(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("walk", "--skip-broken", "-Oqv", where(agent), f"{ENTRY}.1")
    assert outcome == (0, "1\n2\n", "")


@pytest.mark.parametrize(
    ("end", "names"),
    [
        ("1.3.6.1.2.1.1.3.0", ["1.1.0", "1.2.0"]),
        ("1.3.6.1.2.1.1.3", ["1.1.0", "1.2.0"]),
        ("1.3.6.1.2.1.2", ["1.1.0", "1.2.0", "1.3.0"]),
        ("1.3.6.1.2.1.2.2", ["1.1.0", "1.2.0", "1.3.0", "2.1.0"]),
    ],
)
async def test_a_walk_ends_at_a_name_that_may_be_behind_its_subtree(cli: Cli, end: str, names: list[str]) -> None:
    mib_2 = "1.3.6.1.2.1"
    variables = {f"{mib_2}.{name}": Integer32(1) for name in ("1.1.0", "1.2.0", "1.3.0", "2.1.0", "2.2.1.1.1")}
    async with Agent(variables) as agent:
        outcome = await cli("walk", "-CpE", end, where(agent), f"{mib_2}.1")
    assert outcome.out.splitlines() == [
        *(f".{mib_2}.{name} = INTEGER: 1" for name in names),
        f"Variables found: {len(names)}",
    ]


async def test_a_walk_that_ends_before_its_subtree_reads_the_name_itself(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("walk", "-CE", "1.3.6.1.2.1.1", where(agent), "1.3.6.1.2.1.1.1.0")
    assert outcome.out == '.1.3.6.1.2.1.1.1.0 = STRING: "a switch"\n'


async def test_the_time_of_a_walk_is_told_beside_the_output(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("walk", "-Ct", where(agent), "1.3.6.1.2.1.1")
    assert outcome.out == '.1.3.6.1.2.1.1.1.0 = STRING: "a switch"\n'
    assert re.fullmatch(r"Total traversal time = [0-9]+\.[0-9]{6} seconds\n", outcome.err)


async def test_a_walk_by_name_prints_names(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIBS")
    async with Agent(VARIABLES) as agent:
        outcome = await cli("walk", where(agent), "ifTable", "--limit", "3")
    assert outcome.out == (
        "IF-MIB::ifIndex.1 = INTEGER: 1\nIF-MIB::ifIndex.2 = INTEGER: 2\nIF-MIB::ifDescr.1 = STRING: lo\n"
    )
