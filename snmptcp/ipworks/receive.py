"""What peers send of themselves: traps, informs and discovery requests, on connections that they or we have made.

What may live here: who may notify, and from what arrives to events and back to answers.  What may not: protocol.
"""

from __future__ import annotations

import asyncio
import errno
import secrets
import time
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from snmptcp.codec.message import read_community, read_v3_header, read_version
from snmptcp.codec.pdu import TrapV1Pdu
from snmptcp.credentials import Community, SecurityLevel, SnmpVersion, UsmUser
from snmptcp.errors import DecodeError, SecurityError, TransportError
from snmptcp.ipworks.agent import LEVELS, address_of
from snmptcp.ipworks.errors import translate
from snmptcp.ipworks.options.network import make_socket_options
from snmptcp.ipworks.options.tls import allows_suite, certificate_facts, pem_of
from snmptcp.ipworks.tables.events import EVENT_CLASSES
from snmptcp.net.server import Server
from snmptcp.protocol.notification import SNMP_TRAPS, Source
from snmptcp.protocol.receiver import Incoming, Receiver, Reply
from snmptcp.security.authority import random_engine_id
from snmptcp.security.usm_message import SECURITY_MODEL, level_of, read_usm_parameters

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from snmptcp.codec.message import V3Header
    from snmptcp.errors import TlsFailed
    from snmptcp.ipworks.methods import Core
    from snmptcp.net.server import ServerConnection
    from snmptcp.net.tls.session import ServerTls
    from snmptcp.protocol.notification import Notification
    from snmptcp.security.usm_message import UsmParameters

__all__ = ("Listening", "Reception")

#: How many communities' receivers are kept.
_MAX_COMMUNITIES = 32

#: A sender that has no time of ours yet learns it by this report (RFC 3414 section 4, second step).
_TIME_REPORT = "usmStatsNotInTimeWindows"


class Reception:
    """Takes what answers no request of ours, whoever made the connection.

    Args:
        core: who wants to know.
    """

    def __init__(self, core: Core) -> None:
        self._core = core
        self._own_engine_id = random_engine_id()
        self._communities: OrderedDict[tuple[int, bytes], Receiver] = OrderedDict()
        self._usm: Receiver | None = None
        self._usm_key: tuple[object, ...] = ()
        self._user: UsmUser | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def prepare(self, user: UsmUser | None) -> None:
        """Take notifications of a user of SNMPv3 from now on; of nobody where there is none."""
        key = (user, self._core.values["local_engine_id"], self._core.settings["MsgMaxSize"])
        if self._usm is not None and key == self._usm_key:
            return
        self._communities.clear()
        self._usm_key = key
        self._user = user
        # Who asks who we are is told, even where nobody may notify.
        self._usm = self._receiver(UsmUser(secrets.token_bytes(32)) if user is None else user)

    def _receiver(self, credentials: Community | UsmUser) -> Receiver:
        receiver = Receiver(
            (credentials,),
            engine_id=self._core.values["local_engine_id"] or self._own_engine_id,
            boots=0,
            max_message_size=self._core.settings["MsgMaxSize"],
        )
        # The documented clock: engine boots 0, and the seconds since 1970 for the engine time.
        receiver.start(time.monotonic() - time.time())
        return receiver

    def receive(self, message: bytes, source: tuple[str, int], send: Callable[[bytes], None]) -> None:
        """Take a message.

        Args:
            message: whole.
            source: where it came from.
            send: sends octets back on its connection.
        """

        def answer(octets: bytes) -> None:
            self._core.tell.trace(octets, 2, source, self._user)
            send(octets)

        try:
            version, offset, end = read_version(message)
            if version == SnmpVersion.V3:
                self._receive_v3(message, read_v3_header(message, offset, end), source, answer)
            else:
                name, _ = read_community(message, offset, end)
                self._take(self._community_receiver(version, name), message, source, answer)
        except DecodeError as error:
            self._core.tell.bad_packet(message, error, source)

    def _community_receiver(self, version: int, name: bytes) -> Receiver:
        """Return the receiver of a community: everybody may notify, and the handler is told as whom."""
        if version not in (SnmpVersion.V1, SnmpVersion.V2C):
            raise DecodeError(f"no SNMP version has number {version}")
        receiver = self._communities.get((version, name))
        if receiver is None:
            receiver = self._communities[version, name] = self._receiver(Community(name, SnmpVersion(version)))
            if len(self._communities) > _MAX_COMMUNITIES:
                self._communities.popitem(last=False)
        return receiver

    def _receive_v3(
        self, message: bytes, header: V3Header, source: tuple[str, int], answer: Callable[[bytes], None]
    ) -> None:
        if header.security_model != SECURITY_MODEL or self._usm is None:
            raise DecodeError(f"a message of security model {header.security_model}")
        parameters = read_usm_parameters(message, header.security_start, header.security_stop)
        if parameters.engine_id:
            self._take(self._usm, message, source, answer)
            return
        outcome = self._usm.receive(message, asyncio.get_running_loop().time(), source=Source(*source))
        if isinstance(outcome, Reply):
            self._spawn(self._discovered(header, parameters, source, outcome.octets, answer))

    async def _discovered(
        self,
        header: V3Header,
        parameters: UsmParameters,
        source: tuple[str, int],
        octets: bytes,
        answer: Callable[[bytes], None],
    ) -> None:
        """Tell of a discovery request, and answer it if the handler does not mind."""
        params: Any = EVENT_CLASSES["on_discovery_request"](
            engine_id=parameters.engine_id,
            engine_boots=parameters.boots,
            engine_time=parameters.time,
            user=_text(parameters.user),
            security_level=LEVELS[level_of(header.msg_flags) or SecurityLevel.noAuthNoPriv],
            source_address=source[0],
            source_port=source[1],
            respond=True,
        )
        await self._core.pump.ask(params)
        if params.respond:
            answer(octets)

    def _take(
        self, receiver: Receiver, message: bytes, source: tuple[str, int], answer: Callable[[bytes], None]
    ) -> None:
        outcome = receiver.receive(message, asyncio.get_running_loop().time(), source=Source(*source))
        if isinstance(outcome, Incoming):
            if outcome.acknowledge is None:
                self._tell_trap(outcome.notification)
            else:
                self._spawn(self._inform(outcome.notification, outcome.acknowledge, answer))
        elif not isinstance(outcome, Reply):
            self._core.tell.bad_packet(message, SecurityError(outcome.reason), source)
        elif _TIME_REPORT in outcome.reason or not outcome.reason:
            answer(outcome.octets)
        else:
            self._spawn(self._refused(message, outcome, source, answer))

    async def _refused(
        self, message: bytes, reply: Reply, source: tuple[str, int], answer: Callable[[bytes], None]
    ) -> None:
        """Tell of a packet that is not accepted, and report that if the handler wants it."""
        params = self._core.tell.bad_packet_event(message, SecurityError(reply.reason), source)
        await self._core.pump.ask(params)
        if params.report:
            answer(reply.octets)

    def _tell_trap(self, notification: Notification) -> None:
        pdu = notification.pdu
        trap_oid = str(notification.trap_oid)
        if isinstance(pdu, TrapV1Pdu):
            trap_oid = (
                f"{pdu.enterprise}.{pdu.generic_trap + 1}"
                if pdu.enterprise == SNMP_TRAPS
                else f"{pdu.enterprise}.{pdu.generic_trap}.{pdu.specific_trap}"
            )
        params = EVENT_CLASSES["on_trap"](
            **_fields(notification),
            request_id=0 if isinstance(pdu, TrapV1Pdu) else pdu.request_id,
            trap_oid=trap_oid,
            time_stamp=int(notification.uptime),
            agent_address=notification.agent or "",
        )
        self._core.pump.post(params, lambda: self._core.arrays.fill(pdu.varbinds))

    async def _inform(
        self,
        notification: Notification,
        acknowledge: Callable[[int, int, float], bytes],
        answer: Callable[[bytes], None],
    ) -> None:
        """Tell of an inform, and acknowledge it as the handler says."""
        pdu = notification.pdu
        params: Any = EVENT_CLASSES["on_inform_request"](
            **_fields(notification), request_id=getattr(pdu, "request_id", 0), respond=True
        )
        await self._core.pump.ask(params, lambda: self._core.arrays.fill(pdu.varbinds))
        if params.respond:
            now = asyncio.get_running_loop().time()
            answer(acknowledge(params.error_status, params.error_index, now))

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _fields(notification: Notification) -> dict[str, Any]:
    source = notification.source or Source("", 0)
    version = notification.version
    return {
        "snmp_version": 3 if version is SnmpVersion.V3 else int(version) + 1,
        "community": _text(notification.community or b""),
        "user": _text(notification.security_name or b""),
        "security_level": LEVELS[notification.security_level],
        "source_address": source.host,
        "source_port": source.port,
    }


def _text(octets: bytes) -> str:
    return octets.decode("utf-8", "surrogateescape")


class Listening:
    """The port on which an active object listens.

    Args:
        core: who wants to know.
        reception: takes the messages.
        tls: what to speak TLS with; ``None`` for plain TCP.
    """

    def __init__(self, core: Core, reception: Reception, tls: ServerTls | None) -> None:
        self._core = core
        self._reception = reception
        self._tls = tls
        self._server: Server | None = None
        self._refused: set[ServerConnection] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return ("", 0) if self._server is None else (self._server.host, self._server.port)

    @property
    def connections(self) -> tuple[ServerConnection, ...]:
        """The connections that peers have made."""
        return () if self._server is None else self._server.connections

    async def start(self, host: str, port: int, *, any_port: bool) -> None:
        """Listen.

        Args:
            host: the address; empty for every one of the machine.
            port: the port.
            any_port: whether another port will do if this one is busy.

        Raises:
            TransportError: it cannot be listened on.
        """
        try:
            self._server = await self._started(host, port)
        except TransportError as error:
            cause = error.__cause__
            if not any_port or not (isinstance(cause, OSError) and cause.errno == errno.EADDRINUSE):
                raise
            self._server = await self._started(host, 0)

    async def _started(self, host: str, port: int) -> Server:
        server = Server(
            self._on_message,
            host,
            port,
            on_connect=self._on_connect,
            on_close=self._on_close,
            max_message_size=self._core.settings["MsgMaxSize"],
            tls=self._tls,
            on_handshake_failure=self._on_handshake_failure,
            socket_options=make_socket_options(self._core.settings),
        )
        await server.start()
        return server

    async def aclose(self) -> None:
        """Stop listening and close all connections."""
        for task in self._tasks:
            task.cancel()
        if self._server is not None:
            await self._server.aclose()

    def hold(self, *, held: bool) -> None:
        """Stop reading, or go on."""
        for connection in self.connections:
            if held:
                connection.pause()
            else:
                connection.resume()

    def _on_message(self, connection: ServerConnection, message: bytes) -> None:
        source = address_of(connection.peer)
        self._core.heard(source)
        self._core.tell.trace(message, 1, source, self._core.receiving_user)
        self._reception.receive(message, source, connection.send)

    def _on_connect(self, connection: ServerConnection) -> None:
        peer = address_of(connection.peer)
        session = connection.tls
        if session is not None and not allows_suite(self._core.settings, session.cipher, session.bits):
            self._refuse(connection, peer, f"{session.cipher} is not enabled")
        elif self._core.values["ssl_authenticate_clients"] and connection.tls is not None:
            connection.pause()
            task = asyncio.get_running_loop().create_task(self._approve(connection, peer))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        else:
            self._opened(connection, peer)

    def _opened(self, connection: ServerConnection, peer: tuple[str, int]) -> None:
        if not self._core.values["accept_data"]:
            connection.pause()
        self._core.tell.opened(peer, connection.tls, proxied=False)

    async def _approve(self, connection: ServerConnection, peer: tuple[str, int]) -> None:
        """Let a handler decide on a client's certificate, which OpenSSL has found good, or on there being none."""
        shown = None if connection.tls is None else connection.tls.peer_certificate
        params: Any = EVENT_CLASSES["on_ssl_client_authentication"](
            remote_address=peer[0],
            remote_port=peer[1],
            cert_encoded=pem_of(shown),
            **certificate_facts(shown),
            status="OK" if shown else "the client has no certificate",
            accept=shown is not None,
        )
        await self._core.pump.ask(params)
        if params.accept:
            self._opened(connection, peer)
            if self._core.values["accept_data"]:
                connection.resume()
        else:
            self._refuse(connection, peer, "the client's certificate was not accepted")

    def _refuse(self, connection: ServerConnection, peer: tuple[str, int], why: str) -> None:
        """Close a connection that was never told to be one."""
        self._refused.add(connection)
        self._core.tell.ssl_status(why, peer)
        connection.close()

    def _on_close(self, connection: ServerConnection, reason: Exception | None) -> None:
        if connection in self._refused:
            self._refused.discard(connection)
            return
        code, text = (0, "OK") if reason is None else (translate(reason).code, translate(reason).message)
        self._core.tell.closed(address_of(connection.peer), code, text)

    def _on_handshake_failure(self, peer: str, failed: TlsFailed) -> None:
        """Tell of a client that OpenSSL has turned away; nobody is asked, for its certificate is not to be had."""
        host, _, port = peer.rpartition(":")
        address = (host.strip("[]"), int(port) if port.isdecimal() else 0)
        self._core.tell.ssl_status(str(failed), address)
        if self._core.values["ssl_authenticate_clients"]:
            fields = {"remote_address": address[0], "remote_port": address[1], "status": failed.failure.value}
            self._core.pump.post(EVENT_CLASSES["on_ssl_client_authentication"](**fields))
