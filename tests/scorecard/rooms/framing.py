"""Where messages begin and end in the stream: R1 (split anywhere), R2 (large), R6 (not SNMP), R7 (too slow)."""

from __future__ import annotations

import asyncio
import functools
import itertools
import random
import time
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from snmptcp import Community, Manager, UsmUser
from snmptcp.codec.framer import Framer
from snmptcp.errors import ConnectionLost, SnmpError
from snmptcp.listener import NotificationListener
from snmptcp.oid import OID
from snmptcp.protocol.session import DEFAULT_FRAME_TIMEOUT
from snmptcp.testing import Agent
from snmptcp.values import OctetString
from tests.scorecard.gauges import cpu_seconds
from tests.scorecard.row import Figure, Outcome, Row, Scale, share
from tests.support.mibs import BIG_ROWS, BIG_TABLE, small_mib
from tests.support.rawclient import RawClient
from tests.support.relay import Relay
from tests.support.vectors import exchanges

if TYPE_CHECKING:
    from collections.abc import Iterator

    from snmptcp.security.choose import Credentials

HERE = "127.0.0.1"
PUBLIC = Community("public")
USER = UsmUser("scorecard", "SHA-256", "authentic!", "AES", "privately!")
BOTH: tuple[Credentials, ...] = (PUBLIC, USER)

# ------------------------------------------------------------------------------------------ R1: split


def _every_split() -> tuple[int, int]:
    """Feed each direction of each captured session in two pieces, at every place; return how many came out right."""
    good = total = 0
    for exchange in exchanges("netsnmp-tcp/manager_agent.json"):
        for messages in (exchange.client, exchange.server):
            stream = b"".join(messages)
            for place in range(len(stream) + 1):
                framer = Framer()
                total += 1
                good += (*framer.feed(stream[:place]), *framer.feed(stream[place:])) == messages
    return good, total


def _cutter(size: int | None) -> Iterator[int]:
    """Yield the lengths of pieces: all alike, or at random."""
    random_lengths = random.Random(1)
    while True:
        yield size or random_lengths.choice((1, 2, 3, 5, 20, 100, 1448, 4096))


def _pieces(octets: bytes, lengths: Iterator[int]) -> Iterator[bytes]:
    start = 0
    while start < len(octets):
        piece = octets[start : start + next(lengths)]
        start += len(piece)
        yield piece


async def _ask_many(manager: Manager, count: int) -> int:
    """Ask for rows of a table, up to 50 requests at once; return how many were answered with the right row."""

    async def right(row: int) -> bool:
        try:
            return await manager.get_value(f"{BIG_TABLE}.1.2.{row}", timeout=20) == OctetString(f"GigE0/{row}")
        except SnmpError:
            return False

    good = 0
    for first in range(0, count, 50):
        rows = (number % BIG_ROWS + 1 for number in range(first, min(first + 50, count)))
        good += sum(await asyncio.gather(*map(right, rows)))
    return good


async def split_anywhere(scale: Scale) -> Outcome:
    """R1: requests through a relay that cuts and joins the stream, and captured sessions split at every place."""
    splits_good, splits = _every_split()
    each = scale.count(300, least=50)
    good = asked = 0
    async with Agent(small_mib(), users=[USER]) as agent:
        for credentials, size in itertools.product(BOTH, (1, 2, 7, 1448, None)):
            lengths = _cutter(size)
            async with (
                Relay(HERE, agent.port, cut=functools.partial(_pieces, lengths=lengths), gather=0.002) as relay,
                Manager(HERE, relay.port, credentials=credentials) as manager,
            ):
                good += await _ask_many(manager, each)
                asked += each
    return Outcome(
        (
            Figure("requests through the relay", asked),
            share("answered right", good, asked),
            Figure("split places of captured sessions", splits),
            share("cut into the same messages", splits_good, splits),
        )
    )


# ------------------------------------------------------------------------------------------ R2: large

SIZES = (8192, 65_535, 141_509, 1 << 20)
_LARGE = OID("1.3.6.1.4.1.58888.7")
_PART = 32_000


def _parts(size: int) -> dict[OID, OctetString]:
    """Return variables whose values have together this many octets, so that a message of them has more."""
    lengths = [min(_PART, size - start) for start in range(0, size, _PART)]
    return {_LARGE + number: OctetString(bytes([number % 256]) * length) for number, length in enumerate(lengths, 1)}


async def _read_and_write(credentials: Credentials, size: int) -> tuple[bool, int, int]:
    """Read and write as many octets in one message; return whether they are right, and the lengths of the messages."""
    variables = _parts(size)
    longest = {"sent": 0, "received": 0}
    framers = {"sent": Framer(4 << 20), "received": Framer(4 << 20)}

    def note(direction: str, octets: bytes) -> None:
        for message in framers[direction].feed(octets):
            longest[direction] = max(longest[direction], len(message))

    async with (
        Agent(variables, users=[USER], write_community="public", max_message_size=2 << 20) as agent,
        Manager(HERE, agent.port, credentials=credentials, packet_trace=note, max_message_size=4 << 20) as manager,
    ):
        answer = await manager.get(*variables, timeout=20)
        changed = {oid: OctetString(value[::-1]) for oid, value in variables.items()}
        await manager.set(*changed.items(), timeout=20)
        right = [varbind.value for varbind in answer] == list(variables.values())
        written = await manager.get(*variables, timeout=20)
        right = right and [varbind.value for varbind in written] == list(changed.values())
    return right, longest["sent"], longest["received"]


async def large_messages(scale: Scale) -> Outcome:
    """R2: messages of up to 1 MiB in both directions, of SNMPv2c and encrypted SNMPv3, and captured ones of snmpd."""
    good = total = 0
    longest = 0
    for credentials, size in itertools.product(BOTH, SIZES):
        right, sent, received = await _read_and_write(credentials, size)
        good += right and min(sent, received) >= size
        total += 1
        longest = max(longest, min(sent, received))
    captured = [message for exchange in exchanges("netsnmp-tcp/large_messages.json") for message in exchange.server]
    accepted = sum(Framer().feed(message) == [message] for message in captured)
    return Outcome(
        (
            share("sizes read and written right", good, total),
            Figure("longest message in both directions", longest, "octets", least=1 << 20),
            share("captured messages of snmpd accepted", accepted, len(captured)),
        )
    )


# -------------------------------------------------------------------------------------- R6: not SNMP

UNFRAMEABLE = {
    "indefinite length": b"\x30\x80",
    "reserved length": b"\x30\xff",
    "a SET": b"\x31\x05abcde",
    "HTTP": b"GET / HTTP/1.1\r\n\r\n",
    "TLS": bytes.fromhex("16030100a5010000a10303"),
}


async def _until_closed(client: RawClient) -> float:
    """Return the seconds until the peer closes the connection."""
    start = time.monotonic()
    try:
        async with asyncio.timeout(5):
            while await client.reader.read(65536):
                pass
    except TimeoutError:
        return float("inf")
    except ConnectionError:
        pass  # a reset closes it, too
    return time.monotonic() - start


async def _pending_fail(octets: bytes, pending: int) -> float:
    """Return the seconds from when an agent sends octets until all pending requests have failed as lost."""
    sent_at = 0.0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal sent_at
        framer = Framer()
        seen = 0
        while seen < pending:
            seen += len(framer.feed(await reader.read(65536)))
        sent_at = time.monotonic()
        writer.write(octets)
        await writer.drain()
        await reader.read()
        writer.close()

    async with await asyncio.start_server(serve, HERE, 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with Manager(HERE, port, credentials=PUBLIC, retries=0) as manager:
            asking = [manager.get(f"1.3.6.1.2.1.1.{number}.0", timeout=5) for number in range(1, pending + 1)]
            results = await asyncio.gather(*asking, return_exceptions=True)
            ended = time.monotonic() - sent_at
    return ended if all(isinstance(result, ConnectionLost) for result in results) else float("inf")


async def not_snmp(scale: Scale) -> Outcome:
    """R6: octets that cannot begin a message, at a listener and from an agent."""
    turns = scale.count(20, least=3)
    closed, failed = [], []
    async with NotificationListener(HERE, 0, credentials=PUBLIC) as listener:
        for octets, _ in itertools.product(UNFRAMEABLE.values(), range(turns)):
            async with RawClient(*listener.addresses[0]) as client:
                client.send(octets)
                closed.append(await _until_closed(client))
            failed.append(await _pending_fail(octets, 100))
    return Outcome(
        (
            Figure("streams", len(closed)),
            Figure("closed after at most", 1000 * max(closed), "ms", most=50),
            Figure("100 pending requests failed after at most", 1000 * max(failed), "ms", most=50),
        )
    )


# -------------------------------------------------------------------------------------- R7: too slow


async def _drip(writer: asyncio.StreamWriter, octets: bytes, pause: float) -> None:
    for octet in octets:
        writer.write(bytes([octet]))
        await asyncio.sleep(pause)


async def _slow_sender(address: tuple[str, int], pause: float | None) -> float:
    """Send one octet, or an octet after each pause; return the seconds until the listener closes."""
    async with RawClient(*address) as client:
        client.send(b"\x30")
        dripping = asyncio.create_task(_drip(client.writer, b"\x82\x01\x00" + bytes(256), pause)) if pause else None
        start = time.monotonic()
        try:
            async with asyncio.timeout(3 * DEFAULT_FRAME_TIMEOUT):
                await client.reader.read()
        except ConnectionError:
            pass
        except TimeoutError:
            return float("inf")
        finally:
            if dripping is not None:
                dripping.cancel()
        return time.monotonic() - start


async def _slow_agent(pause: float | None) -> float:
    """Let an agent begin its response and never end it; return the seconds until the manager gives it up."""
    began = 0.0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal began
        await reader.read(65536)
        began = time.monotonic()
        writer.write(b"\x30")
        if pause:
            dripping = asyncio.create_task(_drip(writer, b"\x82\x01\x00" + bytes(256), pause))
            await reader.read()
            dripping.cancel()
        else:
            await reader.read()
        writer.close()

    async with await asyncio.start_server(serve, HERE, 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with Manager(HERE, port, credentials=PUBLIC, retries=0) as manager:
            try:
                await manager.get("1.3.6.1.2.1.1.1.0", timeout=3 * DEFAULT_FRAME_TIMEOUT)
            except ConnectionLost:
                return time.monotonic() - began
            except SnmpError:
                return float("inf")
    return float("nan")


async def too_slow(scale: Scale) -> Outcome:
    """R7: a message that never becomes complete, at a listener and from an agent, all at once."""
    cpu, start = cpu_seconds(), time.monotonic()
    async with AsyncExitStack() as stack:
        listener = await stack.enter_async_context(
            NotificationListener(HERE, 0, credentials=PUBLIC, frame_timeout=DEFAULT_FRAME_TIMEOUT)
        )
        address = listener.addresses[0]
        ends = await asyncio.gather(
            _slow_sender(address, None), _slow_sender(address, 1.0), _slow_agent(None), _slow_agent(1.0)
        )
    busy = 100 * (cpu_seconds() - cpu) / (time.monotonic() - start)
    deadline = DEFAULT_FRAME_TIMEOUT
    names = ("listener, 1 octet", "listener, 1 octet/s", "manager, 1 octet", "manager, 1 octet/s")
    figures = [
        Figure(f"{name}: closed after", end, "s", least=0.9 * deadline, most=1.1 * deadline)
        for name, end in zip(names, ends, strict=True)
    ]
    return Outcome((*figures, Figure("CPU of all ends", busy, "%", most=1)))


ROWS = (
    Row(
        "R1",
        "the stream is split and joined anywhere",
        "every request is answered; every split of 88 captured sessions gives the same messages",
        split_anywhere,
    ),
    Row(
        "R2",
        "messages of 8,192, 65,535, 141,509 and 1,048,576 octets",
        "read and written, in SNMPv2c and SNMPv3",
        large_messages,
    ),
    Row("R6", "octets that cannot begin a message", "closed in 50 ms; pending requests fail in 50 ms", not_snmp),
    Row(
        "R7",
        "one octet and then silence; one octet per second",
        "closed at the deadline of a message (10 s) ± 10 %; CPU below 1 %",
        too_slow,
    ),
)
