"""What a fleet has read: samples, one for each value, and polls, one for each run of a job."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from snmptcp.fleet.target import Target
    from snmptcp.oid import OID
    from snmptcp.values import Value

__all__ = ("Poll", "Sample")


@dataclass(slots=True)
class Sample:
    """One value that a target has answered.  Sinks share it: do not change it.

    Attributes:
        target: the agent.
        job: the name of the job that read it.
        oid: the name of the variable.
        name: the object's name (``"ifHCInOctets"``) if the fleet has names and a module defines it, else the OID as
            text.
        index: the arcs behind the object's name (``"3"``); ``""`` if ``name`` is the OID.
        value: the value; its ``name`` is the type (``"Counter64"``).  With names it is typed by its module, so that
            ``str()`` shows enumerations and strings as the module wants them.
        requested_at: when the poll began to ask, in seconds since 1970 (UTC).
        answered_at: when the answer with this value came, likewise.
        rate: of a counter: how much it has grown each second since the last poll; ``None`` if that is not known: at the
            first poll, after a restart of the agent, and for what is no counter.
    """

    target: Target
    job: str
    oid: OID
    name: str
    index: str
    value: Value
    requested_at: float
    answered_at: float
    rate: float | None = None

    @property
    def type(self) -> str:
        """The SMI type of the value, as net-snmp calls it: ``"INTEGER"``, ``"Counter64"``, ``"STRING"``."""
        return self.value.name

    @property
    def instance(self) -> str:
        """The name of the variable with its index: ``"ifHCInOctets.3"``."""
        return f"{self.name}.{self.index}" if self.index else self.name


@dataclass(slots=True)
class Poll:
    """One run of a job on one target, with all that it has read.  Sinks share it: do not change it.

    Attributes:
        target: the agent.
        job: the name of the job.
        due_at: when it was to start, in seconds since 1970 (UTC).
        started_at: when it started.
        ended_at: when it ended.
        samples: what was read, in the agent's order.  A walk that failed has those that came before.
        error: why it failed, nearly always an :class:`snmptcp.SnmpError`; ``None`` if it did not.
        missing: the names that the agent has no value for.
        restarted: whether the agent has restarted since the last poll.
        up_since: when the agent started by its sysUpTime, in seconds since 1970 (UTC); ``None`` if that was not read.
            sysUpTime wraps after 497 days: an agent may have started as many days earlier, or a multiple of them.
        skipped: how many runs before it were left out because the last one took too long.
        backed_off: how many runs before it were left out because the target had failed.
    """

    target: Target
    job: str
    due_at: float
    started_at: float
    ended_at: float
    samples: Sequence[Sample] = ()
    error: Exception | None = None
    missing: Sequence[OID] = ()
    restarted: bool = False
    up_since: float | None = None
    skipped: int = 0
    backed_off: int = 0

    @property
    def lateness(self) -> float:
        """How long after it was due it started, in seconds."""
        return max(0.0, self.started_at - self.due_at)
