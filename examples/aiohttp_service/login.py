"""A login in front of everything, the page of snmptcp.web included: HTTP Basic authentication with one password.

Basic authentication sends the password with each request: use it over HTTPS, or on this machine alone.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from aiohttp import BasicAuth, web

if TYPE_CHECKING:
    from aiohttp.typedefs import Handler, Middleware

__all__ = ("password_needed",)


def password_needed(password: str) -> Middleware:
    """Return a middleware that lets those pass who know a password, under any name; empty lets everyone pass.

    A middleware of an application counts for the applications that are mounted in it, too.
    """

    @web.middleware
    async def check(request: web.Request, handler: Handler) -> web.StreamResponse:
        if password and not _knows(request.headers.get("Authorization", ""), password):
            raise web.HTTPUnauthorized(headers={"WWW-Authenticate": 'Basic realm="snmp", charset="UTF-8"'})
        return await handler(request)

    return check


def _knows(authorization: str, password: str) -> bool:
    try:
        given = BasicAuth.decode(authorization, "utf-8").password
    except ValueError:  # none, or not Basic
        return False
    return hmac.compare_digest(given.encode(), password.encode())  # takes as long for any wrong password
