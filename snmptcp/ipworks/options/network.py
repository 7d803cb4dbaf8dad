"""The settings of sockets and firewalls, as the net room wants them."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

from snmptcp.ipworks.errors import FIREWALL, IPWorksSNMPError
from snmptcp.net.dialing import SocketOptions
from snmptcp.net.proxy import Proxy, ProxyKind

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ("make_proxy", "make_socket_options")

_FAMILIES = {0: socket.AF_INET, 1: socket.AF_INET6, 2: socket.AF_UNSPEC}

_PROXY_KINDS = {1: ProxyKind.HTTP, 2: ProxyKind.SOCKS4, 3: ProxyKind.SOCKS5, 10: ProxyKind.SOCKS4A}


def make_socket_options(settings: Mapping[str, Any]) -> SocketOptions:
    """Return what is set on sockets.

    Raises:
        ConfigurationError: a value that no system takes.
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
    """Return the proxy through which a host is reached; ``None`` for none.

    Raises:
        IPWorksSNMPError: there is a type of firewall, and no firewall.
        ConfigurationError: the firewall's protocol cannot carry what is set.
    """
    proxy = None
    if settings["FirewallAutoDetect"]:
        proxy = Proxy.from_environment(host, port)
        if proxy is not None:
            proxy = Proxy(
                proxy.kind,
                proxy.host,
                proxy.port,
                user=proxy.user,
                password=proxy.password,
                bypass=settings["ProxyExceptionsList"],
            )
    if proxy is None and settings["FirewallType"]:
        if not settings["FirewallHost"]:
            raise IPWorksSNMPError(FIREWALL, "there is a FirewallType, and no FirewallHost")
        proxy = Proxy(
            _PROXY_KINDS[settings["FirewallType"]],
            settings["FirewallHost"],
            settings["FirewallPort"],
            user=settings["FirewallUser"],
            password=settings["FirewallPassword"],
            headers=_header_fields(settings["FirewallData"]),
            bypass=settings["ProxyExceptionsList"],
        )
    return proxy if proxy is not None and proxy.covers(host, port) else None


def _header_fields(text: str) -> list[tuple[str, str]]:
    fields = []
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if not colon:
            raise IPWorksSNMPError(FIREWALL, f"FirewallData has header lines, Name: value, not {line!r}")
        fields.append((name.strip(), value.strip()))
    return fields
