"""A live page about agents, and JSON and event streams beside it, to put into a program's own application of aiohttp.

::

    from aiohttp import web
    from snmptcp.fleet import Fleet
    import snmptcp.web

    async with Fleet(targets, jobs=snmptcp.web.interface_jobs()) as fleet:
        application = web.Application()
        application.add_subapp("/snmp", snmptcp.web.app(fleet))

It needs the extra ``web`` (``pip install 'snmptcp[web]'``).  ``snmptcp web`` runs it.
"""

from typing import TYPE_CHECKING

from snmptcp.lazy import lazy_names

if TYPE_CHECKING:
    from snmptcp.web.application import PAGE, app
    from snmptcp.web.jobs import interface_jobs
    from snmptcp.web.options import Options
    from snmptcp.web.page import Page

__all__ = ("PAGE", "Options", "Page", "app", "interface_jobs")

# What names jobs needs no aiohttp.
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        **dict.fromkeys(("PAGE", "app"), "snmptcp.web.application"),
        "Options": "snmptcp.web.options",
        "Page": "snmptcp.web.page",
        "interface_jobs": "snmptcp.web.jobs",
    },
)
