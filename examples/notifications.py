"""Traps and informs, both ends in one file: ``python examples/notifications.py``.

A listener receives notifications on a free port of 127.0.0.1.  A manager sends it one trap and some informs;
``inform()`` returns when the listener has acknowledged it.  ``--user`` selects SNMPv3, with the passwords from the
environment variables ``SNMPTCP_AUTH_PASSWORD`` and ``SNMPTCP_PRIV_PASSWORD``.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys

from snmptcp import Community, Manager, SnmpError, UsmUser
from snmptcp.listener import NotificationListener

LINK_DOWN = "1.3.6.1.6.3.1.1.5.3"
IF_INDEX = "1.3.6.1.2.1.2.2.1.1"


async def listen(listener: NotificationListener) -> None:
    """Print notifications until the listener is closed."""
    async for notification in listener:
        kind = "inform" if notification.is_inform else "trap"
        print(f"{kind} {notification.trap_oid} from {notification.agent}, version {notification.version}")
        for varbind in notification.varbinds:
            print(f"  {varbind.oid} = {varbind.value}")


async def notify(port: int, credentials: Community | UsmUser, informs: int) -> None:
    """Send a trap, which is never acknowledged, and informs, which are."""
    async with Manager("127.0.0.1", port, credentials=credentials) as manager:
        await manager.send_trap(LINK_DOWN, (f"{IF_INDEX}.1", 1))
        for number in range(2, informs + 2):
            await manager.inform(LINK_DOWN, (f"{IF_INDEX}.{number}", number))


async def main(credentials: Community | UsmUser, port: int, informs: int) -> None:
    """Run both ends."""
    async with NotificationListener("127.0.0.1", port, credentials=credentials) as listener:
        printing = asyncio.create_task(listen(listener))
        await notify(listener.port, credentials, informs)
    await printing  # a closed listener still delivers what it has acknowledged
    print(f"{listener.statistics.notifications} received, {listener.statistics.acknowledged} acknowledged")


def credentials_of(arguments: argparse.Namespace) -> Community | UsmUser:
    """Return the credentials of both ends."""
    if arguments.user is None:
        return Community(arguments.community)
    auth, priv = (os.environ.get(f"SNMPTCP_{which}_PASSWORD") for which in ("AUTH", "PRIV"))
    return UsmUser(arguments.user, "SHA-256", auth, "AES", priv)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Send notifications to a listener in the same process.")
    parser.add_argument("--port", type=int, default=0, help="TCP port to listen on; 0 for any free port")
    parser.add_argument("--community", default="public")
    parser.add_argument("--user", help="user name (SNMPv3)")
    parser.add_argument("--informs", type=int, default=2, help="number of informs to send")
    given = parser.parse_args()
    try:
        asyncio.run(main(credentials_of(given), given.port, given.informs))
    except SnmpError as error:
        sys.exit(f"{type(error).__name__}: {error}")
