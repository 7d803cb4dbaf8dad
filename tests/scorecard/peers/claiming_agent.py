"""An agent that answers every request with a header that claims 64 MiB: ``claiming_agent``.  It prints its port."""

from __future__ import annotations

import asyncio

from tests.scorecard.peers import say
from tests.scorecard.peers.claims import CLAIM


async def _claim(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    if await reader.read(65536):
        writer.write(CLAIM)
        await reader.read()
    writer.close()


async def _serve() -> None:
    server = await asyncio.start_server(_claim, "127.0.0.1", 0, backlog=1000)
    say(server.sockets[0].getsockname()[1])
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_serve())
