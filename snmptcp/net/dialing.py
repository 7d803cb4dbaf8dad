"""Making a TCP connection: addresses are tried in parallel (RFC 8305), and no socket leaks.

Contains: resolving, connecting, socket options, and proxies.  Does not contain: use of the connection.

Each socket has exactly one owner, which closes it after a failure or cancellation.  Until it is connected, the
owner is its attempt.  On success, without an ``await`` in between, ownership passes to the race, or the socket
is closed because another attempt has won.  The race passes it to the caller of :func:`dial`, again without an
``await`` in between.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import math
import os
import socket
import struct
import sys
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from snmptcp.arguments import FLAG, NUMBER, check_arguments, optional, wrong_type
from snmptcp.errors import ConfigurationError, ConnectFailed, ProxyFailed

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from snmptcp.net.proxy import Proxy

__all__ = ("EYEBALLS_DELAY", "SocketOptions", "dial", "peer_name", "reason_of")

#: Seconds before the next address is tried in parallel: the Connection Attempt Delay of RFC 8305 section 5.
EYEBALLS_DELAY = 0.25

#: Linux's limits for the idle time and the interval of keep-alive, in seconds, and for the count (tcp(7)).
_MAX_KEEP_ALIVE = 32767
_MAX_KEEP_ALIVE_COUNT = 127

_MAX_INT = 2**31 - 1

_TCP_FAMILIES = (socket.AF_INET, socket.AF_INET6)

#: What ``bind`` and ``connect`` take.
_SocketAddress: TypeAlias = "tuple[Any, ...]"


# ---------------------------------------------------------------------------------------- options


_FLAGS = {"no_delay": FLAG, "keep_alive": FLAG}


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketOptions:
    """Socket options of a connection.

    Times are in seconds, rounded up to the system's unit.  Options that the system lacks are ignored.

    Args:
        no_delay: send small messages at once (TCP_NODELAY).
        keep_alive: let TCP probe an idle peer (SO_KEEPALIVE).
        keep_alive_idle: idle time before the first probe; up to 32767; ``None`` for the system's default.
        keep_alive_interval: time between probes; up to 32767; ``None`` for the system's default.
        keep_alive_count: unanswered probes that end the connection; 1 to 127; ``None`` for the system's default.
        linger: what to do at closing with data not yet sent (SO_LINGER): ``None`` lets the system send it in the
            background, 0 discards it and resets the connection, more *blocks* for up to so long; at most 65535.
        receive_buffer: the receive buffer, in octets (SO_RCVBUF); ``None`` for the system's default.
        send_buffer: the send buffer, in octets (SO_SNDBUF); ``None`` for the system's default.
        family: ``AF_INET`` or ``AF_INET6`` to use only IPv4 or IPv6; ``AF_UNSPEC`` for both.
        user_timeout: how long data may remain unacknowledged before the connection is lost (TCP_USER_TIMEOUT,
            RFC 5482); ``None`` for the time that keep-alive needs; 0 for the system's default.

    Raises:
        ConfigurationError: a value out of range, or another family.
    """

    no_delay: bool = True
    keep_alive: bool = True
    keep_alive_idle: float | None = 15.0
    keep_alive_interval: float | None = 5.0
    keep_alive_count: int | None = 3
    linger: float | None = None
    receive_buffer: int | None = None
    send_buffer: int | None = None
    family: socket.AddressFamily = socket.AF_UNSPEC
    user_timeout: float | None = None

    def __post_init__(self) -> None:
        _check("keep_alive_idle", self.keep_alive_idle, 0, _MAX_KEEP_ALIVE, above=True)
        _check("keep_alive_interval", self.keep_alive_interval, 0, _MAX_KEEP_ALIVE, above=True)
        _check("keep_alive_count", self.keep_alive_count, 1, _MAX_KEEP_ALIVE_COUNT)
        _check("linger", self.linger, 0, 0xFFFF)
        _check("receive_buffer", self.receive_buffer, 1, _MAX_INT)
        _check("send_buffer", self.send_buffer, 1, _MAX_INT)
        _check("user_timeout", self.user_timeout, 0, _MAX_INT // 1000)
        check_arguments(_FLAGS, {"no_delay": self.no_delay, "keep_alive": self.keep_alive})
        if not isinstance(self.family, int):
            raise wrong_type("family", "AF_INET, AF_INET6 or AF_UNSPEC", self.family)
        if self.family not in (socket.AF_UNSPEC, *_TCP_FAMILIES):
            raise ConfigurationError(f"family must be AF_INET, AF_INET6 or AF_UNSPEC, not {self.family!r}")

    @property
    def effective_user_timeout(self) -> float:
        """Seconds that data may remain unacknowledged; 0 for the system's default."""
        if self.user_timeout is not None:
            return self.user_timeout
        if not self.keep_alive:
            return 0.0
        idle, interval, count = self.keep_alive_idle, self.keep_alive_interval, self.keep_alive_count
        return 0.0 if idle is None or interval is None or count is None else idle + interval * count

    def set_before_connecting(self, sock: socket.socket) -> None:
        """Set most options: the receive buffer, for one, determines the window scale, which only the SYN can carry.

        Raises:
            OSError: the system refused a value.
        """
        if sock.family not in _TCP_FAMILIES:
            return
        if self.receive_buffer is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self.receive_buffer)
        if self.send_buffer is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self.send_buffer)
        if self.linger is not None:
            layout = "hh" if sys.platform == "win32" else "ii"
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack(layout, 1, math.ceil(self.linger)))
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, int(self.no_delay))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, int(self.keep_alive))
        if self.keep_alive:
            _set_tcp(sock, ("TCP_KEEPIDLE", "TCP_KEEPALIVE"), self.keep_alive_idle)
            _set_tcp(sock, ("TCP_KEEPINTVL",), self.keep_alive_interval)
            _set_tcp(sock, ("TCP_KEEPCNT",), self.keep_alive_count)

    def set_after_connecting(self, sock: socket.socket) -> None:
        """Set TCP_USER_TIMEOUT, which would limit the handshake, too, if it were set earlier."""
        if sock.family in _TCP_FAMILIES and (seconds := self.effective_user_timeout):
            with contextlib.suppress(OSError):  # already reset; the first read reports it
                _set_tcp(sock, ("TCP_USER_TIMEOUT",), 1000 * seconds)


def _check(name: str, value: float | None, least: int, most: int, *, above: bool = False) -> None:
    """Raise an error for a number out of range; with ``above``, ``least`` itself is out of range."""
    check_arguments({name: optional(NUMBER)}, {name: value})
    if value is not None and not (least < value <= most if above else least <= value <= most):
        raise ConfigurationError(
            f"{name} must be {'more than' if above else 'at least'} {least} and at most {most}, not {value}"
        )


def _set_tcp(sock: socket.socket, names: Iterable[str], value: float | None) -> None:
    """Set the first of the options that this system has (macOS names TCP_KEEPIDLE TCP_KEEPALIVE)."""
    if value is None:
        return
    number = next((found for name in names if (found := getattr(socket, name, None)) is not None), None)
    if number is not None:
        sock.setsockopt(socket.IPPROTO_TCP, number, math.ceil(value))


# ---------------------------------------------------------------------------------------- addresses


class _Address(NamedTuple):
    """One address of a host name."""

    family: socket.AddressFamily
    address: _SocketAddress

    def __str__(self) -> str:
        return str(self.address[0])


async def _resolve(host: str, port: int, family: int) -> list[_Address]:
    """Return the addresses of a host, in the system's order of preference (RFC 6724).

    Raises:
        OSError: ``socket.gaierror``: the name cannot be resolved.
        ValueError: not a valid host name.
    """
    wanted: dict[str, Any] = {"family": family, "type": socket.SOCK_STREAM, "proto": socket.IPPROTO_TCP}
    # Octets are not encoded, for which Python would load the tables of Unicode for host names.
    literal = host.encode() if host.isascii() and "\0" not in host else host
    try:  # a literal address needs no resolver and no thread
        found = socket.getaddrinfo(literal, port, flags=socket.AI_NUMERICHOST, **wanted)
    except socket.gaierror:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, **wanted)
    return list(dict.fromkeys(_Address(info[0], info[4]) for info in found))


def _interleaved(addresses: Sequence[_Address]) -> list[_Address]:
    """Alternate the address families, beginning with that of the first address (RFC 8305 section 4)."""
    first = [address for address in addresses if address.family == addresses[0].family]
    others = [address for address in addresses if address.family != addresses[0].family]
    pairs = zip_longest(first, others)
    return [address for address in chain.from_iterable(pairs) if address is not None]


async def _local_addresses(local_address: tuple[str, int] | None, family: int) -> list[_Address] | None:
    """Return the local addresses to bind to; ``None`` lets the system choose.

    Raises:
        OSError, ValueError: as :func:`_resolve`.
    """
    if local_address is None:
        return None
    host, port = local_address
    if not host:
        return [_Address(each, ("", port)) for each in _TCP_FAMILIES]
    return await _resolve(host, port, family)


# -------------------------------------------------------------------------------------------- race


class _Race:
    """Parallel attempts to connect to one peer; the first success wins.

    Attributes:
        winner: the connected socket; ``None`` before the first success.
        failures: the addresses that failed, and why.
    """

    def __init__(self, options: SocketOptions, local: list[_Address] | None) -> None:
        self.winner: socket.socket | None = None
        self.failures: list[tuple[_Address, OSError]] = []
        self._options = options
        self._local = local
        self._loop = asyncio.get_running_loop()

    async def run(self, addresses: Sequence[_Address]) -> socket.socket | None:
        """Connect to one of the addresses; return ``None`` if all failed.  Safe to cancel."""
        if len(addresses) == 1:
            await self._attempt(addresses[0])
            return self.winner
        try:
            async with asyncio.TaskGroup() as group:  # ends only after all attempts have ended
                await self._stagger(addresses, group)
        except BaseException:
            if self.winner is not None:
                self.winner.close()
            raise
        return self.winner

    async def _stagger(self, addresses: Sequence[_Address], group: asyncio.TaskGroup) -> None:
        """Start an attempt after each delay or failure, until one succeeds."""
        waiting = list(reversed(addresses))
        attempts: set[asyncio.Task[None]] = set()
        while self.winner is None and (waiting or attempts):
            if waiting:
                attempts.add(group.create_task(self._attempt(waiting.pop())))
            delay = EYEBALLS_DELAY if waiting else None
            _, attempts = await asyncio.wait(attempts, timeout=delay, return_when=asyncio.FIRST_COMPLETED)
        for attempt in attempts:
            attempt.cancel()

    async def _attempt(self, address: _Address) -> None:
        """Connect to one address; the first to succeed is the winner."""
        try:
            sock = self._open(address)
        except OSError as error:
            self._note_failure(address, error)
            return
        try:
            await self._loop.sock_connect(sock, address.address)
        except OSError as error:
            sock.close()
            self._note_failure(address, error)
            return
        except BaseException:
            sock.close()
            raise
        # No await from here on: a cancellation cannot arrive before the socket has its new owner.
        if self.winner is None:
            self.winner = sock
        else:
            sock.close()

    def _note_failure(self, address: _Address, error: OSError) -> None:
        # The traceback refers to a frame that refers to this object: without it, both are freed with their last use.
        self.failures.append((address, error.with_traceback(None)))

    def _open(self, address: _Address) -> socket.socket:
        """Return a socket with its options set and its local address bound.

        Raises:
            OSError: the system refused.
        """
        sock = socket.socket(address.family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            sock.setblocking(False)  # noqa: FBT003 - the socket module's signature
            self._options.set_before_connecting(sock)
            self._bind(sock)
        except BaseException:
            sock.close()
            raise
        return sock

    def _bind(self, sock: socket.socket) -> None:
        """Bind to the local address, if one was given."""
        if self._local is None:
            return
        candidates = [local for local in self._local if local.family == sock.family]
        problem = _BindFailed(errno.EAFNOSUPPORT, "the local address has another address family")
        for local in candidates:
            if local.address[1] and os.name == "posix":
                # Otherwise TIME-WAIT blocks the port for minutes after this side closed a connection from it.
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind(local.address)
            except OSError as error:
                problem = _BindFailed(error.errno, f"local address {_bound(local)}: {reason_of(error)}")
            else:
                return
        raise problem


class _BindFailed(OSError):
    """A socket could not be bound; :func:`reason_of` uses its text, not that of its number."""


def _bound(local: _Address) -> str:
    """Return a local address for error texts."""
    host, port = local.address[:2]
    return (peer_name(host, port) if port else str(host)) or "any"


# -------------------------------------------------------------------------------------------- dial


async def dial(
    host: str,
    port: int,
    *,
    local_address: tuple[str, int] | None = None,
    options: SocketOptions | None = None,
    proxy: Proxy | None = None,
) -> socket.socket:
    """Connect to a peer.

    Has no time limit; use ``asyncio.timeout``.  Safe to cancel at any time: the socket is either returned or
    closed.  Await it directly: a task around it would keep a connected socket as its result if the awaiting
    task is cancelled.

    Args:
        host: a name or an address; the addresses of a name are tried in parallel (RFC 8305).
        port: the TCP port; 1 to 65535.
        local_address: the address and port to connect from; an empty address or port 0 lets the system choose.
        options: the socket options; optional.
        proxy: the proxy to use, except for hosts on its list of exceptions; optional.

    Returns:
        A connected, non-blocking socket.

    Raises:
        ConnectFailed: the connection could not be made; the text gives the reason for each address.
        ProxyFailed: the proxy cannot be reached, or did not connect to the peer.
        ConfigurationError: a port out of range, a missing package that the proxy needs, or a host that the proxy's
            protocol cannot express.
    """
    options = options or SocketOptions()
    if not 0 < port <= 0xFFFF:
        raise ConfigurationError(f"a port is a number from 1 to 65535, not {port}")
    if proxy is None or not proxy.covers(host, port):
        return await _connect(host, port, local_address, options)
    from snmptcp.net.proxy import tunnel  # noqa: PLC0415 - few connections have one

    proxy.check(host)
    try:
        sock = await _connect(proxy.host, proxy.port, local_address, options)
    except ConnectFailed as error:
        raise ProxyFailed(f"cannot connect to the proxy for {peer_name(host, port)}: {error.text}") from error
    try:
        await tunnel(sock, proxy, host, port)
    except BaseException:
        sock.close()
        raise
    return sock


async def _connect(
    host: str, port: int, local_address: tuple[str, int] | None, options: SocketOptions
) -> socket.socket:
    """Connect without a proxy; see :func:`dial`."""
    peer = peer_name(host, port)
    try:
        local = await _local_addresses(local_address, options.family)
    except (OSError, ValueError) as error:
        where = f"local address {local_address[0] if local_address else ''}"
        raise ConnectFailed(f"cannot connect to {peer}: {where}: {reason_of(error)}") from error
    try:
        addresses = _interleaved(await _resolve(host, port, options.family))
    except (OSError, ValueError) as error:
        raise ConnectFailed(f"cannot connect to {peer}: {reason_of(error)}") from error
    race = _Race(options, local)
    sock = await race.run(addresses)
    if sock is None:
        raise _all_failed(peer, race.failures)
    options.set_after_connecting(sock)
    return sock


def _all_failed(peer: str, failures: list[tuple[_Address, OSError]]) -> ConnectFailed:
    """Return the error with the reason for each address."""
    causes = [error for _, error in failures]
    reasons = [f"{address}: {reason_of(error)}" for address, error in failures]
    if len(failures) == 1:
        failed = ConnectFailed(f"cannot connect to {peer}: {reason_of(causes[0])}")
        failed.__cause__ = causes[0]
    else:
        failed = ConnectFailed(f"cannot connect to {peer}: {'; '.join(reasons)}")
        failed.__cause__ = ExceptionGroup(f"no address of {peer} can be reached", causes)
    return failed


def peer_name(host: str, port: int) -> str:
    """Return the address of a peer for error texts."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def reason_of(error: BaseException) -> str:
    """Return the reason of an error as the system's text, without number and address."""
    if not isinstance(error, OSError) or error.errno is None:
        return str(error) or type(error).__name__
    if isinstance(error, socket.gaierror | _BindFailed) or error.errno <= 0:
        return error.strerror or str(error)
    return os.strerror(error.errno)  # asyncio replaces the system's text ("Connect call failed")
