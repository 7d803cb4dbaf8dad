"""What hostile peers take from the others: ``python -m benchmarks.hostile``.

* ``listener``: how long the acknowledgement of an honest inform takes while junk connections send ``30 00``, the
  shortest message, for ever, and connect again whenever they are closed.
* ``fleet``: how many polls of honest agents one process makes in some time, alone and with a hostile agent among them.

Each also tells the longest turn of the event loop, and this process's CPU.  Peers run in processes of their own and use
CPU of the same machine: a ratio on a machine without a free CPU for them tells of that, too.
"""

from __future__ import annotations

import argparse
import asyncio
import functools
import json
import selectors
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snmptcp import Community, Manager, SnmpError
from snmptcp.codec import ber
from snmptcp.codec.framer import Framer
from snmptcp.codec.message import CommunityMessage, decode_message
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.listener import NotificationListener
from snmptcp.testing import Agent

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

HOST = "127.0.0.1"
PUBLIC = Community("public")
UPTIME = "1.3.6.1.2.1.1.3.0"
JUNK = b"\x30\x00"

#: Connections that send junk to the listener.
JUNK_CONNECTIONS = 10

#: Honest agents of the fleet, and the seconds between two polls of each.
AGENTS = 20
INTERVAL = 0.02


# ----------------------------------------------------------------------------------------- measuring


class WatchedSelector(selectors.DefaultSelector):
    """Keeps the longest time between two looks for events: the longest turn of the loop."""

    longest = 0.0
    returned_at: float | None = None

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Look for events."""
        if self.returned_at is not None:
            self.longest = max(self.longest, time.perf_counter() - self.returned_at)
        found = super().select(timeout)
        self.returned_at = time.perf_counter()
        return found


def run(what: Callable[[], Coroutine[Any, Any, dict[str, float]]]) -> dict[str, float]:
    """Run one measurement on a loop of its own; return its figures with the longest turn and the CPU share."""
    selector = WatchedSelector()
    with asyncio.Runner(loop_factory=lambda: asyncio.SelectorEventLoop(selector)) as runner:
        began, cpu = time.perf_counter(), time.process_time()
        found = runner.run(what())
        share = (time.process_time() - cpu) / (time.perf_counter() - began)
    return {**found, "longest turn, ms": selector.longest * 1000, "CPU, %": share * 100}


@contextmanager
def peer(role: str, *arguments: object) -> Iterator[list[int]]:
    """Run a peer in a process of its own; yield the numbers that it prints in its first line."""
    command = [sys.executable, "-m", "benchmarks.hostile", "--role", role, *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path.cwd()) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


# -------------------------------------------------------------------------------------- the listener


async def inform_under_junk(seconds: float, connections: int) -> dict[str, float]:
    """Return how long acknowledgements take while so many connections send junk."""
    async with NotificationListener(HOST, 0, credentials=PUBLIC) as listener:

        async def consume() -> None:
            async for _ in listener:
                pass

        consumer = asyncio.create_task(consume())
        command = ("informs", listener.port, seconds)
        with ExitStack() as stack:
            if connections:
                await asyncio.to_thread(stack.enter_context, peer("junk", listener.port, connections))
                await asyncio.sleep(0.5)
            delays = await asyncio.to_thread(_first_line, *command)
            await asyncio.to_thread(stack.close)
        consumer.cancel()
        return {
            "informs": len(delays),
            "median, ms": statistics.median(delays) / 1000,
            "slowest, ms": max(delays) / 1000,
            "junk connections closed": listener.statistics.floods,
        }


def _first_line(role: str, *arguments: object) -> list[int]:
    with peer(role, *arguments) as line:
        return line


async def send_junk(port: int, connections: int) -> None:
    """Send junk on so many connections, for ever."""

    async def flood() -> None:
        while True:
            with suppress(OSError):
                _, writer = await asyncio.open_connection(HOST, port)
                try:
                    while True:
                        writer.write(JUNK * 8192)
                        await writer.drain()
                finally:
                    writer.transport.abort()
            await asyncio.sleep(0)

    tasks = [asyncio.create_task(flood()) for _ in range(connections)]
    print([], flush=True)
    await asyncio.gather(*tasks)


async def send_informs(port: int, seconds: float) -> None:
    """Send an inform every 20 ms, and print how long each acknowledgement took, in microseconds."""
    delays: list[int] = []
    async with Manager(HOST, port, credentials=PUBLIC, timeout=60) as manager:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            began = time.monotonic()
            await manager.inform("1.3.6.1.6.3.1.1.5.1")
            delays.append(int((time.monotonic() - began) * 1e6))
            await asyncio.sleep(INTERVAL)
    print(delays, flush=True)


# ----------------------------------------------------------------------------------------- the fleet


async def poll(seconds: float, ports: list[int], honest: int, interval: float) -> dict[str, float]:
    """Poll agents for some time, each on its own; return how many polls of the first ones were answered."""
    counts = [0] * len(ports)
    until = time.monotonic() + seconds

    async def poll_one(number: int, port: int) -> None:
        async with Manager(HOST, port, credentials=PUBLIC, timeout=1) as manager:
            while time.monotonic() < until:
                with suppress(SnmpError):
                    await manager.get(UPTIME)
                    counts[number] += 1
                await asyncio.sleep(interval)

    await asyncio.gather(*(poll_one(*item) for item in enumerate(ports)))
    return {"honest polls": sum(counts[:honest]), "hostile polls": sum(counts[honest:])}


async def serve_agents(count: int) -> None:
    """Serve honest agents, and print their ports."""
    agents = [Agent({UPTIME: 1}, host=HOST) for _ in range(count)]
    for agent in agents:
        await agent.start()
    print([agent.port for agent in agents], flush=True)
    await asyncio.Event().wait()


def _answer(request: bytes, contents: bytes) -> bytes:
    """Return the answer to a GET with any octets as its variable bindings."""
    asked = decode_message(request)
    assert isinstance(asked, CommunityMessage)
    assert isinstance(asked.pdu, Pdu)
    pdu = ber.encode_integer(asked.pdu.request_id) + b"\x02\x01\x00" * 2 + ber.tlv(0x30, contents)
    return ber.tlv(0x30, b"\x02\x01\x01\x04\x06public" + ber.tlv(PduType.RESPONSE, pdu))


GIANT = bytes.fromhex("300506012b0500") * 465_555


async def serve_hostile(how: str) -> None:
    """Serve a hostile agent, and print its port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        framer = Framer()
        with suppress(OSError):
            while data := await reader.read(65536):
                for request in framer.feed(data):
                    if how == "giant":
                        writer.write(_answer(request, GIANT))
                    elif how == "duplicates":
                        good = ber.tlv(0x30, b"\x06\x08" + bytes.fromhex("2b06010201010300") + b"\x43\x01\x01")
                        writer.write(_answer(request, good) * 20_000)
                    else:
                        while True:
                            writer.write(JUNK * 65_536)
                            await writer.drain()
                    await writer.drain()
        writer.transport.abort()

    server = await asyncio.start_server(serve, HOST, 0)
    print([server.sockets[0].getsockname()[1]], flush=True)
    await asyncio.Event().wait()


# ---------------------------------------------------------------------------------------------- main


def _print(title: str, figures: dict[str, float]) -> None:
    print(f"{title}: " + ", ".join(f"{name} {value:,.1f}" for name, value in figures.items()), flush=True)


def measure(seconds: float) -> None:
    """Measure and print."""
    for connections in (0, JUNK_CONNECTIONS):
        figures = run(functools.partial(inform_under_junk, seconds, connections))
        _print(f"listener, {connections} junk connections", figures)
    for interval in (INTERVAL, 0.0):
        pace = f"every {interval * 1000:g} ms" if interval else "without a pause"
        with peer("agents", AGENTS) as ports:
            alone = run(lambda: poll(seconds, ports, AGENTS, interval))  # noqa: B023 - called at once
            _print(f"fleet, polled {pace}, alone", alone)
            for how in ("junk", "giant", "duplicates"):
                with peer("hostile", how) as hostile:
                    figures = run(lambda: poll(seconds, ports + hostile, AGENTS, interval))  # noqa: B023
                change = (figures["honest polls"] / alone["honest polls"] - 1) * 100
                _print(f"fleet, polled {pace}, one agent hostile: {how}", {**figures, "change, %": change})


def main() -> None:
    """Measure, or be a peer."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each case is measured")
    parser.add_argument("--role", nargs="+", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    match arguments.role:
        case None:
            measure(arguments.seconds)
        case "junk", port, connections:
            asyncio.run(send_junk(int(port), int(connections)))
        case "informs", port, seconds:
            asyncio.run(send_informs(int(port), float(seconds)))
        case "agents", count:
            asyncio.run(serve_agents(int(count)))
        case "hostile", how:
            asyncio.run(serve_hostile(how))


if __name__ == "__main__":
    main()
