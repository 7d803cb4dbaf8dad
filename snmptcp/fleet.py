"""Many agents at once: the same question to each, so many at a time, and no agent's trouble is another's.

What may live here: who is asked when.  What may not: what is asked; that is any coroutine of a manager.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, TypeVar

import anyio

from snmptcp.errors import ConfigurationError, SnmpError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable

    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

    from snmptcp.manager.manager import Manager

__all__ = ("DEFAULT_LIMIT", "ask_all", "asking")

#: How many agents are asked at a time, where nothing else is said.
DEFAULT_LIMIT = 100

K = TypeVar("K")
T = TypeVar("T")


async def ask_all(
    managers: Iterable[Manager], question: Callable[[Manager], Awaitable[T]], *, limit: int = DEFAULT_LIMIT
) -> list[T | SnmpError]:
    """Ask many agents the same, and wait for all of them.

    Args:
        managers: the agents' managers; an iterator is read as room becomes free, so that managers can be made as they
            are needed.
        question: what to await of each manager, such as ``lambda manager: manager.get(name)``.
        limit: how many are asked at a time, at least 1.

    Returns:
        In the order of the managers what the question has returned, or the :class:`SnmpError` that it has raised.

    Raises:
        ConfigurationError: a limit below 1.
        ExceptionGroup: a question has raised something that is no :class:`SnmpError`; the others are cancelled.

    Safe to cancel: all questions under way are cancelled.
    """
    async with _asking(enumerate(managers), question, limit) as answers:
        outcomes = {place: outcome async for place, outcome in answers}
    return [outcomes[place] for place in sorted(outcomes)]


@contextlib.asynccontextmanager
async def asking(
    managers: Iterable[Manager], question: Callable[[Manager], Awaitable[T]], *, limit: int = DEFAULT_LIMIT
) -> AsyncGenerator[AsyncIterator[tuple[Manager, T | SnmpError]], None]:
    """Ask many agents the same, and take the answers as they come.

    ::

        async with asking(managers, lambda manager: manager.get(name)) as answers:
            async for manager, outcome in answers:
                ...

    Whoever takes the answers slowly slows the asking down: at most ``limit`` answers wait.

    Args:
        managers: as for :func:`ask_all`.
        question: as for :func:`ask_all`.
        limit: how many are asked at a time, at least 1.

    Yields:
        An iterator over pairs of a manager and its outcome, the fastest first.

    Raises:
        ConfigurationError: a limit below 1.
        ExceptionGroup: as for :func:`ask_all`.

    Leaving the block early cancels the questions under way.
    """
    async with _asking(((manager, manager) for manager in managers), question, limit) as answers:
        yield answers


@contextlib.asynccontextmanager
async def _asking(
    managers: Iterable[tuple[K, Manager]], question: Callable[[Manager], Awaitable[T]], limit: int
) -> AsyncGenerator[MemoryObjectReceiveStream[tuple[K, T | SnmpError]], None]:
    """The same with a key for each manager."""
    if limit < 1:
        raise ConfigurationError(f"limit is at least 1, not {limit}")
    send, receive = anyio.create_memory_object_stream["tuple[K, T | SnmpError]"](limit)
    async with receive, anyio.create_task_group() as group:
        group.start_soon(_ask_each, managers, question, anyio.Semaphore(limit), send)
        yield receive
        group.cancel_scope.cancel()


async def _ask_each(
    managers: Iterable[tuple[K, Manager]],
    question: Callable[[Manager], Awaitable[T]],
    room: anyio.Semaphore,
    send: MemoryObjectSendStream[tuple[K, T | SnmpError]],
) -> None:
    """Ask one agent after the other, as room becomes free; the stream ends with the last answer."""
    async with send, anyio.create_task_group() as group:
        for key, manager in managers:
            await room.acquire()
            group.start_soon(_ask, key, manager, question, room, send)


async def _ask(
    key: K,
    manager: Manager,
    question: Callable[[Manager], Awaitable[T]],
    room: anyio.Semaphore,
    send: MemoryObjectSendStream[tuple[K, T | SnmpError]],
) -> None:
    try:
        try:
            outcome: T | SnmpError = await question(manager)
        except SnmpError as error:  # of this agent; the others go on
            outcome = error
        await send.send((key, outcome))
    finally:
        room.release()
