"""Requests beside a walk's own, which nothing awaits: trials of large answers, and looking ahead.

Contains: sending them, and their answers' way to :class:`~snmptcp.protocol.trial.Trial` and
:class:`~snmptcp.protocol.lookahead.LookAhead`, which decide.  Whatever happens to them, the walk goes on without them.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, TypeAlias

from snmptcp.errors import BrokenVariable, ConnectionLost, GenErr, RequestTimeout, SnmpError, TooBig
from snmptcp.net.clock import running_loop
from snmptcp.protocol.deadline import Deadline
from snmptcp.protocol.lookahead import LookAhead
from snmptcp.protocol.request import bulk_request

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from snmptcp.manager.call import Call
    from snmptcp.manager.connector import Connector
    from snmptcp.manager.telling import WalkTelling
    from snmptcp.protocol.lookahead import Guess
    from snmptcp.protocol.request import Request
    from snmptcp.protocol.trial import Trial
    from snmptcp.protocol.walk import WalkCursor
    from snmptcp.values import VarBind

__all__ = ("Ahead", "TrialAside")

logger = logging.getLogger("snmptcp.walks")

#: Called with the variable bindings and the seconds that they took, or with an error.
OnEnd: TypeAlias = "Callable[[tuple[VarBind, ...] | SnmpError, float], None]"

#: How many times as long as usual a walk waits for an answer ahead that decides how it goes on.
PATIENCE = 4

#: After these errors of a trial, a smaller one may be made.
_SMALLER_MAY_HELP = (TooBig, GenErr, BrokenVariable)


class _Aside:
    """One request that nothing awaits.

    Args:
        connector: the way to the agent.
        call: the request, which is on a connection.
        on_end: called when it is answered or has failed, unless it is given up before.
    """

    def __init__(self, connector: Connector, call: Call, on_end: OnEnd) -> None:
        self._connector = connector
        self._on_end: OnEnd | None = on_end
        self._loop = running_loop()
        self.call = call
        self.begun_at = self._loop.time()
        self.waiter: asyncio.Future[tuple[VarBind, ...]] | None = (
            None if call.exchange is None else call.exchange.waiter
        )
        if self.waiter is not None:
            self.waiter.add_done_callback(self._end)

    def _end(self, waiter: asyncio.Future[tuple[VarBind, ...]]) -> None:
        self.waiter = None
        on_end, self._on_end = self._on_end, None  # what is called refers to this object
        if waiter.cancelled() or on_end is None:
            return
        error: SnmpError | None = waiter.exception()  # type: ignore[assignment]  # an exchange fails with nothing else
        self._connector.settle(self.call, error)
        on_end(waiter.result() if error is None else error, self._loop.time() - self.begun_at)

    def release(self) -> Call:
        """Return the request for somebody to await."""
        if self.waiter is not None:
            self.waiter.remove_done_callback(self._end)
            self.waiter = self._on_end = None
        return self.call

    def abandon(self) -> None:
        """Forget the request."""
        if self.waiter is not None:
            self.release().abandon()


def _begin(
    connector: Connector, request: Request, timeout: float, telling: WalkTelling | None, on_end: OnEnd
) -> _Aside | None:
    """Let a request leave that nothing awaits; ``None`` without a connection."""
    if not connector.connected:
        return None
    try:
        call = connector.begin(request, Deadline(running_loop().time() + timeout, timeout), walk=telling)
    except SnmpError as error:  # the walk's own next request meets it, too
        logger.debug("%s: %s could not be sent: %s", connector.options.peer, request, error.text)
        return None
    if call.exchange is None:  # the connection belongs to another event loop
        call.abandon()
        return None
    return _Aside(connector, call, on_end)


class TrialAside:
    """A trial of a large answer.

    Args:
        connector: the way to the agent.
        trial: what compares the answer.
        timeout: how long the request may take, in seconds.
        telling: tells an observer of it.
    """

    def __init__(self, connector: Connector, trial: Trial, timeout: float, telling: WalkTelling | None) -> None:
        self._connector = connector
        self._trial = trial
        self._answered = False
        self._aside = _begin(connector, trial.request(), timeout, telling, self._take)
        if self._aside is None:
            trial.leave()

    def _take(self, outcome: tuple[VarBind, ...] | SnmpError, seconds: float) -> None:
        if isinstance(outcome, tuple):
            self._answered = True
            self._trial.receive(outcome, seconds)
        else:
            self._trial.refuse(again=isinstance(outcome, _SMALLER_MAY_HELP))

    def clear_way(self) -> None:
        """Try no more: a request of the walk was not answered in time while the large answer was waited for.

        Gives up the connection if the large answer has begun and does not go on: nothing else can come over it.
        """
        self._trial.crowd_out()
        connection = self._connector.connection
        if self._answered or connection is None or not connection.usable or not connection.session.mid_message:
            return
        self._answered = True  # it is not to blame for what happens to the next connection
        logger.debug("%s: a large answer has begun and does not go on", self._connector.options.peer)
        connection.abort(ConnectionLost("a large answer has begun and does not go on"))

    def abandon(self) -> None:
        """Forget the request; what was compared counts."""
        if self._aside is not None:
            self._aside.abandon()
        self._trial.leave()


class Ahead:
    """The requests ahead of one walk.

    Args:
        connector: the way to the agent.
        cursor: the walk.
        timeout: how long one request may take, in seconds.
        telling: tells an observer of them.
    """

    def __init__(self, connector: Connector, cursor: WalkCursor, timeout: float, telling: WalkTelling | None) -> None:
        self._connector = connector
        self._cursor = cursor
        self._timeout = timeout
        self._telling = telling
        self._look = LookAhead(cursor.root)
        self._asides: dict[Guess, _Aside] = {}
        self._sizes: dict[Guess, int] = {}  # the max-repetitions of each request
        self._has_begun = False

    def follow(self, items: Sequence[VarBind]) -> None:
        """Take note of what the walk has taken."""
        self._look.follow(items)
        self._clear()

    @property
    def decides(self) -> bool:
        """Whether the walk waits for an answer that was asked for ahead, or can take one that is there."""
        return self._look.waits or self._look.has_ready

    async def ready(self) -> Sequence[VarBind] | None:
        """Return the next names of the walk if they were asked for ahead; ``None`` if it has to ask itself.

        Waits only for an answer that decides how the walk goes on, and not much longer than an answer usually takes.
        """
        if self._look.waits:
            await self._await()
            self._look.resolve()
            self._clear()
        return self._look.ready()

    async def _await(self) -> None:
        guess = self._look.awaited
        aside = None if guess is None else self._asides.get(guess)
        growing = self._cursor.growing
        if aside is None or aside.waiter is None or growing is None:
            return
        seconds = aside.begun_at + PATIENCE * growing.sizes.usual - running_loop().time()
        if seconds > 0 and aside.waiter.get_loop() is running_loop():
            await asyncio.wait((aside.waiter,), timeout=seconds)

    def adopt(self) -> Call | None:
        """Return the request under way that asks for what the walk needs next; it is the walk's own from now on."""
        guess = self._look.adopt(self._cursor.last)
        self._clear()
        aside = None if guess is None else self._asides.pop(guess, None)
        if guess is None or aside is None:
            return None
        self._cursor.adopt(self._sizes.pop(guess))
        return aside.release()

    def begin_more(self) -> None:
        """Send what is worth asking for ahead now."""
        growing = self._cursor.growing
        at_once = 0 if growing is None else growing.ahead
        if at_once == 0 or growing is None:
            return
        for guess in self._look.guesses(at_once):
            self._begin(guess, growing.repetitions)

    def _begin(self, guess: Guess, repetitions: int) -> None:
        def take(outcome: tuple[VarBind, ...] | SnmpError, _: float) -> None:
            self._asides.pop(guess, None)
            self._sizes.pop(guess, None)
            if isinstance(outcome, tuple):
                self._look.receive(guess, outcome)
            else:
                if isinstance(outcome, RequestTimeout):
                    self._crowded()
                logger.debug("%s: %s was asked for ahead in vain: %s", self._peer, guess.name, outcome.text)
                self._look.refuse(guess)
            self._clear()
            self.begin_more()  # the walk itself may be looking at something else

        aside = _begin(self._connector, bulk_request((guess.name,), 0, repetitions), self._timeout, self._telling, take)
        if aside is None:
            self._look.refuse(guess)
        else:
            self._has_begun = True
            self._asides[guess] = aside
            self._sizes[guess] = repetitions

    def clear_way(self) -> None:
        """Ask for nothing ahead any more: a request of the walk's own was not answered in time."""
        if self._has_begun:
            self._crowded()
            self.abandon()

    def _crowded(self) -> None:
        if self._cursor.growing is not None:
            self._cursor.growing.sizes.crowded()

    @property
    def _peer(self) -> str:
        return self._connector.options.peer

    def _clear(self) -> None:
        """Forget the requests whose answers are of no use any more."""
        for guess in self._look.take_dropped():
            aside = self._asides.pop(guess, None)
            self._sizes.pop(guess, None)
            if aside is not None:
                aside.abandon()

    def abandon(self) -> None:
        """Forget all requests ahead."""
        self._look.give_up()
        self._clear()
