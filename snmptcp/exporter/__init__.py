"""An exporter for Prometheus: snmp_exporter's interface and its ``snmp.yml``, over TCP and TLS.

::

    from aiohttp import web
    from snmptcp.exporter import app

    web.run_app(app("snmp.yml"), port=9116, handler_cancellation=True)

It needs the extra ``exporter`` (``pip install 'snmptcp[exporter]'``).  ``snmptcp exporter`` runs it.
"""

from typing import TYPE_CHECKING

from snmptcp.lazy import lazy_names

if TYPE_CHECKING:
    from snmptcp.exporter.config import (
        Auth,
        AuthTls,
        Config,
        Filter,
        Index,
        Labels,
        Lookup,
        Metric,
        Module,
        RegexExtract,
    )
    from snmptcp.exporter.loading import load_config
    from snmptcp.exporter.options import Options, Scrape
    from snmptcp.exporter.patterns import Pattern
    from snmptcp.exporter.service import BadScrape, Exporter, ScrapeFailed
    from snmptcp.exporter.web import EXPORTER, app

_CONFIG = ("Auth", "AuthTls", "Config", "Filter", "Index", "Labels", "Lookup", "Metric", "Module", "RegexExtract")

__all__ = (
    "EXPORTER",
    "Auth",
    "AuthTls",
    "BadScrape",
    "Config",
    "Exporter",
    "Filter",
    "Index",
    "Labels",
    "Lookup",
    "Metric",
    "Module",
    "Options",
    "Pattern",
    "RegexExtract",
    "Scrape",
    "ScrapeFailed",
    "app",
    "load_config",
)

# What reads files needs no aiohttp.
__getattr__, __dir__ = lazy_names(
    __name__,
    {
        **dict.fromkeys(_CONFIG, "snmptcp.exporter.config"),
        **dict.fromkeys(("BadScrape", "Exporter", "ScrapeFailed"), "snmptcp.exporter.service"),
        **dict.fromkeys(("Options", "Scrape"), "snmptcp.exporter.options"),
        **dict.fromkeys(("EXPORTER", "app"), "snmptcp.exporter.web"),
        "Pattern": "snmptcp.exporter.patterns",
        "load_config": "snmptcp.exporter.loading",
    },
)
