"""The command as a process: entry point, exit codes, signals, pipes, error texts, and what it imports."""

from __future__ import annotations

import asyncio
import logging
import signal
import subprocess
import sys
from asyncio.subprocess import DEVNULL, PIPE
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from snmptcp import Manager, OctetString, SnmpError, __version__
from snmptcp.cli.commands.agent import load_switch
from snmptcp.cli.main import main
from snmptcp.testing import Agent, Hold
from tests.cli.helpers import start, where

if TYPE_CHECKING:
    from tests.cli.conftest import Cli

pytestmark = pytest.mark.anyio

SYS_NAME = "1.3.6.1.2.1.1.5.0"
VARIABLES = {SYS_NAME: OctetString("sw1")}


async def test_the_package_can_be_run_as_a_module() -> None:
    process = await start("--version")
    assert await process.communicate() == (f"snmptcp {__version__}\n".encode(), b"")
    assert process.returncode == 0


@pytest.mark.parametrize("encoding", ["ascii", "ascii:surrogateescape"])  # the second is Python's in the locale C
async def test_a_character_that_the_output_cannot_show_is_an_escape(
    encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", encoding)
    async with Agent({SYS_NAME: "sw1"}) as agent:
        process = await start("walk", "--record", f"{tmp_path}/t\xf6r", f"{agent.host}:{agent.port}")
        out, err = await process.communicate()
    assert (process.returncode, err) == (0, b"")
    assert out.endswith(b"t\\xf6r\n")


async def test_a_get_over_tcp_from_another_process() -> None:
    async with Agent({SYS_NAME: "sw1"}) as agent:
        process = await start("get", f"{agent.host}:{agent.port}", SYS_NAME)
        assert await process.communicate() == (b'.1.3.6.1.2.1.1.5.0 = STRING: "sw1"\n', b"")
    assert process.returncode == 0


async def test_wrong_usage_is_exit_code_2_of_the_process() -> None:
    process = await start("get")
    out, err = await process.communicate()
    assert (process.returncode, out) == (2, b"")
    assert err.startswith(b"usage: snmptcp get")


async def test_a_get_imports_neither_pyasn1_nor_the_agent_nor_what_only_certificates_need() -> None:
    program = (
        "import sys; from snmptcp.cli.main import main; code = main(sys.argv[1:]); "
        "unwanted = ('pyasn1', 'snmptcp.testing', 'anyio', 'rich', 'shtab', "
        "'snmptcp.cli.options.cert_store', 'snmptcp.cli.options.tls_files'); "
        "print(code, [name for name in sys.modules if name.startswith(unwanted)])"
    )
    async with Agent({SYS_NAME: "sw1"}) as agent:
        process = await start("get", "-Oqv", f"{agent.host}:{agent.port}", SYS_NAME, program=("-c", program))
        assert await process.communicate() == (b'"sw1"\n0 []\n', b"")


@pytest.mark.parametrize(
    ("words", "code", "out", "err"),
    [
        ("get {where} 1.3.6.1.2.1.1.5.0 >&-", 0, b"", b""),
        ("get {where} 1.3.6.1.2.1.1.5.0 2>&- <&-", 0, b'.1.3.6.1.2.1.1.5.0 = STRING: "sw1"\n', b""),
        ("get {where} 1.3.6.1.2.1.1.5.0 1.3.6.1.2.1.1.5.0 -v1 -c wrong -t 0.5 >&- 2>&- <&-", 1, b"", b""),
        ("get 2>&-", 2, b"", b""),
        ("explain <&-", 1, b"", b"snmptcp: no octets to explain\n"),
    ],
)
async def test_streams_that_the_shell_has_closed_are_empty_files(words: str, code: int, out: bytes, err: bytes) -> None:
    async with Agent({SYS_NAME: "sw1"}) as agent:
        command = words.format(where=f"{agent.host}:{agent.port}")
        process = await asyncio.create_subprocess_shell(
            f'exec "{sys.executable}" -X dev -W error -m snmptcp {command}', stdin=DEVNULL, stdout=PIPE, stderr=PIPE
        )
        assert await process.communicate() == (out, err)
    assert process.returncode == code


async def test_ctrl_c_ends_a_request_quietly() -> None:
    async with Agent({SYS_NAME: "sw1"}) as agent:
        agent.inject(Hold())
        process = await start("get", "-t", "60", f"{agent.host}:{agent.port}", SYS_NAME)
        await agent.wait_for_requests(1)
        process.send_signal(signal.SIGINT)
        assert await process.communicate() == (b"", b"")
    assert process.returncode == 130


async def test_a_reader_that_has_gone_ends_a_walk_quietly() -> None:
    async with Agent(load_switch()) as agent:
        process = await start("walk", f"{agent.host}:{agent.port}", "1")
        assert process.stdout is not None
        assert process.stderr is not None
        assert (await process.stdout.readline()).startswith(b".1.3.6.1.2.1.1.1.0 = STRING: ")
        process.stdout._transport.close()  # type: ignore[attr-defined]  # as `head` does
        assert await process.stderr.read() == b""
        assert await process.wait() == 141


def test_an_output_that_is_full_is_one_line_on_stderr() -> None:
    with Path("/dev/full").open("wb") as full:
        process = subprocess.run(
            [sys.executable, "-m", "snmptcp", "explain", "3000"], stdin=DEVNULL, stdout=full, stderr=PIPE, check=False
        )
    assert (process.returncode, process.stderr) == (1, b"snmptcp: No space left on device\n")


async def test_debug_shows_the_log_and_the_traceback(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        outcome = await cli("get", "--debug", "-v1", "-c", "public", where(agent), "1.3.6.1.9.0")
        assert f"snmptcp.connection: {where(agent)}: connected from 127.0.0.1:" in outcome.err
    assert "Traceback" in outcome.err
    assert "NoSuchName" in outcome.err
    assert "public" not in outcome.err
    assert outcome.code == 1


async def test_debug_leaves_no_trace_in_this_process(cli: Cli) -> None:
    async with Agent(VARIABLES) as agent:
        await cli("get", "--debug", where(agent), SYS_NAME)
        outcome = await cli("get", where(agent), SYS_NAME)
    assert outcome == (0, '.1.3.6.1.2.1.1.5.0 = STRING: "sw1"\n', "")


async def test_a_control_character_in_an_error_is_written_as_an_escape(
    cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise SnmpError("a\nb\x1b[31m\udcff")

    monkeypatch.setattr(Manager, "get", fail)
    outcome = await cli("get", "h", SYS_NAME)
    assert outcome == (1, "", "snmptcp: h:161: a\\nb\\x1b[31m\\udcff\n")


async def test_an_operating_system_s_error_is_one_line_too(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Manager, "get", fail)
    assert await cli("get", "h", SYS_NAME) == (1, "", "snmptcp: No space left on device\n")


def test_a_warning_of_the_library_is_a_line_of_the_command_without_controls(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(_: object) -> int:
        logging.getLogger("snmptcp.engine").warning("odd \x1b[31m")
        logging.getLogger("snmptcp.engine").info("silent")
        return 0

    monkeypatch.setattr("snmptcp.cli.commands.get.run", run)
    assert main(["get", "192.0.2.1", SYS_NAME]) == 0
    assert capsys.readouterr().err == "snmptcp: odd \\x1b[31m\n"
