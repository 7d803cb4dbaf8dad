"""``snmptcp demo``."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from snmptcp.cli.commands.agent import load_switch
from snmptcp.cli.main import main
from tests.support.terminal import run_on_terminal

if TYPE_CHECKING:
    from tests.cli.conftest import Cli

pytestmark = pytest.mark.anyio


async def test_the_demonstration_shows_a_walk_a_table_and_how_fast_it_was(cli: Cli) -> None:
    outcome = await cli("demo")
    assert (outcome.code, outcome.err) == (0, "")
    assert '.1.3.6.1.2.1.1.5.0 = STRING: "DUMSYS-09"\n' in outcome.out
    assert re.search(r"^\$ snmptcp table [0-9.:]+ 1.3.6.1.2.1.2.2 --columns 2,3,5,8,10,16$", outcome.out, re.MULTILINE)
    assert re.search(r"^index +2 +3 +5 +8 +10 +16$", outcome.out, re.MULTILINE)
    assert re.search(r"^ +1 +Ethernet1/1 +6 +1000000000 +1 +2091305722", outcome.out, re.MULTILINE)
    assert f"\n{len(load_switch())}\n" in outcome.out
    assert re.search(r"[0-9,]+ variable bindings per second", outcome.out)
    assert "1,000 GETs" in outcome.out


async def test_the_demonstration_shows_names_where_modules_are(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIBS")
    outcome = await cli("demo")
    assert (outcome.code, outcome.err) == (0, "")
    assert re.search(r"^\$ snmptcp walk [0-9.:]+ system --limit 6$", outcome.out, re.MULTILINE)
    assert "SNMPv2-MIB::sysName.0 = STRING: DUMSYS-09\n" in outcome.out
    assert re.search(r"^\$ snmptcp table [0-9.:]+ ifTable --columns ifDescr,ifType,ifSpeed,", outcome.out, re.MULTILINE)
    assert re.search(r"^ifIndex +ifDescr +ifType +ifSpeed +ifOperStatus +ifInOctets", outcome.out, re.MULTILINE)
    assert re.search(r"^ +1 +Ethernet1/1 +ethernetCsmacd +1000000000 +up +2091305722", outcome.out, re.MULTILINE)


async def test_a_table_of_the_demonstration_is_cut_to_the_terminal(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("snmptcp.cli.commands.demo.terminal_width", lambda: 30)
    outcome = await cli("demo")
    (title,) = (line for line in outcome.out.splitlines() if line.startswith("index"))
    assert len(title) == 30


async def test_a_fleet_of_agents_is_polled_for_some_seconds_and_a_summary_printed(cli: Cli) -> None:
    outcome = await cli("demo", "--fleet", "--agents", "3", "--duration", "2.5")
    assert outcome.code == 0
    assert outcome.err.startswith("snmptcp: polling 3 agents of this process")
    assert "targets      3: 3 answer, 0 fail, 0 not polled yet\n" in outcome.out
    assert re.search(r"^so far +[0-9]+ polls, 0 failed, [0-9]+ samples$", outcome.out, re.MULTILINE)
    assert re.search(r"^device-00[0-2] +(uptime|interfaces) +[0-9]+ ms$", outcome.out, re.MULTILINE)


def test_what_only_a_fleet_has_needs_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--agents", "3"]) == 2
    assert "--agents and --duration need --fleet" in capsys.readouterr().err


async def test_a_terminal_shows_the_fleet_in_one_place() -> None:
    words = ("demo", "--fleet", "--agents", "3", "--duration", "2.5")
    finished = await run_on_terminal([sys.executable, "-m", "snmptcp", *words], columns=110)
    assert (finished.code, finished.out) == (0, "")
    assert finished.screen[0].startswith("snmptcp: polling 3 agents of this process")
    assert finished.screen[1].startswith("snmptcp demo --fleet, for 0:00:0")
    assert finished.screen[2] == "targets      3: 3 answer, 0 fail, 0 not polled yet"
    assert sum(line.startswith("targets ") for line in finished.screen) == 1  # although it was drawn more than once
    assert finished.written.count("3 answer") > 1
    assert re.fullmatch(r"snmptcp: [0-9]+ polls, 0 failed, [0-9]+ samples", finished.screen[-1])
