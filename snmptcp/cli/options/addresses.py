"""Where the other end is: the forms of an address that net-snmp takes, as far as they mean TCP, or TLS on it.

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

#: Those for SNMP over TLS (RFC 6353); it has none of its own for IPv6.
_TLS = frozenset({"tlstcp", "tls", "tlstcp6", "tlstcpv6"})

#: Its names for what is not that, and the reason to give.
_OTHERS = frozenset({"udp", "udp6", "udpv6", "udpipv6", "unix", "ssh", "dtlsudp", "dtls", "alias", "ipx", "aal5pvc"})

_HOST_AND_PORT = re.compile(r"(?:\[(?P<bracketed>[^\[\]]*)\]|(?P<plain>[^\[\]:]*))(?::(?P<port>[^:]*))?")


class Address(NamedTuple):
    """A host, and what else an address may tell.

    Attributes:
        host: its name or address.
        port: the TCP port; ``None`` where the text has none.
        tls: whether TLS is spoken there; ``None`` where the text does not say.
    """

    host: str
    port: int | None = None
    tls: bool | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"


def parse_address(text: str) -> Address:
    """Read ``HOST``, ``HOST:PORT``, ``[IPV6]:PORT``, each with ``tcp:`` or ``tlstcp:`` before it or not.

    Raises:
        ConfigurationError: something else; the text says what.
    """
    given = text
    transport, colon, rest = text.partition(":")
    transport = transport.lower()
    tls: bool | None = None
    if colon and transport in _OTHERS:
        raise ConfigurationError(f"{text!r}: only tcp: and tlstcp: are spoken here, not {transport}:")
    if colon and transport in _TCP | _TLS:
        text, tls = rest, transport in _TLS
    if _is_ipv6(text):
        return Address(text, None, tls)
    match = _HOST_AND_PORT.fullmatch(text)
    if match is None:
        raise ConfigurationError(f"not an address: {text!r} (HOST, HOST:PORT, or [IPV6]:PORT)")
    host, port = match["bracketed"], match["port"]
    if host is None:
        host = match["plain"]
    elif not _is_ipv6(host):
        raise ConfigurationError(f"not an IPv6 address: {host!r}")
    if not host or not host.isprintable() or any(character.isspace() for character in host):
        raise ConfigurationError(f"no host in the address {given!r}")
    return Address(host, None if port is None else parse_port(port), tls)


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
