"""Reads what a job asks for from one agent.

Contains: a job's requests, and what came of them.  Does not contain: when it is due, rates, connections.
"""

from __future__ import annotations

import asyncio
import contextlib
import weakref
from typing import TYPE_CHECKING, NamedTuple

from snmptcp.errors import AgentError, LimitExceeded, SnmpError
from snmptcp.fleet.jobs import Get, Table, Walk
from snmptcp.oid import OID
from snmptcp.values import Counter32, Counter64, EndOfMibView, NoSuchInstance, NoSuchObject, TimeTicks

if TYPE_CHECKING:
    from collections.abc import Iterable

    from snmptcp.fleet.jobs import Job
    from snmptcp.fleet.polling.naming import Naming
    from snmptcp.manager.manager import Manager
    from snmptcp.mib.objects import Node
    from snmptcp.values import Value, VarBind

__all__ = ("Item", "Reader", "Readers", "Reading")

_SYS_UPTIME = OID("1.3.6.1.2.1.1.3.0")
_MISSING = (NoSuchObject, NoSuchInstance, EndOfMibView)


class Item(NamedTuple):
    """One value that was read.

    Attributes:
        oid: the name of the variable.
        name: the object's name, or the OID as text.
        arcs: the arcs behind the object's name, or ``""``.
        value: the value.
        at: when it was read, by the event loop's clock.
    """

    oid: OID
    name: str
    arcs: str
    value: Value
    at: float


class Reading:
    """What one run of a job has read; of a run that fails, what came before.

    Attributes:
        items: the values.
        missing: the names that the agent has no value for.
        uptime: sysUpTime, if it was asked for and the agent has it.
        uptime_at: when that was read, by the event loop's clock.
    """

    __slots__ = ("items", "missing", "uptime", "uptime_at")

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.missing: list[OID] = []
        self.uptime: int | None = None
        self.uptime_at = 0.0

    def count(self) -> int:
        """Return how many variables have been read."""
        return len(self.items) + len(self.missing)


class Reader:
    """Reads one job of any target.

    Once an answer had counters, sysUpTime is read with the next ones.

    Args:
        job: what to read.
        naming: the names of what is read.

    Raises:
        ConfigurationError: a name of the job is no OID, and no module defines it.
    """

    __slots__ = ("__weakref__", "_job", "_located", "_names", "_naming", "_wants_uptime")

    def __init__(self, job: Job, naming: Naming) -> None:
        self._job = job
        self._naming = naming
        # Resolved once, so that a name with a fault is told before anything is sent.
        self._names = tuple(map(naming.oid, job.names if isinstance(job, Get) else (job.root,)))
        if isinstance(job, Table):
            for column in job.columns:
                if not isinstance(column, int):
                    naming.oid(column)
        self._located = tuple(map(naming.locate, self._names)) if isinstance(job, Get) else ()
        self._wants_uptime = False

    async def read(self, manager: Manager, reading: Reading) -> None:
        """Ask the agent.

        A walk or a table that takes longer than the job's interval is given up.

        Args:
            manager: the agent's.
            reading: takes what is read, as it comes.

        Raises:
            SnmpError: as the manager's methods; and :class:`LimitExceeded` for what takes longer than the interval.

        Safe to cancel.
        """
        job = self._job
        if isinstance(job, Get):
            await self._get(manager, job, reading)
            return
        try:
            async with asyncio.timeout(job.interval):
                if isinstance(job, Walk):
                    await self._walk(manager, job, reading)
                else:
                    await self._table(manager, job, reading)
                if self._wants_uptime:
                    await self._read_uptime(manager, job, reading)
        except TimeoutError as error:
            if isinstance(error, SnmpError):
                raise
            taken = LimitExceeded(f"{job.name} took longer than its interval of {job.interval:g} s", int(job.interval))
            taken.peer = f"{manager.host}:{manager.port}"
            raise taken from None

    async def _get(self, manager: Manager, job: Get, reading: Reading) -> None:
        varbinds = await self._answer(manager, job)
        now = asyncio.get_running_loop().time()
        for position, (oid, value) in enumerate(varbinds):
            if oid == _SYS_UPTIME and isinstance(value, TimeTicks):
                reading.uptime, reading.uptime_at = value, now
            if position < len(self._names):  # the manager has checked that the answer has the names of the request
                self._take(reading, self._names[position], self._located[position], value, now)

    async def _answer(self, manager: Manager, job: Get) -> Iterable[VarBind]:
        """Return the answer to the job's names, with sysUpTime behind them if it is wanted and can be had."""
        if self._wants_uptime and _SYS_UPTIME not in self._names:
            try:
                return await manager.get(*self._names, _SYS_UPTIME, timeout=job.timeout)
            except AgentError as error:
                # SNMPv1 refuses a request for one of its names, and an agent may hide sysUpTime; rates go without it.
                if error.index <= len(self._names):
                    raise
        return await manager.get(*self._names, timeout=job.timeout)

    async def _walk(self, manager: Manager, job: Walk, reading: Reading) -> None:
        loop = asyncio.get_running_loop()
        walk = manager.walk(
            self._names[0],
            max_repetitions=job.max_repetitions,
            limit=job.limit,
            timeout=job.timeout,
        )
        async with contextlib.aclosing(walk):
            async for oid, value in walk:
                self._take(reading, oid, self._naming.locate(oid), value, loop.time())

    async def _table(self, manager: Manager, job: Table, reading: Reading) -> None:
        loop = asyncio.get_running_loop()
        table = manager.table(
            self._names[0],
            job.columns or None,
            max_repetitions=job.max_repetitions,
            limit=job.limit,
            timeout=job.timeout,
        )
        columns: dict[int, tuple[str, Node] | None] = {}  # their names, which are the same in all rows
        async with contextlib.aclosing(table):
            async for row in table:
                now, arcs = loop.time(), str(row.index)
                for column, value in row.items():
                    oid = row.oid(column)
                    if column not in columns:
                        columns[column] = self._naming.locate_column(row.columns[column])
                    known = columns[column]
                    located = self._naming.locate(oid) if known is None else (known[0], arcs, known[1])
                    self._take(reading, oid, located, value, now)

    def _take(
        self, reading: Reading, oid: OID, located: tuple[str, str, Node | None], value: Value, now: float
    ) -> None:
        if isinstance(value, _MISSING):
            reading.missing.append(oid)
            return
        name, arcs, node = located
        # A row has typed its values already, those that its other columns explain as well (RFC 4001 section 3).
        shown = value if isinstance(self._job, Table) else self._naming.typed(node, value)
        if self._job.rates and not self._wants_uptime and isinstance(value, Counter32 | Counter64):
            self._wants_uptime = True
        reading.items.append(Item(oid, name, arcs, shown, now))

    async def _read_uptime(self, manager: Manager, job: Walk | Table, reading: Reading) -> None:
        try:
            uptime = await manager.get_value(_SYS_UPTIME, default=None, timeout=job.timeout)
        except AgentError:  # an agent may refuse it; rates go without it
            return
        if isinstance(uptime, TimeTicks):
            reading.uptime, reading.uptime_at = uptime, asyncio.get_running_loop().time()


class Readers:
    """The readers of a fleet: targets that have equal jobs share one.

    Args:
        naming: the names of what is read.
    """

    __slots__ = ("_naming", "_readers")

    def __init__(self, naming: Naming) -> None:
        self._naming = naming
        self._readers: weakref.WeakValueDictionary[Job, Reader] = weakref.WeakValueDictionary()

    def reader_of(self, job: Job) -> Reader:
        """Return the reader of a job.

        Raises:
            ConfigurationError: a name of the job is no OID, and no module defines it.
        """
        reader = self._readers.get(job)
        if reader is None:
            reader = self._readers[job] = Reader(job, self._naming)
        return reader
