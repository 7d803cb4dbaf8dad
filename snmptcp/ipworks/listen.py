"""The port on which an active object listens.

Contains: accepting connections, and which of them are taken.  Does not contain: what messages say, the limits, which
are a listener's defaults (:mod:`snmptcp.listener.admission`).
"""

from __future__ import annotations

import asyncio
import errno
from typing import TYPE_CHECKING, Any

from snmptcp.errors import TransportError
from snmptcp.ipworks.fields import address_of
from snmptcp.ipworks.options.network import make_socket_options, message_limit
from snmptcp.listener import ListenerStatistics
from snmptcp.listener.admission import Admission
from snmptcp.net.server import Server
from snmptcp.protocol.tolerance import DEFAULT_MAX_UNREADABLE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from snmptcp.errors import TlsFailed
    from snmptcp.ipworks.emit import Emitter
    from snmptcp.ipworks.fields import Address
    from snmptcp.ipworks.options.tls import TlsProfile
    from snmptcp.ipworks.receive import Reception
    from snmptcp.net.accepted import ServerConnection

__all__ = ("Listening",)

#: How many octets of messages may wait for their handlers until nothing more is read.  As events they take up to 25
#: times as much memory.
MAX_WAITING_OCTETS = 1024 * 1024

_ANY_ADDRESS = ("0.0.0.0", "::", "")  # noqa: S104 - by UseIPv6, if local_host is empty


class Listening:
    """A listening port and its connections.

    Args:
        values: the properties and settings.
        profile: the TLS side of the object.
        emitter: queues the events, and asks the handlers.
        reception: receives the messages.

    Raises:
        IPWorksSNMPError, ConfigurationError: TLS is enabled without a certificate, or a setting is not possible.
    """

    def __init__(self, values: Mapping[str, Any], profile: TlsProfile, emitter: Emitter, reception: Reception) -> None:
        self._values = values
        self._profile = profile
        self._emitter = emitter
        self._reception = reception
        self._tls = profile.server() if values["ssl_enabled"] else None
        self._admission = Admission(ListenerStatistics(), max_message_size=message_limit(values), runs_at_times=True)
        self._server: Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None  # while it listens
        self._refused: set[ServerConnection] = set()
        self._pending: set[ServerConnection] = set()  # a handler decides on their certificates
        self._waiting_octets = 0  # of messages whose handlers have not run
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> Address:
        """The address; the host is empty if it is any address of the machine."""
        if self._server is None:
            return "", 0
        host = self._server.host
        return "" if host in _ANY_ADDRESS else host, self._server.port

    async def start(self) -> None:
        """Listen on ``local_host`` and ``local_port``; without ``ForceLocalPort`` on another port if it is in use.

        Raises:
            TransportError: it cannot listen there.
        """
        host = self._values["local_host"] or _ANY_ADDRESS[self._values["UseIPv6"]]
        try:
            self._server = await self._started(host, self._values["local_port"])
        except TransportError as error:
            cause = error.__cause__
            in_use = isinstance(cause, OSError) and cause.errno == errno.EADDRINUSE
            if not in_use or self._values["ForceLocalPort"]:
                raise
            self._server = await self._started(host, 0)
        self._loop = asyncio.get_running_loop()
        self._admission.start()

    async def _started(self, host: str, port: int) -> Server:
        server = Server(
            self._on_message,
            host,
            port,
            on_connect=self._on_connect,
            on_close=self._on_close,
            max_message_size=message_limit(self._values),
            limits=self._admission.limits,
            needs_proof=True,
            max_unreadable=DEFAULT_MAX_UNREADABLE,
            tls=self._tls,
            on_handshake_failure=self._on_handshake_failure,
            socket_options=make_socket_options(self._values),
        )
        await server.start()
        return server

    async def aclose(self) -> None:
        """Stop listening, and close all connections."""
        self._loop = None
        self._admission.stop()
        for task in self._tasks:
            task.cancel()
        if self._server is not None:
            await self._server.aclose()

    def hold(self, *, held: bool) -> None:
        """Stop reading on all connections, or read again."""
        for connection in () if self._server is None else self._server.connections:
            if held:
                connection.pause()
            elif self._loop is not None:  # handlers call this outside of the loop, in which messages are received
                self._loop.call_soon(self._read_again, connection)

    def _may_read(self, connection: ServerConnection) -> bool:
        return (
            self._values["accept_data"]
            and connection not in self._pending
            and self._waiting_octets < MAX_WAITING_OCTETS
        )

    def _read_again(self, connection: ServerConnection) -> None:
        if connection.is_held and self._may_read(connection):
            connection.resume()

    def _count_waiting(self, message: bytes) -> None:
        """Read nothing more if too many messages wait for their handlers."""
        if not self._waiting_octets:
            self._emitter.when_delivered(self._delivered)
        self._waiting_octets += len(message)
        if self._waiting_octets >= MAX_WAITING_OCTETS:
            self.hold(held=True)

    def _delivered(self) -> None:
        """Read again: the handlers of every message have run."""
        full = self._waiting_octets >= MAX_WAITING_OCTETS
        self._waiting_octets = 0
        if full:
            self.hold(held=False)

    def _on_message(self, connection: ServerConnection, message: bytes) -> None:
        self._count_waiting(message)
        reason = self._reception.arrived(message, address_of(connection.peer), connection.send)
        if reason is None:
            connection.accepted()
        else:
            connection.refused(len(message), reason)

    def _on_connect(self, connection: ServerConnection) -> None:
        self._admission.add(connection)
        peer = address_of(connection.peer)
        session = connection.tls
        objection = "" if session is None else self._profile.objection(session)
        if objection:
            self._refuse(connection, peer, objection)
        elif session is not None and self._values["ssl_authenticate_clients"]:
            self._pending.add(connection)
            connection.pause()
            task = asyncio.get_running_loop().create_task(self._approve(connection, peer, session.peer_certificate))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            self._opened(connection, peer)

    def _opened(self, connection: ServerConnection, peer: Address) -> None:
        if not self._may_read(connection):
            connection.pause()
        self._emitter.opened(peer, connection.tls, proxied=False)

    async def _approve(self, connection: ServerConnection, peer: Address, certificate: bytes | None) -> None:
        """Have a handler decide on a client."""
        accepted = await self._emitter.ask_client(peer, certificate)
        self._pending.discard(connection)
        if accepted:
            self._opened(connection, peer)
            self._read_again(connection)
        else:
            self._refuse(connection, peer, "the client's certificate was not accepted")

    def _refuse(self, connection: ServerConnection, peer: Address, why: str) -> None:
        """Close a connection before ``on_connected`` has told of it."""
        self._refused.add(connection)
        self._emitter.ssl_status(why, peer)
        connection.close()

    def _on_close(self, connection: ServerConnection, reason: Exception | None) -> None:
        self._admission.remove(connection)
        self._pending.discard(connection)
        if connection in self._refused:
            self._refused.discard(connection)
        else:
            self._emitter.closed(address_of(connection.peer), reason)

    def _on_handshake_failure(self, peer: str, failed: TlsFailed) -> None:
        host, _, port = peer.rpartition(":")
        address = (host.strip("[]"), int(port) if port.isdecimal() else 0)
        self._emitter.ssl_status(str(failed), address)
        if self._values["ssl_authenticate_clients"]:
            self._emitter.client_refused(address, failed.failure)
