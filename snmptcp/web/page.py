"""The page's data while it runs: it follows a fleet and notifications, and tells all clients what has changed.

Contains: the public class, and its tasks.  Does not contain: HTTP (:mod:`snmptcp.web.handlers`), and what is known of
agents (:mod:`snmptcp.web.board`).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections import deque
from typing import TYPE_CHECKING

import snmptcp
from snmptcp.web.board import Board
from snmptcp.web.outbox import Outbox, event
from snmptcp.web.values import Texts

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Iterator

    from snmptcp.fleet import Fleet
    from snmptcp.listener import Notification
    from snmptcp.mib import Mib
    from snmptcp.web.options import Options

__all__ = ("Page", "TooManyClients")

#: What the page tells of the fleet: counts and times, no names of files.
_HEALTH = (
    *("started_at", "at", "targets", "failing", "running", "connections", "polls", "failed", "skipped", "backed_off"),
    *("samples", "lag", "unread"),
)

logger = logging.getLogger("snmptcp.web")


class TooManyClients(Exception):
    """There are as many event streams as there may be."""


class Page:
    """What a page knows, and who is told.

    An application has it as ``application[snmptcp.web.PAGE]``.

    Args:
        fleet: the fleet whose targets are shown.
        mib: the names of MIB modules; ``None`` for numbers.
        options: how it works.

    Attributes:
        board: the agents.
    """

    def __init__(self, fleet: Fleet, mib: Mib | None, options: Options) -> None:
        self._fleet = fleet
        self._texts = Texts(mib)
        self._options = options
        self.board = Board(options)
        self._notifications: deque[dict[str, object]] = deque(maxlen=options.max_notifications)
        self._received = 0
        self._clients: set[Outbox] = set()
        self._dropped = 0
        self._ended = False

    # ------------------------------------------------------------------------------------- notifications

    def show(self, notification: Notification) -> None:
        """Show a trap or an inform, for programs that take them from a listener themselves.

        Args:
            notification: the notification.
        """
        self._received += 1
        shown = self._texts.notification(notification, self._received)
        self._notifications.append(shown)
        self._tell(event("notification", shown))

    # --------------------------------------------------------------------------------------------- life

    @contextlib.asynccontextmanager
    async def running(self, notifications: AsyncIterable[Notification] | None) -> AsyncGenerator[None, None]:
        """Follow the fleet, and notifications if there are any, until the block is left."""
        work = [self._follow_polls(), self._tell_changes()]
        if notifications is not None:
            work.append(self._follow_notifications(notifications))
        tasks = [asyncio.create_task(each) for each in work]
        try:
            yield
        finally:
            self.close()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def close(self) -> None:
        """End all event streams."""
        for client in self._clients:
            client.close()

    async def _follow_polls(self) -> None:
        async for poll in self._fleet.polls():
            if poll.target.name not in self.board.agents:
                self.board.follow(self._fleet.targets)
            self.board.take(poll)
        self._ended = True
        self._tell(event("ended", {}))

    async def _follow_notifications(self, notifications: AsyncIterable[Notification]) -> None:
        try:
            async for notification in notifications:
                self.show(notification)
        except Exception:
            logger.exception("notifications are shown no more")

    async def _tell_changes(self) -> None:
        """Tell all clients what has changed, again and again: no more often than they can show it."""
        while True:
            self._tell_changes_once()
            await asyncio.sleep(self._options.refresh)

    def _tell_changes_once(self) -> None:
        gone = self.board.follow(self._fleet.targets)
        changed, interfaces = self.board.take_changes()
        agents = self.board.agents
        if gone:
            self._tell(event("gone", gone))
        if not self._clients:
            return
        if changed:
            self._tell(event("agents", [agents[name].summary() for name in sorted(changed)]))
            self._tell(event("health", self.health()))
        for name in interfaces & {client.watched for client in self._clients}:
            told = event("interfaces", agents[name].details(history=False))
            for client in self._clients:
                if client.watched == name:
                    client.put(told)

    # ------------------------------------------------------------------------------------------ clients

    @contextlib.contextmanager
    def client(self, watched: str) -> Iterator[Outbox]:
        """Keep a queue of events for a client.

        Args:
            watched: the name of the agent whose interfaces it is told; empty for none.

        Raises:
            TooManyClients: there are as many as there may be.
        """
        if len(self._clients) >= self._options.max_clients:
            raise TooManyClients
        client = Outbox(self._options.max_waiting, self._everything, watched)
        self._clients.add(client)
        try:
            yield client
        finally:
            self._clients.discard(client)
            self._dropped += client.dropped

    def _tell(self, octets: bytes) -> None:
        for client in self._clients:
            client.put(octets)

    def _everything(self, client: Outbox) -> bytes:
        """Return the event that tells a client all that there is."""
        self._tell_changes_once()  # so that nothing is told twice
        watched = self.board.agents.get(client.watched)
        return event(
            "everything",
            {
                "title": self._options.title,
                "version": snmptcp.__version__,
                "now": time.time(),
                "ended": self._ended,
                "agents": self.board.summaries(),
                "watched": None if watched is None else watched.details(history=True),
                "notifications": self.notifications(),
                "health": self.health(),
                "limits": {"variables": self._options.max_variables, "history": self._options.history},
            },
        )

    # -------------------------------------------------------------------------------------------- facts

    def notifications(self) -> list[dict[str, object]]:
        """Return the latest notifications, the oldest first, for JSON."""
        return list(self._notifications)

    def health(self) -> dict[str, object]:
        """Return how the fleet and the page are, for JSON."""
        health = self._fleet.health()
        return {
            **{name: getattr(health, name) for name in _HEALTH},
            "notifications": self._received,
            "clients": len(self._clients),
            "dropped": self._dropped + sum(client.dropped for client in self._clients),
        }
