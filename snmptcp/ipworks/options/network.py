"""Socket options and firewalls, made of the settings.

Contains: settings to :class:`SocketOptions` and :class:`Proxy`.  Does not contain: connecting.
"""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from snmptcp.codec.framer import MIN_MESSAGE_SIZE
from snmptcp.ipworks.errors import FIREWALL, IPWorksSNMPError
from snmptcp.ipworks.unhonoured import not_honoured
from snmptcp.net.dialing import SocketOptions
from snmptcp.net.proxy import Proxy, ProxyKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snmptcp.ipworks.store import Values

__all__ = (
    "check_header_lines",
    "check_message_size",
    "connection_key",
    "firewall_port",
    "make_proxy",
    "make_socket_options",
    "message_limit",
)

_FAMILIES = {0: socket.AF_INET, 1: socket.AF_INET6, 2: socket.AF_UNSPEC}

#: FirewallPort, if it is 0, by FirewallType.
_FIREWALL_PORTS = {0: 0, 1: 80, 2: 1080, 3: 1080, 10: 1080}

_PROXY_KINDS = {1: ProxyKind.HTTP, 2: ProxyKind.SOCKS4, 3: ProxyKind.SOCKS5, 10: ProxyKind.SOCKS4A}

#: A connection depends on these; a change needs another connection.
_CONNECTION_VALUES = (
    "remote_host",
    "remote_port",
    "local_host",
    "ssl_enabled",
    "ssl_accept_server_cert_encoded",
    "MsgMaxSize",
    "FirewallAutoDetect",
    "FirewallHost",
    "FirewallUser",
    "FirewallPassword",
    "FirewallPort",
    "FirewallType",
    "FirewallData",
    "ProxyExceptionsList",
    "KeepAliveTime",
    "KeepAliveInterval",
    "TCPKeepAlive",
    "Linger",
    "LingerTime",
    "TcpNoDelay",
    "UseIPv6",
    "InBufferSize",
    "OutBufferSize",
    "MaxTransferRate",
    "LogSSLPackets",
    "OpenSSLCADir",
    "OpenSSLCAFile",
    "OpenSSLCipherList",
    "ReuseSSLSession",
    "SSLCACertFilePaths",
    "SSLServerCACerts",
    "SSLCheckCRL",
    "SSLCipherStrength",
    "SSLEnabledCipherSuites",
    "SSLEnabledProtocols",
    "SSLEnableRenegotiation",
    "SSLSecurityFlags",
    "TLS12SupportedGroups",
    "TLS13KeyShareGroups",
    "TLS13SupportedGroups",
)


def connection_key(values: Values) -> tuple[object, ...]:
    """Return every value that a connection depends on."""
    return values.pick(_CONNECTION_VALUES)


def make_socket_options(settings: Mapping[str, Any]) -> SocketOptions:
    """Return the socket options.

    Raises:
        ConfigurationError: a value is not possible.
    """
    linger: float | None = None
    if not settings["Linger"]:
        linger = 0.0
    elif settings["LingerTime"]:
        linger = settings["LingerTime"]
    return SocketOptions(
        no_delay=settings["TcpNoDelay"],
        keep_alive=settings["TCPKeepAlive"],
        keep_alive_idle=settings["KeepAliveTime"] / 1000 or None,
        keep_alive_interval=settings["KeepAliveInterval"] / 1000 or None,
        keep_alive_count=None,
        linger=linger,
        receive_buffer=settings["InBufferSize"] or None,
        send_buffer=settings["OutBufferSize"] or None,
        family=_FAMILIES[settings["UseIPv6"]],
    )


def make_proxy(settings: Mapping[str, Any], host: str, port: int) -> Proxy | None:
    """Return the proxy through which a host is reached; ``None`` for a direct connection.

    Raises:
        IPWorksSNMPError: FirewallType is set without FirewallHost.
        ConfigurationError: the firewall's protocol does not allow a value.
    """
    proxy = _detected_proxy(settings, host, port) if settings["FirewallAutoDetect"] else None
    if proxy is None and settings["FirewallType"]:
        if not settings["FirewallHost"]:
            raise IPWorksSNMPError(FIREWALL, f"FirewallType {settings['FirewallType']} needs FirewallHost")
        proxy = Proxy(
            _PROXY_KINDS[settings["FirewallType"]],
            settings["FirewallHost"],
            firewall_port(settings),
            user=settings["FirewallUser"],
            password=settings["FirewallPassword"],
            headers=_header_fields(settings["FirewallData"]),
            bypass=settings["ProxyExceptionsList"],
        )
    elif proxy is None and settings["FirewallHost"]:
        not_honoured("FirewallHost", "it has no effect while FirewallType is 0; connections are made without it")
    return proxy if proxy is not None and proxy.covers(host, port) else None


def firewall_port(settings: Mapping[str, Any]) -> int:
    """Return the firewall's port: the one set, or that of its type."""
    port: int = settings["FirewallPort"]
    return port or _FIREWALL_PORTS[settings["FirewallType"]]


def message_limit(settings: Mapping[str, Any]) -> int:
    """Return the longest message to accept: MsgMaxSize, or what RFC 3430 section 2.2 asks for at least."""
    size: int = settings["MsgMaxSize"]
    return max(size, MIN_MESSAGE_SIZE)


def check_message_size(size: int) -> None:
    """Warn of a MsgMaxSize that is less than the least over TCP."""
    if size < MIN_MESSAGE_SIZE:
        not_honoured("MsgMaxSize", f"{size} counts as {MIN_MESSAGE_SIZE}, the least over TCP (RFC 3430)")


def check_header_lines(text: str) -> None:
    """Check FirewallData.

    Raises:
        IPWorksSNMPError: it does not consist of header lines.
    """
    _header_fields(text)


def _detected_proxy(settings: Mapping[str, Any], host: str, port: int) -> Proxy | None:
    """Return the proxy that the environment names."""
    found = Proxy.from_environment(host, port)
    if found is None:
        return None
    return Proxy(
        found.kind,
        found.host,
        found.port,
        user=found.user,
        password=found.password,
        bypass=settings["ProxyExceptionsList"],
    )


def _header_fields(text: str) -> list[tuple[str, str]]:
    fields = []
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if not colon:
            raise IPWorksSNMPError(FIREWALL, "FirewallData must consist of header lines (Name: value)")
        fields.append((name.strip(), value.strip()))
    return fields
