"""The HTTP status of each SNMP error, and the middleware that sends it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from aiohttp import web

import snmptcp

from .values import BadInput

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp.typedefs import Handler

__all__ = ("HTTP_STATUS", "error_to_json", "http_status", "snmp_errors")

#: The nearest base class counts: NoAccess is 403, and any AgentError that is not listed is 502.
HTTP_STATUS: Mapping[type[Exception], int] = {
    # mistakes of the HTTP client
    BadInput: 400,
    snmptcp.ConfigurationError: 400,
    snmptcp.errors.ReadOnly: 403,
    snmptcp.errors.NoAccess: 403,
    snmptcp.errors.AuthorizationError: 403,
    snmptcp.errors.NotWritable: 403,
    snmptcp.errors.NoSuchName: 404,
    snmptcp.errors.NoCreation: 404,
    snmptcp.errors.InconsistentValue: 409,  # may work in another state
    snmptcp.errors.InconsistentName: 409,
    snmptcp.errors.TooBig: 413,
    snmptcp.errors.BadValue: 422,
    snmptcp.errors.WrongType: 422,
    snmptcp.errors.WrongLength: 422,
    snmptcp.errors.WrongEncoding: 422,
    snmptcp.errors.WrongValue: 422,
    # failures of the agent or its connection
    snmptcp.SnmpError: 502,
    snmptcp.errors.ResourceUnavailable: 503,
    snmptcp.ConnectFailed: 503,
    snmptcp.ClosedError: 503,  # the service is shutting down
    snmptcp.RequestTimeout: 504,
}


def http_status(error: Exception) -> int:
    """Return the HTTP status of an error."""
    return next(HTTP_STATUS[cls] for cls in type(error).__mro__ if cls in HTTP_STATUS)


def error_to_json(error: Exception) -> dict[str, Any]:
    """Return an error as JSON.  The texts of snmptcp's errors never contain a community or a password."""
    body: dict[str, Any] = {"error": type(error).__name__, "message": str(error)}
    if isinstance(error, snmptcp.AgentError):
        body |= {"status": int(error.status), "index": error.index}
    return body


@web.middleware
async def snmp_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Respond to an SNMP error with its HTTP status and JSON.

    Without this, aiohttp would log a TransportError with a traceback and respond 500, and a RequestTimeout, which
    is a TimeoutError, would become a 504 with plain text.
    """
    try:
        return await handler(request)
    except (snmptcp.SnmpError, BadInput) as error:
        return web.json_response(error_to_json(error), status=http_status(error))
