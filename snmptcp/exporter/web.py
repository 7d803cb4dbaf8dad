"""The exporter's HTTP interface, an application of aiohttp: the paths of snmp_exporter.

Contains: requests to scrapes, and their errors to responses.  Does not contain: scrapes
(:mod:`snmptcp.exporter.service`), the server's address and signals (:mod:`snmptcp.cli.commands.exporter`).
"""

from __future__ import annotations

import asyncio
import html
import logging
import math
from typing import TYPE_CHECKING, Final

import snmptcp
from snmptcp.arguments import SECONDS, TEXT, check_arguments
from snmptcp.errors import ClosedError, ConfigurationError
from snmptcp.exporter.document import to_yaml
from snmptcp.exporter.extra import missing_extra
from snmptcp.exporter.options import Options, Scrape
from snmptcp.exporter.service import BadScrape, Exporter, ScrapeFailed
from snmptcp.exposition import CONTENT_TYPE

try:
    from aiohttp import web
except ImportError:
    raise missing_extra("the exporter", "aiohttp") from None

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping
    from pathlib import Path

__all__ = ("EXPORTER", "app", "web")

logger = logging.getLogger("snmptcp.exporter")

#: Where an application has its exporter.
EXPORTER: Final = web.AppKey("exporter", Exporter)

#: How long before the end of Prometheus' patience a scrape ends, in seconds, so that its answer arrives in time.
DEFAULT_TIMEOUT_OFFSET = 0.5

#: How long a scrape may take that does not say how long, in seconds: no browser waits longer.
DEFAULT_TIMEOUT = 120.0

_TIMEOUT_HEADER = "X-Prometheus-Scrape-Timeout-Seconds"

#: Responses from this size on are compressed if the client takes that.
_COMPRESSED_FROM = 10_000

_TEXT = "text/plain; charset=utf-8"

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>snmptcp exporter</title></head><body>
<h1>snmptcp exporter</h1><p>SNMP over TCP and TLS for Prometheus, version {version}.</p>
<form action="snmp"><p><label>Target <input name="target" placeholder="switch.example.net"></label>
<label>Auth <input name="auth" value="public_v2" list="auths"></label>
<label>Module <input name="module" value="if_mib" list="modules"></label> <button>Scrape</button></p>
<datalist id="auths">{auths}</datalist><datalist id="modules">{modules}</datalist></form>
<p><a href="config">Configuration</a>, <a href="{metrics}">metrics of the exporter</a></p></body></html>
"""


def app(
    files: str | Path | Iterable[str | Path],
    options: Options = Options(),  # noqa: B008 - frozen
    *,
    telemetry_path: str = "/metrics",
    timeout_offset: float = DEFAULT_TIMEOUT_OFFSET,
) -> web.Application:
    """Return the exporter as an application of aiohttp, to run or to mount in another one.

    Its connections are closed when the application is cleaned up.  Run it with ``handler_cancellation=True``
    (``web.run_app``, ``web.AppRunner``), so that a scrape ends when its client goes away.

    Args:
        files: the names of the files with the configuration (``snmp.yml``); wildcards stand for several.
        options: how it works.
        telemetry_path: the path of the exporter's own metrics.
        timeout_offset: how long before the end of Prometheus' patience a scrape ends, in seconds.

    Raises:
        ConfigurationError: a file cannot be read, or has what is wrong; or aiohttp is not installed.
    """
    check_arguments({"telemetry_path": TEXT, "timeout_offset": SECONDS}, locals())
    if not 0 <= timeout_offset < math.inf:
        raise ConfigurationError(f"timeout_offset must be at least 0, not {timeout_offset}")
    if not telemetry_path.startswith("/"):
        raise ConfigurationError(f"telemetry_path must begin with /, not {telemetry_path!r}")
    handlers = _Handlers(Exporter(files, options), telemetry_path, timeout_offset)
    application = web.Application()
    application[EXPORTER] = handlers.exporter
    application.cleanup_ctx.append(_closing)
    application.router.add_get("/snmp", handlers.snmp)
    application.router.add_get(telemetry_path, handlers.metrics)
    application.router.add_get("/-/healthy", handlers.healthy)
    application.router.add_route("*", "/-/reload", handlers.reload)
    application.router.add_get("/config", handlers.config)
    if telemetry_path != "/":
        application.router.add_get("/", handlers.page)
    return application


async def _closing(application: web.Application) -> AsyncIterator[None]:
    yield
    await application[EXPORTER].aclose()


def _response(text: str, status: int = 200, content_type: str = _TEXT) -> web.Response:
    # What no encoding has, such as half of a surrogate pair in a parameter, must not end the response.
    headers = {"Content-Type": content_type, "X-Content-Type-Options": "nosniff"}
    return web.Response(body=text.encode(errors="replace"), status=status, headers=headers)


def _compressed(request: web.Request, response: web.Response) -> web.Response:
    """Compress a large response for a client that takes gzip, as Prometheus does."""
    length = response.content_length or 0
    if length >= _COMPRESSED_FROM and "gzip" in request.headers.get("Accept-Encoding", "").lower():
        response.enable_compression(web.ContentCoding.gzip)
    return response


class _Handlers:
    """What answers each path."""

    def __init__(self, exporter: Exporter, telemetry_path: str, timeout_offset: float) -> None:
        self.exporter = exporter
        self._telemetry_path = telemetry_path
        self._timeout_offset = timeout_offset

    async def snmp(self, request: web.Request) -> web.Response:
        """Scrape an agent."""
        try:
            scrape = _scrape_of(request, self._timeout_offset)
            text = await self.exporter.scrape(scrape)
        except BadScrape as error:
            self.exporter.own.request_errors += 1
            return _response(f"{error}\n", 400)
        except ScrapeFailed as error:
            return _response(f"An error has occurred while serving metrics:\n\n{error}\n", 500)
        except ClosedError as error:
            return _response(f"{error}\n", 503)
        return _compressed(request, _response(text, content_type=CONTENT_TYPE))

    async def metrics(self, request: web.Request) -> web.Response:
        """Return the exporter's own metrics."""
        return _compressed(request, _response(self.exporter.metrics(), content_type=CONTENT_TYPE))

    async def healthy(self, _: web.Request) -> web.Response:
        """Say that the exporter works."""
        return _response("Healthy")

    async def reload(self, request: web.Request) -> web.Response:
        """Read the configuration again."""
        if request.method != "POST":
            return _response("POST method expected\n", 400)
        try:
            await self.exporter.reload()
        except ConfigurationError as error:
            logger.warning("the configuration was not read again: %s", error)
            return _response(f"failed to reload config: {error}\n", 500)
        logger.info("the configuration was read again")
        return _response("")

    async def config(self, request: web.Request) -> web.Response:
        """Show the configuration, without secrets."""
        text = await asyncio.to_thread(to_yaml, self.exporter.config.document)  # 2 MB take a second
        return _compressed(request, _response(text))

    async def page(self, _: web.Request) -> web.Response:
        """Show a form for scrapes."""
        config = self.exporter.config
        text = _PAGE.format(
            version=html.escape(snmptcp.__version__),
            auths=_choices(config.auths),
            modules=_choices(config.modules),
            metrics=html.escape(self._telemetry_path.removeprefix("/")),
        )
        return _response(text, content_type="text/html; charset=utf-8")


def _choices(names: Iterable[str]) -> str:
    return "".join(f'<option value="{html.escape(name)}">' for name in names)


def _scrape_of(request: web.Request, offset: float) -> Scrape:
    """Return the parameters of a request.

    Raises:
        BadScrape: one is missing, or given twice.
    """
    query = request.query
    targets = query.getall("target", [])
    if len(targets) != 1 or not targets[0]:
        raise BadScrape("'target' parameter must be specified once")
    values = {name: _once(query.getall(name, [])) for name in ("auth", "snmp_context", "snmp_engineid")}
    for name, value in values.items():
        if value is None:
            raise BadScrape(f"'{name}' parameter must only be specified once")
    modules = tuple(name for part in query.getall("module", ["if_mib"]) for name in part.split(",") if name)
    return Scrape(
        target=targets[0],
        modules=modules,
        auth=values["auth"] or "public_v2",
        context=values["snmp_context"] or "",
        engine_id=values["snmp_engineid"] or "",
        timeout=_timeout(request.headers, offset),
    )


def _once(values: list[str]) -> str | None:
    """Return the value of a parameter, ``""`` if it is not there; ``None`` if it is there several times."""
    return None if len(values) > 1 else values[0] if values else ""


def _timeout(headers: Mapping[str, str], offset: float) -> float:
    """Return how long a scrape may take: a little less than Prometheus waits."""
    try:
        seconds = float(headers.get(_TIMEOUT_HEADER, ""))
    except ValueError:
        return DEFAULT_TIMEOUT
    if not 0 < seconds < math.inf:
        return DEFAULT_TIMEOUT
    return min(seconds - offset if seconds > offset else seconds, DEFAULT_TIMEOUT * 10)
