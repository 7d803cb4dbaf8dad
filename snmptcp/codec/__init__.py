"""Encoding and decoding of SNMP messages.  Pure: no clock, no I/O, no logging."""

from __future__ import annotations

from snmptcp.codec import ber

__all__ = ("COMPILED",)

#: Whether the codec is compiled.  Source and behaviour are the same either way.
COMPILED: bool = not ber.__file__.endswith(".py")
