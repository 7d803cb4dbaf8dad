"""``snmptcp agent``: a recorded device that answers.

What may live here: starting and stopping the embedded agent from the command line.  What may not: how it
answers, which is :mod:`snmptcp.testing`'s.
"""

from __future__ import annotations

import asyncio
import os
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from snmptcp.cli.options.addresses import Address
from snmptcp.cli.options.tls import options_at_fault, tls_options
from snmptcp.cli.stopping import stop_signals
from snmptcp.testing import Agent, load_snmprec

if TYPE_CHECKING:
    import argparse

    from snmptcp.oid import OID
    from snmptcp.values import Value

__all__ = ("load_switch", "run")


def run(arguments: argparse.Namespace) -> int:
    """Serve a recording until a signal ends it; return the exit code."""
    if arguments.file is None:
        variables, what = load_switch(), "a switch"
    else:
        variables, what = load_snmprec(Path(arguments.file)), arguments.file
    asyncio.run(_serve(arguments, variables, what))
    return 0


def load_switch() -> dict[OID, Value]:
    """Return the variables of the switch whose recording comes with the package."""
    recording = resources.files("snmptcp.testing") / "recordings" / "switch.snmprec"
    with resources.as_file(recording) as path:
        return load_snmprec(path)


async def _serve(arguments: argparse.Namespace, variables: dict[OID, Value], what: str) -> None:
    with options_at_fault():
        agent = Agent(
            variables,
            host=arguments.listen.host,
            port=arguments.port,
            read_community=arguments.community,
            write_community=None,
            read_only_users=() if arguments.usm_user is None else (arguments.usm_user,),
            tls=arguments.uses_tls and tls_options(arguments),
            read_only_tsm_names=map(os.fsencode, arguments.tsm_names or ()),
        )
    transport = "tlstcp" if arguments.uses_tls else "tcp"
    with stop_signals() as stop:
        async with agent:
            where = Address(agent.host, agent.port)
            print(f"{len(variables):,} variables of {what} at {transport}:{where} (Ctrl-C ends it)", flush=True)
            await stop.wait()
    print(f"{agent.statistics.messages_in:,} requests answered", flush=True)
