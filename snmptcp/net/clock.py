"""The time, for code that may run outside of an event loop."""

from __future__ import annotations

import asyncio
import time

__all__ = ("current_time",)


def current_time() -> float:
    """Return the running event loop's time.

    Between two blocking calls no loop runs.  The monotonic clock tells the same then: it is what asyncio's own loops
    read.
    """
    try:
        return asyncio.get_running_loop().time()
    except RuntimeError:
        return time.monotonic()
