"""A TCP relay that can cut the stream elsewhere, stall, and drop its connections."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Self

#: SO_LINGER of no seconds: closing sends RST.
_NO_LINGER = struct.pack("ii", 1, 0)


class Relay:
    """Listens on its own port and forwards everything; use it as an async context manager.

    Args:
        host: the target.
        port: the target's port.
        cut: returns the pieces in which octets are forwarded, each in a segment of its own; by default in one.
        gather: wait so many seconds before each forwarding, so that what comes meanwhile is forwarded with it.
    """

    def __init__(
        self,
        host: str,
        port: int,
        *,
        cut: Callable[[bytes], Iterable[bytes]] | None = None,
        gather: float = 0.0,
    ) -> None:
        self.host = "127.0.0.1"
        self.port = 0
        #: The number of connections so far.
        self.connections = 0
        self._target = (host, port)
        self._cut = cut
        self._gather = gather
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._relay, self.host, 0)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self._server.close()
        await self.drop()
        await self._server.wait_closed()

    async def drop(self) -> None:
        """Cut all connections, without a word to either end, and wait until they are gone."""
        self._flowing.set()
        for writer in self._writers:
            writer.transport.abort()
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def reset(self) -> None:
        """End all connections with RST, at both ends, and wait until they are gone."""
        for writer in self._writers:
            writer.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        await self.drop()

    async def close(self) -> None:
        """End all connections with FIN, at both ends, and wait until they are gone."""
        for writer in self._writers:
            writer.close()
        while self._tasks:
            await asyncio.wait(self._tasks)

    def stall(self) -> None:
        """Forward nothing from now on, on present and new connections, and say nothing: a black hole."""
        self._flowing.clear()

    def resume(self) -> None:
        """Forward again, also what came meanwhile."""
        self._flowing.set()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        there_writer = None
        try:
            there, there_writer = await asyncio.open_connection(*self._target)
            self._writers.add(there_writer)
            await asyncio.gather(self._pass(reader, there_writer), self._pass(there, writer))
        finally:
            self._tasks.discard(task)
            self._writers -= {writer, there_writer}

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward octets and then the end of the stream."""
        with contextlib.suppress(ConnectionError):  # which ends it as well
            try:
                while octets := await reader.read(65536):
                    if self._gather:
                        await asyncio.sleep(self._gather)
                        octets += await _rest(reader)
                    await self._flowing.wait()
                    for piece in [octets] if self._cut is None else self._cut(octets):
                        writer.write(piece)
                        await writer.drain()
                        if self._cut is not None:
                            await asyncio.sleep(0)  # the receiver's turn
            finally:
                writer.close()


async def _rest(reader: asyncio.StreamReader) -> bytes:
    """Return what has come already."""
    try:
        async with asyncio.timeout(0.001):
            return await reader.read(1 << 20)
    except TimeoutError:
        return b""
