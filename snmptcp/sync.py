"""Blocking calls for programs without an event loop: a manager on a loop of its own, on the caller's thread.

What may live here: running coroutines to their end.  What may not: anything about SNMP.

No thread is started.  The loop lives as long as its owner and turns only while a call waits, so between two calls
nothing is read: TCP holds what the agent sends.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, TypeVar

from snmptcp.errors import ClosedError
from snmptcp.manager.manager import Manager

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Coroutine, Generator, Iterable
    from types import TracebackType
    from typing import Self

    from snmptcp.credentials import Community, UsmUser
    from snmptcp.oid import OidLike
    from snmptcp.protocol.table import TableRow
    from snmptcp.security.engine_clock import EngineInfo
    from snmptcp.values import VarBind

__all__ = ("PrivateLoop", "SyncManager")

T = TypeVar("T")


class PrivateLoop:
    """An event loop that turns only while :meth:`run` waits for something, on the thread that calls it.

    It belongs to one thread at a time.  Ctrl-C interrupts a call as it interrupts any other.
    """

    def __init__(self) -> None:
        self._runner: asyncio.Runner | None = None
        self._closed = False

    @property
    def is_open(self) -> bool:
        """Whether there is a loop: it is made when it is first needed."""
        return self._runner is not None

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The loop.

        Raises:
            ClosedError: it is closed.
        """
        if self._closed:
            raise ClosedError("the loop of these blocking calls is closed")
        if self._runner is None:
            self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        return self._runner.get_loop()

    def check(self) -> None:
        """Make sure that a call may block here.

        Raises:
            RuntimeError: an event loop is running on this thread, or another call is waiting on this loop.
        """
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            pass  # as it should be
        else:
            raise RuntimeError(
                "a blocking call would stop the event loop that runs here: use the asynchronous snmptcp.Manager in it"
            )
        if self._runner is not None and self._runner.get_loop().is_running():
            raise RuntimeError("another thread is waiting in a call on the same object")

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Return what a coroutine returns.

        Raises:
            RuntimeError: as :meth:`check` tells.
            ClosedError: the loop is closed.
        """
        try:
            self.check()
            self.loop  # noqa: B018 - makes it
        except BaseException:
            coroutine.close()
            raise
        assert self._runner is not None  # noqa: S101 - for mypy
        return self._runner.run(coroutine)

    def close(self) -> None:
        """Cancel what is left, and close the loop.  May be called twice."""
        self._closed = True
        runner, self._runner = self._runner, None
        if runner is not None:
            runner.close()


class SyncManager:
    """An SNMP manager whose calls block: :class:`snmptcp.Manager` for scripts and threads without an event loop.

    ::

        with SyncManager("192.0.2.1", credentials=Community("public")) as manager:
            (varbind,) = manager.get("1.3.6.1.2.1.1.1.0")
            for varbind in manager.walk("1.3.6.1.2.1.2.2"):
                print(varbind)

    It belongs to one thread at a time, and starts none.

    Args:
        host: as for :class:`snmptcp.Manager`, like everything else.
        port: the agent's TCP port.
        credentials: who asks.
        options: every other option of :class:`snmptcp.Manager`.

    Raises:
        ConfigurationError: an argument is out of range.
    """

    def __init__(self, host: str, port: int = 161, *, credentials: Community | UsmUser, **options: Any) -> None:
        self._loop = PrivateLoop()
        #: The asynchronous manager inside, for its counters and properties.
        self.manager = Manager(host, port, credentials=credentials, **options)

    def get(self, *oids: OidLike, timeout: float | None = None) -> tuple[VarBind, ...]:
        """Read variables, as :meth:`snmptcp.Manager.get` does, with the same exceptions."""
        return self._loop.run(self.manager.get(*oids, timeout=timeout))

    def get_next(self, *oids: OidLike, timeout: float | None = None) -> tuple[VarBind, ...]:
        """Read the variables that come after names, as :meth:`snmptcp.Manager.get_next` does."""
        return self._loop.run(self.manager.get_next(*oids, timeout=timeout))

    def get_bulk(self, *oids: OidLike, **options: Any) -> tuple[VarBind, ...]:
        """Read many variables that come after names, as :meth:`snmptcp.Manager.get_bulk` does."""
        return self._loop.run(self.manager.get_bulk(*oids, **options))

    def set(self, *varbinds: VarBind | tuple[OidLike, object], timeout: float | None = None) -> tuple[VarBind, ...]:
        """Write variables, all or none, as :meth:`snmptcp.Manager.set` does."""
        return self._loop.run(self.manager.set(*varbinds, timeout=timeout))

    def discover(self, *, afresh: bool = False, timeout: float | None = None) -> EngineInfo:
        """Find out who the agent's engine is, as :meth:`snmptcp.Manager.discover` does."""
        return self._loop.run(self.manager.discover(afresh=afresh, timeout=timeout))

    def walk(self, oid: OidLike, **options: Any) -> Generator[VarBind, None, None]:
        """Read a subtree, one variable binding after the other, as :meth:`snmptcp.Manager.walk` does.

        Leaving the loop early, or closing the generator, forgets the request that is under way.
        """
        return self._each(self.manager.walk(oid, **options))

    def table(
        self, oid: OidLike, columns: Iterable[int | OidLike] | None = None, **options: Any
    ) -> Generator[TableRow, None, None]:
        """Read a conceptual table row by row, as :meth:`snmptcp.Manager.table` does."""
        return self._each(self.manager.table(oid, columns, **options))

    def _each(self, items: AsyncGenerator[T, None]) -> Generator[T, None, None]:
        try:
            while True:
                try:
                    item = self._loop.run(_next(items))
                except StopAsyncIteration:
                    return
                yield item
        finally:
            if self._loop.is_open:
                self._loop.run(items.aclose())

    def close(self) -> None:
        """Close the connection and the loop.  May be called twice."""
        if self._loop.is_open:
            self._loop.run(self.manager.aclose())
        self._loop.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<SyncManager of {self.manager!r}>"


async def _next(items: AsyncGenerator[T, None]) -> T:
    return await anext(items)
