"""How many octets have arrived on a TCP connection, as the system counts them.

Contains: one question to the system.  Does not contain: reading (:mod:`snmptcp.net.connection`).
"""

from __future__ import annotations

import socket
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asyncio.trsock import TransportSocket

__all__ = ("octets_arrived",)

#: Where ``tcpi_bytes_received`` of Linux's ``struct tcp_info`` is, since Linux 4.1.
_OFFSET = 128
_COUNT = struct.Struct("=Q")

_TCP_INFO: int | None = getattr(socket, "TCP_INFO", None) if hasattr(socket, "TCP_QUICKACK") else None  # Linux's


def octets_arrived(sock: socket.socket | TransportSocket) -> int | None:
    """Return how many octets have arrived since the connection was made, read or not; ``None`` if that is not known.

    Linux tells.
    """
    if _TCP_INFO is None:
        return None
    try:
        info = sock.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, _OFFSET + _COUNT.size)
    except (OSError, ValueError):  # it is no TCP connection, or closed
        return None
    if len(info) < _OFFSET + _COUNT.size:
        return None
    count: int = _COUNT.unpack_from(info, _OFFSET)[0]
    return count
