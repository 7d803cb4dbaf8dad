"""The command as a process: entry point, signals, pipes, and what it imports."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from snmptcp import __version__
from snmptcp.cli.commands.agent import load_switch
from snmptcp.testing import Agent, Hold

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator

    from tests.support.certificates import Certificates

    from .conftest import Cli

pytestmark = pytest.mark.anyio

SYS_NAME = "1.3.6.1.2.1.1.5.0"


async def start(*words: object, program: tuple[str, ...] = ("-m", "snmptcp")) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, *program, *map(str, words), stdin=DEVNULL, stdout=PIPE, stderr=PIPE
    )


async def test_the_package_can_be_run_as_a_module() -> None:
    process = await start("--version")
    assert await process.communicate() == (f"snmptcp {__version__}\n".encode(), b"")
    assert process.returncode == 0


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
        "unwanted = ('pyasn1', 'snmptcp.testing', 'anyio', "
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


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
async def test_an_agent_serves_a_recording_until_a_signal_ends_it(
    cli: Cli, tmp_path: Path, number: signal.Signals
) -> None:
    file = tmp_path / "device.snmprec"
    file.write_text(f"{SYS_NAME}|4|sw1\n1.3.6.1.2.1.1.7.0|2|6\n")
    process = await start("agent", file, "--port", "0", "-c", "hidden")
    assert process.stdout is not None
    said = (await process.stdout.readline()).decode()
    assert said.startswith(f"2 variables of {file} at tcp:127.0.0.1:")
    assert "hidden" not in said
    where = said.split(" at ")[1].split()[0]
    assert (await cli("get", "-Oqv", "-c", "hidden", where, SYS_NAME)).out == '"sw1"\n'
    process.send_signal(number)
    assert await process.communicate() == (b"1 requests answered\n", b"")
    assert process.returncode == 0


async def test_an_agent_without_a_file_is_the_switch(cli: Cli) -> None:
    process = await start("agent", "--listen", "127.0.0.1", "--port", "0")
    assert process.stdout is not None
    said = (await process.stdout.readline()).decode()
    assert said.startswith(f"{len(load_switch()):,} variables of a switch at tcp:127.0.0.1:")
    where = said.split(" at ")[1].split()[0]
    read = await cli("get", "-Oqv", where, SYS_NAME)
    write = await cli("set", where, SYS_NAME, "s", "x")
    process.terminate()
    await process.communicate()
    assert read.out == '"DUMSYS-09"\n'
    assert "noAccess (6)" in write.err


async def test_an_agent_with_a_user_speaks_snmpv3_too(cli: Cli) -> None:
    keys = ("-u", "bert", "-A", "authentic!", "-X", "privately!")
    process = await start("agent", "--port", "0", *keys)
    assert process.stdout is not None
    said = (await process.stdout.readline()).decode()
    assert "authentic!" not in said
    where = said.split(" at ")[1].split()[0]
    assert (await cli("get", "-Oqv", *keys, where, SYS_NAME)).out == '"DUMSYS-09"\n'
    write = await cli("set", *keys, where, SYS_NAME, "s", "x")
    assert write.code == 1
    process.send_signal(signal.SIGINT)
    await process.communicate()
    assert process.returncode == 0


@asynccontextmanager
async def tls_agent(files: Path, *words: object) -> AsyncIterator[str]:
    """Run an agent over TLS on a free port; give its address."""
    process = await start("agent", "--port", "0", *(str(word).replace("{}", str(files)) for word in words))
    try:
        assert process.stdout is not None
        yield (await process.stdout.readline()).decode().split(" at ")[1].split()[0]
        process.send_signal(signal.SIGINT)
        await process.wait()
        assert process.returncode == 0
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_an_agent_with_a_certificate_has_its_community_inside_tls(cli: Cli, files: Path) -> None:
    async with tls_agent(files, "--tls-cert", "{}/server.pem", "-c", "hidden") as where:
        assert where.startswith("tlstcp:127.0.0.1:")
        words = ("-Oqv", "--tls-ca", files / "ca.pem", "-c", "hidden", where, SYS_NAME)
        assert (await cli("get", *words)).out == '"DUMSYS-09"\n'


@pytest.mark.parametrize(
    "words",
    [
        "--tls-cert {}/server.pem --tls-ca {}/ca.pem --tls-map {}/client.pem=sn:boss --tsm-name boss",
        "-T our_identity={}/server.pem,trust_cert={}/ca.pem --tls-map AUTHORITY=cn --tsm-name manager",
        "--tls-cert {}/server.pem -T their_identity={}/client.pem --tls-map CLIENT=any --tsm-name Manager@example.com",
    ],
)
async def test_an_agent_that_knows_certificates_answers_them_alone(
    cli: Cli, files: Path, certificates: Certificates, words: str
) -> None:
    words = words.replace("AUTHORITY", certificates.authority.fingerprint)
    words = words.replace("CLIENT", certificates.client.fingerprint)
    async with tls_agent(files, *words.split()) as where:
        own = ("--tls-ca", files / "ca.pem", "--tls-cert", files / "client.pem", where, SYS_NAME)
        assert (await cli("get", "-Oqv", *own)).out == '"DUMSYS-09"\n'
        assert "no answer within 2 s" in (await cli("get", "-t2", "-c", "public", *own)).err
        assert "noAccess (6)" in (await cli("set", *own, "s", "x")).err
