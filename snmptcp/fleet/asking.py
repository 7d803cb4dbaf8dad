"""Ask many agents at once, a limited number at a time; the failure of one does not affect the others.

Contains: when each agent is asked.  Does not contain: what is asked; any coroutine of a manager will do.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, TypeVar

import anyio

from snmptcp.arguments import CALLABLE, INTEGER, check_arguments, wrong_type
from snmptcp.errors import ConfigurationError, SnmpError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable

    from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream

    from snmptcp.manager.manager import Manager

__all__ = ("DEFAULT_LIMIT", "ask_all", "asking")

#: The default number of agents asked at a time.
DEFAULT_LIMIT = 100

_KINDS = {"question": CALLABLE, "limit": INTEGER}

K = TypeVar("K")
T = TypeVar("T")


async def ask_all(
    managers: Iterable[Manager], question: Callable[[Manager], Awaitable[T]], *, limit: int = DEFAULT_LIMIT
) -> list[T | SnmpError]:
    """Ask many agents and wait for all answers.

    Args:
        managers: the agents' managers.  An iterator is advanced only when the next agent can be asked, so it may
            create managers as needed.
        question: what to await for each manager, such as ``lambda manager: manager.get(name)``.
        limit: the number of agents asked at a time; at least 1.

    Returns:
        For each manager, in order, what the question returned or the :class:`SnmpError` that it raised.

    Raises:
        ConfigurationError: ``limit`` is below 1.
        ExceptionGroup: a question raised an exception that is not an :class:`SnmpError`; the others are cancelled.

    Safe to cancel: cancels all questions in progress.
    """
    async with _asking(enumerate(_iterable(managers)), question, limit) as answers:
        outcomes = {place: outcome async for place, outcome in answers}
    return [outcomes[place] for place in sorted(outcomes)]


@contextlib.asynccontextmanager
async def asking(
    managers: Iterable[Manager], question: Callable[[Manager], Awaitable[T]], *, limit: int = DEFAULT_LIMIT
) -> AsyncGenerator[AsyncIterator[tuple[Manager, T | SnmpError]], None]:
    """Ask many agents and iterate over the answers as they arrive.

    ::

        async with asking(managers, lambda manager: manager.get(name)) as answers:
            async for manager, outcome in answers:
                ...

    At most ``limit`` answers wait to be taken; a slow consumer slows the asking down.

    Args:
        managers: as for :func:`ask_all`.
        question: as for :func:`ask_all`.
        limit: the number of agents asked at a time; at least 1.

    Yields:
        An iterator over pairs of a manager and its outcome, in order of arrival.

    Raises:
        ConfigurationError: ``limit`` is below 1.
        ExceptionGroup: as for :func:`ask_all`.

    Safe to cancel.  Leaving the block early cancels all questions in progress.
    """
    async with _asking(((manager, manager) for manager in _iterable(managers)), question, limit) as answers:
        yield answers


def _iterable(managers: Iterable[Manager]) -> Iterable[Manager]:
    """Return the managers, if they are several."""
    if not hasattr(managers, "__iter__"):
        raise wrong_type("managers", "several: a list of managers", managers)
    return managers


@contextlib.asynccontextmanager
async def _asking(
    managers: Iterable[tuple[K, Manager]], question: Callable[[Manager], Awaitable[T]], limit: int
) -> AsyncGenerator[MemoryObjectReceiveStream[tuple[K, T | SnmpError]], None]:
    """As :func:`asking`, with a key for each manager."""
    check_arguments(_KINDS, locals())
    if limit < 1:
        raise ConfigurationError(f"limit must be at least 1, not {limit}")
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
    """Start the questions as ``room`` permits; close the stream after the last answer."""
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
        except SnmpError as error:  # the outcome of this agent; the others continue
            outcome = error
        await send.send((key, outcome))
    finally:
        room.release()
