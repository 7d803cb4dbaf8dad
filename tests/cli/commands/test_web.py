"""``snmptcp web``: the page about the targets of a file, its reload and its end, and what is refused."""

from __future__ import annotations

import asyncio
import signal
import sys
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import ClientSession

from snmptcp import Community, Manager
from snmptcp.cli.commands.web import WebCommand
from snmptcp.cli.main import main
from snmptcp.cli.parser import parse_command
from snmptcp.testing import Agent
from tests.cli.helpers import start
from tests.cli.serving.test_demonstration import url_of
from tests.fleet.files.helpers import PUBLIC
from tests.support.netsnmp import free_port
from tests.web.making import device

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

pytestmark = pytest.mark.anyio

ONLY_POSIX = pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
TARGET = '[[targets]]\nhost = "127.0.0.1"\nport = {port}\nname = "{name}"\ncredentials = "public"\n'


def parsed(*words: str) -> WebCommand:
    command = parse_command(["web", *words]).command
    assert isinstance(command, WebCommand)
    return command


def test_by_default_the_page_is_for_this_machine_alone() -> None:
    command = parsed("fleet.toml")
    assert (command.address, command.host_names, command.traps) == (("127.0.0.1", 8161), (), None)
    assert (command.interval, command.title) == (5.0, "SNMP")


def test_its_options_are_taken() -> None:
    command = parsed(
        *("a.toml", "--listen", ":80", "--host-name", "noc.example", "--interval", "10"),
        *("--traps", "[::1]:1162", "--title", "Lab"),
    )
    assert (command.address, command.host_names, command.traps) == (("", 80), ("noc.example",), ("::1", 1162))
    assert (command.interval, command.title) == (10.0, "Lab")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "the following arguments are required: FILE"),
        (["a.toml", "--interval", "0"], "a time is a number of seconds above 0, not '0'"),
        (["a.toml", "--listen", "80"], "an address to listen on is HOST:PORT"),
        (["none.toml"], "none.toml"),
    ],
)
def test_wrong_usage_is_told(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["web", *words]) == 2
    assert said in capsys.readouterr().err


def test_traps_need_a_community_or_a_user(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "fleet.toml"
    file.write_text('[credentials.t]\ntsm = true\n[[targets]]\nhost = "192.0.2.1"\ncredentials = "t"\ntls = true\n')
    assert main(["web", str(file), "--listen", "127.0.0.1:0", "--traps", "127.0.0.1:0"]) == 1
    assert "--traps needs a target with a community or a user" in capsys.readouterr().err


@pytest.fixture
async def agent(anyio_backend: object) -> AsyncIterator[Agent]:
    async with Agent(device()) as found:
        yield found


async def told(session: ClientSession, url: str, condition: Callable[[Any], object]) -> Any:
    """Return what a path tells as soon as it fulfils a condition."""
    while True:
        async with session.get(url) as response:
            content = await response.json()
        if condition(content):
            return content
        await asyncio.sleep(0.02)


@ONLY_POSIX
async def test_the_targets_of_a_file_are_shown_read_again_and_their_traps_arrive(agent: Agent, tmp_path: Path) -> None:
    file = tmp_path / "fleet.toml"
    head = PUBLIC + "[fleet]\nfirst_within = 0.1\n"
    file.write_text(head + TARGET.format(port=agent.port, name="sw1"))
    port = free_port()
    process = await start(
        *("web", str(file), "--listen", "127.0.0.1:0", "--interval", "0.2", "--traps", f"127.0.0.1:{port}")
    )
    url = await url_of(process)
    async with ClientSession() as session:
        await told(session, f"{url}api/agent?name=sw1", lambda found: found["in"] is not None)
        async with Manager("127.0.0.1", port, credentials=Community("public")) as sender:
            await sender.inform("1.3.6.1.6.3.1.1.5.3")
        await told(session, f"{url}api/notifications", lambda found: found["notifications"])
        file.write_text(head + TARGET.format(port=agent.port, name="sw2"))
        process.send_signal(signal.SIGHUP)
        await told(session, f"{url}api/agents", lambda found: [each["name"] for each in found["agents"]] == ["sw2"])
        process.send_signal(signal.SIGINT)
        async with asyncio.timeout(10):
            assert await process.wait() == 0
    assert process.stderr is not None
    assert b"was read again: 1 added (sw2), 1 removed (sw1)" in await process.stderr.read()
