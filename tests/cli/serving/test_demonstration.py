"""``snmptcp demo --web``: a page about agents of the process, as a stranger starts it."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession

from snmptcp.cli.main import main
from tests.cli.helpers import start

if TYPE_CHECKING:
    from asyncio.subprocess import Process

pytestmark = pytest.mark.anyio

ONLY_POSIX = pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")


async def url_of(process: Process) -> str:
    """Return the URL that a command tells."""
    assert process.stderr is not None
    async for line in process.stderr:
        found = re.search(r"is at (http://\S+/) ", line.decode())
        if found is not None:
            return found[1]
    raise AssertionError("the command has told no URL")


@ONLY_POSIX
async def test_it_serves_a_page_and_ends_with_a_signal() -> None:
    process = await start("demo", "--web", "--listen", "127.0.0.1:0", "--agents", "2")
    url = await url_of(process)
    async with ClientSession() as session:
        async with session.get(url) as response:
            assert "<!doctype html>" in await response.text()
        async with session.get(f"{url}api/agents") as response:
            assert len((await response.json())["agents"]) == 2
        async with session.get(f"{url}api/agents", headers={"Host": "evil.example"}) as response:
            assert response.status == 403
        async with session.get(f"{url}api/events") as response:  # which is open when the signal comes
            process.send_signal(signal.SIGTERM)
            async with asyncio.timeout(10):
                assert await process.wait() == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--web", "--fleet"], "--fleet and --web are two demonstrations: choose one"),
        (["--listen", ":0"], "--listen needs --web"),
        (["--agents", "3"], "--agents and --duration need --fleet or --web"),
        (["--web", "--listen", "8080"], "an address to listen on is HOST:PORT"),
    ],
)
def test_what_does_not_fit_together_is_told(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", *words]) == 2
    assert said in capsys.readouterr().err
