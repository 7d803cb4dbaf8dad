"""A raw TCP client: sends octets, reads whole messages, and checks nothing else."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from typing import TYPE_CHECKING

from snmptcp.codec.framer import Framer
from snmptcp.codec.message import CommunityMessage, decode_message, encode_message
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.credentials import SnmpVersion
from snmptcp.oid import OID
from snmptcp.values import Null, VarBind

if TYPE_CHECKING:
    from typing import Self

    from snmptcp.values import Value

V1 = SnmpVersion.V1
V2C = SnmpVersion.V2C


def message(
    kind: PduType,
    *names: str | OID | tuple[str | OID, Value],
    version: SnmpVersion = V2C,
    community: bytes = b"public",
    request_id: int = 1,
    first: int = 0,
    second: int = 0,
) -> bytes:
    """Return a message; a name may have a value; first and second are the PDU's two numbers."""
    pairs = (name if isinstance(name, tuple) else (name, Null()) for name in names)
    varbinds = tuple(VarBind(OID(name), value) for name, value in pairs)
    return encode_message(CommunityMessage(version, community, Pdu(kind, request_id, first, second, varbinds)))


class RawClient:
    """One connection; use it as an async context manager."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self._ids = itertools.count(1)

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        self._framer = Framer()
        self._frames: list[bytes] = []
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        with contextlib.suppress(ConnectionError):  # the other end may have reset the connection
            await self.writer.wait_closed()

    def send(self, octets: bytes) -> None:
        self.writer.write(octets)

    def pause_reading(self) -> None:
        """Leave arriving octets in the socket."""
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        self._transport.resume_reading()

    @property
    def _transport(self) -> asyncio.Transport:
        assert isinstance(self.writer.transport, asyncio.Transport)
        return self.writer.transport

    async def frame(self) -> bytes:
        """Return the next whole message; raise EOFError if the stream ends before it."""
        while not self._frames:
            octets = await self.reader.read(65536)
            if not octets:
                raise EOFError
            self._frames += self._framer.feed(octets)
        return self._frames.pop(0)

    async def answer(self) -> CommunityMessage:
        found = decode_message(await self.frame())
        assert isinstance(found, CommunityMessage)
        return found

    async def ask(self, octets: bytes) -> Pdu:
        """Send a message and return the PDU of the next one that arrives."""
        self.send(octets)
        pdu = (await self.answer()).pdu
        assert isinstance(pdu, Pdu)
        return pdu

    async def request(
        self,
        kind: PduType,
        *names: str | OID | tuple[str | OID, Value],
        version: SnmpVersion = V2C,
        community: bytes = b"public",
        first: int = 0,
        second: int = 0,
    ) -> Pdu:
        """Send a request and return its response, which must have the same request-id."""
        request_id = next(self._ids)
        pdu = await self.ask(
            message(
                kind,
                *names,
                version=version,
                community=community,
                request_id=request_id,
                first=first,
                second=second,
            )
        )
        assert pdu.type is PduType.RESPONSE
        assert pdu.request_id == request_id
        return pdu
