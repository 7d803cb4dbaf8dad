"""Senders of traps at full speed: ``storm PORT SENDERS SECONDS``.  It prints how many traps they have sent."""

from __future__ import annotations

import asyncio
import itertools
import socket
import sys
import time

from snmptcp import TimeTicks, VarBind
from snmptcp.codec.ber import SEQUENCE, encode_integer, tlv
from snmptcp.codec.pdu import Pdu, PduType, encode_pdu
from snmptcp.oid import OID
from snmptcp.values import ObjectIdentifier
from tests.scorecard.peers import say, yield_to_others

#: Traps of one write.
BATCH = 20

#: What waits in a sender: little, so that the storm ends when it ends.
_SEND_BUFFER = 8192


def trap(number: int) -> bytes:
    """Return a coldStart of SNMPv2c."""
    varbinds = (
        VarBind(OID("1.3.6.1.2.1.1.3.0"), TimeTicks(number)),
        VarBind(OID("1.3.6.1.6.3.1.1.4.1.0"), ObjectIdentifier("1.3.6.1.6.3.1.1.5.1")),
    )
    pdu = encode_pdu(Pdu(PduType.TRAP_V2, number, 0, 0, varbinds))
    return tlv(SEQUENCE, encode_integer(1) + tlv(0x04, b"public") + pdu)


async def _send(port: int, until: float, numbers: itertools.count[int]) -> int:
    loop = asyncio.get_running_loop()
    sent = 0
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER)
        sock.setblocking(False)
        await loop.sock_connect(sock, ("127.0.0.1", port))
        octets = b"".join(trap(next(numbers)) for _ in range(BATCH))
        while time.monotonic() < until:
            await loop.sock_sendall(sock, octets)
            sent += BATCH
            await asyncio.sleep(0)
    return sent


async def _storm(port: int, senders: int, seconds: float) -> None:
    say("ready")
    until = time.monotonic() + seconds
    numbers = itertools.count(1)
    say(sum(await asyncio.gather(*(_send(port, until, numbers) for _ in range(senders)))))


if __name__ == "__main__":
    yield_to_others()
    asyncio.run(_storm(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
