"""The options for the peer: port, timeout, retries and proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from snmptcp.cli.commands.get import GetCommand
from snmptcp.cli.main import main
from snmptcp.cli.options.addresses import Address
from snmptcp.net.proxy import Proxy
from tests.cli.helpers import SYS_NAME, parsed, parsed_get
from tests.support.proxies import HEAD, ScriptedProxy

if TYPE_CHECKING:
    from tests.cli.conftest import Cli

pytestmark = pytest.mark.anyio


def test_the_port_can_be_an_option() -> None:
    assert parsed_get("--port", "1161").request.target.address == Address("h", 1161)
    same = parsed(GetCommand, "get", "--port", "1161", "h:1161", "1.3")
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
