"""docs/tls.md, taken at its word: its code runs, and its tables have every option, reason and map there is."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from snmptcp import MapType, TlsFailed, TlsFailure, TlsOptions
from snmptcp.net.server import Server, ServerConnection
from snmptcp.net.tls import ServerTls
from snmptcp.testing import Agent
from tests.support.certificates import certificates
from tests.support.rawclient import RawClient

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.anyio

PAGE = (Path(__file__).parents[2] / "docs" / "tls.md").read_text(encoding="utf-8")
C = certificates()


@contextlib.asynccontextmanager
async def behind_tls(agent: Agent, tls: TlsOptions) -> AsyncIterator[int]:
    """Put an agent behind a relay that speaks TLS, as stunnel does; yields the port."""
    waiting: asyncio.Queue[ServerConnection] = asyncio.Queue()
    async with RawClient(agent.host, agent.port) as inside:

        def on_message(connection: ServerConnection, message: bytes) -> None:
            inside.send(message)
            waiting.put_nowait(connection)

        async def answer() -> None:
            while True:
                connection = await waiting.get()
                connection.send(await inside.frame())

        server = Server(on_message, "127.0.0.1", 0, tls=ServerTls(tls))
        await server.start()
        task = asyncio.create_task(answer())
        try:
            yield server.port
        finally:
            task.cancel()
            await server.aclose()
            await asyncio.wait((task,))
        assert task.cancelled()


@pytest.fixture
async def agent() -> AsyncIterator[Agent]:
    async with Agent({"1.3.6.1.2.1.1.1.0": "a switch", "1.3.6.1.2.1.1.5.0": "switch-7"}) as found:
        yield found


@pytest.fixture(scope="module")
def page() -> dict[str, Any]:
    """Return what the page's Python defines."""
    names: dict[str, Any] = {}
    blocks = re.findall(r"^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert len(blocks) == 4
    for position, code in enumerate(blocks, 1):
        exec(compile(code, f"tls.md, block {position}", "exec"), names)
    return names


async def test_any_version_is_asked_inside_tls(agent, page, tmp_path, capsys):
    C.write(tmp_path)
    async with behind_tls(agent, TlsOptions(certificate=C.server.pem)) as port:
        await page["ask_inside_tls"]("127.0.0.1", port, str(tmp_path / "ca.pem"))
    assert capsys.readouterr().out == "1.3.6.1.2.1.1.1.0 a switch\nTLSv1.3 TLS_AES_256_GCM_SHA384\n"


async def test_a_pinned_agent_is_asked(agent, page, capsys):
    async with behind_tls(agent, TlsOptions(certificate=C.self_signed_and_expired.pem)) as port:
        await page["ask_a_pinned_agent"]("127.0.0.1", port, C.self_signed_and_expired.fingerprint)
        assert capsys.readouterr().out == "switch-7\n"
    asked = len(agent.requests)
    async with behind_tls(agent, TlsOptions(certificate=C.server.pem)) as port:
        with pytest.raises(TlsFailed) as caught:
            await page["ask_a_pinned_agent"]("127.0.0.1", port, C.self_signed.fingerprint)
    assert caught.value.failure is TlsFailure.FINGERPRINT
    assert len(agent.requests) == asked == 1


def test_the_servers_options_can_be_had(page, tmp_path):
    C.write(tmp_path)
    files = [str(tmp_path / name) for name in ("ca.pem", "server.pem", "server.key")]
    given = page["server_options"](files[0], C.authority.fingerprint, *files[1:])
    assert [row.map_type for row in given.certificate_maps] == [MapType.SPECIFIED, MapType.COMMON_NAME]
    ServerTls(given)


def first_cells(title: str) -> list[str]:
    """Return the names in the first column of the table whose head begins with a word."""
    table = PAGE.partition(f"| {title} |")[2].partition("\n\n")[0]
    return [name for row in table.splitlines()[2:] for name in re.findall(r"`([A-Za-z_0-9]+)`", row.split("|")[1])]


def test_every_option_is_on_the_page():
    assert sorted(first_cells("option")) == sorted(field.name for field in dataclasses.fields(TlsOptions))


def test_every_reason_is_on_the_page():
    assert sorted(first_cells("`TlsFailure`")) == sorted(failure.name for failure in TlsFailure)


def test_every_map_is_on_the_page():
    assert first_cells("`MapType`") == [
        *("SPECIFIED", "SAN_RFC822_NAME", "SAN_DNS_NAME", "SAN_IP_ADDRESS", "SAN_ANY", "COMMON_NAME"),
    ]
    assert len(MapType) == 6
