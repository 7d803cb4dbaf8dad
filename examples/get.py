"""Read variables: ``python examples/get.py --host 192.0.2.1 1.3.6.1.2.1.1.1.0 1.3.6.1.2.1.1.3.0``."""

from __future__ import annotations

import argparse
import asyncio
import sys

from snmptcp import Community, Manager, SnmpError

SYS_DESCR = "1.3.6.1.2.1.1.1.0"
SYS_UP_TIME = "1.3.6.1.2.1.1.3.0"


async def get(host: str, port: int, community: str, oids: list[str]) -> None:
    """Print variables, one per line."""
    async with Manager(host, port, credentials=Community(community)) as manager:
        for oid, value in await manager.get(*oids):
            print(f"{oid} = {type(value).__name__}: {value}")


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description="Read variables.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=161)
    parser.add_argument("--community", default="public")
    parser.add_argument("oids", nargs="*", default=[SYS_DESCR, SYS_UP_TIME], metavar="OID")
    options = parser.parse_args()
    try:
        asyncio.run(get(options.host, options.port, options.community, options.oids))
    except SnmpError as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
