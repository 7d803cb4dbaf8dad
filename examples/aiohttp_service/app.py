"""The application: one manager for its lifetime, shared by all handlers."""

from __future__ import annotations

import contextlib
import json
from typing import TYPE_CHECKING, Any

from aiohttp import web

from snmptcp import Manager, SnmpError

from .errors import error_to_json, snmp_errors
from .values import BadInput, row_to_json, varbind_from_json, varbind_to_json

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from snmptcp import Community

__all__ = ("MANAGER", "create_app")

MANAGER = web.AppKey("MANAGER", Manager)

routes = web.RouteTableDef()


def create_app(host: str, port: int = 161, *, credentials: Community, timeout: float = 5.0) -> web.Application:
    """Return a service for one agent.

    Serve it with ``handler_cancellation=True`` (``web.run_app``, ``web.AppRunner``): otherwise the walk of a client
    that has disconnected continues.

    Args:
        host: the agent's name or address.
        port: its TCP port.
        credentials: the credentials of all requests; every HTTP client has their rights.
        timeout: the timeout of one SNMP request, in seconds.
    """

    async def keep_manager(app: web.Application) -> AsyncIterator[None]:
        # Does not connect: the service starts even if the agent is down.  The first request connects, and the
        # first one after a loss reconnects.
        async with Manager(host, port, credentials=credentials, timeout=timeout) as manager:
            app[MANAGER] = manager
            yield

    app = web.Application(middlewares=[snmp_errors])
    app.cleanup_ctx.append(keep_manager)
    app.add_routes(routes)
    return app


# ----------------------------------------------------------------------------------------- handlers


@routes.get("/get", allow_head=False)
async def get(request: web.Request) -> web.Response:
    """``GET /get?oid=...&oid=...``: variables, in the order of the names."""
    varbinds = await request.app[MANAGER].get(*request.query.getall("oid", []))
    return web.json_response({"varbinds": [varbind_to_json(varbind) for varbind in varbinds]})


@routes.post("/set")
async def set_(request: web.Request) -> web.Response:
    """``POST /set`` with ``{"varbinds": [...]}``: write variables, all or none."""
    # A page of another site can make a browser POST text/plain without a CORS preflight, but not this type.
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="the content type must be application/json\n")
    try:
        body = json.loads(await request.read())
    except (ValueError, RecursionError):
        raise BadInput("the body is not JSON") from None
    items = body.get("varbinds") if isinstance(body, dict) else None
    if not isinstance(items, list):
        raise BadInput("the body must be an object with a list of varbinds")
    varbinds = await request.app[MANAGER].set(*map(varbind_from_json, items))
    return web.json_response({"varbinds": [varbind_to_json(varbind) for varbind in varbinds]})


@routes.get("/table/{oid}", allow_head=False)
async def table(request: web.Request) -> web.Response:
    """``GET /table/{oid}?columns=1,2``: a complete conceptual table."""
    listed = request.query.get("columns")
    columns = None if listed is None else [_number("columns", column) for column in listed.split(",")]
    async with contextlib.aclosing(request.app[MANAGER].table(request.match_info["oid"], columns)) as rows:
        return web.json_response({"rows": [row_to_json(row) async for row in rows]})


@routes.get("/walk/{oid}", allow_head=False)
async def walk(request: web.Request) -> web.StreamResponse:
    """``GET /walk/{oid}?limit=...``: a subtree as NDJSON, each line sent at once.

    An error before the first variable binding has its own status; a later error is the last line,
    ``{"error": ...}``.  A client that reads slowly slows the walk down.
    """
    limit = request.query.get("limit")
    response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson", "X-Accel-Buffering": "no"})
    walked = request.app[MANAGER].walk(
        request.match_info["oid"], limit=None if limit is None else _number("limit", limit)
    )
    # If the client disconnects, this task is cancelled, maybe while it writes.  aclosing() then ends the walk at
    # once; without it, the generator would wait for the garbage collector.
    async with contextlib.aclosing(walked) as varbinds:
        try:
            async for varbind in varbinds:
                if not response.prepared:
                    await response.prepare(request)
                await response.write(_line(varbind_to_json(varbind)))
        except SnmpError as error:
            if not response.prepared:
                raise
            await response.write(_line(error_to_json(error)))
        except ConnectionResetError:  # the client has disconnected; the cancellation follows
            return response
    if not response.prepared:
        await response.prepare(request)
    return response


@routes.get("/health")
async def health(request: web.Request) -> web.Response:
    """``GET /health``: the state of the connection and its counters; sends nothing to the agent."""
    manager = request.app[MANAGER]
    return web.json_response(
        {
            "agent": {"host": manager.host, "port": manager.port},
            "connected": manager.connected,
            "pending": manager.pending,
            "statistics": manager.statistics.as_dict(),
        }
    )


def _number(name: str, text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 10):
        raise BadInput(f"{name} must be whole numbers, not {text[:20]!r}")
    return int(text)


def _line(data: dict[str, Any]) -> bytes:
    return json.dumps(data).encode() + b"\n"
