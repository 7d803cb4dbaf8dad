"""Where a fleet's targets come from: a list, an async iterator, or a function that returns them.

Contains: reading them.  Does not contain: files of targets, and what changes in a fleet when they are read again.
"""

from __future__ import annotations

import inspect
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable
from typing import TypeAlias

from snmptcp.arguments import wrong_type
from snmptcp.fleet.target import Target

__all__ = ("Targets", "TargetsFunction", "checked", "read_targets")

#: Targets, at once or as they are found.
Targets: TypeAlias = Iterable[Target] | AsyncIterable[Target]

#: A function that returns all targets; it may be a coroutine function.
TargetsFunction: TypeAlias = Callable[[], Targets | Awaitable[Targets]]


async def read_targets(function: TargetsFunction) -> list[Target]:
    """Return all targets that a function tells.

    Raises:
        ArgumentTypeError: it returns something else.
    """
    told = function()
    if inspect.isawaitable(told):
        told = await told
    if isinstance(told, AsyncIterable):
        return [checked(target) async for target in told]
    if not hasattr(told, "__iter__"):
        raise wrong_type("targets", "a function that returns several: a list of Target", told)
    return [checked(target) for target in told]


def checked(target: object) -> Target:
    """Return a target if it is one.

    Raises:
        ArgumentTypeError: it is something else.
    """
    if not isinstance(target, Target):
        raise wrong_type("targets", "several of Target", target)
    return target
