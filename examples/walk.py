"""Read a subtree: ``python examples/walk.py --host 192.0.2.1 1.3.6.1.2.1.1``."""

from __future__ import annotations

import argparse
import asyncio
import sys
from contextlib import aclosing

from snmptcp import Community, Manager, SnmpError

SYSTEM = "1.3.6.1.2.1.1"


async def walk(host: str, port: int, community: str, oid: str, limit: int | None) -> int:
    """Print the variables of a subtree as they arrive; return their number."""
    count = 0
    async with (
        Manager(host, port, credentials=Community(community)) as manager,
        aclosing(manager.walk(oid, limit=limit)) as varbinds,
    ):
        async for varbind in varbinds:
            print(varbind)
            count += 1
    return count


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description="Read a subtree.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=161)
    parser.add_argument("--community", default="public")
    parser.add_argument("--limit", type=int, help="the most variables to read")
    parser.add_argument("oid", nargs="?", default=SYSTEM, metavar="OID")
    options = parser.parse_args()
    try:
        count = asyncio.run(walk(options.host, options.port, options.community, options.oid, options.limit))
    except SnmpError as error:
        sys.exit(f"{type(error).__name__}: {error}")
    print(f"{count} variables", file=sys.stderr)


if __name__ == "__main__":
    main()
