"""Managers that are kept from one scrape to the next, with their connections.

Contains: which manager a scrape gets, and when managers are closed.  Does not contain: what is asked
(:mod:`snmptcp.exporter.asking`).
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import OrderedDict
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from snmptcp.exporter.config import Auth
    from snmptcp.exporter.target import Target
    from snmptcp.manager.manager import Manager

__all__ = ("Peer", "Pool")


class Peer(NamedTuple):
    """What scrapes have in common that can use one manager.

    Attributes:
        target: the agent.
        auth: what authenticates requests.
        context: the SNMPv3 context, if it is not that of the auth.
        engine_id: the contextEngineID, if it is not the agent's.
        retries: how often a request is repeated after a lost connection.
    """

    target: Target
    auth: Auth
    context: str = ""
    engine_id: bytes | None = None
    retries: int = 3


class _Kept:
    """A manager, and how many scrapes use it now."""

    __slots__ = ("idle_since", "is_doubtful", "manager", "users")

    def __init__(self, manager: Manager) -> None:
        self.manager = manager
        self.users = 0
        self.idle_since = 0.0
        self.is_doubtful = False


class Pool:
    """Keeps managers.

    Args:
        make: makes the manager of a peer.
        idle_time: how long an unused manager keeps its connection, in seconds.
        most_idle: how many unused managers are kept; of more, the one that was unused longest is closed.
    """

    def __init__(self, make: Callable[[Peer], Manager], *, idle_time: float, most_idle: int) -> None:
        self._make = make
        self._idle_time = idle_time
        self._most_idle = most_idle
        self._used: dict[Peer, _Kept] = {}
        self._idle: OrderedDict[Peer, _Kept] = OrderedDict()  # the one that is idle longest first
        self._timer: asyncio.TimerHandle | None = None
        self._closing: set[asyncio.Task[None]] = set()
        self._closed = False

    def __len__(self) -> int:
        return len(self._used) + len(self._idle)

    @contextlib.asynccontextmanager
    async def manager(self, peer: Peer) -> AsyncIterator[Manager]:
        """Give the manager of a peer to a block; several blocks may have it at once.

        A block that ends because time was over, or is cancelled, leaves its connection in doubt: the next one gets
        another.

        Raises:
            ConfigurationError: such a manager cannot be made.

        Safe to cancel.
        """
        kept = self._used.get(peer) or self._idle.pop(peer, None) or _Kept(self._make(peer))
        self._used[peer] = kept
        kept.users += 1
        try:
            yield kept.manager
        except (TimeoutError, asyncio.CancelledError):
            kept.is_doubtful = True
            raise
        finally:
            kept.users -= 1
            if self._used.get(peer) is kept and (kept.is_doubtful or not kept.users):
                del self._used[peer]
            if not kept.users:
                self._keep(peer, kept)

    def _keep(self, peer: Peer, kept: _Kept) -> None:
        """Keep a manager that no scrape uses now, if it has a connection to keep."""
        if self._closed or kept.is_doubtful or not kept.manager.connected:
            self._close(kept)
            return
        kept.idle_since = asyncio.get_running_loop().time()
        self._idle[peer] = kept
        if len(self._idle) > self._most_idle:
            self._close(self._idle.popitem(last=False)[1])
        self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is None and self._idle:
            first = next(iter(self._idle.values()))
            loop = asyncio.get_running_loop()
            self._timer = loop.call_at(first.idle_since + self._idle_time, self._sweep)

    def _sweep(self) -> None:
        """Close managers that have been unused for so long."""
        self._timer = None
        due = asyncio.get_running_loop().time() - self._idle_time
        while self._idle and next(iter(self._idle.values())).idle_since <= due:
            self._close(self._idle.popitem(last=False)[1])
        self._set_timer()

    def _close(self, kept: _Kept) -> None:
        task = asyncio.ensure_future(kept.manager.aclose())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def aclose(self) -> None:
        """Close all managers; those in use when their scrapes end.  May be called twice."""
        self._closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self._idle:
            self._close(self._idle.popitem(last=False)[1])
        if self._closing:
            await asyncio.wait(self._closing)
