"""``snmptcp translate``; tests/interop/test_translate.py compares its forms with net-snmp's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from snmptcp.mib import Mib
from tests.cli.conftest import Cli

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def standard_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIBS")


@pytest.fixture
def acme(acme_folder: Path, acme_mib: Mib) -> tuple[str, str]:
    """Return the options that load ACME-MIB, which has been compiled."""
    return f"-M{acme_folder}", "-m+ACME-MIB"


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        (["1.3.6.1.2.1.2.2.1.8.3"], ["IF-MIB::ifOperStatus.3"]),
        (["-On", "IF-MIB::ifOperStatus.3"], [".1.3.6.1.2.1.2.2.1.8.3"]),
        (["-On", "-IR", "ifOperStatus.3"], [".1.3.6.1.2.1.2.2.1.8.3"]),
        (["-On", "1.3.6.1.2"], [".1.3.6.1.2"]),
        (["-Os", "ifOperStatus"], ["ifOperStatus"]),
        (["-Of", "sysDescr.0"], [".iso.org.dod.internet.mgmt.mib-2.system.sysDescr.0"]),
        (["-Ou", "sysDescr.0"], ["system.sysDescr.0"]),
        (["-Ib", "ifOperSt"], ["IF-MIB::ifOperStatus"]),
        (["acmeState.0", "-Os", "sysName"], ["acmeState.0", "", "sysName"]),
        (["-TB", "^acmeif"], ["ACME-MIB::acmeIfTable", "ACME-MIB::acmeIfEntry", "ACME-MIB::acmeIfColor"]),
        (["-To", "acmeIfEntry"], [".1.3.6.1.4.1.9999.1.5.1", ".1.3.6.1.4.1.9999.1.5.1.1"]),
        (["-Tp", "acmeHeat", "acmeMIB.7"], None),
        (
            ["-Ta", "acmeIfTable"],
            [
                "dump DEFINITIONS ::= BEGIN",
                "acmeIfEntry OBJECT IDENTIFIER ::= { acmeIfTable 1 }",
                "acmeIfColor OBJECT IDENTIFIER ::= { acmeIfEntry 1 }",
                "END",
            ],
        ),
    ],
)
async def test_names_and_numbers_are_translated(
    cli: Cli, acme: tuple[str, str], words: list[str], lines: list[str] | None
) -> None:
    code, out, err = await cli("translate", *acme, *words)
    assert (code, err) == (0, "")
    if lines is not None:
        assert out.splitlines() == lines
    else:
        first, second = out.split("\n\n", 1)
        assert first.startswith("+-- -R-- Integer32 acmeHeat(2)\n")
        assert second.startswith("+--acmeMIB(9999)\n")


async def test_definitions_follow_names(cli: Cli, acme: tuple[str, str]) -> None:
    code, out, _ = await cli("translate", *acme, "-Td", "-On", "acmeHeat.0", "acmeAlarm")
    assert code == 0
    heat, alarm = out.split("\n\n")
    assert heat.startswith(".1.3.6.1.4.1.9999.1.2.0\nacmeHeat OBJECT-TYPE\n  -- FROM\tACME-MIB\n")
    assert alarm.startswith(".1.3.6.1.4.1.9999.0.1\nacmeAlarm NOTIFICATION-TYPE\n")
    code, out, _ = await cli("translate", *acme, "-TBd", "acmeGatePeer")
    assert out.count("  -- FROM\tACME-MIB\n") == 2
    assert "\n\n" not in out


async def test_json_is_one_object_for_each_name(cli: Cli, acme: tuple[str, str]) -> None:
    code, out, _ = await cli("translate", *acme, "--json", "acmeState", "1.3.6.1.4.1.9999.1.2")
    assert code == 0
    assert [json.loads(line)["name"] for line in out.splitlines()] == ["ACME-MIB::acmeState", "ACME-MIB::acmeHeat"]


async def test_the_whole_tree_is_printed_without_a_name(cli: Cli) -> None:
    outputs = {}
    for letter in "pao":
        code, outputs[letter], err = await cli("translate", "-mLLDP-MIB", f"-T{letter}")
        assert (code, err) == (0, "")
    assert outputs["p"].startswith("+--iso(1)\n   |\n   +--std(0)\n")
    assert outputs["a"].startswith("dump DEFINITIONS ::= BEGIN\nstd OBJECT IDENTIFIER ::= { iso 0 }\n")
    assert outputs["o"].startswith(".1.0\n")
    assert outputs["o"].endswith("\n.0.0\n")


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        ((), 2, "give a NAME; without one, -Tp"),
        (("-Td",), 2, "give a NAME"),
        (("-Tq", "x"), 2, "-T takes the letters d, B, p, a, l, o, s, t, z, not 'q'"),
        (("-w0", "x"), 2, "-w is a number of characters from 1 to 9999999, not '0'"),
        (("--json", "-Tp"), 2, "--json prints definitions"),
        (("sysDescr", "nothingOfTheKind"), 2, "no loaded MIB module defines nothingOfTheKind"),
        (("-TB", "nothing(OfTheKind)?"), 1, "no loaded MIB module defines a label that matches"),
        (("-TB", "("), 1, "is no regular expression"),
        (("-m", "", "-Td", "1.3.6"), 1, "there are no MIB modules: names are turned off"),
        (("-Tp", "3.7"), 2, "first arc"),
    ],
)
async def test_what_cannot_be_translated_is_told(cli: Cli, words: tuple[str, ...], code: int, text: str) -> None:
    outcome = await cli("translate", *words)
    assert (outcome.code, outcome.out) == (code, "")
    assert text in outcome.err


async def test_numbers_need_no_modules(cli: Cli) -> None:
    assert await cli("translate", "-m", "", "-On", "1.3.6.1") == (0, ".1.3.6.1\n", "")
    assert await cli("translate", "-m", "", "1.3.6.1") == (0, ".1.3.6.1\n", "")
