"""A line between a manager and an agent that makes faults: a TCP proxy that resets, stalls, cuts and garbles."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("Line",)

#: What a garbled line inserts.
NOISE = b"\xde\xad\xbe\xef"


class Line:
    """Listens on a port of its own and passes everything on, until it is told to do something else.

    Args:
        host: the target.
        port: the target's port.

    Attributes:
        port: where it listens, once it is started.
    """

    def __init__(self, host: str, port: int) -> None:
        self.port = 0
        self.target = (host, port)
        self._refusing = False
        self._stalled = False
        self._change: Callable[[bytes], bytes | None] | None = None
        self._ends: set[_End] = set()
        self._connecting: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Listen."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: _Near(self), "127.0.0.1", 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def aclose(self) -> None:
        """Stop listening, and reset all connections."""
        self._server.close()
        for task in tuple(self._connecting):
            task.cancel()
        await asyncio.gather(*self._connecting, return_exceptions=True)
        self.reset()

    def reset(self) -> None:
        """Reset all connections, on both sides."""
        for end in tuple(self._ends):
            end.reset()

    def stall(self, *, stalled: bool) -> None:
        """Read nothing from either side any more, or go on."""
        self._stalled = stalled
        for end in tuple(self._ends):
            end.pause(paused=stalled)

    def refuse(self, *, refusing: bool) -> None:
        """Reset all connections, and new ones at once; or go on."""
        self._refusing = refusing
        if refusing:
            self.reset()

    def cut(self) -> None:
        """Pass on half of what the agent says next, and then reset the connection."""
        self._change = lambda octets: octets[: len(octets) // 2]

    def garble(self) -> None:
        """Insert noise into what the agent says next."""
        self._change = lambda octets: octets[: len(octets) // 2] + NOISE + octets[len(octets) // 2 :]

    # What the connections ask

    def take_change(self, octets: bytes) -> tuple[bytes, bool]:
        """Return what to send in the place of octets of the agent, and whether the connection then ends."""
        change, self._change = self._change, None
        if change is None:
            return octets, False
        changed = change(octets) or b""
        return changed, len(changed) < len(octets)

    def accepts(self) -> bool:
        """Whether new connections are taken."""
        return not self._refusing

    def opened(self, end: _End) -> None:
        """Note one side of a connection."""
        self._ends.add(end)
        if self._stalled:
            end.pause(paused=True)

    def closed(self, end: _End) -> None:
        """Forget one side of a connection."""
        self._ends.discard(end)

    def connect(self, near: _Near) -> None:
        """Connect to the target for a connection that has come."""
        task = asyncio.ensure_future(self._connect(near))
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    async def _connect(self, near: _Near) -> None:
        loop = asyncio.get_running_loop()
        try:
            await loop.create_connection(lambda: _Far(self, near), *self.target)
        except OSError:  # the agent is down: so is the line
            near.reset()


class _End(asyncio.Protocol):
    """One side of a connection through the line."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.other: _End | None = None
        self.transport: asyncio.Transport | None = None
        self._paused = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        sock = transport.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.line.opened(self)

    def data_received(self, data: bytes) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self.line.closed(self)
        self.transport = None
        if self.other is not None and self.other.transport is not None:
            if exc is None:
                self.other.transport.close()
            else:
                self.other.reset()

    def pause(self, *, paused: bool) -> None:
        """Stop reading, or go on."""
        if self.transport is None or self.transport.is_closing() or paused is self._paused:
            return
        self._paused = paused
        if paused:
            self.transport.pause_reading()
        else:
            self.transport.resume_reading()

    def reset(self) -> None:
        """End the connection with RST."""
        if self.transport is not None:
            sock = self.transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            self.transport.abort()


class _Near(_End):
    """The side of the manager."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if not self.line.accepts():
            self.reset()
            return
        self.pause(paused=True)  # until there is someone to pass it on to
        self.line.connect(self)


class _Far(_End):
    """The side of the agent."""

    def __init__(self, line: Line, near: _Near) -> None:
        super().__init__(line)
        self.other = near

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        near = self.other
        assert near is not None
        super().connection_made(transport)
        if near.transport is None:  # it has gone meanwhile
            self.reset()
            return
        near.other = self
        near.pause(paused=self._paused)

    def data_received(self, data: bytes) -> None:
        changed, ends = self.line.take_change(data)
        super().data_received(changed)
        if ends:
            assert self.other is not None
            asyncio.get_running_loop().call_later(0.01, self.other.reset)
