"""Notifications that an agent sends to other programs, because a recording asks for them.

Contains: sending them over connections of their own, in the background.
Does not contain: when one is due (:mod:`~snmptcp.testing.variation`), and notifications to a connected manager
(:mod:`~snmptcp.testing.notifier`).
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.errors import SnmpError
from snmptcp.manager import Manager

if TYPE_CHECKING:
    from snmptcp.credentials import Community, UsmUser
    from snmptcp.oid import OID
    from snmptcp.security.engine_clock import EngineInfo
    from snmptcp.values import VarBind

__all__ = ("Outbox", "Outgoing")

logger = logging.getLogger(__name__)

#: The most notifications under way; more are dropped, because every request may cause one.
MAX_UNDER_WAY = 100


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A notification, and the program that receives it.

    Attributes:
        host: the receiver's address.
        port: the receiver's TCP port.
        credentials: the community or user.
        is_inform: whether it waits for an acknowledgement.
        trap_oid: snmpTrapOID.0.
        uptime: sysUpTime.0 in hundredths of a second; ``None`` for that of the sender.
        agent_address: the agent-addr of an SNMPv1 trap; ``None`` for 0.0.0.0.
        varbinds: further variable bindings.
    """

    host: str
    port: int
    credentials: Community | UsmUser
    is_inform: bool
    trap_oid: OID
    uptime: int | None
    agent_address: str | None
    varbinds: tuple[VarBind, ...]


class Outbox:
    """Sends notifications in the background; failures are logged."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def send(self, what: Outgoing, engine: EngineInfo | None = None) -> None:
        """Send a notification over a connection of its own.

        Args:
            what: the notification.
            engine: the engine that sends an SNMPv3 trap; optional; default a random one.
        """
        if len(self._tasks) >= MAX_UNDER_WAY:
            logger.warning("dropped a notification to %s:%d: %d are under way", what.host, what.port, len(self._tasks))
            return
        task = asyncio.get_running_loop().create_task(_send(what, engine))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def aclose(self) -> None:
        """Stop sending; what has not left is lost."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _send(what: Outgoing, engine: EngineInfo | None) -> None:
    try:
        async with Manager(what.host, what.port, credentials=what.credentials, local_engine=engine) as manager:
            if what.is_inform:
                await manager.inform(what.trap_oid, *what.varbinds, uptime=what.uptime)
            else:
                address = what.agent_address
                await manager.send_trap(what.trap_oid, *what.varbinds, uptime=what.uptime, agent_address=address)
    except SnmpError as error:
        logger.warning("no notification to %s:%d: %s", what.host, what.port, error)
