"""The program under test: it reads a switch's inventory with blocking calls, and reports what is wrong by a trap."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

from snmptcp import Community, Manager, RequestTimeout, UsmUser
from snmptcp.sync import SyncManager

NAME = "1.3.6.1.2.1.1.5.0"
IF_DESCR = "1.3.6.1.2.1.2.2.1.2"
LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
IF_INDEX = "1.3.6.1.2.1.2.2.1.1"


@dataclass(frozen=True)
class Inventory:
    """What there is in a switch."""

    name: str
    ports: tuple[str, ...]


def read_inventory(host: str, port: int, credentials: Community | UsmUser, attempts: int = 2) -> Inventory:
    """Read the name and the ports of a switch; ask again if it does not answer."""
    with SyncManager(host, port, credentials=credentials, timeout=0.5) as manager:
        for attempt in range(1, attempts + 1):
            try:
                name = str(manager.get_value(NAME))
                break
            except RequestTimeout:
                if attempt == attempts:
                    raise
        return Inventory(name, tuple(str(varbind.value) for varbind in manager.walk(IF_DESCR)))


async def read_names(addresses: list[tuple[str, int]], credentials: Community | UsmUser) -> list[str]:
    """Read the names of several switches at once."""

    async def read(host: str, port: int) -> str:
        async with Manager(host, port, credentials=credentials) as manager:
            return str(await manager.get_value(NAME))

    return await asyncio.gather(*(read(*address) for address in addresses))


async def report_link_down(host: str, port: int, index: int) -> None:
    """Tell a network management station that a link is down, and wait until it knows."""
    async with Manager(host, port, credentials=Community("public")) as manager:
        await manager.inform(LINK_DOWN, (f"{IF_INDEX}.{index}", index))
