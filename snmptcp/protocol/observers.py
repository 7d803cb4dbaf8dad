"""Several observers in the place of one.

Contains: passing each event on, in order, with each observer's own ``state`` of a trace.  Does not contain: the events
(:mod:`snmptcp.protocol.observer`), and what happens if one of them raises (:mod:`snmptcp.net.callbacks`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from snmptcp.errors import ArgumentTypeError
from snmptcp.protocol.observer import EVENTS, Observer, wanted_events
from snmptcp.protocol.trace import Trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ("Observers",)

#: A method of an observer, and the observer's place among the others.
_Method: TypeAlias = "tuple[int, Callable[..., None]]"


class Observers(Observer):
    """Several observers in the place of one.

    Each is told everything, in the order in which they are given, and has its own ``state`` of each
    :class:`~snmptcp.manager.Trace`.  In a manager, what one of them raises keeps nothing from the others.

    Args:
        *observers: whom to tell; the parts of other :class:`Observers` are taken one by one.

    Raises:
        ArgumentTypeError: one of them is not an :class:`Observer`.
    """

    def __init__(self, *observers: Observer) -> None:
        for observer in observers:
            if not isinstance(observer, Observer):
                raise ArgumentTypeError(f"observers must be Observer objects, not {type(observer).__name__}")
        self._observers = tuple(
            part for each in observers for part in (each if isinstance(each, Observers) else (each,))
        )
        wanted = [set(wanted_events(observer)) for observer in self._observers]
        for name in EVENTS:
            methods = [
                (place, getattr(observer, name))
                for place, observer in enumerate(self._observers)
                if name in wanted[place]
            ]
            if methods:  # what nobody wants costs nothing
                setattr(self, name, self._teller(methods))

    def __iter__(self) -> Iterator[Observer]:
        return iter(self._observers)

    def __repr__(self) -> str:
        return f"Observers({', '.join(map(repr, self._observers))})"

    def _teller(self, methods: list[_Method]) -> Callable[..., None]:
        """Return what calls the methods of one event."""
        count = len(self._observers)

        def tell(*args: Any, **kwargs: Any) -> None:
            if args and isinstance(args[0], Trace):
                _tell_of(args[0], methods, count)
            else:
                for _, method in methods:
                    method(*args, **kwargs)

        return tell


def _tell_of(trace: Trace, methods: list[_Method], count: int) -> None:
    """Call methods with a trace, whose state, and that of those that it refers to, is each observer's own meanwhile."""
    states = [(each, _states_of(each, count)) for each in {trace: None, **dict.fromkeys(trace.others)}]
    for place, method in methods:
        for each, kept in states:
            each.state = kept[place]
        try:
            method(trace)
        finally:
            for each, kept in states:
                kept[place] = each.state
                each.state = None


def _states_of(trace: Trace, count: int) -> list[Any]:
    if trace.states is None:
        trace.states = [None] * count
    return trace.states
