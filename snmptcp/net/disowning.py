"""Letting go of a transport whose event loop is another process's, or has ended: it cannot be closed as others are.

Contains: what asyncio's transports warn about.  Does not contain: closing the socket.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio

__all__ = ("disown",)


def disown(transport: asyncio.Transport) -> None:
    """Have asyncio not warn that a transport was not closed, when the collector finds it.

    Args:
        transport: a transport of asyncio or another library; its socket is closed already.
    """
    protocol: Any = getattr(transport, "_ssl_protocol", None)
    below: Any = getattr(protocol, "_transport", None)
    each: Any
    for each in (transport, below):  # with TLS, there are two
        if hasattr(each, "_sock"):
            each._sock = None  # noqa: SLF001 - what asyncio's __del__ looks at, as in the next line
        elif hasattr(each, "_closed"):
            each._closed = True  # noqa: SLF001
