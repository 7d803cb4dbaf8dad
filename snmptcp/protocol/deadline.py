"""When a request expires."""

from __future__ import annotations

__all__ = ("Deadline",)


class Deadline:
    """A point in time, and the timeout that it came from.

    One object goes with a request from the manager to its exchange, over several connections if need be.

    Args:
        at: when time is up, by the event loop's clock, in seconds.
        timeout: how many seconds there were in all; error texts tell it.
    """

    __slots__ = ("at", "timeout")

    def __init__(self, at: float, timeout: float) -> None:
        self.at = at
        self.timeout = timeout

    def __repr__(self) -> str:
        return f"Deadline(at={self.at:g}, timeout={self.timeout:g})"
