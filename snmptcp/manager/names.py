"""Reads of many names: split into what a message and the agent can take, and asked again in smaller parts.

Contains: the parts of one read, when smaller ones are tried, and what is remembered of the agent.  Does not contain:
which connection they leave on (:mod:`snmptcp.manager.connector`), walks.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import TYPE_CHECKING, TypeAlias

from snmptcp.codec.framer import MIN_MESSAGE_SIZE
from snmptcp.errors import (
    AgentError,
    BrokenVariable,
    ConfigurationError,
    GenErr,
    RequestTimeout,
    ResponseMismatch,
    TooBig,
)
from snmptcp.protocol.request import split_names
from snmptcp.protocol.walk import named_varbinds
from snmptcp.values import Null, VarBind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from snmptcp.manager.call import Call
    from snmptcp.manager.connector import Connector
    from snmptcp.manager.telling import WalkTelling
    from snmptcp.oid import OID
    from snmptcp.protocol.deadline import Deadline
    from snmptcp.protocol.request import Request

__all__ = ("ManyNames",)

logger = logging.getLogger("snmptcp.names")

#: Octets of names that fit into the smallest message that every agent accepts (RFC 3430 section 2.2).
MAX_NAMES_SIZE = MIN_MESSAGE_SIZE - 1024

#: More than an SNMPv3 message has around its variable bindings.
V3_OVERHEAD = 300

#: How many parts of one read are under way at once.
PARTS_AT_ONCE = 32

#: How long it is remembered that an agent takes few names, in seconds; then the next larger read tries again.
MEMORY = 300.0

#: The part of its remaining time that a read of several names waits for an answer before it asks for fewer names, if
#: the agent has not answered as many before.
PATIENCE = 0.5

#: Names and the position of the first of them in the whole read.
_Part: TypeAlias = "tuple[int, tuple[OID, ...]]"


class ManyNames:
    """Reads of several names from one agent.

    Args:
        connector: the way to the agent.
        max_names: the most names in one request; ``None`` for as many as fit into a message.

    Attributes:
        max_names: as given.

    Raises:
        ConfigurationError: ``max_names`` is below 1.
    """

    def __init__(self, connector: Connector, max_names: int | None) -> None:
        if max_names is not None and max_names < 1:
            raise ConfigurationError(f"max_names must be at least 1, not {max_names}; None is for no limit")
        self.max_names = max_names
        self._connector = connector
        self._answered = 1  # the most names in one request that the agent has answered
        self._learned: int | None = None  # how many it takes, after it has failed to answer more
        self._learned_at = 0.0

    def check(self, kind: str, count: int) -> None:
        """Refuse a request that must not be split and has too many names.

        Raises:
            ConfigurationError: it has more than ``max_names``.
        """
        if self.max_names is not None and count > self.max_names:
            raise ConfigurationError(
                f"a {kind} is not split: it has {count} variable bindings, and max_names is {self.max_names}"
            )

    def fits(self, request: Request) -> bool:
        """Whether the agent has answered a request of so many names before, and this one is not too long."""
        count, most = len(request.names), self._most()
        return count <= self._answered and (most is None or count <= most) and len(request.tail) <= self._octets

    async def ask(
        self,
        make: Callable[[tuple[OID, ...]], Request],
        request: Request,
        deadline: Deadline,
        walk: WalkTelling | None = None,
    ) -> tuple[VarBind, ...]:
        """Ask for names, in as many requests as it takes; return one variable binding for each, in order.

        If the agent answers tooBig, genErr without the index of a name, or fewer variable bindings than names, they
        are asked for again in halves, until single names are left; if it does not answer for a while, in quarters.
        Halves are asked for, too, if a variable cannot be decoded and hides others.

        Args:
            make: makes a request of names.
            request: the request of all names.
            deadline: when it must be done.
            walk: the walk or table that they belong to, if an observer is told of it.

        Raises:
            AgentError: with the error-index of the name in the whole request.
            BrokenVariable: some cannot be decoded; it has all that can be.
            SnmpError: as for a single request.
        """
        failure: BrokenVariable | TooBig | GenErr | ResponseMismatch | None = None
        if self.fits(request):
            try:
                return await self._connector.complete(self._connector.begin(request, deadline, walk=walk))
            except BrokenVariable as error:
                failure = error.with_traceback(None)  # it refers to this frame, which refers to it
            except (TooBig, GenErr, ResponseMismatch) as error:
                if not _is_too_much(error, len(request.names)):
                    raise
                failure = error.with_traceback(None)
        read = _Read(self._connector, make, request.names, deadline, self, walk=walk)
        whole = (0, request.names)
        if failure is None:
            answer = await read.ask(whole)
        elif isinstance(failure, BrokenVariable):
            answer = await read.take_broken(failure, whole)
        else:
            answer = await read.ask_in_parts(whole, _half(len(request.names)))
        if read.failed:
            logger.debug(
                "%s: asks for %d names at once, since it has not answered more",
                self._connector.options.peer,
                read.answered,
            )
            self._learned = read.answered
            self._learned_at = asyncio.get_running_loop().time()
        if read.broken:
            raise self._connector.failures.told(read.broken_among(answer))
        return tuple(answer)

    @property
    def _octets(self) -> int:
        """How many octets the names of one request may have."""
        return min(MAX_NAMES_SIZE, self._connector.security.max_request_size - V3_OVERHEAD)

    def _most(self) -> int | None:
        """Return the most names to ask for at once; ``None`` for any number."""
        if self._learned is not None and asyncio.get_running_loop().time() >= self._learned_at + MEMORY:
            self._learned = None
        limits = [limit for limit in (self.max_names, self._learned) if limit is not None]
        return min(limits, default=None)

    def split(self, part: _Part, most: int | None = None) -> list[_Part]:
        """Return the parts of a part that may be asked for, each with at most so many names."""
        position, names = part
        limits = [limit for limit in (most, self._most()) if limit is not None]
        parts: list[_Part] = []
        for run in split_names(names, self._octets, min(limits, default=None)):
            parts.append((position, run))
            position += len(run)
        return parts

    def note_answer(self, count: int) -> None:
        """Take note that the agent has answered a request of so many names."""
        self._answered = max(self._answered, count)

    def is_proved(self, count: int) -> bool:
        """Whether the agent has answered a request of so many names before."""
        return count <= self._answered


class _Read:
    """One read of several names.

    Attributes:
        failed: whether a part was too much for the agent.
        answered: the most names in a part that it has answered.
        broken: the variables that could not be decoded, by their place in the whole read, with their names.
    """

    def __init__(
        self,
        connector: Connector,
        make: Callable[[tuple[OID, ...]], Request],
        names: tuple[OID, ...],
        deadline: Deadline,
        agent: ManyNames,
        *,
        walk: WalkTelling | None = None,
    ) -> None:
        self._connector = connector
        self._make = make
        self._names = names
        self._deadline = deadline
        self._agent = agent
        self._walk = walk
        self.failed = False
        self.answered = 1
        self.broken: dict[int, tuple[OID | None, BrokenVariable]] = {}
        self._drops_above: int | None = None  # more names than this get no answer

    async def ask(self, part: _Part) -> list[VarBind]:
        """Ask for a part, split as far as is known to be necessary."""
        return await self._ask_each(self._agent.split(part))

    async def ask_in_parts(self, part: _Part, most: int) -> list[VarBind]:
        """Ask for a part that was too much, with at most so many names at once."""
        self.failed = True
        if self._drops_above is not None:
            most = min(most, self._drops_above)
        return await self._ask_each(self._agent.split(part, most))

    async def _ask_each(self, parts: Sequence[_Part]) -> list[VarBind]:
        """Ask for parts side by side; return their answers, joined."""
        connector = self._connector
        # Those that wait for their turn would be in the way of smaller parts.
        at_once = min(PARTS_AT_ONCE, connector.options.max_in_flight or PARTS_AT_ONCE)
        # Or each would leave only when it is awaited.
        await connector.connect(self._deadline, cause=None if self._walk is None else self._walk.trace)
        waiting = deque(parts)
        under_way: deque[tuple[_Part, Call, float]] = deque()  # with the time when each has begun
        answers: list[VarBind] = []
        try:
            while waiting or under_way:
                while waiting and len(under_way) < at_once:
                    part = waiting.popleft()
                    call = connector.begin(self._make(part[1]), self._deadline, walk=self._walk)
                    under_way.append((part, call, asyncio.get_running_loop().time()))
                answers += await self._complete(*under_way[0])
                under_way.popleft()
        finally:
            for _, call, _ in under_way:
                call.abandon()
        return answers

    async def _complete(self, part: _Part, call: Call, begun: float) -> Sequence[VarBind]:
        """Return the answer to a part; ask for less at once if it is too much."""
        count = len(part[1])
        if count > 1 and not self._agent.is_proved(count):
            if self._is_dropped(count, call):
                call.abandon(silent=True)
                return await self.ask_in_parts(part, count)
            if await self._is_silent(call, begun):
                return await self._ask_beside(part, call)
        try:
            answer = await self._connector.complete(call)
        except (TooBig, GenErr, ResponseMismatch) as error:
            if _is_too_much(error, count):
                return await self.ask_in_parts(part, _half(count))
            self._tell_place(error, part)
            raise
        except (AgentError, RequestTimeout) as error:
            self._tell_place(error, part)
            raise
        except BrokenVariable as error:
            return await self.take_broken(error, part)
        self._note_answer(count)
        return answer

    async def take_broken(self, error: BrokenVariable, part: _Part) -> list[VarBind]:
        """Take an answer to a part with variables that cannot be decoded; NULL stands in their places.

        If some are missing, as behind one whose length is wrong, the part is asked for again in halves.
        """
        position, names = part
        count = len(names)
        if count > 1 and len(error.varbinds) + len(error.broken) < count:
            return await self._ask_each(self._agent.split(part, _half(count)))
        self._note_answer(count)
        error = error.with_traceback(None)  # it refers to frames that refer to this object
        self.broken.update((position + place, (name, error)) for place, name in error.broken if place < count)
        return named_varbinds(error, names)[:count]

    def broken_among(self, answer: Sequence[VarBind]) -> BrokenVariable:
        """Return the error of a whole read some of whose variables cannot be decoded."""
        places = sorted(self.broken)
        first = self.broken[places[0]][1]
        readable = tuple(varbind for place, varbind in enumerate(answer) if place not in self.broken)
        broken = tuple((place, self.broken[place][0]) for place in places)
        return BrokenVariable(first.problem, first.offset, first.octets, readable, broken, first.after)

    def _is_dropped(self, count: int, call: Call) -> bool:
        """Whether a part gets no answer, since other parts of this size got none."""
        pending = call.exchange is not None and not call.exchange.ended
        return pending and self._drops_above is not None and count > self._drops_above

    async def _is_silent(self, call: Call, begun: float) -> bool:
        """Wait for an answer; return whether none has come for a good part of the time that there was."""
        exchange = call.exchange
        if exchange is None:
            exchange = call.start(await self._connector.connect(self._deadline))
        now = asyncio.get_running_loop().time()
        while now < self._deadline.at:
            until = begun + (self._deadline.at - begun) * PATIENCE
            done, _ = await asyncio.wait((exchange.waiter,), timeout=max(0.0, until - now))
            if done:
                return False
            if exchange.sent:
                return True
            begun = now = asyncio.get_running_loop().time()  # it still waits for its turn
        return False

    async def _ask_beside(self, part: _Part, call: Call) -> Sequence[VarBind]:
        """Ask for a quarter of the names at once; an answer to the whole part that comes meanwhile is taken, too.

        Some agents drop a request of more names than they take.
        """
        quarter = -(-len(part[1]) // 4)
        exchange = call.exchange
        if self._connector.options.max_in_flight is not None or exchange is None:  # it would be in the way
            call.abandon(silent=True)
            return await self._ask_dropped(part, quarter)
        failed_before, whole = self.failed, exchange.waiter
        smaller = asyncio.ensure_future(self._ask_dropped(part, quarter))
        try:
            await asyncio.wait((smaller, whole), return_when=asyncio.FIRST_COMPLETED)
            if whole.done() and not whole.cancelled() and whole.exception() is None:
                self.failed = failed_before
                self._note_answer(len(part[1]))
                for place in range(part[0], part[0] + len(part[1])):
                    self.broken.pop(place, None)
                answer: tuple[VarBind, ...] = whole.result()
                return answer
            return await smaller
        finally:
            call.abandon(silent=True)
            smaller.cancel()
            await asyncio.wait((smaller,))
            if not smaller.cancelled():
                smaller.exception()  # it may have failed while the whole answer came
            del exchange, whole, smaller  # they refer to errors, whose tracebacks refer to this frame

    async def _ask_dropped(self, part: _Part, most: int) -> list[VarBind]:
        answers = await self.ask_in_parts(part, most)
        self._drops_above = self.answered
        return answers

    def _note_answer(self, count: int) -> None:
        self.answered = max(self.answered, count)
        self._agent.note_answer(count)

    def _tell_place(self, error: AgentError | RequestTimeout | ResponseMismatch, part: _Part) -> None:
        """Have an error tell of the names in the whole read, of which a part has failed."""
        position, names = part
        if len(names) == len(self._names):
            return
        if isinstance(error, AgentError):
            index = error.index or (1 if len(names) == 1 else 0)
            if 0 < index <= len(names):
                error.index = position + index
                error.varbinds = tuple(VarBind(name, Null()) for name in self._names)
                error.args = (int(error.status), error.index, error.varbinds)
        elif isinstance(error, ResponseMismatch) and len(names) == 1:
            error.problem = f"{error.problem} for {names[0]}"
            error.args = (error.problem, error.varbinds)
        error.add_note(f"asked for {', '.join(map(str, names))}")


def _half(count: int) -> int:
    return -(-count // 2)


def _is_too_much(error: AgentError | ResponseMismatch, count: int) -> bool:
    """Whether an error may be one of a request with more names than the agent takes."""
    if count == 1:
        return False
    if isinstance(error, GenErr):
        return not 0 < error.index <= count
    return isinstance(error, TooBig) or (isinstance(error, ResponseMismatch) and error.missing > 0)
