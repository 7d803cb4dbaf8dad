"""The options of TLS, against an agent that requires a client certificate."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from snmptcp import Tsm, UsmUser
from snmptcp.cli.commands.agent import AgentCommand
from snmptcp.cli.commands.inform import InformCommand
from snmptcp.cli.commands.listen import ListenCommand
from snmptcp.cli.commands.trap import TrapCommand
from snmptcp.cli.options.addresses import Address
from snmptcp.cli.options.tls import tls_options
from snmptcp.cli.options.tls_words import TlsWords
from snmptcp.cli.reading import ReadCommand
from tests.cli.helpers import ANSWER, own, parsed, tls_agent, where

if TYPE_CHECKING:
    from pathlib import Path

    from snmptcp.cli.options.request import RequestOptions
    from tests.cli.conftest import Cli
    from tests.support.certificates import Certificates

pytestmark = pytest.mark.anyio

SYS_NAME = "1.3.6.1.2.1.1.5.0"


def get_of(*words: str) -> RequestOptions:
    return parsed(ReadCommand, "get", *words, "1.3").request


def test_tls_has_a_port_of_its_own_and_certificates_in_the_place_of_users() -> None:
    request = get_of("-n", "side", "-E", "8000000001020304", "tlstcp:h")
    assert request.target.address == Address("h", 10161)
    assert request.credentials == Tsm("side", context_engine_id=bytes.fromhex("8000000001020304"))
    assert request.target.tls == TlsWords(connects=True)
    assert get_of("--tls-ca", "f", "h").target.address == Address("h", 10161)
    assert get_of("tlstcp:h:161").target.address == Address("h", 161)
    assert get_of("-l", "authPriv", "tlstcp:h").credentials == Tsm()
    inform = parsed(InformCommand, "inform", "tlstcp:h", "5", "1.3")
    assert inform.request.target.address == Address("h", 10162)
    assert parsed(TrapCommand, "trap", "h", "5", "1.3").request.target.address == Address("h", 162)
    assert parsed(ListenCommand, "listen", "--tls-cert", "f", "-c", "x").addresses == (("", 10162),)
    assert parsed(AgentCommand, "agent", "--tls-cert", "f").port == 10161


def test_plain_tcp_has_no_options_of_tls() -> None:
    assert get_of("h").target.tls is None
    assert get_of("tcp:h").target.tls is None
    assert tls_options(None) is False


async def test_an_option_of_tls_is_enough_if_the_address_names_no_transport(
    cli: Cli, certificates: Certificates, files: Path
) -> None:
    async with tls_agent(certificates) as agent:
        assert await cli("get", "-Oqv", *own(files), f"127.0.0.1:{agent.port}", SYS_NAME) == ANSWER


async def test_communities_and_users_go_inside_tls(cli: Cli, certificates: Certificates, files: Path) -> None:
    bert = UsmUser("bert", "SHA-256", "authentic", "AES", "privately")
    async with tls_agent(certificates, users=[bert], read_community="hidden") as agent:
        for words in (("-v1", "-c", "hidden"), ("-c", "hidden"), ("-u", "bert", "-A", "authentic", "-X", "privately")):
            assert await cli("get", "-Oqv", *words, *own(files), where(agent, "tlstcp:"), SYS_NAME) == ANSWER
        assert [(str(request.version), request.user) for request in agent.requests] == [
            ("1", b""),
            ("2c", b""),
            ("3", b"bert"),
        ]


async def test_every_command_that_asks_can_ask_over_tls(cli: Cli, certificates: Certificates, files: Path) -> None:
    async with tls_agent(certificates, engine_id=bytes.fromhex("80001f88047368656c66")) as agent:
        line = f'.{SYS_NAME} = STRING: "sw1"\n'
        words = (*own(files), where(agent, "tlstcp:"))
        assert await cli("getnext", *words, "1.3.6.1.2.1.1") == (0, line, "")
        assert await cli("getbulk", "-Cr1", *words, "1.3.6.1.2.1.1") == (0, line, "")
        assert await cli("walk", *words, "1.3.6.1.2.1.1") == (0, line, "")
        assert (await cli("table", *words, "1.3.6.1.2.1.1")).code == 0
        assert await cli("set", "-Oqv", *words, SYS_NAME, "s", "sw2") == (0, '"sw2"\n', "")
        found = json.loads((await cli("discover", "--json", *words)).out)
    assert (found["engine_id"], found["boots"], found["authenticated"]) == ("80001f88047368656c66", 1, True)
