"""The options for the peer: port, timeout, retries and proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp.cli.main import main
from snmptcp.cli.options.addresses import Address
from snmptcp.cli.reading import ReadCommand
from snmptcp.net.proxy import Proxy
from snmptcp.testing import Agent, WrongCommunity
from snmptcp.values import OctetString
from tests.cli.helpers import SYS_NAME, parsed, parsed_get, where
from tests.support.attacker import HostileEngine, HostileServer, counter64
from tests.support.proxies import HEAD, ScriptedProxy

if TYPE_CHECKING:
    from tests.cli.conftest import Cli

pytestmark = pytest.mark.anyio


def test_the_port_can_be_an_option() -> None:
    assert parsed_get("--port", "1161").request.target.address == Address("h", 1161)
    same = parsed(ReadCommand, "get", "--port", "1161", "h:1161", "1.3")
    assert same.request.target.address == Address("h", 1161)


def test_the_proxy_comes_from_the_environment_unless_it_is_given(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def proxy_of(*words: str) -> Proxy | None:
        return parsed_get(*words).request.target.proxy

    monkeypatch.setenv("SNMPTCP_PROXY", "socks5://me:hidden@proxy.example")
    assert proxy_of() == Proxy.from_url("socks5://me:hidden@proxy.example:1080")
    assert proxy_of("--proxy", "http://other:8080") == Proxy.from_url("http://other:8080")
    assert proxy_of("--proxy", "") is None
    monkeypatch.setenv("SNMPTCP_PROXY", "ftp://me:hidden@proxy.example")
    assert main(["get", "h", "1.3"]) == 2
    said = capsys.readouterr().err
    assert "the environment variable SNMPTCP_PROXY: 'ftp' is not the scheme" in said
    assert "hidden" not in said


async def test_the_proxy_is_asked_for_the_agent_and_its_refusal_is_reported(cli: Cli) -> None:
    async with ScriptedProxy((HEAD, b"HTTP/1.1 403 Forbidden\r\n\r\n"), hang_up=True) as proxy:
        words = ("--proxy", f"http://me:hidden@127.0.0.1:{proxy.port}")
        outcome = await cli("get", "-r0", *words, "tcp:agent.test", SYS_NAME)
        assert proxy.received.startswith(b"CONNECT agent.test:161 HTTP/1.1\r\n")
    assert outcome.code == 1
    assert "403 Forbidden" in outcome.err
    assert "hidden" not in outcome.err


def test_leniency_has_two_options_that_exclude_each_other(capsys: pytest.CaptureFixture[str]) -> None:
    target = parsed_get().request.target
    assert (target.any_community, target.strict) == (False, False)
    assert parsed_get("--any-community").request.target.any_community
    assert parsed_get("--strict").request.target.strict
    assert main(["get", "--strict", "--any-community", "h", "1.3"]) == 2
    assert "--strict" in capsys.readouterr().err


async def test_an_answer_in_another_community_is_printed_on_request(cli: Cli) -> None:
    async with Agent({SYS_NAME: OctetString("sw1")}) as agent:
        agent.inject(WrongCommunity(b""), None)
        refused = await cli("get", "-t0.2", where(agent), SYS_NAME)
        taken = await cli("get", "-Oqv", "--any-community", where(agent), SYS_NAME)
    assert refused.code == 1
    assert "--any-community" in refused.err
    assert taken == (0, '"sw1"\n', "")


async def test_strictly_a_counter64_in_version_1_is_refused(cli: Cli) -> None:
    def script(_: object, octets: bytes) -> bytes:
        return HostileEngine().answer(octets, value=counter64(2**40))

    async with HostileServer(script) as server:
        where_it_is = f"{server.host}:{server.port}"
        taken = await cli("get", "-v1", "-Oqv", where_it_is, SYS_NAME)
        refused = await cli("get", "-v1", "--strict", where_it_is, SYS_NAME)
    assert taken == (0, f"{2**40}\n", "")
    assert refused.code == 1
    assert "SNMPv1 cannot carry the Counter64" in refused.err
