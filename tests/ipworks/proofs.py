"""Which test shows which rows of the tables; ``test_tables`` looks that none is without one."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F")


def proves(*rows: str) -> Callable[[F], F]:
    """Say which properties, methods, events and settings a test shows the effect of."""

    def marked(function: F) -> F:
        return function

    return marked
