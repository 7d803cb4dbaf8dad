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


@pytest.mark.parametrize("command", ["demo --web", "web fleet.toml"])
async def test_without_the_extra_the_commands_say_what_to_install(command: str) -> None:
    code = f"""if True:
        import sys
        sys.modules["aiohttp"] = None
        from snmptcp.cli.main import main
        sys.exit(main({command.split()!r}))
    """
    process = await start(program=("-c", code))
    _, errors = await process.communicate()
    assert process.returncode == 1
    assert errors == b"snmptcp: the page needs aiohttp, which is not installed: pip install 'snmptcp[web]'\n"


async def test_a_port_that_is_taken_is_told() -> None:
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    process = await start("demo", "--web", "--listen", f"127.0.0.1:{port}", "--agents", "1")
    _, errors = await process.communicate()
    taken.close()
    await taken.wait_closed()
    assert process.returncode == 1
    assert errors.startswith(f"snmptcp: cannot listen on 127.0.0.1:{port}: ".encode())
    assert errors.count(b"\n") == 1


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
