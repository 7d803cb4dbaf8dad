"""What get and getnext share; :mod:`tests.cli.test_partial` has names that fail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp import Integer32, OctetString
from snmptcp.cli.reading import ReadCommand
from snmptcp.oid import OID
from snmptcp.testing import Agent
from tests.cli.helpers import parsed, where

if TYPE_CHECKING:
    from tests.cli.conftest import Cli

pytestmark = pytest.mark.anyio

VARIABLES = {
    "1.3.6.1.2.1.1.5.0": OctetString("sw1"),
    "1.3.6.1.2.1.2.2.1.6.3": OctetString(bytes(range(6))),
    "1.3.6.1.2.1.2.2.1.8.3": Integer32(2),
}


@pytest.fixture(autouse=True)
def standard_modules(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MIBS")


@pytest.mark.parametrize("command", ["get", "getnext"])
def test_both_commands_have_the_same_arguments(command: str) -> None:
    read = parsed(ReadCommand, command, "-Cf", "h", "sysDescr.0", "1.3.6")
    assert (read.oids, read.give_up) == ((OID("1.3.6.1.2.1.1.1.0"), OID("1.3.6")), True)


async def test_names_go_in_and_come_out(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        named = await cli("get", where(agent), "sysName.0", "IF-MIB::ifPhysAddress.3")
        after = await cli("getnext", "-Os", where(agent), "ifTable", "sysName")
        missing = await cli("get", where(agent), "sysDescr")
    assert named == (0, "SNMPv2-MIB::sysName.0 = STRING: sw1\nIF-MIB::ifPhysAddress.3 = STRING: 0:1:2:3:4:5\n", "")
    assert after == (0, "ifPhysAddress.3 = STRING: 0:1:2:3:4:5\nsysName.0 = STRING: sw1\n", "")
    assert missing.out == "SNMPv2-MIB::sysDescr = No Such Instance currently exists at this OID\n"


async def test_a_wrong_name_is_wrong_usage_before_anything_is_sent(cli: Cli) -> None:
    outcome = await cli("get", "127.0.0.1:1", "sysdescr.0")
    assert outcome.code == 2
    assert "snmptcp get: error: no loaded MIB module defines sysdescr; there is SNMPv2-MIB::sysDescr" in outcome.err


async def test_errors_of_an_agent_show_names_unless_numbers_are_printed(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        named = await cli("set", "-c", "private", where(agent), "ifOperStatus.3", "i", "up", "sysName.9", "s", "x")
        plain = await cli("set", "-On", "-c", "private", where(agent), "1.3.6.1.2.1.1.5.9", "s", "x")
    assert "for SNMPv2-MIB::sysName.9 (error-index 2)" in named.err
    assert "for 1.3.6.1.2.1.1.5.9 (error-index 1)" in plain.err


@pytest.mark.parametrize(
    "words",
    [
        ("get", "-On", "{}", "1.3.6.1.2.1.1.5.0"),
        ("getnext", "-On", "{}", "1.3.6.1.2.1.1.5"),
        ("getbulk", "-On", "{}", "1.3.6.1.2.1.1.5"),
        ("walk", "-On", "{}", "1.3.6.1.2.1.2"),
        ("table", "-On", "{}", "1.3.6.1.2.1.2.2"),
        ("get", "-On", "--json", "{}", "1.3.6.1.2.1.1.5.0"),
        ("set", "-On", "-cprivate", "{}", "1.3.6.1.2.1.1.5.0", "s", "x"),
        ("set", "-Cq", "-cprivate", "{}", "1.3.6.1.2.1.1.5.0", "s", "x"),
        ("trap", "{}", "", "1.3.6.1.6.3.1.1.5.3", "1.3.6.1.2.1.2.2.1.1.7", "i", "7"),
    ],
)
async def test_numbers_in_and_out_open_no_modules(
    words: tuple[str, ...], cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    def opened(*arguments: object, **options: object) -> None:
        raise AssertionError("modules were opened")

    monkeypatch.setattr("snmptcp.mib.mib.Mib.__init__", opened)
    async with Agent(VARIABLES) as agent:
        outcome = await cli(*(word.format(where(agent)) for word in words))
    assert (outcome.code, outcome.err) == (0, "")
