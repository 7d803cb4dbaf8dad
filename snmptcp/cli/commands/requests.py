"""``snmptcp get``, ``getnext``, ``getbulk`` and ``set``: one request, its answer printed.

What may live here: from arguments to the library and from its answer to the output.  What may not:
anything that a program would want from the library too.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

from snmptcp.cli.options.tls import options_at_fault, tls_options
from snmptcp.cli.output.dump import PacketDump
from snmptcp.cli.output.varbinds import format_varbind, format_varbind_json
from snmptcp.credentials import Community
from snmptcp.manager.manager import Manager
from snmptcp.security.remote_engine import KnownEngines

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from snmptcp.credentials import Tsm, UsmUser
    from snmptcp.security.engine_clock import EngineInfo
    from snmptcp.values import VarBind

__all__ = ("open_manager", "run", "varbind_formatter")


def run(arguments: argparse.Namespace) -> int:
    """Carry out one request and print its answer; return the exit code."""
    varbinds = asyncio.run(_ask(arguments))
    if arguments.command == "set" and arguments.quiet:
        return 0
    format_one = varbind_formatter(arguments)
    for varbind in varbinds:
        print(format_one(varbind))
    return 0


async def _ask(arguments: argparse.Namespace) -> tuple[VarBind, ...]:
    async with open_manager(arguments) as manager:
        if arguments.command == "get":
            return await manager.get(*arguments.oids)
        if arguments.command == "getnext":
            return await manager.get_next(*arguments.oids)
        if arguments.command == "getbulk":
            return await manager.get_bulk(
                *arguments.oids,
                non_repeaters=arguments.non_repeaters,
                max_repetitions=arguments.max_repetitions,
            )
        return await manager.set(*arguments.varbinds)


def open_manager(arguments: argparse.Namespace, *, local_engine: EngineInfo | None = None) -> Manager:
    """Return the manager that the options ask for; what SNMPv3 learns is kept in ``arguments.engines``.

    Args:
        arguments: finished by :mod:`snmptcp.cli.parser`.
        local_engine: who we are as the sender of traps.

    Raises:
        OptionsProblem: a file of the options that cannot be used.
    """
    user: UsmUser | None = arguments.usm_user
    tsm: Tsm | None = arguments.tsm
    dump = PacketDump(sys.stderr, () if user is None else (user,)) if arguments.dump else None
    if (user or tsm) is not None and arguments.engine is None:
        arguments.engines = KnownEngines()
    with options_at_fault():
        manager = Manager(
            arguments.agent.host,
            arguments.agent.port,
            credentials=user or tsm or Community(arguments.community, arguments.snmp_version),
            tls=arguments.uses_tls and tls_options(arguments),
            proxy=arguments.proxy or None,
            timeout=arguments.timeout,
            retries=arguments.retries,
            engine=arguments.engine,
            engines=getattr(arguments, "engines", None),
            local_engine=local_engine,
            packet_trace=dump,
        )
    if dump is not None:
        dump.statistics = manager.statistics
    return manager


def varbind_formatter(arguments: argparse.Namespace) -> Callable[[VarBind], str]:
    """Return what makes a variable binding printable, as the options ask for."""
    style = arguments.style
    format_one = format_varbind_json if arguments.json else format_varbind
    return lambda varbind: format_one(varbind, style)
