"""``snmptcp poll``: what it polls and prints, and how it ends."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import sys
from typing import TYPE_CHECKING

import pytest

from snmptcp import OctetString, TimeTicks
from snmptcp.cli.commands.poll import PollCommand, with_file
from snmptcp.cli.main import main
from snmptcp.cli.options.mibs import MibOptions
from snmptcp.fleet.files import MibModules
from snmptcp.testing import Agent
from tests.cli.helpers import parsed, start
from tests.fleet.files.helpers import PUBLIC

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.cli.conftest import Cli

pytestmark = pytest.mark.anyio

NAME, UPTIME = "1.3.6.1.2.1.1.5.0", "1.3.6.1.2.1.1.3.0"
ONLY_POSIX = pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")


@pytest.fixture
async def agent(anyio_backend: object) -> AsyncIterator[Agent]:
    async with Agent({NAME: OctetString("sw1"), UPTIME: TimeTicks(4711)}) as found:
        yield found


@pytest.fixture
def file(tmp_path: Path, agent: Agent) -> Path:
    """Return a file with two jobs of one target, and a database."""
    path = tmp_path / "fleet.toml"
    path.write_text(
        f"""{PUBLIC}
[fleet]
first_within = 0.1
interval = 0.2
[jobs.name]
get = "{NAME}"
[jobs.uptime]
get = "{UPTIME}"
[[targets]]
host = "{agent.host}"
port = {agent.port}
name = "core"
credentials = "public"
[[sinks]]
type = "sqlite"
path = "snmp.db"
"""
    )
    return path


SECOND = '[[targets]]\nhost = "127.0.0.1"\nport = {port}\nname = "edge"\ncredentials = "public"\n'


def change(file: Path, *words: tuple[str, str]) -> None:
    """Change words of a file."""
    text = file.read_text()
    for old, new in words:
        text = text.replace(old, new)
    file.write_text(text)


def samples_of(folder: Path) -> list[tuple[str, str]]:
    database = sqlite3.connect(folder / "snmp.db")
    try:
        return database.execute("SELECT job, text FROM latest ORDER BY job").fetchall()
    finally:
        database.close()


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--once", "--check"), "not allowed with argument"),
        (("--check", "--json"), "--check polls nothing"),
        (("--once", "--duration", "5"), "--once ends by itself"),
        (("--duration", "0"), "a time is a number of seconds above 0"),
        ((), "the following arguments are required: FILE"),
    ],
)
def test_wrong_usage_is_explained(words: tuple[str, ...], text: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["poll", *words, *(["f.toml"] if words else [])]) == 2
    assert text in capsys.readouterr().err


def test_the_options_say_what_runs() -> None:
    command = parsed(PollCommand, "poll", "f.toml", "--json", "--duration", "5", "--no-progress")
    assert (command.json, command.duration, command.live, command.once) == (True, 5.0, False, False)


def test_the_modules_of_the_file_are_added_to_those_of_the_command_line(tmp_path: Path) -> None:
    given = MibOptions(modules=("A-MIB",), folders=(tmp_path / "a",))
    of_file = MibModules(standard=False, modules=("B-MIB",), files=(tmp_path / "b",), folders=(tmp_path / "c",))
    assert with_file(given, of_file) == MibOptions(
        standard=False,
        modules=("A-MIB", "B-MIB"),
        files=(tmp_path / "b",),
        folders=(tmp_path / "a", tmp_path / "c"),
        asked=True,
    )
    assert with_file(given, MibModules(compiled=tmp_path / "d")).compiled == tmp_path / "d"
    for wins in (MibOptions(compiled=tmp_path / "x"), MibOptions(standard=False)):
        assert with_file(wins, of_file) == wins  # --mib-file has all modules, and -m '' wants none
    assert with_file(given, None) is given


async def test_once_prints_what_was_read_and_writes_it(cli: Cli, file: Path) -> None:
    outcome = await cli("poll", file, "--once")
    assert (outcome.code, outcome.err) == (0, "")
    assert sorted(outcome.out.splitlines()) == [
        f"core: .{UPTIME} = Timeticks: (4711) 0:00:47.11",
        f'core: .{NAME} = STRING: "sw1"',
    ]
    assert samples_of(file.parent) == [("name", "sw1"), ("uptime", "4711")]


async def test_once_with_json_prints_an_object_for_each_sample(file: Path) -> None:
    process = await start("poll", file, "--once", "--json")
    out, err = await process.communicate()
    assert (process.returncode, err) == (0, b"")
    objects = [json.loads(line) for line in out.splitlines()]
    assert sorted((found["target"], found["job"], found["value"]) for found in objects) == [
        ("core", "name", "sw1"),
        ("core", "uptime", 4711),
    ]


async def test_once_fails_if_a_poll_does(cli: Cli, file: Path, agent: Agent) -> None:
    await agent.aclose()
    outcome = await cli("poll", file, "--once", "--json")
    assert outcome.code == 1
    assert outcome.err.count("cannot connect to") == 2


async def test_check_tells_what_would_be_polled_and_polls_nothing(cli: Cli, file: Path, agent: Agent) -> None:
    outcome = await cli("poll", file, "--check")
    assert (outcome.code, outcome.err) == (0, "")
    assert outcome.out.splitlines()[0] == f"{file}: 1 target, 10.00 polls per second"
    assert len(agent.requests) == 0
    assert not (file.parent / "snmp.db").exists()


async def test_mistakes_of_the_file_are_lines_and_the_code_is_that_of_wrong_usage(cli: Cli, file: Path) -> None:
    change(file, ("get", "gte"), ("host", "hots"))
    outcome = await cli("poll", file)
    assert outcome.code == 2
    assert len(outcome.err.splitlines()) == 3
    assert all(line.startswith(f"snmptcp: {file}: ") for line in outcome.err.splitlines())


async def test_names_need_modules_and_the_reason_why_there_are_none_is_told(cli: Cli, file: Path) -> None:
    change(file, (NAME, "sysName.0"))
    outcome = await cli("poll", file, "--check")
    assert (outcome.code, outcome.out) == (2, "")
    assert "there are no MIB modules: names are turned off" in outcome.err


async def test_a_sink_that_cannot_be_opened_is_told(cli: Cli, file: Path) -> None:
    change(file, ("snmp.db", "no/folder/snmp.db"))
    outcome = await cli("poll", file)
    assert outcome.code == 1
    assert "no/folder" in outcome.err


async def test_it_ends_after_its_duration(cli: Cli, file: Path) -> None:
    outcome = await cli("poll", file, "--duration", "0.5")
    assert (outcome.code, outcome.out) == (0, "")
    first, last = outcome.err.splitlines()
    assert first == f"snmptcp: polling 1 target of {file} (for 0.5 s)"
    assert last.endswith(" samples")
    assert samples_of(file.parent) == [("name", "sw1"), ("uptime", "4711")]


async def line_of(stream: asyncio.StreamReader | None, start: str) -> str:
    """Return the next line that begins so."""
    assert stream is not None
    async with asyncio.timeout(60):
        while True:
            line = (await stream.readline()).decode()
            assert line, f"there was no line {start}"
            if line.startswith(start):
                return line


@ONLY_POSIX
async def test_hangups_reload_and_sigterm_ends_it_with_whole_lines(file: Path, agent: Agent) -> None:
    process = await start("poll", file, "--json")
    try:
        await line_of(process.stderr, "snmptcp: polling 1 target")
        json.loads(await line_of(process.stdout, "{"))
        change(file, ("[[sinks]]", f"{SECOND.format(port=agent.port)}[[sinks]]"))
        process.send_signal(signal.SIGHUP)
        assert "was read again: 1 added (edge)" in await line_of(process.stderr, f"snmptcp: {file} was")
        seen: set[str] = set()
        while seen != {"name", "uptime"}:
            sample = json.loads(await line_of(process.stdout, "{"))
            if sample["target"] == "edge":
                seen.add(sample["job"])
        process.send_signal(signal.SIGTERM)
        out, err = await asyncio.wait_for(process.communicate(), 30)
    finally:
        await ended(process)
    assert process.returncode == 0
    assert all(json.loads(line) for line in out.splitlines())
    assert out == b"" or out.endswith(b"\n")
    assert err.decode().splitlines()[-1].endswith(" samples")
    assert len(samples_of(file.parent)) == 4


@ONLY_POSIX
async def test_it_ends_when_nobody_reads_the_samples_any_more(file: Path) -> None:
    reading, writing = os.pipe()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "snmptcp", "poll", str(file), "--json", stdout=writing, stderr=asyncio.subprocess.PIPE
    )
    os.close(writing)
    try:
        assert await asyncio.to_thread(os.read, reading, 1) == b"{"
        os.close(reading)
        _, err = await asyncio.wait_for(process.communicate(), 30)
    finally:
        await ended(process)
    assert process.returncode == 141
    assert b"Traceback" not in err


async def ended(process: Process) -> None:
    """Wait for a process; kill it if it runs."""
    if process.returncode is None:
        process.kill()
    await process.wait()
