"""What happens, as events for the handlers.

What may live here: facts to events.  What may not: when something happens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from snmptcp.credentials import UsmUser
from snmptcp.errors import TlsFailed
from snmptcp.ipworks.agent import credential_fields
from snmptcp.ipworks.errors import status_text, translate
from snmptcp.ipworks.options.users import decrypted
from snmptcp.ipworks.tables.events import EVENT_CLASSES

if TYPE_CHECKING:
    from snmptcp.errors import ConnectFailed, SnmpError
    from snmptcp.ipworks.agent import Conversation
    from snmptcp.ipworks.objects import ObjectArrays
    from snmptcp.ipworks.pump import Pump
    from snmptcp.ipworks.tables.events import EventParams
    from snmptcp.manager.manager import Response
    from snmptcp.net.tls.session import TlsSession

__all__ = ("Telling",)


class Telling:
    """Makes events and queues them.

    Args:
        pump: the queue.
        arrays: what holds a packet's objects while its handler runs.
        settings: the settings' values.
    """

    def __init__(self, pump: Pump, arrays: ObjectArrays, settings: dict[str, Any]) -> None:
        self._pump = pump
        self._arrays = arrays
        self._settings = settings
        #: error-status and error-index of the last response.
        self.status = (0, 0)

    def now(self, params: EventParams) -> None:
        """Let a handler run at once: for events that happen outside the loop."""
        handler = self._pump.handler(params.event_name)
        if handler is not None:
            handler(params)

    def trace(self, packet: bytes, direction: int, address: tuple[str, int], credentials: object) -> None:
        """Tell of a packet."""
        if not self._pump.wants("on_packet_trace"):
            return
        if self._settings["DecryptLogPackets"] and isinstance(credentials, UsmUser):
            packet = decrypted(packet, credentials)
        fields = {"direction": direction, "packet_address": address[0], "packet_port": address[1]}
        self._pump.post(EVENT_CLASSES["on_packet_trace"](packet=packet, **fields))

    @staticmethod
    def bad_packet_event(packet: bytes, error: SnmpError, source: tuple[str, int]) -> Any:
        """Return the event of a packet that was dropped."""
        told = translate(error)
        return EVENT_CLASSES["on_bad_packet"](
            packet=packet,
            error_code=told.code,
            error_description=told.message,
            source_address=source[0],
            source_port=source[1],
        )

    def bad_packet(self, packet: bytes, error: SnmpError, source: tuple[str, int]) -> None:
        """Tell of a packet that was dropped."""
        self._pump.post(self.bad_packet_event(packet, error, source))

    def discovery(self, conversation: Conversation, engine: tuple[bytes, int, int], user: str, level: int) -> None:
        """Tell who an agent's engine is."""
        engine_id, boots, seconds = engine
        fields = {"user": user, "security_level": level, "source_address": conversation.peer[0]}
        self._pump.post(
            EVENT_CLASSES["on_discovery_response"](
                engine_id=engine_id,
                engine_boots=boots,
                engine_time=seconds,
                source_port=conversation.peer[1],
                **fields,
            )
        )

    def opened(self, peer: tuple[str, int], session: TlsSession | None, *, proxied: bool) -> None:
        """Tell that there is a connection, whoever has made it."""
        if proxied:
            self._change("Firewall connection complete.", peer)
        self._change("Remote host connection complete.", peer)
        if session is not None:
            self._change("SSL or S/Shell handshake complete (where applicable).", peer)
            self.ssl_status(f"{session.version}, {session.cipher}, {session.bits} bits", peer)
        self._pump.post(EVENT_CLASSES["on_connected"](**_status(peer)))
        self._pump.post(EVENT_CLASSES["on_ready_to_send"]())

    def closed(self, peer: tuple[str, int], code: int, text: str) -> None:
        """Tell that a connection is over."""
        self._change("Remote host disconnected.", peer, code, text)
        self._pump.post(EVENT_CLASSES["on_disconnected"](**_status(peer, code, text)))

    def ssl_status(self, message: str, peer: tuple[str, int]) -> None:
        """Tell how a TLS session comes along."""
        self._pump.post(EVENT_CLASSES["on_ssl_status"](message=message, remote_address=peer[0], remote_port=peer[1]))

    def _change(self, what: str, peer: tuple[str, int], code: int = 0, text: str = "OK") -> None:
        fields = _status(peer, code, text)
        self._pump.post(EVENT_CLASSES["on_connection_status"](connection_event=what, **fields))

    def failure(self, conversation: Conversation, error: ConnectFailed) -> None:
        """Tell once that a connection could not be made."""
        if conversation.told_failure is error:
            return
        conversation.told_failure = error
        told = translate(error)
        if isinstance(error, TlsFailed):
            self.ssl_status(told.message, conversation.peer)
        self._pump.post(EVENT_CLASSES["on_connected"](**_status(conversation.peer, told.code, told.message)))

    def responded(self, conversation: Conversation, response: Response) -> None:
        """Tell of a response."""
        self._pump.post(*self.response(conversation, response))

    def response(self, conversation: Conversation, response: Response) -> tuple[EventParams, Any]:
        """Return the event of a response, and what has to be done before its handler runs."""
        status, index = response.error_status, response.error_index
        params = EVENT_CLASSES["on_response"](
            **credential_fields(conversation.credentials),
            request_id=response.request_id,
            source_address=conversation.peer[0],
            source_port=conversation.peer[1],
            error_status=status,
            error_index=index,
            error_description=status_text(status) if status else "",
        )

        def before() -> None:
            self.status = (status, index)
            self._arrays.fill(response.varbinds)

        return params, before


def _status(peer: tuple[str, int], code: int = 0, text: str = "OK") -> dict[str, Any]:
    return {"status_code": code, "description": text, "remote_address": peer[0], "remote_port": peer[1]}
