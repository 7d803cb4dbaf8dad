"""The page as an application of aiohttp, to run or to mount in another one.

Contains: the public function, which puts the parts together.  Does not contain: the server's address and signals
(:mod:`snmptcp.cli.commands.web`).
"""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterable
from typing import TYPE_CHECKING, Final

from snmptcp.arguments import MIB, SECONDS, Kind, check_arguments, instance_of, optional, wrong_type
from snmptcp.fleet import Fleet
from snmptcp.web.assets import read_assets
from snmptcp.web.explorer import Explorer
from snmptcp.web.extra import missing_extra
from snmptcp.web.jobs import interface_jobs
from snmptcp.web.lent import MANAGERS, ManagerFleet
from snmptcp.web.options import Options
from snmptcp.web.page import Page

try:
    from aiohttp import web
except ImportError:
    raise missing_extra() from None

from snmptcp.web.handlers import Handlers, guarded, set_headers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from snmptcp.listener import Notification
    from snmptcp.manager import Manager
    from snmptcp.mib import Mib

__all__ = ("PAGE", "app", "web")

#: Where an application has its page.
PAGE: Final = web.AppKey("page", Page)

_KINDS = {
    "mib": optional(MIB),
    "interval": SECONDS,
    "notifications": optional(
        Kind("an async iterator of notifications, such as a listener", lambda value: isinstance(value, AsyncIterable))
    ),
    "options": instance_of("Options", Options),
}


def app(
    agents: Fleet | Iterable[Manager],
    *,
    mib: Mib | None = None,
    notifications: AsyncIterable[Notification] | None = None,
    interval: float = 5.0,
    options: Options = Options(),  # noqa: B008 - frozen
) -> web.Application:
    """Return the page as an application of aiohttp.

    It reads alone: there is no way to set a variable, and no agent can be asked that was not given.  It has no login:
    whoever can reach it sees the agents with the rights of their credentials.  Put authentication in front of it.

    Its URLs are relative, so it may be mounted anywhere: ``application.add_subapp("/snmp", snmptcp.web.app(fleet))``.

    Args:
        agents: a fleet, whose targets are shown: what its jobs read of ``ifTable`` and ``ifXTable``, best with
            :func:`interface_jobs`.  It runs as long as the program wants; if it ends, the page says so.  Or managers,
            which the page then polls by itself while the application runs; the program closes them.
        mib: the names of MIB modules; optional, default those of the fleet.
        notifications: traps and informs to show: a :class:`snmptcp.NotificationListener` that nothing else iterates
            over.  A program that takes them itself shows them with :meth:`Page.show`.
        interval: how often managers are polled, in seconds; more than 0.
        options: limits, the title, and whom the page answers.

    Raises:
        ConfigurationError: an argument is out of range; or aiohttp is not installed.
    """
    check_arguments(_KINDS, locals())
    fleet = _fleet_of(agents, interval)
    mib = fleet.mib if mib is None else mib
    page = Page(fleet, mib, options)
    handlers = Handlers(page, Explorer(fleet, mib, options), read_assets(), options)

    async def running(_: web.Application) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            if isinstance(fleet, ManagerFleet):
                await stack.enter_async_context(fleet)
            await stack.enter_async_context(page.running(notifications))
            yield

    application = web.Application(middlewares=[guarded(options)])
    application[PAGE] = page
    application.add_routes(handlers.routes())
    application.on_response_prepare.append(set_headers)
    application.on_shutdown.append(handlers.stop)
    application.cleanup_ctx.append(running)
    return application


def _fleet_of(agents: Fleet | Iterable[Manager], interval: float) -> Fleet:
    if isinstance(agents, Fleet):
        return agents
    if not MANAGERS.accepts(agents):
        raise wrong_type("agents", "a Fleet, or several managers", agents)
    return ManagerFleet(agents, interface_jobs(interval))
