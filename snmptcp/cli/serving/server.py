"""The page's HTTP server, for commands: it listens, says where, and ends within a second.

Contains: the server.  Does not contain: what it serves (:mod:`snmptcp.web`).
"""

from __future__ import annotations

import contextlib
import ipaddress
from typing import TYPE_CHECKING

from snmptcp.cli.options.addresses import Address
from snmptcp.errors import TransportError
from snmptcp.net.server import listen_failure

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable

    from aiohttp import web as aiohttp_web

__all__ = ("DEFAULT_ADDRESS", "allowed_hosts", "serving")

#: Where the page is by default: on this machine alone.
DEFAULT_ADDRESS = ("127.0.0.1", 8161)

#: How long answers that are under way may take at the end, in seconds.
_GRACE = 0.3

_OWN_NAMES = frozenset(("localhost", "127.0.0.1", "::1"))


def allowed_hosts(host: str, names: Iterable[str]) -> frozenset[str] | None:
    """Return the names by which a page may be asked; ``None`` for any.

    A page that listens on this machine alone is not found under other names, unless a browser was deceived.

    Args:
        host: where it listens; empty for all addresses.
        names: further names, of a proxy for instance.
    """
    own = frozenset(name.lower() for name in names)
    if own or _is_loopback(host):
        return own | _OWN_NAMES | ({host.lower()} if host else set())
    return None


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


@contextlib.asynccontextmanager
async def serving(application: aiohttp_web.Application, host: str, port: int) -> AsyncGenerator[str, None]:
    """Serve an application until the block is left, and yield its URL.

    Args:
        application: the application.
        host: where to listen; empty for all addresses.
        port: the port; 0 for a free one.

    Raises:
        TransportError: it cannot listen there.
    """
    from snmptcp.web.application import web  # noqa: PLC0415 - needs the extra

    runner = web.AppRunner(application, handler_cancellation=True, access_log=None, shutdown_timeout=_GRACE)
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, host or None, port).start()
        except OSError as error:
            raise TransportError(listen_failure(host, port, error)) from None
        address = runner.addresses[0]
        shown = "127.0.0.1" if address[0] in {"0.0.0.0", "::"} else address[0]  # noqa: S104 - compared, not used
        yield f"http://{Address(shown, address[1])}/"
    finally:
        await runner.cleanup()
