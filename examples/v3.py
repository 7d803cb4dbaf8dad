"""Read variables with SNMPv3: ``python examples/v3.py --host 192.0.2.1 --user monitor 1.3.6.1.2.1.1.3.0``.

The passwords come from the environment variables ``SNMPTCP_AUTH_PASSWORD`` and ``SNMPTCP_PRIV_PASSWORD``, which other
users of the machine cannot read.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys

from snmptcp import Manager, RequestTimeout, SecurityError, SnmpError, UsmUser

SYS_DESCR = "1.3.6.1.2.1.1.1.0"
SYS_UP_TIME = "1.3.6.1.2.1.1.3.0"


async def get(host: str, port: int, user: UsmUser, oids: list[str], timeout: float) -> None:
    """Print the agent's engine, then variables, one per line."""
    async with Manager(host, port, credentials=user, timeout=timeout) as manager:
        engine = await manager.discover()  # optional: the first request discovers, too
        print(f"engine {engine.engine_id.hex()}, started {engine.boots} times, the last time {engine.time} s ago")
        for oid, value in await manager.get(*oids):
            print(f"{oid} = {type(value).__name__}: {value}")


def main() -> None:
    """Parse the command line and run."""
    parser = argparse.ArgumentParser(
        description="Read variables with SNMPv3.",
        epilog="Passwords: the environment variables SNMPTCP_AUTH_PASSWORD and SNMPTCP_PRIV_PASSWORD.",
    )
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=161)
    parser.add_argument("--timeout", type=float, default=5.0)
    parser.add_argument("--user", default="monitor")
    parser.add_argument("--auth", default="SHA-256", help="MD5, SHA, SHA-224, SHA-256, SHA-384, SHA-512")
    parser.add_argument("--priv", default="AES", help="DES, 3DES, AES, AES-192, AES-256, AES-192-C, AES-256-C")
    parser.add_argument("oids", nargs="*", default=[SYS_DESCR, SYS_UP_TIME], metavar="OID")
    options = parser.parse_args()
    try:
        user = UsmUser(
            options.user,
            options.auth,
            os.environ.get("SNMPTCP_AUTH_PASSWORD"),
            options.priv,
            os.environ.get("SNMPTCP_PRIV_PASSWORD"),
        )
        asyncio.run(get(options.host, options.port, user, options.oids, options.timeout))
    except RequestTimeout as error:
        # The agent's report of a wrong password is not authenticated, so it only explains the timeout.
        if isinstance(error.reason, SecurityError):
            sys.exit(f"{type(error.reason).__name__}: {error.reason}")
        sys.exit(f"RequestTimeout: {error}")
    except SnmpError as error:
        sys.exit(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main()
