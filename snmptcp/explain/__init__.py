"""Explanations of packets as text: :func:`explain`; :func:`find_packets` finds them in text and captures."""

from __future__ import annotations

from snmptcp.explain.pasted import Pasted, explain, find_packets
from snmptcp.explain.streams import FoundMessage

__all__ = ("FoundMessage", "Pasted", "explain", "find_packets")
