"""``snmptcp demo --web``: the page about embedded agents that change, with their traps.

Contains: the parts put together.
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING

from snmptcp.cli.output.report import report
from snmptcp.cli.polling.board import counted
from snmptcp.cli.polling.open_files import allow_open_files
from snmptcp.cli.serving.devices import shown_agents
from snmptcp.cli.serving.server import allowed_hosts, serving
from snmptcp.cli.stopping import stop_signals
from snmptcp.credentials import Community
from snmptcp.fleet import BackOff, Fleet
from snmptcp.listener import NotificationListener

if TYPE_CHECKING:
    from snmptcp.mib import Mib

__all__ = ("show_page",)

#: How often interfaces are read, in seconds.
_INTERVAL = 1.0


async def show_page(agents: int, address: tuple[str, int], duration: float | None, mib: Mib | None) -> None:
    """Run agents and the page about them until Ctrl-C.

    Args:
        agents: how many.
        address: host and port of the page.
        duration: after how many seconds to end; ``None`` for never.
        mib: the names of MIB modules; ``None`` for numbers.

    Raises:
        ConfigurationError: the extra is not installed.
        TransportError: an address cannot be listened on.
    """
    import snmptcp.web.application  # noqa: PLC0415 - tells at once that the extra is not installed

    options = snmptcp.web.Options(title="snmptcp demo", hosts=allowed_hosts(address[0], ()))
    for told in allow_open_files(3 * agents):  # each connection has two ends in this process
        report(told)
    with stop_signals() as stop:
        async with contextlib.AsyncExitStack() as stack:
            if duration is not None:
                stack.callback(asyncio.get_running_loop().call_later(duration, stop.set).cancel)
            listener = NotificationListener("127.0.0.1", 0, credentials=Community("public"))
            await stack.enter_async_context(listener)
            targets = await stack.enter_async_context(shown_agents(agents, ("127.0.0.1", listener.port)))
            fleet = Fleet(
                targets,
                jobs=snmptcp.web.interface_jobs(_INTERVAL),
                mib=mib,
                first_within=1.0,
                grace=0.3,
                back_off=BackOff(first=1.0, most=4.0),
            )
            await stack.enter_async_context(fleet)
            application = snmptcp.web.app(fleet, notifications=listener, options=options)
            url = await stack.enter_async_context(serving(application, *address))
            ends = "Ctrl-C ends it" if duration is None else f"for {duration:g} s"
            report(f"the page about {counted(agents, 'agent')} of this process is at {url} ({ends})")
            await stop.wait()
