"""Sinks: where a fleet writes what it has read."""

from snmptcp.fleet.sinks.sink import BlockingSink, Sink

__all__ = ("BlockingSink", "Sink")
