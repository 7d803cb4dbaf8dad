"""The observers of all managers: those that a program adds once, for what instruments a whole program.

Contains: the list of them.  A manager looks at it once, when it is made.
"""

from __future__ import annotations

import threading

from snmptcp.arguments import check_arguments, instance_of
from snmptcp.protocol.observer import Observer
from snmptcp.protocol.observers import Observers

__all__ = ("add_observer", "remove_observer", "with_added")

_KINDS = {"observer": instance_of("an Observer", Observer)}

_lock = threading.Lock()
_observers: tuple[Observer, ...] = ()


def add_observer(observer: Observer) -> None:
    """Have an observer told of all managers that are made from now on, besides their own ``observer``.

    Managers that exist are not affected.  May be called in any thread.

    Args:
        observer: whom to tell.  It may be told from several event loops, in several threads.

    Raises:
        ArgumentTypeError: it is not an :class:`Observer`.
    """
    check_arguments(_KINDS, locals())
    global _observers  # noqa: PLW0603 - one list for the whole program is what this is for
    with _lock:
        if observer not in _observers:
            _observers = (*_observers, observer)


def remove_observer(observer: Observer) -> None:
    """Undo :func:`add_observer`: managers that are made from now on do not know the observer.

    Managers that were made before go on telling it.  An observer that was not added is no error.

    Args:
        observer: who is not to be told.
    """
    global _observers  # noqa: PLW0603
    with _lock:
        _observers = tuple(each for each in _observers if each is not observer)


def with_added(observer: Observer | None) -> Observer | None:
    """Return whom a new manager tells: its own observer, if it has one, and those of all managers."""
    if not _observers:
        return observer
    each = (*(() if observer is None else (observer,)), *_observers)
    return each[0] if len(each) == 1 else Observers(*each)
