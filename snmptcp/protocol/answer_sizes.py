"""What an agent has shown about large answers: how many names it can answer at once, and how long that takes.

Contains: what all walks over one manager's connections have learned.  Does not contain: a clock, sending, and the
number of one walk (:mod:`snmptcp.protocol.repetitions`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.errors import ConnectionLost, GenErr, TooBig

if TYPE_CHECKING:
    from snmptcp.errors import SnmpError

__all__ = (
    "DEFAULT_MAX_REPETITIONS",
    "MAX_AHEAD",
    "MOST_REPETITIONS",
    "MOST_UNTRIED",
    "RUN_BEFORE_GROWTH",
    "AnswerSizes",
)

#: 25 counters fill most of an Ethernet frame.  Above 55, one switch skips rows (prometheus/snmp_exporter pull 13).
DEFAULT_MAX_REPETITIONS = 25

#: Responses in a row after which a size that failed before is tried again.
RUN_BEFORE_GROWTH = 16

#: The most names to ask for at once.  Beyond it, larger answers save next to nothing.
MOST_REPETITIONS = 200

#: Sizes up to this one are not tried for whether the agent skips rows.
MOST_UNTRIED = 50

#: How often larger answers are compared with small ones on the connections of one manager.
MAX_TRIALS = 3

#: The octets of the longest variable of usual MIBs: 255 octets of text, its name, and what encloses them.  Who accepts
#: short messages is not sent more of those at once than fit.
LONG_VARIABLE = 320

#: The part of a request's timeout that an answer may take.
PART_OF_TIMEOUT = 0.25

#: Below this time, it is not worth knowing whether a large answer takes longer than as many small ones, in seconds.
NOTICEABLE = 0.02

#: By how much a variable of a large answer may take longer than one of a small answer.
TOLERATED_SLOWNESS = 1.25

#: Slow answers in a row before smaller ones are asked for.
SLOW_RUN = 2

#: From this time on the line, requests are worth sending ahead, in seconds.
LONG_LINE = 0.005

#: The most answers before which a refused size is not tried again.
LONGEST_RUN = 1024

#: The answers for which nothing is sent beside a walk's own requests after one of those was not answered meanwhile;
#: each further time, twice as many.
RUN_ALONE = 1024

#: How many answers there may be ahead of a walk, those under way among them.
MAX_AHEAD = 16


class AnswerSizes:
    """What an agent has shown about large answers.

    Args:
        max_message_size: the longest message that the manager accepts, in octets.

    Attributes:
        proven: the largest size whose answer had the same names as small answers.
        trying: whether a trial is under way.
    """

    __slots__ = (
        "_alone",
        "_by_octets",
        "_by_time",
        "_good",
        "_held",
        "_large",
        "_large_size",
        "_max_message_size",
        "_next_trial",
        "_run",
        "_run_alone",
        "_since_loss",
        "_slow",
        "_small",
        "_trials",
        "proven",
        "trying",
    )

    def __init__(self, max_message_size: int) -> None:
        self._max_message_size = max_message_size
        self.proven = DEFAULT_MAX_REPETITIONS
        self.trying = False
        self._trials = MAX_TRIALS
        self._next_trial = MOST_REPETITIONS
        self._by_time = MOST_REPETITIONS
        self._by_octets = max_message_size // LONG_VARIABLE
        self._held = MOST_REPETITIONS  # the most after a failure
        self._run = RUN_BEFORE_GROWTH  # answers after which that is doubled
        self._good = 0  # answers since then
        self._alone = 0  # answers for which nothing more is sent beside a walk's own requests
        self._run_alone = RUN_ALONE  # and as many the next time
        self._since_loss = LONGEST_RUN  # answers since a connection was lost at a large request
        self._slow = 0  # slow answers in a row
        self._small = 0.0  # the seconds that an answer of the default size takes; 0 if that is not known
        self._large = 0.0  # and one of a large size
        self._large_size = 0

    @property
    def allowed(self) -> int:
        """The most names to ask for at once."""
        return max(DEFAULT_MAX_REPETITIONS, min(self.proven, self._held, self._by_time, self._by_octets))

    @property
    def allowed_in_trial(self) -> int:
        """The most names to ask for at once while a large answer is being compared."""
        return max(
            DEFAULT_MAX_REPETITIONS, min(max(self.proven, MOST_UNTRIED), self._held, self._by_time, self._by_octets)
        )

    # ------------------------------------------------------------------------------------------- answers

    def note(self, asked: int, got: int, octets: int, seconds: float, timeout: float, *, exact: bool) -> None:
        """Take note of an answer.

        Args:
            asked: the max-repetitions of its request, at least 1.
            got: how many variable bindings it has.
            octets: the size of its message.
            seconds: how long it took.
            timeout: how long the request might have taken, in seconds.
            exact: whether it took that long; otherwise that long at most.
        """
        if got == 0:
            return
        self._by_octets = self._max_message_size // max(LONG_VARIABLE, 2 * octets // got)
        by_time = int(min(asked * timeout * PART_OF_TIMEOUT / max(seconds, 1e-6), MOST_REPETITIONS))
        if exact or by_time >= asked:
            self._by_time = by_time
        self._alone = max(self._alone - 1, 0)
        self._since_loss += 1
        self._good += 1
        if self._good >= self._run:
            self._good = 0
            self._held = min(self._held * 2, MOST_REPETITIONS)
        if exact and got >= asked >= DEFAULT_MAX_REPETITIONS:
            self._note_time(asked, seconds)

    def _note_time(self, size: int, seconds: float) -> None:
        """Take note of how long a full answer took."""
        if size == DEFAULT_MAX_REPETITIONS:
            self._small = _mean(self._small, seconds)
            return
        self._large = _mean(self._large if self._large_size == size else 0.0, seconds)
        self._large_size = size
        if self._is_slow(size, seconds):
            self._slow += 1
            if self._slow >= SLOW_RUN:
                self._slow = 0
                self._hold(size // 2)
        else:
            self._slow = 0

    def _is_slow(self, size: int, seconds: float) -> bool:
        """Whether a variable of a large answer took longer than one of a small answer."""
        alike = self._small * size / DEFAULT_MAX_REPETITIONS
        return seconds > NOTICEABLE and self._small > 0 and seconds > alike * TOLERATED_SLOWNESS

    def cut(self, got: int) -> None:
        """Take note that the agent answered fewer names than were asked for, although more follow."""
        self._hold(got)

    def refused(self, asked: int, error: SnmpError) -> None:
        """Take note that the agent did not answer a request of more than the default.

        Args:
            asked: its max-repetitions.
            error: how it failed.
        """
        size = max(asked // 2 if isinstance(error, TooBig | GenErr) else 0, DEFAULT_MAX_REPETITIONS)
        if self._good or size < self._held:  # or it is the same failure: a table has many requests under way
            self._run = min(self._run * 2, LONGEST_RUN)
            if isinstance(error, ConnectionLost):
                self._note_loss()
        self._hold(size)

    def _note_loss(self) -> None:
        """Take note that a connection was lost at a large request: the second time, the agent may crash at them."""
        if self._since_loss < LONGEST_RUN:
            self.proven = DEFAULT_MAX_REPETITIONS
            self._trials = 0
        self._since_loss = 0

    def crowded(self) -> None:
        """Take note that a request was not answered in time while others were under way beside it, or ahead of it.

        An agent, or a device on the way, may look at one request at a time and drop the others.
        """
        if self._alone == 0:
            self._alone = self._run_alone
            self._run_alone *= 2

    @property
    def alone(self) -> bool:
        """Whether nothing is to be sent beside a walk's own requests."""
        return self._alone > 0

    def _hold(self, size: int) -> None:
        self._held = max(size, DEFAULT_MAX_REPETITIONS)
        self._good = 0

    # -------------------------------------------------------------------------------------------- trials

    def next_trial(self) -> int:
        """Return the size of the next trial; 0 if there is none to make.

        It probably takes half of a request's timeout at most: a walk's own requests may have to wait for it.
        """
        size = min(self._next_trial, self._held, self._by_octets, 2 * self._by_time)
        if self.trying or self.alone or self._trials == 0 or size <= self.proven:
            return 0
        if min(size, self._by_time) < MOST_UNTRIED:
            return 0
        return size

    def tried(self, asked: int, alike: int) -> None:
        """Take note that a trial's answer had the same names as small answers.

        Args:
            asked: its max-repetitions.
            alike: how many names were compared.
        """
        self.trying = False
        if alike < asked:  # the agent cut the answer, or the walk ended
            self._trials -= 1
        if alike >= MOST_UNTRIED:
            self.proven = max(self.proven, alike)

    def tried_in_vain(self, asked: int, *, again: bool) -> None:
        """Take note that a trial failed: an error, other names, a slow answer, or none.

        Args:
            asked: its max-repetitions.
            again: whether to try a smaller size later.
        """
        self.trying = False
        self._trials -= 1
        self._next_trial = asked // 2
        if not again or self._next_trial < MOST_UNTRIED:
            self._trials = 0

    def is_worth_it(self, size: int, seconds: float) -> bool:
        """Take note of how long a trial's answer took; return whether larger answers gain anything.

        Args:
            size: how many variable bindings it has.
            seconds: how long it took.
        """
        self._large, self._large_size = seconds, size
        return not self._is_slow(size, seconds)

    # ------------------------------------------------------------------------------------------ the line

    @property
    def usual(self) -> float:
        """How long a large answer takes, in seconds; 0 if that is not known."""
        return self._large

    def ahead(self, size: int) -> int:
        """Return how many requests are worth having under way at once ahead of a walk; 0 if the line is short.

        An answer takes the time on the line and the agent's own time for each name; two sizes tell both.  More requests
        than the agent can answer while one is on the line would only wait at the agent.

        Args:
            size: the max-repetitions of each.
        """
        if self.alone or self.proven < MOST_UNTRIED or self._small == 0 or self._large == 0:
            return 0
        per_name = max(self._large - self._small, 0.0) / (self._large_size - DEFAULT_MAX_REPETITIONS)
        line = self._small - DEFAULT_MAX_REPETITIONS * per_name
        if line < LONG_LINE:
            return 0
        return int(min(line / max(size * per_name, 1e-6), MAX_AHEAD))


def _mean(known: float, latest: float) -> float:
    return latest if known == 0 else (known * 3 + latest) / 4
