"""An event loop for one object: it costs one descriptor and little memory, and a child process leaves it alone.

Contains: the loop, its selector, and how other threads wake it.  Does not contain: when it runs
(:class:`snmptcp.sync.PrivateLoop`).

A program may have thousands of objects with a loop each.  asyncio's loop has three descriptors: one of epoll or kqueue,
and a socket pair that wakes it.  This one asks poll, which needs none, and is woken by an eventfd where there is one.
Each of asyncio's loops that has resolved a name keeps a thread, too; these share theirs.
"""

from __future__ import annotations

import asyncio
import errno
import os
import selectors
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any

from snmptcp.net import process

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from concurrent.futures import ThreadPoolExecutor
    from typing import TypeGuard

__all__ = ("MAX_POLLED", "SIGNAL_POLL", "GrowingSelector", "SmallLoop", "can_step", "new_loop", "stop_when_quiet")

#: With more descriptors than these, a selector with a descriptor of its own is faster than poll.
MAX_POLLED = 32

#: Seconds after which the main thread looks for signals although nothing is ready.  A signal that arrives in the moment
#: before the thread begins to wait does not wake it.
SIGNAL_POLL = 0.2

#: What the loop has of asyncio that is not public: without any of it, asyncio's own socket pair is used.
_HOOKS = ("_add_reader", "_close_self_pipe", "_make_self_pipe", "_read_from_self", "_write_to_self")

#: What :meth:`SmallLoop.run_steps` needs of it.
_PARTS = ("_asyncgen_finalizer_hook", "_asyncgen_firstiter_hook", "_check_closed", "_check_running", "_run_once")

_CAN_STEP = all(hasattr(asyncio.SelectorEventLoop, name) for name in _PARTS)

_CAN_SHARE = hasattr(os, "eventfd") and all(hasattr(asyncio.SelectorEventLoop, name) for name in _HOOKS)


class GrowingSelector(selectors.BaseSelector):
    """A selector that asks poll for few descriptors, and the system's best selector for many."""

    def __init__(self) -> None:
        small = getattr(selectors, "PollSelector", selectors.DefaultSelector)
        self._inner: selectors.BaseSelector = small()
        self._grown = small is selectors.DefaultSelector
        self._has_just_waited = False

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """Register a descriptor, as :class:`selectors.BaseSelector` does."""
        key = self._inner.register(fileobj, events, data)
        if not self._grown and len(self._inner.get_map()) > MAX_POLLED:
            self._grow()
        return key

    def _grow(self) -> None:
        small, self._inner = self._inner, selectors.DefaultSelector()
        self._grown = True
        for key in list(small.get_map().values()):
            self._inner.register(key.fileobj, key.events, key.data)
        small.close()

    def unregister(self, fileobj: Any) -> selectors.SelectorKey:
        """Unregister a descriptor."""
        return self._inner.unregister(fileobj)

    def modify(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        """Change what is registered for a descriptor."""
        return self._inner.modify(fileobj, events, data)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """Wait until something registered is ready; on the main thread for :data:`SIGNAL_POLL` at most.

        The turn of the loop behind one that has waited for a descriptor asks for none: it only hands on what was read.
        """
        waits = timeout is None or timeout > 0
        if self._has_just_waited and not waits:
            self._has_just_waited = False
            return []
        if (timeout is None or timeout > SIGNAL_POLL) and process.in_main_thread():
            timeout = SIGNAL_POLL
        ready = self._inner.select(timeout)
        self._has_just_waited = waits and bool(ready)
        return ready

    def look_again(self) -> None:
        """Ask for what is ready in any case the next time."""
        self._has_just_waited = False

    def close(self) -> None:
        """Close the selector."""
        self._inner.close()

    def get_key(self, fileobj: Any) -> selectors.SelectorKey:
        """Return what is registered for a descriptor."""
        return self._inner.get_key(fileobj)

    def get_map(self) -> Mapping[Any, selectors.SelectorKey]:
        """Return everything registered."""
        return self._inner.get_map()


class _Waker:
    """Both ends of asyncio's socket pair in one descriptor: what :mod:`asyncio` does with them, on an eventfd."""

    __slots__ = ("_descriptor",)

    def __init__(self) -> None:
        self._descriptor = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)

    def fileno(self) -> int:
        return self._descriptor

    def send(self, _: bytes) -> None:
        if self._descriptor < 0:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))  # as a closed socket does, which asyncio expects
        os.eventfd_write(self._descriptor, 1)

    def recv(self, _: int) -> bytes:
        """Take all that was sent; BlockingIOError if nothing was."""
        os.eventfd_read(self._descriptor)
        return b"\0"

    def close(self) -> None:
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def __del__(self) -> None:
        self.close()


_threads: ThreadPoolExecutor | None = None
_threads_process = process.number


def _shared_threads() -> ThreadPoolExecutor:
    """Return the threads that resolve names for all loops of this process; those of a parent do not exist here."""
    global _threads, _threads_process
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - addresses need no resolver

    if _threads is None or _threads_process != process.number:
        _threads, _threads_process = ThreadPoolExecutor(thread_name_prefix="snmptcp-names"), process.number
    return _threads


class SmallLoop(asyncio.SelectorEventLoop):
    """A loop with a small selector, and without threads of its own.

    A child process shares a selector's descriptor with its parent: if the child's copy of the loop were closed, as the
    collector does, the parent's loop would hear nothing any more.
    """

    def __init__(self) -> None:
        self._process = process.number
        self._small = GrowingSelector()
        super().__init__(self._small)

    def run_forever(self) -> None:
        """Run until the loop is stopped, beginning with what has become ready since it ran last."""
        self._small.look_again()
        super().run_forever()

    def run_steps(self, step: Callable[[], asyncio.Future[Any] | None]) -> None:
        """Run, step by step, until a step raises: what :meth:`run_forever` does, without a turn between two steps.

        Args:
            step: goes on with the caller's work, and returns what it waits for; ``None`` for the next turn.

        Raises:
            RuntimeError: the loop is running, or was stopped.
        """
        private: Any = self  # all of this is asyncio's
        private._check_closed()  # noqa: SLF001
        private._check_running()  # noqa: SLF001
        hooks = sys.get_asyncgen_hooks()
        private._thread_id = threading.get_ident()  # noqa: SLF001
        sys.set_asyncgen_hooks(private._asyncgen_firstiter_hook, private._asyncgen_finalizer_hook)  # noqa: SLF001
        asyncio._set_running_loop(self)  # noqa: SLF001
        self._small.look_again()
        awaited = None
        try:
            while True:
                awaited = step()
                while awaited is None or not awaited.done():
                    private._run_once()  # noqa: SLF001
                    if private._stopping:  # noqa: SLF001
                        raise RuntimeError("the event loop was stopped before the call had ended")
                    if awaited is None:
                        break
        except StopIteration:
            if getattr(self, "_ready", True):
                private._run_once()  # noqa: SLF001 - what the last step has left to the end of the turn
            raise
        finally:
            del awaited  # it refers to its error, whose traceback refers to this frame
            private._stopping = False  # noqa: SLF001
            private._thread_id = None  # noqa: SLF001
            asyncio._set_running_loop(None)  # noqa: SLF001
            sys.set_asyncgen_hooks(*hooks)

    async def getaddrinfo(
        self,
        host: bytes | str | None,
        port: bytes | str | int | None,
        *,
        family: int = 0,
        type: int = 0,  # noqa: A002 - asyncio's name
        proto: int = 0,
        flags: int = 0,
    ) -> Any:
        """Resolve a name, as asyncio does: but there each loop would keep a thread for that."""
        return await self.run_in_executor(_shared_threads(), socket.getaddrinfo, host, port, family, type, proto, flags)

    def _asyncgen_finalizer_hook(self, agen: Any) -> None:
        """Leave a parent's asynchronous generators alone in a child: this loop does not run there."""
        if self._process == process.number:
            super()._asyncgen_finalizer_hook(agen)  # type: ignore[misc]  # asyncio's own

    def __del__(self) -> None:
        if self._process == process.number:
            super().__del__()


class _SingleDescriptorLoop(SmallLoop):
    """A small loop that an eventfd wakes."""

    def _make_self_pipe(self) -> None:
        """Make what other threads wake the loop by; called by asyncio's constructor."""
        private: Any = self
        private._ssock = private._csock = waker = _Waker()  # noqa: SLF001 - asyncio's, as are the next two
        private._internal_fds += 1  # noqa: SLF001
        private._add_reader(waker.fileno(), private._read_from_self)  # noqa: SLF001


def can_step(loop: asyncio.AbstractEventLoop) -> TypeGuard[SmallLoop]:
    """Whether a loop has :meth:`SmallLoop.run_steps`, and asyncio what that needs."""
    return isinstance(loop, SmallLoop) and _CAN_STEP


def stop_when_quiet(loop: asyncio.AbstractEventLoop) -> None:
    """Stop a running loop with this turn if nothing else is ready, otherwise with the next one."""
    if getattr(loop, "_ready", True):  # asyncio's; a loop without it takes one turn more
        loop.call_soon(loop.stop)
    else:
        loop.stop()


def new_loop() -> asyncio.AbstractEventLoop:
    """Return a new event loop for one object; on Windows it is asyncio's usual one."""
    if not hasattr(os, "fork"):
        return asyncio.new_event_loop()
    return _SingleDescriptorLoop() if _CAN_SHARE else SmallLoop()
