"""The one owner of pausing a transport's reading: reading goes on when no reason to pause is left.

Contains: the reasons, and the calls of ``pause_reading`` and ``resume_reading``.  Does not contain: what begins or
ends a reason, timers.
"""

from __future__ import annotations

import sys
from enum import Enum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

__all__ = ("PauseReason", "ReadGate")


#: Up to some release of Python 3.11, that of Debian 12 among them, asyncio begins to read right behind
#: ``connection_made``, even from a transport that was paused there.
_PAUSE_IS_LOST = sys.version_info < (3, 12)


class PauseReason(Enum):
    """Why nothing is read from a transport."""

    #: The caller asked for it: it takes no more now.
    HELD = auto()
    #: The limit of octets per second was reached.
    RATE = auto()
    #: What has come already is not dealt with yet.
    BACKLOG = auto()
    #: The peer does not read what was written, so it must not make more of it.
    PEER_DOES_NOT_READ = auto()


#: One object for all connections: most of them never pause.
_NONE: frozenset[PauseReason] = frozenset()


class ReadGate:
    """A set of reasons to pause reading.

    The transport is paused when the first reason comes, and resumed when the last one goes.  Reasons that come before
    the transport apply as soon as there is one; after its end they are kept and have no effect.
    """

    __slots__ = ("_reasons", "_transport")

    def __init__(self) -> None:
        self._reasons = _NONE
        self._transport: asyncio.Transport | None = None

    @property
    def is_open(self) -> bool:
        """Whether there is no reason to pause."""
        return not self._reasons

    def is_open_but_for(self, reason: PauseReason) -> bool:
        """Whether there is no other reason to pause than this one."""
        return not self._reasons or self._reasons == {reason}

    def __contains__(self, reason: PauseReason) -> bool:
        return reason in self._reasons

    def attach(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        """Take a new transport, which reads now; for :meth:`asyncio.BaseProtocol.connection_made`."""
        self._transport = transport
        if self._reasons and not transport.is_closing():
            transport.pause_reading()
        if _PAUSE_IS_LOST:
            loop.call_soon(self._pause_again, transport)

    def _pause_again(self, transport: asyncio.Transport) -> None:
        """Pause a transport that reads although it was paused."""
        if self._reasons and self._transport is transport and not transport.is_closing():
            transport.resume_reading()
            transport.pause_reading()

    def detach(self) -> None:
        """Let go of a transport that has ended."""
        self._transport = None

    def pause(self, reason: PauseReason) -> None:
        """Read nothing until this reason, and every other, is gone."""
        was_open = not self._reasons
        self._reasons |= {reason}
        if was_open and self._transport is not None and not self._transport.is_closing():
            self._transport.pause_reading()

    def resume(self, reason: PauseReason) -> None:
        """Remove a reason; without effect if it is not there."""
        if reason not in self._reasons:
            return
        self._reasons = self._reasons - {reason} or _NONE
        if not self._reasons and self._transport is not None and not self._transport.is_closing():
            self._transport.resume_reading()
