"""Connections without a manager."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from snmptcp.net.opening import Opening
from snmptcp.net.options import ConnectionOptions

if TYPE_CHECKING:
    from collections.abc import Callable

    from snmptcp.net.connection import Connection, PacketTrace
    from snmptcp.protocol.session import Session


async def open_connection(
    host: str,
    port: int,
    session: Session,
    *,
    timeout: float = 5.0,
    packet_trace: PacketTrace | None = None,
    on_unsolicited: Callable[[Connection, bytes], None] | None = None,
    **options: Any,
) -> Connection:
    """Connect once, as a manager's attempt does."""
    opening = Opening(
        ConnectionOptions(host=host, port=port, **options),
        session,
        packet_trace=packet_trace,
        on_unsolicited=on_unsolicited,
    )
    try:
        async with asyncio.timeout(timeout):
            return await opening.connect()
    except TimeoutError as error:
        raise opening.timed_out(timeout) from error
