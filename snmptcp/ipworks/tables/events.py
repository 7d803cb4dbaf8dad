"""Every event of the class, and the attributes of its handler's argument, as data.

Contains: names, attributes, and the classes made of them.  Does not contain: when an event happens
(:mod:`snmptcp.ipworks.emit`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from snmptcp.ipworks.coerce import COERCIONS, is_secret
from snmptcp.ipworks.errors import INVALID, IPWorksSNMPError
from snmptcp.ipworks.octets import Octets
from snmptcp.ipworks.tables.row import POSITIVE

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ("EVENTS", "EVENT_CLASSES", "Attribute", "Event", "EventParams")


@dataclass(frozen=True)
class Attribute:
    """One attribute of a handler's argument.

    Attributes:
        name: its Python name.
        kind: ``bool``, ``int``, ``str`` or ``bytes``.
        writable: whether a handler may set it.
    """

    name: str
    kind: str
    writable: bool = False


@dataclass(frozen=True)
class Event:
    """One event.

    Attributes:
        name: the name of the attribute that holds its handler.
        attributes: the attributes of the handler's argument.
        doc: when it fires.
    """

    name: str
    attributes: tuple[Attribute, ...]
    doc: str

    @property
    def class_name(self) -> str:
        """The name of the class of the handler's argument."""
        words = self.name.removeprefix("on_").split("_")
        return "SNMPTCPMgr" + "".join("SSL" if word == "ssl" else word.capitalize() for word in words) + "EventParams"


_DEFAULTS: dict[str, object] = {"bool": False, "int": 0, "str": "", "bytes": b""}
_KINDS = {"i": "int", "s": "str", "b": "bytes", "t": "bool"}


def _attributes(text: str) -> tuple[Attribute, ...]:
    """Read words of the form ``name:kind``; ``!`` marks a writable attribute."""
    found = []
    for word in text.split():
        name, kind = word.rstrip("!").split(":")
        found.append(Attribute(name, _KINDS[kind], word.endswith("!")))
    return tuple(found)


_PACKET = (
    "request_id:i snmp_version:i community:s user:s security_level:i source_address:s source_port:i "
    "error_index:i error_status:i error_description:s"
)
_PEER = "remote_address:s remote_port:i"
_STATUS = f"status_code:i description:s {_PEER}"
_CERTIFICATE = f"{_PEER} cert_encoded:b cert_subject:s cert_issuer:s status:s accept:t!"
_ENGINE = "engine_id:b engine_boots:i engine_time:i user:s security_level:i source_address:s source_port:i"

EVENTS: dict[str, Event] = {
    name: Event(name, _attributes(attributes), doc)
    for name, attributes, doc in (
        (
            "on_bad_packet",
            "packet:b source_address:s source_port:i error_code:i error_description:s report:t!",
            "A packet was dropped: it is malformed, or not authentic. Set report to True to send the sender a report (SNMPv3).",
        ),
        ("on_connected", _STATUS, "A connection was made (0 and OK) or could not be made (the error's code and text)."),
        ("on_connection_status", f"connection_event:s {_STATUS}", "The state of a connection has changed."),
        (
            "on_disconnected",
            _STATUS,
            "A connection has ended: 0 and OK if in order, otherwise the error's code and text.",
        ),
        (
            "on_discovery_request",
            f"{_ENGINE} respond:t!",
            "A peer asks for this object's engine ID (SNMPv3). Set respond to False to send no answer.",
        ),
        ("on_discovery_response", _ENGINE, "An agent has sent its engine ID, boots and time (SNMPv3)."),
        (
            "on_error",
            "error_code:i description:s",
            "An error that no method can raise: for instance of a request with timeout 0.",
        ),
        (
            "on_hash_password",
            "password:s auth_algorithm:i hash:s!",
            (
                "Fires before a password is hashed (hash is empty; set it to a hash kept from earlier, in hexadecimal, to "
                "skip the computation) and afterwards (hash is the result, for you to keep)."
            ),
        ),
        (
            "on_inform_request",
            (
                "request_id:i snmp_version:i community:s user:s security_level:i source_address:s source_port:i "
                "error_index:i! error_status:i! error_description:s respond:t!"
            ),
            "An InformRequest was received; the arrays hold its objects, without those that cannot be read. If respond is True, it is acknowledged with error_status and error_index.",
        ),
        (
            "on_packet_trace",
            "packet:b direction:i packet_address:s packet_port:i",
            "A packet was received (direction 1) or sent (direction 2).",
        ),
        ("on_ready_to_send", "", "A connection accepts data: after it was made, and after it was congested."),
        ("on_report", _PACKET, "A report was received (SNMPv3); the arrays hold its counter."),
        ("on_response", _PACKET, "A response was received, or one object of a walk; the arrays hold its objects."),
        (
            "on_ssl_client_authentication",
            _CERTIFICATE,
            "A peer that connects has shown its certificate, or has none. accept decides; it is preset to True if there is a certificate. OpenSSL refuses a certificate that it cannot verify before this event; the event then gives the reason in status, and accept has no effect.",
        ),
        (
            "on_ssl_server_authentication",
            _CERTIFICATE,
            "The server has shown its certificate. accept decides; it is preset to the result of verification, and status gives the reason if that failed. The reason is that of an attempt to connect right before, in which an attacker may have left the agent's own certificate: compare cert_encoded, and do not accept by status alone.",
        ),
        (
            "on_ssl_status",
            f"message:s {_PEER}",
            "A TLS handshake has succeeded or failed; with LogSSLPackets also for each TLS record.",
        ),
        (
            "on_trap",
            (
                "request_id:i snmp_version:i community:s user:s security_level:i trap_oid:s time_stamp:i agent_address:s "
                "source_address:s source_port:i"
            ),
            "A trap was received; the arrays hold its objects, without those that cannot be read. trap_oid is empty and time_stamp 0 if it has none.",
        ),
    )
}


class EventParams:
    """A handler's argument; each event has its own subclass."""

    _event: Event
    _defaults: Mapping[str, object]

    def __init__(self, **values: object) -> None:
        self._values = {**self._defaults, **values}
        if len(self._values) > len(self._defaults):
            unknown = ", ".join(name for name in values if name not in self._defaults)
            raise TypeError(f"{self._event.name} has no attribute {unknown}")

    @property
    def event_name(self) -> str:
        """The name of the attribute that holds the event's handler."""
        return self._event.name

    def __repr__(self) -> str:
        """Return the attributes without communities, passwords and packets, which have communities."""
        shown = ", ".join(f"{name}={_shown(name, value)}" for name, value in self._values.items())
        return f"{type(self).__name__}({shown})"


def _shown(name: str, value: object) -> str:
    if value and is_secret(name):
        return "***"
    return f"<{len(value)} octets>" if name == "packet" and isinstance(value, bytes) else repr(value)


def _attribute_property(attribute: Attribute) -> property:
    name, coerce = attribute.name, COERCIONS[attribute.kind]

    def get(self: EventParams) -> Any:
        value = self._values[name]
        return Octets(value) if isinstance(value, bytes) else value

    def put(self: EventParams, value: object) -> None:
        given = coerce(name, value)
        if isinstance(given, int) and not 0 <= given <= POSITIVE:  # it is sent as an Integer32
            raise IPWorksSNMPError(INVALID, f"{name} must be from 0 to {POSITIVE}, not {given}")
        self._values[name] = given

    return property(
        get, put if attribute.writable else None, doc=f"{attribute.kind}{', writable' * attribute.writable}"
    )


def _event_class(event: Event) -> type[EventParams]:
    members: dict[str, Any] = {attribute.name: _attribute_property(attribute) for attribute in event.attributes}
    defaults = {attribute.name: _DEFAULTS[attribute.kind] for attribute in event.attributes}
    members |= {"_event": event, "_defaults": defaults, "__doc__": f"{event.doc}", "__module__": "snmptcp.ipworks"}
    return type(event.class_name, (EventParams,), members)


#: The class of each event's argument, by the event's name.
EVENT_CLASSES: dict[str, type[EventParams]] = {name: _event_class(event) for name, event in EVENTS.items()}
