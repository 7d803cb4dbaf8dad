"""``snmptcp agent``: how it serves a recording, and why it does not start."""

from __future__ import annotations

import gzip
import signal
import socket
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from snmptcp.cli.commands.agent import load_switch
from tests.cli.helpers import start

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.cli.conftest import Cli
    from tests.support.certificates import Certificates

pytestmark = pytest.mark.anyio

SYS_NAME = "1.3.6.1.2.1.1.5.0"


async def test_a_recording_that_is_not_there_is_named(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "missing.snmprec"
    assert await cli("agent", file) == (1, "", f"snmptcp: {file}: No such file or directory\n")


async def test_with_strict_a_line_that_cannot_be_read_is_named(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "broken.snmprec"
    file.write_text("1.3.6.1.2.1.1.7.0|2|6\nnonsense\n")
    outcome = await cli("agent", "--strict", file)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith(f"snmptcp: {file}, line 2: ")
    assert outcome.err.count("\n") == 1


async def test_a_file_that_is_no_recording_is_named(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "broken.snmprec"
    file.write_text("nonsense\n")
    outcome = await cli("agent", file)
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err == f"snmptcp: {file}, line 1: a record is oid|tag|value, not 'nonsense'\n"


async def test_lines_that_are_skipped_are_counted_on_stderr(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "device.snmprec"
    file.write_text(f"nonsense\n{SYS_NAME}|4|sw1\n1.3.6.1.2.1.1.7.0|2:sql|x\n")
    async with serving("--port", 0, file) as (said, process):
        assert said == [f"1 variables of {file} at {said[0].split(' at ')[1]}"]
        process.send_signal(signal.SIGINT)
        _, err = await process.communicate()
    assert err.decode() == (
        f"snmptcp: {file}: skipped 2 lines: line 1: a record is oid|tag|value, not 'nonsense'; "
        "line 3: the variation module 'sql' is not supported\n"
    )


@asynccontextmanager
async def serving(*words: object, lines: int = 1) -> AsyncIterator[tuple[list[str], Process]]:
    """Run an agent; give what it says at first, and the process."""
    process = await start("agent", *map(str, words))
    try:
        assert process.stdout is not None
        yield [(await process.stdout.readline()).decode().rstrip() for _ in range(lines)], process
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


async def test_several_recordings_are_served_by_the_names_of_their_files(cli: Cli, tmp_path: Path) -> None:
    core, edge = tmp_path / "core.v1.snmprec.gz", tmp_path / "edge.snmpwalk"
    core.write_bytes(gzip.compress(f"{SYS_NAME}|4|core-1\n".encode()))
    edge.write_text(f".{SYS_NAME} = STRING: edge-1\n")
    keys = ("-u", "bert", "-A", "authentic!", "-X", "privately!")
    async with serving("--port", 0, *keys, core, edge, lines=2) as (said, _):
        address = said[0].split(" at ")[1].split(",")[0]
        # Four of the variables are the snmpEngine group, for the user.
        assert said == [
            f"5 variables of {core} at {address}, community core.v1 (Ctrl-C ends it)",
            f"1 variables of {edge} at {address}, community edge (Ctrl-C ends it)",
        ]
        assert (await cli("get", "-Oqv", "-c", "core.v1", address, SYS_NAME)).out == '"core-1"\n'
        assert (await cli("get", "-Oqv", "-c", "edge", address, SYS_NAME)).out == '"edge-1"\n'
        assert (await cli("get", "-Oqv", *keys, "-n", "edge", address, SYS_NAME)).out == '"edge-1"\n'
        assert (await cli("get", "-Oqv", *keys, address, SYS_NAME)).out == '"core-1"\n'
        assert (await cli("get", "-t", "0.3", "-c", "public", address, SYS_NAME)).code == 1
        assert "noAccess" in (await cli("set", "-c", "edge", address, SYS_NAME, "s", "x")).err


async def test_a_writable_agent_takes_values(cli: Cli, tmp_path: Path) -> None:
    one, two = tmp_path / "one.snmprec", tmp_path / "two.snmprec"
    for file in (one, two):
        file.write_text(f"{SYS_NAME}|4:writecache|value=old\n")
    for words, community in (((one,), "public"), ((one, two), "two")):
        async with serving("--port", 0, "--writable", *words) as (said, _):
            address = said[0].split(" at ")[1].split(",")[0].split()[0]
            written = await cli("set", "-Oqv", "-c", community, address, SYS_NAME, "s", "new")
            assert written == (0, '"new"\n', "")
            assert (await cli("get", "-Oqv", "-c", community, address, SYS_NAME)).out == '"new"\n'


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("a.snmprec", "b/a.walk"), "two recordings have the name a"),
        (("-c", "x", "a.snmprec", "b.snmprec"), "-c is for one FILE"),
        (("--seed", "-1", "a.snmprec"), "--seed"),
    ],
)
async def test_files_that_do_not_fit_together_are_refused(cli: Cli, words: tuple[str, ...], problem: str) -> None:
    outcome = await cli("agent", *words)
    assert outcome.code in {1, 2}
    assert problem in outcome.err


async def test_random_numbers_are_repeated_by_a_seed(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "device.snmprec"
    file.write_text(f"{SYS_NAME}|66:numeric|initial=1000000,rate=0,deviation=100000\n")
    answers = []
    for seed in (1, 1, 2):
        async with serving("--port", 0, "--seed", seed, file) as (said, _):
            answers.append((await cli("get", "-Oqv", said[0].split(" at ")[1].split()[0], SYS_NAME)).out)
    assert answers[0] == answers[1] != answers[2]


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
        assert "no answer within 1 s" in (await cli("get", "-t1", "-c", "public", *own)).err
        assert "noAccess (6)" in (await cli("set", *own, "s", "x")).err
