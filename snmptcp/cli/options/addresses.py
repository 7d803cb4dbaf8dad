"""net-snmp's forms of an address, for TCP and TLS.

Contains: parsing text to host and port.  Does not contain: resolving names, connecting.
"""

from __future__ import annotations

import ipaddress
import re
from typing import NamedTuple

from snmptcp.cli.configuration.tokens import TRANSPORTS
from snmptcp.errors import ConfigurationError
from snmptcp.printable import quoted

__all__ = ("Address", "Alias", "parse_address", "parse_listen_address", "parse_peer", "parse_port")

#: net-snmp's names for other transports, which get an error text of their own.
_OTHERS = frozenset({"udp", "udp6", "udpv6", "udpipv6", "unix", "ssh", "dtlsudp", "dtls", "alias", "ipx", "aal5pvc"})

#: An object identifier that cannot be an IPv4 address, nor the name of a host.
_NAME = re.compile(r"\.?(?:iso|[0-9]+)(?:\.[0-9]+){4,}|\.(?:iso|[0-9]+)(?:\.[0-9]+)*|iso(?:\.[0-9]+)+")

_HOST_AND_PORT = re.compile(r"(?:\[(?P<bracketed>[^\[\]]*)\]|(?P<plain>[^\[\]:]*))(?::(?P<port>[^:]*))?")


class Address(NamedTuple):
    """A host, with a port and a transport if the text names them.

    Attributes:
        host: its name or address.
        port: the TCP port; ``None`` if not given.
        tls: whether to use TLS; ``None`` if not given.
    """

    host: str
    port: int | None = None
    tls: bool | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port is None else f"{host}:{self.port}"


class Alias(NamedTuple):
    """The name of an address in snmp.conf.

    Attributes:
        name: what it is called there.
    """

    name: str


def parse_peer(text: str) -> Address | Alias:
    """Parse what :func:`parse_address` does, or ``alias:NAME``.

    Raises:
        ConfigurationError: another form or transport.
    """
    transport, _, name = text.partition(":")
    return Alias(name) if transport.lower() == "alias" and name else parse_address(text)


def parse_address(text: str) -> Address:
    """Parse ``HOST``, ``HOST:PORT`` or ``[IPV6]:PORT``, optionally after ``tcp:`` or ``tlstcp:``.

    Raises:
        ConfigurationError: another form or transport.
    """
    given = text
    if _NAME.fullmatch(text):
        raise ConfigurationError(f"{text!r} is a name, not an address: HOST comes first, then the names")
    transport, colon, rest = text.partition(":")
    transport = transport.lower()
    tls: bool | None = None
    if colon and transport in _OTHERS:
        raise ConfigurationError(f"{text!r}: only tcp: and tlstcp: are supported, not {transport}:")
    if colon and transport in TRANSPORTS:
        text, tls = rest, TRANSPORTS[transport] == "tlstcp"
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


def parse_listen_address(text: str) -> tuple[str, int]:
    """Parse ``HOST:PORT``, ``[IPV6]:PORT`` or ``:PORT`` of an HTTP server: an empty host is all addresses.

    Raises:
        ConfigurationError: another form.
    """
    host, colon, port = text.rpartition(":")
    if host.startswith("[") and host.endswith("]"):
        host = host[1:-1]
    elif ":" in host:
        colon = ""
    if not colon or not port.isdecimal() or len(port) > 5 or int(port) > 0xFFFF:
        raise ConfigurationError(f"an address to listen on is HOST:PORT, [IPV6]:PORT or :PORT, not {quoted(text)}")
    return host, int(port)


def parse_port(text: str) -> int:
    """Parse a TCP port.

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
