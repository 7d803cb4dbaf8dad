"""A sender of one inform after the other: ``informer PORT``.  It says at what time each was acknowledged, or failed.

Each comes on a connection of its own, and a line is ``[began, ended, acknowledged]``, by the system's monotonic clock.
"""

from __future__ import annotations

import asyncio
import sys
import time

from snmptcp import Community, Manager
from snmptcp.errors import SnmpError
from tests.scorecard.peers import say


async def _inform(port: int) -> None:
    say("ready")
    while True:
        began = time.monotonic()
        try:
            async with Manager("127.0.0.1", port, credentials=Community("public"), timeout=10, retries=0) as manager:
                await manager.inform("1.3.6.1.6.3.1.1.5.1")
            acknowledged = True
        except SnmpError:
            acknowledged = False
        say([began, time.monotonic(), acknowledged])
        await asyncio.sleep(0.05)


if __name__ == "__main__":
    asyncio.run(_inform(int(sys.argv[1])))
