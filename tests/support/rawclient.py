"""A raw TCP client: sends octets, reads whole messages, and knows nothing else of SNMP."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

from snmptcp.codec.framer import Framer
from snmptcp.codec.message import CommunityMessage, decode_message, encode_message
from snmptcp.codec.pdu import Pdu, PduType
from snmptcp.credentials import SnmpVersion
from snmptcp.oid import OID
from snmptcp.values import Null, VarBind

if TYPE_CHECKING:
    from snmptcp.oid import OidLike
    from snmptcp.values import Value

V1 = SnmpVersion.V1
V2C = SnmpVersion.V2C


def message(
    kind: PduType,
    *names: OidLike | tuple[OidLike, Value],
    version: SnmpVersion = V2C,
    community: bytes = b"public",
    request_id: int = 1,
    first: int = 0,
    second: int = 0,
) -> bytes:
    """Return a message; a name may come with a value, and first and second are the PDU's two numbers."""
    varbinds = tuple(
        VarBind(OID(name[0]), name[1])  # type: ignore[arg-type]
        if isinstance(name, tuple) and len(name) == 2 and not isinstance(name[1], int | str) or _is_pair(name)
        else VarBind(OID(name), Null())  # type: ignore[arg-type]
        for name in names
    )
    return encode_message(CommunityMessage(version, community, Pdu(kind, request_id, first, second, varbinds)))


def _is_pair(name: object) -> bool:
    return isinstance(name, tuple) and len(name) == 2 and isinstance(name[0], str | OID)


class RawClient:
    """One connection; use it as an async context manager."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self._ids = itertools.count(1)

    async def __aenter__(self) -> RawClient:
        self.reader, self.writer = await asyncio.open_connection(self.host, self.port)
        self._framer = Framer()
        self._frames: list[bytes] = []
        return self

    async def __aexit__(self, *_: object) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except ConnectionError:
            pass  # the agent had reset the connection

    def send(self, octets: bytes) -> None:
        self.writer.write(octets)

    async def frame(self) -> bytes:
        """Return the next whole message; EOFError where the stream ends before it."""
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
        """Send a message and return the PDU of the next one that comes back."""
        self.send(octets)
        pdu = (await self.answer()).pdu
        assert isinstance(pdu, Pdu)
        return pdu

    async def request(
        self,
        kind: PduType,
        *names: OidLike | tuple[OidLike, Value],
        version: SnmpVersion = V2C,
        community: bytes = b"public",
        first: int = 0,
        second: int = 0,
    ) -> Pdu:
        """Send a request and return its response, whose request-id must be the same."""
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
