"""Walks and traced requests that clients ask for: reads alone, of the page's agents alone, few at a time.

Contains: who may ask now, and the managers that ask.  Does not contain: HTTP (:mod:`snmptcp.web.handlers`).
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from snmptcp.fleet.polling.managers import ManagerMaker
from snmptcp.web.lent import ManagerFleet
from snmptcp.web.packets import Recorder, explained
from snmptcp.web.values import Texts

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator, Sequence

    from snmptcp.fleet import Fleet, Target
    from snmptcp.manager import Manager
    from snmptcp.mib import Mib
    from snmptcp.protocol.observer import Observer
    from snmptcp.web.options import Options

__all__ = ("Busy", "Explorer", "NotTraceable", "UnknownAgent")

#: How many SNMPv3 engines are remembered from one walk to the next.
_ENGINES = 1000


class UnknownAgent(Exception):
    """The page has no agent of this name; nothing else is asked."""


class NotTraceable(Exception):
    """The packets of a manager that the program has made cannot be seen."""


class Busy(Exception):
    """A client has a walk under way, or all clients together have as many as they may."""


class Explorer:
    """What clients may ask agents.

    Args:
        fleet: the fleet whose targets may be asked.
        mib: the names of MIB modules; ``None`` for numbers.
        options: the limits.
    """

    def __init__(self, fleet: Fleet, mib: Mib | None, options: Options) -> None:
        self._fleet = fleet
        self._mib = mib
        self._texts = Texts(mib)
        self._options = options
        self._maker = ManagerMaker(mib, _ENGINES, None)
        self._clients: set[str] = set()

    @contextlib.contextmanager
    def place(self, client: str) -> Iterator[None]:
        """Keep a client's place while it asks.

        Args:
            client: what tells clients apart.

        Raises:
            Busy: there is none.
        """
        if client in self._clients:
            raise Busy("this client has a walk under way: stop it first")
        if len(self._clients) >= self._options.max_walks:
            raise Busy(f"{self._options.max_walks} walks are under way, which is all there may be: try again later")
        self._clients.add(client)
        try:
            yield
        finally:
            self._clients.discard(client)

    async def walk(self, agent: str, root: str, limit: int) -> AsyncGenerator[dict[str, object], None]:
        """Walk a subtree of an agent, and yield each variable binding for JSON.

        Args:
            agent: the name of a target.
            root: the subtree: an OID, or a name if there are MIB modules.
            limit: how many variables to read at most.

        Raises:
            UnknownAgent: there is no such target.
            ConfigurationError: the root is no OID, and no module defines it.
            SnmpError: as :meth:`snmptcp.Manager.walk`.

        Safe to cancel.
        """
        async with self._manager(agent) as manager:
            walked = manager.walk(root, limit=min(limit, self._options.max_variables))
            async with contextlib.aclosing(walked) as varbinds:
                async for varbind in varbinds:
                    yield self._texts.varbind(varbind)

    async def trace(self, agent: str, names: Sequence[str]) -> dict[str, object]:
        """Read variables in one GET, and explain each packet.

        Args:
            agent: the name of a target.
            names: the variables: OIDs, or names if there are MIB modules.

        Returns:
            For JSON: the ``packets``, and the ``error`` if the request failed.

        Raises:
            UnknownAgent: there is no such target.
            NotTraceable: the program has made the manager itself.
            ConfigurationError: a name is no OID, and no module defines it.

        Safe to cancel.
        """
        recorder = Recorder()
        async with self._manager(agent, recorder) as manager:
            error = await recorder.record(manager.get(*names))
        credentials = self._target(agent).credentials
        packets = await asyncio.to_thread(explained, recorder.packets, credentials, self._mib)
        return {"packets": packets, "omitted": recorder.omitted, "error": error}

    def _target(self, agent: str) -> Target:
        target = self._fleet.targets.get(agent)
        if target is None:
            raise UnknownAgent(agent)
        return target

    @contextlib.asynccontextmanager
    async def _manager(self, agent: str, observer: Observer | None = None) -> AsyncGenerator[Manager, None]:
        """Return a manager for a target.  It has a connection of its own, so that polls do not wait for it."""
        target = self._target(agent)
        if isinstance(self._fleet, ManagerFleet):
            if observer is not None:
                raise NotTraceable("this program has made its managers itself, so their packets cannot be seen here")
            yield self._fleet.manager(agent)
            return
        maker = self._maker if observer is None else ManagerMaker(self._mib, 1, observer)
        async with maker.make(target) as manager:
            yield manager
