"""What the requests of the soak have come to: each is counted, and each error needs a fault that explains it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tests.soak.plan import GRACE, TIMEOUT, WALK_TIMEOUT
from tests.soak.troubles import EVERY, Episode

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ("Accounts", "Failure", "WrongAnswer")

#: How many texts of what went wrong are kept of each kind.
KEPT = 20

#: How long a fault is remembered after its effects, in seconds: the longest request can have begun in its time.
REMEMBERED = WALK_TIMEOUT + TIMEOUT


class WrongAnswer(Exception):
    """An answer without an error, which is not what the agent must say."""


class Failure(NamedTuple):
    """A request that ended with an error.

    Attributes:
        device: the number of the device.
        operation: what was asked.
        began: when, in seconds of the monotonic clock.
        ended: when it ended.
        error: the name of the exception's class.
        text: what the exception says.
    """

    device: int
    operation: str
    began: float
    ended: float
    error: str
    text: str

    def is_explained_by(self, episode: Episode) -> bool:
        """Whether a fault may have caused it."""
        return (
            episode.device in (self.device, EVERY)
            and episode.may_cause(self.error)
            and episode.since <= self.ended
            and self.began <= episode.until
        )


@dataclass(slots=True)
class Accounts:
    """The counts; their size does not depend on how long the soak is.

    Attributes:
        begun: operations that have begun, by kind.
        answered: those that ended with the right answer.
        errors: those that ended with a documented error, by its name.
        cancelled: those that the soak itself has cancelled.
        wrong: answers that are not what the agent must say.
        undocumented: exceptions that are not of :class:`snmptcp.SnmpError`.
        unexplained: errors that no fault explains.
        busy: errors that nothing explains but that the machine was too busy.
        late: operations that ended after their deadline.
        worst: how long after its deadline the latest one ended, in seconds, without the lag of the event loop.
        texts: what went wrong, the first few of each kind.
    """

    begun: Counter[str] = field(default_factory=Counter)
    answered: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    cancelled: int = 0
    wrong: int = 0
    undocumented: int = 0
    unexplained: int = 0
    busy: int = 0
    late: int = 0
    worst: float = 0.0
    texts: dict[str, list[str]] = field(default_factory=dict)
    _fresh: list[str] = field(default_factory=list)
    _failures: list[Failure] = field(default_factory=list)
    _episodes: list[Episode] = field(default_factory=list)

    @property
    def ended(self) -> int:
        """How many operations have ended."""
        return self.answered + sum(self.errors.values()) + self.cancelled + self.wrong + self.undocumented

    @property
    def unresolved(self) -> int:
        """How many operations have begun and not ended."""
        return sum(self.begun.values()) - self.ended

    def failed(self, failure: Failure) -> None:
        """Count a documented error; :meth:`explain` looks for its reason."""
        self.errors[failure.error] += 1
        self._failures.append(failure)

    def note(self, kind: str, text: str) -> None:
        """Keep the text of something that went wrong."""
        texts = self.texts.setdefault(kind, [])
        if len(texts) < KEPT:
            texts.append(text)
            self._fresh.append(f"{kind}: {text}")

    def take_fresh(self) -> list[str]:
        """Return the texts that were noted since the last time, each with its kind."""
        fresh, self._fresh = self._fresh, []
        return fresh

    def check_deadline(self, what: str, over: float, lag: float) -> None:
        """Count an operation that ended late.

        Args:
            what: the operation.
            over: how long after its deadline it ended, in seconds; negative if before.
            lag: how long the event loop was late meanwhile, in seconds.
        """
        late = over - lag
        self.worst = max(self.worst, late)
        if late > GRACE:
            self.late += 1
            self.note("late", f"{what} ended {over:.3f} s after its deadline; the event loop was {lag:.3f} s late")

    def explain(self, episodes: Iterable[Episode], until: float) -> None:
        """Look for a fault for each error.

        Args:
            episodes: the faults since the last time.
            until: up to when they are complete, in seconds of the monotonic clock; later errors wait.
        """
        self._episodes += episodes
        waiting = []
        for failure in self._failures:
            if failure.ended >= until:
                waiting.append(failure)
                continue
            reasons = [episode for episode in self._episodes if failure.is_explained_by(episode)]
            if not reasons:
                self.unexplained += 1
                self.note("unexplained", self._story(failure))
            elif all(episode.device == EVERY for episode in reasons):
                self.busy += 1
        self._failures = waiting
        self._episodes = [episode for episode in self._episodes if episode.until > until - REMEMBERED]

    def _story(self, failure: Failure) -> str:
        """Return the text of an error without a reason, with the faults of its agent at that time."""
        near = [
            f"{episode.kind} from {episode.since - failure.began:+.1f} to {episode.until - failure.began:+.1f}"
            for episode in self._episodes
            if episode.device in (failure.device, EVERY)
            and episode.until > failure.began - 5
            and episode.since < failure.ended
        ]
        took = failure.ended - failure.began
        return (
            f"device {failure.device}, {failure.operation}: {failure.error} after {took:.1f} s: {failure.text}"
            f" [faults: {', '.join(near) or 'none'}]"
        )
