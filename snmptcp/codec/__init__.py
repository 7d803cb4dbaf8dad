"""Octets to values and back.  Pure: no clock, no I/O, no logging."""
