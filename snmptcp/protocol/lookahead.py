"""Looking ahead of a walk: requests for the columns behind the present one, and whether to take their answers.

Contains: what to ask ahead, and the comparison with what the walk finds.  Does not contain: sending, a clock, and how
many requests are worth it (:mod:`snmptcp.protocol.answer_sizes`).

The name that follows the column ``entry.2`` is the one that follows ``entry.3`` if the agent has no name ``entry.3``
itself.  So the first names of the next column can be asked for while the present one is read.  They are taken only if
the name that ends the present column, and all that came with it, are exactly the first of the answer; or else they are
dropped, and the walk looks ahead no more.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from snmptcp.codec.ber import MAX_ARC
from snmptcp.oid import OID, precedes
from snmptcp.protocol.answer_sizes import MAX_AHEAD
from snmptcp.values import EndOfMibView, NoSuchInstance, NoSuchObject

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snmptcp.values import VarBind

__all__ = ("Guess", "LookAhead")

#: By how many arcs the names of the next column may differ from those of the present one: the column's own, and one
#: that is the same in the whole table.
DEPTH_OF_NEXT = 2


class Guess:
    """A request ahead of the walk.

    Attributes:
        name: the name after which the answer is to begin.
    """

    __slots__ = ("name", "strand")

    def __init__(self, name: OID, strand: _Strand) -> None:
        self.name = name
        self.strand = strand


class _Strand:
    """The answers from the beginning of one column on, in order.

    Attributes:
        start: the column; as soon as there is an answer, the one that it begins in.
        first: the first name; ``None`` until there is an answer.
        parts: the answers that the walk has not taken.
        pending: the request under way; ``None`` if there is none.
        ended: whether nothing more is to be asked.
        overtaken: whether the walk itself has found more than is here.
    """

    __slots__ = ("_last", "ended", "first", "overtaken", "parts", "pending", "start")

    def __init__(self, start: OID) -> None:
        self.start = start
        self.first: OID | None = None
        self.parts: deque[Sequence[VarBind]] = deque()
        self.pending: Guess | None = None
        self.ended = False
        self.overtaken = False
        self._last = start

    @property
    def size(self) -> int:
        """How many requests it has cost that the walk has not taken."""
        return len(self.parts) + (self.pending is not None)

    def ask(self) -> Guess:
        """Return its next request."""
        self.pending = Guess(self._last, self)
        return self.pending

    def add(self, varbinds: Sequence[VarBind]) -> bool:
        """Take the answer to its request; return whether it can be used."""
        self.pending = None
        if not varbinds or not self._is_sound(varbinds):
            self.ended = True
            return False
        if self.first is None:
            self.first = varbinds[0].oid
            if self.first.startswith(self.start[:-1]):
                self.start = self.first[: len(self.start)]
        self.parts.append(varbinds)
        self._last = varbinds[-1].oid
        self.ended = not self._last.startswith(self.start)
        return True

    def _is_sound(self, varbinds: Sequence[VarBind]) -> bool:
        """Whether an answer has nothing that may end a walk: names that do not increase, or no values."""
        before = self._last.key
        for oid, value in varbinds:
            if isinstance(value, EndOfMibView | NoSuchObject | NoSuchInstance) or not precedes(before, oid.key):
                return False
            before = oid.key
        return True

    def skip(self, found: Sequence[VarBind]) -> bool:
        """Forget what the walk has found itself; return whether it is exactly what comes first here.

        Args:
            found: the names behind the present column, as the walk has them.
        """
        place = 0
        while place < len(found) and self.parts:
            part = self.parts.popleft()
            size = min(len(part), len(found) - place)
            if any(part[index].oid.key != found[place + index].oid.key for index in range(size)):
                return False
            if size < len(part):
                self.parts.appendleft(part[size:])
            place += size
        self.overtaken = place < len(found)
        return True


class LookAhead:
    """The requests ahead of one walk.

    Tell it with :meth:`follow` what the walk takes.  Send the requests of :meth:`guesses`, and tell the outcome of each
    with :meth:`receive` or :meth:`refuse`, except for one that the walk adopts.  Ask :meth:`ready` for the next names
    before the walk asks the agent.

    At each time, no more requests have been made in vain or wait to be taken than the walk has read columns: one wasted
    request a column at most.

    Args:
        root: the subtree of the walk.

    Attributes:
        columns: how many columns the walk has begun, as far as it is known where they begin.
        off: whether it has been given up: the agent contradicted itself, or did not answer.
        wasted: requests whose answers were of no use.
    """

    __slots__ = (
        "_answers",
        "_beyond",
        "_column",
        "_current",
        "_dropped",
        "_first",
        "_inside",
        "_length",
        "_root",
        "_strands",
        "columns",
        "off",
        "wasted",
    )

    def __init__(self, root: OID) -> None:
        self._root = root
        self._column: OID | None = None  # the column that the walk reads
        self.columns = 0
        self._answers = 0  # how many answers it has taken of this one
        self._length = 0  # and of the one before
        self._first: OID | None = None  # the first name of the last answer that the walk took
        self._inside = False  # whether that was inside the column as a whole
        self._beyond: Sequence[VarBind] = ()  # what the walk has found behind its column, until that is compared
        self._current: _Strand | None = None  # the column that the walk reads, as far as it was asked for ahead
        self._strands: deque[_Strand] = deque()  # the columns behind it
        self._dropped: list[Guess] = []
        self.off = False
        self.wasted = 0

    # -------------------------------------------------------------------------------------- the walk

    def follow(self, items: Sequence[VarBind]) -> None:
        """Take note of what the walk has taken, whether it asked for that itself or not."""
        if self.off or not items:
            return
        first, last = items[0].oid, items[-1].oid
        column, before = self._column, self._first
        self._first = first
        if column is None:
            self._inside = False
            if before is not None:
                self._find_column(before, last)
        elif last.startswith(column):
            self._inside = True
            self._answers += 1
        else:
            self._inside = False
            self._beyond = [item for item in items if not item.oid.startswith(column)]
            self._pass()

    def _find_column(self, before: OID, last: OID) -> None:
        """Take what all names of two answers have in common for the column that the walk reads."""
        size = _common(before, last)
        if max(len(self._root), 2) < size < len(last):
            self._begin(last[:size])
            self._inside = True

    def _begin(self, column: OID) -> None:
        self._column = column
        self.columns += 1
        self._length, self._answers = self._answers, 1

    def _pass(self) -> None:
        """Go on from one column to the next: compare what the walk has found there with the first strand."""
        if self._current is not None and not self._current.size:
            self._current = None
        if self._strands and self._current is None:
            strand = self._strands[0]
            if strand.first is None and strand.pending is not None:
                return  # the walk waits for it
            self._strands.popleft()
            if not self._take_up(strand):
                self.give_up()
                return
        found, self._beyond = self._beyond, ()
        self._enter(found[-1].oid)

    def _take_up(self, strand: _Strand) -> bool:
        """Go on with a strand if it begins with what the walk has found; return whether it does."""
        size = strand.size
        alike = strand.first is not None and strand.skip(self._beyond)
        if alike and strand.size and not strand.overtaken:
            self._current = strand
            return True
        self.wasted += size - strand.size
        self._drop(strand)
        return alike

    def _enter(self, last: OID) -> None:
        """Take note of the column of a name, and forget the strands that are not behind it."""
        column = self._column
        self._column = None
        if column is not None:
            size = _common(column, last)
            if max(len(self._root), 2) <= size and len(column) - size <= DEPTH_OF_NEXT and size + 1 < len(last):
                self._begin(last[: size + 1])
        while self._strands and (self._column is None or not precedes(last.key, self._strands[0].start.key)):
            self._drop(self._strands.popleft())

    # ------------------------------------------------------------------------------ what the walk may take

    @property
    def waits(self) -> bool:
        """Whether an answer decides how the walk goes on; :meth:`resolve` ends that."""
        return bool(self._beyond)

    @property
    def has_ready(self) -> bool:
        """Whether there are names that the walk need not ask for."""
        return self._current is not None and bool(self._current.parts)

    @property
    def awaited(self) -> Guess | None:
        """The request whose answer decides how the walk goes on, if it is not there yet."""
        return self._strands[0].pending if self._beyond and self._strands else None

    def resolve(self) -> None:
        """Go on: the awaited answer has come, or it is given up."""
        if self._beyond:
            if self._strands and self._strands[0].first is None:
                self.give_up()
            else:
                self._pass()

    def ready(self) -> Sequence[VarBind] | None:
        """Return the next names of the walk, which it need not ask for; ``None`` if there are none."""
        current = self._current
        return current.parts.popleft() if current is not None and current.parts else None

    def adopt(self, last: OID) -> Guess | None:
        """Return the request under way that asks for what comes next, which is the walk's own from now on.

        Args:
            last: the last name that the walk has.
        """
        current = self._current
        if current is None or current.parts:
            return None
        self._current = None
        guess = current.pending
        if guess is None or guess.name != last:
            self._drop(current)
            return None
        current.pending = None
        return guess

    # ---------------------------------------------------------------------------------- what to ask ahead

    def guesses(self, at_once: int) -> list[Guess]:
        """Return the requests to send now.

        Args:
            at_once: how many may be under way at once.
        """
        made: list[Guess] = []
        if self.off or self._beyond or at_once <= 0:
            return made
        current = self._current
        most = min(MAX_AHEAD, self.columns - self.wasted)
        flying = sum(strand.pending is not None for strand in self._strands)
        if current is not None and (current.pending is not None or (current.parts and not current.ended)):
            most -= 1
            if current.pending is None and sum(strand.size for strand in self._strands) <= most:
                made.append(current.ask())
        while flying < at_once and sum(strand.size for strand in self._strands) < most:
            strand = self._next_strand(most)
            if strand is None:
                break
            made.append(strand.ask())
            flying += 1
        return made

    def _next_strand(self, most: int) -> _Strand | None:
        """Return the first column with something to ask for: one whose answers go on, or the next one.

        The columns that come first are asked for to their end, as far as can be told from the length of the last one.
        """
        for strand in self._strands:
            if strand.pending is None and not strand.ended:
                return strand
        length = max(self._length, self._answers)
        kept = [strand.size if strand.ended else max(strand.size, length) for strand in self._strands]
        if not all(strand.ended for strand in self._strands) and sum(kept) + length > most:
            return None
        start = self._next_start()
        if start is None:
            return None
        self._strands.append(_Strand(start))
        return self._strands[-1]

    def _next_start(self) -> OID | None:
        """Return the column behind those that are known: its last arc is one more."""
        column = self._column
        if column is None or not self._inside:
            return None
        if self._strands:
            strand = self._strands[-1]
            column = strand.start
            if strand.first is not None and not strand.first.startswith(column):
                return None  # the table has no more columns
        return column[:-1] + (column[-1] + 1) if column[-1] < MAX_ARC else None

    def receive(self, guess: Guess, varbinds: Sequence[VarBind]) -> None:
        """Take the answer to a request of :meth:`guesses`."""
        if guess.strand.pending is guess and not guess.strand.add(varbinds):
            self._lose(guess.strand)

    def refuse(self, guess: Guess) -> None:
        """Take note that a request of :meth:`guesses` has failed: the walk asks for itself from now on."""
        if guess.strand.pending is guess:
            guess.strand.pending = None
            self._lose(guess.strand)

    def _lose(self, strand: _Strand) -> None:
        """Give up after an answer that is of no use; what the walk may take already is left to it."""
        strand.ended = True
        self.wasted += 1
        self.off = True
        self._beyond = ()
        self._drop_strands()

    # ---------------------------------------------------------------------------------------- giving up

    def give_up(self) -> None:
        """Ask for nothing ahead any more, and forget what was."""
        self.off = True
        self._beyond = ()
        self._drop_strands()
        if self._current is not None:
            self._drop(self._current)
            self._current = None

    def _drop_strands(self) -> None:
        while self._strands:
            self._drop(self._strands.popleft())

    def _drop(self, strand: _Strand) -> None:
        self.wasted += strand.size
        if strand.pending is not None:
            self._dropped.append(strand.pending)
            strand.pending = None
        strand.parts.clear()

    def take_dropped(self) -> list[Guess]:
        """Return the requests under way whose answers are of no use any more; each is returned once."""
        dropped, self._dropped = self._dropped, []
        return dropped


def _common(first: OID, second: OID) -> int:
    """Return how many arcs two names have in common at their beginning."""
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count
