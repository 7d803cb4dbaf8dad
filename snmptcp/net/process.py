"""Which process this is, told without a system call: fork makes a new one; and whether a thread is its main one.

A child process shares its parent's sockets.  What the child reads is missing for the parent, and what it writes is
taken for the parent's; so everything that owns a socket remembers the process it was made in.
"""

from __future__ import annotations

import os
import threading

__all__ = ("in_main_thread", "number")

#: Different in a child process; to be read as ``process.number``, for it changes.
number = 0


def in_main_thread() -> bool:
    """Whether this is the main thread.

    ``threading.current_thread`` would make an object for a thread that ``threading`` has not started, such as the one
    that closes what the collector has found, and keep it for ever.
    """
    return threading.get_ident() == threading.main_thread().ident


def _count_fork() -> None:
    global number  # noqa: PLW0603 - one number for the process
    number += 1


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_count_fork)
