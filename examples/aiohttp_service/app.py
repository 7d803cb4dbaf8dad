"""The application: one manager for its lifetime, shared by its own handlers and by the page of snmptcp.web."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from aiohttp import web

import snmptcp.web
from snmptcp import Manager

from .errors import snmp_errors
from .login import password_needed
from .values import BadInput, varbind_from_json, varbind_to_json

if TYPE_CHECKING:
    from snmptcp import Community

__all__ = ("MANAGER", "create_app")

MANAGER = web.AppKey("MANAGER", Manager)

routes = web.RouteTableDef()


def create_app(
    host: str,
    port: int = 161,
    *,
    credentials: Community,
    timeout: float = 5.0,
    password: str = "",
    page: bool = True,
) -> web.Application:
    """Return a service for one agent.

    Serve it with ``handler_cancellation=True`` (``web.run_app``, ``web.AppRunner``): otherwise what a client asked
    for goes on after it has disconnected.

    Args:
        host: the agent's name or address.
        port: its TCP port.
        credentials: the credentials of all requests; every HTTP client has their rights.
        timeout: the timeout of one SNMP request, in seconds.
        password: what clients must know; empty for no login.
        page: whether to mount the page at ``/page``, which polls the agent.
    """
    # Does not connect: the service starts even if the agent is down.  The first request connects, and the first one
    # after a loss reconnects.
    manager = Manager(host, port, credentials=credentials, timeout=timeout)

    async def close_manager(_: web.Application) -> None:
        await manager.aclose()

    app = web.Application(middlewares=[password_needed(password), snmp_errors])
    app[MANAGER] = manager
    app.on_cleanup.append(close_manager)  # after the page, which uses it
    app.add_routes(routes)
    if page:
        app.add_subapp("/page", snmptcp.web.app([manager], options=snmptcp.web.Options(title="Service")))
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
