"""Marks which rows of the tables a test proves; ``test_proofs`` checks that each row is marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F")


def proves(*rows: str) -> Callable[[F], F]:
    """Name the properties, methods, events and settings whose effect a test shows."""

    def marked(function: F) -> F:
        return function

    return marked
