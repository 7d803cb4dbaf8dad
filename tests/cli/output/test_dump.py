"""``-d``: every packet is explained, and no secret is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp import (
    AuthProtocol,
    Counter64,
    OctetString,
    TimeTicks,
)
from snmptcp.mib import Mib
from snmptcp.security.keys import localize_key, password_to_key
from snmptcp.testing import Agent, Garbage
from tests.cli.helpers import AUTH, ENGINE_ID, KEYS, PRIV, own, tls_agent, where

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Cli
    from tests.support.certificates import Certificates

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


async def test_d_explains_every_packet_without_the_community(cli: Cli) -> None:
    async with Agent(VARIABLES, read_community="confidential") as agent:
        outcome = await cli("get", "-d", "-c", "confidential", where(agent), SYS_NAME, "1.3.6.1.2.1.1.1.5")
    assert outcome.code == 0
    assert outcome.out.count("\n") == 2
    assert "-- sent " in outcome.err
    assert "-- received " in outcome.err
    assert outcome.err.index("get-request") < outcome.err.index("get-response")
    assert "confidential" not in outcome.err
    assert b"confidential".hex() not in outcome.err.replace(" ", "")


async def test_d_shows_names_beside_numbers_unless_names_are_numbers(
    cli: Cli, acme_mib: Mib, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MIBS")  # which turns names off in tests
    async with Agent(VARIABLES) as agent:
        named = await cli("get", "-d", where(agent), SYS_NAME)
        numbered = await cli("get", "-d", "-On", where(agent), SYS_NAME)
    assert named.err.count(f"= {SYS_NAME} (SNMPv2-MIB::sysName.0)\n") == 2
    assert numbered.err.count(f"= {SYS_NAME} (sysName.0)\n") == 2


async def test_d_goes_on_over_broken_messages_and_fresh_connections(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        agent.inject(Garbage())
        outcome = await cli("get", "-d", where(agent), SYS_NAME)
    assert outcome.code == 0
    assert outcome.err.count("-- sent ") == 2
    assert "that are not messages" in outcome.err
    assert "get-response" in outcome.err


async def test_packets_are_shown_decrypted_and_no_secret_with_them(cli: Cli, v3_agent: Agent) -> None:
    outcome = await cli("get", "-d", "--debug", "-u", "bert", *KEYS, where(v3_agent), SYS_NAME)
    assert outcome.code == 0
    assert 'SNMPv3 get-request, authPriv, user "bert", decrypted, 1 variable binding' in outcome.err
    assert 'SNMPv3 get-response, authPriv, user "bert", decrypted, 1 variable binding' in outcome.err
    assert outcome.err.count("digest:   right for user bert (SHA-256)") == 2
    shown = outcome.err.replace(" ", "")
    for secret in (AUTH, PRIV):
        master = password_to_key(AuthProtocol.SHA_256, secret.encode())
        for octets in (secret.encode(), master, localize_key(AuthProtocol.SHA_256, master, ENGINE_ID)):
            assert octets.hex()[:16] not in shown
        assert secret.replace(" ", "") not in shown


async def test_d_explains_what_goes_inside_tls(cli: Cli, certificates: Certificates, files: Path) -> None:
    async with tls_agent(certificates) as agent:
        outcome = await cli("get", "-d", *own(files), where(agent, "tlstcp:"), SYS_NAME)
    assert outcome.code == 0
    assert "-- sent " in outcome.err
    assert "get-response" in outcome.err
    assert "TSM" in outcome.err
