"""The conversations, without I/O: octets in, events out, and ``now`` is an argument."""
