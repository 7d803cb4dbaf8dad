"""``snmptcp certs``: what it writes and prints; it overwrites nothing."""

from __future__ import annotations

import asyncio
import re
import shlex
import signal
import stat
import sys
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from snmptcp.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path


def certificate(path: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate(path.read_bytes())


def _fingerprint(found: x509.Certificate) -> bytes:
    from cryptography.hazmat.primitives import hashes

    return found.fingerprint(hashes.SHA256())


def test_it_says_what_it_has_written_and_how_it_is_used(tmp_path, capsys):
    assert main(["certs", str(tmp_path), "--host", "Agent.Example.COM", "--host", "[2001:db8::1]"]) == 0
    said = capsys.readouterr().out
    for name in ("ca", "server", "manager"):
        assert f"{name}.pem" in said
        assert _fingerprint(certificate(tmp_path / f"{name}.pem")).hex() in said
    assert "tlstcp:agent.example.com:10161" in said
    assert f"--tls-ca {tmp_path / 'ca.pem'} --tls-cert {tmp_path / 'manager.pem'}" in said
    assert "Manager('agent.example.com', 10161, credentials=Tsm(), tls=tls)" in said
    assert "certSecName 10 manager --cn" in said
    assert "PRIVATE" not in said


@asynccontextmanager
async def running(words, ready):
    """Run one of its commands until the test is over, which ends it as Ctrl-C does."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", *words, stdin=DEVNULL, stdout=PIPE, stderr=asyncio.subprocess.STDOUT
    )
    try:
        assert process.stdout is not None
        said = (await process.stdout.readline()).decode()
        assert ready in said
        yield process, said.split(ready)[1].split()[0].rpartition(":")[2]
        process.send_signal(signal.SIGINT)
        await process.wait()
        assert process.returncode == 0
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()


@pytest.mark.anyio
async def test_the_commands_that_it_tells_work_as_they_stand(tmp_path, capsys):
    folder = tmp_path / "my own certs"
    assert main(["certs", str(folder), "--client", "noc"]) == 0
    said = capsys.readouterr().out
    commands = {}
    for line in said.splitlines():
        words = shlex.split(line) if line.startswith("  snmptcp ") else ("", "")
        commands[words[1]] = words
    assert set(commands) == {"", "agent", "get", "listen", "trap", "inform"}

    async def run(command: str, port: str) -> tuple[int, str, str]:
        words = [re.sub(r":1016[12]$", f":{port}", word) for word in commands[command][1:]]
        code = await asyncio.to_thread(main, words)
        return (code, *capsys.readouterr())

    # Ports that are free in the place of the usual ones is all that is changed.
    async with running([*commands["agent"], "--port", "0"], " at tlstcp:") as (_, port):
        assert (await run("get", port))[::2] == (0, "")
    async with running([*commands["listen"], "--port", "0"], " at tlstcp:") as (process, port):
        for command in ("trap", "inform"):
            assert await run(command, port) == (0, "", "")
            line = (await process.stdout.readline()).decode()
            assert f" v3 {command} .1.3.6.1.6.3.1.1.5.1 " in line
            assert line.endswith(" from noc authPriv\n")


def test_an_agent_for_other_machines_is_told_to_listen_to_them(tmp_path, capsys):
    assert main(["certs", str(tmp_path), "--host", "agent.example.com"]) == 0
    assert " --tsm-name manager --listen agent.example.com\n" in capsys.readouterr().out


def test_keys_are_for_their_owner_alone(tmp_path):
    assert main(["certs", str(tmp_path)]) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("ca.key", "ca.pem", "manager.key", "manager.pem", "server.key", "server.pem"),
    ]
    for path in tmp_path.glob("*.key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("there", ["ca.key", "server.pem", "manager.key"])
def test_nothing_is_overwritten_and_nothing_is_written_beside_it(tmp_path, capsys, there):
    (tmp_path / there).write_text("precious")
    assert main(["certs", str(tmp_path)]) == 1
    captured = capsys.readouterr()
    assert captured.err == f"snmptcp: {tmp_path} already contains {there}: certs overwrites no files\n"
    assert captured.out == ""
    assert [path.name for path in tmp_path.iterdir()] == [there]
    assert (tmp_path / there).read_text() == "precious"


def test_a_link_that_leads_nowhere_is_not_written_through(tmp_path, capsys):
    (tmp_path / "ca.key").symlink_to(tmp_path / "elsewhere")
    assert main(["certs", str(tmp_path)]) == 1
    assert not (tmp_path / "elsewhere").exists()
    assert "already contains ca.key" in capsys.readouterr().err


def test_a_folder_that_cannot_be_made_is_named_with_the_reason(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["certs", str(tmp_path / "file" / "certs")]) == 1
    assert "Not a directory" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("certs", "DIR"),
        ("certs d --days 0", "1 to 36500, not '0'"),
        ("certs d --days x", "1 to 36500, not 'x'"),
        ("certs d --days 36501", "1 to 36500"),
        ("certs d --host a/b", "a name or an address, not 'a/b'"),
        ("certs d --host=", "a name or an address, not ''"),
        ("certs d --host a..b", "a name or an address, not 'a..b'"),
        ("certs d --client=", "1 to 32 characters"),
        (f"certs d --client {'x' * 33}", "1 to 32 characters"),
        ("certs d --client ../x", "1 to 32 characters"),
        ("certs d --client ca", "reserved for the authority or the server"),
        ("certs d --client Server", "reserved for the authority or the server"),
    ],
)
def test_wrong_usage_is_said_before_anything_is_written(words, complaint, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(words.split()) == 2
    assert complaint in capsys.readouterr().err.splitlines()[-1]
    assert list(tmp_path.iterdir()) == []


def test_it_has_help(capsys):
    assert main(["certs", "-h"]) == 0
    assert capsys.readouterr().out.startswith("usage: snmptcp certs")
