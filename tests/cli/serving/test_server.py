"""The page's server: where it listens, by which names it may be asked, and its end."""

from __future__ import annotations

import pytest
from aiohttp import ClientSession, web

from snmptcp.cli.serving.server import allowed_hosts, serving
from snmptcp.errors import TransportError

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost", "127.0.0.9"])
def test_a_page_for_this_machine_alone_is_asked_by_its_names_alone(host: str) -> None:
    assert allowed_hosts(host, ()) == frozenset(("localhost", "127.0.0.1", "::1", host))


@pytest.mark.parametrize("host", ["", "0.0.0.0", "192.0.2.1", "server.example"])
def test_a_page_for_others_is_asked_by_any_name_unless_some_are_given(host: str) -> None:
    assert allowed_hosts(host, ()) is None
    names = allowed_hosts(host, ["Proxy.example"])
    assert names is not None
    assert {"proxy.example", "localhost"} <= names


async def test_it_serves_until_the_block_is_left() -> None:
    application = web.Application()
    async with ClientSession() as session:
        async with serving(application, "127.0.0.1", 0) as url, session.get(url) as response:
            assert response.status == 404
        with pytest.raises(OSError, match="refused|Cannot connect"):
            await session.get(url)


async def test_a_port_that_is_taken_is_told() -> None:
    async with serving(web.Application(), "127.0.0.1", 0) as url:
        port = int(url.rstrip("/").rpartition(":")[2])
        with pytest.raises(
            TransportError, match=rf"^cannot listen on 127\.0\.0\.1:{port}: Address already in use: another"
        ):
            async with serving(web.Application(), "127.0.0.1", port):
                pass


async def test_all_addresses_are_shown_as_one_that_works() -> None:
    async with serving(web.Application(), "", 0) as url:
        assert url.startswith("http://127.0.0.1:")
