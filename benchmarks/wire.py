"""The limit: the same octets, sent by a client that does nothing else.

It has a blocking socket and prepared requests, and counts responses by their BER length without decoding them.  No
Python client of the same agent can be much faster.
"""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING

from snmptcp.codec.framer import Framer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

__all__ = ("Wire", "split_messages")

BUFFER_SIZE = 256 * 1024

_QUICKACK: int | None = getattr(socket, "TCP_QUICKACK", None)
_YIELD: Callable[[], None] | None = getattr(os, "sched_yield", None)


def split_messages(chunks: Iterable[bytes]) -> list[bytes]:
    """Return the messages of a recorded stream."""
    framer = Framer()
    return [message for chunk in chunks for message in framer.feed(chunk)]


def message_length(data: bytearray, offset: int, end: int) -> int:
    """Return the length of the message at ``offset``; 0 if its header is incomplete."""
    if end - offset < 2:
        return 0
    count = data[offset + 1] - 0x80
    if count < 0:
        return count + 0x82
    start = offset + 2 + count
    return start - offset + int.from_bytes(data[offset + 2 : start], "big") if start <= end else 0


class Wire:
    """A connection that replays requests.

    Args:
        host: the agent's address.
        port: its TCP port.
    """

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.create_connection((host, port), 10.0)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._buffer = bytearray(BUFFER_SIZE)
        self._view = memoryview(self._buffer)
        self._filled = 0

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def replay(self, requests: Sequence[bytes], window: int) -> None:
        """Send all requests with at most ``window`` in flight, and wait for all responses.

        After each read, as many requests are sent together as responses arrived, as by a client with ``window``
        tasks.
        """
        answered = sent = 0
        while answered < len(requests):
            allowed = min(answered + window, len(requests))
            if allowed > sent:
                self._socket.sendall(requests[sent] if allowed == sent + 1 else b"".join(requests[sent:allowed]))
                sent = allowed
            if window > 1 and _YIELD is not None:
                # Waking for each single response would cost more than all else here.  This does not slow down an
                # agent on another CPU, and lets one on the same CPU answer several at once.
                _YIELD()
            answered += self._receive()

    def _receive(self) -> int:
        """Read once; return the number of responses that are complete now."""
        octets = self._socket.recv_into(self._view[self._filled :])
        if not octets:
            raise ConnectionError("the agent closed the connection")
        if _QUICKACK is not None:  # an agent with Nagle's algorithm would wait for a delayed ACK
            self._socket.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
        end = self._filled + octets
        offset = count = 0
        while (length := message_length(self._buffer, offset, end)) and offset + length <= end:
            offset += length
            count += 1
        self._filled = end - offset
        if self._filled and offset:
            self._buffer[: self._filled] = self._buffer[offset:end]
        return count
