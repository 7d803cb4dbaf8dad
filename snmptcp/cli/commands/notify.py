"""``snmptcp trap`` and ``snmptcp inform``: one notification, sent.

What may live here: from arguments to the library.  What may not: what the words of a notification mean
(:mod:`~snmptcp.cli.options.trap`).
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from snmptcp.cli.commands.requests import open_manager
from snmptcp.cli.options.tls import options_at_fault
from snmptcp.listener.engine_file import start_engine
from snmptcp.security.engine_clock import EngineInfo

if TYPE_CHECKING:
    import argparse

    from snmptcp.cli.options.trap import Trap

__all__ = ("run",)


def run(arguments: argparse.Namespace) -> int:
    """Send a notification; return the exit code."""
    asyncio.run(_inform(arguments) if arguments.is_inform else _trap(arguments))
    return 0


async def _inform(arguments: argparse.Namespace) -> None:
    trap: Trap = arguments.trap
    async with open_manager(arguments) as manager:
        await manager.inform(trap.trap_oid, *trap.varbinds, uptime=_uptime(trap))


async def _trap(arguments: argparse.Namespace) -> None:
    trap: Trap = arguments.trap
    # Of a trap the sender is the authoritative engine (RFC 3411 section 2.8), and -e is ours.
    local_engine, arguments.engine = arguments.engine, None
    if arguments.engine_file is not None:
        with options_at_fault():
            engine_id = None if local_engine is None else local_engine.engine_id
            local_engine = EngineInfo(*start_engine(arguments.engine_file, engine_id))
    async with open_manager(arguments, local_engine=local_engine) as manager:
        await manager.send_trap(trap.trap_oid, *trap.varbinds, uptime=_uptime(trap), agent_address=trap.agent_address)


def _uptime(trap: Trap) -> int:
    """Return when it happened: what was given, or the time since this machine was started, as far as it is known."""
    if trap.uptime is not None:
        return trap.uptime
    clock = getattr(time, "CLOCK_BOOTTIME", None)
    seconds = time.monotonic() if clock is None else time.clock_gettime(clock)
    return int(seconds * 100) & 0xFFFFFFFF
