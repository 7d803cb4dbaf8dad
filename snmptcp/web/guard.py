"""What keeps the page safe in a browser: its content security policy, and refusals of what other sites make it ask.

Contains: headers, and the check of requests.  Does not contain: logins, which are the embedding program's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ("HEADERS", "refusal")

#: The headers of all responses.
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-cache",
}

#: Where a request may come from, by what browsers say of it; programs say nothing.
_OWN_SITES: Final = frozenset(("same-origin", "none"))


def refusal(headers: Mapping[str, str], hosts: frozenset[str] | None, *, navigates: bool) -> str | None:
    """Return why a request is refused; ``None`` if it is not.

    Args:
        headers: the request's.
        hosts: the names by which the page may be asked; ``None`` for any.
        navigates: whether it is for the page itself, to which other sites may link.
    """
    if hosts is not None and _host(headers.get("Host", "")) not in hosts:
        return "this page is not served by that name"
    site = headers.get("Sec-Fetch-Site")
    if site is not None and site not in _OWN_SITES and not navigates:
        return "pages of other sites may not ask here"
    return None


def _host(address: str) -> str:
    """Return a host without its port."""
    host, colon, port = address.rpartition(":")
    return (host if colon and port.isdecimal() else address).strip("[]").lower()
