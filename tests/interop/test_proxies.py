"""Real proxies, to an agent and to addresses without an agent."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from snmptcp.errors import ProxyFailed
from snmptcp.net.dialing import dial
from snmptcp.net.proxy import Proxy, ProxyKind
from snmptcp.testing import Agent
from tests.support.mibs import small_agent_mib
from tests.support.proxies import dante, free_port, microsocks, tinyproxy

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

pytestmark = [pytest.mark.anyio, pytest.mark.interop]

USER, PASSWORD = "someone", "secret-word"

#: GET sysName.0 of SNMPv2c with the community "public".
REQUEST = bytes.fromhex("302602010104067075626c6963a019020101020100020100300e300c06082b060102010105000500")


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    return "asyncio", {"debug": True}


@pytest.fixture
async def agent(anyio_backend: object) -> AsyncIterator[Agent]:
    async with Agent(small_agent_mib()) as agent:
        yield agent


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("proxies")


@pytest.fixture(scope="module")
def open_tinyproxy(folder: Path) -> Iterator[int]:
    (folder / "open").mkdir()
    with tinyproxy(folder / "open") as port:
        yield port


@pytest.fixture(scope="module")
def closed_tinyproxy(folder: Path) -> Iterator[int]:
    (folder / "closed").mkdir()
    with tinyproxy(folder / "closed", user=USER, password=PASSWORD) as port:
        yield port


@pytest.fixture(scope="module")
def open_microsocks(folder: Path) -> Iterator[int]:
    with microsocks(folder) as port:
        yield port


@pytest.fixture(scope="module")
def closed_microsocks(folder: Path) -> Iterator[int]:
    with microsocks(folder, user=USER, password=PASSWORD) as port:
        yield port


@pytest.fixture(scope="module")
def danted(folder: Path) -> Iterator[int]:
    with dante(folder) as port:
        yield port


async def ask(agent: Agent, proxy: Proxy, host: str = "127.0.0.1") -> bytes:
    """Send a request through a proxy and return the answer."""
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(30):
        with await dial(host, agent.port, proxy=proxy) as sock:
            await loop.sock_sendall(sock, REQUEST)
            return await loop.sock_recv(sock, 1000)


async def refusal(proxy: Proxy, host: str, port: int) -> str:
    async with asyncio.timeout(30):
        with pytest.raises(ProxyFailed) as caught:
            await dial(host, port, proxy=proxy)
    assert PASSWORD not in str(caught.value)
    return str(caught.value).partition(f" does not connect to {host}:{port}: ")[2]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_tinyproxy_connects(agent: Agent, open_tinyproxy: int, host: str) -> None:
    assert b"core" in await ask(agent, Proxy(ProxyKind.HTTP, "127.0.0.1", open_tinyproxy), host)


async def test_tinyproxy_with_a_user(agent: Agent, closed_tinyproxy: int) -> None:
    proxy = Proxy(ProxyKind.HTTP, "127.0.0.1", closed_tinyproxy, user=USER, password=PASSWORD)

    assert b"core" in await ask(agent, proxy)


async def test_tinyproxy_without_the_user_that_it_wants(closed_tinyproxy: int) -> None:
    without_user = Proxy(ProxyKind.HTTP, "127.0.0.1", closed_tinyproxy)
    wrong = Proxy(ProxyKind.HTTP, "127.0.0.1", closed_tinyproxy, user=USER, password="wrong")

    assert await refusal(without_user, "127.0.0.1", 161) == "407: it needs a user and a password"
    assert await refusal(wrong, "127.0.0.1", 161) in (
        "407: it refuses the user or the password",
        "401 Unauthorized",  # older versions
    )


async def test_tinyproxy_tells_that_the_peer_refuses(open_tinyproxy: int) -> None:
    assert (await refusal(Proxy(ProxyKind.HTTP, "127.0.0.1", open_tinyproxy), "127.0.0.1", free_port())).startswith(
        "50"
    )


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
async def test_microsocks_connects(agent: Agent, open_microsocks: int, host: str) -> None:
    assert b"core" in await ask(agent, Proxy(ProxyKind.SOCKS5, "127.0.0.1", open_microsocks), host)


async def test_microsocks_with_a_user(agent: Agent, closed_microsocks: int) -> None:
    proxy = Proxy(ProxyKind.SOCKS5, "127.0.0.1", closed_microsocks, user=USER, password=PASSWORD)

    assert b"core" in await ask(agent, proxy)


async def test_microsocks_without_the_user_that_it_wants(closed_microsocks: int) -> None:
    without_user = Proxy(ProxyKind.SOCKS5, "127.0.0.1", closed_microsocks)
    wrong = Proxy(ProxyKind.SOCKS5, "127.0.0.1", closed_microsocks, user=USER, password="wrong")

    assert "none of the offered authentication methods" in await refusal(without_user, "127.0.0.1", 161)
    assert await refusal(wrong, "127.0.0.1", 161) == "it refuses the user or the password"


async def test_microsocks_tells_that_the_peer_refuses(open_microsocks: int) -> None:
    proxy = Proxy(ProxyKind.SOCKS5, "127.0.0.1", open_microsocks)

    assert await refusal(proxy, "127.0.0.1", free_port()) == "connection refused"
    assert await refusal(proxy, "no-such-host.invalid", 161) != ""


@pytest.mark.parametrize(
    ("kind", "host"),
    [
        (ProxyKind.SOCKS4, "127.0.0.1"),
        (ProxyKind.SOCKS4, "localhost"),
        (ProxyKind.SOCKS4A, "127.0.0.1"),  # this proxy does not resolve names for SOCKS4A
        (ProxyKind.SOCKS5, "127.0.0.1"),
        (ProxyKind.SOCKS5, "localhost"),
    ],
)
async def test_dante_connects(agent: Agent, danted: int, kind: ProxyKind, host: str) -> None:
    assert b"core" in await ask(agent, Proxy(kind, "127.0.0.1", danted), host)


async def test_dante_tells_that_the_peer_refuses_and_that_its_rules_do(danted: int) -> None:
    socks4, socks5 = (Proxy(kind, "127.0.0.1", danted) for kind in (ProxyKind.SOCKS4, ProxyKind.SOCKS5))

    assert await refusal(socks5, "127.0.0.1", free_port()) == "connection refused"
    assert await refusal(socks5, "127.0.0.9", 161) == "its rules do not allow it"
    assert await refusal(socks4, "127.0.0.9", 161) == "rejected, or the connection failed"


@pytest.mark.parametrize("kind", [ProxyKind.SOCKS4, ProxyKind.HTTP])
async def test_a_proxy_that_speaks_something_else_is_told_as_that(open_microsocks: int, kind: ProxyKind) -> None:
    text = await refusal(Proxy(kind, "127.0.0.1", open_microsocks), "127.0.0.1", 161)

    assert text.startswith(("it closed the connection", "it does not speak"))
