"""Octets to values and back.  Pure: no clock, no I/O, no logging."""

from __future__ import annotations

from snmptcp.codec import ber

__all__ = ("COMPILED",)

#: Whether this is the codec compiled by mypyc; its source is the same, and so is what it does.
COMPILED: bool = not ber.__file__.endswith(".py")
