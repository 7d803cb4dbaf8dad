"""Where connections read to: one buffer for all connections of a thread, so an idle connection costs none.

Contains: the buffer of each thread, and a connection's own where it cannot be shared.  Does not contain: reading.
"""

from __future__ import annotations

import sys
import threading

__all__ = ("READ_BUFFER_SIZE", "own_buffer", "thread_buffer")

#: The octets of a thread's buffer: what one read takes at most, while other connections wait.
READ_BUFFER_SIZE = 64 * 1024

_thread = threading.local()


def thread_buffer() -> memoryview:
    """Return the buffer that this thread reads into.

    Selector loops fill it and report in one step, so all connections of a thread share one, whatever their loops.  A
    loop may run on another thread later, so it is asked for at each read.
    """
    try:
        buffer: memoryview = _thread.buffer
    except AttributeError:
        buffer = _thread.buffer = memoryview(bytearray(READ_BUFFER_SIZE))
    return buffer


def own_buffer(size: int) -> memoryview | None:
    """Return a connection's own buffer of so many octets; ``None`` where it reads into that of its thread.

    A proactor, which Windows has, fills the buffer at some later time.
    """
    return memoryview(bytearray(size)) if sys.platform == "win32" else None
