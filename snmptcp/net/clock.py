"""The event loop that runs, and the time, for code that may run outside of one."""

from __future__ import annotations

import asyncio
import time

from snmptcp.errors import ConfigurationError

__all__ = ("current_time", "running_loop")


def current_time() -> float:
    """Return the running event loop's time.

    Between two blocking calls no loop runs.  The monotonic clock tells the same then: it is what asyncio's own loops
    read.
    """
    try:
        return asyncio.get_running_loop().time()
    except RuntimeError:
        return time.monotonic()


def running_loop() -> asyncio.AbstractEventLoop:
    """Return the running event loop.

    Raises:
        ConfigurationError: none is running here, as under trio or outside of any coroutine.
    """
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise ConfigurationError(
            "no asyncio event loop is running here: await this in a coroutine that asyncio runs (trio runs none), or "
            "use snmptcp.sync.SyncManager, which blocks"
        ) from None
