"""How many names one request of a walk asks for.

Contains: the number that shrinks when an agent fails, and the one that also grows with what the agent has shown.
Does not contain: what the agent has shown (:mod:`snmptcp.protocol.answer_sizes`), and sending.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.errors import BrokenVariable, ConnectionLost, GenErr, NoSuchName, RequestTimeout, ResponseMismatch, TooBig
from snmptcp.protocol.answer_sizes import DEFAULT_MAX_REPETITIONS, MOST_UNTRIED, RUN_BEFORE_GROWTH
from snmptcp.protocol.trial import Trial

if TYPE_CHECKING:
    from snmptcp.errors import SnmpError
    from snmptcp.oid import OID
    from snmptcp.protocol.answer_sizes import AnswerSizes

__all__ = ("DEFAULT_MAX_REPETITIONS", "RUN_BEFORE_GROWTH", "GrowingControl", "RepetitionControl")

#: Full answers of a walk before a larger one is tried: a short walk has no use for it.
FULL_ANSWERS_BEFORE_TRIAL = 2

#: How many requests of a walk may fail without harm because a large answer that is tried keeps the agent busy, or makes
#: it close the connection.
MAX_PARDONED = 4


class RepetitionControl:
    """Adapts max-repetitions to what the agent can answer.

    tooBig and genErr halve the number, a timeout quarters it; 0 means GETNEXT.  Each response doubles it,
    at first up to one below the number that failed, and after :data:`RUN_BEFORE_GROWTH` responses further.

    Args:
        maximum: the most repetitions to ask for; 0 means GETNEXT always.
    """

    __slots__ = ("_ceiling", "_proven", "_run", "maximum", "repetitions")

    def __init__(self, maximum: int) -> None:
        self.maximum = maximum
        #: The max-repetitions of the next request; 0 means GETNEXT.
        self.repetitions = maximum
        self._ceiling = maximum
        self._proven = False  # whether the agent has ever answered a GETBULK
        self._run = 0  # responses since the last failure

    def succeeded(self) -> None:
        """Record a response: the next request may be larger."""
        if self.repetitions == self.maximum:
            self._proven = True
            return
        self._proven = self._proven or self.repetitions > 0
        self._run += 1
        if not self._proven:
            return
        if self._run % RUN_BEFORE_GROWTH == 0:
            self._ceiling = min(max(self._ceiling, 1) * 2, self.maximum)
        if self.repetitions < self._ceiling:
            self.repetitions = min(max(self.repetitions * 2, 1), self._ceiling)

    def failed(self, asked: int, error: SnmpError) -> bool:
        """Record a failed request; return whether to try a smaller one.

        Args:
            asked: the max-repetitions of the request; a limit may have made it smaller than ``repetitions``.
            error: how the request failed.
        """
        if asked == 0:
            return False
        if isinstance(error, TooBig | GenErr):  # instead of a shorter response (RFC 3416 section 4.2.3)
            smaller = asked // 2
        elif isinstance(error, RequestTimeout) and self._proven:
            smaller = asked // 4
        elif isinstance(error, BrokenVariable):  # asked for alone, it may be readable
            smaller = 0
            self._proven = True
        elif isinstance(error, RequestTimeout | NoSuchName | ResponseMismatch):
            # The agent may not support GETBULK.  If it has never answered one, go to GETNEXT at once: trying
            # each smaller size would cost the caller of a dead agent one timeout each.
            smaller = 0
        else:
            return False
        self._run = 0
        self._ceiling = max(asked - 1, smaller)
        self.repetitions = smaller
        return True


class GrowingControl(RepetitionControl):
    """Up to :data:`DEFAULT_MAX_REPETITIONS` as :class:`RepetitionControl`; beyond it, as far as the agent has shown.

    Begins with the default, and doubles with each full answer, so that a walk never asks for much more than it has read
    already.  What fails beyond the default is asked for with the default, and is remembered in the sizes.

    Args:
        sizes: what the agent has shown; shared by all walks of a connection.
        most: the most to ask for, whatever the agent has shown.
    """

    __slots__ = ("_full_answers", "_pardoned", "most", "sizes", "trial")

    def __init__(self, sizes: AnswerSizes, most: int) -> None:
        super().__init__(DEFAULT_MAX_REPETITIONS)
        self.sizes = sizes
        self.most = most
        #: The last large answer that was asked for beside the walk.
        self.trial: Trial | None = None
        self._full_answers = 0  # in a row, of the default size or more
        self._pardoned = 0  # failures that a trial is to blame for

    def succeeded(self) -> None:
        """Record a response: below the default, the next request may be larger."""
        if self.repetitions <= self.maximum:
            super().succeeded()

    def answered(self, asked: int, got: int) -> None:
        """Record the size of an answer; beyond the default, the next request may be larger.

        Args:
            asked: the max-repetitions of its request, at least 1.
            got: how many variable bindings it had; the walk goes on.
        """
        if got < asked:
            self._full_answers = 0
            self.sizes.cut(got)
        elif asked >= self.maximum:
            self._full_answers += 1
        if asked >= self.maximum <= self.repetitions:
            tried = self.trial is not None and self.trial.answered
            allowed = self.sizes.allowed_in_trial if tried else self.sizes.allowed
            self.repetitions = max(self.maximum, min(asked * 2, allowed, self.most))

    @property
    def ahead(self) -> int:
        """How many requests are worth having under way ahead of the walk.

        None after a failure that makes requests smaller than the default, and while a large answer is being tried.
        """
        return 0 if self.repetitions < self.maximum or self.sizes.trying else self.sizes.ahead(self.repetitions)

    def begin_trial(self, name: OID, asked: int, remaining: int | None) -> Trial | None:
        """Return a large answer to ask for beside the next request, if there is one to try.

        Args:
            name: the name in the next request.
            asked: the max-repetitions of the next request.
            remaining: how many names the walk may still take; ``None`` for any number.
        """
        if self._full_answers < FULL_ANSWERS_BEFORE_TRIAL or asked < self.maximum:
            return None
        size = min(self.sizes.next_trial(), self.most)
        if size < MOST_UNTRIED or (remaining is not None and remaining < size):
            return None
        self.trial = Trial(self.sizes, name, size)
        return self.trial

    def failed(self, asked: int, error: SnmpError) -> bool:
        """Record a failed request; return whether to try again, with a smaller one in most cases."""
        if isinstance(error, RequestTimeout | ConnectionLost) and self._is_due_to_trial():
            self._pardoned += 1
            return True
        if asked <= self.maximum:
            return super().failed(asked, error)
        if not isinstance(error, BrokenVariable):
            self.sizes.refused(asked, error)
        if isinstance(error, TooBig | GenErr | ConnectionLost):
            self.repetitions = self.maximum
            return True
        return super().failed(self.maximum, error)

    def _is_due_to_trial(self) -> bool:
        """Whether a request may have failed because of a large answer that was asked for beside it."""
        return self.trial is not None and self.trial.silent and self._pardoned < MAX_PARDONED
