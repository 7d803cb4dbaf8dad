"""Events on their way to one browser (Server-Sent Events), in a bounded amount of memory.

Contains: the queue of one client, and the form of events.  A client that reads too slowly loses what waits, which is
counted, and is told everything anew.  Does not contain: HTTP.
"""

from __future__ import annotations

import asyncio
import json
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("Outbox", "event")


def event(kind: str, content: object) -> bytes:
    """Return an event as it goes to browsers; its content is JSON on one line, in ASCII."""
    return f"event: {kind}\ndata: {json.dumps(content, separators=(',', ':'), allow_nan=False)}\n\n".encode()


class Outbox:
    """The events that wait for one client.

    Args:
        most: how many octets may wait.
        everything: returns the events that tell everything anew.

    Attributes:
        watched: the name of the agent whose interfaces the client is told; empty for none.
        dropped: how many events were dropped.
        closed: whether no more events will come.
    """

    def __init__(self, most: int, everything: Callable[[Outbox], bytes], watched: str = "") -> None:
        self._most = most
        self._everything = everything
        self._events: deque[bytes] = deque()
        self._octets = 0
        self._stale = True  # nothing was told so far
        self._arrived = asyncio.Event()
        self._arrived.set()
        self.watched = watched
        self.dropped = 0
        self.closed = False

    def put(self, octets: bytes) -> None:
        """Add an event."""
        if self._stale:  # everything is told next, this included
            return
        if self._events and self._octets + len(octets) > self._most:
            self.dropped += len(self._events) + 1
            self._events.clear()
            self._octets = 0
            self._stale = True
        else:
            self._events.append(octets)
            self._octets += len(octets)
        self._arrived.set()

    def close(self) -> None:
        """End the queue."""
        self.closed = True
        self._arrived.set()

    async def take(self, patience: float) -> bytes:
        """Return the events that wait, as soon as there are any.  Safe to cancel.

        Args:
            patience: how long to wait, in seconds.

        Returns:
            The events; none if none has come, or the queue is closed.
        """
        try:
            async with asyncio.timeout(patience):
                await self._arrived.wait()
        except TimeoutError:
            return b""
        if self.closed:
            return b""
        self._arrived.clear()
        if self._stale:
            everything = self._everything(self)
            self._stale = False
            return everything
        octets = b"".join(self._events)
        self._events.clear()
        self._octets = 0
        return octets
