"""The notification soak: a sender at full speed, and a listener that loses nothing and whose memory stays constant.

The sender runs in its own process with a blocking socket.  The notifications are numbered, and the listener checks
that each arrives once and in order.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import socket
import sys
import time
from asyncio.subprocess import PIPE
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from snmptcp import OID, Community, Counter32, OctetString, TimeTicks, UsmUser, VarBind
from snmptcp.codec.framer import Framer
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.listener import NotificationListener
from snmptcp.protocol.notification import notification_request
from snmptcp.security.authority import AuthoritativeEngine
from snmptcp.security.community import CommunitySecurity
from snmptcp.security.reports import SecurityCounters

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ("SOAKS", "Soaked", "soak", "soak_as_text")

HOST = "127.0.0.1"
COMMUNITY = Community("public")
USER = UsmUser("soak", "SHA-256", "soak authentic", "AES", "soak private")

#: Notifications in one write, and informs in flight.
BATCH = 64

#: How long the listener waits for missing notifications, in seconds.
PATIENCE = 10.0

#: How often memory is measured during a soak.
SAMPLES = 10

#: The first request-id: all have four octets.
FIRST = 0x01000000

SOAKS = ("SNMPv2c traps", "SNMPv2c informs", "SNMPv3 authPriv traps")


@dataclass(frozen=True, slots=True)
class Soaked:
    """The result of one soak.

    Attributes:
        title: the kind of notification.
        sent: the number of notifications sent.
        received: the number received, each once and in order.
        seconds: the time that it took.
        cpu: CPU seconds of the listener.
        memory: its resident memory in megabytes over time; empty if the system does not report it.
    """

    title: str
    sent: int
    received: int
    seconds: float
    cpu: float
    memory: tuple[float, ...]


def soak_as_text(soaked: Soaked) -> str:
    """Return the result in one line."""
    words = [
        f"{soaked.title}: {soaked.sent:,} sent, {soaked.received:,} received, {soaked.sent - soaked.received:,} lost",
        f"{soaked.received / soaked.seconds:,.0f} per second",
        f"{soaked.cpu / max(soaked.received, 1) * 1e6:.1f} us of the listener's CPU each",
    ]
    if soaked.memory:
        words.append(f"memory {soaked.memory[0]:.1f} MB, at the end {soaked.memory[-1]:.1f} MB")
    return ", ".join(words)


def soak_as_json(soaked: Soaked) -> dict[str, Any]:
    """Return the result for JSON."""
    return {"soak": asdict(soaked)}


# ------------------------------------------------------------------------------------------- listener


async def soak(title: str, seconds: float) -> Soaked:
    """Send for some time, receive everything, and return the cost.

    Args:
        title: one of :data:`SOAKS`.
        seconds: the time of sending.

    Raises:
        RuntimeError: a notification is missing or out of order.
    """
    async with NotificationListener(HOST, 0, credentials=[COMMUNITY, USER]) as listener:
        command = (sys.executable, "-m", "benchmarks.soak", title, str(listener.port), str(seconds))
        sender = await asyncio.create_subprocess_exec(*command, stdout=PIPE, cwd=Path.cwd())
        try:
            return await _receive(listener, sender, title, seconds)
        finally:
            if sender.returncode is None:
                sender.terminate()
                await sender.wait()


async def _receive(
    listener: NotificationListener, sender: asyncio.subprocess.Process, title: str, seconds: float
) -> Soaked:
    told = asyncio.create_task(_count_of(sender))
    try:
        _check((await anext(listener)).pdu, 0)
        began, cpu, received = time.monotonic(), time.process_time(), 1
        memory = [_resident()]
        while not told.done() or received < told.result():
            before = received
            try:
                async with asyncio.timeout(max(seconds / SAMPLES, PATIENCE if told.done() else 0)):
                    while not told.done() or received < told.result():
                        _check((await anext(listener)).pdu, received)
                        received += 1
            except TimeoutError:
                if told.done() and received == before:
                    break  # all were sent, and nothing more arrives
            memory.append(_resident())
        took = time.monotonic() - began
        known = tuple(megabytes for megabytes in memory if megabytes is not None)
        return Soaked(title, await told, received, took, time.process_time() - cpu, known)
    finally:
        told.cancel()


async def _count_of(sender: asyncio.subprocess.Process) -> int:
    """Return the number that the sender has printed."""
    output, _ = await sender.communicate()
    if sender.returncode:
        raise RuntimeError("the sender of notifications failed")
    return int(output)


def _check(pdu: object, number: int) -> None:
    if not isinstance(pdu, Pdu) or pdu.request_id != FIRST + number:
        raise RuntimeError(f"notification {number} was not received in its place")


def _resident() -> float | None:
    """Return this process's resident memory in megabytes, if the system reports it."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return None
    return pages * 4096 / 1e6


# --------------------------------------------------------------------------------------------- sender


def _messages(title: str) -> Iterator[bytes]:
    """Yield numbered notifications endlessly."""
    trap_oid = OID("1.3.6.1.4.1.8072.9999.0.17")
    varbinds = (
        VarBind(OID("1.3.6.1.2.1.1.5.0"), OctetString("a device somewhere")),
        VarBind(OID("1.3.6.1.2.1.2.2.1.10.3"), Counter32(4_000_000_000)),
    )
    kind = PduType.INFORM if "informs" in title else PduType.TRAP_V2
    request = notification_request(kind, trap_oid, varbinds, TimeTicks(4242))
    protect = _user_protection() if "v3" in title else CommunitySecurity(COMMUNITY).protect
    for number in itertools.count(FIRST):
        yield protect(request.type, number, number.to_bytes(4, "big"), request.tail, time.monotonic())


def _user_protection() -> Callable[[int, int, bytes, bytes, float], bytes]:
    engine = AuthoritativeEngine((), SecurityCounters(), max_message_size=65507)
    engine.start(time.monotonic())

    def protect(_pdu_type: int, message_id: int, request_id: bytes, tail: bytes, now: float) -> bytes:
        return engine.protect_trap(USER, message_id, request_id, tail, now)

    return protect


def _send(title: str, port: int, seconds: float) -> int:
    """Send for some time; return the number of notifications."""
    messages = _messages(title)
    sent = 0
    with socket.create_connection((HOST, port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        framer = Framer()
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            connection.sendall(b"".join(itertools.islice(messages, BATCH)))
            sent += BATCH
            answers = 0
            while "informs" in title and answers < BATCH:
                octets = connection.recv(65536)
                if not octets:
                    raise RuntimeError("the listener has closed the connection")
                answers += len(framer.feed(octets))
    return sent


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The sender; the listener's process starts it.")
    parser.add_argument("title", choices=SOAKS)
    parser.add_argument("port", type=int)
    parser.add_argument("seconds", type=float)
    arguments = parser.parse_args()
    print(_send(arguments.title, arguments.port, arguments.seconds))
