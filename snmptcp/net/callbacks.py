"""The program's own callbacks, guarded: what they raise is logged and counted, and harms no request.

Contains the guards.  They stand between the library and every callback of the program: packet traces, observers,
unsolicited messages, new connections, handlers.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, Concatenate, ParamSpec

from snmptcp.protocol.observer import EVENTS_OF_REQUESTS, Observer, wanted_events
from snmptcp.protocol.observers import Observers

if TYPE_CHECKING:
    from collections.abc import Callable


__all__ = ("GuardedObserver", "guarded", "is_being_cancelled")

logger = logging.getLogger("snmptcp.callbacks")

P = ParamSpec("P")


def guarded(
    what: str,
    callback: Callable[P, object],
    count: Callable[[], None],
    *,
    failed: Callable[Concatenate[BaseException, P], None] | None = None,
    effect: str = "requests are not affected",
) -> Callable[P, None]:
    """Return a callback that never raises an ``Exception``, nor :exc:`asyncio.CancelledError`.

    A callback is not a coroutine, so a CancelledError in it is not a cancellation of the calling task: for instance,
    ``result()`` of a cancelled future raises it.

    The first failure is logged with its traceback; later ones of the same callback are logged in one line each at
    DEBUG, since a callback that fails for every message would flood the log.

    Args:
        what: what the callback is, for the log.
        callback: the program's function.
        count: called for every failure.
        failed: called after a failure, with the exception and the callback's arguments.
        effect: what a failure means, for the log.
    """
    logged = False

    def call(*args: P.args, **kwargs: P.kwargs) -> None:
        nonlocal logged
        try:
            callback(*args, **kwargs)
        except (Exception, asyncio.CancelledError) as error:
            count()
            if logged:
                logger.debug("%s failed again: %r", what, error)
            else:
                logged = True
                logger.exception("%s failed; %s", what, effect)
            if failed is not None:
                failed(error, *args, **kwargs)

    return call


def is_being_cancelled() -> bool:
    """Return whether the running task was asked to end.

    If not, a CancelledError in it is a fault of what it has called, such as ``result()`` of a cancelled future.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


class GuardedObserver(Observer):
    """An observer whose failures harm nothing, nor keep anything from other observers of the same manager.

    Args:
        observer: the program's observer.
        count: called for every failure.

    Attributes:
        follows_requests: whether it is told of requests, walks and tables as a whole.
    """

    def __init__(self, observer: Observer, count: Callable[[], None]) -> None:
        wanted = wanted_events(observer)
        if isinstance(observer, Observers):
            observer = Observers(*(GuardedObserver(each, count) for each in observer))
            vars(self).update((name, getattr(observer, name)) for name in wanted)
        else:
            for name in wanted:  # the others do nothing here either
                setattr(self, name, guarded(f"observer.{name}", getattr(observer, name), count))
        self.follows_requests = not EVENTS_OF_REQUESTS.isdisjoint(wanted)
