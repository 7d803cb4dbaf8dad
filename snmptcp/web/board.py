"""What the page shows of each agent: its state, what it is, its interfaces; brought up to date by a fleet's polls.

Contains: the agents, and which of them have changed.  Does not contain: who is told (:mod:`snmptcp.web.page`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from snmptcp.errors import AgentError, ProtocolError
from snmptcp.printable import printable
from snmptcp.web.interfaces import Interfaces
from snmptcp.web.system import System

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snmptcp.fleet import Poll, Target
    from snmptcp.web.options import Options

__all__ = ("Board", "ShownAgent")

#: Errors of an agent that answers.
_ANSWERED = (AgentError, ProtocolError)

#: How many characters of an error are shown.
_MOST_OF_ERROR = 500


class ShownAgent:
    """An agent as the page shows it.

    Args:
        target: the agent.
        options: the page's limits.

    Attributes:
        state: ``"waiting"`` before its first poll, ``"up"``, or ``"failing"`` if it could not be reached or trusted.
        since: since when, in seconds since 1970; ``None`` before the first poll.
        interfaces: its interfaces.
    """

    def __init__(self, target: Target, options: Options) -> None:
        self.target = target
        self.state = "waiting"
        self.since: float | None = None
        self.interfaces = Interfaces(options.history, options.max_interfaces)
        self._system = System()
        self._errors: dict[str, str] = {}  # by job
        self._polled_at: float | None = None
        self._polls = 0
        self._failures = 0
        self._restarted_at: float | None = None

    def take(self, poll: Poll) -> bool:
        """Bring the agent up to date; return whether its interfaces have changed."""
        self._polls += 1
        self._polled_at = poll.ended_at
        failing = poll.error is not None and not isinstance(poll.error, _ANSWERED)
        self._set_state("failing" if failing else "up", poll.ended_at)
        if poll.error is None:
            self._errors.pop(poll.job, None)
        else:
            self._failures += 1
            told = f"{type(poll.error).__name__}: {poll.error}"
            self._errors[poll.job] = printable(told, _MOST_OF_ERROR)
        if poll.restarted:
            self._restarted_at = poll.up_since or poll.ended_at
        if poll.up_since is not None:
            self._system.up_since = poll.up_since
        for sample in poll.samples:
            self._system.take(sample)
        return self.interfaces.fail(poll.ended_at) if failing else self.interfaces.take(poll)

    def _set_state(self, state: str, at: float) -> None:
        if state == self.state:
            return
        self.state, self.since = state, at
        if state == "failing":
            self._errors.clear()  # they told of an agent that answered

    def summary(self) -> dict[str, object]:
        """Return what the list of agents shows, for JSON."""
        rows = self.interfaces.rows.values()
        received, sent = self.interfaces.total()
        return {
            "name": self.target.name,
            "host": self.target.host,
            "port": self.target.port,
            "labels": dict(self.target.labels),
            "state": self.state,
            "since": self.since,
            "error": next(reversed(self._errors.values()), None),
            "polled_at": self._polled_at,
            "polls": self._polls,
            "failures": self._failures,
            "restarted_at": self._restarted_at,
            "system": self._system.as_json(),
            "interfaces": len(rows),
            "down": sum(row.admin == "up" and row.oper not in (None, "up", "dormant") for row in rows),
            "omitted": self.interfaces.omitted,
            "in": received,
            "out": sent,
        }

    def details(self, *, history: bool) -> dict[str, object]:
        """Return the agent's interfaces, for JSON.

        Args:
            history: whether with all their rates so far, else with the latest alone.
        """
        shown = self.interfaces
        interfaces: list[dict[str, object]] = []
        for row in shown.rows.values():
            described = row.as_json()
            if history:
                described["history"] = row.series.as_json()
            interfaces.append(described)
        details: dict[str, object] = {"name": self.target.name, "interfaces": interfaces}
        if history:
            details["times"] = list(shown.history.times)
            details["total"] = shown.history.totals()
        else:
            details["at"] = shown.history.times[-1] if shown.history.known else None
        return details


class Board:
    """All agents of a page.

    Args:
        options: the page's limits.

    Attributes:
        agents: the agents by their names.
        changed: the names of those that have changed, or are new.
        changed_interfaces: the names of those whose interfaces have changed.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self.agents: dict[str, ShownAgent] = {}
        self.changed: set[str] = set()
        self.changed_interfaces: set[str] = set()

    def take(self, poll: Poll) -> None:
        """Bring the agent of a poll up to date; one that is not of the board any more is left out."""
        agent = self.agents.get(poll.target.name)
        if agent is None or agent.target is not poll.target:
            return
        self.changed.add(poll.target.name)
        if agent.take(poll):
            self.changed_interfaces.add(poll.target.name)

    def follow(self, targets: Mapping[str, Target]) -> list[str]:
        """Show the targets that there are now; return the names of those that are gone."""
        gone = [name for name, agent in self.agents.items() if targets.get(name) is not agent.target]
        for name in gone:
            del self.agents[name]
        for name in targets.keys() - self.agents.keys():
            self.agents[name] = ShownAgent(targets[name], self._options)
            self.changed.add(name)
        return [name for name in gone if name not in self.agents]

    def take_changes(self) -> tuple[set[str], set[str]]:
        """Return the names of the agents that have changed, and of those whose interfaces have, and forget them."""
        changes = self.changed & self.agents.keys(), self.changed_interfaces & self.agents.keys()
        self.changed, self.changed_interfaces = set(), set()
        return changes

    def summaries(self) -> list[dict[str, object]]:
        """Return all agents, in the order of their names, for JSON."""
        return [self.agents[name].summary() for name in sorted(self.agents)]
