"""How connections to one agent are made, as one object from the manager down to the socket."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from snmptcp.arguments import (
    CALLABLE,
    FLAG,
    INTEGER,
    NUMBER,
    PLAIN_FUNCTION,
    SECONDS,
    TEXT,
    Kind,
    check_arguments,
    instance_of,
    optional,
    wrong_type,
)
from snmptcp.codec.framer import DEFAULT_MAX_MESSAGE_SIZE, MIN_MESSAGE_SIZE
from snmptcp.errors import ConfigurationError
from snmptcp.net.dialing import SocketOptions, peer_name
from snmptcp.net.rate import RateLimit
from snmptcp.protocol.observer import Observer
from snmptcp.protocol.tolerance import DEFAULT_MAX_UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from snmptcp.net.connection import Connection, PacketTrace
    from snmptcp.net.proxy import Proxy
    from snmptcp.net.tls.session import ClientTls
    from snmptcp.protocol.ids import RequestIds

__all__ = ("ConnectionOptions", "check_host", "check_max_unreadable", "check_seconds")


def _is_address(value: object) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str) and INTEGER.accepts(value[1])


def _is_proxy(value: object) -> bool:
    from snmptcp.net.proxy import Proxy  # noqa: PLC0415 - few managers have one

    return isinstance(value, Proxy)


#: What each option may be; ``max_unreadable``, ``tls`` and the seconds have checks of their own.
_KINDS: Mapping[str, Kind] = {
    "host": TEXT,
    "port": INTEGER,
    "retries": INTEGER,
    "reconnect_interval": SECONDS,
    "max_message_size": INTEGER,
    "local_address": optional(Kind("an address (str), or an address and a port", _is_address)),
    "socket_options": instance_of("SocketOptions", SocketOptions),
    "proxy": optional(Kind("a Proxy", _is_proxy)),
    "max_rate": optional(NUMBER),
    "max_in_flight": optional(INTEGER),
    "strict": FLAG,
    "report_grace": optional(SECONDS),
    "packet_trace": optional(PLAIN_FUNCTION),
    "request_ids": optional(
        Kind("a source of request-ids, such as CountedIds(1)", lambda value: hasattr(value, "take"))
    ),
    "observer": optional(instance_of("an Observer", Observer)),
    "on_connect": optional(CALLABLE),
}


@dataclass(frozen=True, slots=True, kw_only=True, repr=False, eq=False)
class ConnectionOptions:
    """Everything that connections to one agent have in common; :class:`snmptcp.Manager` tells what each means.

    Raises:
        ConfigurationError: a value is out of range.
    """

    host: str
    port: int
    connect_timeout: float = 5.0
    retries: int = 1
    reconnect_interval: float = 1.0
    max_message_size: int = DEFAULT_MAX_MESSAGE_SIZE
    local_address: tuple[str, int] | None = None
    socket_options: SocketOptions = SocketOptions()  # noqa: RUF009 - frozen
    proxy: Proxy | None = None
    tls: ClientTls | None = None
    max_rate: float | None = None
    max_unreadable: int | None = DEFAULT_MAX_UNREADABLE
    max_in_flight: int | None = None
    strict: bool = False
    report_grace: float | None = None
    packet_trace: PacketTrace | None = None
    request_ids: RequestIds | None = None
    observer: Observer | None = None
    on_connect: Callable[[Connection], Awaitable[None]] | None = None

    def __post_init__(self) -> None:
        check_arguments(_KINDS, {name: getattr(self, name) for name in _KINDS})
        check_host(self.host)
        if not 0 < self.port < 0x10000:
            raise ConfigurationError(f"a port is a number from 1 to 65535, not {self.port}")
        if self.max_message_size < MIN_MESSAGE_SIZE:
            raise ConfigurationError(f"max_message_size is at least {MIN_MESSAGE_SIZE}, not {self.max_message_size}")
        if self.retries < 0:
            raise ConfigurationError(f"retries is at least 0, not {self.retries}")
        if not 0 <= self.reconnect_interval < math.inf:
            raise ConfigurationError(f"reconnect_interval is at least 0 s, not {self.reconnect_interval}")
        if self.report_grace is not None and not 0 <= self.report_grace < math.inf:
            raise ConfigurationError(f"report_grace is at least 0 s, not {self.report_grace}; None is for no grace")
        check_seconds("connect_timeout", self.connect_timeout)
        check_max_unreadable(self.max_unreadable)
        if self.max_in_flight is not None and self.max_in_flight < 1:
            raise ConfigurationError(
                f"max_in_flight must be at least 1, not {self.max_in_flight}; None is for no limit"
            )
        if self.max_rate is not None:
            RateLimit(self.max_rate)  # which refuses impossible rates

    @property
    def peer(self) -> str:
        """The agent's address for messages."""
        return peer_name(self.host, self.port)


def check_max_unreadable(count: int | None) -> int | None:
    """Return how many unreadable messages may come at once.

    Raises:
        ConfigurationError: it is below 1.
    """
    check_arguments({"max_unreadable": optional(INTEGER)}, {"max_unreadable": count})
    if count is not None and count < 1:
        raise ConfigurationError(f"max_unreadable must be at least 1, not {count}; None is for no limit")
    return count


def check_seconds(name: str, seconds: float) -> float:
    """Return a number of seconds.

    Raises:
        ConfigurationError: it is not above 0, or not finite.
    """
    if not SECONDS.accepts(seconds):
        raise wrong_type(name, SECONDS.text, seconds)
    if not 0 < seconds < math.inf:
        raise ConfigurationError(f"{name} is a number of seconds above 0, not {seconds}")
    return seconds


def check_host(host: str) -> None:
    """Check that text is a host, without its port and a protocol; whether it exists shows when it is connected to.

    Raises:
        ConfigurationError: it is empty, or more than a host.
    """
    if not host:
        raise ConfigurationError("the host of the agent is empty")
    if ":" not in host and "/" not in host:
        return
    import ipaddress  # noqa: PLC0415 - only for what may be an IPv6 address

    try:
        ipaddress.IPv6Address(host)
    except ValueError:
        pass
    else:
        return
    right = "a host is a name or an address, not"
    if found := re.fullmatch(r"\[(.+)\](?::([0-9]+))?", host):
        apart = f", and its port apart: port={found[2]}" if found[2] else ""
        raise ConfigurationError(f"{right} {host!r}: give the address without brackets{apart}")
    if found := re.fullmatch(r"([^:/]+):([0-9]+)", host):
        raise ConfigurationError(f"{right} {host!r}: give the port apart: {found[1]!r}, port={found[2]}")
    if re.match(r"(udp|dtlsudp|udp6|dtls|snmp)6?:", host):
        raise ConfigurationError(f"{right} {host!r}: this library speaks SNMP over TCP and TLS; give the host alone")
    raise ConfigurationError(f"{right} {host!r}: give the host alone, and port= and tls= for the rest")
