"""Which HTTP status an SNMP error becomes, and the middleware that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

import snmptcp

from .values import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp.typedefs import Handler

__all__ = ("HTTP_STATUS", "error_to_json", "http_status", "snmp_errors")

#: The nearest class counts: a NoAccess is 403, and any AgentError that is not listed 502.
HTTP_STATUS: Mapping[type[Exception], int] = {
    # the HTTP client's mistakes
    BadInput: 400,
    snmptcp.ConfigurationError: 400,
    snmptcp.errors.ReadOnly: 403,
    snmptcp.errors.NoAccess: 403,
    snmptcp.errors.AuthorizationError: 403,
    snmptcp.errors.NotWritable: 403,
    snmptcp.errors.NoSuchName: 404,
    snmptcp.errors.NoCreation: 404,
    snmptcp.errors.InconsistentValue: 409,  # possible at another time, in another state
    snmptcp.errors.InconsistentName: 409,
    snmptcp.errors.TooBig: 413,
    snmptcp.errors.BadValue: 422,
    snmptcp.errors.WrongType: 422,
    snmptcp.errors.WrongLength: 422,
    snmptcp.errors.WrongEncoding: 422,
    snmptcp.errors.WrongValue: 422,
    # the agent, or the way to it
    snmptcp.SnmpError: 502,
    snmptcp.errors.ResourceUnavailable: 503,
    snmptcp.ConnectFailed: 503,
    snmptcp.ClosedError: 503,  # this service is about to end
    snmptcp.RequestTimeout: 504,
}


def http_status(error: Exception) -> int:
    """Return the HTTP status for an error that :data:`HTTP_STATUS` knows."""
    return next(HTTP_STATUS[cls] for cls in type(error).__mro__ if cls in HTTP_STATUS)


def error_to_json(error: Exception) -> dict[str, Any]:
    """Return an error as JSON.  The texts of snmptcp's errors never hold a community or a password."""
    body: dict[str, Any] = {"error": type(error).__name__, "message": str(error)}
    if isinstance(error, snmptcp.AgentError):
        body |= {"status": int(error.status), "index": error.index}
    return body


@web.middleware
async def snmp_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Answer with an error's HTTP status and JSON.

    Without this, aiohttp would log a TransportError with its traceback and answer 500, since it knows
    nothing of agents; and a RequestTimeout, a TimeoutError, would be a bare 504 of plain text.
    """
    try:
        return await handler(request)
    except (snmptcp.SnmpError, BadInput) as error:
        return web.json_response(error_to_json(error), status=http_status(error))
