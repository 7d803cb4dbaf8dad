"""Making a TCP connection: addresses raced side by side (RFC 8305), and every socket with one owner.

What may live here: resolving, connecting, socket options, and the way through a proxy.
What may not: what is done with the connection.

Who owns a socket is the whole point of this room.  From its creation until it is connected it belongs to
its attempt; in the very step in which it is connected it passes to the race, or is closed because the race is
over; the race hands it to the caller of :func:`dial` without waiting for anything in between.  Whoever is
cancelled, or fails, closes what is his.
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

from snmptcp.errors import ConfigurationError, ConnectFailed, ProxyFailed
from snmptcp.net.proxy import tunnel

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from snmptcp.net.proxy import Proxy

__all__ = ("EYEBALLS_DELAY", "SocketOptions", "dial", "peer_name", "reason_of")

#: Seconds before the next address of a name is tried beside the last one (RFC 8305 section 5).
EYEBALLS_DELAY = 0.25

#: Linux takes no more for the idle time and the interval of keep-alive, in seconds, and for the count.
_MAX_KEEP_ALIVE = 32767
_MAX_KEEP_ALIVE_COUNT = 127

_MAX_INT = 2**31 - 1

_TCP_FAMILIES = (socket.AF_INET, socket.AF_INET6)

#: What ``bind`` and ``connect`` take.
_SocketAddress: TypeAlias = "tuple[Any, ...]"


# ---------------------------------------------------------------------------------------- options


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketOptions:
    """What is set on the socket of a connection.

    Times are in seconds, and rounded up to what the system counts in; options that a system does not have
    are left out.

    Args:
        no_delay: whether small messages leave at once (TCP_NODELAY).
        keep_alive: whether TCP asks a silent peer if it is still there (SO_KEEPALIVE).
        keep_alive_idle: silence before the first question; ``None`` for the system's default.
        keep_alive_interval: time between questions; ``None`` for the system's default.
        keep_alive_count: questions without an answer that end the connection; ``None`` for the system's default.
        linger: ``None`` lets the system send in the background what is left at closing; 0 discards it and resets
            the connection; more *blocks* closing for so long until the peer has taken it (SO_LINGER).
        receive_buffer: octets that the system keeps for us to read (SO_RCVBUF); ``None`` for its own choice.
        send_buffer: octets that the system keeps until the peer takes them (SO_SNDBUF); ``None`` for its own choice.
        family: ``AF_INET`` or ``AF_INET6`` to use one kind of addresses alone; ``AF_UNSPEC`` for both.
        user_timeout: how long data may stay unacknowledged before the connection is lost (TCP_USER_TIMEOUT,
            RFC 793 section 3.8); ``None`` for as long as keep-alive takes to find out; 0 for the system's default.

    Raises:
        ConfigurationError: a value that no system takes.
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
        if self.family not in (socket.AF_UNSPEC, *_TCP_FAMILIES):
            raise ConfigurationError(f"family is AF_INET, AF_INET6 or AF_UNSPEC, not {self.family!r}")

    @property
    def effective_user_timeout(self) -> float:
        """Seconds that data may stay unacknowledged; 0 where the system decides."""
        if self.user_timeout is not None:
            return self.user_timeout
        if not self.keep_alive:
            return 0.0
        idle, interval, count = self.keep_alive_idle, self.keep_alive_interval, self.keep_alive_count
        return 0.0 if idle is None or interval is None or count is None else idle + interval * count

    def set_before_connecting(self, sock: socket.socket) -> None:
        """Set what the handshake depends on (the receive buffer decides the window's scale), and most else."""
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
        """Set what would change how long the handshake itself may take."""
        if sock.family in _TCP_FAMILIES and (seconds := self.effective_user_timeout):
            with contextlib.suppress(OSError):  # reset already, which the first read tells better
                _set_tcp(sock, ("TCP_USER_TIMEOUT",), 1000 * seconds)


def _check(name: str, value: float | None, least: int, most: int, *, above: bool = False) -> None:
    """Refuse a number out of its range; ``above`` leaves the least itself out."""
    if value is not None and not (least < value <= most if above else least <= value <= most):
        raise ConfigurationError(
            f"{name} is {'more than' if above else 'at least'} {least} and at most {most}, not {value}"
        )


def _set_tcp(sock: socket.socket, names: Iterable[str], value: float | None) -> None:
    """Set the first of the options that this system has a number for."""
    if value is None:
        return
    number = next((found for name in names if (found := getattr(socket, name, None)) is not None), None)
    if number is not None:
        sock.setsockopt(socket.IPPROTO_TCP, number, math.ceil(value))


# ---------------------------------------------------------------------------------------- addresses


class _Address(NamedTuple):
    """One address of a name."""

    family: socket.AddressFamily
    address: _SocketAddress

    def __str__(self) -> str:
        return str(self.address[0])


async def _resolve(host: str, port: int, family: int) -> list[_Address]:
    """Return the addresses of a name, best first as the system sorts them (RFC 6724).

    Raises:
        OSError: ``socket.gaierror``.
        ValueError: no name can be like that.
    """
    wanted: dict[str, Any] = {"family": family, "type": socket.SOCK_STREAM, "proto": socket.IPPROTO_TCP}
    try:  # a literal address needs no resolver, and no thread to ask it in
        found = socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST, **wanted)
    except socket.gaierror:
        found = await asyncio.get_running_loop().getaddrinfo(host, port, **wanted)
    return list(dict.fromkeys(_Address(info[0], info[4]) for info in found))


def _interleaved(addresses: Sequence[_Address]) -> list[_Address]:
    """Let the families take turns, beginning with that of the best address (RFC 8305 section 4)."""
    first = [address for address in addresses if address.family == addresses[0].family]
    others = [address for address in addresses if address.family != addresses[0].family]
    pairs = zip_longest(first, others)
    return [address for address in chain.from_iterable(pairs) if address is not None]


async def _local_addresses(local_address: tuple[str, int] | None, family: int) -> list[_Address] | None:
    """Return where sockets are bound to; ``None`` leaves that to the system.

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
    """Attempts to reach one peer, of which the first that succeeds wins.

    Attributes:
        winner: the connected socket, from the moment of success until it is taken.
        failures: what became of the others.
    """

    def __init__(self, options: SocketOptions, local: list[_Address] | None) -> None:
        self.winner: socket.socket | None = None
        self.failures: list[tuple[_Address, OSError]] = []
        self._options = options
        self._local = local
        self._loop = asyncio.get_running_loop()

    async def run(self, addresses: Sequence[_Address]) -> socket.socket | None:
        """Connect to one of the addresses; ``None`` when all have failed.  Safe to cancel."""
        if len(addresses) == 1:
            await self._attempt(addresses[0])
            return self.winner
        try:
            async with asyncio.TaskGroup() as group:  # no attempt outlives it, whatever happens
                await self._stagger(addresses, group)
        except BaseException:
            if self.winner is not None:
                self.winner.close()
            raise
        return self.winner

    async def _stagger(self, addresses: Sequence[_Address], group: asyncio.TaskGroup) -> None:
        """Begin an attempt whenever the delay has passed or another has failed, until one succeeds."""
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
        """Connect to one address; success makes it the winner, unless there is one."""
        try:
            sock = self._open(address)
        except OSError as error:
            self.failures.append((address, error))
            return
        try:
            await self._loop.sock_connect(sock, address.address)
        except OSError as error:
            sock.close()
            self.failures.append((address, error))
            return
        except BaseException:
            sock.close()
            raise
        # Nothing is awaited from here to the end: the socket has a new owner before anybody can interfere.
        if self.winner is None:
            self.winner = sock
        else:
            sock.close()

    def _open(self, address: _Address) -> socket.socket:
        """Return a socket that is ready to connect.

        Raises:
            OSError: with what the system says.
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
        """Bind to the local address, if there is to be one."""
        if self._local is None:
            return
        candidates = [local for local in self._local if local.family == sock.family]
        problem = _BindFailed(errno.EAFNOSUPPORT, "the local address is of another family")
        for local in candidates:
            if local.address[1] and os.name == "posix":
                # The port of a connection that this side has closed stays taken for minutes otherwise.
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                sock.bind(local.address)
            except OSError as error:
                problem = _BindFailed(error.errno, f"local address {_bound(local)}: {reason_of(error)}")
            else:
                return
        raise problem


class _BindFailed(OSError):
    """A socket could not be bound; unlike the system's own, its text is the reason whatever the number says."""


def _bound(local: _Address) -> str:
    """Return a local address for messages."""
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

    There is no limit of time in here: the caller has one.  Safe to cancel, at any moment: the socket is either
    returned or closed.  (Await it directly, under ``asyncio.timeout`` for instance; a task in between has a
    result that somebody must take.)

    Args:
        host: name or address; the addresses of a name are tried side by side (RFC 8305).
        port: the TCP port.
        local_address: address and port to connect from; an empty address or port 0 leaves that to the system.
        options: what is set on the socket; ``None`` for the defaults.
        proxy: the way through; it is not used for hosts that its exceptions name.

    Returns:
        A connected, non-blocking socket.

    Raises:
        ConnectFailed: with the true reason; with several, where several addresses have failed.
        ProxyFailed: the proxy cannot be reached, or does not connect to the peer.
        ConfigurationError: no such port; or what the proxy needs is not installed, or it cannot name the host.
    """
    options = options or SocketOptions()
    if not 0 < port <= 0xFFFF:
        raise ConfigurationError(f"a port is 1 to 65535, not {port}")
    if proxy is None or not proxy.covers(host, port):
        return await _connect(host, port, local_address, options)
    proxy.check(host)
    try:
        sock = await _connect(proxy.host, proxy.port, local_address, options)
    except ConnectFailed as error:
        raise ProxyFailed(f"cannot connect to the proxy for {peer_name(host, port)}: {error}") from error
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
    """Return the failure that tells what became of every address."""
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
    """Return a peer's address for messages."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def reason_of(error: BaseException) -> str:
    """Return what went wrong in the system's words, without its numbers and without the address once more."""
    if not isinstance(error, OSError) or error.errno is None:
        return str(error) or type(error).__name__
    if isinstance(error, socket.gaierror | _BindFailed) or error.errno <= 0:
        return error.strerror or str(error)
    return os.strerror(error.errno)  # asyncio puts words of its own in their place ("Connect call failed")
