"""Which process this is, told without a system call: fork makes a new one.

A child process shares its parent's sockets.  What the child reads is missing for the parent, and what it writes is
taken for the parent's; so everything that owns a socket remembers the process it was made in.
"""

from __future__ import annotations

import os

__all__ = ("number",)

#: Different in a child process; to be read as ``process.number``, for it changes.
number = 0


def _count_fork() -> None:
    global number  # noqa: PLW0603 - one number for the process
    number += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_count_fork)
