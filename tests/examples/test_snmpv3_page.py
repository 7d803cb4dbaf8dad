"""docs/snmpv3.md: its code runs, and its names of protocols and exceptions are those of the library."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import snmptcp
from snmptcp import AuthProtocol, EngineInfo, PrivProtocol, SecurityError, SecurityLevel, UsmUser
from snmptcp.credentials import parse_auth_protocol, parse_priv_protocol
from snmptcp.testing import Agent

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio

PAGE = (Path(__file__).parents[2] / "docs" / "snmpv3.md").read_text(encoding="utf-8")

VARIABLES = {"1.3.6.1.2.1.1.1.0": "a switch", "1.3.6.1.2.1.1.3.0": snmptcp.TimeTicks(4711)}
MONITOR = UsmUser("monitor", "SHA-256", "authentic!", "AES", "privately!")


@pytest.fixture
async def agent() -> AsyncIterator[Agent]:
    async with Agent(VARIABLES, users=(MONITOR,)) as found:
        yield found


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    """Return what the page's Python defines."""
    names: dict[str, Any] = {}
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    for position, code in enumerate(blocks, 1):
        exec(compile(code, f"snmpv3.md, block {position}", "exec"), names)
    return names


def section(title: str) -> str:
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def first_cells(text: str) -> list[str]:
    return re.findall(r"^\| (`.*?)\s*\|", text, re.MULTILINE)


async def test_the_first_example_prints_two_variables(
    agent: Agent, page: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    await page["ask"](agent.host, agent.port)
    assert capsys.readouterr().out == "1.3.6.1.2.1.1.1.0 a switch\n1.3.6.1.2.1.1.3.0 4711\n"


async def test_an_engine_is_discovered_given_and_shared(agent: Agent, page: dict[str, Any]) -> None:
    engine = await page["discover"](agent.host, MONITOR, agent.port)
    assert isinstance(engine, EngineInfo)
    before = agent.statistics.messages_in
    await page["no_discovery"](agent.host, MONITOR, engine, agent.port)
    assert agent.statistics.messages_in == before + 1
    before = agent.statistics.messages_in
    await page["shared"](agent.host, [MONITOR, MONITOR], agent.port)
    assert agent.statistics.messages_in == before + 3


@pytest.mark.parametrize(("password", "wrong"), [("authentic!", False), ("wrong wrong", True)])
async def test_a_wrong_password_is_found_out(agent: Agent, page: dict[str, Any], password: str, wrong: bool) -> None:
    user = UsmUser("monitor", "SHA-256", password, "AES", "privately!")
    assert await page["is_password_wrong"](agent.host, user, agent.port) is wrong


def test_a_packet_is_shown(page: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    page["show"](b"\x30\x00", MONITOR)
    assert capsys.readouterr().out.startswith("Unreadable message")


def test_every_protocol_is_on_the_page_and_every_spelling_is_understood() -> None:
    rows = re.findall(r"^\| (`.+?) \|(.*)\|$", section("Protocols"), re.MULTILINE)
    found: set[AuthProtocol | PrivProtocol] = set()
    for first, rest in rows:
        authentication = " octets " in rest
        parse = parse_auth_protocol if authentication else parse_priv_protocol
        names = re.findall(r"`(.+?)`", first)
        found |= {parse(name) for name in names}
        for spelling in re.findall(r"`(.+?)`", rest):
            assert parse(spelling) is parse(names[0])
    assert found == {*AuthProtocol, *PrivProtocol}


def test_the_sizes_of_digests_are_the_librarys() -> None:
    sizes = re.findall(r"^\| `(\S+)`.*?\| (\d+) octets", section("Protocols"), re.MULTILINE)
    assert {name: int(size) for name, size in sizes} == {str(kind): kind.mac_size for kind in AuthProtocol}


def test_every_level_and_every_security_error_of_usm_is_on_the_page() -> None:
    assert all(f"`{level.name}`" in section("Users and levels") for level in SecurityLevel)
    cells = " ".join(first_cells(section("Errors and their causes")))
    kinds = {kind.__name__ for kind in SecurityError.__subclasses__()} - {"WrongCommunity"}
    assert kinds <= set(re.findall(r"`(\w+)`", cells))
