"""Variables and subtrees of an agent, read again and again, and compared.

Contains: reading, and what one reading says against the one before.
Does not contain: the rhythm (:mod:`snmptcp.cli.watch.clock`), averages and peaks (:mod:`snmptcp.cli.watch.averages`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.cli.partial import read_what_works
from snmptcp.cli.watch.counters import Interval, Moment, counts, difference, interval
from snmptcp.errors import AgentError, BrokenVariable, NoSuchName, SnmpError
from snmptcp.protocol.notification import SYS_UP_TIME
from snmptcp.values import EndOfMibView, NoSuchInstance, NoSuchObject, TimeTicks, VarBind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from snmptcp.cli.watch.clock import Clock
    from snmptcp.manager import Manager
    from snmptcp.oid import OID
    from snmptcp.values import Value

__all__ = ("Change", "Sample", "Snapshot", "VariableReader", "compare", "uptime_of")

_MISSING = (NoSuchObject, NoSuchInstance, EndOfMibView)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The variables at one moment."""

    moment: Moment
    values: Mapping[OID, Value]


@dataclass(frozen=True, slots=True)
class Change:
    """A variable now, against the reading before.

    Attributes:
        varbind: its name and its value.
        difference: by how much it has grown; ``None`` if it is no counter, or was not there before.
        counts: whether it is a counter.
    """

    varbind: VarBind
    difference: int | None
    counts: bool


@dataclass(frozen=True, slots=True)
class Sample:
    """Two readings, compared.

    Attributes:
        interval: the time between them.
        changes: the variables of the second one.
    """

    interval: Interval
    changes: Sequence[Change]


def compare(before: Snapshot, after: Snapshot) -> Sample:
    """Compare two readings; after a restart of the agent nothing has a difference."""
    between = interval(before.moment, after.moment)
    changes = []
    for oid, value in after.values.items():
        grown = None if between.restarted else difference(before.values.get(oid), value)
        changes.append(Change(VarBind(oid, value), grown, counts(value)))
    return Sample(between, changes)


class VariableReader:
    """Reads variables by their names, and all that stands below names of other things.

    Args:
        oids: names of variables, or of columns, tables and subtrees.
        give_up: whether a name without a variable is a failure; otherwise it is told once, and read again each time.
        tell: called with the text about such a name.
    """

    def __init__(self, oids: Sequence[OID], tell: Callable[[str], None], *, give_up: bool) -> None:
        self._oids = oids
        self._tell = tell
        self._give_up = give_up
        self._subtrees: set[OID] = set()
        self._absent: set[OID] = set()

    async def read(self, manager: Manager, clock: Clock) -> Snapshot:
        """Read everything once.

        Raises:
            SnmpError: the agent does not answer, or nothing can be read.
        """
        names = dict.fromkeys((SYS_UP_TIME, *(oid for oid in self._oids if oid not in self._subtrees)))
        found = await self._get(list(names), manager)
        moment = Moment(clock.monotonic(), uptime_of(found.get(SYS_UP_TIME)))
        values: dict[OID, Value] = {}
        for oid in self._oids:
            value = found.get(oid) if oid not in self._subtrees else None
            if value is not None and not isinstance(value, _MISSING):
                values[oid] = value
                self._absent.discard(oid)
            else:
                values |= await self._below(oid, manager)
        return Snapshot(moment, values)

    async def _get(self, names: Sequence[OID], manager: Manager) -> dict[OID, Value]:
        def leave_out(error: SnmpError) -> None:
            """The name is looked for as a subtree then."""

        try:
            varbinds = await read_what_works(manager.get, names, leave_out, give_up=False)
        except (NoSuchName, BrokenVariable):
            return {}
        return dict(varbinds)

    async def _below(self, root: OID, manager: Manager) -> dict[OID, Value]:
        """Return the variables below a name; tell once if there are none."""
        values: dict[OID, Value] = {}
        try:
            async for varbind in manager.walk(root, skip_broken=True):
                values[varbind.oid] = varbind.value
        except AgentError as error:
            if self._give_up:
                raise
            self._miss(root, f"{root}: {error.text}")
            return values
        values.pop(root, None)
        if values:
            self._subtrees.add(root)
            self._absent.discard(root)
        else:
            self._miss(root, f"{root}: the agent has no such variable, and none below it")
        return values

    def _miss(self, root: OID, text: str) -> None:
        if self._give_up:
            raise SnmpError(text)
        if root not in self._absent:
            self._absent.add(root)
            self._tell(text)


def uptime_of(value: Value | None) -> int | None:
    """Return a sysUpTime as a number; ``None`` if it is none."""
    return int(value) if isinstance(value, TimeTicks) else None
