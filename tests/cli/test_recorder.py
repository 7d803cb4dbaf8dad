"""``walk --record``: from an agent into a file, and back."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from snmptcp import OID, Counter32, Counter64, Gauge32, Integer32, IpAddress, OctetString, Opaque, TimeTicks
from snmptcp.testing import Agent, Drop, Hold, load_recording
from snmptcp.values import NsapAddress, Null, UInteger32
from tests.cli.helpers import where

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Cli

pytestmark = pytest.mark.anyio

#: A value of every type, and those that are hard to write.
EVERYTHING = {
    f"1.3.6.1.4.1.9.{number}": value
    for number, value in enumerate(
        (
            Integer32(-5),
            Counter32(2**32 - 1),
            Gauge32(7),
            TimeTicks(12345),
            Counter64(2**64 - 1),
            UInteger32(9),
            OID("1.3.6.1.4.1.99999.4294967295"),
            OID("0.0"),
            IpAddress("192.0.2.1"),
            Null(),
            Opaque(bytes.fromhex("9f78043fc00000")),
            NsapAddress(b"\x47\0"),
            OctetString(),
            OctetString("text"),
            OctetString("  blanks  "),
            OctetString("two\nlines|and a bar"),
            OctetString(b"\0\xff\x85\xa0"),
            OctetString("Zürich"),
            OctetString("0x00"),
        )
    )
}


@pytest.mark.parametrize("name", ["device.snmprec", "device.snmprec.gz", "device.bz2", "device.xz"])
async def test_a_recorded_device_is_the_device(cli: Cli, tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    async with Agent(EVERYTHING) as agent:
        assert await cli("walk", "--record", file, where(agent)) == (0, f"19 variables recorded in {file}\n", "")
        expected = dict(agent.mib)
    loaded = load_recording(file, strict=True).variables
    assert {oid: (type(value), value) for oid, value in loaded.items()} == {
        oid: (type(value), value) for oid, value in expected.items()
    }
    async with Agent.from_recording(file) as replay:
        again = tmp_path / "again.snmprec"
        assert (await cli("walk", "--record", again, where(replay), "1.3.6.1")).code == 0
    assert dict(load_recording(again, strict=True).variables) == expected


@pytest.mark.parametrize("words", [(), ("--json",), ("-Ox",), ("-OtT",)])
async def test_what_a_walk_prints_is_a_recording_too(cli: Cli, tmp_path: Path, words: tuple[str, ...]) -> None:
    async with Agent(EVERYTHING) as agent:
        printed = await cli("walk", *words, "-Cp" if words else "-Cr5", where(agent), "1.3.6.1")
        expected = dict(agent.mib)
    file = tmp_path / "device"
    lines = [line for line in printed.out.splitlines(keepends=True) if not line.startswith("Variables found")]
    file.write_text("".join(lines) if "--json" in words else printed.out)
    loaded = dict(load_recording(file, strict=True).variables)
    assert loaded == expected


async def test_a_walk_that_fails_leaves_what_came_before(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "device.snmprec"
    async with Agent(EVERYTHING) as agent:
        agent.inject(Drop(), times=None, when=lambda request: request.pdu.varbinds[0].oid >= OID("1.3.6.1.4.1.9.5"))
        outcome = await cli("walk", "-t", "0.3", "-Cr3", "--record", file, where(agent))
    assert (outcome.code, outcome.out) == (1, "")
    first, second = outcome.err.splitlines()
    loaded = load_recording(file, strict=True).variables
    assert first == f"snmptcp: the walk is incomplete; {file} has its first {len(loaded)} variables"
    assert second.startswith("snmptcp: ")
    assert 5 <= len(loaded) < len(EVERYTHING)
    assert "# incomplete: " in file.read_text()


async def test_an_agent_that_does_not_answer_leaves_no_file(cli: Cli, tmp_path: Path) -> None:
    async with Agent(EVERYTHING) as agent:
        agent.inject(Drop(), times=None)
        outcome = await cli("walk", "-t", "0.2", "--record", tmp_path / "device.snmprec", where(agent))
    assert (outcome.code, outcome.err.count("\n")) == (1, 1)
    assert os.listdir(tmp_path) == []  # noqa: PTH208 - a blocking call in either way


async def test_a_file_that_cannot_be_written_is_named(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "none" / "device.snmprec"
    async with Agent(EVERYTHING) as agent:
        outcome = await cli("walk", "--record", file, where(agent))
    assert (outcome.code, outcome.out) == (1, "")
    assert "No such file or directory" in outcome.err


async def test_that_there_is_no_variable_is_not_recorded(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "device.snmprec"
    async with Agent(EVERYTHING) as agent:
        outcome = await cli("walk", "--record", file, where(agent), "1.3.6.1.2.1.1.1.0")
    assert outcome == (0, f"0 variables recorded in {file}\n", "")
    assert file.read_text() == ""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)])
@pytest.mark.parametrize("suffix", ["", ".xz"])
async def test_a_signal_leaves_what_was_recorded_and_no_other_file(
    tmp_path: Path, name: str, code: int, suffix: str
) -> None:
    file = tmp_path / f"device.snmprec{suffix}"
    async with Agent(EVERYTHING) as agent:
        agent.inject(Hold(), when=lambda request: len(agent.requests) > 2)
        words = ("walk", "-Cr3", "-t", "60", "--record", str(file), where(agent))
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "snmptcp", *words, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        async with asyncio.timeout(60):
            await agent.wait_for_requests(3)
            process.send_signal(getattr(signal, name))
            out, err = await process.communicate()
    assert (process.returncode, out) == (code, b"")
    count = len(load_recording(file, strict=True).variables)
    assert count in {3, 6}  # the third request leaves before the variables of the second one are written
    assert err.decode() == f"snmptcp: the walk is incomplete; {file} has its first {count} variables\n"
    assert os.listdir(tmp_path) == [file.name]  # noqa: PTH208 - a blocking call in either way
