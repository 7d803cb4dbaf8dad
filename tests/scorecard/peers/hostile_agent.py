"""A hostile agent: ``hostile_agent HOW``, as :data:`WAYS` has it.  It prints its port."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from snmptcp.codec import ber
from snmptcp.codec.framer import Framer
from snmptcp.codec.message import CommunityMessage, decode_message
from snmptcp.codec.pdu import Pdu, PduType
from tests.scorecard.peers import say, yield_to_others

if TYPE_CHECKING:
    from collections.abc import Callable

#: As many variable bindings as fit into 3.1 MiB.
GIANT = bytes.fromhex("300506012b0500") * 465_555

_UPTIME = ber.tlv(0x30, b"\x06\x08" + bytes.fromhex("2b06010201010300") + b"\x43\x01\x01")


def answer(request: bytes, varbinds: bytes) -> bytes:
    """Return the answer to a GET with any octets as its variable bindings."""
    asked = decode_message(request)
    assert isinstance(asked, CommunityMessage)
    assert isinstance(asked.pdu, Pdu)
    pdu = ber.encode_integer(asked.pdu.request_id) + b"\x02\x01\x00" * 2 + ber.tlv(0x30, varbinds)
    return ber.tlv(0x30, b"\x02\x01\x01\x04\x06public" + ber.tlv(PduType.RESPONSE, pdu))


#: What it answers to one request; empty to close at once, ``None`` to send the shortest message for ever.
WAYS: dict[str, Callable[[bytes], bytes] | None] = {
    "garbage": None,
    "unframeable": lambda _: b"\x30\x80" + bytes(1000),
    "late answers": lambda request: answer(request, _UPTIME) * 20_000,
    "465,555 variable bindings": lambda request: answer(request, GIANT),
    "closing": lambda _: b"",
}


async def _serve(how: str) -> None:
    octets_for = WAYS[how]

    async def converse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        framer = Framer()
        with suppress(OSError):
            while data := await reader.read(65536):
                for request in framer.feed(data):
                    while octets_for is None:
                        writer.write(b"\x30\x00" * 65_536)
                        await writer.drain()
                    if not (octets := octets_for(request)):
                        return
                    writer.write(octets)
                    await writer.drain()
        writer.transport.abort()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await converse(reader, writer)
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    say(server.sockets[0].getsockname()[1])
    await asyncio.Event().wait()


if __name__ == "__main__":
    yield_to_others()
    asyncio.run(_serve(sys.argv[1]))
