"""``python -m examples.aiohttp_service --agent HOST:PORT``."""

from __future__ import annotations

import argparse
import os
from urllib.parse import urlsplit

from aiohttp import web

from snmptcp import Community

from .app import create_app


def agent_address(text: str) -> tuple[str, int]:
    """Parse ``HOST``, ``HOST:PORT`` or ``[IPV6]:PORT``; return host and port."""
    parts = urlsplit(f"//{text}")
    if not parts.hostname or parts.path or parts.username is not None:
        raise ValueError(text)
    return parts.hostname, parts.port if parts.port is not None else 161


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m examples.aiohttp_service", description="SNMP as JSON over HTTP.")
    parser.add_argument("--agent", type=agent_address, default=("127.0.0.1", 161), metavar="HOST:PORT")
    parser.add_argument("--timeout", type=float, default=5.0, help="timeout of one SNMP request in seconds")
    parser.add_argument(
        "--listen",
        default="127.0.0.1",
        metavar="HOST",
        help="address to listen on; give SERVICE_PASSWORD if others reach it",
    )
    parser.add_argument("--port", type=int, default=8080, help="HTTP port")
    options = parser.parse_args()
    host, port = options.agent
    # From the environment, because all users of a machine can read the arguments of its processes.
    credentials = Community(os.environ.get("SNMP_COMMUNITY", "public"), os.environ.get("SNMP_VERSION", "2c"))
    web.run_app(
        create_app(
            host,
            port,
            credentials=credentials,
            timeout=options.timeout,
            password=os.environ.get("SERVICE_PASSWORD", ""),
        ),
        host=options.listen,
        port=options.port,
        handler_cancellation=True,
        shutdown_timeout=5.0,  # requests in progress may continue for this long, then they are cancelled
    )


if __name__ == "__main__":
    main()
