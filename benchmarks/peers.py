"""Other managers with the same work and agent; those that are not installed are left out.

Their results differ.  gufo_snmp uses only UDP and has one request at a time per session, so its requests in flight
need as many sessions; its names are text.  net-snmp's snmpbulkwalk is a whole process that starts, resolves and
prints.
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
from snmptcp import AuthProtocol, PrivProtocol

if TYPE_CHECKING:
    from contextlib import ExitStack

    from benchmarks.agents import RunningAgent
    from snmptcp import UsmUser

__all__ = ("Peers",)

GUFO_ASYNCIO = "gufo_snmp asyncio, udp"
GUFO_SYNC = "gufo_snmp sync, udp"
SNMPBULKWALK = "snmpbulkwalk, process"


class Peers:
    """The peers for an agent as subjects: with a community, or with an SNMPv3 user.

    Args:
        agent: the agent; without a UDP port, peers that need UDP are left out.
        runner: the event loop of asynchronous subjects.
        stack: closes the connections.
    """

    def __init__(self, agent: RunningAgent, runner: asyncio.Runner, stack: ExitStack) -> None:
        self._agent = agent
        self._runner = runner
        self._stack = stack
        udp = agent.udp_port is not None
        self._asyncio_session = _session_class("gufo.snmp.aio") if udp else None
        self._sync_session = _session_class("gufo.snmp.sync") if udp else None

    def get_in_turn(self, count: int, user: UsmUser | None = None) -> list[Subject]:
        """Return the peers for one GET at a time."""
        subjects = []
        if self._asyncio_session is not None:
            (session,) = self._open_asyncio(1, user)
            subjects.append(Subject(GUFO_ASYNCIO, lambda: self._runner.run(_get_in_turn(session, count))))
        if self._sync_session is not None:
            blocking = self._open_sync(user)

            def get() -> int:
                for _ in range(count):
                    blocking.get(UPTIME)
                return count

            subjects.append(Subject(GUFO_SYNC, get))
        return subjects

    def get_in_flight(self, count: int, window: int, user: UsmUser | None = None) -> list[Subject]:
        """Return the peers for several GETs in flight."""
        if self._asyncio_session is None:
            return []
        sessions = self._open_asyncio(window, user)
        name = f"gufo_snmp asyncio, udp, {window} sessions"
        return [Subject(name, lambda: self._runner.run(_get_in_flight(sessions, count)))]

    def walk(self, max_repetitions: int, user: UsmUser | None = None) -> list[Subject]:
        """Return the peers for a GETBULK walk."""
        subjects = []
        if self._asyncio_session is not None:
            (session,) = self._open_asyncio(1, user)
            subjects.append(Subject(GUFO_ASYNCIO, lambda: self._runner.run(_walk(session, max_repetitions))))
        if self._sync_session is not None:
            blocking = self._open_sync(user)
            subjects.append(
                Subject(GUFO_SYNC, lambda: sum(1 for _ in blocking.getbulk(TABLE, max_repetitions=max_repetitions)))
            )
        command = shutil.which("snmpbulkwalk")
        if command is not None:
            subjects.append(self._snmpbulkwalk(command, max_repetitions, user))
        return subjects

    def _snmpbulkwalk(self, command: str, max_repetitions: int, user: UsmUser | None) -> Subject:
        agent = self._agent
        credentials = ["-v2c", "-c", agent.community] if user is None else _net_snmp_options(user)
        line = [command, *credentials, f"-Cr{max_repetitions}", "-On", f"tcp:{agent.host}:{agent.port}", TABLE]
        environment = {**os.environ, "MIBS": ""}

        def walk() -> int:
            subprocess.run(line, env=environment, stdout=subprocess.DEVNULL, check=True)
            return agent.cells

        return Subject(SNMPBULKWALK, walk, _children_cpu)

    def _open_asyncio(self, number: int, user: UsmUser | None) -> list[Any]:
        sessions: list[Any] = []
        closing = AsyncExitStack()

        async def enter() -> None:
            sessions.extend(
                [await closing.enter_async_context(self._make(self._asyncio_session, user)) for _ in range(number)]
            )

        self._runner.run(enter())
        self._stack.callback(lambda: self._runner.run(closing.aclose()))
        return sessions

    def _open_sync(self, user: UsmUser | None) -> Any:
        return self._stack.enter_context(self._make(self._sync_session, user))

    def _make(self, session_class: Any, user: UsmUser | None) -> Any:
        credentials = {"community": self._agent.community} if user is None else {"user": _gufo_user(user)}
        return session_class(self._agent.host, port=self._agent.udp_port, **credentials)


def _session_class(module: str) -> Any:
    """Return a peer's session class; ``None`` if the peer is not installed."""
    try:
        return importlib.import_module(module).SnmpSession
    except ImportError:
        return None


#: gufo_snmp's names for the protocols of the benchmarks' users.
_GUFO_KEYS = {
    AuthProtocol.SHA: "Sha1Key",
    AuthProtocol.SHA_256: "Sha256Key",
    PrivProtocol.AES: "Aes128Key",
}


def _gufo_user(user: UsmUser) -> Any:
    """Return a user as gufo_snmp's object."""
    module: Any = importlib.import_module("gufo.snmp.user")
    auth_key = getattr(module, _GUFO_KEYS[user.auth_protocol])(user.auth.password)
    priv_key = getattr(module, _GUFO_KEYS[user.priv_protocol])(user.priv.password)
    return module.User(user.name.decode(), auth_key=auth_key, priv_key=priv_key)


def _net_snmp_options(user: UsmUser) -> list[str]:
    """Return the options of net-snmp's tools for a user."""
    passwords = [(source.password or b"").decode() for source in (user.auth, user.priv)]
    auth = ["-a", str(user.auth_protocol), "-A", passwords[0]]
    return ["-v3", "-u", user.name.decode(), "-l", "authPriv", *auth, "-x", str(user.priv_protocol), "-X", passwords[1]]


def _children_cpu() -> float:
    """Return the CPU seconds of ended child processes."""
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
