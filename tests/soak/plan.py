"""What a soak is asked to do: how long, how many agents, how many requests, how many faults, and its marks."""

from __future__ import annotations

from dataclasses import dataclass

from snmptcp.security.remote import MAX_SEEN

__all__ = ("AT_ONCE", "GRACE", "TIMEOUT", "TOO_BUSY", "WALK_TIMEOUT", "Plan")

#: How long a request may take, in seconds: the default of :class:`snmptcp.Manager`.
TIMEOUT = 5.0

#: How long a walk or a table may take in all, in seconds.  Each of its requests has :data:`TIMEOUT`, and one that
#: fails is followed by smaller ones.
WALK_TIMEOUT = 60.0

#: How much later than its deadline a request may end, in seconds, beside the lag of the event loop in that time.
GRACE = 0.25

#: How many operations may be under way at once: on a busy machine the rate falls, and they do not pile up.
AT_ONCE = 200

#: From which lag of an event loop on, in seconds, a machine is too busy to answer in time.
TOO_BUSY = 0.5


@dataclass(frozen=True, slots=True)
class Plan:
    """One soak.

    Attributes:
        minutes: how long requests are sent, in minutes.
        agents: the number of agents.
        rate: requests a second, over all agents; the polls of a fleet come on top.
        faults: how many percent of the answers have a fault, and how many percent of the agents have an outage in
            each minute.
        notifications: traps and informs a second, over all senders.
        seed: of all random choices.
    """

    minutes: float = 60.0
    agents: int = 200
    rate: float = 350.0
    faults: float = 1.0
    notifications: float = 20.0
    seed: int = 29

    @property
    def seconds(self) -> float:
        """How long requests are sent, in seconds."""
        return self.minutes * 60

    @property
    def every(self) -> float:
        """The seconds between two lines: a minute, or a twelfth of a soak of less than twelve minutes."""
        return min(60.0, self.seconds / 12)

    @property
    def is_long(self) -> bool:
        """Whether it is long enough to judge by how much something grows in an hour."""
        return self.minutes >= 30

    @property
    def fill(self) -> int:
        """How many traps of SNMPv3 are sent at the beginning: as many as a listener remembers, if growth is judged."""
        return MAX_SEEN if self.is_long else 0

    @property
    def warm_up(self) -> float:
        """The seconds that growth leaves out: an hour, or a third of a shorter soak."""
        return min(3600.0, self.seconds / 3)
