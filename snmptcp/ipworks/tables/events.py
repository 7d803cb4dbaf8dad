"""Every event of the class and what its handler is given, as data.

What may live here: names, attributes, and the classes made of them.  What may not: when an event happens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from snmptcp.ipworks.coerce import COERCIONS
from snmptcp.ipworks.errors import INVALID, IPWorksSNMPError

__all__ = ("EVENTS", "EVENT_CLASSES", "Attribute", "Event", "EventParams")


@dataclass(frozen=True)
class Attribute:
    """One attribute of the object that a handler is given.

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
        attributes: what the handler's argument has.
        doc: when it happens.
    """

    name: str
    attributes: tuple[Attribute, ...]
    doc: str

    @property
    def class_name(self) -> str:
        """The name of the class of the handler's argument."""
        words = self.name.removeprefix("on_").split("_")
        return "SNMPTCPMgr" + "".join("SSL" if word == "ssl" else word.capitalize() for word in words) + "EventParams"


#: The greatest number that a handler may set: what is sent of it is an Integer32.
_NUMBER = 0x7FFFFFFF

_KINDS = {"i": "int", "s": "str", "b": "bytes", "t": "bool"}


def _attributes(text: str) -> tuple[Attribute, ...]:
    """Read ``name:kind`` words; ``!`` marks a writable one."""
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
            "A packet cannot be read, or failed authentication. report=True reports that to its sender (SNMPv3).",
        ),
        ("on_connected", _STATUS, "A connection was made (0, OK), or could not be made (the number and text of why)."),
        ("on_connection_status", f"connection_event:s {_STATUS}", "A connection has changed its state."),
        ("on_disconnected", _STATUS, "A connection is over: 0 and OK, or the number and text of why."),
        (
            "on_discovery_request",
            f"{_ENGINE} respond:t!",
            "A peer asks who this engine is (SNMPv3). respond=False keeps it unanswered.",
        ),
        ("on_discovery_response", _ENGINE, "An agent has told who it is (SNMPv3)."),
        ("on_error", "error_code:i description:s", "Something failed that no method can raise."),
        (
            "on_hash_password",
            "password:s auth_algorithm:i hash:s!",
            (
                "A password is about to be made a key (hash is empty; set it to the key in hex to spare the "
                "work), or has been (hash is the key, worth keeping)."
            ),
        ),
        (
            "on_inform_request",
            (
                "request_id:i snmp_version:i community:s user:s security_level:i source_address:s source_port:i "
                "error_index:i! error_status:i! error_description:s respond:t!"
            ),
            "An InformRequest was received. It is acknowledged with error_status and error_index, if respond is True.",
        ),
        (
            "on_packet_trace",
            "packet:b direction:i packet_address:s packet_port:i",
            "A packet was received (direction 1) or sent (2).",
        ),
        ("on_ready_to_send", "", "A connection takes data: for the first time, or again."),
        ("on_report", _PACKET, "A report was received (SNMPv3)."),
        ("on_response", _PACKET, "A response was received, or an object of a walk; the arrays hold it."),
        (
            "on_ssl_client_authentication",
            _CERTIFICATE,
            "A peer that connects has shown its certificate, or has none. accept decides. A certificate that cannot be verified is turned away by OpenSSL before anybody can accept it; the event then tells why in status.",
        ),
        (
            "on_ssl_server_authentication",
            _CERTIFICATE,
            "The server has shown its certificate. accept decides; it is preset with the verdict in status.",
        ),
        ("on_ssl_status", f"message:s {_PEER}", "How a TLS session comes along."),
        (
            "on_trap",
            (
                "request_id:i snmp_version:i community:s user:s security_level:i trap_oid:s time_stamp:i agent_address:s "
                "source_address:s source_port:i"
            ),
            "A trap was received; the arrays hold its objects.",
        ),
    )
}


class EventParams:
    """What a handler is given; each event has a class of its own."""

    _event: Event

    def __init__(self, **values: object) -> None:
        defaults = {"bool": False, "int": 0, "str": "", "bytes": b""}
        self._values = {
            attribute.name: values.pop(attribute.name, defaults[attribute.kind]) for attribute in self._event.attributes
        }
        if values:
            raise TypeError(f"{self._event.name} has no {', '.join(values)}")

    @property
    def event_name(self) -> str:
        """The name of the attribute that holds the event's handler."""
        return self._event.name

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in self._values.items())})"


def _attribute_property(attribute: Attribute) -> property:
    name, coerce = attribute.name, COERCIONS[attribute.kind]

    def get(self: EventParams) -> Any:
        return self._values[name]

    def put(self: EventParams, value: object) -> None:
        given = coerce(name, value)
        if isinstance(given, int) and not 0 <= given <= _NUMBER:
            raise IPWorksSNMPError(INVALID, f"{name} is a number from 0 to {_NUMBER}, not {given}")
        self._values[name] = given

    return property(
        get, put if attribute.writable else None, doc=f"{attribute.kind}{', may be set' * attribute.writable}"
    )


def _event_class(event: Event) -> type[EventParams]:
    members: dict[str, Any] = {attribute.name: _attribute_property(attribute) for attribute in event.attributes}
    members |= {"_event": event, "__doc__": f"{event.doc}", "__module__": "snmptcp.ipworks"}
    return type(event.class_name, (EventParams,), members)


#: The classes of handlers' arguments, by the event's name.
EVENT_CLASSES: dict[str, type[EventParams]] = {name: _event_class(event) for name, event in EVENTS.items()}
