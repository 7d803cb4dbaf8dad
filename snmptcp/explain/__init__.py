"""Explanations of packets as text: :func:`explain`."""

from __future__ import annotations

from snmptcp.explain.keys import explain

__all__ = ("explain",)
