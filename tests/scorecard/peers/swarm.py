"""A swarm of slow connections: ``swarm PORT COUNT``, from 100 addresses.

Each sends an octet a second, and comes again.  It says when all have connected once.
"""

from __future__ import annotations

import asyncio
import itertools
import sys
from contextlib import suppress

from tests.scorecard.peers import say, yield_to_others

#: How many addresses they come from: 127.0.1.1 and those above it.
HOSTS = 100


async def _drip(port: int, number: int, once: asyncio.Semaphore) -> None:
    first = True
    while True:
        with suppress(OSError):
            local = (f"127.0.1.{number % HOSTS + 1}", 0)
            _, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=local)
            if first:
                first = False
                once.release()
            try:
                for octet in itertools.chain(b"\x30\x82\x01\x00", itertools.repeat(0)):
                    writer.write(bytes([octet]))
                    await writer.drain()
                    await asyncio.sleep(1)
            finally:
                writer.transport.abort()
        await asyncio.sleep(0.1)


async def _swarm(port: int, count: int) -> None:
    once = asyncio.Semaphore(0)
    dripping = [asyncio.create_task(_drip(port, number, once)) for number in range(count)]
    for _ in range(count):
        await once.acquire()
    say("connected")
    await asyncio.gather(*dripping)


if __name__ == "__main__":
    yield_to_others()
    asyncio.run(_swarm(int(sys.argv[1]), int(sys.argv[2])))
