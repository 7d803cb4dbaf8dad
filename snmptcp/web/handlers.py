"""What answers each path of the page: files, JSON, the event stream, walks and traced requests.

Contains: requests to what the page and the explorer do, and their errors to responses.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any, TypeVar

from aiohttp import web

from snmptcp.errors import ConfigurationError, SnmpError
from snmptcp.printable import printable, quoted
from snmptcp.web.explorer import Busy, NotTraceable, UnknownAgent
from snmptcp.web.guard import HEADERS, refusal
from snmptcp.web.page import TooManyClients

if TYPE_CHECKING:
    from collections.abc import Coroutine, Mapping

    from aiohttp.typedefs import Handler, Middleware

    from snmptcp.web.assets import Asset
    from snmptcp.web.explorer import Explorer
    from snmptcp.web.options import Options
    from snmptcp.web.page import Page

__all__ = ("Handlers", "guarded", "set_headers")

T = TypeVar("T")

#: How many variables a walk reads that does not say how many, and how many names a traced request may have.
DEFAULT_LIMIT = 10_000
_MOST_NAMES = 20

#: How long an agent's name, a root and a client's name may be.
_MOST_OF_WORD = 1000

#: How often it is looked whether a client is still there, in seconds.
_LOOKING = 0.5


class _BadQuery(Exception):
    """A parameter is missing or wrong."""


def _failed(status: int, kind: str, message: str) -> web.Response:
    return web.json_response({"error": kind, "message": printable(message, 500)}, status=status)


def guarded(options: Options) -> Middleware:
    """Return the middleware that refuses what other sites ask, and tells errors as JSON."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        navigates = request.method in {"GET", "HEAD"} and "/api/" not in request.path
        reason = refusal(request.headers, options.hosts, navigates=navigates)
        if reason is not None:
            return _failed(403, "Refused", reason)
        try:
            return await handler(request)
        except _BadQuery as error:
            return _failed(400, "BadQuery", str(error))
        except ConfigurationError as error:
            return _failed(400, type(error).__name__, str(error))
        except UnknownAgent as error:
            return _failed(404, "UnknownAgent", f"there is no agent {quoted(str(error))} on this page")
        except NotTraceable as error:
            return _failed(409, "NotTraceable", str(error))
        except Busy as error:
            return _failed(429, "Busy", str(error))
        except TooManyClients:
            most = f"{options.max_clients} event streams are open, which is all there may be: try again later"
            return _failed(503, "TooManyClients", most)

    return guard


async def set_headers(_: web.Request, response: web.StreamResponse) -> None:
    """Give a response the headers that all have."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)


class Handlers:
    """What answers each path.

    Args:
        page: what is known of the agents.
        explorer: what clients may ask them.
        assets: the files.
        options: how the page works.
    """

    def __init__(self, page: Page, explorer: Explorer, assets: Mapping[str, Asset], options: Options) -> None:
        self._page = page
        self._explorer = explorer
        self._assets = assets
        self._options = options
        self._under_way: set[asyncio.Future[Any]] = set()

    def routes(self) -> list[web.RouteDef]:
        """Return the paths."""
        return [
            web.get("", self.slash),
            web.get("/", self.index),
            web.get("/static/{path:.+}", self.static),
            web.get("/api/agents", self.agents),
            web.get("/api/agent", self.agent),
            web.get("/api/notifications", self.notifications),
            web.get("/api/health", self.health),
            web.get("/api/events", self.events, allow_head=False),
            web.get("/api/walk", self.walk, allow_head=False),
            web.get("/api/packets", self.packets, allow_head=False),
        ]

    async def stop(self, _: web.Application) -> None:
        """End event streams and walks, so that the server need not wait for them."""
        self._page.close()
        for task in self._under_way:
            task.cancel()

    # --------------------------------------------------------------------------------------------- files

    async def slash(self, request: web.Request) -> web.Response:
        """Send a browser from ``/snmp`` to ``/snmp/``: the page's URLs are relative to that."""
        if request.rel_url.raw_path.endswith("/"):  # the application is not mounted below a prefix
            return self._file(request, "index.html")
        raise web.HTTPPermanentRedirect(f"{request.rel_url.raw_path.rpartition('/')[2]}/")

    async def index(self, request: web.Request) -> web.Response:
        """Return the page."""
        return self._file(request, "index.html")

    async def static(self, request: web.Request) -> web.Response:
        """Return a file of the page."""
        return self._file(request, request.match_info["path"])

    def _file(self, request: web.Request, path: str) -> web.Response:
        asset = self._assets.get(path)
        if asset is None:
            return _failed(404, "NotFound", "the page has no such file")
        headers = {"ETag": f'"{asset.etag}"', "Content-Type": asset.content_type}
        if any(tag.value == asset.etag for tag in request.if_none_match or ()):
            return web.Response(status=304, headers={"ETag": headers["ETag"]})
        response = web.Response(body=asset.octets, headers=headers)
        response.enable_compression()
        return response

    # ---------------------------------------------------------------------------------------------- JSON

    async def agents(self, _: web.Request) -> web.Response:
        """Return all agents."""
        return web.json_response({"agents": self._page.board.summaries()})

    async def agent(self, request: web.Request) -> web.Response:
        """Return one agent with its interfaces and their rates so far."""
        shown = self._page.board.agents.get(_word(request, "name"))
        if shown is None:
            raise UnknownAgent(request.query["name"])
        return web.json_response({**shown.summary(), **shown.details(history=True)})

    async def notifications(self, _: web.Request) -> web.Response:
        """Return the latest traps and informs."""
        return web.json_response({"notifications": self._page.notifications()})

    async def health(self, _: web.Request) -> web.Response:
        """Return how the fleet and the page are."""
        return web.json_response(self._page.health())

    # ------------------------------------------------------------------------------------------- streams

    async def events(self, request: web.Request) -> web.StreamResponse:
        """Send events until the client goes away or the application ends."""
        response = _stream("text/event-stream")
        with self._page.client(request.query.get("agent", "")) as outbox:

            async def send() -> None:
                await response.prepare(request)
                await response.write(b"retry: 1000\n\n")
                while not outbox.closed:
                    octets = await outbox.take(self._options.heartbeat)
                    if not outbox.closed:
                        await response.write(octets or b": nothing new\n\n")

            await self._while_connected(request, send())
        return response

    async def walk(self, request: web.Request) -> web.StreamResponse:
        """Send a subtree, one JSON object on a line, each at once.

        An error before the first variable has its own status; a later one is the last line.
        """
        agent, root = _word(request, "agent"), _word(request, "root")
        limit = _number(request, "limit", DEFAULT_LIMIT, self._options.max_variables)
        response = _stream("application/x-ndjson")
        walked = self._explorer.walk(agent, root, limit)

        async def send() -> None:
            count = 0
            async with contextlib.aclosing(walked) as varbinds:
                end: dict[str, object] = {}
                try:
                    async for varbind in varbinds:
                        if not response.prepared:
                            await response.prepare(request)
                        count += 1
                        await response.write(_line(varbind))
                except SnmpError as error:
                    if isinstance(error, ConfigurationError) and not response.prepared:
                        raise
                    end["error"] = printable(f"{type(error).__name__}: {error}", 500)
            if not response.prepared:
                await response.prepare(request)
            await response.write(_line({**end, "count": count, "limited": count >= limit and "error" not in end}))

        with self._explorer.place(_client(request)):
            await self._while_connected(request, send())
        return response

    async def packets(self, request: web.Request) -> web.Response:
        """Read variables in one GET, and return each packet with its explanation."""
        agent, names = _word(request, "agent"), _word(request, "names", "1.3.6.1.2.1.1.3.0").split()
        if not 0 < len(names) <= _MOST_NAMES:
            raise _BadQuery(f"names has from 1 to {_MOST_NAMES} names with blanks between them, not {len(names)}")
        with self._explorer.place(_client(request)):
            traced = await self._while_connected(request, self._explorer.trace(agent, names))
        return web.json_response(traced)

    async def _while_connected(self, request: web.Request, work: Coroutine[object, object, T]) -> T | None:
        """Do what a client waits for; cancel it when the client goes away or the application ends.

        A server without ``handler_cancellation`` tells no handler that its client has gone.
        """
        task = asyncio.ensure_future(work)
        self._under_way.add(task)
        try:
            while not task.done() and not _has_gone(request):
                await asyncio.wait({task}, timeout=_LOOKING)
        finally:
            self._under_way.discard(task)
            if not task.done():
                task.cancel()
                await asyncio.wait({task})
            if not task.cancelled():
                task.exception()  # looked at even if this handler is cancelled at the same moment
        if task.cancelled():
            return None
        with contextlib.suppress(ConnectionResetError):  # it has gone
            return task.result()
        return None


def _has_gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


def _stream(content_type: str) -> web.StreamResponse:
    # nginx would keep lines back without the second one.
    return web.StreamResponse(headers={"Content-Type": content_type, "X-Accel-Buffering": "no"})


def _line(content: dict[str, object]) -> bytes:
    return json.dumps(content).encode() + b"\n"


def _client(request: web.Request) -> str:
    """Return what tells clients apart: the page's own number, or else the address."""
    return request.query.get("client", "")[:_MOST_OF_WORD] or f"address {request.remote}"


def _word(request: web.Request, name: str, default: str = "") -> str:
    words = request.query.getall(name, [default])
    if len(words) != 1 or not words[0]:
        raise _BadQuery(f"the parameter {name} must be given once")
    if len(words[0]) > _MOST_OF_WORD:
        raise _BadQuery(f"the parameter {name} may have {_MOST_OF_WORD} characters, not {len(words[0]):,}")
    return words[0]


def _number(request: web.Request, name: str, default: int, most: int) -> int:
    text = request.query.get(name, str(min(default, most)))
    if not (text.isascii() and text.isdigit() and len(text) <= 10 and 1 <= int(text) <= most):
        raise _BadQuery(f"{name} is a number from 1 to {most:,}, not {quoted(text)}")
    return int(text)
