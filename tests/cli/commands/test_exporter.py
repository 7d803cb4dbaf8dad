"""``snmptcp exporter``: its options, and a process that is asked, reloaded and stopped."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE
from typing import TYPE_CHECKING

import pytest
from aiohttp import ClientSession

from snmptcp.cli.commands.exporter import ServeCommand
from snmptcp.cli.main import main
from snmptcp.cli.parser import parse_command
from snmptcp.testing import Agent
from tests.support.exporter import SMALL, VARIABLES, value, write_small

if TYPE_CHECKING:
    from pathlib import Path


def parsed(*words: str) -> ServeCommand:
    command = parse_command(["exporter", *words]).command
    assert isinstance(command, ServeCommand)
    return command


def test_without_options_it_is_snmp_exporter() -> None:
    command = parsed()
    assert command.files == ("snmp.yml",)
    assert command.addresses == (("", 9116),)
    assert (command.telemetry_path, command.timeout_offset, command.dry_run) == ("/metrics", 0.5, False)
    assert (command.options.module_concurrency, command.options.wrap_large_counters) == (1, True)
    assert not command.options.expand_environment
    assert command.tls is None
    assert command.log_level == "warn"


def test_the_options_are_those_of_snmp_exporter() -> None:
    command = parsed(
        "--config.file=a.yml",
        "--config.file",
        "b*.yml",
        "--config.expand-environment-variables",
        "--web.listen-address=127.0.0.1:9000",
        "--web.listen-address=[::1]:9001",
        "--web.telemetry-path=/own",
        "--snmp.module-concurrency=4",
        "--no-snmp.wrap-large-counters",
        "--snmp.source-address=127.0.0.2",
        "--snmp.idle-time=60",
        "--snmp.max-idle=5",
        "--snmp.max-scrapes=6",
        "--snmp.max-variables=7",
        "--web.timeout-offset=0.25",
        "--tls-insecure",
        "--log.level=info",
    )
    assert command.files == ("a.yml", "b*.yml")
    assert command.addresses == (("127.0.0.1", 9000), ("::1", 9001))
    assert (command.telemetry_path, command.timeout_offset) == ("/own", 0.25)
    options = command.options
    assert options.expand_environment
    assert (options.module_concurrency, options.wrap_large_counters) == (4, False)
    assert (options.local_address, options.idle_time, options.most_idle) == ("127.0.0.2", 60.0, 5)
    assert (options.max_scrapes, options.max_variables) == (6, 7)
    assert command.tls is not None
    assert command.tls.insecure
    assert command.log_level == "info"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--web.listen-address=9116"], "an address to listen on is HOST:PORT, [IPV6]:PORT or :PORT, not '9116'"),
        (["--web.listen-address=a:99999"], "an address to listen on is"),
        (["--web.listen-address=::1:80"], "an address to listen on is"),
        (["--web.telemetry-path=own"], "--web.telemetry-path begins with /, not as 'own'"),
        (["--snmp.module-concurrency=0"], "module-concurrency is a number from 1 on, not '0'"),
        (["--log.level=loud"], "invalid choice: 'loud'"),
        (["--snmp.idle-time=x"], "a time is a number of seconds above 0, not 'x'"),
        (["--config.fil=x"], "unrecognized arguments: --config.fil"),
        (["--tls-insecure", "--tls-ca=x"], "--tls-insecure accepts any certificate and excludes --tls-ca"),
    ],
)
def test_wrong_usage_is_told(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["exporter", *words]) == 2
    assert said in capsys.readouterr().err


def test_a_dry_run_says_whether_the_configuration_is_right(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write_small(tmp_path)
    assert main(["exporter", "--dry-run", f"--config.file={path}"]) == 0
    assert capsys.readouterr().out == "the configuration is right: 2 modules, 3 auths\n"
    write_small(tmp_path, SMALL.replace("type: counter", "type: conter"))
    assert main(["exporter", "--dry-run", f"--config.file={path}"]) == 1
    error = capsys.readouterr().err
    assert re.search(r"snmp\.yml: modules\.if_mib\.metrics\[2\]\.type: must be one of .*, not 'conter'", error)
    assert error.count("\n") == 1


def test_a_file_that_is_not_there_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["exporter", f"--config.file={tmp_path}/none.yml"]) == 1
    assert "none.yml: name one with --config.file; snmptcp exporter generate makes one\n" in capsys.readouterr().err


@pytest.mark.parametrize("dry", [True, False])
def test_a_certificate_that_is_not_there_is_told_before_the_first_scrape(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], *, dry: bool
) -> None:
    words = ["exporter", f"--config.file={write_small(tmp_path)}", f"--tls-ca={tmp_path}/none.pem"]
    assert main([*words, "--dry-run"] if dry else words) == 1
    error = capsys.readouterr().err
    assert "none.pem" in error
    assert error.count("\n") == 1


def test_a_certificate_of_an_auth_that_is_not_there_is_told_by_a_dry_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_small(tmp_path, SMALL.replace("other: {", f"other: {{tls: {{ca_file: '{tmp_path}/none.pem'}}, "))
    assert main(["exporter", "--dry-run", f"--config.file={path}"]) == 1
    assert re.search(r"auths\.other\.tls: .*none\.pem", capsys.readouterr().err)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGHUP")
@pytest.mark.anyio
async def test_a_process_serves_reads_again_and_stops(tmp_path: Path) -> None:
    path = write_small(tmp_path)
    command = [sys.executable, "-m", "snmptcp", "exporter", f"--config.file={path}", "--web.listen-address=127.0.0.1:0"]
    async with Agent(VARIABLES) as agent:
        process = await asyncio.create_subprocess_exec(*command, stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE)
        assert process.stderr is not None
        try:
            line = (await process.stderr.readline()).decode()
            found = re.fullmatch(r"serving 2 modules, 3 auths at (http://127\.0\.0\.1:\d+) \(Ctrl-C ends it\)\n", line)
            assert found is not None, line
            async with ClientSession(found[1]) as session:
                async with session.get("/snmp", params={"target": f"{agent.host}:{agent.port}"}) as response:
                    assert value(await response.text(), "sysUpTime") > 0
                write_small(tmp_path, "modules: [")
                process.send_signal(signal.SIGHUP)
                assert b"the configuration was not read again" in await process.stderr.readline()
                write_small(tmp_path)
                process.send_signal(signal.SIGHUP)
                assert b"the configuration was read again" in await process.stderr.readline()
                process.terminate()
                assert await process.wait() == 0
                assert await process.stderr.read() == b""
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()


def test_an_address_in_use_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        path = write_small(tmp_path)
        assert main(["exporter", f"--config.file={path}", f"--web.listen-address=127.0.0.1:{port}"]) == 1
    assert f"cannot listen on 127.0.0.1:{port}: Address already in use: another" in capsys.readouterr().err
