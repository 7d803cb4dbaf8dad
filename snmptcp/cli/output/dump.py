"""``-d``: explains every packet that is sent or received.

Contains: splitting the stream into packets, and printing them.  Does not contain: explaining a packet
(:mod:`snmptcp.explain`).
"""

from __future__ import annotations

import functools
import importlib
from typing import TYPE_CHECKING

from snmptcp.codec.framer import Framer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TextIO

    from snmptcp.credentials import UsmUser
    from snmptcp.mib.mib import Mib
    from snmptcp.protocol.statistics import Statistics

__all__ = ("PacketDump",)


class PacketDump:
    """A packet trace that explains every message, without communities, passwords and keys.

    Args:
        stream: receives the text.
        users: their messages are decrypted.
        find_mib: asked with the first message for the names of OIDs; ``None`` is none.
    """

    def __init__(
        self, stream: TextIO, users: Sequence[UsmUser] = (), find_mib: Callable[[], Mib | None] = lambda: None
    ) -> None:
        # Loaded only for -d: pyasn1 takes longer to load than a whole GET.
        self._explain: Callable[..., str] = importlib.import_module("snmptcp.explain").explain
        self._users = users
        self._mib = functools.cache(find_mib)
        self._stream = stream
        self._framers: dict[str, Framer] = {}
        self._connections = 0
        #: The manager's counters, which show when a new connection begins.
        self.statistics: Statistics | None = None

    def __call__(self, direction: str, data: bytes) -> None:
        """Handle octets that were ``"sent"`` or ``"received"``."""
        if self.statistics is not None and self.statistics.connections != self._connections:
            self._connections = self.statistics.connections
            self._framers.clear()  # the rest of an unfinished message will not arrive
        framer = self._framers.setdefault(direction, Framer())
        for message in framer.feed(data):
            text = self._explain(message, users=self._users, mib=self._mib())
            self._write(f"{direction} {len(message)} octets", text)
        if framer.failure is not None:
            self._write(f"{direction} {len(data)} octets that are not messages", f"{framer.failure.problem}")
            del self._framers[direction]

    def _write(self, title: str, text: str) -> None:
        printable = text.encode("ascii", "backslashreplace").decode("ascii")
        self._stream.write(f"-- {title}\n{printable.rstrip()}\n\n")
