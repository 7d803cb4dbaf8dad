"""``-d``: every packet in words, as it goes by.

What may live here: the chunks of a stream to packets, and those to text.  What may not: reading a packet,
which is :mod:`snmptcp.explain`'s.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from snmptcp.codec.framer import Framer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TextIO

    from snmptcp.credentials import UsmUser
    from snmptcp.protocol.statistics import Statistics

__all__ = ("PacketDump",)


class PacketDump:
    """A manager's packet trace that explains every message.  Communities, passwords and keys are not shown.

    Args:
        stream: where the text goes.
        users: whose messages are decrypted.
    """

    def __init__(self, stream: TextIO, users: Sequence[UsmUser] = ()) -> None:
        # Imported here, because pyasn1 takes longer to load than a GET takes.
        self._explain: Callable[..., str] = importlib.import_module("snmptcp.explain").explain
        self._users = users
        self._stream = stream
        self._framers: dict[str, Framer] = {}
        self._connections = 0
        #: The manager's counters, which tell a new connection from an old one.
        self.statistics: Statistics | None = None

    def __call__(self, direction: str, data: bytes) -> None:
        """Take a chunk that was ``"sent"`` or ``"received"``."""
        if self.statistics is not None and self.statistics.connections != self._connections:
            self._connections = self.statistics.connections
            self._framers.clear()  # what the old connection had not finished never comes
        framer = self._framers.setdefault(direction, Framer())
        for message in framer.feed(data):
            self._write(f"{direction} {len(message)} octets", self._explain(message, users=self._users))
        if framer.failure is not None:
            self._write(f"{direction} {len(data)} octets that are no messages", f"{framer.failure.problem}")
            del self._framers[direction]

    def _write(self, title: str, text: str) -> None:
        printable = text.encode("ascii", "backslashreplace").decode("ascii")
        self._stream.write(f"-- {title}\n{printable.rstrip()}\n\n")
