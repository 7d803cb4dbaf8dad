"""The parameter ``target`` of a scrape: the agent's transport, host and port.

Contains: reading it.  Does not contain: connecting.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from snmptcp.errors import ConfigurationError
from snmptcp.printable import quoted

__all__ = ("Target", "parse_target")

#: Where agents listen (RFC 3430 section 2.2, RFC 6353 section 9).
_PORT = 161
_TLS_PORT = 10161

_SCHEME = re.compile("([a-zA-Z][a-zA-Z0-9+.-]*)://")
_PLAIN = frozenset(("tcp", "tcp4", "tcp6"))
_SECURE = frozenset(("tls", "tlstcp"))

#: What a host's name or address consists of; names of interfaces follow ``%``.
_HOST = re.compile(r"[0-9A-Za-z_.:%-]{1,255}")

_FORM = "a target is HOST, HOST:PORT or [IPV6]:PORT, optionally after tcp:// or tls://"


class Target(NamedTuple):
    """Where an agent is.

    Attributes:
        host: its name or address.
        port: its port.
        tls: whether it speaks TLS.
    """

    host: str
    port: int
    tls: bool

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def parse_target(text: str, *, tls: bool = False) -> Target:
    """Return the agent that a target names.

    Args:
        text: the target.
        tls: whether to speak TLS if it does not say.

    Raises:
        ConfigurationError: it is none, or names another transport than TCP and TLS.
    """
    scheme = _SCHEME.match(text)
    if scheme is not None:
        word = scheme[1].lower()
        if word in {"udp", "udp4", "udp6"}:
            raise ConfigurationError(
                f"the target {quoted(text)} asks for UDP, which this exporter does not speak: use tcp:// or tls://, "
                "or snmp_exporter"
            )
        if word in _PLAIN and tls:
            raise ConfigurationError(
                f"the target {quoted(text)} is without TLS, which its auth needs: use tls://, or another auth"
            )
        if word not in _PLAIN | _SECURE:
            raise ConfigurationError(f"the target {quoted(text)} has an unknown transport; {_FORM}")
        tls = word in _SECURE
        text = text[scheme.end() :]
    host, port = _host_and_port(text)
    if not _HOST.fullmatch(host):
        raise ConfigurationError(f"{quoted(text)} is no target; {_FORM}")
    if port is None:
        return Target(host, _TLS_PORT if tls else _PORT, tls)
    if not re.fullmatch("[0-9]{1,5}", port) or not 1 <= int(port) <= 0xFFFF:
        raise ConfigurationError(f"{quoted(text)}: a port is a number from 1 to 65535; {_FORM}")
    return Target(host, int(port), tls)


def _host_and_port(text: str) -> tuple[str, str | None]:
    """Split a target; the port is ``None`` if there is none."""
    if text.startswith("["):
        host, bracket, rest = text[1:].partition("]")
        if not bracket or (rest and not rest.startswith(":")):
            return "", None
        return host, rest[1:] if rest else None
    if text.count(":") != 1:  # none, or an IPv6 address without a port
        return text, None
    host, _, port = text.partition(":")
    return host, port
