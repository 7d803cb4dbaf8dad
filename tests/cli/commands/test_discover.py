"""``snmptcp discover`` against an agent."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from snmptcp.testing import Agent
from tests.cli.helpers import AUTH, KEYS, where
from tests.support.attacker import HostileEngine, HostileServer, User

if TYPE_CHECKING:
    from tests.cli.conftest import Cli

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("words", [(), ("-v3",), ("-u", "bert", *KEYS)], ids=["nobody", "version", "a user"])
async def test_an_engine_is_discovered(cli: Cli, v3_agent: Agent, words: tuple[str, ...]) -> None:
    outcome = await cli("discover", *words, where(v3_agent))
    assert (outcome.code, outcome.err) == (0, "")
    assert re.fullmatch(
        r"engine ID: 0x80001f88047368656c66\n"
        r'made of:   enterprise 8072 \(net-snmp\), text "shelf"\n'
        r"boots:     12\n"
        r"time:      \d+ s \(0:00:00:\d\d\)\n",
        outcome.out,
    )


async def test_an_engine_is_printed_as_json(cli: Cli, v3_agent: Agent) -> None:
    engine = json.loads((await cli("discover", "--json", where(v3_agent))).out)
    assert engine.pop("time") < 60
    assert engine == {
        "engine_id": "80001f88047368656c66",
        "enterprise": 8072,
        "enterprise_name": "net-snmp",
        "format": "text",
        "value": "shelf",
        "boots": 12,
        "authenticated": False,
    }
    assert json.loads((await cli("discover", "--json", "-u", "bert", *KEYS, where(v3_agent))).out)["authenticated"]


async def test_a_discovery_needs_no_user_that_the_agent_knows(cli: Cli, v3_agent: Agent) -> None:
    outcome = await cli("discover", "-u", "grover", where(v3_agent))
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.startswith("engine ID: 0x80")


@pytest.mark.parametrize("level", ["noAuthNoPriv", "authNoPriv", "authPriv"])
async def test_a_discovery_takes_a_level_as_other_commands_do(cli: Cli, v3_agent: Agent, level: str) -> None:
    outcome = await cli("discover", "--json", "-u", "bert", "-l", level, *KEYS, where(v3_agent))
    assert (outcome.code, outcome.err) == (0, "")
    assert json.loads(outcome.out)["authenticated"] == (level != "noAuthNoPriv")
    assert (await cli("discover", "-l", "noAuthNoPriv", where(v3_agent))).code == 0


async def test_an_engine_id_that_is_not_valid_is_shown_and_can_be_given(cli: Cli) -> None:
    engine = HostileEngine(b"\1\2\3", users=(User("bert", "SHA-256", AUTH),))
    async with HostileServer(lambda _, octets: engine.honest(octets)) as server:
        address = f"{server.host}:{server.port}"
        found = await cli("discover", address)
        user = ("-u", "bert", "-l", "authNoPriv", "-a", "SHA-256", "-A", AUTH)
        asked = await cli("get", "-Oqv", *user, "-e", "0x010203", address, "1.3.6.1.2.1.1.3.0")
    assert found.code == 0
    assert "engine ID: 0x010203\nmade of:   no valid engine ID" in found.out
    warning = f"snmptcp: {address}: the engine ID 0x010203 is not valid (RFC 3411 section 5); it is used as it is\n"
    assert asked == (0, "7\n", warning)
