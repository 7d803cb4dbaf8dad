"""``snmptcp agent``: how it serves a recording, and why it does not start."""

from __future__ import annotations

import signal
import socket
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from snmptcp.cli.commands.agent import load_switch
from tests.cli.helpers import start

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.cli.conftest import Cli
    from tests.support.certificates import Certificates

pytestmark = pytest.mark.anyio

SYS_NAME = "1.3.6.1.2.1.1.5.0"


async def test_a_recording_that_is_not_there_is_named(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "missing.snmprec"
    assert await cli("agent", file) == (1, "", f"snmptcp: {file}: No such file or directory\n")


async def test_a_recording_that_cannot_be_read_is_named_with_its_line(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "broken.snmprec"
    file.write_text("1.3.6.1.2.1.1.7.0|2|6\nnonsense\n")
    outcome = await cli("agent", file)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith(f"snmptcp: {file}, line 2: ")
    assert outcome.err.count("\n") == 1


async def test_a_port_that_is_taken_is_named(cli: Cli) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        outcome = await cli("agent", "--port", port)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith(f"snmptcp: cannot listen on 127.0.0.1:{port}")
    assert outcome.err.count("\n") == 1


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
