"""Ctrl-C, SIGTERM and SIGHUP, for commands that run until they are stopped.

Contains: signal handlers.  Does not contain: what a command does before it ends.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

__all__ = ("early_hangups", "hangups", "interrupting", "orderly_end", "stop_signals")

#: Windows has none.
_SIGHUP: Final[int | None] = getattr(signal, "SIGHUP", None)

#: What an event loop raises if it cannot handle a signal: NotImplementedError on Windows; in another thread than the
#: first, RuntimeError from asyncio's loop and ValueError from uvloop's.
_CANNOT_HANDLE = (NotImplementedError, RuntimeError, ValueError)


@contextlib.contextmanager
def stop_signals() -> Iterator[asyncio.Event]:
    """Yield an event that SIGINT and SIGTERM set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    handled = []
    for number in (signal.SIGINT, signal.SIGTERM):
        # Without a handler Ctrl-C raises KeyboardInterrupt, which main() catches.
        with contextlib.suppress(*_CANNOT_HANDLE):
            loop.add_signal_handler(number, stop.set)
            handled.append(number)
    try:
        yield stop
    finally:
        for number in handled:
            loop.remove_signal_handler(number)


@contextlib.contextmanager
def hangups(reload: Callable[[], None]) -> Iterator[None]:
    """Call a function at each SIGHUP, which would end the process otherwise."""
    loop = asyncio.get_running_loop()
    handled = False
    if _SIGHUP is not None:
        # Without a handler SIGHUP ends the process as usual.
        with contextlib.suppress(*_CANNOT_HANDLE):
            loop.add_signal_handler(_SIGHUP, reload)
            handled = True
    try:
        yield
    finally:
        if handled and _SIGHUP is not None:
            loop.remove_signal_handler(_SIGHUP)


@contextlib.contextmanager
def early_hangups() -> Iterator[threading.Event]:
    """Yield an event that SIGHUP sets, which would end the process otherwise, until :func:`hangups` handles it.

    A service manager may ask a service that is still reading its file to read it again.
    """
    seen = threading.Event()
    is_first_thread = threading.current_thread() is threading.main_thread()
    if _SIGHUP is None or not is_first_thread or signal.getsignal(_SIGHUP) is not signal.SIG_DFL:
        yield seen
        return
    signal.signal(_SIGHUP, lambda *_: seen.set())
    try:
        yield seen
    finally:
        signal.signal(_SIGHUP, signal.SIG_DFL)


@contextlib.contextmanager
def orderly_end() -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise SystemExit, so that open files are finished; signals that are ignored stay so."""

    def end(number: int, _: FrameType | None) -> None:
        signal.signal(number, signal.SIG_IGN)  # a second one must not interrupt what the first one has begun
        raise SystemExit(128 + number)

    handled = []
    for number in (signal.SIGTERM, _SIGHUP):
        with contextlib.suppress(ValueError):  # another thread than the first
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, end)
                handled.append(number)
    try:
        yield
    finally:
        for number in handled:
            signal.signal(number, signal.SIG_DFL)


@contextlib.contextmanager
def interrupting() -> Iterator[None]:
    """Let Ctrl-C raise KeyboardInterrupt at once in a call that blocks the event loop, such as a prompt.

    asyncio.run() only cancels its task, which notices that when the call has returned.
    """
    before = signal.getsignal(signal.SIGINT)
    # Other threads get no signals, and a signal that is ignored stays so.
    if threading.current_thread() is not threading.main_thread() or not callable(before):
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
