"""The events: facts in, queued events out.

Contains: one method for each fact, which queues the documented events for it.
Does not contain: when something happens, and when handlers run (:mod:`snmptcp.ipworks.pump`).

A method named ``ask_...`` waits until the handler has returned, and returns what the handler decided.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, NamedTuple

from snmptcp.credentials import UsmUser
from snmptcp.errors import TlsFailed
from snmptcp.ipworks.advice import advised
from snmptcp.ipworks.errors import status_text, translate
from snmptcp.ipworks.fields import (
    address_of,
    credential_fields,
    notification_fields,
    peer_fields,
    source_fields,
    status_fields,
    trap_fields,
)
from snmptcp.ipworks.options.certificates import certificate_facts, pem_of
from snmptcp.ipworks.options.users import decrypted
from snmptcp.ipworks.tables.events import EVENT_CLASSES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from snmptcp.errors import ConnectFailed, SnmpError, TlsFailure
    from snmptcp.ipworks.fields import Address
    from snmptcp.ipworks.objects import ObjectArrays
    from snmptcp.ipworks.pump import Pump
    from snmptcp.manager import Response
    from snmptcp.net.tls.session import TlsSession
    from snmptcp.protocol.notification import Notification
    from snmptcp.values import VarBind

__all__ = ("Emitter", "InformDecision")

_INCOMING, _OUTGOING = 1, 2

_RESPONSE_EVENT = EVENT_CLASSES["on_response"]


class InformDecision(NamedTuple):
    """What the handler of an inform decided.

    Attributes:
        respond: whether the inform is acknowledged.
        error_status, error_index: what the acknowledgement says.
    """

    respond: bool
    error_status: int
    error_index: int


class Emitter:
    """Queues the events of one object.

    Args:
        pump: the queue.
        arrays: filled with a packet's objects right before its handler runs.
        values: the settings.

    Attributes:
        status: error-status and error-index of the last response that was delivered.
        source: where the last packet came from.
    """

    def __init__(self, pump: Pump, arrays: ObjectArrays, values: Mapping[str, Any]) -> None:
        self._pump = pump
        self._arrays = arrays
        self._values = values
        self.status = (0, 0)
        self.source: Address = ("", 0)

    def _post(self, name: str, before: Callable[[], None] | None = None, **fields: object) -> None:
        self._pump.post(name, lambda: self._fire(name, lambda: fields, before))

    async def _ask(self, name: str, before: Callable[[], None] | None = None, **fields: object) -> Any:
        params = EVENT_CLASSES[name](**fields)

        def act() -> None:
            if before is not None:
                before()
            handler = self._pump.handler(name)
            if handler is not None:
                handler(params)

        await self._pump.ask(name, act)
        return params

    def _fire(
        self, name: str, fields: Callable[[], Mapping[str, object]], before: Callable[[], None] | None = None
    ) -> None:
        """Deliver an event.

        Args:
            name: the event's name.
            fields: returns the attributes of the handler's argument; not called if there is no handler.
            before: called right before the handler, and also if there is none.
        """
        if before is not None:
            before()
        handler = self._pump.handler(name)
        if handler is not None:
            handler(EVENT_CLASSES[name](**fields()))

    def _filling(self, varbinds: Iterable[VarBind]) -> Callable[[], None]:
        """Return the function that puts a packet's objects into the arrays."""
        return lambda: self._arrays.fill(varbinds)

    # ------------------------------------------------------------------------------------ packets

    def received(self, packet: bytes, source: Address, credentials: object) -> None:
        """A packet has arrived; ``credentials`` decrypt it for ``DecryptLogPackets``."""
        self.source = source
        if self._pump.wants("on_packet_trace"):
            self._trace(packet, _INCOMING, source, credentials)

    def sent(self, packet: bytes, destination: Address, credentials: object) -> None:
        """A packet leaves."""
        if self._pump.wants("on_packet_trace"):
            self._trace(packet, _OUTGOING, destination, credentials)

    def _trace(self, packet: bytes, direction: int, address: Address, credentials: object) -> None:
        if self._values["DecryptLogPackets"] and isinstance(credentials, UsmUser):
            packet = decrypted(packet, credentials)
        self._post(
            "on_packet_trace",
            packet=packet,
            direction=direction,
            packet_address=address[0],
            packet_port=address[1],
        )

    def bad_packet(self, packet: bytes, error: SnmpError, source: Address) -> None:
        """A packet was dropped."""
        self._post("on_bad_packet", **_bad_packet_fields(packet, error, source))

    async def ask_bad_packet(self, packet: bytes, error: SnmpError, source: Address) -> bool:
        """A packet was dropped that can be answered with a report: return whether to send it."""
        params = await self._ask("on_bad_packet", **_bad_packet_fields(packet, error, source))
        return bool(params.report)

    # ------------------------------------------------------------------------------------ answers

    def response(self, response: Response, source: Address, credentials: object) -> None:
        """A response has arrived."""
        self._pump.post("on_response", lambda: self._respond(response, source, credentials))

    def responding(self, response: Response, source: Address, credentials: object) -> Callable[[], None]:
        """Return what delivers a response at once; it is called where handlers are called."""
        return functools.partial(self._respond, response, source, credentials)

    async def ask_response(self, response: Response, source: Address, credentials: object) -> None:
        """As :meth:`response`, and wait until the handler has returned."""
        await self._pump.ask("on_response", lambda: self._respond(response, source, credentials))

    async def ask_objects(self, objects: Iterator[tuple[VarBind, int]], source: Address, credentials: object) -> None:
        """Objects of a walk have arrived: each is told as if it were a response of its own, until one interrupts.

        Args:
            objects: each object with the request-id of its answer; one is taken right before its handler runs.
            source: the agent.
            credentials: those of the requests.
        """

        def act() -> None:
            sender = {**credential_fields(credentials), **source_fields(source)}
            for varbind, request_id in objects:
                self.status = (0, 0)
                self._arrays.fill((varbind,))
                handler = self._pump.handler("on_response")
                if handler is not None:
                    handler(_RESPONSE_EVENT(**sender, request_id=request_id))
                if self._pump.interrupted:
                    return

        await self._pump.ask("on_response", act)

    def _respond(self, response: Response, source: Address, credentials: object) -> None:
        """Put a response's objects into the arrays, and call the handler."""
        self.status = (response.error_status, response.error_index)
        self._arrays.fill(response.varbinds)
        handler = self._pump.handler("on_response")
        if handler is not None:
            handler(_RESPONSE_EVENT(**_response_fields(response, source, credentials)))

    def clear_status(self) -> None:
        """A walk begins: no response of it has arrived yet."""
        self.status = (0, 0)

    def report(self, varbinds: Iterable[VarBind], source: Address, **fields: Any) -> None:
        """A report has arrived that answers a request."""
        fields |= source_fields(source)
        self._post("on_report", self._filling(varbinds), snmp_version=3, **fields)

    def discovered(self, engine: tuple[bytes, int, int], source: Address, **fields: Any) -> None:
        """An agent has told its engine ID, boots and time."""
        self._post("on_discovery_response", **_engine_fields(engine), **source_fields(source), **fields)

    # -------------------------------------------------------------------------------- notifications

    def trap(self, notification: Notification) -> None:
        """A trap has arrived."""
        fields = notification_fields(notification) | trap_fields(notification)
        self._post("on_trap", self._filling(notification.pdu.varbinds), **fields)

    async def ask_inform(self, notification: Notification) -> InformDecision:
        """An inform has arrived: return how to answer it."""
        pdu = notification.pdu
        fields = {"request_id": getattr(pdu, "request_id", 0), "respond": True} | notification_fields(notification)
        params = await self._ask("on_inform_request", self._filling(pdu.varbinds), **fields)
        return InformDecision(params.respond, params.error_status, params.error_index)

    async def ask_discovery_request(self, engine: tuple[bytes, int, int], source: Address, **fields: Any) -> bool:
        """A peer asks for our engine ID: return whether to answer."""
        fields |= _engine_fields(engine) | source_fields(source)
        params = await self._ask("on_discovery_request", respond=True, **fields)
        return bool(params.respond)

    # -------------------------------------------------------------------------------- connections

    def opened(self, peer: Address, session: TlsSession | None, *, proxied: bool) -> None:
        """A connection is ready for use; ``proxied`` if it goes through a firewall."""
        if proxied:
            self._changed("Firewall connection complete.", peer)
        self._changed("Remote host connection complete.", peer)
        if session is not None:
            self._changed("SSL or S/Shell handshake complete (where applicable).", peer)
            self.ssl_status(f"{session.version}, {session.cipher}, {session.bits} bits", peer)
        self._post("on_connected", **status_fields(peer))
        self.ready_to_send()

    def closed(self, peer: Address, reason: Exception | None) -> None:
        """A connection has ended: ``reason`` is ``None`` if it ended as it should."""
        code, text = _code_and_text(reason)
        self._changed("Remote host disconnected.", peer, code, text)
        self._post("on_disconnected", **status_fields(peer, code, text))

    def connect_failed(self, peer: Address, error: ConnectFailed) -> None:
        """A connection could not be made."""
        told = advised(error, self._values)
        if isinstance(error, TlsFailed):
            self.ssl_status(told.message, peer)
        self._post("on_connected", **status_fields(peer, told.code, told.message))

    def ready_to_send(self) -> None:
        """A connection takes data: for the first time, or again."""
        self._post("on_ready_to_send")

    def ssl_status(self, message: str, peer: Address) -> None:
        """A TLS handshake has ended."""
        self._post("on_ssl_status", message=message, **peer_fields(peer))

    def tls_record(self, text: str, peer: object) -> None:
        """A TLS record was sent or received; ``peer`` is the socket's name of the other end."""
        self.ssl_status(text, address_of(peer))

    def _changed(self, what: str, peer: Address, code: int = 0, text: str = "OK") -> None:
        self._post("on_connection_status", connection_event=what, **status_fields(peer, code, text))

    # ------------------------------------------------------------------------------- certificates

    async def ask_server(
        self, peer: Address, certificate: bytes | None, shown: Iterable[bytes | None], fault: str
    ) -> bool:
        """A server has shown its certificate: return whether to accept it.

        Args:
            peer: the server.
            certificate: its certificate (DER).
            shown: the certificates to pass to the handler.
            fault: why it would not be accepted; empty if it would.
        """
        params = await self._ask(
            "on_ssl_server_authentication",
            **peer_fields(peer),
            cert_encoded=pem_of(*shown),
            **certificate_facts(certificate),
            status=fault or "OK",
            accept=not fault,
        )
        return bool(params.accept)

    async def ask_client(self, peer: Address, certificate: bytes | None) -> bool:
        """A client has shown its certificate, which OpenSSL has verified, or has none: return whether to accept it."""
        params = await self._ask(
            "on_ssl_client_authentication",
            **peer_fields(peer),
            cert_encoded=pem_of(certificate),
            **certificate_facts(certificate),
            status="OK" if certificate else "the client has no certificate",
            accept=certificate is not None,
        )
        return bool(params.accept)

    def client_refused(self, peer: Address, failure: TlsFailure) -> None:
        """OpenSSL has refused a client; its certificate is not available."""
        self._post("on_ssl_client_authentication", **peer_fields(peer), status=failure.value)

    # -------------------------------------------------------------------------------- other events

    def when_delivered(self, action: Callable[[], None]) -> None:
        """Call a function when the handlers of every event so far have returned."""
        self._pump.post("", action)

    def failed(self, cause: BaseException) -> None:
        """Something has failed in the background, where no method can raise."""
        error = advised(cause, self._values)
        self._post("on_error", error_code=error.code, description=error.message)

    def hash_password(self, password: str, algorithm: int, known: str) -> str:
        """A password is about to be hashed, or has been: return the hash that the handler leaves.

        The handler runs at once, because passwords are hashed outside the event loop.

        Args:
            password: the password.
            algorithm: the number of its authentication protocol.
            known: its hash in hexadecimal; empty before it is hashed.
        """
        params: Any = EVENT_CLASSES["on_hash_password"](password=password, auth_algorithm=algorithm, hash=known)
        handler = self._pump.handler("on_hash_password")
        if handler is not None:
            handler(params)
        return str(params.hash)


def _code_and_text(error: Exception | None) -> tuple[int, str]:
    if error is None:
        return 0, "OK"
    told = translate(error)
    return told.code, told.message


def _bad_packet_fields(packet: bytes, error: SnmpError, source: Address) -> dict[str, Any]:
    code, text = _code_and_text(error)
    return {"packet": packet, "error_code": code, "error_description": text, **source_fields(source)}


def _engine_fields(engine: tuple[bytes, int, int]) -> dict[str, Any]:
    engine_id, boots, seconds = engine
    return {"engine_id": engine_id, "engine_boots": boots, "engine_time": seconds}


def _response_fields(response: Response, source: Address, credentials: object) -> dict[str, Any]:
    status = response.error_status
    return {
        **credential_fields(credentials),
        **source_fields(source),
        "request_id": response.request_id,
        "error_status": status,
        "error_index": response.error_index,
        "error_description": status_text(status) if status else "",
    }
