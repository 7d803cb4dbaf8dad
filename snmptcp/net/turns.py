"""Sharing the turns of an event loop: a connection with more to do than fits into one goes on in the next.

Contains: how long a turn and a connection's part of it may be, the order in which connections go on, and
loops over queues that let others run.  Does not contain: what they do.

One read can contain 32,768 messages, and an event loop does nothing else while a callback looks at them.
"""

from __future__ import annotations

import asyncio
import weakref
from collections import deque
from math import inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ("BACKLOG", "BATCH", "SHORT_BATCH", "SLICE", "TURN", "Interlude", "Turns", "turns_of")

#: How many seconds all connections of a loop together may work in one turn, beside the first batch of each read.
TURN = 0.002

#: How many seconds all connections together may go on for in one turn with what came in earlier ones.  New octets of
#: others wait as long, so this is what a peer that sends without an end can take from them.
BACKLOG = 0.0005

#: How many seconds a connection may go on for when it is its turn.
SLICE = 0.00025

#: How much is looked at between two looks at the clock, as :meth:`snmptcp.codec.framer.Framer.feed` counts it: about
#: thirty short messages, or one long one.
BATCH = 16 * 1024

#: The same where few requests wait for an answer, or the last batch had none: the octets may be a flood, and other
#: connections wait for the end of a batch.
SHORT_BATCH = 4 * 1024


class Turns:
    """Shares the turns of one event loop.

    Args:
        loop: the event loop.
        clock: returns the time in seconds; optional; default the loop's.
    """

    __slots__ = ("__weakref__", "_clock", "_ends_at", "_loop", "_scheduled", "_waiting")

    def __init__(self, loop: asyncio.AbstractEventLoop, clock: Callable[[], float] | None = None) -> None:
        self._loop = weakref.ref(loop)  # the loop is the key that this object is found by
        self._clock = clock
        self._ends_at: float | None = None  # of the present turn; None before it has begun
        self._waiting: deque[Callable[[], bool]] = deque()
        self._scheduled = False

    def has_time(self) -> bool:
        """Whether there is time left for more in this turn of the loop."""
        now = self._now()
        if self._ends_at is None:
            self._ends_at = now + TURN
            self._schedule()  # the next turn begins anew
        return now < self._ends_at

    def slice(self) -> Callable[[], bool]:
        """Return what tells whether there is time left in a connection's part of this turn, which begins now."""
        ends_at = self._now() + SLICE
        return lambda: self._now() < ends_at

    def go_on(self, work: Callable[[], bool]) -> None:
        """Have a connection go on in later turns, behind the others that wait.

        Args:
            work: does a slice of the work, and returns whether there is more.
        """
        self._waiting.append(work)
        self._schedule()

    def _now(self) -> float:
        if self._clock is not None:
            return self._clock()
        loop = self._loop()
        assert loop is not None  # noqa: S101 - this runs in it
        return loop.time()

    def _schedule(self) -> None:
        loop = self._loop()
        if not self._scheduled and loop is not None:
            self._scheduled = True
            loop.call_soon(self._begin)

    def _begin(self) -> None:
        """Begin a turn: let those that wait go on, for their part of it."""
        self._scheduled = False
        self._ends_at = None
        try:
            if not self._waiting:
                return
            until = self._now() + BACKLOG
            for _ in range(len(self._waiting)):  # one slice for each: who has more than one goes on in the next turn
                work = self._waiting.popleft()
                try:
                    unfinished = work()
                except (KeyboardInterrupt, SystemExit):  # the rest of its work is not lost
                    self._waiting.append(work)
                    raise
                if unfinished:
                    self._waiting.append(work)
                if not self.has_time() or self._now() >= until:  # behind the first, so that each turn gets on
                    break
        finally:
            if self._waiting:
                self._schedule()


class Interlude:
    """Has a loop over what waits in a queue let others run: getting from a queue that is not empty does not wait.

    Args:
        clock: returns the time in seconds; optional; default the running loop's.
    """

    __slots__ = ("_clock", "_until")

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        self._clock = clock
        self._until = -inf

    async def give_way(self) -> None:
        """Let a turn of the loop pass if the caller has gone on for the time of one.  Safe to cancel."""
        clock = self._clock or asyncio.get_running_loop().time
        if clock() >= self._until:
            await asyncio.sleep(0)
            self._until = clock() + TURN


# Weak on both sides: connections that still wait when their loop ends refer to it, and would keep it for ever.
_turns: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, weakref.ref[Turns]] = weakref.WeakKeyDictionary()


def turns_of(loop: asyncio.AbstractEventLoop) -> Turns:
    """Return what shares the turns of an event loop; each connection keeps a reference to it."""
    known = _turns.get(loop)
    turns = None if known is None else known()
    if turns is None:
        turns = Turns(loop)
        _turns[loop] = weakref.ref(turns)
    return turns
