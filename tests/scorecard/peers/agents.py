"""Honest agents: ``agents COUNT``.  It prints their ports."""

from __future__ import annotations

import asyncio
import gc
import sys

from snmptcp.testing import Agent
from tests.scorecard.peers import say

UPTIME = "1.3.6.1.2.1.1.3.0"


async def _serve(count: int) -> None:
    agents = [Agent({UPTIME: 1}, host="127.0.0.1") for _ in range(count)]
    for agent in agents:
        await agent.start()
    gc.disable()  # a full collection of so many agents takes 50 ms, which are theirs and not the library's
    say([agent.port for agent in agents])
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve(int(sys.argv[1])))
