"""What snmptrapd makes of odd notifications, as docs/leniency.md says; the listener takes them all."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest

from snmptcp import Community
from snmptcp.codec.pdu import PduType
from snmptcp.listener import NotificationListener
from tests.support.netsnmp import environment, free_port, require_program
from tests.support.odd import ODD, ODD_V1, PLAIN_V1, community
from tests.support.rawclient import RawClient
from tests.support.senders import acknowledged, inform

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

pytestmark = [pytest.mark.anyio, pytest.mark.interop]

EVERY_COMMUNITY = (Community("public"), Community("public", "1"))

#: What snmptrapd 5.9 does not take.
DROPPED = {
    "no snmpTrapOID.0",
    "names without .0",
    "nothing",
    "unreadable value",
    "unknown type",
    "no variable binding",
    "length runs over the end",
    "unreadable uptime",
    "no list",
    "a list that ends after its tag",
}
DROPPED_V1 = {
    "IPv6",
    "no enterprise",
    "cut enterprise",
    "generic is a Gauge32",
    "specific is a Gauge32",
    "uptime is an INTEGER",
    "uptime is a Counter64",
    "uptime is a text",
    "unreadable value",
    "no list",
    "a list that ends after its tag",
}


class Trapd:
    """A running snmptrapd, and a connection to it."""

    def __init__(self, process: asyncio.subprocess.Process, client: RawClient) -> None:
        self._process = process
        self._client = client
        self._sentinels = 0

    async def takes(self, message: bytes) -> bool:
        """Send a message, and return whether it is logged, before an inform that certainly is."""
        self._sentinels += 1
        name = f"sentinel {self._sentinels}."
        self._client.send(message + inform(1, text=name))
        assert self._process.stdout is not None
        logged = 0
        while name not in (line := (await self._process.stdout.readline()).decode()):
            assert line, "snmptrapd has ended"
            logged += bool(re.search(r"TCP: \[", line))
        return logged == 2  # its heading, and that of the sentinel


@pytest.fixture
async def trapd(tmp_path: Path, anyio_backend: object) -> AsyncIterator[Trapd]:
    program = require_program("snmptrapd", "snmptrapd")
    configuration = tmp_path / "snmptrapd.conf"
    configuration.write_text("disableAuthorization yes\n", encoding="ascii")
    port = free_port()
    options = ("-f", "-Lo", "-On", "-C", "-c", str(configuration), "-p", str(tmp_path / "pid"))
    process = await asyncio.create_subprocess_exec(
        program, *options, f"tcp:127.0.0.1:{port}",
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT, env=environment(tmp_path),
    )  # fmt: skip
    try:
        async with await connected(port) as client:
            yield Trapd(process, client)
    finally:
        process.terminate()
        await process.wait()


async def connected(port: int) -> RawClient:
    """Return a client for a port that is about to be listened on."""
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except ConnectionError:
            await asyncio.sleep(0)
            continue
        writer.close()
        await writer.wait_closed()
        return RawClient("127.0.0.1", port)


async def test_snmptrapd_takes_what_the_page_says(trapd: Trapd) -> None:
    dropped = {name for name, odd in ODD.items() if not await trapd.takes(community(odd.make(PduType.TRAP_V2)))}
    assert dropped == DROPPED
    sound = {name: octets for name, (octets, _, _) in ODD_V1.items() if name != "long enterprise"}  # it ends 5.9.3
    assert {name for name, octets in sound.items() if not await trapd.takes(community(octets, "1"))} == DROPPED_V1
    assert await trapd.takes(community(PLAIN_V1))
    assert await trapd.takes(community(ODD["swapped"].make(PduType.TRAP_V2), "1"))


async def test_the_listener_takes_all_that_snmptrapd_takes_and_more() -> None:
    async with (
        NotificationListener("127.0.0.1", 0, credentials=EVERY_COMMUNITY) as listener,
        RawClient("127.0.0.1", listener.port) as client,
    ):
        for odd in ODD.values():
            client.send(community(odd.make(PduType.TRAP_V2)))
        for octets, _, _ in ODD_V1.values():
            client.send(community(octets, "1"))
        client.send(inform(7))
        assert acknowledged(await client.frame()).request_id == 7
        assert listener.statistics.notifications == len(ODD) + len(ODD_V1) + 1
