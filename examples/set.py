"""Write a variable: ``python examples/set.py --host 192.0.2.1 1.3.6.1.2.1.1.6.0 OctetString "room 4"``."""

from __future__ import annotations

import argparse
import asyncio
import sys
from typing import TYPE_CHECKING

from snmptcp import (
    OID,
    AgentError,
    Community,
    ConnectionLost,
    Counter32,
    Counter64,
    Gauge32,
    Integer32,
    IpAddress,
    Manager,
    OctetString,
    SnmpError,
    TimeTicks,
)

if TYPE_CHECKING:
    from snmptcp.values import Value

NUMBERS = {cls.__name__: cls for cls in (Integer32, Counter32, Gauge32, TimeTicks, Counter64)}
TEXTS = {cls.__name__: cls for cls in (OctetString, IpAddress, OID)}


def parse_value(kind: str, text: str) -> Value:
    """Parse a text as a value of a type."""
    if kind in NUMBERS:
        return NUMBERS[kind](int(text))
    return TEXTS[kind](text)


async def set_variable(host: str, port: int, community: str, oid: str, value: Value) -> None:
    """Write a variable and print the agent's response."""
    async with Manager(host, port, credentials=Community(community)) as manager:
        try:
            for varbind in await manager.set((oid, value)):
                print(varbind)
        except AgentError as error:
            # The error-index names the variable binding at fault; nothing was written.
            sys.exit(f"refused: {error}")
        except ConnectionLost as error:
            # A SET is never sent twice, so the agent may or may not have executed this one.
            sys.exit(f"maybe written: {error}")


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(description="Write a variable.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=161)
    parser.add_argument("--community", default="private")
    parser.add_argument("oid", metavar="OID")
    parser.add_argument("type", choices=[*NUMBERS, *TEXTS])
    parser.add_argument("value")
    options = parser.parse_args()
    try:
        value = parse_value(options.type, options.value)
        asyncio.run(set_variable(options.host, options.port, options.community, options.oid, value))
    except (SnmpError, ValueError) as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
