"""Other managers, doing the same work against the same agent; whoever is not installed is left out.

What they give differs.  gufo_snmp speaks UDP alone and has one request at a time on a session, so its
requests in flight come from as many sessions; its names are text.  net-snmp's snmpbulkwalk is a whole
process that starts, resolves and prints.
"""

from __future__ import annotations

import asyncio
import importlib
import os
import shutil
import subprocess
import sys
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from benchmarks.agents import TABLE, UPTIME
from benchmarks.measure import Subject

if TYPE_CHECKING:
    from contextlib import ExitStack

    from benchmarks.agents import RunningAgent

__all__ = ("Peers",)

GUFO_ASYNCIO = "gufo_snmp asyncio, udp"
GUFO_SYNC = "gufo_snmp sync, udp"
SNMPBULKWALK = "snmpbulkwalk, process"


class Peers:
    """The peers that can work with an agent, as subjects of the cases.

    Args:
        agent: whom they ask; peers that speak UDP are left out where it has no UDP port.
        runner: the event loop of everything asynchronous.
        stack: closes what is opened.
    """

    def __init__(self, agent: RunningAgent, runner: asyncio.Runner, stack: ExitStack) -> None:
        self._agent = agent
        self._runner = runner
        self._stack = stack
        udp = agent.udp_port is not None
        self._asyncio_session = _session_class("gufo.snmp.aio") if udp else None
        self._sync_session = _session_class("gufo.snmp.sync") if udp else None

    def get_in_turn(self, count: int) -> list[Subject]:
        """Return those who can GET one value after the other."""
        subjects = []
        if self._asyncio_session is not None:
            (session,) = self._open_asyncio(1)
            subjects.append(Subject(GUFO_ASYNCIO, lambda: self._runner.run(_get_in_turn(session, count))))
        if self._sync_session is not None:
            blocking = self._open_sync()

            def get() -> int:
                for _ in range(count):
                    blocking.get(UPTIME)
                return count

            subjects.append(Subject(GUFO_SYNC, get))
        return subjects

    def get_in_flight(self, count: int, window: int) -> list[Subject]:
        """Return those who can have several GETs in flight."""
        if self._asyncio_session is None:
            return []
        sessions = self._open_asyncio(window)
        name = f"gufo_snmp asyncio, udp, {window} sessions"
        return [Subject(name, lambda: self._runner.run(_get_in_flight(sessions, count)))]

    def walk(self, max_repetitions: int) -> list[Subject]:
        """Return those who can walk the table by GETBULK."""
        subjects = []
        if self._asyncio_session is not None:
            (session,) = self._open_asyncio(1)
            subjects.append(Subject(GUFO_ASYNCIO, lambda: self._runner.run(_walk(session, max_repetitions))))
        if self._sync_session is not None:
            blocking = self._open_sync()
            subjects.append(
                Subject(GUFO_SYNC, lambda: sum(1 for _ in blocking.getbulk(TABLE, max_repetitions=max_repetitions)))
            )
        command = shutil.which("snmpbulkwalk")
        if command is not None:
            subjects.append(self._snmpbulkwalk(command, max_repetitions))
        return subjects

    def _snmpbulkwalk(self, command: str, max_repetitions: int) -> Subject:
        agent = self._agent
        options = ["-v2c", "-c", agent.community, f"-Cr{max_repetitions}", "-On"]
        line = [command, *options, f"tcp:{agent.host}:{agent.port}", TABLE]
        environment = {**os.environ, "MIBS": ""}

        def walk() -> int:
            subprocess.run(line, env=environment, stdout=subprocess.DEVNULL, check=True)
            return agent.cells

        return Subject(SNMPBULKWALK, walk, _children_cpu)

    def _open_asyncio(self, number: int) -> list[Any]:
        sessions: list[Any] = []
        closing = AsyncExitStack()

        async def enter() -> None:
            sessions.extend(
                [await closing.enter_async_context(self._make(self._asyncio_session)) for _ in range(number)]
            )

        self._runner.run(enter())
        self._stack.callback(lambda: self._runner.run(closing.aclose()))
        return sessions

    def _open_sync(self) -> Any:
        return self._stack.enter_context(self._make(self._sync_session))

    def _make(self, session_class: Any) -> Any:
        return session_class(self._agent.host, port=self._agent.udp_port, community=self._agent.community)


def _session_class(module: str) -> Any:
    """Return a peer's class of sessions, or ``None`` where the peer is not installed."""
    try:
        return importlib.import_module(module).SnmpSession
    except ImportError:
        return None


def _children_cpu() -> float:
    """Return the CPU seconds of the processes that were started here and have ended."""
    if sys.platform == "win32":
        return 0.0
    import resource  # noqa: PLC0415 - not on every system

    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


async def _get_in_turn(session: Any, count: int) -> int:
    for _ in range(count):
        await session.get(UPTIME)
    return count


async def _get_in_flight(sessions: list[Any], count: int) -> int:
    await asyncio.gather(*(_get_in_turn(session, count // len(sessions)) for session in sessions))
    return count


async def _walk(session: Any, max_repetitions: int) -> int:
    found = 0
    async for _ in session.getbulk(TABLE, max_repetitions=max_repetitions):
        found += 1
    return found
