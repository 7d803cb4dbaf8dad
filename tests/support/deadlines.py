"""Deadlines for tests that tell the time themselves."""

from __future__ import annotations

from snmptcp.protocol.deadline import Deadline


def within(timeout: float, now: float = 0.0) -> Deadline:
    """Return the deadline of a request that begins now and may take so many seconds."""
    return Deadline(now + timeout, timeout)
