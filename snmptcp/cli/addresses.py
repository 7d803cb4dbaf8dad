"""Where the agent is: the forms of an address that net-snmp takes, as far as they mean TCP.

What may live here: text to host and port.  What may not: resolving names, connecting.
"""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple

from snmptcp.errors import ConfigurationError

__all__ = ("Address", "parse_address", "parse_port")

#: net-snmp's names for SNMP over TCP.
_TCP = frozenset({"tcp", "tcp6", "tcpv6", "tcpipv6"})

#: Its names for what is not that, and the reason to give.
_OTHERS = frozenset(
    {"udp", "udp6", "udpv6", "udpipv6", "unix", "ssh", "dtlsudp", "dtls", "tlstcp", "tls", "alias", "ipx", "aal5pvc"}
)

_HOST_AND_PORT = re.compile(r"(?:\[(?P<bracketed>[^\[\]]*)\]|(?P<plain>[^\[\]:]*))(?::(?P<port>[^:]*))?")


class Address(NamedTuple):
    """An agent's host, and its TCP port; ``None`` where the text has none."""

    host: str
    port: int | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"


def parse_address(text: str) -> Address:
    """Read ``HOST``, ``HOST:PORT``, ``[IPV6]:PORT``, each with ``tcp:`` or ``tcp6:`` before it or not.

    Raises:
        ConfigurationError: something else; the text says what.
    """
    transport, colon, rest = text.partition(":")
    if colon and transport.lower() in _OTHERS:
        raise ConfigurationError(f"{text!r}: only tcp: (and tcp6:) is spoken here, not {transport.lower()}:")
    if colon and transport.lower() in _TCP:
        text = rest
    if _is_ipv6(text):
        return Address(text)
    match = _HOST_AND_PORT.fullmatch(text)
    if match is None:
        raise ConfigurationError(f"not an address: {text!r} (HOST, HOST:PORT, or [IPV6]:PORT)")
    host, port = match["bracketed"], match["port"]
    if host is None:
        host = match["plain"]
    elif not _is_ipv6(host):
        raise ConfigurationError(f"not an IPv6 address: {host!r}")
    if not host or not host.isprintable() or any(character.isspace() for character in host):
        raise ConfigurationError(f"no host in the address {text!r}")
    return Address(host, None if port is None else parse_port(port))


def parse_port(text: str) -> int:
    """Read a TCP port.

    Raises:
        ConfigurationError: not a number from 1 to 65535.
    """
    port = int(text) if re.fullmatch("[0-9]{1,5}", text) else 0
    if not 0 < port < 0x10000:
        raise ConfigurationError(f"a port is a number from 1 to 65535, not {text!r}")
    return port


def _is_ipv6(text: str) -> bool:
    try:
        ipaddress.IPv6Address(text)
    except ValueError:
        return False
    return True
