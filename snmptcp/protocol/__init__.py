"""Conversations without I/O: octets in, events out; the time is an argument."""
